"""Sessions of a database as a flight record keeps them: who does what, and who blocks whom."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from firstwatch.probe import Exhibit
from firstwatch.units import format_duration
from probes.literals import without_literals

Record = Mapping[str, Any]
MOST_OF_A_QUERY: Final = 300
"""Characters of a statement."""


def states(records: Sequence[Record]) -> Exhibit:
    """How many sessions are in each state."""
    total = sum(record["sessions"] for record in records)
    lines = (
        f"{record['sessions']:>5}  {record['state']}{_waits(record)}{_longest(record)}"
        for record in records
    )
    return Exhibit("sessions", f"{total} sessions by state", tuple(lines))


def blocking(records: Sequence[Record]) -> Exhibit:
    """Who waits for a lock, and for whom."""
    known = {record["pid"]: record for record in records}
    lines: list[str] = []
    for waiter in records:
        for pid in waiter["blockers"] or ():
            blocker = known.get(pid)
            told = _told(blocker) if blocker else f"pid {pid}, not among the sessions below"
            lines += [f"blocker  {told}", f"waiter   {_told(waiter)}"]
    title = "who blocks whom" if lines else "nobody waits for a lock"
    return Exhibit("sessions", title, tuple(lines))


def sessions(records: Iterable[Record]) -> Exhibit:
    """What each session does."""
    lines = tuple(_told(record) for record in records)
    title = f"{len(lines)} sessions, waiting first, then by the age of their transaction"
    return Exhibit("sessions", title, lines)


def _told(record: Record) -> str:
    who = "/".join(record[part] for part in ("role", "application", "database") if record[part])
    parts = [f"pid {record['pid']}", who, f"{record['state']}{_for(record['for_seconds'])}"]
    if record["waits_for"]:
        parts.append(f"waits for {record['waits_for']}")
    if record["transaction_seconds"] is not None:
        parts.append(f"transaction{_for(record['transaction_seconds'])}")
    query = without_literals(record["query"] or "")
    parts.append(query[:MOST_OF_A_QUERY] + "…" * (len(query) > MOST_OF_A_QUERY))
    return "  ".join(part for part in parts if part)


def _for(seconds: float | None) -> str:
    return "" if seconds is None else f" for {format_duration(max(seconds, 0.0))}"


def _waits(record: Record) -> str:
    return f", waits for {record['waits_for']}" if record["waits_for"] else ""


def _longest(record: Record) -> str:
    longest = record["longest"]
    return "" if longest is None else f", longest{_for(longest)}"
