"""The line in which the words of a search are typed."""

from textual.app import ComposeResult
from textual.widgets import Input

from tui.screens.dialog import Dialog

LONGEST = 100
"""Letters of what is searched for."""


class Searching(Dialog[str]):
    """One line at the foot of the log; its result is what to search for, None: as before."""

    DEFAULT_CSS = """
    Searching {
        align: left bottom;
        & > Input { width: 100%; padding: 0 1; background: $surface; color: $foreground; }
    }
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """The line."""
        field = Input(
            self._words,
            self.text("words as they stand · enter searches · empty: marks nothing").plain,
            compact=True,
            max_length=LONGEST,
        )
        field.cursor_blink = False
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for it."""
        _ = self.dismiss(event.value)
