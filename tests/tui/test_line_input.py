"""What is typed and pasted into the lines that people type in."""

import re
from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

from firstwatch.acts import Note
from tests.tui.test_people_board import seat
from tui.widgets.line_input import LineInput

SCREENS = Path(__file__).parents[2] / "tui"


class Desk(App[None]):
    """One line of twenty characters."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield LineInput("", max_length=20, select_on_focus=False)


@pytest.mark.parametrize(
    ("pasted", "value"),
    (
        ("one\ntwo", "one two"),
        ("one\r\n\r\n   two\n", "one two"),
        (" as it is ", " as it is "),
        ("tab\there", "tab here"),
        ("a\u202eb\u200bc\u2066d\x07e\x1b[2Jf", "abcdef"),
        ("\u202e", ""),
        ("\n", ""),
        ("one\n", "one"),
    ),
)
async def test_what_is_pasted_is_one_harmless_line(pasted: str, value: str) -> None:
    app = Desk()
    async with app.run_test() as pilot:
        app.query_one(LineInput).focus()
        app.post_message(events.Paste(pasted))
        await pilot.pause()
        assert app.query_one(LineInput).value == value
        assert not app._notifications


@pytest.mark.parametrize(
    ("value", "selected", "pasted", "becomes", "said"),
    (
        ("", (0, 0), "x" * 24, "x" * 20, "4 characters left out"),
        ("", (0, 0), "x" * 15 + "\n" + "y" * 5, "x" * 15 + " yyyy", "1 character left out"),
        ("0123456789", (10, 10), "x" * 12, "0123456789xxxxxxxxxx", "2 characters left out"),
        ("0123456789", (10, 2), "x" * 20, "01" + "x" * 18, "2 characters left out"),
        ("z" * 20, (5, 5), "more", "z" * 20, "4 characters left out"),
    ),
)
async def test_what_has_no_room_is_counted_and_said(
    value: str, selected: tuple[int, int], pasted: str, becomes: str, said: str
) -> None:
    app = Desk()
    async with app.run_test() as pilot:
        line = app.query_one(LineInput)
        line.focus()
        line.value = value
        await pilot.pause()
        line.selection = type(line.selection)(*selected)
        app.post_message(events.Paste(pasted))
        await pilot.pause()
        assert line.value == becomes
        assert [notice.message for notice in app._notifications] == [said]


async def test_typing_goes_on_as_ever_and_a_letter_too_many_is_no_notice() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        line = app.query_one(LineInput)
        line.focus()
        await pilot.press("a", "space", "b", "left", "space", "end", *"x" * 30)
        assert line.value == "a  b" + "x" * 16
        line.insert_text_at_cursor("\u202e")
        line.selection = type(line.selection)(0, 4)
        await pilot.press("c")
        assert line.value == "c" + "x" * 16
        assert not app._notifications


async def test_a_note_of_several_lines_is_recorded_whole(tmp_path: Path) -> None:
    async with seat(tmp_path) as at:
        await at.pilot.press("n")
        await at.until(lambda: isinstance(at.board.focused, Input))
        at.board.post_message(events.Paste("bus was late\nBo\u202e restarted it\n"))
        await at.shows("bus was late Bo restarted it")
        await at.pilot.press("enter")
        await at.back_on_the_board()
        assert [act.text for act in at.acts(Note)] == ["bus was late Bo restarted it"]


def test_every_line_that_people_type_in_is_of_this_kind() -> None:
    assert re.search(r"\bLineInput\(", (SCREENS / "screens" / "form.py").read_text())
    made = [p.name for p in SCREENS.rglob("*.py") if re.search(r"\bInput\(", p.read_text())]
    assert not made
