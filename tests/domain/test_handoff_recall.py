"""A handoff out of the journal alone never shows green from memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.handoff import facts, from_journal, summary, to_breath, to_markdown, to_stakeholders
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.snapshot import Gap
from firstwatch.verdict import Level
from tests.domain.signing import sign, write

T0 = 1_800_003_600.0

PLAN = Plan.model_validate(
    {
        "sources": {"database": {"kind": "postgres"}},
        "phases": [
            {
                "name": "critical watch",
                "start": "0s",
                "end": "6h",
                "every": "30m",
                "checks": ("pool", "leads", "client"),
            }
        ],
        "checks": {
            "pool": {
                "id": "pool",
                "title": "DB connections",
                "pane": "health",
                "source": "database",
                "measure": {},
                "unit": "%",
                "every": "10s",
                "warning": 80.0,
            },
            "leads": {
                "id": "leads",
                "title": "leads",
                "pane": "flow",
                "source": "database",
                "measure": {},
            },
            "client": {"id": "client", "title": "first client", "pane": "client"},
        },
    }
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Ten minutes of watching: the pool is fine, the source was away once."""
    with Journal.open(tmp_path / "launch.db") as journal:
        journal.stamp_launch(T0, "A")
        journal.begin_run(T0, "A", "0.1", "x")
        journal.record_flip(Flip(T0, "pool", Level.UNKNOWN, Level.OK, "41 %", 41.0))
        journal.record_flip(
            Flip(T0 + 60, "source:database", Level.OK, Level.UNKNOWN, "connection refused")
        )
        journal.record_flip(
            Flip(T0 + 90, "source:database", Level.UNKNOWN, Level.OK, "reachable again")
        )
        for second in range(0, 601, 5):
            journal.record_readings(T0 + second, {"pool": 41.0 + (30.0 if second == 300 else 0.0)})
        yield journal


def verdicts(journal: Journal, now: float) -> dict[str, tuple[Level, str]]:
    snapshot = from_journal(journal, PLAN, now)
    return {s.check.id: (s.verdict.level, s.verdict.reason) for s in snapshot.checks}


def test_while_a_watch_writes_its_last_flips_stand(journal: Journal) -> None:
    assert verdicts(journal, T0 + 603) == {
        "pool": (Level.OK, ""),
        "leads": (Level.UNKNOWN, "no verdict in the journal yet"),
        "client": (Level.PENDING, "a person's turn"),
    }


def test_an_episode_is_told_with_the_worst_value_it_ever_had(journal: Journal) -> None:
    journal.record_flip(Flip(T0 + 250, "pool", Level.OK, Level.WARNING, "51 % > 50 %", 51.0))
    snapshot = from_journal(journal, PLAN, T0 + 603)
    handoff = summary(snapshot, facts(journal, T0, T0 + 603))
    (trouble,) = handoff.open.entries
    assert (trouble.worst_value, trouble.worst_at) == ("71 %", T0 + 300)
    assert snapshot.checks[0].verdict.reason == "at 09:04: 51 % > 50 %"
    page = to_markdown(handoff)
    assert "since 09:04; at 09:04: 51 % > 50 %; worst 71 % at 09:05; **nobody has it**" in page


def test_the_worst_value_and_the_reason_of_what_is_over_each_have_their_moment(
    journal: Journal,
) -> None:
    for at, old, new, reason, value in (
        (T0 + 120, Level.OK, Level.WARNING, "51 % > 50 % warning", 51.0),
        (T0 + 180, Level.WARNING, Level.CRITICAL, "61 % > 60 % critical", 61.0),
        (T0 + 420, Level.CRITICAL, Level.OK, "41 %", 41.0),
    ):
        journal.record_flip(Flip(at, "pool", old, new, reason, value))
    snapshot = from_journal(journal, PLAN, T0 + 603)
    handoff = summary(snapshot, facts(journal, T0, T0 + 603))
    (trouble,) = (one for one in handoff.closed.entries if one.subject == "pool")
    assert (trouble.reason, trouble.reason_at) == ("61 % > 60 % critical", T0 + 180)
    assert (trouble.worst_value, trouble.worst_at) == ("71 %", T0 + 300)
    assert (
        "- **DB connections** 09:02 to 09:07, 5m; critical from 09:03: 61 % > 60 % critical; "
        "worst 71 % at 09:05"
    ) in to_markdown(handoff)


