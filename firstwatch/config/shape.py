"""What a model lets stand where: the names a table knows and the places for secrets."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr

from firstwatch.config.layers import Key


def names(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys its table takes."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def names_at(model: type[BaseModel], key: Key) -> tuple[str, ...]:
    """The keys a table somewhere below takes."""
    found: dict[str, None] = {}
    for leaf in _leaves_at(model, key):
        if _is_model(leaf):
            found.update(dict.fromkeys(names(leaf)))
    return tuple(found)


def takes_secret(model: type[BaseModel], key: Key) -> bool:
    """Whether a secret belongs at this key."""
    return any(leaf is SecretStr for leaf in _leaves_at(model, key))


def _leaves_at(annotation: Any, key: Key) -> Iterator[Any]:
    """What may stand at a key; looks into optional, annotated, array and table types."""
    if not key:
        if _is_model(annotation) or not get_args(annotation) or _holds_others(annotation):
            yield annotation
        else:
            for inner in get_args(annotation):
                yield from _leaves_at(inner, ())
        return
    step, rest = key[0], key[1:]
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if step in (name, field.alias):
                yield from _leaves_at(field.annotation, rest)
        return
    for inner in get_args(annotation):
        yield from _leaves_at(inner, rest if _holds_others(annotation) else key)


def _holds_others(annotation: Any) -> bool:
    return get_origin(annotation) in (list, tuple, dict)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
