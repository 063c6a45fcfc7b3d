"""The report of a whole day, from a real journal, and what it makes of it."""

import re
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstwatch.acts import (
    Acknowledgement,
    Act,
    Answer,
    Cadence,
    Carried,
    Escalated,
    HandedOver,
    Item,
    Mark,
    Note,
    Promise,
    Record,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
)
from firstwatch.affairs import affairs, signed
from firstwatch.chronicle import lately
from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.flights import Flight
from firstwatch.handoff import facts, from_journal, summary, to_breath, to_stakeholders
from firstwatch.handoff import to_markdown as handoff_page
from firstwatch.journal import Journal
from firstwatch.masking import Masker
from firstwatch.plan import Plan, Rollback, Step
from firstwatch.report import (
    Decision,
    Material,
    Report,
    gather,
    material,
    to_html,
    to_markdown,
    write,
)
from firstwatch.rounds import schedule, states
from firstwatch.snapshot import Gap
from firstwatch.verdict import Level, Verdict
from tests.domain.launched import (
    DAY,
    END,
    T0,
    a_plan,
    begun,
    clean_day,
    eventful_day,
    item,
    measure,
    sign_all,
    sign_off,
)

GOLDEN = Path(__file__).with_name("test_report_golden.md")
HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp; | `x` [a](b)"


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """A day with everything in it."""
    plan = a_plan()
    with eventful_day(tmp_path_factory.mktemp("day") / "day.journal", plan) as journal:
        return material(journal, plan, END)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a day of which nothing can be said but that it went well."""
    path = tmp_path_factory.mktemp("clean") / "day.journal"
    clean_day(path, a_plan()).close()
    return path


@pytest.fixture(scope="module")
def spotless(clean: Path) -> Material:
    """That day, read."""
    with Journal.read_only(clean) as journal:
        return material(journal, a_plan(), END)


@pytest.fixture
def journal(clean: Path, tmp_path: Path) -> Iterator[Journal]:
    """A copy of it, to go on with."""
    path = tmp_path / "day.journal"
    path.write_bytes(clean.read_bytes())
    with Journal.open(path) as journal:
        yield journal


def report_of(journal: Journal, plan: Plan | None = None, now: float = END) -> Report:
    return gather(material(journal, plan or a_plan(), now), Masker(salt=b"s"))


def flight(name: str, after: float, subject: str = "check-1") -> Flight:
    folder = Path("/state/day.journal.flights") / name
    return Flight((subject,), T0 + after, T0, folder, ("flight.toml",))


def deciding(report: Report) -> list[str]:
    return [one.name for one in report.ruling.deciding]


def section(markdown: str, title: str) -> str:
    found = re.search(rf"^## {title}\n\n(.*?)(?=\n\n## |\Z)", markdown, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1].strip()


def told(report: Report, title: str) -> str:
    return section(to_markdown(report), title)


def test_a_day_of_which_nothing_speaks_against_it_is_a_go(journal: Journal) -> None:
    report = report_of(journal)
    assert report.ruling.decision is Decision.GO
    assert not report.is_provisional
    markdown = to_markdown(report)
    assert markdown.startswith("# Final report: spring launch, T+24h05\n\n**GO**\n")
    assert "go, none of 12 rules speaks against it, which is all that it says" in markdown
    for word in ("all good", "healthy", "success", "congrat"):
        assert word not in markdown.lower()


def test_the_whole_document_reads_as_expected(eventful: Material) -> None:
    markdown = to_markdown(gather(eventful, Masker(salt=b"s")))
    # The hash is of the acts as they are stored, whose fields may become more.
    told = markdown.replace(eventful.chain.head, "HEAD")
    assert told == GOLDEN.read_text(encoding="utf-8")


def test_before_the_plan_is_over_it_is_provisional_and_never_a_go(journal: Journal) -> None:
    report = report_of(journal, now=T0 + 23 * 3600)
    assert report.is_provisional
    assert report.ruling.decision is Decision.EXTEND
    assert "time" in deciding(report)
    markdown = to_markdown(report)
    assert markdown.startswith("# Provisional report: spring launch, T+23h00")
    assert "provisional, 1h 00m before the end: extend" in markdown
    assert '<p class="provisional">' in to_html(report)


def test_before_a_launch_there_is_nothing_to_report_on(tmp_path: Path) -> None:
    with (
        Journal.open(tmp_path / "new.journal") as journal,
        pytest.raises(JournalError, match="nothing to report on"),
    ):
        material(journal, a_plan(), T0)


def test_a_watch_that_ended_after_the_plan_is_told_as_it_saw_things_last(
    journal: Journal,
) -> None:
    journal.end_run(END + 1)
    report = report_of(journal, now=END + 3 * DAY)
    assert report.ruling.decision is Decision.GO
    assert report.at == END + 1
    assert "the watch ended 09:05 (13:05): what stands here is what it saw last" in told(
        report, "Verdict"
    )


def test_a_watch_that_ended_before_the_plan_was_over_leaves_everything_unknown(
    tmp_path: Path,
) -> None:
    plan = a_plan(clean_rounds=0)
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, T0 + DAY - 60)
        sign_all(journal, plan)
        journal.end_run(T0 + DAY - 60)
        report = report_of(journal, plan)
    assert report.ruling.decision is Decision.EXTEND
    assert deciding(report) == ["unknown"]
    assert "5 unknown: source watch, check 1, check 2, check 3, ledger since T0" in told(
        report, "Verdict"
    )


def test_a_round_that_closed_after_the_watch_ended_was_missed(tmp_path: Path) -> None:
    plan = a_plan()
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, END)
        sign_all(journal, plan, but=(24,))
        journal.end_run(END)
        report = report_of(journal, plan, END + 2 * DAY)
    assert deciding(report) == ["clean rounds"]
    assert "0 clean at the end, 3 wanted; before them round 24 missed" in told(report, "Verdict")


def test_losses_that_the_ledger_no_longer_counts_are_not_called_none(eventful: Material) -> None:
    windowed = SimpleNamespace(window=DAY)
    states = tuple(
        replace(s, check=s.check.model_copy(update={"measure": windowed}))
        if s.check.id == "ledger"
        else s
        for s in eventful.snapshot.checks
    )
    later = replace(eventful, snapshot=replace(eventful.snapshot, checks=states))
    verdict = told(gather(later, Masker(salt=b"s")), "Verdict")
    assert "| losses | kept | 0 lost, and neither fetched again nor acknowledged; " in verdict
    assert "the ledger looks back to 15 Jan 09:05 (13:05) and no further |" in verdict


def flip(check: str, level: Level, at: float = END - 600) -> Flip:
    return Flip(at, check, Level.OK, level, f"{check} is {level}", 1.0)


def ack(check: str, level: Level, recheck: float = END + 600) -> Acknowledgement:
    return Acknowledgement(
        subject=check, start=END - 600, level=level, flips=1, why="known", recheck=recheck
    )


@pytest.mark.parametrize(
    ("flips", "acts", "decision", "rules"),
    (
        pytest.param([flip("check-2", Level.CRITICAL)], [], "no-go", ["critical"], id="critical"),
        pytest.param(
            [flip("check-2", Level.CRITICAL)],
            [ack("check-2", Level.CRITICAL)],
            "no-go",
            ["critical"],
            id="critical, though acknowledged",
        ),
        pytest.param([flip("check-2", Level.WARNING)], [], "extend", ["warnings"], id="warning"),
        pytest.param([flip("check-2", Level.UNKNOWN)], [], "extend", ["unknown"], id="unknown"),
        pytest.param(
            [flip("source:app", Level.UNKNOWN)], [], "extend", ["unknown"], id="source away"
        ),
        pytest.param([flip("ledger", Level.WARNING)], [], "no-go", ["losses"], id="lost"),
        pytest.param(
            [flip("ledger", Level.WARNING)],
            [ack("ledger", Level.WARNING)],
            "extend",
            ["warnings"],
            id="lost and acknowledged",
        ),
        pytest.param(
            [flip("ledger", Level.WARNING)],
            [ack("ledger", Level.WARNING, END - 60)],
            "no-go",
            ["losses"],
            id="lost, and to be asked about again",
        ),
        pytest.param(
            [],
            [RollbackOpened(reason="errors"), RollbackClosed(is_called_off=False)],
            "no-go",
            ["rollback"],
            id="rolled back",
        ),
        pytest.param(
            [], [RollbackOpened(reason="errors")], "no-go", ["rollback"], id="rolling back"
        ),
        pytest.param(
            [],
            [RollbackOpened(reason="errors"), RollbackClosed(is_called_off=True)],
            "go",
            [],
            id="rollback called off",
        ),
        pytest.param(
            [],
            [
                RollbackOpened(reason="errors"),
                RollbackStep(step=1, title="Pause"),
                RollbackClosed(is_called_off=True),
            ],
            "no-go",
            ["rollback"],
            id="rollback called off after a step",
        ),
        pytest.param(
            [],
            [
                RollbackOpened(reason="errors"),
                RollbackStep(step=1, title="Pause", is_done=False),
                RollbackClosed(is_called_off=True),
            ],
            "go",
            [],
            id="rollback called off with its step passed over",
        ),
        pytest.param(
            [],
            [RollbackOpened(reason="x", is_drill=True), RollbackClosed(is_called_off=False)],
            "go",
            [],
            id="rollback practised",
        ),
        pytest.param(
            [], [Promise(text="recheck", due=END - 60)], "extend", ["promises"], id="overdue"
        ),
        pytest.param([], [Promise(text="recheck", due=END + 60)], "go", [], id="not yet due"),
        pytest.param([], [Note(text="quiet")], "go", [], id="a note"),
    ),
)
def test_what_is_open_at_the_end_decides(
    journal: Journal, flips: list[Flip], acts: list[Act], decision: str, rules: list[str]
) -> None:
    for one in flips:
        journal.record_flip(one)
    for act in acts:
        journal.act(END - 300, "B", act)
    report = report_of(journal)
    assert (report.ruling.decision.value, deciding(report)) == (decision, rules)


def test_a_manual_item_that_nobody_called_fine_is_against_it(tmp_path: Path) -> None:
    plan = a_plan(clean_rounds=0)
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, END)
        for round_ in schedule(plan, T0):
            blind = item("client", Mark.BLIND, Level.PENDING) if round_.number == 24 else None
            journal.act(round_.due, "A", sign_off(plan, round_, *([blind] if blind else [])))
        report = report_of(journal, plan)
    assert deciding(report) == ["manual items"]
    assert "1 not called fine when last asked, or never asked: first client" in told(
        report, "Verdict"
    )


def test_too_many_missed_rounds_and_too_little_coverage_are_against_it(tmp_path: Path) -> None:
    plan = a_plan()
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, T0 + 3600)
        journal.begin_run(T0 + 3 * 3600, "A", "0.1", "x")
        measure(journal, plan, T0 + 3 * 3600, END)
        sign_all(journal, plan, but=(3, 4, 5))
        report = report_of(journal, plan)
    assert deciding(report) == ["coverage", "missed rounds"]
    verdict = told(report, "Verdict")
    assert "91.6 % with every source in reach, at least 95 % wanted" in verdict
    assert "3 of 24 missed, at most 2 allowed: round 3, round 4, round 5" in verdict


def test_coverage_is_of_the_planned_time_however_late_the_report(journal: Journal) -> None:
    journal.end_run(END)
    journal.begin_run(END + DAY, "A", "0.1", "x")
    measure(journal, a_plan(), END + DAY, END + DAY + 60)
    report = report_of(journal, now=END + DAY + 60)
    assert report.ruling.decision is Decision.GO
    assert "the watch ran 100 %" in told(report, "Blind spots")
    assert "no watch was running" in told(report, "Blind spots")


def test_a_chain_that_is_not_whole_is_against_it(journal: Journal) -> None:
    journal._connection.execute("DROP TRIGGER acts_no_update")
    journal._connection.execute("UPDATE acts SET who = 'C' WHERE id = 4")
    report = report_of(journal)
    assert deciding(report) == ["record"]
    assert "record 4 is not as it was written" in told(report, "The record")


def test_rounds_signed_in_an_earlier_watch_are_told_without_evidence(tmp_path: Path) -> None:
    plan = a_plan()
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, END)
        before = tuple((number, T0 + 1800.0 * number, "Z") for number in range(1, 4))
        journal.act(T0 + 7000, "A", Carried(source="first.toml", signed=before))
        sign_all(journal, plan, but=(1, 2, 3))
        report = report_of(journal, plan)
    assert report.ruling.decision is Decision.GO
    rounds = told(report, "Rounds")
    assert rounds.count("| what was seen is in another journal |") == 3
    assert "3 rounds signed before" in told(report, "Who had the watch")


def test_a_round_that_was_clean_in_an_earlier_watch_is_clean_for_report_and_handoff(
    tmp_path: Path,
) -> None:
    plan = a_plan(clean_rounds=24)
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, END)
        before = tuple((number, T0 + 1800.0 * number, "Z") for number in (1, 2, 3))
        journal.act(T0 + 7000, "A", Carried(source="first.toml", signed=before, clean=(2, 3)))
        sign_all(journal, plan, but=(1, 2, 3))
        found = material(journal, plan, END)
    report = gather(found, Masker(salt=b"s"))
    lines = summary(found.snapshot).rounds.signed
    assert [mark.is_clean for mark in report.frame.rounds] == [line.clean is True for line in lines]
    assert (
        "24 rounds: 24 signed (23 clean, 1 seen in another journal, 0 late, 0 quick), 0 missed"
        in told(report, "Rounds")
    )
    verdict = told(report, "Verdict")
    assert "23 clean at the end, 24 wanted; before them round 1 signed, what was seen" in verdict


def test_handoff_and_report_tell_a_round_in_the_same_words(tmp_path: Path) -> None:
    plan = a_plan()
    first, second, *_ = schedule(plan, T0)
    seen = [
        item(check, Mark.SEEN, Level.WARNING, "slow").model_copy(update={"note": "looked"})
        for check in ("check-1", "check-2", "check-3")
    ]
    # More than are told, and signed before anybody can have looked.
    signed = sign_off(plan, first, *seen, *seen)
    signed = signed.model_copy(update={"opened": first.due + 18, "note": "by phone"})
    with begun(tmp_path / "day.journal", plan) as journal:
        journal.act(first.due + 20, "A", signed)
        for number in range(5):
            journal.act(second.closes, "A", Note(text=f"asleep {number}", about="round:2"))
        measure(journal, plan, T0, T0 + 6000)
        found = material(journal, plan, T0 + 6000)
    mask = Masker(salt=b"s")
    page = handoff_page(summary(found.snapshot, mask=mask))
    rounds = told(gather(found, mask), "Rounds")
    assert "24 rounds: 1 signed (0 clean, 0 late, 1 quick), 1 missed, 1 to be signed" in (
        line := page[page.index("## Rounds") :].splitlines()[2].removeprefix("- ")
    )
    assert line in rounds
    (row,) = (line for line in rounds.splitlines() if line.startswith("| 1 |"))
    shown = page[page.index("- Round 1,") : page.index("- Round 2,")].splitlines()
    for words in ("on time", "2s (quick)", "6 of 8 not clean", "note: by phone"):
        assert words in row
        assert any(words in line for line in shown)
    items = [line.removeprefix("  - ").replace("**", "") for line in shown[1:-1]]
    assert items[0] == "check-1 seen: 130 ms warning, slow — “looked”"
    assert items[-1] == "… and 1 more left out, less bad"
    assert "; ".join(("6 of 8 not clean", *items)) in row
    (missed,) = (line for line in rounds.splitlines() if line.startswith("| 2 |"))
    notes = page[page.index("- Round 2,") : page.index("## Promises")].split("\n  - ")[1:]
    assert notes[0] == "… and 2 notes before these, left out"
    assert [line.strip() for line in notes] == missed.split(" | ")[-1].rstrip(" |").split("; ")


def test_an_acknowledgement_is_told_with_what_became_of_it(journal: Journal) -> None:
    for at, old, new in (
        (END - 600, Level.OK, Level.WARNING),
        (END - 400, Level.WARNING, Level.CRITICAL),
        (END - 200, Level.CRITICAL, Level.OK),
    ):
        journal.record_flip(Flip(at, "check-1", old, new, "slow", 1.0))
    journal.record_flip(flip("check-2", Level.WARNING))
    journal.act(END - 550, "A", ack("check-1", Level.WARNING))
    journal.act(END - 350, "A", ack("check-1", Level.CRITICAL).model_copy(update={"flips": 2}))
    journal.act(END - 340, "A", ack("check-2", Level.WARNING, END - 100))
    rows = told(report_of(journal), "Acknowledgements").splitlines()[2:]
    assert [row.split(" | ")[-1].removesuffix(" |") for row in rows] == [
        "broken by critical 08:58 (12:58)",
        "cleared 09:01 (13:01)",
        "held until it was to be asked again 09:03 (13:03)",
    ]


def owned(journal: Journal) -> dict[str, str]:
    """Who has each episode, as handoff and report tell it; what is over by the report alone."""
    found = material(journal, a_plan(), END)
    rows = told(gather(found, Masker(salt=b"s")), "Episodes").splitlines()[4:]
    cells = [row.strip("| ").split(" | ") for row in rows]
    return {row[0]: row[5] for row in cells}


def test_report_and_handoff_name_the_same_owner_of_an_episode(journal: Journal) -> None:
    for name in ("check-1", "check-2", "check-3", "ledger"):
        journal.record_flip(flip(name, Level.WARNING))
    journal.act(END - 550, "A", ack("check-1", Level.WARNING))
    journal.act(END - 540, "A", ack("check-2", Level.WARNING, END - 100))
    journal.act(END - 530, "A", ack("ledger", Level.WARNING))
    assert owned(journal) == {
        "check 1": "A",
        "check 2": "A, asked again since 09:03 (13:03)",
        "check 3": "nobody",
        "ledger since T0": "A",
    }
    # It broke: nobody has it until it is acknowledged anew, or somebody is named for it.
    worse = Flip(END - 400, "ledger", Level.WARNING, Level.CRITICAL, "growing", 12.0)
    journal.record_flip(worse)
    assert owned(journal)["ledger since T0"] == "nobody"
    who = [("check-3", END - 600), ("ledger", END - 600)]
    journal.act(
        END - 300,
        "B",
        TakenOver(
            by="B",
            answers=(
                Answer(question="2 episodes", answer="B, with support", episodes=tuple(who)),
                Answer(question="Round 24 was missed", answer="yes"),
            ),
        ),
    )
    named = "B, with support, named at the take-over"
    assert {name: who for name, who in owned(journal).items() if who == named} == {
        "check 3": named,
        "ledger since T0": named,
    }
    page = handoff_page(summary(material(journal, a_plan(), END).snapshot, mask=Masker(salt=b"s")))
    for title in ("check 3", "ledger since T0"):
        (line,) = (one for one in page.splitlines() if one.startswith(f"- **{title}**"))
        assert "**B, with support has it**, named at the take-over" in line
    # Over, it still tells who had it.
    journal.record_flip(Flip(END - 100, "check-3", Level.WARNING, Level.OK, "fine", 1.0))
    assert owned(journal)["check 3"] == named


def left(report: Report) -> list[str]:
    """What is left, line by line."""
    return [line.removeprefix("- ") for line in told(report, "What is left").splitlines()]


def with_a_way_back(plan: Plan) -> Plan:
    return plan.model_copy(update={"rollback": Rollback(steps=(Step(title="pause webhooks"),))})


def test_what_is_left_after_the_end_is_told_with_its_time(journal: Journal) -> None:
    journal.record_flip(flip("check-2", Level.WARNING))
    journal.record_flip(flip("check-3", Level.WARNING))
    journal.act(END - 550, "A", ack("check-2", Level.WARNING, END + 3600))
    journal.act(END - 500, "A", Promise(text="recheck quota", due=END + 1800, about="check-1"))
    journal.act(END - 500, "B", Promise(text="call the client", due=END - 60))
    journal.act(END - 400, "B", HandedOver(to="C", note="quiet"))
    report = report_of(journal, with_a_way_back(a_plan()))
    assert left(report) == [
        "no round is left in the plan",
        "promise of B, due 09:04 (13:04), overdue 1m: call the client",
        "promise of A (check 1), due 09:35 (13:35), in 30m: recheck quota",
        "check 3 warning: nobody has it",
        "check 2 warning: A has it, to be asked again 10:05 (14:05), in 1h 00m",
        "A → C: does C accept the watch? 08:58 (12:58), unanswered for 6m 40s; quiet",
        "the window of the rollback closed 15 Jan 15:00 (19:00): only a drill may begin",
    ]
    page = to_html(report)
    assert '<a href="#what-is-left">What is left</a>' in page
    assert "<li>check 3 warning: nobody has it</li>" in page


def test_while_it_goes_on_the_next_round_and_the_way_back_are_left(tmp_path: Path) -> None:
    plan = with_a_way_back(a_plan())
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, T0 + 3700)
        journal.act(T0 + 3650, "A", RollbackOpened(reason="practice", is_drill=True))
        report = report_of(journal, plan, T0 + 3700)
    assert left(report) == [
        "round 2 to be signed: due, due 10:00 (14:00), overdue 1m 40s",
        "next round: 3, due 10:30 (14:30), in 28m",
        "a drill of the rollback is under way since 10:00 (14:00)",
        "the window of the rollback closes 15:00 (19:00), in 4h 58m",
    ]


def test_a_cadence_that_goes_on_leaves_its_next_round(tmp_path: Path) -> None:
    plan = a_plan()
    first, *rest = plan.phases
    plan = plan.model_copy(update={"phases": (first.model_copy(update={"relax_after": 3}), *rest)})
    now = T0 + 6 * 3600 + 300
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, now)
        for round_ in schedule(plan, T0)[:12]:
            journal.act(round_.due, "A", sign_off(plan, round_))
        journal.act(now - 60, "A", Cadence(phase="critical watch", is_extended=True))
        report = report_of(journal, plan, now)
    assert left(report)[0] == "next round: 12+1, due 15:30 (19:30), in 25m"


def test_what_is_left_is_bounded_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    plan = a_plan(30)
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, END - 1200, END)
        for number in range(1, 26):
            journal.record_flip(flip(f"check-{number}", Level.WARNING))
            journal.act(END - 60, "A", Promise(text=f"number {number}", due=END + number))
        lines = left(report_of(journal, plan))
    assert sum("promise of" in line for line in lines) == 20
    assert "… and 5 more left out, promises due later" in lines
    assert sum("nobody has it" in line for line in lines) == 20
    assert "… and 5 more left out, episodes less bad" in lines


def test_flight_records_are_listed(eventful: Material) -> None:
    report = gather(replace(eventful, flights=(flight("2027", 10_500),)), Masker())
    assert "check 1: day.journal.flights/2027" in told(report, "Flight records")


def test_an_episode_names_its_flight_records(eventful: Material) -> None:
    start = next(e.start for e in eventful.snapshot.episodes if e.subject == "check-1") - T0
    flights = (
        flight("before", start - 60),
        # Saved a moment late, or told in whole seconds a moment early.
        flight("first", start - 0.5),
        flight("second", start + 86_000),
        flight("of-another", start, "check-2"),
    )
    report = gather(replace(eventful, flights=flights), Masker())
    recorded = {
        row.split(" | ")[0].strip("| "): row.split(" | ")[-1].rstrip(" |")
        for row in told(report, "Episodes").splitlines()[4:]
    }
    assert recorded == {"check 1": "first, second", "source database": "–", "check 2": "–"}


def test_a_round_that_was_put_in_has_its_name_in_whatever_people_read(tmp_path: Path) -> None:
    plan = a_plan()
    first, *others = plan.phases
    first = first.model_copy(update={"relax_after": 2})
    plan = plan.model_copy(update={"phases": (first, *others)})
    decided, now = T0 + 6 * 3600 + 60, T0 + 6.5 * 3600 + 60
    with begun(tmp_path / "day.journal", plan) as journal:
        measure(journal, plan, T0, now)
        for act in (
            Cadence(phase=first.name, is_extended=True),
            Note(text="a campaign", about="round:25"),
            Promise(text="look again", due=now + 60, about="round:25"),
            Escalated(number=25, step=1, outcome="bell"),
        ):
            journal.act(decided, "A", act)
        report = report_of(journal, plan, now)
        snapshot = from_journal(journal, plan, now)
        handoff = summary(snapshot, facts(journal, T0, now), Masker(salt=b"s"))
    chronicle = " · ".join(told.text for told in lately(snapshot))
    assert "noted on round 12+1: a campaign" in chronicle
    assert "called for somebody at round 12+1: bell" in chronicle
    assert "A (round 12+1): a campaign" in told(report, "Notes")
    assert "look again (round 12+1)" in told(report, "Promises")
    assert "call 1 for round 12+1: bell" in told(report, "Calls for somebody")
    page = handoff_page(handoff)
    assert "on round 12+1: a campaign" in page
    assert "**Round 12+1** due since" in page
    assert "round 12+1 due" in to_breath(handoff)
    read = (chronicle, page, to_stakeholders(handoff), to_breath(handoff))
    for text in (*read, to_markdown(report), to_html(report)):
        assert not re.search(r"\bround:? ?25\b", text, re.IGNORECASE)


def test_every_section_of_an_empty_launch_says_none(tmp_path: Path) -> None:
    plan = Plan(sources={}, phases=(), checks={})
    with Journal.open(tmp_path / "empty.journal") as journal:
        journal.stamp_launch(T0, "A")
        journal.begin_run(T0, "A", "0.1", "x")
        journal.record_readings(T0 + 60, {})
        report = report_of(journal, plan, T0 + 61)
    markdown = to_markdown(report)
    for title in ("Episodes", "Acknowledgements", "Promises", "Notes", "Rollback", "Counts"):
        assert section(markdown, title) == "none"
    assert "0 rounds" in section(markdown, "Rounds")
    assert "none: nothing was measured" in to_html(report)


def test_lists_are_bounded_and_say_what_they_left_out(journal: Journal) -> None:
    for number in range(250):
        at = T0 + 3600 + 310 * number
        journal.record_flip(Flip(at, "check-1", Level.OK, Level.WARNING, f"number {number}", 1.0))
        journal.record_flip(Flip(at + 5, "check-1", Level.WARNING, Level.OK, "over", 1.0))
        journal.act(T0 + 100, "A", Note(text=f"note {number}"))
    report = report_of(journal)
    markdown = to_markdown(report)
    assert len(section(markdown, "Notes").splitlines()) == 201
    assert "… and 50 more left out, earlier" in section(markdown, "Notes")
    assert "… and 50 more left out, less grave" in section(markdown, "Episodes")
    assert "250 episodes, 0 of them open" in section(markdown, "Episodes")


LEVELS = st.sampled_from(list(Level))
HAPPENED = st.lists(
    st.sampled_from(
        (
            RollbackOpened(reason="x"),
            RollbackOpened(reason="x", is_drill=True),
            RollbackClosed(is_called_off=False),
            RollbackClosed(is_called_off=True),
            Promise(text="recheck", due=END - 60),
            Promise(text="recheck", due=END + 60),
            Note(text="quiet"),
        )
    ),
    max_size=4,
)


@settings(max_examples=150)
@given(
    st.tuples(LEVELS, LEVELS, LEVELS, LEVELS),
    st.none() | st.floats(1, 6 * 3600),
    st.none() | st.sampled_from(("database", "app")),
    st.sets(st.integers(1, 24), max_size=5),
    HAPPENED,
    st.floats(0, 2 * DAY),
)
def test_go_is_never_said_of_a_day_with_something_against_it(
    spotless: Material,
    levels: tuple[Level, ...],
    gap: float | None,
    down: str | None,
    unsigned: set[int],
    happened: list[Act],
    elapsed: float,
) -> None:
    day = spotless.snapshot
    at = T0 + elapsed
    records = [
        r
        for r in day.affairs.records
        if not (isinstance(r.act, SignOff) and r.act.number in unsigned) and r.at <= at
    ]
    records += [Record(100 + n, at - 1, "A", act) for n, act in enumerate(happened)]
    rounds = states(schedule(day.plan, T0), at, signed(records))
    measured = [state for state in day.checks if not state.check.is_manual]
    now = replace(
        day,
        at=at,
        checks=(
            *(
                replace(s, verdict=Verdict(level, "why", at))
                for s, level in zip(measured, levels, strict=True)
            ),
            *(state for state in day.checks if state.check.is_manual),
        ),
        gaps=() if gap is None else (Gap(T0 + 1, T0 + 1 + gap),),
        sources=tuple(replace(s, down_since=at - 60) if s.name == down else s for s in day.sources),
        rounds=rounds,
        affairs=affairs(records, day.plan, (), (), rounds, operator="A", now=at),
    )
    report = gather(replace(spotless, snapshot=now), Masker())
    run = None
    for act in happened:
        if isinstance(act, RollbackOpened):
            run = act
    against = (
        any(level.is_trouble for level in levels),
        down is not None,
        gap is not None and min(gap, elapsed - 1) > 0.05 * min(elapsed, DAY) + 1,
        sum(number in unsigned for number in range(1, 24)) > 2 and elapsed >= DAY,
        bool(unsigned & {23, 24}),
        elapsed < DAY,
        any(isinstance(act, Promise) and act.due < at for act in happened),
        run is not None and not run.is_drill and RollbackClosed(is_called_off=True) not in happened,
    )
    if any(against):
        assert report.ruling.decision is not Decision.GO
    if report.ruling.decision is Decision.GO:
        assert not report.ruling.against
        assert not report.is_provisional


class Outline(HTMLParser):
    """Which tags and attributes a page has, as a browser would read it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}
        self.ids |= {value or "" for name, value in attrs if name == "id"}

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(eventful: Material, text: str) -> Report:
    """The same day with this text wherever text comes from outside or from a person."""
    snapshot = eventful.snapshot
    checks = {
        name: check.model_copy(update={"title": text, "hint": text})
        for name, check in snapshot.plan.checks.items()
    }
    phases = tuple(p.model_copy(update={"name": text}) for p in snapshot.plan.phases)
    watch = snapshot.plan.watch.model_copy(update={"name": text})
    plan = snapshot.plan.model_copy(update={"checks": checks, "phases": phases, "watch": watch})
    states = tuple(
        replace(s, check=checks[s.check.id], verdict=replace(s.verdict, reason=text))
        for s in snapshot.checks
    )
    records = tuple(replace(r, who=text, act=_said(r.act, text)) for r in snapshot.affairs.records)
    people = replace(
        snapshot.affairs,
        holder=text,
        pending=text,
        records=records,
        notes=tuple(r for r in records if isinstance(r.act, Note)),
        sign_offs={r.act.number: r for r in records if r.act.kind == "sign-off"},
        rollbacks=tuple(
            replace(run, who=text, reason=text, note=text, closed_by=text, price=(text,))
            for run in snapshot.affairs.rollbacks
        ),
    )
    episodes = tuple(replace(e, reason=text) for e in snapshot.episodes)
    rounds = tuple(replace(s, signed_by=text if s.signed_at else "") for s in snapshot.rounds)
    odd = replace(
        snapshot, plan=plan, checks=states, affairs=people, episodes=episodes, rounds=rounds
    )
    flights = (Flight((text,), T0 + 60, T0, Path(text), ()),)
    return gather(replace(eventful, snapshot=odd, flights=flights), Masker(salt=b"s"))


