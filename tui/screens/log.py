"""The log: its tails as they are written, or held still to be read and searched."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.worker import Worker

from firstwatch.errors import FirstwatchError
from firstwatch.legible import Reader
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from tui.lectern import Lectern, Moment
from tui.renderables.lines import Line, shorten, width_of
from tui.roll import tail_for, tails_of
from tui.scene import Scene
from tui.screens.search import Searching
from tui.screens.view import View
from tui.watching import Watching

POLL: Final = 0.5
"""Real seconds between two looks at what was written."""
FLOOD: Final = 1.5
"""The same while more is written than anybody could read."""
FRAME: Final = 8
"""Cells of a line of the frame that it needs for itself."""


class Log(View):
    """What the application says, one line a record."""

    KEYS = "/ search · enter unfold · tab next · esc back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "tail(1)", "next", id="log-next", show=False, tooltip="The next tail"),
        Binding(
            "shift+tab",
            "tail(-1)",
            "previous",
            id="log-previous",
            show=False,
            tooltip="The tail before",
        ),
        Binding(
            "1,2,3,4,5,6,7,8,9",
            "tail_numbered",
            "that tail",
            id="log-numbered",
            show=False,
            tooltip="The tail with this number",
        ),
        Binding(
            "space",
            "hold",
            "pause",
            id="log-pause",
            show=False,
            tooltip="Hold the log still, or follow it again; G follows, too",
        ),
        Binding(
            "enter",
            "unfold",
            "unfold",
            id="log-unfold",
            show=False,
            tooltip="All lines of the record under the cursor, or one again",
        ),
        Binding(
            "u",
            "fold_equal",
            "equal",
            id="log-equal",
            show=False,
            tooltip="Records that say the same in a row: one with a count, or each by itself",
        ),
        Binding(
            "slash",
            "search",
            "search",
            id="log-search",
            show=False,
            tooltip="Search for words as they stand; capitals count where there are some",
        ),
        Binding(
            "n", "match(1)", "on", id="log-match-next", show=False, tooltip="The next one found"
        ),
        Binding(
            "N",
            "match(-1)",
            "back",
            id="log-match-previous",
            show=False,
            tooltip="The one found before",
        ),
        Binding(
            "y",
            "copy",
            "copy",
            id="log-copy",
            show=False,
            tooltip="Copy the record under the cursor, as text",
        ),
        Binding("l", "away", "back", id="log-back", show=False, tooltip="Back to the board"),
    ]

    def __init__(
        self, scene: Scene, watching: Watching, at: float | None = None, about: str = ""
    ) -> None:
        """`at` is the moment to open it at, None: as it is written; `about` whose moment it is."""
        super().__init__(scene)
        self._watching = watching
        self._reader = Reader(scene.snapshot.plan)
        self._tails = tails_of(scene.snapshot.plan)
        self._tail = tail_for(self._tails, about, is_past=at is not None)
        moment = None if at is None else Moment(at, turned(scene.snapshot, at, about))
        self._lectern = Lectern(self._reader.lines, scene.glyphs, moment)
        if not self._tails:
            self._lectern.trouble = "nothing to read: the plan has no source of kind log"
        self._is_flooded = False
        self._nudge = asyncio.Event()

    def on_mount(self) -> None:
        """Begin to ask for what is written."""
        if self._tails:
            # Not called here: this may be closed before the worker begins.
            _: Worker[None] = self.run_worker(self._keep_asking, group="log", exit_on_error=False)

    async def _keep_asking(self) -> None:
        while True:
            self._nudge.clear()
            await self._ask()
            try:
                async with asyncio.timeout(FLOOD if self._is_flooded else POLL):
                    _ = await self._nudge.wait()
            except TimeoutError:
                continue

    async def _ask(self) -> None:
        lectern, tail, after = self._lectern, self._tails[self._tail], self._lectern.after
        try:
            extract = await self._watching.records(tail.source, tail.kinds, after)
        except TimeoutError:
            lectern.trouble = "the watch gives no answer"
        except (FirstwatchError, RuntimeError, OSError) as error:
            lectern.trouble = self._reader.words(str(error))
        else:
            if tail is self._tails[self._tail] and after == lectern.after:
                self._reader.forget(lectern.roll.records[0].number if lectern.roll.records else 0)
                self._is_flooded = after > 0 and len(extract.records) > self.size.height
                lectern.take(extract)
                lectern.trouble = self._reader.words(extract.trouble)
        self._show_cursor(jumped=True)

    # Drawing

    def lines(self, width: int) -> Sequence[Line]:
        """Everything, drawn as far as it is looked at."""
        sight = self._lectern.sight(width)
        if not self._lectern.is_held:
            self._top = len(sight)
        return sight

    def refit(self) -> None:
        """Lay it out anew, with the cursor in sight."""
        self._show_cursor(jumped=True)

    def _show_cursor(self, *, low: int = 0, jumped: bool = False) -> None:
        """Draw it with the cursor in sight, and up to `low` lines below it.

        Where it has `jumped` out of sight it comes to stand with something above it.
        """
        if not self.is_ready:
            return
        cursor = self._lectern.cursor
        if self._lectern.is_held and self.room:
            if jumped and not self._top <= cursor < self._top + self.room:
                self._top = cursor - self.room // 3
            self.reveal(min(cursor + low, len(self._lectern.rows) - 1))
            self.reveal(cursor)
        self.redraw()

    def heading(self) -> str:
        """The tails, and which of them it is."""
        titles = [f"{n} {shorten(clean(t.title), 24)}" for n, t in enumerate(self._tails, start=1)]
        if not titles:
            return "log"
        pointer = self.scene.glyphs.pointer
        titles[self._tail] = f"{pointer}{titles[self._tail]}"
        every = "  ".join(titles)
        return every if width_of(every) <= self._frame else f"{titles[self._tail]} of {len(titles)}"

    @property
    def _frame(self) -> int:
        return self.size.width - FRAME

    def footing(self, more: int) -> str:
        """Whether it is followed, what came meanwhile, what was found, and keys as they fit."""
        del more
        lectern = self._lectern
        how = "not followed" if lectern.trouble else "following"
        if lectern.is_held:
            how = f"paused, {lectern.missed} · G follows"
        parts = [how, *self._search_words(), *self.KEYS.split(" · ")]
        while len(parts) > 1 and width_of(" · ".join(parts)) > self._frame:
            parts.pop()
        return " · ".join(parts)

    def _search_words(self) -> list[str]:
        lectern = self._lectern
        if not lectern.words:
            return []
        words = f'"{shorten(clean(lectern.words), 20)}"'
        if not lectern.found:
            return [f"{words} nowhere here"]
        return [f"{words} {lectern.place or '-'} of {len(lectern.found)}", "n N"]

    # Moving

    def action_hold(self) -> None:
        """Hold it still, or follow it."""
        if self._lectern.is_held:
            self.action_bottom()
        else:
            self._lectern.hold()
            self._show_cursor()

    def action_bottom(self) -> None:
        """Follow it."""
        self._lectern.follow()
        self._nudge.set()
        self.redraw()

    def action_top(self) -> None:
        """To the oldest record there is."""
        self._lectern.move_to(0)
        self._show_cursor()

    def action_scroll(self, by: int) -> None:
        """Move the cursor."""
        self._lectern.move(by)
        self._show_cursor()

    def action_tail(self, by: int) -> None:
        """Another tail."""
        self._choose((self._tail + by) % max(len(self._tails), 1))

    def action_tail_numbered(self) -> None:
        """The tail whose number was pressed."""
        if self.pressed.isdecimal():
            self._choose(int(self.pressed) - 1)

    def _choose(self, number: int) -> None:
        if number != self._tail and number < len(self._tails):
            self._tail = number
            self._lectern.turn_over()
            self._reader.forget()
            self._nudge.set()
            self.redraw()

    # Reading

    def action_unfold(self) -> None:
        """Show the record under the cursor whole, or as one line again."""
        self._lectern.unfold()
        item = self._lectern.item
        first, end = self._lectern.span(item) if item else (0, 1)
        self._show_cursor(low=end - first - 1)

    def action_fold_equal(self) -> None:
        """Make one of records that say the same in a row, or show each."""
        self._lectern.fold_equal()
        self._show_cursor()

    def action_copy(self) -> None:
        """Copy the record under the cursor."""
        item = self._lectern.item
        if item is not None:
            self.copy("\n".join(self._reader.lines(item.record)))

    # Searching

    def action_search(self) -> None:
        """Ask what to search for."""
        _ = self.app.push_screen(Searching(self._lectern.words), self._search)

    def _search(self, words: str | None) -> None:
        if words is not None:
            self._lectern.search(words)
            self.action_match(0)

    def action_match(self, by: int) -> None:
        """The next one found, the one before, or the nearest one back; around at the end."""
        if self._lectern.words:
            self.run_worker(self._look(by), group="search", exclusive=True, exit_on_error=False)
        self.redraw()

    async def _look(self, by: int) -> None:
        words = self._lectern.words
        self._lectern.hold()
        found = await asyncio.to_thread(self._lectern.matches())
        if words == self._lectern.words:
            self._lectern.go_to_match(found, by)
            self._show_cursor(jumped=True)


def turned(snapshot: Snapshot, at: float, about: str = "") -> str:
    """What happened at that moment: which check turned, and to what; of several the one meant."""
    states = [c for c in snapshot.checks if c.verdict.since == at]
    found = next((c for c in states if c.check.id == about), next(iter(states), None))
    if found is None:
        return "the moment asked for"
    return f"{clean(found.check.title, 60)} turned {found.verdict.level.value}"
