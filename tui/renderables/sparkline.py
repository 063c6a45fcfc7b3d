"""Sparklines: recent values in one colour, from zero, on a scale that keeps calm things calm."""

import math
from collections.abc import Sequence

from firstwatch.plan import Bands

HEADROOM = 1.25
"""The scale ends this far above the largest value, so that a steady one never looks full."""
SMALLEST = {"%": 1.0, "": 4.0}
"""Units whose scale never ends below this: one event is no mountain."""


def scale_top(values: Sequence[float | None], bands: Bands, unit: str) -> float:
    """Where the scale ends: above the largest value, and not below the first limit."""
    largest = max((v for v in values if v is not None and math.isfinite(v)), default=0.0)
    limits = [limit for _, limit in bands.limits]
    return max(largest * HEADROOM, min(limits, default=0.0), SMALLEST.get(unit, 0.0))


def sparkline(values: Sequence[float | None], width: int, top: float, glyphs: str) -> str:
    """The last `width` values, newest to the right; a gap stays empty, zero is the lowest glyph.

    Anything above zero is drawn above zero, and anything past `top` is drawn full.
    """
    if width <= 0:
        return ""
    return "".join(_bar(value, top, glyphs) for value in values[-width:]).rjust(width)


def _bar(value: float | None, top: float, glyphs: str) -> str:
    if value is None or math.isnan(value):
        return " "
    highest = len(glyphs) - 1
    if value <= 0 or top <= 0:
        return glyphs[0]
    share = 1.0 if value >= top else value / top
    return glyphs[min(math.ceil(share * highest), highest)]
