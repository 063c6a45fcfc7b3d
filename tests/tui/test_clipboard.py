"""Copying: what the terminal is sent, in a real tmux and a real pseudo-terminal, too."""

import asyncio
import base64
import os
import pty
import re
import select
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tui.clipboard import LARGEST, copy

TEXT = "psql \"$X\" <<'SQL'\nSELECT 'ü';\nSQL"
PLAIN = {"TERM": "xterm-256color", "PATH": os.environ["PATH"]}


def osc52(text: str) -> str:
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"


async def test_a_terminal_is_sent_osc_52_and_the_person_told_what_it_needs() -> None:
    sent: list[str] = []
    copied = await copy(TEXT, sent.append, PLAIN)
    assert sent == [osc52(TEXT)]
    assert copied.words == "copied 3 lines; needs a terminal that allows OSC 52"
    assert (await copy("ls", sent.append, PLAIN)).words.startswith("copied 1 line;")


async def test_nothing_in_a_text_can_end_the_sequence() -> None:
    sent: list[str] = []
    await copy("\a\x1b\\\x1b]52;c;AAAA\a", sent.append, PLAIN)
    assert re.fullmatch("\x1b]52;c;[A-Za-z0-9+/=]+\a", sent[0])


async def test_what_a_terminal_would_not_take_is_not_sent_and_that_is_said() -> None:
    sent: list[str] = []
    most = "x" * (LARGEST // 4 * 3)
    assert (await copy(most, sent.append, PLAIN)).sent
    copied = await copy(f"{most}xyz", sent.append, PLAIN)
    assert (len(sent), copied.sent) == (1, False)
    assert copied.words == "not copied: 1 line, too long for a terminal"


async def test_gnu_screen_is_given_it_in_pieces_that_it_hands_on() -> None:
    sent: list[str] = []
    text = TEXT * 40
    await copy(text, sent.append, {**PLAIN, "STY": "812.pts-0"})
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sent[0], re.DOTALL)
    assert "".join(pieces) == osc52(text)
    assert max(map(len, pieces)) < 256
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sent[0]


@pytest.mark.parametrize("socket", ("/nonexistent/tmux,1,0", "nonsense"))
async def test_a_tmux_that_is_gone_leaves_it_to_the_terminal(socket: str) -> None:
    sent: list[str] = []
    copied = await copy(TEXT, sent.append, {**PLAIN, "TMUX": socket})
    assert sent == [osc52(TEXT)]
    assert not copied.kept


async def test_a_tmux_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.clipboard.PATIENCE", 0.05)
    (tmp_path / "tmux").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "tmux").chmod(0o755)
    sent: list[str] = []
    environ = {**PLAIN, "TMUX": "x", "PATH": f"{tmp_path}:{PLAIN['PATH']}"}
    monkeypatch.setenv("PATH", environ["PATH"])
    assert not (await copy(TEXT, sent.append, environ)).kept
    assert sent == [osc52(TEXT)]


async def test_an_older_tmux_keeps_it_and_may_take_the_sequence_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmux").write_text(
        f'#!/bin/sh\n[ "$2" = -w ] && exit 1\nenv > {tmp_path}/env\ncat > {tmp_path}/kept\n'
    )
    (tmp_path / "tmux").chmod(0o755)
    environ = {**PLAIN, "TMUX": "x", "PATH": f"{tmp_path}:{PLAIN['PATH']}", "TOKEN": "hush"}
    monkeypatch.setenv("PATH", environ["PATH"])
    sent: list[str] = []
    copied = await copy(TEXT, sent.append, environ)
    assert (sent, copied.kept) == ([osc52(TEXT)], True)
    assert (tmp_path / "kept").read_text() == TEXT
    # Its client tells the server all that it knows of our environment.
    assert "hush" not in (tmp_path / "env").read_text()
    assert (await copy("x" * LARGEST, sent.append, environ)).words == (
        "copied 1 line into tmux alone (prefix ]): too long for a terminal"
    )
    assert len(sent) == 1


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A tmux server of the test's own, with one session; calls its client."""
    name = f"fw-{uuid.uuid4().hex[:8]}"
    environ = {**PLAIN, "TMUX_TMPDIR": str(tmp_path), "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh"}

    def call(*words: str) -> str:
        argv = ["tmux", "-L", name, "-f", "/dev/null", *words]
        done = subprocess.run(
            argv, env=environ, capture_output=True, text=True, check=False, timeout=10
        )
        return done.stdout

    call("new-session", "-d", "-x", "80", "-y", "24", "cat")
    yield call
    call("kill-server")


@contextmanager
def attached(tmux: Callable[..., str]) -> Iterator[int]:
    """A client of that tmux on a pseudo-terminal; what it is sent can be read there."""
    socket = tmux("display-message", "-p", "#{socket_path}").strip()
    ours, theirs = pty.openpty()
    client = subprocess.Popen(
        ["tmux", "-S", socket, "attach"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**PLAIN, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield ours
    finally:
        client.kill()
        client.wait(10)
        os.close(ours)


def read_until(terminal: int, wanted: bytes, seconds: float = 10.0) -> bytes:
    """What the terminal was sent, up to `wanted` or the time limit."""
    seen, ends = b"", time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < ends:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
    return seen


@pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux here")
async def test_in_tmux_as_it_is_installed_its_buffer_holds_the_text(
    tmux: Callable[..., str],
) -> None:
    """With `set-clipboard external`, the default, tmux takes no OSC 52 from what runs in it."""
    tmux("set-option", "-g", "set-clipboard", "external")
    socket, pane = tmux("display-message", "-p", "#{socket_path} #{pane_id}").split()
    sent: list[str] = []
    environ = {**PLAIN, "TMUX": f"{socket},1,0", "TMUX_PANE": pane}
    copied = await copy(TEXT, sent.append, environ)
    assert not sent
    assert copied.words == "copied 3 lines, also into tmux (prefix ])"
    assert await asyncio.to_thread(tmux, "show-buffer") == TEXT


@pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux here")
async def test_tmux_sends_it_on_to_the_terminal_of_the_person(tmux: Callable[..., str]) -> None:
    socket, pane = tmux("display-message", "-p", "#{socket_path} #{pane_id}").split()
    with attached(tmux) as terminal:
        # What the session shows is drawn once the client is attached.
        await asyncio.to_thread(read_until, terminal, b"[0] 0:")
        await copy(TEXT, print, {**PLAIN, "TMUX": f"{socket},1,0", "TMUX_PANE": pane})
        payload = base64.b64encode(TEXT.encode())
        assert payload in await asyncio.to_thread(read_until, terminal, payload)
