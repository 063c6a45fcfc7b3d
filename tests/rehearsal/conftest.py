"""What the tests of the rehearsal share."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, Protocol

import pytest


class Eventually(Protocol):
    """Poll a condition, sync or async, until it holds; False when `within` seconds pass."""

    async def __call__(self, holds: Callable[[], Any], within: float = 10.0) -> bool: ...


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
