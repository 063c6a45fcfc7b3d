"""One connection to PostgreSQL, opened when it is needed, kept, and polite.

It says who it is, cannot write and cannot wait for locks. Behind PgBouncer, which takes no
session settings, every reading is a read-only transaction with its limits set locally.

The planner is told to avoid sequential scans. On the day of a launch a window covers most of
a young table, and reading all of it would look cheaper than the index; what is left of such
scans are those no index could serve, and these are refused.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from firstwatch.errors import NotConfigured, ProbeError
from probes.counted import Ask
from probes.dsn import Address
from probes.sqlstates import NoSlot, explained

NAME = "firstwatch"
CONNECT_WITHIN = 3.0
"""Real seconds for a connection to come up."""
TRY_WITHIN = 1.0
"""Real seconds for a connection that is opened only to see whether it can be."""
LOCK_TIMEOUT = 0.2
RETRY = 5.0
"""Real seconds in which a server without a slot is not asked for one again."""


class Session:
    """The connection of one source."""

    def __init__(self, address: Address | None, *, pooled: bool, statement_timeout: float) -> None:
        """Nothing is contacted yet; `statement_timeout` is in real seconds."""
        self.address = address
        self.connection: Any = None
        self._pooled = pooled
        self._statement_timeout = statement_timeout
        self._refused_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to go on with."""
        return self.connection is not None and not self.connection.is_closed()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Ask]:
        """Gives what runs a statement. Raises `ProbeError`, NoSlot for one, and asyncpg's own."""
        if not self.is_open:
            await self._connect()
        # Of the transaction itself, not only of the session: a statement could change the session.
        async with self.connection.transaction(readonly=True):
            if self._pooled:
                await self.connection.execute(self._local_settings())
            yield self.connection.fetch

    async def try_another(self) -> ProbeError | None:
        """Open and close a second connection; why it could not be opened, None when it could."""
        try:
            other = await self._open(TRY_WITHIN, {"application_name": NAME})
        except Exception as error:
            reason = explained(error, self.address, TRY_WITHIN)
            if reason is None:
                raise
            return reason
        await _close(other)
        return None

    def explain(self, error: BaseException) -> ProbeError | None:
        """What to tell a person of this error; None for one that is not ours to explain."""
        return explained(error, self.address, CONNECT_WITHIN)

    def drop(self) -> None:
        """Let go of the connection at once, in whatever state it is."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.terminate()

    async def close(self) -> None:
        """Close the connection, or drop it if the server does not answer."""
        connection, self.connection = self.connection, None
        if connection is not None:
            await _close(connection)

    async def _connect(self) -> None:
        """Open the connection. A server without a slot is asked for one only now and then."""
        now = asyncio.get_running_loop().time()
        if now < self._refused_until:
            raise NoSlot("no connection slot left on the server (53300)")
        try:
            self.connection = await self._open(CONNECT_WITHIN, self._server_settings())
        except asyncpg.TooManyConnectionsError:
            self._refused_until = now + RETRY
            raise
        if not self._pooled:
            with contextlib.suppress(asyncpg.UndefinedObjectError):  # before PostgreSQL 12
                await self.connection.execute("SET plan_cache_mode = force_custom_plan")

    async def _open(self, within: float, settings: dict[str, str]) -> Any:
        if self.address is None:
            raise NotConfigured("no database: set DATABASE_URL or sources.<name>.dsn")
        return await asyncpg.connect(
            self.address.dsn,
            timeout=within,
            statement_cache_size=0 if self._pooled else 100,
            server_settings=settings,
        )

    def _server_settings(self) -> dict[str, str]:
        settings = {"application_name": NAME, "timezone": "UTC"}
        if self._pooled:
            return settings
        settings |= {
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(self._statement_timeout * 1000)),
            "lock_timeout": str(int(LOCK_TIMEOUT * 1000)),
            "idle_in_transaction_session_timeout": "10000",
            "jit": "off",
            "enable_seqscan": "off",
        }
        if self.address and self.address.schema:
            settings["search_path"] = _quoted(self.address.schema)
        return settings

    def _local_settings(self) -> str:
        limits = {"statement_timeout": self._statement_timeout, "lock_timeout": LOCK_TIMEOUT}
        parts = [f"SET LOCAL {name} = {int(limit * 1000)}" for name, limit in limits.items()]
        if self.address and self.address.schema:
            parts.append(f"SET LOCAL search_path = {_quoted(self.address.schema)}")
        parts += ["SET LOCAL jit = off", "SET LOCAL enable_seqscan = off"]
        return "; ".join([*parts, "SET LOCAL TIME ZONE 'UTC'"])


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=0.5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
