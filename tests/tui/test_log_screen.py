"""The screen of the log: its keys, and a real log behind a real watch."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from textual.pilot import Pilot

from firstwatch.clock import SystemClock
from firstwatch.engine import Watch
from firstwatch.errors import Missing
from firstwatch.journal import Journal
from firstwatch.plan import Plan, SourceSettings, Tail
from firstwatch.probe import Extract, LogRecord
from firstwatch.snapshot import Snapshot
from probes.log import LogProbe
from probes.log_plan import Settings
from tests.domain.leaping import plan as checks_of
from tests.tui.samples import NOW, FakeWatching, normal, troubled, turn
from tests.tui.watched import Behind
from tui.app import Board
from tui.clipboard import Copied
from tui.roll import ALL, tail_for, tails_of
from tui.screens.detail import Detail
from tui.screens.log import Log
from tui.screens.search import Searching

TOKEN = "hush-4711-0815"
TAILS = (
    Tail(title="errors", source="log", records=("Error",)),
    Tail(title="Chatwoot webhook", source="log", records=("Webhook",)),
    Tail(title="prisma:query", source="log", records=("query",)),
)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask often, and no tmux in which the tests may run."""
    monkeypatch.setattr("tui.screens.log.POLL", 0.2)
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


def logging(snapshot: Snapshot) -> Snapshot:
    """The same with a log and the tails of the checklist."""
    told = {
        "sources": {"log": SourceSettings(kind="log")},
        "tails": TAILS,
        "taken": (SecretStr(TOKEN),),
    }
    return replace(snapshot, plan=snapshot.plan.model_copy(update=told))


def said(*texts: str, first: int = 1) -> Extract:
    records = tuple(
        LogRecord(first + n, NOW - 600 + n, text.encode(), is_error="Error" in text)
        for n, text in enumerate(texts)
    )
    return Extract(records, first + len(texts) - 1, whole_from=NOW - 1000)


@dataclass
class Seen:
    """A board under test with a made-up log."""

    board: Board
    watching: FakeWatching
    pilot: Pilot[int]

    def text(self) -> str:
        strips = self.board.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, *words: str) -> str:
        """The screen once it shows these words."""
        for _ in range(2_000):
            text = self.text()
            if all(word in text for word in words):
                return text
            await self.pilot.pause(0.01)
        raise AssertionError(f"{words} never came; the screen shows\n{self.text()}")


@asynccontextmanager
async def seen(
    snapshot: Snapshot, extract: Extract | Exception, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Seen]:
    watching = FakeWatching(said=extract)
    board = Board(watching, snapshot.plan, "dark")
    async with board.run_test(size=size, notifications=True) as pilot:
        watching.post(snapshot)
        for _ in range(50):
            if board.scene():
                break
            await pilot.pause()
        yield Seen(board, watching, pilot)


THREE = said("[Chatwoot Webhook] Error: one\n  at x", "prisma:query SELECT 1", "[v0] three")


async def test_l_opens_the_log_at_its_first_tail_and_closes_it_again() -> None:
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("l")
        text = await on.until("Error: one")
        assert "▸1 errors  2 Chatwoot webhook  3 prisma:query  4 all" in text
        assert "T+" in text.splitlines()[0]
        assert "following" in text
        assert "SELECT" not in text
        await on.pilot.press("l")
        assert not isinstance(on.board.screen, Log)


async def test_tails_are_chosen_by_number_and_by_tab() -> None:
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("l")
        await on.until("Error: one")
        await on.pilot.press("4")
        await on.until("▸4 all", "SELECT 1", "three", "Error: one")
        await on.pilot.press("tab")
        await on.until("▸1 errors")
        await on.pilot.press("shift+tab", "shift+tab")
        text = await on.until("▸3 prisma:query", "SELECT 1")
        assert "three" not in text
        await on.pilot.press("9")
        await on.until("▸3 prisma:query")


async def test_space_and_scrolling_up_pause_it_and_g_follows() -> None:
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("l", "4")
        await on.until("three")
        await on.pilot.press("space")
        await on.until("paused, 0 more since · G follows")
        on.watching.said = said("four", "five", first=4)
        await on.until("paused, 2 more since · G follows")
        assert "five" not in on.text()
        await on.pilot.press("G")
        await on.until("following", "five")
        await on.pilot.press("k")
        await on.until("paused, 0 more since")
        await on.pilot.press("space")
        await on.until("following")


async def test_a_paused_log_draws_nothing_anew_but_how_many_came() -> None:
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("l", "4")
        await on.until("three")
        await on.pilot.press("space")
        before = (await on.until("paused, 0 more")).splitlines()[1:-1]
        on.watching.said = said("four", first=4)
        after = (await on.until("paused, 1 more")).splitlines()[1:-1]
        assert before == after


async def test_enter_unfolds_a_record_and_y_copies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(text: str, *_: object) -> Copied:
        copied.append(text)
        return Copied(2)

    monkeypatch.setattr("tui.app.copy", copy)
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("l")
        await on.until("Error: one")
        assert "at x" not in on.text()
        await on.pilot.press("enter")
        await on.until("  at x")
        await on.pilot.press("y")
        await on.until("copied")
        assert copied == ["[Chatwoot Webhook] Error: one\n  at x"]


