"""The words of a handoff: frozen facts, bounded, with phone numbers already masked.

All times are seconds since the epoch, all lengths seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from firstwatch.journal.records import Extent
from firstwatch.rounds import RoundStatus
from firstwatch.verdict import Level

BOUND = 10
"""The most entries of a list; what is beyond is counted."""
OPEN_BOUND = 100
"""The most open episodes: whoever takes over must see them all."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the journal knows beyond a snapshot."""

    extents: Mapping[str, Extent] | None = None
    """How far each check went since the launch; None when nobody looked."""
    spans: Mapping[tuple[str, float], tuple[float, float]] = field(default_factory=dict)
    """The lowest and highest value of an episode, by its subject and start."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list that was cut."""

    entries: tuple[T, ...] = ()
    left_out: int = 0
    which: str = ""
    """What those left out have in common: "newer", "shorter"."""


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """A stretch in which something could not be seen."""

    start: float
    end: float | None
    """None while it lasts."""
    lasted: float
    cause: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the time since the launch was watched, in per cent."""

    ran: float
    """A watch was running."""
    full: float
    """It was running and every source was in reach, those never reached at all aside."""
    never: tuple[str, ...]
    """Sources that were never in reach."""


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round."""

    number: int
    status: RoundStatus
    phase: str
    due: float
    at: float | None = None
    """When it was signed."""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Where the rounds stand."""

    total: int
    signed: tuple[RoundLine, ...]
    unsigned: tuple[RoundLine, ...]
    """Open, due or late."""
    missed: tuple[RoundLine, ...]
    next: RoundLine | None
    """The first that is still to come."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An episode in words."""

    subject: str
    title: str
    worst: Level
    start: float
    end: float | None
    lasted: float
    worst_value: str
    reason: str
    """While it lasts why it stands so now, afterwards why it was at its worst."""
    hint: str = ""
    """What to do, while it lasts."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A value that came close to its warning, or passed it too briefly to count."""

    check: str
    title: str
    value: str
    percent: float
    """How far towards the warning it went."""
    at: float


@dataclass(frozen=True, slots=True)
class NoteLine:
    """What a person wrote down."""

    at: float
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as it stands."""

    check: str
    title: str
    value: str
    verdict: Level
    age: float | None
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Joint:
    """One joint of the ledger: what went in and came out of it since the launch."""

    name: str
    leak: float
    told: str
    """In, out, leak, duplicates and what is in flight, in words."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source out of reach."""

    name: str
    kind: str
    since: float
    reason: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """Whom or what to turn to for something that fails."""

    title: str
    hint: str
    failing: tuple[str, ...]
    """Titles of the failing checks."""


@dataclass(frozen=True, slots=True)
class RollbackLine:
    """The window in which the launch may be rolled back."""

    until: float
    is_open: bool
    steps: int


@dataclass(frozen=True, slots=True)
class Handoff:
    """The whole handoff at one moment."""

    watch: str
    at: float
    launch: float
    zone: str
    """The plan's second time zone, an IANA name."""
    operator: str
    state: str
    """The one line that says how things stand; it counts and never reassures."""
    phase: str
    elapsed: float
    """Since the launch; negative before it."""
    coverage: Coverage | None
    """None before the launch."""
    blind: Listing[BlindSpot]
    rounds: Rounds
    open: Listing[Trouble]
    closed: Listing[Trouble]
    near: Listing[NearMiss] | None
    """None when nobody looked."""
    figures: tuple[CheckLine, ...]
    checks: tuple[CheckLine, ...]
    """All that are measured, in the order of the plan."""
    ledger: tuple[Joint, ...]
    """Empty when the plan has no check of that name, or nothing was read of it."""
    manual: Listing[CheckLine]
    notes: Listing[NoteLine]
    sources: Listing[SourceLine]
    contacts: Listing[ContactLine]
    rollback: RollbackLine
    left_out: tuple[str, ...]
    """What this document does not tell, in words."""
