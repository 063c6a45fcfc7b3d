"""Rows: what the watch holds of each check and each source, and the flips that come of it."""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from firstwatch.clock import Clock
from firstwatch.episodes import SOURCE, Flip
from firstwatch.history import History
from firstwatch.judging import (
    Outage,
    Shut,
    Standing,
    Witness,
    is_too_few,
    judge,
    shut_in,
    take,
    turn,
)
from firstwatch.masking import names_in
from firstwatch.plan import Check, Plan
from firstwatch.readings import Attempt, Failure, Reading
from firstwatch.recording import Recorder
from firstwatch.snapshot import CheckState, SourceState
from firstwatch.verdict import Level, Verdict

WARM_UP = 120.0
"""Seconds a check may take to its first verdict before being unknown counts as trouble."""
LATEST = 20
"""How many tries are kept to be listed: as many as a plan can ask to agree."""


@dataclass(slots=True)
class Row:
    """What the watch holds of one check."""

    check: Check
    every: float
    """Seconds of the watch between two readings."""
    fresh_for: float
    """Seconds of the watch a reading stays fresh."""
    history: History
    standing: Standing = field(default_factory=Standing)
    shown: Verdict | None = None
    """The verdict of the last flip."""
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it was measured or failed for the first time."""
    pause: asyncio.Task[None] | None = None
    """The wait for its next turn; cancelled when it should be measured now."""
    latest: deque[Attempt] = field(default_factory=lambda: deque(maxlen=LATEST))
    """The last tries, newest last."""


class Rows:
    """All rows of a watch; what is told them here ends as flips in the journal."""

    def __init__(self, plan: Plan, clock: Clock, recorder: Recorder, shortest: float) -> None:
        """`shortest` is how often a check can be measured at most, in seconds of the watch."""
        self._plan = plan
        self._clock = clock
        self._recorder = recorder
        self._outages: dict[str, Outage] = {}
        self.started = self.woke = clock.now()
        """When the watch began to measure, and when it last did so after standing still."""
        self.back: dict[str, float] = {}
        """When each source was back after an outage."""
        self._companies: dict[str, str] = {}
        """The names of companies by their ids, as far as some reading has told them."""
        self._rows = {name: self._row(check, shortest) for name, check in plan.checks.items()}
        for row in self._rows.values():
            if other := self._rows.get(row.check.compare):
                row.fresh_for = max(row.fresh_for, other.fresh_for)
                row.history = History(max(row.every, other.every))
        self._resume()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def get(self, check: str) -> Row | None:
        """The row of that check, if the plan has it."""
        return self._rows.get(check)

    def outage(self, source: str) -> Outage | None:
        """Why a source is out of reach; None while it is not."""
        return self._outages.get(source)

    def _row(self, check: Check, shortest: float) -> Row:
        every = max(check.every, shortest)
        fresh_for = max(2 * every, every + check.deadline * self._clock.scale)
        return Row(check, every, fresh_for, History(every))

    def _resume(self) -> None:
        """Take up what an earlier run of this watch left in the journal."""
        for flip in self._recorder.flips:
            row = self._rows.get(flip.subject)
            if row:
                row.shown = Verdict(flip.new, flip.reason, flip.at, flip.blocked_by)
            source = flip.subject.removeprefix(SOURCE)
            if source != flip.subject and source in self._plan.sources:
                self._outages.pop(source, None)
                if flip.new.is_trouble:
                    self._outages[source] = Outage(source, flip.at, flip.reason)
        for row in self._rows.values():
            if row.check.is_manual:
                continue
            since = self.started - row.history.span
            for at, value in self._recorder.values(row.check.id, since, self.started):
                row.history.add(at, value)

    def take(self, row: Row, result: Reading | Failure) -> None:
        """Judge one more reading or failure of a check."""
        if isinstance(result, Failure):
            self._failed(row, result)
            return
        self.reached(row.check.source)
        self._companies |= result.companies
        result = result.named(self._companies)
        self._recorder.first_facts(row.check.id, result)
        self._recorder.learn(names_in(result))
        witness = self._witness(row.check)
        row.standing = take(row.check, row.standing, result, witness, row.fresh_for)
        level = row.standing.grades[-1].level
        measured = result.value if result.has_value else None
        row.latest.append(
            Attempt(result.at, measured, result.note, result.sample, result.took, level)
        )
        # A value that rests on too little is a gap in the record, not a zero.
        nothing = result.sample == 0 or is_too_few(row.check, result)
        value = None if nothing else measured
        self._recorder.value(row.check.id, value)
        row.history.add(result.at, value)

    def reached(self, source: str) -> None:
        """Note that a source answered; what was blocked by it is to be measured now."""
        outage = self._outages.pop(source, None)
        if outage and not outage.unset:
            now = self._clock.now()
            self.back[source] = now
            self._recorder.flip(
                Flip(now, f"{SOURCE}{source}", Level.UNKNOWN, Level.OK, "reachable again")
            )
            self.refresh(now)
            for row in self._of(source):
                if row.pause:
                    row.pause.cancel()

    def _of(self, source: str) -> list[Row]:
        return [row for row in self._rows.values() if row.check.source == source]

    def _never_mind(self, source: str, failure: Failure) -> None:
        """Note a source without an address; an outage that an earlier run left open ends."""
        outage = self._outages.get(source)
        self._outages[source] = Outage(source, failure.at, failure.reason, unset=True)
        if outage and not outage.unset:
            why = f"no longer asked: {failure.reason}"
            self._recorder.flip(Flip(failure.at, f"{SOURCE}{source}", Level.UNKNOWN, Level.OK, why))

    def _failed(self, row: Row, failure: Failure) -> None:
        row.standing = take(row.check, row.standing, failure)
        row.latest.append(Attempt(failure.at, None, failure.reason, took=failure.took))
        self._recorder.value(row.check.id, None)
        row.history.add(failure.at, None)
        source = row.check.source
        if failure.unset:
            self._never_mind(source, failure)
        if not failure.blocks_source or source in self._outages:
            return
        self._outages[source] = Outage(source, failure.at, failure.reason)
        for other in self._of(source):
            # What was measured before the outage says nothing of the time after it.
            if other is not row:
                other.standing = take(other.check, other.standing, failure)
        subject = f"{SOURCE}{source}"
        self._recorder.flip(Flip(failure.at, subject, Level.OK, Level.UNKNOWN, failure.reason))
        self.refresh(failure.at)

    def _witness(self, check: Check) -> Witness | None:
        """What the second witness of this check counts just now."""
        row = self._rows.get(check.witness)
        if row is None:
            return None
        title = row.check.title
        verdict = self.verdict(row, self._clock.now())
        reading = row.standing.reading
        if verdict.level is Level.UNKNOWN or reading is None or not reading.has_value:
            return Witness(title, None, verdict.reason)
        parts = tuple(r for r in reading.rows if r.key)
        # What is read where the witness reads it has passed no inlet.
        shut = Shut() if check.source == row.check.source else self._shut(row.check)
        return Witness(title, reading.value, parts=parts, shut=shut)

    def _shut(self, check: Check) -> Shut:
        """Where the traffic that this check counts has no way to the application, and why."""
        row = self._rows.get(check.inlet)
        if row is None or self.verdict(row, self._clock.now()).level is Level.UNKNOWN:
            return Shut()
        return shut_in(row.standing.reading)

    # Judging

    def verdict(self, row: Row, now: float) -> Verdict:
        """What the watch thinks of a check at `now`."""
        seen = self._rows.get(row.check.hint_from) if row.check.is_manual else None
        if seen and not seen.check.is_manual:
            return turn(now, (seen.check, seen.standing.reading, self.verdict(seen, now)))
        outage = self._outages.get(row.check.source)
        return judge(row.check, row.standing, now, row.fresh_for, outage)

    def flip(self, row: Row, now: float) -> None:
        """Record a flip if the verdict is another than the one last recorded."""
        if row.check.is_manual or row.check.hidden:
            return
        verdict = self.verdict(row, now)
        if self._is_warming_up(row, verdict, now):
            return
        outage = self._outages.get(row.check.source)
        old = row.shown
        if old and (old.level, old.blocked_by) == (verdict.level, verdict.blocked_by):
            return
        if outage and outage.unset and old and old.level is Level.UNKNOWN:
            return
        row.shown = verdict
        reading = row.standing.reading
        at = max(verdict.since, old.since) if old else verdict.since
        if old and old.level is Level.UNKNOWN and reading and not verdict.level.is_trouble:
            # Being unknown ended with the reading, however long it had been fine underneath.
            at = max(at, reading.at)
        self._recorder.flip(
            Flip(
                at=min(at, now),
                subject=row.check.id,
                old=old.level if old else Level.UNKNOWN,
                new=verdict.level,
                reason=verdict.reason,
                value=_worth(row.check, reading),
                blocked_by=verdict.blocked_by,
            )
        )

    def _is_warming_up(self, row: Row, verdict: Verdict, now: float) -> bool:
        """Whether the check is unknown only because it could not be measured until just now."""
        failure = row.standing.failure
        # What blocked a source that is back is no news of the check.
        is_fact = failure and failure.is_fact and not failure.blocks_source
        if verdict.level is not Level.UNKNOWN or verdict.blocked_by or is_fact:
            return False
        since = max(self.woke, self.back.get(row.check.source, self.woke))
        return now - self.started < WARM_UP or now - since < row.fresh_for

    def refresh(self, now: float) -> None:
        """Look for verdicts that changed by the mere passing of time, or with their source."""
        for row in self._rows.values():
            self.flip(row, now)

    def state(self, row: Row, now: float) -> CheckState:
        """The row as a snapshot has it."""
        return CheckState(
            check=row.check,
            verdict=self.verdict(row, now),
            reading=row.standing.reading,
            failure=row.standing.failure,
            history=row.history.values(now),
            fresh_for=row.fresh_for,
            latest=tuple(row.latest),
        )

    def source_states(self) -> tuple[SourceState, ...]:
        """The sources as a snapshot has them, and the journal when it cannot be written."""
        sources = [
            SourceState(name, source.kind, outage.since, outage.reason)
            if (outage := self._outages.get(name))
            else SourceState(name, source.kind)
            for name, source in self._plan.sources.items()
        ]
        if self._recorder.problem:
            sources.append(SourceState("journal", "journal", *self._recorder.problem))
        return tuple(sources)


def _worth(check: Check, reading: Reading | None) -> float | None:
    """The value that a flip records; None where not the value, but what came with it, is bad."""
    if reading is None or not reading.has_value:
        return None
    vouched = reading.level is not None and reading.level.severity > Level.OK.severity
    return None if vouched and check.bands.grade(reading.value) is Level.OK else reading.value
