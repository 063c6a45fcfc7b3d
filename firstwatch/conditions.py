"""Conditions: what a measured check must say for a step of the rollback to be verified."""

import re
from dataclasses import dataclass
from typing import Self

from firstwatch.units import format_number

_FORMS = '"live-webhooks is 0", "live-webhooks is at least 1" or "webhook-config is ok"'
_PHRASE = re.compile(r"(.+?)\s+is\s+(?:(ok)|(at\s+least\s+)?(-?\d{1,15}(?:\.\d{1,6})?))")


@dataclass(frozen=True, slots=True)
class Condition:
    """One phrase on one check, as a plan writes it."""

    check: str
    """The id of a measured check."""
    number: float | None = None
    """What its value must be, in its unit; None where its verdict must be ok."""
    at_least: bool = False
    """More than `number` will do."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The condition in a phrase. Raises ValueError with the forms there are."""
        found = _PHRASE.fullmatch(text.strip())
        if not found:
            raise ValueError(f'must be like {_FORMS}: a check, "is", and what it must say')
        check, ok, least, number = found.groups()
        return cls(check) if ok else cls(check, float(number), at_least=bool(least))

    def holds(self, value: float) -> bool:
        """Whether a value is what it must be; a condition on the verdict holds of no value."""
        if self.number is None:
            return False
        return value >= self.number if self.at_least else value == self.number

    def __str__(self) -> str:
        """The phrase."""
        return self.told(self.check)

    def told(self, title: str) -> str:
        """The phrase with what the board calls the check."""
        if self.number is None:
            return f"{title} is ok"
        least = "at least " if self.at_least else ""
        return f"{title} is {least}{format_number(self.number)}"
