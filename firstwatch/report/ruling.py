"""The ruling: go, extend or no-go, from counts and the limits of the plan; pure.

"go" says only that nothing which was counted speaks against it. What nobody counted decides
nothing, so it is counted too: as time not covered, as checks unknown, as rounds not signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from firstwatch.plan import Report as Limits
from firstwatch.units import format_duration

NAMED = 5
"""The most checks or rounds that a rule names."""


class Decision(StrEnum):
    """What the report comes to, from best to worst."""

    GO = "go"
    """Nothing that was counted speaks against it."""
    EXTEND = "extend"
    """Go on watching."""
    NO_GO = "no-go"

    @property
    def severity(self) -> int:
        """0 for go up to 2 for no-go."""
        return list(Decision).index(self)


@dataclass(frozen=True, slots=True)
class Loss:
    """A check that counts what was lost, past its warning."""

    title: str
    value: str
    """With its unit."""
    is_acknowledged: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """What the ruling rests on; titles of checks and names of rounds are for people."""

    elapsed: float
    """Seconds since the launch."""
    planned: float
    """Seconds that the plan lasts."""
    critical: tuple[str, ...] = ()
    """What is critical and open: checks and sources."""
    warning: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """What could not be measured at the end, never answered or is out of reach."""
    lost: tuple[Loss, ...] = ()
    lost_since: str = ""
    """From when on losses are counted, where that is not since the launch any more."""
    rolled_back: int = 0
    """Runs of the rollback plan of which something was carried out, drills aside."""
    rolling_back: int = 0
    """Runs that are under way, those only practised aside."""
    coverage: float = 0.0
    """Per cent of the planned time, as far as it has passed, with every source in reach."""
    rounds: int = 0
    """How many have become due."""
    missed: tuple[str, ...] = ()
    clean: int = 0
    """Rounds at the end, one after the other, that were signed clean."""
    broken_by: str = ""
    """Why the round before those was not clean, in words."""
    manual: tuple[str, ...] = ()
    """Items only a person can say that nobody has called fine, last time they were asked."""
    overdue: tuple[str, ...] = ()
    """Promises whose time has passed, neither kept nor let go."""
    faults: tuple[str, ...] = ()
    """What is wrong with the chain of acts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, and whether what was counted keeps to it."""

    name: str
    """What it looks at."""
    demand: Decision
    """What it comes to where it is not kept."""
    is_kept: bool
    told: str
    """The numbers, in words."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the report comes to, and by which rules."""

    decision: Decision
    rules: tuple[Rule, ...]

    @property
    def deciding(self) -> tuple[Rule, ...]:
        """The rules by which it came to that; none for a go, which none of them stands against."""
        return tuple(r for r in self.rules if not r.is_kept and r.demand is self.decision)

    @property
    def against(self) -> tuple[Rule, ...]:
        """Every rule that is not kept, the gravest first."""
        broken = [rule for rule in self.rules if not rule.is_kept]
        return tuple(sorted(broken, key=lambda rule: -rule.demand.severity))


def rule(counted: Counted, limits: Limits) -> Ruling:
    """The ruling on what was counted: the gravest demand of any rule that is not kept."""
    rules = (*_no_go(counted), *_extend(counted, limits), *_people(counted))
    demands = [one.demand for one in rules if not one.is_kept]
    decision = max(demands, key=lambda demand: demand.severity, default=Decision.GO)
    return Ruling(decision, rules)


def _no_go(counted: Counted) -> Iterator[Rule]:
    yield _none("critical", Decision.NO_GO, counted.critical, "critical and open")
    taken = tuple(f"{loss.title} {loss.value}" for loss in counted.lost if loss.is_acknowledged)
    lost = tuple(f"{loss.title} {loss.value}" for loss in counted.lost if not loss.is_acknowledged)
    told = [_listed(lost, "lost, and neither fetched again nor acknowledged")]
    if taken:
        told.append(_listed(taken, "lost and acknowledged"))
    if counted.lost_since:
        told.append(f"the ledger looks back to {counted.lost_since} and no further")
    yield Rule("losses", Decision.NO_GO, not lost, "; ".join(told))
    yield Rule(
        "rollback",
        Decision.NO_GO,
        not counted.rolled_back and not counted.rolling_back,
        f"{counted.rolled_back} carried out, whole or in part, {counted.rolling_back} under way",
    )


def _extend(counted: Counted, limits: Limits) -> Iterator[Rule]:
    past, planned = format_duration(counted.elapsed), format_duration(counted.planned)
    yield Rule(
        "time",
        Decision.EXTEND,
        counted.elapsed >= counted.planned,
        f"{past} of {planned}" if counted.elapsed < counted.planned else f"{past}, of {planned}",
    )
    yield Rule(
        "coverage",
        Decision.EXTEND,
        counted.coverage >= limits.least_coverage,
        f"{percent(counted.coverage)} with every source in reach, "
        f"at least {limits.least_coverage:g} % wanted",
    )
    yield _none("warnings", Decision.EXTEND, counted.warning, "in warning")
    yield _none("unknown", Decision.EXTEND, counted.unknown, "unknown")
    missed = len(counted.missed)
    yield Rule(
        "missed rounds",
        Decision.EXTEND,
        missed <= limits.most_missed,
        f"{missed} of {counted.rounds} missed, at most {limits.most_missed} allowed"
        + _names(counted.missed),
    )
    why = f"; before them {counted.broken_by}" if counted.broken_by else ""
    yield Rule(
        "clean rounds",
        Decision.EXTEND,
        counted.clean >= limits.clean_rounds,
        f"{counted.clean} clean at the end, {limits.clean_rounds} wanted{why}",
    )


def _people(counted: Counted) -> Iterator[Rule]:
    yield _none(
        "manual items",
        Decision.EXTEND,
        counted.manual,
        "not called fine when last asked, or never asked",
    )
    yield _none("promises", Decision.EXTEND, counted.overdue, "overdue")
    yield _none("record", Decision.EXTEND, counted.faults, "faults in the chain of acts")


def percent(share: float) -> str:
    """A share rounded down: 100 % is said of nothing less."""
    return f"{int(share * 10 + 1e-6) / 10:g} %"


def _none(name: str, demand: Decision, found: tuple[str, ...], what: str) -> Rule:
    """The rule that nothing of a kind was found."""
    return Rule(name, demand, not found, _listed(found, what))


def _listed(names: tuple[str, ...], what: str) -> str:
    return f"{len(names)} {what}{_names(names)}"


def _names(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f": {', '.join(names[:NAMED])}{more}"
