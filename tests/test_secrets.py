"""What was planted everywhere stands in no document that is handed on.

Whoever adds a document adds a function to `DOCUMENTS`: it gets a watch that has seen everything,
and gives the text of the document.
"""

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import NoReturn
from xml.etree import ElementTree as ET

import pytest

from firstwatch import crash
from firstwatch.flights import flights, flights_folder
from firstwatch.flights.pictures import masked_picture
from firstwatch.handoff import facts, from_journal, summary, to_markdown, to_toml
from firstwatch.journal import Journal
from firstwatch.masking import masker_of
from firstwatch.secrecy import secrets_of
from rehearsal.postgres import Server
from rehearsal.schema import OWNER, WATCHER, create_database
from tests.planted import PEOPLE, SECRETS, Planted, found, log_of_the_application, planted_watch
from tests.tui.samples import FakeWatching
from tui.app import Board
from tui.cli import ExitCode, main, passes
from tui.table import render_table

EVERYTHING = {**SECRETS, **PEOPLE}
Document = Callable[[Planted, pytest.MonkeyPatch, pytest.CaptureFixture[str]], str]


def _of_the_board(of: Planted, *_: object) -> str:
    """Markdown and TOML as the board writes them."""
    with Journal.read_only(of.journal) as journal:
        known = facts(journal, of.snapshot.launch, of.snapshot.at)
    handoff = summary(of.snapshot, known, of.mask)
    return to_markdown(handoff) + to_toml(handoff)


def _without_a_salt(of: Planted, *_: object) -> str:
    handoff = summary(of.snapshot)
    return to_markdown(handoff) + to_toml(handoff)


def _of_the_journal(of: Planted, *_: object) -> str:
    """Markdown and TOML as they can be made when no watch runs."""
    with Journal.read_only(of.journal) as journal:
        snapshot = from_journal(journal, of.plan, of.snapshot.at + 60)
        mask = masker_of(of.plan, snapshot, salt=journal.salt, names=journal.names())
        handoff = summary(snapshot, facts(journal, snapshot.launch, snapshot.at), mask)
    return to_markdown(handoff) + to_toml(handoff)


