"""The sheets around the panes: header, top, history, keys."""

from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.reactive import reactive

from tui.renderables.heading import header_line, top_lines
from tui.renderables.lines import Line, Role, join, line_width, pad
from tui.renderables.recent import recent_lines
from tui.scene import Scene
from tui.widgets.sheet import Sheet


class SceneSheet(Sheet):
    """A sheet that draws a scene in its own size, anew whenever either changes."""

    scene: reactive[Scene | None] = reactive(None, repaint=False, always_update=True)
    """What to draw; None until the first snapshot."""

    def watch_scene(self) -> None:
        """Draw what is new."""
        self.redraw()

    def on_resize(self, _: events.Resize) -> None:
        """Draw in the new size."""
        self.redraw()

    def redraw(self) -> None:
        """Draw the scene, if there is one and room for it."""
        if self.scene is not None and self.size.area:
            self.draw(self.scene, self.size.width, self.size.height)

    def draw(self, scene: Scene, width: int, height: int) -> None:
        """Show the lines of this scene."""
        raise NotImplementedError


class Header(SceneSheet):
    """T+, verdict, phase, watch, clocks and heartbeat."""

    def draw(self, scene: Scene, width: int, height: int) -> None:  # noqa: ARG002
        """One line."""
        self.show_lines([header_line(scene, width)])


class Top(SceneSheet):
    """The countdown, the rounds and the most important thing."""

    def draw(self, scene: Scene, width: int, height: int) -> None:
        """One to three lines."""
        self.show_lines(top_lines(scene, width, height))


class Recent(SceneSheet):
    """What happened lately."""

    def draw(self, scene: Scene, width: int, height: int) -> None:
        """As many lines as there is room for."""
        self.show_lines(recent_lines(scene, width, height))


class Keys(Sheet):
    """The keys that work now, as many as fit."""

    SEPARATOR: ClassVar[str] = "  "
    ALWAYS: ClassVar[str] = "guide"
    """The action that is in the line whatever else has no room: it leads to all the others."""
    FIRST: ClassVar[tuple[str, ...]] = (
        "cadence",
        "drills",
        "play",
        "seek(-300)",
        "seek(300)",
        "flip(-1)",
        "flip(1)",
        "pace(1)",
        "pace(-1)",
        "detail",
        "sign",
        "acknowledge",
        "note",
        "log",
        "timeline",
        "guide",
        "handoff",
    )
    """The actions that keep their place in the line the longest."""

    call: reactive[Line] = reactive((), repaint=False)
    """What the key to sign is called while a round is owed."""

    changed: reactive[int] = reactive(0, repaint=False)
    """How many subjects changed since the last key."""
    filtered: reactive[Line] = reactive((), repaint=False)
    """What a filter says of itself; empty without one."""

    def watch_call(self) -> None:
        """Draw the line anew."""
        self.redraw()

    def watch_changed(self) -> None:
        """Draw the line anew."""
        self.redraw()

    def watch_filtered(self) -> None:
        """Draw the line anew."""
        self.redraw()

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.redraw())

    def on_resize(self, _: events.Resize) -> None:
        """Fit them anew."""
        self.redraw()

    def redraw(self) -> None:
        """Draw the line."""
        if self.size.area and self.screen.is_current:
            self.show_lines([self._line(self.size.width)])

    def _line(self, width: int) -> Line:
        if self.filtered:
            return pad(((" ", Role.TEXT), *self.filtered), width)
        news: Line = ((f" {self.changed} changed ", Role.TEXT),) if self.changed else ()
        return (*self._keys(width - line_width(news)), *news)

    def _keys(self, width: int) -> Line:
        entries = {binding.action: self._entry(binding) for binding in self._bindings_shown()}
        room = width - 1 - line_width(entries.get(self.ALWAYS, ()))
        shown = []
        for action, entry in entries.items():
            if action != self.ALWAYS:
                # What stands behind one that has no room is worth less than it.
                room = max(room - line_width(entry) - len(self.SEPARATOR), -1)
            if room >= 0 or action == self.ALWAYS:
                shown.append(entry)
        return pad(((" ", Role.TEXT), *join(shown, self.SEPARATOR)), width)

    def _entry(self, binding: Binding) -> Line:
        """A key, and what it does."""
        key = binding.key_display or self.app.get_key_display(binding)
        words: Line = ((f" {binding.description}", Role.DIM),)
        return ((key, Role.STRONG), *(self.call if self._calls(binding) else words))

    def _bindings_shown(self) -> list[Binding]:
        """None of them while something lies over the board, which has keys of its own."""
        if not self.screen.is_active:
            return []
        active = self.screen.active_bindings.values()
        found = {a.binding.action: a.binding for a in active if a.enabled and a.binding.show}
        return sorted(found.values(), key=self._rank)

    def _rank(self, binding: Binding) -> tuple[bool, int]:
        """What the board calls for first, then what is needed most, then in their order."""
        first = (
            self.FIRST.index(binding.action) if binding.action in self.FIRST else len(self.FIRST)
        )
        return not self._calls(binding), first

    def _calls(self, binding: Binding) -> bool:
        """Whether this key is what the board calls for."""
        return binding.action == "sign" and bool(self.call)
