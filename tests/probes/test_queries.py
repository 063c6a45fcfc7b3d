"""Every shipped statement, on rows whose right answer is known, asked as the role of the watch."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from firstwatch.errors import Missing, NoAnswer
from firstwatch.probe import Moment
from probes.answers import Measure
from probes.statements import load_statement
from rehearsal.cuid import make_cuid
from rehearsal.postgres import Server
from rehearsal.schema import connected
from tests.probes.application import (
    ASKED,
    DAY,
    HOUR,
    LAUNCH,
    MINUTE,
    NOW,
    Application,
    Database,
    bound,
    log_of,
    number_of,
    opened,
    stamp,
)


async def test_companies_are_counted(app: Application) -> None:
    assert (await app.ask("companies.sql")).value == 0
    await app.company("A")
    await app.company("B", id="demo-company-1")
    assert (await app.ask("companies.sql")).value == 2


async def test_connections_are_a_share_of_the_slots_an_ordinary_role_can_have(
    app: Application,
) -> None:
    reading = await app.ask("connections.sql")
    used, of, slots = reading.note.split(",")[0].split()
    assert (of, slots) == ("of", "57")  # 60 less 3 for superusers
    assert reading.value == pytest.approx(100 * int(used) / 57)
    assert int(used) >= 2  # the application's session and ours


@pytest.mark.parametrize(
    ("limit", "whose"),
    (
        ("ALTER ROLE app CONNECTION LIMIT", "of role app"),
        ("ALTER DATABASE test_queries CONNECTION LIMIT", "of database test_queries"),
    ),
)
async def test_the_tightest_limit_decides_and_is_named(
    app: Application, tables: Database, postgres_server: Server, limit: str, whose: str
) -> None:
    async with connected(postgres_server.dsn(database=tables.name)) as root:
        for allowed, decides in ((1000, False), (4, True)):
            await root.execute(f"{limit} {allowed}")
            reading = await app.ask("connections.sql")
            assert (f" of {allowed} {whose}," in reading.note) is decides, reading.note
        assert reading.value >= 25
        await root.execute(f"{limit} -1")
    assert " of 57, " in (await app.ask("connections.sql")).note


async def test_what_sessions_are_stuck_in_is_named(app: Application, tables: Database) -> None:
    """The clock of the server is the one of these ages, and cannot be set; its limits can."""
    statement = load_statement("connections.sql").text
    for age in ("30 s", "5 s", "> 30"):
        assert age in statement
    hasty = statement.replace("'30 s'", "'0.02 s'").replace("'5 s'", "'0.02 s'")
    hasty = hasty.replace("oldest > 30", "oldest > 0.02")
    async with connected(tables.owner_dsn) as busy, connected(tables.dsn) as watch:
        await app.connection.execute('BEGIN; SELECT FROM "Company"')
        working = asyncio.create_task(busy.execute("SELECT pg_sleep(5)"))

        async def is_told() -> bool:
            note = (await watch.fetchrow(hasty))["note"]
            words = (" idle in transaction", " active for over 5s", " oldest transaction 0s")
            return all(word in note for word in words)

        try:
            await until(is_told)
        finally:
            await app.connection.execute("ROLLBACK")
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def test_sessions_that_come_to_the_old_ones_warn_and_a_fresh_start_does_not(
    app: Application, tables: Database
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(13):
            await stack.enter_async_context(connected(tables.owner_dsn))
        reading = await app.ask("connections.sql")
        assert reading.level is None  # all of them are young: something was started
        assert " new in 5m" in reading.note
        text = load_statement("connections.sql").text
        aged = text.replace("4 * old >= fresh", "4 * (old + 4) >= fresh")
        assert aged != text
        async with connected(tables.dsn) as watch:
            row = await watch.fetchrow(aged)
    assert row["level"] == "warning"
    assert ", growing: " in row["note"]


async def test_a_session_that_waits_for_a_lock_is_named(app: Application, tables: Database) -> None:
    async with connected(tables.owner_dsn) as waiter:
        await app.connection.execute('BEGIN; LOCK TABLE "Company"')
        waiting = asyncio.create_task(waiter.execute('BEGIN; LOCK TABLE "Company"; END'))
        try:
            await until(lambda: note_has(app, "1 waiting for a lock"))
        finally:
            await app.connection.execute("ROLLBACK")
            await waiting
    assert "waiting" not in (await app.ask("connections.sql")).note


async def test_who_blocks_whom_is_told_without_what_was_written(
    app: Application, tables: Database
) -> None:
    """The blocker stands first, however briefly it has been idle in its transaction."""
    secret = "Ada of +15550100"
    change = f"""UPDATE "Company" SET name = '{secret}', "updatedAt" = $tag${secret}$tag$"""
    company = await app.company()
    async with connected(tables.owner_dsn) as waiter:
        await app.connection.execute("BEGIN")
        await app.connection.execute(f"""SELECT FROM "Company" WHERE id = '{company}' FOR UPDATE""")
        waiting = asyncio.create_task(waiter.execute(change.partition(", ")[0]))
        try:
            await until(lambda: note_has(app, "1 waiting for a lock"))
            reading = await app.ask("connections.sql")
        finally:
            await app.connection.execute("ROLLBACK")
            await waiting
        blocker, waits = (c.get_server_pid() for c in (app.connection, waiter))
    first, second = reading.rows
    assert (first.label, first.unit) == (f"pid {blocker} app", "s")
    assert first.note.startswith(f"blocks {waits}, idle in transaction: SELECT FROM")
    assert second.note == f'waits for {blocker}, active: UPDATE "Company" SET name = …'
    assert reading.value == pytest.approx(100 * int(reading.note.split()[0]) / 57)
    assert secret not in str(reading)
    assert company not in str(reading)


async def test_nothing_of_a_statement_is_told_from_its_first_literal_on(
    tables: Database,
) -> None:
    told = re.search(r"regexp_replace\(a\.(.*) AS query", load_statement("connections.sql").text)
    assert told
    async with connected(tables.dsn) as watch:
        for query, left in (
            ("""SELECT 1 WHERE a = 'it\\'s +15550100'""", "SELECT 1 WHERE a = …"),
            ("SELECT $$x$$", "SELECT …"),
            ("SELECT $body$x$body$", "SELECT …"),
            ('SELECT "Lead".id\nWHERE a = $1', 'SELECT "Lead".id\nWHERE a = $1'),
            ("SELECT 15550100", "SELECT …"),
        ):
            sql = f"SELECT regexp_replace(q.{told[1]} FROM (SELECT $1::text AS query) q"
            assert await watch.fetchval(sql, query) == left


