"""The log probe: follows the application's log and answers from what it has counted.

A line of this log carries no time, so arrival is what counts, and nothing that was written
before following began is ever counted: it only fills the tails.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from firstwatch.clock import Clock
from firstwatch.errors import NoAnswer, NotConfigured
from firstwatch.probe import Kind, Moment
from firstwatch.readings import Reading
from firstwatch.units import format_duration
from probes.commanded import CommandFollower
from probes.follower import FileFollower, Follower
from probes.heads import Class, selects
from probes.log_answers import answer
from probes.log_plan import Measure, Settings
from probes.record import Record
from probes.records import Assembler
from probes.tallies import Tallies

SOON: Final = 10.0
"""Seconds of the watch that must have been followed before there is an answer."""
OVERDUE: Final = 5.0
"""Real seconds without a look at the log after which its counts no longer speak for now."""
RING: Final = 200
"""Records kept of each class, for the tails."""


Filter = tuple[str, str]
"""What a record must contain, and match."""


class LogProbe:
    """One log, followed; all checks that read it are answered from the same counts."""

    concurrency = 8

    def __init__(
        self, settings: Settings, clock: Clock, real: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._real = real
        self._follower = _follower(settings, clock, real)
        self._assembler = Assembler()
        self._tallies: dict[Filter, Tallies] = {("", ""): Tallies()}
        self._looked: float | None = None
        self._kept = 0
        self._rings: dict[Class, deque[tuple[int, Record]]] = {c: deque(maxlen=RING) for c in Class}

    async def run(self) -> None:
        """Follow until cancelled, a bite at a time."""
        if self._follower is None:
            await asyncio.Event().wait()
            return
        while True:
            busy = await self.turn()
            await asyncio.sleep(0 if busy else self._follower.pause)

    async def turn(self) -> bool:
        """One look at the log, and all that follows from it; whether anything was there."""
        if self._follower is None:
            return False
        data = await self._follower.poll()
        backlog = self._follower.take_backlog()
        if backlog:
            self._recall(backlog)
        real = self._real()
        for record in self._assembler.feed(data, self._clock.now(), real) if data else ():
            self._take(record)
        for record in self._assembler.settle(real):
            self._take(record)
        self._looked = real
        return bool(data)

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """One answer from what has been counted. Raises `ProbeError`."""
        followed = self._followed(moment.now)
        tallies = self._tallied(measure)
        tallies.look_back(measure.window)
        if tallies.since is not None:
            followed = min(followed, moment.now - tallies.since)
        if followed < SOON:
            raise NoAnswer(f"followed for {format_duration(followed)}, no verdict yet")
        return answer(measure, tallies, moment.now, followed)

    async def close(self) -> None:
        """Let go of the log."""
        if self._follower is not None:
            await self._follower.close()

    def tail(self, selectors: tuple[str, ...], lines: int) -> tuple[Record, ...]:
        """The last records that fit, oldest first; those from before following carry no time."""
        found = {
            number: record
            for ring in self._rings.values()
            for number, record in ring
            if selects(selectors, record.event, record.code)
        }
        return tuple(found[number] for number in sorted(found)[-lines:])

    def _followed(self, now: float) -> float:
        """Seconds since which nothing was missed. Raises what keeps the log from being followed."""
        if self._follower is None:
            raise NotConfigured("no log: set APP_LOG or sources.<name>.path")
        trouble = self._follower.trouble
        if trouble is not None:
            raise trouble.error(trouble.reason)
        if self._follower.since is None or self._looked is None:
            raise NoAnswer("not followed yet, no verdict yet")
        if self._real() - self._looked > OVERDUE:
            # Whatever ails the follower: counts that stand still would look like peace.
            raise NoAnswer("the log is not being read any more")
        return max(now - self._follower.since, 0.0)

    def _tallied(self, measure: Measure) -> Tallies:
        """The counts of the records that pass the measure's filter, from its first question on."""
        wanted = (measure.contains, measure.matches)
        if wanted not in self._tallies:
            self._tallies[wanted] = Tallies(since=self._clock.now())
        return self._tallies[wanted]

    def _take(self, record: Record) -> None:
        self._keep(record)
        at = record.at if record.at is not None else self._clock.now()
        for wanted, tallies in self._tallies.items():
            if _passes(record, wanted):
                tallies.add(record, at)

    def _recall(self, backlog: bytes) -> None:
        """Fill the tails with what was there before."""
        assembler = Assembler()
        real = self._real()
        for record in (*assembler.feed(backlog, None, real), *assembler.settle(real, final=True)):
            self._keep(record)

    def _keep(self, record: Record) -> None:
        self._kept += 1
        for c in record.event.classes:
            self._rings[c].append((self._kept, record))


def _follower(settings: Settings, clock: Clock, real: Callable[[], float]) -> Follower | None:
    if settings.command:
        return CommandFollower(settings.command, clock, real)
    return FileFollower(settings.path, clock, real) if settings.path else None


def _passes(record: Record, wanted: Filter) -> bool:
    contains, matches = wanted
    if contains and contains.encode() not in record.raw:
        return False
    return not matches or re.search(matches, record.raw.decode(errors="replace")) is not None


def _open(settings: Any, clock: Clock) -> LogProbe:
    return LogProbe(settings, clock)


KIND = Kind("log", Settings, Measure, _open)
