"""What a log has shown so far, and the words that every answer from it shares."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from firstwatch.probe import Moment
from firstwatch.units import format_clock, format_duration
from probes.error_kinds import ErrorKinds
from probes.heads import APP_ERROR, APP_TEXT, EVENTS, selects
from probes.tallies import Key, Tallies

SOON: Final = 10.0
"""Seconds of the watch that must have been followed before there is an answer."""
EXAMPLE: Final = 90
"""Characters of an example; what else there is to say must fit behind it."""
_FOREIGN: Final = (APP_ERROR.name, APP_TEXT.name)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a log has shown until a moment."""

    tallies: Tallies
    kinds: ErrorKinds
    moment: Moment
    followed: float
    """Seconds for which nothing has been missed."""
    began: float
    """When counting began, seconds since the epoch."""

    @property
    def now(self) -> float:
        """The moment itself."""
        return self.moment.now

    def heard(self, fits: Callable[[Key], bool], window: float) -> int:
        """Records that prove the log alive: those wanted, and those only this application prints.

        None of them is not peace: the log may be dead, or another one's.
        """
        return self.tallies.count(
            lambda key: key[0] not in _FOREIGN or fits(key), self.now - window
        )

    def span(self, window: float) -> str:
        """How far back is counted, in words."""
        if self.followed < window:
            return f"followed for {format_duration(self.followed)} of {format_duration(window)}"
        return f"in {format_duration(window)}"

    @property
    def start(self) -> float:
        """The launch, or when counting began if that was later; seconds since the epoch."""
        late = self.began > self.moment.launch + SOON
        return self.began if late else self.moment.launch

    @property
    def start_in_words(self) -> str:
        """What `start` is, said."""
        if self.start == self.moment.launch:
            return "since launch"
        return f"since following began {format_clock(self.began)}"

    def total(self, fits: Callable[[Key], bool], window: float) -> str:
        """How many since the start, in words, once that is longer than the window."""
        if self.now - self.start <= window:
            return ""
        return f"{self.tallies.total(fits)} {self.start_in_words}"

    def example(self, fits: Callable[[Key], bool], window: float) -> str:
        """The newest record worth seeing, if it came within the window."""
        record = self.tallies.last(fits)
        if record is None or record.at is None or self.now - record.at > window:
            return ""
        if not record.event.notable:
            return ""
        return newest(record.at, self.now, record.head)


def newest(at: float, now: float, what: str) -> str:
    """An example and its age."""
    shown = what if len(what) <= EXAMPLE else what[: EXAMPLE - 1] + "…"
    return f"{shown} ({format_duration(now - at)} ago)"


def note(*parts: str) -> str:
    """The parts that say something, in one line."""
    return ", ".join(part for part in parts if part)


@lru_cache(maxsize=256)
def wanted(selectors: tuple[str, ...]) -> Callable[[Key], bool]:
    """Whether records of an event and a code are meant."""
    known: dict[Key, bool] = {}

    def fits(key: Key) -> bool:
        if key not in known:
            known[key] = selects(selectors, EVENTS[key[0]], key[1])
        return known[key]

    return fits
