"""Windows over ids of every kind, on tables of a real server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from firstwatch.clock import SystemClock
from firstwatch.errors import Missing, ProbeError
from firstwatch.probe import Moment
from probes.answers import Measure
from probes.counted import COARSE, TimeMap
from probes.guard import Size
from probes.ids import Cuids, Uuids, cuid_floor
from probes.postgres import KIND, PostgresProbe, Settings
from probes.statements import parse_statement, timestamp
from probes.windows import Timeless, Windows
from rehearsal.cuid import make_cuid
from rehearsal.schema import connected

NOW = 1_795_419_786.0  # 2026-11-23T07:43:06Z
MOMENT = Moment(NOW, NOW - 7200)
COUNT = """SELECT count(*) AS value FROM things
           WHERE id >= :things.since_id AND "createdAt" >= :since"""
SETTLED = COUNT + """ AND id < :things.settled_id AND "createdAt" < :settled"""
NOTHING_LARGE = Size(1e9, 1e12)
ALL_LARGE = Size(0, 0)
SMALLEST = {"large_rows": 1, "large_mb": 1}


class Database(Protocol):
    """What the fixture `database` gives."""

    dsn: str
    owner_dsn: str


@dataclass(slots=True)
class Things:
    """A table of our own, whose ids are of the kind a test wants."""

    connection: Any
    owner_dsn: str
    dsn: str

    async def create(self, type_: str, *, time: bool = True, index: bool = False) -> None:
        column = ', "createdAt" timestamp(3)' if time else ""
        await self.connection.execute("DROP TABLE IF EXISTS things")
        await self.connection.execute(
            f"CREATE TABLE things (id {type_} PRIMARY KEY{column}, t text)"
        )
        await self.connection.execute("GRANT SELECT ON things TO firstwatch")
        if index:
            await self.connection.execute('CREATE INDEX ON things ("createdAt")')

    async def fill(self, rows: list[tuple[object, float]]) -> None:
        """Rows of id and age in seconds, in the order they are written."""
        records = [(id_, timestamp(NOW - age)) for id_, age in rows]
        async with connected(self.owner_dsn) as fresh:  # which remembers no column of before
            await fresh.copy_records_to_table(
                "things", records=records, columns=["id", "createdAt"]
            )

    async def bulk(self) -> None:
        """So many old rows that the table is past the smallest limit."""
        await self.connection.execute(
            """INSERT INTO things SELECT md5(n::text)::uuid, $1, repeat('x', 500)
               FROM generate_series(1, 3000) n""",
            timestamp(NOW - 9e5),
        )
        await self.connection.execute("ANALYZE things")

    async def kind(self, limit: Size = NOTHING_LARGE) -> object:
        windows = Windows(limit)
        await windows.bounds(self.connection.fetch, parse_statement(COUNT), MOMENT, 300)
        return windows._known["things"].kind


@pytest.fixture
async def things(database: Database) -> AsyncIterator[Things]:
    async with connected(database.owner_dsn) as owner:
        yield Things(owner, database.owner_dsn, database.dsn)


def opened(dsn: str, **settings: Any) -> PostgresProbe:
    probe = KIND.open(Settings.model_validate({"dsn": dsn, **settings}), SystemClock())
    assert isinstance(probe, PostgresProbe)
    return probe


async def counted(probe: PostgresProbe, sql: str = COUNT, window: str = "5m") -> float:
    return (await probe.read(Measure.model_validate({"sql": sql, "window": window}), MOMENT)).value


def uuid7(at: float) -> UUID:
    bits = (int(at * 1000) << 80) | (uuid4().int & (2**80 - 1))
    bits = bits & ~(0xF << 76) | (7 << 76)
    return UUID(int=bits & ~(3 << 62) | (2 << 62))


AGES = [float(age) for age in range(6000, 0, -20)]
"""A row every 20 s; 15 of the last five minutes, 12 of them settled, and 30 of the last ten."""


def ids_of(kind: str) -> list[tuple[object, float]]:
    makers: dict[str, Any] = {
        "cuid": lambda n, age: make_cuid(NOW - age),
        "uuid v7": lambda n, age: uuid7(NOW - age),
        "uuid v7 as text": lambda n, age: str(uuid7(NOW - age)),
        "uuid v4": lambda n, age: uuid4(),
        "uuid v4 as text": lambda n, age: str(uuid4()),
        "bigint": lambda n, age: n * 3 + 2**40,
        "integer": lambda n, age: n + 1,
    }
    return [(makers[kind](n, age), age) for n, age in enumerate(AGES)]


@pytest.mark.parametrize("pooled", (False, True))
@pytest.mark.parametrize(
    ("kind", "type_"),
    (
        ("cuid", "text"),
        ("uuid v7", "uuid"),
        ("uuid v7 as text", "text"),
        ("uuid v4", "uuid"),
        ("uuid v4 as text", "text"),
        ("bigint", "bigint"),
        ("integer", "integer"),
    ),
)
async def test_a_window_counts_the_same_whatever_the_ids_are(
    things: Things, kind: str, type_: str, pooled: bool
) -> None:
    await things.create(type_)
    await things.fill(ids_of(kind))
    probe = opened(things.dsn, pooled=pooled)
    try:
        for window, rows in (("5m", 15), ("10m", 30), ("1d", 300)):
            assert await counted(probe, COUNT, window) == rows
            assert await counted(probe, SETTLED, window) == rows - 3
    finally:
        await probe.close()


@pytest.mark.parametrize(
    ("kind", "type_", "expected"),
    (
        ("cuid", "text", Cuids()),
        ("uuid v7", "uuid", Uuids()),
        ("uuid v7 as text", "text", Uuids(is_text=True)),
        ("uuid v4", "uuid", Timeless(UUID(int=0), UUID(int=2**128 - 1))),
        ("uuid v4 as text", "text", Timeless("", None)),
    ),
)
async def test_what_the_ids_are_is_read_off_the_rows(
    things: Things, kind: str, type_: str, expected: object
) -> None:
    await things.create(type_)
    await things.fill(ids_of(kind))
    assert await things.kind() == expected


async def test_rows_made_by_hand_between_others_do_not_fool_it(things: Things) -> None:
    await things.create("text")
    await things.fill([*ids_of("cuid")[:150], ("demo-company-1", 3000.5), ("zzz", 2999.0)])
    await things.fill([("0-first", 2998.0), *ids_of("cuid")[150:], ("a-last-one", 1.0)])
    assert await things.kind() == Cuids()
    probe = opened(things.dsn)
    try:
        assert await counted(probe) == 15  # what no window over ids can find is left out
    finally:
        await probe.close()


async def test_an_empty_table_is_nothing_to_scan_and_looked_at_again(things: Things) -> None:
    await things.create("text")
    probe = opened(things.dsn)
    try:
        assert await counted(probe, SETTLED) == 0
        await things.fill([(make_cuid(NOW - 100), 100.0), (make_cuid(NOW - 5), 5.0)])
        assert await counted(probe, SETTLED) == 1
        assert probe._windows._known["things"].kind == Cuids()
    finally:
        await probe.close()


async def test_ids_without_time_in_a_large_table_need_an_index_on_the_time(things: Things) -> None:
    await things.create("uuid")
    await things.bulk()
    await things.fill(ids_of("uuid v4"))
    probe = opened(things.dsn, **SMALLEST)
    try:
        with pytest.raises(Missing) as caught:
            await counted(probe)
        assert caught.value.reason == 'ids of "things" carry no time and "createdAt" has no index'
        assert (await probe.read(Measure(sql="SELECT 1 AS value"), MOMENT)).value == 1
        await things.connection.execute('CREATE INDEX ON things ("createdAt"); ANALYZE things')
        assert await counted(probe) == 15
        assert await counted(probe, SETTLED) == 12
    finally:
        await probe.close()


async def test_ids_without_time_need_a_condition_on_the_time_too(things: Things) -> None:
    await things.create("uuid")
    await things.fill(ids_of("uuid v4"))
    probe = opened(things.dsn)
    try:
        with pytest.raises(Missing, match='needs a condition on "createdAt" and :settled, too'):
            await counted(probe, COUNT + " AND id < :things.settled_id")
        with pytest.raises(Missing, match='needs a condition on "createdAt" and :since, too'):
            await counted(probe, "SELECT count(*) AS value FROM things WHERE id >= :since_id")
    finally:
        await probe.close()


async def test_a_table_without_key_or_rights_or_existence_is_named(things: Things) -> None:
    await things.create("uuid")
    await things.connection.execute("ALTER TABLE things DROP CONSTRAINT things_pkey")
    probe = opened(things.dsn)
    try:
        with pytest.raises(Missing, match='"things" has no primary key'):
            await counted(probe)
        with pytest.raises(Missing, match='relation "Things" does not exist'):
            await counted(probe, COUNT.replace(":things.", ":Things."))
        await things.create("uuid", time=False)
        await things.connection.execute("INSERT INTO things VALUES (gen_random_uuid())")
        with pytest.raises(Missing, match='column "createdAt" does not exist'):
            await counted(probe)
        await things.connection.execute("REVOKE SELECT ON things FROM firstwatch")
        with pytest.raises(ProbeError, match="permission denied for table things"):
            await counted(probe)
        assert (await probe.read(Measure(sql="SELECT 1 AS value"), MOMENT)).value == 1
    finally:
        await probe.close()


async def test_ids_of_another_kind_after_a_migration_are_noticed(things: Things) -> None:
    """The statement fails once at most, and is right from then on."""
    await things.create("text")
    await things.fill(ids_of("cuid"))
    probe = opened(things.dsn)
    try:
        assert await counted(probe) == 15
        await things.create("bigint")
        await things.fill(ids_of("bigint"))
        with pytest.raises(ProbeError):
            await counted(probe)
        assert await counted(probe) == 15
        await probe.close()
        await things.create("uuid")
        await things.fill(ids_of("uuid v7"))
        assert await counted(probe) == 15
    finally:
        await probe.close()


class Asked:
    """Counts the statements that a map needs."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.times = 0

    async def __call__(self, sql: str, *values: object) -> list[Any]:
        self.times += 1
        rows: list[Any] = await self._connection.fetch(sql, *values)
        return rows


