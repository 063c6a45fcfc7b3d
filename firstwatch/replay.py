"""A watch as it stood at any moment of its journal.

A moment is seen through a journal that ends there: what is made of it is what a handoff of that
moment would have been made of. Facts stand at the time they happened; a watch that needed two
readings to be sure of one noticed it a little later.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from firstwatch.acts import Record
from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.handoff.recall import from_journal
from firstwatch.history import History
from firstwatch.journal.records import Extent, Run, Store
from firstwatch.plan import Check, Plan
from firstwatch.snapshot import CheckState, Gap, Snapshot

FLIPS_SHOWN: Final = 50
TURN: Final = 0.5
"""Real seconds between two turns of a watch: no check was measured more often."""


@dataclass(frozen=True, slots=True)
class Course:
    """What one check measured, in its order."""

    at: "array[float]"
    value: "array[float]"

    def take(self, at: float, value: float) -> None:
        """Go on."""
        self.at.append(at)
        self.value.append(value)

    def until(self, moment: float) -> int:
        """How many of its values are not after that moment."""
        return bisect_right(self.at, moment)

    def extent(self, since: float, until: float) -> Extent | None:
        """How far it went from `since` up to and with `until`."""
        first, last = bisect_left(self.at, since), self.until(until)
        if first >= last:
            return None
        values = self.value[first:last]
        low, high = min(values), max(values)
        low_at, high_at = self.at[first + values.index(low)], self.at[first + values.index(high)]
        return Extent(low, low_at, high, high_at, values[-1], self.at[last - 1])

    def between(self, since: float, until: float) -> Iterator[tuple[float, float]]:
        """Moment and value of what lies between, in its order."""
        for index in range(bisect_left(self.at, since), self.until(until)):
            yield self.at[index], self.value[index]


class Recorded:
    """A journal, held so that every moment of it can be seen at once; one thread at a time."""

    def __init__(self, store: Store, plan: Plan, *, scale: float = 1.0) -> None:
        """`scale` is that of the clock that wrote it. Raises JournalError before the launch."""
        launch = store.launch
        if launch is None:
            raise JournalError("no launch is stamped in it, so there is nothing to replay")
        self.plan = plan
        self.launch: float = launch
        self.scale = scale
        self._store = store
        self.courses: dict[str, Course] = {}
        self._read_to = 0.0
        self.runs: tuple[Run, ...] = ()
        self.flips: tuple[Flip, ...] = ()
        self.acts: tuple[Record, ...] = ()
        self.gaps: tuple[Gap, ...] = ()
        self.end = launch
        self.refresh()

    @property
    def begin(self) -> float:
        """The first moment there is anything of."""
        return min([self.launch, *(run.began for run in self.runs)])

    def refresh(self) -> bool:
        """Read what a watch has written meanwhile; says whether there was any. JournalError."""
        end = self._store.last_moment or self.launch
        if self._read_to and end <= self.end:
            return False
        self.runs, self.gaps = self._store.runs(), self._store.gaps()
        self.flips = self._store.flips()
        if len(known := self._store.acts()) != len(self.acts):
            self.acts = known
        self.end, until = end, end + 0.001
        for at, name, value in self._store.readings(self._read_to, until):
            course = self.courses.get(name)
            if course is None:
                course = self.courses[name] = Course(array("d"), array("d"))
            course.take(at, value)
        self._read_to = until
        return True

    def at(self, moment: float) -> Snapshot:
        """The watch as it stood then; nothing of it is from later."""
        snapshot = from_journal(AsOf(self, moment), self.plan, moment, scale=self.scale)
        return replace(
            snapshot,
            checks=self._with_history(snapshot.checks, moment),
            hidden=self._with_history(snapshot.hidden, moment),
            flips=snapshot.flips[-FLIPS_SHOWN:],
        )

    def _with_history(self, states: Sequence[CheckState], now: float) -> tuple[CheckState, ...]:
        return tuple(replace(state, history=self._history(state.check, now)) for state in states)

    def _history(self, check: Check, now: float) -> tuple[float | None, ...]:
        other = self.plan.checks.get(check.compare, check)
        history = History(max(check.every, other.every, TURN * self.scale))
        course = self.courses.get(check.id)
        for at, value in course.between(now - history.span, now) if course else ():
            history.add(at, value)
        return history.values(now)

    def flip_after(self, moment: float) -> float | None:
        """When the next flip after that moment happened."""
        return min((flip.at for flip in self.flips if flip.at > moment), default=None)

    def flip_before(self, moment: float) -> float | None:
        """When the last flip before that moment happened."""
        return max((flip.at for flip in self.flips if flip.at < moment), default=None)


class AsOf:
    """A journal that ends at a moment."""

    def __init__(self, recorded: Recorded, moment: float) -> None:
        self._recorded = recorded
        self._moment = moment

    @property
    def launch(self) -> float:
        """The launch as stamped last."""
        return self._recorded.launch

    def runs(self) -> tuple[Run, ...]:
        """The runs that had begun, and their ends that had come."""
        return tuple(
            run if run.ended is None or run.ended < self._moment else replace(run, ended=None)
            for run in self._recorded.runs
            if run.began <= self._moment
        )

    @property
    def last_moment(self) -> float:
        """The last moment at which a watch is known to have run."""
        moment = min(self._moment, self._recorded.end)
        return min([moment, *(g.start for g in self._recorded.gaps if g.start <= moment < g.end)])

    def gaps(self, beats: float = 1.0) -> tuple[Gap, ...]:
        """Those that were over."""
        del beats
        return tuple(gap for gap in self._recorded.gaps if gap.end <= self._moment)

    def extents(self, since: float, until: float) -> dict[str, Extent]:
        """How far every series had gone."""
        until = min(until, self._moment)
        found = {name: c.extent(since, until) for name, c in self._recorded.courses.items()}
        return {name: extent for name, extent in found.items() if extent is not None}

    def flips(self, since: float | None = None, *, most: int | None = None) -> tuple[Flip, ...]:
        """Those that had happened, in the order they were stored; of these the last `most`."""
        first = float("-inf") if since is None else since
        found = tuple(f for f in self._recorded.flips if first <= f.at <= self._moment)
        return found if most is None else found[len(found) - min(most, len(found)) :]

    def acts(self) -> tuple[Record, ...]:
        """What had been done."""
        return tuple(act for act in self._recorded.acts if act.at <= self._moment)

    @property
    def head(self) -> str:
        """None: what is seen here is signed by nobody."""
        return ""
