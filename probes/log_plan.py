"""What the plan may say of a log, and ask of it."""

import re
import shlex
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from firstwatch.probe import Duration, Section
from firstwatch.units import format_duration
from probes.heads import check_selectors

LONGEST: Final = 86400.0
"""The longest window."""
ASKED: Final = ("count", "rate", "pace", "ratio", "silence", "duration", "kinds")
"""What can be asked."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _alternatives(value: object) -> object:
    """Several lists of selectors; one list, or one selector, is the only alternative."""
    if isinstance(value, list | tuple) and value and not isinstance(value[0], str):
        return value
    return (value,)


def _paths(value: object) -> object:
    return () if value == "" else _several(value)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f'"{text}" is not a regular expression: {error}') from None
    return text


Selectors = Annotated[tuple[str, ...], BeforeValidator(_several), AfterValidator(check_selectors)]
"""Which records: a class ("error"), an event ("webhook.error", "*.received") or "code:P2024"."""


class Stat(StrEnum):
    """What is told of many durations."""

    AVG = "avg"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"


class Settings(Section):
    """`[sources.<name>]` of kind log."""

    path: Annotated[tuple[str, ...], BeforeValidator(_paths)] = ()
    """The file to follow, or a list of files: one of each stream of the same application."""
    command: tuple[str, ...] = ()
    """Or a command to follow, as a list of words: ["ssh", "app", "tail", "-n", "0", "-F", "…"]."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.path and self.command:
            raise ValueError("give path or command, not both")
        return self

    @property
    def told(self) -> str:
        """Where it is read."""
        return shlex.join(self.command) or ", ".join(self.path) or "(none)"


class Ratio(Section):
    """Two counts, the first in per cent of the second."""

    of: Selectors = Field(min_length=1)
    """The records that are counted."""
    per: Annotated[tuple[Selectors, ...], BeforeValidator(_alternatives)]
    """The records they are a share of, or a list of such lists: the first with `enough` counts."""
    enough: int = Field(default=50, ge=1)
    """So many records are enough; if no list has them, the fullest counts."""

    @field_validator("per")
    @classmethod
    def _each_selects(cls, per: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        if not per or not all(per):
            raise ValueError("name at least 1 kind of record in each list")
        return per


class Measure(Section):
    """What a check asks of a log: exactly one of its first seven keys."""

    count: Selectors = ()
    """How many such records in the window."""
    rate: Selectors = ()
    """How many a minute."""
    pace: Selectors = ()
    """How many times as many a minute as was usual: the 95th percentile of the minutes before."""
    ratio: Ratio | None = None
    """`{ of = […], per = […] }`, in per cent."""
    kinds: Selectors = ()
    """How many kinds of error came up in the window that were not known before the launch."""
    silence: Selectors = ()
    """Seconds since the last one."""
    duration: Selectors = ()
    """Milliseconds they took, where they say so (request lines)."""
    stat: Stat = Stat.P95
    """Which statistic of the durations: avg, p50, p90, p95, p99, max."""
    window: Duration = Field(default=300.0, gt=0, le=LONGEST)
    """How far back is counted."""
    contains: str = ""
    """Only records with this in their first 2 kB."""
    matches: Annotated[str, AfterValidator(_pattern)] = ""
    """Only records in whose first 2 kB this regular expression is found."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [kind for kind in ASKED if getattr(self, kind)]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            raise ValueError(f"give exactly one of {', '.join(ASKED)}; there is {said}")
        if self.kinds and (self.contains or self.matches):
            raise ValueError("kinds are told apart among all errors; leave contains and matches")
        return self

    @property
    def told(self) -> tuple[str, ...]:
        """What is asked, in words, line by line."""
        kind = next(kind for kind in ASKED if getattr(self, kind))
        if self.ratio is not None:
            per = " or of ".join(" ".join(each) for each in self.ratio.per)
            what = f"{' '.join(self.ratio.of)} in % of {per}"
        else:
            what = " ".join(getattr(self, kind))
        stat = f" {self.stat}" if self.duration else ""
        window = "" if self.silence else f" in the last {format_duration(self.window)}"
        only = (("that contain", self.contains), ("that match", self.matches))
        lines = (f"{kind}{stat} of records: {what}{window}",)
        return lines + tuple(f"{how}: {text}" for how, text in only if text)
