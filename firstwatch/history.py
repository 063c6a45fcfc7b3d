"""The recent past of one value, in equal stretches of time, for a sparkline."""

BUCKETS = 60
"""How many stretches are kept."""
SHORTEST = 30.0
"""Seconds of the shortest stretch: 60 of them make half an hour."""
AMPLE = 1.25
"""A stretch is so much longer than what lies between two values: each then holds one at least."""


class History:
    """Mean values of the last stretches; a stretch without a value is a gap, never a zero."""

    def __init__(self, every: float) -> None:
        """`every` is how often a value is expected, in seconds."""
        self._stretch = max(every * AMPLE, SHORTEST)
        self._buckets: dict[int, tuple[float, int]] = {}

    @property
    def span(self) -> float:
        """Seconds it reaches back."""
        return self._stretch * BUCKETS

    def add(self, at: float, value: float | None) -> None:
        """Take in one value; None leaves the stretch as it is."""
        if value is None:
            return
        index = int(at // self._stretch)
        total, count = self._buckets.get(index, (0.0, 0))
        self._buckets[index] = (total + value, count + 1)
        if len(self._buckets) > BUCKETS:
            del self._buckets[next(iter(self._buckets))]

    def values(self, now: float) -> tuple[float | None, ...]:
        """One mean a stretch, oldest first; None where there is none.

        The last is now's, or the one before while now's has only begun.
        """
        means = {index: total / count for index, (total, count) in self._buckets.items()}
        last = int(now // self._stretch)
        if last not in means and last - 1 in means:
            last -= 1
        return tuple(means.get(index) for index in range(last - BUCKETS + 1, last + 1))
