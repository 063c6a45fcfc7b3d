"""The line in which the words of a filter are typed."""

from collections.abc import Callable

from textual.widgets import Input

from tui.screens.footline import FootLine


class Filtering(FootLine[None]):
    """Rows of the board follow with every letter."""

    HINT = "words that rows must have · enter keeps · esc shows all"
    LONGEST = 60

    def __init__(self, pattern: str, apply: Callable[[str], None]) -> None:
        super().__init__(pattern)
        self._apply = apply

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
