"""What every board does to send little to its terminal."""

from typing import Any, ClassVar, Final

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widgets import Input

from tui.slate import Slate
from tui.terminal import FEW, TRUE_COLOUR, Look

PACKET: Final = 1400
"""What is not longer comes to the terminal in one piece, and need not be held together."""

WIPED: Final = "\x1b[H\x1b[2J"
"""An empty screen, the cursor in its first cell."""


class Wiping(LinuxDriver):
    """Leaves its screen empty.

    One that has grown meanwhile does not fit back into the size it was opened in, and what is too
    much of it tmux moves to what the shell has said: an old board among its lines.
    """

    def stop_application_mode(self) -> None:
        """Give the terminal back, unless it is the shell's already."""
        if self.attrs_before is not None:
            self.write(WIPED)
        super().stop_application_mode()


class Thrifty(App[int]):
    """An app that sends what looks different from what the terminal shows already."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+l",
            "draw_anew",
            "draw anew",
            id="draw-anew",
            show=False,
            priority=True,
            tooltip="Draw all of it anew, where something else wrote over it",
        ),
    ]

    def __init__(self, look: Look, **theirs: Any) -> None:
        self._slate = Slate(_colour_system(look))
        super().__init__(**theirs)

    def get_driver_class(self) -> type[Driver]:
        """Textual's, or of a terminal ours."""
        theirs = super().get_driver_class()
        return Wiping if theirs is LinuxDriver else theirs

    def action_draw_anew(self) -> None:
        """Draw all of it anew: something else may have used the terminal."""
        self._slate.forget()
        self.refresh(layout=True)

    def on_resize(self) -> None:
        """Know no more what the terminal shows: it may have wrapped what it had, or cut it off."""
        self._slate.forget()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send what of an update the terminal does not show yet."""
        driver = self._driver
        is_open = self._running and not self._closed and not self.is_headless
        if driver is None or not is_open or not isinstance(renderable, CompositorUpdate):
            super()._display(screen, renderable)
            return
        sent = "" if self._batch_count else self._slate.changes(renderable, *self.size)
        if sent:
            is_long = len(sent) > PACKET
            if is_long:
                self._begin_update()
            driver.write(sent + self._cursor())
            if is_long:
                self._end_update()
            driver.flush()
        self.post_display_hook()

    def _cursor(self) -> str:
        """What puts the cursor where something is typed; hidden it may be anywhere."""
        if not isinstance(self.focused, Input):
            return ""
        x, y = self.screen.outer_size.clamp_offset(self.cursor_position)
        return f"\x1b[{y + 1};{x + 1}H"


def _colour_system(look: Look) -> ColorSystem:
    if look.colours >= TRUE_COLOUR:
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if look.colours > FEW else ColorSystem.STANDARD