async def test_a_calm_database_has_no_session_to_name(app: Application) -> None:
    assert not (await app.ask("connections.sql")).rows


async def test_without_pg_monitor_the_states_are_not_guessed(tables: Database) -> None:
    probe = opened(tables.owner_dsn)
    reading = await probe.read(Measure(sql="connections.sql"), Moment(NOW, LAUNCH))
    await probe.close()
    assert reading.note.endswith(", states hidden: grant pg_monitor")
    assert reading.value > 0


async def note_has(app: Application, words: str) -> bool:
    return words in (await app.ask("connections.sql")).note


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await condition():
            pass


async def test_webhook_time_is_the_95th_percentile_to_the_message(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    for number in range(1, 21):
        await app.event(company, number, age=100)
        took = 0.04 if number < 20 else 2.0
        await app.message(conversation, age=100 - took, wabaMessageId=f"chatwoot_{number}")
    await app.event(company, 20, age=90)  # delivered again after its message was there
    reading = await app.ask("webhook_time.sql")
    assert reading.sample == 20
    assert reading.value == pytest.approx(40 + 0.05 * 1960)


async def test_without_a_message_webhooks_have_no_time_to_judge(app: Application) -> None:
    await app.event(await app.company(), 1)
    reading = await app.ask("webhook_time.sql")
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)


