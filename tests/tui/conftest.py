"""Makes the samples importable wherever the tests run from, and waiting for the board exact."""

import asyncio
import sys
import time
from pathlib import Path

import pytest
from textual._context import active_app
from textual.app import App

_ROOT = str(Path(__file__).parents[2])
if _ROOT not in sys.path:
    # Last, so that an installed wheel is tested and not the checkout.
    sys.path.append(_ROOT)

TURNS = 3
"""Of the loop without anything to do, after which there is nothing to do."""
MOMENT = 0.05
"""Real seconds that workers have to get done with what they were asked for."""


@pytest.fixture(autouse=True)
def exact_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot goes on as soon as all messages are read, and snapshots are shown as they come.

    Textual's own sleeps until it is quiet.
    """
    monkeypatch.setattr("tui.slot.LEAST_BETWEEN", 0.0)
    monkeypatch.setattr("textual.app.wait_for_idle", until_idle)
    monkeypatch.setattr("textual.pilot.wait_for_idle", until_idle)


async def until_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Until no message is unread and no worker about to finish; `max_sleep` seconds at most."""
    app, calm, began = active_app.get(), 0, time.monotonic()
    while calm < TURNS and (passed := time.monotonic() - began) < max_sleep:
        is_working = passed < MOMENT and any(not worker.is_finished for worker in app.workers)
        await asyncio.sleep(0.001 if is_working or passed < min_sleep else 0)
        calm = 0 if is_working or passed < min_sleep or has_unread(app) else calm + 1
        if calm:
            app._check_resize()
            for screen in app.screen_stack:
                screen._on_timer_update()


def has_unread(app: App[object]) -> bool:
    """Whether something was posted or is to be called that was not yet."""
    return any(
        node._next_callbacks or (node._running and not node._message_queue.empty())
        for node in (app, *app._registry)
    )
