"""The past of a check in equal parts: nothing that stood out is lost, nothing unseen is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.errors import JournalError
from firstwatch.journal import Journal
from firstwatch.past import FEW, Lookback, Usual, parted, remembered, usual
from firstwatch.plan import Check
from firstwatch.readings import Attempt
from firstwatch.snapshot import CheckState
from firstwatch.verdict import Level, Verdict

T0 = 1_790_000_000.0
DAY = 86400.0
VALUES = st.lists(
    st.tuples(st.floats(T0, T0 + DAY, exclude_max=True), st.none() | st.floats(-1e12, 1e12)),
    max_size=60,
)


def test_one_spike_of_a_day_is_still_there() -> None:
    readings = [(T0 + n * 60, 300.0) for n in range(1440)]
    readings[777] = (T0 + 777 * 60, 4800.0)
    found = parted(readings, T0, T0 + DAY, 100)
    highest = found.highest
    assert highest is not None
    assert (highest.high, highest.high_at) == (4800.0, T0 + 777 * 60)
    assert sum(part is not None and part.high > 300 for part in found.parts) == 1


@given(VALUES, st.integers(1, 300))
def test_the_extremes_survive_however_few_parts_there_are(
    values: list[tuple[float, float | None]], parts: int
) -> None:
    found = parted(values, T0, T0 + DAY, parts)
    known = [value for _, value in values if value is not None]
    assert len(found.parts) == parts
    assert (found.highest.high if found.highest else None) == max(known, default=None)
    assert (found.lowest.low if found.lowest else None) == min(known, default=None)


def test_a_part_without_a_value_is_empty_and_says_where_measuring_failed() -> None:
    found = parted([(5.0, 1.0), (15.0, None), (95.0, float("inf")), (100.0, 7.0)], 0.0, 100.0, 10)
    assert [part is not None for part in found.parts] == [True, *[False] * 9]
    assert found.failed == {1, 9}


def test_the_usual_is_what_nine_of_ten_values_were_and_of_a_few_nothing() -> None:
    values = [(float(n), float(n)) for n in range(100)]
    assert usual(values) == Usual(5.0, 94.0)
    assert usual(values[: FEW - 1]) is None
    assert usual([(0.0, None)] * 50) is None


def test_the_journal_is_read_while_a_watch_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "watch.journal"
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "A")
        for n in range(-20, 20):
            journal.record_readings(T0 + n, {"errors": None if n == 3 else float(n), "other": 9.0})
        lookback = Lookback(lambda: Journal.read_only(path))
        found = lookback.past("errors", T0, T0 + 10, 10)
        assert lookback.past("errors", T0, T0 + 10, 10) == found
        assert lookback.past("unheard-of", T0, T0 + 10, 10).highest is None
    values = [None if part is None else part.last for part in found.parts]
    assert values == [0, 1, 2, None, 4, 5, 6, 7, 8, 9]
    assert found.failed == {3}
    assert found.usual == Usual(-19.0, -2.0)
    assert not found.from_memory


@pytest.mark.parametrize("history", ((), (40.0, None, 60.0)))
def test_without_a_journal_the_snapshot_remembers_a_little(
    history: tuple[float | None, ...],
) -> None:
    check = Check.model_validate({"id": "c", "title": "c", "pane": "health", "source": "s"})
    latest = (Attempt(T0 - 20, 50.0), Attempt(T0 - 10, None, "refused"), Attempt(T0 - 5, 55.0))
    state = CheckState(check, Verdict(Level.OK, "", T0), None, None, history, 20.0, latest=latest)
    found = remembered(state, T0, T0 - 3600, T0, 360)
    assert found.from_memory
    assert found.parts[-1] is not None
    assert found.parts[-1].last == 55.0
    assert (found.highest and found.highest.high) == (60.0 if history else 55.0)


def test_nothing_is_remembered_of_a_check_that_is_gone() -> None:
    assert remembered(None, T0, T0 - 60, T0, 6).highest is None


def test_before_the_launch_nothing_is_settled_about_what_is_usual(tmp_path: Path) -> None:
    path = tmp_path / "watch.journal"
    lookback = Lookback(lambda: Journal.read_only(path))
    with pytest.raises(JournalError):
        lookback.past("errors", T0 - 60, T0, 6)
    with Journal.open(path) as journal:
        assert lookback.past("errors", T0 - 60, T0, 6).usual is None
        journal.stamp_launch(T0, "A")
        for n in range(-60, -30):
            journal.record_readings(T0 + n, {"errors": 5.0})
        assert lookback.past("errors", T0 - 60, T0 - 30, 6).usual == Usual(5.0, 5.0)
        for n in range(-30, 0):
            journal.record_readings(T0 + n, {"errors": 7.0})
        assert lookback.past("errors", T0 - 60, T0 - 1, 6).usual == Usual(5.0, 7.0)
