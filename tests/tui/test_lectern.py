"""A log as it lies open: following, held still, folded, searched, opened at a moment."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.legible import Reader
from firstwatch.probe import Extract, LogRecord
from tests.tui.samples import NOW, make_plan
from tui.lectern import Lectern, Moment
from tui.renderables.glyphs import RICH
from tui.renderables.lines import Role, line_width, pieces, plain
from tui.roll import MOST, Item, Roll, smart, tails_of

WIDTH = 76


def said(*texts: str, first: int = 1, at: float | None = NOW) -> tuple[LogRecord, ...]:
    """Records a second apart."""
    return tuple(
        LogRecord(
            first + n,
            None if at is None else at + n,
            text.encode(),
            is_error="rror" in text.partition("\n")[0],
        )
        for n, text in enumerate(texts)
    )


def extract(*records: LogRecord, gone: int = 0, whole_from: float | None = NOW) -> Extract:
    return Extract(records, records[-1].number if records else 0, gone, whole_from)


def opened(*texts: str, moment: Moment | None = None, at: float | None = NOW) -> Lectern:
    lectern = Lectern(Reader(make_plan()).lines, RICH, moment)
    _ = lectern.sight(WIDTH)
    lectern.take(extract(*said(*texts, at=at)))
    return lectern


def shown(lectern: Lectern, width: int = WIDTH) -> list[str]:
    return [plain(line).rstrip() for line in lectern.sight(width)]


def marked(lectern: Lectern) -> list[str]:
    """What is marked as found."""
    return [t for line in lectern.sight(WIDTH) for t, role in line if role is Role.CURSOR]


def look(lectern: Lectern, by: int) -> None:
    lectern.go_to_match(lectern.matches()(), by)


def cursor_on(lectern: Lectern) -> str:
    return shown(lectern)[lectern.cursor]


def test_a_record_is_one_line_with_time_mark_and_the_number_of_its_lines() -> None:
    lectern = opened("Error: boom\n    at x\n    at y", "[v0] fine")
    assert shown(lectern)[0] == " ── followed from 08:27:14 ".ljust(WIDTH, "─")
    assert shown(lectern)[2] == " 08:27:15   [v0] fine"
    assert re.fullmatch(r" 08:27:14 ! Error: boom +\+2", shown(lectern)[1])
    assert line_width(lectern.sight(WIDTH)[1]) == WIDTH


def test_a_head_that_breaks_off_goes_on_with_what_follows_and_says_what_failed() -> None:
    text = "[v0] Error: Known:\nInvalid `x.y()` invocation:\n\n\nTimed out fetching"
    lectern = opened()
    lectern.take(extract(LogRecord(1, NOW, text.encode(), is_error=True, gist="x.y P2024")))
    assert shown(lectern, 100)[1].startswith(
        " 08:27:14 ! [v0] Error: Known: Invalid `x.y()` invocation: Timed out fetching"
    )
    assert shown(lectern, 76)[1].endswith("… x.y P2024 +4")
    assert shown(lectern, 40)[1].endswith("… +4")


def test_what_is_followed_shows_the_newest_and_has_no_cursor() -> None:
    lectern = opened("one", "two")
    assert not any(RICH.pointer in line for line in shown(lectern))
    assert lectern.after == 2
    lectern.take(extract(*said("three", first=3)))
    assert shown(lectern)[-1].endswith("three")
    assert lectern.after == 3


def test_scrolling_up_holds_it_and_counts_what_comes_meanwhile() -> None:
    lectern = opened("one", "two", "three")
    lectern.move(1)
    assert not lectern.is_held, "below the newest there is nothing"
    lectern.move(-1)
    assert lectern.is_held
    assert cursor_on(lectern).endswith("two")
    before = shown(lectern)
    lectern.take(extract(*said("four", "five", first=4)))
    lectern.take(extract(*said("six", first=6)))
    assert shown(lectern) == before
    assert str(lectern.missed) == "3 more since"
    lectern.follow()
    assert lectern.after == 3, "what was only counted is asked for again"
    lectern.take(extract(*said("four", "five", "six", first=4)))
    assert " ".join(line[12:] for line in shown(lectern)[1:]) == "one two three four five six"


def test_more_than_is_kept_while_it_is_held_is_at_least_so_many() -> None:
    lectern = opened("one")
    lectern.hold()
    lectern.take(extract(*said("nine", first=9), gone=8))
    assert str(lectern.missed) == "at least 1 more since"


def test_what_left_while_it_was_held_is_marked_where_it_is_missing() -> None:
    lectern = opened("one", "two")
    lectern.hold()
    lectern.follow()
    lectern.take(extract(*said("nine", first=9), gone=8, whole_from=NOW + 60))
    assert [line[:40].rstrip(" ─") for line in shown(lectern)] == [
        " 08:27:14   one",
        " 08:27:15   two",
        " ── kept from 08:28:14; above it only th",
        " 08:27:14   nine",
    ]


def test_unfolded_it_shows_every_line_and_folds_again() -> None:
    lectern = opened("before", "Error: boom\n  {\n    at x (" + "y" * 100 + ")", "after")
    lectern.move(-1)
    lectern.unfold()
    text = [line[12:] for line in shown(lectern)[2:]]
    assert text[:3] == ["Error: boom", "  {", "    at x (" + "y" * 54]
    assert text[3] == "y" * 46 + ")"
    assert text[4] == "after"
    lectern.move(2)
    lectern.unfold()
    assert len(shown(lectern)) == 4
    assert "Error: boom" in cursor_on(lectern)


def test_a_record_that_was_cut_says_how_much_of_it_is_kept() -> None:
    record = LogRecord(1, NOW, b"x" * 30 + b"\ny", is_cut=True)
    lectern = opened()
    lectern.take(extract(record))
    assert shown(lectern)[1].endswith("+1…")
    lectern.unfold()
    assert shown(lectern)[-1].strip() == "… 32 bytes are kept of it"


def test_records_that_say_the_same_in_a_row_are_one_with_a_count_and_the_last_time() -> None:
    lectern = opened("a", "b", "b", "b", "a")
    assert re.fullmatch(r" 08:27:17   b +×3", shown(lectern)[2])
    assert len(shown(lectern)) == 4
    lectern.move_to(2)
    lectern.fold_equal()
    assert [line[12:] for line in shown(lectern)[1:]] == ["a", "b", "b", "b", "a"]
    assert lectern.cursor == 2
    lectern.move(2)
    lectern.fold_equal()
    assert "×3" in cursor_on(lectern)
    lectern.unfold()
    assert shown(lectern)[3].strip() == "3 times in a row since 08:27:15"


def test_what_was_there_before_and_what_came_later_are_never_folded_to_one() -> None:
    lectern = opened("a", "a", at=None)
    lectern.take(extract(*said("a", first=3)))
    assert [line[:11].rstrip() for line in shown(lectern)] == [
        " before",
        " ── followe",
        " 08:27:14",
    ]


def test_it_opens_at_a_moment_before_what_came_then() -> None:
    moment = Moment(NOW + 2, "webhook failures turned critical")
    lectern = opened("x", "x", "x", "x", moment=moment)
    assert lectern.is_held
    assert lectern.cursor == 2
    assert cursor_on(lectern).startswith("▸── 08:27:16 webhook failures turned critical ─")
    assert re.fullmatch(r" 08:27:15   x +×2", shown(lectern)[1])
    assert re.fullmatch(r" 08:27:17   x +×2", shown(lectern)[3])


def test_a_moment_older_than_what_is_kept_says_so_and_from_when_on_there_is_something() -> None:
    lectern = opened(moment=Moment(NOW - 600, "errors turned critical"))
    assert cursor_on(lectern).rstrip("─ ").endswith("turned critical: older than what is kept")
    lectern = Lectern(Reader(make_plan()).lines, RICH, Moment(NOW - 600, "it turned"))
    lectern.take(extract(*said("x", first=9), gone=8, whole_from=NOW))
    assert "older than what is kept" in cursor_on(lectern)
    assert any("kept from 08:27:14" in line for line in shown(lectern))


def test_another_tail_opens_at_the_moment_the_last_one_was_held_at() -> None:
    lectern = opened("a", "b", "c")
    lectern.move(-1)
    lectern.turn_over()
    assert lectern.after == 0
    lectern.take(extract(*said("p", "q", "r", "s", first=1)))
    assert lectern.is_held
    assert cursor_on(lectern).endswith("q")
    lectern.follow()
    lectern.turn_over()
    lectern.take(extract(*said("p", first=1)))
    assert not lectern.is_held


def test_nothing_of_a_kind_is_said_with_the_time_since_when() -> None:
    lectern = opened()
    assert shown(lectern)[0].startswith(" ── followed from 08:27:14: nothing of this kind since ─")


def test_before_the_first_answer_it_says_what_is_waited_for() -> None:
    lectern = Lectern(Reader(make_plan()).lines, RICH, None)
    assert "asking the watch" in shown(lectern)[0]


def test_a_log_that_is_not_read_says_why_below_what_is_known() -> None:
    lectern = opened("one")
    lectern.trouble = "no such file: app.log"
    assert "no such file: app.log" in shown(lectern)[-1]
    assert len(shown(lectern)) == 3


def test_search_goes_back_from_the_cursor_then_on_and_around() -> None:
    lectern = opened("timeout a", "b", "timeout c", "d", "Timeout e")
    lectern.search("timeout")
    look(lectern, 0)
    assert lectern.is_held
    order = [cursor_on(lectern)[12:]]
    for by in (-1, -1, -1, 1, 1):
        look(lectern, by)
        order.append(cursor_on(lectern)[12:])
    assert order == ["Timeout e", "timeout c", "timeout a", "Timeout e", "timeout a", "timeout c"]
    assert (lectern.place, len(lectern.found)) == (2, 3)
    assert marked(lectern) == ["timeout", "timeout", "Timeout"]


def test_a_capital_makes_capitals_count() -> None:
    assert smart("timeout").search("TIMEOUT")
    assert not smart("Timeout").search("timeout")
    assert smart("größe").search("GRÖSSE") is None
    assert smart("größe").search("Größe")


@pytest.mark.parametrize("words", (".*", "(a+)+$", "[", "\\", "a|b", "+1 555"))
def test_what_is_searched_for_is_words_and_no_pattern(words: str) -> None:
    lectern = opened("a" * 60 + "!", f"has {words} in it")
    lectern.search(words)
    look(lectern, 0)
    assert marked(lectern) == [words]


def test_a_match_that_a_folded_record_hides_unfolds_it() -> None:
    lectern = opened("[v0] {\n" + "\n".join(f'  "n": {n},' for n in range(40)) + "\n}", "z")
    lectern.search('"n": 33')
    look(lectern, 0)
    assert cursor_on(lectern).endswith('"n": 33,')
    lectern = opened("b" * 200 + "needle", "needle", "z")
    lectern.search("needle")
    look(lectern, 0)
    look(lectern, -1)
    assert len(shown(lectern)) == 7, "the long head is wrapped, the short one stays"
    assert "needle" in "".join(line[12:] for line in shown(lectern)[1:5])


def test_what_is_nowhere_leaves_the_cursor_where_it_is() -> None:
    lectern = opened("a", "b")
    lectern.search("c")
    look(lectern, 0)
    assert lectern.found == ()
    assert cursor_on(lectern).endswith("b")
    lectern.search("")
    assert marked(lectern) == []


def test_wide_characters_and_emoji_keep_every_line_within_its_cells() -> None:
    lectern = opened("客户说你好" * 30 + "👍🏽" * 5, "ok 漢\n漢字" + "x漢" * 60)
    lectern.move_to(2)
    lectern.unfold()
    for width in (20, 21, 40, 57, 76):
        assert all(line_width(line) <= width for line in lectern.sight(width))
    assert "…" in shown(lectern, 40)[1]


@given(text=st.text(alphabet="a漢é👍 ", max_size=200), width=st.integers(2, 40))
def test_cut_into_pieces_a_text_loses_nothing(text: str, width: int) -> None:
    found = pieces(text, width)
    assert "".join(found) == text
    assert all(line_width(((piece, Role.TEXT),)) <= width for piece in found)


@given(
    steps=st.lists(
        st.sampled_from(
            ("come", "up", "down", "hold", "follow", "unfold", "equal", "tail", "find", "top")
        ),
        max_size=40,
    ),
    width=st.integers(1, 100),
)
def test_whatever_is_pressed_the_cursor_is_on_a_row_and_the_records_in_order(
    steps: Sequence[str], width: int
) -> None:
    lectern = opened("a", "a", "Error: b\n  c\n  d", moment=None)
    lectern.search("c")
    _ = lectern.sight(width)
    last = 3
    moves: dict[str, Callable[[], object]] = {
        "up": lambda: lectern.move(-1),
        "down": lambda: lectern.move(1),
        "hold": lectern.hold,
        "follow": lectern.follow,
        "unfold": lectern.unfold,
        "equal": lectern.fold_equal,
        "tail": lectern.turn_over,
        "find": lambda: look(lectern, -1),
        "top": lambda: lectern.move_to(0),
    }
    for step in steps:
        if step == "come":
            start, last = lectern.after + 1, last + 2
            texts = ["Error: b\n  c"] * (last - start + 1)
            lectern.take(extract(*said(*texts, first=start, at=NOW + start)))
        else:
            moves[step]()
        rows = lectern.rows
        assert 0 <= lectern.cursor < max(len(rows), 1)
        assert len(lectern.sight(width)[:]) == len(rows)
        numbers = [e.record.number for e, line in rows if isinstance(e, Item) and line == 0]
        assert all(a < b for a, b in pairwise(numbers))


def test_a_roll_holds_a_bounded_number_and_tells_from_when_on() -> None:
    roll = Roll().grown(extract(*said(*["x"] * MOST)))
    assert roll.gone == 0
    roll = roll.grown(extract(*said("y", "z", first=MOST + 1, at=NOW + MOST)))
    assert len(roll.records) == MOST
    assert (roll.gone, roll.whole_from) == (2, NOW + 1)


def test_the_tails_are_those_of_the_plan_and_all() -> None:
    assert [tail.title for tail in tails_of(make_plan())] == []
