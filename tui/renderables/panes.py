"""A pane as lines: its title bar with the worst verdict, then the checks there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from firstwatch.verdict import QUIET, Level
from tui.people import counts_as_had, had_by
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import Line, Role, justify, line_width, pad, role_of
from tui.renderables.rows import Columns, check_row, needs_telling, overflows, reason_row
from tui.scene import Scene, tally, worst_of


@dataclass(frozen=True, slots=True)
class Shown:
    """Which checks a pane shows, and how."""

    checks: tuple[CheckState, ...]
    told: frozenset[str] = frozenset()
    """Those whose reason has a line of its own."""
    more: tuple[CheckState, ...] = ()
    """Those there was no room for; the last line counts them."""


@dataclass(frozen=True, slots=True)
class Need:
    """The lines a pane asks for, its title bar not counted."""

    trouble: int = 0
    """To show all that is not quiet."""
    all: int = 0
    """To show every check."""
    full: int = 0
    """To give long reasons lines of their own, too."""
    below: int = 0
    """For what stands below the checks; the other numbers have it in them."""

    def and_below(self, lines: int) -> "Need":
        """The same, with so many lines below the checks."""
        return replace(self, all=self.all + lines, full=self.full + lines, below=lines)


def need(checks: Sequence[CheckState], widths: Columns, *, tells: bool = True) -> Need:
    """What these checks ask for; `tells` gives long reasons lines of their own."""
    trouble = [c for c in checks if is_trouble(c)]
    long = sum(needs_telling(c, widths) for c in trouble) if tells else 0
    cut_off = sum(overflows(c, widths) for c in trouble) if tells else 0
    least = len(trouble) + cut_off + (len(trouble) < len(checks)) if trouble else 0
    return Need(least, len(checks) + cut_off, len(checks) + long)


def choose(
    checks: Sequence[CheckState],
    room: int,
    widths: Columns,
    cursor: str | None = None,
    *,
    tells: bool = True,
) -> Shown:
    """The checks for so many lines: all in their order, or trouble first when they are too many.

    The check under the cursor is always among them. A reason that is cut off takes a line from
    calm checks, one that would only hide its sparkline takes a line that is left over.
    """
    ranked = by_severity(checks)
    cut_off = [c for c in ranked if is_trouble(c) and overflows(c, widths)] if tells else []
    trouble = sum(map(is_trouble, checks))
    if trouble + len(cut_off) + (trouble < len(checks)) > room:
        cut_off = []
    spare = room - len(checks) - len(cut_off)
    if spare >= 0:
        long = [c for c in ranked if tells and needs_telling(c, widths)]
        told = [*cut_off, *(c for c in long if c not in cut_off)][: len(cut_off) + spare]
        return Shown(tuple(checks), frozenset(c.check.id for c in told))
    rows = max(room - len(cut_off) - 1, 1) if room > 0 else 0
    place = next((i for i, c in enumerate(ranked) if c.check.id == cursor), 0)
    first = max(place - rows + 1, 0)
    shown = ranked[first : first + rows]
    told_ids = frozenset(c.check.id for c in cut_off) if not first else frozenset[str]()
    return Shown(tuple(shown), told_ids, (*ranked[:first], *ranked[first + rows :]))


def is_trouble(state: CheckState) -> bool:
    """Whether somebody has to look at it; a person's own items are no trouble."""
    return state.verdict.level not in (*QUIET, Level.PENDING)


def by_severity(checks: Sequence[CheckState]) -> list[CheckState]:
    """The worst first, otherwise in their order."""
    return sorted(checks, key=lambda c: -c.verdict.level.severity if is_trouble(c) else 0)


def pane_bar(
    name: str, checks: Sequence[CheckState], scene: Scene, size: tuple[int, int], *, focused: bool
) -> Line:
    """The bar of a pane of `size` (width, height) that is about these checks."""
    width, height = size
    had = sum(counts_as_had(scene, state) for state in checks)
    return title_bar(name, checks, scene.glyphs, width, rows=height - 1, focused=focused, had=had)


