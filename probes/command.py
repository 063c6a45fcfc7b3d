"""The command probe: runs a program of the user's and reads a number from it."""

import asyncio
import os
import re
import shlex
import signal
from contextlib import suppress
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer
from firstwatch.probe import Duration, Inquiry, Kind, Moment, Section
from firstwatch.readings import Reading
from firstwatch.text import clean
from probes.json_path import checked_path, number_at, parse_json
from probes.reasons import seconds

OUTPUT = 256 * 1024
"""The most bytes a program may write to either stream; one that writes more is ended."""
_KEPT = ("PATH", "HOME", "LANG", "TZ")
_TAIL = 4096
_GRACE = 0.25
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")


class Settings(Section):
    """Where programs run."""

    env: dict[str, SecretStr] = Field(default_factory=dict)
    """Added to PATH, HOME, LANG and TZ, which are all they get."""
    cwd: str = ""
    """The folder they start in; empty is the watch's own."""


class Measure(Section):
    """A program and how to read it."""

    argv: tuple[str, ...] = Field(min_length=1)
    """The program and its arguments; no shell is between."""
    read: Literal["number", "exit", "json"] = "number"
    """The first number it prints, its exit code, or the number at `path` of the JSON it prints."""
    path: str = ""
    """Where the number stands, for read = "json": "data.items[0].count"."""
    timeout: Duration = 10.0
    """How long it may run, in real seconds; then it is ended with all it started."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.argv[0]:
            raise ValueError("argv needs a program")
        if self.read == "json":
            checked_path(self.path)
        elif self.path:
            raise ValueError('path is only for read = "json"')
        return self


class _Listener(asyncio.SubprocessProtocol):
    """Collects what a program writes, within bounds, and knows when it is over."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self.written = {1: 0, 2: 0}
        self.open_pipes = {1, 2}
        self.exited = asyncio.Event()
        self.over = asyncio.Event()
        """Set when it has exited and its pipes are closed, or when it has written too much."""

    @property
    def flooded(self) -> bool:
        return max(self.written.values()) > OUTPUT

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.written[fd] += len(data)
        if self.flooded:
            self.over.set()
        elif fd == 1:
            self.out += data
        else:
            self.err = (self.err + data)[-_TAIL:]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's
        self.open_pipes.discard(fd)
        self._check()

    def process_exited(self) -> None:
        self.exited.set()
        self._check()

    def _check(self) -> None:
        if self.exited.is_set() and not self.open_pipes:
            self.over.set()


class CommandProbe:
    """Runs programs, each in a process group of its own."""

    def __init__(self, settings: Settings) -> None:
        self.concurrency = 2
        self._settings = settings

    def describe(self, measure: Measure, _moment: Moment) -> Inquiry:
        """The program as a shell would start it, and what is read of it."""
        names = ", ".join(self._settings.env)
        given = (
            ("read", f"{measure.read} {measure.path}".rstrip()),
            ("folder", self._settings.cwd),
            ("env", names),
        )
        return Inquiry((shlex.join(measure.argv),), tuple(each for each in given if each[1]))

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Run the program once. Raises ProbeError; leaves no process behind, whatever happens."""
        transport, listener = await self._start(measure)
        try:
            async with asyncio.timeout(measure.timeout):
                await _finish(listener)
        except TimeoutError:
            raise NoAnswer(f"no answer within {seconds(measure.timeout)}") from None
        finally:
            await _end(transport, listener)
        return Reading(at=moment.now, value=self._value(measure, transport, listener))

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _start(self, measure: Measure) -> tuple[asyncio.SubprocessTransport, _Listener]:
        """Start the program; when cancelled on the way, what has been started is ended."""
        loop = asyncio.get_running_loop()
        starting = loop.create_task(self._spawn(measure))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with suppress(OSError, ValueError):
                await _end(*await starting)
            raise
        except FileNotFoundError as error:
            raise Missing(self._absent(measure, error)) from None
        except PermissionError:
            raise Denied(f"not allowed to run {measure.argv[0]}") from None
        except (OSError, ValueError):
            raise BadAnswer(f"{measure.argv[0]} cannot be started") from None

    async def _spawn(self, measure: Measure) -> tuple[asyncio.SubprocessTransport, _Listener]:
        given = {name: value.get_secret_value() for name, value in self._settings.env.items()}
        transport, listener = await asyncio.get_running_loop().subprocess_exec(
            _Listener,
            *measure.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            cwd=self._settings.cwd or None,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | given,
        )
        return transport, listener

    def _absent(self, measure: Measure, error: FileNotFoundError) -> str:
        cwd = self._settings.cwd
        return (
            f"no such folder: {cwd}"
            if cwd and error.filename == cwd
            else (f"no such program: {measure.argv[0]}")
        )

    def _value(
        self, measure: Measure, transport: asyncio.SubprocessTransport, listener: _Listener
    ) -> float:
        if listener.flooded:
            raise BadAnswer(f"wrote more than {OUTPUT // 1024} kB")
        code = transport.get_returncode() or 0
        if code < 0:
            raise BadAnswer(f"ended by {_signal(-code)}")
        if measure.read == "exit":
            return float(code)
        if code:
            raise BadAnswer(f"exit {code}{self._last_words(listener)}")
        if measure.read == "json":
            return number_at(parse_json(listener.out), measure.path)
        match = _NUMBER.search(listener.out.decode("utf-8", "replace"))
        if not match:
            raise BadAnswer(f"no number in its output{self._last_words(listener)}")
        return float(match[0])

    def _last_words(self, listener: _Listener) -> str:
        """The last line of its stderr, without what was given to it in secret."""
        lines = listener.err.decode("utf-8", "replace").strip().splitlines()
        if not lines:
            return ""
        line = lines[-1]
        for secret in self._settings.env.values():
            if value := secret.get_secret_value():
                line = line.replace(value, "***")
        return f": {clean(line, 120)}"


async def _finish(listener: _Listener) -> None:
    """Wait until the program is over. What it left running, holding its pipes, is ended."""
    exited = asyncio.ensure_future(listener.exited.wait())
    over = asyncio.ensure_future(listener.over.wait())
    try:
        await asyncio.wait({exited, over}, return_when=asyncio.FIRST_COMPLETED)
        if not listener.over.is_set():
            await asyncio.wait({over}, timeout=_GRACE)
    finally:
        exited.cancel()
        over.cancel()


async def _end(transport: asyncio.SubprocessTransport, listener: _Listener) -> None:
    """End whatever of the process group still lives, and wait until the program is reaped."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(transport.get_pid(), signal.SIGKILL)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await listener.exited.wait()
    finally:
        transport.close()


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _open(settings: Settings, _clock: Clock) -> CommandProbe:
    return CommandProbe(settings)


KIND = Kind("command", Settings, Measure, _open)
