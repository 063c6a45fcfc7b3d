"""The outline: what a status line has to know of a plan and its clock, left in the journal.

A plan takes a second to read, and a status line has no folder of its own to look for one. So each
watch leaves this much of its plan behind: nothing that could hold a secret, and nothing heavy to
read again. This module and what it imports stay light for that reason.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A measured check that is shown."""

    id: str
    title: str
    pane: str
    fresh_for: float
    """Seconds of the watch a reading stays fresh."""
    unit: str | None = None
    """Of its values; None where the watch that left this behind did not say."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase, with all that its rounds hang on; durations in seconds."""

    name: str
    start: float
    end: float
    every: float
    early: float | None
    grace: float | None
    relax_after: int
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a watch without its plan."""

    watch: str
    """Its name."""
    lines: tuple[Line, ...]
    phases: tuple[Stretch, ...]
    scale: float = 1.0
    """Seconds of its clock per real second."""
    start: float = 0.0
    """What its clock showed at `real_start`."""
    real_start: float = 0.0

    def now(self, real: float) -> float:
        """The time of the watch at that time of the machine; both seconds since the epoch."""
        return self.start + (real - self.real_start) * self.scale

    def phase_at(self, seconds: float) -> str:
        """The name of the phase so many seconds after the launch; empty outside the plan."""
        return next((p.name for p in self.phases if p.start <= seconds < p.end), "")


def to_text(outline: Outline) -> str:
    """The outline as it is stored."""
    return json.dumps(asdict(outline), ensure_ascii=False)


def read_outline(text: str) -> Outline:
    """The outline of a stored text. Raises ValueError."""
    try:
        told = json.loads(text)
        return Outline(
            watch=str(told["watch"]),
            lines=tuple(_line(line) for line in told["lines"]),
            phases=tuple(_stretch(phase) for phase in told["phases"]),
            scale=float(told["scale"]),
            start=float(told["start"]),
            real_start=float(told["real_start"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an outline: {error}") from error


def _line(told: dict[str, Any]) -> Line:
    unit = told.get("unit")
    return Line(
        id=str(told["id"]),
        title=str(told["title"]),
        pane=str(told["pane"]),
        fresh_for=float(told["fresh_for"]),
        unit=unit if isinstance(unit, str) else None,
    )


def _stretch(told: dict[str, Any]) -> Stretch:
    early, grace = (None if told[key] is None else float(told[key]) for key in ("early", "grace"))
    return Stretch(
        name=str(told["name"]),
        start=float(told["start"]),
        end=float(told["end"]),
        every=float(told["every"]),
        early=early,
        grace=grace,
        relax_after=int(told["relax_after"]),
    )
