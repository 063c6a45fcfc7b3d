"""The head of the board: the header line, and the countdown with what is owed and what is wrong."""

from datetime import UTC
from itertools import combinations

from firstwatch.rounds import RoundStatus
from firstwatch.text import clean
from firstwatch.verdict import QUIET
from tui.renderables.ages import clock_time, countdown, since_launch, zone_name
from tui.renderables.digits import ROWS, big_digits
from tui.renderables.important import important
from tui.renderables.lines import (
    Line,
    Role,
    first_fitting,
    join,
    line_width,
    pad,
    role_of,
    width_of,
)
from tui.renderables.rollback import run_call
from tui.renderables.strip import round_counts, round_strip, worst_count
from tui.scene import SILENT_AFTER, Scene, due_words, planned, round_checks, tally

BIG_FROM = 44
"""Cells from which on the countdown is drawn big."""
STRIP_FROM = 72
"""Cells from which on two lines have room for the strip, too."""
PENDING_ALONE = 72
"""Cells below which a hand-over takes the room of phase and clocks."""


def heartbeat(scene: Scene) -> Line:
    """A heart that turns over with each beat; or since when none came, or the rows are held."""
    if scene.replay:
        return ((scene.replay, Role.WARNING),)
    if scene.silent:
        return ((f"! engine silent {int(scene.silent)}s", Role.CRITICAL),)
    if scene.held is not None:
        news = f", {len(scene.changed)} new" if scene.changed else ""
        return ((f"paused {int(scene.held)}s{news}", Role.WARNING),)
    if scene.snapshot.stalled >= 1:
        return ((f"{scene.glyphs.heart[0]} held up {int(scene.snapshot.stalled)}s", Role.WARNING),)
    return ((scene.glyphs.heart[scene.pulse], Role.DIM),)


def waiting_line(silent: float) -> Line:
    """The header before the first snapshot; `silent` is how many real seconds that has lasted."""
    words: Line = ((" waiting for the watch ", Role.TEXT),)
    if silent <= SILENT_AFTER:
        return words
    return (*words, (f"! engine silent {int(silent)}s", Role.CRITICAL))


def header_line(scene: Scene, width: int) -> Line:
    """The header in `width` cells."""
    snapshot = scene.snapshot
    worst = snapshot.worst
    clock: Line = ((f" {since_launch(scene.elapsed)} ", Role.STRONG),)
    mark = scene.glyphs.levels[worst]
    verdict: Line = (
        ((f" {mark} {worst} ", role_of(worst)),)
        if worst not in QUIET
        else ((f" {mark}", Role.OK), (f" {worst} ", Role.TEXT))
    )
    run = run_call(scene, is_short=width < PENDING_ALONE)
    if run and snapshot.affairs.pending and width < PENDING_ALONE:
        verdict = ((f" {mark} ", role_of(worst)),)
    verdict = (*verdict, *run)
    heart: Line = ((" ", Role.TEXT), *heartbeat(scene), (" ", Role.TEXT))
    room = width - line_width(clock) - line_width(verdict) - line_width(heart)
    optional = _optional(scene, room)
    if snapshot.affairs.pending and width < PENDING_ALONE:
        optional = ((), optional[1], (), ())
    left, right = _most(optional, room)
    if room < 0:
        short: Line = ((f" {mark} ", role_of(worst)),)
        left, right, verdict = (), (), short
    head = (*clock, *verdict, *left)
    tail = (*right, *heart)
    gap = max(width - line_width(head) - line_width(tail), 0)
    return pad((*head, (" " * gap, Role.TEXT), *tail), width)


def _optional(scene: Scene, room: int) -> tuple[Line, ...]:
    """Phase unless a rollback is under way, watch in at most `room`, UTC and second clock."""
    snapshot = scene.snapshot
    phase = snapshot.plan.phase_at(scene.elapsed)
    if phase is not None:
        words = f"phase: {clean(phase.name, 30)}"
    else:
        words = "before launch" if scene.elapsed < 0 else "after the plan"
    local = f"{clock_time(scene.now, scene.zone)} {zone_name(snapshot.plan.watch.timezone)}"
    return (
        () if snapshot.affairs.rollback else ((f" {words} ", Role.TEXT),),
        first_fitting([((words, Role.TEXT),) for words in _watches(scene)], room),
        ((f" {clock_time(scene.now)} UTC ", Role.TEXT),),
        () if scene.zone is UTC else (("·", Role.DIM), (f" {clean(local, 24)} ", Role.TEXT)),
    )


