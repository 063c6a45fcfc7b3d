"""A moment of a journal is seen as it stood then, with nothing in it from later."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.handoff import from_journal
from firstwatch.journal import Journal
from firstwatch.replay import Recorded
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level
from tests.domain.launched import DAY, END, T0, a_plan, begun, eventful_day, measure

PLAN = a_plan(checks=6)
WITHIN = 0.3
"""Seconds a seek may take."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    with eventful_day(tmp_path_factory.mktemp("day") / "launch.journal", PLAN) as journal:
        yield Recorded(journal, PLAN)


def check(snapshot: Snapshot, name: str = "check-1") -> CheckState:
    state = snapshot.check(name)
    assert state is not None
    return state


def test_a_verdict_is_the_one_of_that_moment(day: Recorded) -> None:
    seen = [
        check(day.at(T0 + at)).verdict.level for at in (9899, 9901, 10_499, 10_501, 11_999, 12_001)
    ]
    ok, warning, critical = Level.OK, Level.WARNING, Level.CRITICAL
    assert seen == [ok, warning, warning, critical, critical, ok]


def test_value_age_and_history_end_at_that_moment(day: Recorded) -> None:
    state = check(day.at(T0 + 10_520))
    assert state.reading is not None
    assert state.reading.value == 5100.0
    assert state.age(T0 + 10_520) == pytest.approx(20, abs=11)
    known = [value for value in state.history if value is not None]
    assert known[-1] == 5100.0
    assert min(known) < 300


def test_rounds_people_and_episodes_are_those_of_that_moment(day: Recorded) -> None:
    before, after = day.at(T0 + 1810), day.at(T0 + 1830)
    assert before.rounds[0].status is RoundStatus.DUE
    assert after.rounds[0].status is RoundStatus.SIGNED
    assert [day.at(T0 + at).operator for at in (40_050, 40_200)] == ["A", "B"]
    assert day.at(T0 + 40_050).affairs.pending == "B"
    assert day.at(T0 + 9899).episodes == ()
    assert [e.is_open for e in day.at(T0 + 11_000).episodes] == [True]
    assert "check-1" in day.at(T0 + 10_400).affairs.acks
    assert day.at(T0 + 9999).affairs.acks == day.at(T0 + 11_000).affairs.acks == {}


def test_while_no_watch_ran_nothing_is_known_and_its_end_is_not_foreseen(day: Recorded) -> None:
    snapshot = day.at(T0 + 8400)
    assert check(snapshot).verdict.level is Level.UNKNOWN
    assert check(snapshot).verdict.reason.startswith("no watch running since")
    assert snapshot.gaps[-1].end == T0 + 8400
    assert check(day.at(T0 + 9100)).verdict.level is not Level.UNKNOWN
    assert day.at(T0 + 9100).gaps[-1].end == T0 + 9060
    assert day.at(T0 + 7000).gaps == ()


def test_at_its_end_it_is_what_a_handoff_made_then_would_say(tmp_path: Path) -> None:
    with eventful_day(tmp_path / "launch.journal", PLAN) as journal:
        recorded = Recorded(journal, PLAN)
        end = recorded.end
        live, seen = from_journal(journal, PLAN, end + 0.001), recorded.at(end)
    assert [c.verdict for c in seen.checks] == [
        c.verdict if not c.check.is_manual else s.verdict
        for c, s in zip(live.checks, seen.checks, strict=True)
    ]
    assert [c.reading for c in seen.checks] == [c.reading for c in live.checks]
    assert (seen.rounds, seen.episodes, seen.gaps) == (live.rounds, live.episodes, live.gaps)
    assert seen.affairs.acks == live.affairs.acks


def test_a_watch_that_ended_in_order_is_seen_whole_at_its_last_moment(tmp_path: Path) -> None:
    with begun(tmp_path / "launch.journal", PLAN) as journal:
        measure(journal, PLAN, T0, T0 + 600)
        journal.end_run(T0 + 601)
        recorded = Recorded(journal, PLAN)
        assert recorded.end == T0 + 601
        assert check(recorded.at(recorded.end)).verdict.level is Level.OK


def test_silence_stays_idle_although_it_brings_no_value(tmp_path: Path) -> None:
    with begun(tmp_path / "launch.journal", PLAN) as journal:
        journal.record_flip(Flip(T0 + 10, "check-1", Level.OK, Level.IDLE, "no traffic"))
        for second in range(0, 400, 5):
            journal.record_readings(T0 + second, {"check-1": None})
        assert check(Recorded(journal, PLAN).at(T0 + 390)).verdict.level is Level.IDLE


def test_flips_are_found_in_both_directions(day: Recorded) -> None:
    assert day.flip_after(T0 + 9000) == T0 + 9900
    assert day.flip_before(T0 + 10_500) == T0 + 9900
    assert day.flip_after(T0 + DAY) is None
    assert day.flip_before(T0) is None


def test_what_a_running_watch_writes_meanwhile_is_read(tmp_path: Path) -> None:
    path = tmp_path / "launch.journal"
    with begun(path, PLAN) as journal, Journal.read_only(path) as reader:
        measure(journal, PLAN, T0, T0 + 600)
        recorded = Recorded(reader, PLAN)
        assert recorded.end == T0 + 600
        assert not recorded.refresh()
        measure(journal, PLAN, T0 + 630, T0 + 900)
        journal.record_flip(Flip(T0 + 890, "check-1", Level.OK, Level.WARNING, "slow", 2100.0))
        assert recorded.refresh()
        assert recorded.end == T0 + 900
        assert check(recorded.at(recorded.end)).verdict.level is Level.WARNING
        assert len(recorded.courses["check-1"].at) == 31


def test_without_a_launch_there_is_nothing_to_replay(tmp_path: Path) -> None:
    with (
        Journal.open(tmp_path / "launch.journal") as journal,
        pytest.raises(JournalError, match="nothing to replay"),
    ):
        Recorded(journal, PLAN)


def test_a_day_of_many_checks_is_sought_in_less_than_its_time(tmp_path: Path) -> None:
    plan = a_plan(checks=45)
    with eventful_day(tmp_path / "launch.journal", plan) as journal:
        recorded = Recorded(journal, plan)
        spent = []
        for share in (0.1, 0.5, 0.9, 1.0):
            began = perf_counter()
            _ = recorded.at(T0 + share * (END - T0))
            spent.append(perf_counter() - began)
    assert min(spent) < WITHIN
    assert sorted(spent)[1] < WITHIN
