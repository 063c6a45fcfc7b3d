"""The runbook of one check: what to do about it, what is known already, and what to paste.

The plan has the hint, whom to turn to and the commands; the last reading has the facts. A
command is shown and copied, never run.
"""

import shlex
from dataclasses import dataclass

from firstwatch.plan import Command, Contact
from firstwatch.readings import Reading, Row
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.text import clean
from firstwatch.units import format_value

KNOWN = 5
"""How many parts of the reading are told; the worst come first."""
WORST = "{worst}"
"""Stands in a command for the first part of the reading."""


@dataclass(frozen=True, slots=True)
class Runbook:
    """All that helps with one check; every part of it may be empty."""

    hint: str = ""
    contacts: tuple[Contact, ...] = ()
    outage: str = ""
    """Why its source is out of reach."""
    reading: Reading | None = None
    """What the probe found last; None where it found nothing that would help."""
    known: tuple[Row, ...] = ()
    """The first parts of the reading."""
    commands: tuple[Command, ...] = ()
    """The check's own, then those of its contacts, as they are to be pasted."""


def runbook(check_id: str, snapshot: Snapshot) -> Runbook:
    """The runbook of a check at this moment; an empty one if the snapshot has no such check."""
    state = snapshot.check(check_id)
    if state is None:
        return Runbook()
    contacts = tuple(c for c in snapshot.plan.contacts if check_id in c.checks)
    reading = None if state.is_empty else state.reading
    rows = reading.rows if reading else ()
    commands = (*state.check.commands, *(each for c in contacts for each in c.commands))
    return Runbook(
        hint=state.check.hint,
        contacts=contacts,
        outage=_outage(state, snapshot),
        reading=reading,
        known=rows[:KNOWN],
        commands=tuple(_filled(each, rows) for each in dict.fromkeys(commands)),
    )


def row_value(row: Row, unit: str) -> str:
    """The value of a part in its own unit, or else in that of its check; empty without one."""
    if not row.has_value:
        return ""
    return format_value(row.value, unit if row.unit is None else row.unit)


def _outage(state: CheckState, snapshot: Snapshot) -> str:
    blocked = state.verdict.blocked_by
    source = next((s for s in snapshot.sources if s.name == blocked), None)
    return source.reason if source else ""


def _filled(command: Command, rows: tuple[Row, ...]) -> Command:
    """The command with the worst part in it; without one it stays as written, and fails.

    What stands there may come from outside, so it is one word to the shell whatever is in it.
    """
    if WORST not in command.command or not rows:
        return command
    word = shlex.quote(clean(rows[0].key or rows[0].label, 80))
    return command.model_copy(update={"command": command.command.replace(WORST, word)})
