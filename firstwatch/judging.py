"""Judging: from readings to a verdict, as pure functions of facts and one `now`.

A check remembers a `Standing`. Each reading or failure makes a new one (`take`); the verdict
is read off it at any moment (`judge`), so that a reading that grows old needs no event.

Worsening takes k of the last n readings, so one odd sample alarms nobody; a hard fact skips
that wait. Improving takes values clearly inside the limit for a whole dwell, so nothing
flaps. Failing to measure never clears anything: the condition is kept underneath and comes
back into view with the next reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf

from firstwatch.plan import Check, Direction
from firstwatch.readings import ROWS, Failure, Reading, Row
from firstwatch.units import format_clock, format_duration, format_number, format_value
from firstwatch.verdict import Level, Verdict

FUTURE = 5.0
"""Seconds a reading may lie ahead of now before the clock is said to have gone back."""


@dataclass(frozen=True, slots=True)
class Shut:
    """What keeps traffic from the application, where its inlet counts no open way."""

    why: str = ""
    """Of all of it; empty while a way is open."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Of each company without a way, by its id."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What a second, independent source counts of the same traffic."""

    title: str
    count: float | None
    """None when it cannot say."""
    reason: str = ""
    """Why it cannot say."""
    parts: tuple[Row, ...] = ()
    """What it counts of each company; those it has not named are not known."""
    shut: Shut = Shut()
    """What explains that none of it gets here."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What one reading says by itself."""

    at: float
    level: Level
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the watch remembers of one check."""

    condition: Level | None = None
    """The confirmed level; None until a first one is."""
    since: float = 0.0
    """When the fact behind the condition began."""
    reason: str = ""
    grades: tuple[Grade, ...] = ()
    """The last n, newest last."""
    better_since: float | None = None
    """Since when every reading has been clearly better than the condition."""
    better: Level = Level.OK
    """The worst of those readings."""
    reading: Reading | None = None
    failure: Failure | None = None
    failing_since: float = 0.0
    unclear_since: float | None = None
    """Since when no reading has allowed a verdict (too small a sample, silence unexplained)."""
    held_at: float | None = None
    """When a reading last bore the condition out; None once it was plainly unknown."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A source out of reach."""

    source: str
    since: float
    reason: str
    unset: bool = False
    """It was never given an address: a choice of the plan, not an incident."""


def take(
    check: Check,
    standing: Standing,
    result: Reading | Failure,
    witness: Witness | None = None,
    fresh_for: float = inf,
) -> Standing:
    """The standing after one more reading or failure; a reading speaks for `fresh_for` seconds."""
    if isinstance(result, Failure):
        known = standing.failure
        since = standing.failing_since if known else result.at
        if known and known.is_fact and not result.is_fact:
            # Bad luck does not undo a fact: only a reading does.
            result = replace(known, at=result.at, reason=result.reason)
        standing = replace(standing, failure=result, failing_since=since)
        if result.is_fact:
            return replace(standing, better_since=None, held_at=None)
        return standing
    before = standing.reading
    if before is not None and result.at - before.at > fresh_for:
        # Nobody measured in between, so nobody knows whether it was better.
        standing = replace(standing, better_since=None)
    grade = appraise(check, result, witness)
    keep = check.worsen[1]
    standing = replace(
        standing, reading=result, failure=None, grades=(*standing.grades, grade)[-keep:]
    )
    if grade.level is Level.UNKNOWN:
        since = grade.at if standing.unclear_since is None else standing.unclear_since
        held_at = None if grade.at - since >= check.dwell else standing.held_at
        return replace(standing, unclear_since=since, held_at=held_at)
    standing = replace(standing, unclear_since=None)
    standing = _improve(check, _worsen(check, standing, hard=result.hard), result)
    if standing.condition and not _is_doubted(standing.condition, grade):
        return replace(standing, held_at=grade.at)
    return standing


