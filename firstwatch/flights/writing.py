"""Writing a flight: a folder that is there whole or not at all, for its owner alone."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from firstwatch.flights.record import DRAFT

MOST_OF_A_FILE = 256_000
"""Bytes."""


def bounded(lines: Iterable[str], most: int = MOST_OF_A_FILE) -> str:
    """The lines as a text of no more than `most` bytes; a cut says so."""
    cut = "… the rest is left out\n"
    kept: list[str] = []
    left = most - len(cut.encode())
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            return "".join([*kept, cut])
        kept.append(f"{line}\n")
    return "".join(kept)


def publish(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    """Write these files into a folder of that name, or of the next that is free; says which.

    Raises OSError; nothing of it is left then.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
    try:
        for file, text in files.items():
            _write(draft / file, text)
        _settle(draft)
        place = _take_place(draft, folder, name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _settle(folder)
    return place


def sweep(folder: Path) -> None:
    """Remove what a watch that was killed left half written. Only the one that writes may."""
    for draft in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _take_place(draft: Path, folder: Path, name: str) -> Path:
    count = 1
    while True:
        place = folder / (name if count == 1 else f"{name}-{count}")
        if not place.exists():
            return draft.rename(place)
        count += 1


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
