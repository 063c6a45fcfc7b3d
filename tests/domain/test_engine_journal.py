"""What the engine leaves in the journal, and takes up from it again."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from firstwatch.engine import TURN
from firstwatch.episodes import Flip
from firstwatch.errors import Denied, JournalError, NotConfigured, Unreachable
from firstwatch.journal import Journal, RoundEvent
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.recording import JOURNAL
from firstwatch.rounds import RoundStatus, schedule
from firstwatch.snapshot import Gap
from firstwatch.unseen import outages
from firstwatch.verdict import Level
from tests.domain.leaping import T0, HandClock, Toy, always, failing, loop, plan, story, watching
from tests.domain.signing import sign

HALF_HOUR = 1800.0


class Full(Journal):
    """A journal on a disk that is full now and then."""

    full = False

    def _refuse_when_full(self) -> None:
        if self.full:
            raise JournalError(f"journal {self.path}: disk is full; make room")

    def record_readings(self, at: float, values: Mapping[str, float | None]) -> None:
        self._refuse_when_full()
        super().record_readings(at, values)

    def record_flip(self, flip: Flip) -> None:
        self._refuse_when_full()
        super().record_flip(flip)

    def record_round(self, number: int, status: RoundStatus, at: float) -> None:
        self._refuse_when_full()
        super().record_round(number, status, at)

    def begin_run(self, at: float, operator: str, version: str, plan_digest: str) -> None:
        self._refuse_when_full()
        super().begin_run(at, operator, version, plan_digest)

    def end_run(self, at: float) -> None:
        self._refuse_when_full()
        super().end_run(at)


@story
async def test_a_full_disk_is_said_on_the_board_and_costs_nothing_but_readings(
    tmp_path: Path,
) -> None:
    app = Toy()
    async with watching(plan({"c": {}}), {"app": app}, tmp_path, opened=Full) as stage:
        journal = stage.journal
        assert isinstance(journal, Full)
        await stage.pass_by(1700)
        journal.full = True
        app.answers["c"] = always(25.0)
        await stage.pass_by(60)
        board = await stage.pass_by(60)
        (trouble,) = [source for source in board.sources if source.name == "journal"]
        assert trouble.reason == "disk is full; make room"
        assert trouble.down_since == pytest.approx(T0 + 1700, abs=1)
        assert board.worst is Level.CRITICAL
        assert len(board.episodes) == 1
        assert len(journal.flips()) == 1
        app.answers["c"] = always(1.0)
        await stage.pass_by(120)
        journal.full = False
        board = await stage.pass_by(2)
        assert [source.name for source in board.sources] == ["app"]
        of_c = [flip.new for flip in journal.flips() if flip.subject == "c"]
        assert of_c == [Level.OK, Level.CRITICAL, Level.OK]
        assert RoundEvent(1, RoundStatus.DUE, T0 + HALF_HOUR) in journal.round_events()


@story
async def test_what_could_not_be_recorded_is_told_by_the_journal_itself(tmp_path: Path) -> None:
    async with watching(plan({"c": {}}), {"app": Toy()}, tmp_path, opened=Full) as stage:
        journal = stage.journal
        assert isinstance(journal, Full)
        await stage.pass_by(60)
        journal.full = True
        await stage.pass_by(5)
        journal.full = False
        await stage.pass_by(60)
        assert [flip.subject for flip in journal.flips()] == ["c"]
        journal.full = True
        await stage.pass_by(300)
        journal.full = False
        board = await stage.pass_by(2)
        assert [flip.subject for flip in journal.flips()] == ["c", JOURNAL, JOURNAL]
        (hole,) = [episode for episode in board.episodes if episode.subject == JOURNAL]
        assert hole.reason == "nothing recorded: disk is full; make room"
        assert hole.start == pytest.approx(T0 + 125, abs=1)
        assert hole.end == pytest.approx(T0 + 425, abs=2)
        assert outages(board) == (hole,)


@story
async def test_a_disk_that_stays_full_lets_the_watch_end(tmp_path: Path) -> None:
    async with watching(plan({"c": {}}), {"app": Toy()}, tmp_path, opened=Full) as stage:
        await stage.pass_by(60)
        assert isinstance(stage.journal, Full)
        stage.journal.full = True
        stage.clock.shift += 3600
        board = await stage.pass_by(60)
        assert board.worst is Level.OK


@story
async def test_rounds_come_due_late_and_missed_to_the_second(tmp_path: Path) -> None:
    checks = plan({"c": {"every": "5m"}})
    async with watching(checks, {"app": Toy()}, tmp_path, HandClock(scale=20)) as stage:
        first, second = schedule(checks, T0)[:2]
        for status, at in first.stages:
            board = await stage.pass_by(at - stage.clock.now() - 1)
            assert board.rounds[0].status is not status
            board = await stage.pass_by(2)
            assert board.rounds[0].status is status
        await stage.pass_by(20 * TURN + 1)
        assert stage.journal.round_events() == (
            *(RoundEvent(1, status, at) for status, at in first.stages),
            RoundEvent(2, RoundStatus.OPEN, second.opens),
        )


@pytest.mark.parametrize("away", ("stopped", "its clock jumped"))
@story
async def test_rounds_happened_when_they_happened_even_if_nobody_ran(
    away: str, tmp_path: Path
) -> None:
    checks, clock = plan({"c": {}}), HandClock()
    rounds = schedule(checks, T0)
    async with watching(checks, {"app": Toy()}, tmp_path, clock) as stage:
        await stage.pass_by(60)
        if away == "its clock jumped":
            clock.shift += 4 * HALF_HOUR
            await stage.pass_by(60)
    if away == "stopped":
        clock.shift += 4 * HALF_HOUR
        async with watching(checks, {"app": Toy()}, tmp_path, clock) as stage:
            await stage.pass_by(60)
    with Journal.open(tmp_path / "watch.journal") as journal:
        assert set(journal.round_events()) == {
            RoundEvent(round_.number, status, at)
            for round_ in rounds
            for status, at in round_.stages
            if at <= clock.now()
        }


@story
async def test_a_signed_round_never_becomes_late_or_missed(tmp_path: Path) -> None:
    checks, clock = plan({"c": {}}), HandClock()
    with Journal.open(tmp_path / "watch.journal") as journal:
        journal.stamp_launch(T0, "A")
        sign(journal, 1, T0 + HALF_HOUR + 60)
    clock.shift = 4 * HALF_HOUR
    async with watching(checks, {"app": Toy()}, tmp_path, clock) as stage:
        board = await stage.pass_by(60)
        assert board.rounds[0].status is RoundStatus.SIGNED
        assert board.rounds[0].signed_by == "A"
        happened = [event.status for event in stage.journal.round_events() if event.number == 1]
        assert happened == [RoundStatus.OPEN, RoundStatus.DUE]


@dataclass
class Power:
    """Takes a watch's power away: what it would do at its end is not done."""

    folder: Path

    def cut(self) -> Path:
        other = self.folder.with_name(self.folder.name + "-after")
        other.mkdir()
        for file in self.folder.iterdir():
            if not file.name.endswith((".lock", "-shm")):
                (other / file.name).write_bytes(file.read_bytes())
        return other