def appraise(check: Check, reading: Reading, witness: Witness | None = None) -> Grade:
    """What this reading says by itself: its level and the reason in words."""
    silence = _silence(check, reading, witness)
    if silence:
        return Grade(reading.at, *silence)
    if is_too_few(check, reading):
        if reading.level:
            return Grade(reading.at, reading.level, reading.note or str(reading.level))
        counted = f"{reading.part:g} of {reading.sample}, " if reading.part is not None else ""
        why = f"{counted}n={reading.sample} below {check.min_sample}, no verdict yet"
        return Grade(reading.at, Level.UNKNOWN, why)
    if not reading.has_value:
        level = reading.level or Level.UNKNOWN
        return Grade(reading.at, level, reading.note or str(level))
    level = check.bands.grade(reading.value)
    if reading.level and reading.level.severity > level.severity:
        return Grade(reading.at, reading.level, reading.note or str(reading.level))
    return Grade(reading.at, level, _in_words(check, reading, level))


def is_too_few(check: Check, reading: Reading) -> bool:
    """Whether its sample is too small to say anything by its value."""
    few = reading.sample is not None and reading.sample < check.min_sample
    return few and not _is_flawless(check, reading)


def _is_flawless(check: Check, reading: Reading) -> bool:
    """Whether not one of a small sample was bad: no rate, but nothing to worry about either."""
    flawless = 0 if check.bands.bad is Direction.ABOVE else reading.sample
    return bool(reading.sample) and reading.part == flawless


def _silence(check: Check, reading: Reading, witness: Witness | None) -> tuple[Level, str] | None:
    """What nothing at all means, when the check has a second witness for it.

    A reading without a sample is a count of traffic, and zero of it a fault if there was any
    elsewhere; one with a sample of zero has nothing to judge.
    """
    is_count = reading.sample is None
    if reading.part:
        # Something did happen; that there is nothing to compare it with is no silence.
        return None
    if not check.witness:
        return None
    if (reading.value if is_count else reading.sample) != 0:
        return _silence_of_one(reading, witness) if is_count and witness else None
    if witness is None or witness.count is None:
        name = witness.title if witness else check.witness
        why = f" ({witness.reason})" if witness and witness.reason else ""
        return Level.UNKNOWN, f"silent here, and no second witness: {name}{why}"
    if witness.count <= 0:
        return Level.IDLE, f"no traffic here, and {witness.title} 0 too"
    why = f"{witness.shut.why}; " if witness.shut.why else ""
    told = f"{witness.title} {format_number(witness.count)}"
    if not is_count:
        return Level.UNKNOWN, f"{why}nothing to judge here, yet {told}"
    return Level.CRITICAL, f"{why}none here, while {told}"


def lacking(ours: Reading, theirs: Reading, title: str) -> Reading:
    """How many another check counts more, as of its own reading, the worst company first."""
    here = {row.key: row.value for row in ours.rows}
    rows = [
        Row(
            part.label,
            max(part.value - here.get(part.key, 0.0), 0.0),
            f"{format_number(part.value)} there, {format_number(here.get(part.key, 0.0))} here",
            part.key,
        )
        for part in theirs.rows
        if part.key
    ]
    rows.sort(key=lambda row: -row.value)
    missing = sum(row.value for row in rows) if rows else max(theirs.value - ours.value, 0.0)
    note = f"{title} {format_number(theirs.value)}, here {format_number(ours.value)}"
    if rows and rows[0].value:
        note = f"{note}, worst {rows[0].label}"
    return Reading(theirs.at, missing, note=note, rows=tuple(rows), took=ours.took)


def _silence_of_one(reading: Reading, witness: Witness) -> tuple[Level, str] | None:
    """What it means that one company is silent among others: a fault if it is not elsewhere."""
    ours = {row.key: row.value for row in reading.rows if row.key}
    all_named = len(reading.rows) < ROWS
    silent = [
        part
        for part in witness.parts
        if part.value > 0 and ours and ours.get(part.key, 0.0 if all_named else 1.0) <= 0
    ]
    if not silent:
        return None
    shut = witness.shut.parts
    # What nothing explains comes before what was shut.
    worst = max(silent, key=lambda part: (part.key not in shut, part.value))
    more = f" (+{len(silent) - 1} more)" if len(silent) > 1 else ""
    why = f"{shut[worst.key]}; " if worst.key in shut else ""
    there = f"{witness.title} {format_number(worst.value)}"
    return Level.CRITICAL, f"{worst.label}: {why}none here, while {there}{more}"


