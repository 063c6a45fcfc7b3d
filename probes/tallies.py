"""Tallies: how many records of which event came when, without keeping the records."""

import random
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from probes.record import Record

WIDTH: Final = 5.0
"""Seconds of the watch in one bucket."""
KEPT: Final = 256
"""Durations kept of one event in one bucket; a fair draw when there are more."""
HORIZON: Final = 300.0
"""Seconds looked back at least."""

Key = tuple[str, str]
"""Event and code."""
T = TypeVar("T")


class Tallies:
    """Counts by event and code in buckets of `WIDTH`, over the longest window asked for."""

    def __init__(self, since: float | None = None) -> None:
        self.since = since
        """When counting began, if later than the log was followed."""
        self.newest: dict[Key, Record] = {}
        self._horizon = HORIZON
        self._counts: dict[int, dict[Key, int]] = {}
        self._durations: dict[int, dict[Key, list[float]]] = {}
        self._totals: dict[Key, int] = {}
        self._before: dict[Key, int] = {}
        self._launch: float | None = None

    def add(self, record: Record, at: float) -> None:
        """Count one record that arrived at `at`."""
        key = (record.event.name, record.code)
        number = int(at // WIDTH)
        bucket = self._counts.get(number)
        if bucket is None:
            self._trim(number)
            bucket = self._counts[number] = {}
        count = bucket[key] = bucket.get(key, 0) + 1
        self._totals[key] = self._totals.get(key, 0) + 1
        self.newest[key] = record
        if record.milliseconds is not None:
            kept = self._durations.setdefault(number, {}).setdefault(key, [])
            if len(kept) < KEPT:
                kept.append(record.milliseconds)
            elif (place := random.randrange(count)) < KEPT:
                kept[place] = record.milliseconds

    def count(self, wanted: Callable[[Key], bool], start: float) -> int:
        """How many came since `start`, the bucket it falls into included."""
        return sum(
            count
            for bucket in _since(self._counts, start)
            for key, count in bucket.items()
            if wanted(key)
        )

    def launched(self, launch: float, began: float) -> None:
        """From now on totals count from the launch, or from `began` when that was later.

        Must be said within `HORIZON` after the launch, while what came since is still told apart.
        """
        if self._launch == launch:
            return
        self._launch = launch
        since = _summed(_since(self._counts, launch)) if launch > began else self._totals
        self._before = {key: n - since.get(key, 0) for key, n in self._totals.items()}

    def total(self, wanted: Callable[[Key], bool]) -> int:
        """How many came in all, or since the launch once it was said."""
        return sum(
            count - self._before.get(key, 0) for key, count in self._totals.items() if wanted(key)
        )

    def by_minute(self, wanted: Callable[[Key], bool], end: float, minutes: int) -> list[int]:
        """How many came in each of the last minutes before `end`, latest first."""
        counts = [0] * minutes
        last = int(end // WIDTH)
        for number, bucket in self._counts.items():
            minute = int((last - 1 - number) * WIDTH // 60)
            if 0 <= minute < minutes:
                counts[minute] += sum(count for key, count in bucket.items() if wanted(key))
        return counts

    def forget_after(self, now: float) -> None:
        """Let go of what lies in the future: a clock set back would make it count as recent."""
        latest = int(now // WIDTH) + 1
        for buckets in (self._counts, self._durations):
            for number in [n for n in buckets if n > latest]:
                del buckets[number]
        gone = [key for key, record in self.newest.items() if (record.at or 0.0) > now + WIDTH]
        for key in gone:
            del self.newest[key]

    def durations(self, wanted: Callable[[Key], bool], start: float) -> list[float]:
        """The durations of those since `start`, in milliseconds, in rising order."""
        return sorted(
            value
            for bucket in _since(self._durations, start)
            for key, values in bucket.items()
            if wanted(key)
            for value in values
        )

    def last(self, wanted: Callable[[Key], bool]) -> Record | None:
        """The newest of those wanted, however long ago."""
        found = (record for key, record in self.newest.items() if wanted(key))
        return max(found, key=lambda record: record.at or 0.0, default=None)

    def look_back(self, seconds: float) -> None:
        """From now on keep at least so much."""
        self._horizon = max(self._horizon, seconds)

    def _trim(self, number: int) -> None:
        oldest = number - int(self._horizon // WIDTH) - 2
        for buckets in (self._counts, self._durations):
            for old in [n for n in buckets if n < oldest]:
                del buckets[old]


def _since(buckets: dict[int, T], start: float) -> Iterator[T]:
    first = int(start // WIDTH)
    return (bucket for number, bucket in buckets.items() if number >= first)


def _summed(buckets: Iterator[dict[Key, int]]) -> dict[Key, int]:
    total: dict[Key, int] = {}
    for bucket in buckets:
        for key, count in bucket.items():
            total[key] = total.get(key, 0) + count
    return total
