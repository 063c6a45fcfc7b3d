"""The handoff as TOML, for the next firstwatch to read."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from math import isfinite
from typing import Any

import tomli_w

from firstwatch.handoff.brief import Handoff

VERSION = 2
"""Of the shape of the document; its first key."""

_TIMES = frozenset(
    {
        *("at", "launch", "start", "end", "since", "until", "due", "late", "closes"),
        *("pending_since", "owned_since", "owned_until", "closed_at", "worst_at", "reason_at"),
    }
)


def to_toml(handoff: Handoff) -> str:
    """The same facts as the Markdown; times as UTC date-times, what is not known left out."""
    return tomli_w.dumps({"version": VERSION, **_table(handoff)})


def _table(fact: Any) -> dict[str, Any]:
    pairs = ((field.name, getattr(fact, field.name)) for field in fields(fact))
    told = {name: _told(name, value) for name, value in pairs}
    return {name: value for name, value in told.items() if value is not None}


def _told(name: str, value: Any) -> Any:
    if is_dataclass(value):
        return _table(value)
    if isinstance(value, tuple):
        return [_told("", part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        if not isfinite(value):
            return None
        return datetime.fromtimestamp(round(value), UTC) if name in _TIMES else round(value, 3)
    return value
