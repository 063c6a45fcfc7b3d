"""The day as events: what turned bad or good, what rounds came to, what people did, who watched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstwatch.acts import Escalated, Mark, Promise, Record, SignOff
from firstwatch.chronicle import did, title_of
from firstwatch.episodes import SOURCE, Episode, Flip
from firstwatch.journal.records import Run, Told
from firstwatch.plan import Plan
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_clock, format_duration
from firstwatch.verdict import QUIET, Level

BEFORE = 6 * 3600.0
"""Seconds before the launch from which on events are told: what an earlier launch saw is not."""
MOST = 10_000
"""The most changes of a verdict that are told; a day has that many when one comes every 9 s."""


Episodes = Mapping[tuple[str, float], Episode]
"""By subject and when they began."""


class Kind(StrEnum):
    """What an event is about."""

    TROUBLE = "trouble"
    ROUND = "rounds"
    PERSON = "people"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What a journal remembers beyond what a snapshot shows."""

    flips: tuple[Flip, ...] = ()
    """In the order they were stored."""
    runs: tuple[Run, ...] = ()
    """In the order they began."""
    is_cut: bool = False
    """Whether there are older flips than these."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; texts are as they were recorded."""

    at: float
    key: str
    """Stays the same whatever else becomes known."""
    kind: Kind
    title: str
    words: str
    level: Level | None = None
    """What it became, of a change."""
    status: RoundStatus | None = None
    """Of a round."""
    is_late: bool = False
    """Of a round: whether it was signed late."""
    subject: str = ""
    """Of a change: a check's id, or a source's name after "source:"."""
    begins: bool = False
    """Of a change: whether it may be how trouble began."""
    round: int | None = None
    """The number of the round that it is about."""
    others: int = 0
    """How many checks went out of sight with this source."""
    record: Record | None = None
    """The act that it was."""

    @property
    def check(self) -> str:
        """The id of the check that it is about; empty where it is about none."""
        return "" if self.subject.startswith(SOURCE) else self.subject

    def begun(self, episodes: Episodes) -> Episode | None:
        """The trouble that began with it."""
        return episodes.get((self.subject, self.at)) if self.begins else None


def chronicle(journal: Told) -> Chronicle:
    """What the journal remembers of this launch. Raises JournalError."""
    launch = journal.launch
    since = None if launch is None else launch - BEFORE
    flips = journal.flips(since, most=MOST + 1)
    runs = tuple(run for run in journal.runs() if since is None or run.began >= since)
    return Chronicle(flips[-MOST:], runs, is_cut=len(flips) > MOST)


def by_start(episodes: Iterable[Episode]) -> Episodes:
    """The episodes by subject and when they began."""
    return {(episode.subject, episode.start): episode for episode in episodes}


def continued(known: Sequence[Flip], latest: Sequence[Flip]) -> tuple[Flip, ...] | None:
    """The known flips and those that came since; None if some may be missing in between."""
    if not known:
        return tuple(latest)
    for index in range(len(latest) - 1, -1, -1):
        if latest[index] == known[-1]:
            return (*known, *latest[index + 1 :])
    return None if latest else tuple(known)


def happenings(snapshot: Snapshot, runs: Sequence[Run] = ()) -> list[Event]:
    """All that happened besides changes of verdicts, in no order."""
    return [*_rounds(snapshot), *_people(snapshot), *_watched(snapshot, runs)]


class Changes:
    """Changes of verdicts as events; takes flips bit by bit, in the order they were stored.

    Checks that a source takes with it are told with the source: neither that they could not be
    seen nor that they came back as they were is an event of its own. Nor is that a check was
    fine the first time, unless there is more before the flips (`is_cut`).
    """

    def __init__(self, plan: Plan, *, is_cut: bool = False) -> None:
        self.events: list[Event] = []
        """In the order of the flips."""
        self._plan, self._is_cut = plan, is_cut
        self._titles: dict[str, str] = {}
        self._before: dict[str, Level] = {}
        """What each check was that is out of sight now."""
        self._outages: dict[str, int] = {}
        """Where in the events the last outage of each source is."""
        self._moments: dict[str, float] = {}

    def take(self, flips: Iterable[Flip]) -> None:
        """Take the flips that came next."""
        for flip in flips:
            if flip.blocked_by:
                _ = self._before.setdefault(flip.subject, flip.old)
                self._count_in(SOURCE + flip.blocked_by)
            elif self._before.pop(flip.subject, None) is not flip.new:
                self._add(flip)

    def _count_in(self, source: str) -> None:
        if (index := self._outages.get(source)) is not None:
            outage = self.events[index]
            self.events[index] = replace(outage, others=outage.others + 1)

    def _add(self, flip: Flip) -> None:
        subject = flip.subject
        is_first = subject not in self._moments and not self._is_cut
        if is_first and flip.old is Level.UNKNOWN and flip.new in QUIET:
            self._moments[subject] = flip.at
            return
        if subject.startswith(SOURCE):
            self._outages[subject] = len(self.events)
        if subject not in self._titles:
            self._titles[subject] = title_of(self._plan, subject)
        reason = f", {flip.reason}" if flip.reason else ""
        self.events.append(
            Event(
                flip.at,
                f"{subject} {flip.at} {flip.new}",
                Kind.TROUBLE,
                self._titles[subject],
                f"{flip.old} → {flip.new}{reason}",
                flip.new,
                subject=subject,
                begins=flip.new.is_trouble and self._moments.get(subject) != flip.at,
            )
        )
        self._moments[subject] = flip.at


