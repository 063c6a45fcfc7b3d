"""Pace: an outbreak of errors is found without traffic to compare with, and nothing else is."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firstwatch.errors import NoAnswer
from firstwatch.readings import Reading
from probes.log_pace import ENOUGH, HISTORY
from tests.probes.watched_log import Watched

ERROR = "[WhatsApp] Send error: 401\n"
WARNING = 3


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Watched]:
    (tmp_path / "app.log").touch()
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    yield log
    await log.probe.close()


async def pace(log: Watched) -> Reading:
    return await log.read(pace=["error"], window="5m")


async def live(log: Watched, minutes: int, errors: float, seed: int = 1) -> float:
    """So many minutes, each with about so many errors; the worst pace seen in them."""
    rng, worst = random.Random(seed), 0.0
    for _ in range(minutes):
        count = sum(rng.random() < errors / 60 for _ in range(60))
        await log.says(ERROR * count, 30)
        worst = max(worst, (await pace(log)).value)
        await log.says("", 30)
    return worst


async def test_while_nothing_is_usual_yet_no_errors_are_fine_and_many_unknown(log: Watched) -> None:
    await log.says(ERROR, 12 * 60)
    calm = await pace(log)
    assert calm.value <= 1
    assert calm.note.startswith("0/min, learning what is usual, 7 of 30 min")
    await log.says(ERROR * 28)
    with pytest.raises(NoAnswer, match=r"5\.\d/min, learning what is usual, 7 of 30 min"):
        await pace(log)


async def test_an_outbreak_is_told_in_multiples_of_the_usual(log: Watched) -> None:
    await log.says("", 10)
    await pace(log)
    for _ in range(60):
        await log.says(ERROR * 2, 60)
    await log.says(ERROR * 50, 1)
    reading = await pace(log)
    assert reading.value == pytest.approx(58 / 5 / 2, rel=0.1)
    assert "/min, usual up to 2/min (" in reading.note
    assert "[WhatsApp] Send error: 401 (1s ago)" in reading.note


async def test_after_hours_of_no_error_a_handful_is_no_outbreak_and_many_are(log: Watched) -> None:
    await pace_after_quiet(log, hours=2)
    await log.says(ERROR * 7)
    assert (await pace(log)).value <= WARNING
    await log.says(ERROR * 10)
    assert (await pace(log)).value > WARNING


async def pace_after_quiet(log: Watched, hours: int) -> None:
    await log.says("", 60)
    await pace(log)
    await log.says("", hours * 3600)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("errors", (0.2, 1.0, 4.0))
async def test_a_day_of_ordinary_errors_raises_nothing(
    log: Watched, errors: float, seed: int
) -> None:
    await log.says("", 60)
    await pace(log)
    await log.says("", 10)
    for _ in range(ENOUGH + 6):
        await log.says(ERROR * round(errors), 60)
    assert await live(log, HISTORY, errors, seed) <= WARNING


async def test_a_minute_that_is_busy_now_and_then_is_usual(log: Watched) -> None:
    await log.says("", 60)
    await pace(log)
    for minute in range(100):
        await log.says(ERROR * (20 if minute % 10 == 0 else 0), 60)
    await log.says(ERROR * 20)
    assert (await pace(log)).value <= WARNING
