"""The shipped statements under foreign time zones, and for a role that may not see everything."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from firstwatch.clock import ScaledClock
from firstwatch.config import load
from firstwatch.errors import Missing, NoAnswer, ProbeError
from firstwatch.probe import Moment
from probes.answers import Measure
from probes.kinds import KINDS
from probes.postgres import KIND, PostgresProbe, Settings
from rehearsal.chatwoot import Chatwoot
from rehearsal.cuid import make_cuid
from rehearsal.history import LENGTH, History
from rehearsal.people import fictional_phones
from rehearsal.postgres import Server
from rehearsal.schema import OWNER, WATCHER, connected, create_database

NOW = 1_795_419_786.0  # 2026-11-23T07:43:06Z: another date than in New York
MOMENT = Moment(NOW, NOW - 7200)
NAME = "test_zones"
STRANGER = "stranger"
CHECKLIST = (
    """SELECT count(*) FROM "Message" WHERE "createdAt" > $1::timestamptz - interval '1 hour'"""
)
"""How the checklist asks: a time with a zone against a column without one."""
ZONES = ("Asia/Dubai", "America/New_York")


@dataclass(frozen=True, slots=True)
class Lived:
    """A database that has seen two days."""

    server: Server

    def dsn(self, role: str) -> str:
        return self.server.dsn(role, NAME)


def checks() -> dict[str, Measure]:
    environ = {"DATABASE_URL": "postgresql://db/app", "APP_URL": "http://app"}
    measures = {name: check.measure for name, check in load(None, KINDS, environ).checks.items()}
    return {name: m for name, m in measures.items() if isinstance(m, Measure)}


CHECKS = checks()
STEADY = {
    name: measure
    for name, measure in CHECKS.items()
    if measure.sql not in ("connections.sql", "query_time.sql")
}
"""The checks whose answer rests on rows alone."""


@pytest.fixture(scope="module")
def lived(postgres_server: Server) -> Iterator[Lived]:
    server = postgres_server

    async def make() -> None:
        await create_database(server, NAME)
        clock = ScaledClock(1.0, NOW, NOW)
        tenants = [(make_cuid(NOW - LENGTH), name) for name in ("Alpha", "Beta")]
        chatwoot = Chatwoot(tenants, clock, 7)
        history = History(chatwoot, fictional_phones(), 7)
        history.live_through(NOW)
        async with connected(server.dsn(OWNER, NAME)) as owner:
            await history.store(owner)
        async with connected(server.dsn(database=NAME)) as root:
            await root.execute(f"CREATE ROLE {STRANGER} LOGIN PASSWORD '{server.password}'")
            await root.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {STRANGER}")

    async def unmake() -> None:
        async with connected(server.dsn(database=NAME)) as root:
            await root.execute(f"DROP OWNED BY {STRANGER}; DROP ROLE {STRANGER}")

    asyncio.run(make())
    yield Lived(server)
    asyncio.run(unmake())


@pytest.fixture
async def root(lived: Lived) -> AsyncIterator[Any]:
    async with connected(lived.server.dsn(database=NAME)) as connection:
        yield connection


async def answers(dsn: str, *, pooled: bool = False) -> dict[str, object]:
    """What each check reads; a probe of its own has a connection of its own."""
    return await asked(dsn, STEADY, pooled=pooled)


async def asked(dsn: str, measures: dict[str, Measure], *, pooled: bool) -> dict[str, object]:
    probe = KIND.open(Settings.model_validate({"dsn": dsn, "pooled": pooled}), Still())
    assert isinstance(probe, PostgresProbe)
    found: dict[str, object] = {}
    try:
        for name, measure in measures.items():
            try:
                found[name] = await probe.read(measure, MOMENT)
            except ProbeError as error:
                found[name] = (type(error), error.reason)
    finally:
        await probe.close()
    return found


class Still:
    """A clock that stands still."""

    scale = 1.0

    def now(self) -> float:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.mark.parametrize("pooled", (False, True))
@pytest.mark.parametrize("where", ("every role", "database", "role"))
async def test_no_time_zone_of_server_database_or_role_changes_any_answer(
    lived: Lived, root: Any, where: str, pooled: bool
) -> None:
    altered = {
        "every role": "ROLE ALL",
        "database": f"DATABASE {NAME}",
        "role": f"ROLE {WATCHER}",
    }[where]
    dsn = lived.dsn(WATCHER)
    plain, naive = await answers(dsn), set[int]()
    for zone in ZONES:
        try:
            await root.execute(f"ALTER {altered} SET timezone = '{zone}'")
            seen, counted = await as_another(dsn)
            assert seen == zone
            naive.add(counted)
            assert await answers(dsn, pooled=pooled) == plain
        finally:
            await root.execute(f"ALTER {altered} RESET timezone")
    assert len(naive) == 2  # asked as the checklist asks, the zones do make a difference
    values = [getattr(reading, "value", None) for reading in plain.values()]
    assert None not in values, plain
    assert sum(bool(value) for value in values) >= 5, plain


async def as_another(dsn: str) -> tuple[str, int]:
    """The time zone of a session that sets none, and what the checklist's question counts in it."""
    async with connected(dsn) as other:
        zone = await other.fetchval("SHOW timezone")
        return zone, await other.fetchval(CHECKLIST, datetime.fromtimestamp(NOW - 3600, UTC))


