"""What sources show for a flight record: who blocks whom, the log around it, the last answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest

from firstwatch.clock import SystemClock
from firstwatch.episodes import Flip
from firstwatch.errors import Missing, NoAnswer, NotConfigured, Unreachable
from firstwatch.flights import LOOKED_AT, FlightRecorder
from firstwatch.masking import Masker
from firstwatch.probe import Exhibit, Moment, Probe
from firstwatch.verdict import Level
from probes.answers import Measure
from probes.excerpts import MOST, without_quotes
from probes.http import HttpProbe
from probes.http import Settings as HttpSettings
from probes.http_measure import Measure as HttpMeasure
from probes.http_trails import KEPT
from probes.literals import without_literals
from probes.log import LogProbe
from probes.log_plan import Settings as LogSettings
from probes.postgres import PostgresProbe, Settings
from probes.sessions import blocking
from rehearsal.postgres import Server
from rehearsal.schema import connected
from tests.probes.watched_log import ManualClock, Watched

NOW = Moment(now=1_795_419_786.0, launch=1_795_412_586.0)

MASK = Masker(b"salt")


class Database(Protocol):
    """What the fixture `database` gives."""

    name: str
    dsn: str
    owner_dsn: str


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[PostgresProbe]:
    probe = PostgresProbe(Settings.model_validate({"dsn": dsn}), SystemClock())
    try:
        yield probe
    finally:
        await probe.close()


async def read(probe: PostgresProbe, sql: str = "SELECT 1 AS value") -> float:
    return (await probe.read(Measure(sql=sql), NOW)).value


@asynccontextmanager
async def blocked(database: Database) -> AsyncIterator[tuple[int, int]]:
    """A transaction that holds a lead, another that waits for it; their process ids."""
    async with connected(database.owner_dsn) as first, connected(database.owner_dsn) as second:
        await first.execute(
            """INSERT INTO "Company" (id, name, "updatedAt") VALUES ('c1', 'Acme', now())"""
        )
        holds = """UPDATE "Company" SET name = 'Hunter Two +15550100' WHERE id = 'c1'"""
        begun = first.transaction()
        await begun.start()
        await first.execute(holds)
        waiting = asyncio.create_task(
            second.execute(
                """UPDATE "Company" SET name = 'hunter2' WHERE id = 'c1' /* hunter2 */"""
            )
        )
        pids = first.get_server_pid(), second.get_server_pid()
        async with connected(database.dsn) as eye:
            sql = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = $1"
            async with asyncio.timeout(10):
                while await eye.fetchval(sql, pids[1]) != "Lock":  # noqa: ASYNC110 - no event for it
                    await asyncio.sleep(0.005)
        try:
            yield pids
        finally:
            await begun.rollback()
            await waiting


async def test_blocker_and_waiter_are_named_and_no_value_is(database: Database) -> None:
    async with blocked(database) as (blocker, waiter), opened(database.dsn) as probe:
        await read(probe)
        states, blocks, sessions = await probe.capture(NOW)
    assert blocks.title == "who blocks whom"
    first, second = blocks.lines
    assert first.startswith(f"blocker  pid {blocker}  app/{database.name}  idle in transaction for")
    assert first.endswith('UPDATE "Company" SET name = ? WHERE id = ?  1 wait for it')
    assert second.startswith(
        f"waiter   pid {waiter}  behind {blocker}  app/{database.name}  active"
    )
    assert "waits for Lock:transactionid" in second
    assert second.endswith('UPDATE "Company" SET name = ? WHERE id = ?')
    assert any("active, waits for Lock" in line for line in states.lines)
    assert any(f"pid {blocker}  " in line for line in sessions.lines)
    everything = "\n".join(line for e in (states, blocks, sessions) for line in e.lines)
    for value in ("hunter2", "Hunter", "5550100", "'"):
        assert value not in everything


def session(pid: int, *blockers: int) -> dict[str, Any]:
    return {
        "pid": pid,
        "database": "app",
        "role": "app",
        "application": "",
        "state": "active",
        "waits_for": "Lock:tuple" if blockers else "",
        "for_seconds": 3.0,
        "transaction_seconds": None,
        "blockers": list(blockers) or None,
        "query": "SELECT 1",
    }


def test_of_a_queue_for_one_lock_its_head_stands_first_and_each_waiter_once() -> None:
    queue = [session(n, *range(2, n), 1, 99) for n in range(2, 50)]
    shown = blocking([*queue, session(1)])
    heads, waiters = shown.lines[:2], shown.lines[2:]
    assert heads[0] == "blocker  pid 1  app/app  active for 3s  SELECT ?  48 wait for it"
    assert heads[1] == "blocker  pid 99, not among the sessions below  48 wait for it"
    assert len(waiters) == 48
    assert waiters[-1].startswith("waiter   pid 49  behind 1, 99, 2 and 46 more  app/app  active")


async def test_nobody_blocked_is_said(database: Database) -> None:
    async with opened(database.dsn) as probe:
        await read(probe)
        _, blocks, _ = await probe.capture(NOW)
    assert (blocks.title, blocks.lines) == ("nobody waits for a lock", ())


async def test_sessions_are_asked_for_on_the_connection_there_is(
    database: Database, postgres_server: Server
) -> None:
    async with opened(database.dsn) as probe, connected(postgres_server.dsn()) as root:
        with pytest.raises(Unreachable, match="a new one is not opened"):
            await probe.capture(NOW)
        await read(probe)
        async with asyncio.TaskGroup() as group:
            captures = [group.create_task(probe.capture(NOW)) for _ in range(3)]
            values = [group.create_task(read(probe)) for _ in range(3)]
        assert [task.result() for task in values] == [1.0] * 3
        assert len({task.result()[1].title for task in captures}) == 1
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = 'firstwatch'"
        assert await root.fetchval(sql, database.name) == 1


async def test_a_capture_that_is_cancelled_leaves_the_probe_usable(database: Database) -> None:
    async with opened(database.dsn) as probe:
        await read(probe)
        for turns in range(12):
            task = asyncio.create_task(probe.capture(NOW))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            assert await read(probe) == 1.0


async def test_without_the_right_to_see_sessions_it_says_which_is_missing(
    database: Database, postgres_server: Server
) -> None:
    async with connected(postgres_server.dsn()) as root:
        await root.execute("DROP ROLE IF EXISTS shortsighted")
        await root.execute(f"CREATE ROLE shortsighted LOGIN PASSWORD '{postgres_server.password}'")
    dsn = postgres_server.dsn("shortsighted", database.name)
    async with connected(database.owner_dsn), opened(dsn) as probe:
        await read(probe)
        states, _, sessions = await probe.capture(NOW)
    assert any("hidden: grant pg_monitor" in line for line in states.lines)
    assert any("<insufficient privilege>" in line for line in sessions.lines)


async def test_a_server_that_went_away_is_a_reason(database: Database) -> None:
    async with opened(database.dsn) as probe:
        await read(probe)
        async with connected(database.dsn):
            probe._session.connection.terminate()
        with pytest.raises((Unreachable, asyncpg.PostgresError)):
            await probe.capture(NOW)


@pytest.mark.parametrize(
    ("sql", "told"),
    (
        (
            """SELECT * FROM "Lead" WHERE phone = '+15550100' AND n IN (1, 2,3) AND y = $1""",
            'SELECT * FROM "Lead" WHERE phone = ? AND n IN (?, …) AND y = $1',
        ),
        ("INSERT INTO t VALUES (1,'a'),\n (2,'b') RETURNING id", "INSERT INTO t VALUES (?), …"),
        ("SELECT 1 -- hunter2\n, 2", "SELECT ?, …"),
        ("SELECT a /* b /* hunter2 */ hunter2 */ FROM t", "SELECT a FROM t"),
        ("SELECT /* hunter2", "SELECT"),
        ("SELECT E'it\\'s hunter2' AS x", "SELECT ? AS x"),
        ("SELECT $q$ hunter2 $q$ AS x, $$hunter2$$", "SELECT ? AS x, ?"),
        ("SELECT $q$ hunter2 $$ hunter2", "SELECT ?"),
        ("SELECT n'x', U&'d', b'01', X'ff', 1.5e-3, 0x1F, -7 AS seven", "SELECT ?, …, -? AS seven"),
        ("SELECT 'it''s' AS x, a1.b2", "SELECT ? AS x, a1.b2"),
        ("ALTER ROLE app PASSWORD 'hunter", "ALTER ROLE app PASSWORD ?"),
        ("SELECT 'it\\'s hunter2', 'x'", "SELECT ?…"),
        ('SELECT "a ""b"" c", "cut hunter', 'SELECT "a ""b"" c", "…'),
        ("<insufficient privilege>", "<insufficient privilege>"),
        ("", ""),
    ),
)
def test_a_statement_without_its_values(sql: str, told: str) -> None:
    said = without_literals(sql)
    assert said == told or (told.endswith("…") and said.startswith(told))
    assert "hunter" not in said


RECORD = """\
[Chatwoot Webhook] Received: {
  event: 'message_created',
  content: 'my card is hunter2, said "Anna"',
  id: 4711,
  meta: { sender: { name: "Anna O'Neil", phone_number: '+15550100123' } },
  "note": "she said \\"hunter2\\" twice",
  api_access_token: 'hunter2'
}
"""


async def test_a_log_is_shown_without_what_customers_wrote(tmp_path: Path) -> None:
    log = Watched(tmp_path / "app.log")
    await log.says("")
    await log.says(RECORD)
    await log.says(
        "[Chatwoot Webhook] Error: SyntaxError: Unexpected token H, "
        '"hunter2 ist" is not valid JSON\n    at JSON.parse (<anonymous>)\n'
    )
    (shown,) = await log.probe.capture(NOW)
    text = "\n".join(shown.lines)
    assert "hunter2" not in text
    assert "Anna" not in text
    assert "O'Neil" not in text
    assert "event: 'message_created'" in text
    assert "id: 4711" in text
    assert '"note": ‘…’' in text
    assert "SyntaxError: Unexpected token H, ‘…’ is not valid JSON" in text
    assert "    at JSON.parse (<anonymous>)" in text
    assert shown.title == "the last 2 records of the log"


@pytest.mark.parametrize(
    ("line", "told"),
    (
        (
            "Can't reach database server at `db`:`5432`",
            "Can't reach database server at `db`:`5432`",
        ),
        ("Invalid `prisma.message.create()` invocation:", None),
        ("  code: 'P2002',", None),
        ("  meta: { modelName: 'Message', target: [ 'wabaMessageId' ] }", None),
        ("  content: 'cut off in the mid", "  content: ‘…’"),
        ('  "content": "cut off in the mid', '  "content": ‘…’'),
        ("  status: 'I wrote this myself'", "  status: ‘…’"),
        ("    at handler (/srv/app/route.ts:12:7)", None),
    ),
)
def test_codes_and_calls_stay_and_other_quotes_go(line: str, told: str | None) -> None:
    assert without_quotes(line) == (line if told is None else told)


async def test_of_a_flood_the_newest_records_are_kept(tmp_path: Path) -> None:
    log = Watched(tmp_path / "app.log")
    await log.says("")
    for number in range(300):
        await log.says(f"[Chatwoot Webhook] Error: number {number} {'x' * 1900}\n")
    (shown,) = await log.probe.capture(NOW)
    assert sum(map(len, shown.lines)) < MOST
    assert "number 299" in shown.lines[-1]
    assert 50 < len(shown.lines) < 200


async def test_a_log_that_is_gone_shows_what_it_showed_and_says_so(tmp_path: Path) -> None:
    log = Watched(tmp_path / "app.log")
    with pytest.raises(NoAnswer):
        await log.probe.capture(NOW)
    await log.probe.turn()
    with pytest.raises(Missing, match="no such file"):
        await log.probe.capture(NOW)
    await log.says("[Chatwoot Webhook] Error: one\n")
    log.path.unlink()
    await log.probe.turn()
    log.clock.time += 60
    await log.probe.turn()
    (shown,) = await log.probe.capture(NOW)
    assert shown.lines[0].startswith("not followed: ")
    assert "Error: one" in shown.lines[1]


async def test_a_log_without_an_address_is_a_reason() -> None:
    with pytest.raises(NotConfigured):
        await LogProbe(LogSettings(path=()), ManualClock()).capture(NOW)


async def test_a_secret_planted_in_log_and_statement_is_in_no_flight_record(
    database: Database, tmp_path: Path
) -> None:
    clock = ManualClock(time=NOW.now, start=NOW.now)
    log = Watched(tmp_path / "app.log", clock=clock)
    await log.says("")
    await log.says(
        "[Chatwoot] Send error: 401 for https://app:hunter2@chat.example/api?token=hunter2 to "
        "+1 (555) 010-0123 Authorization: Bearer hunter2hunter2, a@mail.example\n" + RECORD
    )
    async with blocked(database), opened(database.dsn) as probe:
        await read(probe)
        probes: dict[str, Probe] = {"database": probe, "log": log.probe}
        recorder = FlightRecorder(
            tmp_path / "flights",
            probes,
            clock,
            NOW.launch,
            mask=lambda text: MASK(text, LOOKED_AT),
            picture=no_board,
        )
        recorder.heed([Flip(NOW.now, "connections", Level.OK, Level.CRITICAL, "97 % > 95 %")])
        assert recorder._task
        await asyncio.wait_for(recorder._task, 10)
    (flight,) = recorder.flights.recorded
    assert {"sessions.txt", "log.txt"} <= set(flight.files)
    for file in flight.files:
        text = (flight.folder / file).read_text()
        assert "hunter" not in text.lower()
        assert "mail.example" not in text
        assert "0100" not in text
        assert "010-0" not in text
    assert (
        "[Chatwoot] Send error: 401 for https://…@chat.example/api?token=… to phone·"
        in (flight.folder / "log.txt").read_text()
    )


async def no_board(_at: float) -> str:
    raise Missing("no board was open")


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status = b"500 Oh" if b"/broken" in head else b"200 OK"
    writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    writer.close()


async def test_the_last_answers_are_shown_and_none_is_asked_for() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        probe = HttpProbe(HttpSettings(base=f"http://127.0.0.1:{port}"))
        measure = HttpMeasure.model_validate(
            {"endpoints": [{"path": "/login"}, {"path": "/broken"}], "timeout": "5s"}
        )
        with pytest.raises(NoAnswer, match="nothing has been asked"):
            await probe.capture(NOW)
        for second in range(KEPT + 5):
            await probe.read(measure, replace(NOW, now=NOW.now + second))
        server.close()
        (shown,) = await probe.capture(NOW)
    assert isinstance(shown, Exhibit)
    login, broken = shown.lines[: KEPT + 1], shown.lines[KEPT + 1 :]
    assert (login[0], broken[0], len(login), len(broken)) == ("/login", "/broken", 21, 21)
    assert login[-1].startswith("  07:43:30  200, connect ")
    assert broken[-1].endswith("[status] 500, expected 200")


async def test_an_endpoint_that_did_not_answer_is_shown_with_its_reason() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    probe = HttpProbe(HttpSettings(base=f"http://127.0.0.1:{port}"))
    measure = HttpMeasure.model_validate({"endpoints": [{"path": "/login"}]})
    await probe.read(measure, NOW)
    (shown,) = await probe.capture(NOW)
    assert "no answer after" in shown.lines[1]
    assert "refused" in shown.lines[1]
