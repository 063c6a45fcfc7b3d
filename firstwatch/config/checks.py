"""The checks of a plan: limits in their unit, measures in the words of their source."""

import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from firstwatch.config.draft import Draft
from firstwatch.config.layers import Key, get_at
from firstwatch.config.shape import names
from firstwatch.plan import Alert, Check, Direction, SourceSettings
from firstwatch.probe import Kinds, Section
from firstwatch.units import DURATIONS, UNITS, parse_quantity

_LIMITS = ("target", "warning", "critical")
_OWN_WORDS = (*_LIMITS, "bad")
_NOT_WRITTEN = ("id", "bands")
_KEYS = (*(name for name in names(Check) if name not in _NOT_WRITTEN), *_OWN_WORDS)


def leave_out(draft: Draft) -> frozenset[str]:
    """Take the checks with `enabled = false` out of the plan; returns their ids."""
    checks = draft.get("checks")
    if not isinstance(checks, dict):
        return frozenset()
    left_out = set()
    for id_, table in checks.items():
        if isinstance(table, dict) and "enabled" in table:
            enabled = draft.fill(("checks", id_, "enabled"))
            if not draft.is_spoilt(("checks", id_, "enabled")) and _is_false(enabled):
                left_out.add(id_)
    shipped = draft.layers.shipped.get("checks", {})
    for id_ in left_out:
        if checks[id_].keys() == {"enabled"} and id_ not in shipped:
            key = ("checks", id_)
            what = f"there is no such check to leave out{draft.suggest(id_, shipped)}"
            draft.problem(key, what)
    draft.tree["checks"] = {id_: table for id_, table in checks.items() if id_ not in left_out}
    return frozenset(left_out)


def _is_false(value: Any) -> bool:
    try:
        return not TypeAdapter(bool).validate_python(value)
    except ValidationError:
        return False


def read_alerts(draft: Draft) -> dict[str, Alert]:
    """The rows of the alert table that could be read; the others are noted and spoilt."""
    alerts = draft.tree.get("alerts", {})
    if not isinstance(alerts, dict):
        draft.refuse_table(("alerts",), alerts)
        return {}
    read = {}
    for name, table in alerts.items():
        key = ("alerts", name)
        if isinstance(table, dict):
            before = draft.count
            _check_quantities(draft, key, table)
            alert = draft.read(Alert, key, table)
            if alert is not None and draft.count == before:
                read[name] = alert
                continue
        else:
            draft.refuse_table(key, table)
        draft.spoil(key)
    return read


def _check_quantities(draft: Draft, key: Key, table: Mapping[str, Any]) -> None:
    for name in ("warning", "critical"):
        here, value = (*key, name), table.get(name)
        if draft.is_spoilt(here):
            continue
        if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
            draft.problem(here, 'must be a number, or one with its unit: "2s"')
        elif isinstance(value, str):
            match = re.fullmatch(r"-?\d+(?:\.\d+)?\s*(\S*)", value.strip())
            if not match or match[1] not in (*UNITS, *DURATIONS):
                draft.problem(here, f'{draft.shown(here)} is not a number with a unit, like "2s"')


def read_checks(
    draft: Draft, sources: Mapping[str, SourceSettings], alerts: Mapping[str, Alert], kinds: Kinds
) -> dict[str, Check]:
    """Every check that could be read; the others are noted."""
    checks = draft.get("checks")
    if not isinstance(checks, dict):
        draft.refuse_table(("checks",), checks)
        return {}
    read = {}
    for id_, table in checks.items():
        if not isinstance(table, dict):
            draft.refuse_table(("checks", id_), table)
            continue
        draft.note_strays(("checks", id_), _KEYS)
        if not _is_nameless(draft, id_, table):
            check = _check(draft, id_, table, alerts)
            measure = _measure(draft, id_, sources, kinds)
            if check is not None:
                read[id_] = check.model_copy(update={"measure": measure})
    return read


def _is_nameless(draft: Draft, id_: str, table: Mapping[str, Any]) -> bool:
    """A new table without title and pane is most likely a misspelt one."""
    shipped = draft.layers.shipped.get("checks", {})
    if id_ in shipped or "title" in table or "pane" in table:
        return False
    key = ("checks", id_)
    if draft.has_stray_for((*key, "title"), (*key, "pane")):
        return False
    near = draft.suggest(id_, shipped)
    draft.problem(key, f"unknown check{near} (a new one needs title and pane)")
    return True


def _check(
    draft: Draft, id_: str, table: Mapping[str, Any], alerts: Mapping[str, Alert]
) -> Check | None:
    key = ("checks", id_)
    values = {
        name: value
        for name, value in table.items()
        if name not in (*_OWN_WORDS, *_NOT_WRITTEN, "measure")
    }
    bands = _bands(draft, key, table, alerts)
    return draft.read(Check, key, {**values, "id": id_, "bands": bands}, _KEYS)


