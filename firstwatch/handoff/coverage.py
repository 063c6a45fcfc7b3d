"""What was not seen: gaps of the watch, outages of its sources, and how much that leaves."""

from collections.abc import Iterable, Sequence

from firstwatch.handoff.brief import BOUND, BlindSpot, Coverage, Listing
from firstwatch.handoff.pens import Pens
from firstwatch.snapshot import Snapshot

SOURCE = "source:"
"""Marks the subject of an episode as a source."""


def blind_spots(snapshot: Snapshot, pens: Pens, since: float) -> Listing[BlindSpot]:
    """The longest of those that reach beyond `since`, oldest first."""
    now = snapshot.at
    spots = [
        BlindSpot(gap.start, gap.end, gap.end - gap.start, "no watch was running")
        for gap in snapshot.gaps
        if gap.end > since
    ]
    for episode in snapshot.episodes:
        if episode.subject.startswith(SOURCE) and (episode.end or now) > since:
            name = episode.subject.removeprefix(SOURCE)
            cause = pens.found(f"{name} out of reach: {episode.reason}")
            spots.append(BlindSpot(episode.start, episode.end, episode.lasted(now), cause))
    spots.sort(key=lambda spot: spot.start)
    return _longest(spots)


def _longest(spots: Sequence[BlindSpot]) -> Listing[BlindSpot]:
    kept = sorted(sorted(spots, key=lambda spot: -spot.lasted)[:BOUND], key=lambda s: s.start)
    return Listing(tuple(kept), len(spots) - len(kept), "shorter")


def coverage(snapshot: Snapshot) -> Coverage | None:
    """How much of the time since the launch was watched; None before it."""
    if snapshot.elapsed <= 0:
        return None
    outages = [e for e in snapshot.episodes if e.subject.startswith(SOURCE)]
    known = {e.subject.removeprefix(SOURCE) for e in outages}
    never = tuple(
        source.name
        for source in snapshot.sources
        if source.down_since is not None
        and source.name in snapshot.plan.sources
        and source.name not in known
    )
    gaps = [(gap.start, gap.end) for gap in snapshot.gaps]
    blind = [(e.start, snapshot.at if e.end is None else e.end) for e in outages]
    return Coverage(_share(snapshot, gaps), _share(snapshot, gaps + blind), never)


def _share(snapshot: Snapshot, blind: Iterable[tuple[float, float]]) -> float:
    """Per cent of the time since the launch that lies outside these stretches."""
    return 100 * (1 - covered(blind, snapshot.launch, snapshot.at) / snapshot.elapsed)


def covered(stretches: Iterable[tuple[float, float]], since: float, until: float) -> float:
    """Seconds from `since` to `until` that lie in one of these, overlaps counted once."""
    total, seen_until = 0.0, since
    for start, end in sorted(stretches):
        start, end = max(start, seen_until), min(end, until)  # noqa: PLW2901
        if end > start:
            total += end - start
            seen_until = end
    return total
