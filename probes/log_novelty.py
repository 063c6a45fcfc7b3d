"""Novelty: which kinds of error were not there before the launch.

The first answer after the launch tells the watch which kinds were known by then; the journal
keeps that, and a watch that was started again is reminded of it. Kinds that came up between
the launch and such a restart it knows only if the end of the log still shows them.
"""

from collections.abc import Callable

from firstwatch.readings import ROWS, Reading, Row
from firstwatch.units import format_clock, format_duration
from probes.error_kinds import ErrorKind
from probes.log_plan import Measure
from probes.log_seen import Seen, newest, note, wanted
from probes.tallies import Key


def new_kinds(measure: Measure, seen: Seen) -> Reading:
    """How many kinds came up in the window that were not known at the launch."""
    now, launch = seen.now, seen.moment.launch
    began, known = _remembered(seen.moment.baseline)
    start = now - measure.window
    new: list[ErrorKind] = []
    recent: list[ErrorKind] = []
    for kind in seen.kinds.all(wanted(measure.kinds)):
        if kind.first is not None and kind.first >= launch and kind.digest not in known:
            new.append(kind)
        elif kind.last is not None and kind.last >= start:
            recent.append(kind)
    new.sort(key=lambda kind: -(kind.first or 0.0))
    recent.sort(key=lambda kind: -kind.count)
    rows = [*(_row(k, now, is_new=True) for k in new), *(_row(k, now) for k in recent)]
    return Reading(
        now,
        float(sum((kind.first or 0.0) >= start for kind in new)),
        sample=seen.heard(wanted(measure.kinds), measure.window),
        note=_words(seen, new, restarted=bool(began) and began != _stamp(seen)),
        rows=tuple(rows[:ROWS]),
        facts=" ".join((_stamp(seen), *sorted(seen.kinds.known(launch)))) if now >= launch else "",
    )


def recent_kinds(seen: Seen, fits: Callable[[Key], bool], window: float) -> tuple[Row, ...]:
    """The kinds of error that came in the window, the latest first; none of what is no error."""
    came = [(k.last, k) for k in seen.kinds.all(fits) if k.last and k.last >= seen.now - window]
    came.sort(key=lambda each: -each[0])
    return tuple(_row(kind, seen.now) for _, kind in came[:ROWS])


def _words(seen: Seen, new: list[ErrorKind], *, restarted: bool) -> str:
    if seen.now < seen.moment.launch:
        return "until the launch every kind is taken as known"
    since = seen.start_in_words
    if restarted:
        since = f"since restart {format_clock(seen.began)}"
    if not new or new[0].first is None:
        return f"none {since}"
    # What came up before a restart is not remembered, only what was known at the launch.
    doubt = "may be known from before it" if restarted else ""
    return note(f"{len(new)} {since}", doubt, newest(new[0].first, seen.now, new[0].text))


def _row(kind: ErrorKind, now: float, *, is_new: bool = False) -> Row:
    age = f"new {format_duration(now - kind.first)} ago" if is_new and kind.first else ""
    last = f"last {format_duration(now - kind.last)} ago" if kind.last else ""
    return Row(kind.text, kind.count, note(age, last), unit="")


def _remembered(baseline: str) -> tuple[str, frozenset[str]]:
    """When the watch began that wrote this baseline, and the kinds known to it at the launch."""
    began, *known = baseline.split() or [""]
    return began, frozenset(known)


def _stamp(seen: Seen) -> str:
    return f"{seen.began:.0f}"
