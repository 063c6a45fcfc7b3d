"""Recording: what the engine leaves in the journal, also when that cannot be written for a while.

The watch goes on without its journal and says so; flips and first facts wait until it can be
written again. Readings of that time are lost, and the journal tells since when and why.
"""

import contextlib
from collections import deque
from collections.abc import Iterator, Mapping

from firstwatch.acts import Act, Record
from firstwatch.affairs import extensions, signed
from firstwatch.clock import Clock
from firstwatch.episodes import SOURCE, Flip
from firstwatch.errors import JournalError
from firstwatch.journal import BEAT, Store
from firstwatch.plan import Plan
from firstwatch.readings import Reading
from firstwatch.rounds import Round, RoundState, RoundStatus, schedule, states
from firstwatch.text import clean
from firstwatch.verdict import Level

NAMES = 5000
"""The most names that are remembered."""
JOURNAL = f"{SOURCE}journal of the watch"
"""The subject of flips that tell when nothing could be recorded; no source is called that."""


class Recorder:
    """Writes one launch into an open journal, and knows what stands in it."""

    def __init__(self, journal: Store, plan: Plan, launch: float, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self.flips: list[Flip] = list(journal.flips())
        """Every flip, in the order they were recorded."""
        self.gaps = journal.gaps()
        """Stretches in which no watch ran."""
        self.baselines = journal.baselines()
        """The first facts of each check since the launch, by check id."""
        self.problem: tuple[float, str] | None = None
        """Since when nothing can be written, and why."""
        self._kept = set(self.baselines)
        self.acts: list[Record] = list(journal.acts())
        """What people did since the launch, in the order it was recorded."""
        self.head = journal.head
        """The hash of the last act."""
        self._plan, self._launch = plan, launch
        self._rounds: tuple[Round, ...] = ()
        self._signed: dict[int, tuple[float, str]] = {}
        self._set_rounds()
        self._reached: dict[int, RoundStatus] = {}
        self._unwritten: deque[Flip] = deque()
        self._values: dict[str, float | None] = {}
        self._names = journal.names()
        self._new_names: dict[str, str] = {}

    def rounds(self, now: float) -> tuple[RoundState, ...]:
        """Where each round stands."""
        return states(self._rounds, now, self._signed)

    def act(self, who: str, act: Act) -> Record:
        """Record what somebody did. Raises JournalError: unlike a flip, it cannot wait."""
        record = self._journal.act(self._clock.now(), who, act)
        self.acts.append(record)
        self.head = self._journal.head
        self._set_rounds()
        return record

    def _set_rounds(self) -> None:
        self._rounds = schedule(self._plan, self._launch, extensions(self.acts))
        self._signed = signed(self.acts)

    def flip(self, flip: Flip) -> None:
        """Record a change of verdict, at once if that is possible."""
        self.flips.append(flip)
        self._unwritten.append(flip)
        with self._undeterred():
            self._write_flips()

    def value(self, check: str, value: float | None) -> None:
        """Note a value for the next turn; None where measuring failed or proved too little."""
        self._values[check] = value

    def first_facts(self, check: str, reading: Reading) -> None:
        """Keep the first facts of a check: they are what later ones are compared with."""
        if not reading.facts or check in self._kept:
            return
        facts = self.baselines.setdefault(check, reading.facts)
        with self._undeterred():
            self._journal.record_baseline(check, reading.at, facts)
            self._kept.add(check)

    def learn(self, names: Mapping[str, str]) -> None:
        """Remember names for the next turn, so that documents made without a watch mask them."""
        room = NAMES - len(self._names)
        fresh = [name for name in names if name not in self._names][: max(room, 0)]
        for name in fresh:
            self._names[name] = self._new_names[name] = names[name]

    def turn(self, now: float) -> None:
        """Write what has gathered since the last turn, and what became of the rounds."""
        with self._undeterred():
            self._write_flips()
            self._follow_rounds(now)
            self._write_values(now)
            self._write_names()
            self._own_up(now)

    def go_on_after_a_gap(self, now: float) -> None:
        """Record that the watch itself stood still until now."""
        with self._undeterred():
            for run in self._journal.runs()[-1:]:
                self._journal.begin_run(now, run.operator, run.version, run.plan_digest)
            self.gaps = self._journal.gaps()

    def end(self, now: float, *, in_order: bool) -> None:
        """Write the rest, and that the watch ended, if it did in good order."""
        with contextlib.suppress(JournalError):
            self._write_flips()
            self._write_values(now)
            self._write_names()
            self._own_up(now)
            if in_order:
                self._journal.end_run(now)

    def values(self, check: str, since: float, until: float) -> Iterator[tuple[float, float]]:
        """Moment and value of what an earlier run measured of a check."""
        for at, value in self._journal.values(check, since, until):
            if value is not None:
                yield at, value

    @contextlib.contextmanager
    def _undeterred(self) -> Iterator[None]:
        try:
            yield
        except JournalError as error:
            if self.problem is None:
                _path, _, why = str(error).partition(": ")
                self.problem = (self._clock.now(), clean(why or str(error), 200))

    def _own_up(self, now: float) -> None:
        """Record since when nothing could be, once it can be again: readings are missing."""
        if self.problem is None:
            return
        (since, why), self.problem = self.problem, None
        if now - since > 2 * BEAT * self._clock.scale:
            self.flip(Flip(since, JOURNAL, Level.OK, Level.UNKNOWN, f"nothing recorded: {why}"))
            self.flip(Flip(now, JOURNAL, Level.UNKNOWN, Level.OK, "recorded again"))

    def _write_flips(self) -> None:
        while self._unwritten:
            self._journal.record_flip(self._unwritten[0])
            self._unwritten.popleft()

    def _write_values(self, now: float) -> None:
        self._journal.record_readings(now, self._values)
        self._values = {}

    def _write_names(self) -> None:
        if self._new_names:
            self._journal.record_names(self._new_names)
            self._new_names = {}

    def _follow_rounds(self, now: float) -> None:
        """Record what each round came to be, at the moment it did, whoever was watching then."""
        for state in self.rounds(now):
            number = state.round.number
            if state.status is self._reached.get(number, RoundStatus.UPCOMING):
                continue
            until = now if state.signed_at is None else min(now, state.signed_at)
            for status, at in state.round.stages:
                if at <= until:
                    self._journal.record_round(number, status, at)
            self._reached[number] = state.status
