"""Followers: the bytes that are added to a log, from a file or from a command.

Both are asked by `poll`, which never takes more than a bounded bite and hardly waits. What
keeps them from following is a `Trouble`; they go on trying, and it is gone when they can.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, Denied, Missing, ProbeError, Unreachable
from firstwatch.units import format_clock

POLL: Final = 0.25
"""Real seconds between two looks at a calm log."""
BITE: Final = 64 * 1024
"""Bytes taken at a time; a flood is eaten in such bites, and others get their turn between."""
BACKLOG: Final = 256 * 1024
"""Bytes before the end that are read back at the start, for the tails."""
GRACE: Final = 5.0
"""Real seconds a file may be away, as it is while it is rotated, before it is said to be gone."""

SIGHTINGS: Final = 2
"""Looks in a row at which another file has the path and ours has nothing new, before we change."""

_HOLE: Final = bytes(4096)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a log cannot be followed."""

    error: type[ProbeError]
    reason: str
    since: float
    """Seconds since the epoch."""


class Follower(Protocol):
    """Something that a log's new bytes come from."""

    pause: float
    """Real seconds to wait after a poll that brought nothing."""
    bytes_read: int
    began: float | None
    """When following first began, seconds since the epoch; None: not yet."""
    since: float | None
    """Since when nothing has been missed."""

    @property
    def trouble(self) -> Trouble | None:
        """What keeps it from following now."""

    async def poll(self) -> bytes:
        """The next bytes, at most about `BITE`; empty when there are none now."""

    def take_backlog(self) -> bytes:
        """What was there before following began, once."""

    async def close(self) -> None:
        """Let go of file or process."""


class State:
    """What both followers tell of themselves."""

    def __init__(self, clock: Clock, real: Callable[[], float]) -> None:
        self._clock = clock
        self._real = real
        self._last = b"\n"
        self.bytes_read = 0
        self.began: float | None = None
        self.since: float | None = None
        self.trouble: Trouble | None = None

    @property
    def problem(self) -> str | None:
        """What keeps it from following, in words."""
        return self.trouble.reason if self.trouble else None

    def _fail(self, error: type[ProbeError], reason: str) -> None:
        if self.trouble and self.trouble.error is error and self.trouble.reason == reason:
            return
        self.trouble = Trouble(error, reason, self._clock.now())

    def _follows(self) -> None:
        self.since = self._clock.now()
        if self.began is None:
            self.began = self.since

    def _read(self, data: bytes) -> bytes:
        self.bytes_read += len(data)
        if data:
            self._last = data[-1:]
        return data

    def _boundary(self) -> bytes:
        """Ends the last line of a stream that will not go on."""
        ended, self._last = self._last == b"\n", b"\n"
        return b"" if ended else b"\n"


class FileFollower(State):
    """Follows a file by its path through rotation, truncation and late creation."""

    pause = POLL

    def __init__(self, path: str, clock: Clock, real: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock, real)
        self._name = path
        try:
            self._path = Path(path).expanduser()
        except RuntimeError:  # nobody's home: no such file
            self._path = Path(path)
        self._fd: int | None = None
        self._offset = 0
        self._sightings = 0
        self._backlog = b""
        self._from_start = False
        self._midline = False
        self._gone: tuple[float, float] | None = None

    async def poll(self) -> bytes:
        """The next bytes; what is in the way becomes the trouble."""
        try:
            return self._poll()
        except (FileNotFoundError, NotADirectoryError):
            self._from_start = True
            where = "" if Path(self._name).is_absolute() else f" in {Path.cwd()}; set APP_LOG"
            self._fail(Missing, f"no such file: {self._name}{where}")
        except PermissionError:
            self._fail(Denied, f"may not read {self._name}: grant read permission")
        except IsADirectoryError:
            self._fail(BadAnswer, f"{self._name} is a folder, not a file")
        except OSError as error:
            self._fail(Unreachable, f"{self._name}: {error.strerror or error}")
        return b""

    def take_backlog(self) -> bytes:
        """Up to `BACKLOG` bytes of whole lines that were there at the start, once."""
        backlog, self._backlog = self._backlog, b""
        return backlog

    async def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _poll(self) -> bytes:
        if self._fd is None:
            self._begin()
        data = self._bite()
        if data:
            self._sightings = 0
            return data
        return self._again() if self._is_shorter() else self._look_at_path()

    def _begin(self) -> None:
        self._fd = self._open()
        self._follows()
        self.trouble = None
        if self._from_start:
            self._offset = 0
            return
        size = os.fstat(self._fd).st_size
        start = max(0, size - BACKLOG)
        block = os.pread(self._fd, size - start, start)
        end = block.rfind(b"\n") + 1
        self._midline = bool(block) and not end
        self._offset = start + end if end else size
        self._backlog = block[:end] if not start else block[:end].partition(b"\n")[2]

    def _open(self) -> int:
        fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        mode = os.fstat(fd).st_mode
        if stat.S_ISREG(mode):
            return fd
        os.close(fd)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError
        raise OSError(0, "not a regular file; follow it by a command")

    def _bite(self) -> bytes:
        fd = self._fd
        if fd is None:
            return b""
        data = os.pread(fd, BITE, self._offset)
        if data.startswith(_HOLE) and hasattr(os, "SEEK_DATA"):
            # A writer that kept its place in a truncated file leaves a hole before its next line.
            with contextlib.suppress(OSError):
                self._offset = os.lseek(fd, self._offset, os.SEEK_DATA)
                data = os.pread(fd, BITE, self._offset)
        self._offset += len(data)
        if self._midline:
            _, newline, data = data.partition(b"\n")
            self._midline = not newline
        return self._read(data)

    def _is_shorter(self) -> bool:
        return self._fd is not None and os.fstat(self._fd).st_size < self._offset

    def _again(self) -> bytes:
        """The same file from its start."""
        self._offset, self._midline = 0, False
        return self._boundary() + self._bite()

    def _look_at_path(self) -> bytes:
        """Go over to the file that has taken the path, once the old one has been read out."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            self._note_gone()
            return b""
        self._gone = None
        self._sightings = 0 if self._is_same(there) else self._sightings + 1
        if self._fd is None or self._sightings < SIGHTINGS:
            self.trouble = None
            return b""
        successor = self._open()
        os.close(self._fd)
        self._fd, self.trouble, self._sightings = successor, None, 0
        return self._again()

    def _is_same(self, there: os.stat_result) -> bool:
        here = os.fstat(self._fd) if self._fd is not None else there
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)

    def _note_gone(self) -> None:
        if self._gone is None:
            self._gone = (self._real(), self._clock.now())
        real, at = self._gone
        if self._real() - real >= GRACE:
            self._fail(Missing, f"{self._name} gone since {format_clock(at)}")
