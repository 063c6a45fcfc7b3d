"""Answers of a database: what a measure asks of it, and the reading in the rows that come."""

import contextlib
import math
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from firstwatch.errors import BadAnswer, NoAnswer
from firstwatch.probe import Duration, Section
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from probes.statements import load_statement


class Measure(Section):
    """`measure` of a check whose source is of kind postgres."""

    sql: str
    """A file (`connections.sql`) or one statement; `:since_id`, `:now` … are bound by name."""
    shape: Literal["scalar", "ratio", "rows", "counts", "ratios", "delta"] = "scalar"
    """scalar: column value; ratio: part and whole; rows: label and value, the worst first; counts:
    label, key and value of every company, summed; ratios: label, key, part and whole of every
    company, of which the worst decides; delta: total, calls and era, of which the mean between two
    readings is taken. All: note and level; scalar: sample, too; rows: unit, if not the check's.
    rows and counts: a row without a label speaks of all the others, its value, sample, note and
    level are the reading's.
    A value of NULL with a note: nothing to measure just now, and why."""
    least: int = Field(default=1, ge=0)
    """ratios: a company with a smaller whole than this decides nothing by itself."""
    new_connection: bool = False
    """Try every 30 s whether the server takes another connection; none left (53300) is critical."""
    window: Duration = 300.0
    """How far `:since` and `:since_id` reach back."""

    @model_validator(mode="after")
    def _statement_is_there(self) -> Self:
        load_statement(self.sql)
        return self


def to_reading(measure: Measure, records: list[Any], at: float) -> Reading:
    """The reading in the rows of an answer. Raises BadAnswer when they have another shape."""
    match measure.shape:
        case "rows":
            return _worst(records, at)
        case "counts":
            return _sum(records, at)
        case "ratios":
            return _ratios(records, at, measure.least)
        case "ratio":
            record = only(records)
            note, level = str(record.get("note") or ""), _level(record.get("level"))
            return _share(at, number(record, "part"), number(record, "whole"), note, level)
    record = only(records)
    return Reading(
        at,
        number(record, "value"),
        sample=_sample(record),
        note=str(record.get("note") or ""),
        level=_level(record.get("level")),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """What the row without a label says of all the others."""

    value: float | None = None
    sample: int | None = None
    note: str = ""

    def crown(self, reading: Reading) -> Reading:
        """The reading with what is said of all of it."""
        return replace(
            reading,
            value=reading.value if self.value is None else self.value,
            sample=reading.sample if self.sample is None else self.sample,
            note=", ".join(part for part in (self.note, reading.note) if part),
        )


def _split(records: list[Any]) -> tuple[_Head, list[Any]]:
    """The row without a label, if there is one, and the others."""
    parts = [record for record in records if _cell(record, "label") is not None]
    heads = [record for record in records if record["label"] is None]
    if not heads:
        return _Head(), parts
    value = None if heads[0].get("value") is None else number(heads[0], "value")
    return _Head(value, _sample(heads[0]), str(heads[0].get("note") or "")), parts


def _worst(records: list[Any], at: float) -> Reading:
    head, parts = _split(records)
    rows = tuple(_row(record, number(record, "value")) for record in parts)
    worst = rows[0] if rows else None
    note = ""
    if worst and not head.note:
        told = (f"worst {worst.label}" if len(rows) > 1 else "", worst.note)
        note = ", ".join(part for part in told if part)
    value, level = worst.value if worst else 0.0, _worst_level(records)
    return head.crown(Reading(at, value, note=note, rows=rows, level=level))


def _sum(records: list[Any], at: float) -> Reading:
    """All companies together; the rows begin with those that have least."""
    head, parts = _split(records)
    rows = sorted((_row(record, number(record, "value")) for record in parts), key=_value)
    silent = sum(row.value == 0 for row in rows)
    note = f"{len(rows)} companies" + (f", {silent} silent" if silent else "")
    if len(rows) == 1:
        note = "" if head.note else rows[0].note
    value, level = sum(row.value for row in rows), _worst_level(records)
    return head.crown(Reading(at, value, note=note, rows=tuple(rows), level=level))


def _ratios(records: list[Any], at: float, least: int) -> Reading:
    """The worst company's ratio, of those that have enough to judge; else that of all together."""
    parts = [(number(record, "part"), number(record, "whole")) for record in records]
    rows = tuple(
        _row(record, _per_cent(*each), note=f"{each[0]:g} of {each[1]:g}")
        for record, each in zip(records, parts, strict=True)
    )
    level = _worst_level(records)
    for row, (part, whole) in zip(rows, parts, strict=True):
        if whole >= max(least, 1):
            note = f"worst {row.label}" if len(rows) > 1 else ""
            return replace(_share(at, part, whole, note, level), rows=rows)
    total = [sum(column) for column in zip(*parts, strict=True)] or [0.0, 0.0]
    note = f"{len(rows)} companies" if len(rows) > 1 else ""
    return replace(_share(at, total[0], total[1], note, level), rows=rows)


def _share(at: float, part: float, whole: float, note: str, level: Level | None) -> Reading:
    value = _per_cent(part, whole)
    return Reading(at, value, sample=int(whole), part=part, note=note, level=level)


def _per_cent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def _row(record: Any, value: float, note: str = "") -> Row:
    label, told = str(_cell(record, "label")), str(record.get("note") or note)
    unit = None if record.get("unit") is None else str(record.get("unit"))
    return Row(label, value, told, key=str(record.get("key") or ""), unit=unit)


def _value(row: Row) -> float:
    return row.value


def _worst_level(records: list[Any]) -> Level | None:
    levels = [level for record in records if (level := _level(record.get("level")))]
    return max(levels, key=lambda level: level.severity, default=None)


def only(records: list[Any]) -> Any:
    """The first row. Raises BadAnswer where there is none."""
    if not records:
        raise BadAnswer("the statement returned no row")
    return records[0]


def _cell(record: Any, column: str) -> object:
    try:
        value: object = record[column]
    except KeyError:
        raise BadAnswer(f'the statement returned no column "{column}"') from None
    return value


def number(record: Any, column: str) -> float:
    """A column as a finite number. Raises BadAnswer, or NoAnswer where a note says why not."""
    value: Any = _cell(record, column)
    if value is None and record.get("note"):
        raise NoAnswer(str(record.get("note")))
    if value is None:
        raise BadAnswer("nothing to measure yet: the statement returned no value")
    with contextlib.suppress(TypeError, ValueError):
        found = float(value)
        if math.isfinite(found):
            return found
    raise BadAnswer(f'column "{column}" is not a number')


def _sample(record: Any) -> int | None:
    return None if record.get("sample") is None else int(number(record, "sample"))


def _level(value: object) -> Level | None:
    try:
        return Level(str(value)) if value else None
    except ValueError:
        raise BadAnswer(f'"{value}" is not a level (known: {", ".join(Level)})') from None
