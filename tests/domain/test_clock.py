"""One clock for all, which rehearsal may speed up and tests may move."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.clock import Clock, ScaledClock, SystemClock
from tests.domain.leaping import T0, HandClock, loop, story


def test_the_systems_clock_tells_the_time() -> None:
    clock: Clock = SystemClock()
    before = time.time()
    assert before <= clock.now() <= time.time()
    assert clock.scale == 1.0


def test_a_scaled_clock_starts_where_it_is_told_and_runs_faster() -> None:
    clock = ScaledClock(60.0, start=T0, real_start=time.time() - 10.0)
    assert clock.now() == pytest.approx(T0 + 600, abs=30)


# No clock tells moments apart that float arithmetic cannot.
milliseconds = st.integers(0, 100_000_000).map(lambda count: count / 1000)


@given(st.floats(0.1, 1000), st.floats(0, 4e9), milliseconds, milliseconds)
def test_two_holders_of_the_same_three_numbers_read_the_same_time(
    scale: float, start: float, ago: float, later: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: ago + later)
        one, other = ScaledClock(scale, start, ago), ScaledClock(scale, start, ago)
        assert one.now() == other.now() == pytest.approx(start + later * scale)


@pytest.mark.parametrize("scale", (1.0, 60.0, 0.5))
@story
async def test_sleeping_takes_its_share_of_real_seconds(scale: float) -> None:
    clocks: tuple[Clock, ...] = (ScaledClock(scale, T0), HandClock(scale))
    for clock in clocks:
        before = loop().time()
        await clock.sleep(120.0)
        assert loop().time() - before == pytest.approx(120.0 / scale)


@story
async def test_sleeping_no_time_or_less_goes_on_at_once() -> None:
    before = loop().time()
    for clock in (SystemClock(), ScaledClock(60.0)):
        await clock.sleep(0.0)
        await clock.sleep(-5.0)
    assert loop().time() == before


@story
async def test_the_systems_clock_sleeps_in_real_seconds() -> None:
    before = loop().time()
    await SystemClock().sleep(3600.0)
    assert loop().time() - before == pytest.approx(3600.0)
