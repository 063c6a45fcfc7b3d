"""Ids of a table's rows, as far as they tell when a row was made; pure.

A cuid is `c`, eight base-36 digits of Unix milliseconds, then the rest; a UUID of version 7
begins with 48 bits of them. Where ids carry their time, a window over ids is a window over
time that the primary key serves without another index. Both sort by time as text under every
collation, because their digits are lower-case and all of one length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

AGREED = 60.0
"""Seconds by which the time in an id may differ from that in the row's own column."""
SHARE = 0.8
"""The share of new rows that must have ids of one kind; a few made by hand are no matter."""
NEWEST = 20
"""How many of the newest rows decide."""
AT_LEAST = 3
"""So many of the very newest decide, too, where older rows were put there by hand."""
PLAUSIBLE = (1.4e9, 2.5e9)
"""Moments (2014 to 2049) an id can carry where no column says when its row was made."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_CUID = re.compile(r"c[0-9a-z]{24}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of a sample."""

    id: object
    at: float | None = None
    """When it was made, by its own column, in seconds since the epoch; None without one."""


class Dated(Protocol):
    """A kind of ids that carry their time."""

    def floor(self, at: float) -> object:
        """The smallest id that can have been made at this moment."""

    def moment(self, found: object) -> float | None:
        """When this id was made; None for an id of another kind."""


@dataclass(frozen=True, slots=True)
class Cuids:
    """Cuids of version 1, as text."""

    def floor(self, at: float) -> str:
        """The smallest cuid that can have been made at this moment."""
        number, digits = max(int(at * 1000), 0), ""
        while number:
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        return "c" + digits.rjust(8, "0")

    def moment(self, found: object) -> float | None:
        """When this id was made; None for an id of another kind."""
        if isinstance(found, str) and _CUID.fullmatch(found):
            return int(found[1:9], 36) / 1000
        return None


@dataclass(frozen=True, slots=True)
class Uuids:
    """UUIDs of version 7, as their own type or as text."""

    is_text: bool = False

    def floor(self, at: float) -> UUID | str:
        """The smallest UUID that can have been made at this moment."""
        least = UUID(int=(max(int(at * 1000), 0) & (2**48 - 1)) << 80)
        return str(least) if self.is_text else least

    def moment(self, found: object) -> float | None:
        """When this id was made; None for an id of another kind."""
        text = str(found)
        if isinstance(found, str) != self.is_text or not _UUID7.fullmatch(text):
            return None
        return (UUID(text).int >> 80) / 1000


DATED: tuple[Dated, ...] = (Cuids(), Uuids(), Uuids(is_text=True))


def cuid_floor(at: float) -> str:
    """The smallest cuid that can have been made at this moment (seconds since the epoch)."""
    return Cuids().floor(at)


def recognise(rows: Sequence[Seen]) -> Dated | None:
    """The kind of ids that new rows get, if they carry their time; None where they do not."""
    newest = sorted(rows, key=lambda row: row.at or 0.0, reverse=True)[:NEWEST]
    for kind in DATED:
        agreed = [_agrees(kind, row) for row in newest]
        if agreed and sum(agreed) >= SHARE * len(agreed):
            return kind
        if len(agreed) >= AT_LEAST and all(agreed[:AT_LEAST]) and newest[0].at is not None:
            return kind
    return None


def _agrees(kind: Dated, row: Seen) -> bool:
    carried = kind.moment(row.id)
    if carried is None:
        return False
    if row.at is None:
        return PLAUSIBLE[0] <= carried <= PLAUSIBLE[1]
    return abs(carried - row.at) <= AGREED
