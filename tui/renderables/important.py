"""The one line that says what matters most now: trouble that nobody has, then what is owed."""

from firstwatch.episodes import SOURCE, Episode
from firstwatch.rounds import RoundStatus
from firstwatch.text import clean
from firstwatch.units import format_duration
from firstwatch.verdict import QUIET, Level
from tui.people import due_promises, first_trouble, is_had, promise_words
from tui.renderables.ages import age_text, clock_time, span_text
from tui.renderables.lines import Line, Role, role_of, shorten, width_of
from tui.renderables.rows import reason_text
from tui.scene import Scene, level_now, open_trouble, recent_gap, subject_title

LEAST = 12
"""Cells below which the beginning of a reason says nothing."""
Found = tuple[str, tuple[str, ...], str, Role]
"""Glyph, what to say from long to short, what follows if there is room, the glyph's role."""


def important(scene: Scene, width: int) -> Line:
    """The one most important thing, in one line of at most `width` cells."""
    mark, texts, more, role = _important(scene)
    room = max(width - 2, 1)
    text = next((text for text in texts if width_of(text) <= room), texts[-1])
    if more and room - width_of(text) - 2 >= min(LEAST, width_of(more)):
        text = f"{text}: {more}"
    return (mark, role), (" " + shorten(text, room), Role.TEXT)


def _important(scene: Scene) -> Found:
    for find in (_broken, _trouble, _late, _promised, _asked, _offered, _had, _unset, _gap):
        if found := find(scene):
            return found
    return _calm(scene)


def _broken(scene: Scene) -> Found | None:
    """The watch itself."""
    if scene.silent:
        return "!", ("the engine is silent: nothing here is measured any more",), "", Role.CRITICAL
    lost = scene.snapshot.unrecorded
    if lost is None:
        return None
    since = clock_time(lost.down_since or scene.now)
    return "!", (f"nothing is recorded since {since} UTC",), clean(lost.reason), Role.CRITICAL


def _trouble(scene: Scene) -> Found | None:
    """Trouble that nobody has, or that has to be asked about again."""
    episode = first_trouble(scene)
    if episode is None or is_had(scene, episode.subject):
        return None
    ack = scene.snapshot.affairs.acks.get(episode.subject)
    if ack is None:
        return _episode(scene, episode, (", not acknowledged", ""), _reason(scene, episode))
    who, age = clean(ack.who, 24), age_text(scene.now - ack.at)
    text = f"{_what(scene, episode)}: does {who} still have it, after {age}? press a"
    if scene.replay:
        text = f"{_what(scene, episode)} acknowledged by {who} {age}, asked about again"
    level = level_now(scene.snapshot, episode)
    return scene.glyphs.levels[level], (text,), clean(ack.why), role_of(level)


def _had(scene: Scene) -> Found | None:
    """Trouble that somebody has."""
    episode = first_trouble(scene)
    ack = scene.snapshot.affairs.acks.get(episode.subject) if episode else None
    if episode is None or ack is None:
        return None
    whose = f"{clean(ack.who, 24)} {age_text(scene.now - ack.at)}"
    return _episode(scene, episode, (f", acknowledged by {whose}", f", {whose}"), clean(ack.why))


def _episode(scene: Scene, episode: Episode, who: tuple[str, str], more: str) -> Found:
    """Trouble with how long it lasts, and who has it in the longer and the shorter words."""
    snapshot = scene.snapshot
    lasts = format_duration(_coarse(episode.lasted(scene.now)))
    others = len(open_trouble(snapshot)) - 1
    also = f" (+{others} more)" if others else ""
    what = _what(scene, episode)
    long, short = who
    texts = (
        f"{what} for {lasts}{also}{long}",
        f"{what} for {lasts}{long}",
        f"{what} for {lasts}{short}",
        f"{what}{short}",
    )
    level = level_now(snapshot, episode)
    return scene.glyphs.levels[level], texts, more, role_of(level)


