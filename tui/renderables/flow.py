"""The flow since the launch as a pipe: lying where it fits, else standing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from firstwatch.flow import Figure, Flow, Joint, Stage
from firstwatch.text import clean
from firstwatch.units import format_number, format_value
from firstwatch.verdict import ALARMS, QUIET, Level
from tui.renderables.ages import age_text
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import (
    EMPTY,
    Line,
    Role,
    Run,
    cut,
    first_fitting,
    fit,
    join,
    line_width,
    plain,
    role_of,
    shorten,
    trim,
    width_of,
    wrapped,
)
from tui.scene import Scene

LYING = 100
"""Columns from which on the pipe lies."""
NAME = 13
COUNT = 9
_NOTES = 5
"""Lines below a joint of a lying pipe."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """What it is drawn with, lying and standing."""

    whole: tuple[str, str]
    leaking: tuple[str, str]
    unknown: tuple[str, str]
    dry: tuple[str, str]


RICH: Final = Pipe(("━", " ┃ "), ("┳", " ┣▸"), ("┅", " ┋ "), ("╌", " ╎ "))
ASCII: Final = Pipe(("=", " | "), ("T", " |>"), ("?", " ? "), (".", " . "))


def flow_lines(found: Flow, scene: Scene, width: int) -> list[Line]:
    """What it comes to in words, the pipe, and what branches off it."""
    glyphs = scene.glyphs
    pipe = ASCII if glyphs.is_ascii else RICH
    lines = _story(found, width)
    if width >= LYING:
        lines += [EMPTY, *_lying(found, pipe, glyphs, width)]
    else:
        lines += _standing(found, pipe, glyphs, width)
    lines += [EMPTY, *_aside(found, glyphs, width), *_read(found, scene, width)]
    return [trim(line, width) for line in lines]


def _story(found: Flow, width: int) -> list[Line]:
    """At which joint something is lost, and where nobody knows."""
    told: list[tuple[str, Role]] = []
    for joint in found.leaks:
        role = Role.TEXT if joint.level in (None, *QUIET) else role_of(joint.level)
        told.append((f"{_number(joint.lost)} lost at {joint.name}", role))
    told += [
        (f"{joint.name}: {clean(joint.told, 160)}", role_of(joint.level))
        for joint in found.joints
        if joint.lost is None and joint.level in ALARMS
    ]
    if found.unknown:
        names = ", ".join(joint.name for joint in found.unknown)
        told.append((f"unknown: {names}", Role.UNKNOWN))
    elif not told:
        told.append(("nothing is lost", Role.OK))
    rows = [(row, role) for text, role in told for row in wrapped(text, max(width, 1))]
    return [(row,) for row in rows]


def _number(value: float | None) -> str:
    return "?" if value is None else format_number(value)


# Standing


def _standing(found: Flow, pipe: Pipe, glyphs: Glyphs, width: int) -> list[Line]:
    """A line a stage, and one for the joint below it."""
    lines: list[Line] = []
    for stage, joint in zip_longest(found.stages, found.joints):
        lines.append(_stage_line(found, stage, glyphs, width))
        if joint is not None:
            wall, role = _wall(joint, pipe)
            told = (join(_told(joint, glyphs)), join(_told(joint, glyphs, bare=True)))
            room = width - width_of(wall[1])
            whole = next((line for line in told if line_width(line) <= room), told[-1])
            lines.append(((wall[1], role), *whole))
    return lines


def _stage_line(found: Flow, stage: Stage, glyphs: Glyphs, width: int) -> Line:
    """How many came there, or why nobody knows, and how much comes just now."""
    name = max(min(NAME, width - COUNT - 3), 4)
    head: Line = (
        (" ", Role.TEXT),
        _stage_glyph(stage, glyphs),
        (f" {fit(stage.name, name)}", Role.STRONG),
        _count(found, stage, COUNT),
    )
    why, now = _why(found, stage), _now(stage)
    beside = [(*head, ("  ", Role.TEXT), *words) for words in (join((why, now), ", "), why or now)]
    return first_fitting((*beside, head), width)


def _wall(joint: Joint, pipe: Pipe) -> tuple[tuple[str, str], Role]:
    """How the pipe looks at this joint."""
    if joint.level is Level.UNKNOWN:
        return pipe.unknown, Role.UNKNOWN
    if joint.lost:
        return pipe.leaking, Role.TEXT if joint.level in (None, *QUIET) else role_of(joint.level)
    if joint.level is None:
        return pipe.dry, Role.DIM
    return pipe.whole, role_of(joint.level, Role.DIM)


def _told(joint: Joint, glyphs: Glyphs, *, bare: bool = False) -> list[Line]:
    """What is known of a joint, in pieces; what is bad in the colour of its verdict.

    `bare` leaves out what came to nothing, but never what was lost.
    """
    level = joint.level
    if level is None:
        return [(("nothing came this far", Role.DIM),)]
    mark: Run = (f"{glyphs.levels[level]} ", role_of(level, Role.OK))
    if level is Level.UNKNOWN:
        return [(mark, (f"unknown: {clean(joint.told, 160)}", Role.UNKNOWN))]
    if joint.lost is None:
        return [(mark, (clean(joint.told, 160), role_of(level, Role.DIM)))]
    bad = role_of(level, Role.TEXT)
    pieces: list[Line] = [(mark, (f"{_number(joint.lost)} lost", bad if joint.lost else Role.DIM))]
    if joint.worst:
        pieces.append(((f"worst {clean(joint.worst, 60)}", bad),))
    if joint.twice or (joint.twice is not None and not bare):
        role = Role.TEXT if joint.twice else Role.DIM
        pieces.append(((f"{_number(joint.twice)} twice", role),))
    if joint.flying or (joint.flying is not None and not bare):
        pieces.append(((f"{_number(joint.flying)} in flight", Role.DIM),))
    return pieces


def _stage_glyph(stage: Stage, glyphs: Glyphs) -> Run:
    """How it stands with what comes just now; never calm where nobody knows how many came."""
    now = stage.now
    if stage.count is None and (now is None or now.level in QUIET):
        return glyphs.levels[Level.UNKNOWN], Role.DIM
    return _glyph(now, glyphs)


def _glyph(now: Figure | None, glyphs: Glyphs) -> Run:
    if now is None:
        return " ", Role.TEXT
    return glyphs.levels[now.level], role_of(now.level, Role.OK)


def _count(found: Flow, stage: Stage, room: int) -> Run:
    """How many came; the last stage is never counted, which is no news."""
    if stage.count is not None:
        return f"{format_number(stage.count):>{room}}", Role.TEXT
    is_last = stage is found.stages[-1]
    return f"{'-' if is_last else '?':>{room}}", Role.DIM if is_last else Role.UNKNOWN


def _why(found: Flow, stage: Stage) -> Line:
    """Why its count is not known, unless a joint says it."""
    if not stage.why or any(joint.told == stage.why for joint in found.joints):
        return EMPTY
    return ((clean(stage.why, 160), Role.DIM),)


def _now(stage: Stage) -> Line:
    """How much comes just now."""
    now = stage.now
    if now is None:
        return EMPTY
    if now.value is None:
        return (("pace unknown", Role.UNKNOWN),)
    role = role_of(now.level, Role.DIM)
    return ((f"{_pace(now)} {stage.what}", role),)


def _pace(now: Figure) -> str:
    if now.rate is None:
        return format_value(now.value or 0.0, now.unit)
    if now.rate and now.rate < 1:
        return f"{format_number(round(now.rate * 60))}/h"
    return f"{format_number(now.rate)}/min"


# Lying


def _lying(found: Flow, pipe: Pipe, glyphs: Glyphs, width: int) -> list[Line]:
    """The stages side by side, the joints between them, and below each what is known of it."""
    step = width // len(found.stages)
    starts = [step * number for number in range(len(found.stages))]
    middles = [start + step // 2 for start in starts]
    heads = [
        [(stage.name, Role.STRONG) for stage in found.stages],
        [_count_and_why(found, stage) for stage in found.stages],
        [_now(stage)[0] if stage.now else ("", Role.TEXT) for stage in found.stages],
    ]
    lines = [_placed(zip(starts, row, strict=True), step) for row in heads]
    lines.append(_lying_pipe(found, pipe, glyphs, step))
    notes = [_notes(joint, glyphs, step - 1) for joint in found.joints]
    for number in range(max(map(len, notes), default=0)):
        row = [note[number] if number < len(note) else EMPTY for note in notes]
        lines.append(_side_by_side(zip(middles, row, strict=False)))
    return lines


def _count_and_why(found: Flow, stage: Stage) -> Run:
    text, role = _count(found, stage, 0)
    return " ".join((text, *(why for why, _ in _why(found, stage)))), role


def _placed(texts: Iterable[tuple[int, Run]], step: int) -> Line:
    return _side_by_side((start, ((shorten(run[0], step - 1), run[1]),)) for start, run in texts)


def _side_by_side(pieces: Iterable[tuple[int, Line]]) -> Line:
    """Each piece from its own column on."""
    runs: list[Run] = []
    at = 0
    for start, piece in pieces:
        if piece and start > at:
            runs.append((" " * (start - at), Role.TEXT))
            at = start
        runs += piece
        at += line_width(piece)
    return tuple(runs)


def _lying_pipe(found: Flow, pipe: Pipe, glyphs: Glyphs, step: int) -> Line:
    runs: list[Run] = []
    for number, stage in enumerate(found.stages):
        runs.append(_stage_glyph(stage, glyphs))
        if number < len(found.joints):
            wall, role = _wall(found.joints[number], pipe)
            side = pipe.whole[0] if wall is pipe.leaking else wall[0]
            before = step // 2 - 1
            runs += [
                (side * before, Role.DIM),
                (wall[0], role),
                (side * (step - before - 2), Role.DIM),
            ]
    return tuple(runs)


def _notes(joint: Joint, glyphs: Glyphs, room: int) -> list[Line]:
    """What is known of a joint, one below the other."""
    lines: list[Line] = []
    for piece in _told(joint, glyphs):
        if line_width(piece) <= room:
            lines.append(piece)
        else:
            lines += [((row, piece[-1][1]),) for row in wrapped(plain(piece), room)]
    if len(lines) > _NOTES:
        last = lines[_NOTES - 1]
        lines = [*lines[: _NOTES - 1], (*cut(last, 0, room - 1), ("…", Role.DIM))]
    return lines


# What is beside the pipe


def _aside(found: Flow, glyphs: Glyphs, width: int) -> Sequence[Line]:
    """What branches off, and what is wrong with what comes just now."""
    said = {joint.told for joint in found.joints}
    now = [
        stage.now
        for stage in found.stages
        if stage.now and stage.now.level not in QUIET and stage.now.told not in said
    ]
    lines: list[Line] = []
    for figure in (*found.branches, *now):
        value = "?" if figure.value is None else format_value(figure.value, figure.unit)
        title = fit(clean(figure.title, 60), min(20, max(width // 3, 8)))
        role = role_of(figure.level, Role.DIM)
        lines.append(
            (
                (" ", Role.TEXT),
                _glyph(figure, glyphs),
                (f" {title} ", Role.TEXT),
                (f"{value:>6}  " if width_of(value) <= 6 else f"{value}  ", role),
                (clean(figure.told, 160), role if figure.value is None else Role.DIM),
            )
        )
    return lines


def reach_text(back: float) -> str:
    """How far the ledger looks back: "24 h"."""
    return f"{back / 3600:g} h"


def _read(found: Flow, scene: Scene, width: int) -> Sequence[Line]:
    """Whose the counts are, how old, and of which time once that differs; in one line if it fits.

    Nothing where none was read.
    """
    of_chatwoot = of_ledger = ""
    if found.reach is not None and scene.elapsed > found.reach:
        of_chatwoot, of_ledger = " since T0", f" of the last {reach_text(found.reach)}"
    told = [
        f"{whose}, {age_text(max(scene.now - at, 0.0))} ago"
        for whose, at in (
            (f"Chatwoot: its own count{of_chatwoot}", found.counted_at),
            (f"the others: the ledger's count{of_ledger}", found.read_at),
        )
        if at is not None
    ]
    whole = f" {'; '.join(told)}"
    rows = [whole] if told and width_of(whole) <= width else [f" {text}" for text in told]
    return [((row, Role.DIM),) for row in rows]