def _watches(scene: Scene) -> tuple[str, ...]:
    """Who has the watch, in fewer and fewer words."""
    names = [f" watch: {watch_words(scene, longest)} " for longest in (24, 12, 8)]
    return (*names, f" {watch_words(scene, 8)} ", f" {watch_words(scene, 5)} ")


def watch_words(scene: Scene, longest: int = 24) -> str:
    """Who has the watch, and who was offered it, "A → B (pending)", in names so long at most."""
    holder = clean(scene.snapshot.operator, longest) or "nobody"
    pending = clean(scene.snapshot.affairs.pending, longest)
    return f"{holder} → {pending} (pending)" if pending else holder


def _most(optional: tuple[Line, ...], room: int) -> tuple[Line, Line]:
    """As many of the optional parts as fit, the first before the last, who has the watch always."""
    numbers = range(len(optional))
    choices = [c for n in numbers for c in combinations(numbers, len(optional) - n)]
    for chosen in sorted(choices, key=lambda chosen: 1 not in chosen):
        parts = [optional[index] for index in chosen]
        if sum(map(line_width, parts)) <= room and not (3 in chosen and 2 not in chosen):
            left = tuple(run for index in chosen if index < 2 for run in optional[index])
            right = tuple(run for index in chosen if index >= 2 for run in optional[index])
            return left, right
    return (), ()


def top_lines(scene: Scene, width: int, height: int) -> list[Line]:
    """Countdown, rounds and the most important thing in `height` lines (1 to 3)."""
    due = scene.snapshot.due
    text = countdown(due.round.due - scene.now) if due else "--:--"
    role = Role.WARNING if due and due.status is RoundStatus.LATE else Role.STRONG
    if height >= ROWS and width >= BIG_FROM:
        return _big(scene, width, text, role)
    strip: Line = ()
    if width >= STRIP_FROM:
        strip = round_strip(scene.snapshot.rounds, scene.glyphs)
    first: Line = ((f" {text} ", role), (" ", Role.TEXT))
    if height <= 1:
        number = f"{due.round.name}/{planned(scene.snapshot.rounds)}" if due else "no round"
        head: Line = (*first, (f"{number} ", Role.DIM))
        return [pad((*head, *important(scene, width - line_width(head))), width)]
    second: Line = ((" ", Role.TEXT), *important(scene, width - 1))
    lines = [(*first, *_owed(scene, width - line_width(first))), second]
    if height >= ROWS:
        lines.insert(1, ((" ", Role.TEXT), *round_strip(scene.snapshot.rounds, scene.glyphs)))
    elif strip:
        head = ((" ", Role.TEXT), *strip, ("  ", Role.TEXT))
        lines[1] = (*head, *important(scene, width - line_width(head)))
    return [pad(line, width) for line in lines]


def _big(scene: Scene, width: int, text: str, role: Role) -> list[Line]:
    drawn = big_digits(text, scene.glyphs)
    strip = round_strip(scene.snapshot.rounds, scene.glyphs)
    room = width - width_of(drawn[0]) - 4
    counts = round_counts(scene.snapshot.rounds)
    fewest = worst_count(scene.snapshot.rounds)
    beside = (
        _owed(scene, room),
        first_fitting(
            (join((strip, words), "  ") for words in (counts, counts[:3], fewest, ())), room
        ),
        important(scene, room),
    )
    return [
        pad(((f" {digits} ", role), ("  ", Role.TEXT), *words), width)
        for digits, words in zip(drawn, beside, strict=True)
    ]


def _owed(scene: Scene, room: int) -> Line:
    """Which round comes next, and how its items stand."""
    due = scene.snapshot.due
    if due is None:
        over = "all rounds are over" if scene.snapshot.rounds else "no rounds planned"
        return ((over, Role.TEXT),)
    role = {RoundStatus.DUE: Role.STRONG, RoundStatus.LATE: Role.WARNING}.get(due.status, Role.TEXT)
    tallied = tally_words(scene)
    words = due_words(due, planned(scene.snapshot.rounds))
    variants = [join((((text, role),), tallied)) for text in words]
    return first_fitting((*variants, tallied, join(_tallies(scene)[1:])), room)


def tally_words(scene: Scene) -> Line:
    """How the items of the due round stand: "9 ok · 1 to look at · 1 yours"."""
    return join(_tallies(scene))


def _tallies(scene: Scene) -> list[Line]:
    """What is fine, then what there is to do."""
    found = tally(round_checks(scene))
    parts: list[Line] = [((f"{found.ok} ok", Role.TEXT),)]
    if found.look:
        parts.append(((f"{found.look} to look at", Role.WARNING),))
    if found.yours:
        parts.append(((f"{found.yours} yours", Role.PENDING),))
    return parts
