"""A sheet of lines, of which only those that changed are drawn again."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from tui.renderables.lines import EMPTY, Line, Role, to_ascii

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


class Sheet(Widget):
    """Lines of text in the colours of their roles; draws only the lines that changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in Role}
    DEFAULT_CSS = (
        """
Sheet {
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

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._ascii_only = ascii_only

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines, and draw anew those that differ."""
        old, self._lines = self._lines, list(lines)
        width = self.size.width
        for y in range(max(len(old), len(lines))):
            before = old[y] if y < len(old) else EMPTY
            if before != (lines[y] if y < len(lines) else EMPTY):
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the sheet."""
        style = self.get_component_rich_style
        line = self._lines[y] if y < len(self._lines) else EMPTY
        strip = Strip(
            [
                Segment(to_ascii(text) if self._ascii_only else text, style(f"role--{role}"))
                for text, role in line
            ]
        )
        return strip.adjust_cell_length(self.size.width, style("role--text")).simplify()
