"""Who strikes and cures: which scenarios are active, and the timetable of all of them."""

import asyncio
import difflib
from dataclasses import dataclass
from typing import Final

from rehearsal.levers import Levers, Scenario
from rehearsal.scenarios import SCENARIOS

FIRST_AT: Final = 20.0
LASTS: Final = 28.0
CALM: Final = 12.0
"""Clock minutes: before the first scenario, of each, and between two."""


class UnknownScenario(ValueError):
    """There is no scenario of that name; the message names the nearest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One scenario of the timetable; both ends in clock minutes after the start."""

    name: str
    strikes: float
    cured: float


def timetable() -> tuple[Entry, ...]:
    """All scenarios, one after the other."""
    starts = (FIRST_AT + (LASTS + CALM) * number for number in range(len(SCENARIOS)))
    return tuple(
        Entry(scenario.name, start, start + LASTS)
        for scenario, start in zip(SCENARIOS, starts, strict=True)
    )


def find(name: str) -> Scenario:
    """The scenario of a name. Raises UnknownScenario with the nearest one."""
    known = {scenario.name: scenario for scenario in SCENARIOS}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
    raise UnknownScenario(f'no scenario is called "{name}"{hint}')


class Director:
    """Keeps what is active; a scenario struck twice starts again."""

    def __init__(self, production: Levers) -> None:
        self._production = production
        self._playing: dict[str, asyncio.Task[None]] = {}

    def is_active(self, scenario: Scenario) -> bool:
        """Whether it has struck and is not over."""
        playing = self._playing.get(scenario.name)
        return playing is not None and not (scenario.passes and playing.done())

    async def strike(self, name: str) -> None:
        """Begin a scenario; its first act is under way when this returns."""
        scenario = find(name)
        await self.cure(name)
        begun = asyncio.create_task(scenario.strike(self._production))
        self._playing[name] = begun
        await asyncio.wait({begun}, timeout=0.05)

    async def cure(self, name: str) -> None:
        """End a scenario and undo it; curing what is not active is harmless."""
        scenario = find(name)
        playing = self._playing.pop(name, None)
        if playing is None:
            return
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        await scenario.cure(self._production)

    async def play(self) -> None:
        """Play the timetable once, from now on."""
        clock = self._production.clock
        began = clock.now()
        for entry in timetable():
            await clock.sleep(began + entry.strikes * 60 - clock.now())
            await self.strike(entry.name)
            await clock.sleep(began + entry.cured * 60 - clock.now())
            await self.cure(entry.name)

    async def close(self) -> None:
        """Stop whatever is playing, without curing it."""
        playing, self._playing = list(self._playing.values()), {}
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
