"""A parser that says in one sentence what is wrong with a command line."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any, NoReturn

from firstwatch.text import clean
from tui.cli.exits import ExitCode


class Parser(argparse.ArgumentParser):
    """The parser of one command, or of all; what is mistyped is told with the nearest there is."""

    def error(self, message: str) -> NoReturn:
        """Say it and end, without the usage that argparse would print before it."""
        self.exit(ExitCode.BAD_INPUT, f"{self.prog}: {clean(message)}\n")

    def parse_known_args(  # type: ignore[override] # a namespace of another class is never asked for
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Nothing is left over: the first word that is unknown is a mistake."""
        words = sys.argv[1:] if args is None else args
        # Before argparse would take the value behind a mistyped option for a command.
        for word in takewhile(lambda word: word not in ("--", *self._commands()), words):
            if word.startswith("--") and not self._is_option(word):
                self._refuse(word)
        found, strays = super().parse_known_args(words, namespace)
        if strays:
            self._refuse(strays[0])
        return found, strays

    def _commands(self) -> Iterable[str]:
        return next((a.choices or () for a in self._actions if _has_commands(a)), ())

    def _is_option(self, word: str) -> bool:
        """Whether it is one, or the beginning of one."""
        name = word.partition("=")[0]
        return any(option.startswith(name) for option in self._option_string_actions)

    def _refuse(self, stray: str) -> NoReturn:
        if not stray.startswith("-"):
            self.error(f'takes no "{stray}"')
        from firstwatch.config.wording import nearest

        name = stray.partition("=")[0]
        known = [option[2:] for option in self._option_string_actions if option.startswith("--")]
        near = nearest(name.lstrip("-"), known)
        remedy = f"did you mean --{near}?" if near else "--help names those it has"
        self.error(f"has no option {name}; {remedy}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """The same for commands, and for what has only a few words to choose from."""
        if action.choices is None or value in action.choices:
            return
        # Only now: whoever mistypes nothing need not wait for what the plan is read with.
        from firstwatch.config.wording import suggestion

        near = suggestion(value, action.choices)
        if _has_commands(action):
            self.error(f'no command is called "{value}"{near}')
        raise argparse.ArgumentError(action, f'there is no "{value}"{near}')


def _has_commands(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - it has no other name
