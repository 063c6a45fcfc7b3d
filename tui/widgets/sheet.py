"""A sheet of lines shown through side by side tiles.

A terminal over SSH pays for every cell written. Textual repaints a changed region from the
left edge of its widget, so a sheet is cut into narrow tiles along its columns, and only the
lines of the tiles that changed are drawn again.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from tui.renderables.lines import EMPTY, Line, Role, cut, to_ascii

_ROLE_CSS = """
    & > .role--{role} {{
        color: $status-{role}; background: $background; text-style: $emphasis-{role};
    }}
"""
_COLOURED = [r for r in Role if r not in (Role.TEXT, Role.STRONG, Role.CURSOR)]


class Placed(Layout):
    """Puts each child where its parent's `places` say; a child without a place is not shown."""

    name = "placed"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: FBT001, FBT002, ARG002 - Textual's signature
    ) -> ArrangeResult:
        """Place the children."""
        assert isinstance(parent, Placing)  # noqa: S101 - only they use this layout
        parent.pre_layout(self)
        places = parent.places(size)
        found = ((child, places.get(child)) for child in children)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child, region in found
            if region is not None and region.area
        ]


class Placing(Widget):
    """A widget that says where its children stand."""

    _PLACED: ClassVar[Layout] = Placed()

    @property
    def layout(self) -> Layout:
        """The layout that asks for `places`."""
        return self._PLACED

    def places(self, size: Size) -> Mapping[Widget, Region]:
        """The regions of the children within `size`; one that has none is left out."""
        raise NotImplementedError

    def rearrange(self) -> None:
        """Ask for `places` again. Textual forgets an arrangement when one of its children asks."""
        for child in self.children[:1]:
            child.refresh(repaint=False, layout=True)


class Tile(Widget):
    """Lines of text in the colours of their roles; draws only the lines that changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in Role}
    DEFAULT_CSS = (
        """
Tile {
    width: 1fr;
    height: 1fr;
    background: $background;
    & > .role--text { color: $foreground; background: $background; }
    & > .role--strong { color: $foreground; background: $background; text-style: bold; }
    & > .role--cursor { color: $foreground; background: $background; text-style: reverse; }
"""
        + "".join(_ROLE_CSS.format(role=role) for role in _COLOURED)
        + "}"
    )

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._ascii_only = ascii_only

    def show(self, lines: Sequence[Line]) -> None:
        """Take new lines and repaint those that differ."""
        old, self._lines = self._lines, list(lines)
        width = self.size.width
        for y in range(max(len(old), len(lines))):
            before = old[y] if y < len(old) else EMPTY
            if before != (lines[y] if y < len(lines) else EMPTY):
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the tile."""
        style = self.get_component_rich_style
        line = self._lines[y] if y < len(self._lines) else EMPTY
        strip = Strip(
            [
                Segment(to_ascii(text) if self._ascii_only else text, style(f"role--{role}"))
                for text, role in line
            ]
        )
        return strip.adjust_cell_length(self.size.width, style("role--text")).simplify()


class Sheet(Placing):
    """Lines cut at given columns into at most `TILES` tiles."""

    TILES: ClassVar[int] = 1
    """How many tiles there are; later cuts than that fall into the last one."""

    DEFAULT_CSS = """
    Sheet { width: 1fr; height: 1fr; background: $background; }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tiles = [Tile(ascii_only=ascii_only) for _ in range(self.TILES)]
        self._lines: list[Line] = []
        self._cuts: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """The tiles."""
        yield from self._tiles

    def places(self, size: Size) -> Mapping[Widget, Region]:
        """Tiles stand side by side, from cut to cut."""
        spans = zip(self._tiles, self._spans(size.width), strict=False)
        return {tile: Region(start, 0, stop - start, size.height) for tile, (start, stop) in spans}

    def _spans(self, width: int) -> list[tuple[int, int]]:
        inner = [c for c in self._cuts if 0 < c < width][: self.TILES - 1]
        edges = [0, *inner, width]
        return list(pairwise(edges))

    def show_lines(self, lines: Sequence[Line], cuts: tuple[int, ...] = ()) -> None:
        """Show these lines; each should be as wide as the sheet."""
        recut = cuts != self._cuts
        if not recut and lines == self._lines:
            return
        self._lines, self._cuts = list(lines), cuts
        if recut:
            self.rearrange()
        for tile, (start, stop) in zip(self._tiles, self._spans(self.size.width), strict=False):
            tile.show([cut(line, start, stop) for line in lines])
