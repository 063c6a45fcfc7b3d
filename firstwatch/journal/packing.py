"""The readings of one tick as one small blob.

A tick is a run of equal entries: the number of the series, then its value as a single-precision
float, NaN where measuring failed. Seven digits are plenty for a chart; what people decided on
keeps its exact value in flips and in the evidence of sign-offs.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Mapping

BEAT = 5.0
"""Seconds of the watch within which a running watch writes at least one row of readings."""

_ENTRY = struct.Struct("<Hf")
_VALUE = struct.Struct("<f")
_NUMBER = struct.Struct("<H")
_LARGEST = 3.4028234663852886e38

SERIES = 0xFFFF
"""The most series a journal can tell apart."""


def pack(values: Mapping[int, float | None]) -> bytes:
    """The blob of these values by series number."""
    return b"".join(_ENTRY.pack(number, _single(values[number])) for number in sorted(values))


def _single(value: float | None) -> float:
    if value is None or math.isnan(value):
        return math.nan
    return max(min(value, _LARGEST), -_LARGEST)


def is_whole(blob: object) -> bool:
    """Whether it is a run of whole entries; bit rot can make it anything."""
    return isinstance(blob, bytes) and len(blob) % _ENTRY.size == 0


def unpack(blob: bytes) -> Iterator[tuple[int, float]]:
    """Series number and value of each entry, NaN where measuring failed."""
    return _ENTRY.iter_unpack(blob)


def pick(number: int, ticks: Iterable[tuple[int, bytes]]) -> Iterator[tuple[float, float]]:
    """Moment in seconds and value of one series from those ticks that hold it."""
    key = _NUMBER.pack(number)
    size = _ENTRY.size
    # Ticks tend to look alike, so where it was last time is where to look first.
    guess = 0
    for at, blob in ticks:
        if blob[guess : guess + 2] != key:
            found = next(
                (start for start in range(0, len(blob), size) if blob[start : start + 2] == key),
                None,
            )
            if found is None:
                continue
            guess = found
        yield at / 1000, _VALUE.unpack_from(blob, guess + 2)[0]
