"""By which clock a journal is read: that of the watch which wrote it, whoever reads it."""

import sys

from firstwatch.clock import Clock, ScaledClock, SystemClock
from firstwatch.handoff.recall import later_than
from firstwatch.journal import Journal
from firstwatch.outline import read_outline


def clock_of(journal: Journal, otherwise: Clock) -> Clock:
    """The clock of its watch as the outline tells it; `otherwise` where it has left none."""
    try:
        outline = read_outline(journal.outline)
    except ValueError:
        return otherwise
    if not outline.real_start:
        return SystemClock()
    return ScaledClock(outline.scale, outline.start, outline.real_start)


def warn_of_later(journal: Journal, clock: Clock) -> None:
    """Say at the terminal that there are records of what is yet to come by that clock."""
    if told := later_than(journal.last_moment or 0.0, clock.now(), clock.scale):
        print(f"journal {journal.path}: {told}; one of two clocks is wrong", file=sys.stderr)
