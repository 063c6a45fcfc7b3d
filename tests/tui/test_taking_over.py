"""`firstwatch take-over`, and a board that is opened under another name."""

import subprocess
import tomllib
from pathlib import Path
from subprocess import PIPE
from types import SimpleNamespace

import pytest

from firstwatch.acts import Carried, HandedOver, Promise, TakenOver
from firstwatch.handoff import from_journal
from firstwatch.journal import Journal
from firstwatch.snapshot import Snapshot
from tests.tui.test_cli import PROGRAM, eventually, has_measured, journal_of, place, small
from tui.cli import main
from tui.cli.commands import setting_of
from tui.cli.opening import Setting, open_watch

__all__ = ["place"]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed at the terminal, line by line."""
    lines: list[str] = []

    keyboard = SimpleNamespace(readline=lambda: f"{lines.pop(0)}\n" if lines else "")
    monkeypatch.setattr("sys.stdin", keyboard)
    return lines


def setting(plan: str, *options: str) -> Setting:
    from tui.cli.arguments import parse

    return setting_of(parse(["run", "-c", plan, *options]), {"HOME": "/nowhere", "USER": "ada"})


def standing(place: Path, plan: str) -> Snapshot:
    with Journal.read_only(journal_of(place)) as journal:
        found = setting(plan)
        return from_journal(journal, found.plan, found.clock.now())


@pytest.fixture
def watched(place: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A plan that ada watched for a moment; its one check is in trouble."""
    plan = small(place, "echo", "7", more='worsen = "1 of 1"')
    assert main(["start", "-c", plan]) == 0
    assert main(["run", "-c", plan, "--for", "2s"]) == 0
    capsys.readouterr()
    return plan


def test_the_questions_are_asked_and_the_watch_changes_hands(
    place: Path, watched: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said += ["", "bo", "maybe", "yes", "more than ten lost leads", "yes"]
    assert main(["take-over", "-c", watched, "--operator", "bo"]) == 0
    told = capsys.readouterr()
    assert told.out == "bo has the watch\n"
    assert "ada → bo; 3 questions, then you accept" in told.err
    assert "1 of 3. one: who has it?" in told.err
    assert "answer it first" in told.err
    assert "2 of 3. Round 1 is due" in told.err
    assert "say yes, or no and why" in told.err
    affairs = standing(place, watched).affairs
    assert (affairs.holder, affairs.pending) == ("bo", "")
    (taken,) = [r.act for r in affairs.records if isinstance(r.act, TakenOver)]
    assert [answer.answer for answer in taken.answers] == ["bo", "yes", "more than ten lost leads"]
    (episode,) = standing(place, watched).episodes
    named = [answer.episodes for answer in taken.answers]
    assert named == [((episode.subject, episode.start),), (), ()]
    assert main(["take-over", "-c", watched, "--operator", "bo"]) == 2
    assert "bo has the watch already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "lines", ([], ["bo"], ["bo", "yes", "."], ["bo", "yes", ".", "no"]), ids=len
)
def test_what_is_broken_off_changes_nothing(
    place: Path, watched: str, said: list[str], lines: list[str]
) -> None:
    said += lines
    assert main(["take-over", "-c", watched, "--operator", "bo"]) == 2
    affairs = standing(place, watched).affairs
    assert (affairs.holder, affairs.pending, affairs.records) == ("ada", "", ())


