"""Broken plans: each file of broken/ is answered with exactly the lines beside it.

With WRITE_BROKEN=1 in the environment the lines are written anew, to be read before a commit.
"""

import os
from pathlib import Path

import pytest

from firstwatch.config import load
from firstwatch.errors import ConfigError
from firstwatch.probe import Kinds

BROKEN = Path(__file__).parent / "broken"
MARKER = "s3cr3t-marker"
ENVIRON = {
    "DATABASE_URL": f"postgresql://watch:{MARKER}@db/app",
    "MARKED": f"mysql://{MARKER}",
    "PATH": os.environ["PATH"],
}


def _lines(path: Path, kinds: Kinds, shipped: Path, *, run_commands: bool = True) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(path, kinds, ENVIRON, run_commands=run_commands, shipped=shipped)
    assert raised.value.__cause__ is None
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize("name", sorted(path.stem for path in BROKEN.glob("*.toml")))
def test_a_broken_file_is_answered_with_one_line_per_problem(
    name: str, toy_kinds: Kinds, toy_plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BROKEN)
    lines = _lines(Path(f"{name}.toml"), toy_kinds, toy_plan)
    if os.environ.get("WRITE_BROKEN"):
        (BROKEN / f"{name}.txt").write_text("\n".join(lines) + "\n")
    assert lines == (BROKEN / f"{name}.txt").read_text().splitlines()
    assert MARKER not in "\n".join(lines)
