"""From files to a plan."""

from collections.abc import Callable, Mapping
from pathlib import Path

from firstwatch.config.checks import leave_out, read_alerts, read_checks
from firstwatch.config.draft import Draft
from firstwatch.config.files import read_tree
from firstwatch.config.interpolate import fill
from firstwatch.config.layers import Layers, lay_over, single
from firstwatch.config.references import (
    read_contacts,
    read_escalation,
    read_keys,
    read_phases,
    read_report,
    read_rollback,
    read_tails,
    read_watch,
)
from firstwatch.config.shape import names
from firstwatch.config.sources import read_sources
from firstwatch.errors import ConfigError, Problem
from firstwatch.plan import Plan
from firstwatch.probe import Kinds
from firstwatch.resources import resource


def load(
    path: Path | None,
    kinds: Kinds,
    environ: Mapping[str, str],
    *,
    run_commands: bool = True,
    connects: bool = True,
    shipped: Path | None = None,
    key_faults: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda _: {},
) -> Plan:
    """The shipped plan with the user's file laid over it. Raises ConfigError with every problem.

    Without `run_commands` no secret is fetched: commands do not run, files must only exist.
    Without `connects` nothing is going to be connected to, and a variable that only that needs may
    be unset; its source is then none that could be opened.
    `shipped` is another plan to begin from than the one that ships; `key_faults` says what is
    wrong with which of the keys, where there is a board that knows its keys.
    """
    draft, left_out = _filled(path, environ, shipped)
    watch = read_watch(draft)
    sources = read_sources(draft, kinds, run_commands=run_commands)
    alerts = read_alerts(draft)
    checks = read_checks(draft, sources, alerts, kinds)
    phases = read_phases(draft, left_out)
    tails, contacts = read_tails(draft, sources, left_out), read_contacts(draft, left_out)
    report = read_report(draft, left_out)
    rollback = read_rollback(draft, left_out)
    escalation = read_escalation(draft)
    keys = read_keys(draft, key_faults)
    if problems := draft.problems(connects=connects):
        raise ConfigError(problems)
    return Plan(
        watch=watch,
        sources=sources,
        phases=phases,
        checks=checks,
        alerts=alerts,
        tails=tails,
        contacts=contacts,
        report=report,
        rollback=rollback,
        escalation=escalation,
        keys=keys,
    ).taking(draft.taken())


def unset(path: Path | None, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """The variables that `load` without `connects` does not miss. Raises ConfigError."""
    return _filled(path, environ)[0].unset()


def _filled(
    path: Path | None, environ: Mapping[str, str], shipped: Path | None = None
) -> tuple[Draft, frozenset[str]]:
    """A draft of what there is to read, filled in, and the checks that were left out."""
    draft = Draft(_layers(path, shipped or resource("config.toml")), environ)
    draft.note_strays((), names(Plan))
    for name in names(Plan):
        if name not in draft.tree and draft.has_stray_for((name,)):
            draft.spoil((name,))
    left_out = leave_out(draft)
    _leave_out_unused_sources(draft)
    for name in names(Plan):
        if name in draft.tree:
            draft.fill((name,))
    return draft, left_out


def _layers(path: Path | None, shipped: Path) -> Layers:
    if path is None:
        return single(read_tree(shipped, shipped.name), shipped.name)
    own = read_tree(path, str(path))
    name = f"{shipped.name} (shipped)"
    return lay_over(read_tree(shipped, name), name, own, str(path))


def _leave_out_unused_sources(draft: Draft) -> None:
    """A shipped source that nothing reads any more asks for no environment variable either."""
    sources = draft.get("sources")
    if not isinstance(sources, dict):
        return
    checks, tails = draft.get("checks"), draft.get("tails")
    tables = [
        *(checks.values() if isinstance(checks, dict) else ()),
        *(tails if isinstance(tails, list) else ()),
    ]
    used = {
        fill(table["source"], draft.environ).text.strip()
        for table in tables
        if isinstance(table, dict) and isinstance(table.get("source"), str)
    }
    for name in list(sources):
        if name not in used and draft.layers.is_inherited(("sources", name)):
            del sources[name]
