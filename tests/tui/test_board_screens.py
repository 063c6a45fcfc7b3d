"""The board driven by posted snapshots and keys."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from textual.pilot import Pilot

from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level
from tests.tui.samples import FakeWatching, hostile, normal, troubled, turn
from tui.app import Board
from tui.screens.detail import Detail
from tui.screens.drills import Drills
from tui.screens.guide import Guide
from tui.screens.leave import Leave
from tui.screens.watch import WatchScreen
from tui.terminal import Look
from tui.watching import Drill
from tui.widgets.stage import Stage

SIZES = ((50, 20), (80, 24), (100, 20), (120, 40), (200, 60), (60, 40), (20, 6))


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks come only when a test asks for one."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


@dataclass
class Sight:
    """A board under test."""

    board: Board
    watching: FakeWatching
    pilot: Pilot[int]
    passed: list[float]
    """The one number that its monotonic clock shows."""

    def text(self) -> str:
        """The screen as plain text."""
        strips = self.board.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is so; fails after two thousand turns of the loop."""
        for _ in range(2_000):
            if true():
                return
            await self.pilot.pause(0.01)
        pytest.fail(f"never came true; the screen shows\n{self.text()}")

    async def post(self, snapshot: Snapshot) -> None:
        """Post a snapshot and wait until it is drawn."""
        self.watching.post(snapshot)
        await self.until(lambda: self.board.snapshot is snapshot)
        await self.settle()

    async def settle(self) -> None:
        """Wait for layout and painting."""
        for _ in range(3):
            await self.pilot.pause()


@asynccontextmanager
async def sight(
    snapshot: Snapshot | None,
    size: tuple[int, int] = (80, 24),
    *,
    look: Look | None = None,
    watching: FakeWatching | None = None,
    theme: str = "dark",
) -> AsyncIterator[Sight]:
    """A running board that shows this snapshot."""
    watching = watching or FakeWatching()
    shown = snapshot or normal()
    watching.clock.time = shown.at
    passed = [1000.0]
    board = Board(watching, shown.plan, theme, look=look, monotonic=lambda: passed[0])
    async with board.run_test(size=size, notifications=True) as pilot:
        seen = Sight(board, watching, pilot, passed)
        await pilot.pause()
        if snapshot is not None:
            await seen.post(snapshot)
        yield seen


async def test_ascii_look_draws_ascii_alone() -> None:
    for size in SIZES:
        async with sight(troubled(), size, look=Look(ascii_only=True)) as seen:
            assert seen.text().isascii()
            await seen.pilot.press("question_mark")
            await seen.settle()
            assert "Keys" in seen.text() or size[0] < 40


@pytest.mark.parametrize("size", ((1, 1), (2, 1), (1, 5), (5, 3), (60, 20), (20, 7), (300, 100)))
async def test_no_size_is_too_small_or_too_large(size: tuple[int, int]) -> None:
    async with sight(troubled(), size) as seen:
        for key in ("tab", "down", "enter", "escape", "question_mark", "escape"):
            await seen.pilot.press(key)
        assert seen.board.is_running


async def test_a_silent_engine_leaves_nothing_green() -> None:
    async with sight(normal()) as seen:
        assert "●" in seen.text()
        seen.passed[0] += 2.0
        seen.board._tick()
        await seen.settle()
        assert "silent" not in seen.text()
        seen.passed[0] += 10.0
        seen.board._tick()
        await seen.settle()
        text = seen.text()
        assert "! engine silent 12s" in text
        # The line of history above the keys says what was, not what is.
        assert "●" not in "".join(text.splitlines()[:-2])
        assert "? DB connections" in text
        assert "? unknown" in text.splitlines()[0]
        await seen.post(replace(normal(), beat=2))
        assert "silent" not in seen.text()
        assert "●" in seen.text()


async def test_snapshots_whose_beat_stands_still_do_not_count_as_life() -> None:
    async with sight(normal()) as seen:
        seen.passed[0] += 5.0
        await seen.post(normal())
        assert "! engine silent 5s" in seen.text()


