"""The handoff as it is about to be handed on."""

from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from firstwatch.errors import FirstwatchError
from firstwatch.handoff import Documents
from tui.screens.dialog import Dialog
from tui.watching import Watching

SHIFT = "shift"
"""Tells what is over only since the watch was taken over last."""


class Reader(StrEnum):
    """For whom it is shown."""

    ENGINEERS = "engineers"
    STAKEHOLDERS = "stakeholders"
    CHAT = "the chat"

    @property
    def after(self) -> "Reader":
        """The one that tab comes to."""
        readers = list(Reader)
        return readers[(readers.index(self) + 1) % len(readers)]

    def text_of(self, documents: Documents) -> str:
        """What this reader gets."""
        match self:
            case Reader.ENGINEERS:
                return documents.engineers
            case Reader.STAKEHOLDERS:
                return documents.stakeholders
            case Reader.CHAT:
                return documents.breath


class Preview(Dialog[None]):
    """The handoff of the moment it was opened: what is shown is what is written and copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "w", "write", "write", id="preview-write", show=False, tooltip="Write Markdown and TOML"
        ),
        Binding("c", "copy", "copy", id="preview-copy", show=False, tooltip="Copy what is shown"),
        Binding(
            "b",
            "copy_breath",
            "chat",
            id="preview-chat",
            show=False,
            tooltip="Copy the two lines for the chat",
        ),
        Binding(
            "tab",
            "reader",
            "reader",
            id="preview-reader",
            show=False,
            tooltip="What the next reader gets",
        ),
        Binding(
            "s",
            "shift",
            "shift",
            id="preview-shift",
            show=False,
            tooltip="This shift alone, or all since T0",
        ),
        Binding(
            "r", "renew", "anew", id="preview-renew", show=False, tooltip="Make it anew, as of now"
        ),
        Binding("h", "away", "back", id="preview-back", show=False, tooltip="Back to the board"),
        Binding("j", "scroll(1)", "down", id="preview-down", show=False, tooltip="A line on"),
        Binding("k", "scroll(-1)", "up", id="preview-up", show=False, tooltip="A line back"),
    ]
    DEFAULT_CSS = """
    Preview > .box {
        width: 110; padding: 0 1 0 2; border-subtitle-color: $status-dim;
        border-title-color: $foreground; scrollbar-gutter: stable; scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, watching: Watching, documents: Documents) -> None:
        super().__init__()
        self._watching = watching
        self._documents = documents
        self._reader = Reader.ENGINEERS
        self._shift = ""

    def compose(self) -> ComposeResult:
        """A text that scrolls; its keys in the frame."""
        with VerticalScroll(classes="box") as box:
            keys = "w write · c copy · b chat · tab reader · s shift · r anew · esc back"
            box.border_subtitle = self.text(keys)
            yield Static(id="preview-text")

    def on_mount(self) -> None:
        """Show it."""
        self._draw()

    def _draw(self) -> None:
        box = self.query_one(".box", VerticalScroll)
        made = datetime.fromtimestamp(self._documents.at, UTC)
        since = "this shift" if self._shift else "since T0"
        box.border_title = self.text(f"for {self._reader} · {made:%H:%M:%S} UTC · {since}")
        lines = self._reader.text_of(self._documents).splitlines()
        self.query_one("#preview-text", Static).update(
            Content("\n").join(self._line(line) for line in lines)
        )

    def _line(self, line: str) -> Content:
        content = self.text(line)
        return content.stylize("bold") if line.startswith("#") else content

    def action_reader(self) -> None:
        """Show what the next reader gets."""
        self._reader = self._reader.after
        self._draw()
        self.query_one(".box", VerticalScroll).scroll_home(animate=False)

    def action_scroll(self, lines: int) -> None:
        """Move through the text."""
        self.query_one(".box", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_shift(self) -> None:
        """Tell what is over of this shift alone, or of all since the launch; made anew."""
        self._make("" if self._shift else SHIFT)

    def action_renew(self) -> None:
        """Make it anew."""
        self._make(self._shift)

    def _make(self, shift: str) -> None:
        self._work(self._made(shift), "handoff")

    async def _made(self, shift: str) -> None:
        try:
            documents = await self._watching.handoff(shift)
        except (FirstwatchError, RuntimeError, OSError) as error:
            self.say(f"not made anew: {error}", is_error=True)
            return
        self._documents, self._shift = documents, shift
        if self.is_attached:
            self._draw()
        self.say("made anew")

    def action_write(self) -> None:
        """Write what is shown here, with its TOML twin."""
        self._work(self._write(), "handoff")

    async def _write(self) -> None:
        try:
            path = await self._watching.write(self._documents)
        except (FirstwatchError, RuntimeError, OSError) as error:
            why = getattr(error, "strerror", None) or error
            self.say(f"no handoff written: {why}", is_error=True)
        else:
            self.say(f"handoff written: {path.name}\nin {path.parent}")

    def action_copy(self) -> None:
        """Copy what is shown."""
        self.copy(self._reader.text_of(self._documents))

    def action_copy_breath(self) -> None:
        """Copy the two lines for the chat."""
        self.copy(self._documents.breath)

    def _work(self, work: Coroutine[Any, Any, None], group: str) -> None:
        """Have it done by a worker of the app, which says how it failed."""
        self.app.run_worker(work, group=group, exclusive=True, exit_on_error=False)
