#!/usr/bin/env python3
"""Writes docs/checks.md: every check of the shipped plan, what it means and what to do.

What stands there is what stands in config.toml and on the board. Run it after changing the plan:
`.venv/bin/python docs/checks.py`.
"""

from collections.abc import Iterator
from pathlib import Path

from firstwatch.config import load
from firstwatch.plan import Check, Pane, Plan
from firstwatch.units import format_duration
from probes.kinds import KINDS
from tui.renderables.rows import limits_in_words

FILE = Path(__file__).parent / "checks.md"
ADDRESSES = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
HEAD = """\
# Every check

Made from the shipped plan by `docs/checks.py`; a test compares the two.
On the board the same stands in the detail of each check (`enter`), with what was measured last.

How a verdict comes about is the same for all of them:

- A value past a limit has to be so in *k of n* readings before the verdict worsens,
  and clearly better for a while before it improves.
- A reading that is older than twice its interval counts no more: the check is **unknown** and
  says why. So is one whose source is out of reach.
- Where nothing comes in, a second witness decides: **idle** if it counts nothing either,
  **critical** if it counts something, **unknown** if it cannot be asked.
- **Off target** misses the checklist's own limit and is no alarm; **warning** wants a look,
  **critical** wants action now.
"""
PANES = {
    Pane.HEALTH: "System health",
    Pane.FLOW: "WhatsApp flow",
    Pane.INTEGRITY: "Integrity",
    Pane.CLIENT: "Client",
}


def checks() -> str:
    """The whole document."""
    plan = load(None, KINDS, ADDRESSES, run_commands=False)
    parts = [HEAD]
    for pane, title in PANES.items():
        parts.append(f"## {title}\n")
        parts += [_check(c, plan) for c in plan.checks.values() if c.pane is pane]
    return "\n".join(parts)


def _check(check: Check, plan: Plan) -> str:
    shown = " (witness, no row of its own)" if check.hidden else ""
    lines = [f"### {check.title}{shown}", "", f"`{check.id}`{_item(check)}", ""]
    lines += [f"- {word}: {text}" for word, text in _facts(check, plan)]
    if check.commands:
        lines += ["", "To see more or to act:"]
        for command in check.commands:
            lines += ["", f"{command.title}:", "", "```sh", command.command, "```"]
    return "\n".join([*lines, ""])


def _item(check: Check) -> str:
    return f" · “{check.item}”" if check.item else ""


def _facts(check: Check, plan: Plan) -> Iterator[tuple[str, str]]:
    phases = [phase.name for phase in plan.phases if check.id in phase.checks]
    if phases:
        yield "Asked for", ", ".join(phases)
    if check.is_manual:
        yield "Measured", "by nobody: it is yours to say"
    else:
        agree, of = check.worsen
        yield "Limits", limits_in_words(check)
        yield "Measured", f"every {format_duration(check.every)} from `{check.source}`"
        yield (
            "Steadiness",
            f"worse after {agree} of {of} readings, better after {format_duration(check.dwell)}",
        )
    if check.witness:
        yield "Silence is judged by", f"`{check.witness}`"
    if check.hint_from:
        yield "Help to decide from", f"`{check.hint_from}`"
    if check.why:
        yield "How, and why so", check.why
    if check.hint:
        yield "What to do", check.hint
    if check.hidden and not check.hint:
        yield "What to do", "nothing by itself: it speaks through the checks that lean on it"
    for contact in plan.contacts:
        if check.id in contact.checks:
            yield "Whom to turn to", f"{contact.title}: {contact.hint}"


if __name__ == "__main__":
    _ = FILE.write_text(checks(), encoding="utf-8")
