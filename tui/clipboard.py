"""Out of the terminal and into a clipboard, over SSH, too.

The way is OSC 52: an escape sequence that carries the text to the terminal the person sits at.
tmux by default does not take it from a program that runs in it, but sends it on by itself when
it is told to load its own buffer; so in tmux that is asked for. GNU screen hands on what is
wrapped for it. No terminal answers, so nobody can know whether it was taken.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tui.passthrough import through_screen

LARGEST: Final = 74_994
"""Bytes of base64 that xterm takes, and those that are made after it."""
PATIENCE: Final = 2.0
"""Real seconds that tmux has to take the text."""
_PASSED_ON: Final = ("TMUX", "TMUX_PANE", "PATH", "HOME", "LANG", "LC_ALL")
"""What the tmux client may know of our environment: it tells all of it to its server."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a text."""

    lines: int
    sent: bool = True
    """It went to the terminal; whether that took it nobody knows."""
    kept: bool = False
    """It is in tmux's own buffer."""

    @property
    def words(self) -> str:
        """What to tell the person."""
        count = f"{self.lines} line" + ("" if self.lines == 1 else "s")
        if self.kept and self.sent:
            return f"copied {count}, also into tmux (prefix ])"
        if self.kept:
            return f"copied {count} into tmux alone (prefix ]): too long for a terminal"
        if self.sent:
            return f"copied {count}; needs a terminal that allows OSC 52"
        return f"not copied: {count}, too long for a terminal"


async def copy(text: str, write: Callable[[str], None], environ: Mapping[str, str]) -> Copied:
    """Copy the text; `write` writes to the terminal, `environ` tells what lies between."""
    payload = base64.b64encode(text.encode()).decode("ascii")
    fits = len(payload) <= LARGEST
    lines = len(text.splitlines())
    if environ.get("TMUX"):
        if fits and await _load("-w", text, environ):
            return Copied(lines, kept=True)
        if await _load("", text, environ):
            # An older tmux, which knows no -w; it may yet take the sequence itself.
            if fits:
                write(_sequence(payload))
            return Copied(lines, sent=fits, kept=True)
    if fits:
        is_screen = bool(environ.get("STY")) and not environ.get("TMUX")
        sequence = _sequence(payload)
        write(through_screen(sequence) if is_screen else sequence)
    return Copied(lines, sent=fits)


def _sequence(payload: str) -> str:
    return f"\x1b]52;c;{payload}\a"


async def _load(flag: str, text: str, environ: Mapping[str, str]) -> bool:
    """Whether tmux took the text into its buffer; with -w it sends it to the terminal, too."""
    argv = ["tmux", "load-buffer", *([flag] if flag else []), "-"]
    known = {name: environ[name] for name in _PASSED_ON if name in environ}
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=known,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            await process.communicate(text.encode())
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode == 0