def shut_in(inlet: Reading | None) -> Shut:
    """What an inlet's reading explains: it counts open ways, and says why where there is none."""
    if inlet is None:
        return Shut()
    parts = {row.key: row.note for row in inlet.rows if row.key and row.value <= 0 and row.note}
    return Shut(inlet.note if inlet.value <= 0 else "", parts)


def _in_words(check: Check, reading: Reading, level: Level) -> str:
    value = format_value(reading.value, check.unit)
    limit = check.bands.limit_of(level)
    if limit is not None:
        sign = ">" if check.bands.bad == "above" else "<"
        name = "target" if level is Level.OFF_TARGET else level.value
        value = f"{value} {sign} {format_value(limit, check.unit)} {name}"
    counts = reading.sample is not None and (check.unit or check.min_sample)
    sample = f"n={reading.sample}" if counts else ""
    return ", ".join(part for part in (value, sample, reading.note) if part)


def _worsen(check: Check, standing: Standing, *, hard: bool) -> Standing:
    """Take on a worse condition once enough of the last readings agree, or on a hard fact."""
    newest = standing.grades[-1]
    needed = 1 if hard else check.worsen[0]
    known = [grade for grade in standing.grades if grade.level is not Level.UNKNOWN]
    now_at = standing.condition
    for level in (Level.CRITICAL, Level.WARNING, Level.OFF_TARGET):
        if now_at is not None and level.severity <= now_at.severity:
            break
        agreeing = [grade for grade in known if grade.level.severity >= level.severity]
        if len(agreeing) >= needed and newest in agreeing:
            first = newest if hard else agreeing[-needed]
            return replace(
                standing, condition=level, since=first.at, reason=newest.reason, better_since=None
            )
    if now_at is None and newest.level.severity <= Level.IDLE.severity:
        return replace(standing, condition=Level.OK, since=newest.at, reason=newest.reason)
    return standing


def _improve(check: Check, standing: Standing, reading: Reading) -> Standing:
    """Take on a better condition once every reading of a whole dwell was clearly better."""
    condition, newest = standing.condition, standing.grades[-1]
    if condition is None:
        return standing
    level = check.bands.grade(reading.value, check.clear)
    if newest.level is Level.IDLE:
        level = Level.OK
    elif reading.level and reading.level.severity > level.severity:
        level = reading.level
    elif newest.level.severity > level.severity:
        level = newest.level
    if level.severity >= condition.severity:
        reason = newest.reason if newest.level is condition else standing.reason
        if condition is Level.OK:
            reason = newest.reason
        return replace(standing, better_since=None, reason=reason)
    if standing.better_since is None or reading.at < standing.better_since:
        return replace(standing, better_since=reading.at, better=level)
    better = max(standing.better, level, key=lambda known: known.severity)
    if reading.at - standing.better_since < check.dwell:
        return replace(standing, better=better)
    reason = newest.reason
    if better.severity > newest.level.severity:
        reason = f"{reason}; was {better} within the last {format_duration(check.dwell)}"
    return replace(
        standing,
        condition=better,
        since=standing.better_since,
        reason=reason,
        better_since=None,
        better=Level.OK,
    )


def judge(
    check: Check, standing: Standing, now: float, fresh_for: float, outage: Outage | None = None
) -> Verdict:
    """The verdict at `now`. Green only when measured, recent and fine."""
    if check.is_manual:
        return turn(now, None)
    if outage:
        return Verdict(Level.UNKNOWN, _blocked(outage), outage.since, outage.source)
    reading, failure = standing.reading, standing.failure
    if failure and (failure.is_fact or reading is None):
        return Verdict(Level.UNKNOWN, failure.reason, standing.failing_since)
    if reading is None:
        return Verdict(Level.UNKNOWN, "not measured yet", now)
    if reading.at > now + FUTURE:
        return Verdict(Level.UNKNOWN, "the clock went back; waiting for a new reading", now)
    if now - reading.at > fresh_for:
        value = f"value {format_value(reading.value, check.unit)}" if reading.has_value else "try"
        last = f"last {value} at {format_clock(reading.at)}"
        why = f"{failure.reason}; {last}" if failure else f"stale, {last}"
        return Verdict(Level.UNKNOWN, why, reading.at + fresh_for)
    return _seen(check, standing, fresh_for)


