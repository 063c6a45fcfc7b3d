"""Labelled texts under each other, as every detail of a check is written."""

from textwrap import wrap

from firstwatch.readings import Row
from firstwatch.runbook import row_value
from firstwatch.text import clean
from tui.renderables.lines import Line, Role

LABEL = 10
"""Cells of a label."""
VALUE = 10
"""Cells of the value of a part."""
LEAST = 10
"""Cells of text at least, however narrow it gets."""


def field(label: str, text: str, width: int) -> list[Line]:
    """A labelled text, wrapped under itself; nothing for an empty one."""
    lines = wrap(text, max(width - LABEL, LEAST))
    labels = [label, *[""] * len(lines)]
    return [
        ((name.ljust(LABEL), Role.DIM), (line, Role.TEXT))
        for name, line in zip(labels, lines, strict=False)
    ]


def part(row: Row, unit: str, width: int) -> list[Line]:
    """One part of a reading: its value, what it is and its note, wrapped beside the value."""
    note = f"  {clean(row.note, 160)}" if row.note else ""
    lines = wrap(f"{clean(row.label, 80)}{note}", max(width - VALUE - 2, LEAST))
    values = [row_value(row, unit), *[""] * len(lines)]
    return [
        ((f"{value:>{VALUE}}  {line}", Role.TEXT),)
        for value, line in zip(values, lines, strict=False)
    ]
