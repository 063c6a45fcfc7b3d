"""The themes, each put on while the cursor is on it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from tui.renderables.glyphs import Glyphs
from tui.renderables.themes import Offer, theme_lines
from tui.screens.dialog import Dialog
from tui.themes import Themes
from tui.widgets.sheet import Sheet

FRAME = 2
"""Lines of the border."""
SAMPLES = 10
"""Lines of samples and the gap above them."""


class ThemeChoice(Dialog[None]):
    """A list in the corner: the board beside it is the sample, and so is what stands beneath."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "keep", "keep", id="theme-keep", show=False, tooltip="Keep the theme it is on"
        ),
        Binding(
            "T", "away", "back", id="theme-back", show=False, tooltip="Back to the theme before"
        ),
        Binding("down,j", "move(1)", "next", id="theme-next", show=False, tooltip="The next theme"),
        Binding(
            "up,k",
            "move(-1)",
            "previous",
            id="theme-previous",
            show=False,
            tooltip="The theme before",
        ),
    ]
    DEFAULT_CSS = """
    ThemeChoice {
        align: right bottom;
        & > .box {
            width: 42; padding: 0 1; background: $background;
            border-title-color: $foreground; border-subtitle-color: $status-dim;
        }
    }
    """

    def __init__(self, themes: Themes, glyphs: Glyphs) -> None:
        super().__init__()
        self._themes = themes
        self._glyphs = glyphs
        self._before = self.app.theme
        names = themes.names
        self._at = names.index(self._before) if self._before in names else 0

    def compose(self) -> ComposeResult:
        """A frame around a sheet."""
        with Container(classes="box") as box:
            box.border_title = self.text("themes")
            box.border_subtitle = self.text("↑↓ choose · enter keep · esc back")
            yield Sheet(ascii_only=self.ascii_only)

    def on_resize(self) -> None:
        """Lay it out anew."""
        box, broken = self.query_one(".box"), self._themes.broken
        wanted = len(self._themes.names) + SAMPLES + bool(broken) + 3 * len(broken)
        box.styles.height = max(min(wanted + FRAME, self.size.height - 1), 1)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if not self.is_attached:
            return
        sheet = self.query_one(Sheet)
        offer = Offer(self._themes.names, self._at, self._before, self._themes.broken)
        width, height = sheet.size
        sheet.show_lines(theme_lines(offer, self._glyphs, width, height))

    def action_move(self, step: int) -> None:
        """Put on the next one, or the one before."""
        names = self._themes.names
        at = min(max(self._at + step, 0), len(names) - 1)
        if at != self._at:
            self._at = at
            self.app.theme = names[at]
            self._draw()

    def action_keep(self) -> None:
        """Keep the one that is on."""
        _ = self.dismiss(None)

    def action_away(self) -> None:
        """Go back to the one before."""
        self.app.theme = self._before
        super().action_away()
