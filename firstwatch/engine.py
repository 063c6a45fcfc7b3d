"""The engine: measures, judges, journals and hands out snapshots.

One task group owns every loop. Each check has a loop of its own that never overlaps itself;
each source bounds how many of its readings are under way at once. Every await on the world
has a deadline, and whatever a probe does (hang, raise, flood) touches its own checks only.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from firstwatch.acts import Record
from firstwatch.affairs import affairs
from firstwatch.clock import Clock
from firstwatch.desk import Request, act_of
from firstwatch.episodes import Flip, fold
from firstwatch.history import History
from firstwatch.journal import BEAT, Store
from firstwatch.judging import (
    Outage,
    Shut,
    Standing,
    Witness,
    is_in_doubt,
    is_too_few,
    judge,
    lacking,
    shut_in,
    take,
    turn,
)
from firstwatch.plan import Check, Plan
from firstwatch.probe import Probe
from firstwatch.readings import Failure, Reading
from firstwatch.recording import Recorder
from firstwatch.sampling import GIVE_UP, Sampler, ignore
from firstwatch.snapshot import CheckState, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict

TURN = 0.5
"""Real seconds between two turns of the engine; no check is measured more often either."""
STALL = 1.5
"""Real seconds without a turn after which what was being sampled is not to be trusted."""
FLIPS_SHOWN = 50
WARM_UP = 120.0
"""Seconds a check may take to its first verdict before being unknown counts as trouble."""
DOUBT = 20.0
"""Seconds after which a reading that is worse than the verdict is taken again."""
RETRY = 5.0
"""Seconds between two tries of a check that has not been measured yet."""

Receive = Callable[[Snapshot], None]


@dataclass(slots=True)
class _Row:
    """What the engine holds of one check."""

    check: Check
    every: float
    fresh_for: float
    history: History
    standing: Standing = field(default_factory=Standing)
    shown: Verdict | None = None
    """The verdict of the last flip."""
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it was measured or failed for the first time."""
    pause: asyncio.Task[None] | None = None
    """The wait for its next turn; cancelled when it should be measured now."""


