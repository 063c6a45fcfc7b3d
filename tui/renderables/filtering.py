"""Which rows a filter leaves, and what it says of those it hides."""

from collections.abc import Sequence

from firstwatch.snapshot import CheckState
from tui.renderables.lines import Line, Role
from tui.renderables.panes import is_trouble


def matches(state: CheckState, pattern: str) -> bool:
    """Whether every word of the pattern is in the check's title, id, pane, source or verdict."""
    check = state.check
    text = f"{check.title} {check.id} {check.pane} {check.source} {state.verdict.level}".casefold()
    return all(word in text for word in pattern.casefold().split())


def filter_words(checks: Sequence[CheckState], pattern: str) -> Line:
    """What the filter is, how many rows it leaves, and what trouble it hides."""
    hidden = [c for c in checks if not matches(c, pattern)]
    words = f"/{pattern}  {len(checks) - len(hidden)} of {len(checks)} rows"
    trouble = sum(map(is_trouble, hidden))
    line: Line = ((words, Role.STRONG),)
    if trouble:
        line = (*line, (f" · {trouble} hidden in trouble", Role.WARNING))
    return (*line, (" · esc shows all", Role.DIM))