@pytest.mark.parametrize("how", ("ended", "killed"))
@story
async def test_a_watch_begun_again_continues_and_shows_where_it_was_blind(
    how: str, tmp_path: Path
) -> None:
    app, database = Toy(), Toy()
    checks = plan({"a": {}, "b": {}, "rows": {"source": "database"}})
    probes = {"app": app, "database": database}
    clock, folder = HandClock(), tmp_path / "state"
    folder.mkdir()
    async with watching(checks, probes, folder, clock) as stage:
        await stage.pass_by(600)
        app.answers["a"] = always(15.0)
        database.answers["rows"] = failing(Unreachable("refused"))
        before = await stage.pass_by(600)
        after = Power(folder).cut() if how == "killed" else folder
    left = clock.now()
    clock.shift += 1260
    async with watching(checks, probes, after, clock) as stage:
        assert stage.watch.launch == before.launch == T0
        begun = stage.watch.snapshot()
        assert begun.elapsed == pytest.approx(1200 + 1260, abs=3)
        assert begun.episodes == before.episodes
        assert [(e.subject, e.is_open) for e in begun.episodes] == [
            ("source:database", True),
            ("a", True),
        ]
        assert begun.worst is Level.UNKNOWN
        assert begun.sources[1].down_since == before.sources[1].down_since
        (gap,) = begun.gaps
        assert gap.start == pytest.approx(left, abs=3)
        assert gap.end == pytest.approx(left + 1260, abs=3)
        board = begun.check("b")
        assert board
        assert 1.0 in board.history
        later = await stage.pass_by(300)
        assert later.episodes == before.episodes
        assert stage.level("a") is Level.WARNING
        app.answers["a"] = always(1.0)
        database.answers.clear()
        later = await stage.pass_by(300)
        assert [e.subject for e in later.episodes] == ["source:database", "a"]
        assert all(not e.is_open for e in later.episodes)
        assert later.episodes[1].end is not None
        assert later.episodes[1].end > gap.end


