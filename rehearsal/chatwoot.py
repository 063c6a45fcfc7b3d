"""The stand-in for Chatwoot: it knows what customers sent, and tells the application once.

Like the real one it delivers an account's webhook with one POST, waits five seconds, and
never tries again. What the application lost can therefore be seen here, and only here.
"""

import bisect
import itertools
import json
import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

import httpx

from firstwatch.clock import Clock
from rehearsal.app import STARTED_HEADER
from rehearsal.moments import Stamp, iso

WEBHOOK_TIMEOUT: Final = 5.0
"""Real seconds Chatwoot waits for an answer."""
EVENTS: Final = (
    "message_created",
    "message_updated",
    "conversation_created",
    "conversation_updated",
    "conversation_status_changed",
)


class Kind(IntEnum):
    """The type of a message, numbered as Chatwoot does."""

    INCOMING = 0
    OUTGOING = 1
    TEMPLATE = 3


@dataclass(frozen=True, slots=True)
class Said:
    """One message; what becomes of an outgoing one is settled when it is sent."""

    id: int
    kind: Kind
    content: str
    at: float
    delivered_at: float = float("inf")
    read_at: float = float("inf")
    external_error: str = ""

    def status(self, now: float) -> str:
        """sent, delivered, read or failed."""
        if self.external_error:
            return "failed"
        return (
            "read" if now >= self.read_at else "delivered" if now >= self.delivered_at else "sent"
        )


@dataclass(slots=True)
class Talk:
    """One customer's conversation; its id is counted per account."""

    id: int
    name: str
    phone: str
    began: float
    messages: list[Said] = field(default_factory=list)
    is_busy: bool = False
    """An event about it is on its way."""

    @property
    def active_at(self) -> float:
        return self.messages[-1].at if self.messages else self.began


@dataclass(slots=True)
class Account:
    """One tenant's account with one WhatsApp inbox."""

    id: int
    name: str
    company: str
    talks: dict[int, Talk] = field(default_factory=dict)
    times: dict[Kind, list[float]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    """When each message was sent, in order."""
    subscriptions: tuple[str, ...] = EVENTS

    @property
    def inbox(self) -> int:
        """The id of the account's only inbox."""
        return self.id

    def count(self, kind: Kind, since: float, until: float) -> int:
        """How many messages were sent from `since` on and before `until`."""
        times = self.times[kind]
        return bisect.bisect_left(times, until) - bisect.bisect_left(times, since)


class Chatwoot:
    """All accounts of the installation, and the way to the application."""

    def __init__(self, companies: Iterable[tuple[str, str]], clock: Clock, seed: int) -> None:
        self.clock = clock
        self.accounts = {
            number: Account(number, name, company)
            for number, (company, name) in enumerate(companies, 1)
        }
        self.webhook_base = ""
        """The application's address; nothing is delivered while it is empty."""
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
        if kind is not Kind.INCOMING:
            seen = read if self._chance.random() < 0.7 else float("inf")
            said = Said(said.id, kind, content, at, delivered, seen)
        talk.messages.append(said)
        account.times[kind].append(at)
        return said

    async def send(
        self, account: Account, talk: Talk, kind: Kind, content: str, *, opens: bool = False
    ) -> None:
        """Record a message now and tell the application; `opens` announces the conversation too."""
        stamp = Stamp(self.clock.now())
        said = self.say(account, talk, kind, content, stamp.start)
        if opens:
            payload = conversation_payload(account, talk, stamp.start)
            await self._post(account, "conversation_created", payload, stamp)
        payload = message_payload(account, talk, said, stamp.start)
        await self._post(account, "message_created", payload, stamp)

    async def notify(self, account: Account, talk: Talk, event: str) -> None:
        """Tell the application about a conversation, or the last message of it."""
        stamp = Stamp(self.clock.now())
        payload = conversation_payload(account, talk, stamp.start)
        if event == "message_updated" and talk.messages:
            payload = message_payload(account, talk, talk.messages[-1], stamp.start)
        await self._post(account, event, payload, stamp)

    async def close(self) -> None:
        """Close the connections to the application."""
        await self._client.aclose()

    def webhook_url(self, account: Account) -> str:
        """The address the account's webhook is set to."""
        return f"{self.webhook_base}/api/webhooks/chatwoot?companyId={account.company}"

    async def _post(
        self, account: Account, event: str, payload: dict[str, Any], stamp: Stamp
    ) -> int | None:
        """Deliver once; the status, or None if nothing came in time."""
        if event not in account.subscriptions or not self.webhook_base:
            return None
        body = json.dumps({"event": event, **payload}, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json",
            "x-chatwoot-delivery": str(uuid.uuid4()),
            STARTED_HEADER: repr(stamp.now()),
        }
        url = self.webhook_url(account)
        try:
            return (await self._client.post(url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return None


def sender_of(talk: Talk) -> dict[str, Any]:
    """The contact, as Chatwoot shows it."""
    return {
        "id": talk.id,
        "name": talk.name,
        "email": None,
        "phone_number": talk.phone,
        "identifier": None,
        "thumbnail": "",
        "additional_attributes": {},
        "custom_attributes": {},
        "blocked": False,
    }


_AGENT: Final = {"id": 1, "name": "Agent", "email": "agent@example.com", "type": "user"}


def pushed(talk: Talk, said: Said, now: float) -> dict[str, Any]:
    """A message in its short form: the type a number, the time in seconds, with a status."""
    error = {"external_error": said.external_error} if said.external_error else {}
    return {
        "id": said.id,
        "content": said.content,
        "message_type": int(said.kind),
        "content_type": "text",
        "content_attributes": error,
        "private": False,
        "status": said.status(now),
        "source_id": f"wamid.{said.id:08d}",
        "created_at": int(said.at),
        "conversation_id": talk.id,
    }


def conversation_payload(account: Account, talk: Talk, now: float) -> dict[str, Any]:
    """A conversation as webhooks carry it."""
    return {
        "id": talk.id,
        "inbox_id": account.inbox,
        "status": "open",
        "can_reply": True,
        "channel": "Channel::Whatsapp",
        "contact_inbox": {"id": talk.id, "source_id": talk.phone.lstrip("+")},
        "messages": [pushed(talk, said, now) for said in talk.messages[-1:]],
        "labels": [],
        "meta": {
            "sender": {**sender_of(talk), "type": "contact"},
            "assignee": None,
            "team": None,
            "hmac_verified": False,
        },
        "unread_count": 0,
        "first_reply_created_at": None,
        "priority": None,
        "waiting_since": 0,
        "last_activity_at": int(talk.active_at),
        "timestamp": int(talk.active_at),
        "created_at": int(talk.began),
    }


def message_payload(account: Account, talk: Talk, said: Said, now: float) -> dict[str, Any]:
    """A message as webhooks carry it: the type a word, the time ISO text, no status."""
    is_incoming = said.kind is Kind.INCOMING
    return {
        "id": said.id,
        "content": said.content,
        "content_type": "text",
        "content_attributes": {} if is_incoming else {"external_error": None},
        "additional_attributes": {},
        "message_type": said.kind.name.lower(),
        "private": False,
        "source_id": f"wamid.{said.id:08d}",
        "created_at": iso(said.at),
        "sender": sender_of(talk) if is_incoming else _AGENT,
        "inbox": {"id": account.inbox, "name": f"{account.name} WhatsApp"},
        "account": {"id": account.id, "name": account.name},
        "conversation": conversation_payload(account, talk, now),
    }
