"""Statements whose plan reads a large table are refused before they run."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

import pytest

from firstwatch.clock import SystemClock
from firstwatch.errors import BadAnswer, ProbeError
from firstwatch.probe import Moment
from probes.answers import Measure
from probes.counted import Ask
from probes.guard import GOOD_FOR, REFUSED_FOR, Scan, Size, scans_of
from probes.postgres import KIND, PostgresProbe, Settings
from probes.statements import Statement
from rehearsal.postgres import Server
from rehearsal.schema import OWNER, WATCHER, connected, create_database

NOW = 1_795_423_386.0  # 2026-11-23T08:43:06Z, an hour after the last message
MOMENT = Moment(NOW, NOW - 7200)
LIMITS = {"large_rows": 1000, "large_mb": 1}
COUNT = 'SELECT count(*) AS value FROM "Message" m'
TALKS = 'SELECT count(*) AS value FROM "Conversation" c WHERE '
WITH = 'WITH listed AS MATERIALIZED (SELECT id FROM "Message") '
FILL = """
INSERT INTO "Company" (id, name, "updatedAt") VALUES ('c1', 'A', now());
INSERT INTO "Lead" (id, "companyId", phone, "updatedAt") VALUES ('l1', 'c1', '+15550100', now());
INSERT INTO "Conversation" (id, "companyId", "leadId", "updatedAt")
SELECT 'v' || n, 'c1', 'l1', now() FROM generate_series(1, 50) n;
INSERT INTO "Message" (id, "conversationId", direction, body, "wabaMessageId", "createdAt",
                       "updatedAt")
SELECT 'cmwsyl1e1' || lpad(n::text, 16, '0'), 'v' || (n % 50 + 1), 'INBOUND', repeat('x', 200),
       'chatwoot_' || n, '2026-11-23 07:43:06.313', '2026-11-23'
FROM generate_series(1, 20000) n;
CREATE TABLE fresh AS SELECT repeat('x', 500) AS body FROM generate_series(1, 5000);
ALTER TABLE fresh SET (autovacuum_enabled = off);
GRANT SELECT ON fresh TO firstwatch;
"""
"""Twenty thousand messages, about 6 MB; and a table nobody has counted yet."""


class Names(Protocol):
    """What the fixture gives."""

    dsn: str
    owner_dsn: str


class Named:
    def __init__(self, dsn: str, owner_dsn: str) -> None:
        self.dsn, self.owner_dsn = dsn, owner_dsn


@pytest.fixture(scope="module")
def large(postgres_server: Server) -> Names:
    name, server = "test_guard", postgres_server

    async def make() -> None:
        await create_database(server, name)
        async with connected(server.dsn(OWNER, name)) as owner:
            await owner.execute(FILL)
        async with connected(server.dsn(OWNER, name)) as owner:
            await owner.execute('VACUUM ANALYZE "Message"')
            await owner.execute('ANALYZE "Conversation"')

    asyncio.run(make())
    return Named(server.dsn(WATCHER, name), server.dsn(OWNER, name))


@pytest.fixture
async def probe(large: Names) -> AsyncIterator[PostgresProbe]:
    opened = open_probe(large.dsn)
    yield opened
    await opened.close()


def open_probe(dsn: str, **settings: Any) -> PostgresProbe:
    made = KIND.open(Settings.model_validate({"dsn": dsn, **LIMITS, **settings}), SystemClock())
    assert isinstance(made, PostgresProbe)
    return made


async def value(probe: PostgresProbe, sql: str) -> float:
    return (await probe.read(Measure(sql=sql), MOMENT)).value


async def refusal(probe: PostgresProbe, sql: str) -> str:
    with pytest.raises(BadAnswer) as caught:
        await probe.read(Measure(sql=sql), MOMENT)
    assert not caught.value.blocks_source
    return caught.value.reason


@pytest.mark.parametrize(
    "sql",
    (
        COUNT,
        f"{COUNT} WHERE \"createdAt\" > '2026-11-22'",
        f"{COUNT} WHERE id LIKE '%7'",
        f"/* quick */ {COUNT}",
        f"{WITH}{COUNT} JOIN listed USING (id) WHERE m.id = 'x'",
        'SELECT (SELECT max("createdAt") FROM "Message") IS NULL AS value',
        f'{TALKS} NOT EXISTS (SELECT FROM "Message" m WHERE m.body = c.id)',
        'SELECT 1 AS value FROM "Message" ORDER BY body LIMIT 1',
    ),
)
@pytest.mark.parametrize("pooled", (False, True))
async def test_what_reads_all_of_a_large_table_is_refused(
    large: Names, sql: str, pooled: bool
) -> None:
    probe = open_probe(large.dsn, pooled=pooled)
    try:
        reason = await refusal(probe, sql)
        assert reason.startswith('refused: would read all of "Message" (20 k rows, ')
        assert reason.endswith(" MB); bound it by :Message.since_id")
        assert await value(probe, "SELECT 1 AS value") == 1
    finally:
        await probe.close()


async def test_an_index_condition_that_lets_most_of_it_through_is_refused(
    probe: PostgresProbe,
) -> None:
    wide = [f"{COUNT} WHERE id >= ''", f'{COUNT} WHERE "wabaMessageId" IS NOT NULL']
    for sql in wide:
        reason = await refusal(probe, sql)
        assert reason.startswith("refused: would read 20 k rows, ")
        assert reason.endswith(' of "Message"; bound it by :Message.since_id')


@pytest.mark.parametrize(
    ("sql", "expected"),
    (
        (f"{COUNT} WHERE id >= 'cmwsyl1e1' || lpad('19001', 16, '0')", 1000),
        (f"{COUNT} WHERE \"conversationId\" = 'v7'", 400),
        (f"{COUNT} WHERE \"conversationId\" IN ('v7', 'v8') OR \"wabaMessageId\" = 'x'", 800),
        ('SELECT count(*) AS value FROM "Conversation"', 50),
        (f'{TALKS} EXISTS (SELECT FROM "Message" m WHERE m."conversationId" = c.id)', 50),
        ('SELECT (max(id) > min(id))::int AS value FROM "Message"', 1),
        ('SELECT 1 AS value FROM "Message" ORDER BY id DESC LIMIT 1', 1),
        ("SELECT reltuples AS value FROM pg_class WHERE oid = '\"Message\"'::regclass", 20_000),
    ),
)
async def test_what_reads_a_little_of_it_runs(
    probe: PostgresProbe, sql: str, expected: float
) -> None:
    assert await value(probe, sql) == expected


async def test_the_hint_does_not_name_a_bound_that_is_there(probe: PostgresProbe) -> None:
    sql = f"""{COUNT} WHERE id >= :Message.since_id AND "createdAt" >= :since
              AND EXISTS (SELECT FROM "Message" o WHERE o.body = m.body || 'x')"""
    reason = await refusal(probe, sql)
    assert reason.endswith("; no index serves what it asks beside :Message.since_id")


async def test_a_table_without_statistics_is_judged_by_its_size(probe: PostgresProbe) -> None:
    reason = await refusal(probe, "SELECT count(*) AS value FROM fresh")
    assert reason == 'refused: would read all of "fresh" (3.0 MB); bound it by :fresh.since_id'


async def test_with_limits_as_they_ship_these_tables_are_small(large: Names) -> None:
    probe = KIND.open(Settings.model_validate({"dsn": large.dsn}), SystemClock())
    try:
        assert (await probe.read(Measure(sql=COUNT), MOMENT)).value == 20_000
    finally:
        await probe.close()


class Leaping:
    """The loop's time, put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._time = asyncio.get_running_loop().time

    def __call__(self) -> float:
        return self._time() + self.ahead