async def test_a_map_finds_any_moment_with_a_few_rows_and_remembers_them(things: Things) -> None:
    await things.create("bigint")
    await things.connection.execute(
        """INSERT INTO things SELECT n * 7, $1::timestamp + n * interval '1 second'
           FROM generate_series(1, 50000) n""",
        timestamp(NOW - 50_000),
    )
    ask, known = Asked(things.connection), TimeMap("things", "id", '"createdAt"')
    await known.look(ask)
    assert ask.times == 2
    for age in (40_000, 300, 86_400, 1):
        floor = await known.floor(ask, NOW - age)
        truth = 7 * max(50_000 - age, 1)
        assert floor <= truth
        assert floor >= truth - 7 * (COARSE + 1) or age == 86_400
    assert ask.times < 60
    ask.times = 0
    for age in (40_000, 300, 86_400, 1):
        await known.floor(ask, NOW - age)
    assert ask.times == 0
    assert await known.floor(ask, NOW + 5) == 7 * 50_000 + 1


async def test_ids_that_do_not_grow_with_time_are_bounded_by_the_time_itself(
    things: Things,
) -> None:
    """An import of old rows in the middle of the day."""
    rows = [(n, age) for n, age in enumerate(AGES)]
    imported = [(n + 1000, 9e6) for n in range(3000)]
    await things.create("integer")
    await things.fill([*rows, *imported])
    probe = opened(things.dsn)
    try:
        assert await counted(probe) == 15
        assert isinstance(probe._windows._known["things"].kind, Timeless)
        large = Windows(ALL_LARGE)
        with pytest.raises(Missing) as caught:
            await large.bounds(things.connection.fetch, parse_statement(COUNT), MOMENT, 300)
        assert caught.value.reason == (
            'ids of "things" do not grow with "createdAt" and "createdAt" has no index'
        )
    finally:
        await probe.close()


