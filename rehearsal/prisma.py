"""The application's database client: a small pool that fails in the words of Prisma.

`connection_limit` connections are opened when needed. Who waits for one longer than
`pool_timeout` gets P2024; an interactive transaction waits `maxWait` only and gets P2028.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

CONNECTION_LIMIT: Final = 5
POOL_TIMEOUT: Final = 10.0
"""Real seconds a single call waits for a connection."""
MAX_WAIT: Final = 2.0
"""Real seconds an interactive transaction waits for a connection."""
_GONE: Final = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
_RUNTIME: Final = "/srv/app/node_modules/@prisma/client/runtime/library.js"
_STACK: Final = (
    f"    at $n.handleRequestError ({_RUNTIME}:121:7315)\n    at $n.request ({_RUNTIME}:121:6339)"
)


class PrismaError(Exception):
    """One failed call of the database client, as JavaScript would print it."""

    def __init__(self, kind: str, text: str, code: str = "", meta: str = "") -> None:
        super().__init__(text)
        self.kind, self.text, self.code, self.meta = kind, text, code, meta

    def inspect(self) -> str:
        """The error as console.error shows it: name, message, stack and fields."""
        label = "errorCode" if self.kind == "PrismaClientInitializationError" else "code"
        fields = [f"  {label}: '{self.code}'"] if self.code else []
        fields += ["  clientVersion: '5.22.0'"]
        fields += [f"  meta: {self.meta}"] if self.meta else []
        return f"{self.kind}: {self.text}\n{_STACK} {{\n" + ",\n".join(fields) + "\n}"


def invalid(call: str, why: str) -> str:
    """The message of a call that failed."""
    return f"\nInvalid `prisma.{call}()` invocation:\n\n\n{why}"


class Pool:
    """The connections of the application to its database."""

    def __init__(self, dsn: str, log: Callable[[str], None]) -> None:
        self._dsn = dsn
        self._log = log
        self._free = asyncio.Semaphore(CONNECTION_LIMIT)
        self._idle: list[Any] = []

    async def rows(self, call: str, statement: str, *values: object) -> list[Any]:
        """The rows of one statement. Raises PrismaError, after logging it."""
        try:
            async with self._connection(call) as connection:
                found: list[Any] = await connection.fetch(statement, *values)
                return found
        except PrismaError as error:
            raise self._logged(error) from None
        except (*_GONE, asyncpg.PostgresError) as error:
            raise self._logged(_translated(call, error)) from None

    @asynccontextmanager
    async def transaction(self, call: str) -> AsyncIterator[Any]:
        """A connection inside a transaction; what fails in it fails as `call`."""
        try:
            async with self._connection(call, MAX_WAIT) as connection, connection.transaction():
                yield connection
        except PrismaError as error:
            if error.code == "P2028":
                raise
            raise self._logged(error) from None
        except (*_GONE, asyncpg.PostgresError) as error:
            raise self._logged(_translated(call, error)) from None

    async def close(self) -> None:
        """Close what is open and idle."""
        while self._idle:
            self._idle.pop().terminate()

    @asynccontextmanager
    async def _connection(self, call: str, wait: float = 0.0) -> AsyncIterator[Any]:
        try:
            async with asyncio.timeout(wait or POOL_TIMEOUT):
                await self._free.acquire()
        except TimeoutError:
            raise (_late_transaction() if wait else _late_call(call)) from None
        try:
            connection = self._idle_one() or await self._connect(call)
            try:
                yield connection
            except _GONE:
                connection.terminate()
                raise
            finally:
                self._take_back(connection)
        finally:
            self._free.release()

    def _take_back(self, connection: Any) -> None:
        """Keep a connection for later; one cut off within a transaction is of no more use."""
        if not connection.is_closed() and connection.is_in_transaction():
            connection.terminate()
        if not connection.is_closed():
            self._idle.append(connection)

    def _idle_one(self) -> Any:
        while self._idle:
            if not (connection := self._idle.pop()).is_closed():
                return connection
        return None

    async def _connect(self, call: str) -> Any:
        try:
            return await asyncpg.connect(self._dsn, timeout=5)
        except asyncpg.TooManyConnectionsError as error:
            why = f"Too many database connections opened: FATAL: {error}"
            kind = "PrismaClientInitializationError"
            raise PrismaError(kind, invalid(call, why), "P2037") from None
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            place = self._dsn.rpartition("@")[2].partition("/")[0]
            why = (
                f"Can't reach database server at `{place}`\n\n"
                f"Please make sure your database server is running at `{place}`."
            )
            kind = "PrismaClientInitializationError"
            raise PrismaError(kind, invalid(call, why), "P1001") from None

    def _logged(self, error: PrismaError) -> PrismaError:
        self._log(f"prisma:error {error.text}")
        return error


def _late_call(call: str) -> PrismaError:
    why = (
        "Timed out fetching a new connection from the connection pool. More info: "
        "http://pris.ly/d/connection-pool (Current connection pool timeout: "
        f"{POOL_TIMEOUT:.0f}, connection limit: {CONNECTION_LIMIT})"
    )
    return PrismaError("PrismaClientKnownRequestError", invalid(call, why), "P2024")


def _late_transaction() -> PrismaError:
    text = "Transaction API error: Unable to start a transaction in the given time."
    return PrismaError("PrismaClientKnownRequestError", text, "P2028")


def _translated(call: str, error: BaseException) -> PrismaError:
    """The error of the driver in the words of Prisma."""
    if isinstance(error, asyncpg.UniqueViolationError):
        fields = re.findall(r'[("]([A-Za-z]+)["),]', (error.detail or "").partition("=")[0])
        names = ",".join(f"`{field}`" for field in fields)
        meta = f"{{ modelName: '{error.table_name}', target: {fields} }}"
        text = invalid(call, f"Unique constraint failed on the fields: ({names})")
        return PrismaError("PrismaClientKnownRequestError", text, "P2002", meta)
    if isinstance(error, (*_GONE, asyncpg.OperatorInterventionError)):
        text = invalid(call, "Server has closed the connection.")
        return PrismaError("PrismaClientKnownRequestError", text, "P1017")
    state = getattr(error, "sqlstate", "XX000")
    inner = f'PostgresError {{ code: "{state}", message: "{error}" }}'
    why = (
        "Error occurred during query execution:\nConnectorError(ConnectorError "
        f"{{ user_facing_error: None, kind: QueryError({inner}) }})"
    )
    return PrismaError("PrismaClientUnknownRequestError", invalid(call, why))
