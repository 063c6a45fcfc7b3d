"""How a watch stands, as its journal tells it in a few milliseconds: what a status line says.

It imports nothing heavy: no plan, no acts, no probe. What it reads off acts is only what
`affairs` reads off them, too; the tests hold the two together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.journal.packing import BEAT
from firstwatch.journal.peek import Peek
from firstwatch.outline import Line, Outline, read_outline
from firstwatch.rounds import Extension, RoundState, RoundStatus, current, schedule, states
from firstwatch.units import format_clock
from firstwatch.verdict import Level

ALIVE: Final = 2 * BEAT
"""Seconds of the watch without a row in the journal after which no watch is taken to run."""
SETTLED: Final = 120.0
"""Seconds in which a watch that has just begun records no flip for what is not measured yet."""
_HARM: Final = ("integrity", "flow", "health", "client")
"""Panes, by what is worse to have trouble in."""


class Pulse(StrEnum):
    """Whether somebody is watching."""

    RUNNING = "running"
    SILENT = "silent"
    """It was cut off, or is held up, or cannot write: its last beat is too old."""
    ENDED = "ended"
    """It ended in good order."""
    AHEAD = "ahead"
    """Its last beat is later than now: one of the clocks is wrong."""
    NONE = "none"
    """None has ever run."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One measured check."""

    line: Line
    level: Level
    reason: str
    since: float
    before: Level | None = None
    """The level last recorded, where that no longer speaks for now."""
    value: float | None = None
    """What was measured last, where that is still fresh: the reason is as old as its verdict."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a watch stands at one moment; times are seconds since the epoch, by its own clock."""

    at: float
    launch: float
    pulse: Pulse
    seen: float | None
    """The last moment at which a watch is known to have run."""
    watch: str = ""
    """Its name."""
    phase: str = ""
    checks: tuple[Standing, ...] = ()
    rounds: tuple[RoundState, ...] = ()
    holder: str = ""
    pending: str = ""
    """Who was offered the watch and has not accepted it yet."""

    @property
    def elapsed(self) -> float:
        """Seconds since the launch."""
        return self.at - self.launch

    @property
    def age(self) -> float | None:
        """Seconds since what it says was so."""
        return None if self.seen is None else max(self.at - self.seen, 0.0)

    @property
    def worst(self) -> Level:
        """The worst level; unknown where nothing is measured."""
        return self.first.level if self.first else Level.UNKNOWN

    @property
    def first(self) -> Standing | None:
        """The worst check: loss before slowness, then the oldest trouble."""
        return min(self.checks, key=_urgency, default=None)

    @property
    def due(self) -> RoundState | None:
        """The round a person owes next."""
        return current(self.rounds)

    @property
    def missed(self) -> int:
        """How many rounds nobody signed in time."""
        return sum(state.status is RoundStatus.MISSED for state in self.rounds)

    def count(self, level: Level) -> int:
        """How many checks stand so."""
        return sum(standing.level is level for standing in self.checks)


def _urgency(standing: Standing) -> tuple[int, int, float]:
    pane = standing.line.pane
    harm = _HARM.index(pane) if pane in _HARM else len(_HARM)
    return -standing.level.severity, harm, standing.since


def status_of(peek: Peek, real: float) -> Status:
    """How the watch stands at that time of the machine. Raises JournalError before the launch."""
    launch, text = peek.launch, peek.outline
    if launch is None:
        raise JournalError("no launch is stamped yet: `firstwatch start`, or open the board")
    try:
        outline = read_outline(text) if text else Outline("", (), ())
    except ValueError:
        outline = Outline("", (), ())
    now = outline.now(real)
    pulse = _pulse(peek, now, outline.scale)
    holder, pending = _watch_of(peek)
    return Status(
        at=now,
        launch=launch,
        pulse=pulse,
        seen=peek.seen,
        watch=outline.watch,
        phase=outline.phase_at(now - launch),
        checks=_checks(peek, outline, pulse, now),
        rounds=_rounds(peek, outline, launch, now),
        holder=holder,
        pending=pending,
    )


