"""One check in full."""

import os
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.widgets import Static

from firstwatch.runbook import runbook
from tui.clipboard import copy
from tui.messages import LogWanted
from tui.renderables.detail import detail_lines, detail_text
from tui.renderables.lines import EMPTY, Line, Role, to_ascii
from tui.scene import Scene, turned_at
from tui.screens.dialog import LiveDialog
from tui.screens.plain import Plain


class Detail(LiveDialog[None]):
    """All that the watch knows of one check; goes on living while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy(1)", "copy", id="detail-copy", tooltip="Copy the first command"),
        Binding(
            "1,2,3,4,5,6,7,8,9",
            "copy_numbered",
            "copy that one",
            id="detail-copy-numbered",
            show=False,
            tooltip="Copy the command with this number",
        ),
        Binding(
            "y",
            "copy_all",
            "copy all",
            id="detail-copy-all",
            tooltip="Copy all that is said of the check, as text",
        ),
        Binding(
            "p",
            "plain",
            "plain",
            id="detail-plain",
            tooltip="The same as plain text, to select with the terminal's mouse",
        ),
        Binding(
            "l",
            "log",
            "log",
            id="detail-log",
            show=False,
            tooltip="The log; of a check in trouble, at the moment that began",
        ),
    ]
    DEFAULT_CSS = """
    Detail > .box {
        width: 90; padding: 0 1 0 2; border-subtitle-color: $status-dim;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, check_id: str, scene: Scene) -> None:
        super().__init__()
        self._check_id = check_id
        self._scene = scene
        self._lines: list[Line] = []
        self._pressed = ""

    def compose(self) -> ComposeResult:
        """A text that scrolls; its keys in the frame."""
        with VerticalScroll(classes="box") as box:
            box.border_subtitle = self.text("c copy command · y all · l log · p plain · esc back")
            yield Static("", id="detail-text")

    def on_resize(self) -> None:
        """Wrap anew."""
        self.call_after_refresh(self._draw)

    def show(self, scene: Scene) -> None:
        """Show the newest state."""
        self._scene = scene
        self._draw()

    def on_key(self, event: Key) -> None:
        """Remember it: a binding of several keys does not say which of them was pressed."""
        self._pressed = event.key

    def action_copy_numbered(self) -> None:
        """Copy the command whose number was pressed."""
        self.action_copy(int(self._pressed) if self._pressed.isdecimal() else 1)

    def action_copy(self, number: int) -> None:
        """Copy the command with this number."""
        commands = runbook(self._check_id, self._scene.snapshot).commands
        if number <= len(commands):
            self._copy(commands[number - 1].command)
        elif commands:
            self._say(f"no command {number}: there are {len(commands)}")
        else:
            self._say("no command to copy: the plan has none for this check")

    def action_copy_all(self) -> None:
        """Copy the whole check as text."""
        self._copy(detail_text(self._check_id, self._scene))

    def action_plain(self) -> None:
        """Show the whole check as text alone."""
        width = self.app.size.width
        _ = self.app.push_screen(Plain(detail_text(self._check_id, self._scene, width)))

    def action_log(self) -> None:
        """Open the log."""
        self.post_message(LogWanted(turned_at(self._scene, self._check_id)))

    def _copy(self, text: str) -> None:
        self.run_worker(self._copy_out(text), group="copy", exclusive=True, exit_on_error=False)

    async def _copy_out(self, text: str) -> None:
        driver = self.app._driver  # noqa: SLF001 - Textual's own copying cannot be wrapped
        if driver is not None:
            copied = await copy(text, driver.write, os.environ)
            self._say(copied.words if copied.kept else f"{copied.words}; p: as plain text")

    def _say(self, words: str) -> None:
        self.notify(words, markup=False)

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
