"""The chatwoot probe against a small Chatwoot on a real socket."""

import asyncio
import json
import random
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from firstwatch.clock import SystemClock
from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer, NotConfigured, ProbeError
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes.chatwoot import KIND, ChatwootProbe, Measure, Settings

NOW = Moment(now=1_800_000_000.0, launch=1_799_990_000.0)
TOKEN = "made-up-token"
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
    alive: dict[str, str] = field(default_factory=dict)
    override: Callable[[str], tuple[int, str] | None] = lambda path: None
    """A status and extra headers instead of an answer, by path."""
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
            (status, extra), body = instead, b"{}"
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


def opened(chatwoot: Chatwoot, accounts: object = "1/11=alpha,2/22=beta", **keys: object) -> Any:
    base = f"http://127.0.0.1:{chatwoot.port}"
    settings = {"base": base, "token": TOKEN, "accounts": accounts, **keys}
    return KIND.open(Settings.model_validate(settings), SystemClock())


async def asked(chatwoot: Chatwoot, ask: str, **keys: object) -> Reading:
    reading = await opened(chatwoot).read(Measure.model_validate({"ask": ask, **keys}), NOW)
    assert isinstance(reading, Reading)
    return reading


async def failure(probe: ChatwootProbe, ask: str, **keys: object) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await probe.read(Measure.model_validate({"ask": ask, "timeout": "2s", **keys}), NOW)
    assert TOKEN not in repr((caught.value, vars(probe)))
    return caught.value


def message(age: float, **keys: Any) -> dict[str, Any]:
    sent = {"message_type": 1, "private": False, "status": "delivered", "content_attributes": {}}
    return {**sent, "created_at": int(NOW.now - age), **keys}


def failed(age: float, error: str, **keys: Any) -> dict[str, Any]:
    return message(age, status="failed", content_attributes={"external_error": error}, **keys)


EMPTY: dict[int, dict[int, list[dict[str, Any]]]] = {1: {}, 2: {}}


async def test_it_is_alive_in_milliseconds_and_needs_no_token() -> None:
    async with running() as chatwoot:
        reading = await asked(chatwoot, "alive")
        assert TOKEN not in chatwoot.asked[0][2]
    assert 0 < reading.value < 2000
    assert reading.level is None
    assert reading.note == "Chatwoot 4.1.0, queue ok, data ok"


@pytest.mark.parametrize("service", ("queue_services", "data_services"))
async def test_a_failing_service_of_it_is_critical(service: str) -> None:
    async with running(alive={service: "failing"}) as chatwoot:
        reading = await asked(chatwoot, "alive")
    assert reading.level is Level.CRITICAL
    assert "failing" in reading.note


async def test_a_gateway_without_it_is_critical() -> None:
    async with running(override=lambda path: (502, "")) as chatwoot:
        reading = await asked(chatwoot, "alive")
    assert reading.level is Level.CRITICAL
    assert reading.note == "[status] 502, expected 200"


async def test_messages_are_counted_over_the_window_and_summed_over_accounts() -> None:
    ages = {1: [10, 299, 301, 4000], 2: [5]}
    times = {account: [NOW.now - age for age in each] for account, each in ages.items()}
    async with running(incoming=times, conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "incoming", window="5m")
        asked_for = {path: query for path, query, _ in chatwoot.asked}
    assert reading.value == 3
    assert reading.note == "2 companies"
    assert [(row.label, row.value) for row in reading.rows] == [("beta", 1), ("alpha", 2)]
    assert asked_for["/api/v2/accounts/1/reports"] == {
        "type": "inbox",
        "id": "11",
        "metric": "incoming_messages_count",
        "since": "1799999700",
        "until": "1800000000",
        "group_by": "hour",
        "timezone_offset": "0",
    }


async def test_a_window_over_several_hours_sums_its_buckets() -> None:
    times = {1: [NOW.now - 100 * step for step in range(1, 200)]}
    async with running(outgoing=times, conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "outgoing", window="3h")
    assert reading.value == 108
    assert reading.note == "2 companies, 1 silent"


async def test_an_account_without_an_inbox_is_counted_whole() -> None:
    async with running(incoming={1: [NOW.now - 5]}, conversations=EMPTY) as chatwoot:
        probe = opened(chatwoot, accounts=[{"account": 1}])
        reading = await probe.read(Measure(ask="incoming"), NOW)
        assert chatwoot.asked[0][1]["type"] == "account"
    assert reading.value == 1
    assert reading.rows[0].label == "account 1"


async def test_all_conversations_are_counted_not_only_open_ones() -> None:
    conversations = {1: {7: [message(9)], 8: [message(9)]}, 2: {1: [message(9)]}}
    async with running(conversations=conversations) as chatwoot:
        reading = await asked(chatwoot, "conversations")
        inboxes = sorted(query["inbox_id"] for _, query, _ in chatwoot.asked)
        assert {query["status"] for _, query, _ in chatwoot.asked} == {"all"}
    assert inboxes == ["11", "22"]
    assert reading.value == 3


