"""Every shipped statement, on rows whose right answer is known, asked as the role of the watch."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from firstwatch.config import load
from firstwatch.errors import Missing, NoAnswer
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes.answers import Measure
from probes.ids import cuid_floor
from probes.kinds import KINDS
from probes.postgres import KIND, PostgresProbe, Settings
from probes.statements import load_statement
from rehearsal.cuid import make_cuid
from rehearsal.postgres import Server
from rehearsal.schema import OWNER, WATCHER, connected, create_database

NOW = 1_795_419_786.0  # 2026-11-23T07:43:06Z
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LAUNCH = NOW - 2 * HOUR
PHONE = "+15550100"


@dataclass(frozen=True, slots=True)
class Database:
    """A database with the application's schema."""

    name: str
    dsn: str
    owner_dsn: str


class Standing:
    """A clock that stands still."""

    scale = 1.0

    def now(self) -> float:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def stamp(age: float) -> datetime:
    return datetime.fromtimestamp(NOW - age, UTC).replace(tzinfo=None)


@dataclass(slots=True)
class Application:
    """Writes rows as the application does; `age` is in seconds before now."""

    connection: Any
    asked: PostgresProbe
    messages: int = 0

    async def insert(self, table: str, age: float = HOUR, **values: Any) -> str:
        values = {"id": make_cuid(NOW - age), "createdAt": stamp(age), **values}
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join(f"${n + 1}" for n in range(len(values)))
        statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
        await self.connection.execute(statement, *values.values())
        return str(values["id"])

    async def company(self, name: str = "A", **values: Any) -> str:
        return await self.insert("Company", DAY, name=name, updatedAt=stamp(0), **values)

    async def lead(
        self, company: str, phone: str = PHONE, age: float = 10 * MINUTE, **values: Any
    ) -> str:
        values = {"source": "API/Webhook", "updatedAt": stamp(0), **values}
        return await self.insert("Lead", age, companyId=company, phone=phone, **values)

    async def conversation(
        self, company: str, lead: str, age: float = 10 * MINUTE, last: float | None = None
    ) -> str:
        seen = None if last is None else stamp(last)
        keys = {"companyId": company, "leadId": lead, "lastMessageAt": seen}
        return await self.insert("Conversation", age, updatedAt=stamp(0), **keys)

    async def thread(self, company: str, phone: str = PHONE, age: float = 10 * MINUTE) -> str:
        """A lead with its conversation."""
        return await self.conversation(company, await self.lead(company, phone, age), age, last=0)

    async def message(self, conversation: str, age: float = 100.0, **values: Any) -> str:
        values = {"direction": "INBOUND", "body": f"text {self.messages}", **values}
        self.messages += 1
        return await self.insert(
            "Message", age, conversationId=conversation, updatedAt=stamp(0), **values
        )

    async def event(
        self,
        company: str | None,
        message: int = 1,
        age: float = 100.0,
        *,
        kind: str = "message_created",
        source: str = "CHATWOOT",
        phone: str | None = PHONE,
        **payload: Any,
    ) -> str:
        payload = {"id": message, "message_type": "incoming", "private": False, **payload}
        if phone:
            payload |= {"conversation": {"meta": {"sender": {"phone_number": phone}}}}
        values = {"companyId": company, "source": source, "eventType": kind}
        return await self.insert("WebhookEvent", age, payload=json.dumps(payload), **values)

    async def received(self, company: str, conversation: str, message: int, age: float) -> None:
        """An event and its message, a moment later."""
        await self.event(company, message, age)
        await self.message(conversation, age - 0.04, wabaMessageId=f"chatwoot_{message}")

    async def ask(self, sql: str, window: float = 300.0, shape: str = "scalar") -> Reading:
        asked = Measure.model_validate({"sql": sql, "shape": shape, "window": f"{window:g}s"})
        return await self.asked.read(asked, Moment(NOW, LAUNCH))


@pytest.fixture(scope="module")
def tables(postgres_server: Server) -> Database:
    """One database for all tests here; making one each would take most of their time."""
    name, server = "test_queries", postgres_server
    asyncio.run(create_database(server, name))
    return Database(name, server.dsn(WATCHER, name), server.dsn(OWNER, name))


@pytest.fixture
async def app(tables: Database) -> AsyncIterator[Application]:
    probe = opened(tables.dsn)
    async with connected(tables.owner_dsn) as owner:
        try:
            yield Application(owner, probe)
        finally:
            await probe.close()
            await owner.execute('TRUNCATE "Company", "WebhookEvent" CASCADE')


