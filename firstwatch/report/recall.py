"""What the journal tells of a whole launch, read in one pass over its readings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from firstwatch.affairs import extensions, signed
from firstwatch.chain import examine
from firstwatch.episodes import Episode
from firstwatch.errors import JournalError
from firstwatch.flights.record import Flight
from firstwatch.handoff.recall import ALIVE, from_journal
from firstwatch.handoff.worst import Span
from firstwatch.journal.records import BEAT, Extent, Store
from firstwatch.plan import Plan
from firstwatch.report.facts import Course, Material, Stretch
from firstwatch.rounds import schedule, states

STRETCHES = 240
"""Into how many stretches the time of a report is cut: six minutes each of a day."""


def material(
    journal: Store,
    plan: Plan,
    now: float,
    *,
    scale: float = 1.0,
    flights: Sequence[Flight] = (),
) -> Material:
    """All that a report is made from; `scale` is that of the clock that wrote the journal.

    `flights` are those of this launch, oldest first.

    While a watch runs, or when it ended before the planned time was over, that is how things
    stand now. When it ended later, it is how it saw them last: what came after is not its to
    tell. Reads every reading since the launch: a second or two. Raises JournalError before
    the launch is stamped.
    """
    launch = journal.launch
    if launch is None:
        raise JournalError("no launch is stamped yet, so there is nothing to report on")
    ended_at = _ended_at(journal, now, scale)
    has_ended = ended_at is not None and ended_at >= launch + plan.end
    at = ended_at if ended_at is not None and has_ended else now
    snapshot = from_journal(journal, plan, at, scale=scale, as_last_seen=has_ended)
    if has_ended:
        # A round closes whether a watch runs or not.
        acts = snapshot.affairs.records
        rounds = states(schedule(plan, launch, extensions(acts)), now, signed(acts))
        snapshot = replace(snapshot, rounds=rounds)
    courses, spans = _measured(
        journal.readings(launch, at + 0.001), snapshot.episodes, launch, at + 0.001
    )
    return Material(
        snapshot=snapshot,
        flips=journal.flips(),
        courses=courses,
        spans=spans,
        chain=examine(journal),
        ended=has_ended,
        flights=tuple(flights),
    )


def _ended_at(journal: Store, now: float, scale: float) -> float | None:
    """When the watch was last seen, if none runs any more."""
    runs, seen = journal.runs(), journal.last_moment
    if not runs or seen is None:
        return None
    is_over = runs[-1].ended is not None or now - seen > ALIVE * scale
    return min(seen, now) if is_over else None


@dataclass(slots=True)
class _Course:
    """A course while it is being read."""

    low: float
    low_at: float
    high: float
    high_at: float
    last: float = 0.0
    last_at: float = 0.0
    stretches: dict[int, list[float]] = field(default_factory=dict)
    """Lowest, highest, sum and count, by the number of the stretch."""

    def take(self, at: float, value: float, stretch: int) -> None:
        self.last, self.last_at = value, at
        if value < self.low:
            self.low, self.low_at = value, at
        if value > self.high:
            self.high, self.high_at = value, at
        known = self.stretches.get(stretch)
        if known is None:
            self.stretches[stretch] = [value, value, value, 1]
            return
        if value < known[0]:
            known[0] = value
        elif value > known[1]:
            known[1] = value
        known[2] += value
        known[3] += 1

    def folded(self) -> Course:
        found: list[Stretch | None] = [None] * STRETCHES
        for number, (low, high, total, count) in self.stretches.items():
            found[number] = Stretch(low, min(max(total / count, low), high), high)
        extent = Extent(self.low, self.low_at, self.high, self.high_at, self.last, self.last_at)
        return Course(tuple(found), extent)


class _Spans:
    """How far the values went in each episode, while readings come in their order."""

    def __init__(self, episodes: Iterable[Episode]) -> None:
        self.found: dict[tuple[str, float], Span] = {}
        self._ahead: dict[str, Iterator[Episode]] = {}
        self._now: dict[str, Episode | None] = {}
        by: dict[str, list[Episode]] = {}
        for episode in episodes:
            by.setdefault(episode.subject, []).append(episode)
        for subject, own in by.items():
            self._ahead[subject] = iter(sorted(own, key=lambda episode: episode.start))
            self._now[subject] = next(self._ahead[subject], None)

    def take(self, at: float, subject: str, value: float) -> None:
        episode = self._now.get(subject)
        # A row is written up to a beat after what it holds was measured.
        while episode is not None and episode.end is not None and at >= episode.end + BEAT:
            episode = self._now[subject] = next(self._ahead[subject], None)
        if episode is None or at < episode.start:
            return
        key = subject, episode.start
        known = self.found.get(key)
        self.found[key] = known.with_(at, value) if known else Span(value, at, value, at)


def _measured(
    readings: Iterable[tuple[float, str, float]],
    episodes: Iterable[Episode],
    since: float,
    until: float,
) -> tuple[dict[str, Course], dict[tuple[str, float], Span]]:
    """The course of every series, and the span of every episode."""
    width = (until - since) / STRETCHES or 1.0
    courses: dict[str, _Course] = {}
    spans = _Spans(episodes)
    troubled = {episode.subject for episode in episodes}
    for at, name, value in readings:
        course = courses.get(name)
        if course is None:
            course = courses[name] = _Course(value, at, value, at)
        course.take(at, value, min(int((at - since) / width), STRETCHES - 1))
        if name in troubled:
            spans.take(at, name, value)
    return {name: course.folded() for name, course in courses.items()}, spans.found
