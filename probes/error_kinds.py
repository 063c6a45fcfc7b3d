"""Kinds of error: what is left of an error record without the parts that differ each time.

Two errors are of one kind when their first lines say the same but for numbers, ids, paths,
quoted words and phones. What the log held when following began, and what came before the
launch, is known; every other kind is new.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from probes.record import Record
from probes.tallies import Key

MOST: Final = 500
"""Kinds told apart; all others are one more kind together."""
LENGTH: Final = 120
"""Letters of a kind's text."""
REST: Final = f"others, beyond {MOST} kinds"

_QUOTED = re.compile(
    r"(?<!\w)(?<!reading )(?<!setting )(?:\"[^\"]*\"|'[^']*'(?!\w)|`[^`]*`|“[^”]*”)"
)
"""What is quoted, but not the name of the property that an undefined value was asked for."""
_PLACE = re.compile(r"\b\w+://\S+|(?<![\w.])/[\w.@\[\]/-]+|[\w.+-]+@[\w.-]+")
"""Addresses, paths, and what stands before and behind an @."""
_NUMBER = re.compile(
    r"(?P<kept>(?:: |\bstatus(?: code)?[ :=]+|\bHTTP )[45]\d\d\b(?! ?m?s\b)|\bP\d{4}\b|\bv0\b)"
    r"|\b(?:[0-9a-f]{2,}-){2,}[0-9a-f]{2,}\b|…\d\d|\b\w*\d\w*|\b[a-z0-9]{24,}\b"
)
"""Numbers and ids; a status and a code of Prisma's tell kinds apart and stay."""
_NUMBERS = re.compile(r"#(?:[.,:/x-]+#)+")


def template(record: Record) -> str:
    """What kind of error it is, in words."""
    text = _PLACE.sub("…", _QUOTED.sub("‘…’", record.head))
    text = _NUMBERS.sub("#", _NUMBER.sub(lambda match: match["kept"] or "#", text))
    return text[:LENGTH].strip()


@dataclass(slots=True)
class ErrorKind:
    """One kind of error, and when it was seen; times are seconds since the epoch."""

    text: str
    key: Key
    first: float | None
    """None: it was in the log before following began."""
    last: float | None = None
    count: int = 0
    """How often, since following began."""

    @property
    def digest(self) -> str:
        """A short name for it, to be remembered by."""
        return hashlib.blake2s(self.text.encode(), digest_size=4).hexdigest()


class ErrorKinds:
    """Every kind of error that a log has shown, at most `MOST` of them and one for the rest."""

    def __init__(self) -> None:
        self._kinds: dict[str, ErrorKind] = {}

    def add(self, record: Record, at: float | None) -> None:
        """Note one error; `at` is None for one from before following began."""
        text = template(record)
        if text not in self._kinds and len(self._kinds) >= MOST:
            text = REST
        kind = self._kinds.get(text)
        if kind is None:
            key = (record.event.name, record.code)
            kind = self._kinds[text] = ErrorKind(text, key, at)
        if at is not None:
            kind.last = at
            kind.count += 1

    def all(self, wanted: Callable[[Key], bool]) -> Iterator[ErrorKind]:
        """Those wanted, in the order in which they came."""
        return (kind for kind in self._kinds.values() if wanted(kind.key))

    def known(self, launch: float) -> frozenset[str]:
        """The digests of the kinds from before the launch, or from before following began."""
        return frozenset(
            kind.digest
            for kind in self._kinds.values()
            if kind.first is None or kind.first < launch
        )
