"""What may be signed at this moment, and what a record of it is called."""

from firstwatch.acts import ROUND, Note, Record, SignOff
from firstwatch.card import OPEN, timing
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_duration
from tui.renderables.ages import clock_time
from tui.renderables.lines import Line, Role
from tui.scene import Scene


def about(number: int) -> str:
    """What a note on that round is about."""
    return f"{ROUND}{number}"


def signable(scene: Scene) -> RoundState | None:
    """The round that may be signed now; none while nothing is measured."""
    due = scene.snapshot.due
    return due if due is not None and due.status in OPEN and not scene.silent else None


def unexplained(snapshot: Snapshot) -> tuple[RoundState, ...]:
    """The rounds that were missed and of which nobody has said why, the last one first."""
    told = {note.act.about for note in snapshot.affairs.notes if isinstance(note.act, Note)}
    return tuple(
        state
        for state in reversed(snapshot.rounds)
        if state.status is RoundStatus.MISSED and about(state.round.number) not in told
    )


def sign_call(scene: Scene) -> Line:
    """What the key to sign is called while a round is owed; empty while none is."""
    due = scene.snapshot.due
    if due is None or due.status not in (RoundStatus.DUE, RoundStatus.LATE):
        return ()
    role = Role.WARNING if due.status is RoundStatus.LATE else Role.STRONG
    return ((f" sign: round {due.round.name} is {due.status}", role),)


def nothing_to_sign(scene: Scene) -> str:
    """Why there is nothing to sign, and when there will be; or that there is something by now."""
    if scene.silent:
        return "nothing can be signed: the engine is silent"
    due = scene.snapshot.due
    if due is None:
        return "nothing to sign: all rounds are over"
    round_ = due.round
    if due.status in OPEN:
        return f"round {round_.name} is {due.status} by now: escape, then s"
    opens, until = clock_time(round_.opens), format_duration(round_.opens - scene.now)
    return f"nothing to sign: round {round_.name} opens at {opens} UTC, in {until}"


def recorded(record: Record, snapshot: Snapshot) -> str:
    """What to say of a record just made: "round 7 signed, on time, took 41s"."""
    act = record.act
    if not isinstance(act, SignOff):
        return "noted"
    took = format_duration(record.at - act.opened)
    told = f"round {act.name} signed, {timing(act, record.at)}, took {took}"
    missed = len(unexplained(snapshot))
    if not missed:
        return told
    rounds = "a missed round is" if missed == 1 else f"{missed} missed rounds are"
    return f"{told}\n{rounds} not explained: s"
