"""The rollback as the watch sees it: is a step verified, what would be lost, is it still open.

Pure functions of a snapshot. Nothing here goes back to anything: a person does the steps, and
the watch says what it can see of them. What it cannot see just now is never verified.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from firstwatch.acts import RollbackStep
from firstwatch.affairs import RollbackRun, StepDone
from firstwatch.plan import Check, Plan, Step
from firstwatch.readings import Reading
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_clock, format_duration, format_value
from firstwatch.verdict import Level, Verdict

NOT_YET = "not yet"
"""How the words begin for what the watch sees and does not find as it must be."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a step is verified, in words."""

    is_met: bool
    at: float | None
    """When the reading that verifies it was taken; None unless it is met."""
    told: str
    """In words: "…: verified 03:12:40", "not yet: …" or "cannot be verified: …"."""
    is_seen: bool = True
    """False where the watch can see nothing of it, or not just now."""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One thing a restore would lose."""

    title: str
    value: float | None
    """None where it is not known."""
    age: float | None
    """Seconds since it was counted; None where it is not known."""
    told: str
    """In words: "leads since T0 412, 12s ago" or "leads since T0 unknown: …"."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which going back is an option."""

    is_open: bool
    start: float
    """The launch."""
    until: float
    told: str
    """In words: "open until 11:00, 2h 33m left" or "closed since 11:00, 3m ago"."""


def verified(step: Step, snapshot: Snapshot, since: float) -> Verified:
    """Whether a step that was begun at `since` is verified by a reading taken after that."""
    wanted = step.verify
    if wanted is None:
        return Verified(False, None, "the watch cannot see it: a person says so", is_seen=False)
    seen = _look(snapshot, wanted.check)
    if isinstance(seen, str):
        return Verified(False, None, f"cannot be verified: {seen}", is_seen=False)
    at = seen.reading.at
    if at <= since:
        told = f"{NOT_YET}: waiting for a look after {_second(since)}, the last was {_second(at)}"
        return Verified(False, None, told)
    if wanted.number is None:
        is_met = seen.verdict.level is Level.OK
        found = f"{seen.check.title} {seen.verdict.level}, {seen.verdict.reason}"
    else:
        is_met, found = seen.reading.has_value and wanted.holds(seen.reading.value), seen.said
    if is_met:
        return Verified(True, at, f"{found}: verified {_second(at)}")
    return Verified(False, None, f"{NOT_YET}: {found}, {_ago(snapshot.at, at)}")


def current(run: RollbackRun, plan: Plan) -> int:
    """The step (from 1) that is to be done now; 0 once all were done or passed over."""
    numbers = range(1, len(plan.rollback.steps) + 1)
    return next((number for number in numbers if run.step(number) is None), 0)


def begun(run: RollbackRun, number: int) -> float:
    """When a step (from 1) of a run began: when the one before it was left, or with the run."""
    return next((done.at for done in reversed(run.steps) if done.act.step < number), run.at)


def was_verified(act: RollbackStep) -> bool:
    """Whether the watch saw that a step was done when a person said so."""
    return bool(act.verified) and not act.verified.startswith(NOT_YET)


def paused(run: RollbackRun, plan: Plan) -> StepDone | None:
    """The step of a run that shut the ways in: nothing is queued from there on."""
    inlets = {check.inlet for check in plan.checks.values()} - {""}
    for number, step in enumerate(plan.rollback.steps, 1):
        done, wanted = run.step(number), step.verify
        if done is None or not done.act.is_done or wanted is None:
            continue
        if wanted.check in inlets and wanted.holds(0) and not wanted.holds(1):
            return done
    return None


def price(snapshot: Snapshot) -> tuple[PriceLine, ...]:
    """What a restore would lose so far, in the order of the plan."""
    return tuple(_line(snapshot, id_) for id_ in snapshot.plan.rollback.price)


def window(snapshot: Snapshot) -> Window:
    """Whether going back is still an option, and for how long."""
    now, start = snapshot.at, snapshot.launch
    until = start + snapshot.plan.rollback.window
    if now < start:
        return Window(False, start, until, f"opens with the launch at {format_clock(start)}")
    if now < until:
        left = format_duration(until - now)
        return Window(True, start, until, f"open until {format_clock(until)}, {left} left")
    return Window(False, start, until, f"closed since {format_clock(until)}, {_ago(now, until)}")


def _line(snapshot: Snapshot, id_: str) -> PriceLine:
    seen = _look(snapshot, id_)
    if isinstance(seen, str):
        check = snapshot.plan.checks.get(id_)
        title = check.title if check else id_
        return PriceLine(title, None, None, f"{title} unknown: {seen}")
    now, reading = snapshot.at, seen.reading
    said = seen.said
    named = said if said.startswith(seen.check.title) else f"{seen.check.title} {said}"
    told = f"{named}, {_ago(now, reading.at)}"
    value = reading.value if reading.has_value else None
    return PriceLine(seen.check.title, value, max(now - reading.at, 0.0), told)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A check whose reading speaks for this moment."""

    check: Check
    verdict: Verdict
    reading: Reading

    @property
    def said(self) -> str:
        """What was read: the note alone where it begins with the value."""
        note = self.reading.note
        if not self.reading.has_value:
            return f"{self.check.title} without a value" + (f", {note}" if note else "")
        value = format_value(self.reading.value, self.check.unit)
        if note.startswith(f"{value} "):
            return note
        return f"{self.check.title} {value}" + (f", {note}" if note else "")


def _look(snapshot: Snapshot, id_: str) -> _Seen | str:
    """What a check says of this moment, or why it says nothing."""
    state = snapshot.measured(id_)
    if state is None:
        check = snapshot.plan.checks.get(id_)
        is_measured = check is not None and not check.is_manual
        return "no watch measures it now" if is_measured else "nothing in the plan measures it"
    verdict, reading = state.verdict, state.reading
    if verdict.level is Level.UNKNOWN:
        return verdict.reason
    if reading is None:
        return "not measured yet"
    if reading.sample == 0:
        return f"nothing to judge by: {verdict.reason}"
    if snapshot.at - reading.at > state.fresh_for:
        return f"stale, last value {format_value(reading.value, state.check.unit)}"
    return _Seen(state.check, verdict, reading)


def _second(at: float) -> str:
    """A moment as the UTC time of day, to the second: steps of a rollback are close together."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def _ago(now: float, at: float) -> str:
    return f"{format_duration(now - at)} ago"
