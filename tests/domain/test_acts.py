"""What people did is a chain: nothing in it can be changed, taken out or swapped unseen."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from firstwatch.acts import (
    GENESIS,
    Acknowledgement,
    Act,
    HandedOver,
    Item,
    Mark,
    Note,
    SignOff,
    faults,
    read_act,
    to_json,
)
from firstwatch.journal import Journal
from firstwatch.verdict import Level
from tests.domain.signing import closed, sign, signed_in, write

T0 = 1_800_003_600.0

ITEM = Item(
    check="connections",
    title="DB connections",
    mark=Mark.VERIFIED,
    level=Level.OK,
    reason="42 % of 97",
    value=42.0,
    unit="%",
    age=3.2,
    sample=97,
)
ACTS: tuple[Act, ...] = (
    closed(1, T0).model_copy(update={"items": (ITEM,), "note": "quiet · ruhig"}),
    Note(text="told the client", about="round:3"),
    Acknowledgement(
        subject="errors", start=T0, level=Level.WARNING, flips=1, why="known", recheck=T0 + 60
    ),
    HandedOver(to="B"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with five acts."""
    path = tmp_path / "launch.journal"
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "A")
        for number in range(1, 4):
            sign(journal, number, T0 + 1800 * number)
        write(journal, T0 + 6000, "quiet so far")
        write(journal, T0 + 7000, "told the client")
    return path


def tamper(path: Path, *statements: str) -> None:
    """Change the file behind the journal's back, as somebody with SQLite at hand would."""
    connection = sqlite3.connect(path)
    for event in ("update", "delete"):
        connection.execute(f"DROP TRIGGER acts_no_{event}")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


def faults_of(path: Path, *heads: str) -> list[str]:
    with Journal.read_only(path) as journal:
        return faults(journal.links(), last=journal.acts_given, heads=heads)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.kind)
def test_an_act_is_read_as_it_was_written(act: Act) -> None:
    assert read_act(to_json(act)) == act


def test_an_untouched_chain_has_no_faults(path: Path) -> None:
    assert faults_of(path) == []
    with Journal.read_only(path) as journal:
        assert len(journal.links()) == 5
        assert journal.links()[0].hash == journal.links()[0].hash_after(GENESIS)
        assert journal.head == journal.links()[-1].hash


@pytest.mark.parametrize(
    ("statements", "expected"),
    (
        pytest.param(
            ("UPDATE acts SET act = replace(act, 'quiet', 'never quiet') WHERE id = 4",),
            "record 4 is not as it was written",
            id="an edited value",
        ),
        pytest.param(
            ("UPDATE acts SET who = 'B' WHERE id = 2",),
            "record 2 is not as it was written",
            id="an edited name",
        ),
        pytest.param(
            ("UPDATE acts SET at = at - 600 WHERE id = 3",),
            "record 3 is not as it was written",
            id="a forged time",
        ),
        pytest.param(
            ("UPDATE acts SET launch = 2 WHERE id = 3",),
            "record 3 is not as it was written",
            id="moved to another launch",
        ),
        pytest.param(("DELETE FROM acts WHERE id = 2",), "record 2 is missing", id="deleted"),
        pytest.param(("DELETE FROM acts WHERE id = 1",), "record 1 is missing", id="deleted first"),
        pytest.param(("DELETE FROM acts WHERE id = 5",), "record 5 is missing", id="deleted last"),
        pytest.param(
            ("DELETE FROM acts WHERE id > 3",), "records 4 to 5 are missing", id="cut off"
        ),
        pytest.param(
            ("DELETE FROM acts WHERE id = 2", "UPDATE acts SET id = id - 1 WHERE id > 2"),
            "record 2 is not as it was written",
            id="deleted and closed up",
        ),
        pytest.param(
            (
                "UPDATE acts SET id = 99 WHERE id = 2",
                "UPDATE acts SET id = 2 WHERE id = 3",
                "UPDATE acts SET id = 3 WHERE id = 99",
            ),
            "record 2 is not as it was written, or not where it was",
            id="swapped",
        ),
    ),
)
def test_whatever_is_changed_is_found(
    path: Path, statements: tuple[str, ...], expected: str
) -> None:
    tamper(path, *statements)
    assert any(fault.startswith(expected) for fault in faults_of(path))


def test_a_chain_built_anew_lacks_the_hash_that_a_handoff_named(path: Path) -> None:
    with Journal.read_only(path) as journal:
        named, links = journal.head, journal.links()
    tamper(path, "UPDATE acts SET who = 'B' WHERE id = 2")
    with Journal.read_only(path) as journal:
        links = journal.links()
    connection, before = sqlite3.connect(path), GENESIS
    for link in links:
        before = link.hash_after(before)
        connection.execute("UPDATE acts SET hash = ? WHERE id = ?", (before, link.id))
    connection.commit()
    connection.close()
    assert faults_of(path) == []
    assert faults_of(path, named) == [f"no record has the hash {named} that a handoff named"]


def test_what_follows_a_record_cut_off_keeps_the_hole_open(path: Path) -> None:
    tamper(path, "DELETE FROM acts WHERE id = 5")
    with Journal.open(path) as journal:
        assert write(journal, T0 + 8000, "goes on").id == 6
    assert faults_of(path) == ["record 5 is missing"]


def test_acts_cannot_be_changed_through_the_journal(path: Path) -> None:
    with Journal.open(path) as journal:
        for statement in ("UPDATE acts SET who = 'B'", "DELETE FROM acts"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                journal._connection.execute(statement)


def test_the_chain_goes_on_over_launches_and_restarts(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.stamp_launch(T0 + 86400, "B", again=True)
        assert journal.acts() == ()
        sign(journal, 1, T0 + 90000, "B")
        assert signed_in(journal) == {1: (T0 + 90000, "B")}
    assert faults_of(path) == []
    with Journal.read_only(path) as journal:
        assert [link.launch for link in journal.links()] == [1, 1, 1, 1, 1, 2]


def test_every_journal_has_a_salt_of_its_own(tmp_path: Path) -> None:
    salts = set()
    for name in ("one", "two"):
        for _ in range(2):
            with Journal.open(tmp_path / name) as journal:
                salts.add(journal.salt)
    assert len(salts) == 2
    assert all(len(salt) == 16 for salt in salts)


@pytest.mark.parametrize(
    "change",
    (str.upper, lambda text: text[:-1], lambda _: '{"kind": "x"}'),
    ids=("louder", "cut", "of no kind"),
)
def test_nonsense_is_no_act(change: Callable[[str], str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        read_act(change(to_json(SignOff(number=1, name="1", due=T0, late=T0, opened=T0))))
