"""The sources of a plan: each with the settings of its kind, secrets fetched."""

from typing import Any

from firstwatch.config import secret
from firstwatch.config.draft import Draft
from firstwatch.config.layers import Key, get_at, walk
from firstwatch.config.secret import Withheld
from firstwatch.config.shape import names, takes_secret
from firstwatch.config.wording import quoted
from firstwatch.plan import SourceSettings
from firstwatch.probe import Kind, Kinds, Section

_UNREAD = "(not read)"


def read_sources(draft: Draft, kinds: Kinds, *, run_commands: bool) -> dict[str, SourceSettings]:
    """Every source that could be read; the others are noted and spoilt."""
    sources = draft.get("sources")
    if not isinstance(sources, dict):
        draft.refuse_table(("sources",), sources)
        return {}
    read = {}
    for name in sources:
        key = ("sources", name)
        kind = _kind(draft, key, kinds)
        if kind is None:
            draft.spoil(key)
            continue
        settings = _settings(draft, key, kind, run_commands=run_commands)
        read[name] = SourceSettings(kind=kind.name, settings=settings)
        _point_out_strays(draft, name, kind)
    return read


def _kind(draft: Draft, key: Key, kinds: Kinds) -> Kind | None:
    table, kind_key = draft.get(*key), (*key, "kind")
    if not isinstance(table, dict):
        draft.problem(key, f'must be a table: [{draft.dotted(key)}] with kind = "…"')
        return None
    kind = table.get("kind")
    if kind is None:
        shipped = draft.layers.shipped.get("sources", {})
        others = [name for name in shipped if name != key[1]]
        near = draft.suggest(str(key[1]), others) if key[1] not in shipped else ""
        draft.note_strays(key, ("kind", *_all_settings(kinds)))
        draft.problem(kind_key, f"is missing{near}", is_absence=True)
    elif not isinstance(kind, str):
        draft.problem(kind_key, "must be text in quotes")
    elif kind not in kinds:
        what = f"unknown kind {draft.shown(kind_key)}"
        draft.problem(kind_key, what + draft.suggestion(kind_key, kinds))
    else:
        return kinds[kind]
    return None


def _all_settings(kinds: Kinds) -> list[str]:
    return list(dict.fromkeys(name for kind in kinds.values() for name in names(kind.settings)))


def _settings(draft: Draft, key: Key, kind: Kind, *, run_commands: bool) -> Section:
    table = {name: value for name, value in draft.get(*key).items() if name != "kind"}
    for at, value in list(walk(table)):
        if isinstance(value, dict) and at and takes_secret(kind.settings, at):
            _fetch(draft, (*key, *at), value, run_commands=run_commands)
    table = {name: value for name, value in draft.get(*key).items() if name != "kind"}
    settings = draft.read(kind.settings, key, table, known=("kind", *names(kind.settings)))
    # A secret that was not read may not fit; that is nobody's mistake.
    return settings or kind.settings.model_construct(**table)


def _fetch(draft: Draft, key: Key, ways: dict[str, Any], *, run_commands: bool) -> None:
    """Put a secret in the place of the table that says where it is kept."""
    match ways:
        case {"file": str(path), **others} if not others:
            way, shown = "file", quoted(draft.written((*key, "file")))
        case {"command": [str(), *_] as argv, **others} if not others and all(
            isinstance(word, str) for word in argv
        ):
            way, shown = "command", quoted(draft.written((*key, "command", 0)))
        case _:
            draft.problem(key, 'must be text, { file = "…" } or { command = ["…", "…"] }')
            draft.replace(key, _UNREAD)
            return
    if draft.has_spoilt_below(key):
        draft.replace(key, _UNREAD)
        return
    try:
        if way == "file" and not run_commands:
            secret.check_file(path)
        if not run_commands:
            draft.replace(key, _UNREAD)
        elif way == "file":
            draft.put(key, secret.from_file(path), f'{{ file = "{shown[1:-1]}" }}')
        else:
            told = secret.from_command(argv, draft.environ)
            draft.put(key, told, f'{{ command = ["{shown[1:-1]}", …] }}')
    except Withheld as reason:
        draft.problem((*key, way), f"{reason}: {shown}")
        draft.replace(key, _UNREAD)


def _point_out_strays(draft: Draft, name: str, kind: Kind) -> None:
    """A source that changed its kind leaves measures behind that were written for the old one."""
    shipped = draft.layers.shipped
    before = get_at(shipped, ("sources", name, "kind"))
    if before is None or before == kind.name:
        return
    stale = [
        id_
        for id_ in shipped.get("checks", {})
        if draft.get("checks", id_, "source") == name
        and draft.layers.is_inherited(("checks", id_, "measure"))
        and get_at(shipped, ("checks", id_, "source")) == name
    ]
    for id_ in stale:
        draft.spoil(("checks", id_, "measure"))
    if stale:
        who = ", ".join(stale[:5]) + (f" and {len(stale) - 5} more" if len(stale) > 5 else "")
        draft.problem(
            ("sources", name, "kind"),
            f"is now {kind.name}, but the shipped measures are for {before}; "
            f"give each its own measure, or enabled = false: {who}",
        )
