"""Echoes and loops: what machines do, and what people do that only looks like it."""

from typing import Any

import pytest

from firstwatch.judging import appraise
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from tests.probes.application import ASKED, MINUTE, PHONE, Application, parts

THANKS = "Thank you, we will call you back today"


async def test_a_customer_who_floods_one_conversation_is_seen(app: Application) -> None:
    company = await app.company()
    flood = await app.thread(company)
    for age in range(12):
        await app.message(flood, age=100 + age)
    assert (await app.ask("echoes.sql")).value == 0
    await app.message(flood, age=99)
    reading = await app.ask("echoes.sql")
    assert (reading.value, level(reading)) == (1, Level.WARNING)
    assert reading.note == f"flood in conversation {flood}, 13 messages"
    assert parts(reading) == [(f"A conversation {flood}", 13, "flood")]


async def test_an_agents_bot_that_floods_is_seen_in_the_events(app: Application) -> None:
    company = await app.company()
    for number in range(13):
        words = f"We have an offer number {number}"
        await app.event(company, number, age=100 + number, message_type="outgoing", content=words)
    reading = await app.ask("echoes.sql")
    assert (reading.value, reading.note) == (1, "flood in phone …00, 13 messages")


async def test_two_machines_that_answer_each_other_are_seen(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    for turn in range(4):
        age = 100 - 4 * turn
        await app.event(company, turn, age, message_type="outgoing", content=f"answer {turn}")
        await app.message(talk, age=age - 2, body=f"I am away {turn}")
    assert "ping-pong" in (await app.ask("echoes.sql")).note


async def test_a_bot_that_answers_a_person_at_once_is_no_loop(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    for turn in range(9):
        age = 250 - 25 * turn
        await app.message(talk, age=age, body=f"question {turn}")
        await app.event(company, turn, age - 1, message_type="outgoing", content=f"answer {turn}")
    assert (await app.ask("echoes.sql")).value == 0


async def test_one_text_three_times_in_a_conversation_is_seen(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    for age in (50, 40):
        await app.message(talk, age=age, body=THANKS)
    assert (await app.ask("echoes.sql")).value == 0
    await app.message(talk, age=30, body=f" {THANKS}\n")
    assert "repeat" in (await app.ask("echoes.sql")).note


async def test_a_short_text_is_a_loop_only_when_it_goes_on(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    for age in range(5):
        await app.message(talk, age=50 + age, body="ok")
    assert (await app.ask("echoes.sql")).value == 0
    await app.message(talk, age=40, body="ok")
    assert "repeat" in (await app.ask("echoes.sql")).note


async def test_our_own_message_that_comes_back_as_the_customers_is_seen_at_once(
    app: Application,
) -> None:
    """The route that does not look at fromMe; it stores the phone without its +."""
    company = await app.company()
    await app.thread(company, PHONE)
    twin = await app.thread(company, PHONE.removeprefix("+"))
    await app.event(company, 1, age=10, message_type="outgoing", content=THANKS)
    await app.message(twin, age=8, body=THANKS, wabaMessageId="evolution_1")
    reading = await app.ask("echoes.sql")
    assert (reading.value, level(reading)) == (1, Level.WARNING)
    assert reading.note == f"echo in conversation {twin}, 2 messages"


async def test_a_campaign_that_comes_back_is_seen_by_its_row(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    await app.message(talk, age=12, body=THANKS, direction="OUTBOUND", templateName="welcome")
    await app.message(talk, age=10, body=THANKS, wabaMessageId="evolution_1")
    assert "echo" in (await app.ask("echoes.sql")).note


async def test_short_texts_come_back_twice_before_they_are_an_echo(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    await app.event(company, 1, age=30, message_type="outgoing", content="Hello")
    await app.message(talk, age=28, body="Hello")
    assert (await app.ask("echoes.sql")).value == 0
    await app.event(company, 2, age=20, message_type="outgoing", content="Yes")
    await app.message(talk, age=18, body="Yes")
    assert "echo" in (await app.ask("echoes.sql")).note


async def test_one_text_stored_by_two_routes_is_seen(app: Application) -> None:
    company = await app.company()
    first = await app.thread(company, PHONE)
    second = await app.thread(company, PHONE.removeprefix("+"))
    await app.message(first, age=20, body="Is it free?", wabaMessageId="chatwoot_1")
    await app.message(second, age=19, body="Is it free?", wabaMessageId="evolution_9")
    reading = await app.ask("echoes.sql")
    assert (reading.value, reading.rows[0].note) == (1, "twin")


async def test_a_loop_that_goes_on_is_critical(app: Application) -> None:
    talk = await app.thread(await app.company())
    for age in (420, 410, 400):
        await app.message(talk, age=age, body=THANKS)
    reading = await app.ask("echoes.sql")
    assert (reading.value, level(reading)) == (0, Level.OK)  # over since five minutes
    for age in (200, 150, 100):
        await app.message(talk, age=age, body=THANKS)
    reading = await app.ask("echoes.sql")
    assert (reading.value, level(reading)) == (1, Level.CRITICAL)
    assert reading.note == f"repeat in conversation {talk}, 3 messages, going on"


async def test_loops_in_many_conversations_are_critical(app: Application) -> None:
    company = await app.company()
    for number in range(3):
        talk = await app.thread(company, f"+1555010{number}")
        for age in (50, 40, 30):
            await app.message(talk, age=age, body=THANKS)
        expected = Level.WARNING if number < 2 else Level.CRITICAL
        assert level(await app.ask("echoes.sql")) is expected


async def test_lively_people_are_no_echo(app: Application) -> None:
    company = await app.company()
    chat, media = await app.thread(company), await app.thread(company, "+15550101")
    for number, body in enumerate(("ok", "yes", "ok", "yes", "ok", "good", "good")):
        await app.message(chat, age=200 - 20 * number, body=body)
        words: dict[str, Any] = {"message_type": "outgoing", "content": body}
        await app.event(company, number, age=190 - 20 * number, **words)
    for _ in range(20):  # an album
        await app.message(media, body="", contentType="IMAGE")
        await app.message(media, body=None, contentType="IMAGE")
    reading = await app.ask("echoes.sql")
    assert (reading.value, reading.level) == (0, None)
    assert reading.note == "2 conversations, busiest 40 messages"


async def test_one_campaign_to_many_people_is_no_echo(app: Application) -> None:
    company = await app.company()
    for number in range(30):
        phone = f"+155501{number:02}"
        talk = await app.thread(company, phone)
        await app.message(talk, body=THANKS, direction="OUTBOUND", templateName="welcome")
        words: dict[str, Any] = {"message_type": "template", "content": THANKS}
        for _ in range(2):  # delivered twice, by two webhooks
            await app.event(company, number, phone=phone, **words)
    reading = await app.ask("echoes.sql")
    assert (reading.value, reading.level) == (0, None)


async def test_an_answer_after_two_minutes_is_no_echo(app: Application) -> None:
    company = await app.company()
    talk = await app.thread(company)
    await app.event(company, 1, age=200, message_type="outgoing", content=THANKS)
    await app.message(talk, age=60, body=THANKS)
    assert (await app.ask("echoes.sql")).value == 0


async def test_notes_among_agents_and_other_companies_are_left_out(app: Application) -> None:
    a, b = await app.company("A"), await app.company("B")
    talk = await app.thread(b)
    await app.event(b, 1, age=10, message_type="outgoing", content=THANKS, private=True)
    await app.event(a, 2, age=10, message_type="outgoing", content=THANKS)
    await app.message(talk, age=8, body=THANKS)
    assert (await app.ask("echoes.sql")).value == 0


@pytest.mark.parametrize("age", (11 * MINUTE, 15 * MINUTE))
async def test_what_is_long_over_says_nothing(app: Application, age: float) -> None:
    talk = await app.thread(await app.company())
    for number in range(20):
        await app.message(talk, age=age + number, body=THANKS)
    reading = await app.ask("echoes.sql")
    assert (reading.value, reading.note) == (0, "0 conversations, busiest 0 messages")


def level(reading: Reading) -> Level:
    return appraise(ASKED["echoes.sql"], reading).level
