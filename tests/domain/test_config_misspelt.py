"""A slip in a key is answered with the right key alone; any value at all is answered."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from firstwatch.config import load
from firstwatch.config.layers import Key, get_at, walk
from firstwatch.errors import ConfigError
from firstwatch.probe import Kinds
from firstwatch.resources import resource
from probes.kinds import KINDS

ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
NAMED_BY_PEOPLE = ("sources", "checks", "alerts")
SLOW = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def _keys(tree: dict[str, Any]) -> list[Key]:
    """Every key that firstwatch has named, not the writer of the plan."""
    return [
        key
        for key, _ in walk(tree)
        if key
        and isinstance(key[-1], str)
        and len(key[-1]) >= 4
        and not (len(key) == 2 and key[0] in NAMED_BY_PEOPLE)
        and "headers" not in key[:-1]
    ]


@st.composite
def misspelt(draw: st.DrawFn, name: str) -> str:
    """A name with one slip of the finger."""
    at = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    slip = draw(
        st.sampled_from(
            (
                name[:at] + name[at + 1 :],
                name[:at] + name[at] + name[at:],
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
                name[: at + 1] + letter + name[at + 2 :],
                name.upper(),
                name + "s",
            )
        )
    )
    assume(slip != name)
    return slip


def _answer(tree: dict[str, Any], kinds: Kinds, path: Path) -> list[str]:
    path.write_text(tomli_w.dumps(tree))
    with pytest.raises(ConfigError) as raised:
        load(None, kinds, ENVIRON, shipped=path)
    return [f"{problem.key}: {problem.what}" for problem in raised.value.problems]


def _misspell(tree: dict[str, Any], key: Key, slip: str) -> dict[str, Any]:
    tree = deepcopy(tree)
    table = get_at(tree, key[:-1])
    items = [(slip if name == key[-1] else name, value) for name, value in table.items()]
    table.clear()
    table.update(items)
    return tree


def _slip_is_answered(
    data: st.DataObject, tree: dict[str, Any], keys: list[Key], kinds: Kinds, path: Path
) -> None:
    key = data.draw(st.sampled_from(keys))
    right = str(key[-1])
    slip = data.draw(misspelt(right))
    assume(slip not in get_at(tree, key[:-1]))
    lines = _answer(_misspell(tree, key, slip), kinds, path)
    assert len(lines) == 1
    assert lines[0].endswith(f'{slip}: unknown key; did you mean "{right}"?')


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_any_misspelt_key_is_answered_with_its_right_name_alone(
    data: st.DataObject, toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    tree = tomllib.loads(toy_plan.read_text())
    _slip_is_answered(data, tree, _keys(tree), toy_kinds, tmp_path / "plan.toml")


SHIPPED = tomllib.loads(resource("config.toml").read_text())


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
def test_so_is_one_of_the_plan_that_ships(data: st.DataObject, tmp_path: Path) -> None:
    """Few examples: the plan is long, and every one is written and read as a whole."""
    _slip_is_answered(data, SHIPPED, _keys(SHIPPED), KINDS, tmp_path / "plan.toml")


@pytest.mark.parametrize("key", (("rollback", "steps"), ("rollback", "steps", 0, "command")))
def test_a_slip_over_a_shells_variables_is_one_problem(key: Key, tmp_path: Path) -> None:
    """Under the right key they are left alone; under a misspelt one nobody asks after them."""
    slip = f"{key[-1]}s"
    (line,) = _answer(_misspell(SHIPPED, key, slip), KINDS, tmp_path / "plan.toml")
    assert line.endswith(f'{slip}: unknown key; did you mean "{key[-1]}"?')


ANYTHING = st.sampled_from(
    (0, -1, 1.5, float("nan"), float("inf"), True, "", "x", "${", "${NOT_SET}", "2s", "\x1b[2J")
) | st.sampled_from(([], {}, [[]], [{}], {"x": 1}, ["x"], {"file": 3}, {"command": []}, [1, "x"]))


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@pytest.mark.parametrize("run_commands", (True, False), ids=("board", "lint"))
def test_whatever_stands_in_a_plan_it_loads_or_says_why_in_plain_lines(
    run_commands: bool, data: st.DataObject, toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    tree = tomllib.loads(toy_plan.read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from([key for key, _ in walk(tree) if key]))
        get_at(tree, key[:-1])[key[-1]] = deepcopy(data.draw(ANYTHING))
    path = tmp_path / "plan.toml"
    path.write_text(tomli_w.dumps(tree))
    for own, shipped in ((None, path), (path, toy_plan)):
        try:
            load(own, toy_kinds, ENVIRON, shipped=shipped, run_commands=run_commands)
        except ConfigError as error:
            problems = error.problems
        else:
            continue
        assert problems
        for problem in map(str, problems):
            assert problem.isprintable()
            assert "pydantic" not in problem
            assert "Input" not in problem
            assert "input" not in problem
