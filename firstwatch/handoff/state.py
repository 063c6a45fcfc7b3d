"""How things stand, in one line that counts and never reassures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firstwatch.acts import Mark
from firstwatch.handoff.brief import (
    Listing,
    ManualLine,
    PromiseLine,
    Rounds,
    SourceLine,
    Trouble,
)
from firstwatch.handoff.recall import LATER
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_clock
from firstwatch.verdict import Level

WATCH = "watch"
"""The name under which a watch that does not run is out of reach."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the one line is made of."""

    snapshot: Snapshot
    rounds: Rounds
    open: Listing[Trouble]
    manual: Sequence[ManualLine]
    promises: Sequence[PromiseLine]
    sources: Sequence[SourceLine]

    @property
    def line(self) -> str:
        """Counts first. What is not counted as bad is not thereby called good."""
        return "; ".join((self._counted(), *self._others()))

    @property
    def reservations(self) -> tuple[str, ...]:
        """Everything because of which nobody may say that all is well."""
        levels = [state.before or state.verdict.level for state in self._measured]
        is_green = bool(levels) and set(levels) <= {Level.OK, Level.IDLE}
        is_known = not any(state.before for state in self._measured)
        counted = () if is_green and is_known else (self._counted(),)
        return (*counted, *self._others())

    @property
    def _measured(self) -> Sequence[CheckState]:
        return [state for state in self.snapshot.checks if not state.check.is_manual]

    def _counted(self) -> str:
        measured = self._measured
        counts = {
            level: sum((state.before or state.verdict.level) is level for state in measured)
            for level in sorted(Level, key=lambda level: -level.severity)
        }
        shown = [f"{count} {level}" for level, count in counts.items() if count]
        counted = f"{', '.join(shown) or 'none'} of {len(measured)} measured checks"
        if not any(state.before for state in measured):
            return counted
        watch = next(source for source in self.sources if source.name == WATCH)
        return f"{silence(watch)}; when last seen {counted}"

    def _others(self) -> Iterable[str]:
        yield from self._troubles()
        yield from self._of_people()
        yield from (f"round {r.name} {r.status}, not signed" for r in self.rounds.unsigned)
        if self.rounds.missed:
            yield f"{len(self.rounds.missed)} of {self.rounds.total} rounds missed"
        if self.sources:
            yield f"out of reach: {', '.join(source.name for source in self.sources)}"
        if self.snapshot.stalled:
            yield "the watch itself is held up"

    def _troubles(self) -> Iterable[str]:
        count = len(self.open.entries) + self.open.left_out
        if not count:
            return
        owned = sum(trouble.is_owned for trouble in self.open.entries)
        named = sum(trouble.is_named for trouble in self.open.entries)
        counts = (
            (owned - named, "{} acknowledged"),
            (named, "{} named at a take-over"),
            (count - owned, "nobody has {}"),
        )
        told = [words.format(number) for number, words in counts if number]
        yield f"{count} open episode{_s(count)}, {', '.join(told)}"

    def _of_people(self) -> Iterable[str]:
        affairs = self.snapshot.affairs
        bad = sum(line.mark is Mark.NOT_FINE for line in self.manual)
        if bad:
            yield f"{bad} manual judged bad"
        waiting = sum(line.is_asked and line.mark in (None, Mark.BLIND) for line in self.manual)
        if waiting:
            yield f"{waiting} manual waiting for a person"
        if affairs.pending:
            yield "the watch is offered and not accepted yet"
        if affairs.question:
            yield "the cadence is in question"
        over = sum(promise.due <= self.snapshot.at for promise in self.promises)
        if over:
            yield f"{over} promise{_s(over)} overdue"
        if affairs.rollback:
            yield f"a rollback {'drill ' if affairs.rollback.is_drill else ''}is under way"


def silence(watch: SourceLine) -> str:
    """Why nothing of the watch itself speaks for now."""
    if watch.reason.startswith(LATER):
        return watch.reason
    return f"no watch is running since {format_clock(watch.since)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
