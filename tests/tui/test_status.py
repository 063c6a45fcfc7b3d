"""The status line reads the journal alone, quickly, changes nothing, and never lies."""

import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firstwatch import rows
from firstwatch.affairs import affairs, extensions, signed
from firstwatch.clock import ScaledClock, SystemClock
from firstwatch.episodes import Flip, fold
from firstwatch.handoff import recall
from firstwatch.journal import Journal
from firstwatch.journal.peek import newest, peeking
from firstwatch.outline import Line, Outline, Stretch, read_outline, to_text
from firstwatch.rounds import schedule, states
from firstwatch.status import ALIVE, SETTLED, Pulse, Status, status_of
from firstwatch.verdict import Level
from tests.domain.launched import END, T0, a_plan, eventful_day
from tests.tui.samples import normal
from tui.cli import main
from tui.cli.opening import outline_of
from tui.renderables.glyphs import ASCII, RICH
from tui.statusline import as_json, as_line, as_tmux

PROGRAM = [sys.executable, "-c", "import sys; from tui.cli import main; sys.exit(main())"]
WITHIN = 0.15
"""Seconds a status line may take."""
OUTLINE = Outline(
    "spring",
    (
        Line("pool", "DB connections", "health", 20.0, "%"),
        Line("leads", "lost #[fg=red]", "flow", 60.0, ""),
    ),
    (Stretch("critical watch", 0.0, 21600.0, 1800.0, None, None, 3),),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "launch.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """Ten minutes of a watch on two checks that are fine."""
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "Ada")
        journal.begin_run(T0, "Ada", "0.1", "x")
        journal.record_outline(to_text(OUTLINE))
        for name in ("pool", "leads"):
            journal.record_flip(Flip(T0, name, Level.UNKNOWN, Level.OK, "fine", 1.0))
        for second in range(0, 601, 5):
            journal.record_readings(T0 + second, {"pool": 41.0, "leads": 0.0})
        yield journal


def stands(path: Path, at: float) -> Status:
    with peeking(path) as peek:
        return status_of(peek, at)


def told(path: Path, at: float) -> str:
    return as_line(stands(path, at), RICH)


def test_a_calm_watch_says_so_with_its_next_round_who_has_it_and_its_age(
    path: Path, journal: Journal
) -> None:
    assert told(path, T0 + 603) == "● ok · T+00:10 · round 1 in 19m · Ada · 3s ago"


def test_the_worst_check_stands_first_with_its_reason_and_the_others_are_counted(
    path: Path, journal: Journal
) -> None:
    journal.record_flip(Flip(T0 + 590, "pool", Level.OK, Level.WARNING, "85 % > 80 %", 85.0))
    journal.record_flip(Flip(T0 + 595, "leads", Level.OK, Level.CRITICAL, "4 > 3\x1b[2J", 4.0))
    line = told(path, T0 + 603)
    assert line.startswith(
        "✖ 1 critical, 1 warning · lost #[fg=red]: 0, at 09:09: 4 > 3 · T+00:10 · "
    )


def test_what_was_measured_last_is_told_and_the_reason_of_the_verdict_with_its_time(
    path: Path, journal: Journal
) -> None:
    journal.record_flip(Flip(T0 + 120, "pool", Level.OK, Level.CRITICAL, "44 % > 10 %", 44.0))
    journal.record_readings(T0 + 605, {"pool": 2843.0, "leads": 0.0})
    assert " · DB connections: 2 843 %, at 09:02: 44 % > 10 % · " in told(path, T0 + 611)


def test_a_value_that_is_no_longer_fresh_or_has_no_known_unit_is_not_told_as_one(
    path: Path, journal: Journal
) -> None:
    journal.record_flip(Flip(T0 + 120, "pool", Level.OK, Level.CRITICAL, "44 % > 10 %", 44.0))
    for second in range(605, 651, 5):
        journal.record_readings(T0 + second, {"pool": None, "leads": 0.0})
    assert " · DB connections: at 09:02: 44 % > 10 % · " in told(path, T0 + 651)
    first, other = (json.loads(to_text(OUTLINE))["lines"][i] for i in (0, 1))
    del first["unit"]
    older = {**json.loads(to_text(OUTLINE)), "lines": [first, other]}
    journal.record_outline(json.dumps(older))
    journal.record_readings(T0 + 655, {"pool": 2843.0, "leads": 0.0})
    assert " · DB connections: at 09:02: 44 % > 10 % · " in told(path, T0 + 656)


def test_a_watch_that_was_killed_is_known_by_its_last_beat_and_nothing_is_green(
    path: Path, journal: Journal
) -> None:
    found = stands(path, T0 + 600 + ALIVE + 1)
    assert found.pulse is Pulse.SILENT
    assert {standing.level for standing in found.checks} == {Level.UNKNOWN}
    line = as_line(found, RICH)
    assert line.startswith("? last written 09:10, 11s ago: cut off or held up; was ok · ")
    assert not line.endswith("ago")


def test_a_watch_that_ended_in_good_order_is_over_at_once(path: Path, journal: Journal) -> None:
    journal.end_run(T0 + 601)
    assert told(path, T0 + 602).startswith("? no watch runs since 09:10, ended in good order; ")


def test_a_journal_from_the_future_is_not_believed(path: Path, journal: Journal) -> None:
    found = stands(path, T0 + 500)
    assert (found.pulse, found.worst) == (Pulse.AHEAD, Level.UNKNOWN)
    assert as_line(found, RICH).startswith("? its clock is ahead: last beat 09:10 UTC; was ok")


def test_a_verdict_older_than_its_freshness_is_unknown(path: Path, journal: Journal) -> None:
    for second in range(605, 651, 5):
        journal.record_readings(T0 + second, {"leads": 0.0})
    found = stands(path, T0 + 651)
    assert [(s.line.id, s.level) for s in found.checks] == [
        ("pool", Level.UNKNOWN),
        ("leads", Level.OK),
    ]
    assert as_line(found, RICH).startswith("? 1 unknown · DB connections: no reading; was ok · ")


def test_a_critical_verdict_without_a_reading_behind_it_is_unknown_too(
    path: Path, journal: Journal
) -> None:
    journal.record_flip(Flip(T0 + 600, "pool", Level.OK, Level.CRITICAL, "96 %", 96.0))
    for second in range(605, 651, 5):
        journal.record_readings(T0 + second, {"leads": 0.0})
    assert stands(path, T0 + 651).checks[0].level is Level.UNKNOWN


def test_silence_that_a_witness_vouches_for_stays_idle_although_it_has_no_value(
    path: Path, journal: Journal
) -> None:
    journal.record_flip(Flip(T0 + 600, "leads", Level.OK, Level.IDLE, "no traffic", None))
    for second in range(605, 801, 5):
        journal.record_readings(T0 + second, {"pool": 41.0, "leads": None})
    found = stands(path, T0 + 801)
    assert [s.level for s in found.checks] == [Level.OK, Level.IDLE]
    assert as_line(found, RICH).startswith("● ok") or as_line(found, RICH).startswith("○ ok")


def test_after_a_restart_nothing_is_believed_before_it_is_measured_again(
    path: Path, journal: Journal
) -> None:
    journal.begin_run(T0 + 620, "Ada", "0.1", "x")
    journal.record_readings(T0 + 622, {"leads": None})
    found = stands(path, T0 + 623)
    assert {s.level for s in found.checks} == {Level.UNKNOWN}
    journal.record_readings(T0 + 624, {"leads": 0.0, "pool": 41.0})
    assert stands(path, T0 + 625).worst is Level.OK


def test_trouble_without_a_value_that_a_new_watch_found_itself_is_believed(
    path: Path, journal: Journal
) -> None:
    journal.begin_run(T0 + 620, "Ada", "0.1", "x")
    journal.record_flip(Flip(T0 + 622, "pool", Level.OK, Level.CRITICAL, "all refused", None))
    journal.record_readings(T0 + 622, {"pool": None, "leads": 0.0})
    assert "✖ 1 critical · DB connections: at 09:10: all refused · " in told(path, T0 + 623)


def test_a_round_that_is_due_or_late_is_said_and_so_are_missed_ones(
    path: Path, journal: Journal
) -> None:
    assert "round 1 due since 09:30 · " in told(path, T0 + 1801)
    assert "round 1 late, was due 09:30 · " in told(path, T0 + 2700)
    assert "round 2 in 2m, 1 missed · " in told(path, T0 + 3480)


def test_before_a_watch_has_run_nothing_is_known(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "Ada")
    assert told(path, T0 + 60) == "? no watch has run yet · T+00:01 · nobody"


def test_a_rehearsal_is_read_by_its_own_clock(path: Path) -> None:
    clock = ScaledClock(60.0, T0, real_start=1000.0)
    outline = outline_of(normal(), clock)
    assert outline.now(1010.0) == T0 + 600
    assert outline_of(normal(), SystemClock()).now(1234.5) == 1234.5
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "Ada")
        journal.begin_run(T0, "Ada", "0.1", "x")
        journal.record_outline(to_text(outline))
        journal.record_readings(T0 + 570, {})
    assert stands(path, 1010.0).pulse is Pulse.RUNNING
    assert stands(path, 1021.0).pulse is Pulse.SILENT


def test_an_outline_comes_back_as_it_was_and_nonsense_is_refused() -> None:
    outline = outline_of(normal(), SystemClock())
    assert read_outline(to_text(outline)) == outline
    for nonsense in ("", "[]", "{}", '{"watch": 1, "lines": 3}', '{"lines": [{}]}'):
        with pytest.raises(ValueError, match=r"outline|Expecting"):
            read_outline(nonsense)


def test_what_it_makes_of_acts_is_what_everything_else_makes_of_them(path: Path) -> None:
    plan = a_plan()
    outline = Outline("", (), tuple(_stretch(phase) for phase in plan.phases))
    with eventful_day(path, plan) as journal:
        journal.record_outline(to_text(outline))
        acts, flips = journal.acts(), journal.flips()
        rounds = states(schedule(plan, T0, extensions(acts)), END, signed(acts))
        people = affairs(acts, plan, flips, fold(flips), rounds, operator="A", now=END)
    found = stands(path, END)
    assert [(r.status, r.signed_at, r.signed_by, r.round.due) for r in found.rounds] == [
        (r.status, r.signed_at, r.signed_by, r.round.due) for r in rounds
    ]
    assert (found.holder, found.pending) == (people.holder, people.pending)
    assert found.holder == "B"


def _stretch(phase: object) -> Stretch:
    names = ("name", "start", "end", "every", "early", "grace", "relax_after")
    return Stretch(*(getattr(phase, name) for name in names))


def test_its_own_durations_are_those_of_the_watch() -> None:
    assert (ALIVE, SETTLED) == (recall.ALIVE, rows.WARM_UP)


def test_tmux_gets_colours_and_text_from_outside_sets_none(path: Path, journal: Journal) -> None:
    journal.record_flip(Flip(T0 + 595, "leads", Level.OK, Level.CRITICAL, "#(id) 4 > 3", 4.0))
    line = as_tmux(stands(path, T0 + 603), RICH)
    assert line.startswith(
        "#[fg=red,bold]✖ 1 critical#[default] · "
        "#[fg=red,bold]lost ##[fg=red]: 0, at 09:09: ##(id) 4 > 3#[default] · T+00:10 · "
    )


def test_json_has_the_same_facts_and_no_reason(path: Path, journal: Journal) -> None:
    journal.record_flip(Flip(T0 + 595, "pool", Level.OK, Level.WARNING, "Acme: 85 % > 80 %", 85.0))
    found = json.loads(as_json(stands(path, T0 + 603), str(path)))
    assert found["state"] == "running"
    assert found["worst"] == "warning"
    assert found["counts"] == {"ok": 1, "warning": 1}
    assert found["check"]["id"] == "pool"
    assert found["round"] == {"name": "1", "status": "upcoming", "due": T0 + 1800}
    assert (found["holder"], found["age"], found["missed"]) == ("Ada", 3.0, 0)
    assert "Acme" not in json.dumps(found)


def test_a_terminal_without_more_gets_ascii(path: Path, journal: Journal) -> None:
    line = as_line(stands(path, T0 + 603), ASCII)
    assert line.isascii()
    assert line.startswith("+ ok | T+00:10 | ")


def _run(*argv: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "status", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "HOME": str(home), "XDG_STATE_HOME": "", "PYTHONUTF8": "1"},
    )


def test_without_a_journal_it_says_so_where_it_is_read_and_exits_with_two(tmp_path: Path) -> None:
    plain, tmux = _run(home=tmp_path), _run("--tmux", home=tmp_path)
    assert (plain.returncode, plain.stdout) == (2, "")
    assert plain.stderr.startswith("no journal in ")
    assert tmux.returncode == 2
    assert tmux.stdout.startswith("#[fg=magenta]? firstwatch: no journal in ")
    assert _run("--journal", "~nobody/there", home=tmp_path).returncode == 2
    (tmp_path / "text").write_text("no journal")
    assert "not a journal" in _run("--journal", str(tmp_path / "text"), home=tmp_path).stderr


def test_the_newest_journal_of_the_state_folder_is_read(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    for age, name in ((50, "old"), (10, "new"), (90, "older")):
        (tmp_path / f"{name}.journal").touch()
        os.utime(tmp_path / f"{name}.journal", (1e9 - age, 1e9 - age))
    assert newest(tmp_path) == tmp_path / "new.journal"
    (tmp_path / "old.journal-wal").touch()
    assert newest(tmp_path) == tmp_path / "old.journal"


def test_a_look_leaves_nothing_behind_and_changes_nothing(path: Path, journal: Journal) -> None:
    journal.close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert set(before) == {"launch.journal", "launch.journal.lock"}
    _ = told(path, T0 + 603)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_it_loads_nothing_heavy_and_takes_less_than_its_time(path: Path) -> None:
    with eventful_day(path, a_plan(checks=45)) as journal:
        journal.record_outline(to_text(OUTLINE))
    modules = "import sys; from tui.cli import main; main(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", modules, "status", "--journal", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"pydantic", "asyncio", "textual", "rich", "asyncpg", "httpx", "tomllib", "plotext"}
    assert "sqlite3" in done.stdout
    assert not heavy & set(done.stdout.split())
    assert min(_spent(path) for _ in range(5)) < WITHIN


def _spent(path: Path) -> float:
    """Seconds of processor time, which other programs do not lengthen as they do the clock's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*PROGRAM, "status", "--journal", str(path)], check=False, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _eventually(is_so: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline
        select.select((), (), (), 0.05)


PLAN = """
tails = []
contacts = []
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
measure = { argv = ["echo", "7"] }
every = "1s"
warning = 5
critical = 9
"""


def test_a_real_watch_is_told_while_it_runs_and_after_it_was_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.tui.test_cli import LEFT_OUT

    plan, path = tmp_path / "plan.toml", tmp_path / "watch.journal"
    plan.write_text(PLAN + LEFT_OUT)
    argv = [*PROGRAM, "run", "-c", str(plan), "--journal", str(path)]
    watch = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:

        def warns() -> bool:
            return path.exists() and main(["status", "--journal", str(path)]) == 1

        _eventually(warns)
        said = capsys.readouterr().out.splitlines()[-1]
        assert re.search(r" 1 warning · one: 7, at \d\d:\d\d: 7 > 5 warning ", said)
        watch.send_signal(signal.SIGKILL)
        watch.wait(10)
        _eventually(lambda: main(["status", "--journal", str(path)]) == 3)
        assert ": cut off or held up; was 1 warning" in capsys.readouterr().out.splitlines()[-1]
    finally:
        watch.kill()
        watch.wait(10)
