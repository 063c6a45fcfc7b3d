"""The chatwoot probe against a small Chatwoot on a real socket."""

import asyncio
import random
import re
import socket
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer, NotConfigured, ProbeError
from firstwatch.probe import Moment
from firstwatch.verdict import Level
from probes.chatwoot import Measure, Settings
from tests.probes.toy_chatwoot import (
    EMPTY,
    NOW,
    TOKEN,
    Chatwoot,
    asked,
    failure,
    message,
    opened,
    running,
)

ASKS = ("incoming", "outgoing", "conversations", "delivery", "webhook", "health")
"""What needs a token."""


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
    assert [(row.key, row.value) for row in reading.rows] == [("beta", 1), ("alpha", 2)]
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


async def test_messages_since_the_launch_are_counted_up_to_those_that_have_settled() -> None:
    launched = NOW.now - NOW.launch
    times = {1: [NOW.now - age for age in (launched + 1, launched, 5000, 121, 119, 3)]}
    async with running(incoming=times, conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "incoming", since="launch", settled="2m")
    assert reading.value == 3


async def test_nothing_is_asked_of_a_launch_that_has_only_just_happened() -> None:
    async with running(conversations=EMPTY) as chatwoot:
        measure = Measure.model_validate({"ask": "incoming", "since": "launch", "settled": "2m"})
        reading = await opened(chatwoot).read(measure, Moment(now=1e9 + 60, launch=1e9))
        assert chatwoot.asked == []
    assert reading.value == 0


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
    assert reading.note == "3 in all, +0 since launch"


async def test_conversations_grow_since_what_was_counted_first() -> None:
    conversations = {1: {7: [message(9)], 8: [message(9)]}, 2: {1: [message(9)]}}
    async with running(conversations=conversations) as chatwoot:
        first = await asked(chatwoot, "conversations")
        conversations[1] |= {number: [message(5)] for number in range(20, 25)}
        total = await asked(chatwoot, "conversations", baseline=first.facts)
        growth = await asked(chatwoot, "conversations", baseline=first.facts, growth=True)
    assert (total.value, growth.value) == (8, 5)
    assert total.note == growth.note == "8 in all, +5 since launch"
    assert [(row.key, row.value) for row in growth.rows] == [("beta", 0), ("alpha", 5)]


@pytest.mark.parametrize("baseline", ('{"account 1 inbox 11":2}', "[]", "{not JSON"))
async def test_growth_is_unknown_where_nothing_was_counted_at_the_launch(baseline: str) -> None:
    async with running(conversations={1: {7: [message(9)]}, 2: {}}) as chatwoot:
        total = await asked(chatwoot, "conversations", baseline=baseline)
        with pytest.raises(Missing, match="was not counted at the launch"):
            await asked(chatwoot, "conversations", baseline=baseline, growth=True)
    assert total.note == "1 in all, 2 companies, 1 empty"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    (
        (401, Denied, "401: the token is not accepted; set CHATWOOT_TOKEN to an administrator's"),
        (403, Denied, "403: account 1 inbox 11 needs an administrator's token"),
        (404, Missing, "404: no account 1 inbox 11"),
        (500, BadAnswer, "account 1 inbox 11: [status] 500, expected 200"),
    ),
)
@pytest.mark.parametrize("ask", ASKS)
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


async def test_a_token_without_an_administrators_rights_is_told_from_a_wrong_one() -> None:
    body = b'{"error": "You are not authorized to do this action"}'
    async with running(override=lambda path: (401, ""), refusal=body) as chatwoot:
        error = await failure(opened(chatwoot), "incoming")
    assert error.reason == "401: account 1 inbox 11 needs an administrator's token"


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
        probe._calls._quiet_until -= 30
        reading = await probe.read(Measure(ask="incoming"), NOW)
    assert reading.value == 0


@pytest.mark.parametrize("ask", ("alive", *ASKS))
async def test_one_that_hangs_is_no_answer_within_the_time_for_the_whole(ask: str) -> None:
    async with running(hanging=True) as chatwoot:
        probe = opened(chatwoot, accounts=[{"account": n, "inbox": n} for n in range(1, 9)])
        error = await failure(probe, ask, timeout="300ms")
    assert isinstance(error, NoAnswer)
    assert re.fullmatch(r"no answer within (300|2\d\d) ms", error.reason)


@pytest.mark.parametrize("body", (b"", b"<html>", b"[]", b"{}", b'{"payload": 1}', b"[1]"))
@pytest.mark.parametrize("ask", ("alive", *ASKS))
async def test_an_answer_of_another_shape_is_a_bad_answer(ask: str, body: bytes) -> None:
    async with running(body=body) as chatwoot:
        probe = opened(chatwoot, accounts="1/11")
        if ask in ("incoming", "outgoing") and body == b"[]":
            assert (await probe.read(Measure.model_validate({"ask": ask}), NOW)).value == 0
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
        kinds = ("alive", *ASKS)
        before = sockets()
        for turn in range(150):
            measure = Measure.model_validate({"ask": kinds[turn % len(kinds)]})
            task = asyncio.ensure_future(probe.read(measure, NOW))
            await asyncio.wait({task}, timeout=chance.uniform(0, 0.03))
            task.cancel()
            await asyncio.wait({task})
        probe._deliveries = type(probe._deliveries)(probe._settings.accounts)
        for _ in range(2):
            reading = await probe.read(Measure(ask="delivery"), NOW)
        assert reading.note == "0 of 12 failed, 100 % delivered"
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
