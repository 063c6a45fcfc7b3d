"""Contradictions of a plan that can be read."""

from pathlib import Path

import pytest

from firstwatch.config import load
from firstwatch.linting import lint
from firstwatch.probe import Kinds
from firstwatch.resources import resource
from probes.kinds import KINDS

ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}

PHASES = """
[[phases]]
name = "first"
start = "{start}"
end = "6h"
every = "30m"
checks = ["connections", "errors"]

[[phases]]
name = "second"
start = "{second}"
end = "12h"
every = "{every}"
{window}
checks = ["response", "opinion"{more}]
"""


def phases(
    start: str = "0s", second: str = "6h", every: str = "1h", more: str = "", window: str = ""
) -> str:
    return PHASES.format(start=start, second=second, every=every, more=more, window=window)


def test_the_plan_that_ships_contradicts_nothing() -> None:
    assert lint(load(None, KINDS, ENVIRON)) == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    (
        pytest.param("[watch]\n", [], id="nothing"),
        pytest.param(
            "[checks.errors]\ntarget = 5\n",
            [
                (
                    "checks.errors.target: 5 is beyond warning (3) where above is bad; swap "
                    "them or change bad"
                )
            ],
            id="target beyond warning",
        ),
        pytest.param(
            "[checks.errors]\nwarning = 5\ncritical = 4\n",
            [
                (
                    "checks.errors.warning: 5 is beyond critical (4) where above is bad; swap "
                    "them or change bad"
                )
            ],
            id="warning beyond critical",
        ),
        pytest.param(
            '[checks.errors]\nwarning = 5\ncritical = 4\nbad = "below"\n', [], id="below is bad"
        ),
        pytest.param(
            '[checks.new]\ntitle = "new"\npane = "flow"\n',
            [
                (
                    "checks.new: no phase asks for it; name it in a phase, or say always = true or "
                    "hidden = true"
                )
            ],
            id="asked for by nobody",
        ),
        pytest.param(
            '[checks.a]\ntitle = "a"\npane = "flow"\nhidden = true\n'
            '[checks.b]\ntitle = "b"\npane = "flow"\nalways = true\n',
            [],
            id="hidden and always need no phase",
        ),
        pytest.param(
            phases(start="10m", second="7h"),
            [
                'phases[first].start: the first 10m have no phase; begin at "0s"',
                'phases[second].start: leaves a gap: "first" ends at 6h 00m, this begins at 7h 00m',
                (
                    "phases[first].every: does not divide the phase (5h 50m); its last 20m have no "
                    "round"
                ),
            ],
            id="gaps",
        ),
        pytest.param(
            phases(second="5h"),
            ['phases[second].start: overlaps: "first" ends at 6h 00m, this begins at 5h 00m'],
            id="overlap",
        ),
        pytest.param(
            phases(every="7h"),
            ["phases[second].every: is longer than the phase (6h 00m), which so has no round"],
            id="no round",
        ),
        pytest.param(
            phases(window='early = "30m"\ngrace = "40m"'),
            [
                (
                    "phases[second].grace: early and grace together (1h 10m) are longer than every "
                    "(1h 00m), so rounds run into each other"
                )
            ],
            id="window longer than the cadence",
        ),
        pytest.param(
            phases(more=', "response"'),
            ['phases[second].checks: "response" is named more than once'],
            id="named twice",
        ),
        pytest.param(
            "[checks.response]\nenabled = false\n[checks.opinion]\nenabled = false\n",
            ["phases[active].checks: has nothing to ask for: every check of it is left out"],
            id="a phase without checks",
        ),
        pytest.param(
            "[checks.errors]\nhidden = true\n",
            [
                (
                    'phases[critical watch].checks: "errors" is hidden, so nobody could sign it; '
                    "show it or drop it"
                )
            ],
            id="hidden and asked for",
        ),
        pytest.param(
            '[checks.errors]\nevery = "2s"\n',
            ["checks.errors.deadline: 5s is longer than every (2s); make it shorter"],
            id="deadline longer than every",
        ),
        pytest.param(
            '[checks.errors]\nwitness = "errors"\n[checks.response]\nwitness = "connection"\n'
            '[checks.connections]\nwitness = "opinion"\n',
            [
                'checks.connections.witness: "opinion" is manual; a witness must be measured',
                (
                    "checks.errors.witness: a check cannot be its own witness; name one that "
                    "counts elsewhere"
                ),
                (
                    'checks.response.witness: "connection" is no check of this plan, or is '
                    'left out by enabled = false; did you mean "connections"?'
                ),
            ],
            id="witnesses that cannot witness",
        ),
        pytest.param(
            '[checks.errors]\ncompare = "errors"\n[checks.response]\ncompare = "opinion"\n'
            '[checks.connections]\ncompare = "error"\n[checks.opinion]\ncompare = "errors"\n',
            [
                (
                    'checks.connections.compare: "error" is no check of this plan, or is left '
                    'out by enabled = false; did you mean "errors"?'
                ),
                (
                    "checks.errors.compare: a check cannot be compared with itself; name one that "
                    "counts elsewhere"
                ),
                (
                    'checks.response.compare: "opinion" is manual; only what is measured can be '
                    "compared"
                ),
                "checks.opinion.compare: a manual check has no value to compare",
            ],
            id="comparisons that cannot be made",
        ),
        pytest.param(
            '[checks.errors]\nhint_from = "connections"\n'
            '[checks.opinion]\nhint_from = "respons"\n'
            '[checks.second]\ntitle = "t"\npane = "client"\nalways = true\n'
            'hint_from = "opinion"\n',
            [
                (
                    "checks.errors.hint_from: only a manual check takes a hint from another; "
                    "this one is measured"
                ),
                (
                    'checks.opinion.hint_from: "respons" is no check of this plan; did you mean '
                    '"response"?'
                ),
                (
                    'checks.second.hint_from: "opinion" is manual; a hint comes from a measured '
                    "check"
                ),
            ],
            id="hints that cannot help",
        ),
        pytest.param(
            "[checks.opinion]\ntarget = 1\ncritical = 3\n",
            [
                (
                    "checks.opinion: has target and critical but no source; a person's answer "
                    "is not measured against limits"
                )
            ],
            id="manual with limits",
        ),
    ),
)
def test_a_contradiction_is_pointed_out_with_what_to_do(
    text: str, lines: list[str], toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    plan = load(path, toy_kinds, ENVIRON, shipped=toy_plan)
    assert [str(problem) for problem in lint(plan)] == lines


def test_the_lines_name_the_file_that_is_given(
    toy_kinds: Kinds, toy_plan: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[checks.errors]\ntarget = 5\n")
    (problem,) = lint(load(path, toy_kinds, ENVIRON, shipped=toy_plan), "mine.toml")
    assert str(problem).startswith("mine.toml: checks.errors.target: ")


def test_the_file_of_the_shipped_plan_is_there() -> None:
    assert resource("config.toml").is_file()
