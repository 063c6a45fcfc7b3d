"""The pgbouncer probe against a console on a real socket, and a real PgBouncer if there is one."""

import asyncio
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from firstwatch.clock import SystemClock
from firstwatch.errors import BadAnswer, Missing, NotConfigured, ProbeError, Unreachable
from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from probes.answers import Measure as Sql
from probes.pgbouncer import KIND, Measure, PgBouncerProbe, Settings, to_reading
from probes.postgres import KIND as POSTGRES
from probes.postgres import Settings as PostgresSettings
from rehearsal.postgres import Server, free_port
from rehearsal.programs import account_of_servers, open_temporary
from rehearsal.schema import OWNER, WATCHER, connected, create_database

NOW = Moment(now=1_795_419_786.0, launch=1_795_412_586.0)
COLUMNS = ("database", "user", "cl_active", "cl_waiting", "sv_active", "maxwait", "maxwait_us")
IDLE = {"paused": 0, "pool_size": 20}
PROGRAM = shutil.which("pgbouncer") or ""


def pool(database: str = "app", *counts: int) -> dict[str, Any]:
    given = dict(zip(COLUMNS[2:], counts, strict=False))
    return {**dict.fromkeys(COLUMNS[2:], 0), "database": database, "user": "web", **given}


def judged(*pools: dict[str, Any], asked: str = "", **databases: Any) -> Reading:
    known = {name: {"name": name, **of} for name, of in databases.items()}
    return to_reading(Measure(database=asked), list(pools), known, 7.0)


def test_the_fullest_pool_decides_and_all_are_listed() -> None:
    reading = judged(
        pool("app", 3, 0, 5), pool("jobs", 9, 0, 9), pool("pgbouncer"), app=IDLE,
        jobs={**IDLE, "pool_size": 10},
    )  # fmt: skip
    assert (reading.value, reading.level, reading.note) == (90, None, "9 of 10")
    assert reading.rows == (Row("jobs as web", 90, "9 of 10"), Row("app as web", 25, "5 of 20"))


@pytest.mark.parametrize(
    ("counts", "level", "note"),
    (
        ((20, 0, 20, 0, 0), None, "20 of 20"),
        ((20, 2, 20, 0, 400_000), Level.WARNING, "2 waiting, the longest for 0.4 s"),
        ((20, 1, 20, 1, 999_999), Level.WARNING, "1 waiting, the longest for 2.0 s"),
        ((20, 3, 20, 2, 0), Level.CRITICAL, "3 waiting, the longest for 2 s"),
    ),
)
def test_who_waits_is_a_warning_and_who_waits_long_is_critical(
    counts: tuple[int, ...], level: Level | None, note: str
) -> None:
    reading = judged(pool("app", *counts), app=IDLE)
    assert (reading.value, reading.level, reading.note) == (100, level, note)
    assert reading.hard is (level is Level.CRITICAL)


def test_a_paused_database_is_critical_if_it_is_ours() -> None:
    paused = {**IDLE, "paused": 1}
    assert judged(pool("app"), app=IDLE, jobs=paused).level is Level.CRITICAL
    assert judged(pool("app"), app=IDLE, jobs=paused, asked="app").level is None


def test_nothing_in_use_is_nothing_and_an_unknown_database_is_named() -> None:
    reading = judged(pool("pgbouncer"), app=IDLE)
    assert (reading.value, reading.note, reading.rows) == (0, "no pool in use", ())
    with pytest.raises(Missing, match='PgBouncer has no database "ap"'):
        judged(pool("app"), app=IDLE, asked="ap")
    with pytest.raises(BadAnswer):
        judged({"database": "app"}, app=IDLE)


def opened(dsn: str) -> PgBouncerProbe:
    probe = KIND.open(Settings.model_validate({"dsn": dsn}), SystemClock())
    assert isinstance(probe, PgBouncerProbe)
    return probe


async def failure(probe: PgBouncerProbe) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await probe.read(Measure(), NOW)
    return caught.value


async def test_without_an_address_it_says_what_to_set() -> None:
    assert type(await failure(opened(""))) is NotConfigured


async def test_without_its_driver_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = await failure(opened("postgresql://u:p@127.0.0.1:1/pgbouncer"))
    assert (type(error), error.reason) == (
        Missing,
        'SHOW POOLS needs psycopg: pip install "firstwatch[pooler]"',
    )


@pytest.fixture
def driver() -> None:
    pytest.importorskip("psycopg")