async def test_failed_deliveries_are_a_share_of_recent_outgoing_messages() -> None:
    conversations = {
        1: {
            7: [
                message(600),
                message(600, message_type=3, status="read"),
                failed(300, "131047: Re-engagement message"),
                failed(60, "131047: still young"),
                failed(7200, "131047: too old"),
                failed(300, "131047: a note", private=True),
                message(300, message_type=0, status="failed"),
            ]
        },
        2: {3: [failed(400, "131056: x"), failed(400, "131047: x"), failed(400, "odd")]},
    }
    async with running(conversations=conversations) as chatwoot:
        reading = await asked(chatwoot, "delivery")
    assert reading.value == pytest.approx(100 * 4 / 6)
    assert (reading.part, reading.sample) == (4, 6)
    assert reading.note == "4 of 6 failed, in 2 conversations"
    assert (reading.rows[0].label, reading.rows[0].value) == ("131047", 2)
    assert {row.label for row in reading.rows} == {"131047", "131056", "no code"}
    assert "template" in reading.rows[0].note


async def test_nothing_sent_has_a_sample_of_none() -> None:
    async with running(conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "delivery")
    assert (reading.value, reading.sample) == (0, 0)


async def test_delivery_is_sampled_with_at_most_twenty_calls_two_at_once() -> None:
    many = {number: [message(300)] for number in range(1, 60)}
    async with running(conversations={1: many, 2: many}) as chatwoot:
        reading = await asked(chatwoot, "delivery")
        assert len(chatwoot.asked) == 20
        assert chatwoot.busiest <= 2
        sampled = {path.split("/")[4] for path, _, _ in chatwoot.asked}
    assert reading.sample == 18
    assert sampled == {"1", "2"}


async def test_many_accounts_take_turns() -> None:
    numbers = range(1, 9)
    conversations = {number: {1: [message(300)]} for number in numbers}
    accounts = [{"account": number} for number in numbers]
    async with running(conversations=conversations) as chatwoot:
        probe = opened(chatwoot, accounts=accounts)
        first = await probe.read(Measure(ask="delivery"), NOW)
        await probe.read(Measure(ask="delivery"), NOW)
        seen = {path.split("/")[4] for path, _, _ in chatwoot.asked}
    assert first.note == "0 of 5 failed, in 5 conversations of 5 accounts"
    assert seen == {str(number) for number in numbers}


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    (
        (401, Denied, "401: the token is not accepted; set CHATWOOT_TOKEN to an administrator's"),
        (403, Denied, "403: account 1 inbox 11 needs an administrator's token"),
        (404, Missing, "404: no account 1 inbox 11"),
        (500, BadAnswer, "account 1 inbox 11: [status] 500, expected 200"),
    ),
)
@pytest.mark.parametrize("ask", ("incoming", "conversations", "delivery"))
async def test_a_refusal_is_explained(
    ask: str, status: int, kind: type[ProbeError], reason: str
) -> None:
    async with running(override=lambda path: (status, "")) as chatwoot:
        error = await failure(opened(chatwoot), ask)
    assert type(error) is kind
    assert error.reason == reason


async def test_a_wrong_token_is_denied() -> None:
    async with running(conversations=EMPTY) as chatwoot:
        error = await failure(opened(chatwoot, token="another"), "incoming")
    assert isinstance(error, Denied)


async def test_one_account_that_fails_is_not_left_out_of_the_sum() -> None:
    async with running(conversations={1: {}}) as chatwoot:
        error = await failure(opened(chatwoot), "incoming")
    assert error.reason == "404: no account 2 inbox 22"


async def test_a_redirect_points_to_the_address_to_correct() -> None:
    moved = (301, "Location: https://chat.example/api?token=x\r\n")
    async with running(override=lambda path: moved) as chatwoot:
        error = await failure(opened(chatwoot, accounts="1"), "incoming")
    assert error.reason == (
        "account 1: [status] 301, expected 200 (sent to https://chat.example/api), "
        "check CHATWOOT_URL"
    )


@pytest.mark.parametrize(
    ("header", "waits"),
    (
        ("Retry-After: 30\r\n", "30s"),
        ("Retry-After: 999999\r\n", "1h 00m"),
        ("Retry-After: Wed, 01 Jan 2020 00:00:00 GMT\r\n", "1s"),
        ("Retry-After: nan\r\n", "1m"),
        ("", "1m"),
    ),
    ids=("seconds", "far too long", "a date gone by", "nonsense", "none"),
)
async def test_a_rate_limit_is_honoured_without_asking_again(header: str, waits: str) -> None:
    async with running(override=lambda path: (429, header), conversations=EMPTY) as chatwoot:
        probe = opened(chatwoot, accounts="1")
        first = await failure(probe, "incoming")
        chatwoot.override = lambda path: None
        second = await failure(probe, "alive")
        assert len(chatwoot.asked) == 1
    assert isinstance(first, NoAnswer)
    assert first.reason == f"rate limited (429), asking again in {waits}"
    assert second.reason.startswith("rate limited (429), asking again in ")


