"""Watching without a board: one pass, or for a while."""

import asyncio
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TextIO

from firstwatch.engine import Watch
from firstwatch.episodes import Flip
from firstwatch.errors import FirstwatchError
from firstwatch.journal import Journal
from firstwatch.masking import Masker, names_of
from firstwatch.plan import Plan
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_clock
from firstwatch.verdict import Level
from tui.cli.exits import ExitCode, of_levels
from tui.cli.opening import Setting, open_watch
from tui.table import render_table

ONE_PASS = 15.0
"""Real seconds within which one pass ends, whatever is still unanswered."""


async def one_pass(setting: Setting, launch: float, duration: float | None) -> Snapshot:
    """Everything measured once, or for `duration` real seconds.

    In one pass a single reading decides; the wait for a second opinion needs a watch that lasts.
    """
    plan = setting.plan if duration else _decided_by_one(setting.plan)
    with Journal.open(setting.journal) as journal:
        journal.stamp_launch(launch, setting.operator)
    with open_watch(replace(setting, plan=plan), records=False) as watch:
        return await (watch_for(watch, duration) if duration else _until_complete(watch))


async def _until_complete(watch: Watch) -> Snapshot:
    done = asyncio.Event()
    watch.subscribe(lambda snapshot: done.set() if is_complete(snapshot) else None)
    task = asyncio.create_task(watch.run())
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_first(done, task), ONE_PASS)
    snapshot = watch.snapshot()
    await _end(task)
    return snapshot


def _decided_by_one(plan: Plan) -> Plan:
    checks = {
        name: check.model_copy(update={"worsen": (1, 1)}) for name, check in plan.checks.items()
    }
    return plan.model_copy(update={"checks": checks})


def is_complete(snapshot: Snapshot) -> bool:
    """Whether every measured check has a reading, or a failure that waiting will not mend."""
    return all(map(_is_answered, snapshot.checks))


def _is_answered(state: CheckState) -> bool:
    failure = state.failure
    if state.verdict.blocked_by:
        return True
    return state.check.is_manual or state.reading is not None or bool(failure and failure.is_fact)


async def watch_for(watch: Watch, duration: float | None) -> Snapshot:
    """Run a watch for so many real seconds, or until interrupted; its last snapshot."""
    task = asyncio.create_task(watch.run())
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_first(over, task), duration)
    snapshot = watch.snapshot()
    await _end(task)
    return snapshot


class Teller:
    """Prints every change of a verdict as a line, for a watch without a board.

    That nothing is recorded, and what the flight recorder says of itself, goes to standard error.

    On a thread of its own: who reads the lines may stop reading, and the watch must not.
    """

    def __init__(self, known: Sequence[Flip], mask: Masker) -> None:
        """`known` are the flips from before, which nobody wants to hear again.

        What `mask` does not know yet it learns from the snapshots.
        """
        self._mask = mask
        self._last = known[-1] if known else None
        self._noticed: tuple[str, ...] = ()
        self._lines: SimpleQueue[tuple[str, TextIO] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._print, name="teller", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Print what is left, if somebody reads it."""
        self._lines.put(None)
        self._thread.join(timeout=1.0)

    def __call__(self, snapshot: Snapshot) -> None:
        """Tell what is new in this snapshot."""
        flips = snapshot.flips
        start = flips.index(self._last) + 1 if self._last in flips else 0
        for flip in flips[start:]:
            if not flip.blocked_by:
                at = datetime.fromtimestamp(flip.at, UTC)
                reason = self._masked(flip.reason, snapshot)
                told = f"{flip.subject}: {flip.old} → {flip.new}, {reason}"
                self._lines.put((f"{at:%Y-%m-%d %H:%M:%SZ} {told}", sys.stdout))
        self._last = flips[-1] if flips else self._last
        notices = tuple(_notices(snapshot))
        for notice in notices:
            if notice not in self._noticed:
                self._lines.put((notice, sys.stderr))
        self._noticed = notices

    def _masked(self, reason: str, snapshot: Snapshot) -> str:
        names = {**self._mask.names, **names_of(snapshot)}
        if len(names) > len(self._mask.names):
            self._mask = replace(self._mask, names=names)
        return self._mask(reason)

    def _print(self) -> None:
        with contextlib.suppress(OSError):
            while (line := self._lines.get()) is not None:
                print(line[0], file=line[1], flush=True)


def _notices(snapshot: Snapshot) -> Iterator[str]:
    """What keeps the watch from recording."""
    lost = snapshot.unrecorded
    if lost is not None:
        since = format_clock(lost.down_since or snapshot.at, seconds=True)
        yield f"nothing is recorded since {since} UTC: {lost.reason}"
    if snapshot.flights.notice:
        yield snapshot.flights.notice


async def _first(event: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Wait for the event, or for the watch to end by itself."""
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    except BaseExceptionGroup as group:
        raise FirstwatchError(f"the watch ended: {group.exceptions[0]}") from group


def as_table(snapshot: Snapshot) -> str:
    """The table of all checks."""
    return render_table(snapshot)


def as_json(snapshot: Snapshot, mask: Masker) -> str:
    """All checks as one JSON object, masked; times in seconds since the epoch."""
    return json.dumps(
        {
            "at": snapshot.at,
            "launch": snapshot.launch,
            "phase": snapshot.phase,
            "worst": snapshot.worst.value,
            "checks": [_as_dict(state, mask) for state in snapshot.checks],
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_dict(state: CheckState, mask: Masker) -> dict[str, object]:
    reading = state.reading
    return {
        "id": state.check.id,
        "title": state.check.title,
        "verdict": state.verdict.level.value,
        "reason": mask(state.verdict.reason),
        "since": state.verdict.since,
        "value": reading.value if reading and reading.has_value else None,
        "unit": state.check.unit,
        "sample": reading.sample if reading else None,
        "at": reading.at if reading else None,
    }


def exit_code(snapshot: Snapshot) -> ExitCode:
    """The exit status for these verdicts; what only a person can say does not count."""
    levels = [state.verdict.level for state in snapshot.checks]
    return of_levels([level for level in levels if level is not Level.PENDING])
