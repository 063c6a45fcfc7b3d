"""A lectern: a log as it lies open, where one is in it, and whether it is held still."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from firstwatch.probe import Extract, LogRecord
from tui.renderables.ages import clock_time
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import Role
from tui.renderables.log import Drawing, Mark, Row, Sight
from tui.roll import Item, Roll, after_number, at_moment, smart

ASKING: Final = "asking the watch …"
TIMED: Final = 1.0
"""What carries a time came after this moment."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What somebody came to see."""

    at: float
    """Seconds since the epoch."""
    words: str
    """What happened then."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What came while the log was held still."""

    count: int = 0
    is_least: bool = False
    """Whether there may have been more of them."""

    def __str__(self) -> str:
        return f"{'at least ' if self.is_least else ''}{self.count} more since"


class Lectern:
    """What is shown of one log; everything that keys do to it but drawing."""

    def __init__(
        self, read: Callable[[LogRecord], Sequence[str]], glyphs: Glyphs, moment: Moment | None
    ) -> None:
        self.drawing = Drawing(read, glyphs=glyphs)
        self.moment = moment
        self.roll = Roll()
        self.trouble = ASKING
        """Why there may be no more records than these; empty: nothing is in the way."""
        self.is_held = False
        self.missed = Missed()
        self.cursor = 0
        """The row it is on."""
        self.words = ""
        """What is searched for."""
        self.found: tuple[int, ...] = ()
        """The numbers of the records in which it was found."""
        self.is_folding = True
        self._width = 80
        self._seen = 0
        self._is_asked = False
        self._goal = moment.at if moment else None
        self._rows: list[Row] = []
        self._hangs_on: tuple[object, ...] = ()

    # What comes

    @property
    def after(self) -> int:
        """From which record on to ask."""
        return self._seen if self.is_held else self.roll.newest

    def take(self, extract: Extract) -> None:
        """What was written since; held still, it is only counted."""
        self.trouble = extract.trouble
        if self.is_held:
            is_least = self.missed.is_least or extract.gone > self._seen
            self.missed = Missed(self.missed.count + len(extract.records), is_least)
        else:
            self.roll = self.roll.grown(extract)
        self._seen = extract.newest
        is_first, self._is_asked = not self._is_asked, True
        if is_first and self._goal is not None:
            self.hold()
            self._go_to(self._goal)

    def turn_over(self) -> None:
        """Another tail; held still, it opens at the same moment."""
        self._goal = self._time() if self.is_held else None
        self.roll, self.trouble = Roll(), ASKING
        self.is_held, self._is_asked = False, False
        self.found = ()

    # Moving

    def hold(self) -> None:
        """Hold it still."""
        if not self.is_held:
            self.cursor = max(len(self.rows) - 1, 0)
            self.is_held, self.missed, self._seen = True, Missed(), self.roll.newest

    def follow(self) -> None:
        """Follow what is written."""
        self.is_held, self._goal = False, None
        self.cursor = max(len(self.rows) - 1, 0)

    def move(self, by: int) -> None:
        """Move the cursor; at the end of what is followed there is nothing below."""
        if by < 0 or self.is_held:
            self.hold()
            self.move_to(self.cursor + by)

    def move_to(self, row: int) -> None:
        """Put the cursor on that row, or as near as there is one."""
        self.hold()
        self.cursor = max(min(row, len(self.rows) - 1), 0)

    @property
    def item(self) -> Item | None:
        """What is under the cursor."""
        rows = self.rows
        entry = rows[self.cursor][0] if self.cursor < len(rows) else None
        return entry if isinstance(entry, Item) else None

    def span(self, item: Item) -> tuple[int, int]:
        """The first row of an item, and the one behind its last."""
        found = [n for n, (entry, _) in enumerate(self.rows) if entry == item] or [self.cursor]
        return found[0], found[-1] + 1

    def _before_cursor(self) -> list[Item]:
        """The items at the cursor and above it, nearest first."""
        above = reversed(self.rows[: self.cursor + 1])
        return [entry for entry, _ in above if isinstance(entry, Item)]

    def _time(self) -> float | None:
        """When what is under the cursor was written."""
        times = (item.record.at for item in self._before_cursor() if item.record.at is not None)
        return next(times, self.moment.at if self.moment else None)

    def _go_to(self, at: float) -> None:
        rows = self.rows
        there = Mark(self._moment_words()) if self.moment and at == self.moment.at else None
        for number, (entry, _) in enumerate(rows):
            if entry == there if there else isinstance(entry, Item) and _time_of(entry) >= at:
                self.cursor = number
                return
        self.cursor = max(len(rows) - 1, 0)

    # Folding

    def unfold(self) -> None:
        """Show the record under the cursor whole, or as one line again."""
        item = self.item
        if item is not None:
            self.hold()
            self._unfold(item, wanted=item.record.number not in self.drawing.unfolded)
            self.cursor = self.span(item)[0]

    def _unfold(self, item: Item, *, wanted: bool) -> None:
        number = {item.record.number}
        known = self.drawing.unfolded
        self.drawing = replace(self.drawing, unfolded=known | number if wanted else known - number)

    def fold_equal(self) -> None:
        """Make one of records that say the same in a row, or show each."""
        self.is_folding = not self.is_folding

    # Searching

    def search(self, words: str) -> None:
        """Mark these words; none of them: nothing."""
        self.words, self.found = words, ()
        self.drawing = replace(self.drawing, pattern=smart(words) if words else None)

    def matches(self) -> Callable[[], tuple[Item, ...]]:
        """What looks through all there is now; it takes its time, and may do so elsewhere."""
        drawing, items = self.drawing, self._items()
        return lambda: tuple(item for item in items if drawing.finds(item))

    def go_to_match(self, found: Sequence[Item], by: int) -> None:
        """Move to the next one found, the one before, or with 0 the nearest one back; around."""
        self.hold()
        self.found = tuple(item.record.number for item in found)
        if not found:
            return
        here = next((item.record.number for item in self._before_cursor()), 0)
        newer = [item for item in found if item.record.number > here]
        older = [item for item in found if item.record.number < here + (by == 0)]
        item = (newer or found)[0] if by > 0 else (older or found)[-1]
        if item.record.number not in self.drawing.unfolded:
            self._unfold(item, wanted=not self.drawing.shows(item, self._width))
        first, end = self.span(item)
        marked = (n for n in range(first, end) if self._has_match(n))
        self.cursor = next(marked, first)

    def _has_match(self, row: int) -> bool:
        line = self.drawing.line(self.rows[row], self._width)
        return any(role is Role.CURSOR for _, role in line)

    @property
    def place(self) -> int:
        """Which of those found is under the cursor, from 1; 0: none."""
        item = self.item
        number = item.record.number if item else 0
        return self.found.index(number) + 1 if number in self.found else 0

    # Drawing

    def sight(self, width: int) -> Sight:
        """All lines in so many cells, each drawn when it is looked at."""
        self._width = width
        rows = self.rows
        return Sight(self.drawing, rows, width, self.cursor if self.is_held else -1)

    @property
    def rows(self) -> list[Row]:
        """Every line, made anew when what it hangs on has changed; the cursor keeps its record."""
        look = (self.drawing, self._width, self.is_folding)
        hangs_on = (self.roll, self.trouble, self._is_asked, *look)
        if hangs_on == self._hangs_on:
            return self._rows
        self._hangs_on = hangs_on
        before, self._rows = self._rows, self.drawing.rows(self._entries(), self._width)
        if not self.is_held:
            self.cursor = max(len(self._rows) - 1, 0)
        elif self.cursor < len(before):
            self.cursor = _same_row(before[self.cursor], self._rows)
        return self._rows

    def _entries(self) -> list[Item | Mark]:
        items = self._items()
        marks: list[tuple[int, Mark]] = []
        roll = self.roll
        if roll.gone or roll.whole_from is not None:
            marks.append(self._edge(items))
        if self._is_asked and self.moment:
            marks.append((at_moment(items, self.moment.at), Mark(self._moment_words())))
        entries: list[Item | Mark] = []
        done = 0
        for number, mark in sorted(marks, key=lambda one: one[0]):
            entries += [*items[done:number], mark]
            done = number
        entries += items[done:]
        return [*entries, Mark(self.trouble, Role.UNKNOWN)] if self.trouble else entries

    def _items(self) -> tuple[Item, ...]:
        moment = self.moment.at if self.moment else None
        return self.roll.items(moment, folding=self.is_folding)

    def _edge(self, items: Sequence[Item]) -> tuple[int, Mark]:
        """From where on nothing is missing."""
        roll = self.roll
        since = "" if roll.whole_from is None else clock_time(roll.whole_from, seconds=True)
        if not roll.gone:
            number = at_moment(items, TIMED)
            none = "" if number < len(items) else ": nothing of this kind since"
            return number, Mark(f"followed from {since}{none}")
        number = after_number(items, roll.gone)
        kept = f"kept from {since}" if since else "older ones are not kept"
        return number, Mark(f"{kept}; above it only the rarer ones" if number else kept)

    def _moment_words(self) -> str:
        moment = self.moment
        if moment is None:
            return ""
        words = f"{clock_time(moment.at, seconds=True)} {moment.words}"
        whole_from = self.roll.whole_from
        is_older = whole_from is None or moment.at < whole_from
        return f"{words}: older than what is kept" if is_older else words


def _time_of(item: Item) -> float:
    return -1.0 if item.record.at is None else item.record.at


def _same_row(row: Row, rows: Sequence[Row]) -> int:
    """Where that row is among others, or the one of the record that now stands for it."""
    entry, line = row
    if isinstance(entry, Mark):
        same = (n for n, (other, _) in enumerate(rows) if other == entry)
        return next(same, max(len(rows) - 1, 0))
    number = entry.record.number
    found = 0
    for n, (other, at) in enumerate(rows):
        if isinstance(other, Mark):
            continue
        if other.record.number > number:
            break
        if other.record.number < number or at <= line:
            found = n
    return found
