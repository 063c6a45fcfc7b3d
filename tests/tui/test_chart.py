"""The chart of a check: nothing unseen is bridged, nothing breaks it, and it is quick."""

import math
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstwatch.journal.records import Extent
from firstwatch.past import Past, Usual, parted
from firstwatch.plan import Bands, Direction, Pane
from firstwatch.snapshot import CheckState, Gap, Snapshot
from firstwatch.verdict import Level, Verdict
from tests.tui.samples import LAUNCH, NOW, check, normal
from tui.renderables.chart import LEAST_LINES, SPANS, Span, chart_lines
from tui.renderables.glyphs import ASCII
from tui.renderables.lines import Line, Role, line_width, plain
from tui.renderables.plotting import HIGHEST, WIDEST, curve
from tui.scene import Scene, scene_of

HOUR, DAY = SPANS[1], SPANS[3]
BANDS = Bands(target=500, warning=2000, critical=5000)
CHECK = check("endpoints", "endpoints p95", Pane.HEALTH, unit="ms", bands=BANDS)
STATE = CheckState(CHECK, Verdict(Level.OK, "", LAUNCH), None, None, (), 20.0)
ANY = st.floats(allow_nan=True, allow_infinity=True)


def readings(span: Span, every: float = 10.0, value: float = 300.0) -> list[tuple[float, float]]:
    count = int(span.seconds / every)
    return [(NOW - n * every, value + 20 * math.sin(n / 7)) for n in range(count, 0, -1)]


def seen(span: Span, values: list[tuple[float, float]], parts: int = 100) -> Past:
    since, until = span.window(NOW, parts)
    return parted(values, since, until, parts)


def scene(**rest: object) -> Scene:
    snapshot: Snapshot = replace(normal(), **rest)  # type: ignore[arg-type]
    return scene_of(snapshot, NOW)


def drawn(past: Past, span: Span = HOUR, shown: Scene | None = None) -> list[Line]:
    return chart_lines(STATE, past, shown or scene(), span, 110, 14)


def texts(lines: list[Line]) -> list[str]:
    return [plain(line) for line in lines]


def dots(lines: list[Line]) -> set[int]:
    """The columns that have any part of the curve."""
    return {
        x for line in texts(lines)[1:-2] for x, c in enumerate(line) if "\u2801" <= c <= "\u28ff"
    }


def test_the_stretch_is_named_and_its_extremes_are_told() -> None:
    past = seen(HOUR, [*readings(HOUR), (NOW - 60, 4800.0)])
    head = texts(drawn(past))[0]
    assert "last 15 min [1 h] 6 h 24 h" in head
    assert "max 4 800 ms at 08:26" in head


def test_a_spike_of_one_reading_in_a_day_is_drawn_at_its_height() -> None:
    past = seen(DAY, [*readings(DAY, 60.0), (NOW - 40_000, 4800.0)])
    rows = texts(drawn(past, DAY))
    highest = next(row for row in rows if any("\u2801" <= c <= "\u28ff" for c in row))
    assert rows.index(highest) <= 3
    flat = texts(drawn(seen(DAY, readings(DAY, 60.0)), DAY))
    assert not any("crit 5 000" in row for row in flat)
    assert any("crit 5 000" in row for row in rows)


def test_a_blind_gap_is_marked_and_never_bridged() -> None:
    gap = Gap(NOW - 2400, NOW - 1200)
    values = [v for v in readings(HOUR) if not gap.start < v[0] < gap.end]
    lines = drawn(seen(HOUR, values), shown=scene(gaps=(gap,)))
    body = texts(lines)[1:-2]
    blind = {x for row in body for x, c in enumerate(row) if c == "░"}
    assert len(blind) > 25
    assert not blind & dots(lines)
    assert any(" blind " in row for row in body)
    roles = {role for line in lines for text, role in line if "░" in text}
    assert roles == {Role.BLIND}


def test_a_blind_moment_between_two_readings_breaks_the_curve_and_marks_the_axis() -> None:
    lines = drawn(seen(HOUR, readings(HOUR)), shown=scene(gaps=(Gap(NOW - 1805, NOW - 1795),)))
    assert "░" in texts(lines)[-2]


def test_where_measuring_failed_stands_a_question_mark_and_no_curve() -> None:
    values: list[tuple[float, float | None]] = [
        (at, None if NOW - 1500 < at < NOW - 1000 else value) for at, value in readings(HOUR)
    ]
    since, until = HOUR.window(NOW, 100)
    lines = drawn(parted(values, since, until, 100))
    unknown = texts(lines)[-3].index("?")
    assert unknown not in dots(lines)


def test_silence_longer_than_a_reading_is_fresh_is_not_bridged_either() -> None:
    early = [v for v in readings(HOUR) if v[0] < NOW - 3000]
    late = [v for v in readings(HOUR) if v[0] > NOW - 600]
    columns = dots(drawn(seen(HOUR, early + late)))
    assert max(b - a for a, b in zip(sorted(columns), sorted(columns)[1:], strict=False)) > 50


