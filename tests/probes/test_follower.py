"""Followers: no line is lost or read twice, whatever happens to the file or the command."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstwatch.errors import BadAnswer, Denied, Missing, Unreachable
from probes.commanded import CommandFollower
from probes.follower import BACKLOG, BITE, GRACE, FileFollower


@dataclass
class ManualClock:
    """A clock that moves when it is told to."""

    time: float = 1_780_000_000.0
    scale: float = 1.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def follower(log: Path, clock: ManualClock) -> Iterator[FileFollower]:  # type: ignore[misc]
    follower = FileFollower(str(log), clock, clock.now)
    yield follower
    await follower.close()


async def drained(follower: FileFollower | CommandFollower, calm: int = 4) -> bytes:
    """Everything there is, until nothing came for a few polls."""
    out, quiet = b"", 0
    while quiet < calm:
        data = await follower.poll()
        out += data
        quiet = 0 if data else quiet + 1
    return out


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything, so act as somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_only_what_is_added_after_the_start_is_new(log: Path, follower: FileFollower) -> None:
    log.write_text("old\n")
    assert await drained(follower) == b""
    append(log, "new\n")
    assert await drained(follower) == b"new\n"
    assert follower.take_backlog() == b"old\n"
    assert follower.take_backlog() == b""


async def test_a_line_that_was_being_written_at_the_start_is_new(
    log: Path, follower: FileFollower
) -> None:
    log.write_text("old\nhal")
    out = await follower.poll()
    append(log, "f\n")
    assert out + await drained(follower) == b"half\n"
    assert follower.take_backlog() == b"old\n"
    assert follower.bytes_read == len(b"half\n")


async def test_the_backlog_is_bounded_and_begins_with_a_whole_line(
    log: Path, follower: FileFollower
) -> None:
    log.write_bytes(b"0123456789abcde\n" * 40_000)
    await follower.poll()
    backlog = follower.take_backlog()
    assert BACKLOG - 16 <= len(backlog) <= BACKLOG
    assert backlog.startswith(b"0123")


async def test_one_endless_line_at_the_start_is_left_out(log: Path, follower: FileFollower) -> None:
    log.write_bytes(b"x" * (BACKLOG + 10))
    await follower.poll()
    append(log, "xx\nnew\n")
    assert await drained(follower) == b"new\n"
    assert follower.take_backlog() == b""


async def test_a_flood_is_taken_in_bites(log: Path, follower: FileFollower) -> None:
    log.touch()
    await follower.poll()
    log.write_bytes(b"x" * 63 + b"\n" + b"y" * 10 * BITE)
    sizes = [len(await follower.poll()) for _ in range(11)]
    assert max(sizes) == BITE
    assert sum(sizes) == 64 + 10 * BITE


async def test_rotation_by_renaming_loses_and_doubles_nothing(
    log: Path, follower: FileFollower
) -> None:
    log.write_text("old\n")
    await follower.poll()
    append(log, "1\n")
    log.rename(log.with_suffix(".1"))
    append(log.with_suffix(".1"), "2\n")
    log.write_text("3\n")
    assert await drained(follower) == b"1\n2\n3\n"


async def test_a_writer_that_comes_late_to_the_new_file_is_waited_for(
    log: Path, follower: FileFollower
) -> None:
    log.write_text("")
    await follower.poll()
    log.rename(log.with_suffix(".1"))
    log.write_text("")
    out = await follower.poll()
    append(log.with_suffix(".1"), "late\n")
    out += await follower.poll()
    append(log, "new\n")
    assert out + await drained(follower) == b"late\nnew\n"


async def test_a_half_line_ends_where_its_file_ends(log: Path, follower: FileFollower) -> None:
    log.write_text("")
    await follower.poll()
    append(log, "half")
    log.rename(log.with_suffix(".1"))
    log.write_text("whole\n")
    assert await drained(follower) == b"half\nwhole\n"


async def test_truncation_starts_again_at_the_beginning(log: Path, follower: FileFollower) -> None:
    log.write_text("a long line that was there\n")
    await follower.poll()
    log.write_text("new\n")
    assert await drained(follower) == b"new\n"


async def test_a_writer_that_keeps_its_place_in_a_truncated_file_is_followed(
    log: Path, follower: FileFollower
) -> None:
    with log.open("wb", buffering=0) as writer:
        writer.write(b"x" * 5_000_000 + b"\n")
        await follower.poll()
        os.truncate(log, 0)
        assert await follower.poll() == b""
        writer.write(b"after\n")
        out = await drained(follower)
    assert out.lstrip(b"\0") == b"after\n"
    assert len(out) < 10_000


async def test_a_writer_faster_than_the_look_at_a_truncation_is_followed(
    log: Path, follower: FileFollower
) -> None:
    with log.open("wb", buffering=0) as writer:
        writer.write(b"x" * 5000 + b"\n")
        await follower.poll()
        os.truncate(log, 0)
        writer.write(b"after\n")
        assert await drained(follower) == b"after\n"


async def test_a_file_that_comes_late_is_read_from_its_start(
    log: Path, follower: FileFollower, clock: ManualClock
) -> None:
    assert await follower.poll() == b""
    assert follower.problem == f"no such file: {log}"
    assert follower.trouble is not None
    assert (follower.trouble.error, follower.trouble.since) == (Missing, clock.time)
    assert follower.since is None
    clock.time += 30
    log.write_text("first\n")
    assert await follower.poll() == b"first\n"
    assert follower.problem is None
    assert follower.since == clock.time
    assert follower.take_backlog() == b""


async def test_a_file_that_goes_away_is_gone_after_a_grace_and_comes_back(
    log: Path, follower: FileFollower, clock: ManualClock
) -> None:
    log.write_text("old\n")
    await follower.poll()
    log.unlink()
    await follower.poll()
    assert follower.problem is None
    went = clock.time
    clock.time += GRACE
    await follower.poll()
    assert follower.trouble is not None
    assert follower.trouble.error is Missing
    assert follower.trouble.reason == f"{log} gone since 20:26"
    assert went == 1_780_000_000.0
    log.write_text("back\n")
    assert await drained(follower) == b"back\n"
    assert follower.problem is None


async def test_a_file_we_may_not_read_says_so_and_is_then_followed_from_its_end(
    log: Path, follower: FileFollower
) -> None:
    log.write_text("old\n")
    log.chmod(0)
    with nobody():
        assert await follower.poll() == b""
    assert follower.trouble is not None
    assert follower.trouble.error is Denied
    assert str(log) in follower.trouble.reason
    log.chmod(0o644)
    assert await drained(follower) == b""
    assert follower.problem is None
    assert follower.take_backlog() == b"old\n"


async def test_a_new_file_we_may_not_read_leaves_the_old_one_open(
    log: Path, follower: FileFollower
) -> None:
    log.write_text("")
    await follower.poll()
    rotated = log.with_suffix(".1")
    log.rename(rotated)
    log.write_text("new\n")
    log.chmod(0)
    with nobody():
        for _ in range(3):
            await follower.poll()
    assert follower.trouble is not None
    assert follower.trouble.error is Denied
    append(rotated, "late\n")
    log.chmod(0o644)
    assert await drained(follower) == b"late\nnew\n"


async def test_a_folder_is_not_a_log(tmp_path: Path, clock: ManualClock) -> None:
    follower = FileFollower(str(tmp_path), clock, clock.now)
    await follower.poll()
    assert follower.trouble is not None
    assert follower.trouble.error is BadAnswer
    assert "folder" in follower.trouble.reason


async def test_a_pipe_is_refused_without_waiting_for_a_writer(
    log: Path, follower: FileFollower
) -> None:
    os.mkfifo(log)
    await follower.poll()
    assert follower.trouble is not None
    assert follower.trouble.error is Unreachable


async def test_a_link_is_followed_to_its_new_target(tmp_path: Path, clock: ManualClock) -> None:
    one, two, link = (tmp_path / name for name in ("one", "two", "link"))
    one.write_text("")
    link.symlink_to(one)
    follower = FileFollower(str(link), clock, clock.now)
    await follower.poll()
    append(one, "1\n")
    two.write_text("2\n")
    link.unlink()
    link.symlink_to(two)
    assert await drained(follower) == b"1\n2\n"
    await follower.close()


STEPS = st.lists(st.sampled_from(("write", "half", "rename", "look")), max_size=25)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_every_line_comes_once_and_in_order_through_any_rotations(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    asyncio.run(_live_through(tmp_path_factory.mktemp("log") / "app.log", steps))


async def _live_through(log: Path, steps: list[str]) -> None:
    log.write_text("")
    clock = ManualClock()
    follower = FileFollower(str(log), clock, clock.now)
    await follower.poll()
    out, written = b"", b""
    for number, step in enumerate(steps):
        if step == "rename":
            # Two rotations between two looks are more than any follower by path can see.
            out += await drained(follower)
            log.rename(log.with_suffix(f".{number}"))
            log.write_text("")
        elif step == "look":
            out += await follower.poll()
        else:
            line = f"{number}{'' if step == 'half' else chr(10)}"
            append(log, line)
            written += line.encode()
    out += await drained(follower)
    await follower.close()
    assert out.replace(b"\n", b"") == written.replace(b"\n", b"")


async def until(condition: Callable[[], bool], follower: CommandFollower) -> bytes:
    """What comes until the condition holds; at most ten seconds."""
    out = b""
    async with asyncio.timeout(10):
        while not condition():
            out += await follower.poll()
    return out


async def test_what_a_command_prints_is_followed_and_closing_ends_it(clock: ManualClock) -> None:
    code = "import time; print('one', flush=True); time.sleep(60)"
    follower = CommandFollower((sys.executable, "-c", code), clock)
    assert await until(lambda: follower.bytes_read >= 4, follower) == b"one\n"
    process = follower._process
    assert process is not None
    assert follower.since == clock.time
    await follower.close()
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_a_command_that_ends_tells_its_last_words_and_is_tried_again_more_slowly(
    clock: ManualClock,
) -> None:
    code = "import sys; print('one'); print('x\\nssh: \\x1b[1mno route to host', file=sys.stderr)"
    real = [100.0]
    follower = CommandFollower((sys.executable, "-c", code), clock, lambda: real[0])
    out = await until(lambda: follower.problem is not None, follower)
    assert out == b"one\n"
    assert follower.trouble is not None
    assert follower.trouble.error is Unreachable
    assert follower.trouble.reason.endswith(" ended: ssh: no route to host")
    assert follower._next == 101.0
    real[0] = 101.0
    out = await until(lambda: follower._next == 103.0, follower)
    assert out == b"one\n"
    assert follower.problem is not None
    await follower.close()


async def test_a_half_line_of_a_command_that_ended_is_a_line(clock: ManualClock) -> None:
    follower = CommandFollower((sys.executable, "-c", "print('half', end='')"), clock)
    assert await until(lambda: follower.problem is not None, follower) == b"half\n"
    assert follower.problem is not None
    assert " ended: exit code " in follower.problem
    await follower.close()


async def test_a_program_that_is_not_there_is_missing(clock: ManualClock) -> None:
    follower = CommandFollower(("/no/such/program",), clock)
    await follower.poll()
    assert follower.trouble is not None
    assert (follower.trouble.error, follower.trouble.reason) == (
        Missing,
        "no such program: /no/such/program",
    )
    await follower.close()


async def test_a_command_that_will_not_end_is_made_to(clock: ManualClock) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready', flush=True); time.sleep(60)"
    )
    follower = CommandFollower((sys.executable, "-c", code), clock)
    await until(lambda: follower.bytes_read > 0, follower)
    process = follower._process
    assert process is not None
    await follower.close()
    assert process.returncode == -9
