"""Incidents of Chatwoot, WhatsApp and campaigns show where they should, and can be cured."""

from typing import Any

import pytest

from rehearsal.moments import naive
from rehearsal.schema import connected
from rehearsal.talks import Kind
from tests.rehearsal.watched import Eventually, Watched

pytestmark = pytest.mark.asyncio(loop_scope="module")
ONE = "/api/v1/accounts/1"
QUOTA = """SELECT n."dailyLimit" AS daily, n."messagesSentToday" AS counted,
    coalesce((SELECT sum(q."sentCount") FROM "QuotaLog" q
              WHERE q."whatsappNumberId" = n.id AND q.date = date_trunc('day', $1::timestamp)), 0)
        AS logged,
    (SELECT count(*) FROM "CampaignRecipient" r JOIN "Campaign" c ON c.id = r."campaignId"
     WHERE c."companyId" = n."companyId" AND r.status = 'sent'
       AND r."sentAt" >= date_trunc('day', $1::timestamp)) AS recipients,
    (SELECT count(*) FROM "Message" m JOIN "Conversation" c ON c.id = m."conversationId"
     WHERE c."companyId" = n."companyId" AND m."templateName" IS NOT NULL
       AND m."createdAt" >= date_trunc('day', $1::timestamp)) AS messages
    FROM "WhatsAppNumber" n WHERE n."lastResetAt" >= date_trunc('day', $1::timestamp)"""
SENT = """SELECT
    (SELECT sum("sentCount") FROM "QuotaLog") AS logged,
    (SELECT count(*) FROM "CampaignRecipient" WHERE status = 'sent') AS recipients,
    (SELECT count(*) FROM "Message" WHERE "templateName" IS NOT NULL) AS messages"""
INBOUND = "\"direction\" = 'INBOUND'"


async def _sent(watched: Watched) -> list[int]:
    """All campaign messages ever, as the log of the days, the recipients and the messages say."""
    async with connected(watched.production.environment["DATABASE_URL"]) as watch:
        return list((await watch.fetchrow(SENT)).values())


async def _quotas(watched: Watched) -> list[Any]:
    now = naive(watched.production.clock.now())
    async with connected(watched.production.environment["DATABASE_URL"]) as watch:
        return list(await watch.fetch(QUOTA, now))


async def _hooks(watched: Watched) -> list[Any]:
    document = (await watched.chatwoot(f"{ONE}/webhooks")).json()
    return list(document["payload"]["webhooks"])


def _failures(watched: Watched, since: float) -> list[str]:
    """Why messages sent since then have failed, of every account."""
    return [
        said.external_error.partition(":")[0]
        for account in watched.production.chatwoot.accounts.values()
        for talk in account.talks.values()
        for said in talk.messages
        if said.at >= since and said.external_error
    ]


async def test_a_busy_campaign_day_keeps_counter_log_recipients_and_messages_alike(
    watched: Watched, eventually: Eventually
) -> None:
    before, failed = await _sent(watched), watched.logged("Send error")
    await watched.director.strike("busy-campaign-day")

    async def is_busy() -> bool:
        return (await _sent(watched))[0] > before[0] + 30

    assert await eventually(is_busy, within=20)
    await watched.director.cure("busy-campaign-day")
    grown = [now - then for now, then in zip(await _sent(watched), before, strict=True)]
    assert grown[0] == grown[1] == grown[2]
    numbers = await _quotas(watched)
    assert numbers
    for number in numbers:
        assert number["counted"] == number["logged"] <= number["daily"]
    assert watched.logged("Send error") == failed


