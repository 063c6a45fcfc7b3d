"""Windows over ids: for each table, what its ids look like and which id bounds a moment.

What a table's ids are is read off a few real rows, the last ones its pages hold, and looked at
again from time to time. Ids that carry their time bound a window by themselves, counted ones
by a learned map. Other ids cannot: then the bound is the smallest possible id, and the
statement's own condition on the time does the work, over an index or a small table. Where
there is neither, nothing is asked and the check is unknown.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from firstwatch.errors import Missing
from firstwatch.probe import Moment
from probes.counted import Ask, Disorder, TimeMap, moment_of
from probes.guard import Size
from probes.ids import NEWEST, Dated, Seen, recognise
from probes.statements import IdBound, Statement

GOOD_FOR: Final = 900.0
"""Real seconds after which a table's ids are looked at again."""
UNSURE_FOR: Final = 60.0
"""The same where its ids carry no time, or it was empty: either may change in a launch."""
TIMES: Final = ("createdAt", "created_at", "receivedAt", "received_at")
"""The columns that say when a row was made; the first that is there counts."""
_FEW: Final = 3
_INTEGERS: Final = ("smallint", "integer", "bigint")
_CATALOGUE: Final = """
WITH asked AS (SELECT $1::text::regclass::oid AS oid),
stamped AS (
    SELECT a.attname AS name, a.attnum AS number
    FROM pg_attribute a JOIN asked ON a.attrelid = asked.oid
    WHERE a.attname = ANY($2::text[]) AND NOT a.attisdropped
    ORDER BY array_position($2::text[], a.attname::text) LIMIT 1
)
SELECT c.relkind::text AS relkind, c.reltuples::float8 AS rows,
       pg_relation_size(c.oid)::float8 AS bytes,
       pg_relation_size(c.oid) / current_setting('block_size')::int AS pages,
       k.attname::text AS key, format_type(k.atttypid, NULL) AS type,
       stamped.name::text AS time,
       EXISTS (SELECT FROM pg_index i
               WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL
                 AND i.indkey[0] = stamped.number) AS indexed
FROM asked JOIN pg_class c ON c.oid = asked.oid
LEFT JOIN pg_index p ON p.indrelid = c.oid AND p.indisprimary
LEFT JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = p.indkey[0]
LEFT JOIN stamped ON true
"""
_TAIL: Final = """ WHERE ctid = ANY (ARRAY(
    SELECT format('(%s,%s)', page, line)::tid
    FROM generate_series(greatest($1::bigint - 4, 0), $1::bigint - 1) AS page,
         generate_series(1, 64) AS line))"""
"""The rows on the last four pages: whatever was written last, found without any index."""


@dataclass(frozen=True, slots=True)
class Timeless:
    """Ids that say nothing of time; the statement's condition on the time bounds it."""

    least: object
    most: object | None
    """None where it has to be looked up: no text is larger than all others."""
    is_empty: bool = False
    """There was no row yet: nothing can be settled, and the next look is at the next reading."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the catalogue describes it; names are quoted."""

    name: str
    sql: str
    key: str
    type: str
    time: str | None
    indexed: bool
    """Whether an index begins with its time column."""
    is_plain: bool
    """Whether it has pages of its own: no view, and not only partitions."""
    pages: int
    size: Size


Kind = Dated | TimeMap | Timeless


@dataclass(frozen=True, slots=True)
class _Known:
    table: Table
    kind: Kind
    until: float
    """The loop's time until which it is believed."""