async def test_it_is_asked_again_when_the_wait_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = (429, "Retry-After: 30\r\n")
    async with running(override=lambda path: limited, conversations=EMPTY) as chatwoot:
        probe = opened(chatwoot)
        await failure(probe, "incoming")
        chatwoot.override = lambda path: None
        probe._quiet_until -= 30
        reading = await probe.read(Measure(ask="incoming"), NOW)
    assert reading.value == 0


@pytest.mark.parametrize("ask", ("alive", "incoming", "conversations", "delivery"))
async def test_one_that_hangs_is_no_answer_within_the_time_for_the_whole(ask: str) -> None:
    async with running(hanging=True) as chatwoot:
        probe = opened(chatwoot, accounts=[{"account": number} for number in range(1, 9)])
        error = await failure(probe, ask, timeout="300ms")
    assert isinstance(error, NoAnswer)
    assert re.fullmatch(r"no answer within (300|2\d\d) ms", error.reason)


@pytest.mark.parametrize("body", (b"", b"<html>", b"[]", b"{}", b'{"payload": 1}', b"[1]"))
@pytest.mark.parametrize("ask", ("alive", "incoming", "conversations", "delivery"))
async def test_an_answer_of_another_shape_is_a_bad_answer(ask: str, body: bytes) -> None:
    async with running(body=body) as chatwoot:
        probe = opened(chatwoot, accounts="1")
        if ask == "incoming" and body == b"[]":
            assert (await probe.read(Measure(ask="incoming"), NOW)).value == 0
        else:
            assert isinstance(await failure(probe, ask), BadAnswer)


async def test_what_is_not_configured_says_what_to_set() -> None:
    chatwoot = Chatwoot(port=9)
    nowhere = await failure(opened(chatwoot, base=""), "incoming")
    no_token = await failure(opened(chatwoot, token=""), "incoming")
    no_accounts = await failure(opened(chatwoot, accounts=""), "incoming")
    assert isinstance(nowhere, NotConfigured)
    assert nowhere.reason == "no Chatwoot: set CHATWOOT_URL"
    assert isinstance(no_token, Denied)
    assert "CHATWOOT_TOKEN" in no_token.reason
    assert isinstance(no_accounts, Missing)
    assert "CHATWOOT_ACCOUNTS" in no_accounts.reason


async def test_one_that_is_gone_blocks_the_source() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error = await failure(opened(Chatwoot(port=port)), "incoming")
    assert error.blocks_source
    assert error.reason == f"connection refused by 127.0.0.1:{port}"


async def test_the_probe_works_after_150_cancelled_readings() -> None:
    def sockets() -> int:
        return sum("socket:" in str(fd.readlink()) for fd in fds() if fd.is_symlink())

    def fds() -> list[Path]:
        return [fd for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()]

    many = {number: [message(300)] for number in range(1, 30)}
    chance = random.Random(11)
    async with running(conversations={1: many, 2: many}) as chatwoot:
        probe = opened(chatwoot)
        kinds = ("alive", "incoming", "conversations", "delivery")
        before = sockets()
        for turn in range(150):
            measure = Measure.model_validate({"ask": kinds[turn % 4]})
            task = asyncio.ensure_future(probe.read(measure, NOW))
            await asyncio.wait({task}, timeout=chance.uniform(0, 0.03))
            task.cancel()
            await asyncio.wait({task})
        reading = await probe.read(Measure(ask="delivery"), NOW)
        assert reading.sample == 18
        async with asyncio.timeout(5):
            while sockets() > before:  # noqa: ASYNC110 - the kernel sends no event
                await asyncio.sleep(0.01)


def test_accounts_are_read_from_one_text() -> None:
    settings = Settings.model_validate({"accounts": " 1/11=alpha, 2=beta ,3/33,"})
    shown = [(each.account, each.inbox, each.company) for each in settings.accounts]
    assert shown == [(1, 11, "alpha"), (2, None, "beta"), (3, 33, "")]


@pytest.mark.parametrize("text", ("a/b=c", "=x", "1/=x", "1/2/3", "1/x"))
def test_a_text_that_names_no_accounts_says_which_entry(text: str) -> None:
    with pytest.raises(ValidationError, match="entry 2 is not like"):
        Settings.model_validate({"accounts": f"1/1=a,{text}"})