async def test_clocks_and_ages_go_on_without_snapshots() -> None:
    async with sight(normal()) as seen:
        seen.watching.clock.time += 90
        seen.board._tick()
        await seen.settle()
        text = seen.text()
        assert "T+03:28:44" in text
        assert "until round 7 of 24, due 08:30, open" in text
        assert text.splitlines()[5].endswith("1m")


async def test_before_the_first_snapshot_the_board_says_what_it_waits_for() -> None:
    async with sight(None) as seen:
        seen.board._tick()
        await seen.settle()
        assert "waiting for the watch" in seen.text()
        seen.passed[0] += 9.0
        seen.board._tick()
        await seen.settle()
        assert "! engine silent 9s" in seen.text()


async def test_text_from_outside_stays_text() -> None:
    for size in ((80, 24), (200, 60)):
        async with sight(hostile(), size) as seen:
            text = seen.text()
            assert "[/bad] [@click=app.exit]x" in text
            assert not set(text) & set("\x1b\x9b\x07\u202e")
            await seen.pilot.press("down", "enter")
            await seen.settle()
            assert isinstance(seen.board.screen, Detail)
            text = seen.text()
            assert "[/bad]" in text
            assert not set(text) & set("\x1b\x9b\x07\u202e")
            seen.board._say("[/bad] [red]")
            await seen.until(lambda: "[/bad] [red]" in seen.text())


async def test_snapshots_replace_each_other_while_the_board_is_busy() -> None:
    async with sight(normal()) as seen:
        last = normal()
        for beat in range(2, 500):
            last = replace(normal(), beat=beat)
            seen.watching.post(last)
        await seen.until(lambda: seen.board.snapshot is last)
        assert seen.board._slot is not None
        assert seen.board._slot.take() is None


async def test_quitting_asks_first() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("q")
        assert isinstance(seen.board.screen, Leave)
        await seen.pilot.press("n")
        assert not isinstance(seen.board.screen, Leave)
        await seen.pilot.press("ctrl+q")
        await seen.settle()
        assert "Leave the watch?" in seen.text()
        await seen.pilot.press("escape")
        await seen.pilot.press("ctrl+q", "y")
        await seen.settle()
        assert seen.board.return_value == 0
        assert seen.board.return_code == 0


@pytest.mark.parametrize("key", ("q", "question_mark"))
async def test_the_board_stays_in_sight_behind_what_opens_over_it(key: str) -> None:
    async with sight(troubled(), (120, 40)) as seen:
        await seen.pilot.press("j", key)
        await seen.settle()
        assert not isinstance(seen.board.screen, WatchScreen)
        shown = seen.board.export_screenshot()
        assert "T+03:27:14" in shown
        assert "system" in shown


@pytest.mark.parametrize(("width", "lines"), ((60, 2), (80, 1), (120, 1)))
async def test_a_notice_covers_no_more_than_its_words_and_never_the_last_line(
    width: int, lines: int
) -> None:
    async with sight(normal(), (width, 24)) as seen:
        await seen.pilot.press("a")
        await seen.settle()
        text = seen.text().splitlines()
        covered = [number for number, line in enumerate(text) if "▌" in line]
        assert covered == list(range(23 - lines, 23))
        words = [line.partition("▌ ")[2] for line in text[23 - lines : 23]]
        assert words[0].startswith("nothing is in trouble: there is nothing to")
        assert "acknowledge" in words[-1]


async def test_drills_are_offered_only_in_a_rehearsal() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("x")
        await seen.settle()
        assert "drills" not in seen.text()
    watching = FakeWatching(offered=[Drill("storm", "[b]webhooks answer 500")])
    async with sight(normal(), watching=watching) as seen:
        await seen.until(lambda: "x drills" in seen.text())
        await seen.pilot.press("x")
        await seen.until(lambda: isinstance(seen.board.screen, Drills))
        await seen.settle()
        assert "[b]webhooks answer 500" in seen.text()
        assert "enter strikes it · ↑↓ choose · esc back ─╯" in seen.text()
        await seen.pilot.press("enter")
        await seen.until(lambda: "active" in seen.text())
        assert "enter cures it · ↑↓ choose · esc back ─╯" in seen.text()
        assert watching.offered[0].active
        await seen.pilot.press("escape")
        assert not isinstance(seen.board.screen, Drills)


