"""The stand-in for Chatwoot: it knows what customers sent, and tells the application once.

Like the real one it delivers an account's webhook with one POST, waits five seconds, and
never tries again. What the application lost can therefore be seen here, and only here.
"""

import asyncio
import contextlib
import itertools
import json
import random
import uuid
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import httpx

from firstwatch.clock import Clock
from rehearsal.app import STARTED_HEADER
from rehearsal.chatwoot_payloads import conversation_payload, message_payload
from rehearsal.evolution import upsert_payload
from rehearsal.moments import Stamp
from rehearsal.talks import Account, Kind, Said, Talk
from rehearsal.whatsapp import WhatsApp

WEBHOOK_TIMEOUT: Final = 5.0
"""Real seconds Chatwoot waits for an answer."""
WORKERS: Final = 8
"""How many jobs of the queue are worked on at once."""
SEARCHES: Final = 100
"""How many contacts one account may search in a minute of the clock."""


class Token(StrEnum):
    """What an access token is good for."""

    ADMINISTRATOR = "administrator"
    AGENT = "agent"
    """Reports and webhooks are refused."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class _Job:
    """One event in Chatwoot's queue."""

    account: Account
    talk: Talk
    event: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Held:
    """A customer's message that Meta keeps while Chatwoot is down."""

    account: Account
    talk: Talk
    content: str
    at: float
    opens: bool


