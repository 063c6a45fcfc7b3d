"""The choice of themes: each one put on while the cursor is on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from firstwatch.verdict import Level
from tests.tui.samples import FakeWatching, troubled
from tui.app import Board
from tui.renderables.glyphs import ASCII, RICH, Glyphs
from tui.renderables.lines import Role, line_width, plain
from tui.renderables.themes import Offer, theme_lines
from tui.screens.themes import ThemeChoice
from tui.terminal import FEW, Look

NAMES = ("ansi", "colourblind", "contrast", "dark", "light", "mono")


@asynccontextmanager
async def choosing(
    size: tuple[int, int] = (80, 24), look: Look | None = None
) -> AsyncIterator[tuple[Board, Pilot[int]]]:
    """A troubled board with the choice open."""
    watching, shown = FakeWatching(), troubled()
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "dark", look=look)
    async with board.run_test(size=size, notifications=True) as pilot:
        watching.post(shown)
        await pilot.pause()
        await pilot.press("T")
        await pilot.pause()
        yield board, pilot


def text(board: Board) -> str:
    """The screen as plain text."""
    return "\n".join(row.text for row in board.screen._compositor.render_strips())


def background(board: Board) -> str:
    """What the board stands on."""
    return board.screen_stack[0].styles.background.hex


async def test_each_theme_is_put_on_as_the_cursor_moves_and_enter_keeps_it() -> None:
    async with choosing() as (board, pilot):
        assert isinstance(board.screen, ThemeChoice)
        met = [board.theme]
        for _ in range(2):
            await pilot.press("j")
            met.append(board.theme)
        assert met == ["dark", "light", "mono"]
        await pilot.press("k")
        await pilot.pause()
        assert background(board) == "#FBFAF7"
        await pilot.press("enter")
        await pilot.pause()
        assert board.theme == "light"
        assert not isinstance(board.screen, ThemeChoice)


@pytest.mark.parametrize("key", ("escape", "T"))
async def test_escape_returns_to_the_theme_before(key: str) -> None:
    async with choosing() as (board, pilot):
        await pilot.press("down", "down", "up")
        assert board.theme == "light"
        await pilot.press(key)
        await pilot.pause()
        assert board.theme == "dark"
        assert background(board) == "#101418"
        assert not isinstance(board.screen, ThemeChoice)


async def test_the_cursor_stops_at_both_ends() -> None:
    async with choosing() as (board, pilot):
        await pilot.press(*["j"] * 20)
        assert board.theme == "mono"
        await pilot.press(*["k"] * 20)
        assert board.theme == "ansi"


async def test_the_board_stays_in_sight_beside_the_choice_and_changes_with_it() -> None:
    async with choosing() as (board, pilot):
        await pilot.press("j")
        await pilot.pause()
        rows = board.screen._compositor.render_strips()
        assert "T+03:27:14" in rows[0].text
        assert any("webhook failures" in row.text for row in rows)
        behind = {s.style.bgcolor.name for s in rows[10] if s.style and s.style.bgcolor}
        assert behind == {"#fbfaf7"}


@pytest.mark.parametrize("size", ((1, 1), (20, 6), (60, 20), (80, 24), (300, 100)))
async def test_any_size_will_do(size: tuple[int, int]) -> None:
    async with choosing(size) as (board, pilot):
        await pilot.press("j", "j")
        await pilot.resize_terminal(50, 12)
        await pilot.pause()
        assert "mono" in text(board)
        await pilot.press("enter")
        assert board.theme == "mono"


async def test_ascii_alone_is_drawn_where_no_more_can_be() -> None:
    async with choosing(look=Look(ascii_only=True)) as (board, _):
        assert text(board).isascii()
        assert "> dark" in text(board)


async def test_broken_themes_are_listed_with_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "firstwatch" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("[bse]", encoding="utf-8")
    async with choosing() as (board, pilot):
        board.clear_notifications()
        await pilot.pause()
        assert "! mine.toml: a theme has no 'bse'" in text(board)


async def test_the_next_theme_is_one_that_the_terminal_has_the_colours_for() -> None:
    async with choosing(look=Look(colours=FEW)) as (board, pilot):
        await pilot.press("escape")
        met = []
        for _ in range(4):
            await pilot.press("t")
            met.append(board.theme)
        assert met == ["ansi", "mono", "ansi", "mono"]


@pytest.mark.parametrize("height", range(1, 25))
def test_the_name_under_the_cursor_is_always_in_sight(height: int) -> None:
    for at, name in enumerate(NAMES):
        lines = theme_lines(Offer(NAMES, at, "dark", ("x.toml: no",)), RICH, 30, height)
        assert len(lines) <= height
        assert {line_width(line) for line in lines} == {30}
        assert any(plain(line).startswith(f"▸ {name}") for line in lines)


@pytest.mark.parametrize("glyphs", (RICH, ASCII), ids=("rich", "ascii"))
def test_the_samples_show_every_role(glyphs: Glyphs) -> None:
    lines = theme_lines(Offer(NAMES, 0, "dark"), glyphs, 40, 40)
    roles = {role for line in lines for _, role in line}
    assert roles == set(Role)
    drawn = "\n".join(plain(line) for line in lines)
    assert all(level in drawn for level in Level)
