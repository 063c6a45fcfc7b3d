"""Looking around: every source and the board asked at once what there is to see just now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from firstwatch.errors import BadAnswer, ProbeError
from firstwatch.probe import Captures, Exhibit, Moment, Probe
from firstwatch.sampling import ignore
from firstwatch.units import format_value

DEADLINE = 5.0
"""Real seconds within which every source, and the board, has to have shown what there is."""
BOARD = "board"
"""As whom the board is said not to have answered."""

Picture = Callable[[float], Awaitable[str]]
"""Brings the board as SVG once it shows that moment. Raises `ProbeError` where there is none."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sight:
    """What could be seen at one moment, and what not."""

    at: float
    exhibits: tuple[tuple[str, Exhibit], ...]
    """Each with the source it is from."""
    picture: str
    missing: tuple[tuple[str, str], ...]
    """Who showed nothing, and why."""


class Lookout:
    """Asks the probes that can show something, whatever they may do."""

    def __init__(self, probes: Mapping[str, Probe], picture: Picture) -> None:
        self._sources = {name: p for name, p in probes.items() if isinstance(p, Captures)}
        self._picture = picture
        self._strays: dict[str, asyncio.Task[Any]] = {}
        """Captures that may not have ended when they were cancelled."""

    async def look_around(self, moment: Moment) -> Sight:
        """Ask every source and the board at once; who is late or fails is named."""
        hanging = {name for name, stray in self._strays.items() if not stray.done()}
        tasks = {
            name: _begin(_shown(probe, moment))
            for name, probe in self._sources.items()
            if name not in hanging
        }
        drawing = _begin(self._picture(moment.now))
        everything = [*tasks.values(), drawing]
        try:
            await asyncio.wait(everything, timeout=DEADLINE)
            missing = {name: _failure(task) for name, task in tasks.items()}
            missing |= dict.fromkeys(hanging, "the last capture still hangs")
            undrawn = _failure(drawing)
        finally:
            for task in everything:
                task.cancel()
        self._strays |= tasks
        exhibits = tuple(
            (name, exhibit)
            for name, task in tasks.items()
            if not missing[name]
            for exhibit in task.result()
        )
        failed = [*missing.items(), (BOARD, undrawn)]
        picture = "" if undrawn else drawing.result()
        return Sight(moment.now, exhibits, picture, tuple(f for f in failed if f[1]))


async def _shown(probe: Captures, moment: Moment) -> tuple[Exhibit, ...]:
    """What a probe shows, looked at: what comes from one is anything until then."""
    return tuple(
        Exhibit(str(found.name), str(found.title), tuple(str(line) for line in found.lines))
        for found in await probe.capture(moment)
    )


def _begin(work: Awaitable[T]) -> "asyncio.Task[T]":
    """The work under way, unable to end the program or to complain when nobody looks."""

    async def safely() -> T:
        try:
            return await work
        except SystemExit:
            raise BadAnswer("it failed: SystemExit") from None

    task = asyncio.create_task(safely())
    task.add_done_callback(ignore)
    return task


def _failure(task: "asyncio.Task[Any]") -> str:
    """Why this brought nothing; empty if it did."""
    if not task.done():
        return f"nothing within {format_value(DEADLINE, 's')}"
    if task.cancelled():
        return "it failed: CancelledError"
    error = task.exception()
    if error is None:
        return ""
    return error.reason if isinstance(error, ProbeError) else f"it failed: {type(error).__name__}"
