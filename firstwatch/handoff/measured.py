"""What is measured: checks, key figures, the ledger, what is out of reach, and whom to ask."""

from collections.abc import Iterable, Sequence

from firstwatch.flow import LEDGER, UNRECEIVED, counted_since
from firstwatch.handoff.brief import (
    CheckLine,
    ContactLine,
    Joint,
    Listing,
    Lost,
    SourceLine,
)
from firstwatch.handoff.listing import first
from firstwatch.handoff.pens import Pens
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_value
from firstwatch.unseen import covered, gaps, outages, stretches
from firstwatch.verdict import Level


def check_line(state: CheckState, now: float, pens: Pens) -> CheckLine:
    """One check as it stands."""
    check, verdict = state.check, state.verdict
    value = "" if state.value is None else format_value(state.value, check.unit)
    if value and verdict.level is Level.UNKNOWN:
        value = f"last {value}"
    return CheckLine(
        check=check.id,
        title=check.title,
        value=value,
        verdict=verdict.level,
        age=state.age(now),
        reason=pens.found(verdict.reason),
        hint=pens.own(check.hint),
    )


def sources(snapshot: Snapshot, pens: Pens) -> Listing[SourceLine]:
    """What is out of reach."""
    down = [
        SourceLine(source.name, source.kind, source.down_since, pens.found(source.reason))
        for source in snapshot.sources
        if source.down_since is not None
    ]
    return first(down, "further down the plan")


def ledger(snapshot: Snapshot, pens: Pens) -> tuple[Joint, ...]:
    """The joints, the one before the first of them included."""
    found: list[Joint] = []
    before, joints = snapshot.check(UNRECEIVED), snapshot.check(LEDGER)
    if before and before.reading:
        told = f"leak {before.reading.value:g} · {before.reading.note}"
        found.append(
            Joint(pens.own(before.check.title, 80), before.reading.value, pens.found(told))
        )
    if joints and joints.reading:
        rows = joints.reading.rows
        found += [Joint(pens.found(row.label, 80), row.value, pens.found(row.note)) for row in rows]
        if not rows:
            value = joints.reading.value
            told = f"leak {value:g}; at which joint only the board knows"
            found.append(Joint(pens.own(joints.check.title, 80), value, told))
    return tuple(found)


def lost(snapshot: Snapshot, joints: Sequence[Joint]) -> Lost:
    """What was lost; where it is not known, or not counted any more, it says so."""
    now, since = snapshot.at, snapshot.launch
    leaks = [joint for joint in joints if joint.leak > 0]
    return Lost(
        messages=sum(joint.leak for joint in leaks),
        since=counted_since(snapshot),
        where=tuple(j.name if len(leaks) == 1 else f"{j.name} ({j.leak:g})" for j in leaks),
        unknown=tuple(_unread(snapshot)),
        unwatched=covered(gaps(snapshot), since, now),
        unreachable=covered(stretches(outages(snapshot), now), since, now),
    )


def _unread(snapshot: Snapshot) -> Iterable[str]:
    """Why the ledger says nothing of just now."""
    if snapshot.check(LEDGER) is None:
        yield "the plan has no ledger"
    for name in (UNRECEIVED, LEDGER):
        state = snapshot.check(name)
        if state and not state.reading:
            yield f"{state.check.title} was never read"
        elif state and state.verdict.level is Level.UNKNOWN:
            yield f"{state.check.title} is not known just now"


def contacts(snapshot: Snapshot, pens: Pens) -> Listing[ContactLine]:
    """Whom or what to turn to for what fails."""
    failing = {
        state.check.id: state.check.title
        for state in snapshot.checks
        if state.verdict.level.is_trouble or state.verdict.level is Level.OFF_TARGET
    }
    found = []
    for contact in snapshot.plan.contacts:
        titles = tuple(failing[check] for check in contact.checks if check in failing)
        if titles:
            found.append(ContactLine(pens.own(contact.title), pens.own(contact.hint), titles))
    return first(found, "further down the plan")
