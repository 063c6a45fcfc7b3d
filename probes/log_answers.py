"""Answers: from tallies to a reading, with the words a person wants to see beside it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from firstwatch.errors import NoAnswer
from firstwatch.readings import Reading
from firstwatch.units import format_duration
from probes.heads import EVENTS, selects
from probes.log_plan import Measure, Stat
from probes.record import Record
from probes.tallies import WIDTH, Key, Tallies


@lru_cache(maxsize=256)
def _wanted(selectors: tuple[str, ...]) -> Callable[[Key], bool]:
    known: dict[Key, bool] = {}

    def fits(key: Key) -> bool:
        if key not in known:
            known[key] = selects(selectors, EVENTS[key[0]], key[1])
        return known[key]

    return fits


def _span(window: float, followed: float) -> str:
    if followed < window:
        return f"followed for {format_duration(followed)} of {format_duration(window)}"
    return f"in {format_duration(window)}"


def _example(record: Record | None, now: float, window: float) -> str:
    """The newest record worth seeing, if it came within the window."""
    if record is None or record.at is None or now - record.at > window:
        return ""
    if not record.event.notable:
        return ""
    return f"newest {format_duration(now - record.at)} ago: {record.head}"


def _anything(_: Key) -> bool:
    return True


def _note(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _count(measure: Measure, tallies: Tallies, now: float, followed: float) -> Reading:
    fits = _wanted(measure.count)
    value = float(tallies.count(fits, now - measure.window))
    # None of these among no records at all is not peace: the log itself may be dead.
    records = tallies.count(_anything, now - measure.window)
    example = _example(tallies.last(fits), now, measure.window)
    return Reading(now, value, sample=records, note=_note(_span(measure.window, followed), example))


def _rate(measure: Measure, tallies: Tallies, now: float, followed: float) -> Reading:
    fits = _wanted(measure.rate)
    start = now - min(measure.window, followed)
    count = tallies.count(fits, start)
    minutes = min(now - start // WIDTH * WIDTH, followed) / 60
    example = _example(tallies.last(fits), now, measure.window)
    note = _note(f"{count} {_span(measure.window, followed)}", example)
    return Reading(now, count / minutes, sample=count, note=note)


def _ratio(measure: Measure, tallies: Tallies, now: float, followed: float) -> Reading:
    if measure.ratio is None:
        raise AssertionError
    of, per = _wanted(measure.ratio.of), _wanted(measure.ratio.per)
    part = tallies.count(of, now - measure.window)
    sample = tallies.count(per, now - measure.window)
    value = 100 * part / sample if sample else 100.0 * bool(part)
    example = _example(tallies.last(of), now, measure.window)
    note = _note(f"{part} of {sample} {_span(measure.window, followed)}", example)
    return Reading(now, value, sample=sample, part=part, note=note)


def _silence(measure: Measure, tallies: Tallies, now: float, followed: float) -> Reading:
    last = tallies.last(_wanted(measure.silence))
    if last is None or last.at is None or now - last.at > followed:
        return Reading(
            now, followed, note=f"none since following began {format_duration(followed)} ago"
        )
    return Reading(
        now, max(now - last.at, 0.0), note=f"last: {last.head}" if last.event.notable else ""
    )


def _duration(measure: Measure, tallies: Tallies, now: float, followed: float) -> Reading:
    values = tallies.durations(_wanted(measure.duration), now - measure.window)
    span = _span(measure.window, followed)
    if not values:
        raise NoAnswer(f"no such record with a duration, {span}")
    return Reading(now, statistic(values, measure.stat), sample=len(values), note=span)


def statistic(values: list[float], stat: Stat) -> float:
    """One figure for sorted values; a percentile is the nearest rank, so it was really measured."""
    if stat is Stat.AVG:
        return sum(values) / len(values)
    if stat is Stat.MAX:
        return values[-1]
    share = int(stat.value[1:]) / 100
    return values[max(0, -int(-share * len(values) // 1) - 1)]


_ANSWERS: Final[dict[str, Callable[[Measure, Tallies, float, float], Reading]]] = {
    "count": _count,
    "rate": _rate,
    "ratio": _ratio,
    "silence": _silence,
    "duration": _duration,
}


def answer(measure: Measure, tallies: Tallies, now: float, followed: float) -> Reading:
    """The reading of a measure; `followed` is for how many seconds nothing has been missed."""
    asked = next(kind for kind in _ANSWERS if getattr(measure, kind))
    return _ANSWERS[asked](measure, tallies, now, followed)
