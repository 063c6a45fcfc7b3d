"""What the terminal can do, found out before Textual is imported."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tui.renderables.glyphs import ASCII, RICH, Glyphs

AUTO: Final = "auto"
"""In place of a theme's name: the one that fits the terminal."""
TRUE_COLOUR: Final = 2**24
FEW: Final = 16
"""Up to so many colours only themes in the terminal's own ones can be read."""
_PLAIN: Final = ("vt", "ansi", "cons", "linux", "sun", "wy")
"""How the names of terminals begin whose fonts or encodings have no room for our glyphs."""
_COLOURLESS: Final = ("vt1", "vt2", "vt3", "vt4", "vt5", "wy")
"""How the names of terminals begin that have no colours."""
_MANY: Final = ("kitty", "alacritty", "ghostty", "foot", "wezterm", "iterm", "contour", "rio", "st")
"""Terminals with 256 colours or more whose name does not say so."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw on this terminal."""

    ascii_only: bool = False
    """Its encoding or its font has no room for more."""
    colourless: bool = False
    """NO_COLOR was set, or there are none: only bold, underline and reverse are sent."""
    colours: int = TRUE_COLOUR
    """How many it can show."""
    is_plain: bool = False
    """It is a console or an old one: what it does not know, a title for one, it would print."""
    refusal: str = ""
    """Why no board can be drawn here, in one sentence; empty when it can."""

    @property
    def glyphs(self) -> Glyphs:
        """The set of glyphs it can show."""
        return ASCII if self.ascii_only else RICH

    @property
    def theme(self) -> str:
        """The name of the theme that fits."""
        if self.colourless:
            return "mono"
        return "ansi" if self.colours <= FEW else "dark"

    @property
    def colour_system(self) -> str:
        """What Textual calls the colours it has."""
        if self.colours >= TRUE_COLOUR:
            return "truecolor"
        return "256" if self.colours > FEW else "standard"


def prepare(environ: Mapping[str, str], encoding: str | None = None) -> Look:
    """The look for this environment; `encoding` is that of the stream the board writes to."""
    term = environ.get("TERM", "").lower()
    if encoding is None:
        encoding = _encoding(environ)
    refusal = ""
    if term == "dumb":
        refusal = "TERM=dumb cannot show the board; use `firstwatch check` or set TERM."
    is_plain = term.startswith(_PLAIN)
    is_utf8 = encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")
    colours = _colours(term, environ.get("COLORTERM", ""))
    return Look(
        ascii_only=is_plain or not is_utf8,
        # NO_COLOR counts when present and not empty.
        colourless=bool(environ.get("NO_COLOR")) or not colours,
        colours=colours,
        is_plain=is_plain,
        refusal=refusal,
    )


def _encoding(environ: Mapping[str, str]) -> str:
    """What the terminal is taken to understand.

    Python writes UTF-8 in the locale C, too; a terminal that was said to have no locale may not.
    """
    locale = next(filter(None, (environ.get(n) for n in ("LC_ALL", "LC_CTYPE", "LANG"))), "C")
    asked = environ.get("PYTHONUTF8") == "1" or environ.get("PYTHONIOENCODING")
    if locale in ("C", "POSIX") and not asked:
        return "ascii"
    return getattr(sys.__stderr__, "encoding", None) or "ascii"


def _colours(term: str, colour_term: str) -> int:
    """How many colours the terminal has, by what it says of itself."""
    if colour_term.lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return TRUE_COLOUR
    if term.startswith(_COLOURLESS) or term.endswith(("-m", "-mono")):
        return 0
    words = term.split("-")
    if words[-1] == "256color" or any(word.startswith(_MANY) for word in words):
        return 256
    return FEW