def turn(now: float, seen: tuple[Check, Reading | None, Verdict] | None) -> Verdict:
    """A person's turn, and what a measured check saw that may help to say."""
    if seen is None:
        return Verdict(Level.PENDING, "a person's turn", now)
    check, reading, verdict = seen
    if reading is None or verdict.level is Level.UNKNOWN:
        told = f"unknown ({verdict.reason})"
    else:
        value = format_value(reading.value, check.unit) if reading.has_value else ""
        parts = value, reading.note
        told = ", ".join(part for part in parts if part)
    return Verdict(Level.PENDING, f"{check.title} {told}", now, hinted=verdict.level)


def _blocked(outage: Outage) -> str:
    if outage.unset:
        return outage.reason
    return f"{outage.source} unreachable since {format_clock(outage.since)}: {outage.reason}"


def _seen(check: Check, standing: Standing, fresh_for: float) -> Verdict:
    """The verdict of a check with a recent reading."""
    newest = standing.grades[-1]
    unclear_since = standing.unclear_since
    if unclear_since is not None and (
        standing.condition is None or newest.at - unclear_since >= check.dwell
    ):
        return Verdict(Level.UNKNOWN, newest.reason, unclear_since)
    if standing.condition is None or not _is_borne_out(check, standing, fresh_for):
        needed = check.worsen[0]
        return Verdict(Level.UNKNOWN, f"{newest.reason}; waiting for {needed} readings", newest.at)
    if standing.condition is Level.OK and newest.level is Level.IDLE:
        first = _start_of_run(standing.grades, Level.IDLE)
        return Verdict(Level.IDLE, newest.reason, first.at)
    reason = standing.reason
    if standing.better_since is not None and reading_is_better(standing):
        better_for = format_duration(newest.at - standing.better_since)
        reason = f"{newest.reason}; better for {better_for} of {format_duration(check.dwell)}"
    elif newest.level.severity > standing.condition.severity and newest.level.is_trouble:
        reason = f"not confirmed yet: {newest.reason}"
        if newest.level is Level.UNKNOWN:
            wait = "no verdict"
            reason = newest.reason if wait in newest.reason else f"{newest.reason}; {wait}"
    return Verdict(standing.condition, reason, standing.since)


def is_in_doubt(standing: Standing) -> bool:
    """Whether the newest reading speaks for something worse, which another one has to confirm."""
    condition = standing.condition
    return condition is not None and _is_doubted(condition, standing.grades[-1])


def _is_doubted(condition: Level, grade: Grade) -> bool:
    """Whether this reading speaks for something worse than the condition."""
    return grade.level.severity > max(condition.severity, Level.IDLE.severity)


def _is_borne_out(check: Check, standing: Standing, fresh_for: float) -> bool:
    """Whether a doubted condition still rests on a good reading not long ago, never out of sight.

    Without this a reading that is bad, but not yet confirmed, would turn unknown into green.
    """
    condition, newest = standing.condition, standing.grades[-1]
    if condition is None or condition.severity >= Level.UNKNOWN.severity:
        return True
    if not _is_doubted(condition, newest):
        return True
    held_at = standing.held_at
    longest = max(check.dwell, check.worsen[0] * fresh_for)
    if held_at is None or not 0 <= newest.at - held_at <= longest:
        return False
    moments = [held_at, *(grade.at for grade in standing.grades if grade.at > held_at)]
    return all(later - earlier <= fresh_for for earlier, later in pairwise(moments))


def reading_is_better(standing: Standing) -> bool:
    """Whether the newest reading is better than the confirmed condition."""
    condition = standing.condition
    return condition is not None and standing.grades[-1].level.severity < condition.severity


def _start_of_run(grades: tuple[Grade, ...], level: Level) -> Grade:
    """The first of the unbroken run of this level that ends with the newest grade."""
    start = len(grades) - 1
    while start > 0 and grades[start - 1].level is level:
        start -= 1
    return grades[start]
