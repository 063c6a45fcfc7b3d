"""Evolution, a second bridge to WhatsApp, and the application's webhook route for it.

The route does not ask who wrote: a message of our own comes back as one of the customer's.
It stores phones without their "+", so its leads are not those of the Chatwoot route.
"""

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.applog import AppLog
from rehearsal.inbound import Inbound, Incoming
from rehearsal.moments import Stamp
from rehearsal.prisma import PrismaError

SOURCE: Final = "EVOLUTION"


def upsert_payload(phone: str, number: int, content: str, at: float) -> dict[str, Any]:
    """A message on the connected number, ours or the customer's, as Evolution tells it."""
    return {
        "event": "messages.upsert",
        "instance": "application",
        "data": {
            "key": {
                "remoteJid": f"{phone.lstrip('+')}@s.whatsapp.net",
                "fromMe": True,
                "id": f"3EB0{number:012X}",
            },
            "message": {"conversation": content},
            "messageType": "conversation",
            "messageTimestamp": int(at),
        },
    }


class EvolutionWebhook:
    """POST /api/webhooks/evolution."""

    def __init__(self, inbound: Inbound, log: AppLog) -> None:
        self._inbound = inbound
        self._log = log

    async def answer(self, request: Request, stamp: Stamp) -> Response:
        """Answer one delivery."""
        try:
            payload = json.loads(await request.body())
            await self._take(payload, request.query_params.get("companyId", ""), stamp)
        except (PrismaError, ValueError, TypeError, KeyError) as error:
            self._log.write(f"[Evolution Webhook] Error: {type(error).__name__}")
            return JSONResponse({"error": "Internal server error"}, 500)
        return JSONResponse({"success": True})

    async def _take(self, payload: dict[str, Any], company: str, stamp: Stamp) -> None:
        shown = json.dumps(payload, indent=2, ensure_ascii=False)
        self._log.write(f"[Evolution Webhook] Received: {shown}")
        await self._inbound.keep(SOURCE, company, payload["event"], json.dumps(payload), stamp)
        if payload["event"] != "messages.upsert":
            return
        key, said = payload["data"]["key"], payload["data"]["message"]
        phone = key["remoteJid"].partition("@")[0]
        incoming = Incoming(
            phone,
            f"evolution_{key['id']}",
            said["conversation"],
            payload["data"]["messageTimestamp"],
        )
        await self._inbound.receive(company, incoming, stamp)
