"""Rounds: the moments at which the checklist is due.

Every round hangs on the launch alone, never on when the last one was signed, so a late
sign-off shifts nothing. What state a round is in follows from the plan, the launch, one
`now`, whether it was signed, and whether people chose to keep a phase's cadence beyond its
end; nothing else about it needs to be remembered.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Protocol


class Paced(Protocol):
    """A phase, as far as its rounds hang on it; durations in seconds."""

    @property
    def name(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def every(self) -> float: ...
    @property
    def early(self) -> float | None: ...
    @property
    def grace(self) -> float | None: ...
    @property
    def relax_after(self) -> int: ...
    @property
    def checks(self) -> tuple[str, ...]: ...


class Phased(Protocol):
    """What has phases: a plan, or the outline of one."""

    @property
    def phases(self) -> Sequence[Paced]: ...


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
    """From 1, through all phases; rounds that were put in have numbers beyond the plan's."""
    phase: str
    opens: float
    due: float
    late: float
    closes: float
    """From here on it is missed unless signed."""
    checks: tuple[str, ...]
    """The check ids its phase asks for."""
    after: int = 0
    """Of a round that was put in: the planned round before it."""
    nth: int = 0
    """Of a round that was put in: which one after that."""

    @property
    def name(self) -> str:
        """What people call it: "13", or "12+1" for the first that was put in after round 12."""
        return f"{self.after}+{self.nth}" if self.nth else str(self.number)

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

    @property
    def is_signed_late(self) -> bool:
        """Whether it was signed, and after its grace."""
        return self.signed_at is not None and self.signed_at >= self.round.late


@dataclass(frozen=True, slots=True)
class Extension:
    """A phase's cadence goes on for `relax_after` rounds more, as somebody decided."""

    phase: str
    at: float
    """When it was decided; no round is put in that would have been open by then."""


def schedule(
    plan: Phased, launch: float, extensions: Iterable[Extension] = ()
) -> tuple[Round, ...]:
    """All rounds, by when they are due: one at the end of each `every` of each phase.

    A round stays open until the next one opens; the last one for as long as its own cadence.
    """
    dues = [(phase, launch + due) for phase in plan.phases for due in _dues(phase)]
    rounds = _fitted([_round(number, phase, due) for number, (phase, due) in enumerate(dues, 1)])
    for extension in extensions:
        phase = next((p for p in plan.phases if p.name == extension.phase), None)
        if phase is not None:
            rounds = _extended(rounds, phase, extension.at)
    return rounds


def _round(number: int, phase: Paced, due: float, after: int = 0, nth: int = 0) -> Round:
    grace = phase.every / 3 if phase.grace is None else phase.grace
    closes = due + phase.every
    late = min(due + grace, closes)
    return Round(
        number, phase.name, _opens(phase, due), due, late, closes, phase.checks, after, nth
    )


def _extended(rounds: tuple[Round, ...], phase: Paced, decided: float) -> tuple[Round, ...]:
    """The rounds with `relax_after` more at the cadence of a phase, where others leave room."""
    found = list(rounds)
    for due in _slots(rounds, phase, decided):
        index = sum(round_.due < due for round_ in found)
        if index in (0, len(found)) or not _has_room(found[index - 1], due, found[index], phase):
            continue
        after = max(round_.number for round_ in found[:index] if not round_.nth)
        nth = 1 + sum(round_.after == after for round_ in found)
        number = 1 + max(round_.number for round_ in found)
        found.insert(index, _round(number, phase, due, after, nth))
    return _fitted(found)


def _slots(rounds: Sequence[Round], phase: Paced, decided: float) -> list[float]:
    """When the rounds of an extension would be due; none would have been open when decided."""
    last = max((round_.due for round_ in rounds if round_.phase == phase.name), default=math.nan)
    passed = math.floor((decided - _opens(phase, last)) / phase.every) if last <= decided else 0
    first = max(passed, 0) + 1
    slots = [last + phase.every * n for n in range(first, first + phase.relax_after)]
    return [due for due in slots if _opens(phase, due) > decided]


def _has_room(before: Round, due: float, after: Round, phase: Paced) -> bool:
    """Whether a round may be due between two others and be over before the next one opens."""
    near = phase.every / 2
    return due - before.due >= near and after.due - due >= near and after.opens > due


def _fitted(rounds: Sequence[Round]) -> tuple[Round, ...]:
    """The rounds in their order, each closing when the next one opens."""
    fitted = [
        replace(round_, late=min(round_.late, after.opens), closes=after.opens)
        for round_, after in pairwise(rounds)
    ]
    return (*fitted, *rounds[-1:])


def _dues(phase: Paced) -> list[float]:
    count = int((phase.end - phase.start) / phase.every + 1e-9)
    return [phase.start + phase.every * (number + 1) for number in range(count)]


def _opens(phase: Paced, due: float) -> float:
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


def name_of(number: int, rounds: Iterable[RoundState]) -> str:
    """What people call the round of this number; the number itself where there is no such round."""
    names = (state.round.name for state in rounds if state.round.number == number)
    return next(names, str(number))
