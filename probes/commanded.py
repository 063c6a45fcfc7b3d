"""A log that a command prints, such as `ssh app tail -n 0 -F …`."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from firstwatch.clock import Clock
from firstwatch.errors import Denied, Missing, ProbeError, Unreachable
from firstwatch.text import clean
from probes.follower import BITE, POLL, State

STEADY: Final = 5.0
"""Real seconds a command must live to be believed when it says nothing."""
BACK_OFF: Final = (1.0, 60.0)
"""The first and the longest real seconds before a command is started again."""


class CommandFollower(State):
    """Follows what a command prints, and starts it again, ever more slowly, when it ends."""

    pause = 0.0

    def __init__(
        self, command: tuple[str, ...], clock: Clock, real: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(clock, real)
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: asyncio.Task[None] | None = None
        self._complaint = b""
        self._started = 0.0
        self._next = 0.0
        self._delay = BACK_OFF[0]

    async def poll(self) -> bytes:
        """The next bytes, waited for up to `POLL`; starts the command when its time has come."""
        if self._process is None:
            if self._real() < self._next:
                await asyncio.sleep(POLL)
                return b""
            await self._start()
        process = self._process
        if process is None or process.stdout is None:
            return b""
        try:
            async with asyncio.timeout(POLL):
                data = await process.stdout.read(BITE)
        except TimeoutError:
            if self._real() - self._started >= STEADY:
                self.trouble = None
            return b""
        if not data:
            await self._note_end(process)
            return self._boundary()
        self.trouble = None
        return self._read(data)

    def take_backlog(self) -> bytes:
        """Nothing: all that a command prints is new."""
        return b""

    async def close(self) -> None:
        """End the command."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        await self._hush()

    async def _start(self) -> None:
        self._started = self._real()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                # Away from our terminal: ssh would ask its questions there, and eat the keys.
                start_new_session=True,
            )
        except FileNotFoundError:
            self._retry_later(Missing, f"no such program: {self._command[0]}")
        except PermissionError:
            self._retry_later(Denied, f"may not run {self._command[0]}")
        except OSError as error:
            self._retry_later(Unreachable, f"{self._command[0]}: {error.strerror or error}")
        else:
            self._follows()
            self._complaint = b""
            if self._process.stderr is not None:
                self._complaints = asyncio.create_task(self._listen(self._process.stderr))

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        """Keep the last of what the command complains of."""
        while data := await stderr.read(4096):
            self._complaint = (self._complaint + data)[-4096:]

    async def _note_end(self, process: asyncio.subprocess.Process) -> None:
        if self._complaints is not None:
            await asyncio.wait([self._complaints], timeout=1.0)
        self._process = None
        await _end(process)
        await self._hush()
        lines = self._complaint.decode(errors="replace").strip().splitlines()
        why = clean(lines[-1], 120) if lines else f"exit code {process.returncode}"
        if self._real() - self._started >= BACK_OFF[1]:
            self._delay = BACK_OFF[0]
        self._retry_later(Unreachable, f"{Path(self._command[0]).name} ended: {why}")

    def _retry_later(self, error: type[ProbeError], reason: str) -> None:
        self._next = self._real() + self._delay
        self._delay = min(self._delay * 2, BACK_OFF[1])
        self._fail(error, reason)

    async def _hush(self) -> None:
        task, self._complaints = self._complaints, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the process and all it has started to end, then make them."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await process.wait()
                return
