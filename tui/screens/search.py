"""The line in which the words of a search are typed."""

from textual.widgets import Input

from tui.screens.footline import FootLine


class Searching(FootLine[str]):
    """Its result is what to search the log for, None: as before."""

    HINT = "words as they stand · enter searches · empty: marks nothing"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for it."""
        _ = self.dismiss(event.value)
