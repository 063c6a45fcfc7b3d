"""The whole day on one strip: a lane each for verdict, rounds, people and blindness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from firstwatch.episodes import Flip
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Gap
from firstwatch.timeline import Event, Kind
from firstwatch.unseen import covered, outages
from firstwatch.verdict import QUIET, Level
from tui.renderables.ages import clock_time
from tui.renderables.lines import Line, Role, Run, role_of
from tui.renderables.strip import mark
from tui.scene import Scene

LABEL = 7
"""Cells of the name of a lane."""
HOUR = 3600.0
DAY = 24 * HOUR
WHOLLY = 0.99
"""The share of a cell that makes it wholly blind."""
_NOW = "now"
_LATER = 6 * HOUR
"""A watch that goes on beyond its plan has the strip grow by this."""
_TICKS = tuple(HOUR * n for n in (1, 2, 3, 4, 6, 12, 24, 48))
_TICK = 6
"""Cells that a tick needs: a time of day and a space."""
_ROUNDS = (
    RoundStatus.UPCOMING,
    RoundStatus.SIGNED,
    RoundStatus.OPEN,
    RoundStatus.DUE,
    RoundStatus.LATE,
    RoundStatus.MISSED,
)
"""Where two rounds share a cell the later one here is shown."""

Cells = list[Run | None]
"""One character a cell, or nothing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The day cut into cells."""

    start: float
    """Seconds since the epoch."""
    length: float
    count: int

    @property
    def step(self) -> float:
        """Seconds of a cell."""
        return self.length / self.count

    def cell(self, at: float) -> int | None:
        """The cell of a moment; None outside the day, whose last moment belongs to it."""
        cell = int((at - self.start) // self.step)
        if at == self.start + self.length:
            return self.count - 1
        return cell if 0 <= cell < self.count else None

    def cells(self, start: float, end: float) -> range:
        """The cells that a stretch touches; a moment touches the one it is in."""
        if end < self.start or start > self.start + self.length:
            return range(0)
        first = max(int((start - self.start) // self.step), 0)
        last = min(ceil((end - self.start) / self.step), self.count)
        return range(first, max(last, min(first + 1, self.count)))


def frame_of(scene: Scene, width: int) -> Frame:
    """From the launch to the end of the plan, a day at least, and on as long as it is watched."""
    snapshot = scene.snapshot
    plan = max((phase.end for phase in snapshot.plan.phases), default=DAY)
    lived = ceil(max(scene.elapsed, 0.0) / _LATER) * _LATER
    return Frame(snapshot.launch, max(DAY, plan, lived), max(width - LABEL, 1))


def gaps_of(scene: Scene) -> tuple[Gap, ...]:
    """When nobody measured; a silent engine is the last of it."""
    snapshot = scene.snapshot
    silent = (Gap(snapshot.at, scene.now),) if scene.silent else ()
    return (*snapshot.gaps, *silent)


class Painter:
    """Paints the worst verdict of each cell; takes flips bit by bit, in their order."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._worst: list[Level | None] = [None] * frame.count
        self._standing: dict[str, tuple[Level, float]] = {}
        self._taken = 0

    def cells(
        self, flips: Sequence[Flip], gaps: Sequence[Gap], now: float
    ) -> tuple[Level | None, ...]:
        """The worst of each cell up to now, unknown where none was; None for what is to come.

        What lies wholly in a gap is unknown, whatever was known before it.
        """
        for flip in flips[self._taken :]:
            before = self._standing.get(flip.subject)
            if before:
                self._paint(self._worst, *before, flip.at)
            self._standing[flip.subject] = flip.new, flip.at
        self._taken = len(flips)
        worst = self._worst.copy()
        for level, since in self._standing.values():
            self._paint(worst, level, since, now)
        self._blind(worst, [(gap.start, gap.end) for gap in gaps], now)
        return tuple(worst)

    def _paint(self, worst: list[Level | None], level: Level, start: float, end: float) -> None:
        severity = level.severity
        for cell in self.frame.cells(start, end):
            known = worst[cell]
            if known is None or severity > known.severity:
                worst[cell] = level

    def _blind(
        self, worst: list[Level | None], spans: Sequence[tuple[float, float]], now: float
    ) -> None:
        frame = self.frame
        for cell in frame.cells(frame.start, now):
            begins = frame.start + cell * frame.step
            ends = min(begins + frame.step, now)
            blind = covered(spans, begins, ends)
            if worst[cell] is None or (blind and blind >= (ends - begins) * WHOLLY):
                worst[cell] = Level.UNKNOWN
            elif blind:
                self._paint(worst, Level.UNKNOWN, begins, begins)


