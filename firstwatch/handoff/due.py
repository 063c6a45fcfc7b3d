"""What somebody has to do next, and when."""

from collections.abc import Iterable, Sequence

from firstwatch.handoff.brief import (
    DueLine,
    PromiseLine,
    QuestionLine,
    RollbackLine,
    Rounds,
    Trouble,
)
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_duration

DUES = 12
"""The most that are told."""


def due(
    rounds: Rounds,
    promises: Sequence[PromiseLine],
    questions: Sequence[QuestionLine],
    troubles: Sequence[Trouble],
    rollback: RollbackLine,
) -> tuple[DueLine, ...]:
    """By when; what is overdue comes first."""
    found = [
        *_rounds(rounds),
        *(DueLine(p.due, f"promise of {p.who or 'nobody named'}: {p.text}") for p in promises),
        *(DueLine(q.since, q.text, is_question=True) for q in questions),
        *_asked_again(troubles),
    ]
    if rollback.is_open and rollback.steps:
        found.append(DueLine(rollback.until, "the rollback window closes"))
    kept = by_need(sorted(found, key=lambda line: line.at))[:DUES]
    return tuple(sorted(kept, key=lambda line: line.at))


def by_need(lines: Sequence[DueLine]) -> list[DueLine]:
    """The next round first, however much else is overdue, then by when."""
    first = [line for line in lines if line.is_round][:1]
    return [*first, *(line for line in lines if line not in first)]


def standing(line: DueLine, now: float) -> str:
    """How long until then, how long it is overdue, or how long nobody has answered."""
    left = line.at - now
    if left > 0:
        return f"in {format_duration(left)}"
    return f"{'unanswered for' if line.is_question else 'overdue'} {format_duration(-left)}"


def _rounds(rounds: Rounds) -> Iterable[DueLine]:
    for line in rounds.unsigned:
        open_ = " (open, may be signed)" if line.status is RoundStatus.OPEN else ""
        late = ", late" if line.status is RoundStatus.LATE else ""
        yield DueLine(line.due, f"sign round {line.name}{open_}{late}", is_round=True)
    if rounds.next:
        yield DueLine(rounds.next.due, f"round {rounds.next.name}", is_round=True)


def _asked_again(troubles: Sequence[Trouble]) -> Iterable[DueLine]:
    for trouble in troubles:
        if trouble.is_owned and trouble.owned_until is not None:
            yield DueLine(trouble.owned_until, f"ask {trouble.owner} again about {trouble.title}")
