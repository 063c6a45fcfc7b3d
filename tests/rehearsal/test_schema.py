"""The schema has the application's tables, and its missing indexes are missing."""

from typing import Protocol

import asyncpg
import pytest

from rehearsal.cuid import base36, make_cuid
from rehearsal.schema import connected


class Database(Protocol):
    """What the fixture `database` gives."""

    dsn: str
    owner_dsn: str


INDEXES = {
    "AgentQuota": {"id!", "agentId", "agentId!"},
    "Campaign": {"id!"},
    "CampaignRecipient": {"id!", "campaignId", "status", "phone"},
    "Company": {"id!"},
    "CompanySettings": {"id!"},
    "Conversation": {
        "id!",
        "companyId",
        "leadId",
        "agentId",
        "whatsappNumber",
        "chatwootConversationId",
    },
    "Feedback": {"id!"},
    "JobQueue": {
        "id!",
        "status,scheduledFor,priority",
        "type,status",
        "createdAt",
        "idempotencyKey!",
    },
    "Lead": {"id!", "companyId", "agentId", "phone", "bitrixLeadId", "bitrixLeadId!"},
    "Message": {"id!", "conversationId", "wabaMessageId", "wabaMessageId!"},
    "MessageDeliveryAttempt": {"id!", "messageId", "status", "provider"},
    "ProviderWebhookEvent": {"id!", "provider,status", "receivedAt", "companyId"},
    "QuotaLog": {"id!", "whatsappNumberId,date!", "companyId", "date"},
    "WebhookEvent": {"id!", "companyId", "source", "processed"},
    "WhatsAppNumber": {"id!", "companyId", "number", "number!"},
}
"""Every index there is, by its columns; "!" marks a unique one."""

_LIST = """
SELECT t.relname AS name,
       (SELECT string_agg(a.attname, ',' ORDER BY k.ord)
        FROM unnest(i.indkey) WITH ORDINALITY AS k (att, ord)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.att)
       || CASE WHEN i.indisunique THEN '!' ELSE '' END AS columns
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = 'public'::regnamespace
"""


async def test_the_indexes_are_exactly_the_ones_of_the_application(database: Database) -> None:
    found: dict[str, set[str]] = {}
    async with connected(database.dsn) as watch:
        for row in await watch.fetch(_LIST):
            found.setdefault(row["name"], set()).add(row["columns"])
    assert found == INDEXES


async def test_ids_have_no_default_and_times_have_no_zone(database: Database) -> None:
    async with connected(database.dsn) as watch:
        columns = await watch.fetch(
            "SELECT column_name, data_type, column_default, datetime_precision "
            "FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name NOT LIKE 'pg_%'"
        )
    for column in columns:
        name = column["column_name"]
        if name in ("id", "updatedAt"):
            assert column["column_default"] is None
        if name == "id":
            assert column["data_type"] == "text"
        if name.endswith("At"):
            assert column["data_type"] == "timestamp without time zone"
            assert column["datetime_precision"] == 3


async def test_the_watch_sees_everything_and_changes_nothing(database: Database) -> None:
    async with connected(database.dsn) as watch:
        for table in INDEXES:
            assert await watch.fetchval(f'SELECT count(*) FROM "{table}"') == 0
        assert await watch.fetchval("SELECT count(*) FROM pg_stat_statements") > 0
        assert await watch.fetchval("SELECT pg_has_role('pg_monitor', 'member')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await watch.execute('DELETE FROM "Message"')


async def test_deleting_a_company_takes_its_leads_along(database: Database) -> None:
    async with connected(database.owner_dsn) as owner:
        await owner.execute(
            """INSERT INTO "Company" ("id", "name", "updatedAt") VALUES ('c1', 'A', now());
            INSERT INTO "Lead" ("id", "companyId", "phone", "updatedAt")
            VALUES ('l1', 'c1', '+15550100', now());
            DELETE FROM "Company";"""
        )
        assert await owner.fetchval('SELECT count(*) FROM "Lead"') == 0


def test_an_id_begins_with_the_time_of_its_making() -> None:
    at = 1_795_419_786.313  # 2026-11-23T07:43:06.313Z
    first, second = make_cuid(at), make_cuid(at)
    assert first.startswith("c" + base36(int(at * 1000), 8))
    assert len(first) == 25
    assert first != second
    assert make_cuid(at + 1) > first
