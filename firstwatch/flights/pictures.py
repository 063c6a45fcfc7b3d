"""A picture of the board with its words masked: an SVG whose text nodes are gone through."""

import html
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

Mask = Callable[[str], str]

_TEXT = re.compile(r"<text\b(?P<how>[^>]*)>(?P<said>[^<]*)</text>")
_NUMBER = r'="(-?[\d.]+)'
_X, _Y, _LENGTH = (re.compile(rf"\b{name}{_NUMBER}") for name in ("x", "y", "textLength"))
_FONT = re.compile(r"@font-face\s*\{[^}]*\}")
_DIGIT = re.compile(r"\d")
_CUT = re.compile(r"(?<!\S)[^\s…]+…")


@dataclass(slots=True)
class _Piece:
    """One text node."""

    x: float
    length: float
    said: str
    hidden: str
    """What it says once it is masked."""


def masked_picture(svg: str, mask: Mask) -> str:
    """The same picture, masked, and without the fonts it would fetch from elsewhere.

    A number may go on from one node into the next of its row; where masking the row as a whole
    leaves other digits than masking its nodes did, the row loses all of them.
    """
    pieces = [_piece(match, mask) for match in _TEXT.finditer(svg)]
    rows: dict[str, list[_Piece]] = defaultdict(list)
    for match, piece in zip(_TEXT.finditer(svg), pieces, strict=True):
        y = _Y.search(match["how"])
        rows[y[1] if y else ""].append(piece)
    for row in rows.values():
        left = "".join(piece.hidden for piece in sorted(row, key=lambda piece: piece.x))
        if _digits(mask(_joined(row))) != _digits(left):
            for piece in row:
                piece.hidden = _DIGIT.sub("·", piece.hidden)
    drawn = iter(pieces)
    masked = _TEXT.sub(lambda match: _drawn(match["how"], next(drawn).hidden), svg)
    return _FONT.sub("", masked)


def _piece(match: re.Match[str], mask: Mask) -> _Piece:
    x, length = _X.search(match["how"]), _LENGTH.search(match["how"])
    said = html.unescape(match["said"])
    place = float(x[1]) if x else 0.0, float(length[1]) if length else 0.0
    return _Piece(*place, said, _hide(said, mask))


def _hide(said: str, mask: Mask) -> str:
    """The text masked, in as many letters as before: the board is drawn on a grid."""
    plain = said.replace("\xa0", " ")
    core = plain.strip()
    # A word that a column cut off may be the beginning of an address, which nobody can tell.
    hidden = _CUT.sub("…", mask(core))
    if hidden == core:
        return said
    indent = len(plain) - len(plain.lstrip())
    return (" " * indent + hidden)[: len(plain)].ljust(len(plain)).replace(" ", "\xa0")


def _joined(row: list[_Piece]) -> str:
    """A row as it is read: nodes that touch are one text, others stand apart."""
    text, end = "", 0.0
    for piece in sorted(row, key=lambda piece: piece.x):
        apart = "" if abs(piece.x - end) < 1.0 else "  "
        text += apart + piece.said.replace("\xa0", " ")
        end = piece.x + piece.length
    return text


def _digits(text: str) -> str:
    return "".join(_DIGIT.findall(text))


def _drawn(how: str, said: str) -> str:
    return f"<text{how}>{html.escape(said).replace(chr(0xA0), '&#160;')}</text>"
