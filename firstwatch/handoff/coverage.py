"""What was not seen: gaps of the watch, outages of its sources, and how much that leaves."""

from collections.abc import Iterable, Iterator, Sequence

from firstwatch.episodes import SOURCE
from firstwatch.handoff.brief import BOUND, BlindSpot, Coverage, Listing
from firstwatch.handoff.pens import Pens
from firstwatch.snapshot import Snapshot
from firstwatch.unseen import covered, gaps, never_reached, outages, stretches


def blind_spots(snapshot: Snapshot, pens: Pens, since: float) -> Listing[BlindSpot]:
    """The longest of those that reach beyond `since`, oldest first."""
    now = snapshot.at
    spots = [
        BlindSpot(gap.start, gap.end, gap.end - gap.start, "no watch was running")
        for gap in snapshot.gaps
        if gap.end > since
    ]
    for episode in outages(snapshot):
        if (episode.end or now) > since:
            name = episode.subject.removeprefix(SOURCE)
            cause = pens.found(f"{name} out of reach: {episode.reason}")
            spots.append(BlindSpot(episode.start, episode.end, episode.lasted(now), cause))
    spots += _never(snapshot, pens)
    spots.sort(key=lambda spot: spot.start)
    return _longest(spots)


def _never(snapshot: Snapshot, pens: Pens) -> Iterator[BlindSpot]:
    """Sources that never answered: no episode tells of them, and none of them was ever seen."""
    if snapshot.elapsed <= 0:
        return
    names = never_reached(snapshot)
    for source in snapshot.sources:
        if source.name in names:
            cause = pens.found(f"{source.name} never in reach: {source.reason}")
            yield BlindSpot(snapshot.launch, None, snapshot.elapsed, cause)


def _longest(spots: Sequence[BlindSpot]) -> Listing[BlindSpot]:
    kept = sorted(sorted(spots, key=lambda spot: -spot.lasted)[:BOUND], key=lambda s: s.start)
    return Listing(tuple(kept), len(spots) - len(kept), "shorter")


def coverage(snapshot: Snapshot) -> Coverage | None:
    """How much of the time since the launch was watched; None before it."""
    if snapshot.elapsed <= 0:
        return None
    lost = gaps(snapshot)
    blind = lost + stretches(outages(snapshot), snapshot.at)
    return Coverage(_share(snapshot, lost), _share(snapshot, blind), never_reached(snapshot))


def _share(snapshot: Snapshot, blind: Iterable[tuple[float, float]]) -> float:
    """Per cent of the time since the launch that lies outside these stretches."""
    return 100 * (1 - covered(blind, snapshot.launch, snapshot.at) / snapshot.elapsed)
