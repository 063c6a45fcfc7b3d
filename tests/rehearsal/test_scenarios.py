"""Every scenario shows where it should, and is gone when it is cured."""

import itertools
import json
import time
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from rehearsal.cuid import base36
from rehearsal.director import find, timetable
from rehearsal.prisma import PrismaError
from rehearsal.scenarios import SCENARIOS, SLOW_PATH
from rehearsal.talks import Kind
from tests.rehearsal.watched import Eventually, Watched

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_on_a_normal_day_everything_said_is_stored(
    watched: Watched, eventually: Eventually
) -> None:
    chatwoot, clock = watched.production.chatwoot, watched.production.clock
    began = clock.now()
    await watched.director.strike("normal-day")
    await watched.minutes(4, eventually)
    until = clock.now()
    said = sum(a.count(Kind.INCOMING, began, until) for a in chatwoot.accounts.values())
    assert 20 <= said <= 70  # 10 a minute
    lost = """SELECT count(*) FROM "WebhookEvent" e WHERE e.id >= $1
        AND e."payload"->>'message_type' = 'incoming' AND e."eventType" = 'message_created'
        AND NOT EXISTS (SELECT FROM "Message" m
                        WHERE m."wabaMessageId" = 'chatwoot_' || (e."payload"->>'id'))"""
    since = "c" + base36(int(began * 1000), 8)

    async def nothing_is_lost() -> bool:
        return bool(await watched.ask(lost, since) == 0)

    assert await eventually(nothing_is_lost)
    stored = """SELECT count(*) FROM "Message" WHERE id >= $1 AND "direction" = 'INBOUND'"""
    assert abs(await watched.ask(stored, since) - said) <= 15


async def test_before_the_launch_there_are_two_consistent_days(watched: Watched) -> None:
    until = "c" + base36(int(watched.production.clock.start * 1000), 8)
    assert 1500 < await watched.ask('SELECT count(*) FROM "Message" WHERE id < $1', until) < 2200
    duplicates = """SELECT count(*) FROM (SELECT 1 FROM "Lead"
        GROUP BY "companyId", "phone" HAVING count(*) > 1) d"""
    assert await watched.ask(duplicates) == 0
    empty = """SELECT count(*) FROM "Conversation" c WHERE id < $1 AND NOT EXISTS
        (SELECT FROM "Message" m WHERE m."conversationId" = c."id")"""
    assert await watched.ask(empty, until) == 0
    late = """SELECT count(*) FROM "Message" m JOIN "Conversation" c ON c."id" = m."conversationId"
        WHERE c."lastMessageAt" < m."createdAt" - interval '5 seconds'"""
    assert await watched.ask(late) == 0


async def test_quota_is_counted_the_same_three_times(watched: Watched) -> None:
    drift = """SELECT count(*) FROM "QuotaLog" q
        LEFT JOIN LATERAL (SELECT count(*) AS sent FROM "CampaignRecipient" r
            JOIN "Campaign" c ON c."id" = r."campaignId" WHERE c."companyId" = q."companyId"
            AND r."sentAt" >= q."date" AND r."sentAt" < q."date" + interval '1 day') a ON true
        LEFT JOIN LATERAL (SELECT count(*) AS sent FROM "Message" m
            JOIN "Conversation" c ON c."id" = m."conversationId"
            WHERE c."companyId" = q."companyId" AND m."templateName" IS NOT NULL
            AND m."sentAt" >= q."date" AND m."sentAt" < q."date" + interval '1 day') b ON true
        WHERE q."sentCount" <> a.sent OR q."sentCount" <> b.sent
           OR q."sentCount" > q."dailyLimit" """
    assert await watched.count("QuotaLog") >= 3
    assert await watched.ask(drift) == 0
    stale = """SELECT count(*) FROM "WhatsAppNumber" n JOIN "QuotaLog" q
        ON q."whatsappNumberId" = n."id" AND q."date" = date_trunc('day', n."lastResetAt")
        WHERE q."sentCount" <> n."messagesSentToday" """
    assert await watched.ask(stale) == 0


async def test_on_a_quiet_night_chatwoot_counts_nothing_either(
    watched: Watched, eventually: Eventually
) -> None:
    production = watched.production
    await watched.director.strike("quiet-night")
    began = production.clock.now()
    await watched.minutes(1, eventually)
    before = await watched.count("WebhookEvent")
    await watched.minutes(2, eventually)
    assert await watched.count("WebhookEvent") == before
    now = production.clock.now()
    for account in production.chatwoot.accounts.values():
        assert account.count(Kind.INCOMING, began, now) == 0
    await watched.director.cure("quiet-night")
    assert await watched.grows("WebhookEvent", eventually)


async def test_in_a_500_storm_every_post_fails_and_says_so_once(
    watched: Watched, eventually: Eventually
) -> None:
    head = "[Chatwoot Webhook] Error: TypeError: "
    restarts = watched.logged("▲ Next.js")
    await watched.director.strike("webhook-500-storm")
    assert watched.logged("▲ Next.js") == restarts + 1
    assert await eventually(lambda: watched.logged(head) >= 5)
    before = watched.logged(head)
    answer = await watched.client.post("/api/webhooks/chatwoot?companyId=x", json={})
    assert answer.status_code == 500
    assert watched.logged(head) > before
    await watched.director.cure("webhook-500-storm")
    assert await watched.grows("Message", eventually)


