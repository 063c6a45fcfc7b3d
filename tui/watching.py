"""What a board needs of the watch behind it."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from firstwatch.acts import Record
from firstwatch.clock import Clock
from firstwatch.desk import Request
from firstwatch.handoff import Documents
from firstwatch.past import Past
from firstwatch.probe import Extract, Inquiry
from firstwatch.snapshot import Snapshot
from firstwatch.timeline import Chronicle

Portrait = Callable[[float], Coroutine[Any, Any, str]]
"""Draws the board as SVG once it shows that moment."""


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

    def portray(self, portrait: Portrait) -> None:
        """Have the board drawn for every flight record, on the loop this is called on."""

    async def do(self, request: Request) -> Record:
        """Have something recorded that a person did.

        Raises `FirstwatchError` saying why it cannot be, `RuntimeError` where no watch runs.
        """

    async def handoff(self, shift: str = "") -> Documents:
        """The handoff of this moment for each reader; `shift` says since when, "" since T0.

        Raises `FirstwatchError` or `OSError`.
        """

    async def write(self, handoff: Documents) -> Path:
        """Write that handoff and say where. Raises `FirstwatchError` or `OSError`."""

    async def chronicle(self) -> Chronicle:
        """What the journal remembers of the day. Raises `FirstwatchError` or `OSError`."""

    async def history(self, check_id: str, since: float, until: float, parts: int) -> Past:
        """What was measured of a check in that time; read from the journal, beside the watch.

        Raises `FirstwatchError` where there is none to be read.
        """

    async def inquiry(self, check_id: str) -> Inquiry:
        """What a reading of that check asks, and what that costs.

        Raises `RuntimeError` where no watch runs, `TimeoutError` where it gives no answer.
        """

    async def records(self, source: str, kinds: Sequence[str], after: int = 0) -> Extract:
        """What that log still has of such records after that number; no kinds: of all.

        Raises `FirstwatchError`, `TimeoutError`, or `RuntimeError` where no watch runs.
        """

    async def drills(self) -> Sequence[Drill]:
        """The incidents on offer; empty outside a rehearsal."""

    async def toggle(self, drill: str) -> None:
        """Strike that incident, or cure it if it is active."""
