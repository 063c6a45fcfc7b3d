"""`firstwatch report`: two files, where they are, and what it came to."""

from pathlib import Path

import pytest

from firstwatch.clock import SystemClock
from firstwatch.journal import Journal
from tui.cli import main

PLAN = """
[watch]
handoffs = "reports"

[sources.database]
dsn = "postgresql://watch@db/app"

[sources.app]
base = "http://app"
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan, and nobody's home."""
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


def launched(path: Path, ago: float) -> None:
    now = SystemClock().now()
    with Journal.open(path) as journal:
        journal.stamp_launch(now - ago, "A")
        journal.begin_run(now - ago, "A", "0.1", "x")
        journal.record_readings(now, {"connections": 42.0})


def report(*more: str) -> int:
    return main(["report", "-c", "plan.toml", "--journal", "launch.journal", *more])


def test_both_places_are_the_output_and_the_verdict_is_narrated(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    launched(place / "launch.journal", 90_000)
    assert report() == 0
    told = capsys.readouterr()
    document, page = (Path(line) for line in told.out.splitlines())
    assert told.err == "decision: extend\n"
    assert document.parent == page.parent == Path("reports")
    assert document.read_text().startswith("# Final report: launch, T+25h00")
    assert page.read_text().startswith("<!doctype html>")
    assert report("--folder", "elsewhere") == 0
    assert capsys.readouterr().out.startswith("elsewhere/launch-report-")


def test_before_the_plan_is_over_it_says_that_it_is_provisional(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    launched(place / "launch.journal", 3600)
    assert report() == 0
    told = capsys.readouterr()
    assert told.err == "provisional, the plan is not over; decision: extend\n"
    assert "launch-provisional-report-" in told.out


def test_where_nothing_can_be_written_it_says_so(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    launched(place / "launch.journal", 3600)
    assert report("--folder", "plan.toml") == 2
    assert capsys.readouterr().err.startswith("no report written into plan.toml: ")


def test_without_a_journal_there_is_nothing_to_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert report() == 2
    assert "not there; a watch makes it when it first starts" in capsys.readouterr().err
