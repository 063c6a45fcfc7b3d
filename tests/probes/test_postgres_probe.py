"""The postgres probe against real servers, in good and in bad days."""

import asyncio
import logging
import os
import random
import re
import signal
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from pydantic import ValidationError

from firstwatch.clock import SystemClock
from firstwatch.errors import (
    BadAnswer,
    Denied,
    Missing,
    NoAnswer,
    NotConfigured,
    ProbeError,
    Unreachable,
)
from firstwatch.probe import Moment
from firstwatch.readings import Row
from firstwatch.verdict import Level
from probes.answers import Measure
from probes.postgres import KIND, PostgresProbe, Settings
from probes.sqlstates import NoSlot
from rehearsal.postgres import Server, free_port
from rehearsal.schema import OWNER, WATCHER, connected, create_database, create_roles

NOW = Moment(now=1_795_419_786.0, launch=1_795_412_586.0)
T = TypeVar("T")
ONE = "SELECT 1 AS value"


class Database(Protocol):
    """What the fixture `database` gives."""

    name: str
    dsn: str
    owner_dsn: str


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Database:
    """One database for all tests here that change no table."""
    name = "test_postgres_probe"
    complete(create_database(postgres_server, name))
    return Named(name, postgres_server.dsn(WATCHER, name), postgres_server.dsn(OWNER, name))


class Named:
    def __init__(self, name: str, dsn: str, owner_dsn: str) -> None:
        self.name, self.dsn, self.owner_dsn = name, dsn, owner_dsn


