"""The scale of a chart: which values its rows stand for, and which limits are in sight."""

import math
from dataclasses import dataclass
from typing import Final

from firstwatch.past import Past
from firstwatch.plan import Check
from firstwatch.verdict import Level
from tui.renderables.sparkline import SMALLEST

HEADROOM: Final = 1.1
NEAR: Final = 1.6
"""A limit so many times as far as all else is still shown."""
LARGEST: Final = 1e300
"""Past this a number could not be reckoned with any more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From the middle of the lowest row to that of the highest."""

    bottom: float
    top: float
    rows: int
    limits: tuple[tuple[Level, float], ...]
    """Those in sight, the worst last."""

    def height(self, value: float) -> float:
        """How many rows above the lowest one a value is; held between the first and the last."""
        size = max(abs(self.bottom), abs(self.top))
        low, high, at = self.bottom / size, self.top / size, value / size
        share = (at - low) / (high - low)
        return min(max(share, 0.0), 1.0) * (self.rows - 1)

    def row(self, value: float) -> int:
        """The row a value is in."""
        return round(self.height(value))


def scale_of(past: Past, check: Check, rows: int) -> Scale:
    """From zero, or the lowest value below it, to above the highest and above the first limit."""
    lowest, highest = past.lowest, past.highest
    low = _held(lowest.low) if lowest else 0.0
    high = _held(highest.high) if highest else 0.0
    limits = [(level, _held(limit)) for level, limit in check.bands.limits]
    nearest = min((abs(limit) for _, limit in limits), default=0.0)
    usual = past.usual
    top = max(high, _held(usual.high) if usual else 0.0, nearest)
    top = max([top, *(limit for _, limit in limits if limit <= top * NEAR)]) * HEADROOM
    bottom = min(low, _held(usual.low) if usual else 0.0, *(0.0, *(v for _, v in limits if v < 0)))
    bottom = max(bottom, -LARGEST) * (HEADROOM if bottom < 0 else 1.0)
    top = max(top, SMALLEST.get(check.unit, 0.0) if bottom == 0 else 0.0)
    if not top > bottom or top - bottom < abs(bottom) * 1e-9:
        top = bottom + max(abs(bottom), 1.0)
    seen = tuple((level, limit) for level, limit in limits if bottom <= limit <= top)
    return Scale(bottom, top, rows, seen)


def _held(value: float) -> float:
    return min(max(value, -LARGEST), LARGEST) if math.isfinite(value) else 0.0
