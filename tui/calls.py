"""How the board calls for somebody who looks elsewhere: the bell, and the window's title."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from firstwatch.plan import Call
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_elapsed
from firstwatch.verdict import QUIET, Level
from tui.people import is_had
from tui.scene import Scene, critical_now

BELL_EVERY = 30.0
"""Real seconds between two rings."""
CRITICAL_EVERY = 60.0
"""Real seconds between two rings for what has become critical."""
TITLE_EVERY = 10.0
"""Real seconds between two titles."""
SHORT = {
    Level.CRITICAL: "crit",
    Level.WARNING: "warn",
    Level.UNKNOWN: "unknown",
    Level.OFF_TARGET: "off target",
}
ROUND_CALLS = (RoundStatus.DUE, RoundStatus.LATE)
"""What a round comes to be that somebody has to hear."""


class Bell:
    """Rings once when a round is due, once more when it is late, and once for what turns critical.

    What was critical when the board was opened was there to be seen, and what somebody has
    acknowledged is in hand: both are silent for as long as their episodes last.
    """

    def __init__(self, calls: Collection[Call] = tuple(Call)) -> None:
        self._calls = calls
        self._heard: set[tuple[object, ...]] | None = None
        self._at = self._critical_at = float("-inf")

    def rings(self, scene: Scene, now: float) -> bool:
        """Whether to ring now; `now` is real time. What comes too soon after a ring waits."""
        critical = {(e.subject, e.start) for e in critical_now(scene.snapshot)}
        if self._heard is None:
            self._heard = set(critical)
        self._heard |= {key for key in critical if is_had(scene, key[0])}
        rounds = _called_for(scene) - self._heard if Call.ROUNDS in self._calls else set()
        fresh = critical - self._heard if Call.CRITICAL in self._calls else set()
        if now - self._critical_at < CRITICAL_EVERY:
            fresh = set()
        if not (rounds or fresh) or now - self._at < BELL_EVERY:
            return False
        self._heard |= rounds | fresh
        self._at = now
        if fresh:
            self._critical_at = now
        return True


def _called_for(scene: Scene) -> set[tuple[object, ...]]:
    """The round that somebody has to hear of, as it stands."""
    due = scene.snapshot.due
    return {(due.round.number, due.status)} if due and due.status in ROUND_CALLS else set()


class Title:
    """The window's title; says when it is worth sending anew."""

    def __init__(self) -> None:
        self._shown = ""
        self._at = float("-inf")

    def changes(self, words: str, now: float) -> bool:
        """Whether to send these words now; `now` is real time."""
        if words == self._shown or now - self._at < TITLE_EVERY:
            return False
        self._shown, self._at = words, now
        return True


def title_words(scene: Scene) -> str:
    """The state in a few words: "✖ 2 crit T+03:12 ▸ 00:12". Changes once a minute at most."""
    glyphs = scene.glyphs
    mark = "REPLAY " if scene.replay else ""
    return f"{mark}{_state(scene)} {format_elapsed(scene.elapsed)} {glyphs.pointer} {_next(scene)}"


def _state(scene: Scene) -> str:
    if scene.silent:
        return "! silent"
    worst = scene.snapshot.worst
    glyph = scene.glyphs.levels[worst]
    if worst in QUIET:
        return f"{glyph} ok"
    levels = [c.verdict.level for c in scene.snapshot.checks if not c.check.is_manual]
    return f"{glyph} {levels.count(worst)} {SHORT.get(worst, worst)}"


def _next(scene: Scene) -> str:
    due = scene.snapshot.due
    if due is None:
        return "no round"
    if due.status in ROUND_CALLS:
        return f"round {due.round.name} {due.status}"
    minutes = -int(-(due.round.due - scene.now) // 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def title_sequence(words: str) -> str:
    """What sets the title. Ends without BEL, which a terminal might ring."""
    return f"\x1b]2;{words}\x1b\\"


@contextmanager
def title_kept(*, wanted: bool) -> Iterator[None]:
    """Gives the window its old title back at the end; where that cannot be, an empty one."""
    if not wanted:
        yield
        return
    keep_title()
    try:
        yield
    finally:
        give_title_back()


def keep_title() -> None:
    """Have the terminal remember the title it has."""
    _send("\x1b[22;2t")


def give_title_back() -> None:
    """Give the window the title it had."""
    _send(title_sequence("") + "\x1b[23;2t")


def _send(sequence: str) -> None:
    """Write to where the board is drawn, which is not drawn just now."""
    terminal = sys.__stderr__
    if terminal is not None and terminal.isatty():
        with suppress(OSError):
            terminal.write(sequence)
            terminal.flush()
