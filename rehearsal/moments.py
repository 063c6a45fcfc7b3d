"""Times as the application and Chatwoot write them."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the database's columns have no zone
_DAY = 86_400.0


def naive(at: float) -> datetime:
    """Seconds since the epoch as a TIMESTAMP(3) of UTC without its zone."""
    return _EPOCH + timedelta(milliseconds=int(at * 1000))


def iso(at: float) -> str:
    """Seconds since the epoch as ISO text with milliseconds and a Z."""
    return f"{naive(at).isoformat(timespec='milliseconds')}Z"


def midnight(at: float) -> float:
    """The beginning of the UTC day that `at` lies in."""
    return at - at % _DAY


def read_js_date(value: object) -> float | None:
    """What `new Date(value)` makes of a JSON value, in seconds since the epoch; None if invalid.

    A number is milliseconds, so seconds land in January 1970; a text of digits is no date.
    """
    if isinstance(value, int | float):
        return value / 1000
    if not isinstance(value, str) or value.isdigit():
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time within one piece of work: the clock's at its start, plus real seconds since.

    Scaled time would turn 20 ms between two rows of one request into more than a second, and
    every latency read from the rows would be wrong by the scale. So the clock is asked once,
    and from there time runs real: rows tell the true duration at any scale.
    """

    start: float
    real: float = field(default_factory=time.perf_counter)

    def now(self) -> float:
        """Seconds since the epoch, in the time of the rehearsal."""
        return self.start + time.perf_counter() - self.real
