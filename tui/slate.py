"""What the terminal shows, and the least that has to be sent to make it show something else.

Textual sends whole stretches of lines, each with its colours and its place, also where they are
on the screen already. Over a bad link every byte is waited for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import Final

from rich.cells import split_graphemes
from rich.color import Color, ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

APART: Final = 4
"""So many cells that stay as they are cost less to be sent again than to be leapt over."""
_PLAIN: Final = Style.null()
_SEEN_ON_BLANKS: Final = frozenset({"4", "7", "9", "21", "53"})
"""Underlined, reversed, struck out, underlined twice, overlined."""
_UNKNOWN: Final = "\0"
"""In place of a character: whatever it is."""
_RESET: Final = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class _Look:
    """How a terminal draws, in the numbers by which it is told."""

    emphasis: frozenset[str] = frozenset()
    colour: str = ""
    ground: str = ""

    @property
    def shows_on_blanks(self) -> bool:
        """Whether a blank looks different from another one of the same ground."""
        return bool(self.emphasis & _SEEN_ON_BLANKS)

    def to(self, other: "_Look") -> str:
        """What turns this look into the other."""
        if self == other:
            return ""
        before, parts = self, []
        if not self.emphasis <= other.emphasis:
            before, parts = _Look(), ["0"]
        parts += sorted(other.emphasis - before.emphasis)
        if other.colour != before.colour:
            parts.append(other.colour or "39")
        if other.ground != before.ground:
            parts.append(other.ground or "49")
        return f"\x1b[{';'.join(parts)}m"


@lru_cache(1024)
def _look_of(style: Style, colours: ColorSystem) -> _Look:
    def numbers(colour: Color | None, *, foreground: bool) -> str:
        found = colour.downgrade(colours) if colour else None
        return ";".join(found.get_ansi_codes(foreground=foreground)) if found else ""

    emphasis = style.without_color.render("x", color_system=colours).partition("x")[0]
    return _Look(
        frozenset(filter(None, emphasis.removeprefix("\x1b[").removesuffix("m").split(";"))),
        numbers(style.color, foreground=True),
        numbers(style.bgcolor, foreground=False),
    )


@dataclass(slots=True)
class _Row:
    """One line of the terminal."""

    cells: list[str]
    """What stands in each; the second of a wide character is empty."""
    styles: list[Style]
    changed: set[int] = field(default_factory=set)
    """Which of the cells have not been sent yet."""
    breaks: set[int] = field(default_factory=set)
    """Before which of them a place has to be said, wherever the cell before has ended."""

    def stretches(self) -> Iterator[tuple[int, int]]:
        """Where to write: first cell and the one behind the last."""
        changed, breaks = sorted(self.changed), sorted(self.breaks)
        start = end = changed[0]
        for at in changed:
            while breaks and breaks[0] <= start:
                del breaks[0]
            is_apart = at - end > APART or (at > end and _UNKNOWN in self.cells[end:at])
            if is_apart or (breaks and breaks[0] <= at):
                yield start, end
                start = at
            end = at + 1
        yield start, end


class Slate:
    """Remembers what was sent. Where something else wrote on the terminal it has to `forget`."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._size = 0, 0
        self._rows: list[_Row] = []

    def forget(self) -> None:
        """Know nothing of what the terminal shows: all that is drawn from now on is sent."""
        self._size = 0, 0

    def changes(self, update: CompositorUpdate, width: int, height: int) -> str:
        """What makes a terminal of that size show the update; empty where it does already."""
        if (width, height) != self._size:
            self._size = width, height
            self._rows = [_Row([_UNKNOWN] * width, [_PLAIN] * width) for _ in range(height)]
        for x, y, strip in _pieces(update):
            if y < height:
                self._draw(self._rows[y], x, strip)
        return self._sent()

    def _draw(self, row: _Row, x: int, strip: Strip) -> None:
        """Take what is drawn from that cell on, and note which cells are other than before."""
        start, before, known = x, row.cells[x : x + strip.cell_length], len(row.changed)
        for text, style, _ in strip:
            cells = _cells(text)
            self._put(row, x, cells, style or _PLAIN)
            x += len(cells)
        if len(row.changed) > known and (_is_uneven(before) or _is_uneven(row.cells[start:x])):
            # Terminals do not agree how wide it is, and so not where they put what follows it.
            row.breaks.add(x)
            row.changed.update(range(start, min(x, len(row.cells))))

    def _put(self, row: _Row, x: int, cells: list[str], style: Style) -> None:
        end = min(x + len(cells), len(row.cells))
        cells = cells[: end - x]
        styles = [style] * len(cells)
        if row.cells[x:end] == cells and row.styles[x:end] == styles:
            return
        row.changed.update(
            at
            for at, cell in enumerate(cells, x)
            if not self._looks_like(cell, style, row.cells[at], row.styles[at])
        )
        row.cells[x:end], row.styles[x:end] = cells, styles

    def _looks_like(self, cell: str, style: Style, other: str, style_of_other: Style) -> bool:
        """Whether a cell looks the same as it did."""
        if cell != other:
            return False
        if style == style_of_other:
            return True
        look, look_of_other = self._look(style), self._look(style_of_other)
        if cell != " " or look.shows_on_blanks or look_of_other.shows_on_blanks:
            return look == look_of_other
        return look.ground == look_of_other.ground

    def _look(self, style: Style) -> _Look:
        return _look_of(style, self._colours)

    def _sent(self) -> str:
        sent: list[str] = []
        look = _Look()
        for y, row in enumerate(self._rows):
            if not row.changed:
                continue
            at = -1
            for start, end in row.stretches():
                sent.append(_move(y, at, start))
                at = -1 if _is_uneven(row.cells[start:end]) else end
                for style, places in groupby(range(start, end), row.styles.__getitem__):
                    text = "".join(row.cells[place] for place in places)
                    wanted = self._look(style)
                    if not (text.strip(" ") or look.shows_on_blanks or wanted.shows_on_blanks):
                        wanted = replace(look, ground=wanted.ground)
                    sent += look.to(wanted), text
                    look = wanted
            row.changed.clear()
            row.breaks.clear()
        if look != _Look():
            sent.append(_RESET)
        return "".join(sent)


def _pieces(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Column, line and strip of all that is drawn."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield x, y, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, first, last in update.spans:
            for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is not None and x < last and end > first:
                    yield x, y, chop


@lru_cache(4096)
def _parted(text: str) -> tuple[str, ...]:
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += text[start:end], *[""] * (width - 1)
    return tuple(cells)


def _cells(text: str) -> list[str]:
    """The text as cells; a wide character is followed by an empty one."""
    return list(text) if text.isascii() else list(_parted(text))


def _is_uneven(cells: list[str]) -> bool:
    """Whether some character is not one code for one cell; an unknown one may be anything."""
    return "" in cells or _UNKNOWN in cells or len("".join(cells)) != len(cells)


def _move(y: int, at: int, x: int) -> str:
    """To that column of a line, from another one before it; from −1: from wherever it is."""
    if not 0 <= at < x:
        return f"\x1b[{y + 1};{x + 1}H"
    return f"\x1b[{x - at}C"
