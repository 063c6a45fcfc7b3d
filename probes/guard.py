"""The planner guard: no statement runs whose plan reads a large table as a whole.

Every statement is explained with the parameters it is about to run with, which costs the
server its planning and nothing else. Refused are scans of a whole large relation, be it in
order of its pages or of an index, and conditions on an index that let too much of it through.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from firstwatch.errors import BadAnswer
from firstwatch.units import format_number
from probes.counted import Ask
from probes.statements import Statement

GOOD_FOR = 900.0
"""Real seconds a plan is trusted; statistics change, and plans with them."""
REFUSED_FOR = 60.0
"""Real seconds until a refused statement is explained anew: an index may have been made."""
WINDOW = 5.0
"""A condition on an index may let through so many times what makes a relation large."""
CUT = 0.1
"""A LIMIT makes a scan harmless that ends after this share of its cost."""
_EXPLAINED = re.compile(
    r"(?:\s|\(|/\*.*?\*/)*(?:select|with|values|table)\b", re.IGNORECASE | re.DOTALL
)
"""What reads tables and can be explained; what writes is refused by the session."""
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan")
_SIZES = """
SELECT n.nspname AS schema, c.relname AS name, c.reltuples::float8 AS rows,
       pg_relation_size(c.oid)::float8 AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN unnest($1::text[], $2::text[]) AS asked (schema, name)
  ON n.nspname = asked.schema AND c.relname = asked.name
"""

Relation = tuple[str, str]
"""Schema and name."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a relation is."""

    rows: float
    """As the statistics say; -1 where there are none yet."""
    bytes: float

    def is_past(self, limit: "Size") -> bool:
        """Whether it is large: in rows and in bytes, or in bytes where rows are not known."""
        return self.bytes > limit.bytes and (self.rows > limit.rows or self.rows <= 0)

    def __str__(self) -> str:
        rows = f"{_short(self.rows, (' k', ' M', ' G'))} rows, " if self.rows > 0 else ""
        return rows + _short(self.bytes, (" kB", " MB", " GB"))


@dataclass(frozen=True, slots=True)
class Scan:
    """One place of a plan where rows of a table are read."""

    schema: str
    table: str
    rows: float
    """Estimated to be found by it."""
    is_whole: bool
    """Nothing but the table's end, or a LIMIT far away, ends it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A plan that was looked at, and until when it is trusted: a time of the loop."""

    until: float
    refusal: str
    """Why the statement may not run; empty if it may."""
    estimate: str
    """What the planner expects of it, in words."""


class Guard:
    """What was allowed on this connection, and what was not."""

    def __init__(self, limit: Size) -> None:
        self._limit = limit
        self._known: dict[str, _Plan] = {}

    def forget(self, statement: Statement | None = None) -> None:
        """Trust this statement's plan no longer; without one, none at all."""
        if statement is None:
            self._known.clear()
        else:
            self._known.pop(statement.text, None)

    async def approve(self, ask: Ask, statement: Statement, values: list[object]) -> None:
        """Return if the statement may run. Raises BadAnswer with the table it would read."""
        if not _EXPLAINED.match(statement.text):
            return
        now = asyncio.get_running_loop().time()
        known = self._known.get(statement.text)
        if known is None or known.until <= now:
            rows = await ask(f"EXPLAIN (FORMAT JSON, VERBOSE) {statement.text}", *values)
            plan = json.loads(rows[0][0])[0]["Plan"]
            refusal = await self._judge(ask, statement, plan)
            until = now + (REFUSED_FOR if refusal else GOOD_FOR)
            known = self._known[statement.text] = _Plan(until, refusal, _estimate(plan))
        if known.refusal:
            raise BadAnswer(known.refusal)

    def estimate(self, statement: Statement) -> str:
        """What the planner expects of a statement, in words; empty before it was looked at."""
        known = self._known.get(statement.text)
        return known.estimate if known else ""

    async def _judge(self, ask: Ask, statement: Statement, plan: Mapping[str, Any]) -> str:
        scans = list(scans_of(plan))
        names = [scan.schema for scan in scans], [scan.table for scan in scans]
        sizes = {
            (row["schema"], row["name"]): Size(row["rows"], row["bytes"])
            for row in (await ask(_SIZES, *names) if scans else [])
        }
        for scan in scans:
            size = sizes.get((scan.schema, scan.table))
            if size and size.is_past(self._limit) and (what := self._too_much(scan, size)):
                return f"refused: would read {what}; {_remedy(scan.table, statement)}"
        return ""

    def _too_much(self, scan: Scan, size: Size) -> str:
        """What a scan of a large relation would read, if that is too much."""
        if scan.is_whole:
            return f'all of "{scan.table}" ({size})'
        share = scan.rows / size.rows if size.rows > 0 else 0.0
        read = Size(scan.rows, size.bytes * share)
        wide = Size(self._limit.rows * WINDOW, self._limit.bytes * WINDOW)
        return f'{read} of "{scan.table}"' if read.is_past(wide) else ""


def scans_of(
    plan: Mapping[str, Any], ceiling: float = float("inf"), above: Relation | None = None
) -> Iterator[Scan]:
    """Every scan of a table in a plan; `ceiling` is what the LIMITs above it let it cost.

    The scan of an index for a bitmap names no table: it is that of the heap scan `above`. Of
    bitmaps that are laid over each other the smallest decides, so none is looked at.
    """
    kind, cost = plan["Node Type"], plan["Total Cost"]
    if kind == "Limit":
        ceiling = min(ceiling, cost)
    if "Relation Name" in plan:
        above = (plan["Schema"], plan["Relation Name"])
    elif kind == "BitmapAnd":
        above = None
    if kind in _SCANS and above:
        cut = min(ceiling / cost, 1.0) if cost else 1.0
        is_whole = "Index Cond" not in plan and cut > CUT
        yield Scan(*above, plan["Plan Rows"] * cut, is_whole)
    for part in plan.get("Plans", ()):
        yield from scans_of(part, ceiling, above)


def _estimate(plan: Mapping[str, Any]) -> str:
    rows, cost = plan["Plan Rows"], plan["Total Cost"]
    return f"planner's cost {format_number(cost)}, {format_number(rows)} rows expected"


def _remedy(table: str, statement: Statement) -> str:
    if table in statement.tables:
        return f"no index serves what it asks beside :{table}.since_id"
    return f"bound it by :{table}.since_id"


def _short(number: float, units: tuple[str, str, str]) -> str:
    """A rough number a person can read: 10 M, 2.2 GB."""
    for unit, step in zip(reversed(units), (1e9, 1e6, 1e3), strict=True):
        if number >= step:
            rough = number / step
            return f"{rough:.1f}{unit}" if rough < 9.95 else f"{rough:.0f}{unit}"
    return f"{number:.0f}"
