"""The day with three shifts signs what it should, and its terminal leaves nothing behind."""

import os
import re
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from firstwatch.config import load as load_plan
from firstwatch.rounds import RoundStatus, schedule
from probes.kinds import KINDS
from rehearsal.scenarios import SCENARIOS
from tests.rehearsal.watched import Eventually

pytestmark = pytest.mark.checkout
ENVIRON = {"DATABASE_URL": "postgresql://watch@127.0.0.1/app", "APP_URL": "http://127.0.0.1:3000"}
DAY = Path(__file__).parents[2] / "bench" / "day.py"
SAMPLES = DAY.parents[1] / "docs" / "samples"
HAS_TMUX = shutil.which("tmux") is not None


@pytest.fixture
def bench() -> Any:
    """The modules of `bench`, which a wheel does not carry."""
    from bench import day, terminal

    return SimpleNamespace(**{**vars(day), **vars(terminal)})


def test_a_day_signs_each_round_while_it_may_be_and_leaves_out_two(bench: Any) -> None:
    rounds = {round_.number: round_ for round_ in schedule(load_plan(None, KINDS, ENVIRON), 0.0)}
    signed = {scene.signs: scene.hour * 3600 for scene in bench.DAY if scene.signs}
    assert len(rounds) - len(signed) == 2
    statuses = [rounds[number].status(at) for number, at in signed.items()]
    assert statuses.count(RoundStatus.LATE) == 1
    assert statuses.count(RoundStatus.OPEN) == 1
    assert statuses.count(RoundStatus.DUE) == len(statuses) - 2


def test_a_day_goes_on_in_one_direction(bench: Any) -> None:
    hours = [scene.hour for scene in bench.DAY]
    assert hours == sorted(hours)
    assert hours[-1] > 24


def test_a_day_strikes_only_what_there_is() -> None:
    played = re.findall(r'drill\("([a-z0-9-]+)"', DAY.read_text(encoding="utf-8"))
    assert set(played) <= {scenario.name for scenario in SCENARIOS}
    assert len(played) >= 6


@pytest.mark.skipif(not HAS_TMUX, reason="needs tmux")
async def test_a_terminal_takes_keys_shows_the_screen_and_ends_its_program(
    bench: Any, eventually: Eventually
) -> None:
    argv = ["sh", "-c", "echo pid $$ is here; cat"]
    with bench.Terminal(argv, dict(os.environ), (40, 10)) as terminal:
        screen = terminal.shows("is here")
        terminal.type("an apple; a pear")
        terminal.press("Enter")
        terminal.until(lambda screen: screen.count("an apple; a pear") == 2, "echo", 8.0)
        with pytest.raises(bench.Unseen, match=r'there is still no "plum"\npid [0-9]+ is here'):
            terminal.shows("plum", 0.1)
    found = re.search(r"pid ([0-9]+)", screen)
    assert found is not None
    assert await eventually(lambda: not _lives(int(found[1])))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_samples_are_all_there_and_name_no_machine_and_no_number() -> None:
    named = re.findall(r"\]\(([^)]+)\)", (SAMPLES / "README.md").read_text(encoding="utf-8"))
    assert {path.name for path in SAMPLES.iterdir()} == {"README.md", *named}
    for name in named:
        text = (SAMPLES / name).read_text(encoding="utf-8")
        assert not re.search(r"/(?:tmp|home|root|work|Users|var)/", text), name
        assert not re.search(r"\+[0-9][0-9 ()-]{8,}", re.sub(r"\+1 555 01[0-9]{2}", "", text)), name


def test_the_sampled_day_is_the_one_that_was_to_be_played() -> None:
    report = (SAMPLES / "report.md").read_text(encoding="utf-8")
    assert re.search(r"24 rounds: 22 signed(?: \([^)]*\))?, 2 missed", report)
    twins = [tomllib.loads(path.read_text("utf-8")) for path in sorted(SAMPLES.glob("*.toml"))]
    assert [(twin["holder"], twin["pending"]) for twin in twins] == [
        ("Ada", "Ben"),
        ("Ben", "Cleo"),
        ("Cleo", ""),
    ]
    assert [len(twin["rounds"]["missed"]) for twin in twins] == [1, 1, 2]
