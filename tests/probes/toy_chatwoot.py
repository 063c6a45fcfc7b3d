"""A small Chatwoot on a real socket, and a probe that asks it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from firstwatch.clock import SystemClock
from firstwatch.errors import ProbeError
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from probes.chatwoot import KIND, ChatwootProbe, Measure, Settings

NOW = Moment(now=1_800_000_000.0, launch=1_799_990_000.0)
TOKEN = "made-up-token"
TWO = "1/11=alpha,2/22=beta"
Query = dict[str, str]
Response = tuple[int, object]


@dataclass
class Chatwoot:
    """What the stand-in holds, and what it was asked."""

    port: int = 0
    incoming: dict[int, list[float]] = field(default_factory=dict)
    """When customers wrote, by account."""
    outgoing: dict[int, list[float]] = field(default_factory=dict)
    conversations: dict[int, dict[int, list[dict[str, Any]]]] = field(default_factory=dict)
    """Messages by account and conversation."""
    webhooks: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    inboxes: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What is said of an inbox beside its id, by the id."""
    health: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By inbox; without an entry it answers 404, with one that has an error 422."""
    alive: dict[str, str] = field(default_factory=dict)
    override: Callable[[str], tuple[int, str] | None] = lambda path: None
    """A status and extra headers instead of an answer, by path."""
    refusal: bytes = b"{}"
    """What is said with that status."""
    asked: list[tuple[str, Query, str]] = field(default_factory=list)
    """Path, query and head of every request."""
    busy: int = 0
    busiest: int = 0
    hanging: bool = False
    body: bytes | None = None
    """Said instead of every answer."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def route(self, path: str, query: Query) -> Response:
        if path == "/api":
            return 200, {"version": "4.1.0", "queue_services": "ok", "data_services": "ok"} | (
                self.alive
            )
        parts = path.split("/")
        account = int(parts[4])
        if account not in self.conversations:
            return 404, {"error": "Resource could not be found"}
        if parts[2] == "v2":
            return 200, self.report(account, query)
        if parts[-1] == "webhooks":
            return 200, {"payload": {"webhooks": self.webhooks.get(account, [])}}
        if parts[5] == "inboxes":
            return self.inbox(int(parts[6]), parts[7:])
        if parts[-1] == "meta":
            return 200, {"meta": {"all_count": len(self.conversations[account])}}
        if parts[-1] == "messages":
            return 200, {"meta": {}, "payload": self.conversations[account][int(parts[6])]}
        listed = [
            {"id": number, "last_activity_at": max(m["created_at"] for m in messages)}
            for number, messages in self.conversations[account].items()
        ]
        listed.sort(key=lambda each: -each["last_activity_at"])
        return 200, {"data": {"meta": {}, "payload": listed[:25]}}

    def inbox(self, number: int, rest: list[str]) -> Response:
        if not rest:
            return 200, {"id": number, "webhook_url": None} | self.inboxes.get(number, {})
        if number not in self.health:
            return 404, {"error": "Resource could not be found"}
        return 422 if "error" in self.health[number] else 200, self.health[number]

    def report(self, account: int, query: Query) -> list[dict[str, float]]:
        """Buckets that start on the hour, though counted only within since and until."""
        times = {
            "incoming_messages_count": self.incoming,
            "outgoing_messages_count": self.outgoing,
        }[query["metric"]].get(account, [])
        since, until = int(query["since"]), int(query["until"])
        hours = range(since - since % 3600, until, 3600)
        return [
            {
                "timestamp": hour,
                "value": sum(max(hour, since) <= t < min(hour + 3600, until) for t in times),
            }
            for hour in hours
        ]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            url = urlsplit(head.split()[1])
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            self.asked.append((url.path, query, head))
            if self.hanging:
                await asyncio.Event().wait()
            writer.write(self.said(url.path, query, head))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.busy -= 1
            self.tasks.discard(task)
            writer.close()

    def said(self, path: str, query: Query, head: str) -> bytes:
        status, extra, body = 200, "", self.body
        if instead := self.override(path):
            (status, extra), body = instead, self.refusal
        elif path != "/api" and f"api-access-token: {TOKEN}" not in head:
            status, body = 401, b"{}"
        if body is None:
            status, document = self.route(path, query)
            body = json.dumps(document).encode()
        return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


@asynccontextmanager
async def running(**state: Any) -> AsyncIterator[Chatwoot]:
    chatwoot = Chatwoot(**state)
    server = await asyncio.start_server(chatwoot.answer, "127.0.0.1", 0)
    chatwoot.port = server.sockets[0].getsockname()[1]
    try:
        yield chatwoot
    finally:
        server.close()
        for task in list(chatwoot.tasks):
            task.cancel()
        await asyncio.gather(*chatwoot.tasks, return_exceptions=True)


def opened(chatwoot: Chatwoot, accounts: object = TWO, **keys: object) -> Any:
    base = f"http://127.0.0.1:{chatwoot.port}"
    settings = {"base": base, "token": TOKEN, "accounts": accounts, **keys}
    return KIND.open(Settings.model_validate(settings), SystemClock())


async def asked(
    chatwoot: Chatwoot, ask: str, *, baseline: str = "", accounts: object = TWO, **keys: object
) -> Reading:
    probe, moment = opened(chatwoot, accounts), replace(NOW, baseline=baseline)
    reading = await probe.read(Measure.model_validate({"ask": ask, **keys}), moment)
    assert isinstance(reading, Reading)
    return reading


async def failure(probe: ChatwootProbe, ask: str, **keys: object) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await probe.read(Measure.model_validate({"ask": ask, "timeout": "2s", **keys}), NOW)
    assert TOKEN not in repr((caught.value, vars(probe), probe._calls._door))
    return caught.value


_ids = count(1)


def message(age: float, **keys: Any) -> dict[str, Any]:
    sent = {
        "id": next(_ids),
        "message_type": 1,
        "private": False,
        "status": "delivered",
        "content_attributes": {},
    }
    return {**sent, "created_at": int(NOW.now - age), **keys}


def failed(age: float, error: str, **keys: Any) -> dict[str, Any]:
    return message(age, status="failed", content_attributes={"external_error": error}, **keys)


EMPTY: dict[int, dict[int, list[dict[str, Any]]]] = {1: {}, 2: {}}
