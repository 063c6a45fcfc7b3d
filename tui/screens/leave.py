"""Asks before the watch is left."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.renderables.ages import clock_time
from tui.screens.dialog import Dialog


class Leave(Dialog[bool]):
    """The question whether to leave."""

    DEFAULT_CSS = """
    Leave > .box { width: 64; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,ctrl+q", "answer(True)", "leave", id="leave-yes", tooltip="Leave the board"),
        Binding("n,q", "answer(False)", "stay", id="leave-no", tooltip="Stay on watch"),
    ]

    def __init__(self, lost_since: float | None = None) -> None:
        """`lost_since` is since when nothing could be recorded; None where all is."""
        super().__init__()
        self._lost_since = lost_since

    def compose(self) -> ComposeResult:
        """One question."""
        with Vertical(classes="box"):
            yield Static(self.text("Leave the watch? Nothing is measured while it is closed."))
            if self._lost_since is not None:
                since = clock_time(self._lost_since)
                yield Static(
                    self.text(f"What changed since {since} UTC is not recorded: it is lost.")
                )
            yield Static(self.text("y leave · n stay"))

    def action_answer(self, leave: bool) -> None:  # noqa: FBT001 - an action's argument
        """Give the answer."""
        _ = self.dismiss(leave)
