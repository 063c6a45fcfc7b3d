"""The renderers: pure functions, compared by plain text."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.card import card
from firstwatch.plan import Bands, Direction
from firstwatch.verdict import Level
from tests.tui.samples import CHECKS, LAUNCH, NOW, hostile, late_round, normal, troubled, turn
from tui.renderables.ages import age_text, clock_time, countdown, since_launch, zone_name
from tui.renderables.digits import big_digits
from tui.renderables.glyphs import ASCII, RICH, Glyphs
from tui.renderables.heading import header_line, top_lines
from tui.renderables.important import important
from tui.renderables.lines import (
    Line,
    Role,
    cut,
    fit,
    justify,
    line_width,
    pad,
    plain,
    to_ascii,
    width_of,
)
from tui.renderables.panes import choose, pane_bar, pane_lines
from tui.renderables.rows import check_row, columns, limits_in_words, limits_text, value_text
from tui.renderables.sparkline import scale_top, sparkline
from tui.renderables.strip import round_counts, round_strip, worst_count
from tui.scene import pane_checks, round_checks, scene_of, tally

ANY_LINE = st.lists(st.tuples(st.text(max_size=8), st.sampled_from(Role)), max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("seconds", "text"),
    (
        (None, ""),
        (0.0, "<10s"),
        (9.9, "<10s"),
        (10.0, "10s"),
        (14.0, "10s"),
        (59.0, "45s"),
        (60.0, "1m"),
        (119.0, "1m"),
        (3600.0, "1h"),
        (3 * 86400.0, "3d"),
    ),
)
def test_ages_move_in_steps(seconds: float | None, text: str) -> None:
    assert age_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    (
        (166.0, "02:46"),
        (165.2, "02:46"),
        (3766.0, "1:02:46"),
        (0.0, "+00:00"),
        (-252.0, "+04:12"),
        (400_000.0, "--:--"),
    ),
)
def test_countdown_counts_up_once_it_is_over(seconds: float, text: str) -> None:
    assert countdown(seconds) == text


def test_time_before_the_launch_has_a_minus() -> None:
    assert since_launch(12434.9) == "T+03:27:14"
    assert since_launch(-753.0) == "T−00:12:33"
    assert since_launch(-0.5) == "T−00:00:01"


def test_zone_is_named_by_its_city() -> None:
    assert zone_name("America/New_York") == "New York"
    assert zone_name("UTC") == "UTC"


def test_sparkline_starts_at_zero_and_leaves_gaps_empty() -> None:
    assert sparkline([0, None, 2, 4, 8], 6, 8, RICH.spark) == " ▁ ▃▅█"


def test_sparkline_of_calm_noise_is_flat_and_low_under_a_limit() -> None:
    values = [40.0, 42.0, 41.0, 43.0]
    top = scale_top(values, Bands(warning=80, critical=95), "%")
    assert top == 80
    assert len(set(sparkline(values, 4, top, RICH.spark))) == 1


def test_one_event_without_a_limit_is_no_mountain() -> None:
    assert sparkline([0, 0, 1], 3, scale_top([0, 0, 1], Bands(), ""), RICH.spark) == "▁▁▃"


def test_sparkline_bears_what_is_no_number() -> None:
    drawn = sparkline([math.nan, math.inf, -1.0], 3, 1.0, RICH.spark)
    assert drawn == " █▁"


@given(st.lists(st.none() | st.floats()), st.integers(0, 30))
def test_sparkline_is_always_as_wide_as_asked(values: list[float | None], width: int) -> None:
    top = scale_top(values, Bands(), "")
    assert len(sparkline(values, width, top, ASCII.spark)) == width


@pytest.mark.parametrize("glyphs", (RICH, ASCII), ids=["rich", "ascii"])
def test_big_digits_are_three_rows_of_one_width(glyphs: Glyphs) -> None:
    rows = big_digits("+1:23:45-67890", glyphs)
    assert len({width_of(row) for row in rows}) == 1


def test_big_digits_read_as_drawn() -> None:
    assert big_digits("02:4", RICH) == ("┏━┓ ╺━┓   ╻ ╻", "┃ ┃ ┏━┛ : ┗━┫", "┗━┛ ┗━╸     ╹")


def test_fit_measures_cells_not_characters() -> None:
    assert fit("測試資料", 5) == "測試…"
    assert fit("測試資料", 4) == "測 …"
    assert fit("ab", 4) == "ab  "


@given(ANY_LINE, st.integers(0, 40), st.integers(0, 40))
def test_a_cut_is_never_wider_than_asked(line: Line, start: int, length: int) -> None:
    assert line_width(cut(line, start, start + length)) <= max(length, 0)


@given(ANY_LINE, ANY_LINE, st.integers(0, 60))
def test_padding_and_justifying_give_exactly_the_width(a: Line, b: Line, width: int) -> None:
    assert line_width(pad(a, width)) == width
    assert line_width(justify(a, b, width)) == width


@given(ANY_LINE, st.integers(1, 60))
def test_a_cut_is_marked_unless_blanks_alone_are_lost(line: Line, width: int) -> None:
    lost = plain(cut(line, width, line_width(line)))
    assert plain(pad(line, width)).endswith("…") is bool(lost.strip()) or "…" in plain(line)


def test_a_frame_gives_way_with_a_mark_too() -> None:
    left, right = (("Flow and webhooks", Role.TEXT),), ((" 3 hidden", Role.DIM),)
    assert plain(justify(left, right, 20)) == "Flow and w… 3 hidden"
    assert plain(justify(left, right, 6)) == " 3 hi…"


def test_ascii_keeps_the_width() -> None:
    text = "a…b · 測 ┆ é"
    assert to_ascii(text) == "a~b - ?? | ?"
    assert width_of(to_ascii(text)) == width_of(text)


def test_strip_parts_the_phases_and_marks_late_signatures() -> None:
    scene = scene_of(late_round(), NOW + 14 * 60)
    assert plain(round_strip(scene.snapshot.rounds, RICH)) == "✔✔✔✔✔✗!·····┆······┆······"
    assert plain(round_counts(scene.snapshot.rounds)) == "1 late · 1 missed · 5 signed"
    assert plain(worst_count(scene.snapshot.rounds)) == "1 missed"
    assert plain(worst_count(normal().rounds)) == "1 late"
    assert plain(round_strip(normal().rounds, RICH)) == "✔✔✔✔!✔○·····┆······┆······"


def test_rounds_go_on_by_the_clock_when_no_snapshot_comes() -> None:
    scene = scene_of(normal(), NOW + 3600)
    assert plain(round_strip(scene.snapshot.rounds, ASCII)) == "vvvv!vxxo...|......|......"


def test_limits_are_said_shortest_where_room_is_short() -> None:
    bands = Bands(target=500, warning=2000, critical=5000)
    assert limits_text(bands, 40) == "target 500 warn 2 000 crit 5 000"
    assert limits_text(bands, 12) == "target 500"
    assert limits_text(Bands(warning=1, bad=Direction.BELOW), 12) == "warn <1"


def test_limits_in_words_say_on_which_side_is_bad() -> None:
    assert limits_in_words(CHECKS[0]) == "warning above 80 %, critical above 95 %"
    assert limits_in_words(CHECKS[18]) == "warning below 1"


def test_of_two_equal_limits_only_the_worse_one_is_said() -> None:
    bands = Bands(target=3000, warning=3000, critical=5000)
    check = CHECKS[0].model_copy(update={"bands": bands})
    assert bands.limits == ((Level.WARNING, 3000), (Level.CRITICAL, 5000))
    assert bands.grade(3001) is bands.limits[0][0]
    assert limits_text(bands, 40) == "warn 3 000 crit 5 000"
    assert limits_in_words(check) == "warning above 3 000 %, critical above 5 000 %"
    assert limits_in_words(check.model_copy(update={"bands": Bands()})) == "none"


def test_a_row_is_exactly_as_wide_as_its_columns() -> None:
    for width in range(4, 200):
        widths = columns(width, [c.title for c in CHECKS])
        for state in troubled().checks:
            for told in (False, True):
                line = check_row(state, NOW, widths, RICH, told=told)
                assert line_width(line) == widths.width
                assert widths.width <= width


def test_an_unknown_value_carries_a_question_mark() -> None:
    snapshot = turn(normal(), "connections", Level.UNKNOWN, "no answer")
    assert value_text(snapshot.checks[0]) == "42 % ?"
    snapshot = turn(normal(), "connections", Level.UNKNOWN, "no answer", value=None)
    assert value_text(snapshot.checks[0]) == "unknown"


def test_a_reading_without_a_value_shows_none() -> None:
    state = normal().checks[0]
    assert state.reading is not None
    silent = replace(state, reading=replace(state.reading, has_value=False))
    assert value_text(silent) == "-"
    assert silent.value is None


def test_a_bad_row_says_why_and_a_calm_one_its_limits() -> None:
    widths = columns(80, [c.title for c in CHECKS])
    rows = {
        s.check.id: plain(check_row(s, NOW, widths, RICH, told=False)) for s in troubled().checks
    }
    assert "4 > 3 in 30 m, n=128, 4 s ago" in rows["failures"]
    assert "warn 80 crit 95" in rows["connections"]
    assert "none, and Chatwoot has none" in rows["leads"]


def test_a_pane_with_too_little_room_shows_trouble_first_and_counts_the_rest() -> None:
    scene = scene_of(troubled(), NOW)
    checks = round_checks(scene)
    widths = columns(80, [c.check.title for c in checks])
    lines = [
        plain(line)
        for line in pane_lines(
            pane_bar("round", checks, scene, (80, 6), focused=False), checks, scene, (80, 6), widths
        )
    ]
    assert [line[1] for line in lines[1:5]] == ["✖", "!", "?", "◐"]
    assert lines[5].strip() == "+8 more, 1 yours"
    lines = [
        plain(line)
        for line in pane_lines(
            pane_bar("round", checks, scene, (80, 3), focused=False), checks, scene, (80, 3), widths
        )
    ]
    assert lines[2].strip() == "+11 more, 3 to look at, 1 yours"


def test_the_check_under_the_cursor_is_always_among_those_shown() -> None:
    checks = troubled().checks
    widths = columns(80, [c.check.title for c in checks])
    for state in checks:
        shown = choose(checks, 4, widths, state.check.id).checks
        assert state.check.id in {c.check.id for c in shown}


def test_tally_counts_ok_trouble_and_a_persons_items_as_the_card_asks_for_them() -> None:
    snapshot = troubled()
    found = tally(round_checks(scene_of(snapshot, NOW)))
    assert (found.ok, found.look, found.yours) == (7, 4, 1)
    assert snapshot.due
    assert len(card(snapshot, snapshot.due).owed) == found.look + found.yours


def test_the_most_important_thing_is_the_worst_open_episode() -> None:
    text = plain(important(scene_of(troubled(), NOW), 80))
    assert (
        text == "✖ duplicate leads for 2m (+1 more), not acknowledged: 2 phones with more than o…"
    )


def test_what_is_bad_now_comes_before_what_was_worse_once() -> None:
    calm = turn(troubled(), "duplicates", Level.WARNING, "1 phone with more than one lead")
    worse = turn(calm, "failures", Level.CRITICAL, "40 > 10")
    text = plain(important(scene_of(worse, NOW), 80))
    assert text == "✖ webhook failures for 8m (+1 more), not acknowledged: 40 > 10"


def test_a_late_round_is_said_when_nothing_else_is_wrong() -> None:
    text = plain(important(scene_of(late_round(), NOW + 14 * 60), 80))
    assert text == "! round 7 was due at 08:30 UTC, nobody signed"


def test_a_recent_gap_is_said_when_nothing_else_is_wrong() -> None:
    scene = scene_of(normal(), NOW)
    assert plain(important(scene, 80)) == "● no trouble so far"
    gaps = troubled().gaps
    blind = scene_of(replace(normal(), gaps=gaps), NOW)
    assert plain(important(blind, 80)) == "? blind 07:20–07:37 UTC (16m): not watched"


@pytest.mark.parametrize("width", (1, 5, 20, 40, 60, 80, 120, 300))
def test_header_and_top_fill_any_width_exactly(width: int) -> None:
    for snapshot in (normal(), troubled(), hostile()):
        scene = scene_of(snapshot, NOW)
        line = header_line(scene, width)
        assert line_width(line) == width
        for height in (1, 2, 3):
            lines = top_lines(scene, width, height)
            assert len(lines) == height
            assert {line_width(line) for line in lines} == {width}


@pytest.mark.parametrize(
    ("ahead", "width", "words"),
    (
        (-1200, 120, "until round 7 of 24, due 08:30 · 10 ok"),
        (0, 120, "until round 7 of 24, due 08:30, open · 10 ok"),
        (0, 80, "until round 7 of 24, due 08:30, open · 10 ok · 1 yours"),
        (0, 72, "until round 7, due 08:30, open · 10 ok · 1 yours"),
        (0, 66, "until round 7, due 08:30 · 10 ok · 1 yours"),
        (0, 60, "until round 7 · 10 ok · 1 yours"),
        (0, 48, "round 7 · 10 ok · 1 yours"),
        (240, 120, "round 7 of 24 is due since 08:30 · 10 ok"),
        (900, 120, "round 7 of 24 is late, was due 08:30 · 10 ok"),
    ),
)
def test_the_countdown_says_what_it_counts_to_as_far_as_there_is_room(
    ahead: float, width: int, words: str
) -> None:
    lines = top_lines(scene_of(normal(), NOW + ahead), width, 3)
    assert f"   {words}" in plain(lines[0])


def test_before_launch_the_header_says_so() -> None:
    scene = scene_of(normal(), LAUNCH - 753)
    assert "T−00:12:33" in plain(header_line(scene, 120))
    assert "before launch" in plain(header_line(scene, 120))
    assert clock_time(LAUNCH) == "05:00"


def test_client_items_stand_with_integrity() -> None:
    scene = scene_of(normal(), NOW)
    assert pane_checks(scene, *(c.pane for c in CHECKS[-1:]))[0].check.id == "client"
