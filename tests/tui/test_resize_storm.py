"""A terminal whose size will not stand still, while the watch goes on and screens open."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice

import pytest
from textual.pilot import Pilot

from firstwatch.snapshot import Snapshot
from tests.tui.gallery import SITTINGS, Sitting, everything
from tests.tui.pictures import resize, rest, send_size, strips, text_of
from tests.tui.samples import busy
from tui.app import Board
from tui.screens.watch import WatchScreen

MANY = 500
LARGEST = 300, 100
BURST = 4
"""Sizes that come one upon the other; then a snapshot does, and all may come to rest."""
SLOWEST = 0.2
"""Seconds of this process for a size; a fifth of it where nothing else runs."""
SNAPSHOTS = 3
"""How many come while one screen is open."""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No tmux in which the tests may run, and nothing that is said goes away by itself."""
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tui.app.Board.NOTIFICATION_TIMEOUT", 3600.0)


def openings() -> list[Sitting]:
    """Each screen once, in trouble where it is to be had."""
    found: dict[object, Sitting] = {}
    for name, sitting in SITTINGS.items():
        if sitting.keys and (sitting.screen not in found or name.endswith("/troubled")):
            found[sitting.screen] = sitting
    return list(found.values())


def moving(snapshot: Snapshot, chosen: random.Random) -> Iterator[Snapshot]:
    """The same again and again, every value a little different."""
    for beat in range(2, MANY):
        checks = tuple(
            replace(c, reading=replace(c.reading, value=c.reading.value * chosen.uniform(0.5, 2)))
            if c.reading
            else c
            for c in snapshot.checks
        )
        yield replace(snapshot, beat=beat, checks=checks)


async def press(board: Board, pilot: Pilot[int], *keys: str) -> None:
    """Press these, and let each of them do all it does."""
    for key in keys:
        await pilot.press(key)
        await rest(board)


async def test_five_hundred_sizes_under_load_leave_the_board_as_it_was() -> None:
    chosen = random.Random(7)
    sizes = ((chosen.randint(1, LARGEST[0]), chosen.randint(1, LARGEST[1])) for _ in range(MANY))
    watching = everything()
    board = Board(watching, busy().plan, "dark", monotonic=lambda: 1000.0)
    async with board.run_test(size=(80, 24), notifications=True) as pilot:

        async def show(snapshot: Snapshot) -> None:
            watching.clock.time = snapshot.at
            watching.post(snapshot)
            for _ in range(100):
                await rest(board)
                if board.snapshot is snapshot:
                    break

        await show(busy())
        before, spent, done = text_of(strips(board)), 0.0, 0
        for sitting in cycle(openings()):
            await show(sitting.snapshot)
            await press(board, pilot, *sitting.keys)
            assert isinstance(board.screen, WatchScreen) is (sitting.screen is WatchScreen)
            began = time.process_time()
            for snapshot in islice(moving(sitting.snapshot, chosen), SNAPSHOTS):
                for size in islice(sizes, BURST):
                    await send_size(board, size)
                    done += 1
                await show(snapshot)
            spent += time.process_time() - began
            await resize(board, (80, 24))
            await press(board, pilot, *["escape"] * 4)
            assert isinstance(board.screen, WatchScreen)
            if done == MANY:
                break
        await show(busy())
        assert text_of(strips(board)) == before
        said = [notice.message for notice in board._notifications]
        assert not [words for words in said if "failed" in words]
        assert board.is_running
    assert spent / MANY < SLOWEST
