"""The desk: what a person wants to have recorded becomes an act, or is refused with a reason."""

import math
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
)
from firstwatch.affairs import RollbackRun
from firstwatch.card import Signing, sign_off
from firstwatch.errors import Refused
from firstwatch.rollback import begun, current, price, verified
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from firstwatch.units import format_clock

WATCH = "firstwatch"
"""Under whose name the watch records what it did by itself."""
LONGEST = 2000
"""The most characters of anything a person writes."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The wish to acknowledge the open episode of a subject."""

    subject: str
    """A check's id, or a source's name after "source:"."""
    why: str
    recheck: float | None = None
    """When to ask again, seconds since the epoch; None after as long as the plan says."""


Request = (
    Signing
    | Acknowledge
    | Note
    | Promise
    | Kept
    | Cadence
    | RollbackOpened
    | RollbackStep
    | RollbackClosed
    | HandedOver
    | TakenOver
    | Escalated
)
"""What may be asked for."""


def act_of(snapshot: Snapshot, request: Request) -> tuple[str, Act]:
    """Under whose name what is recorded, as things stand. Raises Refused."""
    affairs = snapshot.affairs
    match request:
        case Signing():
            act: Act = sign_off(snapshot, request)
        case Acknowledge():
            act = _acknowledgement(snapshot, request)
        case Promise():
            act = _promise(snapshot, request)
        case Kept():
            _must(
                any(promise.id == request.promise for promise in affairs.promises),
                "that promise is not open any more",
            )
            act = request
        case Cadence():
            question = affairs.question
            _must(
                question is not None and question.phase == request.phase,
                f"nobody asks about the cadence of {request.phase} any more",
            )
            act = request
        case Note():
            act = _worded(request, "text", "a note needs words")
        case HandedOver():
            return affairs.holder, _offer(snapshot, request)
        case Escalated():
            return WATCH, request
        case TakenOver():
            _must(request.by == affairs.pending, f"{request.by} was not offered the watch")
            return request.by, request
        case _:
            act = _rollback(snapshot, request)
    return affairs.who, _harmless(act)


def _must(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like a sentence
    if not is_so:
        raise Refused(otherwise)


def _worded(act: Act, key: str, otherwise: str) -> Act:
    """The act, which must have words in that field."""
    _must(bool(clean(getattr(act, key))), otherwise)
    return act


def _harmless(act: Act) -> Act:
    """The act with what people typed made harmless."""
    if isinstance(act, SignOff):
        items = tuple(
            item.model_copy(update={"note": clean(item.note, LONGEST)}) for item in act.items
        )
        act = act.model_copy(update={"items": items})
    if isinstance(act, Escalated | Carried):
        return act
    written = {
        name: clean(value, LONGEST)
        for name in ("text", "note", "why", "reason", "to")
        if isinstance(value := getattr(act, name, None), str)
    }
    return act.model_copy(update=written)


def _acknowledgement(snapshot: Snapshot, request: Acknowledge) -> Act:
    episode = next(
        (e for e in snapshot.episodes if e.is_open and e.subject == request.subject), None
    )
    if episode is None:
        raise Refused("there is no trouble any more to acknowledge")
    state = snapshot.check(request.subject)
    recheck = snapshot.at + snapshot.plan.watch.ask_again
    if request.recheck is not None:
        recheck = request.recheck
    _must(math.isfinite(recheck) and recheck > snapshot.at, "that time has passed already")
    act = Acknowledgement(
        subject=request.subject,
        start=episode.start,
        level=state.verdict.level if state else episode.worst,
        flips=episode.flips,
        why=request.why,
        recheck=recheck,
    )
    return _worded(act, "why", "say why it may wait, or who is at it")


def _promise(snapshot: Snapshot, promise: Promise) -> Act:
    _must(
        math.isfinite(promise.due) and promise.due > snapshot.at,
        "that time has passed already",
    )
    return _worded(promise, "text", "say what is to be done then")


def _offer(snapshot: Snapshot, offer: HandedOver) -> Act:
    holder = snapshot.affairs.holder
    to = clean(offer.to, 80)
    _must(to.casefold() != holder.casefold(), f"{holder} has the watch already")
    _must(bool(to or snapshot.affairs.pending), "nobody was offered the watch")
    return offer.model_copy(update={"to": to, "note": clean(offer.note, LONGEST)})


def _rollback(snapshot: Snapshot, act: RollbackOpened | RollbackStep | RollbackClosed) -> Act:
    run = snapshot.affairs.rollback
    if isinstance(act, RollbackOpened):
        until = snapshot.launch + snapshot.plan.rollback.window
        _must(run is None, "a run of the rollback is under way already")
        _must(
            act.is_drill or snapshot.at < until,
            f"the window of the rollback closed at {format_clock(until)}",
        )
        act = act.model_copy(update={"price": tuple(line.told for line in price(snapshot))})
        return _worded(act, "reason", "a rollback needs a reason")
    if run is None:
        raise Refused("no run of the rollback is under way")
    return _step(snapshot, run, act) if isinstance(act, RollbackStep) else _end(snapshot, run, act)


def _step(snapshot: Snapshot, run: RollbackRun, act: RollbackStep) -> Act:
    """The step with what the watch sees of it, in the watch's own words."""
    steps, before = snapshot.plan.rollback.steps, act.step - 1
    _must(0 <= before < len(steps), f"there is no step {act.step}")
    _must(
        before == 0 or run.step(before) is not None,
        f"step {before} comes first: do it, or pass over it with a reason",
    )
    _must(act.is_done or bool(clean(act.note)), "say why this step is passed over")
    seen = verified(steps[before], snapshot, begun(run, act.step))
    told = seen.told if act.is_done and seen.is_seen else ""
    return act.model_copy(update={"title": steps[before].title, "verified": told})


def _end(snapshot: Snapshot, run: RollbackRun, act: RollbackClosed) -> Act:
    if act.is_called_off:
        return _worded(act, "note", "say why it is called off")
    step = current(run, snapshot.plan)
    _must(not step or bool(clean(act.note)), f"say why it ends without step {step}")
    return act
