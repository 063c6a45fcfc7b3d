"""The moment a check turns critical is saved: whole, masked, bounded, and nobody else's problem."""

import asyncio
import contextlib
import html
import stat
import subprocess
import sys
import tomllib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from firstwatch.episodes import Flip
from firstwatch.errors import Missing, NoAnswer
from firstwatch.flights import Flight, FlightRecorder, flights
from firstwatch.flights.pictures import masked_picture
from firstwatch.flights.record import DRAFT, RECORD
from firstwatch.flights.recorder import APART, LOOKED_AT
from firstwatch.flights.sight import DEADLINE
from firstwatch.flights.writing import MOST_OF_A_FILE, publish
from firstwatch.masking import Masker
from firstwatch.probe import Exhibit, Moment
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from tests.domain.leaping import T0, Toy, always, loop, plan, story, watching

Capture = Callable[[Moment], Coroutine[Any, Any, Any]]

MASK = Masker(b"salt")


def mask(text: str) -> str:
    return MASK(text, LOOKED_AT)


async def no_board(_at: float) -> str:
    raise Missing("no board was open")


def drawn(*words: str) -> Callable[[float], Awaitable[str]]:
    texts = "".join(
        f'<text x="{12 * n}" y="20" textLength="12">{w}</text>' for n, w in enumerate(words)
    )

    async def picture(_at: float) -> str:
        return f"<svg>{texts}</svg>"

    return picture


@dataclass
class Clock:
    time: float = T0
    scale: float = 1.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


@dataclass
class Source:
    """A probe that shows what it is told to."""

    capture: Capture
    concurrency: int = 1

    async def read(self, measure: Any, moment: Moment) -> Reading:
        raise NoAnswer("not asked here")

    async def run(self) -> None:
        raise AssertionError

    async def close(self) -> None:
        raise AssertionError


def showing(*lines: str, name: str = "sessions") -> Source:
    async def capture(_moment: Moment) -> tuple[Exhibit, ...]:
        return (Exhibit(name, f"{len(lines)} lines", lines),)

    return Source(capture)


