"""The command line, in this process where that is enough and as a program where it is not."""

import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, CompletedProcess

import pytest

from firstwatch import __version__
from firstwatch.clock import ScaledClock
from firstwatch.config import load
from firstwatch.episodes import Flip
from firstwatch.journal import Journal
from firstwatch.outline import Outline, to_text
from firstwatch.verdict import Level
from probes.kinds import KINDS
from tui.cli import main
from tui.cli.arguments import parse
from tui.cli.opening import Behind, set_up

ADDRESSES = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
PROGRAM = [sys.executable, "-c", "import sys; from tui.cli import main; sys.exit(main())"]
SMALL = """
tails = []
contacts = []

[watch]
handoffs = "{folder}/handoffs"

[sources.shell]
kind = "command"

[[phases]]
name = "first"
start = "0h"
end = "6h"
every = "30m"
checks = ["one"]

[checks.one]
title = "one"
pane = "health"
source = "shell"
measure = {{ argv = {argv} }}
warning = 5
critical = 9
{more}
"""
LEFT_OUT = "".join(
    f"[checks.{name}]\nenabled = false\n" for name in load(None, KINDS, ADDRESSES).checks
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working folder with nothing in them."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "CHATWOOT_", "FIRSTWATCH_", "PYTHON")) or name in ADDRESSES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USER", "ada")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def small(place: Path, *argv: str, more: str = "") -> str:
    """A plan with one check; its path."""
    path = place / "small.toml"
    words = json.dumps(argv or ("echo", "1"))
    path.write_text(SMALL.format(folder=place, argv=words, more=more) + LEFT_OUT)
    return str(path)


def program(*arguments: str, **keys: object) -> CompletedProcess[str]:
    options = {"stdin": subprocess.DEVNULL, "stdout": PIPE, "stderr": PIPE, "timeout": 30, **keys}
    done: CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload] # options vary
        [*PROGRAM, *arguments], text=True, check=False, **options
    )
    return done


def journal_of(place: Path) -> Path:
    return place.parent / ".local" / "state" / "firstwatch" / "launch.journal"


