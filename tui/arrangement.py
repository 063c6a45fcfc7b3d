"""Where everything stands on the board, for any size. All breakpoints are here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tui.renderables.panes import Need


class Slot(StrEnum):
    """A place on the board; a pane's slot is also its name."""

    HEADER = "header"
    TOP = "top"
    HEALTH = "health"
    FLOW = "flow"
    INTEGRITY = "integrity"
    ROUND = "round"
    RECENT = "recent"
    KEYS = "keys"


PANES: Final = (Slot.HEALTH, Slot.FLOW, Slot.INTEGRITY, Slot.ROUND)
COLUMNS: Final = ((Slot.HEALTH, Slot.INTEGRITY), (Slot.FLOW, Slot.ROUND))

WIDE = 120
"""Cells from which on there are two columns of panes."""
WIDE_WHEN_LOW = 96
"""The same for a screen too low for one column."""
LOW = 30
"""Lines below which a screen is low."""
TOP_HEIGHTS: Final = ((17, 3), (12, 2), (2, 1))
"""The height of the top by the height of the screen."""
KEYS_FROM = 7
"""Lines from which on the keys have a line."""
RECENT_FROM: Final = ((34, 12), (22, 1))
"""Most lines of history by the height of the screen."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


def by_height(table: Sequence[tuple[int, int]], height: int) -> int:
    """The entry of the first row whose height is reached, else 0."""
    return next((value for least, value in table if height >= least), 0)


def is_wide(width: int, height: int) -> bool:
    """Whether the panes stand in two columns."""
    return width >= (WIDE_WHEN_LOW if height < LOW else WIDE)


def pane_width(width: int, height: int, slot: Slot) -> int:
    """The width of that pane on a screen of that size."""
    if not is_wide(width, height):
        return width
    left = width // 2
    return left - 1 if slot in COLUMNS[0] else width - left


def allot(room: int, demands: Sequence[Sequence[int]], first: int | None = None) -> list[int]:
    """Deal `room` lines out to panes with rising demands: everybody's first before any second.

    Within one demand the lines go round in turn, to whoever has the least of them. The pane
    numbered `first`, if any, gets all it demands once everyone has their first.
    """
    got = [0] * len(demands)
    stages = max((len(d) for d in demands), default=0)
    for stage in range(stages):
        if stage == 1 and first is not None:
            wanted = max(demands[first]) - got[first]
            got[first] += min(max(wanted, 0), room - sum(got))
        _deal(got, [d[min(stage, len(d) - 1)] for d in demands], room)
    return got


def _deal(got: list[int], targets: Sequence[int], room: int) -> None:
    left = room - sum(got)
    while left > 0:
        hungry = [i for i, target in enumerate(targets) if got[i] < target]
        if not hungry:
            return
        least = min(hungry, key=lambda i: got[i])
        got[least] += 1
        left -= 1


def arrange(
    width: int,
    height: int,
    needs: Mapping[Slot, Need],
    recent: int = 0,
    focus: Slot | None = None,
    zoomed: Slot | None = None,
) -> dict[Slot, Place]:
    """The place of every slot that has one on a screen of that size.

    `needs` are the panes', `recent` how many lines of history there are, `focus` the pane with
    the cursor, which is shown whole before the others are, `zoomed` one that has their room.
    """
    if width < 1 or height < 1:
        return {}
    places = {Slot.HEADER: Place(0, 0, width, 1)}
    y = 1
    top = by_height(TOP_HEIGHTS, height)
    if top:
        places[Slot.TOP] = Place(0, y, width, top)
        y += top
    bottom = height
    if height >= KEYS_FROM:
        bottom -= 1
        places[Slot.KEYS] = Place(0, bottom, width, 1)
    if zoomed is not None:
        places[zoomed] = Place(0, y, width, max(bottom - y, 0))
        return {slot: place for slot, place in places.items() if place.height > 0}
    history = min(by_height(RECENT_FROM, height), recent)
    groups = COLUMNS if is_wide(width, height) else (PANES,)
    if history:
        history = max(min(history, _spare(groups, needs, bottom - y)), 1)
        bottom -= history
        places[Slot.RECENT] = Place(0, bottom, width, history)
    for group in groups:
        x = 0 if group is groups[0] else width // 2
        _stack(places, group, needs, Place(x, y, width, bottom - y), focus)
    return {slot: place for slot, place in places.items() if place.height > 0}


def _spare(groups: Sequence[Sequence[Slot]], needs: Mapping[Slot, Need], room: int) -> int:
    """Lines left over in the fullest column once every check is shown."""
    return min(room - sum(1 + needs.get(slot, Need()).full for slot in group) for group in groups)


def _stack(
    places: dict[Slot, Place],
    group: Sequence[Slot],
    needs: Mapping[Slot, Need],
    area: Place,
    focus: Slot | None,
) -> None:
    demands = [_demands(needs.get(slot, Need()), slot) for slot in group]
    first = group.index(focus) if focus in group else None
    heights = allot(area.height, demands, first)
    wide = len(group) < len(PANES)
    y = area.y
    for slot, lines in zip(group, heights, strict=True):
        width = area.width
        if wide:
            width = area.width // 2 - 1 if slot in COLUMNS[0] else area.width - area.width // 2
        places[slot] = Place(area.x, y, width, lines)
        y += lines


def _demands(need: Need, slot: Slot) -> tuple[int, ...]:
    """Rising demands in lines, the title bar included: trouble, every check, reasons in full.

    The due round repeats what the other panes show, so in want of room its rows come last; what
    stands below them is nowhere else.
    """
    if slot is Slot.ROUND:
        return 1, 1, 1 + need.below, 1 + need.all, 1 + need.full
    some = 1 + min(need.all, max(need.trouble, 1))
    return 1, some, 1 + need.all, 1 + need.all, 1 + need.full
