"""The journal as a file: made private, held by one writer, set aside when it is damaged."""

import fcntl
import os
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from firstwatch.errors import JournalError, JournalHeld
from firstwatch.journal.schema import APPLICATION_ID, TABLES, VERSION, migrate

_REMEDIES = {
    sqlite3.SQLITE_FULL: "free some space on its disk",
    sqlite3.SQLITE_BUSY: "another program holds it; end that program",
    sqlite3.SQLITE_READONLY: "it may only be read; make it writable or name another journal",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that its folder exists and is yours",
    sqlite3.SQLITE_IOERR: "its disk fails; name a journal on another disk",
    sqlite3.SQLITE_CORRUPT: "it is damaged; start firstwatch again, which sets it aside",
    sqlite3.SQLITE_NOTADB: "it is damaged; start firstwatch again, which sets it aside",
}
_MISSING_TABLE = re.compile(r"no such table: (\w+)")
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(Exception):
    """The file is a journal, but cannot be trusted."""


def trouble(path: Path, error: sqlite3.Error) -> JournalError:
    """What SQLite complains of, with file and remedy."""
    if gone := _MISSING_TABLE.fullmatch(str(error)):
        lost = f'its table "{gone[1]}" is gone'
        lost += ", and with it what people signed" if gone[1] == "acts" else ""
        return JournalError(f"journal {path}: {lost}; move it away and start firstwatch again")
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ:
        return JournalError(
            f"journal {path}: part of it is missing, such as {path.name}-wal beside it; "
            "a watch that runs puts it back, otherwise start firstwatch again"
        )
    remedy = _REMEDIES.get(_code(error), "")
    return JournalError(f"journal {path}: {error}" + (f"; {remedy}" if remedy else ""))


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def claim(path: Path) -> int:
    """Make folder and file private and become the only writer; the lock's descriptor."""
    if path.exists() and not path.is_file():
        # A device would be made private, too, and the whole machine would miss it.
        raise JournalError(f"journal {path}: not a file; set `journal` under [watch] to another")
    try:
        _make_private(path.parent)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalError(
            f"journal {path}: its folder cannot be written ({error.strerror}); "
            "make it writable or set `journal` under [watch] to another place"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    except BlockingIOError as error:
        pid = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise JournalHeld(
            f"journal {path}: another firstwatch (pid {pid}) writes this journal; "
            "end it, or set `name` or `journal` under [watch]"
        ) from error
    except OSError as error:
        os.close(lock)
        raise JournalError(
            f"journal {path}: cannot be written ({error.strerror}); make it writable "
            "or set `journal` under [watch] to another place"
        ) from error
    return lock


def _make_private(folder: Path) -> None:
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def connect_or_replace(path: Path) -> tuple[sqlite3.Connection, str]:
    """The journal, or a new one with what could be read out of a damaged one, and what was done."""
    try:
        return connect(path), ""
    except Damaged as damage:
        reason = str(damage)
    try:
        aside = _set_aside(path)
        connection = connect(path)
        saved = _rescue(aside, connection)
    except (OSError, sqlite3.Error, Damaged) as error:
        raise JournalError(
            f"journal {path}: damaged ({reason}) and cannot be replaced ({error}); "
            "move it away or name another `journal` under [watch]"
        ) from error
    counts = ", ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in saved.items() if count
    )
    return connection, (
        f"journal {path} was damaged ({reason}) and is kept as {aside.name}; "
        f"read out of it: {counts or 'nothing'}"
    )


def connect(path: Path) -> sqlite3.Connection:
    """The journal, checked and current, ready to be written.

    Raises `Damaged`, or JournalError when it is not ours to touch.
    """
    connection = _connect(path, "rw")
    try:
        version = _version(path, connection)
        for (verdict,) in connection.execute("PRAGMA quick_check(1)"):
            if verdict != "ok":
                raise Damaged(verdict)
        if version < VERSION:
            migrate(connection, version)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_size_limit = 8388608")
        # Without it a REPLACE would delete a fact past the trigger.
        connection.execute("PRAGMA recursive_triggers = ON")
    except sqlite3.Error as error:
        connection.close()
        if _code(error) in _DAMAGE and _is_ours(path):
            raise Damaged(str(error)) from error
        raise _foreign_or(path, error) from error
    except (Damaged, JournalError):
        connection.close()
        raise
    return connection


Place = tuple[int, int] | None
"""Which file lies somewhere, by its device and number; None: none does."""


def places(path: Path) -> tuple[Place, Place]:
    """Which files are the journal and its log just now."""
    return _place(path), _place(Path(f"{path}-wal"))


def _place(path: Path) -> Place:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def put_back(path: Path, connection: sqlite3.Connection) -> sqlite3.Connection:
    """The journal in its place again, whole, from which it was moved away or deleted.

    Whoever has a file open can read it although nobody finds it any more. Raises JournalError.
    """
    copy = Path(f"{path}.restored")
    try:
        copy.unlink(missing_ok=True)
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT, 0o600))
        target = sqlite3.connect(copy)
        try:
            connection.backup(target)
        finally:
            target.close()
        connection.close()
        # What is left of these belongs to the file that is gone.
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        copy.rename(path)
        return connect(path)
    except (OSError, sqlite3.Error, Damaged) as error:
        raise JournalError(
            f"journal {path}: it was moved away or deleted and cannot be put back ({error}); "
            "start firstwatch again"
        ) from error


