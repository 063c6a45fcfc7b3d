"""The keys that open a view of something else than the board: each one an action."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.messages import LogWanted
from tui.scene import turned_at
from tui.screens.errands import ErrandScreen


class ViewScreen(ErrandScreen):
    """A screen with a scene and a cursor from which views open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "l",
            "log",
            "log",
            id="log",
            tooltip="The log; on a check in trouble, at the moment that began",
        ),
    ]

    def action_log(self) -> None:
        """Open the log."""
        if self.scene is not None:
            self.post_message(LogWanted(turned_at(self.scene, self.chosen)))
