"""The plan that ships is the whole launch checklist."""

from pathlib import Path

import pytest

from firstwatch.config import load
from firstwatch.linting import lint
from firstwatch.plan import Check, Direction, Plan
from firstwatch.rounds import schedule
from probes.answers import Measure
from probes.heads import EVENTS, selects
from probes.kinds import KINDS
from probes.log_plan import Measure as Asked
from probes.statements import FOLDER

ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}

CHECKLIST = {
    "critical watch": (
        "Database connections stable",
        "No error spikes in logs",
        "All API endpoints responsive (<500ms)",
        "Chatwoot webhooks receiving (check `/api/webhooks/chatwoot`)",
        "No 500 errors in webhook logs",
        "Messages being processed (check `Message` table)",
        "New leads being created",
        "Conversations being tracked",
        "No duplicate leads",
    ),
    "active monitoring": (
        "Average response time: <1s",
        "Database query time: <100ms",
        "Webhook processing time: <3s",
        "Inbound messages arriving",
        "Outbound messages sending",
        "No echo/loop issues",
        "Quota tracking accurate",
    ),
    "stability": (
        "Lead count matches webhook events",
        "Conversation count accurate",
        "No orphaned records",
        "Response from first client",
        "WhatsApp delivery confirmed",
        "UI performance acceptable",
    ),
}
FIGURES = ("Total companies", "Total leads today", "Messages today")
CLIENT = CHECKLIST["stability"][3:]
ON_DEMAND = {"backfill.sql", "flight_sessions.sql", "flight_states.sql", "stored.sql"}
"""Statements that a command asks, and no check."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(None, KINDS, ENVIRON)


def shown(plan: Plan) -> list[Check]:
    return [check for check in plan.checks.values() if not check.hidden]


def test_each_phase_asks_for_the_lines_of_its_hours_in_their_order(plan: Plan) -> None:
    asked = {
        phase.name: tuple(plan.checks[name].item for name in phase.checks) for phase in plan.phases
    }
    assert asked == CHECKLIST
    assert sum(map(len, asked.values())) == 22


def test_no_check_claims_words_the_checklist_does_not_have(plan: Plan) -> None:
    known = {item for items in CHECKLIST.values() for item in items} | set(FIGURES)
    assert {check.item for check in shown(plan)} == known


def test_the_key_figures_are_always_there_and_asked_for_by_no_round(plan: Plan) -> None:
    asked = {name for phase in plan.phases for name in phase.checks}
    figures = {check.item: check for check in plan.checks.values() if check.item in FIGURES}
    assert figures.keys() == set(FIGURES)
    for check in figures.values():
        assert check.always
        assert check.id not in asked
        assert check.bands.warning is check.bands.critical is None


def test_only_the_clients_lines_are_a_persons_to_say(plan: Plan) -> None:
    manual = {check.item for check in plan.checks.values() if check.is_manual}
    assert manual == set(CLIENT)
    for check in plan.checks.values():
        assert check.hint or check.always, check.id
        assert bool(check.why) or check.is_manual or check.id == "companies", check.id


def test_three_phases_have_twelve_six_and_six_rounds(plan: Plan) -> None:
    hours = [(phase.start / 3600, phase.end / 3600, phase.every / 60) for phase in plan.phases]
    assert hours == [(0, 6, 30), (6, 12, 60), (12, 24, 120)]
    rounds = schedule(plan, 0.0)
    assert [sum(r.phase == phase.name for r in rounds) for phase in plan.phases] == [12, 6, 6]
    assert rounds[-1].due == plan.end == 24 * 3600


@pytest.mark.parametrize(
    ("check", "unit", "warning", "critical"),
    (
        ("errors", "%", 1, 5),
        ("endpoints", "ms", 2000, 5000),
        ("response", "ms", 2000, 5000),
        ("webhook-failures", "", 3, 10),
        ("connections", "%", 80, 95),
    ),
)
def test_the_alert_table_holds_for_its_checks(
    plan: Plan, check: str, unit: str, warning: float, critical: float
) -> None:
    bands = plan.checks[check].bands
    assert plan.checks[check].unit == unit
    assert (bands.warning, bands.critical, bands.bad) == (warning, critical, Direction.ABOVE)


def test_the_alert_table_has_the_checklists_four_rows(plan: Plan) -> None:
    rows = {alert.title: (alert.warning, alert.critical) for alert in plan.alerts.values()}
    assert rows == {
        "Error rate": ("1%", "5%"),
        "Response time": ("2s", "5s"),
        "Webhook failures": (3, 10),
        "Database connections": ("80%", "95%"),
    }


@pytest.mark.parametrize(
    ("check", "target"),
    (("endpoints", 500), ("response", 1000), ("query-time", 100), ("webhook-time", 3000)),
)
def test_the_limits_in_the_checklists_own_lines_are_targets(
    plan: Plan, check: str, target: float
) -> None:
    assert (plan.checks[check].unit, plan.checks[check].bands.target) == ("ms", target)


def test_tails_contacts_and_rollback_are_the_checklists(plan: Plan) -> None:
    tails = [(tail.title, tail.records, tail.lines) for tail in plan.tails]
    assert tails == [
        ("errors", ("error",), 50),
        ("Chatwoot webhook", ("webhook",), 20),
        ("prisma:query", ("query",), 20),
    ]
    assert [(contact.title, contact.hint) for contact in plan.contacts] == [
        ("Database issues", "Check connection pool, restart if needed"),
        ("Webhook issues", "Verify Chatwoot configuration"),
        ("Performance issues", "Scale horizontally, check indexes"),
    ]
    assert all(contact.checks for contact in plan.contacts)
    assert plan.rollback.window == 6 * 3600
    assert [step.title for step in plan.rollback.steps] == [
        "Disable webhooks",
        "Database backup",
        "Notify clients",
        "Root cause analysis",
        "Gradual re-enable",
    ]
    assert all(step.text for step in plan.rollback.steps)


def test_the_rollback_is_verified_where_the_watch_can_see_it(plan: Plan) -> None:
    assert [step.verify and str(step.verify) for step in plan.rollback.steps] == [
        "live-webhooks is 0",
        "messages-since is 0",
        None,
        None,
        "webhook-config is ok",
    ]
    assert plan.rollback.price == ("leads-since", "messages-since", "conversations-since")
    for witness in ("chatwoot-incoming", "chatwoot-outgoing"):
        assert plan.checks[witness].inlet == "live-webhooks"


def test_the_commands_fit_a_terminal_and_name_secrets_without_holding_them() -> None:
    environ = {**ENVIRON, "CHATWOOT_TOKEN": "s3cr3t", "CHATWOOT_URL": "https://chat.example"}
    steps = load(None, KINDS, environ).rollback.steps
    for step in steps:
        assert step.command
        assert max(map(len, step.command.splitlines())) <= 78, step.title
        assert "s3cr3t" not in step.command
        assert "chat.example" not in step.command
    assert "$CHATWOOT_TOKEN" in steps[0].command
    assert "${APP_LOG:-logs/app.log}" in steps[3].command


def test_pasting_the_commands_neither_restores_nor_lets_everybody_in(plan: Plan) -> None:
    _, restore, *_, back = (step.command.splitlines() for step in plan.rollback.steps)
    for line in restore:
        assert line.startswith(("#", "pg_dump "))
    assert "DELETES EVERYTHING" in plan.rollback.steps[1].text
    assert [line for line in back if line.startswith("# for ")]
    assert [line for line in back if line.startswith("back ")] == ["back 1"]


def test_the_plan_contradicts_nothing(plan: Plan) -> None:
    assert lint(plan) == ()


def test_every_shipped_statement_is_asked_by_some_check(plan: Plan) -> None:
    asked = {
        check.measure.sql for check in plan.checks.values() if isinstance(check.measure, Measure)
    }
    assert asked | ON_DEMAND == {path.name for path in FOLDER.glob("*.sql")}


def test_silence_is_judged_by_a_second_witness(plan: Plan) -> None:
    witnessed = {check.id for check in plan.checks.values() if check.witness}
    assert {"webhooks", "messages", "inbound", "outbound", "errors"} <= witnessed
    for name in witnessed:
        assert plan.checks[plan.checks[name].witness].source == "chatwoot"


def test_a_file_of_three_lines_is_enough(tmp_path: Path) -> None:
    own = tmp_path / "config.toml"
    own.write_text('[sources.database]\ndsn = "${DATABASE_URL}"\npooled = true\n')
    plan = load(own, KINDS, ENVIRON)
    assert plan.sources["database"].settings.pooled is True
    assert len(plan.checks) == len(load(None, KINDS, ENVIRON).checks)
    assert lint(plan, str(own)) == ()


def test_the_example_in_its_own_head_is_such_a_file(tmp_path: Path) -> None:
    from firstwatch.resources import resource

    head = resource("config.toml").read_text(encoding="utf-8").split("[watch]")[0]
    example = [line.removeprefix("#     ") for line in head.splitlines() if line[:6] == "#     "]
    assert len(example) == 3
    own = tmp_path / "config.toml"
    own.write_text("\n".join(example))
    assert load(own, KINDS, ENVIRON).sources["database"].settings.pooled is True


def test_the_tail_of_a_check_of_the_log_has_every_record_it_counts(plan: Plan) -> None:
    for tail in plan.tails:
        for id_ in tail.checks:
            measure = plan.checks[id_].measure
            if not isinstance(measure, Asked):
                continue
            ratio = measure.ratio.of if measure.ratio else ()
            counted = measure.count or measure.pace or measure.kinds or ratio
            events = [e for e in EVENTS.values() if selects(counted, e, "")]
            assert all(selects(tail.records, event, "") for event in events), (tail.title, id_)
