"""The day as events: told once each, whatever the journal holds of it."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from firstwatch.episodes import Flip, fold
from firstwatch.flights.record import Flight, Flights
from firstwatch.journal import Journal
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Gap
from firstwatch.timeline import (
    MOST,
    Changes,
    Chronicle,
    Event,
    Kind,
    by_start,
    chronicle,
    continued,
    happenings,
)
from firstwatch.verdict import Level
from tests.tui.lived import FLIPS, HOUR, RUNS, flip, lived
from tests.tui.samples import LAUNCH, make_plan

OK, UNKNOWN, CRITICAL = Level.OK, Level.UNKNOWN, Level.CRITICAL


def changes(flips: Sequence[Flip]) -> list[Event]:
    """What is told of these flips; bit by bit it must be the same as at once."""
    at_once, bits = Changes(make_plan()), Changes(make_plan())
    at_once.take(flips)
    for flip_ in flips:
        bits.take([flip_])
    assert bits.events == at_once.events
    return at_once.events


def test_a_source_that_takes_checks_with_it_is_one_event_and_its_return_another() -> None:
    told = changes(FLIPS)
    outage = [event for event in told if event.title == "database"]
    assert [event.words for event in outage] == [
        "ok → unknown, connection refused",
        "unknown → ok, reachable again",
    ]
    assert [event.others for event in outage] == [6, 0]
    assert not [e for e in told if e.at == LAUNCH + 5.4 * HOUR and e.title != "database"]


def test_a_check_that_comes_back_from_an_outage_as_another_is_told() -> None:
    away = flip(1, "errors", OK, UNKNOWN, "log unreachable", "log")
    (back,) = changes((away, flip(2, "errors", UNKNOWN, CRITICAL, "9 % > 5 % critical")))
    assert back.words == "unknown → critical, 9 % > 5 % critical"


def test_that_a_check_was_fine_the_first_time_is_no_event_unless_there_is_more_before() -> None:
    fine = (flip(0, "errors", UNKNOWN, OK, ""), flip(1, "leads", UNKNOWN, CRITICAL, "0"))
    assert [event.title for event in changes(fine)] == ["new leads"]
    cut = Changes(make_plan(), is_cut=True)
    cut.take(fine)
    assert [event.title for event in cut.events] == ["errors", "new leads"]


def test_the_change_with_which_trouble_began_knows_how_it_went_on() -> None:
    flips = (
        flip(1, "errors", OK, Level.WARNING, "2 % > 1 % warning"),
        flip(1, "errors", Level.WARNING, CRITICAL, "9 % > 5 % critical"),
        flip(2, "errors", CRITICAL, OK, ""),
    )
    episodes = by_start(fold(flips))
    first, *rest = (event.begun(episodes) for event in changes(flips))
    assert first is not None
    assert (first.worst, first.lasted(0)) == (CRITICAL, HOUR)
    assert rest == [None, None], "though both began at once"


def of_kind(kind: Kind) -> list[Event]:
    """What is told of that day."""
    found = [event for event in happenings(lived(), RUNS) if event.kind is kind]
    return sorted(found, key=lambda event: event.at)


def test_rounds_are_told_as_signed_on_time_late_and_missed() -> None:
    told = {(e.title, e.status): e for e in of_kind(Kind.ROUND)}
    assert told["round 4", RoundStatus.SIGNED].words == "signed by A, on time: 2 items, 1 seen"
    late = told["round 5", RoundStatus.SIGNED]
    assert late.is_late
    assert late.words == "signed by A, late: 1 item, all clean"
    assert told["round 5", RoundStatus.LATE].at == LAUNCH + 2.5 * HOUR + 600
    assert told["round 10", RoundStatus.MISSED].words == "missed: unsigned at 10:25"
    assert ("round 15", RoundStatus.LATE) not in told


def test_a_round_signed_on_another_machine_has_no_record_and_is_told() -> None:
    snapshot = lived()
    bare = replace(snapshot, affairs=replace(snapshot.affairs, records=()))
    (first, *_) = [e for e in happenings(bare) if e.status is RoundStatus.SIGNED]
    assert (first.words, first.record) == ("signed by A, on time", None)


def test_what_people_did_stands_under_their_names_but_for_their_signatures() -> None:
    told = [f"{event.title} {event.words}" for event in of_kind(Kind.PERSON)]
    assert told == [
        "A acknowledged webhook failures: known, the fix is on its way",
        "A opened the rollback: every webhook fails",
        "A acknowledgement of webhook failures is over: it became ok",
        "A noted on round 4: the client knows",
        "A offered the watch to B",
        "B took the watch over",
        "B promised for 16:00: recheck quota",
    ]


def test_a_gap_tells_of_the_restart_that_ended_it_and_a_short_restart_of_itself() -> None:
    told = [event.words for event in of_kind(Kind.WATCH)]
    assert told == [
        "began, run by A",
        "blind 11:24–12:00 UTC, 36m: no watch was running",
        "began again after it was cut off",
    ]


def test_a_watch_that_ended_and_what_it_saved_are_told() -> None:
    runs = (replace(RUNS[0], ended=LAUNCH + 60), replace(RUNS[1], began=LAUNCH + 62))
    flight = Flight(("errors", "failures"), LAUNCH + 30, LAUNCH, Path("x"), ())
    snapshot = replace(lived(), gaps=(Gap(0, 10),), flights=Flights((flight,)))
    told = [e.words for e in happenings(snapshot, runs) if e.kind is Kind.WATCH]
    assert told == [
        "began, run by A",
        "ended in good order",
        "began again after it had ended",
        "saved a flight record of errors, webhook failures",
    ]


def test_every_event_of_a_day_has_a_key_of_its_own() -> None:
    snapshot = lived()
    found = [*changes(FLIPS), *happenings(snapshot, RUNS)]
    keys = [event.key for event in found]
    assert len(set(keys)) == len(keys)


FEW = tuple(flip(n / 10, "errors", OK, CRITICAL, str(n)) for n in range(9))


@pytest.mark.parametrize(
    ("known", "latest", "whole"),
    (
        (FEW[:3], FEW[1:5], FEW[:5]),
        (FEW[:3], FEW[1:3], FEW[:3]),
        (FEW[:3], FEW[5:], None),
        (FEW[:3], (), FEW[:3]),
        ((), FEW[2:], FEW[2:]),
    ),
)
def test_what_came_since_is_joined_unless_something_is_missing_in_between(
    known: tuple[Flip, ...], latest: tuple[Flip, ...], whole: tuple[Flip, ...] | None
) -> None:
    assert continued(known, latest) == whole


def test_the_journal_remembers_this_launch_and_says_when_it_is_too_much(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "watch.journal") as journal:
        journal.stamp_launch(LAUNCH, "A")
        journal.begin_run(LAUNCH - 90 * HOUR, "Z", "0", "plan")
        journal.record_flip(flip(-90, "errors", UNKNOWN, OK, "of another launch"))
        journal.begin_run(LAUNCH - 5, "A", "0", "plan")
        journal.record_flip(FEW[0])
        known = chronicle(journal)
        assert known == Chronicle(FEW[:1], journal.runs()[1:])
        for one in itertools.islice(itertools.cycle(FEW), MOST + 5):
            journal.record_flip(one)
        known = chronicle(journal)
        assert known.is_cut
        assert len(known.flips) == MOST
        assert known.flips == journal.flips()[-MOST:]
        assert journal.flips(most=2) == journal.flips()[-2:]
