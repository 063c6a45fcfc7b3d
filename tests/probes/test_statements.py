"""Statements with their moments bound by name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from firstwatch.probe import Moment
from probes.answers import Measure
from probes.statements import (
    BINDINGS,
    FOLDER,
    GRACE,
    OVERLAP,
    cuid_floor,
    load_statement,
    parse_statement,
)
from rehearsal.cuid import make_cuid

NOW = 1_795_419_786.313  # 2026-11-23T07:43:06.313Z
MOMENT = Moment(now=NOW, launch=NOW - 7200)
INSTANTS = st.floats(min_value=1e9, max_value=2.8e9)  # eight digits last until 2059


def test_names_become_numbered_parameters_in_the_order_they_are_met() -> None:
    statement = parse_statement("SELECT :now - :since, :since, :window")
    assert statement.text == "SELECT $1 - $2, $2, $3"
    assert statement.names == ("now", "since", "window")
    now = datetime(2026, 11, 23, 7, 43, 6, 313000)  # noqa: DTZ001 - as the application stores it
    assert statement.values(MOMENT, 300)[0] == now
    assert statement.values(MOMENT, 300)[2] == 300


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("SELECT :now::timestamp", "SELECT $1::timestamp"),
        ("SELECT a::text, b :: int", "SELECT a::text, b :: int"),
        ("SELECT x[1:n]", "SELECT x[1:n]"),
        ("SELECT 1 -- not :bound\n;", "SELECT 1"),
        ("SELECT 1; -- the end", "SELECT 1"),
        ("SELECT ' :nothing -- here', :now", "SELECT ' :nothing -- here', $1"),
        ("SELECT 'it''s -- :so'", "SELECT 'it''s -- :so'"),
        ('SELECT ":odd -- name" FROM t', 'SELECT ":odd -- name" FROM t'),
        ("SELECT 1 -- it's\n, :now", "SELECT 1 \n, $1"),
        ("SELECT to_char(t, 'HH24:mi :ss')", "SELECT to_char(t, 'HH24:mi :ss')"),
    ),
)
def test_only_names_are_bound_and_only_comments_dropped(text: str, expected: str) -> None:
    assert parse_statement(text).text == expected


def test_a_name_that_nothing_binds_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r":sinse is bound to nothing \(known: now, since,"):
        parse_statement("SELECT :sinse")
    with pytest.raises(ValidationError, match=":sinse is bound to nothing"):
        Measure(sql="SELECT :sinse")


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r'no statement file "nowhere\.sql"'):
        load_statement("nowhere.sql")


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.sql"
    path.write_text("-- mine\nSELECT 1 AS value;\n")
    assert load_statement(str(path)).text == "SELECT 1 AS value"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_every_shipped_statement_reads_time_from_the_watch_only(path: Path) -> None:
    statement = load_statement(path.name)
    assert ";" not in statement.text
    if path.stem != "connections":  # which looks at how long a session has been idle
        assert "now()" not in statement.text.lower()
        assert "current_" not in statement.text.lower().replace("current_database", "").replace(
            "current_user", ""
        )


def test_every_binding_is_used_by_some_shipped_statement_or_kept_for_ones_own() -> None:
    names = {name for path in FOLDER.glob("*.sql") for name in load_statement(path.name).names}
    used = {name.rpartition(".")[2] for name in names}
    assert used <= BINDINGS.keys()
    assert {"since", "since_id", "settled_id", "launch", "today", "now"} <= used


def test_bounds_reach_back_as_far_as_they_say() -> None:
    bound = {name: bind(MOMENT, 300.0) for name, bind in BINDINGS.items()}
    assert bound["since_id"] == cuid_floor(NOW - 300 - OVERLAP)
    assert bound["settled_id"] == cuid_floor(NOW - GRACE)
    assert bound["launch_id"] == cuid_floor(NOW - 7200 - OVERLAP)
    assert bound["today"] == datetime(2026, 11, 23)  # noqa: DTZ001 - as the application stores it
    for name in ("now", "since", "launch", "settled", "today"):
        value = bound[name]
        assert isinstance(value, datetime)
        assert value.tzinfo is None


def test_the_floor_of_an_id_is_the_time_it_carries() -> None:
    assert int(cuid_floor(NOW)[1:], 36) == 1_795_419_786_313
    assert cuid_floor(0) == "c00000000"
    assert cuid_floor(-5) == "c00000000"
    assert datetime.fromtimestamp(int("mwsyl1e1", 36) / 1000, UTC).isoformat(
        timespec="milliseconds"
    ) == ("2026-11-23T07:43:06.313+00:00")


@given(made=INSTANTS, asked=INSTANTS)
def test_ids_sort_around_the_floor_as_their_times_do(made: float, asked: float) -> None:
    if int(made * 1000) >= int(asked * 1000):
        assert make_cuid(made) >= cuid_floor(asked)
    else:
        assert make_cuid(made) < cuid_floor(asked)


def test_a_name_may_say_of_which_table_the_ids_are() -> None:
    statement = parse_statement('SELECT 1 FROM "Message" WHERE id >= :Message.since_id')
    assert statement.text == 'SELECT 1 FROM "Message" WHERE id >= $1'
    assert statement.names == ("Message.since_id",)
    assert statement.values(MOMENT, 300) == [cuid_floor(NOW - 300 - OVERLAP)]
    with pytest.raises(ValueError, match=r":Message\.now is bound to nothing: only ids belong"):
        parse_statement("SELECT :Message.now")
