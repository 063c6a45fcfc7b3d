"""What to do about one check, as lines: hint, contacts, what is known already, commands."""

from firstwatch.plan import Command
from firstwatch.runbook import Runbook, runbook
from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from tui.renderables.ages import age_text
from tui.renderables.fields import field, part
from tui.renderables.lines import EMPTY, Line, Role, shorten, slice_cells, width_of
from tui.renderables.panes import is_trouble
from tui.scene import Scene

INDENT = 3
"""Cells before a command: its number, then the command under its title."""
NUMBERED = 9
"""Commands that have a key of their own."""


def remedy_lines(state: CheckState, scene: Scene, width: int, *, bare: bool = False) -> list[Line]:
    """The runbook of the check; `bare` leaves its commands unindented and whole, to be pasted."""
    book = runbook(state.check.id, scene.snapshot)
    lines = field("to do", clean(book.hint), width)
    for contact in book.contacts:
        lines += field("contact", f"{clean(contact.title, 60)}: {clean(contact.hint)}", width)
    if is_trouble(state):
        lines += _known(book, state, scene, width)
    if book.commands:
        lines += [EMPTY] if lines else []
        many = len(book.commands) > 1
        keys = "its number copies one, c the first" if many else "c copies it"
        lines += [] if bare else field("commands", keys, width)
    for number, command in enumerate(book.commands, 1):
        lines += _command(number, command, width, bare=bare)
    return lines


def _known(book: Runbook, state: CheckState, scene: Scene, width: int) -> list[Line]:
    """What the probe found last, unless the reason says it all."""
    if book.reading is None:
        return []
    note = clean(book.reading.note, 160)
    told = "" if note in state.verdict.reason else note
    if not told and not book.known:
        return []
    age = age_text(state.age(scene.now))
    lines = field("known", f"{told}, {age} ago" if told else f"{age} ago, worst first:", width)
    for row in book.known:
        lines += part(row, state.check.unit, width)
    return lines


def _command(number: int, command: Command, width: int, *, bare: bool) -> list[Line]:
    """Its number and title, then the command line by line; what is too long goes on below."""
    title, lines = clean(command.title, 200), command.command.splitlines()
    if bare:
        return [((text, Role.TEXT),) for text in (f"# {title}", *lines)]
    room = max(width - INDENT, 1)
    mark = str(number) if number <= NUMBERED else "·"
    drawn: list[Line] = [((mark.ljust(INDENT), Role.STRONG), (shorten(title, room), Role.STRONG))]
    for line in lines:
        text = line.expandtabs(4)
        pieces = range(0, max(width_of(text), 1), room)
        drawn += [((" " * INDENT + slice_cells(text, at, at + room), Role.TEXT),) for at in pieces]
    return drawn
