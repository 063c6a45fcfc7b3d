"""The day in full: the strip, and below it what happened, the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from firstwatch.episodes import Episode
from firstwatch.rounds import RoundStatus
from firstwatch.text import clean
from firstwatch.timeline import Episodes, Event, Kind
from firstwatch.units import format_duration
from firstwatch.verdict import Level
from tui.renderables.ages import clock_time, since_launch
from tui.renderables.day import HOUR, Day, strip_lines
from tui.renderables.lines import Line, Role, Run, first_fitting, fit, role_of, shorten
from tui.scene import Scene

STRIP = 7
"""Lines of the strip."""
LIST = 3
"""Lines of the list at least; the strip gives way."""
_ROLES: Mapping[RoundStatus, Role] = {
    RoundStatus.SIGNED: Role.OK,
    RoundStatus.LATE: Role.WARNING,
    RoundStatus.MISSED: Role.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of it."""

    day: Day
    events: Sequence[Event]
    """Those that were asked for, the newest first."""
    counts: Mapping[Kind | None, int]
    """How many there are of each kind, and of all."""
    episodes: Episodes = field(default_factory=dict)
    """The trouble that they tell of."""
    kind: Kind | None = None
    """What is asked for; None for all."""
    text: str = ""
    """What they have to contain."""
    at: int = 0
    """The one under the cursor."""
    top: int = 0
    """The first one in sight."""
    notice: str = ""
    """Why there may be more than is known."""

    def list_height(self, height: int) -> int:
        """How many lines of the list are in sight."""
        return max(height - _strip_height(height) - (height > LIST) - bool(self.notice), 1)


def _strip_height(height: int) -> int:
    return max(min(STRIP, height - 2 - LIST), 0)


def timeline_lines(scene: Scene, shown: Shown, width: int, height: int) -> list[Line]:
    """Strip, kinds and list in `height` lines at most."""
    lines = strip_lines(scene, shown.day, _strip_height(height))
    if height > LIST:
        lines.append(_kinds(shown, width))
    if shown.notice:
        told = shorten(f"{scene.glyphs.levels[Level.UNKNOWN]} {clean(shown.notice)}", width)
        lines.append(((told, Role.UNKNOWN),))
    rows = shown.events[shown.top : shown.top + shown.list_height(height)]
    lines += [
        event_line(
            scene,
            event,
            width,
            episode=event.begun(shown.episodes),
            is_here=number == shown.at,
            is_whole=shown.kind is Kind.TROUBLE,
        )
        for number, event in enumerate(rows, shown.top)
    ]
    if not rows and height > 0:
        lines.append(((_nothing(shown), Role.DIM),))
    return lines


def _kinds(shown: Shown, width: int) -> Line:
    """The keys that choose, and what is chosen."""

    def line(*, counted: bool, named: bool) -> Line:
        runs: list[Run] = []
        for number, kind in enumerate((None, *Kind), 1):
            is_on = kind is shown.kind
            name = kind.value if kind else "all"
            words = f"{number} {name}" if named or is_on else f"{number}"
            words += f" {shown.counts[kind]}" if counted else ""
            runs += [(words, Role.STRONG if is_on else Role.DIM), ("  ", Role.DIM)]
        return tuple(runs[:-1])

    return first_fitting(
        (
            line(counted=True, named=True),
            line(counted=False, named=True),
            line(counted=True, named=False),
            line(counted=False, named=False),
        ),
        width,
    )


def _nothing(shown: Shown) -> str:
    what = "nothing yet" if shown.kind is None else f"nothing of {shown.kind}"
    return f'{what} with "{clean(shown.text, 40)}"' if shown.text else what


