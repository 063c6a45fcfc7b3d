"""A dialog that is filled in: facts above, fields, and what was understood of them."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from firstwatch.acts import Record
from firstwatch.desk import LONGEST, Request
from tui.renderables.lines import Line, Role, to_ascii
from tui.scene import Scene
from tui.screens.dialog import LiveDialog
from tui.widgets.line_input import LineInput

Recording = Callable[[Request], Awaitable[Record | None]]
"""Has something recorded; None where that was refused and the person was told why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line to fill in."""

    id: str
    label: str
    placeholder: str = ""
    value: str = ""


class Form(LiveDialog[None]):
    """Fields under facts that go on living; enter records, and closes it only once recorded."""

    DEFAULT_CSS = """
    Form {
        & > .box { width: 84; }
        & .facts { min-width: 3; height: auto; max-height: 100%; margin: 0 0 1 0; }
        & .field { height: 1; }
        & .field > Static { width: 11; color: $status-dim; }
        & Input, & Input:focus { width: 1fr; background: $panel; background-tint: transparent; }
        & .understood, & .keys { color: $status-dim; }
        & .problem { color: $status-warning; }
    }
    """

    def __init__(self, scene: Scene, recording: Recording, *fields: Field) -> None:
        super().__init__()
        self._scene = scene
        self._recording = recording
        self._fields = fields
        self._problem = ""
        self._busy = False
        self._is_ready = False
        self._shown: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """Facts, fields, what was understood, what is wrong, keys."""
        with Vertical(classes="box"):
            with VerticalScroll(classes="facts", can_focus=False):
                yield Static("", id="form-facts")
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Static(self.text(field.label))
                    yield LineInput(
                        field.value,
                        self.text(field.placeholder).plain,
                        id=field.id,
                        max_length=LONGEST,
                        compact=True,
                    )
            yield Static("", id="form-understood", classes="understood")
            yield Static("", id="form-problem", classes="problem")
            yield Static(self.text(self.keys()), classes="keys")

    def on_mount(self) -> None:
        """Nothing blinks; the first field has the cursor."""
        for field in self.query(Input):
            field.cursor_blink = False
        self._is_ready = True
        self.draw()

    def said(self, field: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{field}", Input).value.strip()

    @property
    def scene(self) -> Scene:
        """The newest one."""
        return self._scene

    @abstractmethod
    def facts(self) -> list[Line]:
        """What stands above the fields; the first line is the title."""

    @abstractmethod
    def request(self) -> Request | str:
        """What to have recorded, or why that cannot be."""

    def understood(self) -> str:
        """What was made of the fields so far."""
        return ""

    def keys(self) -> str:
        """The keys that work here."""
        return "enter records · tab next field · escape back"

    def show(self, scene: Scene) -> None:
        """Show the newest state."""
        self._scene = scene
        self.draw()

    def draw(self) -> None:
        """Write what changed."""
        if not self._is_ready or not self.query("#form-facts"):  # closed while it was opening
            return
        facts = Content("\n").join(self._content(line) for line in self.facts())
        self._write("form-facts", facts)
        # What is wrong takes the place of what was understood: both would say it twice.
        self._write("form-understood", self.text("" if self._problem else self.understood()))
        self._write("form-problem", self.text(self._problem))

    def _write(self, place: str, words: Content) -> None:
        if self._shown.get(place) != words:
            self._shown[place] = words
            part = self.query_one(f"#{place}", Static)
            part.display = bool(words.plain)
            part.update(words)

    def _content(self, line: Line) -> Content:
        return Content.assemble(
            *((to_ascii(text) if self.ascii_only else text, style_of(role)) for text, role in line)
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is understood."""
        event.stop()
        self._problem = ""
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Have it recorded."""
        event.stop()
        self.submit()

    def submit(self) -> None:
        """Have recorded what the fields say, or say what is missing."""
        if self._busy:
            return
        request = self.request()
        if isinstance(request, str):
            self.complain(request)
        else:
            self._busy = True
            self.run_worker(self._record(request), group="recording", exit_on_error=False)

    def complain(self, problem: str) -> None:
        """Say why nothing was recorded."""
        self._problem = problem
        self.draw()

    async def _record(self, request: Request) -> None:
        try:
            record = await self._recording(request)
        finally:
            self._busy = False
        if record is not None:
            self.recorded()

    def recorded(self) -> None:
        """It is done."""
        if self.is_attached:
            _ = self.dismiss(None)


def style_of(role: Role) -> str:
    """The style of a role, in the variables of the theme."""
    match role:
        case Role.TEXT:
            return ""
        case Role.STRONG | Role.CURSOR:
            return "bold"
        case _:
            return f"$status-{role}"
