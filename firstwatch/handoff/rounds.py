"""The rounds as they were walked, as facts and in words; handoff and report tell them alike."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from firstwatch.acts import Item, Note, Record, SignOff, round_of
from firstwatch.affairs import clean_rounds
from firstwatch.card import OPEN, timing
from firstwatch.handoff.brief import ItemLine, Listing, NoteLine, RoundLine, Rounds
from firstwatch.handoff.listing import first, last, told
from firstwatch.handoff.pens import Pens
from firstwatch.handoff.wording import Clock, clip
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_duration, format_number, format_value
from firstwatch.verdict import Level

QUICK: Final = 3.0
"""Seconds in which nobody can have looked at a round."""
UNCLEAN: Final = 5
"""The most items of a round that are told."""
NOTES: Final = 3
"""The most notes about a round."""
ELSEWHERE: Final = "what was seen is in another journal"


def round_lines(snapshot: Snapshot, pens: Pens) -> tuple[RoundLine, ...]:
    """All rounds of the plan, by when they are due."""
    explained = _explained(snapshot.affairs.notes, pens)
    clean = clean_rounds(snapshot.affairs.records)
    return tuple(
        _line(
            state,
            snapshot.affairs.sign_offs.get(state.round.number),
            explained.get(state.round.number, Listing()),
            pens,
            is_clean=state.round.number in clean,
        )
        for state in snapshot.rounds
    )


def rounds(lines: Sequence[RoundLine]) -> Rounds:
    """Where these rounds stand."""

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
    explained: Listing[NoteLine],
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
        asked=len(signed.items) if signed else 0,
        clean=is_clean if signed or is_clean else None,
        is_quick=took is not None and took < QUICK,
        items=told(first(unclean, "less bad", UNCLEAN), lambda item: _item(item, pens)),
        note=pens.noted(signed.note) if signed else "",
        explained=explained,
    )


def _item(item: Item, pens: Pens) -> ItemLine:
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


def _explained(records: Iterable[Record], pens: Pens) -> Mapping[int, Listing[NoteLine]]:
    """The last notes about each round, by its number."""
    found: dict[int, list[tuple[Record, Note]]] = {}
    for record in records:
        number = round_of(record.act.about) if isinstance(record.act, Note) else None
        if number is not None and isinstance(record.act, Note):
            found.setdefault(number, []).append((record, record.act))
    return {
        number: told(last(about, "earlier", NOTES), lambda one: _note(*one, pens))
        for number, about in found.items()
    }


def _note(record: Record, act: Note, pens: Pens) -> NoteLine:
    return NoteLine(record.at, pens.who(record.who), pens.noted(act.text))


def counted(told_: Rounds) -> str:
    """How many were signed, and how; how many were not."""
    signed = told_.signed
    unknown = sum(line.clean is None for line in signed)
    how = [
        f"{sum(line.clean is True for line in signed)} clean",
        *([f"{unknown} seen in another journal"] if unknown else []),
        f"{sum(line.is_signed_late for line in signed)} late",
        f"{sum(line.is_quick for line in signed)} quick",
    ]
    said = f"{len(signed)} signed" + (f" ({', '.join(how)})" if signed else "")
    rest = f"{len(told_.missed)} missed, {len(told_.unsigned)} to be signed"
    return f"{told_.total} rounds: {said}, {rest}"


def standing(line: RoundLine) -> str:
    """When it was signed against when it was due; of one that was not, what it came to."""
    if line.status is RoundStatus.MISSED:
        return "missed" if line.is_explained else "missed, and no note explains it"
    return line.timing or line.status.value


def signed_by(line: RoundLine) -> str:
    """Who signed it."""
    return line.who or "nobody named"


def took(line: RoundLine) -> str:
    """How long it took; empty where nobody knows."""
    if line.took is None:
        return ""
    return f"{format_duration(line.took)}{' (quick)' if line.is_quick else ''}"


def cleanness(line: RoundLine) -> str:
    """How much of a signed round was not clean."""
    if line.clean is None:
        return ELSEWHERE
    if line.took is None:
        return f"clean, and {ELSEWHERE}"
    if line.clean:
        return f"clean, {line.asked} item{'' if line.asked == 1 else 's'}"
    return f"{len(line.items.entries) + line.items.left_out} of {line.asked} not clean"


def walked(line: RoundLine, at: Clock) -> str:
    """What became of a round, in one line."""
    if line.at is None:
        return standing(line)
    told_ = [f"signed {at(line.at)} by {signed_by(line)}", standing(line)]
    if line.took is not None:
        told_.append(f"took {took(line)}")
    return ", ".join((*told_, cleanness(line)))


def marked(line: ItemLine) -> str:
    """What was said of an item, and what was to be seen of it then."""
    age = "" if line.age is None else f" ({format_duration(line.age)} old)"
    value = f" {line.value}{age}" if line.value else ""
    text = str(line.mark)
    if line.verdict is not Level.PENDING:
        text += f":{value} {line.verdict}, {clip(line.reason)}"
    if line.number is not None:
        text += f", counted {format_number(line.number)}"
    return text + (f" — “{line.note}”" if line.note else "")


def noted(line: RoundLine, at: Clock) -> list[str]:
    """The note it was signed with, and the notes about it."""
    own = [f"note: {line.note}"] if line.note else []
    later = [f"{at(note.at)} {note.who}: {note.text}" for note in line.explained.entries]
    if line.explained.left_out:
        later.insert(0, f"… and {line.explained.left_out} notes before these, left out")
    return [*own, *later]
