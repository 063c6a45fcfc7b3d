"""The frozen picture of the watch at one moment: all that a screen or an export may see."""

from dataclasses import dataclass, field

from firstwatch.affairs import Affairs
from firstwatch.episodes import Episode, Flip
from firstwatch.flights.record import NO_FLIGHTS, Flights
from firstwatch.plan import Check, Plan
from firstwatch.readings import Attempt, Failure, Reading
from firstwatch.rounds import RoundState, current
from firstwatch.verdict import Level, Verdict


@dataclass(frozen=True, slots=True)
class CheckState:
    """One row: a check, what was read last, and what the watch thinks of it."""

    check: Check
    verdict: Verdict
    reading: Reading | None = None
    """The last good reading, however old."""
    failure: Failure | None = None
    """Why the last attempt brought none; None once a reading came again."""
    history: tuple[float | None, ...] = ()
    """Values of equal stretches of time, oldest first; None where nothing was measured."""
    fresh_for: float = 0.0
    """Seconds of the watch a reading stays fresh."""
    before: Level | None = None
    """The level last recorded, where no watch runs any more."""
    latest: tuple[Attempt, ...] = ()
    """The last tries of this run to measure it, newest last."""

    @property
    def is_empty(self) -> bool:
        """Whether the last reading rests on nothing, so that its value would mislead."""
        nothing = self.reading is not None and self.reading.sample == 0
        return nothing and self.verdict.level in (Level.IDLE, Level.UNKNOWN)

    @property
    def value(self) -> float | None:
        """What was measured last; None where nothing was, or its value would mislead."""
        reading = self.reading
        return None if reading is None or self.is_empty or not reading.has_value else reading.value

    def age(self, now: float) -> float | None:
        """Seconds since the last good reading."""
        return None if self.reading is None else max(now - self.reading.at, 0.0)


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source: whether it can be reached, and since when not."""

    name: str
    kind: str
    down_since: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which the watch itself was not running."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment."""

    at: float
    """Seconds since the epoch, by the clock of the watch."""
    launch: float
    plan: Plan
    checks: tuple[CheckState, ...]
    """In the order of the plan; hidden ones left out."""
    sources: tuple[SourceState, ...] = ()
    rounds: tuple[RoundState, ...] = ()
    episodes: tuple[Episode, ...] = ()
    """Oldest first, open and closed."""
    flips: tuple[Flip, ...] = ()
    """The latest ones, oldest first."""
    gaps: tuple[Gap, ...] = ()
    flights: Flights = NO_FLIGHTS
    """What the flight recorder has saved."""
    operator: str = ""
    """Who has the watch; the name under which it runs where nobody has taken it over."""
    affairs: Affairs = field(default_factory=Affairs)
    """What people have done and still owe."""
    hidden: tuple[CheckState, ...] = ()
    """The measured checks that are not shown: witnesses, and what the rollback stands on."""
    beat: int = 0
    """Counts the turns of the engine: a board that sees it stand still says so."""
    stalled: float = 0.0
    """Real seconds the engine's loop was last held up; 0 when it keeps time."""

    @property
    def elapsed(self) -> float:
        """Seconds since the launch; negative before it."""
        return self.at - self.launch

    @property
    def phase(self) -> str:
        """The name of the phase we are in; empty outside the plan."""
        phase = self.plan.phase_at(self.elapsed)
        return phase.name if phase else ""

    @property
    def due(self) -> RoundState | None:
        """The round a person owes next."""
        return current(self.rounds)

    @property
    def unrecorded(self) -> SourceState | None:
        """The journal, while nothing can be written into it."""
        return next((s for s in self.sources if s.kind == "journal" and s.down_since), None)

    @property
    def worst(self) -> Level:
        """The worst verdict among the measured checks."""
        return max(
            (c.verdict.level for c in self.checks if not c.check.is_manual),
            key=lambda level: level.severity,
            default=Level.UNKNOWN,
        )

    def check(self, check_id: str) -> CheckState | None:
        """The row of that check, if it is shown."""
        return next((c for c in self.checks if c.check.id == check_id), None)

    def bad_since(self, episode: Episode) -> float:
        """Since when the subject of an open episode is as bad as it is now."""
        state = self.check(episode.subject)
        return max(state.verdict.since, episode.start) if state else episode.start

    def measured(self, check_id: str) -> CheckState | None:
        """How that check stands, shown or hidden; None where it is manual or not in the plan."""
        known = (*self.checks, *self.hidden)
        return next((c for c in known if c.check.id == check_id and not c.check.is_manual), None)
