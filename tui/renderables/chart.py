"""The past of a check as a chart: a curve over its limits, and what was not seen left empty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from firstwatch.journal.records import Extent
from firstwatch.past import Past
from firstwatch.snapshot import CheckState, Gap
from firstwatch.text import clean
from firstwatch.units import format_number, format_value
from firstwatch.verdict import Level
from tui.renderables.ages import clock_time
from tui.renderables.canvas import Canvas
from tui.renderables.lines import EMPTY, Line, Role, first_fitting, join, justify, role_of, width_of
from tui.renderables.plotting import Point, curve
from tui.renderables.rows import SHORT
from tui.renderables.scales import Scale, scale_of
from tui.scene import Scene

LEAST_COLUMNS: Final = 20
LEAST_LINES: Final = 6
"""Fewer cells than this are no chart."""
WORDS: Final = 70
"""From this width on limits are named by words, below it by their glyphs."""
TICKS: Final = tuple(60.0 * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720))
"""Seconds between two times on the axis."""
LABEL: Final = len("00:00")
HUGE: Final = 1e9
"""From here on a number at the axis is written with its power of ten."""


@dataclass(frozen=True, slots=True)
class Span:
    """How far back a chart looks."""

    name: str
    seconds: float

    def window(self, now: float, parts: int) -> tuple[float, float]:
        """Since when and until when: whole parts, so that only the last one changes for a while."""
        step = self.seconds / parts
        until = (now // step + 1) * step
        return until - self.seconds, until


SPANS: Final = (Span("15 min", 900), Span("1 h", 3600), Span("6 h", 21600), Span("24 h", 86400))


@dataclass(frozen=True, slots=True)
class Pens:
    """What the parts of a chart are drawn with."""

    side: str = "┤"
    corner: str = "└"
    axis: str = "─"
    tick: str = "┴"
    limit: str = "╌"
    boundary: str = "┆"
    blind: str = "░"
    usual: str = "·"
    signed: str = "✔"
    unmeasured: str = "?"


RICH: Final = Pens()
ASCII: Final = Pens("|", "+", "-", "+", "-", ":", "#", ".", "v", "?")


@dataclass(frozen=True, slots=True)
class _Column:
    """What was measured in the time of one column."""

    at: int
    first: tuple[float, float]
    """Moment and value of whichever extreme came first."""
    second: tuple[float, float]
    began: float
    """The moment of the first value known of it."""
    ended: float


def chart_lines(
    state: CheckState, past: Past | None, scene: Scene, span: Span, width: int, height: int
) -> list[Line]:
    """A chart of at most `height` lines; fewer words, and at last one line, where there is no room.

    `past` is None while it is being looked up.
    """
    if past is None:
        waiting: list[Line] = [_caption(span, width), (("looking it up …", Role.DIM),)]
        return [*waiting, *[EMPTY] * (height - 2)]
    if height < LEAST_LINES or width < LEAST_COLUMNS * 2:
        return [_caption(span, width), (("no room for a chart here", Role.DIM),)]
    rows = height - 3
    scale = scale_of(past, state.check, rows)
    labels = _labels(state, scene, scale, wide=width >= WORDS)
    margin = max((width_of(text) for text, _ in labels.values()), default=0)
    margin = max(min(margin, width // 3), LABEL)
    columns = width - margin - 1
    pens = ASCII if scene.glyphs.is_ascii else RICH
    plan = _Drawing(state, past, scene, scale, pens, columns)
    drawn = plan.drawn()
    if drawn is None:
        return [_caption(span, width), (("no chart at this size", Role.DIM),)]
    lines = [_head(past, state, span, width)]
    for row in range(rows - 1, -1, -1):
        text, role = labels.get(row, ("", Role.DIM))
        lead: Line = ((text[:margin].rjust(margin), role), (pens.side, Role.RULE))
        lines.append((*lead, *drawn.line(row)))
    axis, times = plan.axis()
    lines.append(((" " * margin, Role.TEXT), (pens.corner, Role.RULE), *axis.line(0)))
    lines.append((("UTC".rjust(margin) + " ", Role.DIM), *times.line(0)))
    return lines


def _head(past: Past, state: CheckState, span: Span, width: int) -> Line:
    """Which stretch is shown, and how far the values went in it."""
    unit = state.check.unit
    low, high, usual = past.lowest, past.highest, past.usual
    if low is None or high is None:
        told: list[Line] = [(("nothing was measured", Role.DIM),)]
    else:
        most = f"max {format_value(high.high, unit)} at {clock_time(high.high_at)}"
        least = f"min {format_value(low.low, unit)} at {clock_time(low.low_at)}"
        told = [((most, Role.TEXT),), ((least, Role.DIM),)]
    if usual is not None:
        between = f"{format_number(usual.low)}–{format_value(usual.high, unit)}"
        told.append(((f"usual {between} before T0", Role.DIM),))
    if past.from_memory:
        told.insert(0 if low is not None else 1, (("from memory", Role.UNKNOWN),))
    left = _caption(span, width)
    room = width - sum(width_of(text) for text, _ in left) - 2
    right = first_fitting([join(told[:n]) for n in range(len(told), 0, -1)], max(room, 0))
    return justify(left, right, width)


def _caption(span: Span, width: int) -> Line:
    """The stretches there are, the one that is shown in brackets."""
    if width < 50:
        return (("last ", Role.DIM), (span.name, Role.STRONG))
    runs: list[tuple[str, Role]] = [("last", Role.DIM)]
    for each in SPANS:
        shown = each == span
        runs.append((f" [{each.name}]" if shown else f" {each.name}", _shown(shown=shown)))
    return tuple(runs)


def _shown(*, shown: bool) -> Role:
    return Role.STRONG if shown else Role.DIM


def _labels(
    state: CheckState, scene: Scene, scale: Scale, *, wide: bool
) -> dict[int, tuple[str, Role]]:
    """What stands before each row: the limits, and the ends of the scale where there is room."""
    labels: dict[int, tuple[str, Role]] = {}
    for level, limit in scale.limits:
        name = SHORT[level] if wide else scene.glyphs.levels[level]
        labels[scale.row(limit)] = (f"{name} {_short(limit)}", role_of(level))
    top = f"{_short(scale.top)} {state.check.unit}".rstrip()
    labels.setdefault(scale.rows - 1, (top, Role.DIM))
    labels.setdefault(0, (_short(scale.bottom), Role.DIM))
    return labels


def _short(value: float) -> str:
    return format_number(value) if abs(value) < HUGE else f"{value:.1e}"


class _Drawing:
    """One chart on its way from facts to cells."""

    def __init__(
        self,
        state: CheckState,
        past: Past,
        scene: Scene,
        scale: Scale,
        pens: Pens,
        columns: int,
    ) -> None:
        self._state, self._past, self._scene = state, past, scene
        self._scale, self._pens, self._columns = scale, pens, columns
        self._found = {column.at: column for column in _columns(past, columns)}

    def drawn(self) -> Canvas | None:
        """The canvas of the curve, from what lies furthest back; None at a size for none."""
        canvas = Canvas(self._columns, self._scale.rows)
        segments = tuple(tuple(self._points(part)) for part in self._unbroken())
        plotted = curve(
            segments, self._columns, self._scale.rows, ascii_only=self._scene.glyphs.is_ascii
        )
        if not plotted:
            return None
        self._draw_usual(canvas)
        self._draw_limits(canvas)
        self._draw_boundaries(canvas)
        for y, line in enumerate(reversed(plotted)):
            for x, dots in enumerate(line):
                if dots != " ":
                    canvas.put(x, y, dots, self._role(x))
        self._draw_unseen(canvas)
        return canvas

    def axis(self) -> tuple[Canvas, Canvas]:
        """The axis with its ticks and what was signed, and the times below it."""
        pens = self._pens
        axis, times = Canvas(self._columns, 1), Canvas(self._columns, 1)
        axis.put(0, 0, pens.axis * self._columns, Role.RULE)
        free = 0
        for at in self._ticks():
            x = self._x(at)
            axis.put(x, 0, pens.tick, Role.RULE)
            start = x - LABEL // 2
            if free <= start <= self._columns - LABEL:
                times.put(start, 0, clock_time(at), Role.DIM)
                free = start + LABEL + 1
        for gap in self._gaps():
            for x in self._span(gap):
                axis.put(x, 0, pens.blind, Role.BLIND)
        for round_ in self._scene.snapshot.rounds:
            if round_.signed_at is not None and self._is_inside(round_.signed_at):
                axis.put(self._x(round_.signed_at), 0, pens.signed, Role.OK)
        return axis, times

    def _ticks(self) -> Iterable[float]:
        past = self._past
        most = max(self._columns // (LABEL + 3), 1)
        length = past.until - past.since
        step = next((step for step in TICKS if length / step <= most), TICKS[-1])
        at = past.since // step * step
        while at < past.until:
            if self._is_inside(at):
                yield at
            at += step

    def _draw_usual(self, canvas: Canvas) -> None:
        usual = self._past.usual
        if usual is None:
            return
        for y in range(self._scale.row(usual.low), self._scale.row(usual.high) + 1):
            for x in range(y % 2, self._columns, 2):
                canvas.put(x, y, self._pens.usual, Role.DIM)

    def _draw_limits(self, canvas: Canvas) -> None:
        for level, limit in self._scale.limits:
            y = self._scale.row(limit)
            canvas.put(0, y, self._pens.limit * self._columns, role_of(level))

    def _draw_boundaries(self, canvas: Canvas) -> None:
        snapshot = self._scene.snapshot
        for phase in snapshot.plan.phases:
            at = snapshot.launch + phase.start
            if not self._is_inside(at):
                continue
            x, top = self._x(at), self._scale.rows - 1
            for y in range(self._scale.rows):
                canvas.put(x, y, self._pens.boundary, Role.DIM)
            name = clean(phase.name, 24)
            words = f"T0, {name}" if not phase.start else name
            if len(words) == width_of(words) <= self._columns - x - 1:
                canvas.put(x + 1, top, words, Role.DIM)

    def _draw_unseen(self, canvas: Canvas) -> None:
        """What nobody watched over its whole height, and where measuring failed at the bottom."""
        pens, rows = self._pens, self._scale.rows
        for x in self._failed():
            canvas.put(x, 0, pens.unmeasured, Role.UNKNOWN)
        for gap in self._gaps():
            span = [x for x in self._span(gap) if x not in self._found]
            for x in span:
                for y in range(rows):
                    canvas.put(x, y, pens.blind, Role.BLIND)
            word = " blind "
            if span and len(span) == span[-1] - span[0] + 1 and len(span) > len(word) + 1:
                at = span[0] + (len(span) - len(word)) // 2
                canvas.put(at, rows // 2, word, Role.BLIND)

    def _failed(self) -> list[int]:
        parts = len(self._past.parts)
        columns = (_column_of(n, parts, self._columns) for n in self._past.failed)
        return sorted({x for x in columns if x not in self._found})

    def _unbroken(self) -> Iterable[list[_Column]]:
        """The columns in stretches without anything unseen between their values."""
        columns = [self._found[x] for x in sorted(self._found)]
        failed = self._failed()
        fresh_for = self._state.fresh_for or self._state.check.stale_after
        longest = fresh_for + self._past.step
        run = columns[:1]
        for before, column in pairwise(columns):
            is_broken = (
                column.began - before.ended > longest
                or any(before.at < x < column.at for x in failed)
                or any(g.start < column.began and g.end > before.ended for g in self._gaps())
            )
            if is_broken:
                yield run
                run = []
            run.append(column)
        if run:
            yield run

    def _points(self, columns: Iterable[_Column]) -> Iterable[Point]:
        for column in columns:
            (_, first), (_, second) = column.first, column.second
            if first == second:
                yield float(column.at), self._scale.height(first)
            else:
                yield column.at - 0.25, self._scale.height(first)
                yield column.at + 0.25, self._scale.height(second)

    def _role(self, x: int) -> Role:
        """The role of a column: that of its worst value."""
        column = self._found.get(x)
        if column is None:
            return Role.TEXT
        grade = self._state.check.bands.grade
        worst = max((grade(v) for _, v in (column.first, column.second)), key=lambda g: g.severity)
        return Role.TEXT if worst is Level.OK else role_of(worst)

    def _gaps(self) -> Sequence[Gap]:
        past = self._past
        gaps = self._scene.snapshot.gaps
        return [gap for gap in gaps if gap.start < past.until and gap.end > past.since]

    def _span(self, gap: Gap) -> range:
        past = self._past
        return range(self._x(max(gap.start, past.since)), self._x(min(gap.end, past.until)) + 1)

    def _is_inside(self, at: float) -> bool:
        return self._past.since <= at < self._past.until

    def _x(self, at: float) -> int:
        share = (at - self._past.since) / (self._past.until - self._past.since)
        return min(max(int(share * self._columns), 0), self._columns - 1)


def _column_of(part: int, parts: int, columns: int) -> int:
    return min(int((part + 0.5) / parts * columns), columns - 1)


def _columns(past: Past, columns: int) -> Iterable[_Column]:
    """The extremes of each column that has any, from one part of the past or from several."""
    together: dict[int, list[Extent]] = {}
    for number, part in enumerate(past.parts):
        if part is not None:
            x = _column_of(number, len(past.parts), columns)
            together.setdefault(x, []).append(part)
    for x, parts in together.items():
        low = min(parts, key=lambda part: part.low)
        high = max(parts, key=lambda part: part.high)
        first, second = sorted(((low.low_at, low.low), (high.high_at, high.high)))
        yield _Column(x, first, second, first[0], max(part.last_at for part in parts))
