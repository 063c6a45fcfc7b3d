"""Sessions on the database beside those of the application's pool: crowds and blockers."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import asyncpg

_USED: Final = """SELECT sum(numbackends)::int AS used,
    current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) AS slots
    FROM pg_stat_database"""
_GONE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Sessions:
    """Sessions of the application's role that stay until they are told to go."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn = dsn
        self._open: list[Any] = []
        self._statements: list[asyncio.Task[Any]] = []

    async def work(self, sessions: int) -> None:
        """Open so many sessions that are busy with a statement without end."""
        for _ in range(sessions):
            connection = await self._connect()
            task = asyncio.create_task(connection.execute("SELECT pg_sleep(86400)"))
            self._statements.append(task)

    async def fill(self, share: float) -> None:
        """Open idle sessions until this share of the slots is taken, or the server refuses."""
        with contextlib.suppress(asyncpg.TooManyConnectionsError):
            connection = await self._connect()
            while True:
                taken = await connection.fetchrow(_USED)
                if taken["used"] >= share * taken["slots"]:
                    return
                await self._connect()

    async def block(self, statement: str) -> None:
        """Begin a transaction, run a statement in it, and leave it at that."""
        connection = await self._connect()
        await connection.execute("BEGIN")
        await connection.execute(statement)

    async def release(self) -> None:
        """Close them all; what they have begun is rolled back."""
        opened, self._open = self._open, []
        statements, self._statements = self._statements, []
        for statement in statements:
            statement.cancel()  # this also ends it on the server
        await asyncio.gather(*statements, return_exceptions=True)
        await asyncio.gather(*(_close(connection) for connection in opened))

    async def _connect(self) -> Any:
        connection = await asyncpg.connect(self._dsn(), timeout=5)
        self._open.append(connection)
        return connection


async def _close(connection: Any) -> None:
    """Close a connection, by force when it does not answer."""
    try:
        await connection.close(timeout=2)
    except _GONE:
        connection.terminate()
