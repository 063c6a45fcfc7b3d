"""Where everything stands, for any size."""

from hypothesis import given
from hypothesis import strategies as st

from tui.arrangement import PANES, Slot, allot, arrange, is_wide
from tui.renderables.panes import Need

NEEDS = {slot: Need(trouble=2, all=8, full=10) for slot in PANES}
SIZES = st.tuples(st.integers(1, 300), st.integers(1, 100))
ANY_NEED = st.builds(
    lambda trouble, rest, long: Need(trouble, trouble + rest, trouble + rest + long),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 12),
)


def test_everybody_gets_the_first_demand_before_any_second() -> None:
    assert allot(3, [(1, 9), (1, 9), (1, 9)]) == [1, 1, 1]
    assert allot(9, [(1, 3, 9), (1, 1, 9), (1, 2, 9)]) == [3, 3, 3]
    assert allot(100, [(1, 3), (1, 5)]) == [3, 5]


def test_the_focused_pane_is_shown_whole_first() -> None:
    assert allot(12, [(1, 2, 9), (1, 2, 9), (1, 2, 9)], first=1) == [2, 9, 1]


def test_sizes_it_is_designed_for() -> None:
    places = arrange(80, 24, NEEDS, recent=5)
    assert places[Slot.TOP].height == 3
    assert places[Slot.RECENT].height == 1
    assert all(places[slot].height >= 3 for slot in (Slot.HEALTH, Slot.FLOW, Slot.INTEGRITY))
    places = arrange(120, 40, NEEDS, recent=20)
    assert places[Slot.FLOW].x == 60
    assert places[Slot.FLOW].y == places[Slot.HEALTH].y
    assert all(places[slot].height >= 11 for slot in PANES)
    assert is_wide(100, 20)
    assert not is_wide(100, 40)
    assert not is_wide(60, 40)


def test_the_smallest_screen_has_one_line_a_pane() -> None:
    places = arrange(20, 6, NEEDS, recent=5)
    assert [places[slot].height for slot in PANES] == [1, 1, 1, 1]
    assert places[Slot.TOP].height == 1


@given(SIZES, st.tuples(ANY_NEED, ANY_NEED, ANY_NEED, ANY_NEED), st.integers(0, 40))
def test_nothing_overlaps_or_leaves_the_screen(
    size: tuple[int, int], needs: tuple[Need, ...], recent: int
) -> None:
    width, height = size
    for focus in (None, *PANES):
        places = arrange(width, height, dict(zip(PANES, needs, strict=True)), recent, focus)
        taken: set[tuple[int, int]] = set()
        for place in places.values():
            cells = {
                (x, y)
                for x in (place.x, place.x + place.width - 1)
                for y in range(place.y, place.y + place.height)
            }
            assert all(0 <= x < width and 0 <= y < height for x, y in cells)
            assert not taken & cells
            taken |= cells


@given(st.integers(0, 80), st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=5)))
def test_no_more_lines_are_dealt_out_than_there_are(room: int, demands: list[list[int]]) -> None:
    rising = [sorted(demand) for demand in demands]
    got = allot(room, rising)
    assert sum(got) <= room
    assert all(lines <= demand[-1] for lines, demand in zip(got, rising, strict=True))
