"""Text from outside cannot move the cursor, hide, reorder or flood."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.text import clean, strip_ansi

nasty = st.text(
    st.characters() | st.sampled_from("\x1b\x9b[]m;0\x07\r\n\t\u202e\u2066\u200b\ufeff"),
    max_size=300,
)


@pytest.mark.parametrize(
    ("text", "line"),
    (
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jscreen", "screen"),
        ("two\nlines\r\n\tand a tab", "two lines and a tab"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00 bell\x07 back\x08space\x7f", "nul bell backspace"),
        ("half \ud800 a pair", "half  a pair"),
        ("  around  ", "around"),
        ("", ""),
        ("مرحبا 你好 👍", "مرحبا 你好 👍"),
    ),
)
def test_a_line_is_made_harmless_and_stays_readable(text: str, line: str) -> None:
    assert clean(text) == line


def test_a_cut_is_shown() -> None:
    assert clean("x" * 400) == "x" * 400
    assert clean("x" * 401) == "x" * 399 + "…"
    assert clean("abcdef", 3) == "ab…"
    assert clean("\x1b[0m" * 1_000_000, 10).endswith("…")


def test_stripping_escape_sequences_leaves_line_breaks() -> None:
    assert strip_ansi("\x1b[1mone\x1b[0m\ntwo") == "one\ntwo"


@given(nasty, st.integers(1, 100))
def test_no_text_leaves_more_than_one_short_harmless_line(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in line)
    bidirectional = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN"}
    assert not any(
        unicodedata.bidirectional(character) in bidirectional - {"BN"} for character in line
    )


@given(nasty)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    (
        (
            "no route to postgresql://u:S3cret@db:5432/app now",
            "no route to postgresql://…@db:5432/app now",
        ),
        ("redis://:pw@h", "redis://…@h"),
        ("https://example.com/a:b@c", "https://example.com/a:b@c"),
        ("mail a:b@c", "mail a:b@c"),
    ),
)
def test_credentials_in_an_address_never_show(text: str, shown: str) -> None:
    assert clean(text) == shown