def event_line(
    scene: Scene,
    event: Event,
    width: int,
    *,
    episode: Episode | None = None,
    is_here: bool = False,
    is_whole: bool = False,
) -> Line:
    """When it was, what it was about, and what happened; a narrow one gives up T+ first.

    `episode` is the trouble that began with it; `is_whole` tells that as a whole.
    """
    time = clock_time(event.at, seconds=width >= 110)
    if width >= 50:
        time += f" {since_launch(event.at - scene.snapshot.launch)[:-3]}"
    title = min(max(width // 5 + 3, 8), 24)
    room = width - len(time) - title - 5
    name = fit(clean(event.title, 60), title)
    return (
        (scene.glyphs.pointer if is_here else " ", Role.STRONG),
        (f"{time} ", Role.DIM),
        _glyph(scene, event, episode.worst if episode and is_whole else event.level),
        (" ", Role.TEXT),
        (name, Role.CURSOR if is_here else Role.TEXT),
        (" ", Role.TEXT),
        (
            shorten(clean(words(scene, event, episode, is_whole=is_whole), 400), room)
            if room > 0
            else "",
            Role.DIM,
        ),
    )


def _glyph(scene: Scene, event: Event, level: Level | None) -> Run:
    glyphs = scene.glyphs
    if level is not None:
        return glyphs.levels[level], role_of(level, Role.OK)
    if event.status is not None:
        is_late = event.status is RoundStatus.SIGNED and event.is_late
        return (
            (glyphs.signed_late, Role.OFF_TARGET)
            if is_late
            else (glyphs.rounds[event.status], _ROLES.get(event.status, Role.DIM))
        )
    return (glyphs.heart[0] if event.kind is Kind.WATCH else glyphs.pointer), Role.DIM


def words(
    scene: Scene, event: Event, episode: Episode | None = None, *, is_whole: bool = False
) -> str:
    """What happened; of trouble that began, how long it lasted, how bad it got, who has it.

    As a whole it is told by how bad it got, and not by how it began.
    """
    if episode is None:
        beside = f", and {event.others} checks with it" if event.others else ""
        return event.words + beside
    lasted = format_duration(episode.lasted(scene.now))
    how = f"open {lasted}" if episode.is_open else lasted
    ack = scene.snapshot.affairs.acks.get(episode.subject) if episode.is_open else None
    had = f", {ack.who} {'had it' if ack.asks(scene.now) else 'has it'}" if ack else ""
    beside = f", {event.others} checks with it" if event.others else ""
    got_worse = episode.worst is not event.level
    if is_whole:
        changes = f", {episode.flips} changes" if episode.flips > 1 else ""
        return f"{how}{had}{changes}{beside}: {episode.worst}, {episode.reason}"
    worse = f"; at worst {episode.worst}: {episode.reason}" if got_worse else ""
    return f"{how}{had}{beside}: {event.words}{worse}"


def chosen(
    events: Sequence[Event], kind: Kind | None, text: str, episodes: Episodes
) -> tuple[Event, ...]:
    """The events of a kind that contain the text; of trouble only where it began."""
    return tuple(
        event
        for event in events
        if (kind is None or event.kind is kind)
        and (kind is not Kind.TROUBLE or event.begun(episodes))
        and (not text or _matches(event, text.casefold(), episodes))
    )


def _matches(event: Event, text: str, episodes: Episodes) -> bool:
    """Whether the words are in what is known of it."""
    episode = event.begun(episodes)
    told = f"{event.title} {event.words} {episode.reason if episode else ''}"
    return text in told.casefold()


def counted(events: Sequence[Event], episodes: Episodes) -> dict[Kind | None, int]:
    """How many there are of each kind, and of all; trouble is counted where it began."""
    found: dict[Kind | None, int] = dict.fromkeys((None, *Kind), 0)
    for event in events:
        found[event.kind] += event.kind is not Kind.TROUBLE or event.begun(episodes) is not None
    return {**found, None: len(events)}


def beyond_hour(events: Sequence[Event], at: int, way: int, launch: float) -> int:
    """The nearest event of another hour since the launch, earlier (−1) or later (1).

    Where there is none it is the last one that way.
    """
    if not events:
        return 0
    hour = (events[at].at - launch) // HOUR
    beyond = range(at + 1, len(events)) if way < 0 else range(at - 1, -1, -1)
    found = (n for n in beyond if (events[n].at - launch) // HOUR != hour)
    return next(found, len(events) - 1 if way < 0 else 0)
