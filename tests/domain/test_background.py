"""A watch on a thread of its own begins, is looked at, and ends cleanly."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from firstwatch.background import Background
from firstwatch.clock import SystemClock
from firstwatch.engine import Watch
from firstwatch.errors import JournalError, Missing
from firstwatch.journal import Journal
from firstwatch.probe import Extract, LogRecord, Moment
from firstwatch.readings import Reading
from firstwatch.snapshot import Snapshot
from tests.domain.leaping import plan

PATIENCE = 20.0


class Steady:
    """A probe that always says one, and on which thread it was asked."""

    concurrency = 1

    def __init__(self) -> None:
        self.threads: set[str] = set()
        self.closed = threading.Event()

    async def read(self, measure: Any, moment: Moment) -> Reading:
        self.threads.add(threading.current_thread().name)
        return Reading(moment.now, 1.0)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed.set()


Begin = Callable[[Steady], Background]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Makes a background of a watch on a journal that is closed in the end."""
    opened: list[Journal] = []

    def watch(probe: Steady) -> Watch:
        journal = Journal.open(tmp_path / f"{len(opened)}.journal")
        opened.append(journal)
        clock = SystemClock()
        journal.stamp_launch(clock.now(), "A")
        journal.begin_run(clock.now(), "A", "0", "plan")
        return Watch(plan({"c": {"every": "1s"}}), {"app": probe}, journal, clock)

    yield lambda probe: Background(lambda: nullcontext(watch(probe)))
    for journal in opened:
        journal.close()


def test_it_measures_on_its_own_thread_and_hands_out_snapshots(
    begin: Begin, tmp_path: Path
) -> None:
    probe, seen = Steady(), threading.Event()
    received: list[tuple[str, Snapshot]] = []

    def receive(snapshot: Snapshot) -> None:
        received.append((threading.current_thread().name, snapshot))
        if snapshot.checks[0].reading:
            seen.set()

    with begin(probe) as watch:
        watch.subscribe(receive)
        assert seen.wait(PATIENCE)
        assert asyncio.run(watch.look()).checks[0].reading
        assert watch.clock.scale == 1.0
        assert watch.failure is None
    assert probe.closed.is_set()
    assert {thread for thread, _ in received} == probe.threads == {"watch"}
    with Journal.read_only(tmp_path / "0.journal") as journal:
        assert journal.runs()[-1].ended is not None


def test_a_watch_that_cannot_begin_says_why_to_who_began_it() -> None:
    def refuse() -> AbstractContextManager[Watch]:
        raise JournalError("journal: in use by another watch")

    with pytest.raises(JournalError, match="in use"):
        Background(refuse).__enter__()


def test_what_ends_a_watch_is_kept_for_the_board_to_tell_and_is_no_good_order(
    begin: Begin, tmp_path: Path
) -> None:
    def burst(snapshot: Snapshot) -> None:
        raise MemoryError

    background = begin(Steady())
    with background as watch:
        watch.subscribe(burst)
        background._thread.join(PATIENCE)
        assert isinstance(watch.failure, ExceptionGroup)
        assert watch.failure.subgroup(MemoryError)
    with Journal.read_only(tmp_path / "0.journal") as journal:
        assert journal.runs()[-1].ended is None


def test_a_watch_that_has_ended_is_not_running(begin: Begin) -> None:
    with begin(Steady()) as watch:
        pass
    with pytest.raises(RuntimeError, match="not running"):
        asyncio.run(watch.look())
    with pytest.raises(RuntimeError, match="not running"):
        watch.subscribe(lambda snapshot: None)


def test_a_watch_that_was_never_begun_is_not_running(begin: Begin) -> None:
    watch = begin(Steady())
    with pytest.raises(RuntimeError, match="not running"):
        asyncio.run(watch.look())
    with pytest.raises(RuntimeError, match="not running"):
        watch.subscribe(lambda snapshot: None)
    with pytest.raises(RuntimeError, match="not running"):
        _ = watch.clock


def test_beginning_and_ending_at_once_leaves_nothing_behind(begin: Begin) -> None:
    for _ in range(5):
        with begin(Steady()):
            pass
    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]


class Telling(Steady):
    """A probe of a log, too."""

    def tell(self, kinds: Sequence[str], after: int = 0) -> Extract:
        self.threads.add(threading.current_thread().name)
        record = LogRecord(after + 1, None, " ".join(kinds).encode())
        return Extract((record,), newest=after + 1)


async def test_records_of_a_log_are_told_on_the_thread_of_the_watch(begin: Begin) -> None:
    probe = Telling()
    with begin(probe) as background:
        told = await background.records("app", ("error", "query"), 41)
    assert told.records[0].raw == b"error query"
    assert told.newest == 42
    assert probe.threads == {"watch"}


@pytest.mark.parametrize("source", ("app", "gone"))
async def test_what_is_no_log_tells_no_records(begin: Begin, source: str) -> None:
    with begin(Steady()) as background, pytest.raises(Missing, match=f"{source} is no log"):
        await background.records(source, ())
