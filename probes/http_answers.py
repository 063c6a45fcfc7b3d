"""Answers of a service over HTTP, and the reading in them.

A wrong status is a fact about the service; a timeout before a connection stands may be our own
line. So the first is critical, and the second is unknown unless another endpoint has answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstwatch.errors import BadAnswer, NoAnswer, ProbeError
from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from firstwatch.units import format_number
from firstwatch.verdict import Level
from probes import pages, web
from probes.histories import History, spread
from probes.http_measure import Measure
from probes.pages import Files
from probes.reasons import Refused

_WAITED_FOR = ("total", "first_byte")


class State(StrEnum):
    """How an endpoint did, worst first."""

    WRONG = "wrong"
    LATE = "late"
    SKIPPED = "skipped"
    RIGHT = "right"


_ORDER = list(State)


@dataclass(frozen=True, slots=True)
class Result:
    """One endpoint's part of a reading."""

    label: str
    state: State
    value: float | None
    """None where no answer came that could be timed."""
    note: str
    spread: str = ""
    """What its mean hides."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking one endpoint came to."""

    history: History
    came: web.Answer | ProbeError
    took: float
    """Real seconds."""
    in_full: bool = True
    """Whether it was given the whole timeout."""
    files: Files | None = None
    """What came of the files its page names, if they were to be asked for."""

    @property
    def page(self) -> web.Answer | None:
        """The answer, if it is the right one."""
        came = self.came
        if not isinstance(came, web.Answer) or self.history.endpoint.fault(came):
            return None
        return came


def raise_if_silent(outcomes: Sequence[Outcome]) -> None:
    """Raise the reason when nothing came that could not as well be our own line."""
    for outcome in outcomes:
        came = outcome.came
        if isinstance(came, web.Answer | Refused | BadAnswer):
            return
        if isinstance(came, web.Hanging) and outcome.history.counted:
            return
    raise next(o.came for o in outcomes if isinstance(o.came, ProbeError))


def result_of(measure: Measure, outcome: Outcome) -> Result:
    """The judgement of one outcome, given that the service has been heard."""
    history, came = outcome.history, outcome.came
    endpoint = history.endpoint
    if isinstance(came, NoAnswer) and measure.value in _WAITED_FOR:
        if outcome.in_full:
            history.add(measure.timeout * 1e3)
            return Result(endpoint.label, State.LATE, measure.timeout * 1e3, came.reason)
        known = measure.statistic(history.counted) if history.counted else 0.0
        return Result(endpoint.label, State.SKIPPED, known, "not measured, others took the time")
    if isinstance(came, ProbeError):
        if measure.value == "json":
            raise came
        # How long it took to fail is not how long it takes to answer.
        return Result(endpoint.label, State.WRONG, None, came.reason)
    fault = endpoint.fault(came)
    if fault and measure.value == "json":
        raise BadAnswer(f"{endpoint.label} {fault}")
    if fault:
        return Result(endpoint.label, State.WRONG, came.phases.total, fault)
    history.add(measure.observed(endpoint, came))
    value, files = measure.statistic(history.counted), outcome.files
    if files and files.missing:
        return Result(endpoint.label, State.WRONG, value, f"lacks {files.missing}")
    hidden = spread(history.counted) if measure.stat == "mean" and measure.is_time else ""
    return Result(endpoint.label, State.RIGHT, value, _told(came, hidden, files), hidden)


def _told(answer: web.Answer, hidden: str, files: Files | None) -> str:
    phases = answer.phases
    parts = [
        str(answer.status),
        f"connect {format_number(phases.connect)} ms",
        f"first byte {format_number(phases.first_byte)} ms",
        hidden,
    ]
    if files:
        parts += [pages.kilobytes(len(answer.body)), str(files)]
    return ", ".join(part for part in parts if part)


def reading_of(
    results: list[Result], outcomes: Sequence[Outcome], routes: int, moment: Moment
) -> Reading:
    """One reading of all endpoints: the slowest gives the value, a wrong one the level."""
    worst_first = sorted(results, key=lambda r: (_ORDER.index(r.state), -(r.value or 0.0)))
    wrong = [r for r in results if r.state is State.WRONG]
    values = _values(results, State.RIGHT, State.LATE) or _values(results, State.WRONG)
    refused = [o.came for o in outcomes if isinstance(o.came, Refused)]
    every = len(wrong) == len(results)
    note = _note(worst_first, len(wrong), routes)
    if len(refused) == len(outcomes):
        note = f"every endpoint refused: {refused[0].reason}"
    return Reading(
        at=moment.now,
        value=max(values, default=0.0),
        has_value=bool(values),
        sample=(sum(len(o.history.counted) for o in outcomes) or None) if values else None,
        note=note,
        rows=tuple(_row(result) for result in worst_first),
        level=Level.CRITICAL if wrong else None,
        hard=every,
    )


def _values(results: list[Result], *states: State) -> list[float]:
    return [r.value for r in results if r.state in states and r.value is not None]


def _row(result: Result) -> Row:
    is_timed = result.value is not None
    return Row(result.label, result.value or 0.0, result.note, has_value=is_timed)


def _note(worst_first: list[Result], wrong: int, routes: int) -> str:
    worst, count = worst_first[0], len(worst_first)
    if count == 1:
        return f"{worst.label} {worst.note}"
    if wrong == count:
        return f"every endpoint fails: {worst.label} {worst.note}"
    if wrong:
        return f"{wrong} of {count} failing: {worst.label} {worst.note}"
    if worst.state is State.RIGHT:
        hidden = f": {worst.spread}" if worst.spread else ""
        asked = f"{count} of {routes} routes probed" if routes else f"{count} of {count} answered"
        return f"{asked}, worst {worst.label}{hidden}"
    answered = sum(r.state is State.RIGHT for r in worst_first)
    return f"{answered} of {count} answered, {worst.label}: {worst.note}"
