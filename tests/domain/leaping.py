"""A stage for the engine on which a day passes in a moment.

The loop is a real asyncio loop whose time leaps to the next timer instead of waiting for it;
the clock of the watch follows it, and can be moved by hand.
"""

import asyncio
import functools
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec

from firstwatch.engine import Watch
from firstwatch.episodes import Episode, fold
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level

T0 = 1_800_003_600.0
P = ParamSpec("P")
Answer = Callable[[Moment], Awaitable[Any]]


class _LeapingSelector(selectors.SelectSelector):
    """Never waits: notes how long it was asked to."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everything waits, and nothing will ever come")
            self.now += max(timeout, 0.0)
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """A loop in which waiting takes no time."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now

    def stall(self, seconds: float) -> None:
        """Let time pass in which the loop does nothing, as when the process was stopped."""
        self._leaping.now += seconds


def story(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Runs an async test on a leaping loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=LeapingLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def loop() -> LeapingLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, LeapingLoop)
    return running


@dataclass
class HandClock:
    """Follows the leaping loop from T0 on; `shift` moves it by hand."""

    scale: float = 1.0
    shift: float = 0.0

    def now(self) -> float:
        return T0 + (loop().time() - _LeapingSelector.now) * self.scale + self.shift

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / self.scale)


def always(value: float, **more: Any) -> Answer:
    """An answer that is the same each time."""

    async def answer(moment: Moment) -> Reading:
        return Reading(moment.now, value, **more)

    return answer


def failing(error: BaseException) -> Answer:
    async def answer(moment: Moment) -> Reading:
        raise error

    return answer


def switch(*answers: Answer) -> tuple[list[int], Answer]:
    """An answer that is one of these, and the number of the one to give."""
    chosen = [0]

    async def answer(moment: Moment) -> Any:
        return await answers[chosen[0]](moment)

    return chosen, answer


@dataclass
class Toy:
    """A probe that answers as it is told, by the measure asked for; tells what it went through."""

    answers: dict[str, Answer] = field(default_factory=dict)
    concurrency: int = 3
    begun: dict[str, list[float]] = field(default_factory=dict)
    """When each measure was asked for, in the time of the loop."""
    under_way: list[str] = field(default_factory=list)
    most: int = 0
    """How many readings were ever under way at once."""
    overlapped: bool = False
    """Whether a measure was ever asked for while it was under way."""
    closed: int = 0

    async def read(self, measure: str, moment: Moment) -> Reading:
        self.begun.setdefault(measure, []).append(loop().time())
        self.overlapped = self.overlapped or measure in self.under_way
        self.under_way.append(measure)
        self.most = max(self.most, len(self.under_way))
        try:
            reading: Reading = await self.answers.get(measure, always(1.0))(moment)
            return reading
        finally:
            self.under_way.remove(measure)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed += 1


def plan(checks: Mapping[str, Mapping[str, Any]], **more: Any) -> Plan:
    """A plan of these checks; each asks its source ("app" unless said) for its own name."""
    rows = {
        name: {
            "id": name,
            "title": name,
            "pane": "health",
            "source": "app",
            "measure": name,
            "every": "10s",
            "warning": 10,
            "critical": 20,
            **given,
        }
        for name, given in checks.items()
    }
    for name, row in rows.items():
        row["id"] = name
    phase = {"name": "first", "start": "0s", "end": "6h", "every": "30m", "checks": list(checks)}
    sources = {str(row["source"]): {"kind": "toy"} for row in rows.values() if row["source"]}
    return Plan.model_validate(
        {"sources": sources, "phases": [phase], "checks": rows} | more,
    )


@dataclass
class Stage:
    """A watch under way."""

    watch: Watch
    journal: Journal
    clock: HandClock
    task: asyncio.Task[None]
    received: list[Snapshot]
    ended: bool = False
    """Whether the test itself has ended it."""

    async def pass_by(self, seconds: float) -> Snapshot:
        """Let so many seconds of the watch go by; the board as it then stands."""
        await self.clock.sleep(seconds)
        assert not self.task.done(), self.task
        return self.watch.snapshot()

    def row(self, check: str) -> CheckState:
        state = self.watch.snapshot().check(check)
        assert state is not None
        return state

    def level(self, check: str) -> Level:
        return self.row(check).verdict.level

    def episodes(self, subject: str) -> list[Episode]:
        return [e for e in self.watch.snapshot().episodes if e.subject == subject]


@asynccontextmanager
async def watching(
    checklist: Plan,
    probes: Mapping[str, Toy],
    path: Path,
    clock: HandClock | None = None,
    opened: type[Journal] = Journal,
) -> AsyncIterator[Stage]:
    """A watch on the journal in this folder, begun as the command line begins one."""
    clock = clock or HandClock()
    with opened.open(path / "watch.journal") as journal:
        if journal.launch is None:
            journal.stamp_launch(clock.now(), "A")
        journal.begin_run(clock.now(), "A", "0", "plan")
        watch = Watch(checklist, probes, journal, clock, operator="A", seed=1)
        received: list[Snapshot] = []
        watch.subscribe(received.append)
        task = asyncio.create_task(watch.run())
        stage = Stage(watch, journal, clock, task, received)
        try:
            yield stage
            assert task.done() == stage.ended, task
            assert fold(journal.flips()) == watch.snapshot().episodes
        finally:
            task.cancel()
            await asyncio.wait({task})
