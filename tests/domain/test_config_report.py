"""`[report]` of a plan: what may stand there, and what is said of the rest."""

from pathlib import Path

import pytest

from firstwatch.config import load
from firstwatch.errors import ConfigError
from firstwatch.linting import lint
from firstwatch.plan import Plan
from firstwatch.probe import Kinds

ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app"}


def read(toml: str, kinds: Kinds, shipped: Path, folder: Path) -> Plan:
    path = folder / "own.toml"
    path.write_text(toml)
    return load(path, kinds, ENVIRON, shipped=shipped)


def test_a_share_is_read_with_and_without_its_unit(
    toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    for text in ('"97.5%"', "97.5", '"97.5 %"'):
        toml = f"[report]\nleast_coverage = {text}\n"
        assert read(toml, toy_kinds, toy_plan, tmp_path).report.least_coverage == 97.5


def test_without_the_table_there_are_limits_all_the_same(
    toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    limits = read("", toy_kinds, toy_plan, tmp_path).report
    assert (limits.least_coverage, limits.most_missed, limits.clean_rounds) == (95, 2, 3)
    assert limits.losses == ()


def test_a_shipped_check_that_is_left_out_counts_no_losses_any_more(
    toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    toml = '[report]\nlosses = ["errors", "response"]\n[checks.errors]\nenabled = false\n'
    assert read(toml, toy_kinds, toy_plan, tmp_path).report.losses == ("response",)


@pytest.mark.parametrize(
    ("toml", "problem"),
    (
        ('least_coverage = "120%"', "report.least_coverage: must be from 0% to 100%"),
        ('least_coverage = "95s"', 'report.least_coverage: "95s" does not fit the unit "%"'),
        ("most_missed = -1", "report.most_missed: "),
        ("clean_round = 3", 'report.clean_round: unknown key; did you mean "clean_rounds"?'),
        ('losses = ["erorrs"]', 'unknown check "erorrs"; did you mean "errors"?'),
    ),
)
def test_what_cannot_be_read_is_pointed_out(
    toy_kinds: Kinds, toy_plan: Path, tmp_path: Path, toml: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as error:
        read(f"[report]\n{toml}\n", toy_kinds, toy_plan, tmp_path)
    (line,) = str(error.value).splitlines()
    assert problem in line


@pytest.mark.parametrize(
    ("check", "what"),
    (
        ("opinion", '"opinion" is manual; only what is measured can be read off'),
        ("plain", '"plain" has no warning, so nothing tells when something was lost'),
    ),
)
def test_a_check_that_tells_no_loss_is_a_contradiction(
    toy_kinds: Kinds, toy_plan: Path, tmp_path: Path, check: str, what: str
) -> None:
    plain = (
        '[checks.plain]\ntitle = "plain"\npane = "health"\nsource = "log"\n'
        'measure = { count = ["error"] }\nalways = true\n'
    )
    plan = read(f'{plain}[report]\nlosses = ["{check}"]\n', toy_kinds, toy_plan, tmp_path)
    assert [str(problem) for problem in lint(plan)] == [f"report.losses: {what}"]