async def test_without_pg_monitor_only_what_needs_it_says_so(lived: Lived) -> None:
    as_watch = await answers(lived.dsn(WATCHER))
    assert await answers(lived.dsn(STRANGER)) == as_watch
    found = await asked(lived.dsn(STRANGER), CHECKS, pooled=False)
    connections = found["connections"]
    told = connections[1] if isinstance(connections, tuple) else getattr(connections, "note", "")
    assert "pg_monitor" in str(told)


@pytest.mark.parametrize("pooled", (False, True))
async def test_without_the_statistics_of_statements_one_check_says_what_to_create(
    lived: Lived, root: Any, pooled: bool
) -> None:
    measure = CHECKS["query-time"]
    before = await asked(lived.dsn(WATCHER), {"query-time": measure}, pooled=pooled)
    assert isinstance(before["query-time"], tuple)
    assert before["query-time"][0] is NoAnswer
    as_usual = await answers(lived.dsn(WATCHER))
    await root.execute("DROP EXTENSION pg_stat_statements")
    try:
        found = await asked(lived.dsn(WATCHER), CHECKS, pooled=pooled)
    finally:
        await root.execute("CREATE EXTENSION pg_stat_statements")
    assert found["query-time"] == (
        Missing,
        "pg_stat_statements is not installed: CREATE EXTENSION pg_stat_statements",
    )
    assert {name: found[name] for name in STEADY} == as_usual


async def test_a_table_that_is_not_granted_makes_its_own_checks_unknown(
    lived: Lived, root: Any
) -> None:
    as_usual = await answers(lived.dsn(STRANGER))
    await root.execute(f'REVOKE SELECT ON "WhatsAppNumber" FROM {STRANGER}')
    try:
        found = await answers(lived.dsn(STRANGER))
    finally:
        await root.execute(f'GRANT SELECT ON "WhatsAppNumber" TO {STRANGER}')
    changed = {name for name in found if found[name] != as_usual[name]}
    assert "quota" in changed
    for name in changed:
        assert "WhatsAppNumber" in str(found[name])
        assert "Denied" in str(found[name])


async def test_a_table_or_column_that_is_not_there_makes_its_own_checks_unknown(
    lived: Lived, root: Any
) -> None:
    as_usual = await answers(lived.dsn(WATCHER))
    change = 'ALTER TABLE "QuotaLog" RENAME COLUMN "sentCount" TO sent'
    await root.execute(change)
    try:
        found = await answers(lived.dsn(WATCHER))
    finally:
        await root.execute('ALTER TABLE "QuotaLog" RENAME COLUMN sent TO "sentCount"')
    changed = {name for name in found if found[name] != as_usual[name]}
    assert "quota" in changed
    for name in changed:
        assert "sentCount" in str(found[name])
