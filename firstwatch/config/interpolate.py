"""`${NAME}` and `${NAME:-fallback}` in the texts of a plan; `$${` stands for the two characters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its references filled in."""

    text: str
    outside: tuple[str, ...]
    """The values that came from the environment."""
    problems: tuple[str, ...]
    unset: tuple[str, ...]
    """The variables that the environment does not have."""


def fill(text: str, environ: Mapping[str, str]) -> Filled:
    """Fill in the references of a text; what cannot be filled in stays as written."""
    outside: list[str] = []
    problems: list[str] = []
    unset: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, fallback = match[1], match[2]
        if match[0] == "$${":
            return "${"
        if name is None:
            problems.append("${ needs a variable's name and a closing }; $${ stands for itself")
            return match[0]
        if found := environ.get(name):
            outside.append(found)
            return found
        if fallback is not None:
            return fallback
        if name not in environ:
            unset.append(name)
            return match[0]
        return ""

    filled = _REFERENCE.sub(value, text)
    once = (tuple(dict.fromkeys(found)) for found in (problems, unset))
    return Filled(filled, tuple(outside), *once)
