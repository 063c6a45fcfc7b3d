"""What happened lately: flips, blind gaps and what people did, the newest first."""

from firstwatch.chronicle import Told, lately
from firstwatch.episodes import Flip
from firstwatch.snapshot import Gap
from firstwatch.text import clean
from firstwatch.units import format_duration
from tui.renderables.ages import clock_time
from tui.renderables.lines import Line, Role, pad, role_of
from tui.scene import Scene, subject_title


def recent_lines(scene: Scene, width: int, height: int) -> list[Line]:
    """At most `height` lines of history."""
    flips = [f for f in scene.snapshot.flips if not f.blocked_by]
    found = [(flip.at, _flip_line(scene, flip)) for flip in flips]
    found += [(gap.end, _gap_line(gap)) for gap in scene.snapshot.gaps]
    found += [(told.at, _told_line(scene, told)) for told in lately(scene.snapshot)]
    found.sort(key=lambda entry: entry[0], reverse=True)
    return [pad(line, width) for _, line in found[:height]]


def recent_count(scene: Scene) -> int:
    """How many lines there are to show."""
    snapshot = scene.snapshot
    flips = sum(not flip.blocked_by for flip in snapshot.flips)
    return flips + len(snapshot.gaps) + len(lately(snapshot))


def _flip_line(scene: Scene, flip: Flip) -> Line:
    title = subject_title(scene.snapshot, flip.subject)
    role = role_of(flip.new, Role.OK)
    reason = f", {clean(flip.reason)}" if flip.reason else ""
    return (
        (f" {clock_time(flip.at)} ", Role.DIM),
        (scene.glyphs.levels[flip.new], role),
        (f" {title}: {flip.old} → {flip.new}{reason}", Role.DIM),
    )


def _told_line(scene: Scene, told: Told) -> Line:
    mark, role = scene.glyphs.pointer, Role.DIM
    if told.level is not None:
        mark = scene.glyphs.levels[told.level]
        role = role_of(told.level, Role.OK)
    return (f" {clock_time(told.at)} ", Role.DIM), (mark, role), (f" {told.text}", Role.DIM)


def _gap_line(gap: Gap) -> Line:
    lasted = format_duration(gap.end - gap.start)
    return (
        (f" {clock_time(gap.end)} ", Role.DIM),
        ("? ", Role.BLIND),
        (f"blind {clock_time(gap.start)}–{clock_time(gap.end)} UTC, {lasted}", Role.DIM),
    )