class Chatwoot:
    """All accounts of the installation, the way to the application, and the levers on both."""

    def __init__(self, companies: Iterable[tuple[str, str]], clock: Clock, seed: int) -> None:
        self.clock = clock
        self.accounts = {
            number: Account(number, name, company)
            for number, (company, name) in enumerate(companies, 1)
        }
        for account in self.accounts.values():
            account.restore_hooks()
        self.webhook_base = ""
        """The application's address; nothing is delivered while it is empty."""
        self.whatsapp = WhatsApp()
        self.token = Token.ADMINISTRATOR
        """What the tokens of the watch and of the application are still good for."""
        self.searches = SEARCHES
        """Contacts that one account may still search in a minute."""
        self.is_mirrored = False
        """The tenants' numbers are connected to Evolution as well."""
        self.is_down = False
        self.is_queueing = False
        """Webhooks wait in the queue; nobody works on it."""
        self._searched: dict[int, deque[float]] = defaultdict(deque)
        self._queue: deque[_Job] = deque()
        self._held: list[_Held] = []
        self._draining: asyncio.Task[None] | None = None
        self._chance = random.Random(seed)
        self._ids = itertools.count(5001)
        self._client = httpx.AsyncClient(
            verify=False,  # noqa: S501 - plain HTTP on the loopback interface
            trust_env=False,
            timeout=WEBHOOK_TIMEOUT,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=60),
        )

    def open_talk(self, account: Account, name: str, phone: str, at: float) -> Talk:
        """A new customer's conversation."""
        talk = Talk(len(account.talks) + 1, name, phone, at)
        account.talks[talk.id] = talk
        return talk

    def say(self, account: Account, talk: Talk, kind: Kind, content: str, at: float) -> Said:
        """Record a message. Times must not go back within an account."""
        delivered = at + self._chance.uniform(2, 20)
        read = delivered + self._chance.uniform(20, 300)
        said = Said(next(self._ids), kind, content, at)
        if error := self.whatsapp.refusal(talk, kind, at, self._chance):
            said = Said(said.id, kind, content, at, external_error=error)
        elif kind is not Kind.INCOMING:
            seen = read if self._chance.random() < 0.7 else float("inf")
            said = Said(said.id, kind, content, at, delivered, seen)
        talk.messages.append(said)
        account.times[kind].append(at)
        return said

    async def send(
        self, account: Account, talk: Talk, kind: Kind, content: str, *, opens: bool = False
    ) -> None:
        """Record a message now and tell the application; `opens` announces the conversation too.

        While Chatwoot is down nobody can reply, and Meta keeps what customers write.
        """
        now = self.clock.now()
        if self.is_down:
            if kind is Kind.INCOMING:
                self._held.append(_Held(account, talk, content, now, opens))
            return
        said = self.say(account, talk, kind, content, now)
        for job in self._told(account, talk, said, opens=opens):
            await self._deliver(job)
        if self.is_mirrored and kind is not Kind.INCOMING:
            await self._mirror(account, talk, said)

    async def notify(self, account: Account, talk: Talk, event: str) -> None:
        """Tell the application about a conversation, or the last message of it."""
        now = self.clock.now()
        payload = conversation_payload(account, talk, now)
        if event == "message_updated" and talk.messages:
            payload = message_payload(account, talk, talk.messages[-1], now)
        if not self.is_down:
            await self._deliver(_Job(account, talk, event, payload))

    def refuses_send(self, account: Account, at: float) -> int:
        """The status with which a message the application sends then is refused; 0 if it is taken.

        The application searches the contact of every message it sends.
        """
        if self.is_down:
            return 502
        if self.token is Token.EXPIRED:
            return 401
        return 0 if self.search(account, at) else 429

    def search(self, account: Account, at: float) -> bool:
        """Use up one search for a contact; False if those of the minute before are used up."""
        searched = self._searched[account.id]
        while searched and searched[0] <= at - 60:
            searched.popleft()
        if len(searched) >= self.searches:
            return False
        searched.append(at)
        return True

    def resume(self) -> None:
        """Be there again: what Meta has kept comes in with its old times, and the queue drains."""
        self.is_down = False
        held, self._held = self._held, []
        for kept in held:
            said = self.say(kept.account, kept.talk, Kind.INCOMING, kept.content, kept.at)
            self._queue += self._told(kept.account, kept.talk, said, opens=kept.opens)
        self.is_queueing = bool(self._queue)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())

    async def close(self) -> None:
        """Close the connections to the application."""
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)
        await self._client.aclose()

    def _told(self, account: Account, talk: Talk, said: Said, *, opens: bool) -> list[_Job]:
        """The events that one message makes."""
        payload = message_payload(account, talk, said, said.at)
        made = _Job(account, talk, "message_created", payload)
        if not opens:
            return [made]
        payload = conversation_payload(account, talk, said.at)
        return [_Job(account, talk, "conversation_created", payload), made]

    async def _drain(self) -> None:
        """Work off the queue, some talks at once, each in order; what comes meanwhile waits."""
        while self._queue:
            await asyncio.gather(*(self._post(job) for job in self._next_jobs()))
        self.is_queueing = False

    def _next_jobs(self) -> list[_Job]:
        """The next few jobs, as long as they are about different talks."""
        jobs: list[_Job] = []
        while self._queue and len(jobs) < WORKERS:
            if any(self._queue[0].talk is job.talk for job in jobs):
                break
            jobs.append(self._queue.popleft())
        return jobs

    async def _deliver(self, job: _Job) -> None:
        if self.is_queueing:
            self._queue.append(job)
        else:
            await self._post(job)

    async def _post(self, job: _Job) -> None:
        """Deliver once to every webhook that is subscribed, whatever comes of it."""
        if not self.webhook_base:
            return
        body = {"event": job.event, **job.payload}
        for hook in tuple(job.account.hooks):
            if job.event in hook.subscriptions:
                await self._send_to(hook.path, body)

    async def _mirror(self, account: Account, talk: Talk, said: Said) -> None:
        """Evolution sees our own message on the number, and tells it as one that has come in."""
        body = upsert_payload(talk.phone, said.id, said.content, said.at)
        await self._send_to(f"/api/webhooks/evolution?companyId={account.company}", body)

    async def _send_to(self, path: str, body: dict[str, Any]) -> None:
        headers = {
            "content-type": "application/json",
            "x-chatwoot-delivery": str(uuid.uuid4()),
            STARTED_HEADER: repr(Stamp(self.clock.now()).now()),
        }
        content = json.dumps(body, ensure_ascii=False).encode()
        with contextlib.suppress(httpx.HTTPError):
            await self._client.post(self.webhook_base + path, content=content, headers=headers)
