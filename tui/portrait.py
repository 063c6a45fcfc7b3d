"""The board's picture for a flight record."""

import asyncio
from typing import Protocol

from firstwatch.snapshot import Snapshot

LOOK = 0.1
"""Real seconds between two looks whether the board shows the moment."""
SETTLED = 0.2
"""Real seconds the board has to draw a snapshot it was handed."""


class Sitter(Protocol):
    """What of a board its picture needs."""

    @property
    def snapshot(self) -> Snapshot | None:
        """What it shows."""

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Draw it as SVG."""


async def portrait_of(board: Sitter, at: float) -> str:
    """The board as SVG, once it shows this moment; whoever asks waits no longer than they like."""
    while board.snapshot is None or board.snapshot.at < at:  # noqa: ASYNC110 - a few looks, rarely
        await asyncio.sleep(LOOK)
    await asyncio.sleep(SETTLED)
    return board.export_screenshot(simplify=True)
