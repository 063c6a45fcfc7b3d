"""Readings: what a probe brings home."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from firstwatch.text import clean
from firstwatch.verdict import Level

ROWS = 50
"""The most rows a reading keeps; a flood is cut here."""
FACTS = 16_000
"""The most characters of its facts."""
_NO_COMPANY = re.compile(r"no company of ours|account \d+(?: inbox \d+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a reading: a tenant, an endpoint, a number."""

    label: str
    value: float
    note: str = ""
    key: str = ""
    """By what it is known elsewhere, too: a company's id."""
    unit: str | None = None
    """Its unit, where that is not the one of its check."""
    has_value: bool = True
    """False where nothing was measured of it, and its number means nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value, in the unit of its check."""

    at: float
    """When it was true: seconds since the epoch."""
    value: float
    sample: int | None = None
    """How many observations it rests on; None where the question makes no sense."""
    part: float | None = None
    """The numerator, when the value is a ratio in per cent of `sample`."""
    note: str = ""
    """What a person wants to see beside it: "9 tenants, last 4s ago"."""
    rows: tuple[Row, ...] = ()
    """The parts it is made of, worst first."""
    level: Level | None = None
    """A level the probe itself vouches for where a number does not tell (a wrong status)."""
    hard: bool = False
    """A fact that needs no second look: the wait before worsening is skipped."""
    facts: str = ""
    """What was found, in words for the probe alone: the first since the launch are kept for it."""
    has_value: bool = True
    """False where the probe vouches for a level and measured nothing: its number means nothing."""
    took: float | None = field(default=None, compare=False)
    """Real seconds it took; None where nobody measured that."""

    def bounded(self) -> "Reading":
        """The same reading with its text made harmless and its rows limited."""
        rows = tuple(
            replace(
                r,
                label=clean(r.label, 80),
                note=clean(r.note, 160),
                key=clean(r.key, 80),
                unit=None if r.unit is None else clean(r.unit, 8),
            )
            for r in self.rows[:ROWS]
        )
        facts = clean(self.facts, FACTS)
        return replace(self, note=clean(self.note, 160), rows=rows, facts=facts)

    @property
    def companies(self) -> dict[str, str]:
        """The names of companies by their ids, as its rows tell them."""
        return {
            row.key: row.label
            for row in self.rows
            if row.key and row.label != row.key and not _NO_COMPANY.fullmatch(row.label)
        }

    def named(self, companies: Mapping[str, str]) -> "Reading":
        """The same with the names of companies where a source knows no more than their ids."""
        bare = [row.key for row in self.rows if row.label == row.key and row.key in companies]
        if not bare:
            return self
        note = self.note
        for key in bare:
            note = note.replace(key, companies[key])
        rows = (replace(r, label=companies[r.key]) if r.key in bare else r for r in self.rows)
        return replace(self, note=clean(note, 160), rows=tuple(rows))


@dataclass(frozen=True, slots=True)
class Failure:
    """A reading that could not be taken."""

    at: float
    reason: str
    blocks_source: bool = False
    """The whole source is out of reach."""
    is_fact: bool = True
    """False when it may be bad luck: the last good reading stands until it is stale."""
    unset: bool = False
    """The plan gives the source no address: a choice, not an incident."""
    took: float | None = field(default=None, compare=False)
    """Real seconds until it was known; None where nobody measured that."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to take a reading, and what came of it, in short."""

    at: float
    """When it was true: seconds since the epoch."""
    value: float | None
    """None where measuring failed."""
    note: str = ""
    """The note of the reading, or why there is none."""
    sample: int | None = None
    took: float | None = None
    """Real seconds it took."""
    level: Level | None = None
    """What it says by itself, before others have agreed; None where measuring failed."""
