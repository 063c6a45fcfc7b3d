"""A look at a journal that takes a few milliseconds: how its watch stands, and nothing more.

`Journal` knows all of it and needs acts, plans and half a second for that. This reads the same
file with SQLite alone, in one transaction, so that what it says is of one moment.
"""

import json
import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from sqlite3 import Error as SQLiteError
from typing import Any

from firstwatch.episodes import Flip
from firstwatch.journal import files, packing
from firstwatch.verdict import Level

PATTERN = "*.journal"
"""The names of journals in the state folder."""


def newest(folder: Path) -> Path | None:
    """The journal in that folder that was written last; None where there is none."""
    found = [(_written(path), path) for path in folder.glob(PATTERN)]
    return max(found, default=(0.0, None))[1]


def _written(path: Path) -> float:
    """When it was written last; while a watch runs that goes into the file beside it."""
    found = [0.0]
    for file in (path, Path(f"{path}-wal")):
        with suppress(OSError):
            found.append(file.stat().st_mtime)
    return max(found)


@contextmanager
def peeking(path: Path) -> Iterator["Peek"]:
    """A look at that journal, which changes nothing in it. Raises JournalError."""
    connection = files.connect_to_read(path, traceless=True)
    try:
        connection.execute("BEGIN")
        yield Peek(connection)
    except SQLiteError as error:
        raise files.trouble(path, error) from error
    finally:
        connection.close()


class Peek:
    """What stands in a journal at one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def launch(self) -> float | None:
        """The launch as stamped last."""
        return self._one("SELECT at FROM launches ORDER BY id DESC LIMIT 1")

    @property
    def began(self) -> float | None:
        """When the last run of a watch began; None before any did."""
        return self._one("SELECT began FROM runs ORDER BY id DESC LIMIT 1")

    @property
    def ended(self) -> float | None:
        """When that run ended in good order; None while it lasts, or when it was cut off."""
        return self._one("SELECT at FROM run_ends WHERE run = (SELECT max(id) FROM runs)")

    @property
    def seen(self) -> float | None:
        """The last moment at which a watch is known to have run."""
        tick = self._one("SELECT max(at) FROM ticks")
        known = [self.began, self.ended, None if tick is None else tick / 1000]
        return max((moment for moment in known if moment is not None), default=None)

    @property
    def operator(self) -> str:
        """Under whose name the watch was first run."""
        rows = self._rows("SELECT operator FROM runs WHERE operator <> '' ORDER BY id LIMIT 1")
        return str(rows[0][0]) if rows else ""

    @property
    def outline(self) -> str:
        """The outline of the plan as its last watch left it."""
        rows = self._rows("SELECT outline FROM outlines ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    def last_flips(self) -> dict[str, Flip]:
        """The last flip of each subject; one that bit rot has made nonsense of is left out."""
        found = {}
        for row in self._rows(
            """SELECT at, subject, old, new, reason, value, blocked_by FROM flips
                WHERE id IN (SELECT max(id) FROM flips GROUP BY subject)"""
        ):
            at, subject, old, new, reason, value, blocked_by = row
            with suppress(ValueError, TypeError):
                flip = Flip(+at, subject, Level(old), Level(new), str(reason), value, blocked_by)
                found[subject] = flip
        return found

    def heard(
        self, wanted: Collection[str], since: float
    ) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
        """When each of these series was last measured and its value, and when that was last tried.

        What was before `since`, in seconds since the epoch, is left out.
        """
        names = dict(self._rows("SELECT id, name FROM series"))
        values: dict[str, tuple[float, float]] = {}
        tries: dict[str, float] = {}
        missing = {number for number, name in names.items() if name in wanted}
        ticks = "SELECT at, readings FROM ticks WHERE at >= ? ORDER BY at DESC"
        for at, blob in self._connection.execute(ticks, (round(since * 1000),)):
            if not packing.is_whole(blob):
                continue
            for number, value in packing.unpack(blob):
                if number in missing:
                    tries.setdefault(names[number], at / 1000)
                    if not math.isnan(value):
                        values[names[number]] = at / 1000, value
                        missing.discard(number)
            if not missing:
                break
        return values, tries

    def acts(self, *kinds: str) -> Iterator[tuple[float, str, dict[str, Any]]]:
        """When, by whom and what was done since the launch, of these kinds, in its order."""
        for at, who, text in self._rows(
            """SELECT at, who, act FROM acts
                WHERE launch = (SELECT id FROM this_launch) ORDER BY id"""
        ):
            with suppress(ValueError, TypeError, AttributeError):
                act = json.loads(text)
                if act.get("kind") in kinds:
                    yield +at, str(who), act

    def _one(self, statement: str) -> float | None:
        rows = self._rows(statement)
        return None if not rows or rows[0][0] is None else float(rows[0][0])

    def _rows(self, statement: str) -> list[Any]:
        return self._connection.execute(statement).fetchall()
