"""What each command does."""

import asyncio
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from firstwatch.chain import examine, named
from firstwatch.config import load, unset
from firstwatch.errors import ConfigError, FirstwatchError, Problem
from firstwatch.handoff import from_journal, write_documents
from firstwatch.journal import Journal
from firstwatch.linting import lint
from firstwatch.masking import Masker, masker_of
from firstwatch.snapshot import Snapshot
from probes.kinds import KINDS
from tui.cli import passes
from tui.cli.arguments import STAKEHOLDERS
from tui.cli.exits import ExitCode
from tui.cli.opening import (
    Behind,
    Setting,
    find_config,
    hand_off,
    journal_path,
    masker,
    moment,
    open_watch,
    place,
    planned_launch,
    set_up,
)
from tui.cli.reading import clock_of, warn_of_later
from tui.cli.showing import key_faults, theme_fault

Environ = Mapping[str, str]


def narrate(text: str) -> None:
    """Tell the person at the terminal; standard output stays for data."""
    print(text, file=sys.stderr)


def say(text: str) -> None:
    """Print data."""
    print(text)


def setting_of(arguments: Namespace, environ: Environ, *, connects: bool = True) -> Setting:
    """Plan, clock and places as these arguments and this environment say."""
    return set_up(
        find_config(getattr(arguments, "config", ""), environ),
        environ,
        journal=getattr(arguments, "journal", ""),
        operator=getattr(arguments, "operator", ""),
        connects=connects,
    )


def board(arguments: Namespace, environ: Environ) -> int:
    """Open the board."""
    from tui.cli.showing import look_at, show

    setting = setting_of(arguments, environ)
    look = look_at(environ)
    with Behind(setting) as behind:
        return asyncio.run(show(behind, setting.plan, getattr(arguments, "theme", None), look))


def start(arguments: Namespace, environ: Environ) -> int:
    """Stamp the launch."""
    setting = setting_of(arguments, environ)
    now = setting.clock.now()
    given = moment(arguments.at, now) if arguments.at else planned_launch(setting.plan)
    with Journal.open(setting.journal) as journal:
        if given is None and journal.launch is not None and not arguments.again:
            stamped = journal.launch
            narrate("stamped before and left as it was; --again moves it")
        else:
            stamped = now if given is None else given
            journal.stamp_launch(stamped, setting.operator, again=arguments.again)
    say(f"launch {datetime.fromtimestamp(stamped, UTC):%Y-%m-%d %H:%M:%S} UTC")
    narrate(f"journal {setting.journal}")
    return ExitCode.OK


def check(arguments: Namespace, environ: Environ) -> int:
    """Measure everything once."""
    setting = setting_of(arguments, environ)
    with tempfile.TemporaryDirectory(prefix="firstwatch-check-") as folder:
        own = replace(setting, journal=Path(folder) / "check.journal")
        snapshot = asyncio.run(passes.one_pass(own, _launch_of(setting), arguments.duration))
    say(
        passes.as_json(snapshot, _mask_of(setting, snapshot))
        if arguments.json
        else passes.as_table(snapshot)
    )
    return passes.exit_code(snapshot)


def _launch_of(setting: Setting) -> float:
    """T0 as the journal of the watch has it, else now."""
    if setting.journal.is_file():
        with Journal.read_only(setting.journal) as journal:
            return journal.launch or setting.clock.now()
    return setting.clock.now()


def _mask_of(setting: Setting, snapshot: Snapshot) -> Masker:
    """The masker of the watch's journal, where there is one."""
    if setting.journal.is_file():
        with Journal.read_only(setting.journal) as journal:
            return masker(journal, snapshot)
    return masker_of(setting.plan, snapshot)


def run(arguments: Namespace, environ: Environ) -> int:
    """Watch without a board."""
    setting = setting_of(arguments, environ)
    with open_watch(setting) as watch:
        narrate(f"watching; journal {setting.journal}; end with Ctrl+C")
        with Journal.read_only(setting.journal) as journal:
            mask = masker(journal, watch.snapshot())
        teller = passes.Teller(watch.flips, mask)
        watch.subscribe(teller)
        asyncio.run(passes.watch_for(watch, arguments.duration))
        teller.close()
    return ExitCode.OK


