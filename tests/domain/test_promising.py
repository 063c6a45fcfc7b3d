"""Times as people write them, and notes that end in one."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.promising import BEHIND, DAY, FARTHEST, moment, promise_in, why_none

NOW = datetime(2026, 11, 24, 2, 33, 20, tzinfo=UTC).timestamp()
MOMENTS = st.floats(1e9, 4e9)
TELLING = re.compile(r"(?:since|from|until|till|was|were|after|before|between|of|and|to)")
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


@pytest.mark.parametrize(
    "words",
    (
        "errors since",
        "errors FROM",
        "slow until",
        "slow till",
        "the deploy was",
        "both were",
        "broken after",
        "fine before",
        "spikes between 02:00 and",
        "the backup of",
        "down 01:10 to",
        "down 01:10 -",
        "down 01:10-",
        "down 01:10 \u2013 ",
    ),
)
@pytest.mark.parametrize("clock", ("01:26", "03:15", "at 03:15", "by 03:15", "in 5m"))
def test_a_time_that_is_told_of_promises_nothing(words: str, clock: str) -> None:
    assert promise_in(f"{words} {clock}", NOW) is None
    assert why_none(f"{words} {clock}", NOW) == ""


def test_words_that_only_end_like_those_promise_as_ever() -> None:
    for words in ("restart the demand", "call Renato", "reset the proof"):
        assert promise_in(f"{words} 03:15", NOW) is not None


@pytest.mark.parametrize("lead", ("", "at "))
def test_a_time_of_day_that_has_just_passed_is_no_promise_for_tomorrow(lead: str) -> None:
    """Typed at 22:00, 03:15 is five hours ahead; typed at 04:00 it was three quarters ago."""
    assert promise_in(f"recheck quota {lead}03:15", at("22:00", 23)) is not None
    assert promise_in(f"recheck quota {lead}03:15", at("04:00")) is None
    assert promise_in(f"recheck quota {lead}03:15", at("03:15")) is None
    assert promise_in(f"recheck quota {lead}03:15", at("03:15") + BEHIND - 1) is None
    assert promise_in(f"recheck quota {lead}03:15", at("03:15") + BEHIND) is not None


@pytest.mark.parametrize("lead", ("by ", "@", "@ "))
def test_by_says_that_tomorrow_is_meant(lead: str) -> None:
    promise = promise_in(f"recheck quota {lead}03:15", at("04:00"))
    assert promise is not None
    assert (promise.text, promise.due) == ("recheck quota", at("03:15", 25))


@pytest.mark.parametrize(
    ("note", "why"),
    (
        ("recheck 24:61", "24:61 is no time"),
        ("recheck 25:00 UTC.", "25:00 is no time"),
        ("recheck in 8d", "in 8d is no time in the next 7 days"),
        ("restarted 01:26", '01:26 has passed: a note only; "by 01:26" promises it for the'),
        ("told the client", ""),
        ("recheck 03:15", ""),
        ("seen 10:24:61", ""),
    ),
)
def test_a_time_that_promises_nothing_says_why(note: str, why: str) -> None:
    found = why_none(note, NOW)
    assert found.startswith(why) if why else not found


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
    promise = promise_in(f"{words} by {clock}", now)
    assert (promise is None) == bool(TELLING.fullmatch(words.rpartition(" ")[2]))
    if promise is None:
        return
    assert promise.due == moment(clock, now)
    assert words.startswith(promise.text)


def test_a_very_long_note_is_read_at_once() -> None:
    assert promise_in("a1 m " * 100_000, NOW) is None
    assert promise_in("1" * 100_000 + " in 5m", NOW) is None
