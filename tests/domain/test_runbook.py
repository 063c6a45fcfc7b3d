"""The runbook of a check: the plan's words, the last reading's facts, and commands to paste."""

import shlex
from dataclasses import replace

import pytest
from pydantic import ValidationError

from firstwatch.plan import Check, Command, Contact, Pane, Plan
from firstwatch.readings import Reading, Row
from firstwatch.runbook import KNOWN, row_value, runbook
from firstwatch.snapshot import CheckState, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict

OWN = Command(title="look", command='curl "$APP_URL"{worst}')
SHARED = Command(title="call", command="echo call")


def snapshot(*rows: Row, contacts: tuple[Contact, ...] = (), **state: object) -> Snapshot:
    check = Check(
        id="slow", title="slow", pane=Pane.HEALTH, source="app", hint="Look.", commands=(OWN,)
    )
    known = {"reading": Reading(90.0, 3.0, note="three", rows=rows), **state}
    verdict = Verdict(Level.WARNING, "3 > 2", 50.0)
    row = CheckState(check, verdict, **known)  # type: ignore[arg-type]
    plan = Plan(sources={}, phases=(), checks={"slow": check}, contacts=contacts)
    return Snapshot(at=100.0, launch=0.0, plan=plan, checks=(row,))


def test_it_has_the_plans_words_and_the_commands_of_check_and_contacts() -> None:
    ours = Contact(title="Speed", hint="Scale.", checks=("slow",), commands=(SHARED, OWN))
    other = Contact(title="Money", hint="Pay.", checks=("dear",), commands=(SHARED,))
    book = runbook("slow", snapshot(contacts=(ours, other)))
    assert book.hint == "Look."
    assert book.contacts == (ours,)
    assert book.commands == (OWN, SHARED)  # each once


def test_the_worst_parts_are_known_already() -> None:
    rows = tuple(Row(f"/{n}", float(n)) for n in range(9, 0, -1))
    book = runbook("slow", snapshot(*rows))
    assert book.known == rows[:KNOWN]
    assert book.reading is not None


def test_the_worst_part_is_filled_into_a_command() -> None:
    (command,) = runbook("slow", snapshot(Row("/login", 3.0), Row("/", 1.0))).commands
    assert command.command == 'curl "$APP_URL"/login'
    assert command.title == "look"


def test_a_part_known_by_an_id_is_filled_in_by_it() -> None:
    (command,) = runbook("slow", snapshot(Row("A of b", 3.0, key="ckx1"))).commands
    assert command.command.endswith("ckx1")


@pytest.mark.parametrize(
    "label", ("; rm -rf ~", "$(id)", "`id`", "a' b\n'c", "\x1b]52;c;AA\x07x", "", "{worst}")
)
def test_text_from_outside_is_one_word_to_the_shell(label: str) -> None:
    (command,) = runbook("slow", snapshot(Row(label, 3.0))).commands
    words = shlex.split(command.command)
    assert len(words) == 2
    assert command.command.isprintable()


def test_without_a_reading_the_command_stays_as_written() -> None:
    book = runbook("slow", snapshot(reading=None))
    assert book.commands == (OWN,)
    assert (book.reading, book.known) == (None, ())


def test_a_source_out_of_reach_says_why() -> None:
    shown = snapshot()
    verdict = Verdict(Level.UNKNOWN, "app unreachable since 08:20", 50.0, "app")
    down = SourceState("app", "http", 50.0, "connection refused")
    blocked = replace(shown.checks[0], verdict=verdict)
    found = runbook("slow", replace(shown, checks=(blocked,), sources=(down,)))
    assert found.outage == "connection refused"
    assert not runbook("slow", shown).outage


def test_a_reading_that_rests_on_nothing_is_not_known() -> None:
    empty = Reading(90.0, 0.0, sample=0, rows=(Row("/", 0.0),))
    verdict = Verdict(Level.UNKNOWN, "n=0", 50.0)
    shown = snapshot(reading=empty)
    book = runbook("slow", replace(shown, checks=(replace(shown.checks[0], verdict=verdict),)))
    assert (book.reading, book.known) == (None, ())


def test_a_check_that_is_gone_has_an_empty_runbook() -> None:
    book = runbook("gone", snapshot())
    assert not book.hint
    assert not book.commands


def test_a_part_may_have_a_unit_of_its_own() -> None:
    assert row_value(Row("a", 3.0), "%") == "3 %"
    assert row_value(Row("a", 3.0, unit="s"), "%") == "3 s"
    assert row_value(Row("a", 3.0, unit=""), "%") == "3"


def test_pasting_a_command_does_not_run_its_last_line() -> None:
    command = Command(title="two", command="\ncat <<'X'  \n a\tb\nX\n\n")
    assert command.command == "cat <<'X'\n a\tb\nX"


@pytest.mark.parametrize("text", ("", " \n", "ls\x1b[2J", "ls\x07", "ls\rrm", "ls\u202e"))
def test_a_command_holds_something_and_nothing_that_a_terminal_obeys(text: str) -> None:
    with pytest.raises(ValidationError):
        Command(title="bad", command=text)
