"""Every screen at every size, in every state and theme, as it was drawn.

The expected pictures are in `screens/`; run with FIRSTWATCH_REDRAW=1 to write them anew.
"""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from textual.screen import Screen

from tests.tui.gallery import SITTINGS
from tests.tui.pictures import SCREENS, Album, path_of, rest
from tui.app import Board
from tui.keys import scopes
from tui.screens.palette import Palette


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No clock but the test's, no tmux around it, and nothing drawn but what is pictured."""
    for name, value in (
        ("tui.app.TICK", 3600.0),
        ("tui.screens.log.POLL", 3600.0),
        ("tui.screens.detail.LATEST", 0.0),
        ("tui.screens.drills.Drills.EVERY", 3600.0),
        ("tui.app.Board.NOTIFICATION_TIMEOUT", 3600.0),
        ("textual._compositor.Compositor.render_update", lambda *_, **__: None),
    ):
        monkeypatch.setattr(name, value)
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", SITTINGS)
async def test_screens_are_as_drawn(name: str) -> None:
    sitting = SITTINGS[name]
    watching = sitting.watching()
    watching.clock.time = sitting.snapshot.at
    board = Board(watching, sitting.snapshot.plan, "dark", monotonic=lambda: 1000.0)
    album = Album(name, sitting.sizes)
    async with board.run_test(size=(80, 24), notifications=True) as pilot:
        await rest(board)
        watching.post(sitting.snapshot)
        await rest(board)
        for key in sitting.keys:
            await pilot.press(key)
            await rest(board)
        assert type(board.screen) is sitting.screen
        await album.take(board)
    album.compare()


def of_ours(cls: type[Screen[Any]]) -> Iterator[type[Screen[Any]]]:
    """The screens that can be opened: those from which no other is made."""
    for inner in cls.__subclasses__():
        if inner.__subclasses__():
            yield from of_ours(inner)
        elif inner.__module__.startswith("tui."):
            yield inner


def test_every_screen_is_pictured() -> None:
    _ = scopes()  # which knows them all
    # The palette is Textual's, and drawn in a time of its own.
    assert {sitting.screen for sitting in SITTINGS.values()} == set(of_ours(Screen)) - {Palette}


def test_no_picture_is_left_of_what_is_no_more() -> None:
    wanted = {path_of(name).with_suffix(end) for name in SITTINGS for end in (".txt", ".toml")}
    assert {file for file in SCREENS.rglob("*") if file.is_file()} == wanted
