"""The command line of firstwatch. Data goes to standard output, narration to standard error."""

import io
import os
import sys
from collections.abc import Sequence

from firstwatch.errors import FirstwatchError
from tui.cli.arguments import parse
from tui.cli.exits import ExitCode

__all__ = ["ExitCode", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit status."""
    _show_what_can_be_shown()
    status = int(ExitCode.OK)
    try:
        try:
            status = _run(sys.argv[1:] if argv is None else argv)
        finally:
            # Now, not when Python ends: what goes wrong then can only be shown as a traceback.
            if sys.stdout:
                sys.stdout.flush()
        return status
    except FirstwatchError as error:
        from firstwatch import crash

        print(crash.without_secrets(str(error)), file=sys.stderr)
        return ExitCode.BAD_INPUT
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody left to tell.
        sys.stdout = None
        return status
    except OSError as error:
        from firstwatch import crash

        sys.stdout = None
        name = error.filename or "output"
        print(crash.without_secrets(f"{name}: {error.strerror or error}"), file=sys.stderr)
        return ExitCode.BAD_INPUT
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - the last one to see it
        from firstwatch import crash

        print(crash.report(error), file=sys.stderr)
        return ExitCode.CRASHED


def _run(argv: Sequence[str]) -> int:
    arguments = parse(argv)
    if arguments.command == "status":
        # Whatever else is loaded for a command would cost more than its whole tenth of a second.
        from tui.cli.stating import status

        return int(status(arguments, os.environ))
    import logging

    from firstwatch import crash
    from firstwatch.secrecy import secrets_in
    from tui.cli.commands import COMMANDS

    # Remarks of asyncio and other libraries would land in the middle of the board.
    logging.getLogger().addHandler(logging.NullHandler())
    crash.keep_quiet(secrets_in(os.environ))
    with crash.reporting():
        return int(COMMANDS[arguments.command](arguments, os.environ))


def _show_what_can_be_shown() -> None:
    """Replace what the encoding of an output has no room for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
