"""The journal keeps what it was told, and says clearly when it cannot."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firstwatch.episodes import Flip
from firstwatch.errors import JournalError
from firstwatch.journal import Journal, RoundEvent, Run, Store
from firstwatch.journal.schema import APPLICATION_ID, FACTS, MIGRATIONS, VERSION
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Gap
from firstwatch.verdict import Level
from tests.domain.signing import notes_in, sign, signed_in, write

T0 = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "firstwatch" / "launch.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path) as journal:
        yield journal


def flip(at: float, subject: str = "pool", new: Level = Level.WARNING) -> Flip:
    return Flip(at, subject, Level.OK, new, "85 % > 80 % warning", 85.0)


def fill(journal: Journal) -> None:
    """One row of everything."""
    journal.stamp_launch(T0, "A")
    journal.begin_run(T0, "A", "0.1", "digest")
    journal.record_readings(T0, {"pool": 41.0})
    journal.record_flip(flip(T0))
    journal.record_round(1, RoundStatus.DUE, T0)
    sign(journal, 1, T0)
    write(journal, T0, "quiet so far")
    journal.record_baseline("config", T0, "one webhook")
    journal.record_names({"Acme": "company"})
    journal.record_outline("{}")
    journal.end_run(T0)


def test_a_journal_is_a_store(journal: Journal) -> None:
    store: Store = journal
    assert store.launch is None


def test_the_file_and_everything_beside_it_is_private(journal: Journal, path: Path) -> None:
    fill(journal)
    beside = sorted(file.name for file in path.parent.iterdir())
    assert beside == ["launch.db", "launch.db-shm", "launch.db-wal", "launch.db.lock"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_made_private(path: Path) -> None:
    Journal.open(path).close()
    path.chmod(0o644)
    Journal.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ("fifo", "folder", "link to a fifo"))
def test_what_is_no_file_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "folder":
        place.mkdir(mode=0o755)
    else:
        os.mkfifo(place, mode=0o644)
    path = place
    if kind == "link to a fifo":
        path = tmp_path / "link"
        path.symlink_to(place)
    mode = place.stat().st_mode
    with pytest.raises(JournalError, match="not a file"):
        Journal.open(path)
    assert place.stat().st_mode == mode
    assert not Path(f"{path}.lock").exists()


def test_a_path_with_odd_characters_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "100%25 ?mode=memory #1.db"
    with Journal.open(path) as journal:
        fill(journal)
    assert path.stat().st_size > 0


def test_everything_is_still_there_after_a_restart(path: Path) -> None:
    with Journal.open(path) as journal:
        fill(journal)
    with Journal.open(path) as journal:
        assert journal.repaired == ""
        assert journal.launch == T0
        assert journal.runs() == (Run(T0, "A", "0.1", "digest", ended=T0),)
        assert journal.flips() == (flip(T0),)
        assert journal.round_events() == (RoundEvent(1, RoundStatus.DUE, T0),)
        assert signed_in(journal) == {1: (T0, "A")}
        assert notes_in(journal) == ["quiet so far"]
        assert journal.values("pool", T0, T0 + 1) == ((T0, 41.0),)
        assert journal.baselines() == {"config": "one webhook"}
        assert journal.names() == {"Acme": "company"}


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize(
    "statement", ("UPDATE {} SET rowid = rowid + 7", "DELETE FROM {}"), ids=["update", "delete"]
)
def test_no_fact_can_be_changed_or_removed(path: Path, table: str, statement: str) -> None:
    with Journal.open(path) as journal:
        fill(journal)
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement.format(table))
    other.close()


def test_the_launch_is_stamped_once_unless_again_is_meant(journal: Journal) -> None:
    journal.stamp_launch(T0, "A")
    journal.stamp_launch(T0, "B")
    with pytest.raises(JournalError, match="stamped 2027-01-15 08:00:00 UTC already"):
        journal.stamp_launch(T0 + 60, "B")
    assert journal.launch == T0
    journal.stamp_launch(T0 + 60, "B", again=True)
    assert journal.launch == T0 + 60


def test_rounds_of_an_earlier_launch_do_not_count_for_a_new_one(journal: Journal) -> None:
    fill(journal)
    journal.stamp_launch(T0 + 900, "B", again=True)
    assert signed_in(journal) == {}
    assert journal.round_events() == ()
    sign(journal, 1, T0 + 1000, "B")
    assert signed_in(journal) == {1: (T0 + 1000, "B")}


def test_a_baseline_is_what_was_found_first_since_the_launch(journal: Journal) -> None:
    fill(journal)
    journal.record_baseline("config", T0 + 60, "two webhooks")
    assert journal.baselines() == {"config": "one webhook"}
    journal.stamp_launch(T0 + 900, "B", again=True)
    assert journal.baselines() == {}
    journal.record_baseline("config", T0 + 960, "two webhooks")
    assert journal.baselines() == {"config": "two webhooks"}


def test_a_journal_of_an_older_schema_is_brought_up_to_date(path: Path) -> None:
    path.parent.mkdir(parents=True)
    old = sqlite3.connect(path, isolation_level=None)
    for statement in MIGRATIONS[0]:
        old.execute(statement)
    old.execute("INSERT INTO launches (at, operator) VALUES (?, 'A')", (T0,))
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.execute("PRAGMA user_version = 1")
    old.close()
    with Journal.open(path) as journal:
        journal.record_baseline("config", T0, "one webhook")
        assert (journal.launch, journal.repaired) == (T0, "")
        assert journal.baselines() == {"config": "one webhook"}


def test_a_name_is_recorded_once_and_stays_what_it_was(journal: Journal) -> None:
    journal.record_names({"Acme": "company", "Ada": "name"})
    journal.record_names({"Acme": "name"})
    assert journal.names() == {"Acme": "company", "Ada": "name"}


def test_a_round_reaches_each_status_once(journal: Journal) -> None:
    journal.record_round(3, RoundStatus.DUE, T0)
    journal.record_round(3, RoundStatus.DUE, T0 + 5)
    journal.record_round(3, RoundStatus.LATE, T0 + 10)
    assert journal.round_events() == (
        RoundEvent(3, RoundStatus.DUE, T0),
        RoundEvent(3, RoundStatus.LATE, T0 + 10),
    )


def test_flips_come_in_the_order_they_were_stored(journal: Journal) -> None:
    journal.record_flip(flip(T0 + 10))
    journal.record_flip(flip(T0, "errors", Level.CRITICAL))
    assert [f.subject for f in journal.flips()] == ["pool", "errors"]
    assert [f.subject for f in journal.flips(since=T0 + 1)] == ["pool"]
    assert journal.flips()[1].new is Level.CRITICAL


def test_readings_keep_failures_apart_from_never_asked(journal: Journal) -> None:
    journal.record_readings(T0, {"pool": 41.5, "errors": None})
    journal.record_readings(T0 + 1, {"errors": float("nan")})
    journal.record_readings(T0 + 2, {"errors": 0.25, "late": 1e300, "pool": 42.0})
    assert journal.values("pool", T0, T0 + 60) == ((T0, 41.5), (T0 + 2, 42.0))
    assert journal.values("errors", T0, T0 + 2) == ((T0, None), (T0 + 1, None))
    assert journal.values("unheard of", T0, T0 + 60) == ()
    assert journal.extents(T0, T0 + 60)["errors"].last == 0.25


def test_history_is_the_mean_of_equal_stretches(journal: Journal) -> None:
    for second, value in enumerate([1.0, 3.0, None, None, 10.0, 20.0, 30.0, None]):
        journal.record_readings(T0 + second, {"pool": value})
    assert journal.history("pool", T0, T0 + 8, 4) == (2.0, None, 15.0, 30.0)
    assert journal.history("errors", T0, T0 + 8, 2) == (None, None)


def test_extents_tell_how_far_each_series_went_and_when(journal: Journal) -> None:
    for second, value in enumerate([5.0, 9.0, 2.0, None]):
        journal.record_readings(T0 + second, {"pool": value, "never": None})
    extents = journal.extents(T0, T0 + 60)
    assert set(extents) == {"pool"}
    pool = extents["pool"]
    assert (pool.low, pool.low_at, pool.high, pool.high_at) == (2.0, T0 + 2, 9.0, T0 + 1)
    assert (pool.last, pool.last_at) == (2.0, T0 + 2)


def test_two_ticks_of_one_moment_are_both_kept(journal: Journal) -> None:
    journal.record_readings(T0, {"pool": 1.0})
    journal.record_readings(T0, {"pool": 2.0})
    assert [value for _, value in journal.values("pool", T0, T0 + 1)] == [1.0, 2.0]


def test_a_gap_lies_between_the_last_beat_of_a_run_and_the_next_run(journal: Journal) -> None:
    journal.stamp_launch(T0, "A")
    journal.begin_run(T0, "A", "0.1", "x")
    journal.record_readings(T0 + 600, {})
    journal.begin_run(T0 + 1860, "A", "0.1", "x")
    journal.record_readings(T0 + 1900, {"pool": 1.0})
    journal.end_run(T0 + 1903)
    journal.begin_run(T0 + 1908, "B", "0.1", "x")
    journal.record_readings(T0 + 2000, {})
    assert journal.gaps() == (Gap(T0 + 600, T0 + 1860),)
    assert journal.gaps(beats=0.5) == (Gap(T0 + 600, T0 + 1860), Gap(T0 + 1903, T0 + 1908))
    assert journal.last_moment == T0 + 2000


def test_only_what_was_missed_since_the_launch_is_a_gap(journal: Journal) -> None:
    journal.begin_run(T0 - 900, "A", "0.1", "x")
    journal.record_readings(T0 - 600, {})
    assert journal.gaps() == ()
    journal.begin_run(T0 + 60, "A", "0.1", "x")
    journal.stamp_launch(T0, "A")
    assert journal.gaps() == (Gap(T0, T0 + 60),)


def test_ending_a_watch_that_never_began_is_harmless(journal: Journal) -> None:
    journal.end_run(T0)
    assert journal.runs() == ()
    assert journal.last_moment is None


def test_a_second_writer_is_told_who_writes(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalError, match=rf"another firstwatch \(pid {os.getpid()}\)"):
        Journal.open(path)
    journal.close()
    Journal.open(path).close()


def test_a_reader_sees_what_a_running_watch_writes_and_cannot_write(
    journal: Journal, path: Path
) -> None:
    fill(journal)
    with Journal.read_only(path) as reader:
        write(journal, T0 + 1, "one more")
        assert len(notes_in(reader)) == 2
        with pytest.raises(JournalError, match="readonly"):
            write(reader, T0, "sneaked in", "B")


def test_an_archive_that_may_only_be_read_is_read(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(journal)
    journal.close()
    beside = sorted(path.parent.iterdir())
    # Whoever is root may write anywhere.
    monkeypatch.setattr("os.access", lambda place, mode: (place, mode) != (path.parent, os.W_OK))
    with Journal.read_only(path) as reader:
        assert len(notes_in(reader)) == 1
        assert sorted(path.parent.iterdir()) == beside


def test_reading_a_journal_that_is_not_there_says_so(path: Path) -> None:
    with pytest.raises(JournalError, match=r"launch\.db: not there"):
        Journal.read_only(path)
    assert not path.parent.exists()


@pytest.mark.parametrize("opened", (Journal.open, Journal.read_only))
def test_a_newer_schema_is_left_alone(path: Path, opened: Callable[[Path], Journal]) -> None:
    Journal.open(path).close()
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version = {VERSION + 1}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"launch\.db.*newer firstwatch.*upgrade"):
        opened(path)
    assert path.read_bytes() == before


def test_an_older_schema_is_for_a_watch_to_bring_up_to_date(path: Path) -> None:
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(JournalError, match="older firstwatch; start a watch"):
        Journal.read_only(path)


@pytest.mark.parametrize("opened", (Journal.open, Journal.read_only))
def test_somebody_elses_file_is_left_alone(path: Path, opened: Callable[[Path], Journal]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("dear diary\n" * 100)
    with pytest.raises(JournalError, match="not a journal of firstwatch; move it away"):
        opened(path)
    assert path.read_text().startswith("dear diary")


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(JournalError, match="not a journal of firstwatch"):
        Journal.open(path)


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    with pytest.raises(JournalError, match=r"cannot be written \(Not a directory\).*set `journal`"):
        Journal.open(tmp_path / "state" / "launch.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_says_what_to_do(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(JournalError, match=r"cannot be written \(Permission denied\)"):
        Journal.open(tmp_path / "launch.db")


def test_a_folder_in_the_place_of_the_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="not a file; set `journal`"):
        Journal.open(tmp_path)


def test_a_full_disk_is_said_and_what_was_written_stays(path: Path) -> None:
    with Journal.open(path) as journal:
        fill(journal)
        journal._connection.execute("PRAGMA max_page_count = 40")
        with pytest.raises(JournalError, match=r"launch\.db.*full; free some space"):
            write_until_full(journal)
        kept = len(notes_in(journal))
        assert kept > 1
        with pytest.raises(JournalError, match="full"):
            sign(journal, 2, T0, note="x" * 9999)
        journal._connection.execute("PRAGMA max_page_count = 1000000")
        sign(journal, 2, T0, note="space again")
    with Journal.open(path) as journal:
        assert len(notes_in(journal)) == kept
        assert set(signed_in(journal)) == {1, 2}


def write_until_full(journal: Journal) -> None:
    for second in range(1000):
        write(journal, T0 + second, "x" * 1000)


def test_a_damaged_journal_is_set_aside_and_what_can_be_read_is_kept(path: Path) -> None:
    with Journal.open(path) as journal:
        fill(journal)
        for second in range(2000):
            journal.record_readings(T0 + second, {"pool": float(second)})
    content = bytearray(path.read_bytes())
    late = len(content) * 3 // 4 // 4096 * 4096  # among the readings, past tables and facts
    content[late : late + 4096] = b"\xff" * 4096
    path.write_bytes(content)

    with Journal.open(path) as journal:
        assert "was damaged" in journal.repaired
        assert "2 acts" in journal.repaired
        assert journal.launch == T0
        assert signed_in(journal) == {1: (T0, "A")}
        assert len(journal.values("pool", T0, T0 + 9999)) > 1000
        write(journal, T0, "goes on")
    (aside,) = (file for file in path.parent.iterdir() if ".damaged-" in file.name)
    assert aside.name in journal.repaired
    assert aside.read_bytes() == bytes(content)
    with Journal.open(path) as journal:
        assert journal.repaired == ""


def test_a_row_that_bit_rot_has_made_nonsense_of_is_left_out(path: Path) -> None:
    with Journal.open(path) as journal:
        fill(journal)
        journal.record_flip(replace(flip(T0 + 9), reason="whole"))
        journal.record_readings(T0 + 5, {"pool": 42.0})
    rotten = sqlite3.connect(path)
    for table in ("flips", "round_events", "acts"):
        rotten.execute(f"DROP TRIGGER {table}_no_update")
    rotten.execute("UPDATE flips SET new = 'critkcal' WHERE id = 1")
    rotten.execute("UPDATE round_events SET status = 'dve', at = 'x'")
    rotten.execute("UPDATE acts SET act = CAST(x'71ff' AS TEXT) WHERE id = 1")
    rotten.execute("UPDATE acts SET act = replace(act, 'quiet', 'q' || CAST(x'ff' AS TEXT))")
    rotten.execute("UPDATE ticks SET readings = x'00' WHERE at = (SELECT min(at) FROM ticks)")
    rotten.commit()
    rotten.close()
    with Journal.open(path) as journal:
        assert [known.reason for known in journal.flips()] == ["whole"]
        assert journal.round_events() == ()
        assert signed_in(journal) == {}
        assert notes_in(journal) == ["q\ufffd so far"]
        assert journal.values("pool", T0, T0 + 60) == ((T0 + 5, 42.0),)
        assert journal.extents(T0, T0 + 60)["pool"].high == 42.0


@pytest.mark.parametrize("share", (0.95, 0.8, 0.5))
def test_what_is_left_of_a_journal_that_lost_its_end_is_kept(path: Path, share: float) -> None:
    with Journal.open(path) as journal:
        fill(journal)
        for second in range(3000):
            journal.record_readings(T0 + second, {"pool": float(second)})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with Journal.open(path) as journal:
        assert "was damaged" in journal.repaired
        assert journal.launch == T0
        assert signed_in(journal) == {1: (T0, "A")}
        assert journal.flips() == (flip(T0),)
    assert not list(path.parent.glob("*.cut"))


def test_one_journal_has_one_writer_whatever_it_is_called(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    with Journal.open(path):
        link.symlink_to(path)
        with pytest.raises(JournalError, match="another firstwatch"):
            Journal.open(link)


@pytest.mark.parametrize("length", (0, 4096), ids=["zeroed", "head only"])
def test_a_journal_that_lost_its_head_or_its_body_is_replaced(path: Path, length: int) -> None:
    with Journal.open(path) as journal:
        fill(journal)
    content = path.read_bytes()
    path.write_bytes(content[:length] or bytes(len(content)))
    with Journal.open(path) as journal:
        assert "was damaged" in journal.repaired
        fill(journal)


@pytest.mark.parametrize("suffixes", (("",), ("-wal",), ("", "-wal"), ("", "-wal", "-shm")))
def test_what_is_deleted_while_it_is_written_is_put_back_whole(
    journal: Journal, path: Path, suffixes: tuple[str, ...]
) -> None:
    fill(journal)
    for suffix in suffixes:
        Path(f"{path}{suffix}").unlink()
    write(journal, T0 + 1, "still here")
    with Journal.read_only(path) as reader:
        assert notes_in(reader) == ["quiet so far", "still here"]
        assert reader.links() == journal.links()
        assert reader.values("pool", T0, T0 + 1) == ((T0, 41.0),)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {file.name for file in path.parent.iterdir()} <= {
        f"{path.name}{suffix}" for suffix in ("", "-wal", "-shm", ".lock")
    }


def test_what_is_moved_away_while_it_is_written_goes_on_in_its_place(
    journal: Journal, path: Path, tmp_path: Path
) -> None:
    fill(journal)
    path.rename(tmp_path / "elsewhere.db")
    write(journal, T0 + 1, "still here")
    journal.close()
    with Journal.open(path) as again:
        assert notes_in(again) == ["quiet so far", "still here"]


def test_nothing_is_written_over_a_file_that_was_put_in_its_place(
    journal: Journal, path: Path, tmp_path: Path
) -> None:
    fill(journal)
    other = tmp_path / "other"
    other.write_text("not ours")
    other.replace(path)
    with pytest.raises(JournalError, match="another file was put in its place"):
        write(journal, T0 + 1, "not yet")
    assert path.read_text() == "not ours"
    path.unlink()
    write(journal, T0 + 2, "now it is")
    with Journal.read_only(path) as reader:
        assert notes_in(reader) == ["quiet so far", "now it is"]
