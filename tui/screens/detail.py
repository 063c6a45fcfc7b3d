"""One check in full."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.renderables.detail import detail_lines
from tui.renderables.lines import EMPTY, Line, Role, to_ascii
from tui.scene import Scene
from tui.screens.dialog import LiveDialog


class Detail(LiveDialog[None]):
    """All that the watch knows of one check; goes on living while it is open."""

    DEFAULT_CSS = """
    Detail > .box { width: 90; }
    """

    def __init__(self, check_id: str, scene: Scene) -> None:
        super().__init__()
        self._check_id = check_id
        self._scene = scene
        self._lines: list[Line] = []

    def compose(self) -> ComposeResult:
        """A text that scrolls."""
        with VerticalScroll(classes="box"):
            yield Static("", id="detail-text")

    def on_resize(self) -> None:
        """Wrap anew."""
        self.call_after_refresh(self._draw)

    def show(self, scene: Scene) -> None:
        """Show the newest state."""
        self._scene = scene
        self._draw()

    def _draw(self) -> None:
        width = self.query_one(".box").scrollable_content_region.width
        lines = detail_lines(self._check_id, self._scene, width)
        if lines != self._lines:
            self._lines = lines
            self.query_one("#detail-text", Static).update(self._content())

    def _content(self) -> Content:
        return Content("\n").join(self._line(line) for line in self._lines)

    def _line(self, line: Line) -> Content:
        if line == EMPTY:
            return Content("")
        return Content.assemble(
            *((to_ascii(text) if self.ascii_only else text, _style(role)) for text, role in line)
        )


def _style(role: Role) -> str:
    """The style of a role, in the variables of the theme."""
    match role:
        case Role.TEXT:
            return ""
        case Role.STRONG | Role.CURSOR:
            return "bold"
        case _:
            return f"$status-{role}"
