"""How many webhooks bring messages, on a real socket: what a pause is verified by."""

from typing import Any

from firstwatch.errors import Denied, Unreachable
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from tests.probes.test_chatwoot_webhooks import GOOD, hook, looked
from tests.probes.toy_chatwoot import EMPTY, TWO, asked, failure, opened, running

PARKED = ["webwidget_triggered"]
PAUSED = "paused: parked on webwidget_triggered"
Hooks = dict[int, list[dict[str, Any]]]


async def counted(hooks: Hooks, accounts: object = TWO, **state: Any) -> Reading:
    async with running(webhooks=hooks, conversations=EMPTY, **state) as chatwoot:
        return await asked(chatwoot, "live-webhooks", accounts=accounts)


async def test_all_are_live_at_the_launch() -> None:
    reading = await counted(GOOD)
    assert (reading.value, reading.note) == (2, "2 of 2 webhooks live")
    assert reading.rows == (
        Row("alpha", 1, "1 of 1 live", "alpha"),
        Row("beta", 1, "1 of 1 live", "beta"),
    )
    assert (reading.sample, reading.level, reading.facts) == (None, None, "")


async def test_a_pause_leaves_none_and_says_so_for_each_company() -> None:
    reading = await counted(
        {1: [hook(subscriptions=PARKED)], 2: [hook(4, "beta", subscriptions=PARKED)]}
    )
    assert (reading.value, reading.note) == (0, PAUSED)
    assert reading.rows == (Row("alpha", 0, PAUSED, "alpha"), Row("beta", 0, PAUSED, "beta"))


async def test_a_single_client_first_is_one() -> None:
    reading = await counted({1: [hook(subscriptions=PARKED)], 2: [hook(4, "beta")]})
    assert (reading.value, reading.note) == (1, "1 of 2 webhooks live")
    assert [(row.key, row.value) for row in reading.rows] == [("beta", 1), ("alpha", 0)]


async def test_one_that_still_brings_changes_of_messages_is_live() -> None:
    half = [hook(subscriptions=["message_updated"])]
    assert (await counted({1: half, 2: []})).value == 1


async def test_what_is_shut_otherwise_is_not_called_a_pause() -> None:
    reading = await counted({1: [hook(subscriptions=["conversation_created"])], 2: []})
    assert reading.value == 0
    assert "paused" not in reading.note
    assert [row.note for row in reading.rows] == [
        "message_created not subscribed",
        "no webhook to the application",
    ]
    mixed = await counted({1: [hook(subscriptions=PARKED)], 2: []})
    assert mixed.note == f"{PAUSED} (1 of 2); no webhook to the application (1 of 2)"


async def test_webhooks_of_others_do_not_count() -> None:
    other = hook(5, url="https://crm.example/hook")
    reading = await counted({1: [hook(subscriptions=PARKED), other], 2: [other]})
    assert reading.value == 0


async def test_an_inbox_that_tells_the_application_itself_is_live() -> None:
    way = {11: {"channel": {"webhook_url": "https://app.example/api/webhooks/chatwoot"}}}
    parked = {1: [hook(subscriptions=PARKED)], 2: [hook(4, "beta", subscriptions=PARKED)]}
    reading = await counted(parked, inboxes=way)
    assert (reading.value, reading.note) == (1, "1 of 3 webhooks live")
    assert reading.rows[0] == Row("alpha", 1, "1 of 2 live, 1 of an inbox", "alpha")


async def test_an_account_of_two_companies_is_asked_and_counted_once() -> None:
    async with running(webhooks={1: [hook()]}, conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "live-webhooks", accounts="1/11=alpha,1/12=beta")
        paths = [path for path, *_ in chatwoot.asked]
    assert (reading.value, reading.rows) == (1, (Row("account 1", 1, "1 of 1 live"),))
    assert sorted(paths) == [
        "/api/v1/accounts/1/inboxes/11",
        "/api/v1/accounts/1/inboxes/12",
        "/api/v1/accounts/1/webhooks",
    ]


async def test_without_rights_or_an_answer_nothing_is_counted() -> None:
    async with running(webhooks=GOOD, conversations=EMPTY) as chatwoot:
        probe = opened(chatwoot)
        chatwoot.override = lambda path: (403, "") if path.endswith("webhooks") else None
        error = await failure(probe, "live-webhooks")
    assert isinstance(error, Denied)
    assert isinstance(await failure(probe, "live-webhooks"), Unreachable)


async def test_the_settings_of_a_parked_webhook_say_paused_and_nothing_else() -> None:
    first = await looked(GOOD)
    reading = await looked(GOOD | {1: [hook(subscriptions=PARKED)]}, first.facts)
    assert (reading.level, reading.hard, reading.value) == (Level.CRITICAL, True, 1)
    assert reading.note == f"account 1: {PAUSED}"
    back = await looked(GOOD, first.facts)
    assert (back.level, back.note) == (None, "as at the launch")


async def test_a_pause_does_not_hide_what_else_has_changed() -> None:
    first = await looked(GOOD)
    url = "https://old.example/api/webhooks/chatwoot?companyId=alpha"
    moved = hook(url=url, subscriptions=PARKED)
    reading = await looked(GOOD | {1: [moved]}, first.facts)
    assert reading.rows[0].note == (
        f"host changed since launch: app.example, now old.example; {PAUSED}"
    )


async def test_a_pause_from_before_the_launch_is_told_too() -> None:
    parked = GOOD | {1: [hook(subscriptions=PARKED)]}
    first = await looked(parked)
    for reading in (first, await looked(parked, first.facts)):
        assert (reading.level, reading.note) == (Level.CRITICAL, f"account 1: {PAUSED}")
