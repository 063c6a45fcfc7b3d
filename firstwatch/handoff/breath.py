"""Two lines for the chat: how it stands, and what comes next."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Final

from firstwatch.handoff.brief import Handoff, Trouble
from firstwatch.handoff.due import by_need, standing
from firstwatch.handoff.state import WATCH, silence
from firstwatch.handoff.wording import Clock, clock_of, zone_of
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_clock, format_elapsed
from firstwatch.verdict import ALARMS, Level

LINE: Final = 280
"""The most characters of a line."""
REASON: Final = 50
"""The most characters of a reason."""
NEXT: Final = 3
"""The most things that are next."""


def to_breath(handoff: Handoff) -> str:
    """Two lines of plain text."""
    at = clock_of(handoff)
    zone, name = zone_of(handoff.zone)
    clocks = "UTC" if zone is UTC else f"UTC ({name})"
    now = " · ".join(_now(handoff))
    nexts = " · ".join(_next(handoff, at))
    return f"{_clip(now)}\n{_clip(f'next, {clocks}: {nexts}')}\n"


def _clip(line: str) -> str:
    return line if len(line) <= LINE else line[: LINE - 1].rstrip() + "…"


def _now(handoff: Handoff) -> Iterator[str]:
    yield f"{format_elapsed(handoff.elapsed)} {handoff.phase}".rstrip()
    if handoff.pending:
        yield f"{handoff.holder or 'nobody'} → {handoff.pending} (pending)"
    yield from _levels(handoff)
    yield from _people(handoff)
    yield from _rounds(handoff)


def _levels(handoff: Handoff) -> Iterator[str]:
    watch = next((s for s in handoff.sources.entries if s.name == WATCH), None)
    if watch:
        yield silence(watch)
        return
    for level in sorted(Level, key=lambda level: -level.severity):
        count = sum(line.verdict is level for line in handoff.checks)
        if count and level is not Level.IDLE:
            yield f"{count} {level}{_which(handoff, level)}"
    down = ", ".join(source.name for source in handoff.sources.entries)
    if down:
        yield f"out of reach: {down}"


def _which(handoff: Handoff, level: Level) -> str:
    """The first of that level, with who has it."""
    if level not in ALARMS:
        return ""
    trouble = next((t for t in handoff.open.entries if t.level is level), None)
    if trouble is None:
        return ""
    reason = trouble.reason.partition(",")[0]
    reason = reason if len(reason) <= REASON else reason[: REASON - 1].rstrip() + "…"
    return f" ({trouble.title} {reason}, {_who_has(trouble)})"


def _who_has(trouble: Trouble) -> str:
    if trouble.is_owned:
        return f"{trouble.owner} has it"
    return f"{trouble.owner} asked again" if trouble.owner else "nobody has it"


def _people(handoff: Handoff) -> Iterable[str]:
    run = next((run for run in handoff.rollback.runs if run.closed_at is None), None)
    if run:
        yield "rollback drill under way" if run.is_drill else "ROLLBACK under way"
    if handoff.lost.messages:
        yield f"{handoff.lost.messages:g} messages lost"


def _rounds(handoff: Handoff) -> Iterator[str]:
    for line in handoff.rounds.unsigned:
        late = " late," if line.status is RoundStatus.LATE else ""
        yield f"round {line.name}{late} due {format_clock(line.due)}"
    if handoff.rounds.missed:
        yield f"{len(handoff.rounds.missed)} missed"


def _next(handoff: Handoff, at: Clock) -> Iterator[str]:
    for line in by_need(handoff.due)[:NEXT]:
        yield f"{at(line.at)} {line.what}, {standing(line, handoff.at)}"
    if not handoff.due:
        yield "no round is left"
    elif len(handoff.due) > NEXT:
        yield f"{len(handoff.due) - NEXT} more"
