"""What the tests of the rehearsal share."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from firstwatch.clock import ScaledClock
from rehearsal.director import Director
from rehearsal.production import Production
from rehearsal.scenarios import SCENARIOS
from tests.rehearsal.watched import Eventually, Watched

SCALE = 60.0


async def _poll(holds: Callable[[], Any], within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while True:
        answer = holds()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer or time.monotonic() > deadline:
            return bool(answer)
        await asyncio.sleep(0.02)


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """The one way these tests wait for something."""
    return _poll


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    now = time.time()
    clock = ScaledClock(SCALE, now, now)
    folder = tmp_path_factory.mktemp("production")
    async with Production.opened(folder, clock, seed=7) as production:
        director = Director(production)
        base = production.environment["APP_URL"]
        async with httpx.AsyncClient(base_url=base, timeout=20) as client:
            yield Watched(production, director, client)
        await director.close()


@pytest_asyncio.fixture(loop_scope="module")
async def watched(opened: Watched) -> AsyncIterator[Watched]:
    """The one production of a module, healthy before and after each test."""
    yield opened
    for scenario in SCENARIOS:
        await opened.director.cure(scenario.name)
