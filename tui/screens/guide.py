"""The help screen: keys as they are bound now, and what the glyphs mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from firstwatch.rounds import RoundStatus
from firstwatch.verdict import Level
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import fit, wrapped
from tui.screens.dialog import Dialog

MEANINGS = {
    Level.OK: "measured, recent, fine",
    Level.IDLE: "measured, no traffic, and a second witness agrees",
    Level.PENDING: "a person's turn",
    Level.OFF_TARGET: "misses the checklist's own limit, below warning",
    Level.UNKNOWN: "could not be measured; the reason says why",
    Level.WARNING: "past the warning limit",
    Level.CRITICAL: "past the critical limit",
}
LABEL = 14
"""Cells of the names of keys."""
ROUNDS = {
    RoundStatus.SIGNED: "signed",
    RoundStatus.LATE: "late, or signed late",
    RoundStatus.MISSED: "missed",
    RoundStatus.DUE: "due",
    RoundStatus.OPEN: "open, not yet due",
    RoundStatus.UPCOMING: "to come",
}
NOTES = (
    (
        "Every row shows the age of its reading. A value with ? is the last one known and no "
        "longer counts. A gap in a sparkline was not measured."
    ),
    (
        "{changed} stands before a row whose verdict changed since anybody pressed a key. How many "
        "there are is said at the right of the last line, as 3 changed, and in the header while "
        "the rows are paused, as 3 new. The next key puts the marks away."
    ),
)
"""What else there is to know of the board; `changed` is a glyph."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key and what it does."""

    key: str
    what: str


def bindings_of(screen: Screen[Any]) -> list[tuple[Binding, DOMNode]]:
    """The bindings of ours that work on a screen now, each once, and where its action is."""
    found: dict[str, tuple[Binding, DOMNode]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        is_ours = bool(binding.tooltip) and not binding.system
        if active.enabled and is_ours:
            found.setdefault(binding.action, (binding, active.node))
    return list(found.values())


def keys_of(screen: Screen[Any]) -> list[Key]:
    """The keys that work on a screen now, all of an action together."""
    keys: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        shown = screen.app.get_key_display(active.binding)
        keys.setdefault(active.binding.action, []).append(shown)
    return [
        Key(" ".join(dict.fromkeys(keys[binding.action])), binding.tooltip)
        for binding, _ in bindings_of(screen)
    ]


class Guide(Dialog[None]):
    """Keys and glyphs."""

    WIDTH: ClassVar[int] = 80
    """Cells of the box, where there are as many."""
    SIDES: ClassVar[int] = 8
    """Cells of them that border, padding and scroll bar take."""
    DEFAULT_CSS = """
    Guide > .box { width: 80; }
    """

    def __init__(self, keys: Iterable[Key], glyphs: Glyphs) -> None:
        super().__init__()
        self._keys = tuple(keys)
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A text that scrolls."""
        with VerticalScroll(classes="box"):
            yield Static()

    def on_mount(self) -> None:
        """Say how to read on, and how to leave."""
        self.query_one(".box").border_subtitle = self.text("↑↓ more · esc back")

    def on_resize(self) -> None:
        """Write it for that width."""
        room = max(min(self.size.width, self.WIDTH) - self.SIDES, 1)
        self.query_one(Static).update(Content("\n").join(self._lines(room)))

    def _lines(self, width: int) -> list[Content]:
        lines = [Content("Keys").stylize("bold")]
        for key in self._keys:
            names = [fit(key.key, LABEL), *[" " * LABEL] * len(key.what)]
            texts = wrapped(key.what, max(width - LABEL - 1, LABEL))
            lines += [self.text(f"{n} {t}") for n, t in zip(names, texts, strict=False)]
        lines += [Content(""), Content("Verdicts").stylize("bold")]
        lines += [
            self.text(f"{self._glyphs.levels[level]} {level:<11}  {meaning}")
            for level, meaning in MEANINGS.items()
        ]
        lines += [Content(""), Content("Rounds").stylize("bold")]
        marks = [f"{self._glyphs.rounds[status]} {word}" for status, word in ROUNDS.items()]
        lines.append(self.text("   ".join(marks[:3])))
        lines.append(self.text("   ".join(marks[3:])))
        for note in NOTES:
            told = note.format(changed=self._glyphs.changed)
            lines += [Content(""), *(self.text(line) for line in wrapped(told, width))]
        return lines
