"""Times as the board writes them. Ages move in steps, so that a calm screen stays still."""

from bisect import bisect_right
from datetime import UTC, datetime, tzinfo

_STEPS = (10, 15, 20, 30, 45)


def age_text(seconds: float | None) -> str:
    """An age in coarse steps: "<10s", "10s" … "45s", "1m", "2m", "1h", "3d"; empty for none."""
    if seconds is None:
        return ""
    if seconds < _STEPS[0]:
        return "<10s"
    if seconds < 60:
        return f"{_STEPS[bisect_right(_STEPS, seconds) - 1]}s"
    if seconds < 3600:
        return f"{int(seconds // 60)}m"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)}h"
    return f"{int(seconds // 86400)}d"


def span_text(seconds: float) -> str:
    """A length of time that moves by the minute: "45s", "12m", "1h", "1h 05m", "26h"."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    hours, minutes = divmod(whole // 60, 60)
    if not hours:
        return f"{minutes}m"
    return f"{hours}h {minutes:02}m" if minutes and hours < 24 else f"{hours}h"


def since_launch(elapsed: float) -> str:
    """Time since the launch: "T+03:27:14", before it "T−00:12:33"."""
    sign, whole = ("+", int(elapsed)) if elapsed >= 0 else ("−", -int(elapsed // 1))
    return f"T{sign}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def countdown(seconds: float) -> str:
    """Time to go: "12:46", "1:02:46"; "+04:12" once over; "--:--" from 100 h on."""
    sign, whole = ("", -int(-seconds // 1)) if seconds > 0 else ("+", int(-seconds))
    hours, minutes = divmod(whole // 60, 60)
    if hours >= 100:
        return "--:--"
    clock = f"{minutes:02}:{whole % 60:02}"
    return f"{sign}{hours}:{clock}" if hours else f"{sign}{clock}"


def clock_time(at: float, zone: tzinfo = UTC, *, seconds: bool = False) -> str:
    """The wall clock at that moment: "08:27"."""
    return datetime.fromtimestamp(at, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def zone_name(iana: str) -> str:
    """The short name of a zone: "Asia/Dubai" is "Dubai"."""
    return iana.rpartition("/")[2].replace("_", " ")
