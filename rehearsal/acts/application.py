"""Acts on the application and its log."""

import asyncio
from typing import Final

from rehearsal.levers import Act, Levers

ADDRESS: Final = "http://localhost:3100"
OUT_OF_MEMORY: Final = (
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
)


def delay(path: str, seconds: float) -> Act:
    """Let one path answer later, by real seconds; 0: no more."""

    async def act(production: Levers) -> None:
        delays = production.application.delays
        if seconds:
            delays[path] = seconds
        else:
            delays.pop(path, None)

    return act


def deploy(*, is_broken: bool) -> Act:
    """Bring out a release, unless it is out already."""

    async def act(production: Levers) -> None:
        application = production.application
        if application.webhook.is_broken != is_broken:
            application.webhook.is_broken = is_broken
            application.log.announce_start(ADDRESS)

    return act


def crash(seconds: float) -> Act:
    """Let the process die; it is there again after so many real seconds."""

    async def act(production: Levers) -> None:
        production.application.log.write(OUT_OF_MEMORY)
        await production.site.shut()
        await production.application.pool.close()
        await asyncio.sleep(seconds)
        await revive(production)

    return act


async def revive(production: Levers) -> None:
    """Start the process unless it runs."""
    if not production.site.is_open:
        production.application.log.announce_start(ADDRESS)
        await production.site.open()


def hog(batches: int, seconds: float, sessions: int = 0) -> Act:
    """Hold the application's pool with slow queries, and open busy sessions beside it."""

    async def act(production: Levers) -> None:
        production.application.hog_pool(batches, seconds)
        await production.sessions.work(sessions)

    return act


def slow_lookup(seconds: float) -> Act:
    """Let every search for a lead take so long, in real seconds; 0: its index is back."""

    async def act(production: Levers) -> None:
        production.application.inbound.slow_lookup = seconds

    return act


async def rotate_log(production: Levers) -> None:
    """Rename the log the first time, copy and truncate it the next."""
    production.log_rotations += 1
    log = production.application.log
    if production.log_rotations % 2:
        log.rotate_by_rename()
    else:
        log.rotate_by_truncation()


def log_space(*, is_full: bool) -> Act:
    """Whether what is written to the log is lost."""

    async def act(production: Levers) -> None:
        production.application.log.is_full = is_full

    return act