async def test_a_table_is_looked_at_again_after_a_while_only(
    things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    await things.create("text")
    await things.fill(ids_of("cuid"))
    windows, statement = Windows(NOTHING_LARGE), parse_statement(COUNT)
    ask = Asked(things.connection)
    bounds = await windows.bounds(ask, statement, MOMENT, 300)
    assert bounds == {"things.since_id": cuid_floor(NOW - 310)}
    looked = ask.times
    await windows.bounds(ask, statement, MOMENT, 300)
    assert ask.times == looked == 2
    loop = asyncio.get_running_loop()
    later = loop.time() + 1000
    monkeypatch.setattr(loop, "time", lambda: later)
    await windows.bounds(ask, statement, MOMENT, 300)
    assert ask.times == 4


async def test_partitions_and_uuid_columns_without_rows_on_the_last_pages_are_seen(
    things: Things,
) -> None:
    await things.connection.execute("DROP TABLE IF EXISTS things")
    await things.connection.execute(
        """CREATE TABLE things (id text PRIMARY KEY, "createdAt" timestamp(3))
           PARTITION BY RANGE (id);
           CREATE TABLE things_1 PARTITION OF things FOR VALUES FROM ('a') TO ('z')"""
    )
    await things.fill(ids_of("cuid"))
    assert await things.kind() == Cuids()
    await things.create("text")
    await things.fill(ids_of("cuid"))
    await things.connection.execute("DELETE FROM things WHERE ctid >= '(0,10)'")
    assert await things.kind() == Cuids()
    stamp = await things.connection.fetchval('SELECT max("createdAt") FROM things')
    assert isinstance(stamp, datetime)
