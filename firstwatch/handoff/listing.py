"""Lists cut to what a page can hold; what is left out is counted."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from firstwatch.handoff.brief import BOUND, Listing

T = TypeVar("T")
Line = TypeVar("Line")


def first(entries: Sequence[T], which: str, bound: int = BOUND) -> Listing[T]:
    """The first so many; `which` says what the others have in common."""
    return Listing(tuple(entries[:bound]), max(len(entries) - bound, 0), which)


def last(entries: Sequence[T], which: str, bound: int = BOUND) -> Listing[T]:
    """The last so many."""
    return Listing(tuple(entries[-bound:]), max(len(entries) - bound, 0), which)


def told(listing: Listing[T], line: Callable[[T], Line]) -> Listing[Line]:
    """What is left of a list, in words: masking a thousand lines for ten takes its time."""
    return Listing(tuple(line(entry) for entry in listing.entries), listing.left_out, listing.which)
