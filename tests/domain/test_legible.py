"""Log records as a person may read them."""

import pytest
from pydantic import SecretStr

from firstwatch.legible import Reader
from firstwatch.plan import Plan
from firstwatch.probe import LogRecord
from tests.domain.leaping import plan

TOKEN = "hush-4711-0815"


def said(text: str, number: int = 1) -> LogRecord:
    return LogRecord(number, 1.0, text.encode())


@pytest.fixture
def secretive() -> Plan:
    return plan({"up": {}}).model_copy(update={"taken": (SecretStr(TOKEN),)})


def test_what_the_application_says_is_shown_as_it_is_with_its_indentation(secretive: Plan) -> None:
    text = '[v0] call +1 555 0100\n{\n  "name": "Ada <b>[bold]x[/]"\n    at f (/a.js:1)'
    assert Reader(secretive).lines(said(text)) == tuple(text.split("\n"))


@pytest.mark.parametrize(
    ("text", "shown"),
    (
        ("a\x1b[31mred\x1b[0m\x1b]52;c;QUFB\x07b", "aredb"),
        ("a\x00\x07\x08b\x7f\x9b31mc", "abc"),
        ("a\tb\r", "a b"),
        ("pay\u202egnp.exe\u200b\ufeff", "paygnp.exe"),
        ("\u2028x", "x"),
        ("\udcff", "?"),
    ),
)
def test_nothing_in_it_reaches_the_terminal_but_letters(
    secretive: Plan, text: str, shown: str
) -> None:
    record = LogRecord(1, 1.0, text.encode(errors="replace"))
    assert Reader(secretive).lines(record) == (shown,)


def test_bytes_that_are_no_text_are_marked(secretive: Plan) -> None:
    assert Reader(secretive).lines(LogRecord(1, 1.0, b"a\xffb")) == ("a\ufffdb",)


@pytest.mark.parametrize(
    "text",
    (f"401 for {TOKEN}", f"cut off at {TOKEN[:-3]}", f"unseen: {TOKEN[:5]}\u200b{TOKEN[5:]}"),
)
def test_a_secret_of_the_plan_is_gone_whole_or_cut_off(secretive: Plan, text: str) -> None:
    (line,) = Reader(secretive).lines(said(text))
    assert TOKEN[:6] not in line
    assert "…" in line


def test_a_password_in_an_address_is_gone_whoever_printed_it(secretive: Plan) -> None:
    (line,) = Reader(secretive).lines(said("connect postgresql://app:pa55word@db:5432/app failed"))
    assert "pa55word" not in line
    assert "failed" in line


def test_another_log_counts_its_records_anew(secretive: Plan) -> None:
    reader = Reader(secretive)
    assert reader.lines(said("one")) == ("one",)
    reader.forget(before=1)
    assert reader.lines(said("two")) == ("one",), "known by its number"
    reader.forget()
    assert reader.lines(said("two")) == ("two",)
