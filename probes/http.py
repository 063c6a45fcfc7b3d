"""The http probe: asks a few addresses and says how they answer and how fast.

A wrong status is a fact about the service; a timeout before a connection stands may be our own
line. So the first is critical, and the second is unknown unless another endpoint has answered.
"""

import asyncio
import math
import statistics
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, NoAnswer, NotConfigured, ProbeError
from firstwatch.probe import Duration, Kind, Moment, Section
from firstwatch.readings import Reading, Row
from firstwatch.units import format_number
from firstwatch.verdict import Level
from probes import web
from probes.endpoints import Endpoint
from probes.json_path import number_at, parse_json
from probes.reasons import Refused

_AT_ONCE = 4
_WAITED_FOR = ("total", "first_byte")


class Settings(Section):
    """A service that speaks HTTP."""

    base: Annotated[str, AfterValidator(web.checked_base)] = Field(default="", repr=False)
    """Its address, "https://app.example.com"; empty leaves its checks unknown."""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Sent with every request."""
    verify: bool = True
    """false accepts any certificate."""
    ca: str = ""
    """A file with the authority to trust instead of the machine's own."""


class Measure(Section):
    """What to ask of a service."""

    endpoints: tuple[Endpoint, ...] = Field(min_length=1, max_length=20)
    """The addresses to ask."""
    value: Literal["total", "first_byte", "connect", "tls", "dns", "certificate_days", "json"] = (
        "total"
    )
    """A phase in milliseconds, days until the certificate ends, or the number at `json.path`."""
    stat: Literal["p95", "p50", "mean", "max", "last"] | None = None
    """Over the last answers of each endpoint: "p95" for times and "last" for a number in JSON."""
    last: int = Field(default=10, ge=1, le=1000)
    """How many answers the statistic looks back on."""
    timeout: Duration = 10.0
    """How long an answer may take, in real seconds."""

    @model_validator(mode="after")
    def _number_has_a_place(self) -> Self:
        if self.value == "json" and any(e.rule is None for e in self.endpoints):
            raise ValueError('value = "json" needs json = { path = "…" } on every endpoint')
        return self

    @property
    def statistic(self) -> Callable[[Sequence[float]], float]:
        return _STATISTICS[self.stat or ("last" if self.value == "json" else "p95")]

    def observed(self, endpoint: Endpoint, answer: web.Answer) -> float:
        """The number this measure takes from a right answer. Raises BadAnswer."""
        if self.value == "json" and endpoint.rule:
            return number_at(parse_json(answer.body), endpoint.rule.path)
        return float(getattr(answer.phases, self.value))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "p95": _p95,
    "p50": statistics.median,
    "mean": statistics.fmean,
    "max": max,
    "last": lambda values: values[-1],
}


@dataclass(slots=True)
class _History:
    """The last observations of one endpoint; the first ones apart, they are cold."""

    endpoint: Endpoint
    warm: deque[float]
    cold: deque[float] = field(default_factory=lambda: deque(maxlen=10))

    def add(self, value: float) -> None:
        (self.cold if len(self.cold) < self.endpoint.warm_up else self.warm).append(value)

    @property
    def counted(self) -> Sequence[float]:
        return self.warm or self.cold


class _State(StrEnum):
    """How an endpoint did, worst first."""

    WRONG = "wrong"
    LATE = "late"
    SKIPPED = "skipped"
    RIGHT = "right"


_ORDER = list(_State)


@dataclass(frozen=True, slots=True)
class _Result:
    """One endpoint's part of a reading."""

    label: str
    state: _State
    value: float
    note: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What asking one endpoint came to."""

    history: _History
    came: web.Answer | ProbeError
    took: float
    """Real seconds."""
    in_full: bool = True
    """Whether it was given the whole timeout."""


class HttpProbe:
    """Asks the endpoints of one service."""

    def __init__(self, settings: Settings) -> None:
        self.concurrency = 2
        self._settings = settings
        self._histories: dict[Measure, tuple[_History, ...]] = {}

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Ask every endpoint once. Raises ProbeError when none of them could be judged."""
        if not self._settings.base:
            raise NotConfigured("no address: set APP_URL or sources.<name>.base")
        if measure.value == "certificate_days":
            return await self._certificate(measure, moment)
        outcomes = await self._ask_all(measure)
        _raise_if_silent(outcomes)
        return _reading([_result(measure, o) for o in outcomes], outcomes, moment)

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _certificate(self, measure: Measure, moment: Moment) -> Reading:
        settings = self._settings
        shown = await web.certificate(
            settings.base, timeout=measure.timeout, verify=settings.verify, ca=settings.ca
        )
        level = Level.CRITICAL if shown.problem else None
        return Reading(at=moment.now, value=shown.days, note=shown.problem, level=level)

    async def _ask_all(self, measure: Measure) -> list[_Outcome]:
        slots = asyncio.Semaphore(_AT_ONCE)
        until = asyncio.get_running_loop().time() + measure.timeout
        if measure not in self._histories:
            self._histories[measure] = tuple(
                _History(endpoint, deque(maxlen=measure.last)) for endpoint in measure.endpoints
            )
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._ask(history, slots, until, measure.timeout))
                for history in self._histories[measure]
            ]
        return [task.result() for task in tasks]

    async def _ask(
        self, history: _History, slots: asyncio.Semaphore, until: float, timeout: float
    ) -> _Outcome:
        """One endpoint, within the time that all of them share."""
        loop, settings = asyncio.get_running_loop(), self._settings
        async with slots:
            began = loop.time()
            left = until - began
            in_full = left > timeout * 0.9
            if left < 0.05:
                return _Outcome(history, NoAnswer("not asked, others took all the time"), 0, False)
            try:
                came: web.Answer | ProbeError = await web.get(
                    settings.base + history.endpoint.path,
                    headers=settings.headers,
                    timeout=timeout if in_full else left,
                    verify=settings.verify,
                    ca=settings.ca,
                )
            except ProbeError as error:
                came = error
            return _Outcome(history, came, loop.time() - began, in_full)


