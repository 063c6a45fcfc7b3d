"""A pane: a title bar with its worst verdict, and checks as rows."""

from collections.abc import Callable

from textual.reactive import reactive

from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from tui.arrangement import Slot
from tui.renderables.filtering import matches
from tui.renderables.lines import Line
from tui.renderables.panes import (
    Need,
    by_severity,
    choose,
    need,
    pane_bar,
    pane_lines,
    rows_of_checks,
)
from tui.renderables.rows import Columns, columns
from tui.scene import Scene
from tui.widgets.parts import SceneSheet

Choice = Callable[[Scene], tuple[CheckState, ...]]
Below = Callable[[Scene, int], list[Line]]
"""What stands below the checks of a scene in so many cells."""


class Pane(SceneSheet, can_focus=True):
    """Checks of one kind; focused, it has a cursor on one of them."""

    cursor: reactive[str] = reactive("", repaint=False)
    """The id of the check the cursor is on."""
    pattern: reactive[str] = reactive("", repaint=False)
    """Only checks that match it are rows; empty: all are."""

    def __init__(
        self,
        slot: Slot,
        choice: Choice,
        *,
        naming: Callable[[Scene], str],
        tells: bool = True,
        below: Below = lambda _scene, _width: [],
        ascii_only: bool = False,
    ) -> None:
        super().__init__(ascii_only=ascii_only, id=f"pane-{slot}")
        self.slot = slot
        self._choice = choice
        self._naming = naming
        self._tells = tells
        self._below = below

    @property
    def all_checks(self) -> tuple[CheckState, ...]:
        """The checks it is about."""
        return () if self.scene is None else self._choice(self.scene)

    @property
    def checks(self) -> tuple[CheckState, ...]:
        """The checks it would show, given the room."""
        if not self.pattern:
            return self.all_checks
        return tuple(c for c in self.all_checks if matches(c, self.pattern))

    def widths(self, width: int) -> Columns:
        """The columns in that width."""
        return columns(width, [clean(c.check.title, 60) for c in self.all_checks])

    def need(self, width: int) -> Need:
        """The lines it asks for in that width."""
        wanted = need(self.checks, self.widths(width), tells=self._tells)
        return wanted.and_below(len(self.below(width)))

    def below(self, width: int) -> list[Line]:
        """What stands below the checks."""
        return [] if self.scene is None else self._below(self.scene, width)

    def draw(self, scene: Scene, width: int, height: int) -> None:
        """The bar and the rows."""
        widths = self.widths(width)
        cursor = self.selected if self.has_focus else None
        size = (width, height)
        name, focused = self._naming(scene), cursor is not None
        self.show_lines(
            pane_lines(
                pane_bar(name, self.all_checks, scene, size, focused=focused),
                self.checks,
                scene,
                size,
                widths,
                cursor=cursor,
                tells=self._tells,
                below=self.below(width),
            )
        )

    @property
    def selected(self) -> str:
        """The id under the cursor: the first row until it was moved; empty in an empty pane."""
        order = self._order()
        return self.cursor if self.cursor in order else next(iter(order), "")

    def _order(self) -> list[str]:
        """Check ids from top to bottom."""
        checks = self.checks
        rows = rows_of_checks(self.size.height, len(self.below(self.size.width)))
        shown = choose(checks, rows, self.widths(self.size.width))
        return [c.check.id for c in (by_severity(checks) if shown.more else checks)]

    def move(self, step: int) -> bool:
        """Move the cursor; False at the end."""
        order = self._order()
        if not order:
            return False
        index = order.index(self.selected) + step
        if not 0 <= index < len(order):
            return False
        self.cursor = order[index]
        return True

    def enter_from(self, step: int) -> None:
        """Put the cursor on the first row, or the last when coming from below."""
        order = self._order()
        if order:
            self.cursor = order[0 if step > 0 else -1]

    def watch_pattern(self) -> None:
        """Draw what matches now."""
        self.redraw()

    def watch_cursor(self) -> None:
        """Draw it where it is now."""
        self.redraw()

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Show the cursor, or hide it: at `on_focus` it would be too early to know."""
        super().watch_has_focus(_has_focus)
        self.redraw()
