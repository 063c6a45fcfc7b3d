"""The application's webhook route for Chatwoot, with everything it swallows.

An answer of 200 does not mean that the message was stored: whatever fails while it is
processed is logged and forgotten. Leads are searched, then made, so two first messages of one
customer that arrive together make two leads.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.applog import AppLog
from rehearsal.cuid import make_cuid
from rehearsal.moments import Stamp, naive, read_js_date
from rehearsal.prisma import Pool, PrismaError, invalid

_ROUTE: Final = "/srv/app/.next/server/app/api/webhooks/chatwoot/route.js"
STACK: Final = (
    f"    at POST ({_ROUTE}:1:2841)\n"
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"
)
_ADD_EVENT: Final = """INSERT INTO "WebhookEvent"
    ("id", "companyId", "source", "eventType", "payload", "createdAt")
    VALUES ($1, $2, 'CHATWOOT', $3, $4, $5)"""
_ADD_LEAD: Final = """INSERT INTO "Lead"
    ("id", "companyId", "phone", "name", "source", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $3, 'API/Webhook', $4, $4)"""
_RENAME_LEAD: Final = 'UPDATE "Lead" SET "name" = "phone", "updatedAt" = $2 WHERE "id" = $1'
_ADD_CONVERSATION: Final = """INSERT INTO "Conversation"
    ("id", "companyId", "leadId", "whatsappNumber", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, $5)"""
_ADD_MESSAGE: Final = """INSERT INTO "Message"
    ("id", "conversationId", "direction", "body", "wabaMessageId", "sentAt",
     "createdAt", "updatedAt")
    VALUES ($1, $2, 'INBOUND', $3, $4, $5, $6, $6)"""
_TOUCH: Final = """UPDATE "Conversation"
    SET "lastMessageAt" = $2, "lastDirection" = 'INBOUND', "updatedAt" = $2 WHERE "id" = $1"""
_LINK: Final = """UPDATE "Conversation" SET "chatwootConversationId" = $2, "updatedAt" = $3
    WHERE "leadId" IN (SELECT "id" FROM "Lead" WHERE "companyId" = $1 AND "phone" = $4)"""


def _at(payload: object, *keys: str) -> Any:
    """A value deep inside JSON, or None."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload


class ChatwootWebhook:
    """POST /api/webhooks/chatwoot."""

    def __init__(self, pool: Pool, log: AppLog) -> None:
        self._pool = pool
        self._log = log
        self.is_broken = False
        """A bad deploy: every POST fails before anything is stored."""

    async def answer(self, request: Request, stamp: Stamp) -> Response:
        """Answer one delivery; whatever is raised becomes a 500 and one error record."""
        try:
            return await self._take(await request.body(), request, stamp)
        except json.JSONDecodeError as error:
            shown = error.doc[:20].replace("\n", " ")
            why = f'SyntaxError: Unexpected token in JSON, "{shown}"... is not valid JSON\n{STACK}'
        except PrismaError as error:
            why = error.inspect()
        except TypeError as error:
            why = f"TypeError: {error}\n{STACK}"
        self._log.write(f"[Chatwoot Webhook] Error: {why}")
        return JSONResponse({"error": "Internal server error"}, 500)

    async def _take(self, body: bytes, request: Request, stamp: Stamp) -> Response:
        payload = json.loads(body)
        shown = json.dumps(payload, indent=2, ensure_ascii=False)
        self._log.write(f"[Chatwoot Webhook] Received: {shown}")
        if self.is_broken:
            raise TypeError("Cannot read properties of undefined (reading 'phone_number')")
        company = request.query_params.get("companyId")
        if not company:
            return JSONResponse({"error": "Missing companyId"}, 400)
        event = _at(payload, "event")
        await self._store(company, event or "unknown", body, stamp)
        if not event:
            return JSONResponse({"error": "Missing event"}, 400)
        if event == "message_created" and payload.get("message_type") == "incoming":
            await self._receive(company, payload, stamp)
        return JSONResponse({"success": True})

    async def _store(self, company: str, event: str, body: bytes, stamp: Stamp) -> None:
        now = stamp.now()
        values = (make_cuid(now), company, event, body.decode(), naive(now))
        await self._pool.rows("webhookEvent.create", _ADD_EVENT, *values)

    async def _receive(self, company: str, payload: Mapping[str, Any], stamp: Stamp) -> None:
        if _at(payload, "sender", "type") in ("agent", "agent_bot"):
            self._log.write("[Chatwoot Webhook] Ignoring agent/bot message")
            return
        phone = _at(payload, "conversation", "meta", "sender", "phone_number") or _at(
            payload, "sender", "phone_number"
        )
        if not phone:
            self._log.write("[Chatwoot Webhook] No phone number in message")
            return
        ask = 'SELECT "whatsappBusinessNumber" AS number FROM "Company" WHERE "id" = $1'
        found = await self._pool.rows("company.findUnique", ask, company)
        if not found or not found[0]["number"]:
            self._log.write("[Chatwoot Webhook] Company or WhatsApp number not found")
            return
        try:
            await self._process(company, found[0]["number"], phone, payload, stamp)
        except PrismaError as error:
            self._log.write(f"[WhatsApp] Process inbound error: {error.inspect()}")
        link = str(_at(payload, "conversation", "id"))
        values = (company, link, naive(stamp.now()), phone)
        await self._pool.rows("conversation.updateMany", _LINK, *values)

    async def _process(
        self, company: str, number: str, phone: str, payload: Mapping[str, Any], stamp: Stamp
    ) -> None:
        lead = await self._lead(company, phone, stamp)
        conversation = await self._conversation(company, lead, number, stamp)
        raw = payload.get("created_at")
        sent = stamp.now() if raw is None else read_js_date(raw)
        if sent is None:
            raise self._invalid_date(conversation)
        now = stamp.now()
        moment = naive(now)
        waba = f"chatwoot_{payload.get('id')}"
        values = (conversation, payload.get("content"), waba, naive(sent), moment)
        async with self._pool.transaction("message.create") as transaction:
            await transaction.execute(_ADD_MESSAGE, make_cuid(now), *values)
            await transaction.execute(_TOUCH, conversation, moment)

    async def _lead(self, company: str, phone: str, stamp: Stamp) -> str:
        ask = 'SELECT "id" FROM "Lead" WHERE "companyId" = $1 AND "phone" = $2 LIMIT 1'
        found = await self._pool.rows("lead.findFirst", ask, company, phone)
        now = stamp.now()
        if found:
            lead = str(found[0]["id"])
            await self._pool.rows("lead.update", _RENAME_LEAD, lead, naive(now))
            return lead
        lead = make_cuid(now)
        await self._pool.rows("lead.create", _ADD_LEAD, lead, company, phone, naive(now))
        return lead

    async def _conversation(self, company: str, lead: str, number: str, stamp: Stamp) -> str:
        ask = """SELECT "id" FROM "Conversation"
            WHERE "leadId" = $1 AND "status" = 'ACTIVE' LIMIT 1"""
        if found := await self._pool.rows("conversation.findFirst", ask, lead):
            return str(found[0]["id"])
        now = stamp.now()
        values = (make_cuid(now), company, lead, number, naive(now))
        await self._pool.rows("conversation.create", _ADD_CONVERSATION, *values)
        return values[0]

    def _invalid_date(self, conversation: str) -> PrismaError:
        data = (
            f'{{\n  data: {{\n    conversationId: "{conversation}",\n    direction: "INBOUND",\n'
            '    sentAt: new Date("Invalid Date"),\n            ~~~~~~~~~~~~~~~~~~~~~~~~\n  }\n}'
        )
        why = "Invalid value for argument `sentAt`: Provided Date object is invalid. Expected Date."
        text = invalid("message.create", f"{data}\n\n{why}").replace(":\n\n\n{", ":\n\n{")
        self._log.write(f"prisma:error {text}")
        return PrismaError("PrismaClientValidationError", text)