def test_a_value_that_went_no_further_is_of_the_moment_of_its_reason(journal: Journal) -> None:
    # The reading of 09:05 was 71 %, too, and written a moment later.
    journal.record_flip(Flip(T0 + 298, "pool", Level.OK, Level.WARNING, "71 % > 50 %", 71.0))
    journal.record_flip(Flip(T0 + 420, "pool", Level.WARNING, Level.OK, "41 %", 41.0))
    snapshot = from_journal(journal, PLAN, T0 + 603)
    handoff = summary(snapshot, facts(journal, T0, T0 + 603))
    (trouble,) = (one for one in handoff.closed.entries if one.subject == "pool")
    assert trouble.worst_at == trouble.reason_at == T0 + 298


def test_records_that_lie_later_than_now_are_told_and_speak_for_nothing(journal: Journal) -> None:
    for second in range(605, 7201, 5):
        journal.record_readings(T0 + second, {"pool": 41.0})
    snapshot = from_journal(journal, PLAN, T0 + 600)
    told = "records up to 11:00 lie later than this clock's 09:10"
    assert snapshot.checks[0].verdict.level is Level.UNKNOWN
    assert snapshot.checks[0].verdict.reason == f"{told}; was ok: 41 %"
    handoff = summary(snapshot)
    assert handoff.state.startswith(f"{told}; when last seen 1 unknown, 1 ok of 2 measured ")
    assert told in to_breath(handoff)
    assert "Nobody is watching" not in to_stakeholders(handoff)
    assert not snapshot.gaps
    assert "no watch" not in to_markdown(handoff)


def test_records_of_another_day_are_told_with_it(journal: Journal) -> None:
    snapshot = from_journal(journal, PLAN, T0 - 2 * 86400)
    assert "records up to 2027-01-15 09:10 lie later than this clock's 2027-01-13 09:00" in (
        summary(snapshot).state
    )


def test_when_no_watch_runs_nothing_is_green(journal: Journal) -> None:
    snapshot = from_journal(journal, PLAN, T0 + 1200)
    assert snapshot.checks[0].verdict.level is Level.UNKNOWN
    assert snapshot.checks[0].verdict.reason == "no watch running since 09:10; was ok: 41 %"
    assert snapshot.checks[0].reading is not None
    assert snapshot.gaps == (Gap(T0 + 600, T0 + 1200),)
    said = "no watch is running since 09:10; when last seen 1 unknown, 1 ok of 2 measured checks"
    assert summary(snapshot).state.startswith(said)
    assert "out of reach: watch" in summary(snapshot).state


def test_a_watch_that_ended_in_good_order_is_over_at_once(journal: Journal) -> None:
    journal.end_run(T0 + 601)
    level, reason = verdicts(journal, T0 + 602)["pool"]
    assert level is Level.UNKNOWN
    assert reason.startswith("no watch running since 09:10")


def test_an_old_reading_is_not_green_even_while_a_watch_writes(journal: Journal) -> None:
    for second in range(605, 700, 5):
        journal.record_readings(T0 + second, {})
    assert verdicts(journal, T0 + 700)["pool"] == (
        Level.UNKNOWN,
        "last reading 09:10; was ok: 41 %",
    )


def test_a_source_that_is_away_is_told_with_its_outage(journal: Journal) -> None:
    journal.record_flip(
        Flip(T0 + 595, "source:database", Level.OK, Level.UNKNOWN, "connection refused")
    )
    snapshot = from_journal(journal, PLAN, T0 + 602)
    assert snapshot.sources[0].down_since == T0 + 595
    assert [(e.subject, e.is_open) for e in snapshot.episodes] == [
        ("source:database", False),
        ("source:database", True),
    ]
    assert snapshot.operator == "A"


def test_a_reader_makes_the_whole_document(journal: Journal, tmp_path: Path) -> None:
    write(journal, T0 + 60, "told the client")
    sign(journal, 1, T0 + 590)
    with Journal.read_only(tmp_path / "launch.db") as reader:
        now = T0 + 602
        handoff = summary(from_journal(reader, PLAN, now), facts(reader, T0, now))
    markdown = to_markdown(handoff)
    assert "told the client" in markdown
    assert "- 12 rounds: 1 signed" in markdown
    assert "signed 09:09 by A, early" in markdown
    assert "**DB connections** 71 % at 09:05: 89 % of its warning" in markdown
    assert "database out of reach: connection refused" in markdown


def test_before_a_launch_there_is_nothing_to_hand_off(tmp_path: Path) -> None:
    with (
        Journal.open(tmp_path / "new.db") as journal,
        pytest.raises(JournalError, match="no launch is stamped"),
    ):
        from_journal(journal, PLAN, T0)
