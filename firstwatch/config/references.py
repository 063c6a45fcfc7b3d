"""What is left of a plan around its checks: phases, tails, contacts, rollback, the watch itself."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from firstwatch.config.draft import Draft
from firstwatch.config.layers import Key, get_at
from firstwatch.plan import (
    Contact,
    Escalation,
    Phase,
    Report,
    Rollback,
    SourceSettings,
    Tail,
    WatchSettings,
)
from firstwatch.probe import Section

Row = TypeVar("Row", bound=Section)
Keys = dict[str, str]
"""Keys of the board, by the id of the action."""
Mentioning = TypeVar("Mentioning", Phase, Contact, Tail)


def read_phases(draft: Draft, left_out: frozenset[str]) -> tuple[Phase, ...]:
    """The phases, without the checks that were left out."""
    if draft.get("phases") in (None, []) and not draft.is_spoilt(("phases",)):
        draft.problem(("phases",), "is empty; a plan needs at least one [[phases]]")
    seen: set[str] = set()
    for number, table in enumerate(_tables(draft, "phases")):
        key, name = ("phases", number), table.get("name")
        if isinstance(name, str) and name in seen:
            draft.problem((*key, "name"), "another phase has this name")
        elif isinstance(name, str):
            seen.add(name)
        if table.get("checks") == []:
            draft.problem((*key, "checks"), "is empty; name the checks its rounds ask for")
        _check_mentions(draft, key, table, left_out)
    rows = _rows(draft, Phase, "phases")
    return tuple(_without(row, left_out) for row in rows.values())


def read_contacts(draft: Draft, left_out: frozenset[str]) -> tuple[Contact, ...]:
    """The contacts, without the checks that were left out."""
    for number, table in enumerate(_tables(draft, "contacts")):
        _check_mentions(draft, ("contacts", number), table, left_out)
    rows = _rows(draft, Contact, "contacts")
    return tuple(_without(row, left_out) for row in rows.values())


def read_tails(
    draft: Draft, sources: Mapping[str, SourceSettings], left_out: frozenset[str]
) -> tuple[Tail, ...]:
    """The log tails, without the checks that were left out; each must read a log."""
    for number, table in enumerate(_tables(draft, "tails")):
        _check_mentions(draft, ("tails", number), table, left_out)
    rows = _rows(draft, Tail, "tails")
    for number, tail in rows.items():
        key = ("tails", number, "source")
        if draft.is_spoilt(("sources", tail.source)) or draft.is_spoilt(key):
            continue
        if tail.source not in sources:
            known = get_at(draft.layers.tree, ("sources",)) or {}
            draft.problem(key, f"unknown source {draft.shown(key)}{draft.suggestion(key, known)}")
        elif (kind := sources[tail.source].kind) != "log":
            draft.problem(key, f"{draft.shown(key)} is of kind {kind}; a tail needs a log")
    return tuple(_without(row, left_out) for row in rows.values())


def read_report(draft: Draft, left_out: frozenset[str]) -> Report:
    """What the final report decides by, without the checks that were left out."""
    report = _read_table(draft, "report", Report)
    for number, id_ in enumerate(report.losses):
        _check_mention(draft, ("report", "losses", number), id_, left_out)
    kept = tuple(id_ for id_ in report.losses if id_ not in left_out)
    return report.model_copy(update={"losses": kept})


def read_rollback(draft: Draft, left_out: frozenset[str]) -> Rollback:
    """The rollback plan, without the checks that were left out."""
    rollback = _read_table(draft, "rollback", Rollback)
    key: Key = ("rollback",)
    for number, id_ in enumerate(rollback.price):
        _check_mention(draft, (*key, "price", number), id_, left_out)
    for number, step in enumerate(rollback.steps):
        if step.verify is not None:
            _check_mention(draft, (*key, "steps", number, "verify"), step.verify.check, left_out)
    kept = tuple(id_ for id_ in rollback.price if id_ not in left_out)
    steps = tuple(
        step.model_copy(update={"verify": None})
        if step.verify and step.verify.check in left_out
        else step
        for step in rollback.steps
    )
    return rollback.model_copy(update={"price": kept, "steps": steps})


def read_escalation(draft: Draft) -> Escalation:
    """What happens while nobody signs."""
    return _read_table(draft, "escalation", Escalation)


def read_keys(draft: Draft, faults: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Keys:
    """The keys that are not the default ones; `faults` says what is wrong with which of them."""
    table = draft.tree.get("keys", {})
    if not isinstance(table, dict):
        draft.refuse_table(("keys",), table)
        return {}
    for id_, keys in table.items():
        if not isinstance(keys, str):
            draft.problem(("keys", id_), 'must be text: a key like "w", "ctrl+w" or "f5"')
    written = {id_: keys for id_, keys in table.items() if isinstance(keys, str)}
    for id_, what in faults(written).items():
        draft.problem(("keys", id_), what)
    return written


def _read_table(draft: Draft, name: str, model: type[Row]) -> Row:
    """A table of its own, which may be left out."""
    table = draft.tree.get(name, {})
    if not isinstance(table, dict):
        draft.refuse_table((name,), table)
        return model()
    return draft.read(model, (name,), table) or model()


def read_watch(draft: Draft) -> WatchSettings:
    """What is true of the whole watch."""
    key: Key = ("watch",)
    table = draft.tree.get("watch", {})
    if not isinstance(table, dict):
        draft.refuse_table(key, table)
        return WatchSettings()
    if isinstance(launch := table.get("launch"), datetime):
        table = {**table, "launch": launch.isoformat()}
    if isinstance(zone := table.get("timezone"), str):
        _check_timezone(draft, (*key, "timezone"), zone.strip())
    if isinstance(launch := table.get("launch"), str) and launch.strip():
        _check_launch(draft, (*key, "launch"), launch.strip())
    return draft.read(WatchSettings, key, table) or WatchSettings()


def _tables(draft: Draft, name: str) -> list[dict[str, Any]]:
    tables = draft.tree.get(name, [])
    is_right = isinstance(tables, list) and all(isinstance(table, dict) for table in tables)
    return tables if is_right else []


def _rows(draft: Draft, model: type[Row], name: str) -> dict[int, Row]:
    """The tables of an array that could be read, by their number."""
    tables = _tables(draft, name)
    if not tables and draft.tree.get(name, []) != []:
        draft.problem((name,), f"must be tables, each begun with [[{name}]]")
    rows = {number: draft.read(model, (name, number), table) for number, table in enumerate(tables)}
    return {number: row for number, row in rows.items() if row is not None}


def _check_mentions(
    draft: Draft, key: Key, table: Mapping[str, Any], left_out: frozenset[str]
) -> None:
    """Note the ids that are no checks; a shipped check that is left out is no mistake."""
    mentions = table.get("checks")
    if not isinstance(mentions, list):
        return
    for number, id_ in enumerate(mentions):
        if isinstance(id_, str):
            _check_mention(draft, (*key, "checks", number), id_, left_out)


def _check_mention(draft: Draft, here: Key, id_: str, left_out: frozenset[str]) -> None:
    """Note an id, read at a key, that is no check."""
    checks, shipped = draft.get("checks"), draft.layers.shipped.get("checks", {})
    if not isinstance(checks, dict) or id_.strip() in checks or draft.is_spoilt(here):
        return
    key = here[:-1] if isinstance(here[-1], int) else here
    shown, near = draft.mention(here, id_, checks)
    if id_ not in left_out:
        draft.problem(key, f"unknown check {shown}{near}")
    elif id_ not in shipped:
        draft.problem(key, f"{shown} is left out by its enabled = false")


def _without(row: Mentioning, left_out: frozenset[str]) -> Mentioning:
    if not left_out.intersection(row.checks):
        return row
    kept = tuple(id_ for id_ in row.checks if id_ not in left_out)
    return row.model_copy(update={"checks": kept})


def _check_timezone(draft: Draft, key: Key, zone: str) -> None:
    if zone == "UTC" or draft.is_spoilt(key):
        return
    try:
        ZoneInfo(zone)
    except (ValueError, KeyError, OSError):
        known = available_timezones()
        if not known:
            draft.problem(key, "this machine has no time zone database; install tzdata or use UTC")
            return
        near = draft.suggestion(key, known) or '; write it like "Asia/Dubai"'
        draft.problem(key, f"unknown time zone {draft.shown(key)}{near}")


def _check_launch(draft: Draft, key: Key, launch: str) -> None:
    if draft.is_spoilt(key):
        return
    remedy = 'write it like "2027-01-31T09:00:00+04:00"'
    try:
        moment = datetime.fromisoformat(launch)
    except ValueError:
        draft.problem(key, f"{draft.shown(key)} is not a time; {remedy}")
        return
    if moment.tzinfo is None:
        draft.problem(key, f"{draft.shown(key)} has no time zone; {remedy}")
    elif not 2000 <= moment.year <= 2100:
        draft.problem(key, f"{draft.shown(key)} is no time of a launch; {remedy}")
