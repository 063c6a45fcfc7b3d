"""The glyphs of the board, in a rich and an ASCII set. A word always goes with them somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firstwatch.rounds import RoundStatus
from firstwatch.verdict import Level


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of glyphs, each one cell wide."""

    levels: Mapping[Level, str]
    rounds: Mapping[RoundStatus, str]
    signed_late: str
    phase_gap: str
    put_in: str
    """Before a round that was put in where a cadence goes on."""
    spark: str
    """From zero to full."""
    digits: Mapping[str, tuple[str, str, str]]
    """Three rows each."""
    heart: tuple[str, str]
    """Systole and diastole."""
    rule: str
    pointer: str
    changed: str
    """Before a row whose verdict changed since the last key."""
    is_ascii: bool = False


def _digits(rows: tuple[str, str, str], characters: str) -> dict[str, tuple[str, str, str]]:
    """Cut three drawn rows into characters of three cells with one between; ":" is one cell."""
    found: dict[str, tuple[str, str, str]] = {}
    at = 0
    for character in characters:
        size = 1 if character == ":" else 3
        top, middle, bottom = (row[at : at + size].ljust(size) for row in rows)
        found[character] = (top, middle, bottom)
        at += size + 1
    return found


_NAMES: Final = "0123456789:+-"

RICH: Final = Glyphs(
    levels={
        Level.OK: "●",
        Level.IDLE: "○",
        Level.PENDING: "◇",
        Level.OFF_TARGET: "◐",
        Level.UNKNOWN: "?",
        Level.WARNING: "!",
        Level.CRITICAL: "✖",
    },
    rounds={
        RoundStatus.UPCOMING: "·",
        RoundStatus.OPEN: "○",
        RoundStatus.DUE: "◉",
        RoundStatus.LATE: "!",
        RoundStatus.MISSED: "✗",
        RoundStatus.SIGNED: "✔",
    },
    signed_late="!",
    phase_gap="┆",
    put_in="+",
    spark="▁▂▃▄▅▆▇█",
    digits=_digits(
        (
            "┏━┓ ╺┓  ╺━┓ ╺━┓ ╻ ╻ ┏━╸ ┏━╸ ╺━┓ ┏━┓ ┏━┓",
            "┃ ┃  ┃  ┏━┛  ━┫ ┗━┫ ┗━┓ ┣━┓   ┃ ┣━┫ ┗━┫ : ╺╋╸ ╺━╸",
            "┗━┛ ╺┻╸ ┗━╸ ╺━┛   ╹ ╺━┛ ┗━┛   ╹ ┗━┛ ╺━┛",
        ),
        _NAMES,
    ),
    heart=("♥", "♡"),
    rule="─",
    pointer="▸",
    changed="▎",
)

ASCII: Final = Glyphs(
    levels={
        Level.OK: "+",
        Level.IDLE: "-",
        Level.PENDING: "*",
        Level.OFF_TARGET: "~",
        Level.UNKNOWN: "?",
        Level.WARNING: "!",
        Level.CRITICAL: "X",
    },
    rounds={
        RoundStatus.UPCOMING: ".",
        RoundStatus.OPEN: "o",
        RoundStatus.DUE: "@",
        RoundStatus.LATE: "!",
        RoundStatus.MISSED: "x",
        RoundStatus.SIGNED: "v",
    },
    signed_late="!",
    phase_gap="|",
    put_in="+",
    spark="_.:-=+*#",
    digits=_digits(
        (
            " _       _   _       _   _   _   _   _ ",
            "| |   |  _|  _| |_| |_  |_    | |_| |_| : -+- ---",
            "|_|   | |_   _|   |  _| |_|   | |_|  _|",
        ),
        _NAMES,
    ),
    heart=("*", "."),
    rule="-",
    pointer=">",
    changed="|",
    is_ascii=True,
)
