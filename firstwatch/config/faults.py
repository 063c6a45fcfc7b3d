"""What pydantic finds wrong, with the keys as the file has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from firstwatch.config.layers import Key
from firstwatch.config.wording import phrase


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a table, below the key of the table."""

    key: Key
    what: str
    kind: str
    is_choice: bool
    """It is one of several forms a value may take."""

    @property
    def is_unknown_key(self) -> bool:
        """Whether the table does not take this key."""
        return self.kind == "extra_forbidden"

    @property
    def is_missing(self) -> bool:
        """Whether the key should be there and is not."""
        return self.kind == "missing"


def faults_of(error: ValidationError, values: Mapping[str, Any]) -> list[Fault]:
    """The faults, one for each key, in the order of the table."""
    found: dict[Key, list[Fault]] = {}
    for one in error.errors(include_url=False):
        *above, last = one["loc"] or ("",)
        if one["type"] == "missing":
            key = (*_known_steps(above, values), last)
        else:
            key = _known_steps(one["loc"], values)
        is_choice = len(key) < len(one["loc"])
        found.setdefault(key, []).append(Fault(key, phrase(one), one["type"], is_choice))
    return [_joined(faults) for key, faults in found.items() if not _is_explained(key, found)]


def _known_steps(loc: Iterable[str | int], values: Any) -> Key:
    """The steps of a location that the file has too; the others name a form the value may take."""
    kept: list[str | int] = []
    for step in loc:
        is_there = (isinstance(values, Mapping) and step in values) or (
            isinstance(values, list | tuple) and isinstance(step, int) and step < len(values)
        )
        if is_there:
            kept.append(step)
            values = values[step]
    return tuple(kept)


def _is_explained(key: Key, found: Mapping[Key, list[Fault]]) -> bool:
    """Whether the value has the right form after all, and the fault lies deeper."""
    return all(one.is_choice for one in found[key]) and any(
        len(deeper) > len(key) and deeper[: len(key)] == key for deeper in found
    )


def _joined(faults: list[Fault]) -> Fault:
    """Several forms that a value might have had, in one sentence."""
    first = faults[0]
    whats = list(dict.fromkeys(one.what for one in faults))
    if len(whats) == 1 or not all(what.startswith("must be ") for what in whats):
        return next((one for one in faults if one.kind == "value_error"), first)
    forms = " or ".join(what.removeprefix("must be ") for what in whats)
    return Fault(first.key, f"must be {forms}", first.kind, first.is_choice)
