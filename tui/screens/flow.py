"""The flow since the launch, drawn as a pipe."""

from firstwatch.flow import flow
from tui.renderables.flow import flow_lines, reach_text
from tui.renderables.lines import Line
from tui.screens.view import View


class FlowPicture(View):
    """Where customers' messages are, and at which joint they were lost."""

    def heading(self) -> str:
        """What is counted."""
        back = flow(self.scene.snapshot).reach
        bound = "" if back is None else f", at most the last {reach_text(back)}"
        return f"customers' messages since T0{bound}"

    def lines(self, width: int) -> list[Line]:
        """The picture as of the newest readings."""
        return flow_lines(flow(self.scene.snapshot), self.scene, width)
