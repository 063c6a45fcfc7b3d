"""What a restore would lose: rows since the launch, on rows whose right answer is known."""

import json

import pytest

from probes.statements import load_statement
from tests.probes.application import HOUR, LAUNCH, MINUTE, NOW, Application, bound

PRICES = ("leads_since.sql", "conversations_since.sql", "messages_since.sql")
SINCE = NOW - LAUNCH


@pytest.mark.parametrize("sql", PRICES)
async def test_nothing_written_since_is_a_measured_zero(app: Application, sql: str) -> None:
    conversation = await app.thread(await app.company(), age=SINCE + 1)
    await app.message(conversation, age=SINCE + 5)  # its id is within the overlap
    reading = await app.ask(sql)
    assert (reading.value, reading.sample) == (0, None)


async def test_what_was_written_since_the_launch_is_counted_whoever_wrote_it(
    app: Application,
) -> None:
    company = await app.company()
    before = await app.thread(company, "+15550101", age=SINCE + HOUR)
    for age in (SINCE - 1, HOUR, MINUTE):
        await app.message(before, age=age)
    since = await app.thread(company, "+15550102", age=HOUR)
    await app.message(since, age=MINUTE, direction="OUTBOUND")
    await app.lead(company, "+15550103", source="Bitrix24")
    await app.lead(company, "+15550104", age=MINUTE, id="seeded-by-hand")
    assert (await app.ask("leads_since.sql")).value == 3
    assert (await app.ask("conversations_since.sql")).value == 1
    messages = await app.ask("messages_since.sql")
    assert (messages.value, messages.note) == (4, "3 in, 1 out")


@pytest.mark.parametrize("sql", PRICES)
async def test_counting_is_bounded_by_the_key_and_stops(app: Application, sql: str) -> None:
    text = load_statement(sql).text.replace("50000", "2")
    conversation = await app.thread(await app.company(), age=HOUR)
    for phone in ("+15550111", "+15550112"):
        await app.thread(await app.company(), phone)
        await app.message(conversation)
    await app.message(conversation)
    values = bound(load_statement(sql), SINCE)
    row = await app.connection.fetchrow(text, *values)
    assert row["value"] == 2
    assert row["note"].endswith("or more: counting stops there")
    await app.connection.execute("ANALYZE; SET enable_seqscan = off")
    plan = await app.connection.fetchval(
        f"EXPLAIN (FORMAT JSON) {load_statement(sql).text}", *values
    )
    assert '"Index Cond": "(id >= ' in json.dumps(json.loads(plan))
    await app.connection.execute("RESET enable_seqscan")
