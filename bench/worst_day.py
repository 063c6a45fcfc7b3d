"""The worst day a watch may have: sixty checks, 24 hours behind it, and a flood in the log."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firstwatch.engine import TURN
from firstwatch.episodes import Flip
from firstwatch.journal import Journal
from firstwatch.plan import Check
from firstwatch.verdict import Level
from probes.records import Assembler
from tests.probes.corpus import corpus

SINCE_LAUNCH = 23.9 * 3600
EPISODE_EVERY, EPISODE = 3600.0, 300.0
"""Seconds between two stretches of trouble of a check, and how long one is."""
SLICE = 0.05
"""Real seconds between two writes into the log."""
SAID = 20_000
"""Things said in the log before it begins again."""

TAKEN_IN = "taken-in"
"""The check that counts what was taken in, a minute."""
OF_LOG = {
    TAKEN_IN: 'rate = ["error", "webhook", "query", "request", "other"], window = "1m"',
    "errors-a-minute": 'rate = ["error"]',
    "webhooks-a-minute": 'rate = ["webhook"]',
    "last-restart": 'silence = ["restart"]',
    "leads-queried": 'count = ["query"], contains = "Lead"',
    "phones-named": r"""count = ["webhook"], matches = '\+1555\d{3}7'""",
}
OF_DATABASE = [
    (table, window)
    for table in ("Message", "Conversation", "Lead", "WebhookEvent")
    for window in ("5m", "1h")
]


def plan_text() -> str:
    """The checks that are laid over the default plan."""
    counted = 'sql = \'SELECT count(*) AS value FROM "{}" WHERE id >= :since_id\', window = "{}"'
    checks = [
        *((name, "log", measure) for name, measure in OF_LOG.items()),
        *(
            (f"{table}-{window}".lower(), "database", counted.format(table, window))
            for table, window in OF_DATABASE
        ),
    ]
    return "\n".join(
        f'[checks.{name}]\ntitle = "{name}"\npane = "health"\nsource = "{source}"\n'
        f'measure = {{ {measure} }}\nevery = "10s"\nwarning = 1_000_000\nalways = true\n'
        for name, source, measure in checks
    )


@dataclass(frozen=True, slots=True)
class Lived:
    """What a journal was given of a day."""

    ticks: int
    readings: int
    flips: int


def live_a_day(path: Path, checks: Sequence[Check], rng: random.Random) -> Lived:
    """A journal of a launch that was so long ago, with all that was measured since."""
    launch = time.time() - SINCE_LAUNCH
    ticks, readings = int(SINCE_LAUNCH / TURN), 0
    flips = sorted(flips_of(checks, launch, rng), key=lambda flip: flip.at)
    with Journal.open(path) as journal:
        journal.stamp_launch(launch, "bench")
        journal.begin_run(launch, "bench", "bench", "bench")
        for n in range(ticks):
            values = {
                check.id: rng.gauss(50, 10)
                for place, check in enumerate(checks)
                if (n + place) % round(check.every / TURN) == 0
            }
            journal.record_readings(launch + n * TURN, values)
            readings += len(values)
        for flip in flips:
            journal.record_flip(flip)
    return Lived(ticks, readings, len(flips))


def flips_of(checks: Sequence[Check], launch: float, rng: random.Random) -> Iterator[Flip]:
    """A stretch of trouble an hour of every check, each at its own moment."""
    for check in checks:
        for hour in range(int(SINCE_LAUNCH / EPISODE_EVERY)):
            at = launch + hour * EPISODE_EVERY + rng.uniform(0, EPISODE_EVERY - EPISODE)
            yield Flip(at, check.id, Level.OK, Level.WARNING, "95 > 90, n=412", 95.0)
            yield Flip(at + EPISODE, check.id, Level.WARNING, Level.OK, "50, n=398", 50.0)


class Flood:
    """A log that grows by so many records a second, of every kind there is."""

    def __init__(self, path: Path, rate: float, seed: int) -> None:
        self._path = path
        self._said = corpus(seed, SAID).data
        assembler = Assembler()
        records = len(assembler.feed(self._said, None, 0.0))
        self._records = records / len(self._said)
        self._step = round(rate * SLICE / self._records)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._written = 0

    @property
    def records(self) -> float:
        """How many were written."""
        return self._written * self._records

    def _write(self) -> None:
        began = time.monotonic()
        twice = self._said + self._said[: self._step]
        with self._path.open("ab", buffering=0) as log:
            while not self._ends.wait(
                max(began + self._written / self._step * SLICE - time.monotonic(), 0)
            ):
                at = self._written % len(self._said)
                self._written += log.write(twice[at : at + self._step])

    @contextmanager
    def rising(self) -> Iterator[None]:
        """It grows until this is left."""
        self._thread.start()
        try:
            yield
        finally:
            self._ends.set()
            self._thread.join()
