"""The last step before the terminal: nothing is sent that it does by itself, or cannot show."""

from functools import lru_cache

from rich.color import Color as RichColour
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.renderables.lines import to_ascii


class Sparing(LineFilter):
    """Leaves out the terminal's own two colours, and every colour where none is wanted.

    Where only ASCII can be shown it puts a likeness in place of all else: Textual's own frames
    and scroll bars know nothing of that.
    """

    def __init__(self, *, colourless: bool, ascii_only: bool) -> None:
        super().__init__()
        self._colourless = colourless
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text, with no more than is needed of its style."""
        del background
        return [
            Segment(
                to_ascii(text) if self._ascii_only else text,
                style and spared(style, self._colourless),
                control,
            )
            for text, style, control in segments
        ]


@lru_cache(1024)
def spared(style: Style, colourless: bool) -> Style:  # noqa: FBT001 - a key of the cache
    """The style without what goes without saying; every run of text begins from nothing."""
    colours = (style.color, style.bgcolor)
    if not any(colour and (colourless or colour.is_default) for colour in colours):
        return style
    color, bgcolor = (None if colourless else _said(colour) for colour in colours)
    return style.without_color + Style(color=color, bgcolor=bgcolor)


def _said(colour: RichColour | None) -> RichColour | None:
    return None if colour is None or colour.is_default else colour