def _said(act: Act, text: str) -> Act:
    words: dict[str, Any] = {
        name: text
        for name in ("text", "why", "note", "reason", "outcome", "title", "verified", "by", "to")
        if name in type(act).model_fields
    }
    if "items" in type(act).model_fields:
        items = [
            Item(check="x", title=text, mark=Mark.SEEN, level=Level.WARNING, reason=text, note=text)
        ]
        words["items"] = tuple(items)
    return act.model_copy(update=words)


def test_nothing_from_outside_is_markup_on_the_page(eventful: Material) -> None:
    calm = Outline(to_html(gather(eventful, Masker())))
    page = to_html(hostile(eventful, HOSTILE))
    odd = Outline(page)
    assert odd.tags == calm.tags
    assert odd.attributes == calm.attributes
    assert "script" not in odd.tags
    assert not odd.attributes & {"onerror", "onload", "src", "style"}
    assert "alert(1)" in odd.text
    assert "<script" not in page


def test_nothing_from_outside_is_markup_in_the_document(eventful: Material) -> None:
    markdown = to_markdown(hostile(eventful, HOSTILE))
    assert not re.search(r"<[A-Za-z/!?]", markdown)
    rows = [line for line in section(markdown, "Rounds").splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in rows} == {8}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_leaves_page_and_drawings_whole(eventful: Material, text: str) -> None:
    page = to_html(hostile(eventful, text))
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(drawing)
    assert Outline(page).tags == Outline(to_html(gather(eventful, Masker()))).tags


