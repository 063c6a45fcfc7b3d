"""The words of a handoff: frozen facts, bounded, with people and secrets already masked.

All times are seconds since the epoch, all lengths seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from firstwatch.acts import Mark
from firstwatch.episodes import Flip
from firstwatch.flights.record import Flight
from firstwatch.handoff.strips import Strips
from firstwatch.handoff.worst import Span
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
    """How far each check went in the time told of; None when nobody looked."""
    spans: Mapping[tuple[str, float], Span] = field(default_factory=dict)
    """How far the values went in an episode, by its subject and start."""
    flights: tuple[Flight, ...] = ()
    """What the flight recorder has saved, oldest first."""
    flips: tuple[Flip, ...] | None = None
    """All since the launch, in the order they were stored; None when nobody looked."""


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
class NoteLine:
    """What a person wrote down."""

    at: float
    who: str
    text: str
    about: str = ""
    """The title of a check, "round 7", or nothing in particular."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of a signed round that was not clean, as it was frozen into the record."""

    check: str
    title: str
    mark: Mark
    verdict: Level
    value: str
    age: float | None
    """Of the value, when it was signed."""
    reason: str
    number: float | None = None
    """What the person read off or counted."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round."""

    number: int
    name: str
    """What people call it: its number, or "12+1" for one that was put in."""
    status: RoundStatus
    phase: str
    due: float
    late: float
    """When it is late, or was."""
    closes: float
    """When it is missed unless signed."""
    at: float | None = None
    """When it was signed."""
    who: str = ""
    timing: str = ""
    """Signed "early", "on time" or "25 minutes late"."""
    took: float | None = None
    """From when the person began to look until it was signed; None where no record is here."""
    asked: int = 0
    """How many items it asked about; 0 where no record is here."""
    clean: bool | None = None
    """Whether every item was verified or fine; None where nothing tells, or unsigned."""
    is_quick: bool = False
    """Signed too soon after the person began to look to have looked."""
    items: Listing[ItemLine] = field(default_factory=Listing)
    """What was not clean."""
    note: str = ""
    explained: Listing[NoteLine] = field(default_factory=Listing)
    """Notes about it."""

    @property
    def is_signed_late(self) -> bool:
        """Whether it was signed, and after its grace."""
        return self.at is not None and self.at >= self.late

    @property
    def is_explained(self) -> bool:
        """Whether any note is about it."""
        return bool(self.explained.entries)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Where the rounds stand: all of them, however short the shift was."""

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
    pane: str
    """Of the check; empty of a source."""
    worst: Level
    start: float
    end: float | None
    lasted: float
    worst_value: str
    reason: str
    """While it lasts why it stands so now, afterwards why it came to be at its worst."""
    worst_at: float | None = None
    """When the worst value was measured."""
    reason_at: float | None = None
    """When it came to be at its worst, once it is over: the reason is of that moment."""
    hint: str = ""
    """What to do, while it lasts."""
    level: Level = Level.UNKNOWN
    """How bad it is now, or at its worst once it is over."""
    since: float | None = None
    """Since when it is as bad as that, while it lasts."""
    owner: str = ""
    """Who has it, while it lasts: acknowledged it, or was named for it at a take-over."""
    is_named: bool = False
    """Whether the owner was named, and nobody has acknowledged it."""
    owned_since: float | None = None
    owned_why: str = ""
    owned_until: float | None = None
    """When it is asked about again; from then on the acknowledgement counts no more."""
    is_asked_again: bool = False
    """Whether that time has come."""

    @property
    def is_owned(self) -> bool:
        """Whether somebody has it, as far as is known just now."""
        return bool(self.owner) and not self.is_asked_again


@dataclass(frozen=True, slots=True)
class FlightLine:
    """What was saved when something turned critical, and where it lies."""

    at: float
    titles: tuple[str, ...]
    """Of the checks that had turned critical."""
    folder: str
    """Its name under that of the folder beside the journal."""
    files: tuple[str, ...]


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
class ManualLine:
    """An item that only a person can say, as somebody last said it."""

    check: str
    title: str
    hint: str
    is_asked: bool
    """Whether a round has asked for it yet."""
    mark: Mark | None = None
    """None as long as nobody has said anything."""
    at: float | None = None
    who: str = ""
    round: str = ""
    """In which round."""
    number: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """What somebody said they would do, and has not done yet."""

    at: float
    who: str
    text: str
    due: float
    about: str = ""
    """A check's id, "round:7", or nothing in particular."""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A promise that was kept, or let go."""

    at: float
    who: str
    text: str
    is_done: bool
    """False when it was let go."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """What waits for an answer."""

    since: float
    text: str
    detail: str = ""
    """What there is to know for the answer."""


@dataclass(frozen=True, slots=True)
class DueLine:
    """What somebody has to do, and when."""

    at: float
    what: str
    is_round: bool = False
    is_question: bool = False
    """Whether it waits for an answer since then, and has no time by which it is due."""


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
    """One joint of the ledger: what went in and came out of it."""

    name: str
    leak: float
    told: str
    """In, out, leak, duplicates and what is in flight, in words."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What was lost, and what was not seen since the launch."""

    messages: float
    """As far as the ledger was read."""
    since: float
    """From when on the ledger counts: the launch, or as far back as it still looks."""
    where: tuple[str, ...]
    """At which joints, and how many at each."""
    unknown: tuple[str, ...]
    """Why there may be more, in words."""
    unwatched: float
    """Seconds in which no watch was running."""
    unreachable: float
    """Seconds in which a source was out of reach."""


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
class RunLine:
    """A run of the rollback plan."""

    at: float
    who: str
    reason: str
    is_drill: bool
    steps: tuple[str, ...]
    """How each step was left, in words."""
    price: tuple[str, ...]
    """What a restore would have lost when it began."""
    closed_at: float | None = None
    closed_by: str = ""
    is_called_off: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class RollbackLine:
    """The window in which the launch may be rolled back, and what was made of it."""

    until: float
    is_open: bool
    steps: int
    runs: tuple[RunLine, ...] = ()
    """Oldest first."""
    price: tuple[str, ...] = ()
    """What a restore would lose by now, in words."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the chain of acts stood, so that it can be told whether this is what became of it."""

    acts: int
    """The number of the last one."""
    head: str
    """Its hash; empty before there is one."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """The whole handoff at one moment."""

    watch: str
    at: float
    launch: float
    zone: str
    """The plan's second time zone, an IANA name."""
    since: float | None
    """From when on it tells what is over; None from the launch on. What is open is told whole."""
    holder: str
    """Who has the watch."""
    pending: str
    """Who was offered it and has not accepted yet."""
    pending_since: float | None
    state: str
    """The one line that says how things stand; it counts and never reassures."""
    reservations: tuple[str, ...]
    """Everything because of which nobody may say that all is well."""
    phase: str
    elapsed: float
    """Since the launch; negative before it."""
    coverage: Coverage | None
    """None before the launch."""
    blind: Listing[BlindSpot]
    rounds: Rounds
    open: Listing[Trouble]
    """The worst first, those that nobody has before others."""
    closed: Listing[Trouble]
    flights: Listing[FlightLine]
    near: Listing[NearMiss] | None
    """None when nobody looked."""
    figures: tuple[CheckLine, ...]
    checks: tuple[CheckLine, ...]
    """All that are measured, in the order of the plan."""
    ledger: tuple[Joint, ...]
    """Empty when the plan has no check of that name, or nothing was read of it."""
    lost: Lost
    manual: tuple[ManualLine, ...]
    notes: Listing[NoteLine]
    promises: tuple[PromiseLine, ...]
    """By when they are due."""
    kept: Listing[KeptLine]
    questions: tuple[QuestionLine, ...]
    due: tuple[DueLine, ...]
    """By when."""
    sources: Listing[SourceLine]
    contacts: Listing[ContactLine]
    rollback: RollbackLine
    strips: Strips | None
    """None when nobody looked."""
    chain: Chain
    left_out: tuple[str, ...]
    """What this document does not tell, in words."""