@dataclass(frozen=True, slots=True)
class Day:
    """What the strip shows."""

    frame: Frame
    events: Sequence[Event]
    """What happened besides changes of verdicts."""
    worst: Sequence[Level | None] | None = None
    """As a `Painter` has it; None while that is not known."""
    at: float | None = None
    """The moment under the cursor."""


def strip_lines(scene: Scene, day: Day, height: int) -> list[Line]:
    """The strip in at most `height` lines; where there is less room, by importance."""
    lanes = {
        "hours": _hours(day.frame),
        "worst": _lane("worst", _worst(scene, day)),
        "rounds": _lane("rounds", _rounds(scene, day.frame)),
        "people": _lane("people", _people(scene, day)),
        "blind": _lane("blind", _blind(scene, day)),
        "mark": _mark(scene, day),
        "clock": _clock(day.frame),
    }
    first = ("worst", "mark", "hours", "rounds", "blind", "people", "clock")[: max(height, 0)]
    return [line for name, line in lanes.items() if name in first]


def _lane(name: str, cells: Cells) -> Line:
    runs = [(name.ljust(LABEL), Role.DIM)]
    for role, group in groupby((run or (" ", Role.TEXT) for run in cells), key=lambda run: run[1]):
        runs.append(("".join(text for text, _ in group), role))
    return tuple(runs)


def _worst(scene: Scene, day: Day) -> Cells:
    quiet = (scene.glyphs.rule, Role.DIM)
    return [
        None
        if level is None
        else quiet
        if level in QUIET
        else (scene.glyphs.levels[level], role_of(level))
        for level in day.worst or [None] * day.frame.count
    ]


def _rounds(scene: Scene, frame: Frame) -> Cells:
    """Each round where it was due; the worst one where several share a cell."""
    cells: Cells = [None] * frame.count
    for state in sorted(scene.snapshot.rounds, key=lambda state: _ROUNDS.index(state.status)):
        if (cell := frame.cell(state.round.due)) is not None:
            cells[cell] = mark(state, scene.glyphs)
    return cells


def _people(scene: Scene, day: Day) -> Cells:
    """What people did, and what they have promised."""
    cells: Cells = [None] * day.frame.count
    for promise in scene.snapshot.affairs.promises:
        if (cell := day.frame.cell(promise.due)) is not None:
            role = Role.PENDING if promise.due > scene.now else Role.WARNING
            cells[cell] = scene.glyphs.levels[Level.PENDING], role
    for event in day.events:
        cell = day.frame.cell(event.at) if event.kind is Kind.PERSON else None
        if cell is not None and cells[cell] is None:
            cells[cell] = scene.glyphs.pointer, Role.TEXT
    return cells


def _blind(scene: Scene, day: Day) -> Cells:
    """When no watch ran, and when a source was out of reach; where the watch began again."""
    cells: Cells = [None] * day.frame.count
    for event in day.events:
        if event.kind is Kind.WATCH and (cell := day.frame.cell(event.at)) is not None:
            cells[cell] = scene.glyphs.phase_gap, Role.DIM
    unknown = scene.glyphs.levels[Level.UNKNOWN]
    for outage in outages(scene.snapshot):
        until = scene.now if outage.end is None else outage.end
        for cell in day.frame.cells(outage.start, until):
            cells[cell] = unknown, Role.UNKNOWN
    for gap in gaps_of(scene):
        for cell in day.frame.cells(gap.start, gap.end):
            cells[cell] = unknown, Role.BLIND
    return cells


def _mark(scene: Scene, day: Day) -> Line:
    """Where the cursor is, and now."""
    cells: Cells = [None] * day.frame.count
    now = day.frame.cell(scene.now)
    if now is not None:
        words = f"│{_NOW}" if now + len(_NOW) < day.frame.count else f"{_NOW}│"
        first = now if words[0] == "│" else max(now - len(_NOW), 0)
        for cell, character in enumerate(words, first):
            if cell < day.frame.count:
                cells[cell] = character, Role.DIM
    at = None if day.at is None else day.frame.cell(day.at)
    if at is not None:
        cells[at] = "↑", Role.STRONG
    return _lane("", cells)


def _hours(frame: Frame) -> Line:
    """The hours since the launch."""
    return _ticks("T+", frame, lambda at: f"{(at - frame.start) / HOUR:.0f}h")


def _clock(frame: Frame) -> Line:
    """The times of day under them."""
    return _ticks("UTC", frame, clock_time)


def _ticks(name: str, frame: Frame, words: Callable[[float], str]) -> Line:
    every = next((tick for tick in _TICKS if tick >= _TICK * frame.step), frame.length)
    cells: Cells = [None] * frame.count
    for number in range(ceil(frame.length / every)):
        at = frame.start + number * every
        text, cell = words(at), frame.cell(at)
        if cell is not None and cell + len(text) <= frame.count:
            cells[cell : cell + len(text)] = [(character, Role.DIM) for character in text]
    return _lane(name, cells)
