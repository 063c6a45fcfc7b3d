"""Acts on the database and its server."""

import asyncio
from typing import Final

from rehearsal.levers import Act, Levers

_FULL: Final = ("Company", "Lead", "Conversation", "Message", "WebhookEvent", "QuotaLog")
"""Tables nothing can be added to when the disk is full."""
_NO_SPACE: Final = """
CREATE OR REPLACE FUNCTION rehearsal_no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file "base/16385/16512": No space left on device'
        USING ERRCODE = '53100', HINT = 'Check free disk space.';
END $$
"""


def sql(statement: str, *, as_root: bool = False) -> Act:
    """Run a statement in the application's database."""

    async def act(production: Levers) -> None:
        await production.execute(statement, as_root=as_root)

    return act


async def stop(production: Levers) -> None:
    """End the server; its sessions are told 57P01."""
    await production.server.stop()


async def stay_down(production: Levers) -> None:
    """Real seconds in which connections are refused."""
    await asyncio.sleep(5.0 if production.clock.scale >= 20 else 15.0)


async def start(production: Levers) -> None:
    """Start the server unless it runs."""
    if production.server.pid is None:
        await production.server.start()


async def start_as_standby(production: Levers) -> None:
    """Start the server as the replica that was promoted too late: it only reads."""
    production.server.follow()
    await production.server.start()


async def promote(production: Levers) -> None:
    """Let a replica write; a server that does already is left alone."""
    await start(production)
    statement = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote() END"
    await production.execute(statement, as_root=True)


def fill(share: float) -> Act:
    """Take that share of the server's slots."""

    async def act(production: Levers) -> None:
        await production.sessions.fill(share)

    return act


async def fill_wholly(production: Levers) -> None:
    """Take every slot, those of the application's pool as well: its next one is refused."""
    await production.application.pool.close()
    await production.sessions.fill(2.0)


def block(statement: str) -> Act:
    """Begin a transaction with a statement, and leave it open."""

    async def act(production: Levers) -> None:
        await production.sessions.block(statement)

    return act


async def release(production: Levers) -> None:
    """Close every session beside the pool's, and end the slow queries in it."""
    await production.application.release_pool()
    await production.sessions.release()


async def fill_disk(production: Levers) -> None:
    """From now on nothing can be added to a table; what is there can be read."""
    triggers = [
        f'CREATE TRIGGER rehearsal_full BEFORE INSERT ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION rehearsal_no_space()"
        for table in _FULL
    ]
    await production.execute(";".join([_NO_SPACE, *triggers]))


async def free_disk(production: Levers) -> None:
    """There is space again."""
    drops = [f'DROP TRIGGER IF EXISTS rehearsal_full ON "{table}"' for table in _FULL]
    await production.execute(";".join([*drops, "DROP FUNCTION IF EXISTS rehearsal_no_space()"]))


def timezone(name: str | None) -> Act:
    """The zone that new sessions of the database begin in; None: the server's own."""

    async def act(production: Levers) -> None:
        change = "RESET timezone" if name is None else f"SET timezone = '{name}'"
        for what in ("DATABASE production", "ROLE app", "ROLE firstwatch"):
            await production.execute(f"ALTER {what} {change}", as_root=True)
        await production.application.pool.close()

    return act
