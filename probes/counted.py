"""Ids that are counted up: when each was given is learned from a few rows.

A map of points (id, moment) grows with every reading by the newest row, and where it is too
coarse by halving, each step one row by primary key. An id bound may lie a little before the
moment asked for, never behind it; the statement's own condition on the time cuts the rest.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from firstwatch.errors import Missing

Ask = Callable[..., Awaitable[list[Any]]]
"""Runs a statement with its parameters and brings its rows."""
COARSE = 30.0
"""Seconds a bound may lie before its moment, so that most readings need no halving."""
DISORDER = 10.0
"""Seconds by which a row may be older than one with a smaller id: transactions overlap."""
POINTS = 512
STEPS = 64


class Disorder(Missing):
    """Ids and times of a table do not grow together."""


@dataclass(frozen=True, slots=True)
class Point:
    """A row: its id and when it was made, in seconds since the epoch."""

    id: int
    at: float


class TimeMap:
    """The map of one table."""

    def __init__(self, table: str, column: str, time: str) -> None:
        """All three quoted, as they stand in a statement."""
        self._disorder = f"ids of {table} do not grow with {time}"
        rows = f"SELECT {column} AS id, {time} AS at FROM {table}"  # noqa: S608 - quoted names of the catalogue
        there = f"{time} IS NOT NULL"
        self._newest = f"{rows} WHERE {there} ORDER BY {column} DESC LIMIT 1"
        self._oldest = f"{rows} WHERE {there} ORDER BY {column} LIMIT 1"
        self._next = f"{rows} WHERE {column} >= $1 AND {there} ORDER BY {column} LIMIT 1"
        self._points: list[Point] = []

    async def look(self, ask: Ask) -> None:
        """Note the newest row, and once the oldest. Raises Disorder."""
        if not self._points:
            await self._note(ask, self._oldest)
        await self._note(ask, self._newest)

    async def floor(self, ask: Ask, at: float) -> int:
        """An id so small that every row made at this moment or later has none smaller.

        Raises Disorder.
        """
        place = next((n for n, point in enumerate(self._points) if point.at >= at), None)
        if not self._points:
            return 0
        if place == 0:
            return self._points[0].id
        if place is None:
            return self._points[-1].id + 1
        low, high = self._points[place - 1], self._points[place].id
        for _ in range(STEPS):
            if high - low.id <= 1 or at - low.at <= COARSE:
                break
            middle = (low.id + high) // 2
            found = await self._note(ask, self._next, middle)
            if found is None or found.id >= high or found.at >= at:
                high = middle
            else:
                low = found
        return low.id + 1

    async def _note(self, ask: Ask, sql: str, *values: object) -> Point | None:
        """Ask for one row and put it on the map. Raises Disorder."""
        rows = await ask(sql, *values)
        if not rows:
            return None
        point = Point(int(rows[0]["id"]), moment_of(rows[0]["at"]))
        place = bisect_left(self._points, point.id, key=lambda known: known.id)
        before, after = self._points[:place][-1:], self._points[place:][:1]
        if after and after[0].id == point.id:
            return point
        if any(p.at > point.at + DISORDER for p in before) or any(
            p.at < point.at - DISORDER for p in after
        ):
            raise Disorder(self._disorder)
        self._points.insert(place, point)
        if len(self._points) > POINTS:
            self._points = [*self._points[:-1:2], self._points[-1]]
        return point


def moment_of(time: datetime) -> float:
    """Seconds since the epoch of a stored time; one without a zone is UTC."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