def pane_lines(
    bar: Line,
    checks: Sequence[CheckState],
    scene: Scene,
    size: tuple[int, int],
    widths: Columns,
    *,
    cursor: str | None = None,
    tells: bool = True,
    below: Sequence[Line] = (),
) -> list[Line]:
    """All lines of a pane of `size` (width, height), with those of `below` under its checks."""
    width, height = size
    rows = rows_of_checks(height, len(below))
    shown = choose(checks, rows, widths, cursor, tells=tells)
    lines = [bar]
    for state in shown.checks:
        told = state.check.id in shown.told
        line = check_row(
            state,
            scene.now,
            widths,
            scene.glyphs,
            told=told,
            had=had_by(scene, state),
            changed=state.check.id in scene.changed,
        )
        if state.check.id == cursor:
            line = _pointed(line, scene.glyphs)
        lines.append(pad(line, width))
        if told:
            lines.append(reason_row(state, width))
    if shown.more and rows > 1:
        lines.append(pad(((f"   {more_text(shown.more)}", Role.DIM),), width))
    lines = lines[: 1 + rows]
    return [*lines, *(pad(line, width) for line in below)][:height]


def rows_of_checks(height: int, below: int) -> int:
    """How many lines of a pane are for its checks: half of them where it has some room."""
    rows = max(height - 1, 0)
    return max(rows - below, rows // 2 if rows > 3 else 0)


def _pointed(line: Line, glyphs: Glyphs) -> Line:
    _, glyph, (title, _), *rest = line
    return (glyphs.pointer, Role.STRONG), glyph, (" ", Role.TEXT), (title[1:], Role.CURSOR), *rest


def more_text(more: Sequence[CheckState]) -> str:
    """What is not shown: "+3 more ok" only if they all are."""
    found = tally(more)
    if found.ok == len(more):
        return f"+{len(more)} more ok"
    parts = [
        f"{count} {word}"
        for count, word in ((found.look, "to look at"), (found.yours, "yours"))
        if count
    ]
    return f"+{len(more)} more, {', '.join(parts)}"


def title_bar(
    name: str,
    checks: Sequence[CheckState],
    glyphs: Glyphs,
    width: int,
    *,
    rows: int = 1,
    focused: bool = False,
    had: int = 0,
) -> Line:
    """The bar of a pane; one without room for rows names its worst check, too.

    `had` is how many of its checks are in trouble that somebody has acknowledged
    and need not be asked about again yet.
    """
    rule = glyphs.rule
    while len(name) + 16 > width and " · " in name:
        name = name.rpartition(" · ")[0]
    worst = worst_of(checks)
    right: Line = ()
    if worst is not None:
        role = role_of(worst, Role.DIM)
        right = ((f" {glyphs.levels[worst]} {worst} ", role), (rule, Role.RULE))
    elif any(c.check.is_manual for c in checks):
        right = ((" yours ", Role.DIM), (rule, Role.RULE))
    if len(name) + 5 + line_width(right) > width and worst is not None:
        right = ((f" {glyphs.levels[worst]} ", right[0][1]),)
    left: Line = (
        (rule * 2 + " ", Role.RULE),
        (name, Role.CURSOR if focused else Role.STRONG),
        (" ", Role.RULE),
    )
    if had:
        counted: Line = ((f" {had} acknowledged ", Role.DIM), *right)
        right = counted if line_width(left) + line_width(counted) <= width else right
    trouble = [c for c in by_severity(checks) if is_trouble(c)]
    if rows < 1 and trouble:
        titled: Line = (*left, (f"· {clean(trouble[0].check.title, 60)} ", Role.TEXT))
        left = titled if line_width(titled) + line_width(right) <= width else left
    return justify(left, right, width, (rule, Role.RULE))
