"""Lines: text with roles, measured in terminal cells.

A role says what a piece of text means; the theme says what that looks like.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import accumulate
from typing import Final

from rich.cells import cell_len, get_character_cell_size

from firstwatch.verdict import QUIET, Level


class Role(StrEnum):
    """What a piece of text means to the eye."""

    TEXT = "text"
    DIM = "dim"
    STRONG = "strong"
    RULE = "rule"
    CURSOR = "cursor"
    OK = "ok"
    IDLE = "idle"
    PENDING = "pending"
    OFF_TARGET = "off-target"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"
    BLIND = "blind"
    TREND = "trend"


Run = tuple[str, Role]
Line = tuple[Run, ...]

EMPTY: Final[Line] = ()

_NARROW = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2319\u2400-\u25fc\u2660-\u2692\u2701-\u2727]*"
)
"""Characters known to take one cell each; whatever else there is gets measured."""

_LIKENESS = str.maketrans(
    {
        "…": "~",
        "·": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "─": "-",
        "│": "|",
        "┆": "|",
        "→": ">",
        "←": "<",
        "▸": ">",
        "≥": ">",
        "≤": "<",
        "≠": "!",
        "×": "x",
        "’": "'",
        "“": '"',
        "”": '"',
        "↑": "^",
        "↓": "v",
        "○": "o",
        "◐": "~",
        "█": "X",
        "▌": "|",
        "▐": "|",
        "▎": "|",
        "▔": "-",
        "▁": "_",
        "▂": "_",
        "▃": "_",
        "▄": "=",
        "▅": "=",
        "▆": "#",
        "▇": "#",
        "✔": "v",
        "✗": "x",
    }
)


def role_of(level: Level, quiet: Role | None = None) -> Role:
    """The role in which a level is drawn; `quiet`, if given, for one that asks nothing."""
    if quiet is not None and level in QUIET:
        return quiet
    return Role(level.value.replace(" ", "-"))


def width_of(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if _NARROW.fullmatch(text) else cell_len(text)


def line_width(line: Line) -> int:
    """How many cells the line takes."""
    return sum(width_of(text) for text, _ in line)


def plain(line: Line) -> str:
    """The text of a line alone."""
    return "".join(text for text, _ in line)


def slice_cells(text: str, start: int, stop: int) -> str:
    """The cells from `start` to `stop`; half a wide character becomes a space."""
    if _NARROW.fullmatch(text):
        return text[start:stop]
    taken: list[str] = []
    at = 0
    for character in text:
        size = get_character_cell_size(character)
        end = at + size
        if start <= at and end <= stop and (size or (taken and at > start)):
            taken.append(character)
        elif at < stop and end > start:
            taken.append(" " * (min(end, stop) - max(at, start)))
        at = end
        if at >= stop and size:
            break
    return "".join(taken)


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    size = width_of(text)
    if size <= width:
        return text + " " * (width - size)
    return slice_cells(text, 0, width - 1) + "…"


def shorten(text: str, width: int) -> str:
    """The text in at most `width` cells, cut with an ellipsis where it must be."""
    return text if width_of(text) <= width else fit(text, width)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken between words; nothing is left out."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while width_of(line) > width:
            end = _fitting(line, width)
            lines.append(line[:end])
            line = line[end:]
    return [*lines, line] if line else lines


def pieces(text: str, width: int) -> list[str]:
    """The text cut into lines of at most `width` cells, wherever that may be; one at least."""
    found: list[str] = []
    while width_of(text) > width:
        end = _fitting(text, width)
        found.append(text[:end])
        text = text[end:]
    return [*found, text]


def _fitting(text: str, width: int) -> int:
    """How many characters of a text that is too long fit into `width` cells; one at least."""
    ends = accumulate(map(get_character_cell_size, text))
    return max(next((i for i, end in enumerate(ends) if end > width), len(text)), 1)


def cut(line: Line, start: int, stop: int) -> Line:
    """The cells of a line from `start` to `stop`."""
    pieces: list[Run] = []
    at = 0
    for text, role in line:
        if at >= stop:
            break
        end = at + width_of(text)
        if end > start:
            whole = start <= at and end <= stop
            piece = text if whole else slice_cells(text, max(start - at, 0), stop - at)
            if piece:
                pieces.append((piece, role))
        at = end
    return tuple(pieces)


def trim(line: Line, width: int) -> Line:
    """The line in at most `width` cells, cut with an ellipsis where more than blanks would go."""
    size = line_width(line)
    if size <= width:
        return line
    if not plain(cut(line, width, size)).strip():
        return cut(line, 0, width)
    kept = cut(line, 0, width - 1)
    return (*kept, ("…", kept[-1][1] if kept else Role.DIM)) if width > 0 else EMPTY


def pad(line: Line, width: int) -> Line:
    """The line in exactly `width` cells: padded, or cut with an ellipsis."""
    line = trim(line, width)
    size = line_width(line)
    return (*line, (" " * (width - size), Role.TEXT)) if size < width else line


def justify(left: Line, right: Line, width: int, fill: Run = (" ", Role.TEXT)) -> Line:
    """Left and right with the room between them filled; the left one gives way."""
    room = width - line_width(right)
    if room <= 0:
        return trim(right, width)
    left = trim(left, room)
    gap = room - line_width(left)
    return (*left, (fill[0] * gap, fill[1]), *right) if gap else (*left, *right)


def first_fitting(variants: Iterable[Line], width: int) -> Line:
    """The first of these that fits into `width` cells; the last one, cut with a mark, if none."""
    line = EMPTY
    for line in variants:
        if line_width(line) <= width:
            return line
    return trim(line, width)


def join(parts: Iterable[Line], separator: str = " · ") -> Line:
    """The parts in one line with a dim separator between them; empty ones are skipped."""
    runs: list[Run] = []
    for part in parts:
        if part:
            if runs:
                runs.append((separator, Role.DIM))
            runs.extend(part)
    return tuple(runs)


def to_ascii(text: str) -> str:
    """The text in ASCII, each character replaced by a likeness or "?" of the same width."""
    if text.isascii():
        return text
    likely = text.translate(_LIKENESS)
    return "".join(c if c.isascii() else "?" * get_character_cell_size(c) for c in likely)
