"""The human half: manual items, notes, promises, and what waits for an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from firstwatch.acts import ROUND, HandedOver, Item, Kept, Note, Promise, Record, SignOff, round_of
from firstwatch.handoff.brief import (
    BOUND,
    KeptLine,
    Listing,
    ManualLine,
    NoteLine,
    PromiseLine,
    QuestionLine,
    Trouble,
)
from firstwatch.handoff.episodes import title_of
from firstwatch.handoff.listing import last, told
from firstwatch.handoff.pens import Pens
from firstwatch.rounds import RoundStatus, name_of
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_duration

PROMISES = 50
"""The most open promises: whoever takes over must see them all."""
NOTES = 15
"""The most notes."""


def manual(snapshot: Snapshot, pens: Pens) -> tuple[ManualLine, ...]:
    """Every item that only a person can say, as it was last signed."""
    asked = {
        check
        for state in snapshot.rounds
        if state.status is not RoundStatus.UPCOMING
        for check in state.round.checks
    }
    said = _last_said(snapshot.affairs.sign_offs.values())
    found = []
    for state in snapshot.checks:
        check = state.check
        if not check.is_manual:
            continue
        line = ManualLine(check.id, check.title, pens.own(check.hint), check.id in asked)
        found.append(_said(line, *said[check.id], pens) if check.id in said else line)
    return tuple(found)


def _said(line: ManualLine, record: Record, round_: str, item: Item, pens: Pens) -> ManualLine:
    return replace(
        line,
        mark=item.mark,
        at=record.at,
        who=pens.who(record.who),
        round=round_,
        number=item.number,
        note=pens.noted(item.note),
    )


def _last_said(signed: Iterable[Record]) -> dict[str, tuple[Record, str, Item]]:
    """For each check its item in the round signed last, with that round's name."""
    found: dict[str, tuple[Record, str, Item]] = {}
    for record in sorted(signed, key=lambda record: (record.at, record.id)):
        if isinstance(record.act, SignOff):
            found |= {item.check: (record, record.act.name, item) for item in record.act.items}
    return found


def notes(snapshot: Snapshot, pens: Pens, since: float) -> Listing[NoteLine]:
    """The last notes since then."""
    found = [
        (record, record.act)
        for record in snapshot.affairs.notes
        if isinstance(record.act, Note) and record.at >= since
    ]
    return told(last(found, "earlier", NOTES), lambda one: _note(snapshot, pens, *one))


def _note(snapshot: Snapshot, pens: Pens, record: Record, act: Note) -> NoteLine:
    subject = pens.own(about(snapshot, act.about), 80)
    return NoteLine(record.at, pens.who(record.who), pens.noted(act.text), subject)


def about(snapshot: Snapshot, subject: str) -> str:
    """What a note or a promise is about, in words."""
    number = round_of(subject)
    if number is None:
        return title_of(snapshot, subject) if not subject.startswith(ROUND) else ""
    return f"round {name_of(number, snapshot.rounds)}"


def promises(snapshot: Snapshot, pens: Pens) -> tuple[PromiseLine, ...]:
    """Those that are still owed, by when they are due."""
    return tuple(
        PromiseLine(p.at, pens.who(p.who), pens.noted(p.text), p.due, p.about)
        for p in snapshot.affairs.promises[:PROMISES]
    )


def kept(snapshot: Snapshot, pens: Pens, since: float) -> Listing[KeptLine]:
    """Promises that were kept or let go since then."""
    made = {r.id: r.act for r in snapshot.affairs.records if isinstance(r.act, Promise)}
    found = [
        (record, record.act, made[record.act.promise])
        for record in snapshot.affairs.records
        if isinstance(record.act, Kept) and record.act.promise in made and record.at >= since
    ]
    return told(last(found, "earlier", BOUND // 2), lambda one: _kept(pens, *one))


def _kept(pens: Pens, record: Record, act: Kept, promise: Promise) -> KeptLine:
    text, note = pens.noted(promise.text), pens.noted(act.note)
    return KeptLine(record.at, pens.who(record.who), text, act.is_done, note)


def offered(snapshot: Snapshot) -> Record | None:
    """The offer of the watch that nobody has accepted yet."""
    if not snapshot.affairs.pending:
        return None
    offers = [r for r in snapshot.affairs.records if isinstance(r.act, HandedOver) and r.act.to]
    return offers[-1] if offers else None


def questions(
    snapshot: Snapshot, troubles: Sequence[Trouble], pens: Pens
) -> tuple[QuestionLine, ...]:
    """What waits for an answer: the cadence, a hand-over, acknowledgements that ran out."""
    asked = (
        QuestionLine(
            trouble.owned_until or snapshot.at,
            f"{trouble.title}: does {trouble.owner} still have it?",
            trouble.owned_why,
        )
        for trouble in troubles
        if trouble.is_asked_again
    )
    found = (*_cadence(snapshot, pens), *_hand_over(snapshot, pens), *asked)
    return tuple(sorted(found, key=lambda line: line.since))


def _cadence(snapshot: Snapshot, pens: Pens) -> Iterable[QuestionLine]:
    question = snapshot.affairs.question
    if question is None:
        return
    every, next_every = format_duration(question.every), format_duration(question.next_every)
    text = f"Go on every {every} beyond {question.phase}, or every {next_every}?"
    detail = f"it ended with {question.clean} clean rounds in a row, {question.wanted} were wanted"
    yield QuestionLine(question.since, pens.own(text), detail)


def _hand_over(snapshot: Snapshot, pens: Pens) -> Iterable[QuestionLine]:
    if not snapshot.affairs.pending:
        return
    record = offered(snapshot)
    holder, pending = pens.who(snapshot.affairs.holder), pens.who(snapshot.affairs.pending)
    note = record.act.note if record and isinstance(record.act, HandedOver) else ""
    text = f"{holder or 'nobody'} → {pending}: does {pending} accept the watch?"
    yield QuestionLine(record.at if record else snapshot.at, text, pens.noted(note))
