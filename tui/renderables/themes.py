"""The themes to choose from, and a sample of every role in the one that is on."""

from collections.abc import Sequence
from dataclasses import dataclass

from firstwatch.text import clean
from firstwatch.verdict import Level
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import EMPTY, Line, Role, fit, pad, role_of, wrapped

SAID = {
    Level.OK: "fine, and quiet",
    Level.IDLE: "no traffic",
    Level.PENDING: "your turn",
    Level.OFF_TARGET: "a little slow",
    Level.UNKNOWN: "not measured",
    Level.WARNING: "look at it",
    Level.CRITICAL: "look now",
}
"""What a sample of each level says."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The themes on offer."""

    names: tuple[str, ...]
    at: int
    """Which one the cursor is on."""
    kept: str
    """The one to go back to."""
    broken: tuple[str, ...] = ()
    """A line about each that could not be read."""


def theme_lines(offer: Offer, glyphs: Glyphs, width: int, height: int) -> list[Line]:
    """The list, and beneath it as many samples as there is room for."""
    samples = _samples(glyphs, width)
    told = (part for line in offer.broken for part in wrapped(f"! {clean(line, 160)}", width))
    notices: list[Line] = [((part, Role.WARNING),) for part in told]
    least = min(len(offer.names), 3)
    below = [EMPTY, *samples, *([EMPTY, *notices] if notices else [])]
    below = below[: max(height - least, 0)]
    listed = _listed(offer, glyphs, width, max(height - len(below), 1))
    return [pad(line, width) for line in (*listed, *below)]


def _listed(offer: Offer, glyphs: Glyphs, width: int, room: int) -> list[Line]:
    """So many of the names that the cursor is among them."""
    first = min(max(offer.at - room // 2, 0), max(len(offer.names) - room, 0))
    return [
        _name(name, glyphs, width, is_here=index == offer.at, is_kept=name == offer.kept)
        for index, name in enumerate(offer.names)
    ][first : first + room]


def _name(name: str, glyphs: Glyphs, width: int, *, is_here: bool, is_kept: bool) -> Line:
    shown = clean(name, 40)
    return (
        (f"{glyphs.pointer} " if is_here else "  ", Role.STRONG),
        (fit(shown, min(len(shown), max(width - 2, 0))), Role.CURSOR if is_here else Role.TEXT),
        ("  before" if is_kept else "", Role.DIM),
    )


def _samples(glyphs: Glyphs, width: int) -> Sequence[Line]:
    """One line a level as the board draws it, and what else has a role."""
    levels: list[Line] = [
        (
            (glyphs.levels[level], role_of(level)),
            (f" {said:<16}", Role.TEXT),
            (f" {level} ", role_of(level)),
        )
        for level, said in SAID.items()
    ]
    rest: Line = (
        ("? blind", Role.BLIND),
        ("  strong", Role.STRONG),
        ("  dim ", Role.DIM),
        (glyphs.spark, Role.TREND),
    )
    return [((glyphs.rule * width, Role.RULE),), *levels, rest]
