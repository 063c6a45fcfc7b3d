"""What people did: who had the watch, what they promised and noted, and any rollback."""

from collections.abc import Iterator, Sequence

from firstwatch.acts import (
    Carried,
    Escalated,
    HandedOver,
    Kept,
    Note,
    Promise,
    Record,
    TakenOver,
)
from firstwatch.affairs import RollbackRun, StepDone
from firstwatch.report.facts import MOST, Section, Table, told_rest
from firstwatch.report.words import Words, joined
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_duration

PROMISES = ("when", "who", "what", "due", "what became of it")
STEPS = ("run", "when", "step", "who", "what was done", "what the watch saw", "note")
CALLS = 20
"""The most calls for somebody that are told."""


def who_had_it(snapshot: Snapshot, words: Words) -> Section:
    """Who had the watch, from whom, and what they answered when they took it."""
    lines = [line for record in snapshot.affairs.records for line in _handed(record, words) if line]
    if snapshot.affairs.pending:
        lines.append(f"offered to {words.who(snapshot.affairs.pending)} and not taken over")
    kept = lines[-MOST:]
    if rest := told_rest(lines, "earlier"):
        kept.insert(0, rest)
    return Section("Who had the watch", (f"last: {words.who(snapshot.affairs.holder)}", *kept))


def _handed(record: Record, words: Words) -> Iterator[str]:
    at, who = words.since(record.at), words.who(record.who)
    match record.act:
        case HandedOver(to="", note=note):
            yield joined(f"{at} {who} took the offer back", words.wrote(note))
        case HandedOver(to=to, note=note):
            yield joined(f"{at} {who} offered it to {words.who(to)}", words.wrote(note))
        case TakenOver(by=by, answers=answers):
            yield f"{at} {words.who(by)} took it over"
            for one in answers:
                answer = words.wrote(one.answer) or "no answer"
                yield f"{at} {words.who(by)} was asked: {words.said(one.question)} – {answer}"
        case Carried(source=source, signed=signed):
            told = f"{len(signed)} rounds signed before" if signed else "no rounds signed before"
            yield f"{at} {who} went on from the handoff {words.said(source)}: {told}"
        case _:
            pass


def promises(snapshot: Snapshot, words: Words) -> Section:
    """What was promised, and whether it was kept."""
    made = [(r, r.act) for r in snapshot.affairs.records if isinstance(r.act, Promise)]
    over = {r.act.promise: (r, r.act) for r in snapshot.affairs.records if isinstance(r.act, Kept)}
    rows = tuple(
        (
            words.since(record.at),
            words.who(record.who),
            f"{words.wrote(act.text)}{words.about(act.about)}",
            words.at(act.due),
            _became(act, over.get(record.id), snapshot.at, words),
        )
        for record, act in made[-MOST:]
    )
    return Section("Promises", table=Table(PROMISES, rows, told_rest(made, "earlier")))


def _became(act: Promise, over: tuple[Record, Kept] | None, now: float, words: Words) -> str:
    if over is None:
        left = act.due - now
        return "open" if left > 0 else f"broken: overdue for {format_duration(-left)}"
    record, kept = over
    late = record.at - act.due
    how = f"{format_duration(late)} late" if late >= 60 else "in time"
    what = f"kept {how}" if kept.is_done else "let go"
    return joined(f"{what}, {words.at(record.at)} {words.who(record.who)}", words.wrote(kept.note))


def notes(snapshot: Snapshot, words: Words) -> Section:
    """What was noted."""
    written = [(r, r.act) for r in snapshot.affairs.notes if isinstance(r.act, Note)]
    lines = [
        f"{words.since(record.at)} {words.who(record.who)}{words.about(act.about)}: "
        f"{words.wrote(act.text)}"
        for record, act in written[-MOST:]
    ]
    if rest := told_rest(written, "earlier"):
        lines.insert(0, rest)
    return Section("Notes", tuple(lines))


def rollbacks(snapshot: Snapshot, words: Words) -> Section:
    """Every run of the rollback plan with its steps and their times."""
    runs = snapshot.affairs.rollbacks
    steps = [(number, run, step) for number, run in enumerate(runs, 1) for step in run.steps]
    rows = tuple(_step(*one, words) for one in steps[-MOST:])
    lines = tuple(_run(number, run, snapshot.at, words) for number, run in enumerate(runs, 1))
    told = told_rest(steps, "earlier")
    return Section("Rollback", lines[-MOST:], Table(STEPS, rows, told))


def _run(number: int, run: RollbackRun, now: float, words: Words) -> str:
    what = "practised" if run.is_drill else "for real"
    if run.closed_at is None:
        end = f"under way for {format_duration(now - run.at)}"
    else:
        how = "called off" if run.is_called_off else "closed"
        took = format_duration(run.closed_at - run.at)
        end = f"{how} {words.at(run.closed_at)} by {words.who(run.closed_by)} after {took}"
    return joined(
        f"run {number}, {what}: begun {words.since(run.at)} by {words.who(run.who)}",
        words.wrote(run.reason),
        end,
        words.wrote(run.note),
        f"a restore would have lost {words.said(', '.join(run.price))}" if run.price else "",
    )


def _step(number: int, run: RollbackRun, step: StepDone, words: Words) -> tuple[str, ...]:
    act = step.act
    return (
        str(number),
        f"{words.at(step.at)}, {format_duration(step.at - run.at)} in",
        f"{act.step} {words.own(act.title)}",
        words.who(step.who),
        "done" if act.is_done else "passed over",
        words.said(act.verified) or "nothing",
        words.wrote(act.note) or "–",
    )


def calls(snapshot: Snapshot, words: Words) -> Section:
    """How often the watch had to call for somebody."""
    made = [(r, r.act) for r in snapshot.affairs.records if isinstance(r.act, Escalated)]
    lines = [
        f"{words.since(record.at)} call {act.step} for {words.round(act.number)}: "
        f"{words.said(act.outcome)}"
        for record, act in made[-CALLS:]
    ]
    if rest := told_rest(made, "earlier", CALLS):
        lines.insert(0, rest)
    return Section("Calls for somebody", tuple(lines))


def overdue(snapshot: Snapshot, words: Words) -> Sequence[str]:
    """Promises whose time has passed."""
    return [
        f"{words.wrote(promise.text)} ({words.at(promise.due)})"
        for promise in snapshot.affairs.promises
        if promise.due <= snapshot.at
    ]
