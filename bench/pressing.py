"""Keys pressed on a board in a terminal, each timed until the screen shows what it does."""

import fcntl
import os
import pty
import random
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pyte

from bench.terminal import PATIENCE, Unseen

COLUMNS, ROWS = 120, 40
HEAD = 4
"""Lines above the panes, and above whatever a cursor is in."""
REST = 0.05, 0.55
"""Real seconds between two keys, at least and at most: no key knows of any tick."""
LEAVING = 10.0
"""Real seconds that the board may take to end."""
ESC = "\x1b"

Lines = Sequence[str]
Shown = Callable[[Lines, Lines], bool]
"""Whether the second screen shows what a key did that was pressed on the first."""


def _shows(pattern: str) -> Shown:
    """Whether some line has what is looked for."""
    found = re.compile(pattern)
    return lambda _, now: any(map(found.search, now))


def _hides(pattern: str) -> Shown:
    """Whether no line has what is looked for."""
    shown = _shows(pattern)
    return lambda before, now: not shown(before, now)


def _moves(before: Lines, now: Lines) -> bool:
    """Whether the cursor stands elsewhere."""
    return _pointers(before) != _pointers(now)


def _pointers(lines: Lines) -> set[tuple[int, int]]:
    found = ((y, line.find("▸")) for y, line in enumerate(lines) if y >= HEAD)
    return {(y, x) for y, x in found if x >= 0}


def _turns_foot(before: Lines, now: Lines) -> bool:
    """Whether the last line says something else."""
    return before[-1] != now[-1]


def _has_all_panes(_: Lines, now: Lines) -> bool:
    return all(any(name in line for line in now) for name in ("── system", "── WhatsApp"))


def _has_one_pane(before: Lines, now: Lines) -> bool:
    return not _has_all_panes(before, now)


@dataclass(frozen=True, slots=True)
class Gesture:
    """One key, and what it is to do."""

    kind: str
    keys: str
    shown: Shown


_BACK = Gesture("esc from a view", ESC, _hides("[╰╯]"))
_BOARD = tuple(Gesture("j k on the board", key, _moves) for key in "jjkj")
GESTURES: Sequence[Gesture] = (
    *_BOARD,
    Gesture("tab", "\t", _moves),
    *_BOARD,
    Gesture("enter: a check", "\r", _shows("│ verdict ")),
    Gesture("] [ its range", "]", _shows("╭─.* · last 6 h")),
    Gesture("] [ its range", "]", _shows("╭─.* · last 24 h")),
    Gesture("] [ its range", "[", _shows("╭─.* · last 6 h")),
    _BACK,
    Gesture("l: the log", "l", _shows(r"^│ .\d\d:\d\d:\d\d ")),
    *(Gesture("j k in the log", key, _moves) for key in "kkkjj"),
    Gesture("/ in the log", "/", _shows("words as they stand")),
    *(Gesture("a letter", key, _turns_foot) for key in "500"),
    Gesture("enter: the search", "\r", _shows(r'"500" \d+ of \d+')),
    Gesture("n: the next one", "n", _turns_foot),
    Gesture("tab: another tail", "\t", _shows("^╭─.*▸2 ")),
    _BACK,
    Gesture("v: the timeline", "v", _shows("│ 1 all ")),
    *(Gesture("j k on the timeline", key, _moves) for key in "jjjkk"),
    Gesture("2 1 its kinds", "2", _shows("╭─ timeline · trouble")),
    Gesture("2 1 its kinds", "1", _shows("╭─ timeline · all")),
    _BACK,
    Gesture("f: the flow", "f", _shows("│ Chatwoot .*webhooks .*leads ")),
    _BACK,
    Gesture("space", " ", _shows("paused ")),
    Gesture("space", " ", _hides("paused ")),
    Gesture("z", "z", _has_one_pane),
    Gesture("z", "z", _has_all_panes),
    Gesture("?: the keys", "?", _shows("│  Keys ")),
    _BACK,
    Gesture("s: the card", "s", _shows("│ round 24 ")),
    _BACK,
    Gesture("esc on the board", ESC, lambda _, now: not _pointers(now)),
)
"""What a person presses who looks through everything once; begins and ends on the board alone."""


class Board:
    """A program in a terminal of its own."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """What is to be seen."""
        return list(self._screen.display)

    def press(self, gesture: Gesture) -> float:
        """Press it; real seconds until what shows its effect had arrived. Raises Unseen."""
        before = self.lines
        pressed = time.monotonic()
        os.write(self._fd, gesture.keys.encode())
        return self._until(gesture.shown, gesture.kind, before) - pressed

    def shows(self, pattern: str) -> None:
        """Wait until some line has what is looked for. Raises Unseen."""
        self._until(_shows(pattern), pattern, self.lines)

    def rest(self, seconds: float) -> None:
        """Look on for so long."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            for _, piece in self._pieces(left):
                self._stream.feed(piece)

    def _until(self, shown: Shown, what: str, before: Lines) -> float:
        ends = time.monotonic() + PATIENCE
        while (left := ends - time.monotonic()) > 0:
            for at, piece in self._pieces(left):
                self._stream.feed(piece)
                if shown(before, self.lines):
                    return at
        raise Unseen(f"{what} never came\n" + "\n".join(self.lines))

    def _pieces(self, seconds: float) -> list[tuple[float, bytes]]:
        """What comes next within so long, and with it, each piece with its moment.

        To understand a piece takes longer than to send it, so first all of them are taken.
        """
        pieces: list[tuple[float, bytes]] = []
        while select.select([self._fd], [], [], 0 if pieces else seconds)[0]:
            pieces.append((time.monotonic(), os.read(self._fd, 65536)))
        return pieces


@contextmanager
def board(argv: Sequence[str], environ: Mapping[str, str]) -> Iterator[Board]:
    """That program in a terminal; it is told to end when this is left, and made to."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Board(ours)
    finally:
        process.terminate()
        ends = time.monotonic() + LEAVING
        # What it says at last has to be read, or it would wait for a reader; then the end fails.
        with suppress(OSError):
            while time.monotonic() < ends:
                if select.select([ours], [], [], 0.1)[0]:
                    os.read(ours, 65536)
        process.kill()
        process.wait()
        os.close(ours)


def pressed(on: Board, count: int, seed: int) -> Iterator[tuple[str, float]]:
    """Press at least so many keys, whole rounds of them; kind and real seconds of each."""
    rng = random.Random(seed)
    for _ in range(-(-count // len(GESTURES))):
        for gesture in GESTURES:
            on.rest(rng.uniform(*REST))
            yield gesture.kind, on.press(gesture)
