"""What probes say they ask: exactly what is run, what is bound to it, and never a secret."""

from typing import Any

import pytest

from firstwatch.clock import SystemClock
from firstwatch.probe import Describes, Inquiry, Moment
from probes import chatwoot, command, http, log, pgbouncer, postgres
from probes.answers import Measure
from probes.kinds import KINDS
from tests.probes.test_captures import Database, opened

MOMENT = Moment(now=1_795_419_786.0, launch=1_795_412_586.0)
SECRET = "s3cret-hunter2"


def told(kind: Any, settings: dict[str, Any], measure: dict[str, Any]) -> Inquiry:
    """What the probe of this kind says."""
    probe = kind.open(kind.settings.model_validate(settings), SystemClock())
    inquiry: Inquiry = probe.describe(kind.measure.model_validate(measure), MOMENT)
    assert SECRET not in repr(inquiry)
    return inquiry


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_can_say_what_it_asks(name: str) -> None:
    kind = KINDS[name]
    assert isinstance(kind.open(kind.settings(), SystemClock()), Describes)


def test_a_statement_is_told_with_its_names_and_without_its_comments() -> None:
    sql = '-- how many\nSELECT count(*) AS value\nFROM "Lead" -- all\nWHERE id >= :since_id;'
    inquiry = told(
        postgres.KIND, {"dsn": f"postgresql://watch:{SECRET}@127.0.0.1/app"}, {"sql": sql}
    )
    assert inquiry.asked == ("SELECT count(*) AS value", 'FROM "Lead" ', "WHERE id >= :since_id")
    assert inquiry.given == ()
    assert inquiry.cost == ""


async def test_after_a_reading_the_bound_values_and_the_cost_are_told(database: Database) -> None:
    async with opened(database.dsn) as probe:
        sql = "SELECT 1 AS value WHERE :now::timestamp > :since::timestamp"
        measure = Measure.model_validate({"sql": sql, "window": "5m"})
        await probe.read(measure, MOMENT)
        inquiry = probe.describe(measure, MOMENT)
    assert dict(inquiry.given) == {
        ":now": "2026-11-23 07:43:06",
        ":since": "2026-11-23 07:38:06",
    }
    assert inquiry.cost.startswith("planner's cost ")
    assert inquiry.cost.endswith("1 rows came")


def test_requests_are_told_with_what_is_expected_and_only_the_names_of_headers() -> None:
    endpoints = [
        {"path": f"/api/a?key={SECRET}", "expect": [200, 204], "contains": "active"},
        {"path": "/health", "json": {"path": "db.up", "equals": True}},
    ]
    inquiry = told(
        http.KIND,
        {"base": f"https://u:{SECRET}@app.example.com", "headers": {"x-key": SECRET}},
        {"endpoints": endpoints},
    )
    assert inquiry.asked == (
        'GET https://app.example.com/api/a?…  expects 200 or 204, "active" in its body',
        "GET https://app.example.com/health  expects 200, db.up is True",
    )
    assert dict(inquiry.given) == {
        "value": "p95 of the last 10 answers of each",
        "headers": "x-key",
    }


@pytest.mark.parametrize(
    ("measure", "lines"),
    (
        (
            {"count": ["code:P2024"], "window": "5m", "matches": "pool .*"},
            ("count of records: code:P2024 in the last 5m", "that match: pool .*"),
        ),
        (
            {"ratio": {"of": ["error"], "per": [["request"], ["webhook.received"]]}},
            ("ratio of records: error in % of request or of webhook.received in the last 5m",),
        ),
        (
            {"duration": ["request"], "stat": "p99", "contains": "/api"},
            ("duration p99 of records: request in the last 5m", "that contain: /api"),
        ),
        ({"silence": ["webhook.received"]}, ("silence of records: webhook.received",)),
    ),
)
def test_a_question_to_the_log_is_told_in_words(
    measure: dict[str, Any], lines: tuple[str, ...]
) -> None:
    inquiry = told(log.KIND, {"path": "logs/app.log"}, measure)
    assert inquiry.asked == lines
    assert inquiry.given == (("log", "logs/app.log"),)


def test_calls_to_chatwoot_are_told_with_the_report_and_the_accounts() -> None:
    settings = {
        "base": "https://chat.example.com",
        "token": SECRET,
        "accounts": [{"account": 3, "inbox": 7}, {"account": 4}],
    }
    inquiry = told(chatwoot.KIND, settings, {"ask": "incoming", "window": "3m"})
    assert inquiry.asked == ("GET https://chat.example.com/api/v2/accounts/{account}/reports",)
    given = dict(inquiry.given)
    assert given["metric"] == "incoming_messages_count"
    assert int(given["until"]) - int(given["since"]) == 180
    assert given["accounts"] == "account 3 inbox 7, account 4"
    assert told(chatwoot.KIND, settings, {"ask": "alive"}).given == ()
    (webhooks, _) = told(chatwoot.KIND, settings, {"ask": "webhook"}).asked
    assert webhooks.endswith("/api/v1/accounts/{account}/webhooks")


def test_a_program_is_told_as_a_shell_would_start_it() -> None:
    inquiry = told(
        command.KIND,
        {"env": {"TOKEN": SECRET}, "cwd": "/srv"},
        {"argv": ["df", "--output=pcent", "/a b"], "read": "json", "path": "a.b"},
    )
    assert inquiry.asked == ("df --output=pcent '/a b'",)
    assert inquiry.given == (("read", "json a.b"), ("folder", "/srv"), ("env", "TOKEN"))


def test_the_console_of_pgbouncer_is_told_by_its_commands() -> None:
    inquiry = told(pgbouncer.KIND, {}, {"database": "app"})
    assert inquiry.asked == ("SHOW POOLS", "SHOW DATABASES")
    assert inquiry.given == (("database", "app"),)