def complete(work: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with few slots that tests may stop, freeze and kill."""
    server = Server(tmp_path_factory.mktemp("fragile"), max_connections=8)

    async def begin() -> None:
        await server.__aenter__()
        await create_roles(server)

    try:
        complete(begin())
        yield server
    finally:
        complete(server.close())


@asynccontextmanager
async def opened(dsn: str, **settings: Any) -> AsyncIterator[PostgresProbe]:
    probe = KIND.open(Settings.model_validate({"dsn": dsn, **settings}), SystemClock())
    assert isinstance(probe, PostgresProbe)
    try:
        yield probe
    finally:
        await probe.close()


async def value(probe: PostgresProbe, sql: str = ONE, **keys: Any) -> float:
    return (await probe.read(Measure.model_validate({"sql": sql, **keys}), NOW)).value


async def failure(probe: PostgresProbe, sql: str = ONE, **keys: Any) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await probe.read(Measure.model_validate({"sql": sql, **keys}), NOW)
    return caught.value


async def until(condition: Callable[[], Awaitable[bool]], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - the server sends no event
            await asyncio.sleep(0.005)


SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'firstwatch'"


async def sessions(root: Any) -> int:
    return int(await root.fetchval(SESSIONS))


@pytest.mark.parametrize(
    ("sql", "expected"),
    (
        ("SELECT 3 AS value", 3),
        ("SELECT 2.5::numeric AS value", 2.5),
        ("SELECT 1.25::float8 AS value", 1.25),
        ("SELECT '7' AS value", 7),
        ("SELECT true AS value", 1),
        ("SELECT 1 AS value UNION ALL SELECT 2", 1),
    ),
)
async def test_a_scalar_is_the_first_value(database: Database, sql: str, expected: float) -> None:
    async with opened(database.dsn) as probe:
        assert await value(probe, sql) == expected


async def test_note_sample_and_level_come_along(database: Database) -> None:
    sql = "SELECT 1 AS value, 9 AS sample, 'warning' AS level, 'two tenants' AS note"
    async with opened(database.dsn) as probe:
        reading = await probe.read(Measure(sql=sql), NOW)
    assert (reading.sample, reading.level, reading.note) == (9, Level.WARNING, "two tenants")


@pytest.mark.parametrize(
    ("columns", "shape", "reason"),
    (
        ("NULL::int AS value", "scalar", "nothing to measure yet: the statement returned no value"),
        ("1 AS value WHERE false", "scalar", "the statement returned no row"),
        ("1 AS amount", "scalar", 'the statement returned no column "value"'),
        ("'soon' AS value", "scalar", 'column "value" is not a number'),
        ("now() AS value", "scalar", 'column "value" is not a number'),
        ("'NaN'::float8 AS value", "scalar", 'column "value" is not a number'),
        ("'Infinity'::float8 AS value", "scalar", 'column "value" is not a number'),
        ("1 AS value, 'few' AS sample", "scalar", 'column "sample" is not a number'),
        ("1 AS value, 'bad' AS level", "scalar", '"bad" is not a level (known: ok, idle, '),
        ("1 AS part", "ratio", 'the statement returned no column "whole"'),
        ("NULL::int AS part, 2 AS whole", "ratio", "nothing to measure yet"),
        ("1 AS part, 2 AS whole WHERE false", "ratio", "the statement returned no row"),
        ("1 AS value", "rows", 'the statement returned no column "label"'),
        ("'a' AS label", "rows", 'the statement returned no column "value"'),
        ("'a' AS label, NULL::int AS value", "rows", "nothing to measure yet"),
        ("1 AS total", "delta", 'the statement returned no column "calls"'),
        ("NULL::int AS total, 1 AS calls", "delta", "nothing to measure yet"),
        ("1 AS total, 1 AS calls WHERE false", "delta", "the statement returned no row"),
    ),
)
async def test_an_answer_of_another_shape_is_a_bad_one(
    database: Database, columns: str, shape: str, reason: str
) -> None:
    async with opened(database.dsn) as probe:
        error = await failure(probe, f"SELECT {columns}", shape=shape)
        assert isinstance(error, BadAnswer)
        assert error.reason.startswith(reason)
        assert await value(probe) == 1


async def test_a_ratio_is_in_per_cent_of_its_sample(database: Database) -> None:
    async with opened(database.dsn) as probe:
        ask = Measure(sql="SELECT 3 AS part, 4 AS whole, 'x' AS note", shape="ratio")
        reading = await probe.read(ask, NOW)
        assert (reading.value, reading.part, reading.sample, reading.note) == (75, 3, 4, "x")
        ask = Measure(sql="SELECT 0 AS part, 0 AS whole", shape="ratio")
        reading = await probe.read(ask, NOW)
        assert (reading.value, reading.sample) == (0, 0)


async def test_rows_keep_their_order_and_the_first_is_the_worst(database: Database) -> None:
    sql = "SELECT * FROM (VALUES ('a', 9, NULL), ('b', 2, 'fine')) AS t (label, value, note)"
    async with opened(database.dsn) as probe:
        reading = await probe.read(Measure(sql=sql, shape="rows"), NOW)
        assert reading.rows == (Row("a", 9), Row("b", 2, "fine"))
        assert (reading.value, reading.note) == (9, "worst a")
        none = await probe.read(Measure(sql=f"{sql} WHERE false", shape="rows"), NOW)
        assert (none.value, none.rows) == (0, ())


async def test_a_delta_is_the_mean_between_two_readings(database: Database) -> None:
    """The totals are kept in a table, so that the test decides how they grow."""
    async with connected(database.owner_dsn) as owner, opened(database.owner_dsn) as probe:
        await owner.execute("CREATE TABLE totals AS SELECT 100.0 AS total, 10 AS calls, 'a' AS era")
        ask = Measure(sql="SELECT * FROM totals", shape="delta")

        async def after(total: float, calls: int, era: str = "a") -> float | str:
            change = "UPDATE totals SET total = $1::float8, calls = $2, era = $3"
            await owner.execute(change, total, calls, era)
            try:
                return (await probe.read(ask, NOW)).value
            except NoAnswer as error:
                return error.reason.split(";")[0].split(" since")[0]

        first = "first look at the totals"
        assert await after(100, 10) == first
        assert await after(160, 13) == 20
        assert await after(160, 13) == "the application ran no statement"
        assert await after(5, 1, "b") == first  # reset
        assert await after(9, 2, "b") == 4
        assert await after(4, 3, "b") == first  # statements were evicted
        assert await after(4, 1, "b") == first
        await owner.execute("DROP TABLE totals")


async def test_nothing_can_be_written_even_by_a_role_that_may(database: Database) -> None:
    insert = """INSERT INTO "Company" (id, name, "updatedAt") VALUES ('x', 'x', now())
                RETURNING 1 AS value"""
    hidden = f"WITH made AS ({insert}) SELECT * FROM made"
    for dsn, pooled in ((database.owner_dsn, False), (database.owner_dsn, True)):
        async with opened(dsn, pooled=pooled) as probe:
            for sql in (insert, hidden, 'DELETE FROM "Company" RETURNING 1 AS value'):
                error = await failure(probe, sql)
                assert isinstance(error, BadAnswer)
                assert "read-only transaction (25006)" in error.reason
            assert await value(probe, 'SELECT count(*) AS value FROM "Company"') == 0


async def test_two_statements_in_one_are_refused(database: Database) -> None:
    sql = "SET default_transaction_read_only = off; SELECT 1 AS value"
    async with opened(database.dsn) as probe:
        error = await failure(probe, sql)
        assert isinstance(error, BadAnswer)
        assert "multiple commands" in error.reason
        setting = "current_setting('default_transaction_read_only')"
        assert await value(probe, f"SELECT ({setting} = 'on')::int AS value") == 1


async def test_the_session_says_who_it_is_and_holds_to_its_limits(
    database: Database, postgres_server: Server
) -> None:
    names = (
        *("application_name", "default_transaction_read_only", "statement_timeout"),
        *("lock_timeout", "idle_in_transaction_session_timeout", "TimeZone"),
    )
    wanted = ["firstwatch", "on", "3s", "200ms", "10s", "UTC"]
    listed = " || ',' || ".join(f"current_setting('{name}')" for name in names)
    async with opened(database.dsn) as probe, connected(postgres_server.dsn()) as root:
        reading = await probe.read(Measure(sql=f"SELECT 1 AS value, {listed} AS note"), NOW)
        assert reading.note.split(",") == wanted
        for _ in range(5):
            await value(probe)
        assert await sessions(root) == 1
    async with connected(postgres_server.dsn()) as root:
        await until(lambda: is_zero(root))


async def is_zero(root: Any) -> bool:
    return await sessions(root) == 0


async def test_behind_a_pooler_the_limits_live_in_each_transaction(database: Database) -> None:
    """The settings go with every statement, and nothing stays behind in the session."""
    names = ("statement_timeout", "lock_timeout", "transaction_read_only", "TimeZone")
    listed = " || ',' || ".join(f"current_setting('{name}')" for name in names)
    sql = f"SELECT 1 AS value, {listed} AS note"
    async with opened(f"{database.dsn}?pgbouncer=true", statement_timeout="1500ms") as probe:
        reading = await probe.read(Measure(sql=sql), NOW)
        assert reading.note.split(",") == ["1500ms", "200ms", "on", "UTC"]
        session = await probe._session.connection.fetchrow(sql)
        assert session["note"].split(",")[:3] == ["0", "0", "off"]
        assert (
            await probe._session.connection.fetchval("SELECT count(*) FROM pg_prepared_statements")
            == 0
        )


@pytest.mark.parametrize("pooled", (False, True))
async def test_the_schema_of_prisma_is_where_tables_are_looked_for(
    database: Database, pooled: bool
) -> None:
    async with connected(database.owner_dsn) as owner:
        await owner.execute('CREATE SCHEMA IF NOT EXISTS "Tenant" AUTHORIZATION CURRENT_USER')
        await owner.execute('CREATE TABLE IF NOT EXISTS "Tenant".own AS SELECT 5 AS value')
        keys = "schema=Tenant&connection_limit=5&pool_timeout=10&sslmode=prefer"
        async with opened(f"{database.owner_dsn}?{keys}", pooled=pooled) as probe:
            assert await value(probe, "SELECT value FROM own") == 5


@pytest.mark.parametrize("pooled", (False, True))
async def test_a_slow_statement_is_given_up_and_the_session_kept(
    database: Database, pooled: bool
) -> None:
    async with opened(database.dsn, statement_timeout="50ms", pooled=pooled) as probe:
        before = await value(probe, "SELECT pg_backend_pid() AS value")
        error = await failure(probe, "SELECT 1 AS value FROM pg_sleep(30)")
        assert (type(error), error.reason) == (NoAnswer, "statement timed out")
        assert await value(probe, "SELECT pg_backend_pid() AS value") == before


@pytest.mark.parametrize("pooled", (False, True))
async def test_a_lock_is_not_waited_for(database: Database, pooled: bool) -> None:
    count = 'SELECT count(*) AS value FROM "Lead"'
    async with connected(database.owner_dsn) as owner, opened(database.dsn, pooled=pooled) as probe:
        before = await value(probe, "SELECT pg_backend_pid() AS value")
        async with owner.transaction():
            await owner.execute('LOCK TABLE "Lead"')
            error = await failure(probe, count)
        assert (type(error), error.reason) == (NoAnswer, "gave up waiting for a lock")
        assert await value(probe, count) == 0
        assert await value(probe, "SELECT pg_backend_pid() AS value") == before


@pytest.mark.parametrize("pooled", (False, True))
async def test_cancelled_at_any_moment_it_stays_usable_and_leaves_no_session(
    database: Database, postgres_server: Server, pooled: bool
) -> None:
    moments = random.Random(7)
    sql = "SELECT 1 AS value FROM pg_sleep(0.01)"
    async with connected(postgres_server.dsn()) as root:
        async with opened(database.dsn, pooled=pooled, statement_timeout="1s") as probe:
            done = 0
            for attempt in range(100):
                with suppress(TimeoutError):
                    async with asyncio.timeout(moments.uniform(0, 0.03) * (1 + attempt % 4)):
                        done += await value(probe, sql) == 1
            assert await value(probe) == 1
            assert 0 < done < 100
            await until(lambda: is_one(root))
        await until(lambda: is_zero(root))


async def is_one(root: Any) -> bool:
    return await sessions(root) == 1


async def test_a_missing_table_column_or_function_is_named(database: Database) -> None:
    async with opened(database.dsn) as probe:
        before = await value(probe, "SELECT pg_backend_pid() AS value")
        for sql, name in (
            ('SELECT count(*) AS value FROM "Messages"', 'relation "Messages" does not exist'),
            ('SELECT max("sendAt") AS value FROM "Message"', 'column "sendAt" does not exist'),
            ("SELECT nothing() AS value", "function nothing() does not exist"),
        ):
            error = await failure(probe, sql)
            assert (type(error), error.reason) == (Missing, name)
        assert await value(probe, "SELECT pg_backend_pid() AS value") == before


async def test_a_refused_table_is_named_with_what_to_grant(database: Database) -> None:
    async with connected(database.owner_dsn) as owner, opened(database.dsn) as probe:
        await owner.execute("CREATE TABLE secrets (n int)")
        error = await failure(probe, "SELECT count(*) AS value FROM secrets")
        await owner.execute("DROP TABLE secrets")
    assert type(error) is Denied
    assert error.reason == (
        "permission denied for table secrets; grant the role of the watch SELECT, and pg_monitor"
    )


async def test_a_statement_with_a_mistake_is_a_bad_answer_and_blocks_nothing_else(
    database: Database,
) -> None:
    async with opened(database.dsn) as probe:
        for sql in (
            "SELEC 1",
            "SELECT 1/0 AS value",
            "SELECT :now::int AS value",
            "SELECT 'a'::int",
        ):
            error = await failure(probe, sql)
            assert type(error) is BadAnswer
            assert not error.blocks_source
        assert await value(probe) == 1


async def test_without_an_address_it_says_what_to_set() -> None:
    async with opened("") as probe:
        error = await failure(probe)
    assert (type(error), error.reason) == (
        NotConfigured,
        "no database: set DATABASE_URL or sources.<name>.dsn",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    (
        ((r":[^:@]+@", ":wrong-word@"), "the server refuses the login; check user and password"),
        ((r"//\w+:", "//nobody:"), "the server refuses the login; check user and password"),
        ((r"/\w+$", "/nowhere"), "the database does not exist"),
    ),
    ids=("password", "role", "database"),
)
async def test_a_refused_login_says_what_to_check(
    database: Database, change: tuple[str, str], reason: str
) -> None:
    async with opened(re.sub(*change, database.dsn)) as probe:
        error = await failure(probe)
    assert (type(error), error.reason) == (Unreachable, reason)


async def test_nobody_at_the_port_is_refused_at_once() -> None:
    port = free_port()
    async with asyncio.timeout(1), opened(f"postgresql://u:p@127.0.0.1:{port}/app") as probe:
        error = await failure(probe)
    assert (type(error), error.reason) == (
        Unreachable,
        f"connection refused by 127.0.0.1:{port}/app",
    )


async def test_a_host_that_is_none_is_out_of_reach() -> None:
    async with opened("postgresql://u:p@host.invalid/app") as probe:
        error = await failure(probe)
    assert type(error) is Unreachable
    assert error.reason == "no such host: host.invalid"


async def test_a_missing_socket_is_out_of_reach(tmp_path: Path) -> None:
    async with opened(f"postgresql:///app?host={tmp_path}&user=u") as probe:
        error = await failure(probe)
    assert type(error) is Unreachable


async def test_a_port_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.session.CONNECT_WITHIN", 0.2)
    quiet = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        quiet.set()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with opened(f"postgresql://u:p@127.0.0.1:{port}/app") as probe:
            error = await failure(probe)
        await asyncio.wait_for(quiet.wait(), 5)
    assert (type(error), error.reason) == (
        Unreachable,
        f"127.0.0.1:{port}/app did not answer within 0.2 s",
    )


async def test_the_password_is_in_no_reason_traceback_log_or_representation(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    word = "hunter2-secret"
    addresses = (
        re.sub(r":[^:@]+@", f":{word}@", database.dsn),
        f"postgresql://u:{word}@127.0.0.1:{free_port()}/app",
        f"postgresql://u:{word}@host.invalid/app",
        f"postgresql://u:{word}@127.0.0.1/app?sslmode=bogus",
        f"postgresql://u:{word}@127.0.0.1/app?sslmode=verify-full&sslrootcert=/nowhere",
    )
    for address in addresses:
        async with opened(address) as probe:
            error = await failure(probe)
            assert word not in "".join(traceback.format_exception(error))
            assert word not in f"{error.reason}{error!r}{probe!r}{probe._session!r}"
            assert word not in repr(probe._session.address)
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"dsn": f"postgresql://u:[{word}]@h/app"})
    assert word not in "".join(traceback.format_exception(caught.value))
    assert word not in caplog.text


async def test_a_stopped_server_is_out_of_reach_at_once_and_comes_back_by_itself(
    fragile: Server,
) -> None:
    async with opened(fragile.dsn(WATCHER)) as probe:
        assert await value(probe) == 1
        for end in (fragile.stop, fragile.kill):
            await end()
            try:
                async with asyncio.timeout(1):
                    error = await failure(probe)
                assert type(error) is Unreachable
                async with asyncio.timeout(1):
                    error = await failure(probe)
                assert error.reason == f"connection refused by 127.0.0.1:{fragile.port}/postgres"
            finally:
                await fragile.start()
            assert await value(probe) == 1


@pytest.mark.parametrize("pooled", (False, True))
async def test_a_session_ended_by_the_administrator_is_opened_again(
    fragile: Server, pooled: bool
) -> None:
    async with opened(fragile.dsn(WATCHER), pooled=pooled) as probe:
        async with connected(fragile.dsn()) as root:
            pid = int(await value(probe, "SELECT pg_backend_pid() AS value"))
            await root.execute("SELECT pg_terminate_backend($1, 5000)".replace("$1", str(pid)))
            with suppress(Unreachable):  # the end may not have been noticed yet
                await value(probe)
            assert await value(probe, "SELECT pg_backend_pid() AS value") != pid
            asked = asyncio.create_task(failure(probe, "SELECT 1 AS value FROM pg_sleep(2)"))
            await until(lambda: sleeps(root))
            await root.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'firstwatch'"
            )
            assert type(await asked) is Unreachable
        assert await value(probe) == 1


async def sleeps(root: Any) -> bool:
    return bool(await root.fetchval(f"{SESSIONS} AND wait_event = 'PgSleep'"))


@pytest.mark.parametrize("pooled", (False, True))
async def test_a_frozen_server_costs_no_more_than_the_deadline(
    fragile: Server, pooled: bool
) -> None:
    async with opened(fragile.dsn(WATCHER), pooled=pooled) as probe:
        pid = int(await value(probe, "SELECT pg_backend_pid() AS value"))
        frozen = [process for process in (fragile.pid, pid) if process]
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        try:
            task = asyncio.create_task(value(probe))
            done, _ = await asyncio.wait({task}, timeout=0.3)
            assert not done
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=1.0)
            assert done
            assert task.cancelled()
            again = asyncio.create_task(value(probe))  # a new connection is not answered either
            done, _ = await asyncio.wait({again}, timeout=0.3)
            again.cancel()
            await asyncio.wait({again}, timeout=1.0)
            assert again.cancelled()
            async with asyncio.timeout(2):
                await probe.close()
        finally:
            for process in reversed(frozen):
                os.kill(process, signal.SIGCONT)
        assert await value(probe) == 1


async def test_full_slots_are_told_and_a_session_held_goes_on(fragile: Server) -> None:
    full = "no connection slot left on the server (53300)"
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(opened(fragile.dsn(WATCHER)))
        assert await value(held) == 1
        for _ in range(4):  # 8 slots, 3 for superusers, one is ours
            await stack.enter_async_context(connected(fragile.dsn(OWNER)))
        late = await stack.enter_async_context(opened(fragile.dsn(WATCHER)))
        error = await failure(late)
        assert (type(error), error.reason) == (NoSlot, full)
        assert not error.blocks_source
        reading = await held.read(Measure(sql="connections.sql"), NOW)
        assert (reading.value, reading.level, reading.hard) == (100, None, False)


WATCHING = Measure(sql="connections.sql", new_connection=True)


async def test_no_slot_for_a_new_connection_is_critical_while_the_old_one_measures(
    fragile: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.postgres.TRY_EVERY", 0.0)
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(opened(fragile.dsn(WATCHER)))
        calm = await held.read(WATCHING, NOW)
        assert (calm.level, calm.hard) == (None, False)
        async with AsyncExitStack() as crowd:
            for _ in range(4):
                await crowd.enter_async_context(connected(fragile.dsn(OWNER)))
            full = await held.read(WATCHING, NOW)
            assert (full.level, full.hard, full.value) == (Level.CRITICAL, True, 100)
            assert full.note.startswith("a new connection fails: no connection slot left on the")
            assert await value(held) == 1
        root = await stack.enter_async_context(connected(fragile.dsn()))
        await until(lambda: is_alone(root))
        again = await held.read(WATCHING, NOW)
        assert (again.level, again.hard) == (None, False)
        await until(lambda: is_one(root))


async def is_alone(root: Any) -> bool:
    crowd = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"
    return not await root.fetchval(crowd)


async def test_no_slot_at_the_start_is_critical_for_the_check_that_watches_slots_alone(
    fragile: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        async with AsyncExitStack() as crowd:
            for _ in range(5):
                await crowd.enter_async_context(connected(fragile.dsn(OWNER)))
            late = await stack.enter_async_context(opened(fragile.dsn(WATCHER)))
            for _ in range(2):  # the second one does not even ask
                reading = await late.read(WATCHING, NOW)
                assert (reading.value, reading.level, reading.hard) == (100, Level.CRITICAL, True)
                assert reading.note.endswith("no connection slot left on the server (53300)")
            assert type(await failure(late)) is NoSlot
        root = await stack.enter_async_context(connected(fragile.dsn()))
        await until(lambda: is_alone(root))
        assert type(await failure(late)) is NoSlot  # for a few seconds more it is spared
        monkeypatch.setattr("probes.session.RETRY", 0.0)
        late._session._refused_until = 0.0
        assert await value(late) == 1


async def test_a_limit_of_the_role_itself_is_no_lack_of_slots(fragile: Server) -> None:
    async with connected(fragile.dsn()) as root:
        await root.execute(f"ALTER ROLE {WATCHER} CONNECTION LIMIT 1")
        try:
            async with opened(fragile.dsn(WATCHER)) as probe:
                await until(lambda: is_zero(root))
                reading = await probe.read(WATCHING, NOW)
            assert (reading.level, reading.hard) == (None, False)
            assert reading.note.endswith("has no connection left (CONNECTION LIMIT)")
        finally:
            await root.execute(f"ALTER ROLE {WATCHER} CONNECTION LIMIT -1")


async def test_a_new_connection_is_tried_now_and_then_only(database: Database) -> None:
    async with opened(database.dsn) as probe:
        assert probe._tried_at < 0
        await value(probe, "SELECT 1 AS value")
        assert probe._tried_at < 0
        await probe.read(WATCHING, NOW)
        tried_at = probe._tried_at
        assert tried_at > 0
        await probe.read(WATCHING, NOW)
        assert probe._tried_at == tried_at


async def test_a_unix_socket_is_reached_by_the_address_of_prisma(
    database: Database, postgres_server: Server
) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", postgres_server.port)
        await asyncio.gather(flow(reader, there[1]), flow(there[0], writer))

    async def flow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(4096):
            writer.write(some)
        writer.close()
        await writer.wait_closed()

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a socket's path must be short
        async with await asyncio.start_unix_server(relay, f"{folder}/.s.PGSQL.5439"):
            address = (
                re.sub(r"@.*/", "@/", database.dsn) + f"?host={folder}&port=5439&schema=public"
            )
            async with opened(address) as probe:
                assert await value(probe) == 1
                place = probe._session.address.place if probe._session.address else ""
                assert place == f"{folder}:5439/{database.name}"
