"""What is wrong, in words for people: nearest names, and the faults pydantic finds."""

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

_NEAR = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely stands for."""
    ranked = sorted(((_likeness(name, other), other) for other in known), reverse=True)
    return ranked[0][1] if ranked and ranked[0][0] >= _NEAR else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """The half sentence that names the nearest valid name, or all of a few; begins with a stop."""
    names = list(known)
    if (near := nearest(name, names)) is not None:
        return f'; did you mean "{near}"?'
    if not names:
        return "; there are none"
    return f" (known: {', '.join(names)})" if len(names) <= 12 else ""


def _likeness(name: str, other: str) -> float:
    one, two = (text.lower().replace("-", "_") for text in (name, other))
    slips = sum(a != b for a, b in zip(one, two, strict=False))
    swapped = 0.3 if sorted(one) == sorted(two) and slips <= 2 else 0.0
    return SequenceMatcher(None, one, two).ratio() + swapped


def dotted(key: Iterable[str | int], names: Mapping[int, str]) -> str:
    """A key as people write it; `names` has the name of the n-th step where it is in an array."""
    parts: list[str] = []
    for depth, step in enumerate(key):
        if isinstance(step, int):
            parts.append(f"[{names.get(depth) or f'#{step + 1}'}]")
            continue
        plain = re.fullmatch(r"[A-Za-z0-9_-]+", step) is not None
        parts.append(("." if parts else "") + (step if plain else f'"{_visible(step)}"'))
    return "".join(parts)


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


def quoted(value: Any) -> str:
    """A value as it may stand in a line: one line, printable, not too long."""
    text = _visible(value if isinstance(value, str) else str(value))
    return f'"{text if len(text) <= 60 else text[:57] + "…"}"'


_TEXT, _WHOLE, _NUMBER = "must be text in quotes", "must be a whole number", "must be a number"
_BOOL, _ARRAY, _TABLE = "must be true or false", "must be an array: [ … ]", "must be a table"
_PHRASES = {
    "missing": "is missing",
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "is too large a number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _BOOL,
    "bool_parsing": _BOOL,
    "list_type": _ARRAY,
    "tuple_type": _ARRAY,
    "set_type": _ARRAY,
    "frozen_set_type": _ARRAY,
    "dict_type": _TABLE,
    "mapping_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "dataclass_type": _TABLE,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "too_short": "needs at least {min_length}",
    "too_long": "takes at most {max_length}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must look like {pattern}",
    "value_error": "{error}",
    "assertion_error": "{error}",
}


def phrase(fault: Mapping[str, Any]) -> str:
    """One fault found by pydantic, in plain words."""
    kind, facts = fault["type"], fault.get("ctx", {})
    if kind in ("enum", "literal_error"):
        choices = re.findall(r"'([^']*)'", str(facts["expected"])) or [str(facts["expected"])]
        given = fault["input"]
        if not isinstance(given, str):
            return f"must be one of {', '.join(choices)}"
        return f"{quoted(given)} is not one of {', '.join(choices)}{_near_choice(given, choices)}"
    if kind in _PHRASES:
        facts = {name: f"{n:g}" if isinstance(n, float) else n for name, n in facts.items()}
        return one_line(_PHRASES[kind].format_map({**facts, "error": facts.get("error", "")}))
    return one_line(str(fault["msg"]).replace("Input should", "must"))


def _near_choice(given: str, choices: list[str]) -> str:
    near = nearest(given, choices)
    return "" if near is None else f'; did you mean "{near}"?'


def one_line(text: str) -> str:
    """Words from anywhere as one printable line."""
    return _visible(" ".join(text.split())) or "does not fit here"
