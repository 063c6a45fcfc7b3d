"""Times as people write them, and notes that end in one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.promising import DAY, FARTHEST, moment, promise_in

NOW = datetime(2026, 11, 24, 2, 33, 20, tzinfo=UTC).timestamp()
MOMENTS = st.floats(1e9, 4e9)
CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda t: f"{t[0]:02}:{t[1]:02}")


def at(clock: str, day: int = 24) -> float:
    return datetime.fromisoformat(f"2026-11-{day}T{clock}:00+00:00").timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("30m", NOW + 1800),
        ("in 20m", NOW + 1200),
        ("in 20 minutes", NOW + 1200),
        ("1h30m", NOW + 5400),
        (" 1h 5 min ", NOW + 3900),
        ("0.5h", NOW + 1800),
        ("03:15", at("03:15")),
        ("3:15", at("03:15")),
        ("@03:15", at("03:15")),
        ("at 03:15 UTC", at("03:15")),
        ("by 3:15z", at("03:15")),
        ("02:15", at("02:15", 25)),
        ("02:33", at("02:33", 25)),
        ("00:00", at("00:00", 25)),
    ),
)
def test_a_time_is_understood(text: str, expected: float) -> None:
    assert moment(text, NOW) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ("", "soon", "24:00", "03:60", "0m", "-5m", "8d", "9999d", "20", "03:15:20", "in", "@", "٣m"),
)
def test_what_names_no_time_to_come_is_not_guessed(text: str) -> None:
    assert moment(text, NOW) is None


def test_the_time_of_day_it_is_just_now_means_tomorrow() -> None:
    assert moment("02:33", at("02:33")) == at("02:33", 25)


@pytest.mark.parametrize(
    ("note", "text", "due"),
    (
        ("recheck quota 03:15", "recheck quota", at("03:15")),
        ("recheck quota @03:15", "recheck quota", at("03:15")),
        ("recheck quota@03:15", "recheck quota", at("03:15")),
        ("recheck quota at 03:15 UTC.", "recheck quota", at("03:15")),
        ("recheck quota, in 20m", "recheck quota", NOW + 1200),
        ("call them back in 1h 30m", "call them back", NOW + 5400),
        ("began 01:10, look again 03:15", "began 01:10, look again", at("03:15")),
        ("測試 03:15", "測試", at("03:15")),
    ),
)
def test_a_note_that_ends_in_a_time_is_a_promise(note: str, text: str, due: float) -> None:
    promise = promise_in(note, NOW)
    assert promise is not None
    assert promise.text == text
    assert promise.due == pytest.approx(due)


@pytest.mark.parametrize(
    "note",
    (
        "told the client",
        "restarted after 30m",
        "03:15",
        "@ 03:15",
        "error at 03:15 in the log",
        "seen 10:03:15",
        "2026-11-24T03:15",
        "login 20m",
        "version 1.03:15",
        "",
    ),
)
def test_a_note_that_does_not_is_a_note(note: str) -> None:
    assert promise_in(note, NOW) is None


@given(st.text(max_size=60), MOMENTS)
def test_whatever_is_understood_is_to_come_and_not_too_far(text: str, now: float) -> None:
    found = moment(text, now)
    assert found is None or now < found <= now + FARTHEST
    promise = promise_in(text, now)
    assert promise is None or (promise.text and now < promise.due <= now + FARTHEST)


@given(CLOCKS, MOMENTS)
def test_a_time_of_day_is_the_next_one_in_utc(clock: str, now: float) -> None:
    found = moment(clock, now)
    assert found is not None
    assert now < found <= now + DAY
    # Up to what a float holds of a moment.
    assert datetime.fromtimestamp(round(found), UTC).strftime("%H:%M") == clock
    assert abs(found - round(found)) < 1e-3


@given(st.integers(1, 9999), st.sampled_from("smhd"), MOMENTS)
def test_a_span_is_counted_from_now(count: int, unit: str, now: float) -> None:
    seconds = count * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    found = moment(f"in {count}{unit}", now)
    assert found == (pytest.approx(now + seconds) if seconds <= FARTHEST else None)


@given(st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,3}", fullmatch=True), CLOCKS, MOMENTS)
def test_the_words_before_the_time_are_kept(words: str, clock: str, now: float) -> None:
    promise = promise_in(f"{words} {clock}", now)
    assert promise is not None
    assert promise.due == moment(clock, now)
    assert words.startswith(promise.text)


def test_a_very_long_note_is_read_at_once() -> None:
    assert promise_in("a1 m " * 100_000, NOW) is None
    assert promise_in("1" * 100_000 + " in 5m", NOW) is None
