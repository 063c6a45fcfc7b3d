"""A sparkline shows means where something was measured and gaps where nothing was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.history import BUCKETS, History

T0 = 1_800_003_600.0
"""The beginning of a stretch of 30 s and of 60 s."""


def test_values_of_one_stretch_become_their_mean() -> None:
    history = History(10.0)
    for second, value in ((0, 1.0), (10, 2.0), (29.9, 6.0), (30, 9.0)):
        history.add(T0 + second, value)
    assert history.values(T0 + 59)[-2:] == (3.0, 9.0)
    assert history.values(T0 + 59)[:-2] == (None,) * (BUCKETS - 2)


def test_a_stretch_without_a_value_is_a_gap_and_not_zero() -> None:
    history = History(10.0)
    history.add(T0, 5.0)
    history.add(T0 + 30, None)
    history.add(T0 + 60, 0.0)
    assert history.values(T0 + 60)[-3:] == (5.0, None, 0.0)


@pytest.mark.parametrize(("every", "span"), ((1.0, 1800.0), (24.0, 1800.0), (60.0, 4500.0)))
def test_it_reaches_back_sixty_stretches_of_at_least_half_a_minute(
    every: float, span: float
) -> None:
    assert History(every).span == span


def test_what_is_older_than_its_span_scrolls_out() -> None:
    history = History(24.0)
    history.add(T0, 5.0)
    assert history.values(T0 + 30 * (BUCKETS - 1))[0] == 5.0
    assert set(history.values(T0 + 30 * BUCKETS)) == {None}


def test_a_clock_that_was_set_back_does_not_stop_the_line() -> None:
    history = History(24.0)
    history.add(T0, 5.0)
    for stretch in range(3):
        history.add(T0 - 3600 + 30 * stretch, float(stretch))
    assert history.values(T0 - 3600 + 60)[-3:] == (0.0, 1.0, 2.0)


@given(every=st.floats(5, 600), data=st.data())
def test_a_value_measured_on_time_leaves_no_gap(every: float, data: st.DataObject) -> None:
    history, at = History(every), T0
    for _ in range(BUCKETS):
        at += every * data.draw(st.floats(0.95, 1.1))
        history.add(at, 1.0)
    shown = history.values(at)
    first = shown.index(1.0)
    assert set(shown[first:]) == {1.0}
    assert history.values(at + every)[-1] == 1.0


@given(
    st.floats(0.1, 7200),
    st.lists(st.tuples(st.floats(0, 1e5), st.none() | st.floats(-1e9, 1e9)), max_size=200),
    st.floats(0, 1e5),
)
def test_it_never_grows_and_never_shows_what_was_not_measured(
    every: float, taken: list[tuple[float, float | None]], now: float
) -> None:
    history = History(every)
    for at, value in taken:
        history.add(T0 + at, value)
    shown = history.values(T0 + now)
    measured = [value for _, value in taken if value is not None]
    assert len(shown) == BUCKETS
    for mean in shown:
        if mean is not None:
            assert min(measured) - 1e-3 <= mean <= max(measured) + 1e-3
    assert len(history._buckets) <= BUCKETS
