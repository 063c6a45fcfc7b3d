"""What the terminal can do, found out before Textual is imported."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tui.renderables.glyphs import ASCII, RICH, Glyphs


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw on this terminal."""

    ascii_only: bool = False
    """Its encoding has no room for more."""
    colourless: bool = False
    """NO_COLOR was set: only bold and reverse tell things apart, beside glyphs and words."""
    refusal: str = ""
    """Why no board can be drawn here, in one sentence; empty when it can."""

    @property
    def glyphs(self) -> Glyphs:
        """The set of glyphs it can show."""
        return ASCII if self.ascii_only else RICH


def prepare(environ: Mapping[str, str], encoding: str | None = None) -> Look:
    """The look for this environment; `encoding` is that of the stream the board writes to."""
    if encoding is None:
        encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    refusal = ""
    if environ.get("TERM", "") == "dumb":
        refusal = "TERM=dumb cannot show the board; use `firstwatch check` or set TERM."
    return Look(
        ascii_only=encoding.lower().replace("-", "").replace("_", "") not in ("utf8", "utf8sig"),
        # NO_COLOR counts when present and not empty.
        colourless=bool(environ.get("NO_COLOR")),
        refusal=refusal,
    )
