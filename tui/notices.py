"""Notices on the desktop of whoever watches: through the terminal, for who looks elsewhere.

OSC 9 and OSC 777 are what terminals know; none says whether it does, and one that does not ignores
them. tmux and GNU screen pass on only what is wrapped for them. A notice names a check by its title
and repeats no reason: it may be shown on a locked screen.
"""

from collections.abc import Iterator, Mapping

from firstwatch.plan import Notify
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from tui.calls import ROUND_CALLS
from tui.passthrough import through_screen, through_tmux
from tui.scene import Scene, critical_now, subject_title

NOTICE_EVERY = 30.0
"""Real seconds between two notices; what comes up meanwhile is in the next one."""
TITLE = "firstwatch"
_LONGEST = 120
Event = tuple[str, float]
"""What it is about, and what tells it from an earlier one of the same."""


class Notices:
    """Says once that a check has turned critical, and once that a round is due."""

    def __init__(self) -> None:
        self._told: set[Event] | None = None
        self._at = float("-inf")

    def words(self, scene: Scene, now: float) -> str:
        """What to notify of now; nothing if there is no news. `now` is real time.

        What is critical when the board opens is no news: somebody is looking at it.
        """
        if scene.silent:
            return ""
        events = dict(_events(scene.snapshot))
        if self._told is None:
            self._told = {event for event in events if event[0] != "round"}
        news = {event: words for event, words in events.items() if event not in self._told}
        if not news or now - self._at < NOTICE_EVERY:
            return ""
        self._told |= news.keys()
        self._at = now
        first, *others = news.values()
        return clean(f"{first}, and {len(others)} more" if others else first, _LONGEST)


def _events(snapshot: Snapshot) -> Iterator[tuple[Event, str]]:
    for episode in critical_now(snapshot):
        title = subject_title(snapshot, episode.subject)
        yield (episode.subject, episode.start), f"{title} is critical"
    due = snapshot.due
    if due is not None and due.status in ROUND_CALLS:
        yield ("round", due.round.due), f"round {due.round.name} is due"


def notice_sequence(words: str, how: Notify, environ: Mapping[str, str]) -> str:
    """What makes the terminal show a notice, through whatever lies between; empty if off."""
    told = clean(words, _LONGEST)
    match how:
        case Notify.OFF:
            return ""
        case Notify.OSC9:
            code = f"9;{TITLE}: {told}"
        case Notify.OSC777:
            code = f"777;notify;{TITLE};{told.replace(';', ',')}"
    # Ended by BEL there: an ESC \\ inside would end the wrapping.
    if environ.get("TMUX"):
        return through_tmux(f"\x1b]{code}\a")
    if environ.get("STY"):
        return through_screen(f"\x1b]{code}\a")
    return f"\x1b]{code}\x1b\\"