async def test_search_marks_and_moves_and_an_empty_one_marks_nothing() -> None:
    async with seen(logging(normal()), said("a needle", "b", "a Needle", "c")) as on:
        await on.pilot.press("l", "4")
        await on.until("Needle")
        await on.pilot.press("slash", *"needle", "enter")
        await on.until('"needle" 2 of 2', "paused")
        await on.pilot.press("N")
        await on.until('"needle" 1 of 2')
        await on.pilot.press("n")
        await on.until('"needle" 2 of 2')
        await on.pilot.press("slash", "escape")
        assert isinstance(on.board.screen, Log)
        await on.until('"needle" 2 of 2')
        await on.pilot.press("slash", *"[b", "enter")
        await on.until('"[b" nowhere here')
        await on.pilot.press("slash")
        assert isinstance(on.board.screen, Searching)
        await on.pilot.press("delete", "enter")
        await on.pilot.pause()
        assert "[b" not in await on.until("paused")


async def test_from_a_check_in_trouble_it_opens_at_the_moment_that_began() -> None:
    snapshot = logging(troubled())
    turned = next(c for c in snapshot.checks if c.check.id == "endpoints").verdict.since
    extract = said(*(f"Error: {n}" for n in range(240)))
    async with seen(snapshot, extract, (100, 30)) as on:
        await on.pilot.press("down", "down", "down")
        screen = on.board.screen
        while getattr(screen, "chosen", "") != "endpoints":
            await on.pilot.press("down")
        await on.pilot.press("l")
        text = await on.until("endpoints p95 turned off target", "paused")
        lines = text.splitlines()
        at = next(n for n, line in enumerate(lines) if "turned off target" in line)
        assert f"Error: {int(turned - NOW + 600)}" in lines[at + 1]
        assert f"Error: {int(turned - NOW + 599)}" in lines[at - 1]


async def test_from_a_check_it_opens_at_the_tail_that_names_it() -> None:
    snapshot = turn(logging(normal()), "connections", troubled().worst, "96 %")
    tails = (*TAILS[:2], TAILS[2].model_copy(update={"checks": ("connections",)}))
    plan = snapshot.plan.model_copy(update={"tails": tails})
    async with seen(replace(snapshot, plan=plan), THREE) as on:
        await on.pilot.press("down", "enter", "l")
        text = await on.until("SELECT 1", "▸3 prisma:query")
        assert "Error: one" not in text


def test_of_a_check_that_no_tail_names_what_is_past_is_looked_for_in_all_records() -> None:
    snapshot = logging(normal())
    tails = tails_of(snapshot.plan)
    assert tails[tail_for(tails, "endpoints", is_past=True)].title == ALL
    assert tails[tail_for(tails, "endpoints", is_past=False)].title == "errors"
    assert tail_for((), "endpoints", is_past=True) == 0


async def test_from_the_detail_too_and_back_to_it() -> None:
    snapshot = turn(logging(normal()), "connections", troubled().worst, "96 %")
    async with seen(snapshot, THREE) as on:
        await on.pilot.press("down", "enter")
        assert isinstance(on.board.screen, Detail)
        await on.pilot.press("l")
        await on.until("DB connections turned critical")
        await on.pilot.press("escape")
        assert isinstance(on.board.screen, Detail)


async def test_from_a_check_that_is_fine_it_is_simply_followed() -> None:
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("down", "l")
        assert "following" in await on.until("Error: one")


@pytest.mark.parametrize(
    ("trouble", "words"),
    (
        (Missing("log is no log"), "log is no log"),
        (RuntimeError("the watch is not running"), "the watch is not running"),
        (TimeoutError(), "the watch gives no answer"),
        (Extract(trouble=f"no such file: app.log {TOKEN} \x1b[2J"), "no such file: app.log …"),
    ),
)
async def test_a_log_that_cannot_be_read_says_why(trouble: Extract | Exception, words: str) -> None:
    async with seen(logging(normal()), trouble) as on:
        await on.pilot.press("l")
        assert TOKEN not in await on.until(words)


async def test_what_was_read_stays_when_the_watch_answers_no_more_and_goes_on_with_it() -> None:
    async with seen(logging(normal()), THREE) as on:
        await on.pilot.press("l")
        await on.until("Error: one")
        on.watching.said = TimeoutError()
        await on.until("the watch gives no answer", "Error: one")
        on.watching.said = said("Error: four", first=4)
        assert "no answer" not in await on.until("Error: four")


async def test_a_plan_without_a_log_says_that_there_is_nothing_to_read() -> None:
    snapshot = normal()
    async with seen(snapshot, THREE) as on:
        await on.pilot.press("l")
        await on.until("nothing to read: the plan has no source of kind log")
        await on.pilot.press("tab", "1", "k", "enter", "n", "G", "y")
        assert on.watching.looked == []


