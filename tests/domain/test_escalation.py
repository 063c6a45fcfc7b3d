"""While nobody signs somebody is called, each time once; a ping says only that a person signed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firstwatch.acts import Escalated
from firstwatch.card import Signing
from firstwatch.errors import JournalError
from firstwatch.escalation import PAUSE, PINGS, Escalator
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from tests.domain.leaping import HandClock, Toy, plan, story, watching

HALF_HOUR = 1800.0


@dataclass
class Word:
    """A courier that remembers its errands."""

    fails: str = ""
    calls: list[Mapping[str, str]] = field(default_factory=list)
    pings: int = 0

    async def call(self, facts: Mapping[str, str]) -> str:
        self.calls.append(facts)
        return self.fails

    async def ping(self) -> str:
        self.pings += 1
        return self.fails


def called(**settings: object) -> Plan:
    escalation = {"command": ["call"], "ping": "https://127.0.0.1/ping", **settings}
    return plan({"c": {}}, escalation=escalation)


def aboard(checklist: Plan, word: Word, record: Callable[[Escalated], object]) -> Escalator:
    return Escalator(checklist.escalation, word, record)


@story
async def test_somebody_is_called_after_each_delay_and_never_twice(tmp_path: Path) -> None:
    word, checklist = Word(), called(after=["5m", "15m"])
    async with watching(checklist, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(aboard(checklist, word, stage.watch.do).heed)
        await stage.pass_by(HALF_HOUR + 290)
        assert word.calls == []
        await stage.pass_by(20)
        (facts,) = word.calls
        assert facts == {
            "FIRSTWATCH_WATCH": "launch",
            "FIRSTWATCH_ROUND": "1",
            "FIRSTWATCH_STATUS": "due",
            "FIRSTWATCH_DUE": "2027-01-15T09:30:00+00:00",
            "FIRSTWATCH_MINUTES": "5",
            "FIRSTWATCH_CALL": "1",
            "FIRSTWATCH_HOLDER": "A",
            "FIRSTWATCH_WORST": "ok",
        }
        await stage.pass_by(700)
        assert [f["FIRSTWATCH_CALL"] for f in word.calls] == ["1", "2"]
        assert word.calls[1]["FIRSTWATCH_STATUS"] == "late"
        records = stage.journal.acts()
        assert [(r.who, r.act) for r in records] == [
            ("firstwatch", Escalated(number=1, step=1, outcome="called")),
            ("firstwatch", Escalated(number=1, step=2, outcome="called")),
        ]
    async with watching(checklist, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(aboard(checklist, word, stage.watch.do).heed)
        await stage.pass_by(60)
        assert len(word.calls) == 2
        assert word.pings == 0


@story
async def test_a_signed_round_calls_nobody_and_pings_once(tmp_path: Path) -> None:
    word, checklist = Word(), called()
    async with watching(checklist, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(aboard(checklist, word, stage.watch.do).heed)
        await stage.pass_by(HALF_HOUR + 60)
        stage.watch.do(Signing(1, stage.clock.now()))
        await stage.pass_by(1200)
        assert (word.calls, word.pings) == ([], 1)


@story
async def test_a_watch_that_begins_late_makes_the_last_call_alone(tmp_path: Path) -> None:
    word, checklist, clock = Word("exit code 3"), called(after=["1m", "2m", "3m"]), HandClock()
    with Journal.open(tmp_path / "watch.journal") as journal:
        journal.stamp_launch(clock.now(), "A")
    clock.shift = HALF_HOUR + 400
    async with watching(checklist, {"app": Toy()}, tmp_path, clock) as stage:
        stage.watch.subscribe(aboard(checklist, word, stage.watch.do).heed)
        await stage.pass_by(60)
        (record,) = stage.journal.acts()
        assert record.act == Escalated(number=1, step=3, outcome="exit code 3")


@story
async def test_a_ping_that_fails_is_tried_again_and_then_told(tmp_path: Path) -> None:
    word, checklist = Word("HTTP 404"), called()
    async with watching(checklist, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(aboard(checklist, word, stage.watch.do).heed)
        await stage.pass_by(HALF_HOUR + 60)
        stage.watch.do(Signing(1, stage.clock.now()))
        await stage.pass_by(PINGS * PAUSE + 10)
        assert word.pings == PINGS
        last = stage.journal.acts()[-1].act
        assert last == Escalated(number=1, step=0, outcome="ping failed: HTTP 404")


@story
async def test_a_journal_that_cannot_be_written_makes_nobody_called_over_and_over(
    tmp_path: Path,
) -> None:
    def full(_: Escalated) -> None:
        raise JournalError("the disk is full")

    word, checklist = Word(), called()
    async with watching(checklist, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(aboard(checklist, word, full).heed)
        await stage.pass_by(HALF_HOUR + 400)
        assert len(word.calls) == 1


@story
async def test_without_a_command_nothing_is_called(tmp_path: Path) -> None:
    word, checklist = Word(), called(command=[], ping="")
    async with watching(checklist, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(aboard(checklist, word, stage.watch.do).heed)
        await stage.pass_by(HALF_HOUR + 60)
        stage.watch.do(Signing(1, stage.clock.now()))
        await stage.pass_by(3 * HALF_HOUR)
        await asyncio.sleep(0)
        assert (word.calls, word.pings) == ([], 0)


@pytest.mark.parametrize(
    "settings", ({"after": ["15m", "5m"]}, {"ping": "ftp://x"}, {"command": [""]}), ids=str
)
def test_an_escalation_that_makes_no_sense_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"delays from short|http address|needs a program"):
        called(**settings)