def test_the_page_asks_nothing_of_anybody(eventful: Material) -> None:
    page = to_html(gather(eventful, Masker()))
    outline = Outline(page)
    assert {link.removeprefix("#") for link in outline.links} <= outline.ids
    assert all(link.startswith("#") for link in outline.links)
    assert not re.search(
        r"url\(|@import|http:|https:|//", page.replace("…@db", "").replace("postgresql://", "")
    )
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert 'name="viewport"' in page


def test_charts_show_limits_phases_sign_offs_and_what_nobody_saw(eventful: Material) -> None:
    report = gather(eventful, Masker())
    (chart,) = (c for c in report.charts if c.title == "check 1")
    assert chart.is_key
    page = to_html(report)
    (drawing,) = re.findall(r'<svg[^>]*aria-label="check 1: .*?</svg>', page, re.DOTALL)
    for limit in ("target 500 ms", "warning 2 000 ms", "critical 5 000 ms"):
        assert limit in drawing
    assert drawing.count('class="phase"') == 2
    assert drawing.count('class="blind"') == 2, "the gap of the watch, and the database's outage"
    assert drawing.count('class="signed"') + drawing.count('class="seen"') == 22
    assert "M" in re.findall(r'<path d="([^"]*)" class="course"', drawing)[0][1:], "it breaks"


