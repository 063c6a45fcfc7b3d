"""Incidents of the database and of the application's process show, and can be cured."""

import asyncio
import time

import asyncpg
import pytest

from rehearsal.acts import application, database
from rehearsal.director import find
from rehearsal.moments import naive
from rehearsal.schema import connected
from tests.rehearsal.watched import Eventually, Watched

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHARE = """SELECT 100.0 * (SELECT sum(numbackends) FROM pg_stat_database)
    / (current_setting('max_connections')::int
       - current_setting('superuser_reserved_connections')::int)"""
ASK = "/api/ai/pending-approvals?companyId=none"


async def test_sessions_fill_the_server_until_a_new_one_is_refused(
    watched: Watched, eventually: Eventually
) -> None:
    production = watched.production
    async with connected(production.environment["DATABASE_URL"]) as kept:
        await watched.director.strike("server-slots-full")

        async def is_crowded() -> bool:
            return bool(80 <= await kept.fetchval(SHARE) < 95)

        assert await eventually(is_crowded)
        await database.fill_wholly(production)
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await watched.ask("SELECT 1")
        assert await kept.fetchval("SELECT 1") == 1

        async def is_refused() -> bool:
            # A pool that is full already would never notice; this one has to grow again.
            await production.application.pool.close()
            await database.fill_wholly(production)
            await asyncio.gather(*(watched.client.get(ASK) for _ in range(8)))
            return watched.logged("errorCode: 'P2037'") > 0

        assert await eventually(is_refused)
        await watched.director.cure("server-slots-full")
    assert await watched.grows("Message", eventually)


async def test_a_lookup_without_its_index_is_slow_in_the_servers_own_statistics(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("slow-query")
    slow = """SELECT max(mean_exec_time) FROM pg_stat_statements
        WHERE query LIKE '%pg_sleep($3)%' AND calls > 2"""

    async def is_slow() -> bool:
        return bool((await watched.ask(slow) or 0) > 250)

    assert await eventually(is_slow)
    assert await watched.grows("Message", eventually)


async def test_an_open_migration_lets_writers_of_leads_wait_and_readers_go_on(
    watched: Watched, eventually: Eventually
) -> None:
    waiting = """SELECT count(*) FROM pg_stat_activity
        WHERE usename = 'app' AND wait_event_type = 'Lock'"""
    await watched.director.strike("lock-blocker")

    async def someone_waits() -> bool:
        return bool(await watched.ask(waiting) >= 2)

    assert await eventually(someone_waits)
    assert await watched.count("Lead") > 0
    idle = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
    assert await watched.ask(idle) >= 1
    await watched.director.cure("lock-blocker")
    assert await watched.grows("Message", eventually)


async def test_on_a_full_disk_nothing_is_stored_and_everything_can_be_read(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("disk-full")
    full = 'code: "53100", message: "could not extend file'
    assert await eventually(lambda: watched.logged(full) > 2)
    answer = await watched.client.post("/api/webhooks/chatwoot?companyId=x", json={"event": "e"})
    assert answer.status_code == 500
    assert (await watched.client.get(ASK)).status_code == 200
    await application.log_space(is_full=True)(watched.production)
    size = watched.log.stat().st_size
    await watched.minutes(0.5, eventually)
    assert watched.log.stat().st_size == size
    await watched.director.cure("disk-full")
    assert await watched.grows("Message", eventually)
    assert watched.log.stat().st_size > size


async def test_another_session_time_zone_is_there_for_new_sessions_and_gone_afterwards(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("timezone")
    assert await watched.ask("SELECT current_setting('timezone')") == "Asia/Dubai"
    assert await watched.grows("Message", eventually)
    newest = """SELECT abs(extract(epoch FROM max("createdAt") - $1::timestamp))
        FROM "Message" """
    assert await watched.ask(newest, naive(watched.production.clock.now())) < 600
    await watched.director.cure("timezone")
    assert await watched.ask("SELECT current_setting('timezone')") == "UTC"


async def test_a_crash_refuses_connections_for_a_moment_and_starts_anew(
    watched: Watched, eventually: Eventually
) -> None:
    restarts = watched.logged("▲ Next.js")
    deaths = watched.logged(application.OUT_OF_MEMORY)
    began = time.monotonic()
    await application.crash(0.2)(watched.production)
    assert watched.logged("▲ Next.js") == restarts + 1
    assert watched.logged(application.OUT_OF_MEMORY) == deaths + 1
    assert (await watched.client.get("/login")).status_code == 200
    assert time.monotonic() - began > 0.2
    assert await watched.grows("Message", eventually)


async def test_a_crash_that_is_cured_in_the_middle_is_over(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("crash-loop")
    assert await eventually(lambda: not watched.production.site.is_open)
    began = time.monotonic()
    await watched.director.cure("crash-loop")
    assert time.monotonic() - began < 3
    assert (await watched.client.get("/login")).status_code == 200
    assert find("crash-loop").passes


async def test_after_a_failover_the_database_reads_until_it_is_promoted(
    watched: Watched, eventually: Eventually
) -> None:
    production = watched.production
    await database.stop(production)
    await database.start_as_standby(production)
    assert await watched.ask("SELECT pg_is_in_recovery()") is True
    assert await eventually(lambda: watched.logged('code: "25006"') > 0)
    await database.promote(production)
    assert await watched.ask("SELECT pg_is_in_recovery()") is False
    assert await watched.grows("Message", eventually)
    await database.promote(production)
    assert await watched.ask("SELECT pg_is_in_recovery()") is False
