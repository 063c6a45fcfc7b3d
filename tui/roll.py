"""A roll: what a screen holds of a log, and what of it is one line; pure."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Self

from firstwatch.plan import Plan
from firstwatch.probe import Extract, LogRecord

MOST: Final = 4000
"""Records that a screen holds; it never has to hold more than the watch keeps."""
ALL: Final = "all"
LOG: Final = "log"
"""The kind of source that tails read."""


@dataclass(frozen=True, slots=True)
class TailOf:
    """One choice of records to read."""

    title: str
    source: str
    kinds: tuple[str, ...] = ()
    """None of them means all."""
    checks: tuple[str, ...] = ()
    """The checks that it is opened for."""


def tails_of(plan: Plan) -> tuple[TailOf, ...]:
    """The tails of the plan, and all records of each log; none where the plan has no log."""
    named = [TailOf(tail.title, tail.source, tail.records, tail.checks) for tail in plan.tails]
    logs = [name for name, source in plan.sources.items() if source.kind == LOG]
    whole = [TailOf(ALL if len(logs) == 1 else f"{ALL} of {name}", name) for name in logs]
    return (*named, *whole)


def tail_for(tails: Sequence[TailOf], check: str, *, is_past: bool) -> int:
    """At which of the tails to open the log for a check: its own, else the first.

    For what is past the first might have nothing; there it is the first one with all records.
    """
    own = (n for n, tail in enumerate(tails) if check in tail.checks)
    whole = (n for n, tail in enumerate(tails) if is_past and not tail.kinds)
    return next(own, next(whole, 0))


@dataclass(frozen=True, slots=True)
class Item:
    """A record, or several in a row that say the same."""

    record: LogRecord
    """The first of them."""
    last: LogRecord
    times: int = 1


@dataclass(frozen=True, slots=True)
class Roll:
    """Records of one tail, oldest first."""

    records: tuple[LogRecord, ...] = ()
    newest: int = 0
    """The number up to which the log was asked."""
    gone: int = 0
    """The number up to which records may be missing."""
    whole_from: float | None = None
    """Since when none is missing, if that is known."""

    def grown(self, extract: Extract) -> Self:
        """With what came since; the oldest make room."""
        found = (*self.records, *extract.records)
        kept = found[-MOST:]
        gone, whole_from = extract.gone, extract.whole_from
        if len(kept) < len(found) and found[-MOST - 1].number > gone:
            gone, whole_from = found[-MOST - 1].number, found[-MOST - 1].at
        return replace(self, records=kept, newest=extract.newest, gone=gone, whole_from=whole_from)

    def items(self, moment: float | None = None, *, folding: bool) -> tuple[Item, ...]:
        """Its records; `folding` makes one of those that say the same in a row.

        Nothing is folded across the place where records may be missing, nor across `moment`.
        """
        if not folding:
            return tuple(Item(record, record) for record in self.records)

        def alike(record: LogRecord) -> tuple[bytes, bool, bool, bool]:
            at = record.at
            is_later = at is not None and moment is not None and at >= moment
            return record.raw, record.number > self.gone, at is None, is_later

        groups = (list(group) for _, group in groupby(self.records, alike))
        return tuple(Item(group[0], group[-1], len(group)) for group in groups)


def after_number(items: Sequence[Item], number: int) -> int:
    """Before which of the items that record would stand."""
    return bisect_left(items, number + 1, key=lambda item: item.record.number)


def at_moment(items: Sequence[Item], at: float) -> int:
    """Before which of the items that moment lies; what carries no time was before it."""
    return bisect_left(items, at, key=lambda item: item.record.at or 0.0)


def smart(words: str) -> re.Pattern[str]:
    """What finds these words as they stand; capitals count only if there are some in them."""
    return re.compile(re.escape(words), re.NOFLAG if words != words.lower() else re.IGNORECASE)
