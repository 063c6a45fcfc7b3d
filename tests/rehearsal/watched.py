"""A production under test, with a view on its database, its log and its Chatwoot."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from rehearsal.director import Director
from rehearsal.production import Production
from rehearsal.schema import connected
from rehearsal.talks import Account


class Eventually(Protocol):
    """Poll a condition, sync or async, until it holds; False when `within` seconds pass."""

    async def __call__(self, holds: Callable[[], Any], within: float = 10.0) -> bool: ...


@dataclass
class Watched:
    """A production, its director, and a view on its database and its log."""

    production: Production
    director: Director
    client: httpx.AsyncClient

    async def ask(self, statement: str, *values: object) -> Any:
        async with connected(self.production.environment["DATABASE_URL"]) as watch:
            return await watch.fetchval(statement, *values)

    async def count(self, table: str) -> int:
        """The rows of a table."""
        return int(await self.ask(f'SELECT count(*) FROM "{table}"'))

    def logged(self, text: str) -> int:
        """How often the log says something."""
        return self.log.read_bytes().count(text.encode())

    @property
    def log(self) -> Path:
        return Path(self.production.environment["APP_LOG"])

    @property
    def account(self) -> Account:
        """The busiest tenant's account in Chatwoot."""
        return self.production.chatwoot.accounts[1]

    async def chatwoot(self, path: str) -> httpx.Response:
        """What Chatwoot answers the watch."""
        environment = self.production.environment
        headers = {"api-access-token": environment["CHATWOOT_TOKEN"]}
        return await self.client.get(environment["CHATWOOT_URL"] + path, headers=headers)

    async def grows(self, table: str, eventually: Eventually, where: str = "true") -> bool:
        """Whether rows are still added to a table."""
        statement = f'SELECT count(*) FROM "{table}" WHERE {where}'
        before = await self.ask(statement)

        async def has_grown() -> bool:
            return bool(await self.ask(statement) > before)

        return await eventually(has_grown)

    async def minutes(self, clock_minutes: float, eventually: Eventually) -> None:
        """Let the production live for a while."""
        clock = self.production.clock
        end = clock.now() + clock_minutes * 60
        assert await eventually(lambda: clock.now() >= end, within=30)
