"""The board as a process on a terminal of its own, whose screen and bytes a test can read."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyte

COLUMNS, ROWS = 80, 24
ROOT = Path(__file__).parents[2]
RUN = """
import asyncio, dataclasses, itertools, os, sys, threading, time
sys.path.append({root!r})
from tests.tui import samples
from tui.cli.showing import look_at, show

shown = getattr(samples, {sample!r})()

class Posting(samples.FakeWatching):
    def subscribe(self, receive):
        super().subscribe(receive)
        self.clock.time = shown.at
        threading.Thread(target=self.live, daemon=True).start()

    def live(self):
        for beat in itertools.count(1):
            self.post(dataclasses.replace(shown, beat=beat))
            time.sleep(1)

watching = Posting(offered=[samples.Drill(samples.EVIL, samples.EVIL)])
if {sample!r} == "hostile":
    watching.drafted = RuntimeError(samples.EVIL)
look = look_at(os.environ)
sys.exit(asyncio.run(show(watching, shown.plan, {theme!r}, look)))
"""
SEQUENCE = re.compile(rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[@-Z\\^_])")
"""One command to a terminal, whole."""
INHERITED = ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


@dataclass
class Terminal:
    """What a board sends, and what comes of it on a screen."""

    fd: int
    screen: pyte.Screen
    sent: bytes = b""
    _stream: pyte.ByteStream = field(init=False)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        """The screen as plain text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def sequences(self) -> list[bytes]:
        """Every command that was sent."""
        return SEQUENCE.findall(self.sent)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def until(self, *words: str, gone: str = "\0", seconds: float = 20.0) -> str:
        """The screen once it shows these words and others no more; fails after so many seconds."""
        ends = time.monotonic() + seconds
        while gone in self.text or not all(word in self.text for word in words):
            if time.monotonic() > ends or not self._read():
                raise AssertionError(f"{words} never came; the screen shows\n{self.text}")
        return self.text

    def _read(self) -> bool:
        if not select.select([self.fd], [], [], 0.2)[0]:
            return True
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            return False
        self.sent += piece
        self._stream.feed(piece)
        return bool(piece)


@contextmanager
def terminal(
    sample: str = "troubled",
    theme: str | None = None,
    **environ: str,
) -> Iterator[Terminal]:
    """A board on that sample, in an environment of nothing but this."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(root=str(ROOT), sample=sample, theme=theme)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**{k: v for k, v in os.environ.items() if k in INHERITED}, **environ},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, pyte.Screen(COLUMNS, ROWS))
    finally:
        process.kill()
        process.wait(10)
        os.close(ours)