def _rounds(snapshot: Snapshot) -> Iterable[Event]:
    signed = {
        record.act.number: record
        for record in snapshot.affairs.records
        if isinstance(record.act, SignOff)
    }
    for state in snapshot.rounds:
        yield from _round(state, signed.get(state.round.number))


def _round(state: RoundState, record: Record | None) -> Iterable[Event]:
    """What a round came to: that it was late, and signed or missed."""
    round_, at = state.round, state.signed_at
    status = RoundStatus
    is_missed = state.status is status.MISSED
    was_late = is_missed or state.status is status.LATE or state.is_signed_late

    def event(moment: float, what: RoundStatus, words: str) -> Event:
        key, title = f"round {round_.number} {what}", f"round {round_.name}"
        return Event(
            moment,
            key,
            Kind.ROUND,
            title,
            words,
            status=what,
            is_late=state.is_signed_late,
            round=round_.number,
            record=record if what is status.SIGNED else None,
        )

    if was_late and round_.late < round_.closes:
        yield event(round_.late, status.LATE, f"late: it was due {format_clock(round_.due)}")
    if is_missed:
        closed = format_clock(round_.closes)
        yield event(round_.closes, status.MISSED, f"missed: unsigned at {closed}")
    if at is not None:
        yield event(at, status.SIGNED, _signed(state, at, record))


def _signed(state: RoundState, at: float, record: Record | None) -> str:
    round_ = state.round
    when = "late" if state.is_signed_late else "early" if at < round_.due else "on time"
    words = f"signed by {state.signed_by or 'nobody'}, {when}"
    act = record.act if record else None
    if not isinstance(act, SignOff):
        return words
    rest = [item.mark for item in act.items if not item.mark.is_clean]
    told = [f"{rest.count(mark)} {mark}" for mark in Mark if mark in rest]
    count = f"{len(act.items)} items" if len(act.items) != 1 else "1 item"
    how = f"{count}, {', '.join(told) or 'all clean'}"
    return f"{words}: {how}{f': {act.note}' if act.note else ''}"


def _people(snapshot: Snapshot) -> Iterable[Event]:
    """What people did besides signing, and acknowledgements that ended by themselves."""
    records, plan = snapshot.affairs.records, snapshot.plan
    promises = {r.id: r.act.text for r in records if isinstance(r.act, Promise)}
    for record in records:
        if not isinstance(record.act, SignOff):
            kind = Kind.WATCH if isinstance(record.act, Escalated) else Kind.PERSON
            words, who = did(record.act, snapshot, promises), record.who or "nobody"
            yield Event(record.at, f"act {record.id}", kind, who, words, record=record)
    for ended in snapshot.affairs.over:
        title = title_of(plan, ended.subject)
        words = f"acknowledgement of {title} is over: it became {ended.level}"
        key = f"over {ended.subject} {ended.at}"
        yield Event(ended.at, key, Kind.PERSON, ended.who, words, ended.level)


def _watched(snapshot: Snapshot, runs: Sequence[Run]) -> Iterable[Event]:
    """When the watch itself began, ended and stood still, and what it saved."""

    def event(at: float, key: str, words: str, level: Level | None = None) -> Event:
        return Event(at, f"{key} {at}", Kind.WATCH, "watch", words, level)

    gaps = [gap for gap in snapshot.gaps if gap.end >= snapshot.launch - BEFORE]
    for gap in gaps:
        stretch = f"{format_clock(gap.start)}–{format_clock(gap.end)} UTC"
        lasted = format_duration(gap.end - gap.start)
        yield event(
            gap.end, "gap", f"blind {stretch}, {lasted}: no watch was running", Level.UNKNOWN
        )
    before: Run | None = None
    for run in runs:
        if before is None:
            yield event(run.began, "run", f"began, run by {run.operator or 'nobody'}")
        elif not any(abs(gap.end - run.began) < 1 for gap in gaps):
            how = "had ended" if before.ended is not None else "was cut off"
            yield event(run.began, "run", f"began again after it {how}")
        if run.ended is not None:
            yield event(run.ended, "end", "ended in good order")
        before = run
    for flight in snapshot.flights.recorded:
        titles = ", ".join(title_of(snapshot.plan, subject) for subject in flight.subjects)
        yield event(flight.at, "flight", f"saved a flight record of {titles}")