def test_a_limit_far_away_is_named_and_does_not_flatten_the_chart(eventful: Material) -> None:
    page = to_html(gather(eventful, Masker()))
    (drawing,) = re.findall(r'<svg[^>]*aria-label="check 3: .*?</svg>', page, re.DOTALL)
    assert "not in sight: critical 5 000 ms" in drawing


def test_the_strip_has_every_round_and_the_timeline_every_episode(eventful: Material) -> None:
    page = to_html(gather(eventful, Masker()))
    (strip,) = re.findall(r'<svg[^>]*aria-label="24 rounds".*?</svg>', page, re.DOTALL)
    assert strip.count('class="round missed"') == 2
    assert strip.count('class="round seen"') == 1
    assert strip.count('class="round signed"') == 21
    (lanes,) = re.findall(r'<svg[^>]*aria-label="3 episodes".*?</svg>', page, re.DOTALL)
    assert lanes.count("<rect") == 3 + 1, "three bars and the gap"
    assert 'class="warning open"' in lanes


def test_both_files_are_private_and_nothing_is_overwritten(
    eventful: Material, tmp_path: Path
) -> None:
    report = gather(eventful, Masker(salt=b"s"))
    document, page = write(report, tmp_path / "reports")
    assert document.name == "spring-launch-report-20270116T090500Z.md"
    assert page == document.with_suffix(".html")
    assert document.read_text(encoding="utf-8") == to_markdown(report)
    assert page.read_text(encoding="utf-8") == to_html(report)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (document, page)} == {0o600}
    again, _ = write(report, tmp_path / "reports")
    assert again.name == "spring-launch-report-20270116T090500Z-2.md"
    early = replace(report, is_provisional=True)
    assert "provisional-report" in write(early, tmp_path / "reports")[0].name


def test_a_day_of_45_checks_is_read_and_told_in_two_seconds_and_a_megabyte(
    tmp_path: Path,
) -> None:
    plan = a_plan(44)
    with eventful_day(tmp_path / "day.journal", plan) as journal:
        began = time.process_time()
        found = material(journal, plan, END)
        took = time.process_time() - began
        page = to_html(gather(found, Masker()))
    assert len(found.courses) == 45
    assert took < 2.0
    assert len(page.encode()) < 1_000_000


def test_a_day_is_read_while_a_watch_writes(journal: Journal) -> None:
    with Journal.read_only(journal.path) as reader:
        journal.record_readings(END + 1, {"check-1": 130.0})
        assert report_of(reader).ruling.decision is Decision.GO
