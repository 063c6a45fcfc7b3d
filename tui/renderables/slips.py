"""What the lines of every slip are made of: texts, entries as far as there is room, keys."""

from collections.abc import Sequence
from itertools import accumulate

from tui.renderables.lines import Line, Role, shorten, width_of, wrapped


def told(lead: str, text: str, role: Role, width: int) -> list[Line]:
    """A text with what stands before it, wrapped under itself."""
    indent = width_of(lead)
    lines = wrapped(text, max(width - indent, 10))
    leads = [lead, *[" " * indent] * len(lines)]
    return [((start, role), (line, Role.TEXT)) for start, line in zip(leads, lines, strict=False)]


def window(blocks: Sequence[Sequence[Line]], at: int, room: int) -> list[Line]:
    """As many lines as there is room for, the block under the cursor first of all.

    Where something is left out, the first or last line says of how many blocks.
    """
    lines = [line for block in blocks for line in block]
    if len(lines) <= room or room < 3:
        return lines[:room]
    ends = list(accumulate(map(len, blocks)))
    starts = [0, *ends[:-1]]
    first = max(ends[at] - room + (at + 1 < len(blocks)), 0)
    first = min(first + (first > 0), max(starts[at] - 1, 0))
    shown = lines[first : first + room]
    if first:
        above = sum(start <= first for start in starts)
        shown[0] = ((f"  ↑ {above} more above", Role.DIM),)
    if first + room < len(lines):
        below = sum(end >= first + room for end in ends)
        shown[-1] = ((f"  ↓ {below} more below", Role.DIM),)
    return shown


def key_lines(uses: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """The keys in as many lines as they need."""
    lines: list[list[tuple[str, Role]]] = [[]]
    used = 0
    for key, what in uses:
        size = width_of(key) + width_of(what) + 1
        if used and used + 2 + size > width:
            lines.append([])
            used = 0
        if used:
            lines[-1].append(("  ", Role.TEXT))
        lines[-1] += [(key, Role.STRONG), (f" {what}", Role.DIM)]
        used += size + (2 if used else 0)
    return [tuple(line) for line in lines]


def asking_lines(what: str, width: int) -> list[Line]:
    """What is to be typed beneath, and the keys for it."""
    prompt: Line = ((shorten(f"{what}:", width), Role.STRONG),)
    return [*key_lines((("enter", "keep"), ("esc", "drop")), width), prompt]
