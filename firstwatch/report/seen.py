"""What was seen and how far it went: coverage, blind spots, figures, losses, near misses."""

from collections.abc import Sequence
from dataclasses import dataclass

from firstwatch.flow import LEDGER, counted_since
from firstwatch.handoff.brief import NearMiss
from firstwatch.report.facts import MOST, Material, Section, Table, told_rest
from firstwatch.report.ruling import Loss, percent
from firstwatch.report.words import Words, flat
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_duration, format_value
from firstwatch.unseen import covered, gaps, never_reached, outages, stretches
from firstwatch.verdict import ALARMS, Level

BLIND = ("from", "to", "for", "what could not be seen")
CHECKS = ("check", "at the end", "verdict", "lowest", "highest", "why")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the planned time, as far as it has passed, was watched, in per cent."""

    ran: float
    """A watch was running."""
    full: float
    """It was running, and every source was in reach."""


def coverage(snapshot: Snapshot) -> Coverage:
    """The coverage of the planned time; nothing is covered before the launch."""
    since = snapshot.launch
    until = min(snapshot.at, since + snapshot.plan.end)
    if until <= since:
        return Coverage(0.0, 0.0)
    lost = gaps(snapshot)
    blind = lost + stretches(outages(snapshot), snapshot.at)
    span = until - since
    ran = 100 * (1 - covered(lost, since, until) / span)
    return Coverage(ran, 100 * (1 - covered(blind, since, until) / span))


def blind_spots(snapshot: Snapshot, words: Words) -> Section:
    """How much was watched, and when something could not be seen."""
    cover = coverage(snapshot)
    until = words.at(min(snapshot.at, snapshot.launch + snapshot.plan.end))
    ran, full = percent(cover.ran), percent(cover.full)
    lines = [
        f"of the time to {until} the watch ran {ran}, and with every source in reach {full}",
    ]
    if never := never_reached(snapshot):
        lines.append(f"never in reach, and not counted there: {', '.join(never)}")
    spots = [(gap.start, gap.end, "no watch was running") for gap in snapshot.gaps]
    for episode in outages(snapshot):
        end = snapshot.at if episode.end is None else episode.end
        if end <= snapshot.launch:
            continue
        still = ", still" if episode.is_open else ""
        what = f"{words.title(episode.subject)} out of reach{still}: {words.said(episode.reason)}"
        spots.append((episode.start, end, what))
    longest = sorted(spots, key=lambda spot: spot[0] - spot[1])[:MOST]
    rows = tuple(
        (words.since(start), words.at(end), format_duration(end - start), what)
        for start, end, what in sorted(longest)
    )
    return Section("Blind spots", tuple(lines), Table(BLIND, rows, told_rest(spots, "shorter")))


def near_misses(near: Sequence[NearMiss], left_out: int, words: Words) -> Section:
    """What came close to its warning, or passed it too briefly to count."""
    lines = [
        f"{words.own(miss.title)} {miss.value} {words.since(miss.at)}: "
        f"{miss.percent:.0f} % of its warning"
        + (", too briefly to count" if miss.percent >= 100 else "")
        for miss in near
    ]
    if left_out:
        lines.append(f"… and {left_out} more left out, farther from their warning")
    return Section("Near misses", tuple(lines))


def measured(snapshot: Snapshot) -> list[CheckState]:
    """The checks that are measured and shown."""
    return [state for state in snapshot.checks if not state.check.is_manual]


def level_of(state: CheckState) -> Level:
    """What a check is at the end."""
    return state.verdict.level


def figures(material: Material, words: Words) -> Section:
    """Every measured check: how it stands, and how far it went."""
    states = measured(material.snapshot)
    rows = tuple(_figure(state, material, words) for state in states[:MOST])
    counts = flat(
        f"{count} {level}"
        for level in sorted(Level, key=lambda level: -level.severity)
        if (count := sum(level_of(state) is level for state in states))
    )
    lines = (f"{len(states)} measured: {counts}",) if states else ()
    return Section("Checks", lines, Table(CHECKS, rows, told_rest(states, "further down the plan")))


def _figure(state: CheckState, material: Material, words: Words) -> tuple[str, ...]:
    check, level = state.check, level_of(state)
    course = material.courses.get(check.id)
    value = lowest = highest = "–"
    if course:
        extent = course.extent
        last = format_value(extent.last, check.unit)
        value = last if level is not Level.UNKNOWN else f"last {last}"
        lowest = f"{format_value(extent.low, check.unit)}, {words.at(extent.low_at)}"
        highest = f"{format_value(extent.high, check.unit)}, {words.at(extent.high_at)}"
    reason = words.said(state.verdict.reason) or "–"
    return words.own(check.title), value, level.value, lowest, highest, reason


def counts(material: Material, words: Words) -> Section:
    """The key figures, what was counted as lost, and the ledger."""
    snapshot = material.snapshot
    losses = snapshot.plan.report.losses
    states = measured(snapshot)
    lines = [_count(s, "", words) for s in states if s.check.always and s.check.id not in losses]
    lines += [_count(s, "lost: ", words) for s in states if s.check.id in losses]
    return Section("Counts", tuple(lines))


def _count(state: CheckState, before: str, words: Words) -> str:
    title, unit = words.own(state.check.title), state.check.unit
    if state.reading is None:
        return f"{before}{title}: never measured"
    value = format_value(state.reading.value, unit) if state.reading.has_value else "no value"
    return f"{before}{title}: {value}, {level_of(state)}, {words.at(state.reading.at)}"


def lost_since(snapshot: Snapshot, words: Words) -> str:
    """From when on losses are counted; empty while that is since the launch."""
    since = counted_since(snapshot)
    is_asked = LEDGER in snapshot.plan.report.losses
    return words.at(since) if is_asked and since > snapshot.launch else ""


def losses(snapshot: Snapshot, words: Words) -> tuple[Loss, ...]:
    """What counts as lost at the end."""
    found = []
    for id_ in snapshot.plan.report.losses:
        state = snapshot.check(id_)
        if state is None or level_of(state) not in ALARMS:
            continue
        ack = snapshot.affairs.acks.get(id_)
        value = "?" if state.value is None else format_value(state.value, state.check.unit)
        is_taken = ack is not None and not ack.asks(snapshot.at)
        found.append(Loss(words.title(id_), value, is_taken))
    return tuple(found)
