"""What a scenario is, and what it may touch of a production."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from firstwatch.clock import Clock
from rehearsal.app import Application
from rehearsal.chatwoot import Chatwoot
from rehearsal.postgres import Server
from rehearsal.serving import Site
from rehearsal.sessions import Sessions
from rehearsal.traffic import Traffic


class Levers(Protocol):
    """What a scenario may touch of a production."""

    server: Server
    sessions: Sessions
    application: Application
    site: Site
    chatwoot: Chatwoot
    traffic: Traffic
    log_rotations: int

    @property
    def clock(self) -> Clock:
        """The time of the rehearsal."""

    async def execute(self, statement: str, *, as_root: bool = False) -> None:
        """Run a statement in the application's database, as its owner or as the superuser."""


Act = Callable[[Levers], Awaitable[None]]
"""Pulls one lever."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act, so many clock minutes and at least so many real seconds after the cause."""

    act: Act
    minutes: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that can happen to the production."""

    name: str
    summary: str
    steps: tuple[Step, ...] = ()
    remedies: tuple[Act, ...] = ()
    passes: bool = False
    """It is over by itself after its last step."""

    async def strike(self, production: Levers) -> None:
        """Play the steps on their timeline; returns after the last."""
        clock = production.clock
        began, real = clock.now(), asyncio.get_running_loop().time()
        for step in self.steps:
            await clock.sleep(began + step.minutes * 60 - clock.now())
            await asyncio.sleep(max(real + step.seconds - asyncio.get_running_loop().time(), 0))
            await step.act(production)

    async def cure(self, production: Levers) -> None:
        """Undo whatever the steps have done; harmless when they have done nothing."""
        for remedy in self.remedies:
            await remedy(production)
