"""The command probe with real programs, the worst of them included."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import ValidationError

from firstwatch.clock import SystemClock
from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer, ProbeError
from firstwatch.probe import Moment
from probes.command import KIND, CommandProbe, Measure, Settings

NOW = Moment(now=1000.0, launch=0.0)


def opened(**settings: object) -> CommandProbe:
    probe = KIND.open(Settings.model_validate(settings), SystemClock())
    assert isinstance(probe, CommandProbe)
    return probe


def python(code: str, **keys: object) -> Measure:
    return Measure.model_validate({"argv": [sys.executable, "-c", code], **keys})


def shell(code: str, **keys: object) -> Measure:
    return Measure.model_validate({"argv": ["/bin/sh", "-c", code], **keys})


async def failure(asked: Measure, **settings: object) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await opened(**settings).read(asked, NOW)
    return caught.value


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the kernel sends no event
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not reaped by its new parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children() -> set[int]:
    """The processes this one has started and not reaped, zombies included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(stat.parent.name))
    return found


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize(
    ("output", "expected"),
    (
        ("42", 42),
        ("load: 0.25, 0.5", 0.25),
        ("-3.5e2 x", -350),
        ("used .5", 0.5),
        ("\xff 7", 7),
    ),
    ids=("plain", "in words", "exponent", "bare fraction", "after other bytes"),
)
async def test_the_first_number_printed_is_the_value(output: str, expected: float) -> None:
    reading = await opened().read(shell(f"printf %s '{output}'"), NOW)
    assert reading.value == expected
    assert reading.at == 1000.0


@pytest.mark.parametrize("code", (0, 1, 42, 255))
async def test_an_exit_code_can_be_the_value(code: int) -> None:
    reading = await opened().read(shell(f"exit {code}", read="exit"), NOW)
    assert reading.value == code


async def test_a_number_in_json_can_be_the_value() -> None:
    program = """printf '{"queues": [{"depth": 3}, {"depth": "7.5"}]}'"""
    reading = await opened().read(shell(program, read="json", path="queues[1].depth"), NOW)
    assert reading.value == 7.5


@pytest.mark.parametrize(
    ("program", "keys", "reason"),
    (
        ("echo none", {}, "no number in its output"),
        ("true", {}, "no number in its output"),
        ("echo so; echo why >&2; exit 3", {}, "exit 3: why"),
        ("echo 5; exit 1", {}, "exit 1"),
        ("echo '{'", {"read": "json", "path": "a"}, "not JSON"),
        ("echo '{}'", {"read": "json", "path": "a"}, 'no "a" on the way to a'),
        ("kill -9 $$", {}, "ended by SIGKILL"),
        ("kill -9 $$", {"read": "exit"}, "ended by SIGKILL"),
    ),
)
async def test_an_answer_that_is_none_says_why(
    program: str, keys: dict[str, object], reason: str
) -> None:
    error = await failure(shell(program, **keys))
    assert isinstance(error, BadAnswer)
    assert error.reason == reason


async def test_the_last_line_of_stderr_is_made_harmless() -> None:
    error = await failure(shell(r"printf 'one\n\033[2J\033]0;evil\007two\n' >&2; exit 1"))
    assert error.reason == "exit 1: two"


async def test_a_program_that_is_not_there_is_named() -> None:
    error = await failure(Measure(argv=("no-such-program",)))
    assert isinstance(error, Missing)
    assert error.reason == "no such program: no-such-program"


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    error = await failure(shell("echo 1"), cwd=gone)
    assert isinstance(error, Missing)
    assert error.reason == f"no such folder: {gone}"


async def test_a_program_that_may_not_be_run_is_denied(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("echo 1")
    assert isinstance(await failure(Measure(argv=(str(plain),))), Denied)


async def test_it_runs_in_its_folder_with_a_bare_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "secret")
    monkeypatch.setenv("TZ", "UTC")
    program = "env > seen; cat >> seen; echo 1"
    await opened(cwd=str(tmp_path), env={"GREETING": "hello"}).read(shell(program), NOW)
    lines = (tmp_path / "seen").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines} - {"PWD", "_", "SHLVL", "OLDPWD"}
    assert names <= {"PATH", "HOME", "LANG", "TZ", "GREETING"}
    assert {"GREETING=hello", "TZ=UTC"} <= set(lines)


async def test_what_is_secret_is_not_told() -> None:
    error = await failure(shell('echo "bad key $KEY" >&2; exit 1'), env={"KEY": "SECRET"})
    assert error.reason == "exit 1: bad key ***"
    assert "SECRET" not in repr(Settings.model_validate({"env": {"KEY": "SECRET"}}))


@pytest.mark.parametrize("stream", ("stdout", "stderr"))
async def test_a_flood_is_ended(stream: str) -> None:
    program = f"import sys\nwhile True: sys.{stream}.write('1' * 65536)"
    before = children()
    error = await failure(python(program))
    assert error.reason == "wrote more than 256 kB"
    assert children() <= before


async def test_a_program_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = (
        f"echo $$ >> {pids}; sh -c 'echo $$ >> {pids}; trap \"\" TERM INT; sleep 60; :' & wait"
    )
    began = time.monotonic()
    error = await failure(shell(program, timeout="500ms"))
    assert time.monotonic() - began < 3
    assert isinstance(error, NoAnswer)
    assert error.reason == "no answer within 500 ms"
    found = [int(pid) for pid in pids.read_text().split()]
    assert len(found) == 2
    await until(lambda: not any(is_alive(pid) for pid in found))


async def test_what_a_program_leaves_behind_does_not_hold_up_its_answer(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    began = time.monotonic()
    reading = await opened().read(shell(f"sleep 60 & echo $! > {pid}; echo 5"), NOW)
    assert reading.value == 5
    assert time.monotonic() - began < 5
    await until(lambda: not is_alive(int(pid.read_text())))


async def test_the_probe_works_after_150_cancelled_readings() -> None:
    probe, asked, chance = opened(), shell("sleep 0.005; echo 5"), random.Random(3)
    await probe.read(asked, NOW)
    before, held = children(), descriptors()
    for _ in range(150):
        task = asyncio.ensure_future(probe.read(asked, NOW))
        await asyncio.wait({task}, timeout=chance.uniform(0, 0.02))
        task.cancel()
        await asyncio.wait({task})
    assert (await probe.read(asked, NOW)).value == 5
    await until(lambda: children() <= before and descriptors() <= held)


async def test_a_cancelled_reading_ends_its_program(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    task = asyncio.ensure_future(opened().read(shell(f"echo $$ > {pid}; exec sleep 60"), NOW))
    await until(lambda: pid.exists() and bool(pid.read_text()))
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), signal.SIG_DFL)


@pytest.mark.parametrize(
    "keys",
    (
        {"argv": []},
        {"argv": [""]},
        {"argv": "ls"},
        {"argv": ["ls"], "read": "json"},
        {"argv": ["ls"], "path": "a"},
        {"argv": ["ls"], "read": "lines"},
    ),
)
def test_a_measure_that_cannot_work_is_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Measure.model_validate(keys)
