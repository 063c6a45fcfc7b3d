"""The screen that stays open for a day."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.people import subject_of, subject_to_acknowledge
from tui.renderables.lines import Line
from tui.scene import Scene
from tui.screens.detail import Detail
from tui.screens.filter import Filtering
from tui.screens.form import Recording
from tui.screens.views import ViewScreen
from tui.watching import Watching
from tui.widgets.pane import Pane
from tui.widgets.stage import Stage


class WatchScreen(ViewScreen):
    """The board, and the moves over its rows."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "detail",
            "detail",
            id="row-detail",
            key_display="enter",
            tooltip="All there is to say about the check under the cursor",
        ),
        Binding(
            "down,j",
            "move(1)",
            "next row",
            id="row-next",
            show=False,
            tooltip="Move the cursor down, into the next pane at the end",
        ),
        Binding(
            "up,k",
            "move(-1)",
            "previous row",
            id="row-previous",
            show=False,
            tooltip="Move the cursor up, into the pane before at the top",
        ),
        Binding(
            "tab",
            "pane(1)",
            "next pane",
            id="pane-next",
            show=False,
            tooltip="Move to the next pane; where room is scarce it opens",
        ),
        Binding(
            "shift+tab",
            "pane(-1)",
            "previous pane",
            id="pane-previous",
            show=False,
            tooltip="Move to the pane before",
        ),
        Binding(
            "slash",
            "filter",
            "filter",
            id="filter",
            show=False,
            tooltip="Show only rows that have the words you type",
        ),
        Binding(
            "z",
            "zoom",
            "zoom",
            id="zoom",
            show=False,
            tooltip="Give the pane under the cursor all the room, and back",
        ),
        Binding(
            "escape",
            "overview",
            "overview",
            id="overview",
            show=False,
            tooltip="Put filter, zoom and cursor away, one after the other",
        ),
    ]

    def __init__(
        self, recording: Recording, watching: Watching, *, ascii_only: bool = False
    ) -> None:
        super().__init__(recording, watching)
        self.stage = Stage(ascii_only=ascii_only)

    def compose(self) -> ComposeResult:
        """The stage alone."""
        yield self.stage

    def _compositor_refresh(self) -> None:
        """Draw what has changed, or hand it on to what is open over this, unless that hides it.

        Textual would then have this screen draw it once more, so that all of it is sent twice, and
        forget what else has changed meanwhile.
        """
        top = self.app.screen
        if top is not self and top.styles.background.a == 1:
            self._compositor._dirty_regions.clear()  # noqa: SLF001 - all of it is drawn later
        super()._compositor_refresh()
        if top is not self:
            self._repaint_required = False

    def show(self, scene: Scene) -> None:
        """Show this scene."""
        self.stage.scene = scene
        self.note_scene(scene)

    @property
    def scene(self) -> Scene | None:
        """What is shown; None before the first snapshot."""
        return self.stage.scene

    @property
    def chosen(self) -> str:
        """The id of the check under the cursor; empty without one."""
        pane = self.stage.focused_pane
        return pane.selected if pane else ""

    def wait(self, words: Line) -> None:
        """Say what is waited for, before the first scene."""
        self.stage.wait(words)

    def action_move(self, step: int) -> None:
        """Move the cursor by a row; at the end of a pane into the next."""
        pane = self.stage.focused_pane
        if pane is None:
            self._go(self._first_pane(), step)
        elif not pane.move(step):
            self.action_pane(step)

    def action_pane(self, step: int) -> None:
        """Move the cursor to another pane that has rows."""
        filled = [pane for pane in self.stage.panes if pane.checks]
        pane = self.stage.focused_pane
        if pane not in filled:
            self._go(self._first_pane(), step)
            return
        other = filled[(filled.index(pane) + step) % len(filled)]
        if self.stage.zoomed:
            self.stage.zoom(other)
        self._go(other, step)

    def _point_at_trouble(self, scene: Scene) -> None:
        """Put the cursor on what the top line names, else on the first row."""
        subject = subject_to_acknowledge(scene)
        rows = ((pane, row) for pane in self.stage.panes for row in pane.checks)
        named = (p for p in rows if subject in (p[1].check.id, subject_of(scene.snapshot, p[1])))
        pane, row = next(named, (None, None))
        if pane is None or row is None:
            self.action_move(1)
        else:
            pane.cursor = row.check.id
            self._focus(pane)

    def _first_pane(self) -> Pane | None:
        return next((pane for pane in self.stage.panes if pane.checks), None)

    def _go(self, pane: Pane | None, step: int) -> None:
        if pane is not None:
            pane.enter_from(step)
            self._focus(pane)

    def _focus(self, pane: Pane) -> None:
        _ = pane.focus()
        self.call_after_refresh(self.stage.settle)

    def action_overview(self) -> None:
        """Put away the filter, else the zoom, else the cursor."""
        if self.stage.pattern:
            self.stage.filter("")
        elif self.stage.zoomed:
            self.stage.zoom(None)
        else:
            self.set_focus(None)
            self.call_after_refresh(self.stage.settle)

    def action_filter(self) -> None:
        """Ask for the words that rows must have."""
        _ = self.app.push_screen(Filtering(self.stage.pattern, self.stage.filter))

    def action_zoom(self) -> None:
        """Give the pane under the cursor the room of all, or all of them theirs again."""
        if self.stage.zoomed:
            self.stage.zoom(None)
            return
        if self.stage.focused_pane is None:
            self.action_move(1)
        self.stage.zoom(self.stage.focused_pane)

    def action_detail(self) -> None:
        """Open the check under the cursor; without one, put it on what the top line names."""
        pane = self.stage.focused_pane
        scene = self.stage.scene
        if scene is None:
            return
        if pane is None:
            self._point_at_trouble(scene)
        elif pane.selected:
            _ = self.app.push_screen(Detail(pane.selected, scene))
