"""A text as it is, to be selected with the mouse of the terminal."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.widgets import Static

from tui.screens.dialog import Dialog


class Plain(Dialog[None]):
    """Nothing but the text, from the first column on: no frame that would be selected, too.

    For a terminal that takes no OSC 52. The board leaves the mouse to the terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "away", "back", id="plain-back", show=False, tooltip="Back to the check"),
    ]
    DEFAULT_CSS = """
    Plain {
        padding: 0; background: $background;
        & > .page { width: 100%; height: 100%; background: $background; scrollbar-size: 0 0; }
        & Static { width: auto; text-wrap: nowrap; background: $background; color: $foreground; }
    }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The text that scrolls, and no more."""
        with ScrollableContainer(classes="page"):
            yield Static(self.text(self._text))