def _bands(
    draft: Draft, key: Key, table: Mapping[str, Any], alerts: Mapping[str, Alert]
) -> dict[str, Any]:
    unit = table.get("unit", "")
    own = {name: table[name] for name in _OWN_WORDS if name in table}
    bands: dict[str, Any] = {}
    if "bad" in own and not draft.is_spoilt((*key, "bad")):
        bands["bad"] = _direction(draft, (*key, "bad"), own["bad"])
    if unit not in UNITS or draft.has_stray_for((*key, "unit")):
        return bands
    for name in _LIMITS:
        if name in own and (limit := _limit(draft, (*key, name), own[name], unit)) is not None:
            bands[name] = limit
    for name, value in _of_alert(draft, key, table, alerts).items():
        if name in own:
            continue
        try:
            bands[name] = parse_quantity(value, unit) if isinstance(value, str) else value
        except ValueError as error:
            _misfit(draft, key, (table["alert"], name), str(error))
    return bands


def _misfit(draft: Draft, check: Key, row: tuple[str, str], what: str) -> None:
    """Note a limit of an alert in another unit, where it can be mended."""
    here, there = (*check, "alert"), ("alerts", *row)
    if draft.layers.is_inherited(here) and not draft.layers.is_inherited(there):
        draft.problem(there, what.replace("this check", draft.dotted(check)))
    else:
        draft.problem(here, f"its {row[1]} {what}")


def _direction(draft: Draft, key: Key, value: Any) -> Direction:
    try:
        return Direction(value)
    except ValueError:
        near = draft.suggestion(key, list(Direction)) if isinstance(value, str) else ""
        draft.problem(key, f'must be "above" or "below"{near if "mean" in near else ""}')
        return Direction.ABOVE


def _limit(draft: Draft, key: Key, value: Any, unit: str) -> float | None:
    """A limit in the unit of its check, or None with the problem noted."""
    if draft.is_spoilt(key):
        return None
    if isinstance(value, str):
        try:
            return parse_quantity(value, unit)
        except ValueError as error:
            draft.problem(key, str(error))
    elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        draft.problem(key, "must be a number, or one with its unit in quotes")
    else:
        return float(value)
    return None


def _of_alert(
    draft: Draft, key: Key, table: Mapping[str, Any], alerts: Mapping[str, Alert]
) -> dict[str, Any]:
    name = table.get("alert", "")
    if not isinstance(name, str) or not name or draft.is_spoilt((*key, "alert")):
        return {}
    if name in alerts:
        return {"warning": alerts[name].warning, "critical": alerts[name].critical}
    if not draft.is_spoilt(("alerts", name)):
        here, known = (*key, "alert"), draft.tree.get("alerts", {})
        draft.problem(here, f"unknown alert {draft.shown(here)}{draft.suggestion(here, known)}")
    return {}


def _measure(
    draft: Draft, id_: str, sources: Mapping[str, SourceSettings], kinds: Kinds
) -> Section | None:
    key, here = ("checks", id_, "measure"), ("checks", id_, "source")
    source, measure = draft.get(*here), draft.get(*key)
    if not isinstance(source, str | None) or draft.is_spoilt(here) or draft.is_spoilt(key):
        return None
    if not source:
        is_own = measure is not None and not draft.layers.is_inherited(key)
        if is_own and not draft.has_stray_for(here):
            draft.problem(key, "needs a source to ask; the check has none")
        return None
    if source not in sources:
        if not draft.is_spoilt(("sources", source)):
            known = get_at(draft.layers.tree, ("sources",)) or {}
            what = f"unknown source {draft.shown(here)}"
            draft.problem(here, what + draft.suggestion(here, known))
        return None
    kind = kinds[sources[source].kind]
    if _is_left_behind(draft, id_, kind.name):
        draft.problem(
            here,
            f"{draft.shown(here)} is of kind {kind.name}, and the shipped measure is for "
            "another; write measure = { … } beside it",
        )
        return None
    if measure is None:
        try:
            return kind.measure.model_validate({})
        except ValidationError:
            draft.problem(key, f"is missing: what to ask of {draft.shown(here)}", is_absence=True)
            return None
    if not isinstance(measure, dict):
        draft.problem(key, "must be a table: measure = { … }")
        return None
    return draft.read(kind.measure, key, measure)


def _is_left_behind(draft: Draft, id_: str, kind: str) -> bool:
    """Whether the user moved a shipped check to a source of another kind without a measure."""
    if not draft.layers.is_inherited(("checks", id_, "measure")):
        return False
    shipped = draft.layers.shipped
    before = get_at(shipped, ("checks", id_, "source"))
    return before is not None and get_at(shipped, ("sources", before, "kind")) != kind