def _pulse(peek: Peek, now: float, scale: float) -> Pulse:
    seen = peek.seen
    if peek.began is None or seen is None:
        return Pulse.NONE
    if peek.ended is not None:
        return Pulse.ENDED
    if abs(now - seen) <= ALIVE * scale:
        return Pulse.RUNNING
    return Pulse.SILENT if now > seen else Pulse.AHEAD


def _checks(peek: Peek, outline: Outline, pulse: Pulse, now: float) -> tuple[Standing, ...]:
    flips = peek.last_flips()
    if pulse is not Pulse.RUNNING:
        return tuple(_unwatched(line, flips.get(line.id), peek, now) for line in outline.lines)
    began = peek.began or now
    reach = max((line.fresh_for for line in outline.lines), default=0.0) + BEAT * outline.scale
    values, tries = peek.heard({line.id for line in outline.lines}, max(now - reach, began))
    found = []
    for line in outline.lines:
        flip = flips.get(line.id)
        # What a watch that has just begun says of a check without a value is from before it,
        # unless it found the trouble itself.
        is_its_own = flip is not None and flip.at >= began and flip.new.is_trouble
        is_new = now - began < max(SETTLED, line.fresh_for) and not is_its_own
        limit = line.fresh_for + BEAT * outline.scale
        measured, value = values.get(line.id, (-math.inf, None))
        heard = measured if is_new else tries.get(line.id, -math.inf)
        value = value if now - measured <= limit else None
        is_fresh = now - heard <= limit
        found.append(_watched(line, flip, now, value, is_fresh=is_fresh))
    return tuple(found)


def _unwatched(line: Line, flip: Flip | None, peek: Peek, now: float) -> Standing:
    since = peek.seen or now
    told = f"nothing written since {format_clock(since)}"
    return Standing(line, Level.UNKNOWN, told, since, flip.new if flip else None)


def _watched(
    line: Line, flip: Flip | None, now: float, value: float | None, *, is_fresh: bool
) -> Standing:
    """The last flip where a reading still stands behind it, else unknown and why."""
    if flip is None:
        return Standing(line, Level.UNKNOWN, "not measured yet", now)
    if is_fresh or flip.new is Level.UNKNOWN:
        # The reason names the value of back then, not the one of now.
        reason = f"at {format_clock(flip.at)}: {flip.reason}"
        said = None if flip.new is Level.UNKNOWN else value
        return Standing(line, flip.new, reason, flip.at, value=said)
    return Standing(line, Level.UNKNOWN, f"no reading; was {flip.new}", flip.at, flip.new)


def _watch_of(peek: Peek) -> tuple[str, str]:
    """Who has the watch, and who was offered it."""
    holder, pending = peek.operator, ""
    for _, _, act in peek.acts("taken-over", "handed-over"):
        match act:
            case {"kind": "taken-over", "by": str(by)}:
                holder, pending = by, ""
            case {"to": str(to)}:
                pending = to if to != holder else ""
            case _:
                pass
    return holder, pending


def _rounds(peek: Peek, outline: Outline, launch: float, now: float) -> tuple[RoundState, ...]:
    """Where each round stands."""
    signed: dict[int, tuple[float, str]] = {}
    extensions: list[Extension] = []
    for at, who, act in peek.acts("sign-off", "carried", "cadence"):
        match act:
            case {"kind": "sign-off", "number": int(number)}:
                signed[number] = (at, who)
            case {"kind": "carried", "signed": list(carried)}:
                signed |= _carried(carried)
            case {"phase": str(phase), "is_extended": True}:
                extensions.append(Extension(phase, at))
            case _:
                pass
    return states(schedule(outline, launch, extensions), now, signed)


def _carried(rounds: Sequence[Any]) -> dict[int, tuple[float, str]]:
    return {int(number): (float(at), str(who)) for number, at, who in rounds}
