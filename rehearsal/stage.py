"""The rehearsal seen from outside: a production in a child process, and its incidents."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

from firstwatch.clock import ScaledClock
from firstwatch.errors import FirstwatchError

_UNKNOWN_SCENARIO: Final = 3
_READY_WITHIN: Final = 60.0
_ENDS_WITHIN: Final = 10.0
_ANSWERS_WITHIN: Final = 30.0


class StageError(FirstwatchError):
    """The stand-in production does not start; the message is its own last word."""


class Stage:
    """A stand-in production that lives as long as this context manager is entered.

    Its clock shows `start` when it is made, seconds since the epoch; without it, the true time.
    """

    def __init__(
        self,
        *,
        folder: Path,
        scale: float = 1.0,
        seed: int = 1,
        scenarios: Sequence[str] = (),
        timetable: bool = False,
        start: float | None = None,
    ) -> None:
        now = time.time()
        start = now if start is None else start
        self.clock = ScaledClock(scale, start, now)
        """The time of the production; the watch must be given the same."""
        self.environment: dict[str, str] = {}
        """Variables by which a watch finds everything."""
        self.folder = folder
        """Where everything of the production lies."""
        self._arguments = [f"--scale={scale!r}", f"--start={start!r}", f"--real-start={now!r}"]
        self._arguments += [f"--folder={folder.resolve()}", f"--seed={seed}"]
        self._arguments += [f"--scenario={name}" for name in scenarios]
        self._arguments += ["--timetable"] * timetable
        self._control = ""
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def scenarios(self) -> list[tuple[str, str, bool]]:
        """Name, summary and whether it is active, of every scenario."""
        rows = await self._ask("GET", "/scenarios")
        return [(str(name), str(summary), bool(active)) for name, summary, active in rows]

    async def strike(self, name: str) -> None:
        """Let a scenario begin. Raises ValueError naming the nearest one."""
        await self._ask("POST", f"/scenarios/{quote(name, safe='')}/strike")

    async def cure(self, name: str) -> None:
        """End a scenario and undo it. Raises ValueError naming the nearest one."""
        await self._ask("POST", f"/scenarios/{quote(name, safe='')}/cure")

    @property
    def pid(self) -> int | None:
        """The process id of the production."""
        return self._process.pid if self._process else None

    async def _start(self) -> None:
        argv = [sys.executable, "-m", "rehearsal.production", *self._arguments]
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=PIPE, stdout=PIPE, stderr=log, start_new_session=True
            )
        self._process = process
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _READY_WITHIN)
        except TimeoutError:
            raise StageError(f"the rehearsal is not ready after {_READY_WITHIN:.0f}s") from None
        if not line:
            code, why = await process.wait(), self._last_words()
            raise ValueError(why) if code == _UNKNOWN_SCENARIO else StageError(why)
        ready = json.loads(line)
        self.environment, self._control = ready["environment"], ready["control"]

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _ask(self, method: str, path: str) -> Any:
        status, answer = await asyncio.to_thread(self._ask_now, method, path)
        if status == 404:
            raise ValueError(answer["error"])
        return answer

    def _ask_now(self, method: str, path: str) -> tuple[int, Any]:
        place = urlsplit(self._control)
        connection = HTTPConnection("127.0.0.1", place.port, timeout=_ANSWERS_WITHIN)
        try:
            connection.request(method, place.path + path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    @property
    def _log(self) -> Path:
        return self.folder / "production.log"

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "the rehearsal ended before it was ready"
