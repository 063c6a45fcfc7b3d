"""Secrets that a plan keeps elsewhere: in a file, or behind a command."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from firstwatch.config.files import why_unreadable

DEADLINE = 10.0
"""Seconds a command may take to tell a secret."""
_LARGEST = 65_536


class Withheld(Exception):
    """A secret could not be had; the message says why, never what was said instead."""


def from_file(path: str) -> str:
    """The text of a file without the newline at its end. Raises Withheld."""
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise Withheld(why_unreadable(error)) from None
    except (ValueError, RuntimeError):
        raise Withheld("is not a usable path") from None
    return _decoded(content).rstrip("\r\n")


def check_file(path: str) -> None:
    """Raises Withheld if there is no such file; does not read it."""
    try:
        if Path(path).expanduser().is_dir():
            raise Withheld("is a folder, not a file")
        Path(path).expanduser().stat()
    except OSError as error:
        raise Withheld(why_unreadable(error)) from None
    except (ValueError, RuntimeError):
        raise Withheld("is not a usable path") from None


def from_command(
    argv: Sequence[str], environ: Mapping[str, str], deadline: float = DEADLINE
) -> str:
    """The first line a command prints. Raises Withheld."""
    try:
        process = subprocess.Popen(
            argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = "there is no such program" if isinstance(error, FileNotFoundError) else "failed"
        raise Withheld(f"{reason} to run" if reason == "failed" else reason) from None
    try:
        output = _output(process, time.monotonic() + deadline)
        code = process.wait(0.2)
    except (TimeoutError, subprocess.TimeoutExpired):
        raise Withheld(f"gave no answer within {deadline:g} s") from None
    finally:
        _end(process)
    if code:
        raise Withheld(f"ended with exit code {code}")
    return _decoded(output.split(b"\n", 1)[0]).rstrip("\r")


def _output(process: subprocess.Popen[bytes], ends: float) -> bytes:
    """What the process prints until it ends, its beginning kept. Raises TimeoutError."""
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    pipe, kept = process.stdout.fileno(), b""
    while (left := ends - time.monotonic()) > 0:
        has_ended = process.poll() is not None
        if select.select([pipe], [], [], 0 if has_ended else min(left, 0.05))[0]:
            piece = os.read(pipe, _LARGEST)
            kept += piece[: _LARGEST - len(kept)]
            if not piece and has_ended:
                return kept
            if not piece:
                process.wait(max(ends - time.monotonic(), 0.01))
                return kept
        elif has_ended:
            return kept
    raise TimeoutError


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of it running that has not ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _decoded(content: bytes) -> str:
    if len(content) > _LARGEST:
        raise Withheld("is larger than 64 kB, so not a secret")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Withheld("is not UTF-8 text") from None
    if not text.strip():
        raise Withheld("is empty")
    return text
