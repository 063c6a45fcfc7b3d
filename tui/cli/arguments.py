"""The arguments of every command."""

import argparse
from collections.abc import Callable, Sequence

from firstwatch import __version__
from firstwatch.errors import FirstwatchError
from firstwatch.text import clean
from firstwatch.units import parse_duration
from tui.cli.parser import Parser

DESCRIPTION = """\
The first 24 hours after a launch, watched: measures every line of the launch checklist, counts
down to the next due round, and writes the shift handoff. Without a command it opens the board."""

EXITS = """\
exit status: 0 done, or of `check` and `status`: nothing worse than off target; 1 warning;
2 critical, and of every command: the plan, the journal or the command line cannot be used;
3 something is unknown; 4, of `verify`: what people signed is not as it was written;
70 firstwatch itself failed"""


STAKEHOLDERS = "stakeholders"
"""Those who do not run the service."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; exits by itself on --help, --version and mistakes.

    Raises FirstwatchError where `--operator` names nobody.
    """
    return parser_of().parse_args(argv)


def parser_of() -> argparse.ArgumentParser:
    """What knows every command and option."""
    parser = Parser(
        prog="firstwatch",
        description=DESCRIPTION,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"firstwatch {__version__}")
    _common(parser, theme=True)
    parser.set_defaults(command="board")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, summary, add in (
        ("start", "stamp the launch: T0 is now, or --at", _start),
        ("check", "measure everything once, print a table, exit like a Nagios plugin", _check),
        ("run", "watch without a board, until interrupted", _run),
        ("status", "print one line on how the watch stands, from its journal", _status),
        ("replay", "show a journal on the board, at any speed", _replay),
        ("lint", "check the plan without connecting to anything", _lint),
        ("handoff", "write the handoff from the journal and print where it is", _handoff),
        ("report", "write the final report from the journal and print where it is", _report),
        ("verify", "check that nothing people signed was changed since", _verify),
        ("take-over", "take the watch over, here or from a handoff of another machine", _take_over),
        ("backfill", "list the messages to fetch again from Chatwoot, as CSV", _backfill),
        ("rehearse", "practise on a small stand-in production", _rehearse),
    ):
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(command=name)
        add(command)
    return parser


def _common(parser: argparse.ArgumentParser, *, theme: bool = False) -> None:
    # SUPPRESS: an option before the command is not overwritten by the command's own default.
    nothing = argparse.SUPPRESS
    parser.add_argument(
        "-c", "--config", metavar="FILE", default=nothing, help="the plan; laid over the default"
    )
    parser.add_argument(
        "--journal", metavar="FILE", default=nothing, help="the journal; default: state folder"
    )
    parser.add_argument(
        "--operator", metavar="NAME", type=_name, default=nothing, help="who has the watch"
    )
    if theme:
        parser.add_argument("--theme", metavar="NAME", default=nothing, help="how the board looks")


def _name(text: str) -> str:
    """Whoever that names; nobody is no operator, and not whoever is logged in either."""
    if not clean(text):
        raise FirstwatchError("--operator: say a name")
    return text


def _start(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--at", metavar="TIME", default="", help="2026-11-24T05:00Z; default: now")
    parser.add_argument("--again", action="store_true", help="move a launch stamped before")


def _check(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument(
        "--for",
        dest="duration",
        metavar="TIME",
        type=_duration,
        default=None,
        help="watch for so long; default: one pass, 15s at most",
    )


def _run(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument(
        "--for", dest="duration", metavar="TIME", type=_duration, default=None, help="end after"
    )


def _status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--journal",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="default: the newest of the state folder",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--tmux", action="store_true", help="with the colours of tmux")
    form.add_argument("--json", action="store_true", help="one JSON object instead of a line")


def _replay(parser: argparse.ArgumentParser) -> None:
    nothing = argparse.SUPPRESS
    parser.add_argument("file", metavar="JOURNAL", help="read and never written")
    parser.add_argument("-c", "--config", metavar="FILE", default=nothing, help="its plan")
    parser.add_argument(
        "--speed", metavar="N", type=_number(1, 3600), default=60.0, help="1 to 3600; default 60"
    )
    parser.add_argument("--at", metavar="T+HH:MM", default="", help="begin there")
    parser.add_argument("--theme", metavar="NAME", default=nothing, help="how the board looks")


def _lint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", default="", help="the plan; default: as the board finds it"
    )
    parser.add_argument("-c", "--config", metavar="FILE", default=argparse.SUPPRESS)


def _handoff(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--folder", metavar="FOLDER", default="", help="where to write it")
    parser.add_argument(
        "--since",
        metavar="TIME",
        default="",
        help="what is over only since then: 8h, 2026-11-24T05:00Z, or shift, the last take-over",
    )
    parser.add_argument(
        "--for",
        dest="reader",
        choices=("engineers", STAKEHOLDERS),
        default="engineers",
        help="stakeholders: print half a page in plain words, write nothing",
    )
    parser.add_argument(
        "--brief", action="store_true", help="print two lines for the chat, write nothing"
    )
    parser.add_argument(
        "--unmasked-notes",
        action="store_true",
        help="notes as they were written, secrets aside; default: masked like everything",
    )


def _report(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--folder", metavar="FOLDER", default="", help="where to write it")
    parser.add_argument(
        "--unmasked-notes",
        action="store_true",
        help="what people wrote as they wrote it, secrets aside; default: masked like everything",
    )


def _verify(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument(
        "--against",
        metavar="HANDOFF.toml",
        nargs="+",
        action="extend",
        default=[],
        help="also holds the chain against what these handoffs counted",
    )


def _take_over(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument(
        "file", nargs="?", default="", help="the TOML of a handoff; default: the journal here"
    )


def _backfill(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--out", metavar="FILE", default="", help="write it there; default: print")


def _rehearse(parser: argparse.ArgumentParser) -> None:
    _common(parser, theme=True)
    parser.add_argument(
        "--speed", metavar="N", type=_number(1, 240), default=60.0, help="1 to 240; default 60"
    )
    parser.add_argument(
        "--scenario", metavar="NAME", action="append", default=[], help="strike at the start"
    )
    parser.add_argument("--timetable", action="store_true", help="strike one after the other")
    parser.add_argument(
        "--at", metavar="TIME", default="", help="when it begins: 2026-11-24T05:00Z; default: now"
    )
    parser.add_argument("--list", action="store_true", help="name the scenarios and end")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic")
    parser.add_argument("--folder", metavar="FOLDER", default="", help="kept afterwards")
    parser.add_argument("--headless", action="store_true", help="no board: a table at the end")
    parser.add_argument(
        "--for", dest="duration", metavar="TIME", type=_duration, default=60.0, help="of --headless"
    )
    parser.add_argument(
        "--serve",
        action="store_true",
        help="only the stand-in: print what a watch needs to find it",
    )


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(low: float, high: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'"{text}" is not a number') from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not from {low:g} to {high:g}")
        return value

    return number