async def test_a_statement_is_explained_once_and_again_after_a_while(
    probe: PostgresProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, judge = Leaping(), probe._guard._judge
    explained: list[str] = []

    async def judging(ask: Ask, statement: Statement, plan: Mapping[str, Any]) -> str:
        explained.append(statement.text)
        return await judge(ask, statement, plan)

    monkeypatch.setattr(probe._guard, "_judge", judging)
    good, bad = f"{COUNT} WHERE m.id = 'good'", f"{COUNT} WHERE m.body = 'bad'"

    async def both() -> list[str]:
        explained.clear()
        assert await value(probe, good) == 0
        await refusal(probe, bad)
        return explained

    assert await both() == [good, bad]
    assert await both() == []
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock)
    clock.ahead = REFUSED_FOR + 1
    assert await both() == [bad]
    clock.ahead = GOOD_FOR + REFUSED_FOR
    assert await both() == [good, bad]
    await probe.close()
    assert await both() == [good, bad]


async def test_an_index_made_meanwhile_lets_the_statement_run(
    large: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.guard.REFUSED_FOR", 0.0)
    sql = f"{COUNT} WHERE m.\"sentAt\" > '2026-11-22'"
    probe = open_probe(large.dsn)
    async with connected(large.owner_dsn) as owner:
        try:
            await refusal(probe, sql)
            await owner.execute('CREATE INDEX sent ON "Message" ("sentAt"); ANALYZE "Message"')
            assert await value(probe, sql) == 0
        finally:
            await owner.execute("DROP INDEX IF EXISTS sent")
            await probe.close()


async def test_what_cannot_be_explained_is_the_servers_to_refuse(probe: PostgresProbe) -> None:
    for sql, words in (
        ('DELETE FROM "Message" RETURNING 1 AS value', "read-only transaction"),
        ("SELEC 1", "syntax error"),
        (f"{COUNT}; DROP TABLE fresh", "multiple commands"),
    ):
        with pytest.raises(ProbeError, match=words):
            await probe.read(Measure(sql=sql), MOMENT)


@pytest.mark.parametrize(
    ("rows", "size", "is_large"),
    ((1e7, 2e9, True), (1e7, 1e6, False), (1e3, 2e9, False), (-1, 2e9, True), (0, 2e9, True)),
)
def test_large_is_many_rows_and_many_bytes(rows: float, size: float, is_large: bool) -> None:
    assert Size(rows, size).is_past(Size(1e5, 64e6)) is is_large


def test_sizes_are_said_in_a_few_digits() -> None:
    assert str(Size(1e7, 2.2e9)) == "10 M rows, 2.2 GB"
    assert str(Size(-1, 64e6)) == "64 MB"
    assert str(Size(1234, 900)) == "1.2 k rows, 900"


def test_a_limit_cuts_what_is_below_it_short() -> None:
    scan = {
        "Node Type": "Index Only Scan",
        "Relation Name": "t",
        "Schema": "public",
        "Total Cost": 1000.0,
        "Plan Rows": 1000,
    }
    limit = {"Node Type": "Limit", "Total Cost": 10.0, "Plans": [scan]}
    sort = {"Node Type": "Sort", "Total Cost": 1100.0, "Plans": [scan]}
    assert list(scans_of(scan)) == [Scan("public", "t", 1000, is_whole=True)]
    assert list(scans_of(limit)) == [Scan("public", "t", 10, is_whole=False)]
    whole = {"Node Type": "Limit", "Total Cost": 1100.0, "Plans": [sort]}
    assert list(scans_of(whole)) == [Scan("public", "t", 1000, is_whole=True)]
