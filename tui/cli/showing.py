"""Opening a board on a running watch. Imported only then, because Textual is slow to load."""

import os
import sys
from collections.abc import Mapping

from firstwatch.config.wording import quoted, suggestion
from firstwatch.errors import FirstwatchError
from firstwatch.plan import Plan
from tui.cli.exits import ExitCode
from tui.terminal import AUTO, Look, prepare
from tui.watching import Watching

CALM = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "TEXTUAL_SMOOTH_SCROLL": "0"}
"""What Textual reads once, when it is imported: nothing moves that carries no news."""


def look_at(environ: Mapping[str, str]) -> Look:
    """What this terminal can show. Raises FirstwatchError when it can show no board."""
    if not (sys.stdin and sys.stdin.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        raise FirstwatchError("the board needs a terminal; `firstwatch check` and `run` do not")
    look = prepare(environ)
    if look.refusal:
        raise FirstwatchError(look.refusal)
    return look


def calm_down() -> None:
    """Have nothing move that carries no news, and tell Textual what the terminal can do."""
    for name, value in {**CALM, **_wishes(prepare(os.environ))}.items():
        os.environ.setdefault(name, value)


def key_faults(keys: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with which keys of a plan; looks at the board only where a plan has any."""
    if not keys:
        return {}
    calm_down()
    from tui.keys import faults

    return faults(keys)


def theme_fault(name: str) -> str:
    """Why a board would not put on the theme of a plan; `auto` needs no look at the themes."""
    if name == AUTO:
        return ""
    calm_down()
    from tui.themes import load_themes

    themes = load_themes()
    if name in themes.names:
        return ""
    for broken in themes.broken:
        if broken.startswith(f"{name}.toml: "):
            return f"theme {quoted(name)} is left out: {broken}"
    return f"unknown theme {quoted(name)}{suggestion(name, (AUTO, *themes.names))}"


async def show(watching: Watching, plan: Plan, theme: str | None, look: Look) -> ExitCode:
    """Show the board until it is left."""
    calm_down()
    from tui.app import Board

    crashed = await Board(watching, plan, theme, look=look).attend()
    return ExitCode.CRASHED if crashed else ExitCode.OK


def _wishes(look: Look) -> dict[str, str]:
    """What Textual is told of the terminal, because it would guess or not ask."""
    colours = {"TEXTUAL_COLOR_SYSTEM": look.colour_system}
    return {**colours, "TEXTUAL_DISABLE_KITTY_KEY": "1"} if look.is_plain else colours