def packet(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def table(columns: list[str], rows: list[list[str]]) -> bytes:
    described = b"".join(
        name.encode() + b"\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0) for name in columns
    )
    sent = packet(b"T", struct.pack("!h", len(columns)) + described)
    for row in rows:
        cells = b"".join(struct.pack("!i", len(cell)) + cell.encode() for cell in row)
        sent += packet(b"D", struct.pack("!h", len(row)) + cells)
    return sent + packet(b"C", b"SHOW\0")


READY = packet(b"Z", b"I")
POOLS = table(list(COLUMNS), [["app", "web", "9", "1", "18", "3", "0"]])
DATABASES = table(["name", "pool_size", "paused"], [["app", "20", "0"]])


class Console:
    """Speaks as much of the protocol as PgBouncer's console does."""

    def __init__(self) -> None:
        self.logins = 0
        self.asked: list[bytes] = []
        self.answers = {b"SHOW POOLS": POOLS, b"SHOW DATABASES": DATABASES}
        self.mute = False
        self.served: list[asyncio.Task[Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.served.append(task)
        try:
            while (await self._startup(reader)) != 196608:
                writer.write(b"N")  # no TLS
            self.logins += 1
            writer.write(packet(b"R", struct.pack("!I", 0)))
            writer.write(packet(b"S", b"server_version\x001.18.0/bouncer\0"))
            writer.write(packet(b"S", b"client_encoding\0UTF8\0") + READY)
            while (kind := await reader.readexactly(1)) == b"Q":
                query = await self._body(reader)
                self.asked.append(query.rstrip(b"\0"))
                if not self.mute:
                    writer.write(self.answers[query.rstrip(b"\0")] + READY)
            assert kind == b"X"
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _startup(self, reader: asyncio.StreamReader) -> int:
        return int(struct.unpack("!I", (await self._body(reader))[:4])[0])

    async def _body(self, reader: asyncio.StreamReader) -> bytes:
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        return await reader.readexactly(length - 4)


@asynccontextmanager
async def console() -> AsyncIterator[tuple[Console, str]]:
    made = Console()
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield made, f"postgresql://stats:hunter2@127.0.0.1:{port}/pgbouncer"
        await asyncio.wait(made.served, timeout=5)


async def test_the_console_is_asked_on_one_connection(driver: None) -> None:
    async with console() as (server, dsn):
        probe = opened(dsn)
        for _ in range(7):  # a driver that prepared statements would do so by now
            reading = await probe.read(Measure(), NOW)
        await probe.close()
    assert (reading.value, reading.level, reading.hard) == (90, Level.CRITICAL, True)
    assert reading.note == "1 waiting, the longest for 3 s"
    assert server.logins == 1
    assert set(server.asked) == {b"SHOW POOLS", b"SHOW DATABASES"}


async def test_a_console_that_refuses_says_where_to_name_the_user(driver: None) -> None:
    async with console() as (server, dsn):
        body = b"SERROR\0VERROR\0C42000\0Madmin access needed\0\0"
        server.answers[b"SHOW POOLS"] = packet(b"E", body)
        probe = opened(dsn)
        error = await failure(probe)
        assert error.reason == (
            "the console refuses SHOW POOLS (42000); name the user in stats_users"
        )
        server.answers[b"SHOW POOLS"] = POOLS
        assert (await probe.read(Measure(), NOW)).value == 90
        await probe.close()


async def test_cancelled_while_it_waits_it_starts_afresh(driver: None) -> None:
    async with console() as (server, dsn):
        probe = opened(dsn)
        server.mute = True
        asking = asyncio.create_task(probe.read(Measure(), NOW))
        async with asyncio.timeout(5):
            while not server.asked:  # noqa: ASYNC110 - the socket sends no event
                await asyncio.sleep(0.005)
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled()
        server.mute = False
        assert (await probe.read(Measure(), NOW)).value == 90
        assert server.logins == 2
        await probe.close()


async def test_nobody_at_the_port_is_out_of_reach_and_no_password_is_told(driver: None) -> None:
    port = free_port()
    error = await failure(opened(f"postgresql://stats:hunter2@127.0.0.1:{port}/pgbouncer"))
    assert type(error) is Unreachable
    assert error.reason == f"PgBouncer at 127.0.0.1:{port}/pgbouncer does not answer"


async def test_a_port_that_says_nothing_is_given_up(
    driver: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.pgbouncer.CONNECT_WITHIN", 0.2)

    over, quiet = asyncio.Event(), asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()
        await writer.wait_closed()
        quiet.set()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reason = (await failure(opened(f"postgresql://u:p@127.0.0.1:{port}/pgbouncer"))).reason
        over.set()
        await asyncio.wait_for(quiet.wait(), 5)
    assert reason.endswith("did not answer within 0.2 s")


NAME = "test_pgbouncer"


@pytest.fixture(scope="module")
def bouncer(postgres_server: Server) -> Iterator[str]:
    """A real PgBouncer in transaction mode; the address of `firstwatch` behind it."""
    if not PROGRAM:
        pytest.skip("no pgbouncer on PATH")
    server, account = postgres_server, account_of_servers()
    asyncio.run(create_database(server, NAME))
    folder, port = Path(open_temporary(account)) / f"bouncer-{free_port()}", free_port()
    folder.mkdir(mode=0o755)
    users = folder / "users.txt"
    users.write_text("".join(f'"{u}" "{server.password}"\n' for u in (WATCHER, OWNER, "stats")))
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"""[databases]
{NAME} = host=127.0.0.1 port={server.port} dbname={NAME}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
stats_users = stats
pool_mode = transaction
default_pool_size = 2
""",
        encoding="utf-8",
    )
    for path in (folder, users, settings):
        if account.borrowed:
            os.chown(path, account.uid, account.gid)
    child = subprocess.Popen(
        [PROGRAM, "-q", str(settings)], stderr=subprocess.DEVNULL, **account.popen()
    )
    try:
        yield f"postgresql://{WATCHER}:{server.password}@127.0.0.1:{port}/{NAME}"
    finally:
        child.terminate()
        child.wait(10)
        shutil.rmtree(folder)


def of_console(bouncer: str) -> str:
    return re.sub(rf"//{WATCHER}:(.*)/{NAME}", r"//stats:\1/pgbouncer", bouncer)


async def reached(probe: Any, measure: Any) -> Reading:
    """The first reading, once the process listens."""
    async with asyncio.timeout(10):
        while True:
            try:
                reading: Reading = await probe.read(measure, NOW)
                return reading
            except Unreachable:
                await asyncio.sleep(0.02)


async def test_a_real_console_answers_the_same_questions(driver: None, bouncer: str) -> None:
    probe = opened(of_console(bouncer))
    assert (await reached(probe, Measure())).level is None
    async with AsyncExitStack() as stack:
        first, second, third = [
            await stack.enter_async_context(connected_through(bouncer)) for _ in range(3)
        ]
        for one in (first, second):
            await one.execute("BEGIN")
        reading = await probe.read(Measure(database=NAME), NOW)
        assert (reading.value, reading.note) == (100, "2 of 2")
        waits = asyncio.create_task(third.fetch("SELECT 1"))
        async with asyncio.timeout(5):
            while (await probe.read(Measure(), NOW)).level is not Level.WARNING:  # noqa: ASYNC110 - it sends no event
                await asyncio.sleep(0.02)
        await first.execute("ROLLBACK")
        await waits
        await second.execute("ROLLBACK")
    await probe.close()


@asynccontextmanager
async def connected_through(dsn: str) -> AsyncIterator[Any]:
    import asyncpg

    connection = await asyncpg.connect(dsn, statement_cache_size=0, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


async def test_the_wrong_word_is_a_refused_login(driver: None, bouncer: str) -> None:
    probe = opened(of_console(bouncer))
    await reached(probe, Measure())
    await probe.close()
    error = await failure(opened(re.sub(r":[^:@]+@", ":wrong@", of_console(bouncer))))
    assert error.reason == "the console refuses the login; is the user in stats_users?"


async def test_windows_guard_and_limits_work_behind_transaction_pooling(
    bouncer: str, postgres_server: Server
) -> None:
    probe = POSTGRES.open(
        PostgresSettings.model_validate(
            {"dsn": f"{bouncer}?pgbouncer=true", "large_rows": 1, "large_mb": 1}
        ),
        SystemClock(),
    )
    async with connected(postgres_server.dsn(OWNER, NAME)) as owner:
        await owner.execute(
            """CREATE TABLE wide AS SELECT n AS id, now()::timestamp AS "createdAt",
                      repeat('x', 500) AS body FROM generate_series(1, 4000) n;
               ALTER TABLE wide ADD PRIMARY KEY (id); GRANT SELECT ON wide TO firstwatch"""
        )
    others = [
        POSTGRES.open(
            PostgresSettings.model_validate({"dsn": bouncer, "pooled": True}), SystemClock()
        )
        for _ in range(4)
    ]
    try:
        zone = "current_setting('TimeZone') || ' ' || current_setting('enable_seqscan')"
        sql = Sql(sql=f"SELECT 1 AS value, {zone} AS note")
        assert (await reached(probe, sql)).note == "UTC off"
        window = Sql(sql='SELECT count(*) AS value FROM "Message" WHERE id >= :Message.since_id '
                         'AND "createdAt" >= :since')  # fmt: skip
        for _ in range(3):
            assert (await probe.read(window, NOW)).value == 0
            await asyncio.gather(*(other.read(sql, NOW) for other in others))
        with pytest.raises(BadAnswer, match='would read all of "wide"'):
            await probe.read(Sql(sql="SELECT count(*) AS value FROM wide"), NOW)
        flagged = Sql(sql="connections.sql", new_connection=True)
        assert (await probe.read(flagged, NOW)).level is None
    finally:
        for one in (probe, *others):
            await one.close()