def eventually(is_so: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline
        select.select((), (), (), 0.02)


MODULES = """
import sys
from tui.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("loaded", *sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    (
        (["--help"], {"textual", "rich", "asyncpg", "httpx", "pydantic", "sqlite3", "plotext"}),
        (["--version"], {"textual", "rich", "asyncpg", "httpx", "pydantic", "sqlite3", "plotext"}),
        (["lint", "small.toml"], {"textual", "plotext", "starlette", "uvicorn"}),
        (["check", "-c", "small.toml"], {"textual", "plotext", "starlette", "uvicorn"}),
    ),
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_draws_is_loaded_by_a_board_only(
    place: Path, arguments: list[str], unwanted: set[str]
) -> None:
    small(place)
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *arguments], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.rpartition("loaded")[2].split())
    assert "tui.cli" in loaded
    assert not unwanted & loaded


@pytest.mark.parametrize("command", ("check", "handoff", "status", "verify"))
def test_an_option_before_the_command_counts_as_well(command: str) -> None:
    assert parse(["--journal", "their.journal", command]).journal == "their.journal"


def test_help_names_every_command_and_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    told = capsys.readouterr()
    assert ended.value.code == 0
    assert told.err == ""
    for word in ("start", "check", "run", "lint", "handoff", "rehearse", "exit status: 0", "3"):
        assert word in told.out


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"firstwatch {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "code", "level"),
    (
        (("echo", "1"), 0, "ok"),
        (("echo", "7"), 1, "warning"),
        (("echo", "10"), 2, "critical"),
        (("no-such-program",), 3, "unknown"),
        (("echo", "soon"), 3, "unknown"),
    ),
    ids=("fine", "warning", "critical", "missing program", "no number"),
)
def test_check_exits_with_the_worst_verdict(
    place: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], code: int, level: str
) -> None:
    assert main(["check", "--config", small(place, *argv)]) == code
    told = capsys.readouterr()
    assert told.err == ""
    head, row = told.out.splitlines()
    assert head.split() == ["verdict", "check", "value", "sample/age", "reason"]
    assert f" {level} " in row
    assert not journal_of(place).exists()


def test_what_only_a_person_can_say_does_not_count(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = '[checks.two]\ntitle = "two"\npane = "client"\nalways = true\n'
    assert main(["check", "-c", small(place, more=more)]) == 0
    assert " pending " in capsys.readouterr().out


def test_check_can_answer_in_json(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", "-c", small(place, "echo", "7")]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["worst"] == "warning"
    assert told["phase"] == "first"
    (one,) = told["checks"]
    assert (one["id"], one["verdict"], one["value"]) == ("one", "warning", 7)
    assert one["reason"] == "7 > 5 warning"
    assert told["launch"] <= one["at"] <= told["at"]


def test_check_knows_the_launch_of_the_watch(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place)
    assert main(["start", "-c", plan]) == 0
    with Journal.read_only(journal_of(place)) as journal:
        launch = journal.launch
    capsys.readouterr()
    assert main(["check", "--json", "-c", plan, "--for", "1s"]) in (0, 3)
    assert json.loads(capsys.readouterr().out)["launch"] == launch


def test_lint_says_on_standard_error_that_nothing_is_wrong(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place)
    assert main(["lint", plan]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"{plan}: 1 checks in 1 phases, nothing wrong\n"


@pytest.mark.parametrize(
    ("theme", "line"),
    (
        ("drak", 'unknown theme "drak"; did you mean "dark"?'),
        ("torn", 'theme "torn" is left out: torn.toml: [base] is missing'),
    ),
)
def test_lint_names_a_theme_that_no_board_would_put_on(
    place: Path, capsys: pytest.CaptureFixture[str], theme: str, line: str
) -> None:
    themes = place.parent / ".config" / "firstwatch" / "themes"
    themes.mkdir(parents=True)
    (themes / "torn.toml").write_text('name = "torn"\n')
    plan = Path(small(place))
    plan.write_text(plan.read_text().replace("[watch]", f'[watch]\ntheme = "{theme}"'))
    assert main(["lint", str(plan)]) == 2
    assert capsys.readouterr().err == f"{plan}: watch.theme: {line}\n"
    assert main(["start", "-c", str(plan)]) == 0


def test_lint_takes_a_theme_that_there_is(place: Path) -> None:
    plan = Path(small(place))
    plan.write_text(plan.read_text().replace("[watch]", '[watch]\ntheme = "light"'))
    assert main(["lint", str(plan)]) == 0


@pytest.mark.parametrize("command", ("lint", "check", "run", "start", "handoff", "board"))
def test_a_bad_plan_is_told_in_one_line_for_each_problem(
    place: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    plan = small(place, more='wan = 3\ndwell = "soon"\n')
    words = [] if command == "board" else [command]
    assert main([*words, "-c", plan]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["checks.one.wan", "checks.one.dwell"]
    assert all(line.startswith(f"{plan}: ") for line in lines)
    assert not journal_of(place).exists()


def test_the_default_plan_without_its_environment_names_what_is_not_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "environment variable DATABASE_URL is not set" in told.err
    assert "environment variable APP_URL is not set" in told.err


def test_lint_tells_what_is_not_set_here_and_finds_nothing_wrong_with_the_plan(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lint"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    *notes, last = told.err.splitlines()
    assert notes == [
        f"config.toml: sources.{key}: environment variable {name} is not set here; a watch needs it"
        for key, name in (("database.dsn", "DATABASE_URL"), ("app.base", "APP_URL"))
    ]
    assert last.endswith(" phases, nothing wrong")


@pytest.mark.parametrize(
    "command", ("report", "handoff", "handoff --brief", "verify", "take-over --operator bo")
)
def test_what_reads_the_journal_alone_needs_no_address(
    place: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    for name, value in ADDRESSES.items():
        monkeypatch.setenv(name, value)
    assert main(["start"]) == 0
    for name in ADDRESSES:
        monkeypatch.delenv(name)
    capsys.readouterr()
    folder = ["--folder", str(place)] if command in ("report", "handoff") else []
    main([*command.split(), *folder])
    assert "environment variable" not in capsys.readouterr().err
    assert main(["start"]) == 2
    assert "environment variable DATABASE_URL is not set" in capsys.readouterr().err


@pytest.fixture
def trouble(place: Path) -> Iterator[Path]:
    """A folder of files that are something else."""
    (place / "binary").write_bytes(bytes(range(256)))
    (place / "text").write_text("hello\n")
    with sqlite3.connect(place / "other.db") as other:
        other.execute("CREATE TABLE t (n)")
    other.close()
    small(place)
    with Journal.open(place / "held.journal"):
        yield place


@pytest.mark.parametrize(
    ("arguments", "reason"),
    (
        ("check -c nowhere.toml", "nowhere.toml: there is no such file"),
        ("check -c .", ".: is a folder, not a file"),
        ("check -c binary", "binary: is not UTF-8 text (line"),
        ("lint text", "text: line 1, column "),
        ("start -c small.toml --journal other.db", "other.db: not a journal of firstwatch"),
        ("start -c small.toml --journal text", "text: not a journal of firstwatch"),
        ("start -c small.toml --journal .", "not a file"),
        ("start -c small.toml --journal text/x", "its folder cannot be written (Not a dir"),
        ("start -c small.toml --journal /proc/x/j", "its folder cannot be written"),
        ("start -c small.toml --journal held.journal", "another firstwatch (pid"),
        ("run -c small.toml --journal held.journal", "another firstwatch (pid"),
        ("check -c small.toml --journal other.db", "other.db: not a journal of firstwatch"),
        (f"check -c small.toml --journal {'x' * 300}", "File name too long"),
        ("handoff -c small.toml", "not there; a watch makes it when it first starts"),
        ("handoff -c small.toml --journal other.db", "other.db: not a journal of firstwatch"),
        ("start -c small.toml --at 2026-11-24T05:00", "has no zone; add Z or +04:00"),
        ("start -c small.toml --at soon", '--at: "soon" is not a time like'),
        ("start -c small.toml --at 9999-12-31T23:00-12:00", "is more than a year away"),
        ("start -c small.toml --at 2006-11-24T05:00Z", "is more than a year away"),
        ("rehearse --folder text --headless", "text: File exists"),
        ("rehearse --headless --at yesterday", '--at: "yesterday" is not a time'),
        ("rehearse --headless --at 2026-11-24T05:00", "has no zone; add Z or +04:00"),
        ("", "the board needs a terminal; `firstwatch check` and `run` do not"),
    ),
)
def test_trouble_is_one_line_and_status_two(
    trouble: Path, capsys: pytest.CaptureFixture[str], arguments: str, reason: str
) -> None:
    words = arguments.split() or ["-c", "small.toml"]
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = [line for line in told.err.splitlines() if not line.startswith("watching;")]
    assert any(part in line for part in reason.split("|"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        ("stauts", 'firstwatch: no command is called "stauts"; did you mean "status"?'),
        ("-c x.toml chekc", 'firstwatch: no command is called "chekc"; did you mean "check"?'),
        ("check --jsn", "firstwatch check: has no option --jsn; did you mean --json?"),
        ("start --nope", "firstwatch start: has no option --nope; --help names those it has"),
        ("run --opreator=bo", "firstwatch run: has no option --opreator; did you mean --operator?"),
        ("run -x", "firstwatch run: has no option -x; --help names those it has"),
        ("--thme dark", "firstwatch: has no option --thme; did you mean --theme?"),
        ("check small.toml", 'firstwatch check: takes no "small.toml"'),
        (
            "handoff --for enginers",
            'firstwatch handoff: argument --for: there is no "enginers"; did you mean "engineers"?',
        ),
    ),
)
def test_a_mistyped_word_is_one_sentence_with_the_nearest_one(
    capsys: pytest.CaptureFixture[str], arguments: str, sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert told.err == f"{sentence}\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    (
        ("hurry", "(known: start, check, "),
        ("check --for soon", '"soon" is not a duration'),
        ("run --for 5", "5"),
        ("rehearse --speed 999", "999 is not from 1 to 240"),
        ("rehearse --speed nan", "nan is not from 1 to 240"),
        ("rehearse --speed fast", '"fast" is not a number'),
        ("status --tmux --json", "not allowed with argument --tmux"),
        ("replay", "required: JOURNAL"),
    ),
)
def test_a_command_line_that_cannot_be_used_is_one_line_and_status_two(
    capsys: pytest.CaptureFixture[str], arguments: str, reason: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert reason in line


def test_an_unknown_scenario_is_told_with_the_nearest_one(place: Path) -> None:
    done = program("rehearse", "--scenario", "silent-los", "--folder", str(place / "stage"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        'no scenario is called "silent-los"; did you mean silent-loss?'
    )
    assert "Traceback" not in done.stderr


def test_a_launch_is_stamped_once_and_again_on_purpose(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert main(["start", "-c", plan, "--at", f"{today}T05:00+04:00", "--operator", "bo"]) == 0
    told = capsys.readouterr()
    assert told.out == f"launch {today} 01:00:00 UTC\n"
    assert told.err == f"journal {journal_of(place)}\n"
    assert main(["start", "-c", plan]) == 0
    assert capsys.readouterr().out == f"launch {today} 01:00:00 UTC\n"
    assert main(["start", "-c", plan, "--at", f"{today}T02:00Z"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "the launch was stamped" in told.err
    assert main(["start", "-c", plan, "--at", f"{today}T02:00Z", "--again"]) == 0
    assert capsys.readouterr().out == f"launch {today} 02:00:00 UTC\n"


def test_the_handoff_is_written_from_the_journal_and_its_place_is_the_output(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place, "echo", "7")
    assert main(["start", "-c", plan]) == 0
    assert main(["run", "-c", plan, "--for", "2s"]) == 0
    capsys.readouterr()
    assert main(["handoff", "-c", plan]) == 0
    written = Path(capsys.readouterr().out.removesuffix("\n"))
    assert written.parent == place / "handoffs"
    assert "one" in written.read_text()
    assert tomllib.loads(written.with_suffix(".toml").read_text())
    assert main(["handoff", "-c", plan, "--folder", str(place / "elsewhere")]) == 0
    assert Path(capsys.readouterr().out.strip()).parent == place / "elsewhere"
    assert main(["handoff", "-c", plan, "--folder", plan]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"no handoff written into {plan}: ")


def rehearsed(place: Path, until: float) -> tuple[str, Path]:
    """A plan, and a journal whose watch ran at 60 times the pace up to `until` by its own clock."""
    now = time.time()
    clock = ScaledClock(60.0, 1_800_003_600.0, real_start=now - 60)
    plan, path = small(place, "echo", "7"), place / "rehearsal.journal"
    outline = Outline("launch", (), (), clock.scale, clock.start, clock.real_start)
    with Journal.open(path) as journal:
        journal.stamp_launch(clock.start, "ada")
        journal.begin_run(clock.start, "ada", "0.1", "x")
        journal.record_outline(to_text(outline))
        journal.record_flip(Flip(clock.start, "one", Level.UNKNOWN, Level.WARNING, "7 > 5", 7.0))
        for second in range(0, int(until), 5):
            journal.record_readings(clock.start + second, {"one": 7.0})
    return plan, path


def test_a_rehearsal_is_handed_off_by_the_clock_that_wrote_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, path = rehearsed(place, 3900)
    argv = ["-c", plan, "--journal", str(path)]
    assert main(["handoff", *argv, "--brief"]) == 0
    told = capsys.readouterr()
    assert re.match(r"T\+01:0\d first · 1 warning", told.out)
    assert told.err == ""
    assert main(["report", *argv, "--folder", str(place)]) == 0
    report = Path(capsys.readouterr().out.splitlines()[0])
    assert report.read_text().startswith("# Provisional report: launch, T+01h")


def test_records_that_lie_later_than_now_are_said_to(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, path = rehearsed(place, 9000)
    for command in (["handoff", "--brief"], ["report", "--folder", str(place)]):
        assert main([*command, "-c", plan, "--journal", str(path)]) == 0
        told = capsys.readouterr()
        assert "records up to 11:29 lie later than this clock's 10:" in told.err
    assert main(["take-over", "-c", plan, "--journal", str(path), "--operator", "bo"]) == 2
    assert "records up to 11:29 lie later than this clock's 10:" in capsys.readouterr().err


def test_what_is_to_be_pasted_is_printed_and_nothing_is_written(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place, "echo", "7")
    assert main(["start", "-c", plan]) == 0
    assert main(["run", "-c", plan, "--for", "2s"]) == 0
    capsys.readouterr()
    assert main(["handoff", "-c", plan, "--brief"]) == 0
    now, following = capsys.readouterr().out.splitlines()
    assert now.startswith("T+00:00 ")
    assert "no watch is running since" in now
    assert following.startswith("next, UTC")
    assert main(["handoff", "-c", plan, "--for", "stakeholders"]) == 0
    page = capsys.readouterr().out
    assert "**Nobody is watching the service at the moment; how it stands is not known.**" in page
    assert not (place / "handoffs").exists()


async def test_a_board_reads_the_handoff_before_it_writes_what_it_has_read(place: Path) -> None:
    setting = set_up(Path(small(place, "echo", "7")), ADDRESSES)
    with Behind(setting) as behind:
        made = await behind.handoff("shift")
        assert not setting.handoffs.exists()
        path = await behind.write(made)
    assert path.parent == setting.handoffs
    assert path.read_text() == made.engineers
    assert path.with_suffix(".toml").read_text() == made.twin
    assert path.stem == made.name


def test_a_handoff_of_a_shift_says_since_when(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place, "echo", "7")
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    assert main(["start", "-c", plan, "--at", f"{today}T00:00Z"]) == 0
    assert main(["run", "-c", plan, "--for", "2s"]) == 0
    capsys.readouterr()
    assert main(["handoff", "-c", plan, "--since", "2h"]) == 0
    written = Path(capsys.readouterr().out.removesuffix("\n"))
    assert "what is over is told since" in written.read_text()
    assert "since" in tomllib.loads(written.with_suffix(".toml").read_text())
    assert main(["handoff", "-c", plan, "--since", "yesterday"]) == 2
    assert '"yesterday" is not a time like' in capsys.readouterr().err


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
def test_a_watch_that_is_interrupted_ends_in_good_order(
    place: Path, number: signal.Signals
) -> None:
    plan = small(place)
    running = subprocess.Popen([*PROGRAM, "run", "-c", plan], stdout=PIPE, stderr=PIPE, text=True)
    try:
        eventually(lambda: has_measured(journal_of(place)))
        running.send_signal(number)
        out, err = running.communicate(timeout=10)
    finally:
        running.kill()
    assert running.returncode == 0
    assert [line.split("Z ")[1] for line in out.splitlines()] == ["one: unknown → ok, 1"]
    assert err.splitlines() == [f"watching; journal {journal_of(place)}; end with Ctrl+C"]
    with Journal.read_only(journal_of(place)) as journal:
        (run,) = journal.runs()
        assert run.ended is not None
        assert run.operator == "ada"


def has_measured(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with Journal.read_only(path) as journal:
            return any(value == 1 for _, value in journal.values("one", 0, 1e11))
    except Exception:  # noqa: BLE001 - it is just being made
        return False


def test_a_check_that_is_interrupted_leaves_no_traceback(place: Path) -> None:
    """The program it measures with interrupts it, and so in mid-reading, however slow things are.

    It ends by itself in any case, and so nothing here needs a deadline.
    """
    plan = small(place, "sh", "-c", "kill -INT $PPID; sleep 30")
    done = program("check", "-c", plan, timeout=None)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("arguments", "status"),
    (
        (["--help"], 0),
        (["check", "-c", "small.toml"], 2),
        (["check", "-c", "small.toml", "--json"], 2),
    ),
)
def test_a_reader_that_has_seen_enough_is_no_trouble_and_hides_no_status(
    place: Path, arguments: list[str], status: int
) -> None:
    small(place, "echo", "10")
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = program(*arguments, stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_output_that_is_full_is_told(place: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = program("check", "-c", small(place), stdout=full)
    assert (done.returncode, done.stderr) == (2, "output: No space left on device\n")


def test_an_output_without_room_for_a_character_gets_another(place: Path) -> None:
    plan = small(place, more='[checks.two]\ntitle = "Größe →"\npane = "client"\nalways = true\n')
    done = program("check", "-c", plan, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "Gr??e ?" in done.stdout


def test_a_terminal_that_can_show_no_board_is_told_what_can(place: Path) -> None:
    plan = small(place)
    master, slave = pty.openpty()
    try:
        done = program(
            *("-c", plan),
            stdin=slave,
            stdout=PIPE,
            stderr=slave,
            env={**os.environ, "TERM": "dumb"},
        )
        told = os.read(master, 4096).decode()
    finally:
        os.close(master)
        os.close(slave)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.sub(r"\s+", " ", told).strip() == (
        "TERM=dumb cannot show the board; use `firstwatch check` or set TERM."
    )
    assert not journal_of(place).exists()


def test_the_scenarios_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--list"]) == 0
    told = capsys.readouterr()
    names = [line.split()[0] for line in told.out.splitlines()]
    assert {"normal-day", "silent-loss"} <= set(names)
    assert len(names) == len(set(names)) >= 8
    assert told.err == ""


def test_a_list_to_fetch_again_needs_a_database_and_a_launch(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = small(place)
    assert main(["backfill", "-c", plan]) == 2
    assert "journal" in capsys.readouterr().err
    assert main(["start", "-c", plan]) == 0
    capsys.readouterr()
    assert main(["backfill", "-c", plan]) == 2
    assert capsys.readouterr().err == "the plan has no source of kind postgres to compare with\n"
