"""From what the journal holds to a report: pure, so that every format tells the same."""

from collections.abc import Iterable, Sequence

from firstwatch.acts import Item, Mark, SignOff
from firstwatch.episodes import SOURCE
from firstwatch.flights.record import Flight
from firstwatch.handoff import Facts, summary
from firstwatch.handoff.brief import RoundLine
from firstwatch.handoff.pens import Pens
from firstwatch.handoff.rounds import round_lines
from firstwatch.masking import Masker
from firstwatch.report import left, people, seen, troubles, walked
from firstwatch.report.facts import (
    MOST_CHARTS,
    Chart,
    Frame,
    Material,
    Report,
    Section,
    Table,
    told_rest,
)
from firstwatch.report.ruling import Counted, Ruling, rule
from firstwatch.report.words import Words, flat, words_of
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_duration, format_value
from firstwatch.unseen import outages, stretches
from firstwatch.verdict import ALARMS, Level

RULES = ("rule", "says", "found")
FLIGHTS = 50
"""The most flight records that are told."""

_TO_COME = (RoundStatus.UPCOMING, RoundStatus.OPEN)
_LEFT_OUT = (
    "secrets; phone numbers, mail addresses, names and quoted texts, for which pseudonyms stand",
    "log lines, identifiers and the parts that values are made of",
    "single readings: charts show how far a check went in each of 240 equal stretches",
)


def gather(material: Material, mask: Masker, *, unmasked_notes: bool = False) -> Report:
    """The report; `mask` is that of the journal."""
    snapshot = material.snapshot
    words = words_of(snapshot, mask, unmasked_notes=unmasked_notes)
    lines = round_lines(snapshot, Pens(mask, unmasked_notes))
    facts = Facts({i: c.extent for i, c in material.courses.items()}, material.spans)
    handoff = summary(snapshot, facts, mask, unmasked_notes=unmasked_notes)
    entries, rest = (handoff.near.entries, handoff.near.left_out) if handoff.near else ((), 0)
    ruling = rule(counted(material, lines, words), snapshot.plan.report)
    charts = _charts(material, {miss.check for miss in entries}, words)
    return Report(
        watch=words.own(snapshot.plan.watch.name),
        at=snapshot.at,
        launch=snapshot.launch,
        zone=snapshot.plan.watch.timezone,
        is_provisional=snapshot.elapsed < snapshot.plan.end,
        ruling=ruling,
        sections=(
            _verdict(ruling, material, words),
            left.what_is_left(handoff, words),
            seen.blind_spots(snapshot, words),
            walked.rounds(lines, snapshot, words),
            troubles.episodes(material, words),
            seen.near_misses(entries, rest, words),
            troubles.acknowledgements(material, words),
            people.promises(snapshot, words),
            people.notes(snapshot, words),
            people.rollbacks(snapshot, words),
            people.who_had_it(snapshot, words),
            people.calls(snapshot, words),
            seen.counts(material, words),
            seen.figures(material, words),
            _flights(material.flights, words),
            _record(material),
            Section("Not in here", _LEFT_OUT),
        ),
        frame=_frame(snapshot, lines, words),
        bars=troubles.bars(material, words),
        charts=charts[:MOST_CHARTS],
        charts_left_out=max(len(charts) - MOST_CHARTS, 0),
    )


def counted(material: Material, lines: Sequence[RoundLine], words: Words) -> Counted:
    """The counts that the ruling rests on."""
    snapshot = material.snapshot
    clean, broken_by = walked.clean_at_the_end(lines)
    carried_out = [
        run
        for run in snapshot.affairs.rollbacks
        if not run.is_drill and not run.is_open
        if not run.is_called_off or any(step.act.is_done for step in run.steps)
    ]
    under_way = [r for r in snapshot.affairs.rollbacks if r.is_open and not r.is_drill]
    return Counted(
        elapsed=snapshot.elapsed,
        planned=snapshot.plan.end,
        critical=_open_at(snapshot, Level.CRITICAL, words),
        warning=_open_at(snapshot, Level.WARNING, words),
        unknown=_unknown(snapshot, words),
        lost=seen.losses(snapshot, words),
        lost_since=seen.lost_since(snapshot, words),
        rolled_back=len(carried_out),
        rolling_back=len(under_way),
        coverage=seen.coverage(snapshot).full,
        rounds=sum(state.status not in _TO_COME for state in snapshot.rounds),
        missed=_missed(snapshot),
        clean=clean,
        broken_by=broken_by,
        manual=_not_fine(snapshot, words),
        overdue=tuple(people.overdue(snapshot, words)),
        faults=material.chain.faults,
    )