def test_the_launch_and_each_phase_are_boundaries_and_sign_offs_are_ticks() -> None:
    lines = texts(drawn(seen(DAY, readings(DAY, 60.0)), DAY))
    assert sum("┆" in line for line in lines) >= 10
    assert "T0, 0–6 h" in lines[1]
    assert "✔" in lines[-2]


def test_what_was_usual_lies_dim_behind_the_curve() -> None:
    past = replace(seen(HOUR, readings(HOUR)), usual=Usual(200, 450))
    lines = drawn(past)
    assert "usual 200–450 ms before T0" in texts(lines)[0]
    roles = {role for line in lines[1:-2] for text, role in line if "·" in text}
    assert roles == {Role.DIM}


def test_a_value_past_a_limit_has_the_role_of_that_limit() -> None:
    lines = drawn(seen(HOUR, [*readings(HOUR), *[(NOW - 60 - n, 5500.0) for n in range(30)]]))
    curve_roles = {
        role
        for line in lines[1:-2]
        for text, role in line
        if any("\u2801" <= c <= "\u28ff" for c in text)
    }
    assert {Role.TEXT, Role.CRITICAL} <= curve_roles


def test_in_ascii_nothing_but_ascii_is_drawn() -> None:
    shown = replace(scene(gaps=(Gap(NOW - 900, NOW - 600),)), glyphs=ASCII)
    past = replace(seen(HOUR, readings(HOUR)), usual=Usual(200, 450))
    body = texts(drawn(past, shown=shown))[1:]
    assert all(line.isascii() for line in body if "T0" not in line)
    assert any("*" in line for line in body)


def test_without_room_a_word_stands_for_the_chart() -> None:
    past = seen(HOUR, readings(HOUR))
    for width, height in ((30, 20), (110, LEAST_LINES - 1)):
        lines = chart_lines(STATE, past, scene(), HOUR, width, height)
        assert "no room for a chart here" in texts(lines)


def test_the_chart_stays_the_same_until_a_part_is_over() -> None:
    windows = {HOUR.window(3600.0 * 100 + second, 100) for second in range(36)}
    assert len(windows) == 1
    assert HOUR.window(3600.0 * 100 + 36, 100) not in windows


extents = st.builds(
    Extent,
    ANY,
    st.floats(NOW - 86400, NOW),
    ANY,
    st.floats(NOW - 86400, NOW),
    ANY,
    st.floats(NOW - 86400, NOW),
)
bands = st.builds(
    Bands,
    target=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    warning=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    critical=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    bad=st.sampled_from(Direction),
)


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(st.none() | extents, min_size=1, max_size=40),
    limits=bands,
    width=st.integers(1, 200),
    height=st.integers(1, 40),
    span=st.sampled_from(SPANS),
)
def test_whatever_was_measured_and_however_large_it_is_drawn_within_its_room(
    parts: list[Extent | None], limits: Bands, width: int, height: int, span: Span
) -> None:
    since, until = span.window(NOW, len(parts))
    past = Past(since, until, tuple(parts), frozenset({0}), Usual(-1e308, 1e308))
    state = replace(STATE, check=CHECK.model_copy(update={"bands": limits}))
    lines = chart_lines(state, past, scene(), span, width, height)
    if width >= 40 and height >= LEAST_LINES:
        assert len(lines) == height
        assert max(line_width(line) for line in lines) <= width


@pytest.mark.parametrize("value", (0.0, 5.0, -3.0, 1e-300, 1e38))
def test_a_constant_is_a_line_and_one_point_is_a_dot(value: float) -> None:
    constant = [(at, value) for at, _ in readings(HOUR)]
    assert len(dots(drawn(seen(HOUR, constant)))) > 80
    assert len(dots(drawn(seen(HOUR, constant[-1:])))) == 1
    assert not dots(drawn(seen(HOUR, [])))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.tuples(ANY, ANY), max_size=20).map(tuple), max_size=4).map(tuple),
    st.integers(-1, WIDEST + 1),
    st.integers(-1, HIGHEST + 1),
)
def test_a_curve_fills_its_canvas_exactly_or_not_at_all(
    segments: tuple[tuple[tuple[float, float], ...], ...], width: int, height: int
) -> None:
    lines = curve(segments, width, height)
    assert len(lines) in (0, height)
    assert all(len(line) == width for line in lines)


def test_a_day_of_minutes_is_drawn_in_less_than_50_ms() -> None:
    past = seen(DAY, readings(DAY, 60.0), 190)
    shown = scene()
    _ = chart_lines(STATE, past, shown, DAY, 200, 18)  # plotext is loaded with the first one
    took = []
    for _ in range(3):
        curve.cache_clear()
        began = time.process_time()
        _ = chart_lines(STATE, past, shown, DAY, 200, 18)
        took.append(time.process_time() - began)
    assert min(took) < 0.05