def test_who_was_offered_the_watch_need_not_name_themselves(
    place: Path, watched: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.open(journal_of(place)) as journal:
        journal.act(setting(watched).clock.now(), "ada", HandedOver(to="cy"))
    said += ["cy", "yes", "a line", "yes"]
    assert main(["take-over", "-c", watched]) == 0
    assert capsys.readouterr().out == "cy has the watch\n"
    acts = [r.act for r in standing(place, watched).affairs.records]
    assert [act.kind for act in acts] == ["handed-over", "taken-over"]


def test_a_running_watch_is_taken_over_on_its_board(place: Path) -> None:
    plan = small(place)
    running = subprocess.Popen([*PROGRAM, "run", "-c", plan], stdout=PIPE, stderr=PIPE, text=True)
    try:
        eventually(lambda: has_measured(journal_of(place)))
        done = subprocess.run(
            [*PROGRAM, "take-over", "-c", plan, "--operator", "bo"],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    finally:
        running.terminate()
        running.communicate(timeout=10)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("a watch is running; on its board press o (")
    assert f"pid {running.pid}" in done.stderr


def test_without_a_watch_there_is_nothing_to_take_over(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["take-over", "-c", small(place), "--operator", "bo"]) == 2
    assert "not there; a watch makes it" in capsys.readouterr().err
    assert not journal_of(place).exists()


def twin_of(place: Path, plan: str, capsys: pytest.CaptureFixture[str]) -> Path:
    """The handoff of that watch, whose journal is then gone."""
    with Journal.open(journal_of(place)) as journal:
        now = setting(plan).clock.now()
        journal.act(now, "ada", Promise(text="recheck quota", due=now + 3600))
    assert main(["handoff", "-c", plan]) == 0
    written = Path(capsys.readouterr().out.strip()).with_suffix(".toml")
    for file in journal_of(place).parent.iterdir():
        file.unlink()
    return written


def test_a_handoff_begins_a_journal_on_another_machine(
    place: Path, watched: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = standing(place, watched)
    written = twin_of(place, watched, capsys)
    is_promised = "promises" in tomllib.loads(written.read_text())
    said += ["bo", *["yes"] * is_promised, "yes", "a line", "yes"]
    assert main(["take-over", str(written), "-c", watched, "--operator", "bo"]) == 0
    told = capsys.readouterr()
    assert told.out == "bo has the watch\n"
    assert f"journal {journal_of(place)}" in told.err
    after = standing(place, watched)
    assert after.launch == pytest.approx(before.launch, abs=1)
    assert after.affairs.holder == "bo"
    (carried,) = [r.act for r in after.affairs.records if isinstance(r.act, Carried)]
    assert carried.source == written.name
    assert [e.subject for e in after.episodes if e.is_open] == ["one"]
    assert len(after.affairs.promises) == is_promised
    capsys.readouterr()
    assert main(["run", "-c", watched, "--for", "2s"]) == 0
    assert standing(place, watched).affairs.holder == "bo"
    assert main(["take-over", str(written), "-c", watched, "--operator", "cy"]) == 2
    assert "has a launch already" in capsys.readouterr().err


def test_a_handoff_whose_questions_are_not_answered_leaves_no_journal(
    place: Path, watched: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    written = twin_of(place, watched, capsys)
    said += ["bo"]
    assert main(["take-over", str(written), "-c", watched, "--operator", "bo"]) == 2
    assert "not answered" in capsys.readouterr().err
    assert not journal_of(place).exists()


def test_who_moves_to_another_machine_is_asked_nothing(
    place: Path, watched: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = twin_of(place, watched, capsys)
    assert main(["take-over", str(written), "-c", watched]) == 0
    assert capsys.readouterr().out == "ada goes on with the watch\n"
    assert standing(place, watched).affairs.who == "ada"


@pytest.mark.parametrize(
    ("text", "reason"),
    (
        ("= nonsense", "line 1"),
        ('watch = "other"\nat = 1800000000\nlaunch = 1800000000', 'a handoff of "other"'),
        ("version = 1", "not the TOML of a handoff"),
        ('watch = "launch"\nat = 1800000000\nlaunch = 1e300', "launch: must be a time"),
        ('watch = "launch"\nat = 1800000000\nlaunch = 0', "launch: is more than a year away"),
    ),
)
def test_a_file_that_does_not_fit_is_told_in_one_line(
    place: Path, capsys: pytest.CaptureFixture[str], text: str, reason: str
) -> None:
    file = place / "one.toml"
    file.write_text(text)
    assert main(["take-over", str(file), "-c", small(place), "--operator", "bo"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert reason in line
    assert "one.toml" in line
    assert not journal_of(place).exists()


def test_a_missing_file_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["take-over", "nowhere.toml", "-c", small(place)]) == 2
    assert capsys.readouterr().err == "nowhere.toml: No such file or directory\n"


# Another name on the command line


def test_another_operator_is_pending_until_they_accept_and_only_once(
    place: Path, watched: str
) -> None:
    for _ in range(2):
        with open_watch(setting(watched, "--operator", "bo")) as watch:
            affairs = watch.snapshot().affairs
            assert (affairs.holder, affairs.pending) == ("ada", "bo")
            assert len(affairs.records) == 1
    with open_watch(setting(watched, "--operator", "bo")) as watch:
        watch.do(TakenOver(by="bo"))
        assert watch.snapshot().operator == "bo"
    with open_watch(setting(watched, "--operator", "bo")) as watch:
        assert watch.snapshot().affairs.pending == ""
    assert standing(place, watched).operator == "bo"


def test_who_has_the_watch_is_known_however_they_are_spelt(
    place: Path, watched: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_watch(setting(watched, "--operator", " ADA ")) as watch:
        assert watch.snapshot().affairs.pending == ""
    assert main(["take-over", "-c", watched, "--operator", "Ada"]) == 2
    assert capsys.readouterr().err.startswith("ada has the watch already")


def test_a_login_or_a_plan_that_says_another_name_offers_nothing(
    place: Path, watched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "bo")
    assert main(["run", "-c", watched, "--for", "1s"]) == 0
    affairs = standing(place, watched).affairs
    assert (affairs.holder, affairs.pending) == ("ada", "")
    assert affairs.records == ()


@pytest.mark.parametrize("name", ("", "   ", "\u200b\u202e", "\t"))
@pytest.mark.parametrize(
    "command",
    (
        "start",
        "run",
        "check",
        "handoff",
        "report",
        "verify",
        "take-over",
        "backfill",
        "rehearse",
        "rehearse --serve",
    ),
)
def test_a_name_that_is_none_is_refused(
    place: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    assert main([*command.split(), "-c", small(place), "--operator", name]) == 2
    assert capsys.readouterr().err.splitlines() == ["--operator: say a name"]
    assert not journal_of(place).exists()


def test_the_first_watch_belongs_to_who_is_named(place: Path) -> None:
    plan = small(place)
    with open_watch(setting(plan, "--operator", "bo")) as watch:
        affairs = watch.snapshot().affairs
        assert (affairs.holder, affairs.pending, affairs.records) == ("bo", "", ())
