"""A real PostgreSQL for practice and tests: started in a moment, gone without a trace.

The server is a plain child process on the loopback interface. It refuses to run as root, so
under root it runs as `nobody`, from places that `nobody` can reach. A watcher process holds
a pipe from us and stops the server when we are gone, however we went.
"""

import asyncio
import contextlib
import functools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from rehearsal.programs import NoPostgres, account_of_servers, binaries, open_temporary, reachable

_READY_WITHIN: Final = 20.0
_WATCHER: Final = """
read _
kill -INT "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9; do kill -0 "$1" 2>/dev/null || break; sleep 0.2; done
rm -rf "$2"
"""


def free_port() -> int:
    """A loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A PostgreSQL server of our own; as a context manager it is made, started, ended, removed."""

    def __init__(self, folder: Path, *, max_connections: int = 60, timezone: str = "UTC") -> None:
        self.folder = folder
        """Where its log goes, and its data unless the server's user cannot reach it."""
        self.port = 0
        self.password = secrets.token_urlsafe(18)
        """Of every role: other people of the same machine can reach the port too."""
        self._settings = {"max_connections": str(max_connections), "timezone": timezone}
        self._account = account_of_servers()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._home: Path | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @functools.cached_property
    def bin(self) -> Path:
        """The folder the server's programs are run from."""
        return reachable(binaries(), self._account)

    @functools.cached_property
    def has_statements(self) -> bool:
        """Whether this PostgreSQL brings pg_stat_statements."""
        return any(self.bin.parent.glob("lib/**/pg_stat_statements.*"))

    def dsn(self, user: str = "postgres", database: str = "postgres") -> str:
        """The address of a database of this server for one of its roles."""
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    async def __aenter__(self) -> Self:
        try:
            await self._create()
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the server on its port and wait until it answers. Raises NoPostgres."""
        self.port = self.port or free_port()
        for _ in range(3):
            if await self._try_start():
                return
            self.port = free_port()
        raise NoPostgres(f"PostgreSQL does not start: {self._last_words()}")

    async def stop(self) -> None:
        """End the server at once but cleanly: sessions are cut, data are kept."""
        await self._end(signal.SIGINT)

    async def kill(self) -> None:
        """End the server as a crash does: it will recover at the next start."""
        await self._end(signal.SIGQUIT)

    def follow(self) -> None:
        """Begin the next start as a replica, which only reads until it is promoted."""
        assert self._home is not None  # noqa: S101 - there is one once it was created
        mark = self._home / "data" / "standby.signal"
        mark.touch()
        if self._account.borrowed:
            os.chown(mark, self._account.uid, self._account.gid)

    async def restart(self) -> None:
        """Stop and start again on the same port."""
        await self.stop()
        await self.start()

    async def close(self) -> None:
        """Stop the server and remove its data."""
        await self.stop()
        if self._home is not None:
            await asyncio.to_thread(shutil.rmtree, self._home, ignore_errors=True)

    async def _create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        near = self.folder if self._account.reaches(self.folder) else None
        place = near or open_temporary(self._account)
        self._home = Path(tempfile.mkdtemp(prefix="firstwatch-data-", dir=place))
        secret = self._home / "password"
        secret.write_text(self.password)
        secret.chmod(0o600)
        if self._account.borrowed:
            for path in (self._home, secret):
                os.chown(path, self._account.uid, self._account.gid)
        arguments = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "-N"]
        arguments += ["-D", str(self._home / "data"), "-E", "UTF8", "--locale=C"]
        made = self._run([str(self.bin / "initdb"), *arguments])
        if await _ended(made, _READY_WITHIN) != 0:
            raise NoPostgres(f"initdb fails: {self._last_words()}")
        secret.unlink()

    async def _try_start(self) -> bool:
        data = self._launch()
        deadline = time.monotonic() + _READY_WITHIN
        while (pid := self.pid) is not None and time.monotonic() < deadline:
            if _says_ready(data / "postmaster.pid", pid):
                return True
            await asyncio.sleep(0.01)
        await self.stop()
        return False

    def _launch(self) -> Path:
        """Start the server and its watcher; the folder of its data."""
        home = self._home or self.folder
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "32MB",
            "log_min_messages": "fatal",
            "shared_preload_libraries": "pg_stat_statements" if self.has_statements else "",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        server = self._run([str(self.bin / "postgres"), "-D", str(home / "data"), *options])
        self._process = server
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, "watcher", str(server.pid), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._account.popen(),
        )
        return home / "data"

    async def _end(self, number: signal.Signals) -> None:
        process, watcher = self._process, self._watcher
        self._process = self._watcher = None
        if watcher is not None:
            watcher.kill()
            await _ended(watcher, 5)
            if watcher.stdin:
                watcher.stdin.close()
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(number)
        if await _ended(process, 5) is None:
            process.kill()
            await _ended(process, 5)

    def _run(self, argv: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            child: subprocess.Popen[bytes] = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                **self._account.popen(),
            )
        return child

    @property
    def _log(self) -> Path:
        return self.folder / "postgres.log"

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
        return (telling or lines or ["it says nothing"])[-1].strip()


def _says_ready(pidfile: Path, pid: int) -> bool:
    """Whether the server's own status file says that it takes connections."""
    with contextlib.suppress(OSError):
        lines = pidfile.read_text().split("\n")
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


async def _ended(process: subprocess.Popen[bytes], within: float) -> int | None:
    """The exit code of a process once it has ended, or None when `within` real seconds pass."""
    deadline = time.monotonic() + within
    while (code := process.poll()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - a child's end is no event of the loop
        await asyncio.sleep(0.005)
    return code
