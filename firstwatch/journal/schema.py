"""The tables of the SQLite journal and how an older file becomes a current one."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

APPLICATION_ID: Final = 0x46573234
"""Marks an SQLite file as a journal of firstwatch ("FW24")."""

_FIRST_FACTS: Final = (
    "launches",
    "runs",
    "run_ends",
    "series",
    "flips",
    "round_events",
    "sign_offs",
    "notes",
)
_LATER_FACTS: Final = ("baselines", "acts", "salts", "names", "outlines")
_GONE: Final = ("sign_offs", "notes")
FACTS: Final = (*(table for table in _FIRST_FACTS if table not in _GONE), *_LATER_FACTS)
"""Tables whose rows nothing may change or delete."""

TABLES: Final = (*FACTS, "ticks")


def _append_only(tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        for event in ("UPDATE", "DELETE"):
            yield f"""CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}
                BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"""


_FIRST: Final = (
    "CREATE TABLE launches (id INTEGER PRIMARY KEY, at REAL NOT NULL, operator TEXT NOT NULL)",
    "CREATE VIEW this_launch AS SELECT coalesce(max(id), 0) AS id FROM launches",
    """CREATE TABLE runs (id INTEGER PRIMARY KEY, began REAL NOT NULL, operator TEXT NOT NULL,
        version TEXT NOT NULL, plan_digest TEXT NOT NULL)""",
    "CREATE TABLE run_ends (run INTEGER PRIMARY KEY, at REAL NOT NULL)",
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    # at: milliseconds since the epoch; readings: see packing.py
    "CREATE TABLE ticks (at INTEGER PRIMARY KEY, readings BLOB NOT NULL)",
    """CREATE TABLE flips (id INTEGER PRIMARY KEY, at REAL NOT NULL, subject TEXT NOT NULL,
        old TEXT NOT NULL, new TEXT NOT NULL, reason TEXT NOT NULL, value REAL,
        blocked_by TEXT NOT NULL)""",
    # launch: the row of launches from which the rounds are counted
    """CREATE TABLE round_events (id INTEGER PRIMARY KEY, launch INTEGER NOT NULL,
        number INTEGER NOT NULL, status TEXT NOT NULL, at REAL NOT NULL,
        UNIQUE (launch, number, status))""",
    """CREATE TABLE sign_offs (id INTEGER PRIMARY KEY, launch INTEGER NOT NULL,
        number INTEGER NOT NULL, at REAL NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL,
        evidence TEXT NOT NULL, UNIQUE (launch, number))""",
    """CREATE TABLE notes (id INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL,
        text TEXT NOT NULL)""",
    *_append_only(_FIRST_FACTS),
)
_SECOND: Final = (
    # facts: what a check found first, for its probe to compare with
    """CREATE TABLE baselines (id INTEGER PRIMARY KEY, launch INTEGER NOT NULL,
        subject TEXT NOT NULL, at REAL NOT NULL, facts TEXT NOT NULL, UNIQUE (launch, subject))""",
    *_append_only(["baselines"]),
)
_THIRD: Final = (
    # Nothing has ever signed or noted anything in a journal of the first two versions.
    "DROP TABLE sign_offs",
    "DROP TABLE notes",
    # AUTOINCREMENT remembers the highest number given out: a record cut off at the end is missed.
    """CREATE TABLE acts (id INTEGER PRIMARY KEY AUTOINCREMENT, launch INTEGER NOT NULL,
        at REAL NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, hash TEXT NOT NULL)""",
    # salt: what pseudonyms of this journal are made with
    "CREATE TABLE salts (id INTEGER PRIMARY KEY CHECK (id = 1), salt BLOB NOT NULL)",
    "INSERT INTO salts VALUES (1, randomblob(16))",
    *_append_only(["acts", "salts"]),
)
_FOURTH: Final = (
    # Names of companies as rows of readings showed them: what documents have to mask.
    "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL)",
    *_append_only(["names"]),
)
_FIFTH: Final = (
    # What a status line has to know of the plan of a watch: see outline.py
    "CREATE TABLE outlines (id INTEGER PRIMARY KEY, outline TEXT NOT NULL)",
    *_append_only(["outlines"]),
)

MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)
"""One tuple of statements per schema version; only ever appended to."""

VERSION: Final = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a journal from `version` (0 is an empty file) to the current one, all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
