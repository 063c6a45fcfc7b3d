"""Statements with their moments bound by name."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from firstwatch.probe import Moment
from probes.answers import Measure
from probes.statements import BINDINGS, FOLDER, GRACE, IDS, OVERLAP, load_statement, parse_statement

NOW = 1_795_419_786.313  # 2026-11-23T07:43:06.313Z
MOMENT = Moment(now=NOW, launch=NOW - 7200)


def test_names_become_numbered_parameters_in_the_order_they_are_met() -> None:
    statement = parse_statement("SELECT :now - :since, :since, :window")
    assert statement.text == "SELECT $1 - $2, $2, $3"
    assert statement.names == ("now", "since", "window")
    now = datetime(2026, 11, 23, 7, 43, 6, 313000)  # noqa: DTZ001 - as the application stores it
    assert statement.values(MOMENT, 300, {})[0] == now
    assert statement.values(MOMENT, 300, {})[2] == 300


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
    assert ";" not in re.sub(r"'[^']*'", "", statement.text)
    if path.stem != "connections":  # which looks at how long a session has been idle
        assert not re.search(
            r"(?i)\bnow\(|current_(time|date)|local(time|timestamp)", statement.text
        )


def test_every_binding_is_used_by_some_shipped_statement_or_kept_for_ones_own() -> None:
    names = {name for path in FOLDER.glob("*.sql") for name in load_statement(path.name).names}
    used = {name.rpartition(".")[2] for name in names}
    assert used <= set(BINDINGS)
    assert {"since", "since_id", "settled_id", "launch", "today", "now"} <= used


def test_bounds_reach_back_as_far_as_they_say() -> None:
    bound = {name: instant(MOMENT, 300.0) for name, instant in IDS.items()}
    assert bound["since_id"] == NOW - 300 - OVERLAP
    assert bound["settled_id"] == NOW - GRACE
    assert bound["launch_id"] == NOW - 7200 - OVERLAP
    names = ("now", "since", "launch", "settled", "today")
    statement = parse_statement("SELECT " + ", ".join(f":{name}" for name in names))
    values = statement.values(MOMENT, 300, {})
    assert values[-1] == datetime(2026, 11, 23)  # noqa: DTZ001 - as the application stores it
    for value in values:
        assert isinstance(value, datetime)
        assert value.tzinfo is None


def test_a_name_says_of_which_table_the_ids_are() -> None:
    statement = parse_statement(
        'SELECT 1 FROM "Message" m JOIN orders o ON true'
        " WHERE m.id >= :Message.since_id AND o.id >= :orders.since_id AND x < :now"
    )
    assert statement.names == ("Message.since_id", "orders.since_id", "now")
    assert [(bound.table, bound.instant) for bound in statement.ids] == [
        ("Message", "since_id"),
        ("orders", "since_id"),
    ]
    assert statement.tables == {"Message", "orders"}
    ids = {"Message.since_id": "c1", "orders.since_id": 7}
    assert statement.values(MOMENT, 300, ids)[:2] == ["c1", 7]
    with pytest.raises(ValueError, match=r":Message\.now is bound to nothing: only ids belong"):
        parse_statement("SELECT :Message.now")


@pytest.mark.parametrize(
    ("text", "table"),
    (
        ('SELECT count(*) FROM "Message" WHERE id >= :since_id', "Message"),
        ("select count(*) from Orders where id >= :since_id", "orders"),
        ("SELECT 1 FROM t WHERE id >= :since_id AND EXISTS (SELECT FROM t AS u)", "t"),
    ),
)
def test_the_table_may_be_left_out_where_there_is_only_one(text: str, table: str) -> None:
    assert [bound.table for bound in parse_statement(text).ids] == [table]


@pytest.mark.parametrize(
    "text", ("SELECT :since_id", "SELECT 1 FROM a JOIN b ON true WHERE a.id >= :since_id")
)
def test_an_id_of_no_certain_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r":since_id does not say of which table; write :Table\."):
        parse_statement(text)
