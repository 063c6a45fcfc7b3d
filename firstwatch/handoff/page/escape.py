"""Text as it stands, in Markdown and in its tables; whatever came from outside goes through it."""

import re

from firstwatch.handoff.wording import CLIP, clip

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def escape(text: str) -> str:
    """The text as it stands, in Markdown and in its tables."""
    line = " ".join(text.splitlines())
    return _HTML.sub("&lt;", _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\g<0>", line)))


def clipped(text: str, most: int = CLIP) -> str:
    """The text, escaped and short."""
    return escape(clip(text, most))
