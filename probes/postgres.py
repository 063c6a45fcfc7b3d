"""PostgreSQL, asked politely: one read-only connection, one statement at a time.

The connection is kept: when the server has no slot left a new one would be refused just when
it matters. Before a statement runs for the first time the ids of its tables are looked at,
so that its windows are right, and its plan, so that it cannot read a large table as a whole.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Self

import asyncpg
from pydantic import Field, SecretStr, model_validator

from firstwatch.clock import Clock
from firstwatch.errors import Denied, NoAnswer, ProbeError, Unreachable
from firstwatch.probe import Duration, Exhibit, Inquiry, Kind, Moment, Section
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes import sessions
from probes.answers import Measure, number, only, to_reading
from probes.dsn import parse_address
from probes.guard import Guard, Size
from probes.session import Session
from probes.sqlstates import NoSlot, is_gone
from probes.statements import Statement, load_statement
from probes.windows import Windows

TRY_EVERY = 30.0
"""Real seconds between two tries whether the server takes another connection."""


class Settings(Section):
    """`[sources.…]` of kind postgres."""

    dsn: SecretStr = SecretStr("")
    """postgresql://user:password@host:5432/database; Prisma's extra query keys are understood."""
    pooled: bool | None = None
    """Behind PgBouncer in transaction mode; unset: as `pgbouncer=true` in the address says."""
    statement_timeout: Duration = 3.0
    """How long the server may work on one statement, in real seconds."""
    large_rows: int = Field(default=100_000, gt=0)
    """A table with more rows than this, and larger than `large_mb`, is never read as a whole: a
    statement whose plan would do so is refused, and its check unknown."""
    large_mb: int = Field(default=64, gt=0)
    """See `large_rows`; without its indexes, in MB."""

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
        address = parse_address(text) if text else None
        pooled = (
            settings.pooled if settings.pooled is not None else bool(address and address.pooled)
        )
        limit = Size(settings.large_rows, settings.large_mb * 1e6)
        self._session = Session(
            address, pooled=pooled, statement_timeout=settings.statement_timeout
        )
        self._windows, self._guard = Windows(limit), Guard(limit)
        self._clock = clock
        self._turn = asyncio.Lock()
        self._statements: dict[str, Statement] = {}
        self._totals: dict[str, _Totals] = {}
        self._last: dict[str, tuple[list[object], int]] = {}
        self._tried_at = float("-inf")
        self._refusal: ProbeError | None = None

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Close the connection, or drop it if the server does not answer."""
        await self._session.close()

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Run the statement of this measure. Raises `ProbeError`."""
        statement = self._statements.get(measure.sql)
        if statement is None:
            statement = self._statements[measure.sql] = load_statement(measure.sql)
        try:
            records = await self._fetch(statement, moment, measure.window)
        except NoSlot as error:
            if not measure.new_connection:
                raise
            note = f"nobody gets a connection: {error.reason}"
            return Reading(self._clock.now(), 100.0, note=note, level=Level.CRITICAL, hard=True)
        if measure.shape == "delta":
            return self._difference(measure, records)
        reading = to_reading(measure, records, self._clock.now())
        return await self._with_another(reading) if measure.new_connection else reading

    async def records(self, sql: str, moment: Moment, window: float) -> list[Any]:
        """Every row of a statement, under the same guard as a reading. Raises `ProbeError`."""
        return await self._fetch(load_statement(sql), moment, window)

    def describe(self, measure: Measure, _moment: Moment) -> Inquiry:
        """The statement, what was bound to it the last time, and how many rows came."""
        statement = self._statements.get(measure.sql) or load_statement(measure.sql)
        values, rows = self._last.get(statement.text, ([], None))
        given = zip(statement.names, values, strict=False)
        came = "" if rows is None else f"{rows} rows came"
        return Inquiry(
            tuple(statement.told.splitlines()),
            tuple((f":{name}", str(value)) for name, value in given),
            ", ".join(part for part in (self._guard.estimate(statement), came) if part),
        )

    async def capture(self, moment: Moment) -> tuple[Exhibit, ...]:
        """The sessions, on the connection there is. Raises `ProbeError`, for want of one, too."""
        if not self._session.is_open:
            raise Unreachable("no connection to ask on; a new one is not opened for this")
        states = await self._fetch(load_statement("flight_states.sql"), moment, 0.0)
        found = await self._fetch(load_statement("flight_sessions.sql"), moment, 0.0)
        return sessions.states(states), sessions.blocking(found), sessions.sessions(found)

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

    async def _with_another(self, reading: Reading) -> Reading:
        """The reading, and whether the server would take another connection just now.

        A try that failed is made again at every reading, one that went well after a while.
        """
        now = asyncio.get_running_loop().time()
        if self._refusal or now - self._tried_at >= TRY_EVERY:
            self._tried_at, self._refusal = now, await self._session.try_another()
        refusal = self._refusal
        if refusal is None:
            return reading
        note = f"a new connection fails: {refusal.reason}; {reading.note}"
        if isinstance(refusal, NoSlot):
            return replace(reading, note=note, level=Level.CRITICAL, hard=True)
        if isinstance(refusal, Denied):
            return replace(reading, note=f"{reading.note}; {refusal.reason}")
        return replace(reading, note=note, level=reading.level or Level.WARNING)

    async def _fetch(self, statement: Statement, moment: Moment, window: float) -> list[Any]:
        # A reading and a capture may be asked for at once; the connection takes one at a time.
        async with self._turn:
            try:
                return await self._fetch_once(statement, moment, window)
            except asyncpg.InvalidCachedStatementError:
                # The schema has changed under a prepared statement; another connection has none.
                self._session.drop()
                return await self._fetch_once(statement, moment, window)

    async def _fetch_once(self, statement: Statement, moment: Moment, window: float) -> list[Any]:
        if not self._session.is_open:
            # Another server may stand behind the address, or another schema.
            self._windows.forget()
            self._guard.forget()
        try:
            async with self._session.asking() as ask:
                ids = await self._windows.bounds(ask, statement, moment, window)
                values = statement.values(moment, window, ids)
                await self._guard.approve(ask, statement, values)
                records = list(await ask(statement.text, *values))
                self._last[statement.text] = values, len(records)
                return records
        except asyncpg.InvalidCachedStatementError:
            raise
        except BaseException as error:
            # Whatever interrupted it may have left the protocol in mid-answer: start afresh.
            if not isinstance(error, ProbeError | asyncpg.PostgresError) or is_gone(error):
                self._session.drop()
            if not isinstance(error, ProbeError):
                # A table or an index may be another than before.
                self._windows.forget(statement)
                self._guard.forget(statement)
            reason = self._session.explain(error)
            if reason is None:
                raise
            raise reason from None


KIND = Kind("postgres", Settings, Measure, PostgresProbe)
