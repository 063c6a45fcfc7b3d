"""The application's database: its roles, its tables, and what the watch may see of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final

import asyncpg

from rehearsal.postgres import Server

OWNER: Final = "app"
"""The role the application connects as; it owns the tables."""
WATCHER: Final = "firstwatch"
"""The role of the watch: reads every table, and the statistics of every session."""


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    """A connection that is closed at the end."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


async def create_roles(server: Server) -> None:
    """Create the two roles, once per server."""
    async with connected(server.dsn()) as root:
        for role in (OWNER, WATCHER):
            await root.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{server.password}'")
        await root.execute(f"GRANT pg_monitor TO {WATCHER}")


async def create_database(server: Server, name: str) -> None:
    """Create a database with the application's schema, empty. Needs the roles."""
    async with connected(server.dsn()) as root:
        await root.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
    async with connected(server.dsn(database=name)) as root:
        if server.has_statements:
            await root.execute("CREATE EXTENSION pg_stat_statements")
        await root.execute(f"GRANT USAGE ON SCHEMA public TO {WATCHER}")
        await root.execute(f"GRANT CREATE ON SCHEMA public TO {OWNER}")
    async with connected(server.dsn(OWNER, name)) as owner:
        await owner.execute(files("rehearsal").joinpath("schema.sql").read_text())
        await owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {WATCHER}")
