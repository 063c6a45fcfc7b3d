"""The keys that open a view of something else than the board: each one an action."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.screens.errands import ErrandScreen
from tui.screens.rollback import WayBack


class ViewScreen(ErrandScreen):
    """A screen with a scene and a cursor from which views open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "rollback",
            "rollback",
            id="rollback",
            show=False,
            tooltip="The way back: how long it is open, what it costs, and its steps",
        ),
    ]

    def action_rollback(self) -> None:
        """Show the way back."""
        if self.scene is not None:
            _ = self.app.push_screen(WayBack(self.scene, self._recording))
