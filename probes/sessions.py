"""Sessions of a database as a flight record keeps them: who does what, and who blocks whom."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from firstwatch.probe import Exhibit
from firstwatch.units import format_duration
from probes.literals import without_literals

Record = Mapping[str, Any]
MOST_OF_A_QUERY: Final = 300
"""Characters of a statement."""
FEW: Final = 3
"""Blockers named of one that waits, the heads of the queue first."""


def states(records: Sequence[Record]) -> Exhibit:
    """How many sessions are in each state."""
    total = sum(record["sessions"] for record in records)
    lines = (
        f"{record['sessions']:>5}  {record['state']}{_waits(record)}{_longest(record)}"
        for record in records
    )
    return Exhibit("sessions", f"{total} sessions by state", tuple(lines))


def blocking(records: Sequence[Record]) -> Exhibit:
    """Who is in the way without waiting for anybody, and who waits for whom.

    Those that wait for the same lock also wait for each other in turn, so what matters is at the
    head of the queue.
    """
    known = {record["pid"]: record for record in records}
    waiting = {record["pid"]: tuple(record["blockers"] or ()) for record in records}
    behind = Counter(pid for blockers in waiting.values() for pid in blockers)
    heads = [pid for pid, _ in behind.most_common() if not waiting.get(pid)]
    lines = [f"blocker  {_named(pid, known)}  {behind[pid]} wait for it" for pid in heads]
    for pid, blockers in waiting.items():
        if blockers:
            first = sorted(blockers, key=lambda one: one not in heads)[:FEW]
            more = f" and {len(blockers) - FEW} more" if len(blockers) > FEW else ""
            named = ", ".join(map(str, first))
            lines.append(f"waiter   pid {pid}  behind {named}{more}  {_does(known[pid])}")
    title = "who blocks whom" if lines else "nobody waits for a lock"
    return Exhibit("sessions", title, tuple(lines))


def sessions(records: Iterable[Record]) -> Exhibit:
    """What each session does."""
    lines = tuple(_told(record) for record in records)
    title = f"{len(lines)} sessions, waiting first, then by the age of their transaction"
    return Exhibit("sessions", title, lines)


def _named(pid: int, known: Mapping[int, Record]) -> str:
    return _told(known[pid]) if pid in known else f"pid {pid}, not among the sessions below"


def _told(record: Record) -> str:
    return f"pid {record['pid']}  {_does(record)}"


def _does(record: Record) -> str:
    who = "/".join(record[part] for part in ("role", "application", "database") if record[part])
    parts = [who, f"{record['state']}{_for(record['for_seconds'])}"]
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
