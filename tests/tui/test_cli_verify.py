"""`firstwatch verify`: whole, not whole, or not to be read."""

import sqlite3
from pathlib import Path

import pytest

from firstwatch.journal import Journal
from tests.domain.signing import sign, write
from tui.cli import main

T0 = 1_800_003_600.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with three acts."""
    path = tmp_path / "launch.journal"
    with Journal.open(path) as journal:
        journal.stamp_launch(T0, "A")
        sign(journal, 1, T0 + 1800)
        sign(journal, 2, T0 + 3600)
        write(journal, T0 + 3700, "told the client")
    return path


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    for event in ("update", "delete"):
        connection.execute(f"DROP TRIGGER acts_no_{event}")
    connection.execute(statement)
    connection.commit()
    connection.close()


def verify(path: Path, *more: str) -> int:
    return main(["verify", "--journal", str(path), *more])


def test_a_whole_chain_is_one_line_and_status_zero(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(path) == 0
    told = capsys.readouterr()
    assert told.err == ""
    with Journal.read_only(path) as journal:
        assert told.out == f"3 acts, whole; head {journal.head}\n"


def test_it_works_while_a_watch_writes_and_changes_nothing(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.open(path) as journal:
        sign(journal, 3, T0 + 5400)
        assert verify(path) == 0
        assert capsys.readouterr().out == f"4 acts, whole; head {journal.head}\n"
        sign(journal, 4, T0 + 7200)
    assert verify(path) == 0


def test_each_fault_is_a_line_and_the_status_is_four(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(path, "DELETE FROM acts WHERE id = 2")
    assert verify(path) == 4
    assert capsys.readouterr().out.splitlines() == [
        "record 2 is missing",
        "2 acts, not whole: 1 fault",
    ]


def test_a_handoff_holds_it_to_what_it_counted(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.read_only(path) as journal:
        head = journal.head
    twins = [tmp_path / "first.toml", tmp_path / "second.toml"]
    for twin, named in zip(twins, (head, "0" * 64), strict=True):
        twin.write_text(f'[chain]\nhead = "{named}"\nacts = 3\n')
    assert verify(path, "--against", str(twins[0])) == 0
    assert verify(path, "--against", *map(str, twins)) == 4
    assert f"no record has the hash that second.toml names: {'0' * 64}" in capsys.readouterr().out


def test_a_journal_whose_acts_are_gone_altogether_is_not_whole(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(path, "DROP TABLE acts")
    assert verify(path) == 4
    assert capsys.readouterr().out.splitlines() == [
        "what people signed is gone: there is no table of acts",
        "0 acts, not whole: 1 fault",
    ]
    assert main(["status", "--journal", str(path)]) == 2
    assert capsys.readouterr().err == (
        f'journal {path}: its table "acts" is gone, and with it what people signed; '
        "move it away and start firstwatch again\n"
    )


@pytest.mark.parametrize("command", ("status", "verify"))
def test_what_is_no_journal_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    for place, told in (
        (tmp_path / "folder", "not a file; name the file of a journal"),
        (Path("/dev/null"), "not a file; name the file of a journal"),
        (tmp_path / "empty", "empty; a watch fills it when it first starts"),
    ):
        assert main([command, "--journal", str(place)]) == 2
        assert capsys.readouterr().err == f"journal {place}: {told}\n"


@pytest.mark.parametrize("command", ("status", "verify"))
def test_a_log_that_was_taken_from_beside_a_journal_is_missed_and_no_disk_is_blamed(
    path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with Journal.open(path) as journal:
        sign(journal, 3, T0 + 5400)
        Path(f"{path}-wal").unlink()
        assert main([command, "--journal", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"journal {path}: part of it is missing, such as {path.name}-wal beside it; "
        "a watch that runs puts it back, otherwise start firstwatch again\n"
    )


@pytest.mark.parametrize("spoil", ("cut", "head", "middle"))
def test_a_damaged_file_is_one_sentence_and_status_two(
    path: Path, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    content = bytearray(path.read_bytes())
    if spoil == "head":
        content[:16] = b"\0" * 16
    elif spoil == "cut":
        del content[4096:]
    else:
        content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    assert verify(path) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"journal {path}: ")
    assert told.err.count("\n") == 1


def test_without_a_journal_the_plan_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APP_URL", "http://app")
    (tmp_path / "config.toml").write_text(
        '[sources.database]\ndsn = { command = ["touch", "fetched"] }\n'
    )
    assert main(["verify"]) == 2
    place = tmp_path / "firstwatch" / "launch.journal"
    assert capsys.readouterr().err.startswith(f"journal {place}: not there")
    assert not (tmp_path / "fetched").exists()
