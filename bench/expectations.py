"""What the checks should make of each scenario: `expected.toml`, held against the facts."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from firstwatch.verdict import Level

if TYPE_CHECKING:
    from bench.playing import Noticed, Played

_LISTS = {"may", "blind", "stays"}
TABLE = Path(__file__).with_name("expected.toml")


class Expectation(BaseModel):
    """One scenario's table; ids the plan does not have are passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    why: str = ""
    """What is behind it, for the reader of the matrix."""
    expect: dict[str, Level] = {}
    """Checks that must notice, and at least how badly."""
    may: tuple[str, ...] = ()
    """Checks that hang on the same cause: they may leave green."""
    blind: tuple[str, ...] = ()
    """Sources, or checks, that may say unknown or idle, but raise no alarm."""
    stays: tuple[str, ...] = ()
    """Checks that need not clear: what they count is lost, or stays in their window."""
    hold: str = "12m"
    """How long the trouble lasts."""
    patience: str = "35m"
    """How long after the cure the rest has to clear."""
    before: bool = False
    """It strikes before the watch is opened."""

    @property
    def is_harmless(self) -> bool:
        """Whether nothing may happen, so that it can share a stage."""
        return not (self.expect or self.may or self.blind or self.before)


def load(path: Path = TABLE) -> dict[str, Expectation]:
    """Every scenario's expectations, in the order of the file.

    Raises ValidationError, and KeyError for a group there is not.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    groups = document.pop("groups", {})
    for table in document.values():
        for key in _LISTS & table.keys():
            table[key] = list(_ungrouped(table[key], groups))
    return {name: Expectation.model_validate(table) for name, table in document.items()}


def _ungrouped(items: Iterable[str], groups: Mapping[str, list[str]]) -> Iterator[str]:
    for item in items:
        yield from groups[item[1:]] if item.startswith("@") else [item]


def violations(wanted: Expectation, played: "Played") -> list[str]:
    """What was not as it should be, a sentence each."""
    found = [f"before the strike: {wrong}" for wrong in played.early]
    for check, level in wanted.expect.items():
        if check in played.sources or check.startswith("source:"):
            found += _missing(check, level, played.noticed)
    for entry in played.noticed.values():
        found += _unasked(entry, wanted, played.sources)
        if _still(entry) and entry.subject not in wanted.stays:
            found.append(f"{entry.subject} is still {entry.level}: {entry.reasons[entry.level]}")
    return found


def _missing(check: str, level: Level, noticed: "Mapping[str, Noticed]") -> list[str]:
    entry = noticed.get(check)
    if entry is None:
        return [f"{check} should be {level}, and noticed nothing"]
    if entry.reached(level):
        return []
    reached = ", ".join(f"{one}: {why}" for one, why in entry.reasons.items())
    return [f"{check} should be {level}, and was only {reached}"]


def _unasked(entry: "Noticed", wanted: Expectation, sources: Mapping[str, str]) -> list[str]:
    """The levels a check has reached and had no reason to."""
    if entry.subject in wanted.expect or entry.subject in wanted.may:
        return []
    subject = entry.subject.removeprefix("source:")
    silent = subject in wanted.blind or sources.get(subject, "") in wanted.blind
    excused = {Level.OFF_TARGET} | ({Level.UNKNOWN, Level.IDLE} if silent else set())
    return [
        f"{entry.subject} has nothing to do with it, and was {level}: {why}"
        for level, why in entry.reasons.items()
        if level not in excused
    ]


def _still(entry: "Noticed") -> bool:
    return entry.level in (Level.UNKNOWN, Level.WARNING, Level.CRITICAL, Level.IDLE)
