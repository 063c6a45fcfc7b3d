"""A dialog of lines, with one line beneath them to type in when something is asked."""

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input
from textual.widgets.input import Selection

from firstwatch.acts import Record
from firstwatch.desk import Request
from tui.renderables.lines import Line
from tui.screens.dialog import LiveDialog, Result
from tui.widgets.line_input import LineInput
from tui.widgets.sheet import Sheet

LONGEST = 400
"""The most characters that can be typed."""
BORDER = 2
"""Lines of the border."""
ABOVE, FAR_ABOVE = 1, 4
"""Lines of the board above it: its header; on a high screen also countdown and rounds."""
ROOMY = 30
"""Lines from which on a screen is high."""
SIDES = 4
"""Cells of border and padding at both sides."""

Keep = Callable[[str], None]
Attempt = Callable[[Request], Awaitable[tuple[Record | None, str]]]
"""Has something recorded; says why where that cannot be."""


class Slip(LiveDialog[Result]):
    """Draws its lines like the board does, so that only those that changed are sent."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Slip {
        align: center top;
        & > .box { width: 100; padding: 0 1; background: $background; }
        &.roomy > .box { margin: 4 0 0 0; }
        & Sheet { height: 1; }
        & Input, & Input:focus {
            display: none;
            height: 1;
            border: none;
            padding: 0;
            background: $background;
        }
        & Input.asked { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keep: Keep | None = None
        self._asking = ""

    def compose(self) -> ComposeResult:
        """The lines, and the line to type in."""
        with Vertical(classes="box"):
            yield Sheet(ascii_only=self.ascii_only)
            yield LineInput(max_length=LONGEST, select_on_focus=False, disabled=True)

    def lines(self, width: int, height: int) -> list[Line]:
        """What to draw in `width` cells and at most `height` lines."""
        raise NotImplementedError

    @property
    def asking(self) -> str:
        """What is being typed; empty when nothing is."""
        return self._asking

    def on_mount(self) -> None:
        """Nothing is typed yet."""
        self.query_one(Input).cursor_blink = False

    def on_resize(self) -> None:
        """Draw in the new size."""
        self.set_class(self.size.height >= ROOMY, "roomy")
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Draw what is different."""
        if not self.is_attached:
            return
        sheet = self.query_one(Sheet)
        above = FAR_ABOVE if self.size.height >= ROOMY else ABOVE
        room = self.size.height - above - BORDER - bool(self._asking)
        lines = self.lines(min(self.size.width, 100) - SIDES, max(room, 1))
        if sheet.styles.height is None or sheet.styles.height.value != len(lines):
            sheet.styles.height = max(len(lines), 1)
        sheet.show_lines(lines)

    def ask(self, what: str, text: str, keep: Keep) -> None:
        """Have something typed, `text` unless it is typed over; `keep` is called with it."""
        self._asking, self._keep = what, keep
        line = self.query_one(Input)
        line.value = text
        line.disabled = False
        line.add_class("asked")
        line.focus()
        line.selection = Selection(0, len(text))
        self.redraw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed."""
        event.stop()
        keep = self._keep
        self._close()
        if keep is not None:
            keep(event.value)
            self.redraw()

    def _close(self) -> None:
        self._asking, self._keep = "", None
        line = self.query_one(Input)
        line.remove_class("asked")
        line.disabled = True
        self.set_focus(None)
        self.redraw()

    def action_away(self) -> None:
        """Drop what is being typed; if nothing is, close."""
        if self._asking:
            self._close()
        else:
            super().action_away()
