"""A canvas: cells with a character and a role each, to draw on where things overlap."""

from itertools import groupby

from tui.renderables.lines import Line, Role


class Canvas:
    """Cells of one width; what is drawn later lies above, and what lies outside is not drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells = [[(" ", Role.TEXT)] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, role: Role) -> None:
        """Draw narrow characters from a cell on to the right; row 0 is the lowest."""
        if not 0 <= y < self.height:
            return
        for at, character in enumerate(text, x):
            if 0 <= at < self.width:
                self._cells[y][at] = (character, role)

    def line(self, y: int) -> Line:
        """One row as a line."""
        runs = groupby(self._cells[y], key=lambda cell: cell[1])
        return tuple(("".join(character for character, _ in run), role) for role, run in runs)
