"""Text from outside, made harmless once, at the edge.

Log lines, errors and names may carry escape sequences, control characters and characters
that reorder or hide what a person reads. The terminal would obey them, so they go here.
"""

import re

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]"
)
_SPACE = re.compile(r"[\t\n\r\v\f\x85\u2028\u2029]+")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


_CREDENTIALS = re.compile(r"(\w{2,20}://)[^\s/@'\"]*:[^\s/@'\"]+@")


def strip_ansi(text: str) -> str:
    """The text without terminal escape sequences; line breaks stay."""
    return _ANSI.sub("", text) if "\x1b" in text or "\x9b" in text else text


def harmless(text: str) -> str:
    """The text on one line, without what a terminal would obey or a person could not see."""
    return _UNSAFE.sub("", _SPACE.sub(" ", strip_ansi(text)))


def clean_lines(text: str) -> str:
    """Harmless lines, one for each of the text's own."""
    return "\n".join(clean(line) for line in text.splitlines())


def clean(text: str, limit: int = 400) -> str:
    """One harmless line of at most `limit` characters; a cut is shown by an ellipsis."""
    line = text[: limit * 4]
    line = harmless(line).strip()
    line = _CREDENTIALS.sub(r"\1…@", line) if "://" in line else line
    return line if len(line) <= limit and len(text) <= limit * 4 else line[: limit - 1] + "…"
