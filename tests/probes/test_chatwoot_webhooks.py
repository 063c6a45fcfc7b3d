"""The webhooks of a Chatwoot, looked at on a real socket and compared with the launch."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from firstwatch.errors import BadAnswer, Missing
from firstwatch.readings import FACTS, Reading
from firstwatch.verdict import Level
from probes.chatwoot import Measure, Settings
from probes.hooks import Address
from tests.probes.toy_chatwoot import EMPTY, NOW, TWO, asked, failure, opened, running

SECRET = "made-up-webhook-secret"
ROUTE = "https://app.example/api/webhooks/chatwoot"
EVENTS = ("message_created", "message_updated", "conversation_created")


def hook(number: int = 3, company: str = "alpha", **keys: Any) -> dict[str, Any]:
    known = {
        "id": number,
        "name": "application",
        "url": f"{ROUTE}?companyId={company}",
        "account_id": 1,
        "subscriptions": list(EVENTS),
        "secret": SECRET,
        "inbox": {"id": 11, "name": "WhatsApp"},
    }
    return known | keys


GOOD = {1: [hook()], 2: [hook(4, "beta")]}


async def looked(
    hooks: dict[int, list[dict[str, Any]]],
    baseline: str = "",
    *,
    setting: str = "",
    accounts: str = TWO,
    inboxes: dict[int, dict[str, Any]] | None = None,
) -> Reading:
    async with running(webhooks=hooks, inboxes=inboxes or {}, conversations=EMPTY) as chatwoot:
        probe = opened(chatwoot, accounts, hook=setting)
        moment = type(NOW)(NOW.now, NOW.launch, baseline)
        reading = await probe.read(Measure(ask="webhook"), moment)
    assert isinstance(reading, Reading)
    assert SECRET not in repr(reading)
    assert "made-up" not in repr(reading)
    return reading


async def changed(**keys: Any) -> Reading:
    """A look at account 1 whose webhook was good at the launch."""
    first = await looked(GOOD)
    return await looked(GOOD | {1: [hook(**keys)]}, first.facts)


async def test_a_good_configuration_has_no_faults_and_is_kept_to_compare_with() -> None:
    reading = await looked(GOOD)
    again = await looked(GOOD, reading.facts)
    assert (reading.value, reading.level, reading.hard) == (0, None, False)
    assert reading.note == "later looks are compared with this one"
    assert again.note == "as at the launch"
    assert again.facts == reading.facts
    assert [(row.key, row.value) for row in reading.rows] == [("alpha", 0), ("beta", 0)]
    kept = json.loads(reading.facts)["1"]["3"]
    assert kept == [
        "https", "app.example", "/api/webhooks/chatwoot", "alpha", [], sorted(EVENTS),
    ]  # fmt: skip


async def test_messages_unsubscribed_since_the_launch_are_critical_at_once_and_named() -> None:
    reading = await changed(subscriptions=["message_updated", "conversation_created"])
    assert (reading.level, reading.hard, reading.value) == (Level.CRITICAL, True, 1)
    assert reading.note == "account 1: message_created no longer subscribed since launch"
    assert [(row.key, row.value) for row in reading.rows] == [("alpha", 1), ("beta", 0)]


@pytest.mark.parametrize(
    ("keys", "level", "what"),
    (
        (
            {"subscriptions": ["message_created"]},
            Level.WARNING,
            "conversation_created no longer subscribed since launch (+1 more)",
        ),
        (
            {"subscriptions": [*EVENTS, "webwidget_triggered"]},
            Level.WARNING,
            "webwidget_triggered newly subscribed since launch",
        ),
        (
            {"url": "https://old.example/api/webhooks/chatwoot?companyId=alpha"},
            Level.CRITICAL,
            "host changed since launch: app.example, now old.example",
        ),
        (
            {"url": f"{ROUTE}/v2?companyId=alpha"},
            Level.CRITICAL,
            "path changed since launch",
        ),
        (
            {"url": f"{ROUTE}?companyId=beta"},
            Level.CRITICAL,
            "companyId changed since launch",
        ),
        (
            {"url": f"{ROUTE}?companyId=alpha&token={SECRET}"},
            Level.WARNING,
            "scheme or query changed since launch",
        ),
        (
            {"url": "http://app.example/api/webhooks/chatwoot?companyId=alpha"},
            Level.WARNING,
            "scheme or query changed since launch",
        ),
        (
            {"url": f"https://elsewhere.example/?{SECRET}"},
            Level.CRITICAL,
            "address changed since launch, was app.example",
        ),
    ),
)
async def test_what_changed_since_the_launch_is_named(
    keys: dict[str, Any], level: Level, what: str
) -> None:
    reading = await changed(**keys)
    assert reading.level is level
    assert reading.note == f"account 1: {what}"


@pytest.mark.parametrize("url", (f"{ROUTE}/?companyId=alpha", f"{ROUTE}?companyId=alpha#x"))
async def test_the_same_address_written_differently_is_no_change(url: str) -> None:
    same = url.replace("app.example", "u:p@APP.example:443")
    assert (await changed(url=same)).note == "as at the launch"


async def test_a_deleted_webhook_is_critical_and_one_that_was_added_a_warning() -> None:
    first = await looked(GOOD)
    deleted = await looked(GOOD | {1: []}, first.facts)
    other = hook(9, subscriptions=["conversation_created"])
    added = await looked(GOOD | {1: [hook(), other]}, first.facts)
    assert (deleted.level, deleted.value) == (Level.CRITICAL, 1)
    assert deleted.note == "account 1: webhook deleted since launch"
    assert (added.level, added.note) == (Level.WARNING, "account 1: 1 webhook added since launch")


@pytest.mark.parametrize(
    ("hooks", "what"),
    (
        ([], "no webhook to the application"),
        ([hook(url="https://shop.example/hooks")], "no webhook to the application"),
        ([hook(subscriptions=["message_updated"])], "message_created not subscribed"),
        ([hook(url=ROUTE)], "no companyId in the address"),
        ([hook(company="gamma")], "companyId of another company in the address"),
        (
            [hook(), hook(7, "gamma")],
            "2 webhooks to the application: delivered 2 times",
        ),
    ),
)
async def test_a_fault_that_was_there_at_the_launch_is_one_all_the_same(
    hooks: list[dict[str, Any]], what: str
) -> None:
    first = await looked(GOOD | {1: hooks})
    later = await looked(GOOD | {1: hooks}, first.facts)
    assert first.note == later.note == f"account 1: {what}"
    assert first.level is later.level is Level.CRITICAL


async def test_a_second_webhook_without_messages_is_not_a_double_delivery() -> None:
    reading = await looked(GOOD | {1: [hook(), hook(7, subscriptions=["conversation_created"])]})
    assert reading.level is None


@pytest.mark.parametrize("inbox", ({"webhook_url": ROUTE}, {"channel": {"webhook_url": ROUTE}}))
async def test_an_inbox_with_a_webhook_of_its_own_delivers_twice(inbox: dict[str, Any]) -> None:
    reading = await looked(GOOD, inboxes={22: inbox})
    assert reading.level is Level.CRITICAL
    assert reading.note == "account 2: the inbox has a webhook, too: delivered twice"


async def test_an_inbox_whose_webhook_is_the_only_way_is_fine() -> None:
    reading = await looked(GOOD | {2: []}, inboxes={22: {"webhook_url": ROUTE}})
    assert reading.level is None


async def test_webhooks_to_two_hosts_ask_for_the_right_one() -> None:
    staging = hook(7, url="https://staging.example/api/webhooks/chatwoot?companyId=alpha")
    unsure = await looked(GOOD | {1: [hook(), staging]})
    told = await looked(GOOD | {1: [hook(), staging]}, setting=ROUTE)
    wrong = await looked(GOOD | {1: [staging]}, setting=ROUTE)
    assert unsure.level is Level.WARNING
    assert unsure.note == "account 1: webhooks to 2 hosts: set sources.<name>.hook"
    assert told.level is None
    assert wrong.note == "account 1: no webhook to the application"


async def test_the_worst_account_comes_first_and_the_others_are_counted() -> None:
    hooks = {1: [hook(url=f"{ROUTE}?companyId=alpha&x=1")], 2: []}
    reading = await looked(hooks, (await looked(GOOD)).facts)
    assert reading.note == "account 2: webhook deleted since launch (+1 more)"
    assert [(row.key, row.value) for row in reading.rows] == [("beta", 1), ("alpha", 1)]


@pytest.mark.parametrize("baseline", ("[]", "{cut", '{"1": {"3": []}}', '{"1": 3}', "{}"))
async def test_what_cannot_be_compared_with_the_launch_is_said(baseline: str) -> None:
    reading = await looked(GOOD, baseline)
    assert reading.note == "nothing wrong; 2 not compared with the launch"


async def test_facts_stay_within_what_the_journal_keeps() -> None:
    numbers = range(1, 200)
    hooks = {n: [hook(n, f"company{n:018}")] for n in numbers}
    async with running(webhooks=hooks, conversations={n: {} for n in numbers}) as chatwoot:
        accounts = ",".join(f"{n}=company{n:018}" for n in numbers)
        probe = opened(chatwoot, accounts)
        measure = Measure.model_validate({"ask": "webhook", "timeout": "20s"})
        reading = await probe.read(measure, NOW)
        later = await probe.read(measure, type(NOW)(NOW.now, NOW.launch, reading.facts))
    assert reading.facts == reading.bounded().facts
    assert len(reading.facts) <= FACTS
    kept = len(json.loads(reading.facts))
    assert 50 < kept < 199
    assert later.note == f"as at the launch; {199 - kept} not compared with the launch"


@pytest.mark.parametrize("broken", ({"id": "x"}, {"id": None}, {"url": 5, "subscriptions": None}))
async def test_a_webhook_of_another_shape_is_a_bad_answer_that_shows_nothing(
    broken: dict[str, Any],
) -> None:
    async with running(webhooks={1: [hook(**broken)]}, conversations=EMPTY) as chatwoot:
        error = await failure(opened(chatwoot), "webhook")
    assert isinstance(error, BadAnswer)
    assert error.reason == "account 1 inbox 11: a webhook without id, url or subscriptions"


async def test_an_account_that_is_not_there_is_named() -> None:
    async with running(webhooks=GOOD, conversations={1: {}}) as chatwoot:
        error = await failure(opened(chatwoot), "webhook")
    assert isinstance(error, Missing)
    assert error.reason == "404: no account 2 inbox 22"


async def test_an_account_is_asked_once_however_many_inboxes_it_has() -> None:
    async with running(webhooks=GOOD, conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "webhook", accounts="1/11=alpha,1/12=gamma")
        paths = sorted(path for path, _, _ in chatwoot.asked)
    assert paths == [
        "/api/v1/accounts/1/inboxes/11",
        "/api/v1/accounts/1/inboxes/12",
        "/api/v1/accounts/1/webhooks",
    ]
    assert reading.note == "account 1: companyId of another company in the address"
    assert reading.rows[0].key == "gamma"


@pytest.mark.parametrize("url", ("", "no address", "http://[", "https://x:99999/", "\x00"))
def test_what_is_no_address_goes_nowhere(url: str) -> None:
    assert Address.parse(url).host == ""


def test_a_hook_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="not an address like"):
        Settings.model_validate({"hook": "app.example"})
