"""Answers: from what a log has shown to a reading, with the words a person wants beside it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from firstwatch.errors import NoAnswer
from firstwatch.readings import Reading
from firstwatch.units import format_duration
from probes.heads import Class
from probes.log_novelty import new_kinds, recent_kinds
from probes.log_pace import pace
from probes.log_plan import ASKED, Measure, Ratio, Stat
from probes.log_seen import Seen, note, wanted
from probes.tallies import WIDTH

_NOUNS: Final[dict[tuple[str, ...], str]] = {
    ("webhook.received",): "webhooks",
    (Class.REQUEST.value,): "request lines",
    (Class.ERROR.value,): "errors",
    (Class.QUERY.value,): "queries",
}


def _count(measure: Measure, seen: Seen) -> Reading:
    fits, window = wanted(measure.count), measure.window
    value = float(seen.tallies.count(fits, seen.now - window))
    words = note(seen.example(fits, window), seen.span(window), seen.total(fits, window))
    return Reading(seen.now, value, sample=seen.heard(fits, window), note=words)


def _rate(measure: Measure, seen: Seen) -> Reading:
    fits, now = wanted(measure.rate), seen.now
    start = now - min(measure.window, seen.followed)
    count = seen.tallies.count(fits, start)
    minutes = min(now - start // WIDTH * WIDTH, seen.followed) / 60
    words = note(seen.example(fits, measure.window), f"{count} {seen.span(measure.window)}")
    return Reading(now, count / minutes, sample=count, note=words)


def _ratio(measure: Measure, seen: Seen) -> Reading:
    if measure.ratio is None:
        raise AssertionError
    of, start = wanted(measure.ratio.of), seen.now - measure.window
    part = seen.tallies.count(of, start)
    per, sample = _denominator(measure.ratio, seen, start)
    # Errors that belong to none of these can outnumber them; that is all of them, and no more.
    value = min(100 * part / sample, 100.0) if sample else 100.0 * bool(part)
    against = "of" if part <= sample else "against"
    noun = _NOUNS.get(per, " or ".join(per))
    share = f"{part} {against} {sample} {noun} {seen.span(measure.window)}"
    words = note(seen.example(of, measure.window), share)
    return Reading(seen.now, value, sample=sample, part=part, note=words)


def _denominator(ratio: Ratio, seen: Seen, start: float) -> tuple[tuple[str, ...], int]:
    """The first alternative that came often enough, or else the fullest; and how often it came."""
    counted = [(per, seen.tallies.count(wanted(per), start)) for per in ratio.per]
    enough = (one for one in counted if one[1] >= ratio.enough)
    fullest = max(reversed(counted), key=lambda one: one[1])
    return next(enough, fullest)


def _silence(measure: Measure, seen: Seen) -> Reading:
    last, now = seen.tallies.last(wanted(measure.silence)), seen.now
    if last is None or last.at is None or now - last.at > seen.followed:
        began = f"none since following began {format_duration(seen.followed)} ago"
        return Reading(now, seen.followed, note=began)
    words = f"last: {last.head}" if last.event.notable else ""
    return Reading(now, max(now - last.at, 0.0), note=words)


def _duration(measure: Measure, seen: Seen) -> Reading:
    values = seen.tallies.durations(wanted(measure.duration), seen.now - measure.window)
    span = seen.span(measure.window)
    if not values:
        raise NoAnswer(f"no such record with a duration, {span}")
    return Reading(seen.now, statistic(values, measure.stat), sample=len(values), note=span)


def statistic(values: list[float], stat: Stat) -> float:
    """One figure for sorted values; a percentile is the nearest rank, so it was really measured."""
    if stat is Stat.AVG:
        return sum(values) / len(values)
    if stat is Stat.MAX:
        return values[-1]
    share = int(stat.value[1:]) / 100
    return values[max(0, -int(-share * len(values) // 1) - 1)]


_ANSWERS: Final[dict[str, Callable[[Measure, Seen], Reading]]] = {
    "count": _count,
    "rate": _rate,
    "pace": pace,
    "ratio": _ratio,
    "silence": _silence,
    "duration": _duration,
    "kinds": new_kinds,
}


def answer(measure: Measure, seen: Seen) -> Reading:
    """The reading of a measure. Raises `ProbeError`."""
    asked = next(kind for kind in ASKED if getattr(measure, kind))
    reading = _ANSWERS[asked](measure, seen)
    counted = measure.ratio.of if measure.ratio else measure.count or measure.rate or measure.pace
    if not counted or measure.contains or measure.matches:
        return reading
    return replace(reading, rows=recent_kinds(seen, wanted(counted), measure.window))
