"""A replay is the same board, says that it is one, and records nothing."""

import os
import pty
import select
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from firstwatch.config import load
from firstwatch.errors import FirstwatchError, JournalError
from firstwatch.journal import Journal
from firstwatch.outline import Outline
from firstwatch.replay import Recorded
from probes.kinds import KINDS
from tests.domain.launched import T0, a_plan, eventful_day
from tui.cli.opening import outline_of
from tui.cli.replaying import differences, moment_of
from tui.replaying import REFUSAL, Reel, ReplayBoard, Replaying
from tui.screens.detail import Detail
from tui.screens.rollback import WayBack

PLAN = a_plan(checks=3)


@dataclass
class Ticking:
    """Real time that a test lets pass."""

    time: float = 0.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Replayed:
    """A replay under test."""

    board: ReplayBoard
    reel: Reel
    pilot: Pilot[int]

    def text(self) -> str:
        strips = self.board.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> str:
        """The screen after these keys."""
        await self.pilot.press(*keys)
        await self.pilot.pause()
        return self.text()

    @property
    def elapsed(self) -> float:
        """Seconds since the launch on the screen."""
        return self.reel.shown - T0


@asynccontextmanager
async def replayed(
    folder: Path, at: float = 9000.0, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[Replayed]:
    """A replay of an eventful day, standing still at a moment."""
    path = folder / "launch.journal"
    eventful_day(path, PLAN).close()
    with Journal.read_only(path) as journal:
        recorded = Recorded(journal, PLAN)
        reel = Reel(recorded.begin, recorded.end, 60.0, T0 + at, is_paused=True)
        board = ReplayBoard(Replaying(recorded, reel), PLAN)
        async with board.run_test(size=size, notifications=True) as pilot:
            seen = Replayed(board, reel, pilot)
            for _ in range(100):
                if "health" in seen.text():
                    break
                await pilot.pause(0.05)
            yield seen


async def test_the_board_says_that_it_is_a_replay_at_every_size(tmp_path: Path) -> None:
    for number, size in enumerate(((60, 20), (80, 24), (120, 40), (40, 10))):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with replayed(folder, size=size) as seen:
            assert "REPLAY paused" in seen.text().splitlines()[0]
            assert "♥" not in seen.text()
            assert "REPLAY 60×" in (await seen.press("space")).splitlines()[0]


async def test_keys_move_through_time_within_what_there_is(tmp_path: Path) -> None:
    async with replayed(tmp_path) as seen:
        for keys, elapsed in (
            (["right"], 9300.0),
            (["left", "left"], 8700.0),
            (["]"], 12_300.0),
            (["["], 8700.0),
            (["shift+right"], 12_300.0),
            (["shift+left"], 8700.0),
            (["home"], 0.0),
            (["left"], 0.0),
            (["end"], 86_700.0),
            (["right"], 86_700.0),
        ):
            _ = await seen.press(*keys)
            assert seen.elapsed == pytest.approx(elapsed, abs=1), keys


async def test_the_next_flip_and_the_one_before_are_one_key_away(tmp_path: Path) -> None:
    async with replayed(tmp_path) as seen:
        text = await seen.press("full_stop")
        assert seen.elapsed == 9900
        assert "2 400 ms > 2 000 ms warning" in text
        assert "! warning" in text.splitlines()[0]
        assert "✖ critical" in (await seen.press("full_stop")).splitlines()[0]
        assert seen.elapsed == 10_500
        _ = await seen.press("comma", "comma")
        assert seen.elapsed == 5
        assert "no flip before" in await seen.press("comma")


def told(text: str) -> str:
    """What a notice says that is drawn over several lines."""
    return " ".join(text.split()).replace("▌ ", "")


@pytest.mark.parametrize("width", (60, 80, 120))
async def test_the_last_line_has_the_keys_of_the_replay_and_none_that_does_nothing(
    tmp_path: Path, width: int
) -> None:
    async with replayed(tmp_path, size=(width, 24)) as seen:
        last = seen.text().splitlines()[-1]
        keys = ["space pause", "← 5m", "→ 5m", ", flip", ". flip", "? help"]
        keys += ["+ faster", "- slower"] if width >= 80 else []
        for words in keys:
            assert words in last
        for words in ("handoff", "log", "ack", "note", "sign"):
            assert words not in last


async def test_help_offers_no_key_that_does_nothing(tmp_path: Path) -> None:
    async with replayed(tmp_path, size=(100, 70)) as seen:
        text = told(await seen.press("question_mark")).replace("│ ", "")
        assert "space Stand still, or go on" in text
        assert "The rollback: its window" in text
        for words in (REFUSAL, "Read the handoff", "The log;", "in two lines for the chat"):
            assert words not in text


async def test_of_the_rollback_nothing_can_be_taken_down(tmp_path: Path) -> None:
    async with replayed(tmp_path) as seen:
        text = await seen.press("r")
        assert "no run is under way" in text
        assert "open a drill" not in text
        for key in "odxfu":
            _ = await seen.press(key)
            assert isinstance(seen.board.screen, WayBack)
        assert "Open a drill" not in told(await seen.press("question_mark"))


async def test_no_key_records_anything(tmp_path: Path) -> None:
    async with replayed(tmp_path, at=10_000) as seen:
        for key in "sanpeo":
            assert REFUSAL in told(await seen.press(key))
            assert len(seen.board.screen_stack) == 1
        for key in "hb":
            assert "`firstwatch handoff` makes one" in told(await seen.press(key))
        assert "what the log said was never recorded" in told(await seen.press("l"))
    with Journal.read_only(tmp_path / "launch.journal") as journal:
        count = len(journal.links())
    with eventful_day(tmp_path / "other.journal", PLAN) as other:
        assert len(other.links()) == count


async def test_in_full_a_check_has_no_log_and_no_single_readings(tmp_path: Path) -> None:
    async with replayed(tmp_path, size=(100, 50)) as seen:
        text = await seen.press("j", "enter")
        assert "[ ] range · c y p copy" in text
        assert "clears after" in text
        assert " now 0 of 0" not in told(text)
        assert "what the log said was never recorded" in told(await seen.press("l"))
        assert isinstance(seen.board.screen, Detail)


async def test_what_is_open_over_the_board_keeps_its_own_keys(tmp_path: Path) -> None:
    async with replayed(tmp_path) as seen:
        _ = await seen.press("slash")
        _ = await seen.press("a", "space", "left", "s")
        assert seen.elapsed == 9000
        assert seen.reel.is_paused


async def test_a_journal_that_cannot_be_read_any_more_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.TICK", 3600.0)
    monkeypatch.setattr("tui.replaying.LOOK_AGAIN", 0.0)
    async with replayed(tmp_path) as seen:
        said = ["disk I/O error", "disk I/O error", "", "disk I/O error"]

        def refresh(_: Recorded) -> bool:
            why = said.pop(0)
            if why:
                raise JournalError(why)
            return False

        monkeypatch.setattr(Recorded, "refresh", refresh)
        counts = []
        while said:
            await seen.board._go_on()
            counts.append(len(seen.board._notifications))
        assert counts == [1, 1, 1, 2]


async def test_it_leaves_without_a_question(tmp_path: Path) -> None:
    async with replayed(tmp_path) as seen:
        _ = await seen.press("q")
        assert seen.board.return_value == 0


def test_the_reel_goes_at_its_speed_stands_still_and_ends_where_the_journal_does() -> None:
    real = Ticking()
    reel = Reel(0.0, 1000.0, 10.0, 100.0, monotonic=real)
    assert reel.moment() == 100
    real.time = 5
    assert reel.moment() == 150
    reel.pause(is_paused=True)
    real.time = 50
    assert reel.moment() == 150
    reel.pause(is_paused=False)
    reel.hasten(100.0)
    real.time = 51
    assert reel.moment() == 250
    real.time = 500
    assert reel.moment() == 1000
    reel.end = 2000
    reel.move(-5)
    assert reel.moment() == 0


def test_a_moment_is_given_since_the_launch() -> None:
    assert moment_of("T+03:00", 100.0) == 100 + 10_800
    assert moment_of("t-00:10:30", 1000.0) == 370
    for wrong in ("03:00", "T+3", "T+aa:bb", "T+1:2:3:4", ""):
        with pytest.raises(FirstwatchError, match="is not a time like"):
            moment_of(wrong, 0.0)


def test_a_plan_that_is_not_the_one_that_was_watched_is_told() -> None:
    from firstwatch.clock import SystemClock
    from tests.tui.samples import normal

    snapshot = normal()
    outline = outline_of(snapshot, SystemClock())
    assert differences(snapshot.plan, outline) == ""
    assert "with which plan" in differences(snapshot.plan, None)
    told = differences(load(None, KINDS, {}, connects=False), outline)
    assert told.startswith("this plan is not the one that was watched: ")
    assert "its rounds are other ones" in differences(snapshot.plan, Outline("", (), ()))


def test_a_journal_is_replayed_on_a_real_terminal_while_it_is_written(tmp_path: Path) -> None:
    from tests.tui.test_cli import LEFT_OUT
    from tests.tui.test_jobs import PLAN as SMALL

    plan, path = tmp_path / "plan.toml", tmp_path / "watch.journal"
    plan.write_text(SMALL + LEFT_OUT)
    program = "import sys; from tui.cli import main; sys.exit(main())"
    with Journal.open(path) as journal:
        now = time.time()
        journal.stamp_launch(now - 600, "Ada")
        journal.begin_run(now - 600, "Ada", "0.1", "x")
        for second in range(0, 600, 5):
            journal.record_readings(now - 600 + second, {"one": 1.0})
        child, terminal = pty.fork()
        if not child:
            os.environ.update({"TERM": "xterm-256color", "PYTHONUTF8": "1", "HOME": str(tmp_path)})
            argv = ["-c", program, "replay", "-c", str(plan), str(path), "--at", "T+00:05"]
            os.execv(sys.executable, [sys.executable, *argv])
        try:
            mark, title = "REPLAY 60×".encode(), b"\x1b]2;REPLAY "
            _ = _until(terminal, mark, title, b"T+00:05", b"the one check")
            journal.record_readings(time.time(), {"one": 1.0})
            os.write(terminal, b"q")
            _ = _until(terminal, b"\x1b[?1049l")
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 0
        finally:
            os.close(terminal)


def _until(terminal: int, *wanted: bytes, seconds: float = 20.0) -> bytes:
    seen, ends = b"", time.monotonic() + seconds
    while not all(piece in seen for piece in wanted):
        assert time.monotonic() < ends, f"{wanted} never came: {seen[-2000:]!r}"
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
    return seen