async def test_without_their_subscription_messages_stop_and_other_events_come(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("webhook-unsubscribed")
    (hook,) = await _hooks(watched)
    assert "message_created" not in hook["subscriptions"]
    await watched.minutes(1, eventually)
    before = await watched.ask(f'SELECT count(*) FROM "Message" WHERE {INBOUND}')
    assert await watched.grows("WebhookEvent", eventually)
    assert await watched.ask(f'SELECT count(*) FROM "Message" WHERE {INBOUND}') == before
    await watched.director.cure("webhook-unsubscribed")
    assert await watched.grows("Message", eventually, INBOUND)


@pytest.mark.parametrize("name", ("webhook-deleted", "webhook-moved"))
async def test_without_its_webhook_the_application_hears_nothing(
    watched: Watched, eventually: Eventually, name: str
) -> None:
    await watched.director.strike(name)
    urls = [hook["url"] for hook in await _hooks(watched)]
    assert not any("/api/webhooks/chatwoot?" in url for url in urls)
    await watched.minutes(0.5, eventually)
    before, began = await watched.count("WebhookEvent"), watched.production.clock.now()
    await watched.minutes(1, eventually)
    assert await watched.count("WebhookEvent") == before
    now = watched.production.clock.now()
    said = watched.production.chatwoot.accounts.values()
    assert sum(account.count(Kind.INCOMING, began, now) for account in said) > 0
    await watched.director.cure(name)
    assert await watched.grows("WebhookEvent", eventually)


async def test_paused_webhooks_are_there_and_tell_nothing(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("webhooks-paused")
    (hook,) = await _hooks(watched)
    assert hook["subscriptions"] == ["webwidget_triggered"]
    await watched.minutes(0.5, eventually)
    before = await watched.count("WebhookEvent")
    await watched.minutes(1, eventually)
    assert await watched.count("WebhookEvent") == before
    await watched.director.cure("webhooks-paused")
    assert await watched.grows("WebhookEvent", eventually)


async def test_a_second_webhook_delivers_each_event_twice_and_stores_each_message_once(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("second-webhook")
    assert len(await _hooks(watched)) == 2
    assert await eventually(lambda: watched.logged("code: 'P2002'") > 3)
    twice = """SELECT count(*) FROM (SELECT 1 FROM "WebhookEvent"
        WHERE "payload"->>'event' = 'message_created'
        GROUP BY "payload"->>'id' HAVING count(*) = 2) d"""
    assert await watched.ask(twice) > 3
    stored = 'SELECT count(*) - count(DISTINCT "wabaMessageId") FROM "Message" WHERE ' + INBOUND
    assert await watched.ask(stored) == 0


async def test_an_echo_comes_back_as_the_customers_words_under_another_lead(
    watched: Watched, eventually: Eventually
) -> None:
    """Nobody writes but this test: nothing is left to chance, and nothing crowds the machine.

    An application that is short of time may lose one, as a real one would; so some more are sent.
    """
    await watched.director.strike("quiet-night")
    await watched.director.strike("evolution-echo")
    echoes = """SELECT count(DISTINCT echo.body) FROM "Message" echo
        JOIN "Conversation" c ON c.id = echo."conversationId" JOIN "Lead" l ON l.id = c."leadId"
        JOIN "WebhookEvent" ours ON ours."payload"->>'content' = echo.body
            AND ours."payload"->>'message_type' = 'outgoing'
            AND ours."payload" #>> '{conversation,meta,sender,phone_number}' = '+' || l.phone
        WHERE echo."wabaMessageId" LIKE 'evolution_%' AND echo.direction = 'INBOUND'
            AND echo.body LIKE 'We are on our way (call %'"""

    async def are_there() -> bool:
        return bool(await watched.ask(echoes) > 3)

    for number, talk in enumerate(tuple(watched.account.talks.values())[:20]):
        text = f"We are on our way (call {number})"
        await watched.production.chatwoot.send(watched.account, talk, Kind.OUTGOING, text)
        if await are_there():
            break
    assert await eventually(are_there)
    assert watched.logged("[Evolution Webhook] Received: {") > 3


async def test_newcomers_who_write_twice_at_once_become_two_leads(
    watched: Watched, eventually: Eventually
) -> None:
    twins = """SELECT count(*) FROM (SELECT 1 FROM "Lead" WHERE phone LIKE '+%'
        GROUP BY "companyId", phone HAVING count(*) > 1) d"""
    before = await watched.ask(twins)

    async def are_there() -> bool:
        return bool(await watched.ask(twins) > before)

    for _ in range(8):
        await watched.director.strike("duplicate-lead-race")
        if await eventually(are_there, within=3):
            break
    assert await are_there()


async def test_an_expired_token_fails_campaigns_behind_a_mask_and_answers_401(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("token-expired")
    assert (await watched.chatwoot(f"{ONE}/conversations/meta")).status_code == 401
    masked = "[Chatwoot] Send error: Failed to create Chatwoot conversation\n"
    assert await eventually(lambda: watched.logged(masked) > 0, within=40)
    failed = """SELECT count(*) FROM "CampaignRecipient"
        WHERE status = 'failed' AND "lastError" LIKE 'Failed to create%' AND "sentAt" IS NULL"""

    async def are_failed() -> bool:
        return bool(await watched.ask(failed) > 0)

    assert await eventually(are_failed, within=40)
    assert await watched.grows("Message", eventually, INBOUND)
    await watched.director.cure("token-expired")
    assert (await watched.chatwoot(f"{ONE}/conversations/meta")).status_code == 200


async def test_a_throttled_campaign_sends_its_first_and_fails_the_rest(
    watched: Watched, eventually: Eventually
) -> None:
    begun = await watched.ask('SELECT max(id) FROM "Campaign"')
    await watched.director.strike("campaign-throttled")
    outcome = """SELECT count(*) FILTER (WHERE status = 'sent') || ' ' ||
        count(*) FILTER (WHERE status = 'failed') FROM "CampaignRecipient"
        WHERE "campaignId" IN (SELECT id FROM "Campaign" WHERE id > $1)"""

    async def is_split() -> bool:
        sent, failed = str(await watched.ask(outcome, begun)).split()
        return int(sent) >= 8 and int(failed) >= 8

    assert await eventually(is_split, within=30)
    assert (await watched.chatwoot(f"{ONE}/contacts/search?q=1")).status_code == 429
    assert (await watched.chatwoot(f"{ONE}/conversations/meta")).status_code == 200
    await watched.director.cure("campaign-throttled")
    assert (await watched.chatwoot(f"{ONE}/contacts/search?q=1")).status_code == 200


async def test_logged_out_of_whatsapp_every_message_fails_with_190(
    watched: Watched, eventually: Eventually
) -> None:
    began = watched.production.clock.now()
    await watched.director.strike("whatsapp-logged-out")
    assert await eventually(lambda: len(_failures(watched, began)) > 2)
    assert set(_failures(watched, began)) == {"190"}
    assert (await watched.chatwoot(f"{ONE}/inboxes/1")).json()["reauthorization_required"] is True
    assert (await watched.chatwoot(f"{ONE}/inboxes/1/health")).status_code == 422
    await watched.director.cure("whatsapp-logged-out")
    assert (await watched.chatwoot(f"{ONE}/inboxes/1/health")).json()["quality_rating"] == "GREEN"


async def test_a_downgraded_number_says_so_and_part_of_its_messages_is_held_back(
    watched: Watched, eventually: Eventually
) -> None:
    began = watched.production.clock.now()
    await watched.director.strike("quality-downgrade")
    health = (await watched.chatwoot(f"{ONE}/inboxes/1/health")).json()
    assert (health["quality_rating"], health["status"]) == ("YELLOW", "FLAGGED")
    assert await eventually(lambda: "131048" in _failures(watched, began))


async def test_replies_to_what_was_written_days_ago_fail_with_131047(
    watched: Watched, eventually: Eventually
) -> None:
    began = watched.production.clock.now()
    await watched.director.strike("weekend-replies")
    assert await eventually(lambda: len(_failures(watched, began)) > 2)
    assert set(_failures(watched, began)) == {"131047"}


async def test_what_customers_wrote_while_chatwoot_was_down_comes_later_with_its_old_time(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("chatwoot-down")
    assert (await watched.chatwoot("/api")).status_code == 502
    began = watched.production.clock.now()
    await watched.minutes(2, eventually)
    ended = watched.production.clock.now()
    assert watched.account.count(Kind.INCOMING, began, ended) == 0
    await watched.director.cure("chatwoot-down")
    kept = watched.account.count(Kind.INCOMING, began, ended)
    assert kept > 0
    assert await eventually(lambda: not watched.production.chatwoot.is_queueing)
    lost = [
        said.id
        for talk in watched.account.talks.values()
        for said in talk.messages
        if said.kind is Kind.INCOMING and began <= said.at < ended
    ]
    stored = 'SELECT count(*) FROM "Message" WHERE "wabaMessageId" = ANY($1)'
    assert await watched.ask(stored, [f"chatwoot_{number}" for number in lost]) == len(lost)


async def test_a_backlog_holds_the_webhooks_back_and_then_delivers_them_all(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("chatwoot-backlog")
    assert (await watched.chatwoot("/api")).json()["queue_services"] == "failing"
    await watched.minutes(0.5, eventually)
    newest = await watched.ask('SELECT max(id) FROM "WebhookEvent"')
    await watched.minutes(1, eventually)
    assert await watched.ask('SELECT max(id) FROM "WebhookEvent"') == newest
    await watched.director.cure("chatwoot-backlog")
    assert await eventually(lambda: not watched.production.chatwoot.is_queueing)
    late = """SELECT max("createdAt" - ("payload"->>'created_at')::timestamptz::timestamp)
        FROM "WebhookEvent" WHERE id > $1 AND "eventType" = 'message_created'"""
    assert (await watched.ask(late, newest)).total_seconds() > 60
    assert (await watched.chatwoot("/api")).json()["queue_services"] == "ok"


async def test_a_token_of_an_agent_may_read_talks_but_no_reports_and_no_webhooks(
    watched: Watched,
) -> None:
    await watched.director.strike("monitor-blind")
    assert (await watched.chatwoot(f"{ONE}/webhooks")).status_code == 401
    assert (await watched.chatwoot(f"{ONE}/conversations/meta")).status_code == 200
    assert await watched.ask("SELECT pg_has_role('pg_monitor', 'member')") is False
    await watched.director.cure("monitor-blind")
    assert (await watched.chatwoot(f"{ONE}/webhooks")).status_code == 200
    assert await watched.ask("SELECT pg_has_role('pg_monitor', 'member')") is True


async def test_counters_that_are_reset_by_hand_fall_behind_the_log_of_the_day(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("quota-drift")

    async def has_drifted() -> bool:
        return any(number["counted"] < number["logged"] for number in await _quotas(watched))

    assert await eventually(has_drifted)
    await watched.director.cure("quota-drift")
    assert not await has_drifted()


async def test_three_dispatchers_at_once_send_copies_and_exceed_the_quota(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("quota-overshoot")

    async def is_exceeded() -> bool:
        return any(
            number["counted"] > number["daily"] and number["recipients"] < number["messages"]
            for number in await _quotas(watched)
        )

    assert await eventually(is_exceeded)


async def test_a_quiet_night_and_a_deleted_webhook_can_be_put_together(
    watched: Watched, eventually: Eventually
) -> None:
    await watched.director.strike("quiet-night")
    await watched.director.strike("webhook-deleted")
    assert await _hooks(watched) == []
    await watched.director.cure("quiet-night")
    await watched.minutes(0.5, eventually)
    newest = await watched.ask('SELECT max(id) FROM "WebhookEvent"')
    await watched.minutes(0.5, eventually)
    assert await watched.ask('SELECT max(id) FROM "WebhookEvent"') == newest
    await watched.director.cure("webhook-deleted")
    assert await watched.grows("WebhookEvent", eventually)
