"""What a screen shows at many sizes and in many themes, and how that is held to what was drawn.

Of each screen and state `screens/` has two files: the text at every size, and beside it how many
cells are painted in which role, with the digest of a map of them. FIRSTWATCH_REDRAW=1 writes
both anew.
"""

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

from rich.color import Color as Colour
from rich.color import ColorParseError
from rich.style import Style
from textual._context import visible_screen_stack
from textual.color import Color
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from tui.app import Board
from tui.theming import Themed

SCREENS = Path(__file__).parent / "screens"
REDRAW = bool(os.environ.get("FIRSTWATCH_REDRAW"))
THEMES = ("dark", "light", "ansi")
FEWEST = 3
"""Lines in a row as the board behind has them, from which on they are only counted."""
NAMED = {
    "text": "foreground",
    "background": "background",
    "surface": "surface",
    "panel": "panel",
    "ok": "status-ok",
    "off target": "status-off-target",
    "unknown": "status-unknown",
    "warning": "status-warning",
    "critical": "status-critical",
    "pending": "status-pending",
    "dim": "status-dim",
    "idle": "status-idle",
    "rule": "status-rule",
    "trend": "status-trend",
}
"""What a colour is called, by the variable of the theme; of two that look the same the first."""
ENDLESS = ("log", "replay")
"""Workers that never end."""
RESTLESS = 30.0
"""Real seconds after which a board that still does something is taken never to come to rest."""


async def rest(board: Board) -> None:
    """Until nothing is left to be done: no message, no worker, no layout."""
    calm, ends = 0, time.monotonic() + RESTLESS
    while calm < 3:
        await asyncio.sleep(0)
        assert time.monotonic() < ends, "the board never comes to rest"
        if _is_busy(board):
            calm = 0
            continue
        calm += 1
        board._check_resize()
        for screen in board.screen_stack:
            screen._on_timer_update()


def _is_busy(board: Board) -> bool:
    for node in (board, *board._registry):
        if node._next_callbacks or (node._running and not node._message_queue.empty()):
            return True
    return any(not w.is_finished and w.group not in ENDLESS for w in board.workers)


async def send_size(board: Board, size: tuple[int, int]) -> None:
    """Give the terminal another size, and wait only until the board has noticed."""
    assert board._driver is not None
    board._driver._size = size
    board.post_message(Resize(Size(*size), Size(*size)))
    for _ in range(3):
        await asyncio.sleep(0)
        board._check_resize()


async def resize(board: Board, size: tuple[int, int]) -> None:
    """Give the terminal another size, and wait until all is laid out."""
    await send_size(board, size)
    await rest(board)


def strips(board: Board) -> list[Strip]:
    """The screen, line by line, with what can be seen of those behind it."""
    _ = visible_screen_stack.set(board._background_screens)
    return board.screen._compositor.render_strips()


def text_of(lines: Iterable[Strip]) -> list[str]:
    """Lines as plain text."""
    return [line.text.rstrip() for line in lines]


def told(board: Board, lines: Sequence[str]) -> list[str]:
    """The lines of the screen; where many are those of the board behind, only how many."""
    watch, *others = board.screen_stack
    if not others or watch not in board._in_sight:
        return list(lines)
    behind = text_of(watch._compositor.render_strips())
    found: list[str] = []
    pairs = zip(lines, behind, strict=True)
    for is_same, run in groupby(pairs, key=lambda pair: pair[0] == pair[1]):
        same = [line for line, _ in run]
        few = not is_same or len(same) < FEWEST
        found += same if few else [f"⋮ {len(same)} lines of the board"]
    return found


def painting(lines: Iterable[Strip], names: Mapping[str, str]) -> tuple[Counter[str], str]:
    """How many cells are painted how, and a digest of which ones are."""
    cells: Counter[str] = Counter()
    seen = blake2b(digest_size=4)
    said: dict[tuple[Style | None, bool], str] = {}
    for strip in lines:
        runs: list[tuple[str, int]] = []
        for text, style, _ in strip:
            for piece in re.findall(" +|[^ ]+", text):
                key = style, piece[0] == " "
                if key not in said:
                    said[key] = paint(*key, names)
                runs.append((said[key], len(piece)))
        for how, group in groupby(runs, key=lambda run: run[0]):
            count = sum(n for _, n in group)
            cells[how] += count
            seen.update(f"{how} {count},".encode())
        seen.update(b"\n")
    return cells, seen.hexdigest()


