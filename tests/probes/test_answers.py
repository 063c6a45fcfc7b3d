"""From the rows of a database to a reading."""

from typing import Any

import pytest

from firstwatch.errors import BadAnswer, NoAnswer
from firstwatch.readings import Row
from firstwatch.verdict import Level
from probes.answers import Measure, to_reading

AT = 1_800_000_000.0


def read(shape: str, *records: dict[str, Any], least: int = 1) -> Any:
    measure = Measure.model_validate({"sql": "SELECT 1", "shape": shape, "least": least})
    return to_reading(measure, list(records), AT)


def company(name: str, **more: Any) -> dict[str, Any]:
    return {"label": name, "key": f"ck{name}", **more}


def test_counts_of_companies_are_summed_and_the_silent_ones_come_first() -> None:
    reading = read("counts", company("alpha", value=7), company("beta", value=0, note="none"))
    assert (reading.value, reading.sample) == (7, None)
    assert reading.note == "2 companies, 1 silent"
    assert reading.rows == (Row("beta", 0, "none", "ckbeta"), Row("alpha", 7, "", "ckalpha"))


def test_no_company_at_all_counts_nothing() -> None:
    assert read("counts").value == 0
    assert read("ratios").sample == 0


def test_the_worst_company_with_enough_to_judge_decides_a_ratio() -> None:
    records = (
        company("tiny", part=0, whole=2),
        company("bad", part=6, whole=10),
        company("good", part=90, whole=90),
    )
    reading = read("ratios", *records, least=5)
    assert (reading.value, reading.part, reading.sample) == (60, 6, 10)
    assert reading.note == "worst bad"
    assert [row.note for row in reading.rows] == ["0 of 2", "6 of 10", "90 of 90"]
    assert [row.key for row in reading.rows] == ["cktiny", "ckbad", "ckgood"]


def test_companies_too_small_to_judge_are_judged_together() -> None:
    records = (company("a", part=1, whole=3), company("b", part=4, whole=4))
    reading = read("ratios", *records, least=5)
    assert (reading.part, reading.sample, reading.note) == (5, 7, "2 companies")


@pytest.mark.parametrize("shape", ("rows", "counts"))
def test_the_worst_level_of_any_row_is_that_of_the_reading(shape: str) -> None:
    records = [company(str(n), value=n, level=v) for n, v in enumerate((None, "critical", "ok"))]
    assert read(shape, *records).level is Level.CRITICAL


@pytest.mark.parametrize("shape", ("rows", "counts"))
def test_a_row_without_a_label_speaks_of_all_of_them(shape: str) -> None:
    head = {"label": None, "value": 12, "sample": 40, "note": "3 lost", "level": "warning"}
    reading = read(shape, company("alpha", value=2), head, company("beta", value=1))
    assert (reading.value, reading.sample, reading.level) == (12, 40, Level.WARNING)
    assert reading.note.startswith("3 lost")
    assert {row.label for row in reading.rows} == {"alpha", "beta"}


def test_such_a_row_may_leave_the_value_to_the_others() -> None:
    head = {"label": None, "value": None, "note": "last 4s ago"}
    reading = read("counts", company("alpha", value=2), head, company("beta", value=0))
    assert (reading.value, reading.sample) == (2, None)
    assert reading.note == "last 4s ago, 2 companies, 1 silent"
    assert read("counts", company("alpha", value=2, note="x"), head).note == "last 4s ago"


def test_the_worst_row_is_told_with_its_note() -> None:
    rows = (company("alpha", value=2, note="3 of 20 sent"), company("beta", value=0))
    assert read("rows", *rows).note == "worst alpha, 3 of 20 sent"
    assert read("rows", rows[0]).note == "3 of 20 sent"
    assert read("rows").note == ""


def test_no_value_with_a_note_says_why_and_lets_the_last_one_stand() -> None:
    suspended = company("midnight", value=None, note="suspended around midnight")
    with pytest.raises(NoAnswer, match="suspended around midnight"):
        read("rows", suspended)
    with pytest.raises(BadAnswer, match="nothing to measure yet"):
        read("rows", company("alpha", value=None))


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(BadAnswer, match='no column "label"'):
        read("counts", {"value": 1})
