"""SQL statements as files, with the moments they need bound by name.

A statement names what it needs (`:since_id`), and gets it as a bound parameter, so that time
comes from the watch and never from the database's clock or session time zone. Ids of the
application are cuids: `c`, eight base-36 digits of Unix milliseconds, then the rest. So a
window over ids is a window over time that the primary key serves without another index.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from firstwatch.probe import Moment

FOLDER = Path(__file__).parent / "queries"
OVERLAP = 10.0
"""Seconds an id window reaches further back than asked, for rows that commit late."""
GRACE = 60.0
"""Seconds the application may take to write what belongs together."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PART = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|(?<![:\w]):(?P<name>(?:[A-Z]\w*\.)?[a-z_]+)\b"""
)
"""What of a statement is not taken as it stands: a comment or a name; quoted text has neither."""


def cuid_floor(at: float) -> str:
    """The smallest cuid that can have been made at this moment (seconds since the epoch)."""
    number, digits = max(int(at * 1000), 0), ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return "c" + digits.rjust(8, "0")


def _timestamp(at: float) -> datetime:
    """UTC without a zone, as the application stores it."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)


Binding = Callable[[Moment, float], object]
BINDINGS: dict[str, Binding] = {
    "now": lambda moment, _: _timestamp(moment.now),
    "since": lambda moment, window: _timestamp(moment.now - window),
    "since_id": lambda moment, window: cuid_floor(moment.now - window - OVERLAP),
    "launch": lambda moment, _: _timestamp(moment.launch),
    "launch_id": lambda moment, _: cuid_floor(moment.launch - OVERLAP),
    "settled": lambda moment, _: _timestamp(moment.now - GRACE),
    "settled_id": lambda moment, _: cuid_floor(moment.now - GRACE),
    "today": lambda moment, _: _timestamp(moment.now // 86400 * 86400),
    "window": lambda _, window: window,
}
"""What a statement may ask for, by name: times as UTC timestamps, `_id` as cuids.

A name that ends in `_id` may say of which table the ids are: `:Message.since_id`.
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with numbered parameters and the names they are bound from."""

    text: str
    names: tuple[str, ...]
    """Each as it is written, in the order of the parameters: "now", "Message.since_id"."""

    def values(self, moment: Moment, window: float) -> list[object]:
        """The parameters, in order, for this moment and a window in seconds."""
        return [BINDINGS[_binding(name)](moment, window) for name in self.names]


def _binding(name: str) -> str:
    return name.rpartition(".")[2]


def parse_statement(text: str) -> Statement:
    """The statement in this text. Raises ValueError on a name that nothing binds."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match["name"] is None:
            return match["quoted"] or ""
        name = match["name"]
        table, _, bound = name.rpartition(".")
        if bound not in BINDINGS:
            raise ValueError(f":{name} is bound to nothing (known: {', '.join(BINDINGS)})")
        if table and not bound.endswith("_id"):
            raise ValueError(f":{name} is bound to nothing: only ids belong to a table")
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    body = _PART.sub(number, text).strip().rstrip(";").rstrip()
    return Statement(body, tuple(names))


def load_statement(name_or_text: str) -> Statement:
    """The statement of a shipped file (`connections.sql`), a file path, or the text itself."""
    if not name_or_text.endswith(".sql"):
        return parse_statement(name_or_text)
    shipped = FOLDER / name_or_text
    path = shipped if shipped.is_file() else Path(name_or_text)
    if not path.is_file():
        raise ValueError(f'no statement file "{name_or_text}"')
    return parse_statement(path.read_text(encoding="utf-8"))
