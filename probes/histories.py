"""Histories: the last observations of one endpoint, and what statistics make of them."""

import math
import statistics
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from firstwatch.units import format_number
from probes.endpoints import Endpoint


def p95(values: Sequence[float]) -> float:
    """The value that 95 % of them do not exceed."""
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "p95": p95,
    "p50": statistics.median,
    "mean": statistics.fmean,
    "max": max,
    "last": lambda values: values[-1],
}


def spread(values: Sequence[float]) -> str:
    """What a mean hides: "p50 4.1, p95 9.3, max 31 ms"."""
    p50, high, most = (format_number(STATISTICS[name](values)) for name in ("p50", "p95", "max"))
    return f"p50 {p50}, p95 {high}, max {most} ms"


@dataclass(slots=True)
class History:
    """The last observations of one endpoint; the first ones apart, they are cold."""

    endpoint: Endpoint
    warm: deque[float]
    cold: deque[float] = field(default_factory=lambda: deque(maxlen=10))
    turn: int = 0
    """How many times the files of its page were looked at."""

    def add(self, value: float) -> None:
        """Take in one more observation."""
        (self.cold if len(self.cold) < self.endpoint.warm_up else self.warm).append(value)

    @property
    def counted(self) -> Sequence[float]:
        return self.warm or self.cold
