"""The rounds as they were walked: by whom, when, what was not clean, and what was missed."""

from collections.abc import Sequence

from firstwatch.acts import Cadence, Record
from firstwatch.handoff import rounds as told
from firstwatch.handoff.brief import RoundLine
from firstwatch.report.facts import MOST, RoundMark, Section, Table, told_rest
from firstwatch.report.words import Words, flat, joined
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_duration

COLUMNS = ("round", "due", "signed by", "timing", "took", "items", "notes")

_TO_COME = (RoundStatus.UPCOMING, RoundStatus.OPEN)


def rounds(lines: Sequence[RoundLine], snapshot: Snapshot, words: Words) -> Section:
    """All rounds, one a row."""
    said = [told.counted(told.rounds(lines))]
    phases = (
        f"{words.own(phase.name)} from T+{format_duration(phase.start)}, "
        f"every {format_duration(phase.every)}"
        for phase in snapshot.plan.phases
    )
    said.append(joined(*phases))
    added = [state.round.name for state in snapshot.rounds if state.round.nth]
    if added:
        said.append(f"put in because a cadence went on: {', '.join(added)}")
    said += [_cadence(record, words) for record in snapshot.affairs.records if _is_answer(record)]
    rows = tuple(_row(line, words) for line in lines[:MOST])
    return Section("Rounds", tuple(said), Table(COLUMNS, rows, told_rest(lines, "later")))


def marks(lines: Sequence[RoundLine], words: Words) -> tuple[RoundMark, ...]:
    """The rounds as they are drawn."""
    return tuple(
        RoundMark(
            name=line.name,
            due=line.due,
            status=line.status,
            is_clean=line.clean is True,
            is_late=line.is_signed_late,
            told=f"round {line.name}, due {words.at(line.due)}: {told.walked(line, words.at)}",
            at=line.at,
        )
        for line in lines[:MOST]
    )


def clean_at_the_end(lines: Sequence[RoundLine]) -> tuple[int, str]:
    """How many of the last rounds were signed clean, and what the one before them was."""
    count = 0
    for line in reversed(lines):
        if line.status in _TO_COME:
            continue
        if line.clean is not True:
            return count, f"round {line.name} {_not_clean(line)}"
        count += 1
    return count, ""


def _not_clean(line: RoundLine) -> str:
    if line.status is RoundStatus.MISSED:
        return "missed"
    if line.status is not RoundStatus.SIGNED:
        return f"{line.status}, not signed"
    if line.clean is None:
        return f"signed, {told.cleanness(line)}"
    rest = line.items.left_out
    items = [f"{item.title} {item.mark}" for item in line.items.entries]
    return f"signed with {flat((*items, f'{rest} more' if rest else ''))}"


def _row(line: RoundLine, words: Words) -> tuple[str, ...]:
    is_signed = line.at is not None
    return (
        line.name,
        words.since(line.due),
        told.signed_by(line) if is_signed else "–",
        told.standing(line),
        told.took(line) or "–",
        _items(line) if is_signed else "–",
        joined(*told.noted(line, words.at)) or "–",
    )


def _items(line: RoundLine) -> str:
    """What was not clean, after how much that was."""
    rest = line.items.left_out
    items = [f"{item.title} {told.marked(item)}" for item in line.items.entries]
    more = f"… and {rest} more left out, {line.items.which}" if rest else ""
    return joined(told.cleanness(line), *items, more)


def _is_answer(record: Record) -> bool:
    return isinstance(record.act, Cadence)


def _cadence(record: Record, words: Words) -> str:
    act = record.act
    if not isinstance(act, Cadence):
        return ""
    what = "goes on at" if act.is_extended else "leaves"
    said = f"{words.since(record.at)} {words.who(record.who)}: the watch {what} the cadence of"
    return joined(f"{said} {words.own(act.phase)}", words.wrote(act.reason))
