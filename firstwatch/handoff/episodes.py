"""Trouble as a handoff tells it: open with who has it, over, and nearly."""

from collections.abc import Mapping, Sequence

from firstwatch.episodes import SOURCE, Episode
from firstwatch.handoff.brief import BOUND, OPEN_BOUND, Facts, Listing, NearMiss, Trouble
from firstwatch.handoff.listing import first, told
from firstwatch.handoff.owners import Owner, owners
from firstwatch.handoff.pens import Pens
from firstwatch.handoff.worst import worst_of
from firstwatch.journal.records import Extent
from firstwatch.plan import Check, Direction
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_value
from firstwatch.verdict import ALARMS, Level

NEAR = 80.0
"""Per cent of its warning from which a value counts as a near miss."""


def open_troubles(snapshot: Snapshot, facts: Facts, pens: Pens) -> Listing[Trouble]:
    """What lasts: the worst first, those that nobody has before others."""
    known = owners(snapshot)
    found = [
        _trouble(snapshot, e, facts, pens, known.get((e.subject, e.start)))
        for e in snapshot.episodes
        if e.is_open
    ]
    found.sort(key=lambda one: (-one.level.severity, one.is_owned, -one.worst.severity, one.start))
    return first(found, "less bad", OPEN_BOUND)


def closed_troubles(snapshot: Snapshot, facts: Facts, pens: Pens, since: float) -> Listing[Trouble]:
    """What ended after `since`: the gravest, in their order."""
    kept = gravest(snapshot.episodes, since)
    left_out = len(_over(snapshot.episodes, since)) - len(kept)
    listing = Listing(kept, left_out, "less grave")
    return told(listing, lambda e: _trouble(snapshot, e, facts, pens))


def gravest(episodes: Sequence[Episode], since: float) -> tuple[Episode, ...]:
    """The episodes over since then that are told: the worst of them, the longest of those."""
    over = _over(episodes, since)
    ranked = sorted(over, key=lambda e: (-e.worst.severity, e.start - (e.end or e.start)))
    return tuple(sorted(ranked[:BOUND], key=lambda e: e.end or e.start))


def _over(episodes: Sequence[Episode], since: float) -> list[Episode]:
    return [e for e in episodes if e.end is not None and e.end >= since]


def title_of(snapshot: Snapshot, subject: str) -> str:
    """What to call a check or a source."""
    check = snapshot.plan.checks.get(subject)
    return check.title if check else subject.replace(SOURCE, "source ", 1)


def _trouble(
    snapshot: Snapshot, episode: Episode, facts: Facts, pens: Pens, owner: Owner | None = None
) -> Trouble:
    check = snapshot.plan.checks.get(episode.subject)
    state = snapshot.check(episode.subject) if episode.is_open else None
    worst = worst_of(episode, check, facts.spans.get((episode.subject, episode.start)))
    return Trouble(
        subject=episode.subject,
        title=title_of(snapshot, episode.subject),
        pane=check.pane if check else "",
        worst=episode.worst,
        start=episode.start,
        end=episode.end,
        lasted=episode.lasted(snapshot.at),
        worst_value=worst.value if worst else "",
        worst_at=worst.at if worst else None,
        reason=pens.found(state.verdict.reason if state else episode.reason),
        reason_at=None if episode.is_open else episode.worst_at,
        hint=pens.own(check.hint) if check and episode.is_open else "",
        level=_level(episode, state),
        since=snapshot.bad_since(episode) if episode.is_open else None,
        owner=pens.who(owner.who) if owner else "",
        is_named=bool(owner and owner.is_named),
        owned_since=owner.at if owner else None,
        owned_why=pens.noted(owner.why) if owner else "",
        owned_until=owner.until if owner else None,
        is_asked_again=bool(owner and owner.is_asked_again),
    )


def _level(episode: Episode, state: CheckState | None) -> Level:
    """How bad it is now: never better than trouble while its episode lasts."""
    if state is None:
        return episode.worst
    return state.verdict.level if state.verdict.level.is_trouble else Level.UNKNOWN


def near_misses(
    snapshot: Snapshot, extents: Mapping[str, Extent], since: float
) -> Listing[NearMiss]:
    """Values that came close to their warning, of checks that were not in alarm since then."""
    flipped = {
        e.subject
        for e in snapshot.episodes
        if e.worst in ALARMS and (e.end is None or e.end >= since)
    }
    misses = []
    for state in snapshot.checks:
        check = state.check
        extent = extents.get(check.id)
        if extent and check.id not in flipped and state.verdict.level not in ALARMS:
            miss = _near_miss(check, extent)
            if miss and miss.percent >= NEAR:
                misses.append(miss)
    misses.sort(key=lambda miss: -miss.percent)
    return first(misses, "farther from their warning")


def _near_miss(check: Check, extent: Extent) -> NearMiss | None:
    """How near the check came; None where a share of its warning means nothing."""
    warning = check.bands.warning
    if warning is None or warning <= 0:
        return None
    if check.bands.bad is Direction.ABOVE:
        value, at = extent.high, extent.high_at
        percent = 100 * value / warning
    else:
        value, at = extent.low, extent.low_at
        if check.bands.target is not None and value >= check.bands.target:
            # Nothing lies between 100 % and a warning below 99 %: on target is not near.
            return None
        percent = 100 * warning / max(value, warning / 100)
    return NearMiss(check.id, check.title, format_value(value, check.unit), percent, at)
