"""What `verify` finds in a chain, and what it finds missing since a handoff."""

import sqlite3
from pathlib import Path

import pytest

from firstwatch.acts import GENESIS
from firstwatch.chain import Chain, Named, examine, named
from firstwatch.errors import FirstwatchError
from firstwatch.journal import Journal
from tests.domain.signing import sign, write

T0 = 1_800_003_600.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with four acts."""
    path = tmp_path / "launch.journal"
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "A")
        for number in range(1, 4):
            sign(journal, number, T0 + 1800 * number)
        write(journal, T0 + 7000, "told the client")
    return path


def tamper(path: Path, statement: str, *values: object) -> None:
    """Do to a journal what somebody with a database tool could."""
    connection = sqlite3.connect(path)
    for table in ("acts_no_update", "acts_no_delete"):
        connection.execute(f"DROP TRIGGER IF EXISTS {table}")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def examined(path: Path, *handoffs: Named) -> Chain:
    with Journal.read_only(path) as journal:
        return examine(journal, handoffs)


def head_of(path: Path) -> str:
    return examined(path).head


def rebuild(path: Path) -> None:
    """Give every record the hash it would have had."""
    with Journal.read_only(path) as journal:
        links = journal.links()
    before = GENESIS
    for number, link in enumerate(links, 1):
        tamper(path, "UPDATE acts SET id = ? WHERE id = ?", number, link.id)
    with Journal.read_only(path) as journal:
        links = journal.links()
    for link in links:
        before = link.hash_after(before)
        tamper(path, "UPDATE acts SET hash = ? WHERE id = ?", before, link.id)
    tamper(path, "UPDATE sqlite_sequence SET seq = ? WHERE name = 'acts'", len(links))


def test_a_whole_chain_is_told_with_its_head(path: Path) -> None:
    chain = examined(path)
    assert chain.is_whole
    assert str(chain) == f"4 acts, whole; head {chain.head}"
    assert len(chain.head) == 64


def test_an_empty_chain_is_not_called_whole(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "new.journal") as journal:
        assert str(examine(journal)) == "0 acts, nothing to verify yet"


def test_a_record_that_holds_no_act_is_named(path: Path) -> None:
    tamper(path, """UPDATE acts SET act = '{"kind":"promotion"}' WHERE id = 4""")
    assert examined(path).faults == (
        "record 4 is not as it was written, or not where it was",
        "record 4 holds nothing that this firstwatch knows as an act",
    )
    assert str(examined(path)) == "4 acts, not whole: 2 faults"


@pytest.mark.parametrize("column", ("launch", "at", "who", "act", "hash"))
def test_bytes_where_something_else_was_are_a_fault_and_no_crash(path: Path, column: str) -> None:
    tamper(path, f"UPDATE acts SET {column} = x'00ff' WHERE id = 2")
    chain = examined(path)
    assert chain.faults[0] == "record 2 is not as it was written, or not where it was"
    assert not chain.is_whole


def test_a_handoff_of_an_earlier_hour_is_found_again(path: Path) -> None:
    early = Named("first.toml", head_of(path), 4)
    with Journal.open(path) as journal:
        sign(journal, 4, T0 + 7200)
    assert examined(path, early, Named("none.toml", "", 0)).is_whole


def test_a_chain_built_anew_lacks_what_a_handoff_names(path: Path) -> None:
    early = Named("first.toml", head_of(path), 4)
    tamper(path, "UPDATE acts SET who = 'B' WHERE id = 2")
    rebuild(path)
    assert examined(path).is_whole
    assert examined(path, early).faults == (
        f"no record has the hash that first.toml names: {early.head}",
    )


def test_acts_that_a_handoff_counted_are_missed(path: Path) -> None:
    early = Named("first.toml", head_of(path), 4)
    tamper(path, "DELETE FROM acts WHERE id = 4")
    rebuild(path)
    assert examined(path).is_whole
    assert examined(path, early).faults[0] == "first.toml counted 4 acts, of which 3 are left"


def test_a_hash_in_another_place_than_a_handoff_counted_is_told(path: Path) -> None:
    told = Named("first.toml", head_of(path), 3)
    assert examined(path, told).faults == (
        "the hash that first.toml names was of record 3, and is of record 4 now",
    )


def test_a_handoff_of_a_launch_without_acts_names_the_last_one_before(path: Path) -> None:
    assert examined(path, Named("first.toml", head_of(path), 0)).is_whole


def test_a_twin_says_head_and_count(tmp_path: Path) -> None:
    twin = tmp_path / "first.toml"
    twin.write_text('version = 1\n[chain]\nhead = "abc"\nacts = 7\n')
    assert named(twin) == Named("first.toml", "abc", 7)


@pytest.mark.parametrize(
    ("content", "reason"),
    (
        ("version = 1\nchain = 3\n", "names no hash of the chain, so there is nothing to compare"),
        ("[chain]\nacts = -1\n", "names no hash of the chain, so there is nothing to compare"),
        ("# Handoff\n\n**calm**\n", "not TOML; name the .toml beside a handoff"),
        (None, "No such file or directory"),
    ),
)
def test_what_is_no_twin_is_told_in_one_line(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    file = tmp_path / "other.toml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(FirstwatchError) as error:
        named(file)
    assert str(error.value) == f"{file}: {reason}"
