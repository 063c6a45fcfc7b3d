"""What a board needs of the watch behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firstwatch.acts import Record
from firstwatch.clock import Clock
from firstwatch.desk import Request
from firstwatch.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Drill:
    """An incident that a rehearsal can play; production has none."""

    name: str
    summary: str
    active: bool = False


class Watching(Protocol):
    """A running watch, on a thread and loop of its own."""

    @property
    def clock(self) -> Clock:
        """The clock of the watch, for countdown and ages between snapshots."""

    def subscribe(self, receive: Callable[[Snapshot], None]) -> None:
        """Hand every snapshot to `receive`; it is called on the watch's thread, must not block."""

    async def do(self, request: Request) -> Record:
        """Have something recorded that a person did.

        Raises `FirstwatchError` saying why it cannot be, `RuntimeError` where no watch runs.
        """

    async def handoff(self) -> Path:
        """Write the handoff and say where. Raises `FirstwatchError` or `OSError`."""

    async def drills(self) -> Sequence[Drill]:
        """The incidents on offer; empty outside a rehearsal."""

    async def toggle(self, drill: str) -> None:
        """Strike that incident, or cure it if it is active."""
