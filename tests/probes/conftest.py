"""A database with the application's tables, shared by the tests of the statements."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from rehearsal.postgres import Server
from rehearsal.schema import OWNER, WATCHER, connected, create_database
from tests.probes.application import Application, Database, opened


@pytest.fixture(scope="session")
def tables(postgres_server: Server) -> Database:
    """One database for all of them; making one each would take most of their time."""
    name, server = "test_queries", postgres_server
    asyncio.run(create_database(server, name))
    return Database(name, server.dsn(WATCHER, name), server.dsn(OWNER, name))


@pytest.fixture
async def app(tables: Database) -> AsyncIterator[Application]:
    """The application on empty tables, and a watch that asks."""
    probe = opened(tables.dsn)
    async with connected(tables.owner_dsn) as owner:
        try:
            yield Application(owner, probe)
        finally:
            await probe.close()
            await owner.execute('TRUNCATE "Company", "WebhookEvent" CASCADE')
