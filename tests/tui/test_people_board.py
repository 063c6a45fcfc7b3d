"""People at the board: a real watch on its own thread, toy probes, and keys alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from firstwatch.acts import (
    Acknowledgement,
    Act,
    Cadence,
    HandedOver,
    Kept,
    Note,
    Promise,
    TakenOver,
)
from firstwatch.clock import Clock, ScaledClock
from firstwatch.engine import Watch
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.snapshot import Snapshot
from tests.domain.leaping import plan
from tests.tui.watched import Behind
from tui.app import Board
from tui.screens.acknowledge import Acknowledging
from tui.screens.promises import PromiseList
from tui.screens.watch import WatchScreen
from tui.terminal import Look

T0 = 1_800_003_600.0
"""09:00 UTC."""
PHASES = [
    {
        "name": "critical",
        "start": "0h",
        "end": "2h",
        "every": "30m",
        "checks": ["errors"],
        "relax_after": 3,
    },
    {"name": "active", "start": "2h", "end": "6h", "every": "1h", "checks": ["errors"]},
]
CHECKLIST = plan(
    {"errors": {"dwell": "1s", "worsen": "1 of 1"}, "leads": {"worsen": "1 of 1"}},
    phases=PHASES,
    watch={"timezone": "Asia/Dubai", "operator": "A"},
)


class Dial:
    """A probe whose values the test sets."""

    concurrency = 2

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    async def read(self, measure: Any, moment: Moment) -> Reading:
        """The value that is set, or one."""
        return Reading(moment.now, self.values.get(measure, 1.0))

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is kept open."""


