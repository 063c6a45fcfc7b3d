"""Runs the board on made-up snapshots that move once a second, to look at and to measure.

python -m tests.tui.moving_board [share of cells that change, default 0.2] [theme]
"""

import asyncio
import itertools
import os
import random
import sys
import threading
import time
from dataclasses import dataclass, field, replace

from firstwatch.clock import ScaledClock
from firstwatch.snapshot import CheckState
from tests.tui.samples import NOW, FakeWatching, troubled
from tui.app import Board
from tui.terminal import prepare
from tui.watching import Drill


@dataclass
class Moving(FakeWatching):
    """Posts a snapshot a second from a thread of its own."""

    clock: ScaledClock = field(default_factory=lambda: ScaledClock(1.0, NOW))  # type: ignore[assignment]
    share: float = 0.2

    def start(self) -> None:
        """Begin to post."""
        threading.Thread(target=self._post_on, daemon=True).start()

    def _post_on(self) -> None:
        snapshot = troubled()
        chosen = random.Random(4)
        for beat in itertools.count(2):
            now = self.clock.now()
            checks = tuple(self._moved(c, now, chosen) for c in snapshot.checks)
            snapshot = replace(snapshot, at=now, beat=beat, checks=checks)
            self.post(snapshot)
            time.sleep(1.0)

    def _moved(self, state: CheckState, now: float, chosen: random.Random) -> CheckState:
        if state.reading is None or chosen.random() >= self.share:
            return state
        value = state.reading.value * chosen.uniform(0.9, 1.1)
        history = (*state.history[1:], value)
        return replace(state, reading=replace(state.reading, at=now, value=value), history=history)


def main() -> int:
    """Run until it is left."""
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 0.2
    theme = sys.argv[2] if len(sys.argv) > 2 else "dark"
    moving = Moving(share=share, offered=[Drill("slow", "endpoints answer late")])
    moving.start()
    board = Board(moving, troubled().plan, theme, look=prepare(os.environ))
    return asyncio.run(board.attend())


if __name__ == "__main__":
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    sys.exit(main())
