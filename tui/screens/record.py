"""One event of the day in full."""

from firstwatch.timeline import Event
from tui.renderables.lines import Line
from tui.renderables.record import record_lines
from tui.scene import Scene
from tui.screens.view import View


class RecordView(View):
    """A round as it was signed or missed, or all that somebody wrote."""

    def __init__(self, scene: Scene, event: Event) -> None:
        super().__init__(scene)
        self._event = event

    def heading(self) -> str:
        """What it is."""
        return "record"

    def lines(self, width: int) -> list[Line]:
        """All of it, wrapped."""
        return record_lines(self.scene, self._event, width)
