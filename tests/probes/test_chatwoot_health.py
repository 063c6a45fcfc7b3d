"""The health of WhatsApp numbers, asked of a small Chatwoot on a real socket."""

import math
from typing import Any

import pytest

from firstwatch.errors import BadAnswer, Missing, ProbeError
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes.chatwoot_health import size
from tests.probes.toy_chatwoot import EMPTY, asked, failure, opened, running


def number(**keys: Any) -> dict[str, Any]:
    known = {"quality_rating": "GREEN", "status": "CONNECTED", "messaging_limit_tier": "TIER_2K"}
    return known | keys


async def looked(
    health: dict[int, dict[str, Any]],
    baseline: str = "",
    inboxes: dict[int, dict[str, Any]] | None = None,
) -> Reading:
    known = {11: number(), 22: number()} | health
    async with running(health=known, inboxes=inboxes or {}, conversations=EMPTY) as chatwoot:
        return await asked(chatwoot, "health", baseline=baseline)


async def test_good_numbers_have_no_faults() -> None:
    reading = await looked({})
    assert (reading.value, reading.level, reading.note) == (0, None, "2 numbers connected")
    assert [(row.key, row.note) for row in reading.rows] == [
        ("alpha", "CONNECTED, quality GREEN, TIER_2K"),
        ("beta", "CONNECTED, quality GREEN, TIER_2K"),
    ]


@pytest.mark.parametrize(
    ("keys", "level", "what"),
    (
        ({"quality_rating": "YELLOW"}, Level.WARNING, "quality YELLOW"),
        ({"quality_rating": "RED"}, Level.CRITICAL, "quality RED"),
        ({"status": "FLAGGED"}, Level.WARNING, "FLAGGED"),
        ({"status": "RATE_LIMITED"}, Level.WARNING, "RATE_LIMITED"),
        ({"status": "BANNED"}, Level.CRITICAL, "BANNED"),
        ({"status": "SOMETHING_NEW"}, Level.CRITICAL, "SOMETHING_NEW"),
        (
            {"quality_rating": "YELLOW", "status": "DISCONNECTED"},
            Level.CRITICAL,
            "DISCONNECTED (+1 more)",
        ),
    ),
)
async def test_the_worst_number_decides_and_is_named(
    keys: dict[str, Any], level: Level, what: str
) -> None:
    reading = await looked({22: number(**keys)})
    assert (reading.level, reading.note) == (level, f"account 2 inbox 22: {what}")
    assert reading.rows[0].key == "beta"


async def test_a_number_not_rated_yet_is_no_fault_and_says_so() -> None:
    reading = await looked({11: number(quality_rating="UNKNOWN")})
    assert reading.level is None
    assert reading.rows[0].note == "CONNECTED, quality UNKNOWN, TIER_2K"


async def test_a_limit_lower_than_at_the_launch_is_a_warning() -> None:
    first = await looked({11: number(messaging_limit_tier="TIER_UNLIMITED")})
    lower = await looked({11: number(messaging_limit_tier="TIER_100K")}, first.facts)
    higher = await looked({22: number(messaging_limit_tier="TIER_10K")}, (await looked({})).facts)
    assert lower.level is Level.WARNING
    assert lower.note == "account 1 inbox 11: limit TIER_100K, was TIER_UNLIMITED at the launch"
    assert higher.level is None


async def test_the_limit_is_found_under_its_newer_name_too() -> None:
    newer = number(whatsapp_business_manager_messaging_limit="TIER_250")
    del newer["messaging_limit_tier"]
    reading = await looked({11: newer}, (await looked({})).facts)
    assert reading.note == "account 1 inbox 11: limit TIER_250, was TIER_2K at the launch"


@pytest.mark.parametrize("baseline", ("[]", "{cut", '{"account 1 inbox 11":"LOTS"}'))
async def test_a_limit_that_was_not_read_at_the_launch_is_not_compared(baseline: str) -> None:
    assert (await looked({11: number(messaging_limit_tier="TIER_50")}, baseline)).level is None


async def test_a_number_to_authorize_anew_is_critical_whatever_its_health() -> None:
    inboxes = {22: {"reauthorization_required": True, "provider_config": {"api_key": "SECRET"}}}
    reading = await looked({22: {"error": "token SECRET expired"}}, inboxes=inboxes)
    assert reading.level is Level.CRITICAL
    assert reading.note == (
        "account 2 inbox 22: has to be authorized anew in Chatwoot; 1 not measured"
    )
    assert "SECRET" not in repr(reading)
    assert reading.facts == ""


async def test_a_fault_outweighs_a_number_that_cannot_be_measured() -> None:
    reading = await looked({11: {"error": "x"}, 22: number(status="BANNED")})
    assert reading.note == "account 2 inbox 22: BANNED; 1 not measured"
    assert [row.key for row in reading.rows] == ["beta", "alpha"]


@pytest.mark.parametrize(
    ("health", "kind", "reason"),
    (
        (
            {"error": "token SECRET"},
            BadAnswer,
            "422: no health of account 1 inbox 11; is it a WhatsApp Cloud inbox?",
        ),
        (None, Missing, "404: account 1 inbox 11 has no health; it takes a newer Chatwoot"),
        ({"status": "CONNECTED"}, BadAnswer, "account 1 inbox 11: no quality in its health"),
        ({"quality_rating": "GREEN"}, BadAnswer, "account 1 inbox 11: no status in its health"),
    ),
)
async def test_a_health_that_is_not_there_is_unknown_and_named(
    health: dict[str, Any] | None, kind: type[ProbeError], reason: str
) -> None:
    known = {22: number()} | ({} if health is None else {11: health})
    async with running(health=known, conversations=EMPTY) as chatwoot:
        error = await failure(opened(chatwoot), "health")
    assert type(error) is kind
    assert error.reason == reason


async def test_a_whole_account_has_no_number_to_ask_for() -> None:
    async with running(conversations=EMPTY) as chatwoot:
        error = await failure(opened(chatwoot, "1/11=a,2=b"), "health")
        assert chatwoot.asked == []
    assert error.reason == "account 2: name its inbox, as in CHATWOOT_ACCOUNTS=1/4=company"


def test_limits_have_their_size() -> None:
    tiers = ("TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
    sizes = [size(tier) for tier in tiers]
    assert sizes == [50, 250, 1000, 2000, 10_000, 100_000, math.inf]
    assert math.isnan(size("TIER_NOT_SET"))
