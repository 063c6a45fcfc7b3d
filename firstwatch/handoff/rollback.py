"""The way back: how long it is open, what was made of it, and what it would cost by now."""

from collections.abc import Iterable

from firstwatch.affairs import RollbackRun, StepDone
from firstwatch.handoff.brief import RollbackLine, RunLine
from firstwatch.handoff.pens import Pens
from firstwatch.rollback import price
from firstwatch.snapshot import Snapshot

RUNS = 3
"""The most runs, the last ones."""
PRICE = 6
"""The most things that a restore would lose."""


def rollback(snapshot: Snapshot, pens: Pens) -> RollbackLine:
    """The window, the runs and the price."""
    plan = snapshot.plan.rollback
    until = snapshot.launch + plan.window
    runs = snapshot.affairs.rollbacks[-RUNS:]
    is_under_way = snapshot.affairs.rollback is not None
    return RollbackLine(
        until=until,
        is_open=snapshot.at < until,
        steps=len(plan.steps),
        runs=tuple(_run(run, pens) for run in runs),
        price=tuple(_price(snapshot, pens)) if snapshot.at < until or is_under_way else (),
    )


def _price(snapshot: Snapshot, pens: Pens) -> Iterable[str]:
    """What a restore would lose by now."""
    if snapshot.at >= snapshot.launch:
        yield from (pens.found(line.told) for line in price(snapshot)[:PRICE])


def _run(run: RollbackRun, pens: Pens) -> RunLine:
    return RunLine(
        at=run.at,
        who=pens.who(run.who),
        reason=pens.noted(run.reason),
        is_drill=run.is_drill,
        steps=tuple(_step(step, pens) for step in run.steps[-PRICE:]),
        price=tuple(pens.found(line) for line in run.price[:PRICE]),
        closed_at=run.closed_at,
        closed_by=pens.who(run.closed_by),
        is_called_off=run.is_called_off,
        note=pens.noted(run.note),
    )


def _step(step: StepDone, pens: Pens) -> str:
    act = step.act
    left = "done" if act.is_done else "passed over"
    told = [f"{act.step}. {pens.own(act.title, 80)}: {left} by {pens.who(step.who)}"]
    if act.is_done:
        told.append(pens.found(act.verified) if act.verified else "the watch saw nothing of it")
    if act.note:
        told.append(pens.noted(act.note))
    return ", ".join(told)
