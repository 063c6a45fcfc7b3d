"""The keys that open a view of something else than the board: each one an action."""

from typing import ClassVar

from textual.binding import BindingType

from tui.screens.errands import ErrandScreen


class ViewScreen(ErrandScreen):
    """A screen with a scene and a cursor from which views open."""

    BINDINGS: ClassVar[list[BindingType]] = []
