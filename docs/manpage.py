#!/usr/bin/env python3
"""Writes docs/firstwatch.1: the manual page, from the arguments as the program parses them.

Run it after changing one: `.venv/bin/python docs/manpage.py`; read it with `man docs/firstwatch.1`.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from tui.cli.arguments import parser_of

FILE = Path(__file__).parent / "firstwatch.1"
MORE = r"""
.SH FILES
.TP
.I ./config.toml, ~/.config/firstwatch/config.toml
the plan, laid over the one that ships; the first that is there
.TP
.I ~/.config/firstwatch/themes/*.toml
themes of your own
.TP
.I ~/.local/state/firstwatch/*.journal
what was measured and what people did, one file a watch

.SH ENVIRONMENT
.TP
.B DATABASE_URL, APP_URL, APP_LOG
where the application's database and service are, and its log
.TP
.B CHATWOOT_URL, CHATWOOT_TOKEN, CHATWOOT_ACCOUNTS
the second witness; without it silence is unknown
.TP
.B NO_COLOR
no colours
.TP
.B XDG_CONFIG_HOME, XDG_STATE_HOME
where the files above are instead

.SH EXIT STATUS
.TP
.B 0
done; of check: nothing worse than off target
.TP
.B 1
of check: a warning
.TP
.B 2
of check: something is critical; of every command: the plan, the journal or the command line
cannot be used
.TP
.B 3
of check: something is unknown
.TP
.B 4
of verify: what people signed is not as it was written
.TP
.B 70
firstwatch itself failed
"""


def manpage() -> str:
    """The whole page, in troff; without a date, so that it changes with the facts alone."""
    parser = parser_of()
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    lines = [
        '.TH FIRSTWATCH 1 "" firstwatch firstwatch',
        ".SH NAME",
        r"firstwatch \- the first 24 hours after a launch, watched from a terminal",
        ".SH SYNOPSIS",
        ".B firstwatch",
        _plain("[OPTIONS] [COMMAND [OPTIONS]]"),
        ".SH DESCRIPTION",
        _plain(" ".join((parser.description or "").split())),
        ".SH OPTIONS",
        *_options(parser),
        ".SH COMMANDS",
    ]
    for name, command in commands.choices.items():
        lines += [f".SS firstwatch {_plain(name)}", _plain(command.description or "")]
        lines += _options(command)
    return "\n".join(lines) + "\n" + MORE.lstrip("\n")


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What a command takes, but for --help."""
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        takes = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
        yield ".TP"
        yield f".B {_plain(' '.join((', '.join(action.option_strings), takes)).strip())}"
        yield _plain((action.help or "").replace("%%", "%"))


def _plain(text: str) -> str:
    """The text as troff takes it literally."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    _ = FILE.write_text(manpage(), encoding="utf-8")
