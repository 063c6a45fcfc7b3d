"""Quotas: the counter of a number against its limit, its log and the recipients of the day."""

from typing import Any

import pytest

from firstwatch.errors import NoAnswer
from firstwatch.judging import appraise
from firstwatch.verdict import Level
from tests.probes.application import (
    ASKED,
    DAY,
    HOUR,
    NOW,
    PHONE,
    Application,
    log_of,
    number_of,
    parts,
    stamp,
)

MIDNIGHT = NOW // DAY * DAY


async def test_the_counter_must_equal_the_log_of_the_day(app: Application) -> None:
    company = await app.company()
    good = await number_of(app, company, "+15550110", 7)
    await log_of(app, company, good, 7)
    await log_of(app, company, good, 20, days=1)
    drift = await number_of(app, company, "+15550111", 3)
    await log_of(app, company, drift, 8)
    ahead = await number_of(app, company, "+15550112", 4)
    await log_of(app, company, ahead, 2)
    stale = await number_of(app, company, "+15550113", 20, lastResetAt=stamp(DAY))
    await log_of(app, company, stale, 20, days=1)
    await number_of(app, company, "+15550114", 9, isActive=False)
    reading = await app.ask("quota.sql")
    assert parts(reading) == [
        ("number …11", 5, "3 of 20 sent, 8 logged, counter set back or not written"),
        ("number …12", 2, "4 of 20 sent, 2 logged, log not written"),
        ("number …10", 0, "7 of 20 sent, 7 logged"),
        ("number …13", 0, "0 of 20 sent, 0 logged"),
    ]
    assert (reading.value, reading.level) == (5, None)
    assert reading.note == f"worst number …11, {reading.rows[0].note}"
    assert appraise(ASKED["quota.sql"], reading).level is Level.WARNING


async def test_a_number_over_its_limit_is_critical_though_counter_and_log_agree(
    app: Application,
) -> None:
    """Two dispatchers at once: both read 20 of 20 less one."""
    company = await app.company()
    drift = await number_of(app, company, "+15550111", 3)
    await log_of(app, company, drift, 8)
    over = await number_of(app, company, "+15550112", 21)
    await log_of(app, company, over, 21)
    reading = await app.ask("quota.sql")
    assert reading.level is Level.CRITICAL
    assert reading.note == "worst number …12, 21 of 20 sent, 21 logged, over the limit"
    assert [row.value for row in reading.rows] == [0, 5]


async def test_a_limit_that_is_reached_is_fine(app: Application) -> None:
    company = await app.company()
    await log_of(app, company, await number_of(app, company, "+15550112", 20), 20)
    reading = await app.ask("quota.sql")
    assert (reading.value, reading.level) == (0, None)


async def test_no_number_has_no_drift(app: Application) -> None:
    for sql in ("quota.sql", "quota_recipients.sql"):
        reading = await app.ask(sql)
        assert (reading.value, reading.rows, reading.level) == (0, (), None)


@pytest.mark.parametrize("sql", ("quota.sql", "quota_recipients.sql"))
async def test_around_midnight_the_last_reading_stands(app: Application, sql: str) -> None:
    await number_of(app, await app.company(), "+15550110", 7, lastResetAt=stamp(20 * HOUR))
    for offset in (-119, -1, 0, 119):
        with pytest.raises(NoAnswer, match="suspended around midnight") as raised:
            await app.ask(sql, MIDNIGHT + offset)
        assert not raised.value.is_fact
    assert (await app.ask(sql, MIDNIGHT - 121)).value == 7
    assert (await app.ask(sql, MIDNIGHT + 121)).value == 0  # yesterday's counter is none of today


async def sent(app: Application, company: str, number: int, age: float = HOUR) -> None:
    keys = {"companyId": company, "name": "Reminders", "updatedAt": stamp(0)}
    campaign = await app.insert("Campaign", 9 * DAY, **keys)
    row: dict[str, Any] = {"campaignId": campaign, "phone": PHONE, "updatedAt": stamp(0)}
    for _ in range(number):
        await app.insert("CampaignRecipient", 9 * DAY, status="sent", sentAt=stamp(age), **row)
    await app.insert("CampaignRecipient", status="failed", **row)
    await app.insert("CampaignRecipient", **row)


async def test_what_the_numbers_of_a_company_count_must_equal_its_recipients(
    app: Application,
) -> None:
    good, copies, past = [await app.company(name) for name in ("good", "copies", "past")]
    await number_of(app, good, "+15550110", 4)
    await number_of(app, good, "+15550111", 3)
    await number_of(app, good, "+15550112", 20, lastResetAt=stamp(DAY))
    await sent(app, good, 7)
    await sent(app, good, 9, age=DAY)
    await number_of(app, copies, "+15550113", 21)  # seven recipients, three messages each
    await sent(app, copies, 7)
    await number_of(app, past, "+15550114", 0)  # sent past the quota
    await sent(app, past, 2)
    conversation = await app.thread(copies)
    await app.message(conversation, direction="OUTBOUND", templateName="welcome")
    await app.message(conversation, direction="OUTBOUND")
    await app.message(conversation, age=10 * HOUR, direction="OUTBOUND", templateName="welcome")
    reading = await app.ask("quota_recipients.sql")
    assert parts(reading) == [
        ("copies", 14, "21 counted, 7 recipients, 1 rows"),
        ("past", 2, "0 counted, 2 recipients, 0 rows"),
        ("good", 0, "7 counted, 7 recipients, 0 rows"),
    ]
    assert reading.value == 14


async def test_campaigns_to_people_without_a_conversation_are_no_drift(app: Application) -> None:
    """Their message is sent and counted, and leaves no row."""
    company = await app.company()
    await number_of(app, company, "+15550110", 20)
    await sent(app, company, 20)
    assert (await app.ask("quota_recipients.sql")).value == 0
