"""The part of Chatwoot's API that a watch may ask, over the stand-in's memory."""

import inspect
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rehearsal.chatwoot import Chatwoot, Token
from rehearsal.chatwoot_payloads import conversation_payload, pushed, sender_of
from rehearsal.people import business_number
from rehearsal.talks import SUBSCRIBABLE, Account, Hook, Kind

_METRICS: Final = {
    "incoming_messages_count": Kind.INCOMING,
    "outgoing_messages_count": Kind.OUTGOING,
}
_BUCKETS: Final = {"hour": 3600, "day": 86_400}
_PAGE: Final = 25
_LATEST: Final = 20
Answer = Callable[[Account, Request], Any]
_INVALID: Final = {"message": "Subscriptions Invalid events", "attributes": ["subscriptions"]}
_NO_URL: Final = {"error": "found unpermitted parameter: :url"}


class ChatwootApi:
    """The routes, as an ASGI callable; everything but `/api` wants the token.

    All of it is only read, but for what a webhook is subscribed to. Webhooks and reports want
    the token of an administrator; others are answered 401, as Chatwoot answers whoever may not.
    """

    def __init__(self, chatwoot: Chatwoot, token: str) -> None:
        self._chatwoot = chatwoot
        self._token = token
        one, two = "/api/v1/accounts/{account:int}", "/api/v2/accounts/{account:int}"
        talk = one + "/conversations/{talk:int}"
        self._router = Starlette(
            routes=[
                Route("/api", self._alive),
                Route(f"{one}/webhooks", self._guarded(self._webhooks, admin=True)),
                Route(
                    f"{one}/webhooks/{{hook:int}}",
                    self._guarded(self._change, admin=True),
                    methods=["PATCH"],
                ),
                Route(f"{one}/contacts/search", self._guarded(self._search)),
                Route(f"{one}/conversations", self._guarded(self._conversations)),
                Route(f"{one}/conversations/meta", self._guarded(self._meta)),
                Route(f"{talk}/messages", self._guarded(self._messages)),
                Route(f"{one}/inboxes/{{inbox:int}}", self._guarded(self._inbox)),
                Route(f"{one}/inboxes/{{inbox:int}}/health", self._guarded(self._health)),
                Route(f"{two}/reports", self._guarded(self._reports, admin=True)),
            ]
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        down = PlainTextResponse("502 Bad Gateway", 502)
        await (down if self._chatwoot.is_down else self._router)(scope, receive, send)

    def _guarded(
        self, answer: Answer, *, admin: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            headers = request.headers
            given = headers.get("api-access-token") or headers.get("api_access_token")
            good_for = self._chatwoot.token
            if given != self._token or good_for is Token.EXPIRED:
                return JSONResponse({"error": "Invalid Access Token"}, 401)
            if admin and good_for is not Token.ADMINISTRATOR:
                return JSONResponse({"error": "You are not authorized to do this action"}, 401)
            account = self._chatwoot.accounts.get(request.path_params["account"])
            body = None if account is None else answer(account, request)
            body = await body if inspect.isawaitable(body) else body
            if body is None:
                return JSONResponse({"error": "Resource could not be found"}, 404)
            if isinstance(body, Response):
                return body
            return JSONResponse(body, 422 if "error" in body else 200)

        return endpoint

    async def _alive(self, _request: Request) -> Response:
        shown = datetime.fromtimestamp(self._chatwoot.clock.now(), UTC)
        return JSONResponse(
            {
                "version": "4.8.0",
                "timestamp": shown.strftime("%Y-%m-%d %H:%M:%S"),
                "queue_services": "failing" if self._chatwoot.is_queueing else "ok",
                "data_services": "ok",
            }
        )

    def _webhooks(self, account: Account, _request: Request) -> Any:
        return {"payload": {"webhooks": [self._shown(account, hook) for hook in account.hooks]}}

    async def _change(self, account: Account, request: Request) -> Any:
        """What a webhook is subscribed to from now on; its address stays, and it has no switch.

        What happens while it is subscribed to nothing of it is not told later.
        """
        number = request.path_params["hook"]
        hook = next((hook for hook in account.hooks if hook.id == number), None)
        wanted = await _wanted(request)
        if hook is None:
            return None
        if "url" in wanted:
            return JSONResponse(_NO_URL, 422)
        events = wanted.get("subscriptions", list(hook.subscriptions))
        is_list = isinstance(events, list) and all(isinstance(event, str) for event in events)
        if not is_list or not events or not SUBSCRIBABLE.issuperset(events):
            return JSONResponse(_INVALID, 422)
        hook.subscriptions = tuple(events)
        return {"payload": {"webhook": self._shown(account, hook)}}

    def _shown(self, account: Account, hook: Hook) -> dict[str, Any]:
        return {
            "id": hook.id,
            "name": "application",
            "url": self._chatwoot.webhook_base + hook.path,
            "account_id": account.id,
            "subscriptions": list(hook.subscriptions),
            "secret": "made-up-webhook-secret",
            "inbox": {"id": account.inbox, "name": f"{account.name} WhatsApp"},
        }

    def _search(self, account: Account, request: Request) -> Any:
        if not self._chatwoot.search(account, self._chatwoot.clock.now()):
            return PlainTextResponse("Retry later\n", 429)
        asked = request.query_params.get("q", "")
        found = [sender_of(talk) for talk in account.talks.values() if talk.phone == asked]
        return {"meta": {"count": len(found), "current_page": 1}, "payload": found}

    def _meta(self, account: Account, request: Request) -> Any:
        total = len(account.talks) if _is_its_inbox(account, request, "inbox_id") else 0
        counts = {"mine_count": 0, "assigned_count": 0, "unassigned_count": total}
        return {"meta": {**counts, "all_count": total}}

    def _conversations(self, account: Account, request: Request) -> Any:
        page = int(request.query_params.get("page", "1"))
        is_there = _is_its_inbox(account, request, "inbox_id")
        newest = sorted(account.talks.values(), key=lambda talk: talk.active_at, reverse=True)
        shown = newest[(page - 1) * _PAGE : page * _PAGE] if is_there else []
        now = self._chatwoot.clock.now()
        payload = [conversation_payload(account, talk, now) for talk in shown]
        counts = {"mine_count": 0, "unassigned_count": len(newest), "all_count": len(newest)}
        return {"data": {"meta": counts, "payload": payload}}

    def _messages(self, account: Account, request: Request) -> Any:
        talk = account.talks.get(request.path_params["talk"])
        if talk is None:
            return None
        after = int(request.query_params.get("after", "0"))
        before = int(request.query_params.get("before", "0"))
        chosen = [
            said for said in talk.messages if said.id > after and (not before or said.id < before)
        ]
        limit = 1000 if after and before else 100
        chosen = chosen[:limit] if after else chosen[-_LATEST:]
        now = self._chatwoot.clock.now()
        meta: dict[str, Any] = {"labels": [], "contact": sender_of(talk), "assignee": None}
        return {"meta": meta, "payload": [pushed(talk, said, now) for said in chosen]}

    def _inbox(self, account: Account, request: Request) -> Any:
        if request.path_params["inbox"] != account.inbox:
            return None
        return {
            "id": account.inbox,
            "name": f"{account.name} WhatsApp",
            "channel_type": "Channel::Whatsapp",
            "provider": "whatsapp_cloud",
            "phone_number": business_number(account.id),
            "webhook_url": None,
            "reauthorization_required": self._chatwoot.whatsapp.is_logged_out,
        }

    def _health(self, account: Account, request: Request) -> Any:
        if request.path_params["inbox"] != account.inbox:
            return None
        whatsapp = self._chatwoot.whatsapp
        if whatsapp.is_logged_out:
            return {"error": "Error validating access token: Session has expired"}
        expected = f"https://chatwoot.example.com/webhooks/whatsapp/{business_number(account.id)}"
        return {
            "display_phone_number": business_number(account.id),
            "quality_rating": whatsapp.quality,
            "messaging_limit_tier": whatsapp.tier,
            "status": whatsapp.status,
            "throughput": {"level": "STANDARD"},
            "webhook_configuration": {"whatsapp_business_account": expected},
            "expected_webhook_url": expected,
        }

    def _reports(self, account: Account, request: Request) -> Any:
        asked = request.query_params
        kind = _METRICS.get(asked.get("metric", ""))
        if kind is None:
            return {"error": "Invalid metric"}
        since, until = float(asked.get("since", "0")), float(asked.get("until", "inf"))
        until = min(until, self._chatwoot.clock.now())
        is_there = asked.get("type") != "inbox" or _is_its_inbox(account, request, "id")
        size = _BUCKETS.get(asked.get("group_by", "day"), 86_400)
        starts = range(int(since // size) * size, int(until) + 1, size)
        return [
            {
                "value": account.count(kind, max(since, start), min(until, start + size))
                * is_there,
                "timestamp": start,
            }
            for start in starts
        ]


async def _wanted(request: Request) -> dict[str, Any]:
    """What is asked for a webhook; nothing where it cannot be read."""
    try:
        asked = json.loads(await request.body())["webhook"]
    except (ValueError, KeyError, TypeError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _is_its_inbox(account: Account, request: Request, parameter: str) -> bool:
    asked = request.query_params.get(parameter)
    return asked is None or asked == str(account.inbox)
