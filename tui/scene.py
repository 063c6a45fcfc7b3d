"""A scene: one snapshot as the board may show it at this moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from firstwatch.card import card
from firstwatch.episodes import SOURCE, Episode, Flip
from firstwatch.plan import Pane
from firstwatch.rounds import RoundState, RoundStatus, states
from firstwatch.snapshot import CheckState, Gap, Snapshot
from firstwatch.text import clean
from firstwatch.verdict import QUIET, Level, Verdict
from tui.renderables.ages import clock_time, zone_name
from tui.renderables.glyphs import RICH, Glyphs

SILENT_AFTER = 3.0
"""Real seconds without a beat after which nothing on the screen counts as measured."""
AGE_STEP = 5.0
"""Seconds in which no age on the board changes: the steps of ages are multiples of it."""
RECENT_GAP = 3600.0
"""Seconds for which a gap in the watch stays worth a line at the top."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What every widget is given: facts, one now, and the glyphs to draw them with."""

    snapshot: Snapshot
    now: float
    """The time of the watch, running on between snapshots."""
    silent: float = 0.0
    """Real seconds since the engine's last beat, once they are too many; 0 while it beats."""
    pulse: bool = False
    """Turns over with every beat seen."""
    glyphs: Glyphs = RICH
    drawn_from: Snapshot | None = None
    """The snapshot as it came."""
    changed: frozenset[str] = frozenset()
    """What changed its verdict since somebody last pressed a key: the subjects of those flips."""
    held: float | None = None
    """Real seconds for which the rows have been held still; None while they move."""
    replay: str = ""
    """What says that nothing of this is now; empty on a live watch."""

    @property
    def step(self) -> tuple[object, ...]:
        """What the rows depend on: they look the same while it is the same."""
        steps = int(self.now // AGE_STEP)
        return id(self.drawn_from), self.silent > 0, steps, self.changed, self.held is None

    @property
    def zone(self) -> tzinfo:
        """The plan's second zone; UTC where it has none, or this machine does not know it."""
        name = self.snapshot.plan.watch.timezone
        if zone_name(name) == "UTC":
            return UTC
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    @property
    def elapsed(self) -> float:
        """Seconds since the launch, now."""
        return self.now - self.snapshot.launch


def scene_of(
    snapshot: Snapshot,
    now: float,
    *,
    silent: float = 0.0,
    pulse: bool = False,
    glyphs: Glyphs = RICH,
    seen: Collection[Flip] | None = None,
    held: float | None = None,
) -> Scene:
    """The scene of a snapshot: rounds as they stand now, nothing believed of a silent engine.

    `seen` are the flips that were there when somebody last pressed a key; None: all of them.
    """
    signed = {
        s.round.number: (s.signed_at, s.signed_by)
        for s in snapshot.rounds
        if s.signed_at is not None
    }
    rounds = states([s.round for s in snapshot.rounds], now, signed)
    current = replace(snapshot, rounds=rounds)
    changed = frozenset[str]() if seen is None else changes(snapshot.flips, seen)
    if silent <= SILENT_AFTER:
        return Scene(current, now, 0.0, pulse, glyphs, snapshot, changed, held)
    return Scene(blinded(current), now, silent, pulse, glyphs, snapshot, changed, held)


def changes(flips: Sequence[Flip], seen: Collection[Flip]) -> frozenset[str]:
    """What changed beyond what was seen; that a check was fine the first time is no change."""
    found: set[str] = set()
    met: set[str] = set()
    for flip in flips:
        is_first = flip.subject not in met and flip.old is Level.UNKNOWN
        met.add(flip.subject)
        if flip not in seen and not (is_first and flip.new in QUIET):
            found.add(flip.subject)
    return frozenset(found)


def blinded(snapshot: Snapshot) -> Snapshot:
    """The snapshot with every measured check unknown, because nobody measures any more."""
    reason = f"engine silent since {clock_time(snapshot.at, seconds=True)} UTC"
    verdict = Verdict(Level.UNKNOWN, reason, snapshot.at)
    checks = tuple(c if c.check.is_manual else replace(c, verdict=verdict) for c in snapshot.checks)
    hidden = tuple(replace(c, verdict=verdict) for c in snapshot.hidden)
    return replace(snapshot, checks=checks, hidden=hidden)


@dataclass(frozen=True, slots=True)
class Tally:
    """How the checks of a round stand."""

    ok: int = 0
    look: int = 0
    """To look at: off target, unknown, warning or critical."""
    yours: int = 0
    """A person's to say."""


def round_checks(scene: Scene) -> tuple[CheckState, ...]:
    """What the card of the round due next asks for, whatever else is in trouble among it.

    Trouble first, then a person's items, then the rest.
    """
    due = scene.snapshot.due
    if due is None:
        return ()
    return tuple(sorted(card(scene.snapshot, due).items, key=lambda c: -_urgency(c)))


def _urgency(state: CheckState) -> int:
    level = state.verdict.level
    return 0 if level in QUIET else level.severity


def tally(checks: Sequence[CheckState]) -> Tally:
    """Count them."""
    levels = [c.verdict.level for c in checks]
    ok = sum(level in QUIET for level in levels)
    yours = levels.count(Level.PENDING)
    return Tally(ok, len(levels) - ok - yours, yours)


def pane_checks(scene: Scene, *panes: Pane) -> tuple[CheckState, ...]:
    """The checks of these panes, in the order of the plan."""
    return tuple(c for c in scene.snapshot.checks if c.check.pane in panes)


def turned_at(scene: Scene, check_id: str) -> float | None:
    """When the trouble of that check began; None where it has none."""
    state = scene.snapshot.check(check_id)
    if state is None or state.verdict.level.severity < Level.OFF_TARGET.severity:
        return None
    return state.verdict.since


def worst_of(checks: Sequence[CheckState]) -> Level | None:
    """The worst verdict among the measured ones; None where nothing is measured."""
    return max(
        (c.verdict.level for c in checks if not c.check.is_manual),
        key=lambda level: level.severity,
        default=None,
    )


def subject_title(snapshot: Snapshot, subject: str) -> str:
    """What the board calls the subject of a flip or an episode."""
    if subject.startswith(SOURCE):
        return clean(subject.removeprefix(SOURCE), 60)
    check = snapshot.plan.checks.get(subject)
    return clean(check.title if check else subject, 60)


def open_trouble(snapshot: Snapshot) -> tuple[Episode, ...]:
    """Open episodes: a source out of reach, then what is worst now, then loss before slowness."""
    found = [e for e in snapshot.episodes if e.is_open]
    return tuple(
        sorted(
            found,
            key=lambda e: (
                not e.subject.startswith(SOURCE),
                -level_now(snapshot, e).severity,
                *_harm(snapshot, e),
            ),
        )
    )


def level_now(snapshot: Snapshot, episode: Episode) -> Level:
    """How bad the subject of an open episode is at the moment; a source is as bad as it was."""
    state = snapshot.check(episode.subject)
    return state.verdict.level if state else episode.worst


def critical_now(snapshot: Snapshot) -> tuple[Episode, ...]:
    """The open episodes whose subject is critical at the moment."""
    return tuple(
        episode
        for episode in snapshot.episodes
        if episode.is_open and level_now(snapshot, episode) is Level.CRITICAL
    )


def _harm(snapshot: Snapshot, episode: Episode) -> tuple[int, float]:
    """What is lost before what does not flow, that before what is slow; then the oldest."""
    check = snapshot.plan.checks.get(episode.subject)
    order = (Pane.INTEGRITY, Pane.FLOW, Pane.HEALTH, Pane.CLIENT)
    return (order.index(check.pane) if check else -1), episode.start


def recent_gap(scene: Scene) -> Gap | None:
    """The latest stretch the watch was blind, while it is recent."""
    gap = max(scene.snapshot.gaps, key=lambda g: g.end, default=None)
    return gap if gap is not None and scene.now - gap.end < RECENT_GAP else None


def planned(rounds: Sequence[RoundState]) -> int:
    """How many rounds the plan has, without those that were put in."""
    return sum(not state.round.nth for state in rounds)


def due_words(state: RoundState, total: int) -> tuple[str, ...]:
    """What the countdown counts to, from long to short: which round, how it stands, and when."""
    short, at = f"round {state.round.name}", clock_time(state.round.due)
    whole = f"{short} of {total}"
    match state.status:
        case RoundStatus.DUE:
            return f"{whole} is due since {at}", f"{short} is due since {at}", short
        case RoundStatus.LATE:
            return f"{whole} is late, was due {at}", f"{short} is late, was due {at}", short
        case RoundStatus.OPEN:
            words: tuple[str, ...] = f"{whole}, due {at}, open", f"{short}, due {at}, open"
        case _:
            words = (f"{whole}, due {at}",)
    until = (f"until {text}" for text in (*words, f"{short}, due {at}", short))
    return (*until, short)
