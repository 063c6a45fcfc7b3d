"""Promises as rows: what was promised, how long until then, and by whom."""

from firstwatch.affairs import OpenPromise
from firstwatch.text import clean
from firstwatch.verdict import Level
from tui.people import due_promises, promise_words
from tui.renderables.lines import Line, Role, fit, plain, shorten, width_of
from tui.renderables.rows import LEAD
from tui.scene import Scene

WHEN = 15
WHO = 10


def promise_lines(scene: Scene, width: int) -> list[Line]:
    """A row for each open promise, the nearest first."""
    promises = scene.snapshot.affairs.promises
    longest = max((width_of(clean(promise.text, 200)) for promise in promises), default=0)
    room = min(max(width - LEAD - WHEN - WHO - 4, 8), longest)
    return [_row(promise, scene, room) for promise in promises]


def _row(promise: OpenPromise, scene: Scene, room: int) -> Line:
    """Glyph, words in so many cells, countdown, name."""
    is_due = promise.due <= scene.now
    glyph, role = (
        ("!", Role.WARNING) if is_due else (scene.glyphs.levels[Level.PENDING], Role.PENDING)
    )
    when = shorten(promise_words(promise, scene.now), WHEN)
    who = shorten(clean(promise.who), WHO)
    return (
        (" ", Role.TEXT),
        (glyph, role),
        (" " + fit(clean(promise.text, 200), room), Role.TEXT),
        (f"  {when:<10}", role if is_due else Role.TEXT),
        (f"  {who}", Role.DIM),
    )


def next_promise(scene: Scene) -> str:
    """How the promises stand, for the bar of a pane: "2 promises, one 4m overdue"; or nothing."""
    promises = scene.snapshot.affairs.promises
    if not promises:
        return ""
    first, due = promise_words(promises[0], scene.now), len(due_promises(scene))
    if len(promises) == 1:
        return f"promise {first}"
    which = {0: f"next {first}", 1: f"one {first}"}.get(due, f"{due} due")
    return f"{len(promises)} promises, {which}"


def promise_texts(scene: Scene, width: int) -> list[str]:
    """The same rows as bare text, for a list."""
    return [plain(line) for line in promise_lines(scene, width)]
