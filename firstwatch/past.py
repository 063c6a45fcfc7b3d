"""What was measured of one check in a stretch of time, in equal parts; pure but for the journal.

A part keeps the lowest and the highest value with their moments, so that a single spike of a
day is still there, however few parts there are.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from firstwatch.history import History
from firstwatch.journal.records import Extent, Store
from firstwatch.snapshot import CheckState

DAY = 86400.0
FEW = 10
"""Fewer values than this before the launch say nothing of what is usual."""
RARE = 0.05
"""The share of the lowest and of the highest values that is not what is usual."""

Value = tuple[float, float | None]
"""Moment and value; None where measuring failed, or found too little to tell."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Between which values a check was before the launch, nine times out of ten."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Past:
    """The values of a check from `since` up to `until`, in equal parts."""

    since: float
    until: float
    parts: tuple[Extent | None, ...]
    """Oldest first; None where there was no value."""
    failed: frozenset[int] = frozenset()
    """The parts in which measuring failed at least once."""
    usual: Usual | None = None
    """None where it was not measured before the launch, or not often enough."""
    from_memory: bool = False
    """It is what the watch had at hand; the journal could not be read."""

    @property
    def step(self) -> float:
        """Seconds of one part."""
        return (self.until - self.since) / max(len(self.parts), 1)

    @property
    def lowest(self) -> Extent | None:
        """The part with the lowest value of all."""
        return min(filter(None, self.parts), key=lambda part: part.low, default=None)

    @property
    def highest(self) -> Extent | None:
        """The part with the highest value of all."""
        return max(filter(None, self.parts), key=lambda part: part.high, default=None)


def parted(values: Iterable[Value], since: float, until: float, parts: int) -> Past:
    """These values in so many equal parts; what lies outside is left out."""
    found: list[Extent | None] = [None] * max(parts, 1)
    failed = set()
    step = (until - since) / len(found)
    for at, value in values:
        if not since <= at < until:
            continue
        index = min(int((at - since) / step), len(found) - 1)
        if value is None or not math.isfinite(value):
            failed.add(index)
        else:
            found[index] = _with(found[index], at, value)
    return Past(since, until, tuple(found), frozenset(failed))


def _with(extent: Extent | None, at: float, value: float) -> Extent:
    if extent is None:
        return Extent(value, at, value, at, value, at)
    low, low_at, high, high_at = extent.low, extent.low_at, extent.high, extent.high_at
    if value < low:
        low, low_at = value, at
    if value > high:
        high, high_at = value, at
    return Extent(low, low_at, high, high_at, value, at)


def usual(values: Iterable[Value]) -> Usual | None:
    """What these values were nine times out of ten; None where they are too few to say."""
    known = sorted(value for _, value in values if value is not None and math.isfinite(value))
    if len(known) < FEW:
        return None
    rare = int(len(known) * RARE)
    return Usual(known[rare], known[-1 - rare])


class Lookback:
    """Looks into a journal, and remembers what was usual before the launch: that is over."""

    def __init__(self, open_journal: Callable[[], AbstractContextManager[Store]]) -> None:
        """`open_journal` is called for each look, on whatever thread that is."""
        self._open = open_journal
        self._usual: dict[tuple[str, float], Usual | None] = {}

    def past(self, check: str, since: float, until: float, parts: int) -> Past:
        """What the journal has of a check in that time, and of the day before the launch.

        Raises JournalError. Of a whole day it reads every tick: up to half a second.
        """
        with self._open() as journal:
            found = parted(journal.values(check, since, until), since, until, parts)
            return replace(found, usual=self._before_launch(journal, check, until))

    def _before_launch(self, journal: Store, check: str, now: float) -> Usual | None:
        launch = journal.launch
        if launch is None:
            return None
        key = check, launch
        if key in self._usual:
            return self._usual[key]
        known = usual(journal.values(check, launch - DAY, launch))
        if launch < now:
            self._usual[key] = known
        return known


def remembered(
    state: CheckState | None, now: float, since: float, until: float, parts: int
) -> Past:
    """The same from what a snapshot has: its last readings, and the means of half an hour."""
    values: list[Value] = []
    if state is not None:
        values = [*_means(state, now), *((a.at, a.value) for a in state.latest)]
    found = parted(values, since, until, parts)
    return replace(found, from_memory=True)


def _means(state: CheckState, now: float) -> Sequence[Value]:
    """The means before the first of the last readings, each in the middle of its stretch."""
    span = History(state.check.every).span
    first = min((a.at for a in state.latest), default=now)
    step = span / max(len(state.history), 1)
    moments = (now - span + (n + 0.5) * step for n in range(len(state.history)))
    pairs = zip(moments, state.history, strict=True)
    return [(at, value) for at, value in pairs if value is not None and at < first]
