"""Text from outside is inert: no markup, no command to a terminal, nothing that hides or reorders.

`hostile` has such text wherever text can come from outside, a megabyte long in places.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from firstwatch.errors import FirstwatchError
from firstwatch.flights.record import Flights
from firstwatch.text import clean
from tests.tui.samples import EVIL, FakeWatching, drafts, hostile
from tests.tui.terminals import SEQUENCE, terminal
from tui.app import Board
from tui.watching import Drill

ALLOWED = re.compile(
    rb"\x1b(?:\[[\d;]*m|\[\d+;\d+H|\[\d+C|\[\?(?:1049|25|1004|2004|7)[hl]|\[\?20(?:26|48)\$p|\[>25u"
    rb"|\[2[23];2t|\]2;[^\x00-\x1f\x7f]*\x1b\\)"
)
"""What a board itself sends: looks, places, modes, questions, and its title."""
OPENINGS = {
    "board": [],
    "detail": ["j", "enter"],
    "detail of the second": ["j", "j", "enter"],
    "plain": ["j", "enter", "p"],
    "help": ["question_mark"],
    "acknowledge": ["j", "a"],
    "note": ["n"],
    "promises": ["p"],
    "hand-over": ["o"],
    "card": ["s"],
    "handoff": ["h"],
    "drills": ["x"],
    "themes": ["T"],
    "leave": ["q"],
}
HIDING = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Categories of characters that are no text: control, format, surrogate, private, separators."""


async def refused(_: object) -> None:
    """Refuse with a text from outside."""
    raise FirstwatchError(EVIL)


def seen_on(board: Board) -> str:
    """The screen as plain text, with whatever opened over it."""
    rows = board.screen._compositor.render_strips()
    notices = [notice.message for notice in board._notifications]
    return "\n".join([*(row.text for row in rows), *notices])


def assert_inert(text: str) -> None:
    hidden = {c for c in text if unicodedata.category(c) in HIDING and c != "\n"}
    assert not hidden, sorted(map(ascii, hidden))


@pytest.mark.parametrize("what", OPENINGS)
async def test_every_screen_shows_text_from_outside_as_text(what: str) -> None:
    watching, shown = FakeWatching(offered=[Drill(EVIL, EVIL)]), hostile()
    watching.drafted = replace(drafts("x"), engineers=f"# {clean(EVIL)}\n", breath=clean(EVIL))
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "dark")
    async with board.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.pause()
        watching.post(shown)
        await pilot.pause()
        before = board.screen
        await pilot.press(*OPENINGS[what])
        await pilot.pause()
        await pilot.pause()
        assert (board.screen is before) is (what == "board")
        text = seen_on(board)
        assert_inert(text)
        if what not in ("help", "themes", "leave", "hand-over"):
            assert "[@click=app.exit]x" in text
        assert board.is_running


@pytest.mark.parametrize("size", ((20, 6), (60, 20), (80, 24), (200, 60)))
async def test_a_megabyte_in_one_text_is_cut_and_costs_no_more_than_its_cut(
    size: tuple[int, int],
) -> None:
    watching, shown = FakeWatching(), hostile()
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "dark")
    async with board.run_test(size=size) as pilot:
        watching.post(shown)
        await pilot.pause()
        text = seen_on(board)
        assert_inert(text)
        assert len(text) <= (size[0] + 1) * size[1]


Refusal = Callable[[Board, FakeWatching], None]


def no_handoff(_: Board, watching: FakeWatching) -> None:
    watching.drafted = FirstwatchError(EVIL)


def no_flight(board: Board, watching: FakeWatching) -> None:
    assert watching.posted is not None
    watching.post(replace(watching.posted, beat=9, flights=Flights(notice=EVIL)))


@pytest.mark.parametrize(
    ("refusal", "keys"), ((no_handoff, ("h",)), (no_flight, ())), ids=("handoff", "flight")
)
async def test_errors_are_inert(refusal: Refusal, keys: Sequence[str]) -> None:
    watching, shown = FakeWatching(), hostile()
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "dark")
    async with board.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        watching.post(shown)
        await pilot.pause()
        refusal(board, watching)
        await pilot.press(*keys)
        for _ in range(100):
            if board._notifications:
                break
            await pilot.pause(0.01)
        (notice,) = board._notifications
        assert "[@click=app.exit]x" in notice.message
        assert_inert(seen_on(board))


async def test_a_refused_record_is_inert(monkeypatch: pytest.MonkeyPatch) -> None:
    watching, shown = FakeWatching(), hostile()
    watching.clock.time = shown.at
    monkeypatch.setattr(watching, "do", refused)
    board = Board(watching, shown.plan, "dark")
    async with board.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        watching.post(shown)
        await pilot.pause()
        await pilot.press("n", *"told", "enter")
        for _ in range(100):
            if board._notifications:
                break
            await pilot.pause(0.01)
        (notice,) = board._notifications
        assert notice.message.startswith("not recorded: [/bad]")
        assert_inert(seen_on(board))


@pytest.mark.parametrize("term", ("xterm-256color", "vt100"))
def test_no_command_from_outside_reaches_the_terminal(term: str) -> None:
    with terminal("hostile", TERM=term, LANG="C.UTF-8") as seen:
        seen.until("T+03:27:14", "[@click=app.exit]x", "a ack")
        seen.press("j")
        seen.until(">!" if term == "vt100" else "▸!")
        for key, words in (
            ("\r", "esc back"),
            ("?", "Leave the watch"),
            ("T", "enter keep"),
            ("x", "Drills:"),
            ("n", "enter records"),
            ("s", "esc back"),
        ):
            seen.press(key)
            seen.until(words)
            seen.press("\x1b")
            seen.until("a ack", gone=words)
        seen.press("h")
        seen.until("no handoff: [/bad]")
        assert not [s for s in seen.sequences if not ALLOWED.fullmatch(s)]
        # What is left beside those commands is text and line ends: no control byte at all.
        rest = SEQUENCE.sub(b"", seen.sent).decode("utf-8")
        assert_inert(rest.replace("\r", "").replace("\n", "").replace("\x07", ""))
        assert seen.sent.count(b"\x07") <= 1, "a bell for the round, none from outside"
