"""From a snapshot to a handoff: pure, so that screen, command line and tests get the same one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from firstwatch.acts import Note
from firstwatch.episodes import Episode
from firstwatch.handoff.brief import (
    BOUND,
    OPEN_BOUND,
    BlindSpot,
    CheckLine,
    ContactLine,
    Coverage,
    Facts,
    Handoff,
    Joint,
    Listing,
    NearMiss,
    NoteLine,
    RollbackLine,
    RoundLine,
    Rounds,
    SourceLine,
    Trouble,
)
from firstwatch.handoff.masking import masked
from firstwatch.journal.records import Extent
from firstwatch.plan import Check, Direction
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_clock, format_value
from firstwatch.verdict import Level

NEAR = 80.0
"""Per cent of its warning from which a value counts as a near miss."""
WATCH = "watch"
"""The name under which a watch that does not run is out of reach."""
SOURCE = "source:"
"""Marks the subject of an episode as a source."""
LEDGER = "ledger"
"""The check whose parts are the joints of the ledger."""
BEFORE_LEDGER = "unreceived"
"""The check whose value is what was lost before the first of them."""

_UNSIGNED = (RoundStatus.OPEN, RoundStatus.DUE, RoundStatus.LATE)
_ALARMS = (Level.WARNING, Level.CRITICAL)
_LEFT_OUT = (
    "phone numbers, except their last two digits",
    "log lines, identifiers and the parts a value is made of: see the board",
    "who has acknowledged an episode: not recorded yet",
)

T = TypeVar("T")


def summary(snapshot: Snapshot, facts: Facts | None = None) -> Handoff:
    """The handoff of this moment."""
    facts = facts or Facts()
    plan, now = snapshot.plan, snapshot.at
    rounds = _rounds(snapshot.rounds)
    episodes = [_trouble(snapshot, episode, facts) for episode in snapshot.episodes]
    measured = [state for state in snapshot.checks if not state.check.is_manual]
    manual = [_line(state, now) for state in snapshot.checks if state.check.is_manual]
    sources = [
        SourceLine(source.name, source.kind, source.down_since, masked(source.reason))
        for source in snapshot.sources
        if source.down_since is not None
    ]
    notes = [
        NoteLine(record.at, masked(record.who), masked(record.act.text))
        for record in snapshot.affairs.notes
        if isinstance(record.act, Note)
    ]
    until = snapshot.launch + plan.rollback.window
    near = None if facts.extents is None else _near_misses(snapshot, facts.extents)
    unread = ("near misses: the journal was not read",) if near is None else ()
    return Handoff(
        watch=masked(plan.watch.name, 80),
        at=now,
        launch=snapshot.launch,
        zone=plan.watch.timezone,
        operator=masked(snapshot.operator, 80),
        state=_state(snapshot, measured, rounds, sources),
        phase=snapshot.phase,
        elapsed=snapshot.elapsed,
        coverage=_coverage(snapshot),
        blind=_longest(_blind_spots(snapshot)),
        rounds=rounds,
        open=_first([e for e in episodes if e.end is None], "newer", OPEN_BOUND),
        closed=_last([e for e in episodes if e.end is not None], "earlier"),
        near=near,
        figures=tuple(_line(state, now) for state in measured if state.check.always),
        checks=tuple(_line(state, now) for state in measured),
        ledger=_ledger(snapshot),
        manual=_first(manual, "further down the plan"),
        notes=_last(notes, "earlier"),
        sources=_first(sources, "further down the plan"),
        contacts=_first(list(_contacts(snapshot)), "further down the plan"),
        rollback=RollbackLine(until, now < until, len(plan.rollback.steps)),
        left_out=_LEFT_OUT + unread,
    )


def _state(
    snapshot: Snapshot,
    measured: Sequence[CheckState],
    rounds: Rounds,
    sources: Sequence[SourceLine],
) -> str:
    """One line of counts. What is not counted as bad is not thereby called good."""
    counts = {
        level: sum((state.before or state.verdict.level) is level for state in measured)
        for level in sorted(Level, key=lambda level: -level.severity)
    }
    shown = [f"{count} {level}" for level, count in counts.items() if count]
    parts = [f"{', '.join(shown) or 'none'} of {len(measured)} measured checks"]
    if any(state.before for state in measured):
        since = min(source.since for source in sources if source.name == WATCH)
        parts[0] = f"no watch is running since {format_clock(since)}; when last seen {parts[0]}"
    waiting = sum(
        state.check.is_manual and state.verdict.level is Level.PENDING for state in snapshot.checks
    )
    if waiting:
        parts.append(f"{waiting} manual waiting for a person")
    parts += [f"round {line.number} {line.status.value}, not signed" for line in rounds.unsigned]
    if rounds.missed:
        parts.append(f"{len(rounds.missed)} of {rounds.total} rounds missed")
    if sources:
        parts.append(f"out of reach: {', '.join(source.name for source in sources)}")
    if snapshot.stalled:
        parts.append("the watch itself is held up")
    return "; ".join(parts)


def _rounds(states: Sequence[RoundState]) -> Rounds:
    lines = [
        RoundLine(
            number=state.round.number,
            status=state.status,
            phase=state.round.phase,
            due=state.round.due,
            at=state.signed_at,
            who=masked(state.signed_by, 80),
        )
        for state in states
    ]

    def having(*statuses: RoundStatus) -> tuple[RoundLine, ...]:
        return tuple(line for line in lines if line.status in statuses)

    return Rounds(
        total=len(lines),
        signed=having(RoundStatus.SIGNED),
        unsigned=having(*_UNSIGNED),
        missed=having(RoundStatus.MISSED),
        next=next(iter(having(RoundStatus.UPCOMING)), None),
    )


def _blind_spots(snapshot: Snapshot) -> list[BlindSpot]:
    """Gaps of the watch and outages of its sources since the launch, oldest first."""
    now = snapshot.at
    spots = [
        BlindSpot(gap.start, gap.end, gap.end - gap.start, "no watch was running")
        for gap in snapshot.gaps
    ]
    for episode in snapshot.episodes:
        if episode.subject.startswith(SOURCE) and (episode.end or now) > snapshot.launch:
            name = episode.subject.removeprefix(SOURCE)
            cause = masked(f"{name} out of reach: {episode.reason}")
            spots.append(BlindSpot(episode.start, episode.end, episode.lasted(now), cause))
    return sorted(spots, key=lambda spot: spot.start)


def _coverage(snapshot: Snapshot) -> Coverage | None:
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
    lost, seen_until = 0.0, snapshot.launch
    for start, end in sorted(blind):
        start, end = max(start, seen_until), min(end, snapshot.at)  # noqa: PLW2901
        if end > start:
            lost += end - start
            seen_until = end
    return 100 * (1 - lost / snapshot.elapsed)


def _trouble(snapshot: Snapshot, episode: Episode, facts: Facts) -> Trouble:
    check = snapshot.plan.checks.get(episode.subject)
    state = snapshot.check(episode.subject)
    value = None if episode.worst is Level.UNKNOWN else episode.worst_value
    span = facts.spans.get((episode.subject, episode.start))
    if check and span and episode.worst in _ALARMS:
        bands = check.bands
        grows_worse = (
            bands.bad is Direction.ABOVE and (bands.warning, bands.critical) != (None,) * 2
        )
        value = span[1] if grows_worse else span[0]
    return Trouble(
        subject=episode.subject,
        title=check.title if check else episode.subject.replace(SOURCE, "source ", 1),
        worst=episode.worst,
        start=episode.start,
        end=episode.end,
        lasted=episode.lasted(snapshot.at),
        worst_value="" if value is None else format_value(value, check.unit if check else ""),
        reason=masked(state.verdict.reason if state and episode.is_open else episode.reason),
        hint=masked(check.hint) if check and episode.is_open else "",
    )


def _near_misses(snapshot: Snapshot, extents: Mapping[str, Extent]) -> Listing[NearMiss]:
    flipped = {e.subject for e in snapshot.episodes if e.worst in _ALARMS}
    misses = []
    for state in snapshot.checks:
        check = state.check
        extent = extents.get(check.id)
        if extent and check.id not in flipped and state.verdict.level not in _ALARMS:
            miss = _near_miss(check, extent)
            if miss and miss.percent >= NEAR:
                misses.append(miss)
    misses.sort(key=lambda miss: -miss.percent)
    return _first(misses, "farther from their warning")


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


def _line(state: CheckState, now: float) -> CheckLine:
    check, verdict = state.check, state.verdict
    value = ""
    if state.reading and not state.is_empty:
        value = format_value(state.reading.value, check.unit)
    if value and verdict.level is Level.UNKNOWN:
        value = f"last {value}"
    return CheckLine(
        check=check.id,
        title=check.title,
        value=value,
        verdict=verdict.level,
        age=state.age(now),
        reason=masked(verdict.reason),
        hint=masked(check.hint),
    )


def _ledger(snapshot: Snapshot) -> tuple[Joint, ...]:
    found: list[Joint] = []
    first, ledger = snapshot.check(BEFORE_LEDGER), snapshot.check(LEDGER)
    if first and first.reading:
        told = f"leak {first.reading.value:g} · {first.reading.note}"
        found.append(Joint(masked(first.check.title, 80), first.reading.value, masked(told)))
    if ledger and ledger.reading:
        rows = ledger.reading.rows
        found += [Joint(masked(row.label, 80), row.value, masked(row.note)) for row in rows]
    return tuple(found)


def _contacts(snapshot: Snapshot) -> Iterable[ContactLine]:
    failing = {
        state.check.id: state.check.title
        for state in snapshot.checks
        if state.verdict.level.is_trouble or state.verdict.level is Level.OFF_TARGET
    }
    for contact in snapshot.plan.contacts:
        titles = tuple(failing[check] for check in contact.checks if check in failing)
        if titles:
            yield ContactLine(masked(contact.title), masked(contact.hint), titles)


def _first(entries: Sequence[T], which: str, bound: int = BOUND) -> Listing[T]:
    return Listing(tuple(entries[:bound]), max(len(entries) - bound, 0), which)


def _last(entries: Sequence[T], which: str) -> Listing[T]:
    return Listing(tuple(entries[-BOUND:]), max(len(entries) - BOUND, 0), which)


def _longest(spots: Sequence[BlindSpot]) -> Listing[BlindSpot]:
    kept = sorted(sorted(spots, key=lambda spot: -spot.lasted)[:BOUND], key=lambda s: s.start)
    return Listing(tuple(kept), len(spots) - len(kept), "shorter")
