"""The contract between the watch and the outside world.

A *kind* of probe (postgres, http, log, …) says which settings its source takes and which
measures can be asked of it, and opens a probe. The watch never looks inside: it asks for a
reading of a measure, under a deadline, and gets a `Reading` or a `ProbeError`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, runtime_checkable

from pydantic import BaseModel, BeforeValidator, ConfigDict

from firstwatch.clock import Clock
from firstwatch.readings import Reading
from firstwatch.units import parse_duration


def _duration(value: object) -> object:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f'{value} has no unit; write it like "{value}s" or "{value}m"')  # noqa: TRY004 - pydantic turns ValueError into a problem
    if value is not None:
        raise ValueError('must be a duration like "30s", "5m" or "1h30m"')
    return value


Duration = Annotated[float, BeforeValidator(_duration)]
"""Seconds, written as "30s", "5m", "1h30m"."""


class Section(BaseModel):
    """A table of the plan: frozen, and a key it does not know is a mistake."""

    # What was given may be a secret: no message repeats it.
    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """When a reading is asked for, and the launch it belongs to: seconds since the epoch."""

    now: float
    launch: float
    baseline: str = ""
    """The `facts` of the check's first reading since the launch; empty until there was one."""


class Probe(Protocol):
    """One source of the outside world, opened; shared by all checks that read it."""

    @property
    def concurrency(self) -> int:
        """How many readings may be under way at once; the watch holds to it."""

    async def read(self, measure: Any, moment: Moment) -> Reading:
        """Take one reading. Raises `ProbeError`; cancelled at any await, it must stay usable."""

    async def run(self) -> None:
        """Whatever must go on between readings (following a log). Runs until cancelled."""

    async def close(self) -> None:
        """Let go of everything; called once, after the last reading."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a source shows of one moment, to be kept in a flight record."""

    name: str
    """The file it goes into, without its ending: "sessions"."""
    title: str
    lines: tuple[str, ...]
    """Text from outside as it came, a few hundred lines at most; the recorder masks it."""


@runtime_checkable
class Captures(Protocol):
    """A probe that can show what will be gone in a minute."""

    async def capture(self, moment: Moment) -> tuple[Exhibit, ...]:
        """What there is to see just now, with no more load than a reading. Raises `ProbeError`.

        It may be asked while a reading is under way, and be cancelled at any await.
        """


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked of the outside world for one reading, as a person could ask it by hand."""

    asked: tuple[str, ...] = ()
    """Line by line: a statement, requests with what is expected of them, a pattern."""
    given: tuple[tuple[str, str], ...] = ()
    """What was bound to it the last time, by name."""
    cost: str = ""
    """What the probe knows of its cost, in words."""


@runtime_checkable
class Describes(Protocol):
    """A probe that can say what it asks."""

    def describe(self, measure: Any, moment: Moment) -> Inquiry:
        """What a reading of this measure asks, without asking it. No secret may be in it."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One thing a log says, as it came: only `legible.Reader` makes a text of it."""

    number: int
    """Its place in the log as it was followed."""
    at: float | None
    """When it came, seconds since the epoch; None for what was there before following."""
    raw: bytes
    """Its lines, without terminal sequences, from outside and not yet harmless."""
    is_error: bool = False
    gist: str = ""
    """What failed, in a few letters, where its first line does not say: message.create P2024."""
    is_cut: bool = False
    """Whether it was longer than what is kept of it."""


@dataclass(frozen=True, slots=True)
class Extract:
    """Records of a log, oldest first, and what is known of those that are missing."""

    records: tuple[LogRecord, ...] = ()
    newest: int = 0
    """The number of the last record of the log, of whatever kind."""
    gone: int = 0
    """The number of the newest record that may have fitted and is no longer kept."""
    whole_from: float | None = None
    """Since when none is missing; None: nothing was followed yet, or it is not known."""
    trouble: str = ""
    """What keeps the log from being followed now, from outside and not yet harmless."""


@runtime_checkable
class Tells(Protocol):
    """A probe whose source can be read again: a log."""

    def tell(self, kinds: Sequence[str], after: int = 0) -> Extract:
        """What it still has of such records after that number, from memory and at once.

        `kinds` are classes or events as in a tail of the plan; none of them means all. Raises
        `ProbeError` for one that there is not.
        """


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of probe: what the plan may say about it and how it is opened."""

    name: str
    settings: type[Section]
    """What `[sources.<name>]` takes besides `kind`."""
    measure: type[Section]
    """What `measure = {…}` of a check takes."""
    open: Callable[[Any, Clock], Probe]
    """Makes the probe from its settings. Must not touch the outside world yet."""


Kinds = Mapping[str, Kind]
