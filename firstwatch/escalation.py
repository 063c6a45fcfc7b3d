"""Escalation: calling for somebody while nobody signs, and telling that somebody did."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from firstwatch.acts import Escalated, Record, SignOff
from firstwatch.errors import FirstwatchError
from firstwatch.plan import Escalation
from firstwatch.rounds import Round, RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean

PINGS = 3
"""How often a ping is tried."""
PAUSE = 20.0
"""Real seconds before a ping is tried again."""
PING = 0
"""The step under which a ping that failed is recorded."""


class Courier(Protocol):
    """Carries word to the outside; raises nothing, but says what became of it."""

    async def call(self, facts: Mapping[str, str]) -> str:
        """Run the command with these facts in its environment; empty where that went well."""

    async def ping(self) -> str:
        """Ask for the address of the ping; empty where that went well."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is owed."""

    round: Round
    step: int
    """From 1, by the delays of the plan."""


def call_owed(plan: Escalation, snapshot: Snapshot) -> Call | None:
    """The last call whose time has come for a round nobody signed, unless it was made."""
    for state in snapshot.rounds:
        if state.status not in (RoundStatus.DUE, RoundStatus.LATE):
            continue
        waited = snapshot.at - state.round.due
        step = sum(waited >= delay for delay in plan.after)
        if step > max(_calls_made(snapshot.affairs.records, state.round.number), default=0):
            return Call(state.round, step)
    return None


def _calls_made(records: Iterable[Record], number: int) -> list[int]:
    return [
        record.act.step
        for record in records
        if isinstance(record.act, Escalated) and record.act.number == number
    ]


def facts_of(call: Call, snapshot: Snapshot) -> dict[str, str]:
    """What a command is told of a call."""
    status = next(s.status for s in snapshot.rounds if s.round.number == call.round.number)
    return {
        "FIRSTWATCH_WATCH": snapshot.plan.watch.name,
        "FIRSTWATCH_ROUND": call.round.name,
        "FIRSTWATCH_STATUS": status.value,
        "FIRSTWATCH_DUE": datetime.fromtimestamp(call.round.due, UTC).isoformat(),
        "FIRSTWATCH_MINUTES": str(int((snapshot.at - call.round.due) // 60)),
        "FIRSTWATCH_CALL": str(call.step),
        "FIRSTWATCH_HOLDER": snapshot.affairs.who,
        "FIRSTWATCH_WORST": snapshot.worst.value,
    }


class Escalator:
    """Heeds every snapshot, and has the courier carry what is owed, one errand at a time."""

    def __init__(
        self,
        plan: Escalation,
        courier: Courier,
        record: Callable[[Escalated], object],
        *,
        known: Sequence[Record] = (),
    ) -> None:
        """`known` are the acts that need no ping any more; `record` may raise FirstwatchError."""
        self._plan = plan
        self._courier = courier
        self._record = record
        self._pinged = {record.id for record in known}
        self._called: set[tuple[int, int]] = set()
        self._errand: asyncio.Task[None] | None = None

    def heed(self, snapshot: Snapshot) -> None:
        """See to it that what is owed by now is carried; never waits, never raises."""
        if self._errand is not None and not self._errand.done():
            return
        signed = self._unpinged(snapshot.affairs.records)
        call = call_owed(self._plan, snapshot) if self._plan.command else None
        if signed:
            self._errand = asyncio.create_task(self._ping(signed[-1]))
        elif call and (call.round.number, call.step) not in self._called:
            # A journal that cannot be written must not make it call again and again.
            self._called.add((call.round.number, call.step))
            self._errand = asyncio.create_task(self._call(call, facts_of(call, snapshot)))

    def _unpinged(self, records: Iterable[Record]) -> list[SignOff]:
        """The rounds signed since the last ping, which one ping will do for."""
        new = [record for record in records if record.id not in self._pinged]
        self._pinged.update(record.id for record in new)
        if not self._plan.ping.get_secret_value():
            return []
        return [record.act for record in new if isinstance(record.act, SignOff)]

    async def _call(self, call: Call, facts: Mapping[str, str]) -> None:
        # Called before it is recorded: a watch that is killed in between calls twice, not never.
        outcome = await self._courier.call(facts)
        self._note(Escalated(number=call.round.number, step=call.step, outcome=outcome or "called"))

    async def _ping(self, signed: SignOff) -> None:
        for _ in range(PINGS):
            failed = await self._courier.ping()
            if not failed:
                return
            await asyncio.sleep(PAUSE)
        self._note(Escalated(number=signed.number, step=PING, outcome=f"ping failed: {failed}"))

    def _note(self, act: Escalated) -> None:
        try:
            self._record(act.model_copy(update={"outcome": clean(act.outcome, 200)}))
        except FirstwatchError:
            # The journal cannot be written; the board says so by itself.
            return
