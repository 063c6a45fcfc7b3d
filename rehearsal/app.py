"""The application under watch: the routes that answer without a login, and the webhook.

Statuses, bodies and log records are those of the real one, oddities included: pages redirect
to a login on `localhost`, one summary always fails, an unknown webhook company is a 200.
"""

import asyncio
import contextlib
import itertools
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from firstwatch.clock import Clock
from rehearsal.applog import AppLog
from rehearsal.evolution import EvolutionWebhook
from rehearsal.inbound import Inbound
from rehearsal.moments import Stamp
from rehearsal.prisma import CONNECTION_LIMIT, Pool, PrismaError
from rehearsal.webhook import ChatwootWebhook

STARTED_HEADER: Final = "x-rehearsal-time"
"""The time at which a delivery set out; from there on it runs in real seconds."""
_BREATHS: Final = (0.002, 0.015, 0.005)
"""Real seconds between the slow queries of one batch, in turn."""
_PUBLIC: Final = ("/", "/login", "/signup", "/contact", "/compliance")
_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>{0}</title></head><body><main>{0}</main></body></html>"
)
_FIXED: Final[dict[str, tuple[int, Any]]] = {
    "/api/webhooks/whatsapp": (403, {"error": "Verification failed"}),
    "/api/auth/session": (401, {"session": None}),
    "/api/company/settings": (401, {"error": "Unauthorized"}),
    "/api/admin/settings/{name:path}": (401, {"error": "Unauthorized"}),
    "/api/webhooks/bitrix": (405, None),
    "/api/webhooks/stripe": (405, None),
    "/api/campaigns": (405, None),
    "/api/campaigns/{name:path}": (405, None),
    "/api/{name:path}": (404, None),
}
_SUMMARY_ERROR: Final = (
    "Error fetching feedback summary: Error: Dynamic server usage: Route /api/feedback/summary "
    "couldn't be rendered statically because it used `headers`.\n"
    "    at GET (/srv/app/.next/server/app/api/feedback/summary/route.js:1:1204)"
)
_APPROVALS: Final = """SELECT count(*) AS count FROM "Message" m
    JOIN "Conversation" c ON c."id" = m."conversationId"
    WHERE c."companyId" = $1 AND m."direction" = 'OUTBOUND' AND m."sentAt" IS NULL"""


class Application:
    """The application, as an ASGI callable, with the levers that scenarios pull."""

    def __init__(self, dsn: str, log: AppLog, clock: Clock) -> None:
        self.log = log
        self.pool = Pool(dsn, log.write)
        self.inbound = Inbound(self.pool, log)
        self.webhook = ChatwootWebhook(self.pool, self.inbound, log)
        self._evolution = EvolutionWebhook(self.inbound, log)
        self.delays: dict[str, float] = {}
        """Real seconds that each of these paths takes longer."""
        self._clock = clock
        self._hogs: list[asyncio.Task[None]] = []
        self._router = Starlette(routes=self._routes())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if delay := self.delays.get(scope.get("path", "")):
            await asyncio.sleep(delay)
        await self._router(scope, receive, send)

    def hog_pool(self, batches: int, seconds: float) -> None:
        """Fill the pool with slow queries, over and over, so many times over at once.

        One batch leaves the others short breaths between its queries, in which a webhook gets
        a few of its own done; the next has to wait for a whole query. With several batches the
        wait is theirs together.
        """
        self._hogs += [asyncio.create_task(self._hog(seconds)) for _ in range(batches)]

    async def release_pool(self) -> None:
        """End the slow queries."""
        hogs, self._hogs = self._hogs, []
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)

    async def close(self) -> None:
        """Let go of the database and the log."""
        await self.release_pool()
        await self.pool.close()
        self.log.close()

    async def _hog(self, seconds: float) -> None:
        for breath in itertools.cycle(_BREATHS):
            await asyncio.gather(*(self._query_slowly(seconds) for _ in range(CONNECTION_LIMIT)))
            await asyncio.sleep(breath)

    async def _query_slowly(self, seconds: float) -> None:
        with contextlib.suppress(PrismaError):
            await self.pool.rows("lead.findMany", "SELECT pg_sleep($1)::text", seconds)

    def _routes(self) -> list[Route]:
        return [
            *(Route(path, _page) for path in _PUBLIC),
            Route("/api/webhooks/chatwoot", self._webhook, methods=["GET", "POST"]),
            Route("/api/webhooks/evolution", self._webhook_of_evolution, methods=["GET", "POST"]),
            Route("/api/webhooks/whatsapp/meta", self._meta),
            Route("/api/feedback/summary", self._summary),
            Route("/api/ai/pending-approvals", self._approvals),
            *(Route(path, _fixed(*answer)) for path, answer in _FIXED.items()),
            Route("/{name:path}", _login),
        ]

    async def _webhook(self, request: Request) -> Response:
        if request.method != "POST":
            return JSONResponse({"status": "Chatwoot webhook endpoint active"})
        return await self.webhook.answer(request, self._stamp(request))

    async def _webhook_of_evolution(self, request: Request) -> Response:
        if request.method != "POST":
            return JSONResponse({"status": "Evolution webhook endpoint active"})
        return await self._evolution.answer(request, self._stamp(request))

    def _stamp(self, request: Request) -> Stamp:
        set_out = request.headers.get(STARTED_HEADER)
        return Stamp(float(set_out) if set_out else self._clock.now())

    async def _meta(self, _request: Request) -> Response:
        self.log.write("[Meta Webhook] Verification failed")
        return JSONResponse({"error": "Verification failed"}, 403)

    async def _summary(self, _request: Request) -> Response:
        self.log.write(_SUMMARY_ERROR)
        return JSONResponse({"error": "Failed to fetch feedback summary"}, 500)

    async def _approvals(self, request: Request) -> Response:
        company = request.query_params.get("companyId", "")
        try:
            found = await self.pool.rows("message.findMany", _APPROVALS, company)
        except PrismaError:
            return JSONResponse({"error": "Failed to fetch pending approvals"}, 500)
        return JSONResponse({"success": True, "count": found[0]["count"]})


async def _page(request: Request) -> Response:
    return HTMLResponse(_PAGE.format(request.url.path))


async def _login(request: Request) -> Response:
    path = quote(request.url.path, safe="")
    place = f"http://localhost:{request.url.port or 80}"
    return RedirectResponse(f"{place}/login?redirect={path}", 307)


def _fixed(status: int, body: Any) -> Any:
    async def answer(_request: Request) -> Response:
        return Response(status_code=status) if body is None else JSONResponse(body, status)

    return answer
