"""Ids as the application makes them: they begin with the time of their making."""

import itertools
import random
import string
from typing import Final

_DIGITS: Final = string.digits + string.ascii_lowercase
_BLOCK: Final = 36**4
_HOST: Final = "h0st"
_counter = itertools.count(random.randrange(_BLOCK))


def base36(number: int, width: int) -> str:
    """A non-negative number in base 36, padded with zeros to `width`."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits.rjust(width, "0")


def make_cuid(at: float) -> str:
    """A new id made at `at` seconds since the epoch: c, milliseconds, counter, host, chance."""
    counter = base36(next(_counter) % _BLOCK, 4)
    chance = base36(random.randrange(_BLOCK * _BLOCK), 8)
    return f"c{base36(int(at * 1000), 8)}{counter}{_HOST}{chance}"
