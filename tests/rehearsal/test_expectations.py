"""What the matrix expects is complete, and it finds what is not as expected."""

from pathlib import Path
from typing import Any

import pytest

from firstwatch.config import load as load_plan
from firstwatch.verdict import Level
from probes.kinds import KINDS
from rehearsal.scenarios import SCENARIOS

pytestmark = pytest.mark.checkout
ENVIRON = {"DATABASE_URL": "postgresql://watch@127.0.0.1/app", "APP_URL": "http://127.0.0.1:3000"}
SOURCES = {"errors": "log", "webhooks": "database", "quota": "database", "chatwoot": "chatwoot"}


@pytest.fixture
def bench() -> Any:
    """The modules of `bench`, which a wheel does not carry."""
    from types import SimpleNamespace

    from bench import expectations, playing

    return SimpleNamespace(**{**vars(playing), **vars(expectations)})


def _noticed(bench: Any, subject: str, **levels: int) -> Any:
    """A check that reached these levels and stays at the last one; ok is none of them."""
    after = {Level(name.replace("_", " ")): seconds for name, seconds in levels.items()}
    last = list(after)[-1]
    after.pop(Level.OK, None)
    return bench.Noticed(subject, after, dict.fromkeys(after, "because"), last, None)


def _played(bench: Any, *noticed: Any) -> Any:
    found = {entry.subject: entry for entry in noticed}
    return bench.Played("storm", 1, noticed=found, sources=SOURCES)


def test_every_scenario_has_its_expectations(bench: Any) -> None:
    parts = {part for name in bench.load() for part in bench.parts(name)}
    assert parts == {scenario.name for scenario in SCENARIOS}


def test_what_is_not_harmless_expects_a_check_of_the_default_plan(bench: Any) -> None:
    known = set(load_plan(None, KINDS, ENVIRON).checks) | {"source:database"}
    later = {
        *("webhook-config", "duplicate-deliveries", "ledger", "new-errors", "restarts"),
        *("send-failures", "delivery-rate", "whatsapp-health", "chatwoot-alive"),
    }
    for name, wanted in bench.load().items():
        assert wanted.is_harmless or wanted.before or wanted.expect, name
        assert set(wanted.expect) <= known | later, name


def test_a_group_that_is_not_there_is_an_error(bench: Any, tmp_path: Path) -> None:
    file = tmp_path / "expected.toml"
    file.write_text('[groups]\nlog = ["errors"]\n[storm]\nmay = ["@log", "log"]\n')
    assert bench.load(file)["storm"].may == ("errors", "log")
    file.write_text('[storm]\nmay = ["@lgo"]\n')
    with pytest.raises(KeyError, match="lgo"):
        bench.load(file)


def test_as_expected_is_no_violation(bench: Any) -> None:
    wanted = bench.Expectation(
        expect={"errors": "warning", "no-such-check": "critical"}, blind=("database",)
    )
    played = _played(bench, _noticed(bench, "errors", critical=30, ok=90))
    assert bench.violations(wanted, played) == []
    played = _played(
        bench,
        _noticed(bench, "errors", critical=30, ok=90),
        _noticed(bench, "webhooks", unknown=30, ok=90),
        _noticed(bench, "source:database", unknown=3, ok=90),
        _noticed(bench, "chatwoot", off_target=3, ok=90),
    )
    assert bench.violations(wanted, played) == []


@pytest.mark.parametrize(
    ("expect", "noticed", "told"),
    (
        ({"errors": "warning"}, {}, "errors should be warning, and noticed nothing"),
        ({"source:log": "unknown"}, {}, "source:log should be unknown, and noticed nothing"),
        ({"errors": "critical"}, {"errors": {"warning": 3, "ok": 9}}, "was only warning"),
        ({"errors": "idle"}, {"errors": {"critical": 3, "ok": 9}}, "errors should be idle"),
        ({"errors": "warning"}, {"errors": {"unknown": 3, "ok": 9}}, "was only unknown"),
        ({}, {"errors": {"warning": 3, "ok": 9}}, "errors has nothing to do with it"),
        ({}, {"webhooks": {"warning": 3, "ok": 9}}, "webhooks has nothing to do with it"),
        ({"errors": "warning"}, {"errors": {"warning": 3}}, "errors is still warning: because"),
    ),
)
def test_everything_else_is_one(
    bench: Any, expect: dict[str, str], noticed: dict[str, dict[str, int]], told: str
) -> None:
    wanted = bench.Expectation(expect=expect, blind=("database",))
    entries = [_noticed(bench, subject, **levels) for subject, levels in noticed.items()]
    (violation,) = bench.violations(wanted, _played(bench, *entries))
    assert told in violation


def test_what_is_lost_may_stay_and_what_was_wrong_before_is_told(bench: Any) -> None:
    wanted = bench.Expectation(expect={"quota": "warning"}, stays=("quota",))
    played = _played(bench, _noticed(bench, "quota", warning=3))
    assert bench.violations(wanted, played) == []
    played.early.append("errors warning: 3 %")
    assert bench.violations(wanted, played) == ["before the strike: errors warning: 3 %"]
