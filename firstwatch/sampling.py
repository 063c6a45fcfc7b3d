"""Sampling: one reading from a probe, whatever the probe may do.

It may hang, ignore being cancelled, raise anything or answer nonsense. What comes out is a
reading to judge by or a failure with a reason, and never later than the deadline and a moment.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, NotConfigured, ProbeError
from firstwatch.plan import Check
from firstwatch.probe import Describes, Inquiry, Moment, Probe
from firstwatch.readings import Failure, Reading
from firstwatch.secrecy import Secrets
from firstwatch.text import clean
from firstwatch.units import format_value

GIVE_UP = 1.0
"""Real seconds a cancelled reading may take to end before it is left behind."""
LINES = 200
"""The most lines that are told of what is asked, and the most characters of one."""
LINE = 500
LAST_MOMENT = 4e9
"""Seconds since the epoch past which a time is nonsense; milliseconds are, for one."""


class Sampler:
    """Asks the probes of a plan, each for no more at once than it can take."""

    def __init__(
        self,
        probes: Mapping[str, Probe],
        clock: Clock,
        launch: float,
        baselines: Mapping[str, str],
        was_held_up: Callable[[float], bool],
        secrets: Secrets,
    ) -> None:
        """`baselines` are the first facts of each check, a mapping that may grow.

        `was_held_up` says of a moment of the loop whether the loop stood still since. `secrets`
        get no further than this, whoever repeated them.
        """
        self._secrets = secrets
        self._probes = probes
        self._clock = clock
        self._launch = launch
        self._baselines = baselines
        self._was_held_up = was_held_up
        self._slots = {name: asyncio.Semaphore(probe.concurrency) for name, probe in probes.items()}
        self._strays: dict[str, asyncio.Task[Reading]] = {}

    async def sample(self, check: Check, at: float | None = None) -> Reading | Failure:
        """One reading for this check, when its source has a slot free, or why there is none.

        `at` is the moment it is asked of, if that is not now.
        """
        async with self._slots[check.source]:
            return await self._sample(check, at)

    def inquiry(self, check: Check) -> Inquiry:
        """What a reading of this check asks, without secrets; empty where its probe cannot say."""
        probe = self._probes.get(check.source)
        if not isinstance(probe, Describes):
            return Inquiry()
        try:
            told = probe.describe(check.measure, Moment(self._clock.now(), self._launch))
        except Exception as error:  # noqa: BLE001 - a probe may raise anything
            return Inquiry((f"the probe cannot say: {type(error).__name__}",))
        return Inquiry(
            tuple(self._line(line) for line in told.asked[:LINES]),
            tuple((self._line(name), self._line(value)) for name, value in told.given),
            self._line(told.cost),
        )

    def _line(self, text: str) -> str:
        return self._secrets.line(text, LINE)

    def abandon(self) -> None:
        """Cancel once more what did not end when it was cancelled."""
        for task in self._strays.values():
            task.cancel()

    async def _sample(self, check: Check, at: float | None) -> Reading | Failure:
        stray = self._strays.get(check.id)
        if stray and not stray.done():
            return self._failure("the last measurement still hangs", is_fact=False)
        began = asyncio.get_running_loop().time()
        result = await self._within_deadline(check, at, began)
        return replace(result, took=asyncio.get_running_loop().time() - began)

    async def _within_deadline(
        self, check: Check, at: float | None, began: float
    ) -> Reading | Failure:
        baseline = self._baselines.get(check.id, "")
        moment = Moment(self._clock.now() if at is None else at, self._launch, baseline)
        task = asyncio.create_task(_ask(self._probes[check.source], check, moment))
        task.add_done_callback(ignore)
        try:
            done, _ = await asyncio.wait({task}, timeout=check.deadline)
            if not done:
                task.cancel()
                await asyncio.wait({task}, timeout=GIVE_UP)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task}, timeout=GIVE_UP)
            raise
        if not task.done():
            self._strays[check.id] = task
        if not done:
            why = f"no answer within {format_value(check.deadline, 's')}"
            return self._failure(why, is_fact=False)
        if self._was_held_up(began):
            why = "the watch itself was held up; the sample is dropped"
            return self._failure(why, is_fact=False)
        return self._outcome(task)

    def _outcome(self, task: asyncio.Task[Reading]) -> Reading | Failure:
        try:
            return self._discreet(task.result())
        except ProbeError as error:
            return self._failure(
                error.reason,
                is_fact=error.is_fact,
                blocks_source=error.blocks_source,
                unset=isinstance(error, NotConfigured),
            )
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a probe may raise anything
            return self._failure(f"the probe failed: {type(error).__name__}")

    def _failure(
        self,
        reason: str,
        *,
        is_fact: bool = True,
        blocks_source: bool = False,
        unset: bool = False,
    ) -> Failure:
        told = clean(self._secrets.without(clean(reason, 800)), 200)
        return Failure(self._clock.now(), told, blocks_source, is_fact, unset)

    def _discreet(self, reading: Reading) -> Reading:
        without = self._secrets.without
        rows = tuple(
            replace(row, label=without(row.label), note=without(row.note)) for row in reading.rows
        )
        # The facts are the probe's own words to itself, and only known secrets may be missing.
        facts = self._secrets.verbatim(reading.facts)
        return replace(reading, note=without(reading.note), rows=rows, facts=facts)


async def _ask(probe: Probe, check: Check, moment: Moment) -> Reading:
    """One reading, made harmless. Raises `ProbeError`, and whatever else the probe raises."""
    try:
        reading = (await probe.read(check.measure, moment)).bounded()
    except SystemExit:
        # asyncio would take this for the end of the whole program.
        raise BadAnswer("the probe failed: SystemExit") from None
    if not _is_finite(reading.value):
        raise BadAnswer("the answer is not a number")
    if not _is_finite(reading.at) or not 0 <= reading.at < LAST_MOMENT:
        raise BadAnswer("the answer carries no usable time")
    return reading


def _is_finite(number: object) -> bool:
    """Whether it is a number to judge by; what comes from a probe is anything until looked at."""
    return isinstance(number, int | float) and math.isfinite(number)


def ignore(task: asyncio.Task[Any]) -> None:
    """Look at the result of work nobody waits for, so that asyncio does not complain."""
    if not task.cancelled():
        task.exception()
