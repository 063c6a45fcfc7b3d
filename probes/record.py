"""A record: one thing the application said, and how a person may see it."""

import re
from dataclasses import dataclass
from typing import Final

from firstwatch.text import clean
from probes.heads import PRISMA_ERROR, Event

MAX_TEXT: Final = 2048
"""Bytes of a record's text that are kept."""

_PHONE = re.compile(r"(?<![\w.])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()-]{5,20}\d(?!\w)")


def mask(text: str) -> str:
    """The text with every phone number cut down to its last two digits."""
    return _PHONE.sub(_hide, text)


def _hide(match: re.Match[str]) -> str:
    digits = [letter for letter in match[0] if letter.isdigit()]
    return f"…{''.join(digits[-2:])}" if len(digits) >= 7 else match[0]


@dataclass(frozen=True, slots=True)
class Record:
    """One thing the application said."""

    event: Event
    at: float | None
    """When its first line arrived, seconds since the epoch; None for what was written before."""
    raw: bytes
    """Its lines, at most `MAX_TEXT` bytes of them."""
    code: str = ""
    """P2024, ECONNREFUSED, or the status of a request."""
    call: str = ""
    """The Prisma call that failed: message.create."""
    milliseconds: float | None = None
    """How long a request took."""
    message: bytes = b""
    """The first line of what Prisma said of that call."""

    @property
    def head(self) -> str:
        """Its first line, harmless, phone numbers masked; where it breaks off, what failed."""
        first = self.raw.partition(b"\n")[0].strip()
        line = clean(first.decode(errors="replace"))
        if self.by_prisma and line.endswith(("Error:", "prisma:error")):
            line = " ".join(part for part in (line, self.call, self.code) if part)
        return mask(line)

    @property
    def lines(self) -> tuple[str, ...]:
        """All its kept lines, harmless and with phone numbers masked; indentation stays."""
        return tuple(
            " " * (len(line) - len(line.lstrip())) + mask(clean(line))
            for line in self.raw.decode(errors="replace").split("\n")
        )

    @property
    def by_prisma(self) -> bool:
        """Whether it tells of a failed database call."""
        return bool(self.call) or b"Prisma" in self.raw[:200] or self.event is PRISMA_ERROR
