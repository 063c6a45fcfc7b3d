"""A status as one line: for a person, for tmux, and for a program."""

import json
from collections.abc import Iterator
from typing import Final

from firstwatch.rounds import RoundStatus
from firstwatch.status import Pulse, Status
from firstwatch.text import clean
from firstwatch.units import format_clock, format_duration, format_elapsed, format_value
from firstwatch.verdict import QUIET, Level
from tui.renderables.glyphs import Glyphs

TITLE: Final = 30
"""The most characters of a check's title, or of a name."""
REASON: Final = 70
"""The most characters of a reason with its time."""
VALUE: Final = 20
"""The most characters of a value with its unit."""
COLOURS: Final = {
    Level.CRITICAL: "fg=red,bold",
    Level.WARNING: "fg=yellow",
    Level.UNKNOWN: "fg=magenta",
    Level.OFF_TARGET: "fg=yellow",
}
"""What tmux draws trouble in; whatever is calm has the colour of the status line."""

Part = tuple[str, Level]
"""Words, and how bad that is."""


def parts(status: Status, glyphs: Glyphs) -> tuple[Part, ...]:
    """The parts of the line, the most important first."""
    return tuple(part for part in _parts(status, glyphs) if part[0])


def _parts(status: Status, glyphs: Glyphs) -> Iterator[Part]:
    worst = status.worst
    yield f"{glyphs.levels[worst]} {_state(status)}", worst
    yield _first(status), worst
    yield format_elapsed(status.elapsed), Level.OK
    yield _due(status)
    arrow = ">" if glyphs.is_ascii else "→"
    holder = clean(status.holder, TITLE) or "nobody"
    pending = f" {arrow} {clean(status.pending, TITLE)} (pending)" if status.pending else ""
    yield f"{holder}{pending}", Level.OK
    if status.pulse is Pulse.RUNNING and status.age is not None:
        yield f"{format_duration(status.age)} ago", Level.OK


def _state(status: Status) -> str:
    if status.pulse is Pulse.RUNNING:
        return _counts(status, [standing.level for standing in status.checks])
    before = _counts(status, [standing.before for standing in status.checks if standing.before])
    return f"{_no_watch(status)}; was {before}" if before else _no_watch(status)


def _no_watch(status: Status) -> str:
    at = "" if status.seen is None else format_clock(status.seen)
    match status.pulse:
        case Pulse.ENDED:
            return f"no watch runs since {at}, ended in good order"
        case Pulse.AHEAD:
            return f"its clock is ahead: last beat {at} UTC"
        case Pulse.SILENT:
            age = format_duration(status.age or 0)
            return f"last written {at}, {age} ago: cut off or held up"
        case _:
            return "no watch has run yet"


def _counts(status: Status, levels: list[Level]) -> str:
    """The counts of the levels in trouble; nothing is called good but by its own word."""
    order = sorted(set(levels), key=lambda level: -level.severity)
    bad = [level for level in order if level not in QUIET]
    told = [f"{levels.count(level)} {level}" for level in bad]
    if not levels:
        return "nothing measured yet" if status.pulse is Pulse.RUNNING else ""
    return ", ".join(told) or "ok"


def _first(status: Status) -> str:
    """The worst check, while a watch vouches for it: its value now, and why it stands so."""
    first = status.first
    if first is None or first.level in QUIET or status.pulse is not Pulse.RUNNING:
        return ""
    told = [clean(first.reason, REASON)]
    if first.value is not None and first.line.unit is not None:
        told.insert(0, clean(format_value(first.value, first.line.unit), VALUE))
    return f"{clean(first.line.title, TITLE)}: {', '.join(told)}"


def _due(status: Status) -> Part:
    due = status.due
    if due is None:
        return ("no round left" if status.rounds else ""), Level.OK
    name, at = f"round {clean(due.round.name, 10)}", format_clock(due.round.due)
    missed = f", {status.missed} missed" if status.missed else ""
    if due.status is RoundStatus.LATE:
        return f"{name} late, was due {at}{missed}", Level.WARNING
    if due.status is RoundStatus.DUE:
        return f"{name} due since {at}{missed}", Level.WARNING
    return f"{name} in {format_duration(due.round.due - status.at)}{missed}", Level.OK


def as_line(status: Status, glyphs: Glyphs) -> str:
    """The line as plain text."""
    return f" {_between(glyphs)} ".join(words for words, _ in parts(status, glyphs))


def as_tmux(status: Status, glyphs: Glyphs) -> str:
    """The line with the colours of tmux; text from outside can set none, and run nothing."""
    between = f" {_between(glyphs)} "
    return between.join(coloured(*part) for part in parts(status, glyphs))


def coloured(words: str, level: Level) -> str:
    """Words in the colour of a level, as tmux writes it."""
    told = words.replace("#", "##")
    return f"#[{COLOURS[level]}]{told}#[default]" if level in COLOURS else told


def _between(glyphs: Glyphs) -> str:
    return "|" if glyphs.is_ascii else "·"


def as_json(status: Status, journal: str) -> str:
    """The status as one JSON object. It has no reasons: those may name people and companies."""
    first, due = status.first, status.due
    told = {
        "journal": journal,
        "watch": status.watch,
        "state": status.pulse.value,
        "at": status.at,
        "seen": status.seen,
        "age": status.age,
        "launch": status.launch,
        "elapsed": status.elapsed,
        "phase": status.phase,
        "worst": status.worst.value,
        "counts": {level.value: status.count(level) for level in Level if status.count(level)},
        "check": first
        and {
            "id": first.line.id,
            "title": first.line.title,
            "verdict": first.level.value,
            "before": first.before and first.before.value,
            "since": first.since,
        },
        "round": due and {"name": due.round.name, "status": due.status.value, "due": due.round.due},
        "missed": status.missed,
        "holder": status.holder,
        "pending": status.pending,
    }
    return json.dumps(told, ensure_ascii=False)