@story
async def test_a_held_up_watch_records_the_stretch_it_did_not_see(tmp_path: Path) -> None:
    async with watching(plan({"c": {}}), {"app": Toy()}, tmp_path) as stage:
        await stage.pass_by(600)
        loop().stall(300)
        board = await stage.pass_by(60)
        (gap,) = board.gaps
        assert gap.start == pytest.approx(T0 + 600, abs=2)
        assert gap.end == pytest.approx(T0 + 900, abs=2)
        assert stage.journal.gaps() == (Gap(gap.start, gap.end),)


@story
async def test_a_short_hiccup_is_no_gap(tmp_path: Path) -> None:
    async with watching(plan({"c": {}}), {"app": Toy()}, tmp_path) as stage:
        await stage.pass_by(600)
        loop().stall(4)
        board = await stage.pass_by(60)
        assert board.gaps == ()
        assert len(stage.journal.runs()) == 1


@story
async def test_an_outage_ends_when_the_plan_no_longer_names_the_source_an_address(
    tmp_path: Path,
) -> None:
    app, clock = Toy({"c": failing(Unreachable("refused"))}), HandClock()
    async with watching(plan({"c": {}}), {"app": app}, tmp_path, clock) as stage:
        await stage.pass_by(300)
        assert [e.is_open for e in stage.episodes("source:app")] == [True]
    app.answers["c"] = failing(NotConfigured("set APP_URL"))
    async with watching(plan({"c": {}}), {"app": app}, tmp_path, clock) as stage:
        board = await stage.pass_by(600)
        assert [e.is_open for e in board.episodes] == [False]
        assert board.worst is Level.UNKNOWN


@story
async def test_readings_are_journalled_with_what_could_not_be_measured(tmp_path: Path) -> None:
    app = Toy({"bad": failing(Denied("no"))})
    async with watching(plan({"good": {}, "bad": {}}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(120)
        values = {
            name: {value for _, value in stage.journal.values(name, T0, T0 + 120)}
            for name in ("good", "bad")
        }
        assert values == {"good": {1.0}, "bad": {None}}


@story
async def test_every_flip_on_the_board_is_in_the_journal(tmp_path: Path) -> None:
    turns = 0

    async def wild(moment: Any) -> Any:
        nonlocal turns
        turns += 1
        answers: list[Callable[[Any], Any]] = [
            always(1.0),
            always(15.0),
            always(30.0, hard=True),
            failing(Denied("no")),
            failing(Unreachable("gone")),
        ]
        return await answers[turns // 7 % 5](moment)

    async with watching(
        plan({"c": {"dwell": "10s"}}), {"app": Toy({"c": wild})}, tmp_path
    ) as stage:
        await stage.pass_by(HALF_HOUR)
        assert len(stage.watch.flips) > 20
        assert stage.journal.flips() == stage.watch.flips
        moments = [flip.at for flip in stage.watch.flips if flip.subject == "c"]
        assert moments == sorted(moments)
        await asyncio.wait({stage.task}, timeout=TURN)


@story
async def test_the_first_facts_of_a_check_are_what_its_later_readings_are_shown(
    tmp_path: Path,
) -> None:
    shown: list[str] = []
    found = iter(range(100))

    async def webhook(moment: Moment) -> Reading:
        shown.append(moment.baseline)
        return Reading(moment.now, 1.0, facts=f"version {next(found)}")

    app = Toy({"config": webhook})
    for _ in range(2):
        async with watching(plan({"config": {}, "other": {}}), {"app": app}, tmp_path) as stage:
            await stage.pass_by(60)
            assert stage.journal.baselines() == {"config": "version 0"}
    assert shown[0] == ""
    assert len(shown) > 6
    assert set(shown[1:]) == {"version 0"}
