"""The timeline and the flow on the board: keys, and the journal behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.strip import Strip

from firstwatch.clock import SystemClock
from firstwatch.errors import JournalError
from firstwatch.journal import Journal
from firstwatch.snapshot import Snapshot
from firstwatch.timeline import Chronicle
from firstwatch.verdict import Level
from tests.tui.lived import FLIPS, RUNS, chronicle, flip, lived
from tests.tui.samples import LAUNCH, FakeWatching, make_plan, normal
from tests.tui.streams import STREAMS
from tests.tui.test_board_screens import Sight, sight
from tui.cli.opening import Behind, Setting
from tui.screens.detail import Detail
from tui.screens.flow import FlowPicture
from tui.screens.timeline import Timeline
from tui.screens.watch import WatchScreen
from tui.terminal import Look
from tui.widgets.sheet import Sheet


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks come only when a test asks for one."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


@asynccontextmanager
async def day(
    snapshot: Snapshot | None = None,
    size: tuple[int, int] = (80, 24),
    *,
    remembered: Chronicle | Exception | None = None,
    look: Look | None = None,
) -> AsyncIterator[Sight]:
    """A board with the timeline open over it."""
    watching = FakeWatching(remembered=remembered or chronicle())
    async with sight(snapshot or lived(), size, watching=watching, look=look) as seen:
        await seen.pilot.press("v")
        await seen.until(lambda: "reading the journal" not in seen.text())
        await seen.settle()
        yield seen


def here(seen: Sight) -> str:
    """The line under the cursor."""
    return next(line.strip("│ ") for line in seen.text().splitlines() if "│ ▸" in line)


def top(seen: Sight) -> str:
    """The uppermost line of the list."""
    lines = seen.text().splitlines()
    start = next(n for n, line in enumerate(lines) if " 2 trouble" in line)
    return lines[start + 1].strip("│ ")


async def test_enter_opens_the_check_and_the_timeline_is_still_there_after() -> None:
    async with day() as seen:
        await seen.pilot.press("enter")
        assert isinstance(seen.board.screen, Detail)
        await seen.pilot.press("escape")
        assert isinstance(seen.board.screen, Timeline)
        await seen.pilot.press("escape")
        assert isinstance(seen.board.screen, WatchScreen)


async def test_keys_choose_a_kind_and_the_cursor_walks_and_leaps() -> None:
    async with day() as seen:
        assert "duplicate leads" in here(seen)
        await seen.pilot.press("3")
        assert "missed" in here(seen)
        await seen.pilot.press("left")
        assert here(seen).startswith("▸12:50")
        await seen.pilot.press("left", "right", "k")
        assert here(seen).startswith("▸12:50")
        await seen.pilot.press("G")
        assert "round 1 " in here(seen)
        await seen.pilot.press("g", "j", "1")
        assert here(seen).startswith("▸13:20"), "what is under the cursor keeps it"
        await seen.pilot.press("2", "j", "down")
        assert "webhook failures" in here(seen)
        await seen.pilot.press("4", "5")
        assert "began again" in here(seen)


async def test_words_are_looked_for_while_they_are_typed_and_escape_lets_go_of_them() -> None:
    async with day() as seen:
        await seen.pilot.press("slash", *"quota")
        await seen.settle()
        assert 'timeline · all with "quota"' in seen.text()
        assert "promised for 16:00: recheck quota" in here(seen)
        await seen.pilot.press("enter", "j")
        assert 'with "quota"' in seen.text()
        await seen.pilot.press("slash", *"xyz")
        await seen.settle()
        assert 'nothing yet with "xyz"' in seen.text()
        await seen.pilot.press("enter", "enter", "left", "G", "escape")
        await seen.settle()
        assert "timeline · all ─" in seen.text()
        assert isinstance(seen.board.screen, Timeline)


async def test_what_happens_comes_on_top_and_leaves_the_cursor_on_its_event_and_line() -> None:
    async with day() as seen:
        await seen.pilot.press(*"jjjjjjjjjjjjjjjjjjjj")
        before, first = here(seen), top(seen)
        new = flip(9.24, "quota", Level.OK, Level.WARNING, "7 over")
        later = replace(lived(), flips=(*lived().flips[1:], new))
        await seen.post(later)
        assert (here(seen), top(seen)) == (before, first)
        await seen.pilot.press("g")
        assert "quota tracking" in here(seen)
        assert "ok → warning, 7 over" in here(seen)
        newer = flip(9.25, "quota", Level.WARNING, Level.CRITICAL, "70 over")
        await seen.post(replace(later, flips=(*later.flips[1:], newer)))
        assert "warning → critical, 70 over" in here(seen), "at the top it stays on the newest"


async def test_a_journal_that_cannot_be_read_is_said_and_the_latest_are_shown() -> None:
    async with day(remembered=JournalError("journal x: file is not a database")) as seen:
        assert "? journal x: file is not a database; only the latest changes" in seen.text()
        assert "duplicate leads" in here(seen)


async def test_more_than_a_snapshot_holds_is_asked_of_the_journal_again() -> None:
    async with day() as seen:
        many = [flip(9.1 + n / 900, "quota", Level.OK, Level.WARNING, f"no {n}") for n in range(90)]
        seen.watching.remembered = Chronicle((*FLIPS, *many), RUNS)
        await seen.post(replace(lived(), flips=tuple(many[-50:])))
        await seen.until(lambda: "1 all 126" in seen.text())


@pytest.mark.parametrize("size", ((1, 1), (3, 2), (20, 4), (9, 30), (200, 5), (300, 100)))
async def test_timeline_and_flow_survive_any_size(size: tuple[int, int]) -> None:
    async with day() as seen:
        await seen.pilot.press("slash", "x", "escape")
        await seen.pilot.resize_terminal(*size)
        await seen.pilot.press("G", "k", "pageup", "left", "3", "enter", "escape", "escape", "f")
        await seen.settle()
        assert isinstance(seen.board.screen, FlowPicture)


async def test_ascii_terminals_get_ascii_alone() -> None:
    async with day(look=Look(ascii_only=True)) as seen:
        assert seen.text().isascii()
        await seen.pilot.press("slash", "f", "escape", "enter", "escape", "escape", "f")
        await seen.settle()
        assert isinstance(seen.board.screen, FlowPicture)
        assert seen.text().isascii()


async def test_a_calm_timeline_writes_nothing_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with day() as seen:
        written: list[int] = []
        sheet = seen.board.screen.query_one(".box Sheet", Sheet)
        render = sheet.render_line

        def noted(y: int) -> Strip:
            written.append(y)
            return render(y)

        monkeypatch.setattr(sheet, "render_line", noted)
        await seen.post(replace(lived(), beat=2))
        assert written == []
        await seen.pilot.press("j")
        await seen.settle()
        assert 0 < len(set(written)) <= 4


async def test_flow_follows_the_snapshots_and_a_silent_engine_leaves_it_unknown() -> None:
    async with sight(STREAMS["stream"]()) as seen:
        await seen.pilot.press("f")
        await seen.settle()
        assert "nothing is lost" in seen.text()
        assert "customers' messages since T0, at most the last 24 h" in seen.text()
        await seen.post(replace(STREAMS["storm"](), beat=2))
        assert "191 lost at Chatwoot → webhooks" in seen.text()
        seen.passed[0] += 60.0
        seen.board._tick()
        await seen.settle()
        assert "unknown: Chatwoot → webhooks" in seen.text()
        assert "191 lost" not in seen.text()


async def test_the_journal_is_read_beside_the_watch_that_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "watch.journal"
    setting = Setting(make_plan(), SystemClock(), "A", path, tmp_path)
    with Journal.open(path) as journal:
        journal.stamp_launch(LAUNCH, "A")
        journal.begin_run(LAUNCH, "A", "1", "plan")
        for one in FLIPS:
            journal.record_flip(one)
        known = await Behind(setting).chronicle()
        assert known.flips == FLIPS
        assert [run.began for run in known.runs] == [LAUNCH]


async def test_before_the_first_snapshot_the_keys_do_nothing() -> None:
    async with sight(None) as seen:
        await seen.pilot.press("v", "f")
        assert isinstance(seen.board.screen, WatchScreen)
        await seen.post(normal())
