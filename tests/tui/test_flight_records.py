"""Flight records as a person meets them: on the board, without one, and in the handoff."""

import asyncio
import os
import re
import signal
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest
from textual.pilot import Pilot

from firstwatch.flights import Flight, Flights, flights, flights_folder
from tests.tui.samples import LAUNCH, NOW, FakeWatching, troubled
from tests.tui.test_cli import ADDRESSES, PROGRAM, eventually, journal_of, program, small
from tui.app import Board
from tui.cli.opening import Behind, find_config, set_up
from tui.renderables.detail import detail_lines
from tui.renderables.lines import plain
from tui.scene import scene_of

FLIGHT = Flight(
    ("connections", "errors"), NOW - 60, LAUNCH, Path("/s/a.journal.flights/one"), ("flight.toml",)
)

AT_ONCE = 'every = "1s"\nworsen = "1 of 1"'


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working folder with nothing in them."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "CHATWOOT_", "FIRSTWATCH_")) or name in ADDRESSES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USER", "ada")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def run_until(is_so: Callable[[], bool], path: str, said: Path) -> tuple[int, str]:
    """Watch without a board until it is so; the exit status, and what it printed as data."""
    with said.open("w") as narrated:
        argv = [*PROGRAM, "run", "-c", path]
        with Popen(argv, stdin=DEVNULL, stdout=PIPE, stderr=narrated, text=True) as watch:
            try:
                eventually(is_so)
            finally:
                watch.send_signal(signal.SIGTERM)
            out, _ = watch.communicate(timeout=20)
    return watch.returncode, out


@asynccontextmanager
async def sight(watching: FakeWatching) -> AsyncIterator[tuple[Board, Pilot[int]]]:
    board = Board(watching, troubled().plan)
    async with board.run_test(size=(120, 40)) as pilot:
        yield board, pilot


async def test_the_board_is_drawn_once_it_shows_the_moment() -> None:
    watching = FakeWatching()
    async with sight(watching) as (board, _):
        assert watching.portrait is not None
        drawing = asyncio.create_task(watching.portrait(NOW + 1))
        watching.post(troubled())
        async with asyncio.timeout(10):
            while board.snapshot is None:  # noqa: ASYNC110 - the board sends no event
                await asyncio.sleep(0.01)
        assert not drawing.done()
        watching.post(replace(troubled(), at=NOW + 1, beat=2))
        svg = await asyncio.wait_for(drawing, 10)
    assert svg.startswith("<svg")
    assert "webhook&#160;failures" in svg


def test_the_detail_says_where_the_records_of_a_check_are() -> None:
    def told(*flights: Flight) -> list[str]:
        snapshot = replace(troubled(), flights=Flights(flights))
        lines = detail_lines("errors", scene_of(snapshot, NOW), 100)
        return [line for line in map(plain, lines) if line.startswith("recorded")]

    other = replace(FLIGHT, subjects=("loops",))
    assert told() == told(other) == []
    assert told(FLIGHT, other) == ["recorded  08:26 UTC: /s/a.journal.flights/one"]
    assert told(FLIGHT, FLIGHT) == ["recorded  08:26 UTC: /s/a.journal.flights/one, and 1 before"]


async def test_a_recorder_that_cannot_write_says_so_on_the_board() -> None:
    watching = FakeWatching()
    said = "no flight recorded: No space left on device"
    async with sight(watching) as (board, _):
        watching.post(replace(troubled(), flights=Flights(notice=said)))
        async with asyncio.timeout(10):
            while not board._notifications:  # noqa: ASYNC110 - the board sends no event
                await asyncio.sleep(0.01)
        assert [one.message for one in board._notifications] == [said]


def test_a_watch_without_a_board_records_and_handoff_and_report_name_it(place: Path) -> None:
    path = small(place, "echo", "12", more=AT_ONCE)
    folder = flights_folder(journal_of(place))
    assert run_until(lambda: bool(flights(folder)), path, place / "said")[0] == 0
    (flight,) = flights(folder)
    assert flight.subjects == ("one",)
    told = tomllib.loads((flight.folder / "flight.toml").read_text())
    assert told["not_captured"] == [{"source": "board", "why": "no board was open"}]
    assert told["checks"][0]["value"] == 12

    handoff = Path(program("handoff", "-c", path).stdout.strip())
    beside = f"{flight.folder.parent.name}/{flight.folder.name}"
    assert f"**one**: flight.toml in {beside}" in handoff.read_text().replace("\\", "")
    twin = tomllib.loads(handoff.with_suffix(".toml").read_text())
    assert twin["flights"]["entries"][0]["folder"] == beside
    report = Path(program("report", "-c", path).stdout.splitlines()[0]).read_text()
    (episode,) = re.findall(r"^\| one \| critical .*", report, re.MULTILINE)
    assert episode.endswith(f"| {flight.folder.name} |")
    assert f"one: {folder.name}/{flight.folder.name}" in report


def test_a_single_pass_records_nothing(place: Path) -> None:
    done = program("check", "-c", small(place, "echo", "12", more=AT_ONCE))
    assert done.returncode == 2
    assert not list(place.parent.rglob("*.flights"))


def test_a_recorder_that_cannot_write_says_so_where_there_is_no_board(place: Path) -> None:
    folder = flights_folder(journal_of(place))
    folder.parent.mkdir(parents=True)
    folder.touch()
    said = place / "said"
    path = small(place, "echo", "12", more=AT_ONCE)
    code, out = run_until(lambda: "no flight recorded: File exists" in said.read_text(), path, said)
    assert code == 0
    assert "critical" in out
    assert "no flight" not in out


async def test_the_picture_of_the_board_goes_into_the_record_masked(place: Path) -> None:
    path = small(place, "echo", "12", more=AT_ONCE)
    setting = set_up(find_config(path, ADDRESSES), ADDRESSES)
    asked: list[float] = []

    async def portrait(at: float) -> str:
        asked.append(at)
        return '<svg><text x="0" y="20" textLength="99">call +1 555 0100 123</text></svg>'

    def behind_the_board() -> tuple[Flight, ...]:
        return flights(flights_folder(setting.journal))

    with Behind(setting) as behind:
        behind.portray(portrait)
        async with asyncio.timeout(20):
            while not behind_the_board():  # noqa: ASYNC110 - only the folder tells
                await asyncio.sleep(0.05)
        seen = (await behind.look()).flights
    (flight,) = behind_the_board()
    assert len(asked) == 1
    assert "call&#160;phone·" in (flight.folder / "board.svg").read_text()
    assert seen.recorded in ((), (flight,))


async def test_a_board_that_was_left_is_no_board_any_more(place: Path) -> None:
    behind = Behind(set_up(find_config(small(place), ADDRESSES), ADDRESSES))

    async def portrait(_at: float) -> str:
        raise AssertionError

    def elsewhere() -> None:
        async def register() -> None:
            behind.portray(portrait)

        asyncio.run(register())

    await asyncio.to_thread(elsewhere)
    with pytest.raises(Exception, match="the board had been left"):
        await behind._picture(NOW)
