"""The curve of a chart, drawn by plotext: cells with dots, and neither colours nor a frame.

A value far outside the axes keeps plotext busy for a minute, and infinity is an error to it. So
all it is ever given is counted in cells of the canvas, and held inside of it. It is loaded with
the first chart.
"""

import math
from functools import lru_cache
from typing import Final

Point = tuple[float, float]
"""Column and row in cells, from the left and from the bottom; whole ones are middles of cells."""

WIDEST: Final = 400
HIGHEST: Final = 60
"""A larger canvas is none: its drawing would take long."""


def load() -> None:
    """Load plotext, ahead of the first chart: that takes some 40 ms."""
    import plotext

    plotext.limit_size(False, False)


@lru_cache(maxsize=4)
def curve(
    segments: tuple[tuple[Point, ...], ...], width: int, height: int, *, ascii_only: bool = False
) -> tuple[str, ...]:
    """Each segment as one unbroken line, in `height` lines of `width` cells.

    The last few are remembered. Empty where there is no size to draw on.
    """
    if not (1 < width <= WIDEST and 1 < height <= HIGHEST):
        return ()
    import plotext

    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plot_size(width, height)
    plotext.frame(False)
    plotext.xfrequency(0)
    plotext.yfrequency(0)
    plotext.xlim(0, width - 1)
    plotext.ylim(0, height - 1)
    marker = "*" if ascii_only else "braille"
    for segment in segments:
        held = [(_held(x, width - 1), _held(y, height - 1)) for x, y in segment]
        if held:
            columns, rows = zip(*held, strict=True)
            draw = plotext.plot if len(held) > 1 else plotext.scatter
            draw(list(columns), list(rows), marker=marker)
    drawn = plotext.uncolorize(plotext.build()).split("\n")
    plotext.clear_figure()
    return tuple(line[:width].ljust(width) for line in drawn[:height])


def _held(number: float, last: int) -> float:
    """The number between 0 and `last`; the lowest row or first column for one that is none."""
    return 0.0 if math.isnan(number) else min(max(number, 0.0), float(last))
