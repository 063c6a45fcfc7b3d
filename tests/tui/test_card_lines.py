"""What a card is made of: wrapped texts, a window over entries, and what a draft keeps."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from firstwatch.acts import Mark
from firstwatch.card import card, lacking
from firstwatch.episodes import SOURCE
from firstwatch.verdict import Level
from tests.tui.samples import NOW, blind, normal, troubled, turn
from tui.draft import Draft, Entry, entries, ordered
from tui.renderables.lines import Line, Role, plain, width_of, wrapped
from tui.renderables.slips import window


@given(st.text("ab 世é\u0301", max_size=60), st.integers(2, 20))
def test_wrapped_text_fits_and_leaves_nothing_out(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split())


def block(name: int, size: int) -> list[Line]:
    return [((f"{name}.{line}", Role.TEXT),) for line in range(size)]


@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.integers(0, 11), st.integers(3, 20))
def test_what_is_under_the_cursor_is_in_sight_and_what_is_left_out_is_told(
    sizes: list[int], at: int, room: int
) -> None:
    at = min(at, len(sizes) - 1)
    shown = [plain(line) for line in window([block(*b) for b in enumerate(sizes)], at, room)]
    assert len(shown) <= room
    assert f"{at}.0" in shown
    if sizes[at] <= room - 2:
        assert f"{at}.{sizes[at] - 1}" in shown
    whole = sum(
        all(f"{name}.{line}" in shown for line in range(size)) for name, size in enumerate(sizes)
    )
    told = [line for line in shown if "more" in line]
    assert bool(told) == (whole < len(sizes))


def test_what_was_there_keeps_its_place_whatever_comes_and_goes() -> None:
    first = card(troubled(), troubled().rounds[6])
    before = ordered(first)
    calm = card(normal(), normal().rounds[6])
    assert ordered(calm, before) == before
    shown = entries(calm, before, len(before))
    assert [entry.key for entry in shown] == list(before)
    assert [entry.is_owed for entry in shown] == [False] * (len(before) - 1) + [True]
    late = turn(troubled(), "errors", Level.CRITICAL, "9 % > 5 %")
    after = ordered(card(late, late.rounds[6]), before)
    assert after == (*before, "errors")
    assert [e.key for e in entries(card(late, late.rounds[6]), after, 5) if e.is_new] == ["errors"]


def test_one_check_alone_behind_a_source_stands_for_itself() -> None:
    snapshot = turn(normal(), "errors", Level.UNKNOWN, "log unreachable", blocked="log")
    assert ordered(card(snapshot, snapshot.rounds[6]))[0] == "errors"
    both = turn(snapshot, "webhooks", Level.UNKNOWN, "log unreachable", blocked="log")
    assert ordered(card(both, both.rounds[6]))[0] == f"{SOURCE}log"


def test_an_item_that_had_a_line_of_its_own_keeps_it_when_its_source_fails() -> None:
    warned = turn(normal(), "inbound", Level.WARNING, "few")
    before = ordered(card(warned, warned.rounds[6]))
    after = card(blind(), blind().rounds[6])
    keys = ordered(after, before)
    assert keys[: len(before)] == before
    group = next(e for e in entries(after, keys, len(before)) if e.source)
    assert "inbound" not in {state.check.id for state in group.states}


def test_a_word_about_a_source_covers_only_what_it_was_said_of() -> None:
    asked = card(blind(), blind().rounds[6])
    keys = ordered(asked)
    (group, *_) = entries(asked, keys, len(keys))
    smaller = replace(group, states=group.states[1:])
    draft = Draft(7, NOW).ticked(smaller)
    assert draft.mark(smaller) is Mark.BLIND
    assert draft.mark(group) is None
    assert group.states[0] in lacking(asked, draft.said(asked))


def test_what_was_verified_when_it_was_noted_is_not_ticked_once_it_is_worse() -> None:
    snapshot = normal()
    state = snapshot.check("errors")
    assert state is not None
    draft = Draft(7, NOW).noted(Entry("errors", (state,), is_owed=False), "odd")
    assert draft.said(card(snapshot, snapshot.rounds[6]))["errors"].mark is Mark.VERIFIED
    worse = turn(snapshot, "errors", Level.WARNING, "2 % > 1 %")
    assert "errors" not in draft.said(card(worse, worse.rounds[6]))


def test_a_note_taken_back_leaves_no_trace() -> None:
    asked = card(troubled(), troubled().rounds[6])
    keys = ordered(asked)
    entry = entries(asked, keys, len(keys))[0]
    draft = Draft(7, NOW).noted(entry, "x").noted(entry, "  ").ticked(entry)
    assert draft.is_empty
    assert draft.counted(entry, 3.0).counted(entry, None) == draft