class Watch:
    """A running watch over one launch."""

    def __init__(
        self,
        plan: Plan,
        probes: Mapping[str, Probe],
        journal: Store,
        clock: Clock,
        *,
        operator: str = "",
        seed: int | None = None,
    ) -> None:
        """`probes` are by source name; `journal` is open, with its launch stamped."""
        self.plan = plan
        self.clock = clock
        self._probes = probes
        self._operator = operator
        self._random = random.Random(seed)
        self._launch = clock.now() if journal.launch is None else journal.launch
        self._recorder = Recorder(journal, plan, self._launch, clock)
        known = self._recorder.baselines
        self._sampler = Sampler(probes, clock, self._launch, known, self._was_held_up)
        self._outages: dict[str, Outage] = {}
        self._subscribers: list[Receive] = []
        self._changed = asyncio.Event()
        self._beat = 0
        self._stalled = 0.0
        self._last_stall = 0.0
        self._last_turn = 0.0
        self._started = self._seen = self._woke = clock.now()
        self._back: dict[str, float] = {}
        self._tried_at: dict[str, float] = {}
        self._retry = max(RETRY, TURN * clock.scale)
        self._rows = {name: self._row(check) for name, check in plan.checks.items()}
        for row in self._rows.values():
            if other := self._rows.get(row.check.compare):
                row.fresh_for = max(row.fresh_for, other.fresh_for)
                row.history = History(max(row.every, other.every))
        self._resume()

    def _row(self, check: Check) -> _Row:
        scale = self.clock.scale
        every = max(check.every, TURN * scale)
        fresh_for = max(2 * every, every + check.deadline * scale)
        return _Row(check, every, fresh_for, History(every))

    def _resume(self) -> None:
        """Take up what an earlier run of this watch left in the journal."""
        for flip in self._recorder.flips:
            row = self._rows.get(flip.subject)
            if row:
                row.shown = Verdict(flip.new, flip.reason, flip.at, flip.blocked_by)
            source = flip.subject.removeprefix("source:")
            if source != flip.subject and source in self._probes:
                self._outages.pop(source, None)
                if flip.new.is_trouble:
                    self._outages[source] = Outage(source, flip.at, flip.reason)
        for row in self._rows.values():
            if row.check.is_manual:
                continue
            since = self._started - row.history.span
            for at, value in self._recorder.values(row.check.id, since, self._started):
                row.history.add(at, value)

    @property
    def launch(self) -> float:
        """T0, seconds since the epoch."""
        return self._launch

    @property
    def flips(self) -> tuple[Flip, ...]:
        """Every flip since the launch, in the order they were recorded."""
        return tuple(self._recorder.flips)

    def do(self, request: Request) -> Record:
        """Have something recorded that a person did. Raises Refused, or JournalError."""
        who, act = act_of(self.snapshot(), request)
        record = self._recorder.act(who, act)
        self._changed.set()
        return record

    def subscribe(self, receive: Receive) -> None:
        """Call `receive` with every snapshot from now on; it must not block."""
        self._subscribers.append(receive)

    async def run(self) -> None:
        """Watch until cancelled."""
        self._last_turn = asyncio.get_running_loop().time()
        self._started = self._seen = self._woke = self.clock.now()
        try:
            async with asyncio.TaskGroup() as group:
                for name, probe in self._probes.items():
                    group.create_task(self._keep_running(probe), name=f"probe {name}")
                for row in self._rows.values():
                    if not row.check.is_manual:
                        group.create_task(self._measure_forever(row), name=f"check {row.check.id}")
                group.create_task(self._turn_forever(), name="turns")
                group.create_task(self._publish_forever(), name="snapshots")
        finally:
            await self._close()

    async def _close(self) -> None:
        self._sampler.abandon()
        closing = [asyncio.create_task(probe.close()) for probe in self._probes.values()]
        for task in closing:
            task.add_done_callback(ignore)
        if closing:
            _, lingering = await asyncio.wait(closing, timeout=GIVE_UP)
            for task in lingering:
                task.cancel()
        self._recorder.end(self.clock.now())

    async def _keep_running(self, probe: Probe) -> None:
        """Run what a probe does between readings; after a crash, again, ever more patiently."""
        pause = 1.0
        while True:
            # A task of its own, so that one that will not end cannot hold up the end.
            task = asyncio.create_task(probe.run())
            task.add_done_callback(ignore)
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                task.cancel()
                await asyncio.wait({task}, timeout=GIVE_UP)
                raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 60.0)

    # Measuring

    async def _measure_forever(self, row: _Row) -> None:
        loop = asyncio.get_running_loop()
        await self.clock.sleep(self._random.uniform(0, min(row.every, 2.0 * self.clock.scale) / 2))
        await self._hear_the_witness(row)
        while True:
            began = loop.time()
            await self._measure(row)
            spent = (loop.time() - began) * self.clock.scale
            failure = row.standing.failure
            is_new = row.standing.reading is None and not (failure and failure.is_fact)
            every = min(row.every, self._retry) if is_new else row.every
            if self._wants_another_look(row):
                every = min(every, max(DOUBT, self._retry))
            # Never longer than it says: after one reading that failed the one before still counts.
            pause = every * self._random.uniform(0.9, 0.98) - spent
            await self._wait(row, max(pause, 0.1 * self.clock.scale))

    def _wants_another_look(self, row: _Row) -> bool:
        """Whether the newest reading is in doubt, or the first ones have brought no verdict yet."""
        standing = row.standing
        if not standing.grades:
            return False
        is_young = self.clock.now() - self._started < row.fresh_for
        return is_in_doubt(standing) or (is_young and standing.condition is None)

    async def _wait(self, row: _Row, seconds: float) -> None:
        """Wait for the next turn of a check, or until it is woken."""
        row.pause = asyncio.create_task(self.clock.sleep(seconds))
        try:
            await asyncio.wait({row.pause})
        finally:
            row.pause.cancel()

    async def _hear_the_witness(self, row: _Row) -> None:
        """Let the witness of a check speak first, or silence could not be judged at the start."""
        witness = self._rows.get(row.check.compare or row.check.witness)
        if witness and not witness.check.is_manual and witness is not row:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(witness.tried.wait(), witness.check.deadline + GIVE_UP)

    def _is_spared(self, source: str) -> bool:
        """Whether a source out of reach was tried just now; all its checks wait for that answer."""
        outage = self._outages.get(source)
        if outage is None or outage.unset:
            return False
        now = asyncio.get_running_loop().time()
        if now - self._tried_at.get(source, float("-inf")) < self._retry / self.clock.scale:
            return True
        self._tried_at[source] = now
        return False

    async def _measure(self, row: _Row) -> None:
        if self._is_spared(row.check.source):
            return
        result = await self._sample(row)
        if isinstance(result, Reading):
            self._reached(row.check.source)
            self._recorder.first_facts(row.check.id, result)
            row.standing = take(
                row.check, row.standing, result, self._witness(row.check), row.fresh_for
            )
            # A value that rests on too little is a gap in the record, not a zero.
            nothing = result.sample == 0 or is_too_few(row.check, result)
            value = None if nothing else result.value
            self._recorder.value(row.check.id, value)
            row.history.add(result.at, value)
        else:
            self._failed(row, result)
        row.tried.set()
        now = self.clock.now()
        self._mind_the_clock(now)
        self._flip(row, now)
        self._changed.set()

    async def _sample(self, row: _Row) -> Reading | Failure:
        """One reading; of a check that compares, what it lacks against the other as of its time."""
        other = self._rows.get(row.check.compare)
        if other is None:
            return await self._sampler.sample(row.check)
        now, title = self.clock.now(), other.check.title
        verdict, theirs = self._verdict(other, now), other.standing.reading
        if verdict.level is Level.UNKNOWN or theirs is None:
            return Failure(now, f"{title} unknown: {verdict.reason}", is_fact=theirs is not None)
        ours = await self._sampler.sample(row.check, theirs.at)
        return lacking(ours, theirs, title) if isinstance(ours, Reading) else ours

    def _was_held_up(self, began: float) -> bool:
        """Whether the loop stood still since `began`, so that what was timed is wrong."""
        now = asyncio.get_running_loop().time()
        return now - self._last_turn > STALL or self._last_stall >= began

    def _reached(self, source: str) -> None:
        outage = self._outages.pop(source, None)
        if outage and not outage.unset:
            now = self.clock.now()
            self._back[source] = now
            self._recorder.flip(
                Flip(now, f"source:{source}", Level.UNKNOWN, Level.OK, "reachable again")
            )
            self._refresh(now)
            for row in self._of(source):
                if row.pause:
                    row.pause.cancel()

    def _of(self, source: str) -> list[_Row]:
        return [row for row in self._rows.values() if row.check.source == source]

    def _never_mind(self, source: str, failure: Failure) -> None:
        """Note a source without an address; an outage that an earlier run left open ends."""
        outage = self._outages.get(source)
        self._outages[source] = Outage(source, failure.at, failure.reason, unset=True)
        if outage and not outage.unset:
            why = f"no longer asked: {failure.reason}"
            self._recorder.flip(Flip(failure.at, f"source:{source}", Level.UNKNOWN, Level.OK, why))

    def _failed(self, row: _Row, failure: Failure) -> None:
        row.standing = take(row.check, row.standing, failure)
        self._recorder.value(row.check.id, None)
        row.history.add(failure.at, None)
        source = row.check.source
        if failure.unset:
            self._never_mind(source, failure)
        if not failure.blocks_source or source in self._outages:
            return
        self._outages[source] = Outage(source, failure.at, failure.reason)
        for other in self._of(source):
            # What was measured before the outage says nothing of the time after it.
            if other is not row:
                other.standing = take(other.check, other.standing, failure)
        subject = f"source:{source}"
        self._recorder.flip(Flip(failure.at, subject, Level.OK, Level.UNKNOWN, failure.reason))
        self._refresh(failure.at)

    def _witness(self, check: Check) -> Witness | None:
        """What the second witness of this check counts just now."""
        row = self._rows.get(check.witness)
        if row is None:
            return None
        title = row.check.title
        verdict = self._verdict(row, self.clock.now())
        reading = row.standing.reading
        if verdict.level is Level.UNKNOWN or reading is None:
            return Witness(title, None, verdict.reason)
        parts = tuple(r for r in reading.rows if r.key)
        # What is read where the witness reads it has passed no inlet.
        shut = Shut() if check.source == row.check.source else self._shut(row.check)
        return Witness(title, reading.value, parts=parts, shut=shut)

    def _shut(self, check: Check) -> Shut:
        """Where the traffic that this check counts has no way to the application, and why."""
        row = self._rows.get(check.inlet)
        if row is None or self._verdict(row, self.clock.now()).level is Level.UNKNOWN:
            return Shut()
        return shut_in(row.standing.reading)

    # Judging

    def _verdict(self, row: _Row, now: float) -> Verdict:
        seen = self._rows.get(row.check.hint_from) if row.check.is_manual else None
        if seen and not seen.check.is_manual:
            return turn(now, (seen.check, seen.standing.reading, self._verdict(seen, now)))
        outage = self._outages.get(row.check.source)
        return judge(row.check, row.standing, now, row.fresh_for, outage)

    def _flip(self, row: _Row, now: float) -> None:
        """Record a flip if the verdict is another than the one last recorded."""
        if row.check.is_manual or row.check.hidden:
            return
        verdict = self._verdict(row, now)
        if self._is_warming_up(row, verdict, now):
            return
        outage = self._outages.get(row.check.source)
        old = row.shown
        if old and (old.level, old.blocked_by) == (verdict.level, verdict.blocked_by):
            return
        if outage and outage.unset and old and old.level is Level.UNKNOWN:
            return
        row.shown = verdict
        reading = row.standing.reading
        at = max(verdict.since, old.since) if old else verdict.since
        if old and old.level is Level.UNKNOWN and reading and not verdict.level.is_trouble:
            # Being unknown ended with the reading, however long it had been fine underneath.
            at = max(at, reading.at)
        self._recorder.flip(
            Flip(
                at=min(at, now),
                subject=row.check.id,
                old=old.level if old else Level.UNKNOWN,
                new=verdict.level,
                reason=verdict.reason,
                value=_worth(row.check, reading),
                blocked_by=verdict.blocked_by,
            )
        )

    def _is_warming_up(self, row: _Row, verdict: Verdict, now: float) -> bool:
        """Whether the check is unknown only because it could not be measured until just now."""
        failure = row.standing.failure
        # What blocked a source that is back is no news of the check.
        is_fact = failure and failure.is_fact and not failure.blocks_source
        if verdict.level is not Level.UNKNOWN or verdict.blocked_by or is_fact:
            return False
        since = max(self._woke, self._back.get(row.check.source, self._woke))
        return now - self._started < WARM_UP or now - since < row.fresh_for

    # Turns

    async def _turn_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._turn(self.clock.now())
            await asyncio.sleep(TURN)
            late = loop.time() - self._last_turn - TURN
            self._stalled = late if late > STALL - TURN else 0.0
            if self._stalled:
                self._last_stall = loop.time()
            self._last_turn = loop.time()

    def _turn(self, now: float) -> None:
        self._beat += 1
        self._mind_the_clock(now)
        self._refresh(now)
        self._recorder.turn(now)
        if self._beat % 2 == 0:
            self._changed.set()

    def _refresh(self, now: float) -> None:
        """Look for verdicts that changed by the mere passing of time, or with their source."""
        for row in self._rows.values():
            self._flip(row, now)

    def _mind_the_clock(self, now: float) -> None:
        """Notice a clock that was set, and a stretch in which the watch itself stood still."""
        passed, self._seen = now - self._seen, now
        if 0 <= passed <= STALL * self.clock.scale:
            return
        self._woke = now
        if passed < 0:
            self._started = min(self._started, now)
            self._back.clear()
        elif passed > 2 * BEAT:
            self._recorder.go_on_after_a_gap(now)

    # Publishing

    async def _publish_forever(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            snapshot = self.snapshot()
            for receive in self._subscribers:
                receive(snapshot)
            await asyncio.sleep(TURN)

    def snapshot(self) -> Snapshot:
        """Everything as it stands now."""
        now = self.clock.now()
        states = [self._check_state(row, now) for row in self._rows.values()]
        recorder = self._recorder
        episodes, rounds = fold(recorder.flips), recorder.rounds(now)
        people = affairs(
            recorder.acts,
            self.plan,
            recorder.flips,
            episodes,
            rounds,
            operator=self._operator,
            now=now,
            head=recorder.head,
        )
        return Snapshot(
            at=now,
            launch=self._launch,
            plan=self.plan,
            checks=tuple(state for state in states if not state.check.hidden),
            hidden=tuple(state for state in states if state.check.hidden),
            sources=self._source_states(),
            rounds=rounds,
            episodes=episodes,
            flips=tuple(recorder.flips[-FLIPS_SHOWN:]),
            gaps=recorder.gaps,
            operator=people.holder,
            affairs=people,
            beat=self._beat,
            stalled=self._stalled,
        )

    def _check_state(self, row: _Row, now: float) -> CheckState:
        return CheckState(
            check=row.check,
            verdict=self._verdict(row, now),
            reading=row.standing.reading,
            failure=row.standing.failure,
            history=row.history.values(now),
            fresh_for=row.fresh_for,
        )

    def _source_states(self) -> tuple[SourceState, ...]:
        sources = [
            SourceState(name, source.kind, outage.since, outage.reason)
            if (outage := self._outages.get(name))
            else SourceState(name, source.kind)
            for name, source in self.plan.sources.items()
        ]
        if self._recorder.problem:
            sources.append(SourceState("journal", "journal", *self._recorder.problem))
        return tuple(sources)


def _worth(check: Check, reading: Reading | None) -> float | None:
    """The value that a flip records; None where not the value, but what came with it, is bad."""
    if reading is None:
        return None
    vouched = reading.level is not None and reading.level.severity > Level.OK.severity
    return None if vouched and check.bands.grade(reading.value) is Level.OK else reading.value
