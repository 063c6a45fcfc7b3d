"""What is known of the day at this moment: the journal's chronicle, and what came since; pure."""

from firstwatch.episodes import Flip
from firstwatch.timeline import MOST, Chronicle, Event, changes, continued, happenings
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
        self.problem = "reading the journal …"
        """Why more may have happened than is told."""
        self._chronicle = Chronicle()
        self._folded: tuple[Flip, ...] | None = None
        self._changes: tuple[Event, ...] = ()
        self._others: list[Event] = []

    def remember(self, chronicle: Chronicle) -> None:
        """Take what the journal remembers."""
        self._chronicle = chronicle
        self.flips = chronicle.flips
        self.problem = ""
        if chronicle.is_cut:
            oldest = format_clock(min((flip.at for flip in chronicle.flips), default=0.0))
            self.problem = f"more than {MOST:,} changes: those before {oldest} UTC are left out"

    def fail(self, why: str) -> None:
        """Take that the journal cannot be read."""
        self.problem = f"{why}; only the latest changes are known"

    def follow(self, scene: Scene) -> bool:
        """Take what came since; whether nothing is missing in between."""
        flips = continued(self.flips, scene.snapshot.flips)
        if flips is not None and len(flips) != len(self.flips):
            self.flips = flips
        snapshot = scene.snapshot
        others = happenings(snapshot, self._chronicle.runs)
        if self.flips is not self._folded:
            self._folded = self.flips
            self._changes = changes(self.flips, snapshot.episodes, snapshot.plan)
        elif others == self._others:
            return flips is not None
        self._others = others
        found = [*self._changes, *others]
        # Of what happened at once, what was stored last comes first.
        found.sort(key=lambda event: event.at)
        self.events = tuple(reversed(found))
        return flips is not None