@dataclass
class Seat:
    """Somebody in front of a board."""

    board: Board
    pilot: Pilot[int]
    dial: Dial
    journal: Path

    def text(self) -> str:
        """The screen as plain text."""
        strips = self.board.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is so; fails after some seconds."""
        for _ in range(1_000):
            if true():
                return
            await self.pilot.pause(0.02)
        pytest.fail(f"never came true; the screen shows\n{self.text()}")

    async def shows(self, words: str) -> None:
        """Wait until these words are on the screen."""
        await self.until(lambda: words in self.text())

    async def enter(self, text: str) -> None:
        """Type a text and press enter."""
        names = {" ": "space", ":": "colon", "@": "at", "?": "question_mark"}
        await self.pilot.press(*(names.get(letter, letter) for letter in text), "enter")

    async def back_on_the_board(self) -> None:
        """Wait until no dialog is open."""
        await self.until(lambda: isinstance(self.board.screen, WatchScreen))

    def acts(self, kind: type[Act]) -> list[Any]:
        """What the journal holds of that kind."""
        with Journal.read_only(self.journal) as journal:
            return [record.act for record in journal.acts() if isinstance(record.act, kind)]


@asynccontextmanager
async def seat(
    path: Path,
    minute: float = 10.0,
    size: tuple[int, int] = (100, 40),
    *,
    checklist: Plan = CHECKLIST,
    look: Look | None = None,
) -> AsyncIterator[Seat]:
    """A board on a watch that is so many minutes old and a minute a second fast."""
    dial, journal_path = Dial(), path / "watch.journal"
    clock: Clock = ScaledClock(60.0, T0 + 60 * minute)

    @contextmanager
    def opened() -> Any:
        with Journal.open(journal_path) as journal:
            journal.stamp_launch(T0, "A")
            journal.begin_run(clock.now(), "A", "0", "plan")
            yield Watch(checklist, {"app": dial}, journal, clock, operator="A", seed=1)

    with Behind(opened) as behind:
        board = Board(behind, checklist, "dark", look=look)
        async with board.run_test(size=size, notifications=True) as pilot:
            found = Seat(board, pilot, dial, journal_path)
            await found.until(lambda: _measured(board.snapshot))
            yield found


def _measured(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and all(state.reading for state in snapshot.checks)


async def test_trouble_is_acknowledged_renewed_and_breaks_when_it_gets_worse(
    tmp_path: Path,
) -> None:
    async with seat(tmp_path) as at:
        await at.pilot.press("a")
        await at.shows("nothing is in trouble")
        at.dial.values["errors"] = 15.0
        await at.shows("not acknowledged")
        await at.pilot.press("a")
        await at.shows("Acknowledge errors")
        await at.enter("")
        await at.shows("say why it may wait")
        await at.pilot.press(*"rolling", "tab", *"soon")
        await at.shows("is no time to come")
        await at.pilot.press("enter")
        assert isinstance(at.board.screen, Acknowledging)
        await at.until(lambda: not at.board.screen.query_one("#form-understood").display)
        assert at.text().count("no time to come") == 1
        assert '"soon" is no time to come: write 30m' in at.text()
        await at.pilot.press(*["backspace"] * 4, *"20m")
        await at.shows("in 20m")
        await at.pilot.press("enter")
        await at.back_on_the_board()
        await at.shows("acknowledged by A")
        (act,) = at.acts(Acknowledgement)
        assert (act.subject, act.why, act.level) == ("errors", "rolling", "warning")
        text = at.text()
        assert "! warning" in text.splitlines()[0]
        row = next(line for line in text.splitlines() if " errors " in line and "15" in line)
        assert " A " in row
        assert "1 acknowledged" in text
        at.dial.values["errors"] = 25.0
        await at.shows("acknowledgement of errors by A is over: it became critical")
        assert "not acknowledged" in at.text()


async def test_an_acknowledgement_is_asked_about_again(tmp_path: Path) -> None:
    async with seat(tmp_path) as at:
        at.dial.values["errors"] = 15.0
        await at.shows("not acknowledged")
        await at.pilot.press("a", *"rolling", "tab", *"1m", "enter")
        await at.shows("does A still have it")
        await at.until(lambda: "m?" in at.text())
        await at.pilot.press("a")
        await at.shows("acknowledged by A")
        await at.pilot.press("enter")
        await at.back_on_the_board()
        await at.shows(", acknowledged by A")
        assert [act.why for act in at.acts(Acknowledgement)] == ["rolling", "rolling"]


async def test_the_row_under_the_cursor_is_acknowledged(tmp_path: Path) -> None:
    async with seat(tmp_path) as at:
        at.dial.values.update(errors=25.0, leads=15.0)
        await at.shows("(+1 more)")
        await at.pilot.press("j", "j", "a")
        await at.shows("Acknowledge leads")
        await at.enter("looking")
        await at.back_on_the_board()
        assert [act.subject for act in at.acts(Acknowledgement)] == ["leads"]
        await at.shows("1 acknowledged")
        at.dial.values["leads"] = 1.0
        await at.shows("acknowledgement of leads by A is over: it became ok")
        await at.pilot.press("a")
        await at.shows("no open episode under the cursor")


async def test_a_note_that_ends_in_a_time_becomes_a_promise_and_is_kept(tmp_path: Path) -> None:
    async with seat(tmp_path) as at:
        await at.pilot.press("p")
        await at.shows("no promise is open")
        await at.pilot.press("n")
        await at.enter("told the client")
        await at.back_on_the_board()
        await at.shows("A noted: told the client")
        await at.pilot.press("j", "n")
        await at.shows("Note about errors")
        await at.pilot.press(*(k if k != " " else "space" for k in "recheck quota in 20m"))
        await at.shows("promise, due 09:")
        await at.pilot.press("enter")
        await at.back_on_the_board()
        (promise,) = at.acts(Promise)
        assert (promise.text, promise.about) == ("recheck quota", "errors")
        await at.shows("◇ recheck quota")
        await at.pilot.press("n")
        await at.enter("call back in 1m")
        await at.shows("promised for 09:")
        await at.shows("! call back")
        await at.pilot.press("p")
        await at.shows("enter kept")
        await at.pilot.press("enter", *"done", "enter")
        await at.until(lambda: len(at.acts(Kept)) == 1)
        await at.until(lambda: len(at.board.snapshot.affairs.promises) == 1)  # type: ignore[union-attr]
        await at.pilot.press("x", "enter")
        await at.shows("say why it is let go")
        await at.enter("not needed")
        await at.until(lambda: len(at.acts(Kept)) == 2)
        await at.pilot.press("escape")
        await at.back_on_the_board()
        assert [(act.is_done, act.note) for act in at.acts(Kept)] == [
            (True, "done"),
            (False, "not needed"),
        ]
        assert [act.text for act in at.acts(Note)] == ["told the client"]


async def test_a_note_may_end_in_a_time_and_promise_nothing(tmp_path: Path) -> None:
    async with seat(tmp_path) as at:
        await at.pilot.press("n", *(k if k != " " else "space" for k in "round 1: bus late at 13"))
        await at.pilot.press("colon", "1", "5")
        await at.shows("promise, due")
        await at.pilot.press("ctrl+n")
        await at.shows("note only")
        await at.shows("Note about round 1")
        await at.pilot.press("enter")
        await at.back_on_the_board()
        assert [(act.text, act.about) for act in at.acts(Note)] == [
            ("round 1: bus late at 13:15", "round:1")
        ]
        assert at.acts(Promise) == []


async def test_a_note_about_the_past_is_kept_whole_and_says_why_it_promises_nothing(
    tmp_path: Path,
) -> None:
    async with seat(tmp_path) as at:
        await at.pilot.press("n", *(k if k != " " else "space" for k in "recheck 24:61"))
        await at.shows("24:61 is no time")
        at.board.screen.query_one("#text", Input).value = "restarted at 08:26"
        await at.shows("08:26 has passed: a note only")
        at.board.screen.query_one("#text", Input).value = "errors since 09:26"
        await at.pilot.press("enter")
        await at.back_on_the_board()
        assert [act.text for act in at.acts(Note)] == ["errors since 09:26"]
        assert at.acts(Promise) == []


async def test_the_cadence_is_asked_about_and_kept(tmp_path: Path) -> None:
    async with seat(tmp_path, 121.0) as at:
        await at.shows("press e")
        await at.shows("e cadence")
        await at.pilot.press("e")
        await at.shows("Stay at 30m?")
        await at.pilot.press("down", "enter")
        await at.shows("say why it may be relaxed")
        await at.pilot.press("up")
        await at.enter("too much trouble")
        await at.back_on_the_board()
        (act,) = at.acts(Cadence)
        assert (act.phase, act.is_extended, act.reason) == ("critical", True, "too much trouble")
        await at.shows("+·┆·+····")
        assert "e cadence" not in at.text()


async def test_the_watch_is_offered_taken_back_and_taken_over(tmp_path: Path) -> None:
    async with seat(tmp_path) as at:
        await at.pilot.press("o")
        await at.shows("Hand the watch over; A has it")
        await at.enter("A")
        await at.shows("not recorded: A has the watch already")
        at.board.screen.query_one("#to", Input).value = "  a "
        await at.enter("")
        await at.until(lambda: at.text().count("A has the watch already") > 1)
        at.board.screen.query_one("#to", Input).value = ""
        await at.enter("B")
        await at.back_on_the_board()
        await at.shows("watch: A → B (pending)")
        await at.pilot.press("o")
        await at.shows("question 1 of")
        await at.pilot.press("ctrl+r")
        await at.back_on_the_board()
        await at.shows("watch: A ")
        await at.until(lambda: "pending" not in at.text())
        await at.pilot.press("o")
        await at.enter("B")
        await at.shows("watch: A → B (pending)")
        at.dial.values["errors"] = 15.0
        await at.shows("not acknowledged")
        await at.pilot.press("n")
        await at.enter("both are here")
        await at.back_on_the_board()
        await at.shows("A, B noted")
        await at.pilot.press("o")
        await at.shows("errors: who has it?")
        await at.enter("")
        await at.shows("answer it first")
        assert "answer with" not in at.text()
        await at.enter("B")
        await at.shows("will you sign it?")
        await at.enter("no")
        await at.shows("say why not")
        await at.pilot.press(*["backspace"] * 2)
        await at.enter("yes")
        await at.shows("Enter accepts")
        await at.pilot.press("up")
        await at.shows("will you sign it?")
        await at.pilot.press("down")
        await at.shows("Enter accepts")
        await at.pilot.press("enter")
        await at.back_on_the_board()
        await at.shows("watch: B ")
        (taken,) = at.acts(TakenOver)
        assert taken.by == "B"
        assert [(a.question[:14], a.answer) for a in taken.answers] == [
            ("errors: who ha", "B"),
            (taken.answers[1].question[:14], "yes"),
        ]
        assert [act.to for act in at.acts(HandedOver)] == ["B", "", "B"]


@pytest.mark.parametrize("size", ((60, 20), (80, 24), (20, 6)))
async def test_every_dialog_opens_and_closes_at_any_size_in_ascii(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with seat(tmp_path, 121.0, size, look=Look(ascii_only=True)) as at:
        at.dial.values["errors"] = 15.0
        await at.until(
            lambda: any(e.is_open for e in at.board.snapshot.episodes)  # type: ignore[union-attr]
        )
        await at.pilot.press("n")
        await at.enter("look again in 30m")
        await at.until(lambda: bool(at.board.snapshot.affairs.promises))  # type: ignore[union-attr]
        for key in "anpeo":
            await at.until(lambda: isinstance(at.board.screen, WatchScreen))
            await at.pilot.press(key)
            await at.until(lambda: not isinstance(at.board.screen, WatchScreen))
            await at.pilot.pause(0.05)
            assert at.text().isascii()
            await at.pilot.press("escape")
            await at.back_on_the_board()
        assert at.text().isascii()
        assert not isinstance(at.board.screen, PromiseList)
