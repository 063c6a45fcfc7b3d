"""The line in which the words of a filter are typed."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Input

from tui.screens.dialog import Dialog


class Filtering(Dialog[None]):
    """One line at the foot of the board; rows follow with every letter."""

    DEFAULT_CSS = """
    Filtering {
        align: left bottom;
        & > Input {
            width: 100%; padding: 0 1;
            background: $surface; color: $foreground;
        }
    }
    """

    def __init__(self, pattern: str, apply: Callable[[str], None]) -> None:
        super().__init__()
        self._pattern = pattern
        self._apply = apply

    def compose(self) -> ComposeResult:
        """The line."""
        field = Input(
            self._pattern,
            self.text("words that rows must have · enter keeps · esc shows all").plain,
            compact=True,
            max_length=60,
        )
        field.cursor_blink = False
        yield field

    def on_input_changed(self, event: Input.Changed) -> None:
        """Let the rows follow."""
        self._apply(event.value)

    def on_input_submitted(self) -> None:
        """Keep it."""
        _ = self.dismiss(None)

    def action_away(self) -> None:
        """Show all rows."""
        self._apply("")
        _ = self.dismiss(None)