def connect_to_read(path: Path, *, traceless: bool = False) -> sqlite3.Connection:
    """The journal for reading, while a watch may be writing it.

    Where nobody has it open SQLite would leave two empty files beside it; `traceless` does not,
    and is for a look that is over before a watch that begins meanwhile can touch the file. Nor
    does it where its folder may only be read: an archive, in which no watch can begin.
    """
    if not path.exists():
        raise JournalError(f"journal {path}: not there; a watch makes it when it first starts")
    if not path.is_file():
        raise JournalError(f"journal {path}: not a file; name the file of a journal")
    is_alone = not any(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-shm"))
    is_still = is_alone and (traceless or not os.access(path.parent, os.W_OK))
    connection = _connect(path, "ro&immutable=1" if is_still else "ro")
    try:
        version = _version(path, connection)
        if not version:
            raise JournalError(f"journal {path}: empty; a watch fills it when it first starts")
        if version < VERSION:
            raise JournalError(
                f"journal {path}: of an older firstwatch; start a watch once to bring it up to date"
            )
    except sqlite3.Error as error:
        connection.close()
        raise _foreign_or(path, error) from error
    except JournalError:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{_quoted(path)}?mode={mode}"
    try:
        # Opened where the command line runs, used on the watch's own thread: never on two at once.
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        # Whoever holds it may wait, the watch may not.
        connection.execute(f"PRAGMA busy_timeout = {200 if mode == 'rw' else 2000}")
        connection.text_factory = _text
    except sqlite3.Error as error:
        raise trouble(path, error) from error
    return connection


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _version(path: Path, connection: sqlite3.Connection) -> int:
    """The schema version of a journal; 0 is an empty file. Raises JournalError if not ours."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    try:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except UnicodeDecodeError:
        # Python cannot even read what SQLite says of the schema.
        damage = sqlite3.DatabaseError("malformed database schema")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage from None
    if application != APPLICATION_ID and (application or version or tables):
        raise JournalError(_not_ours(path))
    if version > VERSION:
        raise JournalError(
            f"journal {path}: its schema {version} is of a newer firstwatch, "
            f"this one knows {VERSION}; "
            "upgrade firstwatch or name another `journal` under [watch]"
        )
    return version


def _not_ours(path: Path) -> str:
    return (
        f"journal {path}: not a journal of firstwatch; "
        "move it away or set `journal` under [watch] to another place"
    )


def _is_ours(path: Path) -> bool:
    """Whether an unreadable file carries our mark, or lost its head altogether."""
    with path.open("rb") as file:
        head = file.read(100)
    return int.from_bytes(head[68:72], "big") == APPLICATION_ID or not any(head)


def _foreign_or(path: Path, error: sqlite3.Error) -> JournalError:
    if _code(error) == sqlite3.SQLITE_NOTADB and not _is_ours(path):
        return JournalError(_not_ours(path))
    return trouble(path, error)


def _set_aside(path: Path) -> Path:
    """Move a damaged journal out of the way, an empty file in its place; says where it went."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    for suffix in ("-wal", ""):
        source = Path(f"{path}{suffix}")
        if source.exists():
            source.rename(f"{aside}{suffix}")
    Path(f"{path}-shm").unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return aside


def _made_openable(damaged: Path) -> Path | None:
    """A copy of a journal that lost its end, with a head that says so; None where it has it all.

    SQLite opens no file that is shorter than its head says (bytes 16 to 17 are the size of a
    page, 28 to 31 their number), however much is left of it.
    """
    content = damaged.read_bytes()
    size = int.from_bytes(content[16:18], "big") or 4096
    there, said = len(content) // size, int.from_bytes(content[28:32], "big")
    if len(content) < 100 or not there or there >= said:
        return None
    copy = damaged.with_name(f"{damaged.name}.cut")
    descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content[:28] + there.to_bytes(4, "big") + content[32 : there * size])
    return copy


def _rescue(damaged: Path, connection: sqlite3.Connection) -> dict[str, int]:
    """Copy every row that can still be read into a fresh journal; says how many of each table."""
    saved = {}
    # The names of tables are our own.
    cut = _made_openable(damaged)
    old = sqlite3.connect(f"file:{_quoted(cut or damaged)}?mode=ro", uri=True)
    old.text_factory = _text
    # A table whose first page is lost must not make the others unreadable; nothing is written.
    old.execute("PRAGMA writable_schema = ON")
    connection.execute("BEGIN")
    for table in TABLES:
        before = connection.total_changes
        # From either end, so that a bad page in the middle costs only itself.
        for order in ("ASC", "DESC"):
            try:
                rows = old.execute(f"SELECT * FROM {table} ORDER BY rowid {order}")  # noqa: S608
                for row in rows:
                    marks = ", ".join("?" * len(row))
                    insert = f"INSERT OR IGNORE INTO {table} VALUES ({marks})"  # noqa: S608
                    connection.execute(insert, row)
            except (sqlite3.Error, UnicodeDecodeError):
                continue
            break
        saved[table] = connection.total_changes - before
    connection.execute("COMMIT")
    old.close()
    if cut is not None:
        cut.unlink()
    Path(f"{damaged}-shm").unlink(missing_ok=True)
    log = Path(f"{damaged}-wal")
    if log.exists() and not log.stat().st_size:
        log.unlink()
    return saved
