"""The ring: the latest records of a log in bounded memory, the plentiful making room first.

Each class of records is sure of a fifth of it, so that a flood of queries leaves the errors of an
hour ago where they are; what a class does not need goes to whichever does.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from operator import itemgetter
from typing import Final

from probes.heads import EVENTS, Class, selects
from probes.record import Record

MOST: Final = 2 << 20
"""Bytes of all records together."""
OVERHEAD: Final = 512
"""Bytes that a record counts beside its text, so that there are never more than some 4 000."""

Numbered = tuple[int, Record]
"""A record with its place in the log."""


@dataclass(slots=True)
class _Shelf:
    """The records of one class, oldest first."""

    records: deque[Numbered] = field(default_factory=deque)
    size: int = 0
    gone: int = 0
    """The number of the newest one that is no longer kept."""
    gone_at: float | None = None
    """When that one came, if it is known."""

    def drop(self) -> int:
        """Let the oldest one go; how many bytes that makes."""
        self.gone, record = self.records.popleft()
        self.gone_at = record.at
        freed = len(record.raw) + OVERHEAD
        self.size -= freed
        return freed


class Ring:
    """The latest records of each class."""

    def __init__(self, most: int = MOST) -> None:
        self._room = most
        self._share = most // len(Class)
        self._shelves = {c: _Shelf() for c in Class}
        self.newest = 0
        """The number of the last record; they are counted from 1."""

    def add(self, record: Record) -> None:
        """Keep one more, and no more than there is room for."""
        self.newest = number = self.newest + 1
        shelf = self._shelves[record.event.classes[0]]
        shelf.records.append((number, record))
        size = len(record.raw) + OVERHEAD
        shelf.size += size
        self._room -= size
        while self._room < 0:
            pays = shelf if shelf.size > self._share else self._largest()
            self._room += pays.drop()

    def _largest(self) -> _Shelf:
        return max(self._shelves.values(), key=lambda shelf: shelf.size)

    def found(self, selectors: Sequence[str], after: int = 0) -> list[Numbered]:
        """Those that fit and came after that number, oldest first."""
        newer = (
            takewhile(lambda kept: kept[0] > after, reversed(shelf.records))
            for shelf in self._holding(selectors)
        )
        fitting = (
            kept
            for shelf in newer
            for kept in shelf
            if selects(selectors, kept[1].event, kept[1].code)
        )
        return sorted(fitting, key=itemgetter(0))

    def gone(self, selectors: Sequence[str]) -> tuple[int, float | None]:
        """Number and time of the newest record that may have fitted and is no longer kept."""
        left = max(self._holding(selectors), key=lambda shelf: shelf.gone, default=_Shelf())
        return left.gone, left.gone_at

    def _holding(self, selectors: Sequence[str]) -> Iterator[_Shelf]:
        """The shelves on which such records lie."""
        wanted = {event.classes[0] for event in EVENTS.values() if _may_fit(selectors, event.name)}
        return (shelf for c, shelf in self._shelves.items() if c in wanted)


def _may_fit(selectors: Sequence[str], name: str) -> bool:
    by_code = any(selector.startswith("code:") for selector in selectors)
    return by_code or selects(selectors, EVENTS[name], "")
