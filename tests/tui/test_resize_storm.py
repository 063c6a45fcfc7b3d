"""Five hundred sizes over every screen while snapshots and keys come in: each comes out whole."""

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count, cycle

import pytest
from textual.pilot import Pilot

from firstwatch.snapshot import Snapshot
from tests.tui.gallery import SITTINGS, Sitting, everything
from tests.tui.pictures import resize, rest, send_size, strips, text_of
from tests.tui.samples import FakeWatching, blind, busy, troubled
from tui.app import Board
from tui.screens.card import Card
from tui.screens.watch import WatchScreen

USUAL = (80, 24)
TALL = (80, 100)
"""All lines are in sight: where one is scrolled to after it does not depend on before."""
LARGEST = (300, 100)
DICE = random.Random(7)
STAYING = 13
"""Under so many sizes of its share a screen stays open; under the others it comes and goes."""
MOVES = (
    *("j", "k", "up", "tab", "shift+tab", "left", "right", "pagedown", "pageup", "home", "end"),
    *("G", "slash", "question_mark", "ctrl+p", "n", "z", "v", "f", "l", "r", "p", "o", "a", "e"),
)
"""Keys that open, move and close; none of them leaves the board."""
UNBOUND = "f9"
"""Nothing is done by it; but whoever presses it has seen what is new."""
MEASURED = ("checks", "hidden", "sources", "flips", "episodes", "gaps")
"""What is different in every snapshot that comes, beside what people did."""
HELD = "log/troubled"
"""Held still where its reader has scrolled to."""


def any_size() -> tuple[int, int]:
    """From 1×1 to the largest; small ones come more often, for there room runs out."""
    width, height = (1 + int(most * DICE.random() ** 3) for most in LARGEST)
    return width, height


def one_of_each() -> dict[str, Sitting]:
    """The board in trouble, whole, zoomed and filtered, and every other screen once."""
    found = {name: SITTINGS[name] for name in SITTINGS if name.startswith("board")}
    found = {name: sitting for name, sitting in found.items() if name.endswith("/troubled")}
    for name in sorted(SITTINGS, key=lambda name: not name.endswith("/troubled")):
        known = {sitting.screen for sitting in found.values()}
        if SITTINGS[name].screen not in known and name != HELD:
            found[name] = SITTINGS[name]
    return found


STORMED = one_of_each()
SIZES = [any_size() for _ in range(500)]
SHARES = {name: SIZES[n :: len(STORMED)] for n, name in enumerate(STORMED)}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every snapshot is shown at once, and nothing is done or drawn but what a test asks for."""
    for name, value in (
        ("tui.app.TICK", 3600.0),
        ("tui.screens.detail.LATEST", 0.0),
        ("tui.screens.drills.Drills.EVERY", 3600.0),
        ("tui.app.Board.NOTIFICATION_TIMEOUT", 3600.0),
        ("textual._compositor.Compositor.render_update", lambda *_, **__: None),
    ):
        monkeypatch.setattr(name, value)
    gc.disable()
    yield
    gc.enable()


def load(sitting: Sitting) -> Iterator[Snapshot]:
    """Snapshots without end, of trouble that comes and goes.

    A card keeps in sight whatever it has once asked for, so it gets none but its own.
    """
    base = sitting.snapshot
    others = (base,) if sitting.screen is Card else (troubled(), blind(), busy())
    for beat, other in zip(count(2), cycle(others), strict=False):
        acks, promises = other.affairs.acks, other.affairs.promises
        affairs = replace(base.affairs, acks=acks, promises=promises)
        own = replace(base, beat=beat, affairs=affairs)
        yield replace(own, **{name: getattr(other, name) for name in MEASURED})


@dataclass
class Storm:
    """A board on which sizes, snapshots and keys come down at once."""

    board: Board
    watching: FakeWatching
    pilot: Pilot[int]
    sitting: Sitting
    snapshots: Iterator[Snapshot]

    async def open(self) -> None:
        """Open the screen, in peace."""
        for key in self.sitting.keys:
            await self.press(key)
        assert type(self.board.screen) is self.sitting.screen

    async def press(self, key: str) -> None:
        """Press a key, and wait for all that comes of it."""
        await self.pilot.press(key)
        await rest(self.board)

    async def gust(self, size: tuple[int, int], *keys: str) -> None:
        """One more size; keys and snapshots come before it is laid out, and it is drawn."""
        self.watching.post(next(self.snapshots))
        await send_size(self.board, size)
        for key in keys:
            self.board.simulate_key(key)
            await asyncio.sleep(0)
        self.watching.post(next(self.snapshots))
        await rest(self.board)
        assert len(strips(self.board)) == size[1]

    async def abate(self) -> None:
        """Back to the usual size and the snapshot of before, with nothing new in it."""
        await resize(self.board, TALL)
        await resize(self.board, USUAL)
        await self.post()
        await self.press(UNBOUND)
        await self.post()

    async def post(self) -> None:
        """Show the snapshot that the screen was opened on."""
        self.watching.post(self.sitting.snapshot)
        await rest(self.board)

    async def go_back(self) -> None:
        """Close all that is open, and put filter, zoom and cursor away."""
        for _ in range(3 * len(self.board.screen_stack)):
            await self.press("escape")
        assert isinstance(self.board.screen, WatchScreen)
        said = [notice.message for notice in self.board._notifications]
        assert not [words for words in said if "failed unexpectedly" in words]
        self.board.clear_notifications()

    def drawn(self) -> list[str]:
        """The lines of the screen with their colours, as a terminal is sent them."""
        console = self.board.console
        return [strip.simplify().render(console) for strip in strips(self.board)]

    def text(self) -> str:
        """The screen as plain text."""
        return "\n".join(text_of(strips(self.board)))


@asynccontextmanager
async def storm(sitting: Sitting) -> AsyncIterator[Storm]:
    """A board in peace, before it."""
    watching = everything()
    watching.clock.time = sitting.snapshot.at
    board = Board(watching, sitting.snapshot.plan, "dark", monotonic=lambda: 1000.0)
    async with board.run_test(size=USUAL, notifications=True) as pilot:
        found = Storm(board, watching, pilot, sitting, load(sitting))
        await found.post()
        yield found


@pytest.mark.parametrize("name", STORMED)
async def test_a_screen_comes_whole_out_of_a_storm(name: str) -> None:
    chosen = random.Random(name)
    async with storm(STORMED[name]) as seen:
        board = seen.text()
        await seen.open()
        text, drawn = seen.text(), seen.drawn()
        for size in SHARES[name][:STAYING]:
            await seen.gust(size, UNBOUND)
        await seen.abate()
        assert seen.text() == text
        assert seen.drawn() == drawn
        for size in SHARES[name][STAYING:]:
            await seen.gust(size, *chosen.choices(MOVES, k=3), "escape", *seen.sitting.keys)
        await seen.go_back()
        await seen.abate()
        assert seen.text() == board


@pytest.mark.parametrize("key", ("o", "ctrl+p"))
async def test_what_is_opened_comes_to_rest_however_narrow_it_is(key: str) -> None:
    """A bar to scroll with takes all the room there is; without it there is room again."""
    async with storm(SITTINGS["board/troubled"]) as seen:
        await seen.press(key)
        for width in range(12, 0, -1):
            await resize(seen.board, (width, 24))
            assert len(strips(seen.board)) == 24
