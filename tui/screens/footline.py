"""One line at the foot of what it opens over, in which words are typed."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult

from tui.screens.dialog import Dialog
from tui.widgets.line_input import LineInput

Result = TypeVar("Result")


class FootLine(Dialog[Result]):
    """A field over the whole width, with words in it to begin with."""

    HINT: ClassVar[str]
    """What stands in the field while nothing is typed."""
    LONGEST: ClassVar[int] = 100
    """Letters that the field takes."""
    DEFAULT_CSS = """
    FootLine {
        align: left bottom;
        & > Input { width: 100%; padding: 0 1; background: $surface; color: $foreground; }
    }
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """The field."""
        hint = self.text(self.HINT).plain
        field = LineInput(self._words, hint, compact=True, max_length=self.LONGEST)
        field.cursor_blink = False
        yield field
