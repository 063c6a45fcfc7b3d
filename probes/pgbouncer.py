"""PgBouncer, asked on its own console: how full its pools are, and who waits for them.

The console understands SHOW commands in the simple query protocol only, which asyncpg does
not speak; psycopg does, and is an extra of its own.
"""

import asyncio
import contextlib
import importlib
import os
import socket
from typing import Any, Literal, Self

from pydantic import SecretStr, model_validator

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, Denied, Missing, NotConfigured, Unreachable
from firstwatch.probe import Inquiry, Kind, Moment, Section
from firstwatch.readings import Reading, Row
from firstwatch.units import format_value
from firstwatch.verdict import Level
from probes.dsn import parse_address

CONNECT_WITHIN = 3.0
"""Real seconds for the console to take a connection."""
LONG = 2.0
"""Seconds a client may wait for a connection of the server before it is critical."""
OWN = "pgbouncer"
"""The console's own database."""


class Settings(Section):
    """`[sources.…]` of kind pgbouncer; needs the extra `pooler`."""

    dsn: SecretStr = SecretStr("")
    """The console: postgresql://user:password@host:6432/pgbouncer, of a user in `stats_users`."""

    @model_validator(mode="after")
    def _address_makes_sense(self) -> Self:
        if self.dsn.get_secret_value():
            parse_address(self.dsn.get_secret_value())
        return self


class Measure(Section):
    """`measure` of a check whose source is of kind pgbouncer."""

    ask: Literal["pools"] = "pools"
    """pools: used connections of the fullest pool, in % of its size. A waiting client makes it a
    warning, one that has waited for 2 s, or a paused database, critical."""
    database: str = ""
    """Only the pools of this database; empty: all of them."""


class PgBouncerProbe:
    """One console, on a connection that is kept."""

    concurrency = 1

    def __init__(self, settings: Settings, clock: Clock) -> None:
        text = settings.dsn.get_secret_value()
        self._address = parse_address(text) if text else None
        self._clock = clock
        self._connection: Any = None

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Let go of the console."""
        self._drop(self._connection)

    def describe(self, measure: Measure, _moment: Moment) -> Inquiry:
        """What is shown by the console, and of which database."""
        given = (("database", measure.database or "all of them"),)
        return Inquiry(("SHOW POOLS", "SHOW DATABASES"), given)

    async def read(self, measure: Measure, _moment: Moment) -> Reading:
        """How full the pools are. Raises `ProbeError`."""
        if self._address is None:
            raise NotConfigured("no PgBouncer: set sources.<name>.dsn to its console")
        pools = await self._show("POOLS")
        databases = {row["name"]: row for row in await self._show("DATABASES")}
        return to_reading(measure, pools, databases, self._clock.now())

    async def _show(self, what: str) -> list[dict[str, Any]]:
        asking = asyncio.create_task(self._ask(_driver(), what))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            # A cancelled psycopg waits for the server's last word; so it is hung up on instead.
            if self._connection is None:
                asking.cancel()
            self._hang_up()
            asking.add_done_callback(_ignore)
            raise

    async def _ask(self, psycopg: Any, what: str) -> list[dict[str, Any]]:
        connection = self._connection
        try:
            if connection is None:
                connection = self._connection = await self._connect(psycopg)
            cursor = await connection.execute(f"SHOW {what}")
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
        except psycopg.Error as error:
            self._drop(connection)
            raise self._explained(error, what) from None
        except TimeoutError:
            raise self._unreachable(f"did not answer within {CONNECT_WITHIN:g} s") from None

    async def _connect(self, psycopg: Any) -> Any:
        address = self._address.dsn if self._address else ""
        async with asyncio.timeout(CONNECT_WITHIN):
            return await psycopg.AsyncConnection.connect(
                address, autocommit=True, prepare_threshold=None
            )

    def _explained(self, error: Any, what: str) -> Unreachable | Denied:
        # Why a login fails is told in words only; they are FATAL where PgBouncer itself spoke.
        if error.sqlstate:
            what = f"SHOW {what} ({error.sqlstate})"
            return Denied(f"the console refuses {what}; name the user in stats_users")
        if "FATAL" in str(error):
            return Unreachable("the console refuses the login; is the user in stats_users?")
        return self._unreachable("does not answer")

    def _unreachable(self, why: str) -> Unreachable:
        return Unreachable(f"PgBouncer at {self._address.place if self._address else ''} {why}")

    def _hang_up(self) -> None:
        """End the conversation for both sides; whoever waits for an answer hears of it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with (
                contextlib.suppress(OSError),
                socket.socket(fileno=os.dup(connection.fileno())) as line,
            ):
                line.shutdown(socket.SHUT_RDWR)

    def _drop(self, connection: Any) -> None:
        """Let go of this connection, which may not be the one that is kept by now."""
        if connection is not None:
            connection.pgconn.finish()
        if connection is self._connection:
            self._connection = None


def _ignore(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _driver() -> Any:
    try:
        return importlib.import_module("psycopg")
    except ImportError:
        raise Missing('SHOW POOLS needs psycopg: pip install "firstwatch[pooler]"') from None


def to_reading(
    measure: Measure,
    pools: list[dict[str, Any]],
    databases: dict[str, dict[str, Any]],
    at: float,
) -> Reading:
    """The reading in the console's answers. Raises BadAnswer or Missing."""
    try:
        asked = [
            pool
            for pool in pools
            if pool["database"] != OWN and measure.database in ("", pool["database"])
        ]
        if measure.database and measure.database not in databases:
            raise Missing(f'PgBouncer has no database "{measure.database}"')
        rows = sorted(
            (_row(pool, databases.get(pool["database"], {})) for pool in asked),
            key=lambda row: -row.value,
        )
        paused = [
            name
            for name, known in databases.items()
            if measure.database in ("", name) and int(known.get("paused") or 0)
        ]
        waiting = sum(int(pool["cl_waiting"]) for pool in asked)
        longest = max((_waited(pool) for pool in asked), default=0.0)
    except (KeyError, TypeError, ValueError):
        raise BadAnswer("PgBouncer's console answers in a form that is not known") from None
    level, note = _judged(waiting, longest, paused)
    note = note or (rows[0].note if rows else "no pool in use")
    value = rows[0].value if rows else 0.0
    is_hard = level is Level.CRITICAL
    return Reading(at, value, note=note, rows=tuple(rows), level=level, hard=is_hard)


def _judged(waiting: int, longest: float, paused: list[str]) -> tuple[Level | None, str]:
    if paused:
        return Level.CRITICAL, f"{', '.join(paused)} is paused: its clients wait"
    if not waiting:
        return None, ""
    note = f"{waiting} waiting, the longest for {format_value(longest, 's')}"
    return (Level.CRITICAL if longest >= LONG else Level.WARNING), note


def _row(pool: dict[str, Any], database: dict[str, Any]) -> Row:
    size, used = int(database.get("pool_size") or 0), int(pool["sv_active"])
    waiting = int(pool["cl_waiting"])
    note = f"{used} of {size}" + (f", {waiting} waiting" if waiting else "")
    label = f"{pool['database']} as {pool['user']}"
    return Row(label, 100.0 * used / size if size else 0.0, note)


def _waited(pool: dict[str, Any]) -> float:
    """Seconds the first client in the queue has waited."""
    return float(pool["maxwait"]) + float(pool.get("maxwait_us") or 0) / 1e6


KIND = Kind("pgbouncer", Settings, Measure, PgBouncerProbe)
