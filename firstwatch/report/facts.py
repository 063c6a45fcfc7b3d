"""What a final report is made of: frozen facts, bounded, masked, and not yet escaped.

All times are seconds since the epoch, all lengths seconds. What is told in words stands in
sections, which every format of the report shows alike; what is drawn stands beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from firstwatch.chain import Chain
from firstwatch.episodes import Flip
from firstwatch.flights.record import Flight
from firstwatch.handoff.worst import Span
from firstwatch.journal.records import Extent
from firstwatch.plan import Bands
from firstwatch.report.ruling import Ruling
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level

MOST = 200
"""The most rows of a table and entries of a list; what is beyond is counted."""
MOST_CHARTS = 80
MOST_TOLD = 400
"""The most episodes that are told in the timeline when pointed at; all of them are drawn."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was measured of one check in one of many equal stretches of time."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Course:
    """How a check went: its stretches, None where nothing was measured, and how far in all."""

    stretches: tuple[Stretch | None, ...]
    extent: Extent


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made from."""

    snapshot: Snapshot
    """As it stands at the end of what is reported."""
    flips: tuple[Flip, ...]
    """All since the launch, in the order they were stored."""
    courses: Mapping[str, Course]
    """By check id."""
    spans: Mapping[tuple[str, float], Span]
    """How far the values went in each episode, by its subject and start."""
    chain: Chain
    ended: bool = False
    """Whether the watch has ended, and this is how it saw things last."""
    flights: tuple[Flight, ...] = ()
    """What was saved when something turned critical, oldest first."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: str = ""
    """What is not in it, in words."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: lines first, then a table."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.lines and (self.table is None or not self.table.rows)


@dataclass(frozen=True, slots=True)
class RoundMark:
    """A round as it is drawn."""

    name: str
    due: float
    status: RoundStatus
    is_clean: bool
    is_late: bool
    told: str
    """Who signed it and how, in words."""
    at: float | None = None
    """When it was signed."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An episode as it is drawn."""

    title: str
    worst: Level
    start: float
    end: float | None
    told: str
    """Why and for how long, in words; empty where there are too many to tell."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A check as it is drawn."""

    title: str
    unit: str
    bands: Bands
    course: Course
    told: str
    """Lowest, highest and last value, in words."""
    blind: tuple[tuple[float, float], ...] = ()
    """When it could not be seen."""
    is_key: bool = False
    """Whether it is one to look at first: a key figure, or one that was or nearly was in alarm."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all drawings have in common."""

    start: float
    end: float
    phases: tuple[tuple[str, float], ...] = ()
    """Name and start of each phase, by when it starts."""
    blind: tuple[tuple[float, float], ...] = ()
    """When no watch was running."""
    rounds: tuple[RoundMark, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The final report at one moment."""

    watch: str
    at: float
    """The end of what is reported."""
    launch: float
    zone: str
    """The plan's second time zone, an IANA name."""
    is_provisional: bool
    """Whether the planned time is not over."""
    ruling: Ruling
    sections: tuple[Section, ...]
    frame: Frame
    bars: tuple[Bar, ...] = ()
    charts: tuple[Chart, ...] = ()
    charts_left_out: int = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the launch."""
        return self.at - self.launch


def told_rest(entries: Sequence[T], which: str, most: int = MOST) -> str:
    """How many are left out when only so many are told, and which; empty when it is none."""
    rest = len(entries) - most
    return f"… and {rest} more left out, {which}" if rest > 0 else ""
