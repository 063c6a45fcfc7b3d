"""The board as a process: signals, crashes, imports, the table, themes and terminals."""

import asyncio
import base64
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from firstwatch.plan import Plan
from firstwatch.resources import resource
from firstwatch.snapshot import Snapshot
from tests.tui.samples import SAMPLES, FakeWatching, hostile, normal, troubled
from tests.tui.terminals import terminal
from tui.renderables.lines import width_of
from tui.slot import LatestSnapshot
from tui.table import render_table
from tui.terminal import prepare
from tui.themes import load_themes, user_folder

ROOT = Path(__file__).parents[2]
RUN = """
import asyncio, os, sys
sys.path.append({root!r})
from tests.tui.samples import FakeWatching, normal
from tui.app import Board

class Crashing(FakeWatching):
    def subscribe(self, receive):
        receive(normal())
        secret = "hunter" + str(2)
        if os.environ.get("CRASH"):
            raise RuntimeError("broken on purpose")

sys.exit(asyncio.run(Board(Crashing(), normal().plan, "dark").attend()))
"""


def _read_until(fd: int, wanted: bytes, seconds: float = 20.0) -> bytes:
    """What the terminal was sent, up to `wanted` or its end; fails after so many seconds."""
    seen = b""
    ends = time.monotonic() + seconds
    while wanted not in seen:
        assert time.monotonic() < ends, f"{wanted!r} never came, only {seen!r}"
        if not select.select([fd], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    return seen


def _open_board(**environ: str) -> tuple[subprocess.Popen[bytes], int]:
    ours, theirs = pty.openpty()
    known = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CRASH")}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN.format(root=str(ROOT))],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**known, "TERM": "xterm-256color", "PYTHONUTF8": "1", **environ},
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGHUP))
def test_a_signal_ends_the_board_and_restores_the_terminal(number: signal.Signals) -> None:
    process, terminal = _open_board()
    try:
        _read_until(terminal, b"system health")
        process.send_signal(number)
        rest = _read_until(terminal, b"\x1b[?1049l")
        assert b"\x1b[?1049l" in rest
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)
        os.close(terminal)


def test_a_crash_exits_with_one_and_shows_no_locals() -> None:
    process, terminal = _open_board(CRASH="1")
    try:
        seen = _read_until(terminal, b"never sent")
        assert process.wait(10) == 1
        assert b"broken on purpose" in seen
        assert b"hunter2" not in seen
        assert b"\x1b[?1049l" in seen
    finally:
        process.kill()
        process.wait(10)
        os.close(terminal)


def test_a_check_is_copied_by_the_terminals_own_sequence() -> None:
    with terminal(TERM="xterm-256color", LANG="C.UTF-8") as board:
        board.until("system health")
        board.press("j")
        board.until("▸")
        board.press("\r")
        board.until("c y p copy")
        board.press("y")
        board.until("OSC 52")
        payload = re.search(rb"\x1b\]52;c;([^\a]+)\a", board.sent)
        assert payload
        text = base64.b64decode(payload[1]).decode()
        assert text.startswith("endpoints p95\n")
        assert "limits    target at most 500 ms, warning above 2 000 ms" in text


def test_table_terminal_and_command_line_parts_do_not_import_textual() -> None:
    code = "import sys, tui.table, tui.terminal; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_the_table_has_one_aligned_line_for_every_check() -> None:
    table = render_table(troubled())
    lines = table.splitlines()
    assert len(lines) == 1 + len(troubled().checks)
    assert lines[0].split() == ["verdict", "check", "value", "sample/age", "reason"]
    start = lines[0].index("sample/age")
    assert "! warning" in table
    assert "4 > 3 in 30 m, n=128, 4 s ago" in table
    for line in lines[1:]:
        assert width_of(line[:start].rstrip()) <= start - 2


@pytest.mark.parametrize("name", (*SAMPLES, "hostile"))
def test_the_table_can_be_ascii_and_never_carries_control_characters(name: str) -> None:
    snapshot = hostile() if name == "hostile" else SAMPLES[name]()
    assert render_table(snapshot, ascii_only=True).isascii()
    assert "\x1b" not in render_table(snapshot)


def test_a_dumb_terminal_is_refused_in_one_sentence() -> None:
    assert prepare({"TERM": "dumb"}, "utf-8").refusal.endswith(".")
    assert not prepare({"TERM": "tmux-256color"}, "utf-8").refusal


def test_the_look_follows_encoding_and_no_color() -> None:
    assert prepare({}, "latin-1").ascii_only
    assert not prepare({}, "UTF-8").ascii_only
    assert prepare({"NO_COLOR": "1"}, "utf-8").colourless
    assert not prepare({"NO_COLOR": ""}, "utf-8").colourless


def test_the_shipped_themes_are_whole() -> None:
    themes = load_themes()
    assert {"dark", "light", "ansi"} <= {theme.name for theme in themes.found}


def test_a_broken_theme_is_a_notice_and_the_others_load(tmp_path: Path) -> None:
    shipped = resource("themes") / "dark.toml"
    good = shipped.read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(good.replace('"dark"', '"mine"', 1), encoding="utf-8")
    (tmp_path / "bad.toml").write_text("name = ", encoding="utf-8")
    (tmp_path / "colour.toml").write_text(good.replace("#5f9470", "#grün"), encoding="utf-8")
    (tmp_path / "short.toml").write_text('[base]\nprimary = "red"\n', encoding="utf-8")
    themes = load_themes(tmp_path)
    assert [theme.name for theme in themes.found] == ["mine"]
    assert len(themes.broken) == 3
    assert themes.broken[1] == "colour.toml: [status] ok: '#grün' is not a colour"
    assert themes.broken[2] == "short.toml: [status] is missing"


def test_user_themes_are_under_the_config_home(tmp_path: Path) -> None:
    found = user_folder({"XDG_CONFIG_HOME": str(tmp_path)})
    assert found == tmp_path / "firstwatch" / "themes"


async def test_a_board_that_takes_nothing_holds_one_snapshot_and_one_wake() -> None:
    woken: list[None] = []
    slot = LatestSnapshot(asyncio.get_running_loop(), lambda: woken.append(None))
    snapshots = [normal() for _ in range(50)]

    def post() -> None:
        for snapshot in snapshots:
            slot.put(snapshot)

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    assert not woken
    await asyncio.sleep(0)
    assert len(woken) == 1
    assert slot.take() is snapshots[-1]
    assert slot.take() is None


def test_a_watch_may_go_on_after_the_board_has_gone() -> None:
    loop = asyncio.new_event_loop()
    slot = LatestSnapshot(loop, lambda: None)
    loop.close()
    slot.put(normal())


def test_samples_fit_the_contract() -> None:
    watching = FakeWatching()
    got: list[Snapshot] = []
    watching.subscribe(got.append)
    watching.post(normal())
    assert isinstance(got[0].plan, Plan)
