"""From when on a handoff tells what is over."""

from collections.abc import Iterable
from datetime import datetime

from firstwatch.acts import Record, TakenOver
from firstwatch.errors import FirstwatchError
from firstwatch.snapshot import Snapshot
from firstwatch.units import parse_duration

SHIFT = "shift"
"""Since the watch was taken over last."""


def began(records: Iterable[Record]) -> float | None:
    """When the watch was taken over last; None where the first one still has it."""
    return max((record.at for record in records if isinstance(record.act, TakenOver)), default=None)


def since(text: str, snapshot: Snapshot) -> float | None:
    """The moment in "shift", "8h" or an ISO time with its zone; None from the launch on.

    Raises FirstwatchError with the remedy.
    """
    if text in ("", SHIFT):
        return began(snapshot.affairs.records) if text else None
    try:
        moment = snapshot.at - parse_duration(text)
    except ValueError:
        moment = _iso(text)
    if moment >= snapshot.at:
        raise FirstwatchError(f'--since: "{text}" is not over yet')
    return moment if moment > snapshot.launch else None


def _iso(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        what = f'"{text}" is not a time like 2026-11-24T05:00Z, 8h or shift'
        raise FirstwatchError(f"--since: {what}") from None
    if moment.tzinfo is None:
        raise FirstwatchError(f'--since: "{text}" has no zone; add Z or +04:00')
    return moment.timestamp()
