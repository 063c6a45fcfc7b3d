"""Webhooks, messages and what is sent, by company, on rows whose right answer is known."""

from datetime import datetime
from typing import Any

import pytest

from firstwatch.judging import Witness, appraise
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from probes.statements import load_statement
from tests.probes.application import (
    ASKED,
    DAY,
    HOUR,
    LAUNCH,
    MINUTE,
    NOW,
    PHONE,
    Application,
    bound,
    parts,
    stamp,
)


def judged(sql: str, reading: Reading, *counts: tuple[str, float]) -> tuple[Level, str]:
    """What the reading says by itself, while Chatwoot counts so much for these companies."""
    told = tuple(Row(f"{key[-2:]} there", value, key=key) for key, value in counts)
    witness = Witness("Chatwoot counts", sum(row.value for row in told), parts=told)
    grade = appraise(ASKED[sql], reading, witness)
    return grade.level, grade.reason


async def test_webhooks_are_the_incoming_messages_of_each_company(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.company("C", whatsappBusinessNumber=None)  # never had a number nor an event
    await app.event(a, age=7)
    await app.event(a, age=5, message_type="outgoing")
    await app.event(a, age=200, kind="conversation_updated")
    await app.event(b, age=299)
    await app.event(b, age=301)  # its id is within the overlap, its time is not
    await app.event(b, age=9, source="EVOLUTION")
    await app.event(a, age=HOUR, id="seeded-by-hand")
    reading = await app.ask("webhooks.sql")
    assert parts(reading) == [
        ("A", 1, "3 events, 1 incoming, last 5s ago"),
        ("B", 1, "1 events, 1 incoming, last 299s ago"),
    ]
    assert {row.key for row in reading.rows} == {a, b}
    assert reading.value == 2
    assert reading.note == "4 events, 2 incoming, last 5s ago, 2 companies"
    assert reading.sample is None


async def test_no_webhooks_are_a_measured_zero(app: Application) -> None:
    reading = await app.ask("webhooks.sql")
    assert (reading.value, reading.note) == (0, "0 events, 0 incoming, 0 companies")
    company = await app.company()
    reading = await app.ask("webhooks.sql")
    assert (reading.value, parts(reading)) == (0, [("A", 0, "0 events, 0 incoming")])
    assert judged("webhooks.sql", reading, (company, 0))[0] is Level.IDLE


async def test_other_events_alone_are_silence(app: Application) -> None:
    """message_created was unsubscribed, conversation_updated was not."""
    company = await app.company()
    for age in range(20):
        await app.event(company, age=age, kind="conversation_updated")
    reading = await app.ask("webhooks.sql")
    assert reading.value == 0
    assert reading.note == "20 events, 0 incoming, last 0s ago"
    assert judged("webhooks.sql", reading, (company, 7))[0] is Level.CRITICAL


async def test_a_busy_company_hides_no_silent_one(app: Application) -> None:
    busy, silent = await app.company("busy"), await app.company("silent")
    for number in range(30):
        await app.event(busy, number)
    reading = await app.ask("webhooks.sql")
    assert reading.note.endswith("2 companies, 1 silent")
    level, reason = judged("webhooks.sql", reading, (busy, 30), (silent, 7))
    assert level is Level.CRITICAL
    assert reason.endswith("none here, while Chatwoot counts 7")
    assert judged("webhooks.sql", reading, (busy, 30), (silent, 0))[0] is Level.OK
    assert judged("webhooks.sql", reading, (busy, 30))[0] is Level.OK  # not of this witness


async def test_webhooks_of_no_company_are_none_of_ours(app: Application) -> None:
    company = await app.company()
    await app.event("of-another-installation", 1)
    await app.event(None, 2)
    reading = await app.ask("webhooks.sql")
    assert (reading.value, parts(reading)) == (0, [("A", 0, "0 events, 0 incoming")])
    assert reading.note == "0 events, 0 incoming, 2 of no company of ours"
    assert judged("webhooks.sql", reading, (company, 2))[0] is Level.CRITICAL


async def test_processed_messages_are_matched_by_identity(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    for number in range(1, 6):
        await app.received(company, conversation, number, 100)
    await app.event(company, 3, age=90)  # delivered twice
    await app.event(company, 14, age=100)  # lost
    await app.event(company, 15, age=30)  # has time yet
    await app.event(company, 16, age=400)  # before the window
    await app.event(company, 17, age=100, message_type="outgoing")
    await app.event(company, 18, age=100, kind="message_updated")
    await app.event(company, 19, age=100, sender={"type": "agent_bot"})  # left out on purpose
    reading = await app.ask("messages_processed.sql")
    assert (reading.part, reading.sample) == (5, 6)
    assert parts(reading) == [("A", 100 * 5 / 6, "5 of 6")]


async def test_the_company_that_stores_least_of_its_messages_decides(app: Application) -> None:
    good, bad, tiny = [await app.company(name) for name in ("good", "bad", "tiny")]
    thread = await app.thread(good)
    for number in range(20):
        await app.received(good, thread, number, 100)
        await app.event(bad, 100 + number % 5)
    await app.event(tiny, 200)
    reading = await app.ask("messages_processed.sql")
    assert (reading.value, reading.part, reading.sample) == (0, 0, 5)
    assert reading.note == "worst bad"
    assert {row.label for row in reading.rows} == {"bad", "tiny", "good"}
    assert {row.key for row in reading.rows} == {good, bad, tiny}


async def test_a_message_stored_for_another_company_is_lost_to_this_one(app: Application) -> None:
    """Two Chatwoot servers number their messages alike, and the table keeps only one of each."""
    a, b = await app.company("A"), await app.company("B")
    await app.received(a, await app.thread(a), 1, 100)
    await app.event(b, 1)
    assert parts(await app.ask("messages_lost.sql")) == [("B", 1, "1")]
    reading = await app.ask("messages_processed.sql")
    assert [row.value for row in reading.rows] == [0, 100]


async def test_one_stored_long_before_for_another_company_is_lost_to_this_one(
    app: Application,
) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.message(await app.thread(a), age=9 * DAY, wabaMessageId="chatwoot_1")
    await app.event(b, 1)
    assert parts(await app.ask("messages_lost.sql")) == [("B", 1, "1")]
    assert (await app.ask("ledger.sql")).value == 1


async def test_one_delivered_again_after_the_launch_is_not_lost(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    await app.message(conversation, age=9 * DAY, wabaMessageId="chatwoot_1")
    await app.event(company, 1)
    reading = await app.ask("messages_lost.sql")
    assert (reading.value, reading.sample, reading.rows) == (0, 1, ())


async def test_lost_messages_are_named_newest_first(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    conversation = await app.thread(a)
    for number in (1, 2, 3):
        await app.received(a, conversation, number, 100)
    await app.event(a, 4, age=90)
    await app.event(a, 4, age=95)  # delivered twice, lost once
    await app.event(a, 5, age=80)
    await app.event(a, 6, age=90 * MINUTE)  # since the launch, not in the last hour
    await app.event(a, 7, age=3 * HOUR)  # before the launch
    await app.event(a, 8, age=30)  # has time yet
    await app.event(a, 9, sender={"type": "agent"})  # left out on purpose
    await app.event(a, 10, sender={"type": "contact"})
    for number in range(20):
        await app.event(b, 100 + number, age=80 * MINUTE - number)
    reading = await app.ask("messages_lost.sql")
    assert (reading.value, reading.sample, reading.level) == (3, 7, None)
    assert reading.note == "3 in 1h, 24 since launch"
    ids = " ".join(str(119 - n) for n in range(12))
    assert parts(reading) == [("A", 3, "5 4 10 6"), ("B", 0, f"{ids} and 8 more")]
    day_after = await app.ask("messages_lost.sql", LAUNCH + DAY + 60)
    assert day_after.note == "0 in 1h, 25 in 24h", "the one that had time yet is lost by then"


async def test_equal_counts_do_not_hide_a_lost_message(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    await app.event(company, 1)
    await app.message(conversation, wabaMessageId="evolution_1")
    assert (await app.ask("messages_lost.sql")).value == 1


async def test_a_storm_of_losses_is_bounded_and_still_counted(app: Application) -> None:
    for company in range(60):
        await app.event(await app.company(f"{company:02}"), company)
        await app.event(f"junk-{company}", company)
    reading = await app.ask("messages_lost.sql")
    assert (reading.value, len(reading.rows)) == (120, 49)
    assert reading.rows[0].label == "no company of ours"
    assert reading.rows[0].value == 60


async def test_nothing_received_is_nothing_to_judge(app: Application) -> None:
    company = await app.company()
    reading = await app.ask("messages_lost.sql")
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)
    assert judged("messages_lost.sql", reading, (company, 0))[0] is Level.IDLE
    assert judged("messages_lost.sql", reading, (company, 3))[0] is Level.UNKNOWN
    assert (await app.ask("messages_processed.sql")).sample == 0


async def test_what_is_lost_can_be_fetched_again_by_its_list(app: Application) -> None:
    company = await app.company()
    await app.received(company, await app.thread(company), 1, 100)
    await app.event(company, 3, age=90, talk=12)
    await app.event(company, 3, age=85, talk=12)
    await app.event(company, 2, age=100 * MINUTE, talk=11)
    await app.event("nobody", 2, age=80, talk=11)
    await app.event(company, 4, age=30)
    await app.event(company, 5, age=3 * HOUR)
    await app.event(company, 6, message_type="outgoing")
    found = await backfill(app)
    assert [tuple(row[:4]) for row in found] == [
        ("A", company, "2", "11"),
        ("A", company, "3", "12"),
        ("no company of ours", "nobody", "2", "11"),
    ]
    assert [row["at"] for row in found][:2] == [stamp(100 * MINUTE), stamp(90)]
    assert {row["event_type"] for row in found} == {"message_created"}


async def backfill(app: Application) -> list[Any]:
    statement = load_statement("backfill.sql")
    values = bound(statement, DAY)
    return list(await app.connection.fetch(statement.text, *values))


async def test_duplicate_deliveries_are_a_share_of_the_messages(app: Application) -> None:
    """Two webhooks to one address deliver everything twice, while each message is stored once."""
    twice, once = await app.company("twice"), await app.company("once")
    for number in range(20):
        for _ in range(2):
            await app.event(twice, number, age=1000)
        await app.event(once, number, age=1000)
        await app.event(once, number, age=1000, kind="message_updated")
        await app.event(once, 100 + number, age=900, message_type="outgoing")
    reading = await app.ask("duplicate_deliveries.sql")
    assert (reading.value, reading.part, reading.sample) == (100, 20, 20)
    assert parts(reading) == [
        ("twice", 100, "40 deliveries of 20 messages"),
        ("once", 0, "40 deliveries of 40 messages"),
    ]
    assert judged("duplicate_deliveries.sql", reading)[0] is Level.WARNING


async def test_one_delivery_too_many_is_no_alarm(app: Application) -> None:
    company = await app.company()
    for number in range(25):
        await app.event(company, number)
    await app.event(company, 1)
    reading = await app.ask("duplicate_deliveries.sql")
    assert reading.value == 4
    assert judged("duplicate_deliveries.sql", reading)[0] is Level.OK


async def test_inbound_messages_count_by_when_they_were_stored(app: Application) -> None:
    company, other = await app.company(), await app.company("B")
    conversation = await app.thread(company)
    await app.message(conversation, age=5, sentAt=datetime(1970, 1, 20))  # noqa: DTZ001 - as stored
    await app.message(conversation, age=20, direction="OUTBOUND")
    await app.message(conversation, age=305, sentAt=stamp(0))
    reading = await app.ask("messages_inbound.sql")
    assert (reading.value, reading.note) == (1, "last 5s ago, 2 companies, 1 silent")
    assert parts(reading) == [("B", 0, ""), ("A", 1, "last 5s ago")]
    assert judged("messages_inbound.sql", reading, (company, 3), (other, 2))[0] is Level.CRITICAL


async def test_a_company_whose_number_was_taken_away_is_silent_still(app: Application) -> None:
    gone, busy = await app.company("gone", whatsappBusinessNumber=None), await app.company("busy")
    await app.message(await app.thread(busy), age=5)
    reading = await app.ask("messages_inbound.sql")
    assert [row.label for row in reading.rows] == ["busy"]
    assert judged("messages_inbound.sql", reading, (gone, 4), (busy, 1))[0] is Level.CRITICAL


async def test_outbound_are_the_agents_replies_and_the_campaigns_messages(app: Application) -> None:
    company, other = await app.company(), await app.company("B")
    conversation = await app.thread(company)
    await app.event(company, 1, message_type="outgoing")
    await app.event(company, 1, message_type="outgoing")  # delivered twice
    await app.event(company, 2, message_type="template")
    await app.event(company, 3, message_type="outgoing", private=None)
    await app.event(company, 4, message_type="outgoing", private=True)  # a note among agents
    await app.event(company, 5)
    await app.event(company, 6, message_type="outgoing", age=1000)
    await app.message(conversation, direction="OUTBOUND", templateName="welcome")  # it is 2 above
    await app.message(conversation, direction="OUTBOUND")  # a draft approved, never sent
    by_provider = await app.thread(other, "+15550101")
    for _ in range(2):
        await app.message(by_provider, direction="OUTBOUND", templateName="welcome")
    reading = await app.ask("messages_outbound.sql")
    assert reading.value == 5
    assert parts(reading) == [
        ("B", 2, "0 through Chatwoot, 2 campaign"),
        ("A", 3, "3 through Chatwoot, 1 campaign, 1 approved and never sent"),
    ]
    told = "3 through Chatwoot, 3 campaign, 1 approved and never sent, 2 companies"
    assert reading.note == told


async def campaign(app: Application, company: str, error: str | None = None, **tries: int) -> None:
    """A campaign with so many recipients of each status."""
    keys = {"companyId": company, "name": "Reminders", "updatedAt": stamp(0)}
    made = await app.insert("Campaign", HOUR, **keys)
    for status, number in tries.items():
        for _ in range(number):
            row = {"campaignId": made, "phone": PHONE, "status": status, "updatedAt": stamp(100)}
            sent = {"sentAt": stamp(100)} if status == "sent" else {"lastError": error}
            await app.insert("CampaignRecipient", HOUR, **row, **sent)


@pytest.mark.parametrize(
    ("tries", "level"),
    (
        ({"sent": 40}, None),
        ({"sent": 5, "pending": 30}, None),
        ({"failed": 1, "sent": 3}, Level.OFF_TARGET),  # a wrong number
        ({"failed": 2, "sent": 38}, Level.OFF_TARGET),
        ({"failed": 3, "sent": 38}, Level.WARNING),
        ({"failed": 4}, Level.WARNING),
        ({"failed": 10}, Level.CRITICAL),
        ({"failed": 10, "sent": 40}, Level.WARNING),
        ({"failed": 11, "sent": 40}, Level.CRITICAL),
    ),
)
async def test_campaigns_that_fail_are_judged_by_share_and_number(
    app: Application, tries: dict[str, int], level: Level | None
) -> None:
    await campaign(app, await app.company(), "no answer", **tries)
    reading = await app.ask("campaign_failures.sql")
    assert (reading.value, reading.level) == (tries.get("failed", 0), level)


async def test_the_commonest_error_is_told_without_the_phone_in_it(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await campaign(app, a, "131048: to +15550100 not sent\nretry", failed=6)
    await campaign(app, a, "Failed to create Chatwoot conversation", failed=2)
    await campaign(app, b, sent=9)
    reading = await app.ask("campaign_failures.sql")
    assert reading.note == "A 8 of 8 failed: 131048: to … not sent\nretry"
    assert reading.level is Level.CRITICAL
    assert parts(reading)[1] == ("B", 0, "0 of 9 failed")


async def test_failures_of_another_hour_are_over(app: Application) -> None:
    company = await app.company()
    await campaign(app, company, "no answer", failed=9)
    await app.connection.execute('UPDATE "CampaignRecipient" SET "updatedAt" = $1', stamp(HOUR))
    reading = await app.ask("campaign_failures.sql")
    assert (reading.value, reading.level, reading.note) == (0, None, "0 sent")


async def test_a_reply_is_what_a_customer_writes_after_something_was_sent(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    assert (await app.ask("first_reply.sql")).note == "none yet"
    await app.event(a, 1, age=100 * MINUTE, talk=1)  # wrote first
    await app.event(a, 2, age=99 * MINUTE, talk=1, message_type="outgoing")
    await app.event(a, 3, age=98 * MINUTE, talk=2, message_type="outgoing", private=True)
    await app.event(a, 4, age=97 * MINUTE, talk=2)  # answers no note among agents
    await app.event(a, 5, age=3 * HOUR, talk=3, message_type="outgoing")  # before the launch
    await app.event(a, 6, age=96 * MINUTE, talk=3)
    await app.event(b, 7, age=95 * MINUTE, talk=1)  # another company's first conversation
    reading = await app.ask("first_reply.sql")
    assert (reading.value, reading.note) == (0, "none yet")
    await app.event(b, 8, age=94 * MINUTE, talk=1, message_type="template")
    await app.event(b, 9, age=80 * MINUTE, talk=1)
    await app.event(b, 10, age=79 * MINUTE, talk=1)
    await app.event(a, 11, age=20 * MINUTE, talk=1)
    reading = await app.ask("first_reply.sql")
    assert (reading.value, reading.note) == (2, "first 40 min after launch, company B")


async def test_a_late_first_reply_is_told_in_hours(app: Application) -> None:
    company = await app.company()
    await app.event(company, 1, age=100 * MINUTE, message_type="outgoing")
    await app.event(company, 2, age=30 * MINUTE)
    assert (await app.ask("first_reply.sql")).note == "first 1.5 h after launch, company A"


async def test_arrivals_since_the_launch_are_counted_by_the_time_chatwoot_gave_them(
    app: Application,
) -> None:
    company, other = await app.company("A"), await app.company("B")

    def made(age: float) -> str:
        return stamp(age).isoformat() + "Z"

    await app.event(company, 1, age=300, created_at=made(301))
    await app.event(company, 1, age=290, created_at=made(301))  # delivered twice
    await app.event(company, 2, age=5, created_at=made(90))  # late
    await app.event(company, 3, age=10, created_at=made(11))  # younger than a minute
    await app.event(other, 4, age=300, created_at=str(int(NOW - 300)))
    await app.event(other, 5, age=300, created_at="2026-99-99T00:00:00Z")
    await app.event(other, 6, age=100, created_at=made(3 * HOUR))  # written before the launch
    reading = await app.ask("received_since.sql")
    assert {row.key: row.value for row in reading.rows} == {company: 2, other: 2}
