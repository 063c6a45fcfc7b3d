"""What tests of several packages share: a real PostgreSQL with the application's schema."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import pytest

from rehearsal.postgres import Server
from rehearsal.schema import OWNER, WATCHER, connected, create_database, create_roles

T = TypeVar("T")
_TEMPLATE = "template_app"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """A fresh database with the application's schema and no rows."""

    name: str
    dsn: str
    """As the watch sees it: role `firstwatch`, which may read everything."""
    owner_dsn: str
    """As the application sees it: role `app`, which owns the tables."""


def _complete(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of its own, leaving the test's loop alone."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


async def _start(server: Server) -> None:
    await server.__aenter__()
    await create_roles(server)
    await create_database(server, _TEMPLATE)


async def _execute(server: Server, statement: str) -> None:
    async with connected(server.dsn()) as root:
        await root.execute(statement)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One PostgreSQL for all tests of a worker; its databases come and go."""
    server = Server(tmp_path_factory.mktemp("postgres"))
    try:
        _complete(_start(server))
        yield server
    finally:
        _complete(server.close())


@pytest.fixture
def database(postgres_server: Server) -> Iterator[Database]:
    """A database of the test's own."""
    server, name = postgres_server, f"test_{next(_numbers)}"
    _complete(_execute(server, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} OWNER {OWNER}"))
    yield Database(name, server.dsn(WATCHER, name), server.dsn(OWNER, name))
    _complete(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))