def status(arguments: Namespace, environ: Environ) -> int:
    """Print how the watch stands, in one line."""
    from tui.cli.stating import status as state

    return state(arguments, environ)


def replay(arguments: Namespace, environ: Environ) -> int:
    """Show a journal on the board."""
    from tui.cli.replaying import replay as play

    return play(arguments, environ)


def lint_file(arguments: Namespace, environ: Environ) -> int:
    """Check a plan without connecting."""
    given = arguments.file or getattr(arguments, "config", "")
    path = find_config(given, environ)
    for problem in unset(path, environ):
        narrate(f"{problem} here; a watch needs it")
    plan = load(path, KINDS, environ, run_commands=False, connects=False, key_faults=key_faults)
    shown = str(path) if path else "config.toml"
    fault = theme_fault(plan.watch.theme)
    problems = [Problem(shown, "watch.theme", fault)] if fault else []
    if problems := [*problems, *lint(plan, shown)]:
        raise ConfigError(problems)
    narrate(f"{shown}: {len(plan.checks)} checks in {len(plan.phases)} phases, nothing wrong")
    return ExitCode.OK


def handoff(arguments: Namespace, environ: Environ) -> int:
    """Write the handoff from the journal, or print what is meant to be pasted."""
    setting = setting_of(arguments, environ, connects=False)
    with Journal.read_only(setting.journal) as journal:
        clock = clock_of(journal, setting.clock)
        warn_of_later(journal, clock)
        snapshot = from_journal(journal, setting.plan, clock.now(), scale=clock.scale)
        unmasked = arguments.unmasked_notes
        made = hand_off(snapshot, journal, arguments.since, unmasked_notes=unmasked)
    if arguments.brief or arguments.reader == STAKEHOLDERS:
        say((made.breath if arguments.brief else made.stakeholders).removesuffix("\n"))
        return ExitCode.OK
    folder = place(arguments.folder) if arguments.folder else setting.handoffs
    try:
        say(str(write_documents(made, folder)))
    except OSError as error:
        raise FirstwatchError(f"no handoff written into {folder}: {error.strerror}") from None
    return ExitCode.OK


def report(arguments: Namespace, environ: Environ) -> int:
    """Write the final report from the journal."""
    from tui.cli.reporting import write_report

    setting = setting_of(arguments, environ, connects=False)
    return write_report(setting, arguments.folder, unmasked_notes=arguments.unmasked_notes)


def verify(arguments: Namespace, environ: Environ) -> int:
    """Examine the chain of acts."""
    handoffs = [named(place(file)) for file in arguments.against]
    with Journal.read_only(_journal_of(arguments, environ)) as journal:
        chain = examine(journal, handoffs)
    for fault in chain.faults:
        say(fault)
    say(str(chain))
    return ExitCode.OK if chain.is_whole else ExitCode.NOT_WHOLE


def _journal_of(arguments: Namespace, environ: Environ) -> Path:
    """The journal as given, or where the plan has it; no secret of the plan is fetched for that."""
    if given := getattr(arguments, "journal", ""):
        return place(given)
    config = find_config(getattr(arguments, "config", ""), environ)
    plan = load(config, KINDS, environ, run_commands=False, connects=False)
    return journal_path(plan, "", environ)


def take_over(arguments: Namespace, environ: Environ) -> int:
    """Take the watch over."""
    from tui.cli.taking_over import take_over as accept

    return accept(setting_of(arguments, environ, connects=False), arguments)


def backfill(arguments: Namespace, environ: Environ) -> int:
    """List the messages to fetch again from Chatwoot."""
    from tui.cli.backfilling import write_list

    return asyncio.run(write_list(setting_of(arguments, environ), arguments))


def rehearse(arguments: Namespace, environ: Environ) -> int:
    """Practise on a stand-in production."""
    from tui.cli.rehearsing import rehearse as practise

    return asyncio.run(practise(arguments, environ))


COMMANDS: dict[str, Callable[[Namespace, Environ], int]] = {
    "board": board,
    "start": start,
    "check": check,
    "run": run,
    "status": status,
    "replay": replay,
    "lint": lint_file,
    "handoff": handoff,
    "report": report,
    "verify": verify,
    "take-over": take_over,
    "backfill": backfill,
    "rehearse": rehearse,
}
