"""The worst value of an episode, and when it was measured."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from firstwatch.episodes import Episode
from firstwatch.plan import Check, Direction
from firstwatch.units import format_value
from firstwatch.verdict import ALARMS, Level


@dataclass(frozen=True, slots=True)
class Span:
    """How far the values went in an episode, as they were recorded."""

    low: float
    low_at: float
    high: float
    high_at: float

    @classmethod
    def of(cls, values: Iterable[tuple[float, float | None]]) -> Self | None:
        """The span of these moments with their values; None where nothing was measured."""
        span: Self | None = None
        for at, value in values:
            if value is not None:
                span = cls(value, at, value, at) if span is None else span.with_(at, value)
        return span

    def with_(self, at: float, value: float) -> Self:
        """With one more value."""
        if value < self.low:
            return replace(self, low=value, low_at=at)
        return replace(self, high=value, high_at=at) if value > self.high else self


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst value of an episode."""

    value: str
    """With its unit."""
    at: float | None
    """When it was measured; None where no flip tells."""


def worst_of(episode: Episode, check: Check | None, span: Span | None) -> Worst | None:
    """The value with which it became so bad, or one that went further, with its moment.

    None where none was measured: of what could not be seen there is no worst value.
    """
    if episode.worst is Level.UNKNOWN:
        return None
    found = [] if episode.worst_value is None else [(episode.worst_value, episode.worst_at)]
    grows = check is None or _grows_worse(check)
    if check and span and episode.worst in ALARMS:
        found.append((span.high, span.high_at) if grows else (span.low, span.low_at))
    if not found:
        return None
    # Of two that are as bad the first is meant: the reason is of that moment, too.
    value, at = (max if grows else min)(found, key=lambda one: one[0])
    return Worst(format_value(value, check.unit if check else ""), at)


def _grows_worse(check: Check) -> bool:
    has_limit = (check.bands.warning, check.bands.critical) != (None, None)
    return check.bands.bad is Direction.ABOVE and has_limit
