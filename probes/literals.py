"""SQL text without its values: what a statement does, and nothing of whom it does it to."""

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      (?P<dash>--[^\n]*)
    | (?P<comment>/\*)
    | (?P<escaped>\be'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<string>(?:\b[bxn]|\bu&)?'(?:[^']|'')*(?:'|\Z))
    | (?P<dollar>\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<name>"(?:[^"]|"")*")
    | (?P<cut>".*)
    | (?P<kept>\$\d+|[^\W\d][\w$]*)
    | (?P<number>\.?\d[\w.]*(?:(?<=e)[+-]\d+)?)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_MARK: Final = re.compile(r"/\*|\*/")
_SPACE: Final = re.compile(r"\s+")
_LIST: Final = re.compile(r"\?(?:\s*,\s*\?)+")
_ROWS: Final = re.compile(r"\(\?(?:, …)?\)(?:\s*,\s*\(\?(?:, …)?\))+")


def without_literals(sql: str) -> str:
    """The statement on one line, every value a question mark, without its comments.

    It may be cut off anywhere, as the server cuts it. Where a backslash stands before the quote
    that ends a string, it depends on the server's settings whether it ends; there the text stops.
    """
    said: list[str] = []
    place = 0
    while place < len(sql) and (match := _TOKEN.match(sql, place)):
        place = match.end()
        kind = match.lastgroup
        if kind == "comment":
            place = _after_comment(sql, place)
            said.append(" ")
        elif kind == "dash":
            said.append(" ")
        elif kind == "string" and "\\'" in match[0]:
            said.append("?…")
            break
        elif kind == "cut":
            said.append('"…')
        else:
            said.append(match[0] if kind in ("name", "kept", "other") else "?")
    line = _SPACE.sub(" ", "".join(said)).strip()
    return _ROWS.sub("(?), …", _LIST.sub("?, …", line))


def _after_comment(sql: str, place: int) -> int:
    """Where the comment ends that was entered before `place`; they nest."""
    depth = 1
    for mark in _MARK.finditer(sql, place):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)
