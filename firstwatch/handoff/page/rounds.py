"""The rounds on the page."""

from firstwatch.handoff.brief import Handoff, ItemLine, NoteLine, RoundLine
from firstwatch.handoff.page.escape import clipped, escape
from firstwatch.handoff.page.section import Block, Section
from firstwatch.handoff.wording import Clock
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_duration, format_number
from firstwatch.verdict import Level

ITEMS = 4
"""The most items of a round on the page."""


def rounds(handoff: Handoff, at: Clock) -> Section:
    """What is to be signed, what comes next, then every round of the time told of."""
    told = handoff.rounds
    start = handoff.launch if handoff.since is None else handoff.since
    over = [line for line in told.signed if line.at is None or line.at >= start]
    over += [line for line in told.missed if line.closes >= start]
    over.sort(key=lambda line: line.due)
    earlier = len(told.signed) + len(told.missed) - len(over)
    return Section(
        "Rounds",
        tuple(_round(line, at) for line in over),
        head=(
            _counts(handoff),
            *(f"- **Round {r.name}** {_unsigned(r, at)}" for r in told.unsigned),
            f"- Next to come: {_next(told.next, handoff.at, at)}",
        ),
        left_out=earlier,
        which="earlier",
        keeps_last=True,
        weight=4,
    )


def _counts(handoff: Handoff) -> str:
    told = handoff.rounds
    quick = sum(line.is_quick for line in told.signed)
    text = f"- Signed {len(told.signed)} of {told.total}, missed {len(told.missed)}"
    if told.unsigned:
        text += f", to be signed {len(told.unsigned)}"
    return f"{text}; quick: {quick}" if quick else text


def _unsigned(line: RoundLine, at: Clock) -> str:
    turns = {
        RoundStatus.OPEN: f"open, not signed, due {at(line.due)}",
        RoundStatus.DUE: f"due since {at(line.due)}, not signed, late from {at(line.late)}",
        RoundStatus.LATE: f"late, not signed, due {at(line.due)}, missed from {at(line.closes)}",
    }
    return turns.get(line.status, str(line.status))


def _next(line: RoundLine | None, now: float, at: Clock) -> str:
    if line is None:
        return "none, no round is left"
    in_ = format_duration(line.due - now)
    return f"round {line.name} at {at(line.due)}, in {in_} ({escape(line.phase)})"


def _round(line: RoundLine, at: Clock) -> Block:
    head = f"- Round {line.name}, due {at(line.due)}: "
    if line.status is RoundStatus.MISSED:
        why = "" if line.explained else ", and no note explains it"
        return f"{head}**missed**{why}", *_notes(line, at)
    when = "" if line.at is None else f"{at(line.at)} "
    words = [f"{head}signed {when}by {escape(line.who) or 'nobody named'}, {line.timing}"]
    if line.took is not None:
        words.append(f"took {format_duration(line.took)}{' (**quick**)' if line.is_quick else ''}")
    count = len(line.items.entries) + line.items.left_out
    words.append(_cleanness(line, count))
    return ", ".join(words), *_items(line, count), *_notes(line, at)


def _cleanness(line: RoundLine, count: int) -> str:
    if line.clean is None:
        return "what was seen is in another journal"
    if line.took is None:
        return "clean, and what was seen is in another journal"
    return "clean" if line.clean else f"{count} not clean"


def _items(line: RoundLine, count: int) -> Block:
    shown = line.items.entries if count <= ITEMS else line.items.entries[: ITEMS - 1]
    more = (f"  - … and {count - len(shown)} more",) if count > len(shown) else ()
    return *(f"  - {item(i)}" for i in shown), *more


def item(line: ItemLine) -> str:
    """An item of a signed round as it was then."""
    age = "" if line.age is None else f" ({format_duration(line.age)} old)"
    value = f" {escape(line.value)}{age}" if line.value else ""
    number = "" if line.number is None else f", counted {format_number(line.number)}"
    text = f"**{escape(line.title)}** {line.mark}"
    if line.verdict is not Level.PENDING:
        text += f":{value} {line.verdict}, {clipped(line.reason)}"
    return f"{text}{number}" + (f" — “{clipped(line.note)}”" if line.note else "")


def _notes(line: RoundLine, at: Clock) -> Block:
    own = (f"  - note: {clipped(line.note)}",) if line.note else ()
    return *own, *(f"  - {_note(note, at)}" for note in line.explained)


def _note(note: NoteLine, at: Clock) -> str:
    return f"{at(note.at)} {escape(note.who)}: {clipped(note.text)}"
