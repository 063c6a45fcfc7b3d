"""Durations and quantities are read as people write them and shown as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.units import (
    DURATIONS,
    UNITS,
    format_clock,
    format_duration,
    format_elapsed,
    format_number,
    format_value,
    parse_duration,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    (
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("500 ms", 0.5),
        ("1.5h", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("0s", 0),
    ),
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ("", "30", "-5s", "5 minutes", "1h30", "s", "1e3s", "5M", "30s!", "ten s", "∞s", "nans")
)
def test_what_is_no_duration_is_answered_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match='is not a duration; write it like "30s"'):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    (
        ("2s", "ms", 2000),
        ("500", "ms", 500),
        ("500 ms", "s", 0.5),
        ("80%", "%", 80),
        ("1GB", "MB", 1000),
        ("2w", "days", 14),
        ("-3", "", -3),
        ("3/min", "/min", 3),
    ),
)
def test_a_quantity_is_read_in_the_unit_of_its_check(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    (
        ("2s", "%", r'does not fit the unit "%" of this check \(accepted: %\)'),
        ("2 MB", "ms", "accepted: ms, s, m"),
        ("many", "", "is not a number with a unit"),
        ("1 204", "", "does not fit"),
        ("", "ms", "is not a number with a unit"),
    ),
)
def test_a_quantity_that_does_not_fit_says_what_would(text: str, unit: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_quantity(text, unit)


@pytest.mark.parametrize(
    ("seconds", "text"),
    (
        (-3, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (61, "1m 01s"),
        (599, "9m 59s"),
        (3599, "59m"),
        (3900, "1h 05m"),
        (86_399, "23h 59m"),
        (183_600, "2d 03h"),
    ),
)
def test_a_duration_is_shown_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    (
        (0.0, "", "0"),
        (0.213, "%", "0.21 %"),
        (4.2, "%", "4.2 %"),
        (4.0, "", "4"),
        (740.4, "ms", "740 ms"),
        (12_300, "ms", "12.3 s"),
        (1204, "", "1 204"),
        (1_204_000, "", "1 204 000"),
        (-5.5, "", "-5.5"),
        (12.0, "/min", "12/min"),
    ),
)
def test_a_value_is_as_short_as_is_honest(value: float, unit: str, text: str) -> None:
    assert format_value(value, unit) == text


def test_a_moment_is_shown_as_the_time_of_day_in_utc() -> None:
    assert format_clock(1_800_003_600.0) == "09:00"


@given(st.text(max_size=30))
def test_any_text_is_a_duration_or_a_clear_no(text: str) -> None:
    try:
        assert parse_duration(text) >= 0
    except ValueError as error:
        assert "is not a duration" in str(error)  # noqa: PT017 - either outcome is right


@given(st.text(max_size=30), st.sampled_from(UNITS))
def test_any_text_is_a_quantity_or_a_clear_no(text: str, unit: str) -> None:
    try:
        parse_quantity(text, unit)
    except ValueError as error:
        assert text in str(error)  # noqa: PT017 - either outcome is right


@given(st.integers(0, 10**6), st.sampled_from(sorted(DURATIONS)))
def test_any_whole_number_of_any_unit_is_read_exactly(number: int, unit: str) -> None:
    assert parse_duration(f"{number}{unit}") == pytest.approx(number * DURATIONS[unit])


@given(st.floats(0, 1e9))
def test_a_shown_duration_is_never_longer_than_the_real_one(seconds: float) -> None:
    shown = parse_duration(format_duration(seconds))
    assert shown <= seconds
    assert seconds - shown <= max(60, seconds / 24) + 1


@given(st.floats(-1e12, 1e12))
def test_a_shown_number_is_within_five_percent_of_the_real_one(value: float) -> None:
    shown = float(format_number(value).replace(" ", ""))
    assert shown == pytest.approx(value, rel=0.0501, abs=1e-320)


@pytest.mark.parametrize(
    ("seconds", "told"),
    ((0, "T+00:00"), (11_520, "T+03:12"), (90_061, "T+25:01"), (-1, "T-00:00"), (-753, "T-00:12")),
)
def test_time_since_the_launch_is_told_to_the_minute(seconds: float, told: str) -> None:
    assert format_elapsed(seconds) == told
