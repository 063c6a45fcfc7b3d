"""Pace: how fast records come now, against what was usual.

Usual is the 95th percentile of the whole minutes before the window, so that it takes a busy
minute, not a calm one, to compare with. A pace that lasts becomes usual: this finds what
breaks out, and the share of errors finds what stays.
"""

from typing import Final

from firstwatch.errors import NoAnswer
from firstwatch.readings import Reading
from probes.log_plan import Measure
from probes.log_seen import Seen, note, wanted
from probes.tallies import WIDTH

ENOUGH: Final = 30
"""Minutes of history without which nothing is usual."""
HISTORY: Final = 180
"""Minutes of history looked at."""
CALM: Final = 0.5
"""Records a minute that are usual anywhere: a handful after hours of none is no outbreak."""
FEW: Final = 2.0
"""So many in one window are usual anywhere, too."""


def pace(measure: Measure, seen: Seen) -> Reading:
    """The pace of now in multiples of the usual one; unknown while the usual is not known."""
    fits, window = wanted(measure.pace), measure.window
    start = seen.now - window
    aligned = start // WIDTH * WIDTH
    a_minute = seen.tallies.count(fits, start) / ((seen.now - aligned) / 60)
    least = max(CALM, FEW * 60 / window)
    past = min(HISTORY, int((seen.followed - (seen.now - aligned)) // 60))
    if past < ENOUGH:
        learning = f"learning what is usual, {max(past, 0)} of {ENOUGH} min"
        # Whatever will turn out to be usual, it is no less than this.
        if a_minute > least:
            raise NoAnswer(f"{a_minute:.2g}/min, {learning}")
        usual, words = least, learning
    else:
        minutes = sorted(seen.tallies.by_minute(fits, aligned, past))
        usual = float(minutes[-(-past * 95 // 100) - 1])
        words = f"usual up to {usual:g}/min ({past} min)"
    words = note(f"{a_minute:.2g}/min", words, seen.example(fits, window))
    heard = seen.heard(fits, window)
    return Reading(seen.now, a_minute / max(usual, least), sample=heard, note=words)