def opened(dsn: str) -> PostgresProbe:
    probe = KIND.open(Settings.model_validate({"dsn": dsn}), Standing())
    assert isinstance(probe, PostgresProbe)
    return probe


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


async def test_webhooks_are_counted_in_their_window_only(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.event(a, age=7)
    await app.event(a, age=200, kind="conversation_updated")
    await app.event(b, age=299)
    await app.event(b, age=301)  # its id is within the overlap, its time is not
    await app.event(b, age=9, source="EVOLUTION")
    await app.event(a, age=HOUR, id="seeded-by-hand")
    reading = await app.ask("webhooks.sql")
    assert (reading.value, reading.note) == (3, "2 tenants, last 7s ago")


async def test_no_webhooks_are_a_measured_zero(app: Application) -> None:
    reading = await app.ask("webhooks.sql")
    assert (reading.value, reading.note) == (0, "0 tenants")


async def test_processed_messages_are_matched_by_identity(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    for number in (1, 2, 3):
        await app.received(company, conversation, number, 100)
    await app.event(company, 3, age=90)  # delivered twice
    await app.event(company, 4, age=100)  # lost
    await app.event(company, 5, age=30)  # has time yet
    await app.event(company, 6, age=400)  # before the window
    await app.event(company, 7, age=100, message_type="outgoing")
    await app.event(company, 8, age=100, kind="message_updated")
    reading = await app.ask("messages_processed.sql", shape="ratio")
    assert (reading.part, reading.sample, reading.value) == (3, 4, 75)
    reading = await app.ask("messages_lost.sql")
    assert (reading.value, reading.sample, reading.note) == (1, 4, "of 4 received")
    assert reading.level is None


async def test_equal_counts_do_not_hide_a_lost_message(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    await app.event(company, 1)
    await app.message(conversation, wabaMessageId="evolution_1")
    assert (await app.ask("messages_lost.sql")).value == 1


async def test_a_message_stored_for_another_company_is_lost_to_this_one(app: Application) -> None:
    """Two Chatwoot servers number their messages alike, and the table keeps one of each."""
    a, b = await app.company("A"), await app.company("B")
    await app.received(a, await app.thread(a), 1, 100)
    await app.event(b, 1)
    assert (await app.ask("messages_lost.sql")).value == 1
    reading = await app.ask("messages_processed.sql", shape="ratio")
    assert (reading.part, reading.sample) == (1, 2)


async def test_nothing_received_is_nothing_to_judge(app: Application) -> None:
    reading = await app.ask("messages_lost.sql", HOUR)
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)
    assert (await app.ask("messages_processed.sql", shape="ratio")).sample == 0


async def test_inbound_messages_count_by_when_they_were_stored(app: Application) -> None:
    conversation = await app.thread(await app.company())
    await app.message(conversation, age=5, sentAt=datetime(1970, 1, 20))  # noqa: DTZ001 - as stored
    await app.message(conversation, age=20, direction="OUTBOUND")
    await app.message(conversation, age=305, sentAt=stamp(0))
    reading = await app.ask("messages_inbound.sql")
    assert (reading.value, reading.note) == (1, "last 5s ago")


async def test_outbound_are_the_agents_replies_and_the_campaigns_messages(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    await app.event(company, 1, message_type="outgoing")
    await app.event(company, 1, message_type="outgoing")  # delivered twice
    await app.event(company, 2, message_type="template")
    await app.event(company, 3, message_type="outgoing", private=None)
    await app.event(company, 4, message_type="outgoing", private=True)  # a note among agents
    await app.event(company, 5)
    await app.event(company, 6, message_type="outgoing", age=1000)
    await app.message(conversation, direction="OUTBOUND", templateName="welcome")
    await app.message(conversation, direction="OUTBOUND")  # a draft approved, never sent
    reading = await app.ask("messages_outbound.sql", 900)
    assert (reading.value, reading.note) == (4, "3 replies, 1 campaign")


async def test_new_leads_are_counted_with_the_writers_who_have_none(app: Application) -> None:
    company, other = await app.company("A"), await app.company("B")
    await app.lead(company, PHONE)
    await app.lead(company, "15550101")
    await app.lead(company, "+15550102", age=HOUR)
    await app.event(company, 1, phone=PHONE)
    await app.event(company, 2, phone="+15550101")  # the lead was stored without +
    await app.event(company, 3, phone="15550100")  # and this one with it
    await app.event(company, 4, phone=None)
    await app.event(company, 5, age=20, phone="+15550105")  # has time yet
    reading = await app.ask("leads_new.sql", 1800)
    assert (reading.value, reading.level, reading.note) == (2, None, "3 writers, each with a lead")
    await app.event(other, 6, phone=PHONE)  # known, but to another company
    reading = await app.ask("leads_new.sql", 1800)
    assert (reading.level, reading.note) == (Level.WARNING, "1 of 4 writers have no lead")


async def test_without_a_writer_new_leads_have_nothing_to_judge(app: Application) -> None:
    reading = await app.ask("leads_new.sql", 1800)
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)


async def test_known_customers_writing_make_no_lead_and_no_alarm(app: Application) -> None:
    company = await app.company()
    await app.lead(company, age=DAY)
    await app.event(company, 1)
    reading = await app.ask("leads_new.sql", 1800)
    assert (reading.value, reading.level) == (0, None)


async def test_a_conversation_must_have_noticed_its_newest_message(app: Application) -> None:
    company = await app.company()
    lead = await app.lead(company)
    tracked = await app.conversation(company, lead, last=100)
    await app.message(tracked, age=100)
    await app.message(tracked, age=30)  # has time yet
    reading = await app.ask("conversations_tracked.sql", 1800)
    assert (reading.value, reading.level) == (1, None)
    for last in (106.0, None):
        stuck = await app.conversation(company, lead, last=last)
        await app.message(stuck, age=100)
    reading = await app.ask("conversations_tracked.sql", 1800)
    assert (reading.value, reading.level) == (3, Level.WARNING)
    assert reading.note == "2 missed their last message"


async def test_without_a_message_conversations_have_nothing_to_judge(app: Application) -> None:
    conversation = await app.thread(await app.company())
    await app.message(conversation, direction="OUTBOUND")
    reading = await app.ask("conversations_tracked.sql", 1800)
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)


async def test_duplicate_leads_are_groups_by_company_and_digits(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.lead(a, "+15550100")
    await app.lead(a, "15550100")  # the same person by another route
    await app.lead(a, "+15550100", age=3 * DAY)
    await app.lead(b, "+15550100")  # of another company: legal
    await app.lead(a, "+15550101", age=2 * DAY)  # an old pair is none of this day
    await app.lead(a, "+15550101", age=2 * DAY)
    await app.lead(b, "+1 555 0102")
    await app.lead(b, "+15550102")  # written in another way
    await app.lead(a, "unknown")  # no digits at all
    await app.lead(a, "unknown")
    reading = await app.ask("leads_duplicate.sql", DAY)
    assert (reading.value, reading.sample, reading.note) == (2, 7, "3 rows too many")


async def test_a_new_lead_beside_an_old_one_is_a_duplicate(app: Application) -> None:
    company = await app.company()
    await app.lead(company, "+15550100", age=20 * DAY)
    await app.lead(company, "15550100")
    assert (await app.ask("leads_duplicate.sql", DAY)).value == 1


async def test_no_duplicates_say_nothing_more(app: Application) -> None:
    await app.lead(await app.company())
    reading = await app.ask("leads_duplicate.sql", DAY)
    assert (reading.value, reading.sample, reading.note) == (0, 1, "")


async def test_conversations_that_never_got_a_message_are_a_share(app: Application) -> None:
    company = await app.company()
    lead = await app.lead(company, age=2 * DAY)
    for _ in range(3):
        await app.message(await app.conversation(company, lead))
    await app.conversation(company, lead)
    await app.conversation(company, lead, age=30)  # has time yet
    await app.conversation(company, lead, age=2 * DAY)
    reading = await app.ask("conversations_empty.sql", DAY, "ratio")
    assert (reading.part, reading.sample, reading.value) == (1, 4, 25)


async def test_orphans_are_what_foreign_keys_allow(app: Application) -> None:
    company = await app.company()
    await app.thread(company)
    reading = await app.ask("orphans.sql", HOUR)
    assert (reading.value, reading.level) == (0, None)
    await app.lead(company, "+15550101")  # its conversation was never made
    await app.lead(company, "+15550102", source="Bitrix24")  # an import has none
    await app.lead(company, "+15550103", age=30)  # has time yet
    await app.event("nobody", 1)
    await app.event(None, 2)
    reading = await app.ask("orphans.sql", HOUR)
    assert (reading.value, reading.level) == (2, None)
    assert reading.note == "1 leads without conversation, 1 events of no company"


async def test_rows_that_mix_two_companies_are_critical(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    await app.conversation(b, await app.lead(a))
    reading = await app.ask("orphans.sql", HOUR)
    assert (reading.value, reading.level) == (1, Level.CRITICAL)
    assert reading.note == "1 rows mix two companies"


async def test_an_echo_is_one_body_three_times_or_a_flood(app: Application) -> None:
    company = await app.company()
    echo, flood = await app.thread(company), await app.thread(company, "+15550101")
    for age in (50, 40, 30):
        await app.message(echo, age=age, body="Thanks, we will call you")
    for age in range(13):
        await app.message(flood, age=100 + age)
    reading = await app.ask("echoes.sql")
    assert (reading.value, reading.note) == (2, "2 conversations, busiest 13 messages")


async def test_lively_people_are_no_echo(app: Application) -> None:
    company = await app.company()
    chat, media = await app.thread(company), await app.thread(company, "+15550101")
    for body in ("ok", "yes", "ok", "yes", "good", "good"):  # pairs, never a third time
        await app.message(chat, body=body)
    for _ in range(4):
        await app.message(media, body="", contentType="IMAGE")
        await app.message(media, body=None, contentType="IMAGE")
    for number in range(3):  # one text to three people
        broadcast = await app.thread(company, f"+1555011{number}")
        await app.message(broadcast, body="We are open", direction="OUTBOUND")
    for _ in range(3):
        await app.message(chat, age=400, body="ok")  # before the window
    reading = await app.ask("echoes.sql")
    assert reading.value == 0


async def number_of(app: Application, company: str, number: str, sent: int, **values: Any) -> str:
    row = {"messagesSentToday": sent, "dailyLimit": 20, "lastResetAt": stamp(HOUR), **values}
    keys = {"companyId": company, "number": number, "updatedAt": stamp(0)}
    return await app.insert("WhatsAppNumber", DAY, **keys, **row)


async def log_of(app: Application, company: str, number: str, sent: int, days: int = 0) -> None:
    date = stamp(0).replace(hour=0, minute=0, second=0)
    keys = {"companyId": company, "whatsappNumberId": number, "dailyLimit": 20}
    date = date.replace(day=date.day - days)
    await app.insert("QuotaLog", HOUR, date=date, sentCount=sent, **keys)


async def test_quota_drift_is_shown_per_number_the_worst_first(app: Application) -> None:
    company = await app.company()
    good = await number_of(app, company, "+15550110", 7)
    await log_of(app, company, good, 7)
    await log_of(app, company, good, 20, days=1)
    drift = await number_of(app, company, "+15550111", 3)  # a manual reset
    await log_of(app, company, drift, 8)
    over = await number_of(app, company, "+15550112", 21)  # two dispatchers at once
    await log_of(app, company, over, 21)
    stale = await number_of(app, company, "+15550113", 20, lastResetAt=stamp(DAY))
    await log_of(app, company, stale, 20, days=1)
    await number_of(app, company, "+15550114", 9, isActive=False)
    reading = await app.ask("quota.sql", shape="rows")
    assert [(row.label, row.value, row.note) for row in reading.rows] == [
        ("number …11", 5, "3 of 20 sent, 8 logged"),
        ("number …12", 1, "21 of 20 sent, 21 logged"),
        ("number …10", 0, "7 of 20 sent, 7 logged"),
        ("number …13", 0, "0 of 20 sent, 0 logged"),
    ]
    assert (reading.value, reading.note) == (5, "worst number …11")


async def test_no_number_has_no_drift(app: Application) -> None:
    reading = await app.ask("quota.sql", shape="rows")
    assert (reading.value, reading.rows) == (0, ())


async def test_webhook_time_is_the_95th_percentile_to_the_message(app: Application) -> None:
    company = await app.company()
    conversation = await app.thread(company)
    for number in range(1, 21):
        await app.event(company, number, age=100)
        took = 0.04 if number < 20 else 2.0
        await app.message(conversation, age=100 - took, wabaMessageId=f"chatwoot_{number}")
    await app.event(company, 20, age=90)  # delivered again after its message was there
    reading = await app.ask("webhook_time.sql", 900)
    assert reading.sample == 20
    assert reading.value == pytest.approx(40 + 0.05 * 1960)


async def test_without_a_message_webhooks_have_no_time_to_judge(app: Application) -> None:
    await app.event(await app.company(), 1)
    reading = await app.ask("webhook_time.sql", 900)
    assert (reading.value, reading.sample, reading.level) == (0, 0, None)


@pytest.mark.parametrize("table", ("leads", "messages"))
async def test_figures_of_the_day_tell_what_came_since_the_launch(
    app: Application, table: str
) -> None:
    company = await app.company()
    for age in (HOUR, 3 * HOUR, 23 * HOUR, 25 * HOUR):
        lead = await app.lead(company, age=age)
        conversation = await app.conversation(company, lead)
        await app.message(conversation, age=age, sentAt=stamp(40 * DAY))
    reading = await app.ask(f"{table}_today.sql", DAY)
    assert (reading.value, reading.note) == (3, "1 since launch")


async def test_query_time_is_the_mean_between_two_looks_ours_left_out(app: Application) -> None:
    await app.connection.execute("SELECT 1")
    with pytest.raises(NoAnswer, match="needs a second one"):
        await app.ask("query_time.sql", shape="delta")
    for _ in range(5):
        await app.connection.execute("SELECT pg_sleep(0.02)")
    reading = await app.ask("query_time.sql", shape="delta")
    assert reading.sample == 5
    assert 20 <= reading.value < 200
    with pytest.raises(NoAnswer, match="ran no statement"):
        await app.ask("query_time.sql", shape="delta")


async def test_query_time_begins_anew_after_a_reset(
    app: Application, tables: Database, postgres_server: Server
) -> None:
    await app.connection.execute("SELECT 1")
    with pytest.raises(NoAnswer):
        await app.ask("query_time.sql", shape="delta")
    async with connected(postgres_server.dsn(database=tables.name)) as root:
        await root.execute("SELECT pg_stat_statements_reset()")
    for _ in range(3):
        await app.connection.execute("SELECT 1")
    with pytest.raises(NoAnswer, match="needs a second one"):
        await app.ask("query_time.sql", shape="delta")
    await app.connection.execute("SELECT 1")
    assert (await app.ask("query_time.sql", shape="delta")).sample == 1


async def test_query_time_without_the_extension_names_what_is_missing(
    app: Application, tables: Database, postgres_server: Server
) -> None:
    async with connected(postgres_server.dsn(database=tables.name)) as root:
        await root.execute("DROP EXTENSION pg_stat_statements")
        try:
            with pytest.raises(Missing, match="pg_stat_statements"):
                await app.ask("query_time.sql", shape="delta")
        finally:
            await root.execute("CREATE EXTENSION pg_stat_statements")


ASKED = {
    str(check.measure.sql): float(check.measure.window)
    for check in load(
        None, KINDS, {"DATABASE_URL": "postgresql://db/app", "APP_URL": "http://app"}
    ).checks.values()
    if isinstance(check.measure, Measure)
}
"""The statements of the default plan with their windows."""

INDEXED = {"Message", "WebhookEvent"}
"""The tables that grow without bound."""


async def test_no_session_time_zone_changes_any_answer(app: Application, tables: Database) -> None:
    company = await app.company()
    conversation = await app.thread(company, age=2 * HOUR)
    for age in (100, 30 * MINUTE, 5 * HOUR, 23 * HOUR, 25 * HOUR, 28 * HOUR):
        await app.received(company, conversation, int(age), age)
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


STEADY = sorted(set(ASKED) - {"connections.sql", "query_time.sql"})
"""The statements whose answer rests on rows alone."""
SHAPES = {
    "messages_processed.sql": "ratio",
    "conversations_empty.sql": "ratio",
    "quota.sql": "rows",
}


async def answer(app: Application, sql: str) -> tuple[float, str, object]:
    reading = await app.ask(sql, ASKED[sql], SHAPES.get(sql, "scalar"))
    return reading.value, reading.note, reading.rows


async def test_every_statement_reaches_the_large_tables_by_an_index(app: Application) -> None:
    await populate(app)
    await app.connection.execute("ANALYZE; SET enable_seqscan = off")
    reached: dict[str, set[str]] = {}
    for sql, window in ASKED.items():
        statement, moment = load_statement(sql), Moment(NOW, LAUNCH)
        ids = {bound.name: cuid_floor(bound.at(moment, window)) for bound in statement.ids}
        values = statement.values(moment, window, ids)
        if "pg_stat_statements" in statement.text:
            continue
        plan = await app.connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement.text}", *values)
        for node in nodes(json.loads(plan)[0]["Plan"]):
            if node.get("Relation Name") in INDEXED:
                reached.setdefault(sql, set()).add(way(node))
    assert reached.keys() == {
        *("webhooks.sql", "webhook_time.sql", "leads_new.sql", "orphans.sql", "echoes.sql"),
        *("messages_processed.sql", "messages_lost.sql", "messages_inbound.sql"),
        *("messages_outbound.sql", "messages_today.sql"),
        *("conversations_tracked.sql", "conversations_empty.sql"),
    }
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
