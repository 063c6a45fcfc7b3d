"""What people did lately, in words."""

from dataclasses import dataclass

from firstwatch.acts import (
    Acknowledgement,
    Act,
    Cadence,
    Carried,
    Escalated,
    HandedOver,
    Kept,
    Note,
    Promise,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
    round_of,
)
from firstwatch.episodes import SOURCE
from firstwatch.plan import Plan
from firstwatch.rounds import name_of
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from firstwatch.units import format_clock, format_duration
from firstwatch.verdict import Level

LATELY = 50
"""How many of the last acts are told."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of it."""

    at: float
    text: str
    level: Level | None = None
    """What it became, of an acknowledgement that ended by itself."""


def lately(snapshot: Snapshot) -> tuple[Told, ...]:
    """The last acts, and the acknowledgements that ended by themselves; in no order."""
    affairs, plan = snapshot.affairs, snapshot.plan
    promises = {r.id: r.act.text for r in affairs.records if isinstance(r.act, Promise)}
    acts = [
        Told(
            record.at, f"{clean(record.who, 40) or 'nobody'} {_did(record.act, snapshot, promises)}"
        )
        for record in affairs.records[-LATELY:]
    ]
    over = [
        Told(
            ended.at,
            f"acknowledgement of {title_of(plan, ended.subject)} by {clean(ended.who, 40)} "
            f"is over: it became {ended.level}",
            ended.level,
        )
        for ended in affairs.over[-LATELY:]
    ]
    return (*acts, *over)


def title_of(plan: Plan, subject: str) -> str:
    """What people call the subject of an episode or of a note."""
    check = plan.checks.get(subject)
    return clean(check.title if check else subject.removeprefix(SOURCE), 60)


def _did(act: Act, snapshot: Snapshot, promises: dict[int, str]) -> str:
    """What somebody did, as it follows on a name; `promises` are texts by record."""
    plan = snapshot.plan
    match act:
        case SignOff():
            note = f": {clean(act.note, 200)}" if act.note else ""
            return f"signed round {act.name}{'' if act.is_clean else ', not clean'}{note}"
        case Note():
            about = f" on {_subject(act.about, snapshot)}" if act.about else ""
            return f"noted{about}: {clean(act.text, 200)}"
        case Promise():
            return f"promised for {format_clock(act.due)}: {clean(act.text, 200)}"
        case Kept():
            what = clean(promises.get(act.promise, "a promise"), 200)
            note = f", {clean(act.note, 200)}" if act.note else ""
            return f"{'kept' if act.is_done else 'let go'}: {what}{note}"
        case Acknowledgement():
            return f"acknowledged {title_of(plan, act.subject)}: {clean(act.why, 200)}"
        case Cadence():
            return _cadence(act, plan)
        case HandedOver() | TakenOver() | Carried():
            return _handed(act)
        case Escalated():
            name = name_of(act.number, snapshot.rounds)
            what = f"called for somebody at round {name}" if act.step else "sent a ping"
            return f"{what}: {clean(act.outcome, 200)}"
        case _:
            return _rollback(act)


def _subject(about: str, snapshot: Snapshot) -> str:
    number = round_of(about)
    if number is None:
        return title_of(snapshot.plan, about)
    return f"round {name_of(number, snapshot.rounds)}"


def _cadence(act: Cadence, plan: Plan) -> str:
    phase = next((p for p in plan.phases if p.name == act.phase), None)
    every = f" at {format_duration(phase.every)}" if phase and act.is_extended else ""
    reason = f": {clean(act.reason, 200)}" if act.reason else ""
    how = f"stayed{every} after" if act.is_extended else "relaxed the cadence after"
    return f"{how} {clean(act.phase, 40)}{reason}"


def _handed(act: HandedOver | TakenOver | Carried) -> str:
    match act:
        case HandedOver():
            return f"offered the watch to {clean(act.to, 40)}" if act.to else "took the offer back"
        case TakenOver():
            return "took the watch over"
        case Carried():
            return f"went on from the handoff {clean(act.source, 80)}"


def _rollback(act: RollbackOpened | RollbackStep | RollbackClosed) -> str:
    match act:
        case RollbackOpened():
            what = "a drill of the rollback" if act.is_drill else "the rollback"
            return f"opened {what}: {clean(act.reason, 200)}"
        case RollbackStep():
            how = "did" if act.is_done else "passed over"
            return f"{how} step {act.step} of the rollback: {clean(act.title, 80)}"
        case RollbackClosed():
            return "called the rollback off" if act.is_called_off else "ended the rollback"