def paint(style: Style | None, is_blank: bool, names: Mapping[str, str]) -> str:
    """How a cell looks, in the words of the theme; of a blank one only what can be seen."""
    style = style or Style.null()
    parts = [w for w in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, w)]
    if is_blank:
        parts = [w for w in parts if w in ("underline", "reverse")]
    shows = not is_blank or "reverse" in parts
    front = _name(style.color, names) if shows else "blank"
    behind = _name(style.bgcolor, names)
    return " ".join([*parts, front, *(["on", behind] if behind != "background" else [])])


def _name(colour: Colour | None, names: Mapping[str, str]) -> str:
    if colour is None or colour.is_default:
        return "the terminal's own"
    return names.get(colour.name, "a blend")


def names_of(board: Themed) -> dict[str, str]:
    """What the colours of the theme that is on are called."""
    found: dict[str, str] = {}
    for name, variable in NAMED.items():
        try:
            colour = Color.parse(board.theme_variables[variable]).rich_color
        except ColorParseError:
            continue
        _ = found.setdefault(colour.name, name)
    return found


def path_of(name: str) -> Path:
    """Where the pictures of that screen and state are, but for how they end."""
    return SCREENS / name.replace(" ", "-")


class Album:
    """All pictures of one screen in one state."""

    def __init__(self, name: str, sizes: Sequence[tuple[int, int]]) -> None:
        self._file = path_of(name)
        self._sizes = sizes
        self._texts: dict[tuple[int, int], list[str]] = {}
        self._written: list[str] = []
        self._tables: dict[str, list[str]] = {}

    async def take(self, board: Board) -> None:
        """The screen that is open, in every theme and at every size."""
        for theme in THEMES:
            board.theme = theme
            await rest(board)
            # Where one has scrolled to depends on the size before.
            await resize(board, self._sizes[-1])
            names = names_of(board)
            paintings = []
            for size in self._sizes:
                await resize(board, size)
                lines = strips(board)
                paintings.append(painting(lines, names))
                self._note_text(board, size, text_of(lines))
            self._tables[theme] = table(paintings)

    def _note_text(self, board: Board, size: tuple[int, int], lines: list[str]) -> None:
        if size not in self._texts:
            self._texts[size] = lines
            self._written += ["{}×{}".format(*size).center(20, "="), *told(board, lines)]
        assert "\n".join(lines) == "\n".join(self._texts[size]), (board.theme, size)

    def compare(self) -> None:
        """Hold it to what was drawn."""
        wide = ", ".join("{}×{}".format(*size) for size in self._sizes)
        painted = [f"# cells at {wide}"]
        for theme, rows in self._tables.items():
            like = next((t for t, r in self._tables.items() if r == rows), theme)
            painted += ["", f"[{theme}]", *(rows if like == theme else [f'like = "{like}"'])]
        _hold(self._file.with_suffix(".txt"), self._written)
        _hold(self._file.with_suffix(".toml"), painted)


def table(paintings: Sequence[tuple[Counter[str], str]]) -> list[str]:
    """Rows of TOML: the cells of each paint at all sizes, and the digests."""
    paints = sorted({how for cells, _ in paintings for how in cells})
    rows = [f'"{how}" = {[cells[how] for cells, _ in paintings]}' for how in paints]
    digests = ", ".join(f'"{digest}"' for _, digest in paintings)
    return [*rows, f"map = [{digests}]"]


def _hold(file: Path, lines: Sequence[str]) -> None:
    now = "\n".join(lines) + "\n"
    if REDRAW:
        file.parent.mkdir(parents=True, exist_ok=True)
        _ = file.write_text(now, encoding="utf-8")
    assert now == file.read_text(encoding="utf-8"), file.relative_to(SCREENS)
