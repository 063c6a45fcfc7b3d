"""Flights as they lie on the disk: one folder each, next to the journal."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

RECORD = "flight.toml"
"""The file that says what a flight is of; a folder without it is none."""
DRAFT = ".draft-"
"""How the name of a folder begins that is still being written, or never came to be whole."""
MOST = 40
"""Flights of one launch."""
MOST_BYTES = 20_000_000
"""All flights of one launch together."""


@dataclass(frozen=True, slots=True)
class Flight:
    """What was saved at one moment; times are seconds since the epoch."""

    subjects: tuple[str, ...]
    """The checks that had just turned critical."""
    at: float
    launch: float
    folder: Path
    files: tuple[str, ...]
    """Names in that folder, the record itself included."""
    size: int = 0
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Flights:
    """All that was recorded of a launch."""

    recorded: tuple[Flight, ...] = ()
    """Oldest first."""
    notice: str = ""
    """Why the last one could not be recorded, or why none will be any more."""

    def of(self, subject: str) -> tuple[Flight, ...]:
        """Those of one check, oldest first."""
        return tuple(flight for flight in self.recorded if subject in flight.subjects)


NO_FLIGHTS = Flights()


def flights_folder(journal: Path) -> Path:
    """Where the flights of this journal are."""
    return journal.with_name(f"{journal.name}.flights")


def flights(folder: Path, launch: float | None = None) -> tuple[Flight, ...]:
    """The flights in this folder, oldest first; of one launch only, if it is given.

    What cannot be read is no flight. A folder that is not there holds none.
    """
    try:
        places = sorted(place for place in folder.iterdir() if not place.name.startswith("."))
    except OSError:
        return ()
    found = [flight for place in places if (flight := _read(place)) is not None]
    wanted = [flight for flight in found if launch is None or abs(flight.launch - launch) < 1]
    return tuple(sorted(wanted, key=lambda flight: flight.at))


def no_more(recorded: tuple[Flight, ...]) -> str:
    """Why no other flight of this launch will be recorded; empty while there is room."""
    if len(recorded) >= MOST:
        return f"{MOST} flights are recorded of this launch, and no more will be"
    if sum(flight.size for flight in recorded) >= MOST_BYTES:
        return f"flights of this launch fill {MOST_BYTES // 10**6} MB; no more will be recorded"
    return ""


def _read(folder: Path) -> Flight | None:
    try:
        told = tomllib.loads((folder / RECORD).read_text(encoding="utf-8"))
        subjects = tuple(str(check["check"]) for check in told["checks"])
        at, launch = told["at"], told["launch"]
        sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (isinstance(at, datetime) and isinstance(launch, datetime)):
        return None
    moments = at.timestamp(), launch.timestamp()
    return Flight(subjects, *moments, folder, tuple(sorted(sizes)), sum(sizes.values()))
