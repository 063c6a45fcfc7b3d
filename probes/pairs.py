"""Pairs: a failed database call is printed by Prisma and by the application, and counts once."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from probes.heads import DUPLICATE, PRISMA_ERROR
from probes.record import Record

PATIENCE: Final = 2.0
"""Real seconds that Prisma's report waits for the application's."""
FOLLOWING: Final = 50
"""So many records later it waits no longer either."""


@dataclass(slots=True)
class _Waiting:
    record: Record
    until: float
    before: int


@dataclass(slots=True)
class Pairs:
    """Lets one of the two reports of the same failure through: the application's."""

    following: int = FOLLOWING
    count: int = 0
    prisma: deque[_Waiting] = field(default_factory=deque)
    """Prisma's reports that no report of the application's has claimed yet."""
    app: deque[_Waiting] = field(default_factory=deque)
    """The application's reports, let through already, that claimed none: two streams overtake."""

    def admit(self, records: list[Record], real: float) -> Iterator[Record]:
        for record in records:
            self.count += 1
            if self.prisma or self.app:
                yield from self.release(real)
            if record.event is PRISMA_ERROR:
                if not _claim(self.app, record):
                    self.prisma.append(self._wait(record, real))
                continue
            reports = (record.event.is_error or record.event is DUPLICATE) and record.by_prisma
            if reports and not _claim(self.prisma, record):
                self.app.append(self._wait(record, real))
            yield record

    def release(self, real: float, *, final: bool = False) -> Iterator[Record]:
        """Those nobody has claimed in time."""
        while self.app and (final or self._is_over(self.app[0], real)):
            self.app.popleft()
        while self.prisma and (final or self._is_over(self.prisma[0], real)):
            record = self.prisma.popleft().record
            again = record.code == "P2002" and b"wabaMessageId" in record.raw
            yield replace(record, event=DUPLICATE) if again else record

    def _wait(self, record: Record, real: float) -> _Waiting:
        return _Waiting(record, real + PATIENCE, self.count + self.following)

    def _is_over(self, waiting: _Waiting, real: float) -> bool:
        return real >= waiting.until or self.count >= waiting.before


def _claim(waiting: deque[_Waiting], record: Record) -> bool:
    """Take the oldest report of the same failure out, if there is one; the surest match first."""
    for fits in (_says_the_same, _is_alike, _may_be_same):
        for index, other in enumerate(waiting):
            if fits(other.record, record):
                del waiting[index]
                return True
    return False


def _says_the_same(one: Record, other: Record) -> bool:
    """Whether both repeat the same message of Prisma's about the same call."""
    return bool(one.message) and one.message == other.message and one.call == other.call


def _is_alike(one: Record, other: Record) -> bool:
    """Whether call and code are the same, whatever came between their lines."""
    return bool(one.code) and one.call == other.call and one.code == other.code


def _may_be_same(one: Record, other: Record) -> bool:
    """Whether nothing that both of them say differs, when one says no more than that it failed."""
    if one.message and other.message:
        return False
    same_call = not one.call or not other.call or one.call == other.call
    return same_call and (not one.code or not other.code or one.code == other.code)
