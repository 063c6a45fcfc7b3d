#!/usr/bin/env python3
"""Writes docs/reference.md: every key of a plan and of every kind of probe.

What stands there is what stands in the code: the string beneath each field of the models that
read the plan. Run it after changing one: `.venv/bin/python docs/reference.py`.
"""

import ast
import inspect
import types
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from firstwatch.plan import (
    Alert,
    Bands,
    Calls,
    Check,
    Command,
    Contact,
    Escalation,
    KofN,
    Phase,
    Report,
    Rollback,
    Share,
    SourceSettings,
    Step,
    Tail,
    Verify,
    WatchSettings,
)
from firstwatch.probe import Duration
from firstwatch.units import DURATIONS, UNITS
from probes.heads import EVENTS, Class
from probes.kinds import KINDS
from probes.statements import BINDINGS

Model = type[BaseModel]

HEAD = """\
# Every key

Made from the code by `docs/reference.py`; a test compares the two.
How a plan is found, laid over the default and checked is in [the manual](manual.md#the-plan).

A *duration* is text with its unit, such as `"500ms"`, `"30s"`, `"5m"` or `"1h30m"`
(units: {durations}).
A *secret* is text, `{{ file = "…" }}` or `{{ command = ["…", "…"] }}`.
A key without a default must be given.
"""
TABLES: tuple[tuple[str, Model], ...] = (
    ("[watch]", WatchSettings),
    ("[sources.NAME]", SourceSettings),
    ("[[phases]]", Phase),
    ("[alerts.NAME]", Alert),
    ("[checks.ID]", Check),
    ("[[checks.ID.commands]]", Command),
    ("[[tails]]", Tail),
    ("[[contacts]]", Contact),
    ("[report]", Report),
    ("[rollback]", Rollback),
    ("[[rollback.steps]]", Step),
    ("[escalation]", Escalation),
)
WORDS: tuple[tuple[object, str], ...] = (
    (Duration, "duration"),
    (Calls, 'true, false, or a list of `"rounds"` and `"critical"`'),
    (KofN, 'text like `"2 of 3"`'),
    (Share, 'text like `"95%"`'),
    (Verify, 'text like `"live-webhooks is 0"`'),
    (SecretStr, "secret"),
    (bool, "true or false"),
    (int, "whole number"),
    (float, "number"),
    (str, "text"),
    (Any, "table"),
)
NOT_WRITTEN = {(Check, "id"), (Check, "bands"), (SourceSettings, "settings")}
PLACES = {
    (Check, "measure"): "table",
    (Bands, "target"): "number, or text with its unit",
    (Bands, "warning"): "number, or text with its unit",
    (Bands, "critical"): "number, or text with its unit",
}


def reference() -> str:
    """The whole document."""
    parts = [HEAD.format(durations=", ".join(f"`{unit}`" for unit in DURATIONS))]
    parts += [_section(f"## `{title}`", model) for title, model in TABLES]
    parts.append(f"Units of a check: {', '.join(f'`{unit}`' for unit in UNITS if unit)}.\n")
    parts += [_kind(name) for name in KINDS]
    return "\n".join(parts)


def _kind(name: str) -> str:
    kind = KINDS[name]
    parts = [f"## Kind `{name}`\n"]
    parts.append(_section(f'### `[sources.NAME]` with `kind = "{name}"`', kind.settings))
    parts.append(_section(f"### `measure` of a check that reads a `{name}` source", kind.measure))
    seen: list[Model] = []
    for model in (kind.settings, kind.measure):
        for nested in _nested(model):
            if nested not in seen:
                seen.append(nested)
                parts.append(_section(f"### A table of `{name}`: {nested.__name__}", nested))
    if name == "postgres":
        parts.append(f"A statement may name {', '.join(f'`:{word}`' for word in BINDINGS)}.\n")
    if name == "log":
        parts.append(f"Classes of records: {', '.join(f'`{word.value}`' for word in Class)}.\n")
        parts.append(f"Events: {', '.join(f'`{event}`' for event in EVENTS)}.\n")
    return "\n".join(parts)


def _section(title: str, model: Model) -> str:
    summary = inspect.cleandoc(model.__doc__ or "").partition("\n\n")[0]
    rows = list(_rows(model))
    lines = [title, "", summary, ""]
    if rows:
        lines += ["| key | takes | default | meaning |", "| --- | --- | --- | --- |", *rows, ""]
    return "\n".join(lines)


def _rows(model: Model) -> Iterator[str]:
    meanings, hints = meanings_of(model), get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        if (model, name) == (Check, "bands"):
            yield from _rows(Bands)
        if (model, name) in NOT_WRITTEN:
            continue
        takes = PLACES.get((model, name)) or _takes(hints[name])
        meaning = meanings.get(name, "").replace("|", "\\|")
        yield f"| `{field.alias or name}` | {takes} | {_default(field, hints[name])} | {meaning} |"


def meanings_of(model: Model) -> dict[str, str]:
    """The string beneath each field of a model, by the name of the field."""
    body = ast.parse(dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class
    found = {}
    for statement, below in zip(body.body, body.body[1:], strict=False):
        match statement, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    return found


def _takes(hint: Any) -> str:
    """What may be written there, in words."""
    for known, words in WORDS:
        if hint == known:
            return words
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return "table"
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return _choice([member.value for member in hint])
    arguments = [part for part in get_args(hint) if part not in (type(None), ...)]
    origin = get_origin(hint)
    if origin is Literal:
        return _choice(arguments)
    if origin is tuple:
        return f"list of {_takes(arguments[0])}s"
    if origin is dict:
        return f"table of {_takes(arguments[1])}s"
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_takes(part) for part in arguments))
    # Annotated: what it is to pydantic beyond its type is told by its meaning.
    return _takes(arguments[0])


def _choice(values: list[Any]) -> str:
    return ", ".join(f'`"{value}"`' for value in values)


def _default(field: FieldInfo, hint: Any) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if hint == KofN:
        return f'`"{value[0]} of {value[1]}"`'
    if hint == Share:
        return f'`"{value:g}%"`'
    if hint == Duration:
        return f'`"{_duration(value)}"`'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Enum | str) and value:
        return f'`"{value}"`'
    if isinstance(value, int | float):
        return f"`{value:g}`"
    if isinstance(value, tuple) and value and isinstance(value[0], int):
        return f"`{list(value)}`"
    return ""


def _duration(seconds: float) -> str:
    for unit in ("h", "m"):
        if seconds >= DURATIONS[unit] and seconds % DURATIONS[unit] == 0:
            return f"{seconds / DURATIONS[unit]:g}{unit}"
    return f"{seconds:g}s"


def _nested(model: Model) -> Iterator[Model]:
    """The tables within the tables of a model, the outer ones first."""
    for hint in get_type_hints(model, include_extras=True).values():
        for found in _models_in(hint):
            yield found
            yield from _nested(found)


def _models_in(hint: Any) -> Iterator[Model]:
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        yield hint
    for part in get_args(hint):
        yield from _models_in(part)


if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(reference(), encoding="utf-8")
