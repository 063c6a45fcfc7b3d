"""A terminal that a program runs in: keys go in, and what a person would see comes out."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

LOOK = 0.2
"""Real seconds between two looks at the screen."""
PATIENCE = 20.0
"""Real seconds in which a board shows what a key did, on a machine that has other work."""
ALONE = 0.5
"""Real seconds after escape before another key: at once they would be one key with Alt."""
ANSWERS = 10.0
"""Real seconds in which tmux itself must answer."""


class Unseen(Exception):
    """What should have been on the screen never was; the message ends with what was."""


class Terminal:
    """A tmux of its own, which ends, with everything in it, when this context is left."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], size: tuple[int, int]
    ) -> None:
        self._folder = tempfile.mkdtemp(prefix="firstwatch-terminal-")
        self._argv = argv
        self._environ = {k: v for k, v in environ.items() if k not in ("TMUX", "TMUX_PANE")}
        self._size = size

    def __enter__(self) -> Self:
        width, height = map(str, self._size)
        # The server reads no configuration, and the pane stays when its program ends: its last
        # words are to be read.
        new = ["new-session", "-d", "-x", width, "-y", height, "--", *self._argv]
        self._tmux(*new, ";", "set-option", "remain-on-exit", "on")
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tmux(self, *words: str, check: bool = True) -> str:
        argv = ["tmux", "-u", "-S", f"{self._folder}/socket", "-f", os.devnull, *words]
        done = subprocess.run(
            argv,
            env=self._environ,
            timeout=ANSWERS,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise Unseen(f"tmux {words[0]}: {done.stderr.strip()}")
        return done.stdout

    def screen(self) -> str:
        """What is to be seen, line by line."""
        return self._tmux("capture-pane", "-p")

    def row(self) -> str:
        """The row that the cursor is in: where something is typed, that of the field."""
        return self._tmux("display-message", "-p", "#{cursor_y}")

    def press(self, *keys: str) -> None:
        """Press keys, by the names that tmux has for them: "s", "Enter", "Escape"."""
        self._tmux("send-keys", *keys)
        if "Escape" in keys:
            time.sleep(ALONE)

    def type(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-l", "--", text)

    def until(self, seen: Callable[[str], bool], what: str, within: float) -> str:
        """The screen as soon as `seen` is true of it. Raises Unseen after so many real seconds."""
        ends = time.monotonic() + within
        while True:
            screen = self.screen()
            if seen(screen):
                return screen
            if time.monotonic() > ends:
                raise Unseen(f"after {within:g} s there is still no {what}\n{screen.rstrip()}")
            time.sleep(LOOK)

    def shows(self, words: str, within: float = PATIENCE) -> str:
        """The screen as soon as these words are on it."""
        return self.until(lambda screen: words in screen, f'"{words}"', within)

    def hides(self, words: str, within: float = PATIENCE) -> str:
        """The screen as soon as these words are off it."""
        return self.until(lambda screen: words not in screen, f'end of "{words}"', within)
