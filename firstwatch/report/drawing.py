"""Charts as SVG, drawn by hand: pure, without a script, a font or anything from elsewhere.

Colours are classes, which the page defines for light and dark. All text is escaped here.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from firstwatch.plan import Bands, Direction
from firstwatch.report.facts import Bar, Chart, Frame, RoundMark, Stretch
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_value
from firstwatch.verdict import Level

APART = 2.5
"""Between the ends of two bars; closer they are one."""
LANES = 40
"""The most lanes of a timeline; what is beyond is counted."""

_MARKS = {
    RoundStatus.SIGNED: "✔",
    RoundStatus.MISSED: "✗",
    RoundStatus.LATE: "!",
    RoundStatus.DUE: "◉",
    RoundStatus.OPEN: "○",
    RoundStatus.UPCOMING: "·",
}
_LEVELS = {
    Level.CRITICAL: "critical",
    Level.WARNING: "warning",
    Level.UNKNOWN: "unknown",
}
_GLYPHS = {Level.CRITICAL: "✖", Level.WARNING: "!", Level.UNKNOWN: "?"}


def escape(text: str) -> str:
    """The text as it stands, between tags and in quotes."""
    return html.escape(text, quote=True)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values along one direction of a drawing."""

    low: float
    high: float
    start: float
    end: float
    """Where `low` and `high` lie."""

    def at(self, value: float) -> float:
        span = self.high - self.low or 1.0
        share = min(max((value - self.low) / span, 0.0), 1.0)
        return self.start + share * (self.end - self.start)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    size = f"{_number(width)} {_number(height)}"
    return (
        f'<svg viewBox="0 0 {size}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}"{named}>'
        f"{escape(text)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    ends = f'x1="{_number(x1)}" y1="{_number(y1)}" x2="{_number(x2)}" y2="{_number(y2)}"'
    return f'<line {ends} class="{kind}"/>'


def _shade(x: _Axis, stretch: tuple[float, float], top: float, bottom: float, kind: str) -> str:
    start, end = max(stretch[0], x.low), min(stretch[1], x.high)
    if end <= start:
        return ""
    left = x.at(start)
    width = max(x.at(end) - left, 0.8)
    place = f'x="{_number(left)}" y="{_number(top)}" width="{_number(width)}"'
    return f'<rect {place} height="{_number(bottom - top)}" class="{kind}"/>'


def _hours(frame: Frame, count: int) -> Iterator[float]:
    """Moments at equal whole hours after the launch, about so many."""
    hours = (frame.end - frame.start) / 3600
    step = next((s for s in (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48) if hours / s <= count), hours)
    number = 0
    while number * step <= hours + 1e-9:
        yield frame.start + number * step * 3600
        number += 1


def _since(frame: Frame, moment: float) -> str:
    hours = (moment - frame.start) / 3600
    return f"T+{hours:g}h"


def _grid(frame: Frame, x: _Axis, top: float, bottom: float, count: int) -> Iterator[str]:
    """What every drawing stands on: blind stretches, hours, and where phases begin."""
    for gap in frame.blind:
        yield _shade(x, gap, top, bottom, "blind")
    for moment in _hours(frame, count):
        near_end = x.at(moment) > x.end - 20
        yield _line(x.at(moment), bottom, x.at(moment), bottom + 3, "axis")
        anchor = "end" if near_end else "start" if moment == frame.start else "middle"
        yield _text(x.at(moment), bottom + 16, _since(frame, moment), anchor=anchor)
    for _, start in frame.phases[1:]:
        if x.low < start < x.high:
            yield _line(x.at(start), top, x.at(start), bottom, "phase")


def check_chart(chart: Chart, frame: Frame) -> str:
    """One check over the whole time: how far it went, its limits, and when nobody could see it."""
    width, height, top, bottom = 360.0, 136.0, 8.0, 102.0
    x = _Axis(frame.start, frame.end, 4.0, width - 4.0)
    low, high, limits, beyond = _range(chart)
    y = _Axis(low, high, bottom, top)
    parts = [*_grid(frame, x, top, bottom, 4)]
    parts += [_shade(x, stretch, top, bottom, "blind") for stretch in chart.blind]
    parts.append(_line(x.start, bottom, x.end, bottom, "axis"))
    for name, limit in limits:
        at = y.at(limit)
        parts.append(_line(x.start, at, x.end, at, f"limit {name}"))
        told = f"{name} {format_value(limit, chart.unit)}"
        parts.append(_text(x.end, at - 2 if at > top + 9 else at + 9, told, "small", "end"))
    parts += _course(chart.course.stretches, x, y)
    parts += [_tick(mark, x, bottom) for mark in frame.rounds if mark.at is not None]
    if not any(y.at(limit) < top + 12 for _, limit in limits):
        parts.append(_text(x.start, top + 6, format_value(high, chart.unit), "small"))
    parts.append(_text(x.start, bottom - 2, format_value(low, chart.unit), "small"))
    if beyond:
        told = ", ".join(f"{name} {format_value(limit, chart.unit)}" for name, limit in beyond)
        parts.append(_text(x.start, bottom + 30, f"not in sight: {told}", "small"))
    return _svg(width, height, f"{chart.title}: {chart.told}", parts)


Limits = list[tuple[str, float]]


def _range(chart: Chart) -> tuple[float, float, Limits, Limits]:
    """Lowest and highest value drawn, the limits in sight, and those that are not.

    The next limit is always in sight; those beyond it only when they were reached for, so that
    a quiet day is more than a line along the bottom.
    """
    extent, bands = chart.course.extent, chart.bands
    limits = _limits(bands)
    above = bands.bad is Direction.ABOVE
    reached = extent.high if above else extent.low
    next_one = next((v for _, v in limits if (v >= reached if above else v <= reached)), None)
    ends = [extent.low, extent.high, *([] if next_one is None else [next_one])]
    if above and extent.low >= 0:
        ends.append(0.0)
    low, high = min(ends), max(ends)
    room = (high - low) * 0.06 or max(abs(high) * 0.1, 1.0)
    high += room
    low -= 0.0 if low == 0 else room
    seen = [(name, value) for name, value in limits if low <= value <= high]
    return low, high, seen, [one for one in limits if one not in seen]


def _limits(bands: Bands) -> Limits:
    named = (("target", bands.target), ("warning", bands.warning), ("critical", bands.critical))
    return [(name, value) for name, value in named if value is not None]


def _course(stretches: Sequence[Stretch | None], x: _Axis, y: _Axis) -> Iterator[str]:
    """Means as a line that breaks where nothing was measured, and from lowest to highest."""
    step = (x.end - x.start) / max(len(stretches), 1)
    reach, line = [], []
    is_on = False
    for number, stretch in enumerate(stretches):
        at = x.start + (number + 0.5) * step
        if stretch is None:
            is_on = False
            continue
        top, bottom, mean = y.at(stretch.high), y.at(stretch.low), y.at(stretch.mean)
        if bottom - top >= 0.5:
            reach.append(f"M{_number(at)} {_number(top)}V{_number(bottom)}")
        follows = number + 1 < len(stretches) and stretches[number + 1] is not None
        line.append(f"{'L' if is_on else 'M'}{_number(at)} {_number(mean)}")
        if not is_on and not follows:
            line.append("h0")
        is_on = True
    if reach:
        width = _number(max(step, 0.8))
        yield f'<path d="{"".join(reach)}" class="reach" stroke-width="{width}"/>'
    if line:
        yield f'<path d="{"".join(line)}" class="course"/>'


def _tick(mark: RoundMark, x: _Axis, bottom: float) -> str:
    """A sign-off, beneath the axis."""
    at = x.at(mark.at or 0.0)
    kind = "signed" if mark.is_clean else "seen"
    return (
        f'<path d="M{_number(at)} {_number(bottom + 1)}l-2 5h4z" class="{kind}">'
        f"<title>{escape(mark.told)}</title></path>"
    )


def round_strip(frame: Frame) -> str:
    """All rounds by when they were due: a glyph each, and what it stands for when pointed at."""
    width, height, middle = 720.0, 64.0, 28.0
    end = max([frame.end, *(mark.due for mark in frame.rounds)])
    whole = Frame(frame.start, end, frame.phases, frame.blind, frame.rounds)
    x = _Axis(frame.start, end, 8.0, width - 12.0)
    parts = [*_grid(whole, x, middle - 14, middle + 16, 8)]
    for name, start in frame.phases:
        if start < end:
            parts.append(_text(x.at(max(start, frame.start)) + 2, 10, name, "small"))
    parts.append(_line(x.start, middle + 16, x.end, middle + 16, "axis"))
    for mark in frame.rounds:
        kind = _kind(mark)
        glyph = "◐" if kind == "seen" else _MARKS[mark.status]
        parts.append(
            f'<text x="{_number(x.at(mark.due))}" y="{_number(middle + 6)}" text-anchor="middle" '
            f'class="round {kind}">{glyph}<title>{escape(mark.told)}</title></text>'
        )
    return _svg(width, height, f"{len(frame.rounds)} rounds", parts)


def _kind(mark: RoundMark) -> str:
    if mark.status is RoundStatus.SIGNED:
        return "signed" if mark.is_clean else "seen"
    return {RoundStatus.MISSED: "missed", RoundStatus.LATE: "late"}.get(mark.status, "")


def timeline(bars: Sequence[Bar], frame: Frame) -> str:
    """Every episode, a lane for each check or source, in the order they began."""
    by: dict[str, list[Bar]] = {}
    for bar in bars:
        by.setdefault(bar.title, []).append(bar)
    gravest = sorted(by, key=lambda title: -max(bar.worst.severity for bar in by[title]))[:LANES]
    lanes = [title for title in by if title in gravest]
    width, lane, top = 720.0, 24.0, 6.0
    bottom = top + lane * max(len(lanes), 1)
    x = _Axis(frame.start, frame.end, 8.0, width - 8.0)
    parts = [*_grid(frame, x, top, bottom, 8)]
    parts.append(_line(x.start, bottom, x.end, bottom, "axis"))
    for number, title in enumerate(lanes):
        parts.append(_text(x.start, top + number * lane + 9, title, "lane"))
        parts += [_bar(bar, x, top + number * lane + 12) for bar in _merged(by[title], x)]
    if rest := len(by) - len(lanes):
        parts.append(_text(x.end, top + 9, f"{rest} more lanes not drawn", "small", "end"))
    return _svg(width, bottom + 20, f"{len(bars)} episodes", parts)


def _merged(bars: Sequence[Bar], x: _Axis) -> list[Bar]:
    """The bars of a lane, those drawn as one that no eye could tell apart."""
    found: list[Bar] = []
    for bar in bars:
        last = found[-1] if found else None
        end = math.inf if last is None or last.end is None else last.end
        if last is None or x.at(bar.start) - x.at(end) >= APART:
            found.append(bar)
            continue
        worse = max(last, bar, key=lambda one: one.worst.severity)
        until = None if last.end is None or bar.end is None else max(last.end, bar.end)
        found[-1] = replace(worse, start=last.start, end=until)
    return found


def _bar(bar: Bar, x: _Axis, y: float) -> str:
    start, end = x.at(bar.start), x.at(x.high if bar.end is None else bar.end)
    width = max(end - start, 2.0)
    start = min(start, x.end - width)
    kind = _LEVELS.get(bar.worst, "unknown")
    still = " open" if bar.end is None else ""
    glyph = _GLYPHS.get(bar.worst, "") if width >= 10 else ""
    told = f"<title>{escape(bar.told)}</title>" if bar.told else ""
    place = f'x="{_number(start)}" y="{_number(y)}" width="{_number(width)}" height="9"'
    drawn = f'<rect {place} rx="1" class="{kind}{still}">{told}</rect>'
    return drawn + (_text(start + 2, y + 8, glyph, "on") if glyph else "")