class Windows:
    """What is known of the ids of each table on this connection."""

    def __init__(self, limit: Size) -> None:
        self._limit = limit
        self._known: dict[str, _Known] = {}

    def forget(self, statement: Statement | None = None) -> None:
        """Look anew at the tables of this statement; without one, at all."""
        for name in [*self._known] if statement is None else statement.tables:
            self._known.pop(name, None)

    async def bounds(
        self, ask: Ask, statement: Statement, moment: Moment, window: float
    ) -> dict[str, object]:
        """The ids a statement asks for, by name. Raises Missing when a table has none to give."""
        for name in statement.tables:
            await self._look_at(ask, name)
        try:
            return await self._all(ask, statement, moment, window)
        except Disorder:
            # What the map said before is worth nothing either.
            return await self._all(ask, statement, moment, window)

    async def _all(
        self, ask: Ask, statement: Statement, moment: Moment, window: float
    ) -> dict[str, object]:
        return {
            bound.name: await self._bound(ask, statement, bound, bound.at(moment, window))
            for bound in statement.ids
        }

    async def _bound(self, ask: Ask, statement: Statement, bound: IdBound, at: float) -> object:
        table, kind = self._known[bound.table].table, self._known[bound.table].kind
        if isinstance(kind, TimeMap):
            try:
                return await kind.floor(ask, at)
            except Disorder as error:
                self._without_map(table, error)
                raise
        if not isinstance(kind, Timeless):
            return kind.floor(at)
        if kind.is_empty:
            return kind.least
        time = bound.instant.removesuffix("_id")
        if time not in statement.names:
            raise Missing(
                f'ids of "{table.name}" carry no time; the statement needs '
                f"a condition on {table.time or 'a time'} and :{time}, too"
            )
        if bound.instant != "settled_id":
            return kind.least
        return await _past_all(ask, table) if kind.most is None else kind.most

    async def _look_at(self, ask: Ask, name: str) -> None:
        now = asyncio.get_running_loop().time()
        known = self._known.get(name)
        if known is None or known.until <= now:
            table = await describe(ask, name)
            kind = await self._detect(ask, table)
            known = self._known[name] = _Known(table, kind, now + _good_for(kind))
        if isinstance(known.kind, TimeMap):
            try:
                await known.kind.look(ask)
            except Disorder as error:
                self._without_map(known.table, error)

    def _without_map(self, table: Table, error: Disorder) -> None:
        """Do without, now that a table's ids do not grow with time. Raises Missing."""
        self._known.pop(table.name, None)
        kind = self._by_time(table, error.reason)
        # Long, or the map would be tried again, and believed until it fails again.
        until = asyncio.get_running_loop().time() + GOOD_FOR
        self._known[table.name] = _Known(table, kind, until)

    async def _detect(self, ask: Ask, table: Table) -> Kind:
        rows = await _sample(ask, table)
        kind = recognise(rows)
        if kind is not None:
            return kind
        if rows and table.type in _INTEGERS and table.time:
            return TimeMap(table.sql, table.key, table.time)
        if not rows:
            return replace(_timeless(table), is_empty=True)
        return self._by_time(table, f'ids of "{table.name}" carry no time')

    def _by_time(self, table: Table, why: str) -> Timeless:
        """The kind of a table that its time column bounds. Raises Missing if it cannot."""
        is_small = table.is_plain and not table.size.is_past(self._limit)
        if table.indexed or is_small:
            return _timeless(table)
        time = table.time or '"createdAt"'
        raise Missing(f"{why} and {time} {'has no index' if table.time else 'is not there'}")


async def describe(ask: Ask, name: str) -> Table:
    """What the catalogue says of a table. Raises Missing when it has no primary key."""
    rows = await ask(_CATALOGUE, _quoted(name), list(TIMES))
    row = rows[0]
    if row["key"] is None:
        raise Missing(f'"{name}" has no primary key, so there is no window over its ids')
    return Table(
        name,
        sql=_quoted(name),
        key=_quoted(row["key"]),
        type=row["type"],
        time=_quoted(row["time"]) if row["time"] else None,
        indexed=row["indexed"],
        is_plain=row["relkind"] == "r",
        pages=row["pages"],
        size=Size(row["rows"], row["bytes"]),
    )


async def _sample(ask: Ask, table: Table) -> list[Seen]:
    """A few of the rows that were written last."""
    columns = f"{table.key} AS id, {table.time or 'NULL::timestamp'} AS at"
    rows: list[Any] = []
    if table.is_plain:
        tail = f"SELECT {columns} FROM {table.sql}{_TAIL}"  # noqa: S608 - quoted names of the catalogue
        rows = await ask(tail, table.pages)
    if len(rows) < _FEW:
        newest = f"SELECT {columns} FROM {table.sql} ORDER BY {table.key} DESC LIMIT {NEWEST}"  # noqa: S608 - as above
        rows = [*rows, *await ask(newest)]
    return [Seen(row["id"], row["at"] and moment_of(row["at"])) for row in rows]


def _good_for(kind: Kind) -> float:
    if isinstance(kind, Timeless):
        return 0.0 if kind.is_empty else UNSURE_FOR
    return GOOD_FOR


def _timeless(table: Table) -> Timeless:
    if table.type == "uuid":
        return Timeless(UUID(int=0), UUID(int=2**128 - 1))
    if table.type in _INTEGERS:
        bits = 8 * (2 ** (_INTEGERS.index(table.type) + 1))
        return Timeless(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return Timeless("", None)


async def _past_all(ask: Ask, table: Table) -> str:
    """A text that is larger than every id there is just now, under any collation."""
    newest = f"SELECT {table.key} AS id FROM {table.sql} ORDER BY {table.key} DESC LIMIT 1"  # noqa: S608 - as above
    rows: Sequence[Any] = await ask(newest)
    return f"{rows[0]['id']}z" if rows else "z"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
