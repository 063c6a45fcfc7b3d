"""Putting a watch together from a plan, the kinds of probes and a journal."""

import asyncio
import contextlib
import getpass
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from firstwatch import __version__, crash
from firstwatch.acts import HandedOver
from firstwatch.affairs import watch_of
from firstwatch.background import Background
from firstwatch.clock import Clock, ScaledClock, SystemClock
from firstwatch.config import load
from firstwatch.engine import Watch
from firstwatch.errors import ConfigError, FirstwatchError, JournalError, Missing, Problem
from firstwatch.escalation import Escalator
from firstwatch.flights import LOOKED_AT, FlightRecorder, Picture, flights, flights_folder
from firstwatch.handoff import Documents, documents, facts, since, summary, write_documents
from firstwatch.journal import Journal
from firstwatch.masking import Masker, masker_of, names_of
from firstwatch.outline import Line, Outline, Stretch, to_text
from firstwatch.past import Lookback, Past
from firstwatch.plan import Plan
from firstwatch.probe import Probe
from firstwatch.sampling import LAST_MOMENT
from firstwatch.secrecy import Secrets, secrets_of
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from firstwatch.timeline import Chronicle, chronicle
from probes.courier import Courier
from probes.kinds import KINDS
from tui.cli.showing import key_faults
from tui.watching import Drill, Portrait

CLOCK = "FIRSTWATCH_CLOCK"
"""Holds the three numbers of a `ScaledClock` when a rehearsal serves a stand-in production."""
A_YEAR = 366 * 86400.0
NAME = 80
"""Characters of an operator's name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every command starts from."""

    plan: Plan
    clock: Clock
    operator: str
    journal: Path
    handoffs: Path
    is_named: bool = False
    """Whether the operator was named on the command line, and not only by plan or login."""


