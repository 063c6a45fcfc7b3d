"""The list of messages to fetch again from Chatwoot."""

import csv
import sys
from argparse import Namespace

from firstwatch.errors import FirstwatchError, ProbeError
from firstwatch.journal import Journal
from firstwatch.probe import Moment
from probes import backfill
from probes.chatwoot import ChatwootProbe
from probes.postgres import PostgresProbe
from tui.cli.exits import ExitCode
from tui.cli.opening import Setting, open_probes, place


async def write_list(setting: Setting, arguments: Namespace) -> int:
    """Print or write the list; unknown when Chatwoot, which knows the rest, cannot be asked."""
    moment = Moment(setting.clock.now(), _launch(setting))
    probes = open_probes(setting.plan, setting.clock)
    database = next((p for p in probes.values() if isinstance(p, PostgresProbe)), None)
    chatwoot = next((p for p in probes.values() if isinstance(p, ChatwootProbe)), None)
    if database is None:
        raise FirstwatchError("the plan has no source of kind postgres to compare with")
    try:
        arrived = await backfill.arrived(database, moment)
        others, code = await _others(chatwoot, database, moment)
    except ProbeError as error:
        raise FirstwatchError(f"no list: {error.reason}") from None
    finally:
        for probe in probes.values():
            await probe.close()
    found = backfill.together(arrived, others)
    _write(found, arguments.out)
    _tell(f"messages to fetch again from Chatwoot since the launch: {len(found)}")
    return code


def _launch(setting: Setting) -> float:
    with Journal.read_only(setting.journal) as journal:
        launch = journal.launch
    if launch is None:
        raise FirstwatchError("no launch is stamped yet, so nothing can be missing since then")
    return launch


async def _others(
    chatwoot: ChatwootProbe | None, database: PostgresProbe, moment: Moment
) -> tuple[list[backfill.Lost], ExitCode]:
    """What only Chatwoot knows; nothing, and why, when it cannot be asked."""
    missing = "what never arrived is missing from the list"
    if chatwoot is None:
        _tell(f"no Chatwoot in the plan: {missing}")
        return [], ExitCode.UNKNOWN
    try:
        found, left_out = await backfill.never_arrived(chatwoot, database, moment)
    except ProbeError as error:
        _tell(f"{error.reason}: {missing}")
        return [], ExitCode.UNKNOWN
    if left_out:
        _tell(f"{left_out} conversations were too many to look into: {missing}")
        return found, ExitCode.UNKNOWN
    return found, ExitCode.OK


def _write(found: list[backfill.Lost], out: str) -> None:
    rows = [backfill.HEAD, *(backfill.as_row(lost) for lost in found)]
    if not out:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return
    path = place(out)
    try:
        path.touch(mode=0o600)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    except OSError as error:
        raise FirstwatchError(f"--out: {path}: {error.strerror}") from None


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
