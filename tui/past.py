"""What is known of the day at this moment: the journal's chronicle, and what came since; pure."""

from operator import attrgetter

from firstwatch.episodes import Flip
from firstwatch.timeline import (
    MOST,
    Changes,
    Chronicle,
    Episodes,
    Event,
    by_start,
    continued,
    happenings,
)
from firstwatch.units import format_clock
from tui.scene import Scene


class Past:
    """Events, the newest first, kept up to date with what is shown.

    Changes of verdicts are folded only when there are new ones, and the events sorted only when
    there is another: a day of flapping costs nothing while nothing happens.
    """

    def __init__(self) -> None:
        self.flips: tuple[Flip, ...] = ()
        """All changes that are known, in the order they were stored."""
        self.events: tuple[Event, ...] = ()
        """The newest first."""
        self.episodes: Episodes = {}
        """The trouble they tell of."""
        self.others: list[Event] = []
        """Those that are no changes of verdicts, in no order: they alone have a lane each."""
        self.problem = "reading the journal …"
        """Why more may have happened than is told."""
        self._chronicle = Chronicle()
        self._changes: Changes | None = None
        self._taken = 0
        """How many of the flips are among the changes."""

    def remember(self, chronicle: Chronicle) -> None:
        """Take what the journal remembers."""
        self._chronicle, self.flips = chronicle, chronicle.flips
        self._changes, self._taken = None, 0
        self.problem = ""
        if chronicle.is_cut:
            oldest = format_clock(min((flip.at for flip in chronicle.flips), default=0.0))
            self.problem = f"more than {MOST:,} changes: those before {oldest} UTC are left out"

    def fail(self, why: str) -> None:
        """Take that the journal cannot be read."""
        self.problem = f"{why}; only the latest changes are known"

    def follow(self, scene: Scene) -> bool:
        """Take what came since; whether nothing is missing in between."""
        snapshot = scene.snapshot
        flips = continued(self.flips, snapshot.flips)
        if flips is not None:
            self.flips = flips
        others = happenings(snapshot, self._chronicle.runs)
        changes = self._changes or Changes(snapshot.plan, is_cut=self._chronicle.is_cut)
        if changes is self._changes and self._taken == len(self.flips) and others == self.others:
            return flips is not None
        changes.take(self.flips[self._taken :])
        self._changes, self._taken, self.others = changes, len(self.flips), others
        self.episodes = by_start(snapshot.episodes)
        found = [*changes.events, *others]
        # Of what happened at once, what was stored last comes first.
        found.sort(key=attrgetter("at"))
        self.events = tuple(reversed(found))
        return flips is not None
