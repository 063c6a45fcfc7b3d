"""One check in full, as lines."""

from textwrap import wrap

from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from firstwatch.units import format_duration, format_number, format_value
from tui.renderables.ages import age_text, clock_time
from tui.renderables.lines import EMPTY, Line, Role, role_of
from tui.renderables.rows import limits_in_words, reason_text, value_text
from tui.renderables.sparkline import scale_top, sparkline
from tui.scene import Scene

FLIPS = 5
"""How many of the last flips are listed."""
ROWS = 12
"""How many parts of the reading are listed."""
SPARK = 60
LABEL = 10


def detail_lines(check_id: str, scene: Scene, width: int = 80) -> list[Line]:
    """Everything known of this check, wrapped; one line when the snapshot has it no more."""
    state = scene.snapshot.check(check_id)
    if state is None:
        return [((f"{clean(check_id, 60)} is not part of the plan any more", Role.TEXT),)]
    check = state.check
    lines: list[Line] = [((clean(check.title, 80), Role.STRONG),)]
    if check.item:
        lines.append(((clean(check.item), Role.DIM),))
    lines.append(EMPTY)
    lines += _verdict(state, scene, width)
    lines += _facts(state, scene, width)
    lines += _recorded(check_id, scene, width)
    lines += _rows(state)
    lines += _flips(check_id, scene)
    return lines


def _field(label: str, text: str, width: int) -> list[Line]:
    """A labelled text, wrapped under itself; nothing for an empty one."""
    lines = wrap(text, max(width - LABEL, LABEL))
    labels = [label, *[""] * len(lines)]
    return [
        ((name.ljust(LABEL), Role.DIM), (line, Role.TEXT))
        for name, line in zip(labels, lines, strict=False)
    ]


def _verdict(state: CheckState, scene: Scene, width: int) -> list[Line]:
    level = state.verdict.level
    role = role_of(level)
    since = clock_time(state.verdict.since, seconds=True)
    lines: list[Line] = [
        (
            ("verdict".ljust(LABEL), Role.DIM),
            (f"{scene.glyphs.levels[level]} {level}", role),
            (f" since {since} UTC", Role.TEXT),
        )
    ]
    lines += _field("reason", reason_text(state), width)
    if state.verdict.blocked_by:
        lines += _field("blocked by", clean(state.verdict.blocked_by, 60), width)
    return lines


def _facts(state: CheckState, scene: Scene, width: int) -> list[Line]:
    check, reading = state.check, state.reading
    lines = _field("value", value_text(state), width)
    if reading is not None:
        age = age_text(state.age(scene.now))
        fresh = f", fresh for {format_duration(state.fresh_for)}" if state.fresh_for else ""
        lines += _field(
            "age", f"{age}, read at {clock_time(reading.at, seconds=True)} UTC{fresh}", width
        )
        if reading.sample is not None:
            part = "" if reading.part is None else f"{format_number(reading.part)} of "
            lines += _field("sample", f"{part}{format_number(reading.sample)}", width)
        lines += _field("note", clean(reading.note, 160), width)
    if state.failure is not None:
        failed = clock_time(state.failure.at, seconds=True)
        lines += _field("failed", f"{failed} UTC: {clean(state.failure.reason)}", width)
    if not check.is_manual:
        lines += _field("limits", limits_in_words(check), width)
        every = format_duration(check.every)
        lines += _field("source", f"{clean(check.source, 60)}, every {every}", width)
    lines += _field("measured", clean(check.why), width)
    lines += _field("hint", clean(check.hint), width)
    for contact in scene.snapshot.plan.contacts:
        if check.id in contact.checks:
            lines += _field("contact", f"{clean(contact.title, 60)}: {clean(contact.hint)}", width)
    if any(value is not None for value in state.history):
        top = scale_top(state.history, check.bands, check.unit)
        drawn = sparkline(
            state.history, min(SPARK, len(state.history), width - LABEL), top, scene.glyphs.spark
        )
        lines.append((("lately".ljust(LABEL), Role.DIM), (drawn, Role.TEXT)))
        lines += _field("", f"full height is {format_value(top, check.unit)}", width)
    return lines


def _recorded(check_id: str, scene: Scene, width: int) -> list[Line]:
    """Where the flight records of this check are: the latest, and how many there are before it."""
    flights = scene.snapshot.flights.of(check_id)
    if not flights:
        return []
    last = flights[-1]
    before = f", and {len(flights) - 1} before" if len(flights) > 1 else ""
    return _field("recorded", f"{clock_time(last.at)} UTC: {last.folder}{before}", width)


def _rows(state: CheckState) -> list[Line]:
    rows = () if state.reading is None else state.reading.rows
    if not rows:
        return []
    lines: list[Line] = [EMPTY, (("parts, worst first", Role.DIM),)]
    for row in rows[:ROWS]:
        value = format_value(row.value, state.check.unit)
        note = f"  {clean(row.note, 80)}" if row.note else ""
        lines.append(((f"{value:>10}  {clean(row.label, 60)}{note}", Role.TEXT),))
    if len(rows) > ROWS:
        lines.append(((f"and {len(rows) - ROWS} more", Role.DIM),))
    return lines


def _flips(check_id: str, scene: Scene) -> list[Line]:
    flips = [f for f in scene.snapshot.flips if f.subject == check_id][-FLIPS:]
    if not flips:
        return []
    lines: list[Line] = [EMPTY, (("last changes", Role.DIM),)]
    for flip in reversed(flips):
        at = clock_time(flip.at, seconds=True)
        reason = f", {clean(flip.reason)}" if flip.reason else ""
        lines.append(
            (
                (f"{at} ", Role.DIM),
                (scene.glyphs.levels[flip.new], role_of(flip.new)),
                (f" {flip.old} → {flip.new}{reason}", Role.TEXT),
            )
        )
    return lines
