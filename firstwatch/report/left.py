"""What is left to do: what no end of the watch settles."""

from collections.abc import Iterator, Sequence
from typing import Final

from firstwatch.handoff.brief import (
    DueLine,
    Handoff,
    PromiseLine,
    QuestionLine,
    RollbackLine,
    Rounds,
    Trouble,
)
from firstwatch.handoff.due import standing
from firstwatch.report.facts import Section, told_rest
from firstwatch.report.words import Words, joined

LEFT: Final = 20
"""The most promises, and the most episodes."""


def what_is_left(handoff: Handoff, words: Words) -> Section:
    """Rounds to come, open promises, what is in trouble and who has it, questions, the way back."""
    now = handoff.at
    lines = (
        *_rounds(handoff.rounds, now, words),
        *_promises(handoff.promises, now, words),
        *_episodes(handoff, now, words),
        *(_question(line, now, words) for line in handoff.questions),
        *_rollback(handoff.rollback, now, words),
    )
    return Section("What is left", lines)


def _by(at: float, now: float, words: Words) -> str:
    """A moment, and how long until then or since."""
    return f"{words.at(at)}, {standing(DueLine(at, ''), now)}"


def _rounds(rounds: Rounds, now: float, words: Words) -> Iterator[str]:
    for line in rounds.unsigned:
        yield f"round {line.name} to be signed: {line.status}, due {_by(line.due, now, words)}"
    if rounds.next:
        yield f"next round: {rounds.next.name}, due {_by(rounds.next.due, now, words)}"
    elif not rounds.unsigned:
        yield "no round is left in the plan"


def _promises(lines: Sequence[PromiseLine], now: float, words: Words) -> Iterator[str]:
    for line in lines[:LEFT]:
        who = line.who or "nobody named"
        about = words.about(line.about)
        yield f"promise of {who}{about}, due {_by(line.due, now, words)}: {line.text}"
    if rest := told_rest(lines, "promises due later", LEFT):
        yield rest


def _episodes(handoff: Handoff, now: float, words: Words) -> Iterator[str]:
    entries = handoff.open.entries
    for trouble in entries[:LEFT]:
        title = words.title(trouble.subject)
        yield f"{title} {trouble.level}: {_owner(trouble, now, words)}"
    rest = len(entries) - LEFT + handoff.open.left_out
    if rest > 0:
        yield f"… and {rest} more left out, episodes less bad"


def _owner(trouble: Trouble, now: float, words: Words) -> str:
    if not trouble.owner:
        return "nobody has it"
    if trouble.owned_until is None:
        return f"{trouble.owner} has it, named at the take-over and not acknowledged"
    until = _by(trouble.owned_until, now, words)
    if trouble.is_asked_again:
        return f"{trouble.owner} had it; asked again {until}, without an answer"
    return f"{trouble.owner} has it, to be asked again {until}"


def _question(line: QuestionLine, now: float, words: Words) -> str:
    asked = standing(DueLine(line.since, "", is_question=True), now)
    return joined(f"{line.text} {words.at(line.since)}, {asked}", line.detail)


def _rollback(line: RollbackLine, now: float, words: Words) -> Iterator[str]:
    run = next((run for run in line.runs if run.closed_at is None), None)
    if run is not None:
        what = "a drill of the rollback" if run.is_drill else "the rollback"
        yield f"{what} is under way since {words.at(run.at)}"
    if not line.steps:
        return
    if line.is_open:
        yield f"the window of the rollback closes {_by(line.until, now, words)}"
    else:
        yield f"the window of the rollback closed {words.at(line.until)}: only a drill may begin"
