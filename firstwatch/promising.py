"""Times as people write them: "30m", "in 20 min", "03:15", and notes that end in one.

Times of day are UTC and mean the next one; what is understood is never in the past.
A note tells of the past as often as it promises: "errors since 01:26" ends in a time and
promises nothing.
"""

import re
from dataclasses import dataclass

from firstwatch.text import clean

DAY = 86400.0
FARTHEST = 7 * DAY
"""Seconds ahead beyond which nobody means what was typed."""
LONGEST = 2000
BEHIND = DAY / 2
"""Seconds within which a time of day that has passed is told of, and not meant for tomorrow."""

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": DAY}
_PART = r"[0-9]{1,4}(?:\.[0-9]{1,2})?\s*(?:d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)"
_SPAN = rf"{_PART}(?:\s*{_PART})*"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?:\s*(?:utc|z))?"
_TIME = re.compile(
    rf"(?:in\s+)?(?P<span>{_SPAN})|(?:@\s*|at\s+|by\s+)?(?P<clock>{_CLOCK})", re.IGNORECASE
)
_END = re.compile(
    r"(?<![\w:.+-])"
    rf"(?:in\s+(?P<span>{_SPAN})|(?:at\s+|(?P<ahead>@\s*|by\s+))?(?P<clock>{_CLOCK}))[.!]?$",
    re.IGNORECASE,
)
_LIKE_A_TIME = re.compile(
    r"(?<![\w:.+-])(?P<said>[0-9]{1,2}:[0-9]{2})(?:\s*(?:utc|z))?[.!]?$", re.IGNORECASE
)
_TELLS = re.compile(
    r"(?:[-\u2013\u2014]|\b(?:since|from|until|till|was|were|after|before|between|of|and|to))\s*$",
    re.IGNORECASE,
)
"""What stands before a time that is a fact about the trouble, and no time to do something."""
_NUMBER = re.compile(r"([0-9.]+)\s*([a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Promised:
    """What a note promises, and for when."""

    text: str
    due: float
    """Seconds since the epoch."""


def moment(text: str, now: float) -> float | None:
    """The moment that a text names, after `now`; None when it names none."""
    return _moment(_TIME.fullmatch(text.strip()), now)


def promise_in(text: str, now: float) -> Promised | None:
    """The promise that a note ends in: words, then a time; None when it is a note and no more."""
    written = clean(text, LONGEST)
    match = _END.search(written)
    due = _moment(match, now)
    if match is None or due is None or _is_told(match, now):
        return None
    words = written[: match.start()].rstrip(" @,;:")
    return Promised(words, due) if re.search(r"\w", words) else None


def why_none(text: str, now: float) -> str:
    """Why the time that a note ends in promises nothing; empty where that needs no words."""
    written = clean(text, LONGEST)
    match, like = _END.search(written), _LIKE_A_TIME.search(written)
    if match is None:
        return f"{like['said']} is no time" if like else ""
    if _moment(match, now) is None:
        return f"{match[0].rstrip('.!')} is no time in the next {FARTHEST / DAY:g} days"
    if _is_behind(match, now) and not _TELLS.search(match.string[: match.start()]):
        at = match["clock"]
        return f'{at} has passed: a note only; "by {at}" promises it for the next {at}'
    return ""


def _is_told(match: re.Match[str], now: float) -> bool:
    """Whether the time at the end of a note is told of, and nothing promised for it."""
    return bool(_TELLS.search(match.string[: match.start()])) or _is_behind(match, now)


def _is_behind(match: re.Match[str], now: float) -> bool:
    """Whether it is a time of day that has just passed; "by" and "@" look ahead all the same."""
    if match["clock"] is None or match["ahead"] is not None:
        return False
    return DAY - _until(match["clock"], now) < BEHIND


def _moment(match: re.Match[str] | None, now: float) -> float | None:
    if match is None:
        return None
    ahead = _span(match["span"]) if match["span"] else _until(match["clock"], now)
    return now + ahead if 0 < ahead <= FARTHEST and now + ahead > now else None


def _span(text: str) -> float:
    return sum(float(n) * _SECONDS[unit.lower()] for n, unit in _NUMBER.findall(text))


def _until(clock: str, now: float) -> float:
    """Seconds until that time of day comes next; a whole day when it is just now."""
    hours, minutes = clock[:5].rstrip("zZuU ").split(":")
    ahead = (int(hours) * 3600 + int(minutes[:2]) * 60 - now) % DAY
    return ahead or DAY
