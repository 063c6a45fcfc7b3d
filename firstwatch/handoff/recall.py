"""A snapshot out of the journal alone, for when no board is open or no watch runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from firstwatch.affairs import affairs, extensions, signed
from firstwatch.episodes import SOURCE, Flip, fold
from firstwatch.errors import JournalError
from firstwatch.handoff.brief import OPEN_BOUND, Facts
from firstwatch.handoff.episodes import gravest
from firstwatch.handoff.worst import Span
from firstwatch.journal.records import BEAT, Extent, Store, Told
from firstwatch.plan import Check, Plan
from firstwatch.readings import Reading
from firstwatch.rounds import schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.units import DURATIONS, format_clock
from firstwatch.verdict import Level, Verdict

ALIVE = 2 * BEAT
"""Seconds of the watch without a row in the journal after which no watch is taken to run."""
NO_WATCH = "no watch running"
"""Why the watch itself is out of reach where nothing is written any more."""
LATER = "records up to"
"""How the reason begins where what is written is of what is yet to come."""


def later_than(seen: float, now: float, scale: float) -> str:
    """What to say of a journal that knows of what is yet to come; empty where it does not."""
    if seen - now <= ALIVE * scale:
        return ""
    days = "%Y-%m-%d " if abs(seen - now) >= DURATIONS["d"] else ""
    until, clock = (f"{datetime.fromtimestamp(at, UTC):{days}%H:%M}" for at in (seen, now))
    return f"{LATER} {until} lie later than this clock's {clock}"


@dataclass(frozen=True, slots=True)
class _Silence:
    """Why nothing that is recorded speaks for now."""

    since: float
    why: str
    """In words, as a reason of a source."""

    def __str__(self) -> str:
        return f"{self.why} since {format_clock(self.since)}" if self.why == NO_WATCH else self.why


def facts(journal: Store, launch: float, now: float, *, since: float | None = None) -> Facts:
    """What the journal adds to a snapshot. Reads every reading since the launch: up to a second.

    Extents begin at `since`, where a shift is told.
    """
    start, flips = launch if since is None else max(since, launch), journal.flips()
    return Facts(journal.extents(start, now), _spans(journal, flips, start, now), flips=flips)


def _spans(
    journal: Store, flips: Sequence[Flip], since: float, now: float
) -> dict[tuple[str, float], Span]:
    """How far the values went in each episode that a handoff tells of."""
    episodes = fold(flips)
    told = [e for e in episodes if e.is_open][:OPEN_BOUND]
    told += gravest(episodes, since)
    spans = {}
    for episode in told:
        until = (now if episode.end is None else episode.end) + BEAT
        span = Span.of(journal.values(episode.subject, episode.start, until))
        if span is not None:
            spans[episode.subject, episode.start] = span
    return spans


def from_journal(
    journal: Told, plan: Plan, now: float, *, scale: float = 1.0, as_last_seen: bool = False
) -> Snapshot:
    """The watch as its journal tells it; `scale` is that of the clock that wrote it.

    While a watch writes, verdicts are its last flips as long as the readings are fresh. When
    none runs they are unknown, whatever they were; `as_last_seen` tells them all the same, for
    a `now` at which one still ran. Raises JournalError before the launch is stamped.
    """
    launch = journal.launch
    if launch is None:
        raise JournalError("no launch is stamped yet, so there is nothing to hand off")
    runs = journal.runs()
    seen = journal.last_moment or launch
    is_over = not runs or runs[-1].ended is not None or now - seen > ALIVE * scale
    silence = None
    if not as_last_seen and (later := later_than(seen, now, scale)):
        silence = _Silence(now, later)
    elif not as_last_seen and is_over:
        silence = _Silence(seen, NO_WATCH)
    flips, acts = journal.flips(), journal.acts()
    episodes = fold(flips)
    rounds = states(schedule(plan, launch, extensions(acts)), now, signed(acts))
    people = affairs(
        acts,
        plan,
        flips,
        episodes,
        rounds,
        operator=next((run.operator for run in runs if run.operator), ""),
        now=now,
        head=journal.head,
    )
    last = {flip.subject: flip for flip in flips}
    extents = journal.extents(launch, now)
    gaps = journal.gaps()
    if silence is not None and now > max(silence.since, launch):
        gaps = (*gaps, Gap(max(silence.since, launch), now))
    read = [
        _state(check, last.get(name), extents.get(name), now, silence, scale)
        for name, check in plan.checks.items()
        if check.enabled
    ]
    return Snapshot(
        at=now,
        launch=launch,
        plan=plan,
        checks=tuple(state for state in read if not state.check.hidden),
        hidden=tuple(state for state in read if state.check.hidden),
        sources=_sources(plan, last, silence),
        rounds=rounds,
        episodes=episodes,
        flips=flips,
        gaps=gaps,
        operator=people.holder,
        affairs=people,
    )


def _state(
    check: Check,
    flip: Flip | None,
    extent: Extent | None,
    now: float,
    silence: _Silence | None,
    scale: float,
) -> CheckState:
    fresh_for = max(2 * check.every, check.every + check.deadline * scale)
    reading = Reading(extent.last_at, extent.last) if extent else None
    if check.is_manual:
        verdict = Verdict(Level.PENDING, "a person's turn", now)
    else:
        verdict = _verdict(flip, reading, now, silence, fresh_for)
    before = flip.new if flip and silence is not None else None
    return CheckState(check, verdict, reading, fresh_for=fresh_for, before=before)


def _verdict(
    flip: Flip | None,
    reading: Reading | None,
    now: float,
    silence: _Silence | None,
    fresh_for: float,
) -> Verdict:
    """The last flip where a watch still stands behind it, else unknown and why."""
    was = f"; was {flip.new.value}: {flip.reason}" if flip else ""
    if silence is not None:
        return Verdict(Level.UNKNOWN, f"{silence}{was}", silence.since)
    if flip is None:
        return Verdict(Level.UNKNOWN, "no verdict in the journal yet", now)
    # Silence that a witness vouches for brings no value; while a watch runs it is what it says.
    has_value = not flip.new.is_trouble and flip.new is not Level.IDLE
    if has_value and (reading is None or now - reading.at > fresh_for):
        seen = f"last reading {format_clock(reading.at)}" if reading else "no reading"
        return Verdict(Level.UNKNOWN, f"{seen}{was}", flip.at)
    # The reason belongs to the value of back then, not to the one that stands beside it.
    reason = f"at {format_clock(flip.at)}: {flip.reason}" if flip.new.is_trouble else ""
    return Verdict(flip.new, reason, flip.at, flip.blocked_by)


def _sources(
    plan: Plan, last: dict[str, Flip], silence: _Silence | None
) -> tuple[SourceState, ...]:
    found = []
    for name, source in plan.sources.items():
        flip = last.get(f"{SOURCE}{name}")
        down = flip is not None and flip.new.is_trouble
        found.append(
            SourceState(name, source.kind, flip.at, flip.reason)
            if flip and down
            else SourceState(name, source.kind)
        )
    if silence is not None:
        found.append(SourceState("watch", "firstwatch", silence.since, silence.why))
    return tuple(found)