async def test_every_drill_can_be_reached_and_read_in_a_small_terminal() -> None:
    offered = [Drill(f"incident-{n}", f"{'a long story ' * 6} told in full {n}") for n in range(32)]
    async with sight(normal(), watching=FakeWatching(offered=offered)) as seen:
        await seen.until(lambda: "x drills" in seen.text())
        await seen.pilot.press("x")
        await seen.until(lambda: isinstance(seen.board.screen, Drills))
        await seen.settle()
        assert "told in full 0" in seen.text()
        assert sum("incident-" in line for line in seen.text().splitlines()) >= 18
        await seen.pilot.press(*["j"] * 31)
        await seen.settle()
        assert "incident-31" in seen.text()
        assert "told in full 31" in seen.text()


async def test_help_lists_every_key_with_an_id_and_a_tooltip() -> None:
    async with sight(normal(), (100, 60)) as seen:
        bindings = [a.binding for a in seen.board.screen.active_bindings.values()]
        ours = [b for b in bindings if b.id]
        assert {"help", "handoff", "theme", "quit", "row-next", "pane-next"} <= {b.id for b in ours}
        assert all(b.tooltip for b in ours)
        await seen.pilot.press("question_mark")
        await seen.settle()
        assert isinstance(seen.board.screen, Guide)
        text = seen.text()
        assert all(b.tooltip in text for b in ours if b.id not in ("drills", "cadence"))
        assert "could not be measured" in text


async def test_help_explains_the_marks_and_counts_of_what_changed() -> None:
    async with sight(normal(), (80, 80)) as seen:
        await seen.pilot.press("question_mark")
        await seen.settle()
        text = " ".join(seen.text().replace("│", " ").split())
        assert "▎ stands before a row whose verdict changed since anybody pressed a key." in text
        assert "as 3 changed, and in the header while the rows are paused, as 3 new." in text


async def test_the_cursor_walks_through_all_panes() -> None:
    async with sight(normal(), (200, 60)) as seen:
        stage = seen.board.screen.query_one(Stage)
        met = []
        for _ in range(60):
            await seen.pilot.press("j")
            pane = stage.focused_pane
            assert pane is not None
            met.append((pane.slot, pane.selected))
        assert len(set(met)) == sum(len(pane.checks) for pane in stage.panes)
        await seen.pilot.press("k", "tab", "shift+tab", "escape")
        assert seen.board.focused is None


async def test_the_detail_follows_the_watch() -> None:
    snapshot = normal()
    async with sight(snapshot, (100, 40)) as seen:
        await seen.pilot.press("down", "enter")
        await seen.settle()
        assert "warning above 80 %, critical above 95 %" in seen.text()
        changed = turn(snapshot, "connections", Level.CRITICAL, "96 % > 95 %", value=96.0)
        await seen.post(replace(changed, beat=2))
        assert "96 % > 95 %" in seen.text()


async def test_a_focused_pane_opens_where_room_is_scarce() -> None:
    async with sight(normal(), (60, 20)) as seen:
        assert "quota tracking" not in seen.text()
        await seen.pilot.press("tab", "tab")
        await seen.settle()
        assert "quota tracking" in seen.text()
        assert "▸" in seen.text()


@pytest.mark.parametrize("theme", ("dark", "light", "ansi", "mono", "nope"))
async def test_every_theme_draws_every_screen(theme: str) -> None:
    async with sight(troubled(), (120, 40), theme=theme) as seen:
        assert seen.board.theme == (theme if theme != "nope" else "dark")
        for key in ("question_mark", "escape", "down", "enter", "escape", "q", "n", "t", "t", "t"):
            await seen.pilot.press(key)
        assert "duplicate leads" in seen.text()
