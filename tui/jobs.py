"""The board as a job of a shell: stopped, in the background, and in front again.

While it is stopped nothing is measured; in the background the watch goes on without a board. Either
way the terminal is the shell's, as it was before. Textual has handlers of its own for this, which
set the terminal up twice when a process is continued that it has not stopped itself, and which end
in a stopped process where no shell is there to continue it.
"""

import asyncio
import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from textual.binding import Binding

from tui.calls import give_title_back, keep_title
from tui.renderables.ages import span_text
from tui.thrift import Thrifty

STOPPED = "firstwatch stands still: `fg` shows the board, `bg` goes on measuring without it\n"
STOP = Binding(
    "ctrl+z",
    "stop",
    "stop",
    id="stop",
    show=False,
    priority=True,
    tooltip="Stop, back to the shell, until `fg` or `bg`",
)
ONCE = 0.5
"""Real seconds in which being continued counts once."""
NOT_BLIND = 1.0
"""Real seconds that the watch may stand still and miss nothing."""


def missed_words(stood: float) -> str:
    """What the board says when it is back, after so many real seconds of standing still."""
    if stood < NOT_BLIND:
        return "nothing was missed: the watch went on"
    return f"nothing was measured for {span_text(stood)}: firstwatch was stopped"


class Job:
    """What the board does as a job; `came_back` hears how many real seconds it stood still."""

    def __init__(
        self, app: Thrifty, came_back: Callable[[float], None], *, has_title: bool
    ) -> None:
        self._app = app
        self._came_back = came_back
        self._has_title = has_title
        self._aside: ExitStack | None = None
        self._stood = 0.0
        self._back_at = float("-inf")

    @property
    def is_aside(self) -> bool:
        """Whether the terminal is the shell's."""
        return self._aside is not None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the signals, in place of Textual's own handlers."""

        def heard(number: int, _frame: object) -> None:
            loop.call_soon_threadsafe(self.stop if number == signal.SIGTSTP else self._continued)

        driver = self._app._driver  # noqa: SLF001 - there is no other way to it
        if driver is None or not driver.can_suspend:
            return
        with contextlib.suppress(ValueError):  # only the main thread may
            signal.signal(signal.SIGTSTP, heard)
            signal.signal(signal.SIGCONT, heard)

    def end(self) -> None:
        """Let the system do again what it always does."""
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            signal.signal(signal.SIGCONT, signal.SIG_DFL)

    def stop(self) -> None:
        """Give the terminal back and stop; returns when the process goes on."""
        if self._aside is None:
            self._step_aside()
        began = time.monotonic()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        # The system ignores it where no shell could ever continue us.
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        self._stood += time.monotonic() - began
        self.look()

    def look(self) -> None:
        """Show the board again if the terminal is ours; not every shell says when it is."""
        if self._aside is not None and _is_in_front():
            self._come_back(self._aside)

    def _step_aside(self) -> None:
        driver: Any = self._app._driver  # noqa: SLF001
        aside = ExitStack()
        driver.suspend_application_mode()
        # What ends in the background must not set the terminal of the shell back.
        attributes, driver.attrs_before = driver.attrs_before, None
        aside.callback(setattr, driver, "attrs_before", attributes)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        aside.enter_context(self._app.batch_update())
        if self._has_title:
            give_title_back()
        _tell(STOPPED)
        self._aside, self._stood = aside, 0.0

    def _come_back(self, aside: ExitStack) -> None:
        self._aside, self._back_at = None, time.monotonic()
        if self._has_title:
            keep_title()
        self._app._driver.resume_application_mode()  # type: ignore[union-attr] # noqa: SLF001
        aside.close()
        self._app.action_draw_anew()
        self._came_back(self._stood)

    def _continued(self) -> None:
        """Being continued: in front again, or after a stop that nobody announced."""
        if self._aside is not None:
            self.look()
        elif time.monotonic() - self._back_at > ONCE and _is_in_front():
            driver: Any = self._app._driver  # noqa: SLF001
            driver.suspend_application_mode()
            driver.resume_application_mode()
            self._app.action_draw_anew()


def _is_in_front() -> bool:
    """Whether the terminal takes what we write."""
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) == os.getpgrp()  # type: ignore[union-attr]
    except (OSError, ValueError, AttributeError, termios.error):
        return False


def _tell(text: str) -> None:
    terminal = sys.__stderr__
    if terminal is not None:
        with contextlib.suppress(OSError):
            terminal.write(text)
            terminal.flush()
