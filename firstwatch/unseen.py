"""What the watch could not see: sources out of reach, and how much time that makes."""

from collections.abc import Iterable

from firstwatch.episodes import SOURCE, Episode
from firstwatch.snapshot import Snapshot


def outages(snapshot: Snapshot) -> tuple[Episode, ...]:
    """The episodes in which a source was out of reach, oldest first."""
    return tuple(e for e in snapshot.episodes if e.subject.startswith(SOURCE))


def never_reached(snapshot: Snapshot) -> tuple[str, ...]:
    """Sources that never answered: what they should have told was never seen."""
    known = {episode.subject for episode in outages(snapshot)}
    return tuple(
        source.name
        for source in snapshot.sources
        if source.down_since is not None
        and source.name in snapshot.plan.sources
        and f"{SOURCE}{source.name}" not in known
    )


def gaps(snapshot: Snapshot) -> list[tuple[float, float]]:
    """When no watch was running, as stretches of time."""
    return [(gap.start, gap.end) for gap in snapshot.gaps]


def stretches(episodes: Iterable[Episode], now: float) -> list[tuple[float, float]]:
    """When these episodes lasted, as stretches of time; those that still do end `now`."""
    return [(e.start, now if e.end is None else e.end) for e in episodes]


def covered(spans: Iterable[tuple[float, float]], since: float, until: float) -> float:
    """Seconds from `since` to `until` that lie in one of these, overlaps counted once."""
    total, seen_until = 0.0, since
    for start, end in sorted(spans):
        start, end = max(start, seen_until), min(end, until)  # noqa: PLW2901
        if end > start:
            total += end - start
            seen_until = end
    return total
