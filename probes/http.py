"""The http probe: asks a few addresses and says how they answer and how fast."""

import asyncio
from collections import deque
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from firstwatch.clock import Clock
from firstwatch.errors import NoAnswer, NotConfigured, ProbeError
from firstwatch.probe import Exhibit, Inquiry, Kind, Moment, Section
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes import pages, web
from probes.histories import History
from probes.http_answers import Outcome, raise_if_silent, reading_of, result_of
from probes.http_measure import Measure
from probes.http_trails import Trails

_AT_ONCE = 4


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


class HttpProbe:
    """Asks the endpoints of one service."""

    def __init__(self, settings: Settings) -> None:
        self.concurrency = 2
        self._settings = settings
        self._histories: dict[Measure, tuple[History, ...]] = {}
        self._trails = Trails()

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Ask every endpoint once. Raises ProbeError when none of them could be judged."""
        if not self._settings.base:
            raise NotConfigured("no address: set APP_URL or sources.<name>.base")
        if measure.value == "certificate_days":
            return await self._certificate(measure, moment)
        outcomes = await self._ask_all(measure)
        self._trails.note(outcomes, moment.now)
        raise_if_silent(outcomes)
        results = [result_of(measure, outcome) for outcome in outcomes]
        return reading_of(results, outcomes, measure.routes, moment)

    def describe(self, measure: Measure, _moment: Moment) -> Inquiry:
        """Every request with what its answer has to be; of headers the names alone."""
        settings = self._settings
        base = web.shown(settings.base) if settings.base else "(no address)"
        if measure.value == "certificate_days":
            return Inquiry((f"the certificate of {base}",))
        headers = ", ".join(settings.headers)
        of = "" if measure.value == "json" else f" of the last {measure.last} answers of each"
        return Inquiry(
            tuple(f"GET {base}{each.told}" for each in measure.endpoints),
            (
                ("value", f"{measure.stat or 'p95' if measure.is_time else 'last'}{of}"),
                *((("headers", headers),) if headers else ()),
            ),
        )

    async def capture(self, _moment: Moment) -> tuple[Exhibit, ...]:
        """How each endpoint answered of late; nothing is asked anew. Raises `ProbeError`."""
        return (self._trails.exhibit(),)

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

    async def _ask_all(self, measure: Measure) -> list[Outcome]:
        slots = asyncio.Semaphore(_AT_ONCE)
        until = asyncio.get_running_loop().time() + measure.timeout
        if measure not in self._histories:
            self._histories[measure] = tuple(
                History(endpoint, deque(maxlen=measure.last)) for endpoint in measure.endpoints
            )
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._ask(history, slots, until, measure.timeout))
                for history in self._histories[measure]
            ]
        outcomes = [task.result() for task in tasks]
        if not measure.files:
            return outcomes
        return [await self._with_files(outcome, measure.files, until) for outcome in outcomes]

    async def _with_files(self, outcome: Outcome, most: int, until: float) -> Outcome:
        """The same, with what came of a few of its page's files, in the time that is left."""
        page, history = outcome.page, outcome.history
        if page is None:
            return outcome
        origin = web.origin(self._settings.base)
        named = pages.files_of(page.text, origin)
        wanted = pages.chosen(named, history.turn, most)
        history.turn += 1
        answers = [(path, await self._head(origin + path, until)) for path in wanted]
        return replace(outcome, files=pages.looked_at(len(named), answers))

    async def _head(self, url: str, until: float) -> web.Answer | None:
        """How a file begins to answer; None if it does not, which may be our own line."""
        settings, left = self._settings, until - asyncio.get_running_loop().time()
        if left < 0.05:
            return None
        try:
            return await web.get(
                url,
                headers=settings.headers,
                timeout=left,
                verify=settings.verify,
                ca=settings.ca,
                most=0,
            )
        except ProbeError:
            return None

    async def _ask(
        self, history: History, slots: asyncio.Semaphore, until: float, timeout: float
    ) -> Outcome:
        """One endpoint, within the time that all of them share."""
        loop, settings = asyncio.get_running_loop(), self._settings
        async with slots:
            began = loop.time()
            left = until - began
            in_full = left > timeout * 0.9
            if left < 0.05:
                return Outcome(history, NoAnswer("not asked, others took all the time"), 0, False)
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
            return Outcome(history, came, loop.time() - began, in_full)


def _open(settings: Settings, _clock: Clock) -> HttpProbe:
    return HttpProbe(settings)


KIND = Kind("http", Settings, Measure, _open)
