"""Flips and the episodes they fold into.

A flip is the stored fact; an episode is only ever computed from flips. A check whose source
is unreachable flips too, but the trouble is the source's: its flips name what blocks them
and open no episode of their own, so one cause is one episode.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from firstwatch.verdict import Level

SOURCE = "source:"
"""Marks the subject of a flip as a source, whose name follows; any other is a check's id."""
MERGE_WITHIN = 300.0
"""Seconds: trouble that returns so soon continues its episode."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of verdict."""

    at: float
    """When the fact happened, seconds since the epoch."""
    subject: str
    """A check id, or a source name prefixed by "source:"."""
    old: Level
    new: Level
    reason: str
    value: float | None = None
    blocked_by: str = ""
    """The source whose outage made the check unknown."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of trouble with one subject."""

    subject: str
    start: float
    worst: Level
    reason: str
    """The reason given when it was at its worst."""
    end: float | None = None
    """None while it lasts."""
    worst_value: float | None = None
    """The value at the worst level; a value that grew on without a flip is not in it."""
    flips: int = 1
    worst_at: float | None = None
    """When it came to be at its worst; None where no flip tells."""

    @property
    def is_open(self) -> bool:
        """Whether it still lasts."""
        return self.end is None

    def lasted(self, now: float) -> float:
        """Seconds from its start to its end, or to `now`."""
        return (now if self.end is None else self.end) - self.start


def fold(flips: Iterable[Flip]) -> tuple[Episode, ...]:
    """The episodes in these flips, which must be in the order they were stored; oldest first."""
    episodes: list[Episode] = []
    latest: dict[str, int] = {}
    for flip in flips:
        index = latest.get(flip.subject)
        last = episodes[index] if index is not None else None
        if last is None or not _continues(last, flip):
            if flip.new.is_trouble and not flip.blocked_by:
                latest[flip.subject] = len(episodes)
                episodes.append(
                    Episode(
                        flip.subject,
                        flip.at,
                        flip.new,
                        flip.reason,
                        worst_value=flip.value,
                        worst_at=flip.at,
                    )
                )
        elif index is not None:
            episodes[index] = _extend(last, flip)
    return tuple(episodes)


def flips_after(flips: Iterable[Flip], episode: Episode, count: int) -> Sequence[Flip]:
    """All flips of its subject that came after the first `count` that an episode is made of."""
    own = [flip for flip in flips if flip.subject == episode.subject]
    current: Episode | None = None
    for index, flip in enumerate(own):
        if current is None:
            if flip.at == episode.start and flip.new.is_trouble and not flip.blocked_by:
                current = Episode(flip.subject, flip.at, flip.new, flip.reason)
        elif _continues(current, flip):
            current = _extend(current, flip)
        if current is not None and current.flips == count:
            return own[index + 1 :]
    return []


def _continues(episode: Episode, flip: Flip) -> bool:
    return episode.end is None or (
        flip.new.is_trouble and not flip.blocked_by and flip.at - episode.end <= MERGE_WITHIN
    )


def _extend(episode: Episode, flip: Flip) -> Episode:
    """The episode after one more flip of its subject."""
    episode = replace(episode, flips=episode.flips + 1)
    if flip.blocked_by:
        # What the check was in before is unseen, not over.
        return episode
    if not flip.new.is_trouble:
        return replace(episode, end=max(flip.at, episode.start))
    if flip.new.severity > episode.worst.severity:
        return replace(
            episode,
            end=None,
            worst=flip.new,
            reason=flip.reason,
            worst_value=flip.value,
            worst_at=flip.at,
        )
    return replace(episode, end=None)
