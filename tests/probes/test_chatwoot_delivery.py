"""What became of messages sent, sampled from a small Chatwoot on a real socket."""

from dataclasses import replace
from typing import Any

import pytest

from firstwatch.errors import BadAnswer
from firstwatch.verdict import Level
from probes.chatwoot import Measure
from probes.delivery import MEANINGS, meaning
from tests.probes.toy_chatwoot import EMPTY, NOW, asked, failed, message, opened, running


def account(good: int, bad: int = 0, error: str = "131026: x") -> dict[int, list[dict[str, Any]]]:
    """One conversation of an account; its failures are its oldest messages."""
    sent = [message(300) for _ in range(good)]
    return {1: [*sent, *(failed(900, error) for _ in range(bad))]}


async def test_failed_deliveries_are_a_share_of_recent_outgoing_messages() -> None:
    conversations = {
        1: {
            7: [
                message(600),
                message(600, message_type=3, status="read"),
                message(500, status="sent"),
                failed(300, "131047: Re-engagement message"),
                failed(60, "131047: still young"),
                failed(7200, "131047: too old"),
                failed(300, "131047: a note", private=True),
                message(300, message_type=0, status="failed"),
            ]
        },
        2: {3: [failed(400, "131056: x"), failed(400, "131047: x"), failed(400, "odd")]},
    }
    async with running(conversations=conversations) as chatwoot:
        reading = await asked(chatwoot, "delivery")
    assert reading.value == pytest.approx(100 * 4 / 7)
    assert (reading.part, reading.sample) == (4, 7)
    assert reading.note == "4 of 7 failed (2 × 131047, 1 × 131056), 29 % delivered"
    assert [(row.label, row.key) for row in reading.rows[:2]] == [("beta", "beta"), ("alpha",) * 2]
    codes = {row.label: (round(row.value, 1), row.note) for row in reading.rows[2:]}
    assert codes == {
        "131047": (28.6, "2 of 7, over 24 h since the customer wrote: use a template"),
        "131056": (14.3, "1 of 7, too many messages to one customer"),
        "no code": (14.3, "1 of 7"),
    }


async def test_nothing_sent_has_a_sample_of_none() -> None:
    async with running(conversations=EMPTY) as chatwoot:
        reading = await asked(chatwoot, "delivery")
    assert (reading.value, reading.sample) == (0, 0)
    assert reading.note == "nothing sent between 2 min and 1 h ago, as far as sampled"


async def test_the_worst_account_decides_and_is_named_once_it_has_enough() -> None:
    async with running(conversations={1: account(90, 0), 2: account(16, 4)}) as chatwoot:
        some = await asked(chatwoot, "delivery")
        few = await asked(chatwoot, "delivery", least=21)
    assert (some.value, some.sample) == (20, 20)
    assert some.note == "account 2 inbox 22: 4 of 20 failed (4 × 131026), 80 % delivered"
    assert few.sample == 110
    assert few.note == "4 of 110 failed (4 × 131026), 96 % delivered"


@pytest.mark.parametrize(("failures", "level"), ((4, None), (5, Level.CRITICAL)))
async def test_five_failures_in_a_row_are_critical_however_few(
    failures: int, level: Level | None
) -> None:
    row = [failed(200 + n, "190: Access token has expired") for n in range(failures)]
    conversations = {1: {1: [*row, message(250)]}, 2: account(30)}
    async with running(conversations=conversations) as chatwoot:
        reading = await asked(chatwoot, "delivery")
    assert (reading.level, reading.hard) == (level, level is not None)
    told = "account 1 inbox 11: the last 5 failed, 5 of 6 failed (5 × 190), 17 % delivered"
    assert (reading.note == told) is (level is not None)


async def test_a_message_that_stays_sent_is_no_failure() -> None:
    conversations = {1: {1: [message(3000, status="sent") for _ in range(9)]}, 2: {}}
    async with running(conversations=conversations) as chatwoot:
        reading = await asked(chatwoot, "delivery")
    assert (reading.value, reading.note) == (0, "0 of 9 failed, 0 % delivered")


async def test_few_conversations_are_read_at_a_time_and_never_twice_for_nothing() -> None:
    many = {number: [message(300 + number)] for number in range(1, 9)}
    async with running(conversations={1: many, 2: {}}) as chatwoot:
        probe, measure = opened(chatwoot), Measure(ask="delivery")
        samples = [(await probe.read(measure, NOW)).sample for _ in range(4)]
        read = [path.split("/")[6] for path, _, _ in chatwoot.asked if path.endswith("messages")]
        assert chatwoot.busiest <= 2
    assert samples == [3, 6, 8, 8]
    assert sorted(read) == [str(number) for number in range(1, 9)]


async def test_a_young_message_counts_once_it_was_seen_again_at_an_age_that_counts() -> None:
    young = message(100, status="sent")
    async with running(conversations={1: {1: [young]}, 2: {}}) as chatwoot:
        probe, measure = opened(chatwoot), Measure(ask="delivery")
        first = await probe.read(measure, NOW)
        young |= {"status": "failed", "content_attributes": {"external_error": "131026: x"}}
        second = await probe.read(measure, replace(NOW, now=NOW.now + 300))
        last = await probe.read(measure, replace(NOW, now=NOW.now + 3601))
    assert (first.sample, second.sample, last.sample) == (0, 1, 0)
    assert second.part == 1


async def test_a_reading_is_at_most_twenty_calls_and_many_accounts_take_turns() -> None:
    numbers = range(1, 9)
    conversations = {number: {talk: [message(300)] for talk in range(1, 60)} for number in numbers}
    async with running(conversations=conversations) as chatwoot:
        probe = opened(chatwoot, accounts=[{"account": number} for number in numbers])
        first = await probe.read(Measure(ask="delivery"), NOW)
        assert len(chatwoot.asked) == 20
        second = await probe.read(Measure(ask="delivery"), NOW)
        seen = {path.split("/")[4] for path, _, _ in chatwoot.asked}
    assert first.note == "0 of 15 failed, 100 % delivered; 5 of 8 accounts so far"
    assert second.note == "0 of 30 failed, 100 % delivered"
    assert seen == {str(number) for number in numbers}


async def test_a_message_without_an_id_is_not_left_out_silently() -> None:
    odd = message(300)
    del odd["id"]
    async with running(conversations={1: {1: [odd]}, 2: {}}) as chatwoot:
        with pytest.raises(BadAnswer, match="id"):
            await asked(chatwoot, "delivery")


def test_the_codes_have_meanings_of_our_own() -> None:
    assert meaning("131048").startswith("held back as spam")
    assert meaning("200") == meaning("299") == meaning("0") == "authorisation failed"
    assert meaning("999999") == meaning("no code") == ""
    assert all(code.isdecimal() and text for code, text in MEANINGS.items())
