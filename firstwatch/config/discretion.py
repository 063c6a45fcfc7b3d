"""Values from outside the files may be secrets: no piece of one gets into a problem's text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PIECE = 4
_VARIABLE = re.compile(r"\$\{(\w+)[^}]*\}")


@dataclass(frozen=True, slots=True)
class Outside:
    """A text that was filled in from outside the files."""

    written: str
    """As it stands in the file."""
    text: str
    """As it was filled in."""
    values: tuple[str, ...]
    """The parts of it that came from outside."""

    @property
    def origin(self) -> str:
        """The variables it took, or the way to the secret."""
        return ", ".join(dict.fromkeys(_VARIABLE.findall(self.written))) or self.written


def discreet(what: str, outside: Iterable[Outside], harmless: str) -> str:
    """The words of a problem without what came from outside.

    `harmless` is what the same fault says when the file's own text stands in for the value.
    """
    texts = sorted(outside, key=lambda one: len(one.text), reverse=True)
    if what in harmless.splitlines():
        return what
    for one in texts:
        what = what.replace(f'"{one.text}"', f'"{one.written}"')
        if len(one.text) >= _PIECE:
            what = what.replace(one.text, one.written)
    if any(_shows(what, value, harmless) for one in texts for value in one.values):
        return f"the value of {_listed([one.origin for one in texts])} does not fit here"
    return what


def _shows(what: str, value: str, harmless: str) -> bool:
    size = min(_PIECE, len(value))
    pieces = (value[at : at + size] for at in range(len(value) - size + 1)) if size else ()
    return any(piece in what and piece not in harmless for piece in pieces)


def _listed(origins: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(origins))


def with_origin(what: str, outside: Iterable[Outside]) -> str:
    """The words of a problem with where the value came from, unless they say so already."""
    origins = [one.origin for one in outside]
    if not origins or any(origin in what for origin in origins):
        return what
    return f"{what} (from {_listed(origins)})"
