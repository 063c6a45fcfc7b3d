"""One event in full: a round with its items, or all that somebody wrote."""

from firstwatch.acts import Acknowledgement, Item, Mark, Note, Promise, Record, SignOff, round_of
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from firstwatch.timeline import Event, by_start
from firstwatch.units import format_clock, format_duration, format_value
from tui.renderables.ages import clock_time, since_launch
from tui.renderables.fields import field
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import EMPTY, Line, Role, role_of, shorten, wrapped
from tui.renderables.timeline import words
from tui.scene import Scene

LONGEST = 4000
"""The most characters of what somebody wrote."""


def record_lines(scene: Scene, event: Event, width: int) -> list[Line]:
    """When, who, what; of a round what was asked and said of each item."""
    at = clock_time(event.at, seconds=True)
    elapsed = since_launch(event.at - scene.snapshot.launch)
    lines: list[Line] = [((shorten(clean(event.title, 80), width), Role.STRONG),)]
    lines += field("when", f"{at} UTC, {elapsed}", width)
    episode = event.begun(by_start(scene.snapshot.episodes))
    lines += field("what", clean(words(scene, event, episode), LONGEST), width)
    if event.round is not None:
        lines += _round(scene.snapshot, event.round, width)
    if event.record is not None:
        lines += _act(event.record, scene, width)
    return lines


def _round(snapshot: Snapshot, number: int, width: int) -> list[Line]:
    """When it was due, and what was noted about it."""
    state = next((s for s in snapshot.rounds if s.round.number == number), None)
    if state is None:
        return []
    due, late = format_clock(state.round.due), format_clock(state.round.late)
    until = format_clock(state.round.closes)
    lines = field("phase", clean(state.round.phase, 80), width)
    lines += field("due", f"{due} UTC, late from {late}, missed from {until}", width)
    for record in snapshot.affairs.notes:
        if isinstance(record.act, Note) and round_of(record.act.about) == number:
            told = f"{format_clock(record.at)} {record.who}: {record.act.text}"
            lines += field("note", clean(told, LONGEST), width)
    return lines


def _act(record: Record, scene: Scene, width: int) -> list[Line]:
    """What the act holds beyond its words."""
    lines = field("recorded", f"number {record.id} of the chain", width)
    match record.act:
        case SignOff() as act:
            return [*_opened(act, record, width), *lines, EMPTY, *_items(act, scene, width)]
        case Promise(due=due):
            return [*field("due", f"{format_clock(due)} UTC", width), *lines]
        case Acknowledgement() as act:
            asks = f"{format_clock(act.recheck)} UTC"
            return [*field("was", str(act.level), width), *field("asks at", asks, width), *lines]
        case _:
            return lines


def _opened(act: SignOff, record: Record, width: int) -> list[Line]:
    took = format_duration(record.at - act.opened)
    return field("opened", f"{format_clock(act.opened)} UTC, signed {took} later", width)


def _items(act: SignOff, scene: Scene, width: int) -> list[Line]:
    """What is not clean first, as it stood when the round was signed."""
    lines: list[Line] = []
    for item in sorted(act.items, key=lambda item: item.mark.is_clean):
        lines += _item(item, scene.glyphs, width)
    return lines


def _item(item: Item, glyphs: Glyphs, width: int) -> list[Line]:
    told = [clean(item.title, 60)]
    if item.value is not None:
        told.append(format_value(item.value, item.unit))
    if item.number is not None:
        told.append(f"read off {item.number:g}")
    if item.sample is not None:
        told.append(f"n={item.sample}")
    if item.age is not None:
        told.append(f"{format_duration(item.age)} old")
    texts = () if item.mark is Mark.VERIFIED else (item.reason, item.note)
    told += [clean(text, LONGEST) for text in texts if text]
    role = Role.DIM if item.mark.is_clean else Role.TEXT
    head = f"{item.mark:<9} "
    rows = wrapped(", ".join(told), max(width - len(head) - 2, 10))
    indent = " " * (len(head) + 2)
    return [
        (
            (glyphs.levels[item.level], role_of(item.level)),
            (f" {head}", Role.DIM),
            (rows[0] if rows else "", role),
        ),
        *[((indent + row, role),) for row in rows[1:]],
    ]
