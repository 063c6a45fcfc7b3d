"""All checks as a plain table, for `firstwatch check`. Needs no terminal and no Textual."""

from collections.abc import Sequence

from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.text import clean
from firstwatch.verdict import QUIET
from tui.renderables.ages import age_text
from tui.renderables.glyphs import ASCII, RICH, Glyphs
from tui.renderables.lines import fit, to_ascii, width_of
from tui.renderables.rows import info_text, reason_text, value_text

HEAD = ("verdict", "check", "value", "sample/age", "reason")
NOTE = 60
"""Cells a calm check may say about its limits."""


def render_table(snapshot: Snapshot, *, ascii_only: bool = False) -> str:
    """Every check in plan order: verdict, check, value, sample and age, reason; one line each."""
    glyphs = ASCII if ascii_only else RICH
    rows = [HEAD, *(_cells(state, snapshot.at, glyphs) for state in snapshot.checks)]
    widths = [max(width_of(row[column]) for row in rows) for column in range(len(HEAD))]
    text = "\n".join(_line(row, widths) for row in rows)
    return to_ascii(text) if ascii_only else text


def _cells(state: CheckState, now: float, glyphs: Glyphs) -> tuple[str, ...]:
    level = state.verdict.level
    reading = state.reading
    sample = "" if reading is None or reading.sample is None else f"n={reading.sample}"
    seen = " ".join(part for part in (sample, age_text(state.age(now))) if part)
    reason = info_text(state, NOTE) if level in QUIET else reason_text(state)
    return (
        f"{glyphs.levels[level]} {level}",
        clean(state.check.title, 60),
        value_text(state),
        seen,
        reason,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [fit(cell, width) for cell, width in zip(row, widths, strict=True)]
    cells[2] = " " * (widths[2] - width_of(row[2])) + row[2]
    return "  ".join(cells).rstrip()
