"""Views: lines over the whole window, scrolled by keys."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from tests.tui.samples import FakeWatching, normal
from tui.app import Board
from tui.renderables.lines import Line, Role, plain
from tui.screens.view import View
from tui.widgets.sheet import Sheet


class Numbers(View):
    """Numbered lines."""

    def heading(self) -> str:
        """A name."""
        return "numbers"

    def lines(self, width: int) -> list[Line]:
        """A hundred of them."""
        return [((f"line {n}", Role.TEXT),) for n in range(100)]


@asynccontextmanager
async def numbers(size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[int], Numbers]]:
    """A board with that view open over it."""
    watching, shown = FakeWatching(), normal()
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "dark")
    async with board.run_test(size=size) as pilot:
        watching.post(shown)
        while (scene := board.scene()) is None:
            await pilot.pause()
        view = Numbers(scene)
        await board.push_screen(view)
        await pilot.pause()
        await pilot.pause()
        yield pilot, view


def first_line(view: Numbers) -> str:
    """The uppermost line in sight."""
    return plain(view.sheet._lines[0]).strip()


@pytest.mark.parametrize(
    ("keys", "first"),
    (
        (["j", "j"], "line 2"),
        (["down", "k"], "line 0"),
        (["k"], "line 0"),
        (["pagedown"], "line 19"),
        (["pagedown", "pageup"], "line 0"),
        (["G"], "line 80"),
        (["end", "j", "k"], "line 79"),
        (["G", "g"], "line 0"),
    ),
)
async def test_keys_move_through_a_view_and_never_beyond_it(keys: list[str], first: str) -> None:
    async with numbers((80, 23)) as (pilot, view):
        assert view.room == 20
        await pilot.press(*keys)
        assert first_line(view) == first


async def test_a_view_leaves_the_header_and_says_how_much_is_below() -> None:
    async with numbers((80, 23)) as (pilot, view):
        rows = [strip.text for strip in view._compositor.render_strips()]
        assert "T+" in rows[0]
        assert "numbers" in rows[1]
        assert "80 more below" in rows[-1]
        await pilot.press("G")
        await pilot.pause()
        rows = [strip.text for strip in view._compositor.render_strips()]
        assert "more below" not in rows[-1]


@pytest.mark.parametrize("size", ((1, 1), (3, 2), (20, 4), (300, 100)))
async def test_a_view_survives_any_size(size: tuple[int, int]) -> None:
    async with numbers((80, 24)) as (pilot, view):
        await pilot.resize_terminal(*size)
        await pilot.pause()
        await pilot.press("G", "k", "pageup")
        assert view.is_attached


def make_dirty(sheet: Sheet) -> None:
    """Have something of it drawn anew, as if its screen had been told already."""
    sheet.refresh(Region(0, 0, 5, 1))
    sheet.screen._dirty_widgets.add(sheet)


async def test_what_changes_of_the_board_behind_a_view_takes_nothing_from_the_view() -> None:
    async with numbers((80, 23)) as (_, view):
        sheet = view.sheet
        make_dirty(sheet)
        view.refresh(Region(1, 1, 5, 1))
        view._on_timer_update()
        assert not sheet._exchange_repaint_regions()


async def test_what_changes_of_the_board_behind_a_view_is_drawn_however_soon_more_changes() -> None:
    async with numbers((80, 23)) as (pilot, _):
        board = pilot.app.screen_stack[0]
        for sheet in list(board.query(Sheet))[:2]:
            make_dirty(sheet)
            board._on_timer_update()
            assert not sheet._exchange_repaint_regions()
