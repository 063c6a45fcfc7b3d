"""The log probe: follows the application's log and answers from what it has counted.

A line of this log carries no time, so arrival is what counts, and nothing that was written
before following began is ever counted: it only fills the tails.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, NoAnswer, NotConfigured, ProbeError
from firstwatch.probe import Exhibit, Extract, Inquiry, Kind, LogRecord, Moment
from firstwatch.readings import Reading
from firstwatch.units import format_duration
from probes.commanded import CommandFollower
from probes.error_kinds import ErrorKinds
from probes.excerpts import RECORDS, excerpt
from probes.follower import FileFollower, Follower
from probes.heads import APP_ERROR, APP_TEXT, Class, check_selectors
from probes.log_answers import answer
from probes.log_pace import HISTORY
from probes.log_plan import Measure, Settings
from probes.log_seen import SOON, Seen
from probes.pairs import FOLLOWING, Pairs
from probes.record import MAX_TEXT, Record
from probes.records import Assembler
from probes.ring import Ring
from probes.tallies import Tallies

OVERDUE: Final = 5.0
"""Real seconds without a look at the log after which its counts no longer speak for now."""
STRANGE: Final = 50
"""So many records without one head of the application's are another log, or wrapped unknowably."""

Filter = tuple[str, str]
"""What a record must contain, and match."""


@dataclass(frozen=True, slots=True)
class _Stream:
    """One file or command of the log, and the records it is put together to."""

    follower: Follower
    assembler: Assembler


