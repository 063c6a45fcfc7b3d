"""What was asked for a check's readings, what that cost, and what came of it, one by one."""

from collections.abc import Sequence
from typing import Final

from firstwatch.probe import Inquiry
from firstwatch.readings import Attempt
from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from firstwatch.units import format_number, format_value
from tui.renderables.ages import clock_time
from tui.renderables.fields import LABEL, LEAST, field
from tui.renderables.lines import (
    EMPTY,
    Line,
    Role,
    role_of,
    shorten,
    slice_cells,
    width_of,
    wrapped,
)
from tui.scene import Scene

READINGS: Final = 12
"""How many of the last readings are listed."""
INDENT: Final = 3


def asked_lines(
    state: CheckState, inquiry: Inquiry, width: int, *, bare: bool = False
) -> list[Line]:
    """What exactly is run; `bare` leaves it whole and unindented, to be pasted."""
    lines: list[Line] = []
    if inquiry.asked:
        lines += [EMPTY, (("what is run", Role.DIM),)]
    room = max(width - INDENT, LEAST)
    for text in inquiry.asked:
        if bare:
            lines.append(((text, Role.TEXT),))
            continue
        pieces = range(0, max(width_of(text), 1), room)
        lines += [((" " * INDENT + slice_cells(text, at, at + room), Role.TEXT),) for at in pieces]
    if inquiry.given:
        longest = max(width_of(name) for name, _ in inquiry.given)
        for name, value in inquiry.given:
            lines += _given(name, value, min(longest, 24), width)
    return [*lines, *field("cost", _cost(state.latest, inquiry.cost), width)]


def _given(name: str, value: str, wide: int, width: int) -> list[Line]:
    lead = f"   {shorten(name, wide).ljust(wide)}  "
    pieces = wrapped(value, max(width - len(lead), LEAST)) or [""]
    leads = [lead, *[" " * len(lead)] * len(pieces)]
    return [
        ((before, Role.DIM), (piece, Role.TEXT))
        for before, piece in zip(leads, pieces, strict=False)
    ]


def _cost(latest: Sequence[Attempt], known: str) -> str:
    """How long the last readings took, and what the probe knows."""
    took = [attempt.took for attempt in latest if attempt.took is not None]
    told = ""
    if took:
        spread = f", {duration(min(took))} to {duration(max(took))}" if len(took) > 1 else ""
        of = f" of the last {len(took)}" if spread else ""
        told = f"the last one took {duration(took[-1])}{spread}{of}"
    return "; ".join(part for part in (told, known) if part)


def duration(seconds: float) -> str:
    """How long something took: "<1 ms", "42 ms", "1.3 s"."""
    if seconds < 0.001:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def reading_lines(state: CheckState, scene: Scene, width: int) -> list[Line]:
    """The last readings, newest first: when, how much, of how many, how long it took, and why."""
    shown = list(reversed(state.latest[-READINGS:]))
    if not shown:
        return []
    values = [_value(attempt, state.check.unit) for attempt in shown]
    samples = ["" if a.sample is None else f"n={format_number(a.sample)}" for a in shown]
    took = ["" if a.took is None else duration(a.took) for a in shown]
    columns = [max(map(width_of, column)) for column in (values, samples, took)]
    lines: list[Line] = [EMPTY, (("last readings", Role.DIM),)]
    for attempt, *cells in zip(shown, values, samples, took, strict=True):
        numbers = "  ".join(
            cell.rjust(size) for cell, size in zip(cells, columns, strict=True) if size
        )
        room = max(width - LABEL - 2 - width_of(numbers) - 2, 0)
        glyph = "?" if attempt.level is None else scene.glyphs.levels[attempt.level]
        role = Role.UNKNOWN if attempt.level is None else role_of(attempt.level)
        note = shorten(clean(attempt.note, 160), room) if room >= LEAST else ""
        at = clock_time(attempt.at, seconds=True)
        lines.append(
            (
                (f"{at} ", Role.DIM),
                (f"{glyph} ", role),
                (numbers, Role.TEXT),
                (f"  {note}".rstrip(), Role.DIM),
            )
        )
    return lines


def _value(attempt: Attempt, unit: str) -> str:
    return "none" if attempt.value is None else format_value(attempt.value, unit)