def _raise_if_silent(outcomes: Sequence[_Outcome]) -> None:
    """Raise the reason when nothing came that could not as well be our own line."""
    for outcome in outcomes:
        came = outcome.came
        if isinstance(came, web.Answer | Refused | BadAnswer):
            return
        if isinstance(came, web.Hanging) and outcome.history.counted:
            return
    raise next(o.came for o in outcomes if isinstance(o.came, ProbeError))


def _result(measure: Measure, outcome: _Outcome) -> _Result:
    """The judgement of one outcome, given that the service has been heard."""
    history, came = outcome.history, outcome.came
    endpoint, spent = history.endpoint, outcome.took * 1e3
    if isinstance(came, NoAnswer) and measure.value in _WAITED_FOR:
        if outcome.in_full:
            history.add(measure.timeout * 1e3)
            return _Result(endpoint.label, _State.LATE, measure.timeout * 1e3, came.reason)
        known = measure.statistic(history.counted) if history.counted else 0.0
        return _Result(endpoint.label, _State.SKIPPED, known, "not measured, others took the time")
    if isinstance(came, ProbeError):
        if measure.value == "json":
            raise came
        return _Result(endpoint.label, _State.WRONG, spent, came.reason)
    fault = endpoint.fault(came)
    if fault and measure.value == "json":
        raise BadAnswer(f"{endpoint.label} {fault}")
    if fault:
        return _Result(endpoint.label, _State.WRONG, came.phases.total, fault)
    history.add(measure.observed(endpoint, came))
    return _Result(endpoint.label, _State.RIGHT, measure.statistic(history.counted), _told(came))


def _told(answer: web.Answer) -> str:
    phases = answer.phases
    return (
        f"{answer.status}, connect {format_number(phases.connect)} ms, "
        f"first byte {format_number(phases.first_byte)} ms"
    )


def _reading(results: list[_Result], outcomes: Sequence[_Outcome], moment: Moment) -> Reading:
    worst_first = sorted(results, key=lambda r: (_ORDER.index(r.state), -r.value))
    wrong = [r for r in results if r.state is _State.WRONG]
    measured = [r.value for r in results if r.state in (_State.RIGHT, _State.LATE)]
    refused = [o.came for o in outcomes if isinstance(o.came, Refused)]
    every = len(wrong) == len(results)
    note = _note(worst_first, len(wrong))
    if len(refused) == len(outcomes):
        note = f"every endpoint refused: {refused[0].reason}"
    return Reading(
        at=moment.now,
        value=max(measured or [r.value for r in wrong]),
        sample=sum(len(o.history.counted) for o in outcomes) or None,
        note=note,
        rows=tuple(Row(r.label, r.value, r.note) for r in worst_first),
        level=Level.CRITICAL if wrong else None,
        hard=every,
    )


def _note(worst_first: list[_Result], wrong: int) -> str:
    worst, count = worst_first[0], len(worst_first)
    if count == 1:
        return f"{worst.label} {worst.note}"
    if wrong == count:
        return f"every endpoint fails: {worst.label} {worst.note}"
    if wrong:
        return f"{wrong} of {count} failing: {worst.label} {worst.note}"
    if worst.state is _State.RIGHT:
        return f"{count} of {count} answered, worst {worst.label}"
    answered = sum(r.state is _State.RIGHT for r in worst_first)
    return f"{answered} of {count} answered, {worst.label}: {worst.note}"


def _open(settings: Settings, _clock: Clock) -> HttpProbe:
    return HttpProbe(settings)


KIND = Kind("http", Settings, Measure, _open)