def _missed(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(
        f"round {state.round.name}"
        for state in snapshot.rounds
        if state.status is RoundStatus.MISSED
    )


def _open_at(snapshot: Snapshot, level: Level, words: Words) -> tuple[str, ...]:
    """What stands at this level: checks, and sources that an episode is open of."""
    states = seen.measured(snapshot)
    checks = [words.title(s.check.id) for s in states if seen.level_of(s) is level]
    shown = {state.check.id for state in states}
    others = [
        words.title(episode.subject)
        for episode in snapshot.episodes
        if episode.is_open and episode.worst is level and episode.subject not in shown
    ]
    return tuple(dict.fromkeys((*checks, *others)))


def _unknown(snapshot: Snapshot, words: Words) -> tuple[str, ...]:
    """What could not be measured at the end, and sources out of reach."""
    down = [
        words.title(f"{SOURCE}{source.name}")
        for source in snapshot.sources
        if source.down_since is not None
    ]
    return tuple(dict.fromkeys((*down, *_open_at(snapshot, Level.UNKNOWN, words))))


def _not_fine(snapshot: Snapshot, words: Words) -> tuple[str, ...]:
    """Manual items that were not called fine when a round asked for them last."""
    last: dict[str, Item] = {}
    for record in snapshot.affairs.sign_offs.values():
        if isinstance(record.act, SignOff):
            last |= {item.check: item for item in record.act.items}
    manual = [state for state in snapshot.checks if state.check.is_manual]
    return tuple(words.title(s.check.id) for s in manual if not _is_fine(s, last))


def _is_fine(state: CheckState, last: dict[str, Item]) -> bool:
    item = last.get(state.check.id)
    return item is not None and item.mark is Mark.FINE


def _verdict(ruling: Ruling, material: Material, words: Words) -> Section:
    """What it comes to, by which rule, and every rule with its numbers."""
    lines = [_decided(ruling, material)]
    if material.ended:
        lines.append(
            f"the watch ended {words.at(material.snapshot.at)}: what stands here is what it saw "
            "last, and nothing is said of the time since"
        )
    kept = tuple(one for one in ruling.rules if one.is_kept)
    rows = [(one.name, one.demand.value, one.told) for one in ruling.against]
    rows += [(one.name, "kept", one.told) for one in kept]
    return Section("Verdict", tuple(lines), Table(RULES, tuple(rows)))


def _decided(ruling: Ruling, material: Material) -> str:
    snapshot = material.snapshot
    by = f"decided by {flat(one.name for one in ruling.deciding)}"
    if not ruling.deciding:
        by = f"none of {len(ruling.rules)} rules speaks against it, which is all that it says"
    if snapshot.elapsed < snapshot.plan.end:
        left = format_duration(snapshot.plan.end - snapshot.elapsed)
        return f"provisional, {left} before the end: {ruling.decision}, {by}"
    return f"{ruling.decision}, {by}"


def _flights(flights: tuple[Flight, ...], words: Words) -> Section:
    lines = [
        f"{words.since(flight.at)} {flat(words.title(subject) for subject in flight.subjects)}: "
        f"{words.said(f'{flight.folder.parent.name}/{flight.folder.name}')}"
        for flight in flights[:FLIGHTS]
    ]
    if rest := told_rest(flights, "later", FLIGHTS):
        lines.append(rest)
    return Section("Flight records", tuple(lines))


def _record(material: Material) -> Section:
    chain = material.chain
    return Section("The record", (str(chain), *chain.faults))


def _frame(snapshot: Snapshot, lines: Sequence[RoundLine], words: Words) -> Frame:
    return Frame(
        start=snapshot.launch,
        end=max(snapshot.at, snapshot.launch + 60.0),
        phases=tuple((words.own(p.name), snapshot.launch + p.start) for p in snapshot.plan.phases),
        blind=tuple((gap.start, gap.end) for gap in snapshot.gaps),
        rounds=walked.marks(lines, words),
    )


def _charts(material: Material, near: Iterable[str], words: Words) -> tuple[Chart, ...]:
    """The checks that were measured, those to look at first before the others."""
    snapshot = material.snapshot
    alarmed = {e.subject for e in troubles.since_launch(material) if e.worst in ALARMS}
    lost = set(snapshot.plan.report.losses)
    found = []
    for state in seen.measured(snapshot):
        check, course = state.check, material.courses.get(state.check.id)
        if course is None:
            continue
        is_key = check.always or check.id in alarmed | lost | set(near)
        found.append(_chart(state, material, is_key=is_key, words=words))
    return tuple(sorted(found, key=lambda chart: not chart.is_key))


def _chart(state: CheckState, material: Material, *, is_key: bool, words: Words) -> Chart:
    check, course = state.check, material.courses[state.check.id]
    extent, unit = course.extent, check.unit
    snapshot = material.snapshot
    out_of_reach = [e for e in outages(snapshot) if e.subject == f"{SOURCE}{check.source}"]
    return Chart(
        title=words.own(check.title),
        unit=unit,
        bands=check.bands,
        course=course,
        told=(
            f"lowest {format_value(extent.low, unit)} at {words.at(extent.low_at)}, "
            f"highest {format_value(extent.high, unit)} at {words.at(extent.high_at)}, "
            f"last {format_value(extent.last, unit)} at {words.at(extent.last_at)}"
        ),
        blind=tuple(stretches(out_of_reach, snapshot.at)),
        is_key=is_key,
    )