async def test_the_delay_of_webhooks_counts_from_chatwoots_own_time(app: Application) -> None:
    company = await app.company()
    for number in range(20):
        made = stamp(100 + 0.5).isoformat() + "Z"
        await app.event(company, number, created_at=made)
    strange = (None, 1795419686, "1795419686", "2026-02-31T00:00:00Z", "now")
    for number, text in enumerate(strange):
        await app.event(company, 50 + number, created_at=text)
    reading = await app.ask("webhook_lag.sql")
    assert reading.value == pytest.approx(500, abs=1)
    assert (reading.sample, reading.note) == (20, "p95 from Chatwoot to us")


async def test_a_clock_that_is_ahead_is_no_delay_but_said(app: Application) -> None:
    await app.event(await app.company(), created_at=stamp(90).isoformat() + "+00:00")
    reading = await app.ask("webhook_lag.sql")
    assert (reading.value, reading.note) == (0, "clocks differ by 10 s or more")


async def test_without_an_event_there_is_no_delay_to_judge(app: Application) -> None:
    reading = await app.ask("webhook_lag.sql")
    assert (reading.value, reading.sample) == (0, 0)


@pytest.mark.parametrize("table", ("leads", "messages"))
async def test_figures_of_the_day_tell_what_came_since_the_launch(
    app: Application, table: str
) -> None:
    company = await app.company()
    for age in (HOUR, 3 * HOUR, 23 * HOUR, 25 * HOUR):
        lead = await app.lead(company, age=age)
        conversation = await app.conversation(company, lead)
        await app.message(conversation, age=age, sentAt=stamp(40 * DAY))
    reading = await app.ask(f"{table}_today.sql")
    assert (reading.value, reading.note) == (3, "1 since launch")
    day_after = await app.ask(f"{table}_today.sql", LAUNCH + DAY + 60)
    assert (day_after.value, day_after.note) == (1, "")


async def test_query_time_is_the_mean_between_two_looks_ours_left_out(app: Application) -> None:
    await app.connection.execute("SELECT 1")
    with pytest.raises(NoAnswer, match="needs a second one"):
        await app.ask("query_time.sql")
    for _ in range(5):
        await app.connection.execute("SELECT pg_sleep(0.02)")
    reading = await app.ask("query_time.sql")
    assert reading.sample == 5
    assert 20 <= reading.value < 200
    with pytest.raises(NoAnswer, match="ran no statement"):
        await app.ask("query_time.sql")


async def test_query_time_begins_anew_after_a_reset(
    app: Application, tables: Database, postgres_server: Server
) -> None:
    await app.connection.execute("SELECT 1")
    with pytest.raises(NoAnswer):
        await app.ask("query_time.sql")
    async with connected(postgres_server.dsn(database=tables.name)) as root:
        await root.execute("SELECT pg_stat_statements_reset()")
    for _ in range(3):
        await app.connection.execute("SELECT 1")
    with pytest.raises(NoAnswer, match="needs a second one"):
        await app.ask("query_time.sql")
    await app.connection.execute("SELECT 1")
    assert (await app.ask("query_time.sql")).sample == 1


async def test_query_time_without_the_extension_names_what_is_missing(
    app: Application, tables: Database, postgres_server: Server
) -> None:
    async with connected(postgres_server.dsn(database=tables.name)) as root:
        await root.execute("DROP EXTENSION pg_stat_statements")
        try:
            with pytest.raises(Missing, match="pg_stat_statements"):
                await app.ask("query_time.sql")
        finally:
            await root.execute("CREATE EXTENSION pg_stat_statements")


INDEXED = {"Message", "WebhookEvent"}
"""The tables that grow without bound."""
STEADY = sorted(set(ASKED) - {"connections.sql", "query_time.sql"})
"""The statements whose answer rests on rows alone."""


