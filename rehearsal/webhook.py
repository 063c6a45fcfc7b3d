"""The application's webhook route for Chatwoot, with everything it swallows.

An answer of 200 does not mean that the message was stored.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.applog import AppLog
from rehearsal.inbound import Inbound, Incoming
from rehearsal.moments import Stamp, naive, read_js_date
from rehearsal.prisma import Pool, PrismaError

_ROUTE: Final = "/srv/app/.next/server/app/api/webhooks/chatwoot/route.js"
STACK: Final = (
    f"    at POST ({_ROUTE}:1:2841)\n"
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"
)
_LINK: Final = """UPDATE "Conversation" SET "chatwootConversationId" = $2, "updatedAt" = $3
    WHERE "leadId" IN (SELECT "id" FROM "Lead" WHERE "companyId" = $1 AND "phone" = $4)"""


def _at(payload: object, *keys: str) -> Any:
    """A value deep inside JSON, or None."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload


class ChatwootWebhook:
    """POST /api/webhooks/chatwoot."""

    def __init__(self, pool: Pool, inbound: Inbound, log: AppLog) -> None:
        self._pool = pool
        self._inbound = inbound
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
        await self._inbound.keep("CHATWOOT", company, event or "unknown", body.decode(), stamp)
        if not event:
            return JSONResponse({"error": "Missing event"}, 400)
        if event == "message_created" and payload.get("message_type") == "incoming":
            await self._receive(company, payload, stamp)
        return JSONResponse({"success": True})

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
        raw = payload.get("created_at")
        sent = stamp.now() if raw is None else read_js_date(raw)
        waba = f"chatwoot_{payload.get('id')}"
        incoming = Incoming(phone, waba, payload.get("content"), sent)
        if not await self._inbound.receive(company, incoming, stamp):
            self._log.write("[Chatwoot Webhook] Company or WhatsApp number not found")
            return
        link = str(_at(payload, "conversation", "id"))
        values = (company, link, naive(stamp.now()), phone)
        await self._pool.rows("conversation.updateMany", _LINK, *values)
