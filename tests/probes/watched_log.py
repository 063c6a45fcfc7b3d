"""A log with a probe on it, and a clock that moves when it is told to."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firstwatch.probe import Moment
from firstwatch.readings import Reading
from probes.log import LogProbe
from probes.log_plan import Measure, Settings


@dataclass
class ManualClock:
    """A clock that moves when it is told to; `real` moves with it, `scale` times slower."""

    time: float = 1_780_000_000.0
    scale: float = 1.0
    start: float = field(default=1_780_000_000.0)

    def now(self) -> float:
        return self.time

    def real(self) -> float:
        return (self.time - self.start) / self.scale

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class Watched:
    """A log with a probe on it."""

    def __init__(self, *paths: Path, clock: ManualClock | None = None) -> None:
        self.path = paths[0]
        self.clock = clock or ManualClock()
        asked = Settings(path=tuple(str(path) for path in paths))
        self.probe = LogProbe(asked, self.clock, self.clock.real)
        self.launch = self.clock.start
        self.baseline = ""

    async def says(self, text: str, seconds: float = 1.0, path: Path | None = None) -> None:
        """The application prints something, and time goes on; a second settles its record."""
        with (path or self.path).open("a") as file:
            file.write(text)
        await self.probe.turn()
        self.clock.time += seconds
        await self.probe.turn()

    async def read(self, **measure: Any) -> Reading:
        """What the probe answers now, having looked at the log as it does four times a second."""
        await self.probe.turn()
        return await self.read_unseen(**measure)

    async def read_unseen(self, **measure: Any) -> Reading:
        asked = Measure.model_validate(measure)
        return await self.probe.read(asked, Moment(self.clock.time, self.launch, self.baseline))