async def test_a_silent_loss_answers_200_and_stores_events_but_no_messages(
    watched: Watched, eventually: Eventually
) -> None:
    dropped = "[Chatwoot Webhook] Company or WhatsApp number not found"
    await watched.director.strike("silent-loss")
    assert await eventually(lambda: watched.logged(dropped) >= 5)
    stored = """SELECT count(*) FROM "Message" WHERE "direction" = 'INBOUND'"""
    before = await watched.ask(stored)
    assert await watched.grows("WebhookEvent", eventually)
    assert await watched.ask(stored) == before
    await watched.director.cure("silent-loss")
    assert await watched.grows("Message", eventually)


async def test_a_held_pool_starves_transactions_and_fails_calls(
    watched: Watched, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.prisma.POOL_TIMEOUT", 4.0)
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"
    before = await watched.ask(sessions)
    await watched.director.strike("pool-exhaustion")

    async def is_crowded() -> bool:
        return bool(await watched.ask(sessions) >= before + 4)

    assert await eventually(is_crowded)
    assert await eventually(lambda: watched.logged("code: 'P2024'") > 0, within=30)
    with pytest.raises(PrismaError) as starved:
        async with watched.production.application.pool.transaction("lead.create"):
            pass
    assert starved.value.code == "P2028"
    began = time.monotonic()
    answer = await watched.client.get("/api/ai/pending-approvals?companyId=none")
    assert answer.status_code == 500 or time.monotonic() - began > 1
    await watched.director.cure("pool-exhaustion")
    assert await watched.grows("Message", eventually)

    async def is_calm() -> bool:
        return bool(await watched.ask(sessions) <= before + 5)

    assert await eventually(is_calm)


async def test_the_log_is_renamed_the_first_time_and_truncated_the_next(
    watched: Watched, eventually: Eventually
) -> None:
    scenario = find("log-rotation")
    watched.production.log_rotations = 0
    before = watched.log.stat().st_ino
    await watched.director.strike("log-rotation")
    assert not watched.director.is_active(scenario)
    renamed = watched.log.stat().st_ino
    assert renamed != before
    assert await eventually(lambda: watched.logged("Received") > 0)
    await watched.director.strike("log-rotation")
    assert watched.log.stat().st_ino == renamed
    assert await eventually(lambda: watched.log.read_bytes()[:64] == b"\0" * 64)


async def test_a_database_restart_is_refused_for_a_while_and_passes_by_itself(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("database-restart")

    async def is_refused() -> bool:
        try:
            await watched.ask("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            return True
        return False

    assert await eventually(is_refused)
    assert await eventually(lambda: watched.logged("errorCode: 'P1001'") > 0)
    scenario = find("database-restart")
    assert await eventually(lambda: not watched.director.is_active(scenario))
    assert await watched.grows("Message", eventually)


async def test_a_slow_endpoint_is_slow_alone(watched: Watched) -> None:
    await watched.director.strike("slow-endpoint")
    began = time.monotonic()
    assert (await watched.client.get("/login")).status_code == 200
    assert time.monotonic() - began < 0.7
    assert (await watched.client.get(SLOW_PATH)).status_code == 401
    assert time.monotonic() - began > 0.8
    await watched.director.cure("slow-endpoint")
    began = time.monotonic()
    await watched.client.get(SLOW_PATH)
    assert time.monotonic() - began < 0.7


class _SteppingClock:
    """A clock that is at once where somebody wants to sleep to."""

    def __init__(self) -> None:
        self.time = 0.0
        self.scale = 60.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.0)


async def test_a_slow_endpoint_gets_slower_on_its_timeline() -> None:
    clock, seen = _SteppingClock(), []

    class Delays(dict[str, float]):
        def __setitem__(self, path: str, seconds: float) -> None:
            seen.append((clock.now() / 60, seconds))

    production: Any = SimpleNamespace(clock=clock, application=SimpleNamespace(delays=Delays()))
    await find("slow-endpoint").strike(production)
    assert seen == [(0, 0.8), (4, 2.6), (10, 5.6)]


async def test_the_timetable_plays_all_of_them_with_calm_between() -> None:
    entries = timetable()
    assert [entry.name for entry in entries] == [scenario.name for scenario in SCENARIOS]
    assert entries[0].strikes == 20
    for entry, following in itertools.pairwise(entries):
        assert 20 <= entry.cured - entry.strikes <= 30
        assert following.strikes - entry.cured >= 10


async def test_a_misspelt_scenario_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean pool-exhaustion"):
        find("pool-exhaution")


async def test_the_payloads_are_of_the_size_of_real_ones(watched: Watched) -> None:
    newest = 'SELECT "payload"::text FROM "WebhookEvent" ORDER BY id DESC LIMIT 1'
    payload = json.loads(await watched.ask(newest))
    lines = json.dumps(payload, indent=2).splitlines()
    assert 25 <= len(lines) <= 100
