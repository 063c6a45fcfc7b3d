"""The flight recorder: told of flips, it saves the moment a check turns critical.

It has a task of its own. Whatever goes wrong in it is a sentence, and the watch never waits
for it: sources are asked all at once under one deadline, one moment at a time; checks that turn
critical while one is being saved share the next.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import tomli_w

from firstwatch.clock import Clock
from firstwatch.episodes import Flip
from firstwatch.flights.pictures import masked_picture
from firstwatch.flights.record import (
    MOST_BYTES,
    RECORD,
    Flight,
    Flights,
    flights,
    no_more,
)
from firstwatch.flights.sight import BOARD, Lookout, Picture, Sight
from firstwatch.flights.writing import MOST_OF_A_FILE, bounded, publish, sweep
from firstwatch.probe import Exhibit, Moment, Probe
from firstwatch.sampling import ignore
from firstwatch.text import clean
from firstwatch.verdict import Level

APART = 300.0
"""Seconds of the watch between two flights of one check."""
LINES = 2_000
"""Lines of one exhibit."""
LOOKED_AT = 2_000
"""Characters of a line that are masked; of these `SHOWN` stay, so that no cut halves a number."""
SHOWN = 400
VERSION = 1
"""Of the shape of the record."""

Mask = Callable[[str], str]


class FlightRecorder:
    """Records the flights of one launch."""

    def __init__(
        self,
        folder: Path,
        probes: Mapping[str, Probe],
        clock: Clock,
        launch: float,
        *,
        mask: Mask,
        picture: Picture,
        heard: int = 0,
    ) -> None:
        """`mask` makes any text safe to keep; `heard` flips are from before and are old news."""
        self._folder, self._clock, self._launch = folder, clock, launch
        self._lookout = Lookout(probes, picture)
        self._mask = mask
        self._heard = heard
        self._waiting: dict[str, Flip] = {}
        self._task: asyncio.Task[None] | None = None
        sweep(folder)
        recorded = flights(folder, launch)
        self._last = {subject: flight.at for flight in recorded for subject in flight.subjects}
        self.flights = Flights(recorded, no_more(recorded))
        """What has been recorded so far."""

    def heed(self, flips: Sequence[Flip]) -> None:
        """Look through all flips of the watch for new critical ones; on the watch's loop."""
        fresh, self._heard = flips[self._heard :], len(flips)
        for flip in fresh:
            if flip.new is Level.CRITICAL and self._is_due(flip.subject):
                self._waiting.setdefault(flip.subject, flip)
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._record_waiting(), name="flight recorder")
            self._task.add_done_callback(ignore)

    def _is_due(self, subject: str) -> bool:
        last = self._last.get(subject)
        # A clock that was set back makes the last one lie in the future: no reason to wait.
        is_soon = last is not None and 0 <= self._clock.now() - last < APART
        return not is_soon and not no_more(self.flights.recorded)

    async def _record_waiting(self) -> None:
        while self._waiting:
            now = self._clock.now()
            flips = tuple(self._waiting.values())
            self._waiting.clear()
            self._last |= {flip.subject: now for flip in flips}
            try:
                await self._record(flips, Moment(now, self._launch))
            except OSError as error:
                self._notice(f"no flight recorded: {clean(error.strerror or str(error), 120)}")
            except Exception as error:  # noqa: BLE001 - nothing in here may reach the watch
                self._notice(f"no flight recorded: {type(error).__name__}")

    def _notice(self, words: str) -> None:
        self.flights = Flights(self.flights.recorded, words)

    async def _record(self, flips: tuple[Flip, ...], moment: Moment) -> None:
        sight = await self._lookout.look_around(moment)
        flight = await asyncio.to_thread(self._save, flips, sight)
        recorded = self.flights.recorded
        if flight is None:
            self._notice(f"a flight was left out: all would be over {MOST_BYTES // 10**6} MB")
        else:
            recorded = tuple(sorted((*recorded, flight), key=lambda one: one.at))
            self.flights = Flights(recorded, no_more(recorded))

    def _save(self, flips: tuple[Flip, ...], sight: Sight) -> Flight | None:
        """Write it; None where it does not fit any more. Raises OSError."""
        files = self._files(sight)
        missing = list(sight.missing)
        if sight.picture:
            picture = masked_picture(sight.picture, self._safe)
            if len(picture.encode()) <= MOST_OF_A_FILE:
                files["board.svg"] = picture
            else:
                missing.append((BOARD, "its picture is too large"))
        files[RECORD] = self._told(flips, sight.at, missing, sorted(files))
        size = sum(len(text.encode()) for text in files.values())
        if size + sum(flight.size for flight in self.flights.recorded) > MOST_BYTES:
            return None
        subjects = tuple(flip.subject for flip in flips)
        folder = publish(self._folder, _name(sight.at, subjects[0]), files)
        moments = round(sight.at), round(self._launch)
        return Flight(subjects, *moments, folder, tuple(sorted(files)), size)

    def _safe(self, text: str) -> str:
        """The one place where what is kept is masked."""
        said = self._mask(text[:LOOKED_AT])
        return said if len(said) <= SHOWN else said[: SHOWN - 1] + "…"

    def _line(self, text: str) -> str:
        """One line masked, with its indentation."""
        indent = " " * min(len(text) - len(text.lstrip(" ")), 40)
        return indent + self._safe(text)

    def _files(self, sight: Sight) -> dict[str, str]:
        """Exhibits of one name go into one file, each under its title and source."""
        gathered: dict[str, list[Iterator[str]]] = {}
        for source, exhibit in sight.exhibits:
            parts = gathered.setdefault(f"{_plain(exhibit.name)}.txt", [])
            parts.append(self._shown(source, exhibit, sight.at, is_first=not parts))
        # Not masked before it is known to fit: a flood of lines would take its time.
        return {name: bounded(chain.from_iterable(parts)) for name, parts in gathered.items()}

    def _shown(self, source: str, exhibit: Exhibit, at: float, *, is_first: bool) -> Iterator[str]:
        if not is_first:
            yield ""
        yield f"{self._line(exhibit.title)} ({source}, {_utc(at):%Y-%m-%d %H:%M:%SZ})"
        for number, line in enumerate(exhibit.lines[:LINES]):
            if number == 0:
                yield ""
            yield self._line(line)
        if len(exhibit.lines) > LINES:
            yield f"… and {len(exhibit.lines) - LINES} more left out"

    def _told(
        self,
        flips: tuple[Flip, ...],
        at: float,
        missing: Sequence[tuple[str, str]],
        files: Sequence[str],
    ) -> str:
        checks = [
            {
                "check": flip.subject,
                "verdict": flip.new.value,
                "since": _utc(flip.at),
                "reason": self._safe(flip.reason),
                **({} if flip.value is None else {"value": round(flip.value, 3)}),
            }
            for flip in flips
        ]
        return tomli_w.dumps(
            {
                "version": VERSION,
                "at": _utc(at),
                "launch": _utc(self._launch),
                "files": list(files),
                "checks": checks,
                "not_captured": [{"source": who, "why": self._safe(why)} for who, why in missing],
            }
        )


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(round(at), UTC)


def _name(at: float, subject: str) -> str:
    return f"{_utc(at):%Y%m%dT%H%M%SZ}-{_plain(subject)}"


def _plain(name: str) -> str:
    """Of a name what may stand in that of a file."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return kept.strip("-")[:60] or "unnamed"
