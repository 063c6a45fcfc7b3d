"""The engine: measures, judges, journals and hands out snapshots.

One task group owns every loop. Each check has a loop of its own that never overlaps itself;
each source bounds how many of its readings are under way at once. Every await on the world
has a deadline, and whatever a probe does (hang, raise, flood) touches its own checks only.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping, Sequence

from firstwatch.acts import Record
from firstwatch.affairs import affairs
from firstwatch.clock import Clock
from firstwatch.desk import Request, act_of
from firstwatch.episodes import Flip, fold
from firstwatch.errors import Missing
from firstwatch.flights.record import Flights
from firstwatch.journal import BEAT, Store
from firstwatch.judging import is_in_doubt, lacking
from firstwatch.plan import Plan
from firstwatch.probe import Extract, Inquiry, Probe, Tells
from firstwatch.readings import Failure, Reading
from firstwatch.recording import Recorder
from firstwatch.rows import Row, Rows
from firstwatch.sampling import GIVE_UP, Sampler, ignore
from firstwatch.secrecy import Secrets, secrets_of
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level

TURN = 0.5
"""Real seconds between two turns of the engine; no check is measured more often either."""
STALL = 1.5
"""Real seconds without a turn after which what was being sampled is not to be trusted."""
FLIPS_SHOWN = 50
DOUBT = 20.0
"""Seconds after which a reading that is worse than the verdict is taken again."""
RETRY = 5.0
"""Seconds between two tries of a check that has not been measured yet."""

Receive = Callable[[Snapshot], None]


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
        self.recorded: Callable[[], Flights] = Flights
        """What a flight recorder has saved, once one is aboard."""
        self._probes = probes
        self._operator = operator
        self._random = random.Random(seed)
        self._launch = clock.now() if journal.launch is None else journal.launch
        self._recorder = Recorder(journal, plan, self._launch, clock)
        known = self._recorder.baselines
        secrets = Secrets(secrets_of(plan))
        self._sampler = Sampler(probes, clock, self._launch, known, self._was_held_up, secrets)
        self._subscribers: list[Receive] = []
        self._changed = asyncio.Event()
        self._beat = 0
        self._stalled = 0.0
        self._last_stall = 0.0
        self._last_turn = 0.0
        self._seen = clock.now()
        self._tried_at: dict[str, float] = {}
        self._retry = max(RETRY, TURN * clock.scale)
        self._rows = Rows(plan, clock, self._recorder, TURN * clock.scale)

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

    def inquiry(self, check: str) -> Inquiry:
        """What a reading of that check asks of the outside world; empty where nobody can say."""
        row = self._rows.get(check)
        return Inquiry() if row is None else self._sampler.inquiry(row.check)

    def records(self, source: str, kinds: Sequence[str], after: int = 0) -> Extract:
        """What a log still has of such records after that number. Raises ProbeError."""
        probe = self._probes.get(source)
        if not isinstance(probe, Tells):
            raise Missing(f"{source} is no log")
        return probe.tell(kinds, after)

    def subscribe(self, receive: Receive) -> None:
        """Call `receive` with every snapshot from now on; it must not block."""
        self._subscribers.append(receive)

    async def run(self) -> None:
        """Watch until cancelled; what ends it otherwise is not recorded as an end in good order."""
        in_order = True
        self._last_turn = asyncio.get_running_loop().time()
        self._seen = self._rows.started = self._rows.woke = self.clock.now()
        try:
            async with asyncio.TaskGroup() as group:
                for name, probe in self._probes.items():
                    group.create_task(self._keep_running(probe), name=f"probe {name}")
                for row in self._rows:
                    if not row.check.is_manual:
                        group.create_task(self._measure_forever(row), name=f"check {row.check.id}")
                group.create_task(self._turn_forever(), name="turns")
                group.create_task(self._publish_forever(), name="snapshots")
        except BaseExceptionGroup:
            in_order = False
            raise
        finally:
            await self._close(in_order=in_order)

    async def _close(self, *, in_order: bool) -> None:
        self._sampler.abandon()
        closing = [asyncio.create_task(probe.close()) for probe in self._probes.values()]
        for task in closing:
            task.add_done_callback(ignore)
        if closing:
            _, lingering = await asyncio.wait(closing, timeout=GIVE_UP)
            for task in lingering:
                task.cancel()
        self._recorder.end(self.clock.now(), in_order=in_order)

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

    async def _measure_forever(self, row: Row) -> None:
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

    def _wants_another_look(self, row: Row) -> bool:
        """Whether the newest reading is in doubt, or the first ones have brought no verdict yet."""
        standing = row.standing
        if not standing.grades:
            return False
        is_young = self.clock.now() - self._rows.started < row.fresh_for
        return is_in_doubt(standing) or (is_young and standing.condition is None)

    async def _wait(self, row: Row, seconds: float) -> None:
        """Wait for the next turn of a check, or until it is woken."""
        row.pause = asyncio.create_task(self.clock.sleep(seconds))
        try:
            await asyncio.wait({row.pause})
        finally:
            row.pause.cancel()

    async def _hear_the_witness(self, row: Row) -> None:
        """Let the witness of a check speak first, or silence could not be judged at the start."""
        witness = self._rows.get(row.check.compare or row.check.witness)
        if witness and not witness.check.is_manual and witness is not row:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(witness.tried.wait(), witness.check.deadline + GIVE_UP)

    def _is_spared(self, source: str) -> bool:
        """Whether a source out of reach was tried just now; all its checks wait for that answer."""
        outage = self._rows.outage(source)
        if outage is None or outage.unset:
            return False
        now = asyncio.get_running_loop().time()
        if now - self._tried_at.get(source, float("-inf")) < self._retry / self.clock.scale:
            return True
        self._tried_at[source] = now
        return False

    async def _measure(self, row: Row) -> None:
        if self._is_spared(row.check.source):
            return
        result = await self._sample(row)
        self._rows.take(row, result)
        row.tried.set()
        now = self.clock.now()
        self._mind_the_clock(now)
        self._rows.flip(row, now)
        self._changed.set()

    async def _sample(self, row: Row) -> Reading | Failure:
        """One reading; of a check that compares, what it lacks against the other as of its time."""
        other = self._rows.get(row.check.compare)
        if other is None:
            return await self._sampler.sample(row.check)
        now, title = self.clock.now(), other.check.title
        verdict, theirs = self._rows.verdict(other, now), other.standing.reading
        if verdict.level is Level.UNKNOWN or theirs is None:
            return Failure(now, f"{title} unknown: {verdict.reason}", is_fact=theirs is not None)
        ours = await self._sampler.sample(row.check, theirs.at)
        return lacking(ours, theirs, title) if isinstance(ours, Reading) else ours

    def _was_held_up(self, began: float) -> bool:
        """Whether the loop stood still since `began`, so that what was timed is wrong."""
        now = asyncio.get_running_loop().time()
        return now - self._last_turn > STALL or self._last_stall >= began

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
        self._rows.refresh(now)
        self._recorder.turn(now)
        if self._beat % 2 == 0:
            self._changed.set()

    def _mind_the_clock(self, now: float) -> None:
        """Notice a clock that was set, and a stretch in which the watch itself stood still."""
        passed, self._seen = now - self._seen, now
        if 0 <= passed <= STALL * self.clock.scale:
            return
        self._rows.woke = now
        if passed < 0:
            self._rows.started = min(self._rows.started, now)
            self._rows.back.clear()
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
        states = [self._rows.state(row, now) for row in self._rows]
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
            sources=self._rows.source_states(),
            rounds=rounds,
            episodes=episodes,
            flips=tuple(recorder.flips[-FLIPS_SHOWN:]),
            gaps=recorder.gaps,
            flights=self.recorded(),
            operator=people.holder,
            affairs=people,
            beat=self._beat,
            stalled=self._stalled,
        )
