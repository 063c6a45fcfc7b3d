"""A row of the board: glyph, title, value, sparkline, limits or reason, age."""

from collections.abc import Sequence
from dataclasses import dataclass

from firstwatch.plan import Bands, Check, Direction
from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from firstwatch.units import format_number, format_value
from firstwatch.verdict import QUIET, Level
from tui.renderables.ages import age_text, clock_time
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import Line, Role, fit, role_of, shorten, width_of
from tui.renderables.sparkline import scale_top, sparkline

LEAD = 3
"""Cells before the title: cursor, glyph, space."""
VALUE = 10
AGE = 5
SHORT = {Level.OFF_TARGET: "target", Level.WARNING: "warn", Level.CRITICAL: "crit"}
"""What the limits are called in short, by the level of what has passed them."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns, in cells, each with the space that parts it from the one before."""

    title: int
    value: int = 0
    spark: int = 0
    info: int = 0
    age: int = 0

    @property
    def width(self) -> int:
        """The cells of all of them, and of what stands before the first."""
        return LEAD + self.title + self.value + self.spark + self.info + self.age


def columns(width: int, titles: Sequence[str]) -> Columns:
    """The columns of a pane that wide; a narrow one gives up sparkline, reason, age, value."""
    longest = min(max((width_of(title) for title in titles), default=10), 22)
    title = max(longest, 10)
    if width < LEAD + 10 + VALUE:
        return Columns(max(width - LEAD, 1))
    title = min(title, width - LEAD - VALUE)
    rest = width - LEAD - title - VALUE
    age = AGE if rest >= AGE + 2 and width >= 36 else 0
    rest -= age
    spark = 0
    if rest >= 20:
        spark = min(max(rest * 2 // 5, 9), 50)
    return Columns(title, VALUE, spark, rest - spark, age)


def check_row(
    state: CheckState,
    now: float,
    widths: Columns,
    glyphs: Glyphs,
    *,
    told: bool,
    had: str = "",
    changed: bool = False,
) -> Line:
    """One check as a line of exactly the width of its columns.

    `told` says that the reason stands on a line of its own below, so this one keeps its limits;
    `had` says who has acknowledged its trouble, `changed` whether it flipped unseen.
    """
    level = state.verdict.level
    role = role_of(level)
    quiet = level in QUIET
    title = clean(state.check.title, 60)
    line: list[tuple[str, Role]] = [
        (glyphs.changed if changed else " ", Role.DIM if changed else Role.TEXT),
        (glyphs.levels[level], role),
        (" " + fit(title, widths.title), Role.TEXT),
    ]
    if not widths.value:
        return tuple(line)
    value = shorten(value_text(state), widths.value - 1)
    line.append((" " * (widths.value - width_of(value)), Role.TEXT))
    line.append((value, Role.TEXT if quiet else role))
    line.extend(_middle(state, widths, glyphs, told=told, had=had))
    if widths.age:
        line.append((_right(age_text(state.age(now)), widths.age), Role.DIM))
    return tuple(line)


def _right(text: str, width: int) -> str:
    return " " + " " * max(width - 1 - width_of(text), 0) + shorten(text, width - 1)


def _middle(state: CheckState, widths: Columns, glyphs: Glyphs, *, told: bool, had: str) -> Line:
    """Sparkline and limits; a reason that does not fit takes the room of both.

    Who has acknowledged it comes first: it must not be cut off.
    """
    room = widths.spark + widths.info
    if room < 4:
        return ((" " * room, Role.TEXT),)
    level = state.verdict.level
    if level is Level.PENDING:
        return (("  " + fit(reason_text(state), room - 2), Role.DIM),)
    reason = " · ".join(part for part in (had, short_reason(state)) if part)
    long = level is not Level.OK and width_of(reason) > widths.info - 2
    if long and not told:
        told_in = Role.DIM if level in QUIET else Role.TEXT
        return (("  " + fit(reason, room - 2), told_in),)
    check = state.check
    drawn = sparkline(
        state.history,
        max(widths.spark - 2, 0),
        scale_top(state.history, check.bands, check.unit),
        glyphs.spark,
    )
    role = Role.DIM if level in QUIET or told else Role.TEXT
    info = (had if told else reason) if had else info_text(state, widths.info - 2, told=told)
    return (
        (f"  {drawn}" if widths.spark else "", Role.TREND),
        ("  " + fit(info, widths.info - 2), role),
    )


def needs_telling(state: CheckState, widths: Columns) -> bool:
    """Whether the reason is its own and longer than the room beside the sparkline."""
    return _has_own_reason(state) and width_of(reason_text(state)) > widths.info - 2


def overflows(state: CheckState, widths: Columns) -> bool:
    """Whether its reason is cut off even in the room of the sparkline."""
    room = widths.spark + widths.info - 2
    return _has_own_reason(state) and width_of(reason_text(state)) > room


def _has_own_reason(state: CheckState) -> bool:
    """Whether there is trouble of its own: a source out of reach is told once, above all rows."""
    return state.verdict.level not in (*QUIET, Level.PENDING) and not state.verdict.blocked_by


def reason_row(state: CheckState, width: int) -> Line:
    """The reason on a line of its own, under the title."""
    indent = LEAD + 1
    return ((" " * indent + fit(reason_text(state), max(width - indent, 0)), Role.DIM),)


def reason_text(state: CheckState) -> str:
    """Why it stands as it does, in words; for a person's item, what to look at."""
    if state.verdict.level is Level.PENDING:
        turn = state.verdict.reason or "your turn"
        return clean(f"{turn}: {state.check.hint}" if state.check.hint else turn)
    return clean(state.verdict.reason)


def short_reason(state: CheckState) -> str:
    """The reason as a row has room for it: of a source out of reach only which, and since when."""
    verdict = state.verdict
    outage = f"{verdict.blocked_by} unreachable since "
    if verdict.blocked_by and verdict.reason.startswith(outage):
        return clean(f"since {clock_time(verdict.since)} no {verdict.blocked_by}")
    return reason_text(state)


def value_text(state: CheckState) -> str:
    """The value with its unit; one that no longer counts carries a question mark."""
    level = state.verdict.level
    if level is Level.PENDING and state.reading is None:
        return "yours"
    if state.reading is None:
        return "unknown" if level is Level.UNKNOWN else "-"
    if state.is_empty or not state.reading.has_value:
        return "-"
    text = format_value(state.reading.value, state.check.unit)
    return f"{text} ?" if level is Level.UNKNOWN else text


def info_text(state: CheckState, width: int, *, told: bool = False) -> str:
    """What belongs beside the sparkline: for a calm row limits and sample, else the reason."""
    if state.verdict.level not in QUIET and not told:
        return short_reason(state)
    if state.verdict.level is Level.IDLE:
        return reason_text(state)
    parts = [limits_text(state.check.bands, width)]
    if state.reading is not None and state.verdict.level is not Level.UNKNOWN:
        sample = "" if state.reading.sample is None else f"n={format_number(state.reading.sample)}"
        parts += [clean(state.reading.note, 160), sample]
    parts = [part for part in parts if part]
    while len(parts) > 1 and width_of(" · ".join(parts)) > width:
        parts.pop()
    return " · ".join(parts)


def limits_text(bands: Bands, width: int) -> str:
    """The limits in short, the nearest first, as many as fit: "target 500", "warn 80 crit 95"."""
    signs = ("<", "≥") if bands.bad is Direction.BELOW else ("", "")
    found = [
        f"{SHORT[level]} {signs[level is Level.OFF_TARGET]}{format_number(limit)}"
        for level, limit in bands.limits
    ]
    while len(found) > 1 and width_of(" ".join(found)) > width:
        found.pop()
    return " ".join(found)


def limits_in_words(check: Check) -> str:
    """The limits as a sentence: "target at most 500 ms, warning above 2 000 ms"."""
    above = check.bands.bad is Direction.ABOVE
    side, bound = ("above", "at most") if above else ("below", "at least")
    found = []
    for level, limit in check.bands.limits:
        name = f"target {bound}" if level is Level.OFF_TARGET else f"{level} {side}"
        found.append(f"{name} {format_value(limit, check.unit)}")
    return ", ".join(found) or "none"
