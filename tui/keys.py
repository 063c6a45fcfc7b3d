"""The keys of the board: which there are, what a plan may call them, and what may go wrong."""

import importlib
import pkgutil
import string
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key
from textual.screen import Screen

from firstwatch.config.wording import suggestion
from tui import screens
from tui.screens.watch import WatchScreen

BOARD = "the board"
"""What the keys that work with nothing open over the board are called together."""
SIGNS = frozenset(_character_to_key(sign) for sign in string.punctuation)
NAMED = frozenset(key.value for key in Keys) | SIGNS
"""What keys of more than one letter are called."""


@cache
def scopes() -> Mapping[str, tuple[Binding, ...]]:
    """The bindings that work at the same time, by where they work: the board, or a screen."""
    from tui.app import Board

    for module in pkgutil.iter_modules(screens.__path__):
        _ = importlib.import_module(f"{screens.__name__}.{module.name}")
    found = {BOARD: (*_bindings(Board), *_bindings(WatchScreen))}
    for screen in sorted(_subclasses(Screen), key=lambda cls: cls.__name__):
        if screen.__module__.startswith(screens.__name__) and not issubclass(screen, WatchScreen):
            found[screen.__name__] = tuple(_bindings(screen))
    return found


def _subclasses(cls: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _subclasses(inner)


def _bindings(cls: type[DOMNode]) -> list[Binding]:
    """The bindings of a class and of those of ours that it is made from."""
    found: dict[str, Binding] = {}
    for base in cls.__mro__:
        if base.__module__.startswith("tui."):
            for binding in base.__dict__.get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id:
                    found.setdefault(binding.id, binding)
    return list(found.values())


def defaults() -> dict[str, str]:
    """The keys of every action as they are unless a plan says otherwise, by its id."""
    return {b.id: b.key for bindings in scopes().values() for b in bindings if b.id}


def faults(keys: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the keys of a plan, by action: unknown, no key, or taken."""
    known = defaults()
    found = {id_: f"unknown action{suggestion(id_, known)}" for id_ in keys if id_ not in known}
    for id_, wanted in keys.items():
        if bad := next((key for key in split(wanted) if not is_key(key)), None):
            found.setdefault(id_, f'"{bad}" is no key; write one like "w", "ctrl+w" or "f5"')
        elif not split(wanted):
            found.setdefault(id_, 'is empty; write a key like "w", "ctrl+w" or "f5"')
    for place, bindings in scopes().items():
        for id_, other, key in _clashes(bindings, keys):
            found.setdefault(id_, f'"{key}" is also the key of "{other}" on {place}')
    return found


def _clashes(
    bindings: Iterable[Binding], keys: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """An action that a plan gives a key, the other one that has it, and the key."""
    taken: dict[str, str] = {}
    ours = sorted(bindings, key=lambda binding: binding.id in keys)
    for binding in ours:
        id_ = binding.id or ""
        for key in split(keys.get(id_, binding.key)):
            other = taken.setdefault(key, id_)
            if other != id_ and id_ in keys:
                yield id_, other, key


def split(keys: str) -> list[str]:
    """Keys as a plan writes them, one by one, as Textual calls them."""
    parts = [part.strip() for part in keys.split(",")]
    return [_character_to_key(part) if len(part) == 1 else part for part in parts if part]


def is_key(key: str) -> bool:
    """Whether there is such a key: a character, a named one, or one with ctrl, alt or shift."""
    *modifiers, name = key.split("+")
    return set(modifiers) <= {"ctrl", "alt", "shift"} and (len(name) == 1 or name in NAMED)
