"""The PostgreSQL of the rehearsal: there in a moment, gone without a trace."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from rehearsal import programs
from rehearsal.postgres import Server
from rehearsal.programs import OVERRIDE, NoPostgres, binaries
from rehearsal.schema import connected

_ORPHAN = """
import asyncio, os, signal, sys
from pathlib import Path
from rehearsal import postgres
from rehearsal.postgres import Server

async def main() -> None:
    server = Server(Path(sys.argv[1]))
    await server.__aenter__()
    print(server.pid, server.port, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _eventually(is_so: Callable[[], bool], within: float = 10.0) -> bool:
    """Poll a condition, for at most so many seconds."""
    deadline = time.monotonic() + within
    while not (so := is_so()) and time.monotonic() < deadline:
        subprocess.run(["true"], check=True)
    return so


async def test_a_server_is_ready_in_a_moment_and_leaves_nothing_behind(tmp_path: Path) -> None:
    server = Server(tmp_path, timezone="Asia/Dubai")
    began = time.monotonic()
    async with server:
        assert time.monotonic() - began < 5  # 0.8 s alone; others may share the machine
        pid = server.pid
        assert pid is not None
        async with connected(server.dsn()) as root:
            assert await root.fetchval("SHOW timezone") == "Asia/Dubai"
            assert await root.fetchval("SHOW max_connections") == "60"
    assert not _alive(pid)
    assert [path.name for path in tmp_path.iterdir()] == ["postgres.log"]


async def test_a_restart_keeps_port_and_data_even_after_a_kill(tmp_path: Path) -> None:
    async with Server(tmp_path) as server:
        port = server.port
        async with connected(server.dsn()) as root:
            await root.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        await server.kill()
        with pytest.raises(ConnectionRefusedError):
            await asyncpg.connect(server.dsn(), timeout=5)
        await server.start()
        await server.restart()
        assert server.port == port
        async with connected(server.dsn()) as root:
            assert await root.fetchval("SELECT n FROM kept") == 7


async def test_nobody_gets_in_without_the_password(postgres_server: Server) -> None:
    address = postgres_server.dsn().replace(postgres_server.password, "guess")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(address, timeout=5)


def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    orphan = subprocess.run(
        [sys.executable, "-c", _ORPHAN, str(tmp_path)], capture_output=True, text=True, check=False
    )
    pid = int(orphan.stdout.split()[0])
    assert _eventually(lambda: not _alive(pid))


def test_programs_that_the_account_cannot_reach_are_copied_once(tmp_path: Path) -> None:
    closed = tmp_path / "closed" / "17" / "bin"
    closed.mkdir(parents=True)
    (closed / "postgres").write_text(f"not really a program of {tmp_path}")
    (tmp_path / "closed").chmod(0o700)
    nobody = programs.Account(65534, 65534, borrowed=True)
    copied = programs.reachable.__wrapped__(closed, nobody)
    try:
        assert nobody.reaches(copied / "postgres")
        assert (copied / "postgres").read_text() == (closed / "postgres").read_text()
        assert programs.reachable.__wrapped__(closed, nobody) == copied
    finally:
        shutil.rmtree(copied.parent)


def test_a_wrong_override_is_answered_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OVERRIDE, "/nowhere")
    with pytest.raises(NoPostgres, match="no initdb in it"):
        binaries()
