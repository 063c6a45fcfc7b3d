"""Leads, conversations, orphans and the ledger, on rows whose right answer is known."""

from typing import Any

import asyncpg
import pytest

from firstwatch.judging import appraise
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes.statements import load_statement
from rehearsal.postgres import Server
from rehearsal.schema import OWNER, connected
from tests.probes.application import (
    ASKED,
    DAY,
    HOUR,
    LAUNCH,
    MINUTE,
    PHONE,
    Application,
    Database,
    bound,
    parts,
)


def level(sql: str, reading: Reading) -> Level:
    return appraise(ASKED[sql], reading).level


async def test_new_leads_are_counted_with_the_writers_who_have_none(app: Application) -> None:
    company, other = await app.company("A"), await app.company("B")
    await app.lead(company, PHONE)
    await app.lead(company, "15550101")
    await app.lead(company, "+15550104", source="Bitrix24")
    await app.lead(company, "+15550102", age=HOUR)
    await app.event(company, 1, phone=PHONE)
    await app.event(company, 2, phone="+15550101")  # the lead was stored without +
    await app.event(company, 3, phone="15550100")  # and this one with it
    await app.event(company, 4, phone=None)
    await app.event(company, 5, age=20, phone="+15550105")  # has time yet
    await app.event(company, 6, phone="+15550106", sender={"type": "agent"})  # left out on purpose
    reading = await app.ask("leads_new.sql")
    assert (reading.value, reading.level) == (3, None)
    assert reading.note == "3 writers, each with a lead (2 API/Webhook, 1 Bitrix24)"
    await app.event(other, 7, phone=PHONE)  # known, but to another company
    reading = await app.ask("leads_new.sql")
    assert reading.level is Level.WARNING
    assert reading.note.startswith("1 of 4 writers have no lead")


async def test_without_a_writer_new_leads_have_nothing_to_judge(app: Application) -> None:
    reading = await app.ask("leads_new.sql")
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)


async def test_known_customers_writing_make_no_lead_and_no_alarm(app: Application) -> None:
    company = await app.company()
    await app.lead(company, age=DAY)
    await app.event(company, 1)
    reading = await app.ask("leads_new.sql")
    assert (reading.value, reading.level) == (0, None)


async def test_a_conversation_must_have_noticed_its_newest_message(app: Application) -> None:
    company = await app.company()
    for number, last in enumerate((100.0, 106.0, None)):
        lead = await app.lead(company, f"+1555010{number}")
        talk = await app.conversation(company, lead, last=last)
        await app.message(talk, age=100)
        await app.message(talk, age=30)  # has time yet
        reading = await app.ask("conversations_tracked.sql")
        assert reading.value == number + 1
        assert reading.level is (Level.WARNING if number else None)
    assert reading.note == "3 new, 2 missed their last message"


async def test_a_lead_has_one_active_conversation(app: Application) -> None:
    company = await app.company()
    lead = await app.lead(company)
    await app.message(await app.conversation(company, lead, age=DAY, last=0), age=100)
    await app.conversation(company, lead, status="CLOSED")
    reading = await app.ask("conversations_tracked.sql")
    assert (reading.level, reading.note) == (None, "1 new, all up to date")
    await app.conversation(company, lead)
    reading = await app.ask("conversations_tracked.sql")
    assert reading.level is Level.WARNING
    assert reading.note == "2 new, 1 leads with two active ones"


async def test_without_a_message_conversations_have_nothing_to_judge(app: Application) -> None:
    conversation = await app.thread(await app.company())
    await app.message(conversation, direction="OUTBOUND")
    reading = await app.ask("conversations_tracked.sql")
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)


