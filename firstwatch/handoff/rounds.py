"""The rounds as they were walked: by whom, when, how long it took, and what was not clean."""

from collections.abc import Iterable, Mapping, Sequence

from firstwatch.acts import Item, Note, Record, SignOff, round_of
from firstwatch.affairs import clean_rounds
from firstwatch.card import OPEN, timing
from firstwatch.handoff.brief import ItemLine, NoteLine, RoundLine, Rounds
from firstwatch.handoff.listing import first, told
from firstwatch.handoff.pens import Pens
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_value

QUICK = 3.0
"""Seconds in which nobody can have looked at a round."""
UNCLEAN = 5
"""The most items of a round that are told."""
NOTES = 3
"""The most notes about a round."""


def rounds(snapshot: Snapshot, pens: Pens) -> Rounds:
    """Where all rounds of the plan stand."""
    explained = _explained(snapshot.affairs.notes, pens)
    clean = clean_rounds(snapshot.affairs.records)
    lines = [
        _line(
            state,
            snapshot.affairs.sign_offs.get(state.round.number),
            explained.get(state.round.number, ()),
            pens,
            is_clean=state.round.number in clean,
        )
        for state in snapshot.rounds
    ]

    def having(*statuses: RoundStatus) -> tuple[RoundLine, ...]:
        return tuple(line for line in lines if line.status in statuses)

    return Rounds(
        total=len(lines),
        signed=having(RoundStatus.SIGNED),
        unsigned=having(*OPEN),
        missed=having(RoundStatus.MISSED),
        next=next(iter(having(RoundStatus.UPCOMING)), None),
    )


def _line(
    state: RoundState,
    record: Record | None,
    explained: Sequence[NoteLine],
    pens: Pens,
    *,
    is_clean: bool,
) -> RoundLine:
    round_, at = state.round, state.signed_at
    signed = record.act if record and isinstance(record.act, SignOff) else None
    took = max(at - signed.opened, 0.0) if signed and at is not None else None
    unclean = [item for item in signed.items if not item.mark.is_clean] if signed else []
    return RoundLine(
        number=round_.number,
        name=round_.name,
        status=state.status,
        phase=pens.own(round_.phase, 80),
        due=round_.due,
        late=round_.late,
        closes=round_.closes,
        at=at,
        who=pens.who(state.signed_by),
        timing="" if at is None else timing(round_, at),
        took=took,
        clean=is_clean if signed or is_clean else None,
        is_quick=took is not None and took < QUICK,
        items=told(first(unclean, "less bad", UNCLEAN), lambda item: item_line(item, pens)),
        note=pens.noted(signed.note) if signed else "",
        explained=tuple(explained),
    )


def item_line(item: Item, pens: Pens) -> ItemLine:
    """An item as it was signed."""
    return ItemLine(
        check=item.check,
        title=pens.own(item.title, 80),
        mark=item.mark,
        verdict=item.level,
        value="" if item.value is None else format_value(item.value, item.unit),
        age=item.age,
        reason=pens.found(item.reason),
        number=item.number,
        note=pens.noted(item.note),
    )


def _explained(notes: Sequence[Record], pens: Pens) -> Mapping[int, tuple[NoteLine, ...]]:
    """The last notes about each round, by its number."""
    found: dict[int, list[Record]] = {}
    for record in notes:
        number = round_of(record.act.about) if isinstance(record.act, Note) else None
        if number is not None:
            found.setdefault(number, []).append(record)
    return {number: tuple(_notes(about[-NOTES:], pens)) for number, about in found.items()}


def _notes(records: Iterable[Record], pens: Pens) -> Iterable[NoteLine]:
    for record in records:
        if isinstance(record.act, Note):
            yield NoteLine(record.at, pens.who(record.who), pens.noted(record.act.text))