def _what(scene: Scene, episode: Episode) -> str:
    title = subject_title(scene.snapshot, episode.subject)
    return f"{title} unreachable" if episode.subject.startswith(SOURCE) else title


def _reason(scene: Scene, episode: Episode) -> str:
    state = scene.snapshot.check(episode.subject)
    return clean(state.verdict.reason if state else episode.reason)


def _late(scene: Scene) -> Found | None:
    due = scene.snapshot.due
    if due is None or due.status is not RoundStatus.LATE:
        return None
    since = clock_time(due.round.due)
    text = f"round {due.round.name} was due at {since} UTC, nobody signed"
    return "!", (text,), "", Role.WARNING


def _promised(scene: Scene) -> Found | None:
    due = due_promises(scene)
    if not due:
        return None
    more = f" (+{len(due) - 1} more)" if len(due) > 1 else ""
    stands = promise_words(due[0], scene.now)
    text = f"promised for {clock_time(due[0].due)}, {stands}{more}: {clean(due[0].text, 200)}"
    return "!", (text,), "", Role.WARNING


def _asked(scene: Scene) -> Found | None:
    question = scene.snapshot.affairs.question
    if question is None:
        return None
    phase = clean(question.phase, 40)
    ends = f"stay at {span_text(question.every)}?{_key(scene, ' press e')}"
    count = f"only {question.clean}" if question.clean else "none"
    were = "were" if question.clean > 1 else "was"
    texts = (
        f"{count} of the last {question.wanted} rounds of {phase} {were} clean: {ends}",
        f"{phase}: {count} of {question.wanted} rounds clean, {ends}",
        f"{count} of {question.wanted} rounds clean, {ends}",
    )
    return scene.glyphs.levels[Level.PENDING], texts, "", Role.PENDING


def _offered(scene: Scene) -> Found | None:
    pending = clean(scene.snapshot.affairs.pending, 24)
    if not pending:
        return None
    text = f"the watch is offered to {pending}{_key(scene, ': press o to take it over')}"
    return scene.glyphs.levels[Level.PENDING], (text,), "", Role.PENDING


def _unset(scene: Scene) -> Found | None:
    """A source that was given no address: it has no episode."""
    snapshot = scene.snapshot
    down = next((s for s in snapshot.sources if s.down_since is not None), None)
    if down is None or down.down_since is None:
        return None
    since = clock_time(down.down_since)
    text = f"{clean(down.name, 40)} unreachable since {since} UTC"
    return scene.glyphs.levels[snapshot.worst], (text,), clean(down.reason), Role.UNKNOWN


def _gap(scene: Scene) -> Found | None:
    gap = recent_gap(scene)
    if gap is None:
        return None
    lasted = format_duration(gap.end - gap.start)
    text = f"blind {clock_time(gap.start)}–{clock_time(gap.end)} UTC ({lasted}): not watched"
    return "?", (text,), "", Role.BLIND


def _calm(scene: Scene) -> Found:
    """What to say when no episode is open."""
    snapshot, glyphs = scene.snapshot, scene.glyphs
    worst = max(
        (c for c in snapshot.checks if not c.check.is_manual),
        key=lambda c: c.verdict.level.severity,
        default=None,
    )
    if worst is None:
        return glyphs.levels[snapshot.worst], ("nothing is measured yet",), "", Role.UNKNOWN
    level = worst.verdict.level
    if level not in QUIET:
        title = clean(worst.check.title, 60)
        return glyphs.levels[level], (title,), reason_text(worst), role_of(level)
    ended = max((e.end for e in snapshot.episodes if e.end is not None), default=None)
    calm = "no trouble so far" if ended is None else f"calm since {clock_time(ended)} UTC"
    return glyphs.levels[Level.OK], (calm,), "", Role.OK


def _key(scene: Scene, words: str) -> str:
    """Words that ask for a key; none in a replay, where it does nothing."""
    return "" if scene.replay else words


def _coarse(seconds: float) -> float:
    """Whole minutes from the first one on, so that the line does not change every second."""
    return seconds if seconds < 60 else seconds // 60 * 60
