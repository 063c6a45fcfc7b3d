"""The round card, as lines: what needs a word first, and what the keys do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from firstwatch.acts import Mark
from firstwatch.card import OPEN, Card, lacking
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.text import clean
from firstwatch.units import format_duration, format_number
from firstwatch.verdict import Level
from tui.draft import Draft, Entry
from tui.renderables.ages import age_text, clock_time
from tui.renderables.lines import (
    EMPTY,
    Line,
    Role,
    justify,
    pad,
    role_of,
    shorten,
    width_of,
    wrapped,
)
from tui.renderables.rows import reason_text, value_text
from tui.renderables.slips import asking_lines, key_lines, told, window
from tui.scene import Scene

MARK = max(len(mark) for mark in (Mark.SEEN, Mark.FINE, Mark.NOT_FINE, Mark.BLIND))
"""Cells of a mark between its brackets."""
LEAD = MARK + 6
"""Cells before the title: pointer, mark in brackets, glyph, and a space after each."""
VALUE = 12
AGE = 6
_ROLES = {
    Mark.SEEN: Role.STRONG,
    Mark.FINE: Role.OK,
    Mark.NOT_FINE: Role.WARNING,
    Mark.BLIND: Role.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class View:
    """All that the card shows."""

    scene: Scene
    state: RoundState
    card: Card
    draft: Draft
    entries: tuple[Entry, ...]
    """What needs a word, or did, in the order in which it stays."""
    verified: tuple[Entry, ...] = ()
    """Those listed, once they are asked for."""
    cursor: str = ""
    """The key of the entry it is on."""
    message: str = ""
    """Why the last key press did not do what it should."""
    asking: str = ""
    """What the line beneath is asked for."""

    @property
    def lacking(self) -> int:
        """How many items keep the round from being signed."""
        return len(lacking(self.card, self.draft.said(self.card)))


def card_lines(view: View, width: int, height: int) -> list[Line]:
    """The card in `width` cells and at most `height` lines."""
    head, foot = _head(view, width), _foot(view, width)
    if view.scene.silent or view.state.status not in OPEN:
        return [pad(line, width) for line in (*head, *foot)][:height]
    listed = (*view.entries, *view.verified)
    blocks = [_block(view, entry, width) for entry in listed]
    at = next((i for i, entry in enumerate(listed) if entry.key == view.cursor), 0)
    room = max(height - len(head) - len(foot), 1)
    lines = (*head, *window(blocks, at, room), *foot)
    return [pad(line, width) for line in lines][:height]


def _head(view: View, width: int) -> list[Line]:
    scene, state = view.scene, view.state
    who = clean(scene.snapshot.affairs.who, 60)
    verb = "sign" if scene.snapshot.affairs.pending else "signs"
    signs: Line = ((f" {who} {verb}", Role.DIM),)
    if not who:
        signs = ((" nobody is named: set operator", Role.WARNING),)
    planned = sum(not other.round.nth for other in scene.snapshot.rounds)
    standing = standing_words(state, planned, scene.now)
    role = Role.WARNING if state.status is RoundStatus.LATE else Role.STRONG
    first = justify(((shorten(standing, width), role),), signs, width)
    if width_of(standing) + width_of(signs[0][0]) > width:
        return [((shorten(standing, width), role),), signs, *_status(view, width), EMPTY]
    return [first, *_status(view, width), EMPTY]


def standing_words(state: RoundState, total: int, now: float) -> str:
    """Which round it is and how it stands."""
    round_ = state.round
    name, due = f"round {round_.name} of {total}", f"{clock_time(round_.due)} UTC"
    match state.status:
        case RoundStatus.OPEN:
            return f"{name}, early: due {due}, in {_minutes(round_.due - now)}"
        case RoundStatus.DUE:
            return f"{name} is due since {due}"
        case RoundStatus.LATE:
            left = _minutes(round_.closes - now)
            return f"{name} is {_minutes(now - round_.due)} late, missed in {left}"
        case RoundStatus.MISSED:
            return f"{name} was missed at {clock_time(round_.closes)} UTC"
        case RoundStatus.SIGNED:
            at = clock_time(state.signed_at or round_.due)
            return f"{name} was signed at {at} by {clean(state.signed_by, 40) or 'nobody named'}"
        case _:
            return f"{name} opens at {clock_time(round_.opens)} UTC"


def _minutes(seconds: float) -> str:
    """A stretch that does not change every second."""
    return format_duration(seconds // 60 * 60) if seconds >= 60 else "less than 1m"


def _status(view: View, width: int) -> list[Line]:
    """How far the round is, in one sentence."""
    glyphs = view.scene.glyphs
    if view.scene.silent:
        text = "the engine is silent: nothing is measured, nothing can be signed"
        return told("! ", text, Role.CRITICAL, width)
    if view.state.status is RoundStatus.MISSED:
        return [(("it stays missed; n says why", Role.TEXT),)]
    if view.state.status not in OPEN:
        return []
    owed, short = len(view.card.owed), view.lacking
    if short:
        some = f"{short} of {owed}" if short < owed else f"{short}"
        need = "item needs" if short == 1 else "items need"
        return [((f"! {some} {need} a word", Role.WARNING),)]
    done = glyphs.rounds[RoundStatus.SIGNED]
    if not view.card.items:
        return [(("this round asks for nothing: enter signs", Role.TEXT),)]
    text = "every item has its word" if owed else "nothing needs a word"
    return [((f"{done} {text}: enter signs", Role.OK),)]


def _block(view: View, entry: Entry, width: int) -> list[Line]:
    """All lines of an entry."""
    return [_row(view, entry, width), *_details(view, entry, width)]


def _row(view: View, entry: Entry, width: int) -> Line:
    glyphs = view.scene.glyphs
    is_here = entry.key == view.cursor
    pointer = glyphs.pointer if is_here else " "
    level = _level(entry)
    role = role_of(level, Role.DIM)
    title = _title(entry)
    flag = " new" if entry.is_new else ""
    longest = max(width_of(_title(e)) for e in (*view.entries, *view.verified)) + len(" new")
    room = min(longest, max(width - LEAD - VALUE - AGE - 1, 8))
    text = shorten(title, room - len(flag))
    rest = " " * (room - width_of(text) - len(flag))
    state = entry.states[0] if len(entry.states) == 1 and not entry.source else None
    value = shorten(value_text(state), VALUE - 1) if state else ""
    age = age_text(state.age(view.scene.now)) if state else ""
    return (
        (pointer, Role.STRONG),
        *_box(view.draft.mark(entry), entry),
        (f" {glyphs.levels[level]} ", role),
        (text, Role.CURSOR if is_here else Role.STRONG if entry.is_owed else Role.TEXT),
        (flag, Role.WARNING),
        (f"{rest} {value:>{VALUE - 1}} {age:>{AGE}}", Role.TEXT),
    )


def _box(mark: Mark | None, entry: Entry) -> Line:
    """What was said, between brackets; blank where it still has to be."""
    if not entry.is_owed:
        return ((" " * (MARK + 2), Role.DIM),)
    if mark is None:
        return ((f"[{' ' * MARK}]", Role.WARNING),)
    return (
        ("[", Role.DIM),
        (f"{mark.value:<{MARK}}", _ROLES.get(mark, Role.TEXT)),
        ("]", Role.DIM),
    )


def _level(entry: Entry) -> Level:
    """The level of an entry; ok where a source is back."""
    worst = max(entry.states, key=lambda s: s.verdict.level.severity, default=None)
    return Level.OK if worst is None else worst.verdict.level


def _title(entry: Entry) -> str:
    if not entry.source:
        return clean(entry.states[0].check.title, 60) if entry.states else entry.key
    source = clean(entry.source, 40)
    return f"{source}: {len(entry.states)} blind" if entry.states else f"{source} is back"


def _details(view: View, entry: Entry, width: int) -> Iterator[Line]:
    """What stands beneath an entry: why, what to look at, who has it, what was noted."""
    for text, role in _texts(view, entry):
        indent = min(LEAD, max(width - 24, 2))
        for line in wrapped(text, max(width - indent - 1, 10)):
            yield ((" " * indent, Role.TEXT), (line, role))


def _texts(view: View, entry: Entry) -> Iterator[tuple[str, Role]]:
    fell = [s for s in entry.states if s.check.id in view.draft.fallen] if entry.is_owed else []
    if fell:
        is_manual = entry.states[0].check.is_manual
        what = "what you went by has become worse" if is_manual else f"has become {_level(entry)}"
        yield f"{what} since you looked", Role.CRITICAL
    if entry.is_owed:
        yield from _reasons(view, entry)
    elif entry in view.entries:
        yield "fine again", Role.DIM
    ack = view.scene.snapshot.affairs.acks.get(entry.key)
    if ack is not None:
        at = clock_time(ack.at)
        yield f"acknowledged {at} by {clean(ack.who, 40)}: {clean(ack.why)}", Role.DIM
    number = view.draft.numbers.get(entry.key)
    if number is not None:
        yield f"number: {format_number(number)}", Role.PENDING
    if note := view.draft.notes.get(entry.key):
        yield f"note: {clean(note)}", Role.PENDING


def _reasons(view: View, entry: Entry) -> Iterator[tuple[str, Role]]:
    state = entry.states[0]
    if state.check.is_manual:
        if state.check.hint_from:
            yield clean(state.verdict.reason), Role.TEXT
        if state.check.hint:
            yield clean(state.check.hint), Role.DIM
        return
    reason = reason_text(state)
    if entry.source:
        yield reason, Role.TEXT
        yield ", ".join(clean(s.check.title, 60) for s in entry.states), Role.DIM
        return
    asked = "" if state.check.id in view.state.round.checks else ", not asked by this round"
    since = f"since {clock_time(state.verdict.since)}"
    yield f"{state.verdict.level} {since}{asked}: {reason}", Role.TEXT


def _foot(view: View, width: int) -> list[Line]:
    glyphs = view.scene.glyphs
    lines: list[Line] = [EMPTY] if view.entries or view.verified else []
    is_open = view.state.status in OPEN and not view.scene.silent
    count = len(view.card.verified)
    if is_open and count and not view.verified:
        lines += [
            ((f"{glyphs.levels[Level.OK]} ", Role.OK), (f"{count} verified", Role.TEXT)),
            EMPTY,
        ]
    if view.draft.note:
        lines += told("note: ", clean(view.draft.note), Role.PENDING, width)
    if view.message:
        lines += told("! ", clean(view.message), Role.WARNING, width)
    if view.asking:
        return [*lines, *asking_lines(view.asking, width)]
    return [*lines, *key_lines(_uses(view), width)]


def _uses(view: View) -> list[tuple[str, str]]:
    """The keys that do something now, and what."""
    if view.scene.silent:
        return [("esc", "back")]
    if view.state.status is RoundStatus.MISSED:
        return [("n", "say why"), ("esc", "back")]
    if view.state.status not in OPEN:
        return [("esc", "back")]
    uses = [("enter", "next without a word" if view.lacking else "sign")]
    listed = (*view.entries, *view.verified)
    here = next((e for e in listed if e.key == view.cursor), None)
    if here is not None:
        if here.is_owed:
            mark = view.draft.next_mark(here)
            uses.append(("space", mark.value if mark else "take back"))
        uses.append(("n", "note"))
        if not here.source:
            uses.append(("#", "number"))
    if view.card.verified:
        uses.append(("v", "fold" if view.verified else "verified"))
    choose = [("↑↓", "choose")] if len(listed) > 1 else []
    return [*uses, ("N", "note on the round"), *choose, ("esc", "back")]
