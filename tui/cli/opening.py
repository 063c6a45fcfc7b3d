"""Putting a watch together from a plan, the kinds of probes and a journal."""

import asyncio
import contextlib
import getpass
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firstwatch import __version__
from firstwatch.background import Background
from firstwatch.clock import Clock, ScaledClock, SystemClock
from firstwatch.config import load
from firstwatch.engine import Watch
from firstwatch.errors import ConfigError, FirstwatchError, JournalError, Problem
from firstwatch.escalation import Escalator
from firstwatch.handoff import facts, summary, write
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.probe import Probe
from firstwatch.sampling import LAST_MOMENT
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from probes.courier import Courier
from probes.kinds import KINDS
from tui.watching import Drill

CLOCK = "FIRSTWATCH_CLOCK"
"""Holds the three numbers of a `ScaledClock` when a rehearsal serves a stand-in production."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every command starts from."""

    plan: Plan
    clock: Clock
    operator: str
    journal: Path
    handoffs: Path


def set_up(
    config: Path | None, environ: Mapping[str, str], *, journal: str = "", operator: str = ""
) -> Setting:
    """Read plan, clock and places. Raises ConfigError."""
    plan = load(config, KINDS, environ)
    return Setting(
        plan=plan,
        clock=clock_from(environ),
        operator=clean(operator or plan.watch.operator or _user(), 80),
        journal=journal_path(plan, journal, environ),
        handoffs=place(plan.watch.handoffs),
    )


def find_config(given: str, environ: Mapping[str, str]) -> Path | None:
    """The user's file: as given, or `config.toml` here, or in the XDG folder; None: the default."""
    if given:
        return Path(given)
    home = Path(environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    for path in (Path("config.toml"), home / "firstwatch" / "config.toml"):
        with contextlib.suppress(PermissionError):  # the home of the user one was before sudo
            if path.is_file():
                return path
    return None


def journal_path(plan: Plan, given: str, environ: Mapping[str, str]) -> Path:
    """Where the journal is: as given, as planned, or named after the watch in the state folder."""
    if given or plan.watch.journal:
        return place(given or plan.watch.journal)
    state = Path(environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser())
    return state / "firstwatch" / f"{plan.watch.name}.journal"


def place(text: str) -> Path:
    """A path as people write it. Raises FirstwatchError where `~name` is nobody's home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise FirstwatchError(f"{text}: there is no such user") from None


def clock_from(environ: Mapping[str, str]) -> Clock:
    """The system's clock, or the scaled one a rehearsal hands on. Raises ConfigError."""
    given = environ.get(CLOCK, "")
    if not given:
        return SystemClock()
    try:
        scale, start, real_start = (float(part) for part in given.split(","))
        if not (0 < scale <= 1000 and 0 < start < LAST_MOMENT and 0 < real_start < LAST_MOMENT):
            raise ValueError(given)
    except ValueError:
        what = f'"{given}" is not three numbers: scale,start,real_start'
        raise ConfigError([Problem("", CLOCK, what)]) from None
    return ScaledClock(scale, start, real_start)


def open_probes(plan: Plan, clock: Clock) -> dict[str, Probe]:
    """A probe for each source; nothing is contacted yet."""
    return {
        name: KINDS[source.kind].open(source.settings, clock)
        for name, source in plan.sources.items()
    }


@contextmanager
def open_watch(setting: Setting) -> Iterator[Watch]:
    """A watch on its journal, with the launch stamped. Raises JournalError."""
    plan, clock = setting.plan, setting.clock
    with Journal.open(setting.journal) as journal:
        if journal.repaired:
            print(journal.repaired, file=sys.stderr)
            if journal.launch is None and planned_launch(plan) is None:
                raise JournalError("the launch was lost with it: stamp it with `start --at TIME`")
        stamp(journal, plan, clock.now(), setting.operator)
        journal.begin_run(clock.now(), setting.operator, __version__, digest(plan))
        watch = Watch(plan, open_probes(plan, clock), journal, clock, operator=setting.operator)
        watch.subscribe(escalator(watch, plan, journal).heed)
        yield watch


def escalator(watch: Watch, plan: Plan, journal: Journal) -> Escalator:
    """What calls for somebody while nobody signs."""
    settings = plan.escalation
    ping = settings.ping.get_secret_value()
    courier = Courier(settings.command, settings.env, ping, settings.timeout)
    return Escalator(settings, courier, watch.do, known=journal.acts())


def planned_launch(plan: Plan) -> float | None:
    """T0 as the plan says, seconds since the epoch."""
    text = plan.watch.launch
    return datetime.fromisoformat(text).timestamp() if text else None


def stamp(journal: Journal, plan: Plan, now: float, operator: str) -> None:
    """Stamp the launch: the plan's own time, or now unless it was stamped before."""
    planned = planned_launch(plan)
    if planned is not None or journal.launch is None:
        journal.stamp_launch(now if planned is None else planned, operator)


def digest(plan: Plan) -> str:
    """A short name for exactly this plan."""
    return hashlib.sha256(repr(plan).encode()).hexdigest()[:12]


def export(snapshot: Snapshot, setting: Setting) -> Path:
    """Write the handoff of this moment; says where it is. Takes up to a second after a day."""
    with Journal.read_only(setting.journal) as journal:
        known = facts(journal, snapshot.launch, snapshot.at)
        return write(summary(snapshot, known), setting.handoffs)


class Behind(Background):
    """The watch behind a board."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(lambda: open_watch(setting))
        self._setting = setting

    async def handoff(self) -> Path:
        """Write the handoff of this moment, and say where."""
        return await asyncio.to_thread(export, await self.look(), self._setting)

    async def drills(self) -> tuple[Drill, ...]:
        """None: this is production."""
        return ()

    async def toggle(self, drill: str) -> None:
        """There is nothing to toggle."""
        raise LookupError(drill)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return os.environ.get("USER", "")
