"""One plan file, read into a tree; what is wrong with it is said in one line."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firstwatch.errors import ConfigError, Problem
from firstwatch.text import clean, harmless

_LARGEST = 1_000_000
_LARGEST_NUMBER = 10**15
_DEEPEST = 20
_DEEP = "nests too deeply to be a plan"
_WHERE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_TWICE = re.compile(r"Cannot declare \((.*)\) twice|Duplicate inline table key '(.*)'")
_PLAINLY = {
    "Invalid value": "this is not a value; text needs quotes",
    "Cannot overwrite a value": "this key was already given above",
    "Expected '=' after a key in a key/value pair": "expected = after the key",
    "Expected newline or end of document after a statement": "expected the end of the line",
    "Unterminated string": "a text has no closing quote",
    "Illegal character '\\n'": "a text has no closing quote",
    "Unclosed array": "an array has no closing ]",
    "Invalid statement": "this is neither a key nor a [table]",
}


def read_tree(path: Path, shown: str) -> dict[str, Any]:
    """The tables of a TOML file. Raises ConfigError, naming the file as `shown`."""
    try:
        tree = tomllib.loads(_text(path, shown))
    except tomllib.TOMLDecodeError as error:
        where, what = _mistake(str(error))
        raise ConfigError([Problem(shown, where, what)]) from None
    except RecursionError:
        raise ConfigError([Problem(shown, "", _DEEP)]) from None
    except ValueError:
        raise ConfigError([Problem(shown, "", "has a number that is far too long")]) from None
    if _depth(tree) > _DEEPEST:
        raise ConfigError([Problem(shown, "", _DEEP)])
    if problems := [Problem(shown, ".".join(key), what) for key, what in _absurd(tree)]:
        raise ConfigError(problems)
    return tree


def _absurd(value: Any, key: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """What no plan can mean: a name nobody can read, a text with a NUL, a number beyond measure."""
    match value:
        case dict():
            for name, inner in value.items():
                if name != harmless(name):
                    yield key, f"holds a key with characters that cannot be seen: {clean(name, 40)}"
                else:
                    yield from _absurd(inner, (*key, name))
        case list():
            for inner in value:
                yield from _absurd(inner, key)
        case str() if "\0" in value:
            yield key, "holds a NUL character"
        case int() if abs(value) > _LARGEST_NUMBER:
            yield key, "is a number beyond all measure"


def _depth(value: Any) -> int:
    """How many tables and arrays lie in each other; no deeper than is still a plan."""
    deepest, layer = 0, [value]
    while layer and deepest <= _DEEPEST:
        inner = [v for v in layer if isinstance(v, dict | list)]
        layer = [v for each in inner for v in (each.values() if isinstance(each, dict) else each)]
        deepest += bool(inner)
    return deepest


def _text(path: Path, shown: str) -> str:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ConfigError([Problem(shown, "", "is not a plain file")])
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigError([Problem(shown, "", "is larger than 1 MB, so not a plan")])
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = f"is not UTF-8 text (line {line})"
    except OSError as error:
        what = why_unreadable(error)
    except ValueError:
        what = "is not a usable path"
    raise ConfigError([Problem(shown, "", what)]) from None


def why_unreadable(error: OSError) -> str:
    """Why a file could not be read, as a phrase that follows its name."""
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "is a folder, not a file"
        case PermissionError():
            return "may not be read by this user"
        case _:
            return f"cannot be read: {error.strerror or 'unknown reason'}"


def _mistake(message: str) -> tuple[str, str]:
    match = _WHERE.fullmatch(message)
    where, what = ("", message)
    if match:
        what = match[1]
        where = f"line {match[2]}, column {match[3]}" if match[2] else "at the end"
    if twice := _TWICE.fullmatch(what):
        name = ".".join(re.findall(r"'([^']*)'", twice[1])) if twice[1] else twice[2]
        return where, f"{name} is declared twice"
    return where, _PLAINLY.get(what, f"invalid TOML: {what[:1].lower()}{what[1:]}")
