"""A board on a real watch with a thread and a journal of its own; only the probe is a toy."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from firstwatch.acts import Record, SignOff, faults
from firstwatch.background import Background
from firstwatch.clock import SystemClock
from firstwatch.engine import Watch
from firstwatch.errors import Denied, Unreachable
from firstwatch.handoff import Documents
from firstwatch.journal import Journal
from firstwatch.past import Past
from firstwatch.plan import Plan
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.timeline import Chronicle
from tests.domain.leaping import plan
from tui.app import Board
from tui.watching import Drill, Portrait

HALF_AN_HOUR = 1800.0


@dataclass
class Dial:
    """A probe that says what its dials show."""

    values: dict[str, float] = field(default_factory=dict)
    is_down: bool = False
    denied: frozenset[str] = frozenset()
    """Dials that nobody may read."""
    concurrency: int = 3

    async def read(self, measure: Any, moment: Moment) -> Reading:
        if self.is_down:
            raise Unreachable("connection refused")
        if measure in self.denied:
            raise Denied("permission denied: grant pg_monitor")
        return Reading(moment.now, self.values.get(measure, 1.0), sample=120)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is kept open."""


class Behind(Background):
    """The watch behind the board under test."""

    def portray(self, portrait: Portrait) -> None:
        """Nobody records flights."""

    async def handoff(self, shift: str = "") -> Documents:
        """None."""
        raise NotImplementedError

    async def write(self, handoff: Documents) -> Path:
        """None."""
        raise NotImplementedError

    async def chronicle(self) -> Chronicle:
        """None."""
        raise NotImplementedError

    async def history(self, check_id: str, since: float, until: float, parts: int) -> Past:
        """None."""
        raise NotImplementedError

    async def drills(self) -> Sequence[Drill]:
        return ()

    async def toggle(self, drill: str) -> None:
        raise LookupError(drill)


def checklist(manual: Mapping[str, str] | None = None, **checks: dict[str, Any]) -> Plan:
    """Measured checks every second that are judged at once, and manual ones with their hints."""
    rows: dict[str, dict[str, Any]] = {
        name: {"every": "1s", "worsen": "1 of 1", **given} for name, given in checks.items()
    }
    for name, hint in (manual or {}).items():
        rows[name] = {"source": "", "hint": hint}
    return plan(rows)


@dataclass
class Watched:
    """A board under test, and what is behind it."""

    board: Board
    behind: Behind
    pilot: Pilot[int]
    path: Path
    """The journal."""

    def text(self) -> str:
        """The screen as plain text."""
        strips = self.board.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, *words: str) -> str:
        """The screen once it shows these words; fails after some 20 seconds."""
        for _ in range(400):
            text = self.text()
            if all(word in text for word in words):
                return text
            await self.pilot.pause(0.05)
        raise AssertionError(f"{words} never came; the screen shows\n{self.text()}")

    def records(self) -> tuple[Record, ...]:
        """What the journal holds, whose chain is whole."""
        with Journal.read_only(self.path) as journal:
            assert faults(journal.links(), last=journal.acts_given) == []
            return journal.acts()

    def signed(self) -> tuple[Record, SignOff]:
        """The one round that was signed."""
        (record,) = self.records()
        assert isinstance(record.act, SignOff)
        return record, record.act


@asynccontextmanager
async def watched(
    checks: Plan, dial: Dial, folder: Path, *, launched: float, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[Watched]:
    """A board on a watch whose launch was so many seconds ago."""
    path = folder / "watch.journal"

    @contextmanager
    def opened() -> Iterator[Watch]:
        clock = SystemClock()
        with Journal.open(path) as journal:
            journal.stamp_launch(clock.now() - launched, "Ada")
            journal.begin_run(clock.now(), "Ada", "0", "plan")
            yield Watch(checks, {"app": dial}, journal, clock, operator="Ada", seed=1)

    with Behind(opened) as behind:
        board = Board(behind, checks)
        async with board.run_test(size=size, notifications=True) as pilot:
            seen = Watched(board, behind, pilot, path)
            await seen.until("system health")
            yield seen
