"""The log probe: what the plan may ask, and what it answers from a real, growing file."""

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from firstwatch.errors import Denied, Missing, NoAnswer, NotConfigured, Unreachable
from firstwatch.probe import Moment
from probes.log import KIND, LogProbe
from probes.log_answers import statistic
from probes.log_plan import Measure, Settings, Stat
from probes.tallies import HORIZON, KEPT, WIDTH, Tallies
from tests.probes.watched_log import ManualClock, Watched

RECEIVED = '[Chatwoot Webhook] Received: {\n  "content": "error 500"\n}\n'
FAILED = "[Chatwoot Webhook] Error: TypeError: call +15550100 back\n    at x (/app/y.js:1:1)\n"
DROPPED = "[Chatwoot Webhook] No phone number in message\n"
POOL = (
    "\nInvalid `prisma.message.create()` invocation:\n\n\n"
    "Timed out fetching a new connection from the connection pool.\n"
)
P2024 = (
    f"prisma:error {POOL}[WhatsApp] Process inbound error: PrismaClientKnownRequestError: {POOL}"
)
QUERY = "prisma:query SELECT 1\n"


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until it holds."""
    while not condition():  # noqa: ASYNC110 - what is waited for is in the outside world
        await asyncio.sleep(0.01)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Watched]:
    (tmp_path / "app.log").touch()
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    log.clock.time += 20
    yield log
    await log.probe.close()


async def test_records_are_counted_by_event_class_and_code(log: Watched) -> None:
    await log.says(RECEIVED * 3 + FAILED * 2 + DROPPED + P2024)
    await log.says("", 5)
    assert (await log.read(count=["webhook.received"])).value == 3
    assert (await log.read(count=["error"])).value == 3
    assert (await log.read(count=["code:P2024"])).value == 1
    failed = await log.read(count=["webhook.error", "inbound.lost", "webhook.dropped"])
    assert failed.value == 4


async def test_a_window_forgets(log: Watched) -> None:
    await log.says(FAILED)
    log.clock.time += 400
    await log.says(FAILED)
    assert (await log.read(count=["error"], window="5m")).value == 1


async def test_a_long_window_asked_for_from_the_start_forgets_nothing(log: Watched) -> None:
    await log.read(count=["error"], window="1h")
    for _ in range(10):
        await log.says(FAILED, 300)
    assert (await log.read(count=["error"], window="1h")).value == 10
    assert (await log.read(count=["error"], window="10m")).value in (2, 3)


async def test_a_ratio_tells_its_part_and_sample(log: Watched) -> None:
    await log.says(RECEIVED * 312 + FAILED * 4)
    log.clock.time += 700
    await log.says(RECEIVED * 312 + FAILED * 4)
    reading = await log.read(ratio={"of": ["error"], "per": ["webhook.received"]})
    assert (reading.part, reading.sample) == (4, 312)
    assert reading.value == pytest.approx(400 / 312)
    assert reading.note.endswith("(1s ago), 4 of 312 webhooks in 5m")


async def test_a_ratio_without_traffic_has_no_sample(log: Watched) -> None:
    reading = await log.read(ratio={"of": ["error"], "per": ["webhook.received"]})
    assert (reading.value, reading.part, reading.sample) == (0, 0, 0)


async def test_errors_without_any_traffic_are_not_nothing(log: Watched) -> None:
    await log.says(FAILED)
    reading = await log.read(ratio={"of": ["error"], "per": ["webhook.received"]})
    assert (reading.value, reading.part, reading.sample) == (100, 1, 0)


async def test_a_rate_is_a_minute_of_what_was_followed(log: Watched) -> None:
    log.clock.time += 100
    await log.says(FAILED * 30)
    reading = await log.read(rate=["error"])
    assert reading.value == pytest.approx(30 / (121 / 60))
    assert reading.note.endswith("30 followed for 2m 01s of 5m")


async def test_silence_is_counted_from_the_last_one(log: Watched) -> None:
    await log.says(RECEIVED)
    log.clock.time += 89
    assert (await log.read(silence=["webhook.received"])).value == 90


async def test_silence_since_the_start_is_as_long_as_it_was_followed(log: Watched) -> None:
    reading = await log.read(silence=["webhook.received"])
    assert reading.value == 20
    assert reading.note == "none since following began 20s ago"


async def test_a_duration_is_told_where_requests_are_printed(log: Watched) -> None:
    await log.says("".join(f" GET /login 200 in {n}ms\n" for n in range(1, 101)))
    reading = await log.read(duration=["request"])
    assert (reading.value, reading.sample) == (95, 100)
    assert (await log.read(duration=["request"], stat="max")).value == 100
    assert (await log.read(duration=["code:200"], stat="avg")).value == 50.5


async def test_no_duration_is_no_answer(log: Watched) -> None:
    await log.says(QUERY)
    with pytest.raises(NoAnswer, match="no such record with a duration"):
        await log.read(duration=["query"])


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [statistic([1.0, 2.0, 9.0], stat) for stat in Stat] == [4, 2, 9, 9, 9, 9]
    assert {statistic([7.0], stat) for stat in Stat} == {7}


async def test_the_note_shows_the_newest_example_masked(log: Watched) -> None:
    await log.says(FAILED, 40)
    reading = await log.read(count=["error"])
    assert reading.note.startswith("[Chatwoot Webhook] Error: TypeError: call …00 back (40s ago), ")


async def test_a_count_of_the_usual_shows_no_example(log: Watched) -> None:
    await log.says(RECEIVED, 300)
    assert (await log.read(count=["webhook.received"])).note == "in 5m, 1 since launch"


async def test_a_window_not_yet_covered_says_so(log: Watched) -> None:
    log.clock.time += 220
    assert (await log.read(count=["error"], window="1h")).note == "followed for 4m of 1h 00m"


async def test_there_is_no_verdict_in_the_first_seconds(log: Watched) -> None:
    log.clock.time -= 17
    with pytest.raises(NoAnswer, match="followed for 3s, no verdict yet"):
        await log.read(count=["error"])


async def test_what_was_there_before_is_shown_but_not_counted(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(RECEIVED + FAILED)
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    log.clock.time += 20
    assert (await log.read(count=["error"])).value == 0
    (shown,) = log.probe.tail(("error",), 50)
    assert (shown.event.name, shown.at) == ("webhook.error", None)
    await log.says(FAILED)
    assert (await log.read(count=["error"])).value == 1
    assert [r.at is None for r in log.probe.tail(("error",), 50)] == [True, False]
    await log.probe.close()


async def test_a_tail_keeps_the_order_of_the_log_and_a_bounded_number(log: Watched) -> None:
    await log.says((RECEIVED + FAILED + QUERY) * 5)
    names = [record.event.name for record in log.probe.tail(("error", "query", "webhook"), 4)]
    assert names == ["query", "webhook.received", "webhook.error", "query"]
    await log.says(QUERY * 6000)
    assert 3000 < len(log.probe.tail(("query",), 10_000)) < 4100
    assert len(log.probe.tail(("error",), 1000)) == 5


async def test_a_filter_counts_from_its_first_question_on(log: Watched) -> None:
    await log.says(FAILED)
    with pytest.raises(NoAnswer, match="followed for 0s"):
        await log.read(count=["error"], contains="TypeError")
    await log.says(FAILED + FAILED.replace("TypeError", "RangeError"), 20)
    assert (await log.read(count=["error"], contains="TypeError")).value == 1
    with pytest.raises(NoAnswer):
        await log.read(count=["error"], matches=r"(Type|Range)Error")
    await log.says(FAILED + FAILED.replace("TypeError", "RangeError"), 20)
    assert (await log.read(count=["error"], matches=r"(Type|Range)Error")).value == 2
    assert (await log.read(count=["error"])).value == 5


async def test_a_log_that_was_not_named_is_not_configured() -> None:
    probe = KIND.open(Settings(), ManualClock())
    with pytest.raises(NotConfigured, match=r"no log: set APP_LOG or sources\.<name>\.path"):
        await probe.read(Measure(count=("error",)), Moment(0, 0))
    await probe.close()


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    with pytest.raises(Missing, match=r"no such file: .*app\.log"):
        await log.read(count=["error"])
    await log.probe.close()


async def test_before_the_first_look_there_is_no_answer(tmp_path: Path) -> None:
    log = Watched(tmp_path / "app.log")
    with pytest.raises(NoAnswer):
        await log.read_unseen(count=["error"])


async def test_a_file_that_went_away_is_gone_since_a_time(log: Watched) -> None:
    log.path.unlink()
    await log.probe.turn()
    log.clock.time += 6
    await log.probe.turn()
    with pytest.raises(Missing, match="gone since 20:27"):
        await log.read(count=["error"])


async def test_a_log_that_is_only_quiet_is_no_failure(log: Watched) -> None:
    log.clock.time += 86_400
    await log.probe.turn()
    assert (await log.read(count=["error"])).value == 0


async def test_a_file_we_may_not_read_is_denied(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.touch(mode=0)
    log = Watched(path)
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        await log.probe.turn()
    finally:
        os.seteuid(os.getuid())
    with pytest.raises(Denied, match=r"may not read .*app\.log"):
        await log.read_unseen(count=["error"])


async def test_a_command_that_ended_is_unreachable_with_its_last_words() -> None:
    code = "import sys; sys.exit('ssh: connection refused')"
    probe = LogProbe(Settings(command=(sys.executable, "-c", code)), ManualClock())
    async with asyncio.timeout(10):
        while not probe._streams[0].follower.trouble:
            await probe.turn()
    with pytest.raises(Unreachable, match="ended: ssh: connection refused"):
        await probe.read(Measure(count=("error",)), Moment(1_780_000_000, 0))
    await probe.close()


async def test_rotation_leaves_the_counts_alone(log: Watched) -> None:
    await log.says(FAILED)
    log.path.rename(log.path.with_suffix(".1"))
    log.path.write_text(FAILED)
    for _ in range(4):
        await log.probe.turn()
    log.path.write_text("")
    await log.probe.turn()
    await log.says(FAILED)
    assert (await log.read(count=["error"])).value == 3


async def test_running_follows_until_it_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.touch()
    probe = LogProbe(Settings(path=(str(path),)), ManualClock())
    task = asyncio.create_task(probe.run())
    async with asyncio.timeout(10):
        await until(lambda: probe._streams[0].follower.since is not None)
        with path.open("a") as file:
            file.write(FAILED)
        await until(lambda: bool(probe.tail(("error",), 1)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await probe.close()


async def test_a_flood_does_not_keep_others_from_their_turn(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.touch()
    probe = LogProbe(Settings(path=(str(path),)), ManualClock())
    await probe.turn()
    path.write_text(RECEIVED * 100_000)
    task = asyncio.create_task(probe.run())
    turns = 0
    async with asyncio.timeout(20):
        while probe._streams[0].follower.bytes_read < path.stat().st_size:
            await asyncio.sleep(0)
            turns += 1
    task.cancel()
    assert turns >= path.stat().st_size // 65536
    await probe.close()


async def test_two_hundred_lines_a_second_cost_less_than_a_hundredth_of_a_core(
    log: Watched,
) -> None:
    """A minute of it, looked at four times a second; only processor time is measured."""
    chunk = (RECEIVED * 15 + FAILED * 2 + "\n")[: 50 * 30]
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(240):
        await log.says(chunk, 0.25)
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent < 0.6


async def test_counts_that_nobody_goes_on_counting_are_no_answer(log: Watched) -> None:
    await log.says(FAILED, seconds=60)
    assert (await log.read(count=["webhook.error"])).value == 1
    log.clock.time += 30
    with pytest.raises(NoAnswer, match="not being read"):
        await log.read_unseen(count=["webhook.error"])
    assert (await log.read(count=["webhook.error"])).value == 1


def test_counts_are_kept_for_the_longest_window_only() -> None:
    tallies = Tallies()
    for n in range(10_000):
        tallies._trim(n)
        tallies._counts[n] = {}
    assert len(tallies._counts) <= HORIZON / WIDTH + 4


async def test_durations_are_a_bounded_draw(log: Watched) -> None:
    await log.says("".join(f" GET /login 200 in {n}ms\n" for n in range(2000)), 1)
    reading = await log.read(duration=["request"], stat="p50")
    assert reading.sample == KEPT
    assert 700 < reading.value < 1300


@pytest.mark.parametrize(
    ("measure", "complaint"),
    (
        ({}, "give exactly one of count, rate"),
        ({"count": ["error"], "silence": ["error"]}, "there is count and silence"),
        ({"count": ["eror"]}, 'did you mean "error"'),
        ({"count": ["error"], "window": 300}, None),
        ({"count": ["error"], "window": "2d"}, "less than or equal to 86400"),
        ({"count": ["error"], "matches": "("}, "is not a regular expression"),
        ({"ratio": {"of": ["error"]}}, "per"),
        ({"ratio": {"of": ["error"], "per": []}}, "at least 1"),
        ({"ratio": {"of": ["error"], "per": [["request"], []]}}, "at least 1"),
        ({"kinds": ["error"], "contains": "x"}, "told apart among all"),
        ({"duration": ["request"], "stat": "p42"}, "p95"),
        ({"counts": ["error"]}, "counts"),
    ),
)
def test_a_measure_that_makes_no_sense_is_refused(
    measure: dict[str, Any], complaint: str | None
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Measure.model_validate(measure)


def test_a_single_selector_needs_no_list() -> None:
    assert Measure.model_validate({"count": "error"}).count == ("error",)


def test_a_log_is_a_path_or_a_command_not_both() -> None:
    with pytest.raises(ValidationError, match="not both"):
        Settings(path=("a",), command=("b",))


async def test_more_errors_than_webhooks_are_all_of_them_and_no_more(log: Watched) -> None:
    await log.says(RECEIVED + FAILED * 2)
    reading = await log.read(ratio={"of": ["error"], "per": ["webhook.received"]})
    assert (reading.value, reading.part, reading.sample) == (100, 2, 1)
    assert "2 against 1 webhooks" in reading.note


async def test_a_clock_that_was_set_back_makes_nothing_recent_again(log: Watched) -> None:
    log.clock.time += 7200
    await log.says(FAILED * 3, 60)
    log.clock.time -= 3600
    reading = await log.read(count=["error"], window="5m")
    assert (reading.value, reading.sample) == (0, 0)
