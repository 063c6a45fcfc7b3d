"""What a plan says of the rollback: conditions, prices, and commands that stay as they are."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from firstwatch.conditions import Condition
from firstwatch.config import load
from firstwatch.errors import ConfigError
from firstwatch.linting import lint
from firstwatch.plan import Plan
from firstwatch.probe import Kinds

ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "CHATWOOT_TOKEN": "s3cr3t-marker"}
Read = Callable[..., Plan]


@pytest.fixture
def read(toy_kinds: Kinds, toy_plan: Path, tmp_path: Path) -> Read:
    """Loads a text over the toy plan."""

    def loaded(text: str, environ: Mapping[str, str] = ENVIRON) -> Plan:
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return load(path, toy_kinds, environ, shipped=toy_plan)

    return loaded


def steps(*steps: str, price: str = "[]") -> str:
    return f"[rollback]\nprice = {price}\n" + "\n".join(
        f'[[rollback.steps]]\ntitle = "step {number}"\n{step}\n'
        for number, step in enumerate(steps, 1)
    )


def problems(read: Read, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read(text, environ)
    return [str(problem).partition("mine.toml: ")[2] for problem in raised.value.problems]


def test_conditions_and_prices_are_read_into_frozen_facts(read: Read) -> None:
    text = steps('verify = " errors is 0 "', 'verify = ""', "", price='["errors", "response"]')
    plan = read(text)
    assert plan.rollback.price == ("errors", "response")
    first, *others = plan.rollback.steps
    assert first.verify == Condition("errors", 0)
    assert [step.verify for step in others] == [None, None]
    assert lint(plan) == ()


def test_an_unknown_check_is_one_sentence_with_the_nearest_name(read: Read) -> None:
    text = steps('verify = "erors is 0"', 'verify = "errors is ok"', price='["conections"]')
    assert problems(read, text) == [
        'rollback.price: unknown check "conections"; did you mean "connections"?',
        'rollback.steps[step 1].verify: unknown check "erors"; did you mean "errors"?',
    ]


@pytest.mark.parametrize("verify", ('"errors are 0"', "3", "true", '["errors is 0"]'))
def test_another_phrase_is_one_sentence_with_the_forms(read: Read, verify: str) -> None:
    (line,) = problems(read, steps(f"verify = {verify}"))
    assert line.startswith('rollback.steps[step 1].verify: must be like "live-webhooks is 0"')


def test_a_check_out_of_the_environment_is_not_shown(read: Read) -> None:
    environ = {**ENVIRON, "WHICH": "s3cr3t-marker"}
    (line,) = problems(read, steps('verify = "${WHICH} is 0"'), environ)
    assert "s3cr3t" not in line
    assert line.startswith("rollback.steps[step 1].verify: unknown check")


def test_a_shipped_check_that_is_left_out_is_no_mistake_and_verifies_nothing(read: Read) -> None:
    text = steps('verify = "errors is 0"', price='["errors", "response"]')
    plan = read(text + "[checks.errors]\nenabled = false\n")
    assert plan.rollback.price == ("response",)
    assert plan.rollback.steps[0].verify is None


@pytest.mark.parametrize("quotes", ('"', "'", '"""', "'''"))
def test_a_command_is_the_shells_and_nothing_is_filled_in(read: Read, quotes: str) -> None:
    command = "curl -H @- $URL <<< ${CHATWOOT_TOKEN} ${NOT_SET} ${APP:-x} $${Y} $(date) $"
    plan = read(steps(f"command = {quotes}{command}{quotes}", "text = '${CHATWOOT_TOKEN}'"))
    assert plan.rollback.steps[0].command == command
    assert plan.rollback.steps[1].text == "s3cr3t-marker"


def test_a_command_keeps_its_lines(read: Read) -> None:
    plan = read(steps("command = '''\nfor a in 1 2; do\n  echo \\\n    $a\ndone\n'''"))
    assert plan.rollback.steps[0].command == "for a in 1 2; do\n  echo \\\n    $a\ndone"


def test_what_only_a_person_can_say_counts_and_verifies_nothing(read: Read) -> None:
    text = steps('verify = "opinion is ok"', price='["opinion", "errors", "errors"]')
    why = '"opinion" is manual; only what is measured can be read off'
    assert [str(problem) for problem in lint(read(text))] == [
        f"rollback.price: {why}",
        'rollback.price: "errors" is named more than once',
        f"rollback.steps[step 1].verify: {why}",
    ]


def test_an_inlet_is_measured_and_belongs_to_a_witness(read: Read) -> None:
    text = (
        '[checks.errors]\nwitness = "response"\ninlet = "errors"\n'
        '[checks.response]\ninlet = "erors"\n[checks.connections]\ninlet = "opinion"\n'
    )
    assert [str(problem) for problem in lint(read(text))] == [
        ('checks.connections.inlet: "opinion" is manual; only what is measured can be read off'),
        (
            "checks.errors.inlet: a check cannot be its own inlet; name the one that counts the "
            "ways in"
        ),
        'checks.response.inlet: unknown check "erors"; did you mean "errors"?',
    ]
    lone = '[checks.errors]\ninlet = "response"\n'
    (alone,) = map(str, lint(read(lone)))
    assert alone.startswith("checks.errors.inlet: no check has this one for its witness")
    assert lint(read(lone + '[checks.connections]\nwitness = "errors"\n')) == ()
