"""Practising: the same watch on a stand-in production, whose clock may run faster."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote

from firstwatch.errors import FirstwatchError
from firstwatch.plan import Plan
from tui.cli import passes
from tui.cli.exits import ExitCode
from tui.cli.opening import Behind, Setting, export, moment, open_watch, place, set_up
from tui.cli.showing import look_at, show
from tui.watching import Drill

try:
    from rehearsal.scenarios import SCENARIOS
    from rehearsal.stage import Stage
except ImportError as error:
    raise FirstwatchError(
        f"a rehearsal needs {error.name}: install firstwatch[rehearsal]"
    ) from None


class Rehearsed(Behind):
    """The watch behind the board of a rehearsal, whose production plays incidents on demand."""

    def __init__(self, setting: Setting, stage: Stage) -> None:
        super().__init__(setting)
        self._stage = stage

    async def drills(self) -> tuple[Drill, ...]:
        """The scenarios, with those that are struck marked."""
        return tuple(Drill(*scenario) for scenario in await self._stage.scenarios())

    async def toggle(self, drill: str) -> None:
        """Strike that scenario, or cure it."""
        active = {name for name, _, is_active in await self._stage.scenarios() if is_active}
        await (self._stage.cure(drill) if drill in active else self._stage.strike(drill))


async def rehearse(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Set the stage, and show the board on it, or watch it headless, or only serve it."""
    if arguments.list:
        _list()
        return ExitCode.OK
    headless = arguments.headless or arguments.serve or not _has_terminal()
    look = None if headless else look_at(environ)
    start = moment(arguments.at, time.time()) if arguments.at else None
    folder = _folder(arguments.folder)
    _tell(f"setting the stage in {folder} …")
    stage = Stage(
        scale=arguments.speed,
        folder=Path(tempfile.mkdtemp(prefix="stand-in-", dir=folder)),
        seed=arguments.seed,
        scenarios=tuple(arguments.scenario),
        timetable=arguments.timetable,
        start=start,
    )
    async with _entered(stage):
        if arguments.serve:
            with contextlib.ExitStack() as emptied:
                if not arguments.folder:
                    emptied.callback(shutil.rmtree, folder, ignore_errors=True)
                return await _serve(stage)
        setting = set_up(
            Path(arguments.config) if hasattr(arguments, "config") else None,
            {**environ, **stage.environment},
            journal=getattr(arguments, "journal", "") or str(folder / "rehearsal.journal"),
            operator=getattr(arguments, "operator", "rehearsal"),
        )
        setting = replace(
            setting,
            plan=_labelled(setting.plan),
            clock=stage.clock,
            handoffs=folder / "handoffs",
            is_named=hasattr(arguments, "operator"),
        )
        if look is None:
            return await _headless(setting, arguments.duration)
        with Rehearsed(setting, stage) as behind:
            code = await show(behind, setting.plan, getattr(arguments, "theme", None), look)
        _tell(f"journal and handoffs of this rehearsal: {folder}")
        return code


@contextlib.asynccontextmanager
async def _entered(stage: Stage) -> AsyncIterator[Stage]:
    """The stage, set; a scenario it does not know is the user's mistake, named in one line."""
    try:
        await stage.__aenter__()
    except ValueError as error:
        raise FirstwatchError(str(error)) from None
    try:
        yield stage
    finally:
        await stage.__aexit__(None, None, None)
        await asyncio.to_thread(shutil.rmtree, stage.folder, ignore_errors=True)


def _has_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty() and sys.__stderr__ and sys.__stderr__.isatty())


def _labelled(plan: Plan) -> Plan:
    """The plan under a name that nobody takes for production."""
    return plan.model_copy(update={"watch": plan.watch.model_copy(update={"name": "rehearsal"})})


async def _headless(setting: Setting, duration: float) -> int:
    """Watch for so many real seconds; table, handoff, and the exit status of a check."""
    _tell(f"watching for {duration:g} s, {setting.clock.scale:g} times as fast as life …")
    with open_watch(setting) as watch:
        snapshot = await passes.watch_for(watch, duration)
    print(passes.as_table(snapshot))
    _tell(f"handoff {await asyncio.to_thread(export, snapshot, setting)}")
    return passes.exit_code(snapshot)


async def _serve(stage: Stage) -> int:
    """Print what a watch needs to find the stage, and keep it until interrupted."""
    for name, value in stage.environment.items():
        print(f"export {name}={quote(value)}", flush=True)
    _tell("serving; end with Ctrl+C")
    await asyncio.Event().wait()
    return ExitCode.OK


def _folder(given: str) -> Path:
    if not given:
        return Path(tempfile.mkdtemp(prefix="firstwatch-rehearsal-"))
    folder = place(given).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _list() -> None:
    for scenario in SCENARIOS:
        print(f"{scenario.name:<20} {scenario.summary}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
