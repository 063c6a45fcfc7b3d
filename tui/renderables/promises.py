"""Promises as rows: what was promised, how long until then, and by whom."""

from firstwatch.affairs import OpenPromise
from firstwatch.text import clean
from firstwatch.verdict import Level
from tui.people import promise_words
from tui.renderables.lines import Line, Role, fit, plain, shorten, width_of
from tui.renderables.rows import LEAD
from tui.scene import Scene

WHEN = 12
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
        (f"  {when:<8}", role if is_due else Role.TEXT),
        (f"  {who}", Role.DIM),
    )


def next_promise(scene: Scene) -> str:
    """How the nearest promise stands, for the bar of a pane: "promise in 12m"; or nothing."""
    promises = scene.snapshot.affairs.promises
    if not promises:
        return ""
    count = f"{len(promises)} promises," if len(promises) > 1 else "promise"
    return f"{count} {promise_words(promises[0], scene.now)}"


def promise_texts(scene: Scene, width: int) -> list[str]:
    """The same rows as bare text, for a list."""
    return [plain(line) for line in promise_lines(scene, width)]