def set_up(
    config: Path | None,
    environ: Mapping[str, str],
    *,
    journal: str = "",
    operator: str = "",
    connects: bool = True,
) -> Setting:
    """Read plan, clock and places; `connects` as for `load`. Raises ConfigError."""
    plan = load(config, KINDS, environ, connects=connects, key_faults=key_faults)
    crash.keep_quiet(secrets_of(plan))
    return Setting(
        plan=plan,
        clock=clock_from(environ),
        operator=clean(operator, NAME) or clean(plan.watch.operator, NAME) or clean(_user(), NAME),
        journal=journal_path(plan, journal, environ),
        handoffs=place(plan.watch.handoffs),
        is_named=bool(operator),
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


async def no_board(_at: float) -> str:
    """The picture of the board where there is none. Raises Missing."""
    raise Missing("no board was open")


@contextmanager
def open_watch(
    setting: Setting, *, records: bool = True, picture: Picture = no_board
) -> Iterator[Watch]:
    """A watch on its journal, with the launch stamped. Raises JournalError.

    `records` is whether it has a flight recorder aboard, and `picture` what that draws the board.
    """
    plan, clock = setting.plan, setting.clock
    with Journal.open(setting.journal) as journal:
        if journal.repaired:
            print(journal.repaired, file=sys.stderr)
            if journal.launch is None and planned_launch(plan) is None:
                raise JournalError("the launch was lost with it: stamp it with `start --at TIME`")
        stamp(journal, plan, clock.now(), setting.operator)
        first = next((run.operator for run in journal.runs() if run.operator), setting.operator)
        journal.begin_run(clock.now(), setting.operator, __version__, digest(plan))
        if setting.is_named:
            offer(journal, clock.now(), first, setting.operator)
        probes = open_probes(plan, clock)
        watch = Watch(plan, probes, journal, clock, operator=first)
        journal.record_outline(to_text(outline_of(watch.snapshot(), clock)))
        mask = _learning(watch, journal)
        if records:
            _take_recorder_aboard(watch, probes, journal.path, mask, picture)
        watch.subscribe(escalator(watch, plan, journal).heed)
        yield watch


def _learning(watch: Watch, journal: Journal) -> Callable[[str], str]:
    """A mask that learns the names a watch comes upon, and keeps crash reports quiet of them.

    It may be used on any thread: salt and names are taken from the journal here.
    """
    pens = [masker_of(watch.plan, salt=journal.salt, names=journal.names())]
    crash.keep_quiet(names=pens[0].names)

    def learn(snapshot: Snapshot) -> None:
        names = names_of(snapshot)
        if not names.items() <= pens[0].names.items():
            pens[0] = replace(pens[0], names={**pens[0].names, **names})
            crash.keep_quiet(names=names)

    watch.subscribe(learn)
    return lambda text: pens[0](text, LOOKED_AT)


def _take_recorder_aboard(
    watch: Watch,
    probes: Mapping[str, Probe],
    journal: Path,
    mask: Callable[[str], str],
    picture: Picture,
) -> None:
    """Have what is gone in a minute saved whenever a check turns critical."""
    recorder = FlightRecorder(
        flights_folder(journal),
        probes,
        watch.clock,
        watch.launch,
        mask=mask,
        picture=picture,
        heard=len(watch.flips),
    )
    watch.recorded = lambda: recorder.flights
    watch.subscribe(lambda _: recorder.heed(watch.flips))


def outline_of(snapshot: Snapshot, clock: Clock) -> Outline:
    """What a status line has to know of the plan, without any secret that was filled into it."""
    plan, pen = snapshot.plan, Secrets(secrets_of(snapshot.plan))
    start, real_start = 0.0, 0.0
    if isinstance(clock, ScaledClock):
        start, real_start = clock.start, clock.real_start
    return Outline(
        watch=pen.verbatim(plan.watch.name),
        lines=tuple(
            Line(
                id=c.check.id,
                title=pen.verbatim(clean(c.check.title, 60)),
                pane=c.check.pane,
                fresh_for=c.fresh_for,
                unit=c.check.unit,
            )
            for c in snapshot.checks
            if not c.check.is_manual
        ),
        phases=tuple(
            Stretch(p.name, p.start, p.end, p.every, p.early, p.grace, p.relax_after)
            for p in plan.phases
        ),
        scale=clock.scale,
        start=start,
        real_start=real_start,
    )


def escalator(watch: Watch, plan: Plan, journal: Journal) -> Escalator:
    """What calls for somebody while nobody signs."""
    settings = plan.escalation
    ping = settings.ping.get_secret_value()
    courier = Courier(settings.command, settings.env, ping, settings.timeout)
    return Escalator(settings, courier, watch.do, known=journal.acts())


def offer(journal: Journal, now: float, first: str, to: str) -> None:
    """Have the watch offered to whoever came to take it, unless they have it or were offered it.

    `first` is who ran it first, and has it as long as nobody took it over.
    """
    known = {who.casefold() for who in watch_of(journal.acts(), first)}
    if to.casefold() not in known:
        journal.act(now, to, HandedOver(to=to, note="came with --operator"))


def moment(text: str, now: float) -> float:
    """What `--at` says, within a year of `now`; raises FirstwatchError where it says no time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FirstwatchError(f'--at: "{text}" is not a time like 2026-11-24T05:00Z') from None
    if at.tzinfo is None:
        raise FirstwatchError(f'--at: "{text}" has no zone; add Z or +04:00')
    if abs(at.timestamp() - now) > A_YEAR:
        raise FirstwatchError(f'--at: "{text}" is more than a year away')
    return at.timestamp()


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


def hand_off(
    snapshot: Snapshot, journal: Journal, shift: str = "", *, unmasked_notes: bool = False
) -> Documents:
    """The handoff of this moment for each reader. Takes up to a second after a day.

    `shift` says from when on what is over is told; raises FirstwatchError where it is no time.
    """
    start = since(shift, snapshot)
    recorded = flights(flights_folder(journal.path), snapshot.launch)
    known = replace(facts(journal, snapshot.launch, snapshot.at, since=start), flights=recorded)
    mask = masker(journal, snapshot)
    return documents(summary(snapshot, known, mask, unmasked_notes=unmasked_notes, since=start))


def draft(snapshot: Snapshot, setting: Setting, shift: str = "") -> Documents:
    """The handoff of this moment, written nowhere yet."""
    with Journal.read_only(setting.journal) as journal:
        return hand_off(snapshot, journal, shift)


def recall(setting: Setting) -> Chronicle:
    """What the journal remembers of the day."""
    with Journal.read_only(setting.journal) as journal:
        return chronicle(journal)


def export(snapshot: Snapshot, setting: Setting) -> Path:
    """Write the handoff of this moment; says where it is."""
    return write_documents(draft(snapshot, setting), setting.handoffs)


def masker(journal: Journal, snapshot: Snapshot) -> Masker:
    """What masks documents of this journal: the same pseudonyms in all of them."""
    return masker_of(snapshot.plan, snapshot, salt=journal.salt, names=journal.names())


class Behind(Background):
    """The watch behind a board."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(lambda: open_watch(setting, picture=self._picture))
        self._setting = setting
        self._lookback = Lookback(lambda: Journal.read_only(setting.journal))
        self._board: tuple[asyncio.AbstractEventLoop, Portrait] | None = None

    def portray(self, portrait: Portrait) -> None:
        """Have the board drawn for every flight record, on the loop this is called on."""
        self._board = asyncio.get_running_loop(), portrait

    async def _picture(self, at: float) -> str:
        """The board, drawn by itself on its own loop. Raises Missing when there is none."""
        if self._board is None:
            return await no_board(at)
        loop, portrait = self._board
        drawing = portrait(at)
        try:
            answer = asyncio.run_coroutine_threadsafe(drawing, loop)
        except RuntimeError:
            drawing.close()
            raise Missing("the board had been left") from None
        return await asyncio.wrap_future(answer)

    async def handoff(self, shift: str = "") -> Documents:
        """The handoff of this moment for each reader."""
        return await asyncio.to_thread(draft, await self.look(), self._setting, shift)

    async def write(self, handoff: Documents) -> Path:
        """Write it, and say where."""
        return await asyncio.to_thread(write_documents, handoff, self._setting.handoffs)

    async def chronicle(self) -> Chronicle:
        """What the journal remembers of the day, read beside the watch that writes it."""
        return await asyncio.to_thread(recall, self._setting)

    async def history(self, check_id: str, since: float, until: float, parts: int) -> Past:
        """What was measured of a check in that time; on a thread and connection of its own."""
        return await asyncio.to_thread(self._lookback.past, check_id, since, until, parts)

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