async def test_duplicate_leads_are_groups_by_company_and_digits(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.lead(a, "+15550100")
    await app.lead(a, "15550100", age=9 * MINUTE)  # the same person by another route
    await app.lead(a, "+15550100", age=3 * DAY)
    await app.lead(b, "+15550100")  # of another company: legal
    await app.lead(a, "+15550101", age=2 * DAY)  # an old pair is none of this day
    await app.lead(a, "+15550101", age=2 * DAY)
    await app.lead(b, "+1 555 0102", age=8 * MINUTE)
    await app.lead(b, "+15550102", age=5 * MINUTE)  # written in another way
    await app.lead(a, "unknown")  # no digits at all
    await app.lead(a, "unknown")
    reading = await app.ask("leads_duplicate.sql")
    assert (reading.value, reading.sample, reading.level) == (2, 7, None)
    assert reading.note == "3 rows too many, 0 by race, 0 by import, newest …02 (two formats)"
    assert parts(reading) == [
        ("B …02", 2, "2 leads, two formats"),
        ("A …00", 3, "3 leads, two formats"),
    ]


@pytest.mark.parametrize(
    ("gap", "source", "kind"),
    (
        (0.4, "API/Webhook", "race"),
        (60, "Bitrix24", "import"),
        (60, None, "import"),
        (60, "API/Webhook", "one after the other"),
    ),
)
async def test_a_race_is_told_apart_from_an_import(
    app: Application, gap: float, source: str | None, kind: str
) -> None:
    company = await app.company()
    await app.lead(company, age=MINUTE * 5)
    await app.lead(company, age=MINUTE * 5 - gap, source=source)
    reading = await app.ask("leads_duplicate.sql")
    assert (reading.value, level("leads_duplicate.sql", reading)) == (1, Level.WARNING)
    assert reading.note.endswith(f"newest …00 ({kind})")


async def test_a_new_lead_beside_an_old_one_is_a_duplicate(app: Application) -> None:
    company = await app.company()
    await app.lead(company, "+15550100", age=20 * DAY)
    await app.lead(company, "15550100")
    assert (await app.ask("leads_duplicate.sql")).value == 1


async def test_no_duplicates_say_how_many_leads_were_looked_at(app: Application) -> None:
    await app.lead(await app.company())
    reading = await app.ask("leads_duplicate.sql")
    assert (reading.value, reading.sample, reading.note) == (0, 1, "of 1 new leads")


@pytest.mark.parametrize(
    ("leads", "pairs", "expected"),
    (
        (3, 1, Level.WARNING),
        (58, 1, Level.WARNING),
        (56, 2, Level.CRITICAL),
        (40, 5, Level.CRITICAL),
    ),
)
async def test_five_groups_or_two_per_cent_of_enough_leads_are_critical(
    app: Application, leads: int, pairs: int, expected: Level
) -> None:
    company = await app.company()
    for number in range(leads):
        await app.lead(company, f"+155501{number:02}")
    for number in range(pairs):
        await app.lead(company, f"155501{number:02}")
    assert level("leads_duplicate.sql", await app.ask("leads_duplicate.sql")) is expected


async def test_conversations_that_never_got_a_message_are_a_share(app: Application) -> None:
    company = await app.company()
    lead = await app.lead(company, age=2 * DAY)
    for _ in range(3):
        await app.message(await app.conversation(company, lead))
    await app.conversation(company, lead)
    await app.conversation(company, lead, age=30)  # has time yet
    await app.conversation(company, lead, age=2 * DAY)
    reading = await app.ask("conversations_empty.sql")
    assert (reading.part, reading.sample, reading.value) == (1, 4, 25)
    assert (reading.level, reading.note) == (None, "1 of 4 without a message")


async def test_a_chatwoot_conversation_belongs_to_one_active_one_of_a_company(
    app: Application,
) -> None:
    """The number is one of an account, and is written on closed conversations of the lead, too."""
    a, b = await app.company("A"), await app.company("B")
    one, two = await app.lead(a), await app.lead(b)
    for number in range(20):
        talk = await app.conversation(a, one, chatwootConversationId=str(number))
        await app.message(talk)
    await app.message(await app.conversation(b, two, chatwootConversationId="7"))
    closed: dict[str, Any] = {"chatwootConversationId": "7", "status": "CLOSED"}
    await app.message(await app.conversation(a, one, **closed))
    reading = await app.ask("conversations_empty.sql")
    assert (reading.level, reading.part) == (None, 0)
    await app.message(await app.conversation(a, one, chatwootConversationId="7"))
    reading = await app.ask("conversations_empty.sql")
    assert level("conversations_empty.sql", reading) is Level.WARNING
    assert reading.note == "1 Chatwoot conversations twice active, newest 7"


async def test_orphans_are_what_foreign_keys_allow(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    await app.message(talk)
    reading = await app.ask("orphans.sql")
    assert (reading.value, reading.level, reading.note, reading.rows) == (0, None, "none", ())
    await app.lead(company, "+15550101")  # its conversation was never made
    await app.lead(company, "+15550102", source="Bitrix24")  # an import has none
    await app.lead(company, "+15550103", age=30)  # has time yet
    await app.thread(company, "+15550104")  # its message was never stored
    await app.thread(company, "+15550105", age=30)
    await app.event("nobody", 1)
    await app.event(None, 2)
    await app.message(talk, direction="OUTBOUND")
    await app.message(talk, direction="OUTBOUND", age=30)
    await app.message(talk, direction="OUTBOUND", templateName="welcome")
    await app.message(talk, direction="OUTBOUND", senderId="someone")
    reading = await app.ask("orphans.sql")
    assert (reading.value, reading.level) == (4, None)
    assert [(row.label, row.value) for row in reading.rows] == [
        ("leads without conversation", 1),
        ("conversations without message", 1),
        ("events of no company", 1),
        ("approved drafts never sent", 1),
    ]
    assert reading.note.startswith("1 leads without conversation, 1 conversations without")


async def test_rows_that_mix_two_companies_are_critical_from_the_launch_on(
    app: Application,
) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.message(await app.conversation(b, await app.lead(a), age=5 * HOUR))
    assert (await app.ask("orphans.sql")).level is None
    mixed = await app.conversation(b, await app.lead(a, "+15550101"), age=90 * MINUTE)
    await app.message(mixed)
    reading = await app.ask("orphans.sql")
    label = "conversations of another company than their lead"
    assert (reading.value, reading.level) == (1, Level.CRITICAL)
    assert reading.note.startswith(f"1 {label}")
    assert parts(reading)[0] == (label, 1, f"newest {mixed}")


async def test_a_constraint_that_was_never_validated_is_named(
    app: Application, tables: Database, postgres_server: Server
) -> None:
    table = 'ALTER TABLE "Lead"'
    async with connected(postgres_server.dsn(OWNER, tables.name)) as owner:
        await owner.execute(f"{table} ADD CONSTRAINT hasty CHECK (phone <> '') NOT VALID")
        reading = await app.ask("orphans.sql")
        assert parts(reading) == [("constraints never validated", 1, "hasty")]
        await owner.execute(f"{table} VALIDATE CONSTRAINT hasty")
        assert (await app.ask("orphans.sql")).value == 0
        await owner.execute(f"{table} DROP CONSTRAINT hasty")


JOINTS = (
    "Chatwoot → webhooks",
    "webhooks → leads",
    "leads → conversations",
    "conversations → messages",
)


async def test_an_empty_ledger_is_in_balance(app: Application) -> None:
    reading = await app.ask("ledger.sql")
    assert (reading.value, reading.note) == (0, "0 in, 0 leaked")
    told = "in 0 · out 0 · leak 0 · dup 0 · in flight 0"
    assert parts(reading) == [(joint, 0, told) for joint in JOINTS]


async def test_the_ledger_tells_at_which_joint_a_message_stands(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    for number in range(5):
        await app.received(company, conversation, number, 100 + number)
    await app.event(company, 0, age=90)  # delivered three times
    await app.event(company, 0, age=80)
    await app.event(company, 10, phone="+15550101")  # no lead was made
    await app.event(company, 11, phone=None)
    await app.event(company, 12, age=30, phone="+15550102")  # none yet
    await app.lead(company, "15550103")
    await app.event(company, 13, phone="+15550103")  # a lead, no conversation
    await app.event(company, 14)  # both, no message
    await app.event(company, 15, age=20)  # none yet
    await app.event(company, 16, sender={"type": "agent_bot"})  # left out on purpose
    await app.event(company, 17, age=3 * HOUR)  # before the launch
    await app.event(company, 18, message_type="outgoing")
    reading = await app.ask("ledger.sql")
    assert (reading.value, reading.level) == (4, None)
    assert reading.note == "11 in, 4 leaked, 4 of them within 10m"
    assert parts(reading) == [
        (JOINTS[0], 0, "in 11 · out 11 · leak 0 · dup 2 · in flight 0"),
        (JOINTS[1], 2, "in 11 · out 8 · leak 2 · dup 0 · in flight 1"),
        (JOINTS[2], 1, "in 8 · out 7 · leak 1 · dup 0 · in flight 0"),
        (JOINTS[3], 1, "in 7 · out 5 · leak 1 · dup 0 · in flight 1"),
    ]


async def test_duplicates_of_each_joint_are_counted(app: Application) -> None:
    company = await app.company()
    lead = await app.lead(company)
    await app.lead(company, PHONE.removeprefix("+"), age=9 * MINUTE)
    await app.lead(company, "+15550101", age=9 * DAY)
    await app.lead(company, "+15550101")
    await app.lead(await app.company("B"))
    for status in ("ACTIVE", "ACTIVE", "CLOSED"):
        await app.conversation(company, lead, age=8 * MINUTE, status=status)
    reading = await app.ask("ledger.sql")
    assert [row.note.split(" · ")[3] for row in reading.rows] == [
        "dup 0",
        "dup 2",
        "dup 1",
        "dup 0",
    ]
    assert reading.value == 0


async def test_one_id_of_two_companies_is_two_messages_of_the_ledger(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.received(a, await app.thread(a), 1, 100)
    await app.thread(b)
    await app.event(b, 1)
    reading = await app.ask("ledger.sql")
    assert (reading.value, reading.note) == (1, "2 in, 1 leaked, 1 of them within 10m")
    assert parts(reading)[0][2] == "in 2 · out 2 · leak 0 · dup 0 · in flight 0"
    assert parts(reading)[3][2] == "in 2 · out 1 · leak 1 · dup 0 · in flight 0"


@pytest.mark.parametrize(
    ("leaks", "age", "expected"),
    (
        (10, 5 * MINUTE, Level.WARNING),
        (11, 5 * MINUTE, Level.CRITICAL),
        (40, 11 * MINUTE, Level.WARNING),  # it has stopped
        (40, 30.0, Level.OK),  # all of it in flight
    ),
)
async def test_a_leak_that_grows_is_critical(
    app: Application, leaks: int, age: float, expected: Level
) -> None:
    company = await app.company()
    for number in range(leaks):
        await app.event(company, number, age=age)
    assert level("ledger.sql", await app.ask("ledger.sql")) is expected


async def test_what_was_fetched_again_has_not_leaked(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    await app.event(company, 1, age=HOUR)
    assert (await app.ask("ledger.sql")).value == 1
    await app.message(conversation, age=5, wabaMessageId="chatwoot_1")
    assert (await app.ask("ledger.sql")).value == 0


MISSING: tuple[tuple[str, set[str]], ...] = (
    ("CampaignRecipient", {"campaign_failures.sql", "quota_recipients.sql"}),
    ("QuotaLog", {"quota.sql"}),
    ("Campaign", {"campaign_failures.sql", "quota_recipients.sql"}),
)


@pytest.mark.parametrize(("table", "blind"), MISSING)
async def test_a_missing_table_blinds_only_the_checks_that_need_it(
    app: Application, table: str, blind: set[str]
) -> None:
    found: dict[str, Any] = {}
    transaction = app.connection.transaction()
    await transaction.start()
    await app.connection.execute(f'DROP TABLE "{table}" CASCADE')
    for sql, check in ASKED.items():
        found[sql] = await prepared(app, sql, float(check.measure.window))
    await transaction.rollback()
    missing = {sql for sql, error in found.items() if error}
    assert missing == blind
    assert all(f'"{table}"' in found[sql] for sql in missing)


async def prepared(app: Application, sql: str, window: float) -> str:
    """What the server says against this statement, in a savepoint."""
    statement = load_statement(sql)
    if "pg_stat_statements" in statement.text:
        return ""
    try:
        async with app.connection.transaction():
            values = bound(statement, window)
            await app.connection.fetch(statement.text, *values)
    except asyncpg.UndefinedTableError as error:
        return str(error)
    return ""


async def test_what_is_before_the_launch_is_none_of_the_ledger(app: Application) -> None:
    company = await app.company()
    for number, age in enumerate((2 * HOUR + 1, 2 * HOUR + 30, 5 * HOUR)):
        await app.event(company, number, age=age)
    assert (await app.ask("ledger.sql")).note == "0 in, 0 leaked"


async def test_after_a_day_the_ledger_says_that_it_reaches_back_no_further(
    app: Application,
) -> None:
    company = await app.company()
    await app.event(company, 1, age=HOUR)
    day_after = LAUNCH + DAY
    assert (await app.ask("ledger.sql", day_after - 1)).note == "1 in, 1 leaked"
    assert (await app.ask("ledger.sql", day_after + 60)).note == "1 in, 1 leaked, of the last 24h"
    # Lost an hour after the launch and never fetched again: it is looked at no more.
    later = await app.ask("ledger.sql", day_after + HOUR + 60)
    assert (later.value, later.note) == (0, "0 in, 0 leaked, of the last 24h")
    assert [row.note for row in later.rows] == ["in 0 · out 0 · leak 0 · dup 0 · in flight 0"] * 4
