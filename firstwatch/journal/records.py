"""What a journal holds, and the one interface behind which any store of it sits.

All times are seconds since the epoch, by the clock of the watch. Every method of a store may
raise `JournalError`; a store never changes or drops a fact it has taken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from firstwatch.acts import Act, Link, Record
from firstwatch.episodes import Flip
from firstwatch.journal.packing import BEAT
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Gap

__all__ = ["BEAT", "Extent", "RoundEvent", "Run", "Store", "Told"]


@dataclass(frozen=True, slots=True)
class Run:
    """One stretch of a firstwatch process watching."""

    began: float
    operator: str
    version: str
    plan_digest: str
    ended: float | None = None
    """When it ended in good order; None while it lasts, and for good when it was cut off."""


@dataclass(frozen=True, slots=True)
class RoundEvent:
    """A round reached a status."""

    number: int
    status: RoundStatus
    at: float


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the values of a series went in a stretch of time; each with its moment."""

    low: float
    low_at: float
    high: float
    high_at: float
    last: float
    last_at: float


class Told(Protocol):
    """What a journal tells of how a watch stands, now or at an earlier moment."""

    @property
    def launch(self) -> float | None:
        """The launch as stamped last; None before it was."""

    def runs(self) -> tuple[Run, ...]:
        """All runs, in the order they began."""

    @property
    def last_moment(self) -> float | None:
        """The last moment at which a watch is known to have run."""

    def gaps(self, beats: float = 1.0) -> tuple[Gap, ...]:
        """Stretches since the launch, longer than so many beats, in which no watch ran."""

    def extents(self, since: float, until: float) -> dict[str, Extent]:
        """How far every series went from `since` up to, not including, `until`."""

    def flips(self, since: float | None = None, *, most: int | None = None) -> tuple[Flip, ...]:
        """Flips at or after `since`, in the order they were stored; of these the last `most`."""

    def acts(self) -> tuple[Record, ...]:
        """What was done since this launch was stamped, in the order it was stored."""

    @property
    def head(self) -> str:
        """The hash of the last act; empty before there is one."""


class Store(Told, Protocol):
    """A journal, wherever it is kept."""

    def stamp_launch(self, at: float, operator: str, *, again: bool = False) -> None:
        """Record the launch; another time than the one recorded needs `again`."""

    def begin_run(self, at: float, operator: str, version: str, plan_digest: str) -> None:
        """Record that a watch begins."""

    def end_run(self, at: float) -> None:
        """Record that the watch ended in good order."""

    def record_readings(self, at: float, values: Mapping[str, float | None]) -> None:
        """Record the values of one tick, None where measuring failed."""

    def values(
        self, series: str, since: float, until: float
    ) -> tuple[tuple[float, float | None], ...]:
        """Moment and value of every reading from `since` up to, not including, `until`."""

    def history(
        self, series: str, since: float, until: float, buckets: int
    ) -> tuple[float | None, ...]:
        """The mean of each of `buckets` equal stretches, None where nothing was measured."""

    def readings(self, since: float, until: float) -> Iterator[tuple[float, str, float]]:
        """Moment, series and value of all that was measured in that time, in its order."""

    def record_flip(self, flip: Flip) -> None:
        """Record a change of verdict."""

    def record_round(self, number: int, status: RoundStatus, at: float) -> None:
        """Record that a round reached a status; recorded once, however often it is said."""

    def round_events(self) -> tuple[RoundEvent, ...]:
        """What the rounds of this launch went through, in the order it was stored."""

    def record_baseline(self, subject: str, at: float, facts: str) -> None:
        """Record the first facts of a check since the launch; later ones change nothing."""

    def baselines(self) -> dict[str, str]:
        """The first facts of each check since this launch, by check id."""

    def act(self, at: float, who: str, act: Act) -> Record:
        """Record what somebody did, durably, as the next link of the chain."""

    def links(self) -> tuple[Link, ...]:
        """The whole chain as it is stored, of every launch."""

    @property
    def keeps_acts(self) -> bool:
        """Whether there is a place for acts at all; whoever tampers may have taken all of it."""

    @property
    def acts_given(self) -> int:
        """The highest number an act was ever given."""

    @property
    def salt(self) -> bytes:
        """What the pseudonyms of this journal are made with."""

    def record_names(self, names: Mapping[str, str]) -> None:
        """Record names that documents have to mask, with what each is; one known stays."""

    def names(self) -> dict[str, str]:
        """Every such name, and what it is: a `company`, or a `name` of a person."""

    def record_outline(self, outline: str) -> None:
        """Record what a status line has to know of the plan; the same one again changes nothing."""

    @property
    def outline(self) -> str:
        """The one recorded last; empty before there is one."""