async def test_no_session_time_zone_changes_any_answer(app: Application, tables: Database) -> None:
    company = await app.company()
    conversation = await app.thread(company, age=2 * HOUR)
    made = datetime.fromtimestamp(NOW - 130, UTC).isoformat()
    for age in (100, 30 * MINUTE, 5 * HOUR, 23 * HOUR, 25 * HOUR, 28 * HOUR):
        await app.received(company, conversation, int(age), age, created_at=made)
        await app.lead(company, f"+1555010{int(age) % 10}", age=age)
    number = await number_of(app, company, "+15550110", 7, lastResetAt=stamp(7 * HOUR))
    await log_of(app, company, number, 5)
    plain = {sql: await answer(app, sql) for sql in STEADY}
    for zone in ("Asia/Dubai", "America/New_York"):
        await app.asked.close()
        await app.connection.execute(f"ALTER DATABASE {tables.name} SET timezone = '{zone}'")
        async with connected(tables.dsn) as other:
            assert await other.fetchval("SHOW timezone") == zone
        assert {sql: await answer(app, sql) for sql in STEADY} == plain
    await app.connection.execute(f"ALTER DATABASE {tables.name} RESET timezone")
    assert plain["messages_today.sql"] == (4, "2 since launch", ())
    assert plain["webhooks.sql"][0] == 1
    assert plain["webhook_lag.sql"][0] == pytest.approx(30_000, abs=1)
    assert plain["quota.sql"][0] == 2


async def answer(app: Application, sql: str) -> tuple[float, str, object]:
    reading = await app.ask(sql)
    return reading.value, reading.note, reading.rows


async def test_every_statement_reaches_the_large_tables_by_an_index(app: Application) -> None:
    await populate(app)
    await app.connection.execute("ANALYZE; SET enable_seqscan = off")
    windows = {sql: float(check.measure.window) for sql, check in ASKED.items()}
    reached: dict[str, set[str]] = {}
    for sql, window in {**windows, "backfill.sql": DAY}.items():
        statement = load_statement(sql)
        values = bound(statement, window)
        if "pg_stat_statements" in statement.text:
            continue
        plan = await app.connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement.text}", *values)
        for node in nodes(json.loads(plan)[0]["Plan"]):
            if node.get("Relation Name") in INDEXED:
                reached.setdefault(sql, set()).add(way(node))
    untouched = {"companies.sql", "connections.sql", "leads_duplicate.sql", "leads_today.sql"}
    untouched |= {"quota.sql", "campaign_failures.sql", "query_time.sql"}
    untouched |= {"leads_since.sql", "conversations_since.sql"}
    assert reached.keys() == ASKED.keys() - untouched | {"backfill.sql"}
    assert set().union(*reached.values()) <= {
        *("Message by id", "WebhookEvent by id"),
        *("Message by wabaMessageId", "Message by conversationId"),
    }, reached


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def way(node: dict[str, Any]) -> str:
    """How a table is reached; a walk through a whole index is no better than a scan."""
    condition = node.get("Index Cond", node.get("Recheck Cond", ""))
    columns = ("wabaMessageId", "conversationId", "id")
    column = next((name for name in columns if name in condition), "a scan")
    return f"{node['Relation Name']} by {column}"


async def populate(app: Application) -> None:
    """Four thousand messages and events over ten days."""
    company = await app.company()
    conversations = [
        await app.thread(company, f"+155501{number:02}", age=DAY) for number in range(20)
    ]
    ages = [10 * DAY * number / 4000 for number in range(4000)]
    events = [
        (
            *(make_cuid(NOW - age), company, "CHATWOOT", "message_created"),
            *(json.dumps({"id": number, "message_type": "incoming"}), stamp(age)),
        )
        for number, age in enumerate(ages)
    ]
    messages = [
        (
            *(make_cuid(NOW - age), conversations[number % 20], "INBOUND", f"text {number}"),
            *(f"chatwoot_{number}", stamp(age), stamp(age)),
        )
        for number, age in enumerate(ages)
    ]
    copy = app.connection.copy_records_to_table
    names = ["id", "companyId", "source", "eventType", "payload", "createdAt"]
    await copy("WebhookEvent", records=events, columns=names)
    names = ["id", "conversationId", "direction", "body", "wabaMessageId", "createdAt", "updatedAt"]
    await copy("Message", records=messages, columns=names)
