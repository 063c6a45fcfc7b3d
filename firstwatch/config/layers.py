"""The user's file laid over the shipped plan, remembering where each key came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[str | int, ...]
"""The way to a value: names of tables, numbers in arrays."""

_SECRET_WAYS = frozenset({"file", "command"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands."""

    file: str
    rank: tuple[int, int]
    """Sorts into the order a person reads: the user's file first, each from its top."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The tree a plan is read from."""

    tree: dict[str, Any]
    places: Mapping[Key, Place]
    shipped: Mapping[str, Any]
    """The shipped plan by itself."""
    shipped_file: str

    @property
    def has_own(self) -> bool:
        """Whether there is a file of the user's."""
        return self.tree is not self.shipped

    def place(self, key: Key) -> Place:
        """Where a key stands, or for one that is missing the table it is missing from."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places[key]

    def is_inherited(self, key: Key) -> bool:
        """Whether there is a file of the user's, and it says nothing of this key."""
        return self.has_own and self.place(key).file == self.shipped_file


def single(tree: dict[str, Any], file: str) -> Layers:
    """The shipped plan alone."""
    return Layers(tree, _places(tree, file, 0), tree, file)


def lay_over(
    shipped: dict[str, Any], shipped_file: str, own: dict[str, Any], own_file: str
) -> Layers:
    """Tables merge by key; arrays, measures and sources of another kind are replaced whole."""
    above, below = _places(own, own_file, 0), _places(shipped, shipped_file, 1)
    places: dict[Key, Place] = {}
    tree = _merge((), shipped, own, (above, below), places)
    return Layers(tree, places, shipped, shipped_file)


def get_at(tree: Any, key: Key) -> Any:
    """The value at a key; None where the tree has none."""
    for step in key:
        if isinstance(tree, dict) and step in tree:
            tree = tree[step]
            continue
        if not isinstance(tree, list) or not isinstance(step, int) or step >= len(tree):
            return None
        tree = tree[step]
    return tree


def walk(value: Any, key: Key = ()) -> Iterator[tuple[Key, Any]]:
    """A value and everything below it, from the top of its file."""
    yield key, value
    if isinstance(value, dict):
        for name, below in value.items():
            yield from walk(below, (*key, name))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from walk(below, (*key, number))


def _places(tree: dict[str, Any], file: str, layer: int) -> dict[Key, Place]:
    return {key: Place(file, (layer, rank)) for rank, (key, _) in enumerate(walk(tree))}


def _merge(
    key: Key,
    below: dict[str, Any],
    above: dict[str, Any],
    both: tuple[Mapping[Key, Place], Mapping[Key, Place]],
    places: dict[Key, Place],
) -> dict[str, Any]:
    places[key] = both[0][key]
    merged = {}
    for name in (*below, *(name for name in above if name not in below)):
        here = (*key, name)
        if name not in above:
            merged[name] = below[name]
            places.update((at, both[1][at]) for at, _ in walk(below[name], here))
        elif name in below and _merges(here, below[name], above[name]):
            merged[name] = _merge(here, below[name], above[name], both, places)
        else:
            merged[name] = above[name]
            places.update((at, both[0][at]) for at, _ in walk(above[name], here))
    return merged


def _merges(key: Key, below: Any, above: Any) -> bool:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return False
    match key:
        case ("checks", _, "measure"):
            return False
        case ("sources", _):
            return bool(above.get("kind", below.get("kind")) == below.get("kind"))
        case ("sources", *_):
            return not (_SECRET_WAYS & above.keys() or _SECRET_WAYS & below.keys())
        case _:
            return True
