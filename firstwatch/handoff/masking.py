"""Phone numbers out of free text."""

import re

from firstwatch.text import clean

_CANDIDATE = re.compile(r"(?:\+|\()?\d(?:(?:\) ?|[ .(-])?\d){6,}")
_NO_PHONE = re.compile(
    r"\d{1,3}(?: \d{3}){2}"  # a count: 1 204 567
    r"|\d+\.\d+"  # a measured value
    r"|\d{1,3}(?:\.\d{1,3}){3}"  # an address
    r"|\d{4}-\d\d-\d\d(?: \d\d)?"  # a date, perhaps with the hour of a clock
)


def masked(text: str, limit: int = 400) -> str:
    """One harmless line in which of every phone number only the last two digits are left."""
    return _CANDIDATE.sub(_mask, clean(text, limit))


def _mask(match: re.Match[str]) -> str:
    found = match[0]
    digits = [character for character in found if character.isdigit()]
    is_count = len(digits) <= 8 or "." in found or "-" in found
    if _NO_PHONE.fullmatch(found) and is_count:
        return found
    return "…" + "".join(digits[-2:])
