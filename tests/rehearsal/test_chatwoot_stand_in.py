"""The stand-in for Chatwoot speaks its API, and remembers what customers sent."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from firstwatch.clock import ScaledClock
from rehearsal.chatwoot import Chatwoot
from rehearsal.chatwoot_api import ChatwootApi
from rehearsal.serving import serving
from rehearsal.talks import Kind

TOKEN = "made-up"
NOW = 1_795_000_000.0


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The API of two accounts; the first has a customer who wrote thrice and was answered."""
    chatwoot = Chatwoot([("c1", "Tenant A"), ("c2", "Tenant B")], ScaledClock(1.0, NOW), seed=1)
    chatwoot.webhook_base = "http://app.example"
    account = chatwoot.accounts[1]
    talk = chatwoot.open_talk(account, "Ada Ash", "+15550142", NOW - 7200)
    for at in (NOW - 7000, NOW - 100, NOW - 50):
        chatwoot.say(account, talk, Kind.INCOMING, "Hi", at)
    said = chatwoot.say(account, talk, Kind.OUTGOING, "Hello!", NOW - 40)
    talk.messages.append(
        type(said)(9999, Kind.OUTGOING, "Too late", NOW - 30, external_error="131047: Re-engage")
    )
    async with serving(ChatwootApi(chatwoot, TOKEN)) as url:
        headers = {"api-access-token": TOKEN}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            yield client
    await chatwoot.close()


async def _get(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200
    return answer.json()


async def test_it_says_that_it_is_alive_without_a_token(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api", headers={"api-access-token": ""})
    assert answer.json() == {
        "version": "4.8.0",
        "timestamp": answer.json()["timestamp"],
        "queue_services": "ok",
        "data_services": "ok",
    }


async def test_a_wrong_token_is_a_401_and_either_header_will_do(client: httpx.AsyncClient) -> None:
    path = "/api/v1/accounts/1/webhooks"
    assert (await client.get(path, headers={"api-access-token": "guess"})).status_code == 401
    both = {"api-access-token": "", "api_access_token": TOKEN}
    assert (await client.get(path, headers=both)).status_code == 200


async def test_an_account_that_is_not_there_is_a_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/accounts/7/webhooks")).status_code == 404


async def test_the_webhook_names_the_application_and_its_events(client: httpx.AsyncClient) -> None:
    hooks = (await _get(client, "/api/v1/accounts/1/webhooks"))["payload"]["webhooks"]
    assert hooks[0]["url"] == "http://app.example/api/webhooks/chatwoot?companyId=c1"
    assert "message_created" in hooks[0]["subscriptions"]
    assert hooks[0].keys() >= {"id", "name", "account_id", "secret", "inbox"}


@pytest.mark.parametrize(
    ("metric", "since", "until", "total"),
    (
        ("incoming_messages_count", NOW - 7200, NOW, 3),
        ("incoming_messages_count", NOW - 100, NOW - 50, 1),
        ("outgoing_messages_count", NOW - 300, NOW, 1),
        ("outgoing_messages_count", NOW + 300, NOW + 600, 0),
    ),
)
async def test_reports_count_exactly_the_window(
    client: httpx.AsyncClient, metric: str, since: float, until: float, total: int
) -> None:
    rows = await _get(
        client,
        "/api/v2/accounts/1/reports",
        type="inbox",
        id=1,
        metric=metric,
        group_by="hour",
        since=int(since),
        until=int(until),
    )
    assert sum(row["value"] for row in rows) == total
    assert all(row["timestamp"] % 3600 == 0 for row in rows)


async def test_another_inbox_has_counted_nothing(client: httpx.AsyncClient) -> None:
    query = {"type": "inbox", "id": 9, "metric": "incoming_messages_count", "since": 0}
    rows = await _get(client, "/api/v2/accounts/1/reports", **query, group_by="day")
    assert sum(row["value"] for row in rows) == 0


async def test_conversations_are_counted_and_listed(client: httpx.AsyncClient) -> None:
    base = "/api/v1/accounts/1/conversations"
    meta = await _get(client, f"{base}/meta", status="all", inbox_id=1)
    assert meta["meta"]["all_count"] == 1
    listed = await _get(client, base, status="all", inbox_id=1, page=1)
    assert [row["id"] for row in listed["data"]["payload"]] == [1]
    assert (await _get(client, base, page=2))["data"]["payload"] == []


async def test_messages_carry_their_delivery(client: httpx.AsyncClient) -> None:
    payload = (await _get(client, "/api/v1/accounts/1/conversations/1/messages"))["payload"]
    assert [row["message_type"] for row in payload] == [0, 0, 0, 1, 1]
    assert payload[3]["status"] in ("sent", "delivered", "read")
    assert payload[4]["status"] == "failed"
    assert payload[4]["content_attributes"] == {"external_error": "131047: Re-engage"}
    later = await _get(
        client, "/api/v1/accounts/1/conversations/1/messages", after=payload[2]["id"]
    )
    assert len(later["payload"]) == 2


async def test_the_inbox_and_its_health_are_good(client: httpx.AsyncClient) -> None:
    assert (await _get(client, "/api/v1/accounts/1/inboxes/1"))["reauthorization_required"] is False
    health = await _get(client, "/api/v1/accounts/1/inboxes/1/health")
    assert (health["quality_rating"], health["status"]) == ("GREEN", "CONNECTED")


HOOKS = "/api/v1/accounts/1/webhooks"
PARKED = {"webhook": {"subscriptions": ["webwidget_triggered"]}}


async def test_a_webhook_is_parked_and_brought_back_by_what_it_is_subscribed_to(
    client: httpx.AsyncClient,
) -> None:
    (saved,) = (await _get(client, HOOKS))["payload"]["webhooks"]
    answer = await client.patch(f"{HOOKS}/{saved['id']}", json=PARKED)
    assert answer.status_code == 200
    assert answer.json()["payload"]["webhook"] == saved | PARKED["webhook"]
    assert (await _get(client, HOOKS))["payload"]["webhooks"] == [saved | PARKED["webhook"]]
    back = {"webhook": {"subscriptions": saved["subscriptions"]}}
    await client.patch(f"{HOOKS}/{saved['id']}", json=back)
    assert (await _get(client, HOOKS))["payload"]["webhooks"] == [saved]


@pytest.mark.parametrize(
    "wanted",
    (
        {"subscriptions": []},
        {"subscriptions": "message_created"},
        {"subscriptions": ["paused"]},
        {"subscriptions": [{}]},
        {"url": "https://elsewhere.example", "subscriptions": ["message_created"]},
    ),
)
async def test_it_takes_no_empty_list_no_unknown_event_and_no_other_address(
    client: httpx.AsyncClient, wanted: dict[str, Any]
) -> None:
    (saved,) = (await _get(client, HOOKS))["payload"]["webhooks"]
    answer = await client.patch(f"{HOOKS}/{saved['id']}", json={"webhook": wanted})
    assert answer.status_code == 422
    assert (await _get(client, HOOKS))["payload"]["webhooks"] == [saved]


async def test_who_may_not_see_webhooks_cannot_change_them(client: httpx.AsyncClient) -> None:
    guessed = await client.patch(f"{HOOKS}/1", json=PARKED, headers={"api-access-token": "guess"})
    assert guessed.status_code == 401
    assert (await client.patch(f"{HOOKS}/99", json=PARKED)).status_code == 404
    assert (await client.patch(f"{HOOKS}/1", content=b"{")).status_code == 200
    (kept,) = (await _get(client, HOOKS))["payload"]["webhooks"]
    assert "message_created" in kept["subscriptions"]
