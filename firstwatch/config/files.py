"""One plan file, read into a tree; what is wrong with it is said in one line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from firstwatch.errors import ConfigError, Problem

_LARGEST = 1_000_000
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
        return tomllib.loads(_text(path, shown))
    except tomllib.TOMLDecodeError as error:
        where, what = _mistake(str(error))
        raise ConfigError([Problem(shown, where, what)]) from None
    except RecursionError:
        raise ConfigError([Problem(shown, "", "nests too deeply to be a plan")]) from None


def _text(path: Path, shown: str) -> str:
    try:
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