def _of_the_command(
    of: Planted, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """`firstwatch handoff`, the files and what is printed."""
    return _ran(of, patch, capsys, "handoff", "--folder", str(of.folder / "handoffs")) + "".join(
        file.read_text() for file in (of.folder / "handoffs").iterdir()
    )


def _of_the_prints(
    of: Planted, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What commands print that is meant to be pasted."""
    for_others = _ran(of, patch, capsys, "handoff", "--for", "stakeholders")
    brief = _ran(of, patch, capsys, "handoff", "--brief")
    assert for_others != brief
    return for_others + brief + _ran(of, patch, capsys, "verify")


def _report(of: Planted, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """`firstwatch report`, both files and what is printed."""
    folder = of.folder / "reports"
    return _ran(of, patch, capsys, "report", "--folder", str(folder)) + "".join(
        file.read_text() for file in folder.iterdir()
    )


def _json(of: Planted, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """`firstwatch check --json`."""
    _tell_the_environment(of, patch)
    main(["check", "--json", "--for", "2s", *_arguments(of)])
    told = capsys.readouterr().out
    assert json.loads(told)["checks"]
    return told


def _printed_by_run(
    of: Planted, _patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What `firstwatch run` prints."""
    teller = passes.Teller((), masker_of(of.plan, names=of.known))
    for snapshot in of.snapshots:
        teller(snapshot)
    teller.close()
    return capsys.readouterr().out


def _flight_records(of: Planted, *_: object) -> str:
    """What was saved when checks turned critical, the words of pictures as they are read, too."""
    folders = [flight.folder for flight in flights(flights_folder(of.journal))]
    told = [file.read_text() for folder in folders for file in folder.iterdir()]
    return "\n".join([*told, *(_words(text) for text in told if text.startswith("<svg"))])


def _pictures(of: Planted, *_: object) -> str:
    """The board as a flight record keeps it, at many widths: what is cut off was no name."""
    return "\n".join(_words(masked_picture(picture, of.mask)) for picture in of.pictures)


def _words(picture: str) -> str:
    rows: dict[str, str] = defaultdict(str)
    for node in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        rows[node.get("y", "")] += (node.text or "").replace("\xa0", " ")
    return "\n".join(rows.values())


def _said() -> str:
    """What an error may have to say: everything, people's words as a payload has them."""
    known = [SECRETS[name] for name in SECRETS if not name.endswith("in the log")]
    known += [PEOPLE[name] for name in ("phone", "spelt phone", "mail", "company")]
    return "\n".join([*known, log_of_the_application()])


def _raise(*_: object) -> NoReturn:
    try:
        raise ValueError(_said())
    except ValueError as cause:
        cause.add_note(_said())
        raise ExceptionGroup(_said(), [KeyError(_said())]) from cause


def _crash(of: Planted, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command leaves on the terminal that failed in a way nobody foresaw."""
    patch.setattr("tui.cli.passes.watch_for", _raise)
    _tell_the_environment(of, patch)
    assert main(["run", *_arguments(of)]) == ExitCode.CRASHED
    told = capsys.readouterr().err
    assert "ExceptionGroup" in told
    assert "in _raise" in told
    return told


def _crash_of_the_board(of: Planted, patch: pytest.MonkeyPatch, *_: object) -> str:
    """What the board leaves on the terminal when it crashes."""
    kept: list[str] = []
    board = Board(FakeWatching(), of.plan)
    board.set_reactive(Board.snapshot, of.snapshot)
    patch.setattr(board, "bell", lambda: None)
    patch.setattr(board, "_close_messages_no_wait", lambda: None)
    patch.setattr(board, "_exit_renderables", kept)
    try:
        _raise()
    except ExceptionGroup:
        board._fatal_error()
    return "\n".join(map(str, kept))


def _crash_of_a_thread(
    of: Planted, _patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    crash.keep_quiet(secrets_of(of.plan), of.mask.names)
    with crash.reporting():
        thread = threading.Thread(target=_raise)
        thread.start()
        thread.join()
    return capsys.readouterr().err


def _arguments(of: Planted) -> list[str]:
    return ["--config", str(of.config), "--journal", str(of.journal)]


def _tell_the_environment(of: Planted, patch: pytest.MonkeyPatch) -> None:
    for name, value in of.environ.items():
        patch.setenv(name, value)


def _ran(
    of: Planted, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *argv: str
) -> str:
    """What a command says, on both streams."""
    _tell_the_environment(of, patch)
    main([argv[0], *_arguments(of), *argv[1:]])
    told = capsys.readouterr()
    return told.out + told.err


DOCUMENTS: tuple[Document, ...] = (
    _of_the_board,
    _without_a_salt,
    _of_the_journal,
    _of_the_command,
    _of_the_prints,
    _report,
    _json,
    _printed_by_run,
    _flight_records,
    _pictures,
    _crash,
    _crash_of_the_board,
    _crash_of_a_thread,
)
"""Every document that is handed on."""


@pytest.fixture(scope="module")
def of(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A watch that has seen everything, made once."""
    folder, name = tmp_path_factory.mktemp("watched"), "test_watched"

    async def make() -> Planted:
        await create_database(postgres_server, name)
        dsn, owner = postgres_server.dsn(WATCHER, name), postgres_server.dsn(OWNER, name)
        async with planted_watch(folder, dsn, owner) as planted:
            return planted

    return asyncio.run(make())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.__name__.strip("_"))
def test_nothing_planted_stands_in_a_document(
    document: Document,
    of: Planted,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = document(of, monkeypatch, capsys)
    assert len(told) > 200
    assert found(told, EVERYTHING) == []
    assert of.password not in told


def test_what_was_planted_had_come_as_far_as_the_screen(of: Planted) -> None:
    seen = " ".join(state.verdict.reason for state in of.snapshot.checks)
    seen += " ".join(str(state.reading) for state in of.snapshot.checks)
    for name in ("phone", "spelt phone", "mail", "company", "silent company"):
        assert name in found(seen, PEOPLE)


def test_what_was_planted_had_come_as_far_as_the_flight_recorder(of: Planted) -> None:
    (flight,) = of.snapshot.flights.of("record")
    told = {name: (flight.folder / name).read_text() for name in flight.files}
    for name, words in {
        "sessions.txt": ("app/company·", 'BEGIN; SELECT ?, … AS "mail·'),
        "http.txt": ("/echo", "[json] error is … of phone·"),
        "log.txt": ("401 for phone·", "Authorization: …", "password=…", '"content": ‘…’'),
        "flight.toml": ("password=… refused, name: name·",),
    }.items():
        for word in words:
            assert word in told[name]
    seen = "\n".join(map(_words, of.pictures))
    assert {"phone", "phone in a note", "mail", "company"} <= set(found(seen, PEOPLE))


def test_secrets_stand_neither_on_the_screen_nor_in_the_journal(of: Planted) -> None:
    assert found(render_table(of.snapshot), SECRETS) == []
    assert found(repr(of.snapshot.checks) + repr(of.snapshot.flips), SECRETS) == []
    assert found(of.before_people.decode(errors="replace"), SECRETS) == []


def test_documents_still_say_what_is_wrong(of: Planted) -> None:
    told = _of_the_board(of)
    for words in ("exit 3", "refused phone·", "invalid input syntax for type integer", "company·"):
        assert words in told


def test_one_company_has_one_pseudonym_in_all_documents_of_a_journal(of: Planted) -> None:
    pseudonym = of.mask(PEOPLE["company"])
    assert pseudonym.startswith("company·")
    assert pseudonym in _of_the_board(of)
    assert pseudonym in _of_the_journal(of)


@pytest.mark.parametrize("command", ("handoff", "report"))
def test_notes_are_unmasked_when_asked_for_and_never_their_secrets(
    of: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    folder = of.folder / f"unmasked-{command}"
    _ran(of, monkeypatch, capsys, command, "--unmasked-notes", "--folder", str(folder))
    told = "".join(file.read_text() for file in folder.iterdir())
    assert PEOPLE["phone in a note"] in told
    assert PEOPLE["message in a note"] in told
    assert found(told, SECRETS) == []
    assert PEOPLE["spelt phone"] not in told
