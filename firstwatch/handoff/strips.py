"""Strips: how a shift went, one character for each few minutes of it; pure.

A character stands for the worst of its stretch. What nobody measured is a question mark, so a
strip never shows more than was seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from firstwatch.episodes import SOURCE, Flip
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level

TITLE: Final = 20
"""Columns of the title before a strip."""
CELLS: Final = 51
"""The most characters of a strip: 72 columns with its title."""
ROWS: Final = 20
"""The most checks and sources."""
CHARACTERS: Final[Mapping[Level, str]] = {
    Level.OK: "·",
    Level.IDLE: "○",
    Level.PENDING: "○",
    Level.OFF_TARGET: "◐",
    Level.UNKNOWN: "?",
    Level.WARNING: "!",
    Level.CRITICAL: "█",
}
SIGNED, MISSED, NO_ROUND = "✔", "✗", " "
LEGEND: Final = (
    "· ok  ○ idle  ◐ off target  ! warning  █ critical  ? unknown or blind  ✔ signed  ✗ missed"
)

_MINUTE = 60.0
_STEPS = tuple(_MINUTE * n for n in (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440))


@dataclass(frozen=True, slots=True)
class StripRow:
    """One strip."""

    subject: str
    """A check's id, a source's name after "source:", "watch" or "rounds"."""
    title: str
    cells: str
    """One character a step, from the start on."""


@dataclass(frozen=True, slots=True)
class Strips:
    """All strips of a stretch of time."""

    start: float
    """Seconds since the epoch."""
    step: float
    """Seconds that a character stands for."""
    rows: tuple[StripRow, ...]
    left_out: int = 0
    """How many more were not always ok."""


class _Frame:
    """A stretch of time cut into cells."""

    def __init__(self, since: float, until: float) -> None:
        self.step = next(
            (step for step in _STEPS if _cells(since, until, step) <= CELLS), _days(since, until)
        )
        self.start = since // self.step * self.step
        self.count = _cells(since, until, self.step)
        self.since, self.until = since, until

    def of(self, start: float, end: float) -> range:
        """The cells that a stretch touches; a moment touches the one it is in."""
        if end < self.since or start > self.until or end < start:
            return range(0)
        first = int((max(start, self.since) - self.start) // self.step)
        last = ceil((min(end, self.until) - self.start) / self.step)
        return range(min(first, self.count - 1), min(max(last, first + 1), self.count))


def _cells(since: float, until: float, step: float) -> int:
    return max(ceil(until / step) - int(since // step), 1)


def _days(since: float, until: float) -> float:
    day = _STEPS[-1]
    return day * ceil((until - since) / day / (CELLS - 1))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """How long a subject was what it was."""

    level: Level
    start: float
    end: float
    is_own: bool
    """False where it was unseen because its source was out of reach."""


def strips(snapshot: Snapshot, flips: Sequence[Flip], since: float) -> Strips:
    """The strips from `since` to the moment of the snapshot; `flips` are all since the launch."""
    frame = _Frame(min(since, snapshot.at), snapshot.at)
    unseen = {cell for gap in snapshot.gaps for cell in frame.of(gap.start, gap.end)}
    told: list[tuple[int, float, StripRow]] = []
    for subject, title, stretches in _subjects(snapshot, flips):
        row = StripRow(subject, title, _drawn(frame, stretches, unseen))
        own = [s for s in stretches if s.is_own and frame.of(s.start, s.end)]
        bad = [s for s in own if s.level is not Level.OK]
        if bad or not stretches:
            worst = max((s.level.severity for s in bad), default=Level.UNKNOWN.severity)
            told.append((worst, _within(frame, bad), row))
    told.sort(key=lambda entry: (-entry[0], -entry[1]))
    rows = [row for _, _, row in told[:ROWS]]
    return Strips(
        frame.start,
        frame.step,
        (*_of_the_watch(frame, unseen), *_of_the_rounds(frame, snapshot), *rows),
        max(len(told) - ROWS, 0),
    )


def _subjects(
    snapshot: Snapshot, flips: Iterable[Flip]
) -> Iterable[tuple[str, str, list[_Stretch]]]:
    """Every source and shown check with its stretches; a check whose source never was, is not."""
    by: dict[str, list[Flip]] = {}
    for flip in flips:
        by.setdefault(flip.subject, []).append(flip)
    never = set()
    for source in snapshot.sources:
        known = by.get(SOURCE + source.name, [])
        if known or source.down_since is not None:
            # A source is in reach as long as nothing else is told of it.
            before = [_Stretch(f.old, snapshot.launch, f.at, is_own=True) for f in known[:1]]
            stretches = before + _stretches(known, snapshot.at)
            yield SOURCE + source.name, f"source {source.name}", stretches
        if not known and source.down_since is not None:
            never.add(source.name)
    for state in snapshot.checks:
        known = by.get(state.check.id, [])
        if not state.check.is_manual and (known or state.check.source not in never):
            stretches = _stretches(known, snapshot.at)
            yield state.check.id, state.check.title, stretches + _now(state, snapshot.at)


def _stretches(flips: Sequence[Flip], now: float) -> list[_Stretch]:
    ends = [flip.at for flip in flips[1:]] + [now] if flips else []
    return [
        _Stretch(flip.new, flip.at, max(end, flip.at), not flip.blocked_by)
        for flip, end in zip(flips, ends, strict=True)
    ]


def _now(state: CheckState, now: float) -> list[_Stretch]:
    """As it stands, which may be worse than its last flip: a reading grows old without one."""
    level, verdict = state.verdict.level, state.verdict
    is_own = not verdict.blocked_by and state.before is None
    return [] if level is Level.OK else [_Stretch(level, now, now, is_own)]


def _drawn(frame: _Frame, stretches: Iterable[_Stretch], unseen: Iterable[int]) -> str:
    worst: list[Level | None] = [None] * frame.count
    marks = [(s.level, frame.of(s.start, s.end)) for s in stretches]
    for level, cells in (*marks, (Level.UNKNOWN, unseen)):
        for cell in cells:
            known = worst[cell]
            if known is None or level.severity > known.severity:
                worst[cell] = level
    return "".join(CHARACTERS[level or Level.UNKNOWN] for level in worst)


def _within(frame: _Frame, stretches: Iterable[_Stretch]) -> float:
    """Seconds that these last inside the frame."""
    return sum(max(min(s.end, frame.until) - max(s.start, frame.since), 0) for s in stretches)


def _of_the_watch(frame: _Frame, unseen: set[int]) -> Iterable[StripRow]:
    if unseen:
        cells = "".join(
            CHARACTERS[Level.UNKNOWN if cell in unseen else Level.OK] for cell in range(frame.count)
        )
        yield StripRow("watch", "the watch itself", cells)


def _of_the_rounds(frame: _Frame, snapshot: Snapshot) -> Iterable[StripRow]:
    cells = [NO_ROUND] * frame.count
    for state in snapshot.rounds:
        is_missed = state.status is RoundStatus.MISSED
        at = state.round.due if is_missed else state.signed_at
        for cell in () if at is None else frame.of(at, at):
            cells[cell] = MISSED if is_missed or cells[cell] == MISSED else SIGNED
    if any(cell != NO_ROUND for cell in cells):
        yield StripRow("rounds", "rounds", "".join(cells))
