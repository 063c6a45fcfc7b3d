"""What is sent to the terminal: all that looks different, and no more than that."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.tui.terminals import terminal
from tui.slate import Slate

WIDTH, HEIGHT = 12, 3
LOOKS = [
    Style.parse(text)
    for text in (
        "#d7d7d7 on #000000",
        "#ff5f5f on #000000",
        "bold #d7d7d7 on #000000",
        "reverse #d7d7d7 on #000000",
        "underline #5f87af on #1c1c1c",
        "bold reverse #ff5f5f on #000000",
    )
]
Cell = tuple[str, Style]
Picture = list[list[Cell]]

cells = st.tuples(st.sampled_from("  aé●━0"), st.sampled_from(LOOKS))
pictures = st.lists(
    st.lists(cells, min_size=WIDTH, max_size=WIDTH), min_size=HEIGHT, max_size=HEIGHT
)


def strip(row: Sequence[Cell]) -> Strip:
    """That row, a segment a cell."""
    return Strip([Segment(character, style) for character, style in row])


def whole(picture: Picture) -> LayoutUpdate:
    """All of it, in two pieces a line."""
    strips: list[Iterable[Strip]] = [[strip(row[:5]), strip(row[5:])] for row in picture]
    return LayoutUpdate(strips, Region(0, 0, WIDTH, HEIGHT))


def part(picture: Picture, y: int, cuts: Sequence[int]) -> ChopsUpdate:
    """Of one line of it what lies between the first two cuts."""
    chops = [
        {start: strip(row[start:end]) for start, end in pairwise(cuts)} if at == y else {}
        for at, row in enumerate(picture)
    ]
    return ChopsUpdate(chops, [(y, cuts[0], cuts[1])], [list(cuts[1:])] * HEIGHT)


class Glass:
    """A terminal, and what was sent to it last."""

    def __init__(self) -> None:
        self.slate = Slate(ColorSystem.TRUECOLOR)
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.sent = ""
        self._stream = pyte.Stream(self.screen)

    def draw(self, update: ChopsUpdate | LayoutUpdate) -> str:
        """Send what is new of it."""
        self.sent = self.slate.changes(update, WIDTH, HEIGHT)
        self._stream.feed(self.sent)
        return self.sent

    def cells(self) -> list[list[tuple[object, ...]]]:
        """What is to be seen."""
        return [[look(self.screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def look(cell: pyte.screens.Char) -> tuple[object, ...]:
    """A cell, as far as it can be seen."""
    drawn = (cell.data, cell.bg, cell.reverse, cell.underscore)
    is_blank = cell.data == " " and not (cell.reverse or cell.underscore)
    return drawn if is_blank else (*drawn, cell.fg, cell.bold)


def seen(picture: Picture) -> list[list[tuple[object, ...]]]:
    """What a terminal shows that was never sent anything else."""
    glass = Glass()
    glass.draw(whole(picture))
    return glass.cells()


@settings(max_examples=150, deadline=None)
@given(st.lists(pictures, min_size=2, max_size=4))
def test_whatever_was_there_before_the_terminal_shows_what_was_drawn_last(
    drawn: list[Picture],
) -> None:
    glass = Glass()
    for picture in drawn:
        glass.draw(whole(picture))
        assert glass.cells() == seen(picture)
        assert glass.draw(whole(picture)) == ""


@settings(max_examples=100, deadline=None)
@given(pictures, pictures, st.integers(0, HEIGHT - 1), st.integers(1, WIDTH - 2))
def test_a_part_changes_nothing_beside_it(
    before: Picture, after: Picture, y: int, start: int
) -> None:
    glass = Glass()
    glass.draw(whole(before))
    glass.draw(part(after, y, (start, WIDTH - 1, WIDTH)))
    wanted = [list(row) for row in before]
    wanted[y][start : WIDTH - 1] = after[y][start : WIDTH - 1]
    assert glass.cells() == seen(wanted)


def plain(*rows: str) -> Picture:
    """Rows of text in one look."""
    return [[(character, LOOKS[0]) for character in f"{row:<{WIDTH}}"] for row in rows]


def test_of_a_clock_one_digit_is_sent() -> None:
    glass = Glass()
    glass.draw(whole(plain("T+03:27:14", "one", "two")))
    sent = glass.draw(whole(plain("T+03:27:15", "one", "two")))
    assert sent == "\x1b[1;10H\x1b[38;2;215;215;215;48;2;0;0;0m5\x1b[0m"


def test_near_cells_are_sent_in_one_stretch_and_far_ones_leapt_to() -> None:
    glass = Glass()
    glass.draw(whole(plain("abcdefghijkl", "", "")))
    assert "m1bc2\x1b[7C3\x1b[0m" in glass.draw(whole(plain("1bc2efghijk3", "", "")))


def test_the_look_is_changed_by_what_is_different_in_it() -> None:
    glass = Glass()
    glass.draw(whole(plain("", "", "")))
    picture = plain("", "", "")
    picture[0][:3] = [("a", LOOKS[0]), ("b", LOOKS[1]), ("c", LOOKS[2])]
    grey, red = "38;2;215;215;215", "38;2;255;95;95"
    assert glass.draw(whole(picture)) == (
        f"\x1b[1;1H\x1b[{grey};48;2;0;0;0ma\x1b[{red}mb\x1b[1;{grey}mc\x1b[0m"
    )


def test_what_follows_a_wide_character_is_put_where_it_belongs() -> None:
    def row(name: str, number: str) -> LayoutUpdate:
        strips: list[Iterable[Strip]] = [
            [Strip([Segment(text, LOOKS[0])]) for text in (name, number)]
        ]
        return LayoutUpdate(strips, Region(0, 0, WIDTH, 1))

    glass = Glass()
    glass.draw(row("ab你好 ", "12"))
    assert glass.screen.display[0].rstrip() == "ab你好 12"
    # The whole name once more: not every terminal takes it for as wide as this one.
    assert "mac你好 \x1b[1;9H3\x1b[0m" in glass.draw(row("ac你好 ", "13"))


def test_what_it_forgot_is_sent_again_and_nothing_is_made_up_of_the_rest() -> None:
    glass = Glass()
    picture = plain("abcdefghijkl", "one", "two")
    first = glass.draw(whole(picture))
    glass.slate.forget()
    sent = glass.draw(part(picture, 0, (4, 6, WIDTH)))
    assert "ef" in sent
    assert "\0" not in sent
    assert glass.draw(part(picture, 0, (4, 6, WIDTH))) == ""
    glass.slate.forget()
    assert glass.draw(whole(picture)) == first


def test_ctrl_l_draws_all_of_it_anew() -> None:
    with terminal(TERM="xterm-256color", LANG="C.UTF-8") as board:
        shown = board.until("T+03:27:14", "system health", "integrity", "? help")
        board.screen.reset()
        board.press("\x0c")
        # But for the heart in the first line.
        board.until(*shown.splitlines()[1:])
