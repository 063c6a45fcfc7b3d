"""Durations and units, as people write and read them."""

import re
from datetime import UTC, datetime
from typing import Final

DURATIONS: Final = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
"""Seconds in each unit a duration may be written in."""

UNITS: Final = ("", "%", "ms", "s", "/min", "/h", "/day", "B", "kB", "MB", "GB", "days")
"""The units a check may have; the empty one is a plain count."""

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw])")
_CONVERTIBLE: Final = {
    "ms": {"ms": 1.0, "s": 1e3, "m": 60e3},
    "s": {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0},
    "days": {"d": 1.0, "days": 1.0, "h": 1 / 24, "w": 7.0},
    "B": {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9},
    "kB": {"kB": 1.0, "MB": 1e3, "GB": 1e6},
    "MB": {"kB": 1e-3, "MB": 1.0, "GB": 1e3},
    "GB": {"MB": 1e-3, "GB": 1.0},
}
_QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)\s*(\S*)")


def parse_duration(text: str) -> float:
    """Seconds in "90s", "30m", "1h30m", "500 ms" or "2d". Raises ValueError with the remedy."""
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        raise ValueError(f'"{text}" is not a duration; write it like "30s", "5m" or "1h30m"')
    return float(sum(float(number) * DURATIONS[unit] for number, unit in parts))


def parse_quantity(text: str, unit: str) -> float:
    """A number in `unit`, from "500ms", "2 s", "80%" or "3". Raises ValueError with the remedy."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        raise ValueError(f'"{text}" is not a number with a unit')
    number, given = float(match[1]), match[2]
    if given in ("", unit):
        return number
    factor = _CONVERTIBLE.get(unit, {}).get(given)
    if factor is None:
        accepted = ", ".join(_CONVERTIBLE.get(unit, {unit: 1.0})) or "plain numbers"
        raise ValueError(
            f'"{text}" does not fit the unit "{unit}" of this check (accepted: {accepted})'
        )
    return number * factor


def format_duration(seconds: float) -> str:
    """A duration in its two largest units: "4s", "3m", "1h 05m", "2d 03h"."""
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes}m" if rest == 0 or minutes >= 10 else f"{minutes}m {rest:02}s"
    if whole < 86400:
        hours, rest = divmod(whole, 3600)
        return f"{hours}h {rest // 60:02}m"
    days, rest = divmod(whole, 86400)
    return f"{days}d {rest // 3600:02}h"


def format_number(value: float) -> str:
    """A number as short as is honest about its size: "0.21", "4.2", "740", "1 204"."""
    size = abs(value)
    if size and size < 1:
        return f"{value:.2g}"
    if size < 10 and value != int(value):
        return f"{value:.1f}"
    return f"{value:,.0f}".replace(",", " ")


def format_value(value: float, unit: str) -> str:
    """A value with its unit: "42 %", "740 ms", "128"."""
    if unit == "ms" and abs(value) >= 10_000:
        return f"{value / 1000:.1f} s"
    return (
        f"{format_number(value)} {unit}".rstrip()
        if not unit.startswith("/")
        else f"{format_number(value)}{unit}"
    )


def format_elapsed(seconds: float) -> str:
    """Time since the launch, to the minute: "T+03:12"; before it "T-00:12"."""
    minutes = int(abs(seconds) // 60)
    return f"T{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def format_clock(at: float, *, seconds: bool = False) -> str:
    """A moment as the UTC time of day: "02:10", or "02:10:05"."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S" if seconds else "%H:%M")
