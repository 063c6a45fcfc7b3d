"""The rounds as they were walked: by whom, when, what was not clean, and what was missed."""

from firstwatch.acts import ROUND, Cadence, Item, Note, Record, SignOff
from firstwatch.affairs import Affairs, clean_rounds
from firstwatch.card import timing
from firstwatch.report.facts import MOST, RoundMark, Section, Table, told_rest
from firstwatch.report.words import Words, flat, joined
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_duration, format_value

COLUMNS = ("round", "due", "signed by", "timing", "took", "not clean", "notes")
UNCLEAN = 12
"""The most items of a round that are told."""
NOTES = 5
"""The most notes about a round."""

_TO_COME = (RoundStatus.UPCOMING, RoundStatus.OPEN)


def rounds(snapshot: Snapshot, words: Words) -> Section:
    """All rounds, one a row."""
    affairs, states = snapshot.affairs, snapshot.rounds
    counts = {
        status: sum(state.status is status for state in states)
        for status in (RoundStatus.SIGNED, RoundStatus.MISSED, RoundStatus.LATE, RoundStatus.DUE)
    }
    late = sum(state.is_signed_late for state in states)
    clean_ones = clean_rounds(affairs.records)
    clean = sum(state.round.number in clean_ones for state in states)
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    lines = [f"{len(states)} rounds: {told}; of those signed {clean} clean, {late} late"]
    phases = (
        f"{words.own(phase.name)} from T+{format_duration(phase.start)}, "
        f"every {format_duration(phase.every)}"
        for phase in snapshot.plan.phases
    )
    lines.append(joined(*phases))
    added = [state.round.name for state in states if state.round.nth]
    if added:
        lines.append(f"put in because a cadence went on: {', '.join(added)}")
    lines += [_cadence(record, words) for record in affairs.records if _is_answer(record)]
    rows = tuple(_row(state, affairs, words) for state in states[:MOST])
    return Section("Rounds", tuple(lines), Table(COLUMNS, rows, told_rest(states, "later")))


def marks(snapshot: Snapshot, words: Words) -> tuple[RoundMark, ...]:
    """The rounds as they are drawn."""
    clean_ones = clean_rounds(snapshot.affairs.records)
    return tuple(
        RoundMark(
            name=state.round.name,
            due=state.round.due,
            status=state.status,
            is_clean=state.round.number in clean_ones,
            is_late=state.is_signed_late,
            told=flat(
                (
                    f"round {state.round.name}",
                    f"due {words.at(state.round.due)}",
                    _signed(state, words),
                )
            ),
            at=state.signed_at,
        )
        for state in snapshot.rounds[:MOST]
    )


def clean_at_the_end(snapshot: Snapshot, words: Words) -> tuple[int, str]:
    """How many of the last rounds were signed clean, and what the one before them was."""
    clean_ones = clean_rounds(snapshot.affairs.records)
    count = 0
    for state in reversed(snapshot.rounds):
        if state.status in _TO_COME:
            continue
        if state.round.number not in clean_ones:
            return count, f"round {state.round.name} {_standing(state, snapshot.affairs, words)}"
        count += 1
    return count, ""


def _standing(state: RoundState, affairs: Affairs, words: Words) -> str:
    if state.status is not RoundStatus.SIGNED:
        return "missed" if state.status is RoundStatus.MISSED else f"{state.status}, not signed"
    act = _sign_off(state, affairs)
    if act is None:
        return "signed in an earlier watch, without its evidence here"
    unclean = [item for item in act.items if not item.mark.is_clean]
    return f"signed with {flat(_brief(item, words) for item in unclean[:UNCLEAN])}"


def _brief(item: Item, words: Words) -> str:
    return f"{words.mask.own(item.title, 80)} {item.mark}"


def _sign_off(state: RoundState, affairs: Affairs) -> SignOff | None:
    record = affairs.sign_offs.get(state.round.number)
    return record.act if record and isinstance(record.act, SignOff) else None


def _row(state: RoundState, affairs: Affairs, words: Words) -> tuple[str, ...]:
    act, at = _sign_off(state, affairs), state.signed_at
    took = "" if act is None or at is None else format_duration(at - act.opened)
    return (
        state.round.name,
        words.since(state.round.due),
        words.who(state.signed_by) if at is not None else "–",
        timing(state.round, at) if at is not None else state.status.value,
        took or "–",
        _unclean(state, act, affairs, words),
        _notes(state, act, affairs, words) or "–",
    )


def _signed(state: RoundState, words: Words) -> str:
    if state.signed_at is None:
        return state.status.value
    return f"signed {timing(state.round, state.signed_at)} by {words.who(state.signed_by)}"


def _unclean(state: RoundState, act: SignOff | None, affairs: Affairs, words: Words) -> str:
    if act is None:
        was = "clean" if state.round.number in clean_rounds(affairs.records) else "signed"
        is_signed = state.status is RoundStatus.SIGNED
        return f"{was} in an earlier watch, no evidence here" if is_signed else "–"
    unclean = [item for item in act.items if not item.mark.is_clean]
    told = [_item(item, words) for item in unclean[:UNCLEAN]]
    rest = len(unclean) - UNCLEAN
    if rest > 0:
        told.append(f"{rest} more")
    return joined(*told) or f"none of {len(act.items)} items"


def _item(item: Item, words: Words) -> str:
    value = "" if item.value is None else format_value(item.value, item.unit)
    number = "" if item.number is None else f"counted {item.number:g}"
    why = item.reason or value
    said = f"{words.mask.own(item.title, 80)} {item.mark}: {item.level}"
    return flat((said, words.said(why), number, words.wrote(item.note)))


def _notes(state: RoundState, act: SignOff | None, affairs: Affairs, words: Words) -> str:
    about = f"{ROUND}{state.round.number}"
    own = [words.wrote(act.note)] if act and act.note else []
    later = [
        f"{words.who(record.who)} {words.at(record.at)}: {words.wrote(record.act.text)}"
        for record in affairs.notes
        if isinstance(record.act, Note) and record.act.about == about
    ]
    if len(later) > NOTES:
        later = [f"{len(later) - NOTES} earlier ones left out", *later[-NOTES:]]
    return joined(*own, *later)


def _is_answer(record: Record) -> bool:
    return isinstance(record.act, Cadence)


def _cadence(record: Record, words: Words) -> str:
    act = record.act
    if not isinstance(act, Cadence):
        return ""
    what = "goes on at" if act.is_extended else "leaves"
    said = f"{words.since(record.at)} {words.who(record.who)}: the watch {what} the cadence of"
    return joined(f"{said} {words.own(act.phase)}", words.wrote(act.reason))
