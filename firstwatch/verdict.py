"""Levels (judging follows)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """What the watch thinks of a check, from best to worst."""

    OK = "ok"
    """Measured, recent, fine."""
    IDLE = "idle"
    """Measured, no traffic, and a second witness agrees."""
    PENDING = "pending"
    """A person's turn."""
    OFF_TARGET = "off target"
    """Misses the checklist's own limit, below warning."""
    UNKNOWN = "unknown"
    """Could not be measured; the reason says why."""
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def severity(self) -> int:
        """0 for ok up to 6 for critical."""
        return _SEVERITY[self]

    @property
    def is_trouble(self) -> bool:
        """Whether it opens an episode."""
        return self.severity >= _SEVERITY[Level.UNKNOWN]


_SEVERITY = {level: number for number, level in enumerate(Level)}

QUIET: Final = (Level.OK, Level.IDLE)
ALARMS: Final = (Level.WARNING, Level.CRITICAL)
"""Levels that ask nothing of anybody."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A level with its reason in words."""

    level: Level
    reason: str
    since: float
    """When the fact that made it so happened, seconds since the epoch."""
    blocked_by: str = ""
    """The source that is out of reach, when that is why."""
    hinted: Level | None = None
    """Of a person's turn: the level of the measured check that helps to say, if one does."""
