"""The curve of a chart, drawn by plotext: cells with dots, and neither colours nor a frame.

Its kernel is C++, and what it cannot take ends the whole process or keeps it busy for a minute:
a number that is none, a value far outside the axes. So all it is ever given is counted in cells
of the canvas, and held inside of it. It is loaded with the first chart.
"""

import math
from functools import lru_cache
from types import ModuleType
from typing import Final

Point = tuple[float, float]
"""Column and row in cells, from the left and from the bottom; whole ones are middles of cells."""

WIDEST: Final = 400
HIGHEST: Final = 60
"""A larger canvas is none: its drawing would take long."""


def loaded() -> ModuleType | None:
    """plotext; None where it is not installed, or not made for this machine. Takes 0.1 s once."""
    try:
        import plotext
    except (ImportError, OSError):
        return None
    plotext.terminal.limit(width=False, height=False)
    kernel: ModuleType = plotext
    return kernel


@lru_cache(maxsize=4)
def curve(
    segments: tuple[tuple[Point, ...], ...], width: int, height: int, *, ascii_only: bool = False
) -> tuple[str, ...]:
    """Each segment as one unbroken line, in `height` lines of `width` cells.

    The last few are remembered. Empty where there is no plotext, or no size to draw on.
    """
    plotext = loaded()
    if plotext is None or not (1 < width <= WIDEST and 1 < height <= HIGHEST):
        return ()
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    figure.axes(active=False)
    for axis, last in (("x", width - 1), ("y", height - 1)):
        for side in (0, 1):
            figure.ruler(axis, side).frequency(0)
        figure.ruler(axis).lim(0, last)
    for segment in segments:
        held = [(_held(x, width - 1), _held(y, height - 1)) for x, y in segment]
        if held:
            columns, rows = zip(*held, strict=True)
            marker = "*" if ascii_only else "braille"
            signal = figure.signal(list(columns), list(rows), marker=marker)
            figure.draw(signal.lines() if len(held) > 1 else signal)
    drawn = figure.build().string(colorless=True).split("\n")
    figure.clear()
    return tuple(line[:width].ljust(width) for line in drawn[:height])


def _held(number: float, last: int) -> float:
    """The number between 0 and `last`; the lowest row or first column for one that is none."""
    return 0.0 if math.isnan(number) else min(max(number, 0.0), float(last))
