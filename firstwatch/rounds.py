"""Rounds: the moments at which the checklist is due.

Every round hangs on the launch alone, never on when the last one was signed, so a late
sign-off shifts nothing. What state a round is in follows from the plan, the launch, one
`now` and whether it was signed; nothing about it needs to be remembered but the signature.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstwatch.plan import Phase, Plan


class RoundStatus(StrEnum):
    """Where a round stands."""

    UPCOMING = "upcoming"
    OPEN = "open"
    """May be signed early."""
    DUE = "due"
    LATE = "late"
    """Past its grace, still to be signed."""
    MISSED = "missed"
    """Nobody signed it in time; it stays so."""
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Round:
    """One due moment of the plan; times are seconds since the epoch."""

    number: int
    """From 1, through all phases."""
    phase: str
    opens: float
    due: float
    late: float
    closes: float
    """From here on it is missed unless signed."""
    checks: tuple[str, ...]
    """The check ids its phase asks for."""

    def status(self, now: float, signed_at: float | None = None) -> RoundStatus:
        """The one state it is in at `now`."""
        if signed_at is not None:
            return RoundStatus.SIGNED
        for status, begins in reversed(self.stages):
            if now >= begins:
                return status
        return RoundStatus.UPCOMING

    @property
    def stages(self) -> tuple[tuple[RoundStatus, float], ...]:
        """What it comes to be while nobody signs it, and when, in order."""
        begins = (
            (RoundStatus.OPEN, self.opens),
            (RoundStatus.DUE, self.due),
            (RoundStatus.LATE, self.late),
            (RoundStatus.MISSED, self.closes),
        )
        ends = (self.due, self.late, self.closes, math.inf)
        return tuple(stage for stage, end in zip(begins, ends, strict=True) if stage[1] < end)


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round together with where it stands."""

    round: Round
    status: RoundStatus
    signed_at: float | None = None
    signed_by: str = ""


def schedule(plan: Plan, launch: float) -> tuple[Round, ...]:
    """All rounds of the plan, in order: one at the end of each `every` of each phase.

    A round stays open until the next one opens; the last one for as long as its own cadence.
    """
    dues = [(phase, launch + due) for phase in plan.phases for due in _dues(phase)]
    rounds = []
    for index, (phase, due) in enumerate(dues):
        closes = _opens(*dues[index + 1]) if index + 1 < len(dues) else due + phase.every
        grace = phase.every / 3 if phase.grace is None else phase.grace
        rounds.append(
            Round(
                number=index + 1,
                phase=phase.name,
                opens=_opens(phase, due),
                due=due,
                late=min(due + grace, closes),
                closes=closes,
                checks=phase.checks,
            )
        )
    return tuple(rounds)


def _dues(phase: Phase) -> list[float]:
    count = int((phase.end - phase.start) / phase.every + 1e-9)
    return [phase.start + phase.every * (number + 1) for number in range(count)]


def _opens(phase: Phase, due: float) -> float:
    early = phase.every / 6 if phase.early is None else phase.early
    return due - min(early, phase.every / 2)


def states(
    rounds: Sequence[Round], now: float, signed: Mapping[int, tuple[float, str]]
) -> tuple[RoundState, ...]:
    """Where each round stands; `signed` maps a number to when and by whom."""
    result = []
    for round_ in rounds:
        at, by = signed.get(round_.number, (None, ""))
        result.append(RoundState(round_, round_.status(now, at), at, by))
    return tuple(result)


def current(rounds: Sequence[RoundState]) -> RoundState | None:
    """The round a person owes next: the first that is neither signed nor missed."""
    over = (RoundStatus.SIGNED, RoundStatus.MISSED)
    return next((state for state in rounds if state.status not in over), None)
