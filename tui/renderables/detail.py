"""One check in full, as lines."""

from dataclasses import dataclass, field
from typing import Final

from firstwatch.past import Past
from firstwatch.probe import Inquiry
from firstwatch.runbook import KNOWN, runbook
from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from firstwatch.units import format_duration, format_number, format_value
from tui.renderables.ages import age_text, clock_time
from tui.renderables.asked import asked_lines, reading_lines
from tui.renderables.chart import LEAST_LINES, SPANS, Span, chart_lines
from tui.renderables.fields import LABEL, part
from tui.renderables.fields import field as labelled
from tui.renderables.judged import judged_lines
from tui.renderables.lines import EMPTY, Line, Role, join, line_width, plain, role_of
from tui.renderables.panes import is_trouble
from tui.renderables.remedy import remedy_lines
from tui.renderables.rows import limits_in_words, reason_text, value_text
from tui.renderables.sparkline import scale_top, sparkline
from tui.scene import Scene

FLIPS = 5
"""How many of the last flips are listed."""
ROWS = 12
"""How many parts of the reading are listed."""
SPARK = 60
UNWRAPPED = 10_000
"""A width at which nothing is wrapped."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was looked up for one check, beside what the snapshot has of it."""

    span: Span = SPANS[1]
    """How far back the chart looks."""
    past: Past | None = None
    inquiry: Inquiry = field(default_factory=Inquiry)


NOTHING: Final = Lookup()


def detail_lines(
    check_id: str,
    scene: Scene,
    width: int = 80,
    lookup: Lookup = NOTHING,
    *,
    chart: int = 0,
    bare: bool = False,
) -> list[Line]:
    """Everything known of this check, wrapped; one line when the snapshot has it no more.

    While there is trouble, what to do about it comes before how it is measured. `chart` is how
    many lines the chart may have; `bare` leaves commands as they are to be pasted.
    """
    state = scene.snapshot.check(check_id)
    if state is None:
        return [((f"{clean(check_id, 60)} is not part of the plan any more", Role.TEXT),)]
    remedy = remedy_lines(state, scene, width, bare=bare)
    facts = _facts(state, scene, width)
    if chart < LEAST_LINES:
        facts += _lately(state, scene, width)
    facts += _recorded(check_id, scene, width)
    facts += [*_rows(state, width), *_flips(check_id, scene), *reading_lines(state, scene, width)]
    if not state.check.is_manual:
        facts += asked_lines(state, lookup.inquiry, width, bare=bare)
    first, second = (remedy, facts) if is_trouble(state) else (facts, remedy)
    head = [*_heading(state, width), EMPTY, *_verdict(state, scene, width)]
    if chart and not state.check.is_manual:
        head += [EMPTY, *chart_lines(state, lookup.past, scene, lookup.span, width, chart)]
        head += [] if is_trouble(state) and remedy else [EMPTY]
    gap = [EMPTY] if remedy else []
    return [*head, *(gap if is_trouble(state) else []), *first, *gap, *second]


def detail_text(
    check_id: str, scene: Scene, width: int = UNWRAPPED, lookup: Lookup = NOTHING
) -> str:
    """The same as text to paste, without the chart; no command and no statement is wrapped."""
    lines = detail_lines(check_id, scene, width, lookup, bare=True)
    return "\n".join(plain(line).rstrip() for line in lines)


def _heading(state: CheckState, width: int) -> list[Line]:
    """The title, and the checklist's own words: beside it where there is room."""
    title: Line = ((clean(state.check.title, 80), Role.STRONG),)
    item: Line = ((clean(state.check.item), Role.DIM),) if state.check.item else EMPTY
    beside = join((title, item))
    if item and line_width(beside) > width:
        return [title, item]
    return [beside]


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
    lines += labelled("reason", reason_text(state), width)
    if state.verdict.blocked_by:
        outage = runbook(state.check.id, scene.snapshot).outage
        words = (f"by {state.verdict.blocked_by}", outage)
        lines += labelled("blocked", clean(": ".join(word for word in words if word)), width)
    return lines


def _facts(state: CheckState, scene: Scene, width: int) -> list[Line]:
    check, reading = state.check, state.reading
    lines = labelled("value", value_text(state), width)
    if reading is not None:
        age = age_text(state.age(scene.now))
        fresh = f", fresh for {format_duration(state.fresh_for)}" if state.fresh_for else ""
        lines += labelled(
            "age", f"{age}, read at {clock_time(reading.at, seconds=True)} UTC{fresh}", width
        )
        if reading.sample is not None:
            share = "" if reading.part is None else f"{format_number(reading.part)} of "
            lines += labelled("sample", f"{share}{format_number(reading.sample)}", width)
        if not is_trouble(state):
            lines += labelled("note", clean(reading.note, 160), width)
    if state.failure is not None:
        failed = clock_time(state.failure.at, seconds=True)
        lines += labelled("failed", f"{failed} UTC: {clean(state.failure.reason)}", width)
    if not check.is_manual:
        lines += labelled("limits", limits_in_words(check), width)
        titles = {name: each.title for name, each in scene.snapshot.plan.checks.items()}
        lines += judged_lines(state, titles, width)
        every = format_duration(check.every)
        lines += labelled("source", f"{clean(check.source, 60)}, every {every}", width)
    lines += labelled("measured", clean(check.why), width)
    return lines


def _lately(state: CheckState, scene: Scene, width: int) -> list[Line]:
    if all(value is None for value in state.history):
        return []
    top = scale_top(state.history, state.check.bands, state.check.unit)
    drawn = sparkline(
        state.history, min(SPARK, len(state.history), width - LABEL), top, scene.glyphs.spark
    )
    line: Line = (("lately".ljust(LABEL), Role.DIM), (drawn, Role.TEXT))
    return [line, *labelled("", f"full height is {format_value(top, state.check.unit)}", width)]


def _recorded(check_id: str, scene: Scene, width: int) -> list[Line]:
    """Where the flight records of this check are: the latest, and how many there are before it."""
    flights = scene.snapshot.flights.of(check_id)
    if not flights:
        return []
    last = flights[-1]
    before = f", and {len(flights) - 1} before" if len(flights) > 1 else ""
    return labelled("recorded", f"{clock_time(last.at)} UTC: {last.folder}{before}", width)


def _rows(state: CheckState, width: int) -> list[Line]:
    """The parts of the reading, unless what is known already has told them all."""
    rows = () if state.reading is None else state.reading.rows
    if not rows or (is_trouble(state) and len(rows) <= KNOWN and not state.is_empty):
        return []
    lines: list[Line] = [EMPTY, (("parts, worst first", Role.DIM),)]
    for row in rows[:ROWS]:
        lines += part(row, state.check.unit, width)
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
