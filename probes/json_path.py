"""Paths into JSON answers, written like `data.items[0].count`."""

import json
import math
import re

from firstwatch.errors import BadAnswer

_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]+)"\]')

Path = tuple[str | int, ...]


def parse_path(text: str) -> Path:
    """The steps of a path; a key with dots is written `["a.b"]`. Raises ValueError."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if not match:
            raise ValueError(f'"{text}" is not a path; write it like "data.items[0].count"')
        key, index, quoted = match.groups()
        steps.append(int(index) if index else key or quoted)
        position = match.end()
    if not steps:
        raise ValueError('the path is empty; write it like "data.items[0].count"')
    return tuple(steps)


def checked_path(text: str) -> str:
    """The path itself, if it is one. Raises ValueError with the remedy."""
    parse_path(text)
    return text


def parse_json(body: bytes | bytearray) -> object:
    """The document in a body. Raises BadAnswer when it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer("not JSON" if body.strip() else "empty, where JSON was expected") from None


def pick(document: object, path: str) -> object:
    """What stands at the path. Raises BadAnswer naming the first step that leads nowhere."""
    for step in parse_path(path):
        try:
            document = _below(document, step)
        except (KeyError, IndexError):
            raise BadAnswer(f"no {_shown(step)} on the way to {path}") from None
    return document


def number_at(document: object, path: str) -> float:
    """The finite number at the path, written as a number or as text. Raises BadAnswer."""
    found = pick(document, path)
    if isinstance(found, int | float | str) and not isinstance(found, bool):
        try:
            number = float(found)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    raise BadAnswer(f"{path} is not a number")


def _below(document: object, step: str | int) -> object:
    if isinstance(document, dict) and isinstance(step, str):
        return document[step]
    if isinstance(document, list) and isinstance(step, int):
        return document[step]
    raise KeyError(step)


def _shown(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f'"{step}"'
