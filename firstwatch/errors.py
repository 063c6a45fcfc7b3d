"""Everything that firstwatch raises on purpose.

FirstwatchError
├── ConfigError            the plan cannot be used; carries every problem found
├── JournalError           the journal cannot be opened or written
│   └── JournalHeld        another firstwatch writes it
├── Refused                what a person wants to sign is not so, or not possible now
└── ProbeError             one reading could not be taken; the reason is for people
    ├── Unreachable        the whole source is out of reach: all its checks are blocked
    ├── NotConfigured      the plan names a source that was given no address
    ├── NoAnswer           asked, and nothing came within the deadline
    ├── Denied             the source answers, but not to us
    ├── Missing            a table, column, file, path or program is not there
    └── BadAnswer          an answer came that is not what the check asked for
"""

from collections.abc import Sequence
from dataclasses import dataclass


class FirstwatchError(Exception):
    """The root of the tree."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file of the user's, as one line."""

    file: str
    key: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.what) if part)


class ConfigError(FirstwatchError):
    """The plan cannot be used; `problems` holds every reason, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class JournalError(FirstwatchError):
    """The journal cannot be opened or written; the message names file and remedy."""


class JournalHeld(JournalError):
    """Another firstwatch writes the journal; the message names its process."""


class Refused(FirstwatchError):
    """What a person wants to sign is not so, or not possible now; the message says why."""


class ProbeError(FirstwatchError):
    """One reading could not be taken; `reason` is a short phrase a tired person can act on."""

    blocks_source = False
    """True when no other check of the same source could be measured either."""
    is_fact = True
    """False when it may be bad luck (a late answer): the last good reading stands until stale."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(ProbeError):
    """The whole source is out of reach."""

    blocks_source = True


class NotConfigured(ProbeError):
    """The source was given no address."""

    blocks_source = True


class NoAnswer(ProbeError):
    """Nothing came within the deadline."""

    is_fact = False


class Denied(ProbeError):
    """The source answers, but refuses us this; the reason names the right to grant."""


class Missing(ProbeError):
    """Something the check needs is not there; the reason names it."""


class BadAnswer(ProbeError):
    """The answer is not what the check asked for."""
