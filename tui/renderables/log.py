"""Records of a log as lines: folded to one each, or whole."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, overload

from firstwatch.probe import LogRecord
from firstwatch.verdict import Level
from tui.renderables.ages import clock_time
from tui.renderables.glyphs import RICH, Glyphs
from tui.renderables.lines import (
    Line,
    Role,
    Run,
    fit,
    pieces,
    shorten,
    slice_cells,
    width_of,
    wrapped,
)
from tui.roll import Item

GUTTER: Final = 12
"""Cells before the text: cursor, time, mark."""
ROOMY: Final = 60
"""Cells from which on there is room to say what failed at the end of a line."""
BEFORE: Final = "before"
"""Stands for the time of a record that was there before the log was followed."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of our own among the records."""

    words: str
    role: Role = Role.DIM


Row = tuple[Item | Mark, int]
"""What a line of the screen shows, and which line of it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How records are to be drawn."""

    read: Callable[[LogRecord], Sequence[str]]
    """The lines of a record, harmless."""
    unfolded: frozenset[int] = frozenset()
    """The numbers of the records that are shown whole."""
    pattern: re.Pattern[str] | None = None
    """What is searched for."""
    glyphs: Glyphs = RICH

    def rows(self, entries: Sequence[Item | Mark], width: int) -> list[Row]:
        """Every line there is to draw, in order."""
        rows: list[Row] = []
        for entry in entries:
            rows.append((entry, 0))
            if isinstance(entry, Mark):
                rows.extend((entry, n) for n in range(1, len(_told(entry, width))))
            elif self.unfolded and entry.record.number in self.unfolded:
                rows.extend((entry, n) for n in range(1, len(self._whole(entry, width))))
        return rows

    def line(self, row: Row, width: int, *, has_cursor: bool = False) -> Line:
        """One line of at most `width` cells."""
        entry, number = row
        pointer = self.glyphs.pointer if has_cursor else " "
        if isinstance(entry, Mark):
            return self._rule(entry, number, pointer, width)
        text, more = self._text(entry, number, width)
        role = Role.STRONG if has_cursor else Role.TEXT
        gap = " " * (width - GUTTER - width_of(text) - width_of(more)) if more else ""
        return (
            (pointer, Role.STRONG),
            *self._margin(entry.last, number),
            *self._marked(text, role),
            (f"{gap}{more}", Role.DIM),
        )

    def _margin(self, record: LogRecord, number: int) -> Iterator[Run]:
        if number:
            yield " " * (GUTTER - 1), Role.TEXT
            return
        yield f"{_clock(record):<9}", Role.DIM
        yield (f"{self.glyphs.levels[Level.WARNING]} " if record.is_error else "  "), Role.WARNING

    def _text(self, item: Item, number: int, width: int) -> tuple[str, str]:
        """The text of a line of a record, and what stands at its end."""
        if item.record.number in self.unfolded:
            whole = self._whole(item, width)
            return (whole[number] if number < len(whole) else ""), ""
        head, *rest = self.read(item.record)
        if head.endswith(":"):
            head = " ".join((head, *(line.strip() for line in rest if line.strip())))
        gist = f" {item.record.gist}" if item.record.gist and width >= ROOMY else ""
        times = f" ×{item.times}" if item.times > 1 else ""
        lines = f" +{len(rest)}" if rest else ""
        more = f"{gist}{times}{lines}{'…' if item.record.is_cut else ''}"
        return shorten(head, max(width - GUTTER - width_of(more), 1)), more

    def _whole(self, item: Item, width: int) -> list[str]:
        room = max(width - GUTTER, 1)
        lines = [piece for line in self.read(item.record) for piece in pieces(line, room)]
        ends = [f"… {len(item.record.raw)} bytes are kept of it"] if item.record.is_cut else []
        times = [_times(item)] if item.times > 1 else []
        return [*lines, *(fit(words, room).rstrip() for words in (*ends, *times))]

    def shows(self, item: Item, width: int) -> bool:
        """Whether what is searched for is in sight while the record is folded."""
        return self.pattern is not None and bool(self.pattern.search(self._text(item, 0, width)[0]))

    def finds(self, item: Item) -> bool:
        """Whether what is searched for is anywhere in the record."""
        return self.pattern is not None and any(map(self.pattern.search, self.read(item.record)))

    def _marked(self, text: str, role: Role) -> Iterator[Run]:
        at = 0
        for match in self.pattern.finditer(text) if self.pattern else ():
            yield text[at : match.start()], role
            yield match[0], Role.CURSOR
            at = match.end()
        yield text[at:], role

    def _rule(self, mark: Mark, number: int, pointer: str, width: int) -> Line:
        rule = self.glyphs.rule
        told = _told(mark, width)
        words = f"{rule * 2} {told[number] if number < len(told) else ''} "
        room = max(width - 1, 1)
        fill = rule * max(room - width_of(words), 0)
        return (pointer, Role.STRONG), (slice_cells(words, 0, room), mark.role), (fill, Role.RULE)


def _told(mark: Mark, width: int) -> list[str]:
    """The words of a mark, in lines."""
    return wrapped(mark.words, max(width - 6, 1)) or [""]


def _times(item: Item) -> str:
    """How often it was said, and since when."""
    since = f" since {_clock(item.record)}" if item.record.at is not None else ""
    return f"{item.times} times in a row{since}"


def _clock(record: LogRecord) -> str:
    return BEFORE if record.at is None else clock_time(record.at, seconds=True)


class Sight(Sequence[Line]):
    """The lines of a log, each drawn only when it is looked at."""

    def __init__(self, drawing: Drawing, rows: Sequence[Row], width: int, cursor: int) -> None:
        """`cursor` is the number of the row with the cursor; −1: none."""
        self._drawing = drawing
        self._rows = rows
        self._width = width
        self._cursor = cursor

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        """One line, or several."""
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self._rows)))]
        return self._drawing.line(self._rows[at], self._width, has_cursor=at == self._cursor)