async def test_a_closed_log_asks_for_nothing() -> None:
    async with seen(logging(normal()), THREE) as on:
        assert on.watching.looked == []
        await on.pilot.press("l")
        await on.until("Error: one")
        await on.pilot.press("escape")
        await on.pilot.pause()
        asked = len(on.watching.looked)
        await on.pilot.pause(0.5)
        assert len(on.watching.looked) == asked


async def test_a_snapshot_that_comes_while_it_is_being_opened_does_no_harm() -> None:
    async with seen(logging(normal()), THREE) as on:
        scene = on.board.scene()
        assert scene is not None
        log = Log(scene, on.watching)
        opening = on.board.push_screen(log)
        log.show(scene)
        await opening
        log.show(scene)
        await on.until("Error: one")


async def test_hostile_records_are_inert_folded_and_whole() -> None:
    evil = "Error: [/bad] [@click=app.exit]x[/]\x1b[2J\x1b]52;c;QQ==\x07\u202e\x9b31m\n\x1b[31m\tz"
    async with seen(logging(normal()), said(evil)) as on:
        await on.pilot.press("l")
        await on.until("Error: [/bad] [@click=app.exit]x[/]")
        await on.pilot.press("enter")
        text = await on.until(" z")
        assert not any(
            ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e" for c in text if c != "\n"
        )


async def test_a_secret_of_the_plan_is_neither_shown_nor_found() -> None:
    async with seen(logging(normal()), said(f"Error: 401 {TOKEN}\n  {TOKEN[:-2]}")) as on:
        await on.pilot.press("l")
        await on.until("Error: 401 …")
        await on.pilot.press("enter", "slash", *TOKEN, "enter")
        await on.until("nowhere here")
        assert TOKEN[:8] not in "".join(on.text().splitlines()[:-1])


@pytest.mark.parametrize("size", ((1, 1), (8, 4), (30, 9), (60, 20), (200, 60)))
async def test_it_survives_any_size(size: tuple[int, int]) -> None:
    async with seen(logging(normal()), said(*["Error: 漢字\n  x"] * 3, "b" * 900)) as on:
        await on.pilot.press("l", "4")
        await on.pilot.resize_terminal(*size)
        await on.pilot.press("k", "enter", "k", "enter", "pageup", "G", "g", "u", "tab")
        await on.pilot.pause()
        assert isinstance(on.board.screen, Log)


def watching_plan() -> Plan:
    """One check that asks nothing, and a log with its tails."""
    tails = (
        Tail(title="errors", source="log", records=("error",)),
        Tail(title="prisma:query", source="log", records=("query",)),
    )
    sources = {"log": SourceSettings(kind="log")}
    plan = checks_of({"ui": {"source": "", "hint": "Ask."}})
    return plan.model_copy(update={"tails": tails, "sources": sources})


@asynccontextmanager
async def real(folder: Path, log: Path, width: int = 80) -> AsyncIterator[Seen]:
    """A board on a watch that follows a file."""
    plan = watching_plan()

    @contextmanager
    def opened() -> Iterator[Watch]:
        clock = SystemClock()
        with Journal.open(folder / "watch.journal") as journal:
            journal.stamp_launch(clock.now(), "Ada")
            journal.begin_run(clock.now(), "Ada", "0", "plan")
            probe = LogProbe(Settings(path=(str(log),)), clock)
            yield Watch(plan, {"log": probe}, journal, clock, operator="Ada", seed=1)

    with Behind(opened) as behind:
        board = Board(behind, plan)
        async with board.run_test(size=(width, 24), notifications=True) as pilot:
            on = Seen(board, FakeWatching(), pilot)
            await on.until("♥")
            yield on


async def test_a_real_log_is_followed_through_a_real_watch(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("[Chatwoot Webhook] Error: old one\n    at x (/a.js:1:1)\n")
    async with real(tmp_path, log) as on:
        await on.pilot.press("l")
        await on.until("before", "Error: old one", "following")
        with log.open("a") as file:
            _ = file.write(
                "\x1b[31m[Chatwoot Webhook] Error: new one\x1b[0m\n    at 漢 (/b.js:1:1)\n"
            )
            _ = file.write("prisma:query SELECT 1\n")
        await on.until("Error: new one", "+1")
        await on.pilot.press("2")
        await on.until("SELECT 1")
        await on.pilot.press("3")
        await on.until("▸3 all", "SELECT 1", "old one", "new one")


async def test_a_flood_is_followed_and_what_is_gone_is_owned_up_to(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch()
    async with real(tmp_path, log) as on:
        await on.pilot.press("l", "3")
        await on.until("followed from")
        with log.open("a") as file:
            for n in range(30_000):
                _ = file.write(f"prisma:query SELECT {n}\n")
        await on.pilot.press("k", "k", "j", "G")
        await on.until("following", "SELECT 29999")
        await on.pilot.press("g")
        # Where it stands depends on how much was taken in before the rest was gone.
        screen = on.board.screen
        assert isinstance(screen, Log)
        assert "kept from" in str([entry for entry, _ in screen._lectern.rows])


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with real(tmp_path, tmp_path / "gone.log", 200) as on:
        await on.pilot.press("l")
        await on.until("no such file", "gone.log")
