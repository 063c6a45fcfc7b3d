"""The board as a job of a real shell on a real terminal."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firstwatch.journal import Journal
from tests.tui.test_cli import LEFT_OUT
from tui.thrift import WIPED

PROGRAM = "import sys; from tui.cli import main; sys.exit(main())"
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
title = "the one check"
pane = "health"
source = "shell"
measure = { argv = ["echo", "1"] }
every = "1s"
warning = 5
"""
LEFT = b"\x1b[?1049l"
ENTERED = b"\x1b[?1049h"
GIVEN_BACK = (b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1004l", b"\x1b[23;2t")
"""Cursor, paste, focus and title."""


@dataclass
class Shell:
    """A shell on a terminal, in which a board was started."""

    terminal: int
    process: subprocess.Popen[bytes]
    path: Path
    """The journal."""
    seen: bytes = b""
    cooked: list[object] = field(default_factory=list)
    """How the terminal was set before the board."""

    def type(self, keys: str) -> None:
        """Type, and forget what was seen until then."""
        self.seen = b""
        os.write(self.terminal, keys.encode())

    def until(self, *wanted: bytes, seconds: float = 20.0) -> bytes:
        """What the terminal was sent once it has all of this."""
        ends = time.monotonic() + seconds
        while not all(piece in self.seen for piece in wanted):
            assert time.monotonic() < ends, f"{wanted} never came: {self.seen[-2000:]!r}"
            if select.select([self.terminal], [], [], 0.2)[0]:
                self.seen += os.read(self.terminal, 65536)
        return self.seen

    def modes(self) -> list[object]:
        """How the terminal is set."""
        return termios.tcgetattr(self.terminal)[:4]

    @property
    def board(self) -> int:
        """The process of the board."""
        lock = Path(f"{self.path}.lock").read_text()
        return int(lock)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell with job control; the board in it is on the screen."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash")
    plan, path = tmp_path / "plan.toml", tmp_path / "watch.journal"
    plan.write_text(PLAN + LEFT_OUT)
    ours, theirs = pty.openpty()
    known = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TMUX", "STY")}
    clock = f"60,{time.time()},{time.time()}"
    process = subprocess.Popen(
        [bash, "--norc", "--noprofile", "--noediting", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={
            **known,
            "TERM": "xterm-256color",
            "PYTHONUTF8": "1",
            "PS1": "ready> ",
            "HOME": str(tmp_path),
            "FIRSTWATCH_CLOCK": clock,
        },
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
    )
    os.close(theirs)
    here = Shell(ours, process, path)
    try:
        here.until(b"ready> ")
        argv = [sys.executable, "-c", PROGRAM, "-c", str(plan), "--journal", str(path)]
        here.cooked = here.modes()
        here.type(shlex.join(argv) + "\n")
        here.until(ENTERED, b"the one check")
        yield here
    finally:
        for group in (_board_of(path), process.pid):
            if group:
                _end(group)
        process.wait(10)
        os.close(ours)


def _is_wiped(sent: bytes) -> bool:
    """Whether the board left an empty screen, and nothing on that of the shell."""
    board, _, rest = sent.partition(LEFT)
    drawn = re.sub(rb"\x1b\[[?<]?[\d;]*[a-z]", b"", board.rpartition(WIPED.encode())[2])
    return WIPED.encode() in board and not drawn and WIPED.encode() not in rest


def _board_of(path: Path) -> int:
    try:
        return int(Path(f"{path}.lock").read_text())
    except (OSError, ValueError):
        return 0


def _end(process: int) -> None:
    for number in (signal.SIGKILL, signal.SIGCONT):
        try:
            os.kill(process, number)
        except ProcessLookupError:
            return


def test_ctrl_z_gives_the_terminal_back_and_fg_paints_the_board_anew_with_its_gap(
    shell: Shell,
) -> None:
    raw = shell.modes()
    shell.type("\x1a")
    stopped = shell.until(LEFT, b"ready> ", b"stands still", *GIVEN_BACK)
    assert b"Stopped" in stopped
    assert _is_wiped(stopped)
    assert shell.modes() == shell.cooked
    shell.type("sleep 2.5; echo rest''ed\n")
    shell.until(b"rested", b"ready> ")
    shell.type("fg\n")
    back = shell.until(ENTERED, b"the one check", b"nothing was measured", b"\x1b[22;2t")
    assert b"Traceback" not in back
    assert shell.modes() == raw
    with Journal.read_only(shell.path) as journal:
        assert any(gap.end - gap.start > 100 for gap in journal.gaps())
    shell.type("q")
    shell.until(b"Leave the watch")
    shell.type("y")
    assert _is_wiped(shell.until(LEFT, b"ready> "))
    assert shell.modes() == shell.cooked
    with Journal.read_only(shell.path) as journal:
        assert journal.runs()[-1].ended is not None


def test_in_the_background_the_watch_goes_on_and_draws_nothing(shell: Shell) -> None:
    shell.type("\x1a")
    shell.until(LEFT, b"ready> ", b"Stopped")
    shell.type("bg\n")
    shell.until(b"ready> ")
    with Journal.read_only(shell.path) as journal:
        before = journal.last_moment or 0.0
        ends = time.monotonic() + 20
        while (journal.last_moment or 0.0) < before + 180:
            assert time.monotonic() < ends
            select.select((), (), (), 0.1)
    shell.type("echo in between\n")
    drawn = shell.until(b"in between\r\n", b"ready> ")
    assert b"\x1b[" not in drawn.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")
    shell.type("fg\n")
    # How long the shell took to answer, and so whether anything was missed, is not ours to say.
    shell.until(ENTERED, b"the one check", b"nothing was m")


def test_a_stop_that_nobody_announced_leaves_the_terminal_as_it_was_found(shell: Shell) -> None:
    raw = shell.modes()
    os.kill(shell.board, signal.SIGSTOP)
    shell.until(b"ready> ")
    shell.type("fg\n")
    shell.until(ENTERED, b"the one check")
    assert shell.modes() == raw
    os.kill(shell.board, signal.SIGTERM)
    shell.until(LEFT, b"ready> ", *GIVEN_BACK)
    assert shell.modes() == shell.cooked


def test_a_board_that_is_stopped_ends_in_good_order_when_its_terminal_goes(shell: Shell) -> None:
    shell.type("\x1a")
    shell.until(LEFT, b"ready> ", b"Stopped")
    board = shell.board
    shell.type("kill %1\n")
    ends = time.monotonic() + 20
    while Path(f"/proc/{board}").exists():
        assert time.monotonic() < ends
        select.select((), (), (), 0.1)
    assert WIPED.encode() not in shell.until(b"ready> ")
    with Journal.read_only(shell.path) as journal:
        assert journal.runs()[-1].ended is not None


def test_where_no_shell_could_continue_it_the_board_stays(tmp_path: Path) -> None:
    plan, path = tmp_path / "plan.toml", tmp_path / "watch.journal"
    plan.write_text(PLAN + LEFT_OUT)
    argv = [sys.executable, "-c", PROGRAM, "-c", str(plan), "--journal", str(path)]
    child, terminal = pty.fork()
    if not child:
        os.environ.update({"TERM": "xterm-256color", "PYTHONUTF8": "1", "HOME": str(tmp_path)})
        os.execv(sys.executable, argv)
    here = Shell(terminal, None, path)  # type: ignore[arg-type] # there is no shell
    try:
        here.until(ENTERED, b"the one check")
        here.type("\x1a")
        here.until(LEFT, ENTERED, b"the one check", b"nothing was missed")
        assert re.search(rb"\x1b\[\?1049l.*\x1b\[\?1049h", here.seen, re.DOTALL)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
