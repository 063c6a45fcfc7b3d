"""Keys that come faster than screens open and close: held down, pasted, or all at once over SSH."""

import pytest
from textual.screen import Screen

from tests.tui.gallery import unsigned
from tests.tui.samples import NOW, normal
from tests.tui.test_board_screens import Sight, sight
from tui.screens.filter import Filtering
from tui.screens.guide import Guide
from tui.screens.handover import Offering
from tui.screens.missed import Missed
from tui.screens.palette import Palette
from tui.screens.watch import WatchScreen
from tui.widgets.line_input import LineInput


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks come only when a test asks for one."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


async def at_once(seen: Sight, *keys: str) -> None:
    """Press keys, of which none waits for what comes of the one before."""
    for key in keys:
        seen.board.simulate_key(key)
    await seen.settle()


def opened(seen: Sight) -> list[type[Screen[object]]]:
    """What is open, from the board up."""
    return [type(screen) for screen in seen.board.screen_stack]


async def test_a_dialog_closes_once_however_many_keys_close_it() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("slash", "a")
        assert opened(seen) == [WatchScreen, Filtering]
        await at_once(seen, "enter", "enter", "escape", "escape")
        assert opened(seen) == [WatchScreen]


async def test_a_screen_that_is_closed_while_it_opens_leaves_the_board() -> None:
    async with sight(normal()) as seen:
        before = seen.text()
        for key in (*"nvflrshpeoaxTq", "question_mark", "ctrl+p"):
            await at_once(seen, *(key, "escape") * 5)
            await seen.pilot.press(*["escape"] * 5)
            seen.board.clear_notifications()
            await seen.settle()
            assert seen.text() == before, key


async def test_what_is_typed_all_at_once_comes_out_in_order_and_in_its_field() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("o")
        await seen.until(lambda: isinstance(seen.board.screen, Offering))
        await at_once(seen, *"Ada", "tab", *"tenants")
        fields = seen.board.screen.query(LineInput)
        assert [field.value for field in fields] == ["Ada", "tenants"]
        await at_once(seen, "x", "backspace", "shift+tab", "end", "backspace", "m")
        assert [field.value for field in fields] == ["Adm", "tenants"]


async def test_what_lies_over_a_dialog_stays_when_that_is_over() -> None:
    async with sight(unsigned(normal())) as seen:
        await seen.pilot.press("s", "question_mark")
        assert opened(seen) == [WatchScreen, Missed, Guide]
        seen.watching.clock.time = NOW
        await seen.post(normal())
        await seen.post(normal())
        assert opened(seen) == [WatchScreen, Missed, Guide]
        await seen.pilot.press("escape")
        await seen.settle()
        assert opened(seen) == [WatchScreen]


async def test_a_command_of_the_palette_runs_once_however_often_enter_is_pressed() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("ctrl+p", *"help")
        await seen.until(lambda: "Keys and glyphs" in seen.text())
        await at_once(seen, *["enter"] * 5)
        await seen.until(lambda: opened(seen) == [WatchScreen, Guide])


async def test_the_palette_turns_no_pages_where_it_has_no_room() -> None:
    async with sight(normal(), (1, 1)) as seen:
        await seen.pilot.press("ctrl+p")
        await at_once(seen, "pagedown", "pageup", "end", "down", "up")
        assert opened(seen) == [WatchScreen, Palette]
