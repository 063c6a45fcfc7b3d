"""Crashes: what nobody foresaw, told without what must not be told.

A traceback shows no locals, and its messages are masked like any text from outside: the one of a
failed login may quote the password. Where in the program it happened stays readable.
"""

import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType

from firstwatch.masking import Masker, Names
from firstwatch.secrecy import Secrets

_LINES = 20
"""Of a message; what is beyond is left out."""
_DEPTH = 10
"""How far causes and groups are followed."""
_WIDTH = 1000

# A crash may come from any thread, far from plan and rows: so these are known to the process.
_known: dict[str, None] = {}
_names: dict[str, str] = {}


def keep_quiet(secrets: Iterable[str] = (), names: Names | None = None) -> None:
    """From now on none of these stands in a crash report of this process."""
    _known.update(dict.fromkeys(secrets))
    _names.update(names or {})


def without_secrets(text: str) -> str:
    """A text of our own without the secrets of this process."""
    return Secrets(tuple(_known)).verbatim(text)


def report(error: BaseException) -> str:
    """The traceback of an error, without locals, its messages masked."""
    mask = Masker(names=dict(_names), secrets=tuple(_known))
    return "\n".join(_told(error, mask, _DEPTH))


@contextmanager
def reporting() -> Iterator[None]:
    """Whatever threads and finalizers leave behind is reported like this, too."""
    before = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda left: _print(left.exc_value)
    sys.unraisablehook = lambda left: _print(left.exc_value)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def _print(error: BaseException | None) -> None:
    if error is not None and sys.stderr:
        sys.stderr.write(f"{report(error)}\n")


def _told(error: BaseException, mask: Masker, depth: int) -> Iterator[str]:
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause and depth:
        yield from _told(cause, mask, depth - 1)
        yield "\nand from there:\n"
    yield "Traceback (most recent call last):"
    yield from _places(error.__traceback__)
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}: {_message(error, mask)}"
    if isinstance(error, BaseExceptionGroup) and depth:
        for number, one in enumerate(error.exceptions[:_LINES], 1):
            yield f"\n{number} of {len(error.exceptions)} within:\n"
            yield from _told(one, mask, depth - 1)


def _places(trace: TracebackType | None) -> Iterator[str]:
    for line in traceback.format_tb(trace):
        yield line.rstrip("\n")


def _message(error: BaseException, mask: Masker) -> str:
    try:
        lines = str(error).splitlines()
    except Exception:  # noqa: BLE001 - the error of an error must not hide it
        return "(it cannot say why)"
    return "\n".join(mask(line, _WIDTH) for line in [*lines[:_LINES], *_notes(error)])


def _notes(error: BaseException) -> list[str]:
    notes = getattr(error, "__notes__", ())
    return [str(note) for note in notes][:_LINES] if isinstance(notes, list) else []
