"""The journal in one SQLite file."""

import math
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from firstwatch.acts import GENESIS, Act, Link, Record, read_act, to_json
from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.journal import files, packing
from firstwatch.journal.records import BEAT, Extent, RoundEvent, Run
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Gap
from firstwatch.verdict import Level

T = TypeVar("T")


class Journal:
    """An open journal; every call is short, synchronous, and raises JournalError when it fails.

    It may be handed from one thread to another, but used by one at a time.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: int | None) -> None:
        self.path = path
        self.repaired = ""
        """What was done about a damaged file when it was opened; empty when it was sound."""
        self._connection = connection
        self._lock = lock
        self._places = files.places(path)
        self._series: dict[str, int] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """The journal at `path`, made if it is not there, as its only writer."""
        path = path.resolve()  # one journal has one lock, whatever it is called
        lock = files.claim(path)
        try:
            connection, repaired = files.connect_or_replace(path)
        except BaseException:
            os.close(lock)
            raise
        journal = cls(path, connection, lock)
        journal.repaired = repaired
        return journal

    @classmethod
    def read_only(cls, path: Path) -> Self:
        """The journal at `path` for reading, while a watch may be writing it."""
        return cls(path, files.connect_to_read(path), None)

    def close(self) -> None:
        """Let go of the file; harmless when done twice."""
        self._connection.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def launch(self) -> float | None:
        """The launch as stamped last; None before it was."""
        rows = self._read("SELECT at FROM launches ORDER BY id DESC LIMIT 1")
        return rows[0][0] if rows else None

    def stamp_launch(self, at: float, operator: str, *, again: bool = False) -> None:
        """Record the launch, durably; another time than the one recorded needs `again`."""
        known = self.launch
        if known is not None and abs(known - at) < 0.001:
            return
        if known is not None and not again:
            raise JournalError(
                f"journal {self.path}: the launch was stamped {_utc(known)} already; "
                "stamp it again with `start --again`, or set another `name` under [watch]"
            )
        with self._durably():
            self._write("INSERT INTO launches (at, operator) VALUES (?, ?)", at, operator)

    def begin_run(self, at: float, operator: str, version: str, plan_digest: str) -> None:
        """Record that a watch begins; again after a stretch in which it was held up."""
        self._write(
            "INSERT INTO runs (began, operator, version, plan_digest) VALUES (?, ?, ?, ?)",
            at,
            operator,
            version,
            plan_digest,
        )

    def end_run(self, at: float) -> None:
        """Record that the watch ended in good order."""
        self._write(
            "INSERT OR IGNORE INTO run_ends SELECT id, ? FROM runs ORDER BY id DESC LIMIT 1", at
        )

    def runs(self) -> tuple[Run, ...]:
        """All runs, in the order they began."""
        rows = self._read(
            """SELECT began, operator, version, plan_digest, run_ends.at
                FROM runs LEFT JOIN run_ends ON run_ends.run = runs.id ORDER BY runs.id"""
        )
        return tuple(Run(*row) for row in rows)

    @property
    def last_moment(self) -> float | None:
        """The last moment at which a watch is known to have run."""
        moment = self._read(
            """SELECT max(at) FROM (SELECT max(at) / 1000.0 AS at FROM ticks
                UNION ALL SELECT max(began) FROM runs UNION ALL SELECT max(at) FROM run_ends)"""
        )[0][0]
        return None if moment is None else float(moment)

    def gaps(self, beats: float = 1.0) -> tuple[Gap, ...]:
        """Stretches since the launch, longer than so many beats of 5 s, before and between runs."""
        launch = self.launch
        if launch is None:
            return ()
        found = []
        last = launch
        for began, until, end in self._read(
            """SELECT began, lead(began) OVER (ORDER BY runs.id), run_ends.at
                FROM runs LEFT JOIN run_ends ON run_ends.run = runs.id ORDER BY runs.id"""
        ):
            if began - last > beats * BEAT:
                found.append(Gap(last, began))
            last = max(last, began, end or began, self._last_tick(began, until))
        return tuple(found)

    def _last_tick(self, since: float, until: float | None) -> float:
        if until is None:
            return since
        (moment,) = self._read(
            "SELECT max(at) FROM ticks WHERE at >= ? AND at < ?", _millis(since), _millis(until)
        )[0]
        return since if moment is None else moment / 1000

    def record_readings(self, at: float, values: Mapping[str, float | None]) -> None:
        """Record the values of one tick, None where measuring failed; an empty one is a beat."""
        blob = packing.pack({self._number(name): value for name, value in values.items()})
        moment = _millis(at)
        # A clock that was set back may meet a moment that is taken.
        while not self._write("INSERT OR IGNORE INTO ticks VALUES (?, ?)", moment, blob):
            moment += 1

    def _number(self, series: str) -> int:
        """The number under which readings of a series are packed; given on first use."""
        if series not in self._series:
            self._series = self._numbers()
        if series not in self._series:
            if len(self._series) >= packing.SERIES:
                raise JournalError(f"journal {self.path}: no room for another series")
            self._write("INSERT INTO series (name) VALUES (?)", series)
            self._series = self._numbers()
        return self._series[series]

    def _numbers(self) -> dict[str, int]:
        return dict(self._read("SELECT name, id FROM series"))

    def values(
        self, series: str, since: float, until: float
    ) -> tuple[tuple[float, float | None], ...]:
        """Moment and value of every reading from `since` up to, not including, `until`."""
        number = self._numbers().get(series)
        if number is None:
            return ()
        picked = packing.pick(number, self._ticks(since, until))
        return tuple((at, None if math.isnan(value) else value) for at, value in picked)

    def _ticks(self, since: float, until: float) -> list[tuple[int, bytes]]:
        rows = self._read(
            "SELECT at, readings FROM ticks WHERE at >= ? AND at < ? ORDER BY at",
            _millis(since),
            _millis(until),
        )
        return [(at, blob) for at, blob in rows if packing.is_whole(blob)]

    def history(
        self, series: str, since: float, until: float, buckets: int
    ) -> tuple[float | None, ...]:
        """The mean of each of `buckets` equal stretches, None where nothing was measured."""
        sums = [0.0] * buckets
        counts = [0] * buckets
        width = (until - since) / buckets
        for at, value in self.values(series, since, until):
            if value is not None:
                bucket = min(max(int((at - since) / width), 0), buckets - 1)
                sums[bucket] += value
                counts[bucket] += 1
        return tuple(
            total / count if count else None for total, count in zip(sums, counts, strict=True)
        )

    def extents(self, since: float, until: float) -> dict[str, Extent]:
        """How far every series went from `since` up to, not including, `until`."""
        low: dict[int, tuple[float, int]] = {}
        high: dict[int, tuple[float, int]] = {}
        last: dict[int, tuple[float, int]] = {}
        for at, blob in self._ticks(since, until):
            for number, value in packing.unpack(blob):
                if math.isnan(value):
                    continue
                last[number] = (value, at)
                if number not in low or value < low[number][0]:
                    low[number] = (value, at)
                if number not in high or value > high[number][0]:
                    high[number] = (value, at)
        return {
            name: Extent(*_moment(low[number]), *_moment(high[number]), *_moment(last[number]))
            for name, number in self._numbers().items()
            if number in last
        }

    def readings(self, since: float, until: float) -> Iterator[tuple[float, str, float]]:
        """Moment, series and value of all that was measured in that time, in its order."""
        names = {number: name for name, number in self._numbers().items()}
        for at, blob in self._ticks(since, until):
            moment = at / 1000
            for number, value in packing.unpack(blob):
                if value == value and number in names:  # noqa: PLR0124 - NaN is no value
                    yield moment, names[number], value

    def record_flip(self, flip: Flip) -> None:
        """Record a change of verdict."""
        self._write(
            """INSERT INTO flips (at, subject, old, new, reason, value, blocked_by)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
            flip.at,
            flip.subject,
            flip.old,
            flip.new,
            flip.reason,
            flip.value,
            flip.blocked_by,
        )

    def flips(self, since: float | None = None, *, most: int | None = None) -> tuple[Flip, ...]:
        """Flips at or after `since`, in the order they were stored; of these the last `most`."""
        rows = self._read(
            """SELECT at, subject, old, new, reason, value, blocked_by FROM
                (SELECT * FROM flips WHERE at >= ? ORDER BY id DESC LIMIT ?) ORDER BY id""",
            -math.inf if since is None else since,
            -1 if most is None else most,
        )
        return tuple(_understood(rows, _flip))

    def record_round(self, number: int, status: RoundStatus, at: float) -> None:
        """Record that a round reached a status; recorded once, however often it is said."""
        self._write(
            """INSERT OR IGNORE INTO round_events (launch, number, status, at)
                VALUES ((SELECT id FROM this_launch), ?, ?, ?)""",
            number,
            status,
            at,
        )

    def round_events(self) -> tuple[RoundEvent, ...]:
        """What the rounds of this launch went through, in the order it was stored."""
        rows = self._read(
            """SELECT number, status, at FROM round_events
                WHERE launch = (SELECT id FROM this_launch) ORDER BY id"""
        )
        return tuple(
            _understood(rows, lambda n, status, at: RoundEvent(int(n), RoundStatus(status), +at))
        )

    def record_baseline(self, subject: str, at: float, facts: str) -> None:
        """Record the first facts of a check since the launch; later ones change nothing."""
        self._write(
            """INSERT OR IGNORE INTO baselines (launch, subject, at, facts)
                VALUES ((SELECT id FROM this_launch), ?, ?, ?)""",
            subject,
            at,
            facts,
        )

    def baselines(self) -> dict[str, str]:
        """The first facts of each check since this launch, by check id."""
        rows = self._read(
            """SELECT subject, facts FROM baselines
                WHERE launch = (SELECT id FROM this_launch)"""
        )
        return dict(rows)

    def act(self, at: float, who: str, act: Act) -> Record:
        """Record what somebody did, durably, as the next link of the chain."""
        text = to_json(act)
        with self._durably():
            # Nobody else writes: what is read here is still the last when it is followed.
            launch = self._read("SELECT id FROM this_launch")[0][0]
            last, before = self._last_link()
            link = Link(last + 1, launch, at, who, text, "")
            values = (link.id, launch, at, who, text, link.hash_after(before))
            self._write("INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?)", *values)
        return Record(link.id, at, who, act)

    def _last_link(self) -> tuple[int, str]:
        """The highest number ever given out, and the last hash that is there."""
        rows = self._read("SELECT id, hash FROM acts ORDER BY id DESC LIMIT 1")
        last, before = rows[0] if rows else (0, GENESIS)
        return max(last, self.acts_given), before

    @property
    def keeps_acts(self) -> bool:
        """Whether there is a table of acts."""
        return bool(
            self._read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'acts'")
        )

    @property
    def acts_given(self) -> int:
        """The highest number an act was ever given."""
        rows = self._read("SELECT seq FROM sqlite_sequence WHERE name = 'acts'")
        return int(rows[0][0]) if rows else 0

    def acts(self) -> tuple[Record, ...]:
        """What was done since this launch was stamped, in the order it was stored."""
        rows = self._read(
            """SELECT id, at, who, act FROM acts
                WHERE launch = (SELECT id FROM this_launch) ORDER BY id"""
        )
        return tuple(
            _understood(rows, lambda id_, at, who, act: Record(id_, +at, str(who), read_act(act)))
        )

    def links(self) -> tuple[Link, ...]:
        """The whole chain as it is stored, of every launch."""
        return tuple(
            Link(*row) for row in self._read("SELECT id, launch, at, who, act, hash FROM acts")
        )

    @property
    def head(self) -> str:
        """The hash of the last act; empty before there is one."""
        rows = self._read("SELECT hash FROM acts ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    @property
    def salt(self) -> bytes:
        """What the pseudonyms of this journal are made with."""
        rows = self._read("SELECT salt FROM salts")
        return bytes(rows[0][0]) if rows else b""

    def record_names(self, names: Mapping[str, str]) -> None:
        """Record names that documents have to mask, with what each is; one known stays."""
        for name, kind in names.items():
            self._write("INSERT OR IGNORE INTO names (name, kind) VALUES (?, ?)", name, kind)

    def names(self) -> dict[str, str]:
        """Every such name, and what it is: a `company`, or a `name` of a person."""
        rows = self._read("SELECT name, kind FROM names ORDER BY id")
        return {str(name): str(kind) for name, kind in rows}

    def record_outline(self, outline: str) -> None:
        """Record what a status line has to know of the plan; the same one again changes nothing."""
        if outline != self.outline:
            self._write("INSERT INTO outlines (outline) VALUES (?)", outline)

    @property
    def outline(self) -> str:
        """The one recorded last; empty before there is one."""
        rows = self._read("SELECT outline FROM outlines ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    def _write(self, statement: str, *values: object) -> int:
        """Run one statement as a transaction of its own; says how many rows it wrote."""
        self._stay_in_place()
        try:
            return self._connection.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise files.trouble(self.path, error) from error

    def _stay_in_place(self) -> None:
        """See that what is written lies where it is looked for, whoever moved or deleted it."""
        if self._lock is None or (found := files.places(self.path)) == self._places:
            return
        (file, log), (known, known_log) = found, self._places
        if file is None:
            self._connection = files.put_back(self.path, self._connection)
        elif file != known:
            raise JournalError(
                f"journal {self.path}: another file was put in its place; "
                "move that away and the journal is put back"
            )
        elif log != known_log and known_log is not None:
            # Closing it brings what the lost log holds into the journal itself.
            self._connection.close()
            self._connection = files.connect(self.path)
        self._places = files.places(self.path)

    def _read(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise files.trouble(self.path, error) from error

    @contextmanager
    def _durably(self) -> Iterator[None]:
        """What is written inside is on the disk, not only in the system's memory, when it ends."""
        self._write("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            self._write("PRAGMA synchronous = NORMAL")


def _understood(rows: Iterable[Any], make: Callable[..., T]) -> Iterator[T]:
    """What can be made of the rows; one that bit rot has made nonsense of is left out.

    `make` writes +x where a number belongs: for anything else that raises TypeError.
    """
    for row in rows:
        with suppress(ValueError, TypeError):
            yield make(*row)


def _flip(
    at: float, subject: str, old: str, new: str, reason: str, value: float | None, blocked_by: str
) -> Flip:
    known = None if value is None else +value
    return Flip(+at, str(subject), Level(old), Level(new), str(reason), known, str(blocked_by))


def _millis(at: float) -> int:
    return round(at * 1000)


def _moment(found: tuple[float, int]) -> tuple[float, float]:
    return found[0], found[1] / 1000


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
