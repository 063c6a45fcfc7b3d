"""SQL statements as files, with the moments they need bound by name.

A statement names what it needs (`:since`, `:Message.since_id`), and gets it as a bound
parameter, so that time comes from the watch and never from the database's clock or session
time zone. A name that ends in `_id` is a moment, too: the smallest id a row of that table can
have that was made then, which `probes.windows` finds.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from firstwatch.probe import Moment

FOLDER = Path(__file__).parent / "queries"
OVERLAP = 10.0
"""Seconds an id window reaches further back than asked, for rows that commit late."""
GRACE = 60.0
"""Seconds the application may take to write what belongs together."""

_PART = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|(?<![:\w]):(?P<name>(?:[A-Za-z_]\w*\.)?[a-z_]+)\b"""
)
"""What of a statement is not taken as it stands: a comment or a name; quoted text has neither."""
_RELATION = re.compile(
    r"""\b(?:from|join)\s+(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[a-z_]\w*))""", re.IGNORECASE
)

Instant = Callable[[Moment, float], float]
TIMES: dict[str, Instant] = {
    "now": lambda moment, _: moment.now,
    "since": lambda moment, window: moment.now - window,
    "launch": lambda moment, _: moment.launch,
    "settled": lambda moment, _: moment.now - GRACE,
    "today": lambda moment, _: moment.now // 86400 * 86400,
}
"""Moments that are bound as UTC timestamps without a zone."""
IDS: dict[str, Instant] = {
    "since_id": lambda moment, window: moment.now - window - OVERLAP,
    "launch_id": lambda moment, _: moment.launch - OVERLAP,
    "settled_id": lambda moment, _: moment.now - GRACE,
}
"""Moments that are bound as ids, of a table that is named before: `:Message.since_id`."""
BINDINGS = (*TIMES, *IDS, "window")
"""What a statement may ask for, by name; `window` in seconds.

The table may be left out where a statement reads from only one.
"""


def timestamp(at: float) -> datetime:
    """UTC without a zone, as the application stores it."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class IdBound:
    """An id that a statement asks for."""

    name: str
    """As it is written: "Message.since_id"."""
    table: str
    instant: str
    """Which of `IDS`: "since_id"."""

    def at(self, moment: Moment, window: float) -> float:
        """The moment it stands for: seconds since the epoch."""
        return IDS[self.instant](moment, window)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with numbered parameters and the names they are bound from."""

    text: str
    names: tuple[str, ...]
    """Each as it is written, in the order of the parameters: "now", "Message.since_id"."""
    ids: tuple[IdBound, ...] = ()
    """Those of the names that are ids."""
    told: str = ""
    """As it was written, with names instead of numbers, and without comments."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose ids bound it."""
        return frozenset(bound.table for bound in self.ids)

    def values(self, moment: Moment, window: float, ids: Mapping[str, object]) -> list[object]:
        """The parameters, in order, for this moment, a window in seconds, and ids by name."""
        return [self._value(name, moment, window, ids) for name in self.names]

    def _value(self, name: str, moment: Moment, window: float, ids: Mapping[str, object]) -> object:
        if name in ids:
            return ids[name]
        return window if name == "window" else timestamp(TIMES[name](moment, window))


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
        if table and bound not in IDS:
            raise ValueError(f":{name} is bound to nothing: only ids belong to a table")
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    body = _trimmed(_PART.sub(number, text))
    ids = tuple(_id_bound(name, body) for name in names if name.rpartition(".")[2] in IDS)
    told = _PART.sub(lambda part: "" if part[0].startswith("--") else part[0], text)
    return Statement(body, tuple(names), ids, _trimmed(told))


def _trimmed(text: str) -> str:
    return text.strip().rstrip(";").rstrip()


def _id_bound(name: str, body: str) -> IdBound:
    table, _, instant = name.rpartition(".")
    if not table:
        found = {m["quoted"] or m["plain"].lower() for m in _RELATION.finditer(body)}
        if len(found) != 1:
            raise ValueError(f":{name} does not say of which table; write :Table.{name}")
        table = found.pop()
    return IdBound(name, table, instant)


def load_statement(name_or_text: str) -> Statement:
    """The statement of a shipped file (`connections.sql`), a file path, or the text itself."""
    if not name_or_text.endswith(".sql"):
        return parse_statement(name_or_text)
    shipped = FOLDER / name_or_text
    path = shipped if shipped.is_file() else Path(name_or_text)
    if not path.is_file():
        raise ValueError(f'no statement file "{name_or_text}"')
    return parse_statement(path.read_text(encoding="utf-8"))
