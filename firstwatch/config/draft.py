"""A plan while it is being read: its tree, filled in, and every problem found so far."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from firstwatch.config import shape
from firstwatch.config.discretion import Outside, discreet, with_origin
from firstwatch.config.faults import Fault, faults_of
from firstwatch.config.interpolate import fill
from firstwatch.config.layers import Key, Layers, get_at
from firstwatch.config.wording import dotted, nearest, one_line, quoted, suggestion
from firstwatch.errors import Problem

Model = TypeVar("Model", bound=BaseModel)
_PLACES = frozenset({"kind", "base", "hook", "host", "port", "path", "cwd", "ca", "accounts"})
"""Keys of a source that say where it is; their values are told to people, and no secrets."""

LITERAL: frozenset[Key] = frozenset(
    {
        ("rollback", "steps", "command"),
        ("checks", "ID", "commands", "command"),
        ("contacts", "commands", "command"),
    }
)
"""Where a text is for the shell of a person: nothing is filled in there, so that what it names
is a secret of theirs and not of the screen. Keys without the numbers of their arrays."""


@dataclass(frozen=True, slots=True)
class _Finding:
    key: Key
    what: str
    is_absence: bool = False
    """Something is not there, which a misspelt name nearby would explain."""
    is_stray: bool = False
    """The table does not take this key."""
    is_unset: bool = False
    """A variable of the environment is not set."""
    stands_for: Key | None = None
    """The key that a stray one was meant to be."""


class Draft:
    """The tree of a plan, read piece by piece; problems are gathered, not raised."""

    def __init__(self, layers: Layers, environ: Mapping[str, str]) -> None:
        self.layers = layers
        self.environ = environ
        self.tree: dict[str, Any] = deepcopy(layers.tree)
        self._outside: dict[Key, Outside] = {}
        self._spoilt: set[Key] = set()
        self._findings: list[_Finding] = []

    def get(self, *key: str | int) -> Any:
        """The filled-in value at a key; None where there is none."""
        return get_at(self.tree, key)

    def fill(self, key: Key) -> Any:
        """Fill in the references in every text below a key."""
        parent, name = get_at(self.tree, key[:-1]), key[-1]
        parent[name] = self._filled(parent[name], key)
        return parent[name]

    def put(self, key: Key, text: str, written: str) -> None:
        """Put a value from outside the files in the place of what is written there."""
        get_at(self.tree, key[:-1])[key[-1]] = text
        self._outside[key] = Outside(written, text, (text,))

    def spoil(self, key: Key) -> None:
        """Expect nothing of a key any more: what is wrong with it is said, or cannot be known."""
        self._spoilt.add(key)

    @property
    def count(self) -> int:
        """How many problems were found so far."""
        return len(self._findings)

    def replace(self, key: Key, text: str) -> None:
        """Put a stand-in where a value cannot be had."""
        get_at(self.tree, key[:-1])[key[-1]] = text
        self.spoil(key)

    def has_spoilt_below(self, key: Key) -> bool:
        """Whether something in this table is spoilt."""
        return any(at[: len(key)] == key for at in self._spoilt)

    def is_spoilt(self, key: Key) -> bool:
        """Whether this key or a table it is in is spoilt."""
        return any(key[:length] in self._spoilt for length in range(len(key) + 1))

    def problem(self, key: Key, what: str, *, is_absence: bool = False) -> None:
        """Note what is wrong with a key, without what came from outside the files."""
        outside = [one for at, one in self._outside.items() if _related(at, key)]
        what = discreet(what, outside, "") if outside else what
        self._findings.append(_Finding(key, what, is_absence))

    def refuse_table(self, key: Key, value: Any) -> None:
        """Note a value that should be a table, and expect nothing of it."""
        if value is None:
            self.problem(key, "is missing", is_absence=True)
        else:
            self.problem(key, f"must be a table: [{self.dotted(key)}]")
        self.spoil(key)

    def note_strays(self, table: Key, known: Sequence[str]) -> None:
        """Note the keys of a table that it does not take."""
        for name in self.get(*table):
            if name not in known:
                self.unknown_key((*table, name), known)

    def has_stray_for(self, *keys: Key) -> bool:
        """Whether a misspelt key was probably meant to be one of these."""
        return any(one.stands_for in keys for one in self._findings)

    def written(self, key: Key) -> str:
        """A text as its file has it."""
        return str(get_at(self.layers.tree, key))

    def shown(self, key: Key) -> str:
        """A text as its file has it, in quotes."""
        return quoted(self.written(key))

    def suggest(self, name: str, known: Iterable[str]) -> str:
        """The nearest name if one is near."""
        near = nearest(name, known)
        return "" if near is None else f'; did you mean "{near}"?'

    def suggestion(self, key: Key, known: Iterable[str]) -> str:
        """The nearest valid name for a text, unless it came from outside the files."""
        return "" if key in self._outside else suggestion(str(self.get(*key)), known)

    def mention(self, key: Key, name: str, known: Iterable[str]) -> tuple[str, str]:
        """A name out of the text at a key, in quotes, and the nearest one there is.

        A text from outside the files is shown as it is written, and nothing is near it.
        """
        if key in self._outside:
            return self.shown(key), ""
        return quoted(name), suggestion(name, known)

    def unknown_key(self, key: Key, known: Sequence[str]) -> None:
        """Note a key that its table does not take."""
        near = nearest(str(key[-1]), known)
        stands_for = None if near is None else (*key[:-1], near)
        self.spoil(key)
        what = f"unknown key{suggestion(str(key[-1]), known)}"
        self._findings.append(_Finding(key, what, is_stray=True, stands_for=stands_for))

    def read(
        self,
        model: type[Model],
        key: Key,
        values: Mapping[str, Any],
        known: Sequence[str] | None = None,
    ) -> Model | None:
        """The values of a table as a model, or None with its problems noted.

        `known` names the keys of the table where they are not those of the model.
        """
        try:
            return model.model_validate(values)
        except ValidationError as error:
            faults = faults_of(error, values)
        harmless = self._harmless(model, key, values)
        for fault in faults:
            self._note(fault, model, key, known, harmless)
        return None

    def taken(self) -> tuple[str, ...]:
        """What came from outside the files into settings and measures, places aside."""
        return tuple(
            value
            for at, one in self._outside.items()
            if _is_for_connecting(at)
            if not (at[0] == "sources" and _PLACES.intersection(at))
            for value in one.values
        )

    def problems(self, *, connects: bool = True) -> tuple[Problem, ...]:
        """Everything found, in file order; what a misspelt name explains is left out.

        Without `connects` so is what only a connection would need.
        """
        strays = [one for one in self._findings if one.is_stray]
        return self._lines(
            one
            for one in self._findings
            if not (one.is_absence and any(self._explains(stray, one) for stray in strays))
            if connects or not (one.is_unset and _is_for_connecting(one.key))
        )

    def unset(self) -> tuple[Problem, ...]:
        """The variables that are not set and that only a connection would need."""
        return self._lines(
            one for one in self._findings if one.is_unset and _is_for_connecting(one.key)
        )

    def _lines(self, findings: Iterable[_Finding]) -> tuple[Problem, ...]:
        lines = [
            Problem(self.layers.place(one.key).file, self.dotted(one.key), one_line(one.what))
            for one in sorted(findings, key=lambda one: self.layers.place(one.key).rank)
        ]
        return tuple(dict.fromkeys(lines))

    def _explains(self, stray: _Finding, absence: _Finding) -> bool:
        """Whether what is not there is so because a key was misspelt."""
        if absence.key[: len(stray.key)] == stray.key or absence.key == stray.stands_for:
            return True
        meant = stray.stands_for
        return (
            meant is not None
            and absence.key[: len(meant)] == meant
            and self.layers.is_inherited(absence.key)
        )

    def dotted(self, key: Key) -> str:
        """A key as people write it; tables of an array go by their name."""
        called: dict[int, str] = {}
        for depth, step in enumerate(key):
            table = get_at(self.layers.tree, key[: depth + 1])
            if isinstance(step, int) and isinstance(table, dict):
                name = table.get("name", table.get("title"))
                called[depth] = quoted(name)[1:-1] if isinstance(name, str) else ""
        return dotted(key, called)

    def _filled(self, value: Any, key: Key) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(below, (*key, name)) for name, below in value.items()}
        if isinstance(value, list):
            return [self._filled(below, (*key, number)) for number, below in enumerate(value)]
        if not isinstance(value, str) or "${" not in value or _is_literal(key):
            return value
        filled = fill(value, self.environ)
        if filled.outside:
            self._outside[key] = Outside(value, filled.text, filled.outside)
        for what in filled.problems:
            self._findings.append(_Finding(key, what, is_absence=True))
        for name in filled.unset:
            what = f"environment variable {name} is not set"
            self._findings.append(_Finding(key, what, is_absence=True, is_unset=True))
        if filled.problems or filled.unset:
            self.spoil(key)
        return filled.text

    def _harmless(self, model: type[BaseModel], key: Key, values: Mapping[str, Any]) -> str:
        """What is wrong with the values when the file's own text stands in for the outside."""
        if not any(at[: len(key)] == key for at in self._outside):
            return ""
        stand_in = self._as_written(dict(values), key)
        try:
            model.model_validate(stand_in)
        except ValidationError as error:
            return "\n".join(fault.what for fault in faults_of(error, stand_in))
        return ""

    def _as_written(self, value: Any, key: Key) -> Any:
        if key in self._outside:
            return self._outside[key].written
        if isinstance(value, dict):
            return {name: self._as_written(below, (*key, name)) for name, below in value.items()}
        if isinstance(value, list):
            return [self._as_written(below, (*key, number)) for number, below in enumerate(value)]
        return value

    def _note(
        self,
        fault: Fault,
        model: type[BaseModel],
        table: Key,
        known: Sequence[str] | None,
        harmless: str,
    ) -> None:
        key = (*table, *fault.key)
        if fault.is_unknown_key:
            at_top = len(fault.key) == 1 and known is not None
            names = known if at_top and known else shape.names_at(model, fault.key[:-1])
            self.unknown_key(key, names)
            return
        if self.is_spoilt(key) or self.has_spoilt_below(key):
            return
        outside = [one for at, one in self._outside.items() if at[: len(table)] == table]
        what = discreet(fault.what, outside, harmless) if outside else fault.what
        what = with_origin(what, [one for at, one in self._outside.items() if _related(at, key)])
        if shape.takes_secret(model, fault.key) and "text in quotes" in what:
            what += ', { file = "…" } or { command = […] }'
        self._findings.append(_Finding(key, what, fault.is_missing))


def _is_for_connecting(key: Key) -> bool:
    """Whether a key is only for what connects to something: a probe, or a courier."""
    return key[0] in ("sources", "escalation") or (key[0] == "checks" and "measure" in key)


def _is_literal(key: Key) -> bool:
    names = tuple(step for step in key if not isinstance(step, int))
    if len(names) > 2 and names[0] == "checks":
        names = ("checks", "ID", *names[2:])
    return names in LITERAL


def _related(one: Key, other: Key) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]
