"""The application answers, logs and stores as the real one does, its oddities included."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import httpx
import pytest

from firstwatch.clock import ScaledClock
from rehearsal.app import Application
from rehearsal.applog import AppLog
from rehearsal.postgres import Server
from rehearsal.schema import connected
from rehearsal.serving import serving

TABLES = ("WebhookEvent", "Lead", "Conversation", "Message")
HOOK = "/api/webhooks/chatwoot"


class Database(Protocol):
    """What the fixture `database` gives."""

    dsn: str
    owner_dsn: str
    name: str


@dataclass
class Running:
    """An application with one tenant, and everything it leaves behind."""

    application: Application
    client: httpx.AsyncClient
    owner: Any
    log: Path
    clock: ScaledClock

    async def post(self, payload: object, query: str = "?companyId=c1") -> httpx.Response:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return await self.client.post(HOOK + query, content=body)

    async def rows(self) -> tuple[int, ...]:
        """How many rows each table of the flow holds."""
        return tuple([await self.owner.fetchval(f'SELECT count(*) FROM "{t}"') for t in TABLES])

    def heads(self) -> list[str]:
        """The first lines of all records but the banner's."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if line.startswith(("[", "prisma"))]


def incoming(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A message_created event of a customer."""
    return {
        "event": "message_created",
        "id": number,
        "content": "the site says error 500",
        "message_type": "incoming",
        "created_at": "2026-11-24T03:00:00.000Z",
        "sender": {"id": 7, "phone_number": "+15550142"},
        "conversation": {"id": 12, "meta": {"sender": {"phone_number": "+15550142"}}},
        **changed,
    }


@asynccontextmanager
async def _running(dsn: str, owner: Any, folder: Path) -> AsyncIterator[Running]:
    clock = ScaledClock(60, 1_795_000_000.0, time.time())
    log = AppLog(folder / "logs" / "app.log")
    application = Application(dsn, log, clock)
    try:
        async with serving(application) as url, httpx.AsyncClient(base_url=url) as client:
            yield Running(application, client, owner, log.path, clock)
    finally:
        await application.close()


@pytest.fixture
async def running(database: Database, tmp_path: Path) -> AsyncIterator[Running]:
    async with connected(database.owner_dsn) as owner:
        await owner.execute(
            """INSERT INTO "Company" ("id", "name", "whatsappBusinessNumber", "updatedAt")
            VALUES ('c1', 'Tenant A', '+15550101', now()), ('c2', 'Tenant B', NULL, now())"""
        )
        async with _running(database.owner_dsn, owner, tmp_path) as application:
            yield application


async def test_a_message_is_stored_with_the_times_of_the_request(running: Running) -> None:
    began = running.clock.now()
    answer = await running.post(incoming())
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert await running.rows() == (1, 1, 1, 1)
    assert running.heads() == ["[Chatwoot Webhook] Received: {"]
    message = await running.owner.fetchrow('SELECT * FROM "Message"')
    assert message["wabaMessageId"] == "chatwoot_1"
    assert message["sentAt"].isoformat() == "2026-11-24T03:00:00"
    event = await running.owner.fetchrow('SELECT * FROM "WebhookEvent"')
    assert event["processed"] is False
    lag = (message["createdAt"] - event["createdAt"]).total_seconds()
    assert 0 <= lag < 2  # real seconds, although the clock runs at sixty times the speed
    assert int(message["id"][1:9], 36) / 1000 >= began - 0.001
    lead = await running.owner.fetchrow('SELECT * FROM "Lead"')
    assert (lead["name"], lead["source"]) == ("+15550142", "API/Webhook")
    link = await running.owner.fetchval('SELECT "chatwootConversationId" FROM "Conversation"')
    assert link == "12"


async def test_the_same_message_again_is_a_200_and_an_error_record(running: Running) -> None:
    await running.post(incoming())
    assert (await running.post(incoming())).status_code == 200
    assert await running.rows() == (2, 1, 1, 1)
    assert [head.split(":")[0] for head in running.heads()] == [
        "[Chatwoot Webhook] Received",
        "[Chatwoot Webhook] Received",
        "prisma",
        "[WhatsApp] Process inbound error",
    ]
    text = running.log.read_text()
    assert "prisma:error \nInvalid `prisma.message.create()` invocation:\n\n\nUnique" in text
    assert "fields: (`wabaMessageId`)" in text
    assert "  code: 'P2002',\n" in text


@pytest.mark.parametrize(
    ("payload", "query", "status", "last_head", "rows"),
    (
        (incoming(message_type="outgoing"), "?companyId=c1", 200, "Received: {", (1, 0, 0, 0)),
        ({"event": "conversation_updated"}, "?companyId=c1", 200, "Received: {", (1, 0, 0, 0)),
        (incoming(), "", 400, "Received: {", (0, 0, 0, 0)),
        ({"id": 1}, "?companyId=c1", 400, "Received: {", (1, 0, 0, 0)),
        (b"{not json", "?companyId=c1", 500, "Error: SyntaxError", (0, 0, 0, 0)),
        (incoming(), "?companyId=c9", 200, "Company or WhatsApp number", (1, 0, 0, 0)),
        (incoming(), "?companyId=c2", 200, "Company or WhatsApp number", (1, 0, 0, 0)),
        (
            incoming(sender={}, conversation={"id": 1}),
            "?companyId=c1",
            200,
            "No phone number in message",
            (1, 0, 0, 0),
        ),
        (
            incoming(sender={"type": "agent", "phone_number": "+15550142"}),
            "?companyId=c1",
            200,
            "Ignoring agent/bot message",
            (1, 0, 0, 0),
        ),
        (incoming(created_at=1_795_000_000), "?companyId=c1", 200, "Received: {", (1, 1, 1, 1)),
    ),
)
async def test_every_case_has_its_status_its_record_and_its_rows(
    running: Running,
    payload: object,
    query: str,
    status: int,
    last_head: str,
    rows: tuple[int, ...],
) -> None:
    answer = await running.post(payload, query)
    assert answer.status_code == status
    assert running.heads()[-1].startswith(f"[Chatwoot Webhook] {last_head}")
    assert await running.rows() == rows


async def test_a_time_of_digits_in_a_text_loses_the_message_and_keeps_the_lead(
    running: Running,
) -> None:
    assert (await running.post(incoming(created_at="1795000000"))).status_code == 200
    assert await running.rows() == (1, 1, 1, 0)
    text = running.log.read_text()
    assert "[WhatsApp] Process inbound error: PrismaClientValidationError" in text
    assert 'sentAt: new Date("Invalid Date")' in text


async def test_a_time_in_seconds_is_stored_in_1970(running: Running) -> None:
    await running.post(incoming(created_at=1_795_000_000))
    sent = await running.owner.fetchval('SELECT "sentAt" FROM "Message"')
    assert sent.year == 1970


async def test_two_first_messages_at_once_can_make_two_leads(running: Running) -> None:
    asked = "/api/ai/pending-approvals?companyId=none"
    await asyncio.gather(*(running.client.get(asked) for _ in range(5)))  # opens the pool
    for trial in range(20):
        sender = {"phone_number": f"+155501{trial:02d}"}
        pair = [incoming(trial * 2 + n, sender=sender, conversation={}) for n in range(2)]
        await asyncio.gather(*(running.post(first) for first in pair))
    _, leads, conversations, messages = await running.rows()
    assert leads > 20
    assert conversations >= leads
    assert messages == 40


GETS: dict[str, tuple[int, object]] = {
    "/": (200, None),
    "/login": (200, None),
    "/compliance": (200, None),
    HOOK: (200, {"status": "Chatwoot webhook endpoint active"}),
    "/api/webhooks/evolution": (200, {"status": "Evolution webhook endpoint active"}),
    "/api/webhooks/whatsapp": (403, None),
    "/api/webhooks/whatsapp/meta": (403, None),
    "/api/auth/session": (401, {"session": None}),
    "/api/company/settings": (401, None),
    "/api/admin/settings/ai": (401, None),
    "/api/feedback/summary": (500, None),
    "/api/ai/pending-approvals?companyId=none": (200, {"success": True, "count": 0}),
    "/api/health": (404, None),
    "/api/company/me": (404, None),
    "/api/webhooks/bitrix": (405, None),
    "/api/webhooks/stripe": (405, None),
    "/api/campaigns": (405, None),
    "/api/campaigns/7": (405, None),
}


async def test_every_get_answers_as_the_real_one(running: Running) -> None:
    for path, (status, body) in GETS.items():
        answer = await running.client.get(path)
        assert (path, answer.status_code) == (path, status)
        assert body is None or answer.json() == body


async def test_other_pages_send_to_the_login_of_localhost(running: Running) -> None:
    answer = await running.client.get("/pricing")
    assert answer.status_code == 307
    assert answer.headers["location"].startswith("http://localhost:")
    assert answer.headers["location"].endswith("/login?redirect=%2Fpricing")


async def test_without_its_database_it_fails_at_once_but_still_greets(tmp_path: Path) -> None:
    async with Server(tmp_path / "postgres") as server:
        dsn = server.dsn("postgres")
        async with _running(dsn, None, tmp_path) as running:
            await server.stop()
            began = time.monotonic()
            assert (await running.post(incoming())).status_code == 500
            assert time.monotonic() - began < 1
            assert (await running.client.get(HOOK)).status_code == 200
            asked = await running.client.get("/api/ai/pending-approvals?companyId=none")
            assert asked.status_code == 500
            text = running.log.read_text()
    assert "[Chatwoot Webhook] Error: PrismaClientInitializationError" in text
    assert "Can't reach database server at `127.0.0.1:" in text
    assert "errorCode: 'P1001'" in text


async def test_a_pool_that_is_held_swallows_transactions_and_then_fails(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.prisma.MAX_WAIT", 0.1)
    monkeypatch.setattr("rehearsal.prisma.POOL_TIMEOUT", 0.3)
    await running.owner.execute('BEGIN; LOCK TABLE "Message" IN ACCESS EXCLUSIVE MODE')
    posts = [asyncio.create_task(running.post(incoming(n))) for n in range(12)]
    done, _ = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED, timeout=4)
    assert {post.result().status_code for post in done} <= {200, 500}
    await running.owner.execute("ROLLBACK")
    statuses = {answer.status_code for answer in await asyncio.gather(*posts)}
    assert statuses <= {200, 500}
    text = running.log.read_text()
    assert "code: 'P2028'" in text or "code: 'P2024'" in text


async def test_the_log_survives_both_rotations(running: Running) -> None:
    log = running.application.log
    await running.post({"event": "typing"})
    before = running.log.stat().st_ino
    log.rotate_by_rename()
    assert running.log.stat().st_ino != before
    assert "Received" in running.log.with_name("app.log.1").read_text()
    log.write("one")
    log.rotate_by_truncation()
    assert running.log.stat().st_size == 0
    log.write("two")
    assert running.log.read_bytes() == b"\0\0\0\0two\n"


async def test_the_watch_can_see_but_not_touch_the_applications_rows(
    running: Running, database: Database
) -> None:
    await running.post(incoming())
    async with connected(database.dsn) as watch:
        assert await watch.fetchval('SELECT count(*) FROM "Message"') == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await watch.execute('DELETE FROM "Message"')
