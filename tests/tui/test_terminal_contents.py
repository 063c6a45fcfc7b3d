"""What stands on the terminal is what the board draws, whatever is open and whoever looks on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product

import pyte
import pytest
from pyte.screens import Char
from rich.console import Console
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Size

from firstwatch.verdict import Level
from tests.tui.gallery import everything
from tests.tui.pictures import rest, strips
from tests.tui.samples import FakeWatching, blind, busy, normal, troubled, turn
from tui.app import Board

USUAL, LARGER = (80, 24), (100, 30)
TURNS = 20
"""Of the loop, in which what comes of a key or a size is under way."""
VIEWS = {
    "nothing": (),
    "log": ("l",),
    "timeline": ("v",),
    "flow": ("f",),
    "detail": ("j", "enter"),
    "detail over timeline": ("v", "j", "j", "enter"),
    "card": ("s",),
    "form": ("n",),
    "filter": ("slash",),
    "help": ("question_mark",),
    "help over the log": ("l", "question_mark"),
}
"""The keys that open it."""
TRUE = Console(color_system="truecolor", force_terminal=True)
FULL = ("log", "timeline", "flow", "detail")
"""What leaves of the board the header alone."""


class Glass(HeadlessDriver):
    """A terminal in memory."""

    is_headless = False
    screen = pyte.Screen(*USUAL)
    written = 0
    """How many characters it was sent."""

    def write(self, data: str) -> None:
        """Do as a terminal does with it."""
        self.written += len(data)
        pyte.Stream(self.screen).feed(data)

    def flush(self) -> None:
        """Nothing is kept back."""


@dataclass
class Looker:
    """Somebody in front of the terminal."""

    board: Board
    watching: FakeWatching

    @property
    def glass(self) -> Glass:
        """What the board is on."""
        assert isinstance(self.board._driver, Glass)
        return self.board._driver

    async def open(self, *keys: str) -> None:
        """Press keys, each when all is done that comes of the one before."""
        for key in keys:
            self.board.simulate_key(key)
            await rest(self.board)

    def resize(self, size: tuple[int, int]) -> None:
        """Make the window larger or smaller."""
        width, height = size
        self.glass.screen.resize(height, width)
        self.glass._size = size
        self.board.post_message(Resize(Size(*size), Size(*size)))

    async def turn(self, times: int) -> None:
        """Let things come so far."""
        for _ in range(times):
            await asyncio.sleep(0)

    async def draw(self) -> None:
        """What Textual does sixty times a second at most."""
        await self.turn(TURNS)
        for screen in self.board.screen_stack:
            screen._on_timer_update()

    async def take_pictures(self) -> None:
        """As flight records do, again and again while what was begun goes on, until it is done."""
        assert self.watching.portrait is not None
        assert self.board.snapshot is not None
        for _ in range(TURNS):
            assert "<svg" in await self.watching.portrait(self.board.snapshot.at)
        await rest(self.board)

    def compare(self) -> None:
        """The terminal has the board in every cell, once what is known to have changed is drawn."""
        for screen in self.board.screen_stack:
            screen._on_timer_update()
        fresh = pyte.Screen(*self.board.size)
        for y, strip in enumerate(strips(self.board), start=1):
            pyte.Stream(fresh).feed(f"\x1b[{y}H{strip.render(TRUE)}")
        assert "\n".join(self.glass.screen.display) == "\n".join(fresh.display)
        here, there = cells(self.glass.screen), cells(fresh)
        # Told by place: to tell two screens apart cell by cell takes minutes.
        assert {
            place: (here[place], there[place]) for place in here if here[place] != there[place]
        } == {}


def cells(screen: pyte.Screen) -> dict[tuple[int, int], Char]:
    """Every cell by its line and column, as far as it can be seen."""
    places = product(range(screen.lines), range(screen.columns))
    return {(y, x): look(screen.buffer[y][x]) for y, x in places}


def look(cell: Char) -> Char:
    """That cell; of a blank nobody sees in what colour it is written."""
    is_blank = cell.data == " " and not (cell.underscore or cell.reverse)
    return cell._replace(fg="default", bold=False, italics=False) if is_blank else cell


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All colours there are; the board's own ticks come only when a test asks for one."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in (
        ("tui.app.TICK", 3600.0),
        ("tui.portrait.LOOK", 0.0),
        ("tui.portrait.SETTLED", 0.0),
    ):
        monkeypatch.setattr(name, value)


@asynccontextmanager
async def looker() -> AsyncIterator[Looker]:
    """A board on a terminal in memory."""
    watching = everything()
    board = Board(watching, troubled().plan, "dark", monotonic=lambda: 1000.0)
    board.driver_class = Glass
    Glass.screen = pyte.Screen(*USUAL)
    async with board.run_test(headless=False, size=USUAL, notifications=True):
        watching.post(troubled())
        await rest(board)
        yield Looker(board, watching)


@pytest.mark.parametrize("view", VIEWS)
async def test_what_changes_is_sent_over_and_under_what_is_open(view: str) -> None:
    """Ticks and snapshots that come in the same moment: neither lets the other be forgotten."""
    changed = [turn(normal(), c, Level.WARNING, "so") for c in ("webhooks", "errors", "orphans")]
    async with looker() as seen:
        await seen.open(*VIEWS[view])
        for beat, snapshot in enumerate((troubled(), blind(), busy(), normal(), *changed), start=2):
            seen.watching.clock.time += 1
            seen.board._tick()
            await seen.draw()
            seen.watching.post(replace(snapshot, beat=beat))
            await seen.draw()
            await rest(seen.board)
            seen.compare()
        await seen.open("escape")
        seen.compare()


@pytest.mark.parametrize("view", VIEWS)
async def test_nothing_is_sent_while_nothing_changes(view: str) -> None:
    async with looker() as seen:
        await seen.open(*VIEWS[view])
        seen.watching.post(replace(blind(), beat=2))
        await rest(seen.board)
        before = seen.glass.written
        for _ in range(5):
            await seen.draw()
        assert seen.glass.written == before


@pytest.mark.parametrize("view", FULL)
async def test_pictures_take_nothing_from_the_terminal(view: str) -> None:
    async with looker() as seen:
        for key in VIEWS[view]:
            seen.board.simulate_key(key)
            await seen.take_pictures()
            seen.compare()
        for size in (LARGER, USUAL):
            seen.resize(size)
            await seen.take_pictures()
            seen.compare()
        seen.board.simulate_key("escape")
        await seen.take_pictures()
        seen.compare()
