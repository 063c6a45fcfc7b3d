"""The stage: the whole board on which header, top, panes, history and keys have their places."""

from collections.abc import Mapping
from dataclasses import replace

from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.widget import Widget

from firstwatch.plan import Pane as Kind
from tui.arrangement import PANES, Place, Slot, arrange, pane_width
from tui.renderables.filtering import filter_words
from tui.renderables.heading import tally_words
from tui.renderables.lines import Line, pad, plain
from tui.renderables.promises import next_promise, promise_lines
from tui.renderables.recent import recent_count
from tui.scene import Scene, pane_checks, round_checks
from tui.signing import sign_call
from tui.widgets.pane import Pane
from tui.widgets.parts import Header, Keys, Recent, SceneSheet, Top
from tui.widgets.sheet import Placing


class Stage(Placing):
    """All parts of the board; hands every scene down and gives each part its place."""

    DEFAULT_CSS = """
    Stage { width: 100%; height: 100%; background: $background; overflow: hidden; }
    """

    scene: reactive[Scene | None] = reactive(None, repaint=False, always_update=True)
    """What to show; None until the first snapshot."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._parts: dict[Slot, Widget] = {
            Slot.HEADER: Header(ascii_only=ascii_only),
            Slot.TOP: Top(ascii_only=ascii_only),
            Slot.HEALTH: Pane(
                Slot.HEALTH,
                lambda scene: pane_checks(scene, Kind.HEALTH),
                naming=lambda _: "system health",
                ascii_only=ascii_only,
            ),
            Slot.FLOW: Pane(
                Slot.FLOW,
                lambda scene: pane_checks(scene, Kind.FLOW),
                naming=lambda _: "WhatsApp flow",
                ascii_only=ascii_only,
            ),
            Slot.INTEGRITY: Pane(
                Slot.INTEGRITY,
                lambda scene: pane_checks(scene, Kind.INTEGRITY, Kind.CLIENT),
                naming=lambda _: "integrity · client",
                ascii_only=ascii_only,
            ),
            Slot.ROUND: Pane(
                Slot.ROUND,
                round_checks,
                naming=_round_name,
                tells=False,
                below=promise_lines,
                ascii_only=ascii_only,
            ),
            Slot.RECENT: Recent(ascii_only=ascii_only),
            Slot.KEYS: Keys(ascii_only=ascii_only),
        }
        self._places: dict[Slot, Place] = {}
        self._kept: Scene | None = None
        self._zoomed: Slot | None = None

    def compose(self) -> ComposeResult:
        """The parts, in the order of the tab key."""
        yield from self._parts.values()

    @property
    def panes(self) -> list[Pane]:
        """The panes, in their order."""
        return [part for slot in PANES if isinstance(part := self._parts[slot], Pane)]

    @property
    def focused_pane(self) -> Pane | None:
        """The pane with the cursor."""
        return next((pane for pane in self.panes if pane.has_focus), None)

    def places(self, size: Size) -> Mapping[Widget, Region]:
        """Where the arrangement puts each part."""
        self._places = self._arrangement(size)
        return {
            self._parts[slot]: Region(place.x, place.y, place.width, place.height)
            for slot, place in self._places.items()
        }

    def _arrangement(self, size: Size) -> dict[Slot, Place]:
        width, height = size
        needs = {pane.slot: pane.need(pane_width(width, height, pane.slot)) for pane in self.panes}
        recent = 0 if self.scene is None else recent_count(self.scene)
        focused = self.focused_pane
        focus = focused.slot if focused else None
        return arrange(width, height, needs, recent, focus, self._zoomed)

    def watch_scene(self, before: Scene | None, scene: Scene | None) -> None:
        """Hand it down; move the parts if they now need other room."""
        stepped = before is None or scene is None or before.step != scene.step
        rows = self._rows(before, scene)
        for part in self._parts.values():
            if isinstance(part, Header | Top):
                part.scene = scene
            elif isinstance(part, SceneSheet) and stepped:
                part.scene = rows
            elif isinstance(part, Keys) and scene is not None:
                part.call, part.changed = sign_call(scene), len(scene.changed)
                part.filtered = self._filtered()
        if stepped:
            self.settle()

    def _rows(self, before: Scene | None, scene: Scene | None) -> Scene | None:
        """The scene for the rows: the one in which they were held, though its ages go on."""
        if scene is None or scene.held is None or scene.silent:
            self._kept = None
            return scene
        self._kept = self._kept or before or scene
        return replace(self._kept, now=scene.now)

    @property
    def pattern(self) -> str:
        """What rows have to match; empty: all are shown."""
        return self.panes[0].pattern

    def filter(self, pattern: str) -> None:
        """Show only rows that match."""
        if pattern and self._zoomed is not None:
            self.zoom(None)
        for pane in self.panes:
            pane.pattern = pattern
        keys = self._parts[Slot.KEYS]
        if isinstance(keys, Keys):
            keys.filtered = self._filtered()
        self.settle()

    def _filtered(self) -> Line:
        if not self.pattern or self.scene is None:
            return ()
        return filter_words(self.scene.snapshot.checks, self.pattern)

    @property
    def zoomed(self) -> bool:
        """Whether one pane has the room of all."""
        return self._zoomed is not None

    def zoom(self, pane: Pane | None) -> None:
        """Give one pane the room of all; None: all have theirs again."""
        self._zoomed = pane.slot if pane else None
        self.rearrange()

    def wait(self, words: Line) -> None:
        """Say what is waited for, before there is anything to show."""
        header = self._parts[Slot.HEADER]
        if self.scene is None and isinstance(header, Header):
            header.show_lines([pad(words, header.size.width)])

    def settle(self) -> None:
        """Arrange anew if the needs have changed."""
        if self.is_attached and self._arrangement(self.size) != self._places:
            self.rearrange()


def _round_name(scene: Scene) -> str:
    """The title of the round pane: which round, and how its items stand."""
    due = scene.snapshot.due
    name = "round" if due is None else f"round {due.round.name}"
    tallied = "" if due is None else plain(tally_words(scene))
    return " · ".join(part for part in (name, next_promise(scene), tallied) if part)
