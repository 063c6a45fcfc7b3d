"""What can go wrong on purpose: named incidents, each a few acts on a timeline.

An act pulls one lever of the production. A scenario is a list of acts with the clock minutes
after its cause at which they happen, and the acts that cure it. Several may be active at once
as long as they pull different levers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from firstwatch.clock import Clock
from rehearsal.app import Application
from rehearsal.postgres import Server
from rehearsal.traffic import Traffic


class Levers(Protocol):
    """What a scenario may touch of a production."""

    server: Server
    application: Application
    traffic: Traffic
    log_rotations: int

    @property
    def clock(self) -> Clock:
        """The time of the rehearsal."""

    async def execute(self, statement: str) -> None:
        """Run a statement as the owner of the application's database."""

    async def crowd(self, sessions: int) -> None:
        """Open so many sessions of the application beside its pool; 0 closes them."""


Act = Callable[[Levers], Awaitable[None]]


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


def _delay(path: str, seconds: float) -> Act:
    async def act(production: Levers) -> None:
        production.application.delays[path] = seconds

    return act


def _no_delay(path: str) -> Act:
    async def act(production: Levers) -> None:
        production.application.delays.pop(path, None)

    return act


def _quiet(*, is_quiet: bool) -> Act:
    async def act(production: Levers) -> None:
        production.traffic.is_quiet = is_quiet

    return act


def _deploy(*, is_broken: bool) -> Act:
    async def act(production: Levers) -> None:
        application = production.application
        if application.webhook.is_broken != is_broken:
            application.webhook.is_broken = is_broken
            application.log.announce_start("http://localhost:3100")

    return act


def _sql(statement: str) -> Act:
    async def act(production: Levers) -> None:
        await production.execute(statement)

    return act


def _hog(batches: int, seconds: float, sessions: int = 0) -> Act:
    async def act(production: Levers) -> None:
        production.application.hog_pool(batches, seconds)
        if sessions:
            await production.crowd(sessions)

    return act


async def _release(production: Levers) -> None:
    await production.application.release_pool()
    await production.crowd(0)


async def _rotate(production: Levers) -> None:
    production.log_rotations += 1
    log = production.application.log
    if production.log_rotations % 2:
        log.rotate_by_rename()
    else:
        log.rotate_by_truncation()


async def _stop_database(production: Levers) -> None:
    await production.server.stop()


async def _stay_down(production: Levers) -> None:
    await asyncio.sleep(5.0 if production.clock.scale >= 20 else 15.0)


async def _start_database(production: Levers) -> None:
    if production.server.pid is None:
        await production.server.start()


_NO_NUMBER: Final = 'UPDATE "Company" SET "whatsappBusinessNumber" = NULL'
_NUMBER_BACK: Final = """UPDATE "Company" c SET "whatsappBusinessNumber" = n."number"
    FROM "WhatsAppNumber" n WHERE n."companyId" = c."id" """
SLOW_PATH: Final = "/api/auth/session"

SCENARIOS: Final = (
    Scenario("normal-day", "Nothing happens: steady traffic, everything is stored"),
    Scenario(
        "quiet-night",
        "Nobody writes, and Chatwoot counts nothing either",
        (Step(_quiet(is_quiet=True)),),
        (_quiet(is_quiet=False),),
    ),
    Scenario(
        "webhook-500-storm",
        "A bad deploy: every webhook is answered 500 and its message is lost",
        (Step(_deploy(is_broken=True)),),
        (_deploy(is_broken=False),),
    ),
    Scenario(
        "silent-loss",
        "The tenants' numbers are gone: every webhook is answered 200 and its message is lost",
        (Step(_sql(_NO_NUMBER)),),
        (_sql(_NUMBER_BACK),),
    ),
    Scenario(
        "pool-exhaustion",
        "Slow queries hold the application's pool: webhooks crawl, then they fail",
        (Step(_hog(1, 2.6, 4)), Step(_hog(8, 3.0, 6), minutes=4, seconds=8)),
        (_release,),
    ),
    Scenario(
        "slow-endpoint",
        f"GET {SLOW_PATH} takes 0.8 s, after 4 min 2.6 s, after 10 min 5.6 s",
        (
            Step(_delay(SLOW_PATH, 0.8)),
            Step(_delay(SLOW_PATH, 2.6), minutes=4),
            Step(_delay(SLOW_PATH, 5.6), minutes=10),
        ),
        (_no_delay(SLOW_PATH),),
    ),
    Scenario(
        "log-rotation",
        "The log is rotated: renamed the first time, copied and truncated the next",
        (Step(_rotate),),
        passes=True,
    ),
    Scenario(
        "database-restart",
        "PostgreSQL is stopped and comes back some seconds later",
        (Step(_stop_database), Step(_stay_down), Step(_start_database)),
        (_start_database,),
        passes=True,
    ),
)
"""Every scenario, in the order the timetable plays them."""
