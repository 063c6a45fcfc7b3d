"""The stand-in for Chatwoot has Chatwoot's own shapes, and the probe reads all it asks from it.

The field lists are those of Chatwoot's views and presenters: what its API shows, and what its
webhooks carry. Where a list is open, what is named here must be there.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from firstwatch.clock import ScaledClock
from firstwatch.errors import Denied, Missing
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from probes.chatwoot import KIND, Measure, Settings
from rehearsal.chatwoot import Chatwoot
from rehearsal.chatwoot_api import ChatwootApi
from rehearsal.serving import serving

TOKEN = "made-up-token"
START = 1_795_000_000.0
ONE, TWO = "/api/v1/accounts/1", "/api/v2/accounts/1"

API_MESSAGE = {
    "id", "content", "message_type", "content_type", "content_attributes", "private", "status",
    "source_id", "created_at", "conversation_id",
}  # fmt: skip
CONTACT = {
    "id", "name", "email", "phone_number", "identifier", "thumbnail", "custom_attributes",
}  # fmt: skip
CONVERSATION = {
    "id", "inbox_id", "status", "can_reply", "channel", "contact_inbox", "messages", "labels",
    "meta", "unread_count", "first_reply_created_at", "priority", "waiting_since",
    "last_activity_at", "timestamp", "created_at",
}  # fmt: skip
MESSAGE = {
    "event", "id", "content", "content_type", "content_attributes", "additional_attributes",
    "message_type", "private", "source_id", "created_at", "sender", "inbox", "account",
    "conversation",
}  # fmt: skip


@dataclass
class Scene:
    """A Chatwoot of two accounts, where it answers, and what it told the application."""

    chatwoot: Chatwoot
    url: str
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Target and body of every webhook, in order."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, as far as a webhook can tell."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part["body"], part["more_body"]
        query = scope["query_string"].decode()
        self.told.append((f"{scope['path']}?{query}", json.loads(body)))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def get(self, path: str, **query: Any) -> Any:
        headers = {"api-access-token": TOKEN}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False) as client:
            answer = await client.get(path, params=query)
        assert answer.status_code == 200
        return answer.json()

    async def read(self, ask: str, baseline: str = "", token: str = TOKEN, **keys: Any) -> Reading:
        settings = {"base": self.url, "token": token, "accounts": "1/1=c1,2/2=c2"}
        probe = KIND.open(Settings.model_validate(settings), self.chatwoot.clock)
        moment = Moment(self.chatwoot.clock.now(), START - 9000, baseline)
        reading = await probe.read(Measure.model_validate({"ask": ask, **keys}), moment)
        assert TOKEN not in repr(reading)
        assert "secret" not in repr(reading)
        return reading


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """The first account has a customer who wrote, was answered, and was missed once."""
    chatwoot = Chatwoot([("c1", "Tenant A"), ("c2", "Tenant B")], ScaledClock(1.0, START), seed=1)
    account = chatwoot.accounts[1]
    incoming, outgoing = (
        next(kind for kind in account.times if kind.name == name)
        for name in ("INCOMING", "OUTGOING")
    )
    talk = chatwoot.open_talk(account, "Ada Ash", "+15550142", START - 7200)
    for at in (START - 7000, START - 900, START - 800):
        chatwoot.say(account, talk, incoming, "Hi", at)
    said = chatwoot.say(account, talk, outgoing, "Hello!", START - 700)
    why = "131047: Re-engagement message"
    talk.messages.append(replace(said, id=9999, at=START - 600, external_error=why))
    known = Scene(chatwoot, "")
    async with serving(ChatwootApi(chatwoot, TOKEN)) as url, serving(known) as application:
        known.url, chatwoot.webhook_base = url, application
        yield known
    await chatwoot.close()


async def test_it_is_alive_in_chatwoots_words(scene: Scene) -> None:
    alive = await scene.get("/api")
    assert alive.keys() == {"version", "timestamp", "queue_services", "data_services"}
    datetime.strptime(alive["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert {alive["queue_services"], alive["data_services"]} <= {"ok", "failing"}


async def test_a_webhook_has_its_fields_and_no_flag_that_says_active(scene: Scene) -> None:
    found = await scene.get(f"{ONE}/webhooks")
    assert found.keys() == {"payload"}
    assert found["payload"].keys() == {"webhooks"}
    for hook in found["payload"]["webhooks"]:
        assert hook.keys() == {
            "id", "name", "url", "subscriptions", "account_id", "secret", "inbox",
        }  # fmt: skip
        assert hook["inbox"].keys() == {"id", "name"}


async def test_a_report_is_a_list_of_values_with_their_time(scene: Scene) -> None:
    report = await scene.get(
        f"{TWO}/reports",
        type="inbox",
        id=1,
        metric="incoming_messages_count",
        since=int(START - 7200),
        until=int(START),
        group_by="hour",
        timezone_offset=0,
    )
    assert report
    for bucket in report:
        assert bucket.keys() == {"value", "timestamp"}
        assert isinstance(bucket["timestamp"], int)


async def test_conversations_are_counted_and_listed_by_their_display_id(scene: Scene) -> None:
    meta = await scene.get(f"{ONE}/conversations/meta", status="all", inbox_id=1)
    assert meta["meta"].keys() == {
        "mine_count", "assigned_count", "unassigned_count", "all_count",
    }  # fmt: skip
    listed = (await scene.get(f"{ONE}/conversations", status="all", page=1))["data"]
    assert listed.keys() == {"meta", "payload"}
    for conversation in listed["payload"]:
        assert conversation.keys() >= CONVERSATION


async def test_messages_of_a_conversation_say_what_became_of_them(scene: Scene) -> None:
    found = await scene.get(f"{ONE}/conversations/1/messages")
    assert found.keys() == {"meta", "payload"}
    for message in found["payload"]:
        assert message.keys() == API_MESSAGE
        assert message["message_type"] in (0, 1, 2, 3)
        assert message["status"] in ("sent", "delivered", "read", "failed")
        assert isinstance(message["created_at"], int)
    assert found["payload"][-1]["content_attributes"] == {
        "external_error": "131047: Re-engagement message"
    }


async def test_an_inbox_and_its_health_have_their_fields(scene: Scene) -> None:
    inbox = await scene.get(f"{ONE}/inboxes/1")
    assert inbox.keys() >= {"id", "name", "channel_type", "webhook_url", "reauthorization_required"}
    health = await scene.get(f"{ONE}/inboxes/1/health")
    assert health.keys() >= {
        "quality_rating", "messaging_limit_tier", "status", "throughput",
        "webhook_configuration", "expected_webhook_url",
    }  # fmt: skip
    assert health["throughput"].keys() == {"level"}


def assert_conversation(conversation: dict[str, Any]) -> None:
    assert conversation.keys() >= CONVERSATION
    assert conversation["contact_inbox"].keys() >= {"source_id"}
    assert conversation["meta"].keys() == {"sender", "assignee", "team", "hmac_verified"}
    assert conversation["meta"]["sender"].keys() >= {"phone_number", "type"}
    assert conversation["meta"]["sender"]["type"] == "contact"
    assert isinstance(conversation["created_at"], int)
    assert len(conversation["messages"]) <= 1
    for message in conversation["messages"]:
        assert isinstance(message["message_type"], int)
        assert isinstance(message["created_at"], int)
        assert message["status"] in ("sent", "delivered", "read", "failed")


@pytest.mark.parametrize(
    ("kind", "word"), (("INCOMING", "incoming"), ("OUTGOING", "outgoing"), ("TEMPLATE", "template"))
)
async def test_a_message_is_told_in_words_and_without_its_status(
    scene: Scene, kind: str, word: str
) -> None:
    account = scene.chatwoot.accounts[1]
    chosen = next(each for each in account.times if each.name == kind)
    await scene.chatwoot.send(account, account.talks[1], chosen, "Hi again")
    ((target, payload),) = scene.told
    assert target == "/api/webhooks/chatwoot?companyId=c1"
    assert payload.keys() == MESSAGE
    assert (payload["event"], payload["message_type"]) == ("message_created", word)
    assert datetime.fromisoformat(payload["created_at"]).timestamp() >= START
    assert payload["inbox"].keys() == payload["account"].keys() == {"id", "name"}
    if kind == "INCOMING":
        assert payload["sender"].keys() >= CONTACT
        assert "type" not in payload["sender"]
    else:
        assert payload["sender"]["type"] == "user"
    assert_conversation(payload["conversation"])


@pytest.mark.parametrize(
    "event", ("conversation_created", "conversation_updated", "conversation_status_changed")
)
async def test_a_conversation_is_told_by_its_display_id(scene: Scene, event: str) -> None:
    account = scene.chatwoot.accounts[1]
    await scene.chatwoot.notify(account, account.talks[1], event)
    ((_, payload),) = scene.told
    assert (payload["event"], payload["id"]) == (event, 1)
    assert_conversation(payload)


async def test_an_update_of_a_message_has_the_shape_of_its_creation(scene: Scene) -> None:
    account = scene.chatwoot.accounts[1]
    await scene.chatwoot.notify(account, account.talks[1], "message_updated")
    assert scene.told[0][1].keys() == MESSAGE


@pytest.mark.parametrize(
    ("ask", "keys", "value", "note"),
    (
        ("incoming", {"window": "1h"}, 2, "2 companies, 1 silent"),
        ("incoming", {"since": "launch", "settled": "2m"}, 3, "2 companies, 1 silent"),
        ("outgoing", {"window": "1h"}, 1, "2 companies, 1 silent"),
        ("conversations", {}, 1, "1 in all, +0 since launch"),
        ("delivery", {}, 50, "1 of 2 failed (1 × 131047), 50 % delivered"),
        ("webhook", {}, 0, "later looks are compared with this one"),
        ("health", {}, 0, "2 numbers connected"),
    ),
)
async def test_the_probe_reads_whatever_it_asks(
    scene: Scene, ask: str, keys: dict[str, Any], value: float, note: str
) -> None:
    reading = await scene.read(ask, **keys)
    assert (reading.value, reading.note, reading.level) == (value, note, None)
    assert {"c1", "c2"} <= {row.key for row in reading.rows}


async def test_the_probe_sees_that_it_is_alive_without_a_token(scene: Scene) -> None:
    reading = await scene.read("alive", token="")
    assert reading.note.endswith("queue ok, data ok")


async def test_what_was_found_first_is_what_later_looks_agree_with(scene: Scene) -> None:
    for ask in ("webhook", "health", "conversations"):
        first = await scene.read(ask)
        later = await scene.read(ask, first.facts)
        assert first.facts == later.facts != ""
        assert later.level is None
    assert (await scene.read("webhook", (await scene.read("webhook")).facts)).note == (
        "as at the launch"
    )


@pytest.mark.parametrize(
    "ask", ("incoming", "outgoing", "conversations", "delivery", "webhook", "health")
)
async def test_without_a_token_that_is_accepted_every_count_is_denied(
    scene: Scene, ask: str
) -> None:
    with pytest.raises(Denied, match="401: the token is not accepted"):
        await scene.read(ask, token="guess")
    with pytest.raises(Denied, match="no token"):
        await scene.read(ask, token="")


async def test_an_account_that_is_not_there_is_missing(scene: Scene) -> None:
    del scene.chatwoot.accounts[2]
    with pytest.raises(Missing, match="404: no account 2 inbox 2"):
        await scene.read("incoming")
