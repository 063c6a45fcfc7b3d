"""Sections of the page, and how they are cut so that all of it stays short enough to be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from firstwatch.handoff.brief import Handoff, Listing
from firstwatch.handoff.wording import Clock

LINES = 250
"""The most lines of a page."""

T = TypeVar("T")
Block = tuple[str, ...]
"""Lines that belong together."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section; an empty one says so."""

    title: str
    blocks: tuple[Block, ...]
    head: Block = ()
    """Lines before them, which are never cut."""
    left_out: int = 0
    which: str = ""
    """What those left out have in common."""
    keeps_last: bool = False
    """Whether the first ones go when it is cut."""
    is_whole: bool = False
    """Never cut."""
    weight: int = 1
    """How many times as long as another it may stay when all are cut."""
    empty: str = "none"
    """What stands there when there is nothing."""

    @property
    def lines(self) -> list[str]:
        """As they stand on the page, from the heading on."""
        body = [*self.head, *(line for block in self.blocks for line in block)]
        if self.left_out:
            body.append(f"- … and {self.left_out} more left out, {self.which}")
        return ["", f"## {self.title}", "", *(body or [self.empty])]

    def cut(self, lines: int) -> "Section":
        """The same in no more than so many lines, as far as it may be cut."""
        if self.is_whole or len(self.lines) <= lines:
            return self
        blocks, left_out = list(self.blocks), self.left_out
        room = lines - len(replace(self, blocks=(), left_out=1).lines)
        while blocks and sum(map(len, blocks)) > room:
            blocks.pop(0 if self.keeps_last else -1)
            left_out += 1
        return replace(self, blocks=tuple(blocks), left_out=left_out)


def listed(
    title: str,
    listing: Listing[T],
    block: Callable[[T], Block],
    *,
    keeps_last: bool = False,
    is_whole: bool = False,
    empty: str = "none",
) -> Section:
    """A section of a list."""
    return Section(
        title,
        tuple(block(entry) for entry in listing.entries),
        left_out=listing.left_out,
        which=listing.which,
        keeps_last=keeps_last,
        is_whole=is_whole,
        empty=empty,
    )


def none_told(handoff: Handoff, at: Clock) -> str:
    """That there is nothing of what is told of a shift alone: before it there may have been."""
    return "none" if handoff.since is None else f"none in this shift, since {at(handoff.since)}"


def fitted(head: Sequence[str], sections: Sequence[Section], most: int = LINES) -> list[str]:
    """The page; the longest sections are cut first, by their weight to the same length."""
    room = max((len(section.lines) for section in sections), default=0)
    while True:
        lines = [
            *head,
            *(line for section in sections for line in section.cut(room * section.weight).lines),
        ]
        if len(lines) <= most or room == 0:
            return lines
        room -= 1