@dataclass
class Aboard:
    """A recorder, and the flips of a watch that has none."""

    folder: Path
    sources: dict[str, Source] = field(default_factory=lambda: {"database": showing("pid 1")})
    clock: Clock = field(default_factory=Clock)
    launch: float = T0
    picture: Callable[[float], Awaitable[str]] = no_board
    flips: list[Flip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.recorder = FlightRecorder(
            self.folder,
            self.sources,
            self.clock,
            self.launch,
            mask=mask,
            picture=self.picture,
            heard=len(self.flips),
        )

    def turn(self, *subjects: str, new: Level = Level.CRITICAL, reason: str = "bad") -> None:
        now = self.clock.time
        self.flips += [Flip(now - 2, name, Level.OK, new, reason, 97.0) for name in subjects]
        self.recorder.heed(self.flips)

    async def landed(self) -> tuple[Flight, ...]:
        """Wait until nothing is being recorded; what there is then."""
        task = self.recorder._task
        if task is not None:
            await asyncio.wait_for(task, 10)
        assert flights(self.folder, self.launch) == self.recorder.flights.recorded
        return self.recorder.flights.recorded

    async def critical(self, *subjects: str) -> tuple[Flight, ...]:
        self.turn(*subjects)
        return await self.landed()


def told(flight: Flight) -> dict[str, Any]:
    return tomllib.loads((flight.folder / RECORD).read_text())


async def test_a_critical_flip_leaves_a_folder_with_what_the_sources_show(tmp_path: Path) -> None:
    log = showing("09:00:01  prisma:error", "    at lib/db.ts:1", name="log")
    aboard = Aboard(tmp_path / "flights", {"database": showing("pid 1"), "log": log})
    (flight,) = await aboard.critical("connections")

    assert flight.folder == tmp_path / "flights" / "20270115T090000Z-connections"
    assert flight.subjects == ("connections",)
    assert flight.files == (RECORD, "log.txt", "sessions.txt")
    assert (flight.folder / "log.txt").read_text() == (
        "2 lines (log, 2027-01-15 09:00:00Z)\n\n09:00:01  prisma:error\n    at lib/db.ts:1\n"
    )
    record = told(flight)
    assert (
        record["checks"][0].items()
        >= {
            "check": "connections",
            "verdict": "critical",
            "reason": "bad",
            "value": 97.0,
        }.items()
    )
    assert (record["at"].timestamp(), record["launch"].timestamp()) == (T0, T0)
    assert record["checks"][0]["since"].timestamp() == T0 - 2
    assert record["not_captured"] == [{"source": "board", "why": "no board was open"}]


async def test_only_the_owner_may_look(tmp_path: Path) -> None:
    (flight,) = await Aboard(tmp_path / "flights").critical("connections")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in flight.folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(flight.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(flight.folder.parent.stat().st_mode) == 0o700


async def test_phones_and_secrets_are_in_no_file_of_it(tmp_path: Path) -> None:
    secret = "call +1 555 0100 123 postgresql://app:hunter2@db/app token=hunter2 a@mail.example"

    async def failing(_moment: Moment) -> Any:
        raise Missing(secret)

    sources = {"database": showing(f"  {secret}"), "log": Source(failing)}
    aboard = Aboard(tmp_path, sources, picture=drawn("+1 55501", "00123", secret))
    aboard.turn("connections", reason=secret)
    (flight,) = await aboard.landed()
    assert flight.files == ("board.svg", RECORD, "sessions.txt")
    for file in flight.files:
        text = (flight.folder / file).read_text()
        assert "hunter2" not in text
        assert "mail.example" not in text
        assert "55501" not in text.replace(" ", "").replace("&#160;", "")
    assert (
        "  call phone·c121 postgresql://…@db/app token=… mail·ae2d"
        in (flight.folder / "sessions.txt").read_text()
    )


async def test_only_turning_critical_counts(tmp_path: Path) -> None:
    aboard = Aboard(tmp_path)
    for level in Level:
        if level is not Level.CRITICAL:
            aboard.turn("connections", new=level)
    assert await aboard.landed() == ()
    assert len(await aboard.critical("connections")) == 1


async def test_flips_from_before_are_old_news(tmp_path: Path) -> None:
    old = [Flip(T0, "connections", Level.OK, Level.CRITICAL, "bad")]
    aboard = Aboard(tmp_path, flips=old)
    assert [f.subjects for f in await aboard.critical("errors")] == [("errors",)]


async def test_a_check_that_flaps_is_recorded_once_in_five_minutes(tmp_path: Path) -> None:
    aboard = Aboard(tmp_path)
    await aboard.critical("connections")
    aboard.clock.time += APART - 1
    assert len(await aboard.critical("connections")) == 1
    assert len(await aboard.critical("errors")) == 2
    after_a_restart = Aboard(tmp_path, clock=aboard.clock)
    assert len(await after_a_restart.critical("connections")) == 2
    aboard.clock.time += 1
    assert [f.subjects for f in await after_a_restart.critical("connections")] == [
        ("connections",),
        ("errors",),
        ("connections",),
    ]


async def test_a_clock_that_was_set_back_does_not_silence_it(tmp_path: Path) -> None:
    aboard = Aboard(tmp_path)
    await aboard.critical("connections")
    aboard.clock.time -= 3600
    assert len(await aboard.critical("connections")) == 2


async def test_checks_that_turn_while_one_moment_is_saved_share_the_next(tmp_path: Path) -> None:
    asked, go_on = 0, asyncio.Event()

    async def capture(_moment: Moment) -> tuple[Exhibit, ...]:
        nonlocal asked
        asked += 1
        await go_on.wait()
        return (Exhibit("sessions", "one", ("pid 1",)),)

    aboard = Aboard(tmp_path, {"database": Source(capture)})
    aboard.turn("connections", "errors")
    while not asked:  # noqa: ASYNC110 - the recorder says nothing when it begins
        await asyncio.sleep(0)
    aboard.turn("queries")
    aboard.turn("webhooks")
    assert asked == 1
    go_on.set()
    recorded = await aboard.landed()
    assert asked == 2
    assert [f.subjects for f in recorded] == [("connections", "errors"), ("queries", "webhooks")]


async def test_a_launch_has_so_many_flights_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstwatch.flights.record.MOST", 3)
    aboard = Aboard(tmp_path)
    for name in "abcde":
        await aboard.critical(name)
    names = [flight.subjects for flight in await aboard.landed()]
    assert names == [("a",), ("b",), ("c",)]
    said = "3 flights are recorded of this launch, and no more will be"
    assert aboard.recorder.flights.notice == said
    assert Aboard(tmp_path).recorder.flights.notice == said

    again = Aboard(tmp_path, launch=T0 + 3600)
    assert again.recorder.flights.notice == ""
    assert len(await again.critical("a")) == 1
    assert len(flights(tmp_path)) == 4


async def test_the_flights_of_a_launch_have_so_much_room_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstwatch.flights.recorder.MOST_BYTES", 20_000)
    aboard = Aboard(tmp_path, {"database": showing(*["x" * 99] * 90)})
    for name in "abcd":
        await aboard.critical(name)
    assert [flight.subjects for flight in await aboard.landed()] == [("a",), ("b",)]
    assert "left out" in aboard.recorder.flights.notice
    written = sum(p.stat().st_size for p in tmp_path.rglob("*") if p.is_file())
    assert 15_000 < written <= 20_000


async def test_no_file_is_larger_than_its_bound(tmp_path: Path) -> None:
    flood = ["é" * 10_000] * 10_000
    picture = drawn(*["x" * 100] * 5_000)
    aboard = Aboard(tmp_path, {"a": showing(*flood), "b": showing(*flood)}, picture=picture)
    (flight,) = await aboard.critical("connections")
    sizes = {path.name: path.stat().st_size for path in flight.folder.iterdir()}
    assert max(sizes.values()) <= MOST_OF_A_FILE
    assert sizes["sessions.txt"] > 250_000
    assert (flight.folder / "sessions.txt").read_text().endswith("… the rest is left out\n")
    assert told(flight)["not_captured"] == [{"source": "board", "why": "its picture is too large"}]


@story
async def test_a_source_that_hangs_costs_five_seconds_and_is_named() -> None:
    hung = asyncio.Event()

    async def hang(_moment: Moment) -> Any:
        with contextlib.suppress(asyncio.CancelledError):
            await hung.wait()
        await hung.wait()

    sources = {"hangs": Source(hang), "answers": showing("pid 1")}
    lookout = Aboard(Path("/nowhere/at/all"), sources).recorder._lookout
    began = loop().time()
    sight = await lookout.look_around(Moment(T0, T0))
    assert loop().time() - began == DEADLINE == 5.0
    assert [name for name, _ in sight.exhibits] == ["answers"]
    assert ("hangs", "nothing within 5 s") in sight.missing

    again = await lookout.look_around(Moment(T0, T0))
    assert loop().time() - began == 5.0
    assert ("hangs", "the last capture still hangs") in again.missing
    hung.set()


MISCHIEF: dict[str, tuple[Any, str]] = {
    "a reason": (Missing("no such table"), "no such table"),
    "ValueError": (ValueError("hunter2"), "it failed: ValueError"),
    "its own cancellation": (asyncio.CancelledError(), "it failed: CancelledError"),
    "SystemExit": (SystemExit(3), "it failed: SystemExit"),
    "GeneratorExit": (GeneratorExit(), "it failed: GeneratorExit"),
    "None": (None, "it failed: TypeError"),
    "numbers": ((1, 2), "it failed: AttributeError"),
}


@pytest.mark.parametrize(("result", "why"), MISCHIEF.values(), ids=MISCHIEF.keys())
async def test_a_source_that_fails_is_named_and_the_others_are_kept(
    result: Any, why: str, tmp_path: Path
) -> None:
    async def capture(_moment: Moment) -> Any:
        if isinstance(result, BaseException):
            raise result
        return result

    aboard = Aboard(tmp_path, {"bad": Source(capture), "good": showing("pid 1")})
    (flight,) = await aboard.critical("connections")
    assert {"source": "bad", "why": why} in told(flight)["not_captured"]
    assert flight.files == (RECORD, "sessions.txt")
    assert aboard.recorder.flights.notice == ""


async def test_a_picture_that_fails_is_named(tmp_path: Path) -> None:
    async def torn(_at: float) -> str:
        raise RuntimeError("hunter2")

    (flight,) = await Aboard(tmp_path, picture=torn).critical("connections")
    assert told(flight)["not_captured"] == [{"source": "board", "why": "it failed: RuntimeError"}]


async def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    aboard = Aboard(tmp_path / "file" / "flights")
    assert await aboard.critical("connections") == ()
    assert aboard.recorder.flights.notice == "no flight recorded: Not a directory"


FULL = """
import asyncio, resource, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from tests.domain.test_flights import Aboard, showing

async def main():
    folder = Path(sys.argv[1])
    aboard = Aboard(folder, {"database": showing(*["x" * 99] * 900)})
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
    await aboard.critical("a")
    print(aboard.recorder.flights.notice, list(folder.iterdir()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(len(await aboard.critical("b")), repr(aboard.recorder.flights.notice))

asyncio.run(main())
"""


def test_a_disk_that_is_full_is_a_sentence_until_there_is_room_again(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), root],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "no flight recorded: File too large []\n1 ''\n"


WRITER = """
import sys
from pathlib import Path
from firstwatch.flights.writing import publish

files = {f"{n}.txt": "x" * 100_000 for n in range(20)}
files["flight.toml"] = Path(sys.argv[2]).read_text()
while True:
    print(publish(Path(sys.argv[1]), "flight", files).name, flush=True)
"""


async def test_a_watch_killed_in_mid_write_leaves_no_half_flight(tmp_path: Path) -> None:
    (sample,) = await Aboard(tmp_path / "sample").critical("connections")
    folder = tmp_path / "flights"
    argv = [sys.executable, "-c", WRITER, str(folder), str(sample.folder / RECORD)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [next(writer.stdout) for _ in range(5)]
        while not list(folder.glob(f"{DRAFT}*/*.txt")):
            acknowledged.append(next(writer.stdout))
        writer.kill()
        acknowledged += list(writer.stdout)
    found = flights(folder)
    assert len(acknowledged) <= len(found) <= len(acknowledged) + 1
    assert {len(flight.files) for flight in found} == {21}

    assert Aboard(folder).recorder.flights.recorded == found
    assert not list(folder.glob(f"{DRAFT}*"))


def test_a_name_that_is_taken_is_never_written_over(tmp_path: Path) -> None:
    names = [publish(tmp_path, "flight", {"a.txt": "a"}).name for _ in range(3)]
    assert names == ["flight", "flight-2", "flight-3"]


async def test_what_is_no_flight_is_passed_over(tmp_path: Path) -> None:
    (flight,) = await Aboard(tmp_path).critical("connections")
    (tmp_path / "notes").mkdir()
    (tmp_path / "stray.txt").touch()
    for number, text in enumerate(("", "version = 1", 'checks = 3\nat = "noon"', "\x00")):
        (tmp_path / f"odd-{number}").mkdir()
        (tmp_path / f"odd-{number}" / RECORD).write_text(text)
    assert flights(tmp_path) == (flight,)
    assert flights(tmp_path / "nowhere") == ()


async def test_a_subject_is_never_a_path(tmp_path: Path) -> None:
    (flight,) = await Aboard(tmp_path / "flights").critical("../../etc/\x1b[2Jpasswd")
    assert flight.folder.parent == tmp_path / "flights"
    assert flight.folder.name.isprintable()


class ShowingToy(Toy):
    """A probe on the stage of the engine that shows nothing but trouble."""

    async def capture(self, moment: Moment) -> Any:
        raise GeneratorExit


async def here(work: Callable[..., Any], *given: Any) -> Any:
    """Instead of on another thread, for which a leaping loop cannot wait."""
    return work(*given)


@story
async def test_a_recorder_in_trouble_never_reaches_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstwatch.flights.recorder.asyncio.to_thread", here)
    (tmp_path / "file").touch()
    app = ShowingToy({"bad": always(50.0)})
    async with watching(plan({"bad": {}, "beside": {}}), {"app": app}, tmp_path) as stage:
        watch = stage.watch
        recorder = FlightRecorder(
            tmp_path / "file" / "flights",
            {"app": app},
            stage.clock,
            watch.launch,
            mask=mask,
            picture=no_board,
        )
        watch.recorded = lambda: recorder.flights
        watch.subscribe(lambda _: recorder.heed(watch.flips))
        board = await stage.pass_by(200)
        assert board.flights.notice == "no flight recorded: Not a directory"
        assert (stage.level("bad"), stage.level("beside")) == (Level.CRITICAL, Level.OK)


def node(x: float, words: str, y: int = 20) -> str:
    return f'<text class="r1" x="{x}" y="{y}" textLength="{12.2 * len(words)}">{words}</text>'


def test_a_picture_keeps_its_grid_where_words_are_masked() -> None:
    svg = f"<svg>{node(0, '&#160;call&#160;+1&#160;555&#160;0100&#160;123&#160;')}</svg>"
    shown = masked_picture(svg, mask)
    assert "call&#160;phone·c121" in shown
    assert len(html.unescape(shown)) == len(html.unescape(svg))


def test_a_number_over_two_nodes_of_a_picture_loses_its_digits() -> None:
    svg = f"<svg>{node(0, '+1555')}{node(61, '0100123')}{node(0, '42', y=40)}</svg>"
    shown = masked_picture(svg, mask)
    assert "+····" in shown
    assert ">phone··<" in shown
    assert ">42<" in shown


def test_a_word_that_a_column_cut_off_is_left_out_of_a_picture() -> None:
    svg = '<text x="0" y="1" textLength="9">refused&#160;planted.cont…&#160;&#160;</text>'
    assert "refused&#160;…&#160;" in masked_picture(svg, lambda text: text)


def test_numbers_that_stand_apart_in_a_picture_stay() -> None:
    svg = f"<svg>{node(0, '1234')}{node(200, '5678')}{node(400, '9012')}</svg>"
    assert masked_picture(svg, mask) == svg


def test_a_picture_fetches_nothing_and_keeps_its_entities() -> None:
    font = '@font-face { src: url("https://fonts.example/a.woff"); }'
    svg = (
        f"<svg><style>{font} .r1 {{ fill: red }}</style>{node(0, '4 &gt; 3 &amp; &lt;b&gt;')}</svg>"
    )
    shown = masked_picture(svg, mask)
    assert "fonts.example" not in shown
    assert "4 &gt; 3 &amp; &lt;b&gt;" in shown.replace("&#160;", " ")
