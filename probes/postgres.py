"""PostgreSQL, asked politely: one read-only connection, one statement at a time.

The connection says who it is, cannot write, cannot wait for locks, and is kept: when the
server has no slot left a new one would be refused just when it matters. Behind PgBouncer,
which takes no session settings, every statement runs in a read-only transaction with its
limits set locally.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, Self

import asyncpg
from pydantic import SecretStr, model_validator

from firstwatch.clock import Clock
from firstwatch.errors import (
    BadAnswer,
    Denied,
    Missing,
    NoAnswer,
    NotConfigured,
    ProbeError,
    Unreachable,
)
from firstwatch.probe import Duration, Kind, Moment, Section
from firstwatch.readings import Reading
from probes.answers import Measure, number, only, to_reading
from probes.dsn import Address, parse_address
from probes.statements import Statement, load_statement

NAME = "firstwatch"
CONNECT_WITHIN = 3.0
"""Real seconds for a connection to come up."""
LOCK_TIMEOUT = 0.2
TOO_MANY = "53300"


class Settings(Section):
    """`[sources.…]` of kind postgres."""

    dsn: SecretStr = SecretStr("")
    """postgresql://user:password@host:5432/database; Prisma's extra query keys are understood."""
    pooled: bool | None = None
    """Behind PgBouncer in transaction mode; unset: as `pgbouncer=true` in the address says."""
    statement_timeout: Duration = 3.0
    """How long the server may work on one statement, in real seconds."""

    @model_validator(mode="after")
    def _address_makes_sense(self) -> Self:
        if self.dsn.get_secret_value():
            parse_address(self.dsn.get_secret_value())
        return self


@dataclass(frozen=True, slots=True)
class _Totals:
    """Running totals at one reading."""

    total: float
    calls: float
    era: str
    """Changes when the server's counters were reset."""

    def continues(self, before: "_Totals") -> bool:
        """Whether nothing was taken away in between: a reset, or statements that were evicted."""
        grown = self.calls >= before.calls and self.total >= before.total
        return grown and self.era == before.era


class PostgresProbe:
    """One database."""

    concurrency = 1

    def __init__(self, settings: Settings, clock: Clock) -> None:
        text = settings.dsn.get_secret_value()
        self._address = parse_address(text) if text else None
        self._settings = settings
        self._clock = clock
        self._connection: Any = None
        self._statements: dict[str, Statement] = {}
        self._totals: dict[str, _Totals] = {}

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Close the connection, or drop it if the server does not answer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=0.5)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Run the statement of this measure. Raises `ProbeError`."""
        statement = self._statements.get(measure.sql)
        if statement is None:
            statement = self._statements[measure.sql] = load_statement(measure.sql)
        records = await self._fetch(statement, statement.values(moment, measure.window))
        if measure.shape == "delta":
            return self._difference(measure, records)
        return to_reading(measure, records, self._clock.now())

    def _difference(self, measure: Measure, records: list[Any]) -> Reading:
        """The mean since the last reading of this measure. Raises NoAnswer for the first one."""
        record = only(records)
        totals = _Totals(number(record, "total"), number(record, "calls"), str(record.get("era")))
        before, self._totals[measure.sql] = self._totals.get(measure.sql), totals
        if before is None or not totals.continues(before):
            raise NoAnswer("first look at the totals; the mean needs a second one")
        calls = totals.calls - before.calls
        if not calls:
            raise NoAnswer("the application ran no statement since the last look")
        mean = (totals.total - before.total) / calls
        return Reading(self._clock.now(), mean, sample=int(calls), note="mean of the application")

    async def _fetch(self, statement: Statement, values: list[object]) -> list[Any]:
        try:
            connection = await self._connected()
            return await self._run(connection, statement, values)
        except BaseException as error:
            # Whatever interrupted it may have left the protocol in mid-answer: start afresh.
            if not isinstance(error, asyncpg.PostgresError) or _is_gone(error):
                self._drop()
            reason = _explained(error, self._address)
            if reason is None:
                raise
            raise reason from None

    async def _run(self, connection: Any, statement: Statement, values: list[object]) -> list[Any]:
        if not self._pooled:
            return list(await connection.fetch(statement.text, *values))
        async with connection.transaction(readonly=True):
            await connection.execute(self._local_settings())
            return list(await connection.fetch(statement.text, *values))

    def _local_settings(self) -> str:
        limits = {
            "statement_timeout": self._settings.statement_timeout,
            "lock_timeout": LOCK_TIMEOUT,
        }
        parts = [f"SET LOCAL {name} = {int(limit * 1000)}" for name, limit in limits.items()]
        if self._address and self._address.schema:
            parts.append(f"SET LOCAL search_path = {_quoted(self._address.schema)}")
        return "; ".join([*parts, "SET LOCAL TIME ZONE 'UTC'"])

    @property
    def _pooled(self) -> bool:
        if self._settings.pooled is not None:
            return self._settings.pooled
        return bool(self._address and self._address.pooled)

    async def _connected(self) -> Any:
        if self._address is None:
            raise NotConfigured("no database: set DATABASE_URL or sources.<name>.dsn")
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._address.dsn,
                timeout=CONNECT_WITHIN,
                statement_cache_size=0 if self._pooled else 100,
                server_settings=self._server_settings(self._address),
            )
        return self._connection

    def _server_settings(self, address: Address) -> dict[str, str]:
        settings = {"application_name": NAME, "timezone": "UTC"}
        if self._pooled:
            return settings
        settings |= {
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(self._settings.statement_timeout * 1000)),
            "lock_timeout": str(int(LOCK_TIMEOUT * 1000)),
            "idle_in_transaction_session_timeout": "10000",
            "jit": "off",
        }
        if address.schema:
            settings["search_path"] = _quoted(address.schema)
        return settings

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.terminate()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_GONE = ("57P01", "57P02", "57P03", "08")
"""SQLSTATEs (or their classes) after which the connection is of no use."""


def _is_gone(error: asyncpg.PostgresError) -> bool:
    return str(error.sqlstate or "").startswith(_GONE)


def _explained(error: BaseException, address: Address | None) -> ProbeError | None:
    """What to tell a person of this error; None for one that is not ours to explain."""
    place = address.place if address else ""
    if isinstance(error, ProbeError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return _server_said(error)
    if isinstance(error, TimeoutError):
        return Unreachable(f"{place} did not answer within {CONNECT_WITHIN:g} s")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"connection refused by {place}")
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return Unreachable(f"connection to {place} failed ({type(error).__name__})")
    return None


def _server_said(error: asyncpg.PostgresError) -> ProbeError:
    state, text = str(error.sqlstate or ""), str(error.args[0] if error.args else "")
    if state == TOO_MANY:
        return Unreachable("no connection slot left on the server (53300)")
    if state in ("57014", "55P03"):
        return NoAnswer("statement timed out" if state == "57014" else "gave up waiting for a lock")
    if state in ("28P01", "28000"):
        return Unreachable("the server refuses the login; check user and password")
    if state == "3D000":
        return Unreachable("the database does not exist")
    if state == "42501":
        return Denied(f"{text}; grant the role of the watch SELECT, and pg_monitor")
    if state in ("42P01", "42703", "42883"):
        return Missing(text)
    if _is_gone(error):
        return Unreachable(f"the server ended the connection ({state})")
    return BadAnswer(f"{text} ({state})")


KIND = Kind("postgres", Settings, Measure, PostgresProbe)
