"""The status line. It has a tenth of a second, so it reads the journal alone, and no plan."""

import os
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from firstwatch.errors import FirstwatchError, JournalError
from firstwatch.journal.peek import newest, peeking
from firstwatch.status import Status, status_of
from firstwatch.text import clean
from firstwatch.verdict import Level
from tui.cli.exits import ExitCode, of_levels
from tui.renderables.glyphs import ASCII, RICH
from tui.statusline import as_json, as_line, as_tmux, coloured


def status(arguments: Namespace, environ: Mapping[str, str]) -> ExitCode:
    """Print how the watch stands; the exit status of a check."""
    try:
        path = _journal(getattr(arguments, "journal", ""), environ)
        with peeking(path) as peek:
            found = status_of(peek, time.time())
    except (FirstwatchError, OSError) as error:
        told = clean(str(error), 300)
        if arguments.tmux:
            # tmux shows what is printed and nothing else; an empty line would look calm.
            print(coloured(f"? firstwatch: {told}", Level.UNKNOWN))
        else:
            print(told, file=sys.stderr)
        return ExitCode.BAD_INPUT
    print(_told(found, path, arguments))
    return of_levels([standing.level for standing in found.checks] or [Level.UNKNOWN])


def _told(found: Status, path: Path, arguments: Namespace) -> str:
    if arguments.json:
        return as_json(found, str(path))
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    glyphs = RICH if encoding == "utf8" else ASCII
    return as_tmux(found, glyphs) if arguments.tmux else as_line(found, glyphs)


def _journal(given: str, environ: Mapping[str, str]) -> Path:
    """The journal as given, else the newest of the state folder."""
    if given:
        return Path(os.path.expanduser(given))  # noqa: PTH111 - never fails on `~nobody`
    home = environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    folder = Path(home) / "firstwatch"
    path = newest(folder)
    if path is None:
        raise JournalError(f"no journal in {folder}; a watch makes it when it first starts")
    return path
