"""What every screen that opens over the board has in common."""

from typing import ClassVar, Literal, Self, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen

from firstwatch.text import clean_lines
from tui.messages import CopyWanted
from tui.renderables.lines import to_ascii
from tui.scene import Scene

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A box over the board, which stays in sight with its header; escape puts it away."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "away",
            "back",
            id="dialog-back",
            tooltip="Back to the board",
        ),
        # The keys of the app do not reach what is open over the board.
        Binding(
            "question_mark",
            "app.guide",
            "help",
            id="dialog-help",
            show=False,
            tooltip="The keys that work here",
        ),
        Binding(
            "ctrl+p",
            "app.command_palette",
            "palette",
            id="dialog-palette",
            show=False,
            tooltip="All that can be done here, to choose from",
        ),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: transparent;
        & > .box {
            margin: 1 0 0 0;
            width: auto;
            height: auto;
            max-width: 100%;
            max-height: 100%;
            padding: 0 2;
            background: $surface;
            border: round $status-rule;
        }
        &.ascii > .box { border: ascii $status-rule; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._leaving: tuple[Result | None] | None = None
        """With what it closes once nothing lies over it any more."""

    def on_mount(self) -> None:
        """Choose a border that the terminal can show."""
        self.set_class(self.ascii_only, "ascii")

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Draw anew all of it, or these regions, in which the board behind it has changed.

        For such a region Textual would forget whatever else of the dialog waits to be drawn.
        """
        if not regions:
            return super().refresh(repaint=repaint, layout=layout, recompose=recompose)
        self._set_dirty(*regions)
        self._dirty_widgets.add(self)
        self.check_idle()
        return self

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII may be drawn."""
        return bool(getattr(self.app, "ascii_only", False))

    def text(self, words: str) -> Content:
        """Literal text, never markup."""
        return Content(to_ascii(words) if self.ascii_only else words)

    def copy(self, text: str, otherwise: str = "") -> None:
        """Have the text copied; `otherwise` is what to do if it did not come to a clipboard."""
        self.post_message(CopyWanted(text, otherwise))

    def say(self, words: str, *, is_error: bool = False) -> None:
        """Say something for a moment, beside what is shown."""
        severity: Literal["error", "information"] = "error" if is_error else "information"
        self.notify(clean_lines(words), severity=severity, markup=False)

    def action_away(self) -> None:
        """Close it without a result."""
        _ = self.dismiss(None)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close it, but only once; and as long as something lies over it, leave that open.

        Textual closes whatever is on top, whoever asks: a second key that came with the first,
        or a snapshot while help is open, would close another screen, or end the board.
        """
        if self.is_active:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            self._leaving = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Close it if it was to be closed meanwhile."""
        if self._leaving is not None:
            _ = self.dismiss(*self._leaving)


class LiveDialog(Dialog[Result]):
    """A dialog that shows the watch and goes on living while it is open."""

    def show(self, scene: Scene) -> None:
        """Show the newest state."""
        raise NotImplementedError