class LogProbe:
    """One log, followed; all checks that read it are answered from the same counts."""

    concurrency = 8

    def __init__(
        self, settings: Settings, clock: Clock, real: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._real = real
        self._streams = _streams(settings, clock, real)
        self._tallies: dict[Filter, Tallies] = {("", ""): Tallies()}
        self._kinds = ErrorKinds()
        self._looked: float | None = None
        self._foreign = 0
        self._ring = Ring()

    async def run(self) -> None:
        """Follow until cancelled, a bite at a time."""
        if not self._streams:
            await asyncio.Event().wait()
            return
        pause = max(stream.follower.pause for stream in self._streams)
        while True:
            busy = await self.turn()
            await asyncio.sleep(0 if busy else pause)

    async def turn(self) -> bool:
        """One look at the log, and all that follows from it; whether anything was there."""
        busy = [await self._look(stream) for stream in self._streams]
        if self._streams:
            self._looked = self._real()
        return any(busy)

    async def _look(self, stream: _Stream) -> bool:
        data = await stream.follower.poll()
        backlog = stream.follower.take_backlog()
        if backlog:
            self._recall(backlog)
        real = self._real()
        for record in stream.assembler.feed(data, self._clock.now(), real) if data else ():
            self._take(record)
        for record in stream.assembler.settle(real):
            self._take(record)
        return bool(data)

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """One answer from what has been counted. Raises `ProbeError`."""
        followed = self._followed(moment.now)
        tallies = self._tallied(measure)
        tallies.forget_after(moment.now)
        tallies.look_back(measure.window + (HISTORY + 1) * 60 * bool(measure.pace))
        began = max(self._began, tallies.since or 0.0)
        if moment.now >= moment.launch:
            tallies.launched(moment.launch, began)
        if tallies.since is not None:
            followed = min(followed, moment.now - tallies.since)
        if followed < SOON:
            raise NoAnswer(f"followed for {format_duration(followed)}, no verdict yet")
        return answer(measure, Seen(tallies, self._kinds, moment, followed, began))

    def describe(self, measure: Measure, _moment: Moment) -> Inquiry:
        """What is counted, of which records, in which log."""
        return Inquiry(measure.told, (("log", self._settings.told),))

    async def capture(self, _moment: Moment) -> tuple[Exhibit, ...]:
        """The last records, from memory. Raises `ProbeError` when nothing has been read."""
        troubles = [s.follower.trouble for s in self._streams if s.follower.trouble]
        records = self.tail(tuple(Class), RECORDS)
        if not self._streams:
            raise NotConfigured("no log: set APP_LOG or sources.<name>.path")
        if troubles and not records:
            raise troubles[0].error(troubles[0].reason)
        if self._looked is None:
            raise NoAnswer("not followed yet")
        return (excerpt(records, troubles[0].reason if troubles else ""),)

    async def close(self) -> None:
        """Let go of the log."""
        for stream in self._streams:
            await stream.follower.close()

    def tail(self, selectors: Sequence[str], lines: int) -> tuple[Record, ...]:
        """The last records that fit, oldest first; those from before following carry no time."""
        return tuple(record for _, record in self._ring.found(selectors)[-lines:])

    def tell(self, kinds: Sequence[str], after: int = 0) -> Extract:
        """What is kept of the records that fit, and why there may be no more of them.

        Raises BadAnswer for a kind that there is not.
        """
        try:
            selectors = check_selectors(kinds or tuple(Class))
        except ValueError as error:
            raise BadAnswer(str(error)) from None
        gone, gone_at = self._ring.gone(selectors)
        trouble = ""
        try:
            self._followed(self._clock.now())
        except ProbeError as error:
            trouble = error.reason
        return Extract(
            tuple(_told(*kept) for kept in self._ring.found(selectors, after)),
            newest=self._ring.newest,
            gone=gone,
            whole_from=gone_at if gone_at is not None else self._began or None,
            trouble=trouble,
        )

    @property
    def _began(self) -> float:
        """When the last of the streams was first followed."""
        return max((stream.follower.began or 0.0 for stream in self._streams), default=0.0)

    def _followed(self, now: float) -> float:
        """Seconds since which nothing was missed. Raises what keeps the log from being followed."""
        if not self._streams:
            raise NotConfigured("no log: set APP_LOG or sources.<name>.path")
        followers = [stream.follower for stream in self._streams]
        for follower in followers:
            if follower.trouble is not None:
                raise follower.trouble.error(follower.trouble.reason)
        since = [follower.since for follower in followers if follower.since is not None]
        if len(since) < len(followers) or self._looked is None:
            raise NoAnswer("not followed yet, no verdict yet")
        if self._real() - self._looked > OVERDUE:
            # Whatever ails the follower: counts that stand still would look like peace.
            raise NoAnswer("the log is not being read any more")
        if self._foreign == self._ring.newest >= STRANGE:
            raise BadAnswer(f"none of {self._foreign} records begins as the application's do")
        return max(now - max(since), 0.0)

    def _tallied(self, measure: Measure) -> Tallies:
        """The counts of the records that pass the measure's filter, from its first question on."""
        wanted = (measure.contains, measure.matches)
        if wanted not in self._tallies:
            self._tallies[wanted] = Tallies(since=self._clock.now())
        return self._tallies[wanted]

    def _take(self, record: Record) -> None:
        self._keep(record)
        at = record.at if record.at is not None else self._clock.now()
        if record.event.is_error:
            self._kinds.add(record, at)
        for wanted, tallies in self._tallies.items():
            if _passes(record, wanted):
                tallies.add(record, at)

    def _recall(self, backlog: bytes) -> None:
        """Fill the tails with what was there before; its kinds of error are known."""
        assembler = Assembler()
        real = self._real()
        for record in (*assembler.feed(backlog, None, real), *assembler.settle(real, final=True)):
            self._keep(record)
            if record.event.is_error:
                self._kinds.add(record, None)

    def _keep(self, record: Record) -> None:
        self._foreign += record.event is APP_TEXT or record.event is APP_ERROR
        self._ring.add(record)


def _told(number: int, record: Record) -> LogRecord:
    is_error = record.event.is_error
    return LogRecord(
        number,
        record.at,
        record.raw,
        is_error=is_error,
        gist=" ".join(part for part in (record.call, record.code) if part) if is_error else "",
        is_cut=len(record.raw) >= MAX_TEXT - 1,
    )


def _streams(settings: Settings, clock: Clock, real: Callable[[], float]) -> tuple[_Stream, ...]:
    if settings.command:
        return (_Stream(CommandFollower(settings.command, clock, real), Assembler()),)
    # The reports of one failure come from two files, and each is read in bites of its own.
    pairs = Pairs(FOLLOWING if len(settings.path) == 1 else FOLLOWING * 20)
    return tuple(
        _Stream(FileFollower(path, clock, real), Assembler(pairs)) for path in settings.path
    )


def _passes(record: Record, wanted: Filter) -> bool:
    contains, matches = wanted
    if contains and contains.encode() not in record.raw:
        return False
    return not matches or re.search(matches, record.raw.decode(errors="replace")) is not None


def _open(settings: Any, clock: Clock) -> LogProbe:
    return LogProbe(settings, clock)


KIND = Kind("log", Settings, Measure, _open)
