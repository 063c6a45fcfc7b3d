"""The rounds on the page."""

from firstwatch.handoff import rounds as told
from firstwatch.handoff.brief import Handoff, ItemLine, RoundLine
from firstwatch.handoff.page.escape import escape
from firstwatch.handoff.page.section import Block, Section
from firstwatch.handoff.wording import Clock
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_duration


def rounds(handoff: Handoff, at: Clock) -> Section:
    """What is to be signed, what comes next, then every round of the time told of."""
    known = handoff.rounds
    start = handoff.launch if handoff.since is None else handoff.since
    over = [line for line in known.signed if line.at is None or line.at >= start]
    over += [line for line in known.missed if line.closes >= start]
    over.sort(key=lambda line: line.due)
    earlier = len(known.signed) + len(known.missed) - len(over)
    return Section(
        "Rounds",
        tuple(_round(line, at) for line in over),
        head=(
            f"- {told.counted(known)}",
            *(f"- **Round {r.name}** {_unsigned(r, at)}" for r in known.unsigned),
            f"- Next to come: {_next(known.next, handoff.at, at)}",
        ),
        left_out=earlier,
        which="earlier",
        keeps_last=True,
        weight=4,
    )


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
    words = escape(told.walked(line, at))
    if line.status is RoundStatus.MISSED:
        words = f"**{words}**"
    notes = (f"  - {escape(note)}" for note in told.noted(line, at))
    return f"- Round {line.name}, due {at(line.due)}: {words}", *_items(line), *notes


def _items(line: RoundLine) -> Block:
    items = tuple(f"  - {_item(item)}" for item in line.items.entries)
    rest = line.items.left_out
    return *items, *((f"  - … and {rest} more left out, {line.items.which}",) if rest else ())


def _item(line: ItemLine) -> str:
    return f"**{escape(line.title)}** {escape(told.marked(line))}"
