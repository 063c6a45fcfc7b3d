"""The hand-over between the watch's thread and the board's."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

from firstwatch.snapshot import Snapshot

LEAST_BETWEEN = 1.0
"""Real seconds between two wakes, however fast snapshots come."""


class LatestSnapshot:
    """Holds the latest snapshot and wakes a loop once for it.

    A board whose terminal has stopped reading takes nothing; the watch then only replaces what
    lies here, so nothing queues up.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._loop = loop
        self._wake = wake
        self._lock = threading.Lock()
        self._latest: Snapshot | None = None
        self._waking = False
        self._woke_at = float("-inf")

    def put(self, snapshot: Snapshot) -> None:
        """Leave a snapshot; from any thread, never blocks for long."""
        with self._lock:
            self._latest = snapshot
            if self._waking:
                return
            self._waking = True
        # The loop is closed when the board has gone and the watch goes on.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._soon)

    def _soon(self) -> None:
        wait = self._woke_at + LEAST_BETWEEN - self._loop.time()
        if wait > 0:
            self._loop.call_later(wait, self._now)
        else:
            self._now()

    def _now(self) -> None:
        self._woke_at = self._loop.time()
        self._wake()

    def take(self) -> Snapshot | None:
        """The latest one not yet taken, or None."""
        with self._lock:
            taken, self._latest = self._latest, None
            self._waking = False
        return taken
