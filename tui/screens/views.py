"""The keys that open a view of something else than the board: each one an action."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.messages import LogWanted
from tui.scene import turned_at
from tui.screens.errands import ErrandScreen
from tui.screens.flow import FlowPicture
from tui.screens.form import Recording
from tui.screens.rollback import WayBack
from tui.screens.timeline import Timeline
from tui.watching import Watching


class ViewScreen(ErrandScreen):
    """A screen with a scene and a cursor from which views open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "v",
            "timeline",
            "timeline",
            id="timeline",
            tooltip="The whole day: what turned, who signed and did what",
        ),
        Binding(
            "f",
            "flow",
            "flow",
            id="flow",
            tooltip="How far messages got, and where they were lost",
        ),
        Binding(
            "r",
            "rollback",
            "rollback",
            id="rollback",
            show=False,
            tooltip="The rollback: its window, its price, its steps",
        ),
        Binding(
            "l",
            "log",
            "log",
            id="log",
            tooltip="The log; on a check in trouble, as that began",
        ),
    ]

    def __init__(self, recording: Recording, watching: Watching) -> None:
        super().__init__(recording)
        self._watching = watching

    def action_timeline(self) -> None:
        """Show the day."""
        if self.scene is not None:
            _ = self.app.push_screen(Timeline(self.scene, self._watching.chronicle))

    def action_flow(self) -> None:
        """Show how far messages got."""
        if self.scene is not None:
            _ = self.app.push_screen(FlowPicture(self.scene))

    def action_rollback(self) -> None:
        """Show the way back."""
        if self.scene is not None:
            _ = self.app.push_screen(WayBack(self.scene, self._recording))

    def action_log(self) -> None:
        """Open the log."""
        if self.scene is not None:
            self.post_message(LogWanted(turned_at(self.scene, self.chosen), self.chosen))
