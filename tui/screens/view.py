"""What the screens that take the whole window below the header have in common."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key

from tui.renderables.lines import Line, pad, shorten
from tui.scene import Scene
from tui.screens.dialog import LiveDialog
from tui.widgets.frame import Framed
from tui.widgets.parts import Header
from tui.widgets.sheet import Sheet

PLAINLY = "p: as plain text"
"""What else to do with what may not have come to the clipboard."""
FRAMED = ".box Sheet"
"""The sheet in the frame; the header is one, too."""
CORNERS = 2
"""Cells that the frame keeps free at its corners, besides those of its sides."""


class View(LiveDialog[None]):
    """Lines over the whole window, of which only those that changed are drawn again.

    Above it stands the same header as on the board, of which nothing else is in sight. A view says
    in `lines` what it shows, in `heading` what stands in its frame, and calls `redraw` when that
    has changed.
    """

    KEYS: ClassVar[str] = "esc back"
    """The keys named in the frame."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "down", id="view-down", show=False, tooltip="A line on"),
        Binding("k,up", "scroll(-1)", "up", id="view-up", show=False, tooltip="A line back"),
        Binding(
            "pagedown,ctrl+f",
            "page(1)",
            "page on",
            id="view-page-down",
            show=False,
            tooltip="A page on",
        ),
        Binding(
            "pageup,ctrl+b",
            "page(-1)",
            "page back",
            id="view-page-up",
            show=False,
            tooltip="A page back",
        ),
        Binding("g,home", "top", "top", id="view-top", show=False, tooltip="To the first line"),
        Binding("G,end", "bottom", "end", id="view-end", show=False, tooltip="To the last line"),
    ]
    DEFAULT_CSS = """
    View { background: $background; }
    View > Header { dock: top; height: 1; }
    View > .box {
        width: 100%; height: 100%; margin: 0; padding: 0 1;
        border-title-color: $foreground; border-subtitle-color: $status-dim;
    }
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self._top = 0
        self._all: Sequence[Line] = ()
        self.pressed = ""

    def lines(self, width: int) -> Sequence[Line]:
        """All that there is to show, in lines of at most `width` cells."""
        raise NotImplementedError

    def heading(self) -> str:
        """What stands at the top of the frame."""
        raise NotImplementedError

    def footing(self, more: int) -> str:
        """What stands at the bottom of the frame, with so many lines below what is in sight."""
        return f"{more} more below · {self.KEYS}" if more else self.KEYS

    def compose(self) -> ComposeResult:
        """A frame below the header."""
        with Framed(classes="box"):
            yield from self.framed()
        yield Header(ascii_only=self.ascii_only)

    def framed(self) -> ComposeResult:
        """What is in the frame."""
        yield Sheet(ascii_only=self.ascii_only)

    def on_key(self, event: Key) -> None:
        """Remember it: a binding of several keys does not say which of them was pressed."""
        self.pressed = event.key

    def on_resize(self) -> None:
        """Lay it out anew once the sheet has its size."""
        self.call_after_refresh(self.refit)

    def refit(self) -> None:
        """Lay it out anew for the size it has now."""
        self.redraw()

    def show(self, scene: Scene) -> None:
        """Show the newest state."""
        self.scene = scene
        self.redraw()

    @property
    def is_ready(self) -> bool:
        """Whether there is something to draw on: a snapshot may come while it is being opened."""
        return self.is_attached and self.is_mounted and bool(self.query(FRAMED))

    @property
    def sheet(self) -> Sheet:
        """What its lines are drawn on."""
        return self.query_one(FRAMED, Sheet)

    @property
    def room(self) -> int:
        """How many lines are in sight."""
        return self.sheet.size.height

    def redraw(self) -> None:
        """Draw what is in sight, where it changed."""
        if not self.is_ready:
            return
        self.query_one(Header).scene = self.scene
        sheet, frame = self.sheet, self.query_one(Framed)
        width, height = sheet.size
        self._all = self.lines(width)
        self._top = max(min(self._top, len(self._all) - height), 0)
        seen = self._all[self._top : self._top + height]
        sheet.show_lines([pad(line, width) for line in seen])
        more = len(self._all) - self._top - len(seen)
        edges = (self.heading(), self.footing(more))
        frame.say(*(self.text(shorten(words, width - CORNERS)) for words in edges))

    def reveal(self, number: int) -> None:
        """Bring that line into sight, at the next drawing."""
        if number < self._top:
            self._top = number
        elif number >= self._top + self.room:
            self._top = number - self.room + 1

    def action_scroll(self, by: int) -> None:
        """Move by so many lines."""
        self._top += by
        self.redraw()

    def action_page(self, by: int) -> None:
        """Move by so many pages, less a line."""
        self.action_scroll(by * max(self.room - 1, 1))

    def action_top(self) -> None:
        """Move to the first line."""
        self._top = 0
        self.redraw()

    def action_bottom(self) -> None:
        """Move to the last line."""
        self._top = len(self._all)
        self.redraw()
