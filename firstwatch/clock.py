"""The one source of time.

Every moment in firstwatch is a float: seconds since the Unix epoch, UTC. The watch asks
a `Clock` for the time and sleeps on it, so that tests and rehearsal can drive it.

A rehearsal runs 24 hours in minutes. Its stand-in production and the watch are handed the
same `ScaledClock`, and `now` is bound into every statement as a parameter instead of being
asked of the database, whose own clock cannot be sped up. So windows, cadence, ages and
rounds shrink together, through exactly the code that runs in production, while whatever is
truly waited for (a deadline, a response time) stays in real seconds.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """Tells the time of the watch and sleeps in it."""

    @property
    def scale(self) -> float:
        """Seconds of the watch per real second; 1 in production."""

    def now(self) -> float:
        """The time of the watch: seconds since the epoch, UTC."""

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds of the watch."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    scale: float = 1.0

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0))


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock that runs `scale` times as fast as the machine's, from `start` on.

    Two processes that hold the same three numbers read the same time.
    """

    scale: float
    start: float = field(default_factory=time.time)
    """The time it showed at `real_start`."""
    real_start: float = field(default_factory=time.time)
    """The machine's time at which it showed `start`."""

    def now(self) -> float:
        return self.start + (time.time() - self.real_start) * self.scale

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / self.scale)
