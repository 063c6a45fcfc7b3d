"""Times, stretches and lists as a handoff writes them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from firstwatch.handoff.brief import Handoff

CLIP: Final = 140
"""Characters of a reason where only a glance is meant."""
Clock = Callable[[float], str]
"""How a moment is written."""


def clip(text: str, most: int = CLIP) -> str:
    """The text, short; a cut is shown by an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def since_launch(seconds: float) -> str:
    """Time since the launch as it stands in names and headings: "T+03h27"."""
    minutes = int(abs(seconds) // 60)
    return f"T{'-' if seconds < 0 else '+'}{minutes // 60:02}h{minutes % 60:02}"


def zone_of(name: str) -> tuple[tzinfo, str]:
    """The time zone and what to call it; UTC where this machine does not know it."""
    if name in ("", "UTC", "Etc/UTC"):
        return UTC, "UTC"
    try:
        return ZoneInfo(name), name.rpartition("/")[2].replace("_", " ")
    except (KeyError, ValueError, OSError):
        return UTC, "UTC"


def clock(at: float, day: float, zone: tzinfo) -> str:
    """A time in UTC, the second zone in brackets; dated unless it falls on the date of `day`."""
    moment = datetime.fromtimestamp(at, UTC)
    is_today = moment.date() == datetime.fromtimestamp(day, UTC).date()
    text = f"{moment:%H:%M}" if is_today else f"{moment:%d %b %H:%M}"
    return text if zone is UTC else f"{text} ({moment.astimezone(zone):%H:%M})"


def clock_of(handoff: Handoff) -> Clock:
    """How moments are written in this handoff."""
    zone, _ = zone_of(handoff.zone)
    return lambda moment: clock(moment, handoff.at, zone)


def ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers, runs drawn together: "1–5, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("–".join(str(number) for number in run) for run in runs)
