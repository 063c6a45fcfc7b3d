"""The human half on the page: manual items, notes, promises, questions, rollback, contacts."""

from firstwatch.handoff.brief import (
    ContactLine,
    Handoff,
    KeptLine,
    ManualLine,
    NoteLine,
    PromiseLine,
    QuestionLine,
    RollbackLine,
    RunLine,
    SourceLine,
)
from firstwatch.handoff.page.escape import clipped, escape
from firstwatch.handoff.page.section import Block, Section, listed, none_told
from firstwatch.handoff.wording import Clock
from firstwatch.units import format_duration, format_number


def manual(handoff: Handoff, at: Clock) -> Section:
    """What only a person can say, those that wait first."""
    lines = sorted(handoff.manual, key=lambda line: (not line.is_asked, line.mark is not None))
    return Section(
        "Manual items",
        tuple((f"- {_manual(line, at)}",) for line in lines),
        which="said or not yet asked for",
    )


def _manual(line: ManualLine, at: Clock) -> str:
    title = f"**{escape(line.title)}**"
    if line.mark is None:
        hint = f" ({escape(line.hint)})" if line.hint else ""
        asked = "nobody has said anything yet" if line.is_asked else "not asked for yet"
        return f"{title}: {asked}{hint}"
    when = "" if line.at is None else f" {at(line.at)}"
    number = "" if line.number is None else f", counted {format_number(line.number)}"
    note = f" — “{clipped(line.note)}”" if line.note else ""
    who = escape(line.who) or "nobody named"
    return f"{title} {line.mark}, said {who}{when} in round {line.round}{number}{note}"


def notes(handoff: Handoff, at: Clock) -> Section:
    """What people wrote down."""
    return listed(
        "Notes",
        handoff.notes,
        lambda note: (_note(note, at),),
        keeps_last=True,
        empty=none_told(handoff, at),
    )


def _note(note: NoteLine, at: Clock) -> str:
    about = f" on {escape(note.about)}" if note.about else ""
    return f"- {at(note.at)} {escape(note.who)}{about}: {escape(note.text)}"


def promises(handoff: Handoff, at: Clock) -> Section:
    """What is owed, then what was kept or let go."""
    owed = tuple((_promise(line, handoff.at, at),) for line in handoff.promises)
    kept = tuple((_kept(line, at),) for line in handoff.kept.entries)
    empty = "none"
    if handoff.since is not None:
        empty = f"none open, and none kept or let go since {at(handoff.since)}"
    return Section(
        "Promises",
        (*owed, *kept),
        left_out=handoff.kept.left_out,
        which="kept or let go before, or due later",
        empty=empty,
    )


def _promise(line: PromiseLine, now: float, at: Clock) -> str:
    left = line.due - now
    when = f"in {format_duration(left)}" if left > 0 else f"**overdue {format_duration(-left)}**"
    who = escape(line.who) or "nobody named"
    return f"- open, due {at(line.due)}, {when}: {escape(line.text)} ({who}, {at(line.at)})"


def _kept(line: KeptLine, at: Clock) -> str:
    done = "kept" if line.is_done else "let go"
    note = f" — “{clipped(line.note)}”" if line.note else ""
    return f"- {done} by {escape(line.who)} {at(line.at)}: {escape(line.text)}{note}"


def questions(handoff: Handoff, at: Clock) -> Section:
    """What waits for an answer."""
    lines = ((f"- since {at(q.since)}: {_question(q)}",) for q in handoff.questions)
    return Section("Open questions", tuple(lines), which="newer")


def _question(line: QuestionLine) -> str:
    return escape(line.text) + (f" ({escape(line.detail)})" if line.detail else "")


def sources(handoff: Handoff, at: Clock) -> Section:
    """What cannot be asked."""
    return listed("Out of reach", handoff.sources, lambda source: (_source(source, at),))


def _source(line: SourceLine, at: Clock) -> str:
    since = at(line.since)
    return f"- **{escape(line.name)}** ({escape(line.kind)}) since {since}: {escape(line.reason)}"


def contacts(handoff: Handoff) -> Section:
    """Whom to turn to."""
    return listed("Contacts for what fails", handoff.contacts, lambda line: (_contact(line),))


def _contact(line: ContactLine) -> str:
    failing = ", ".join(escape(title) for title in line.failing)
    return f"- **{escape(line.title)}**: {escape(line.hint)} ({failing})"


def rollback(handoff: Handoff, at: Clock) -> Section:
    """The way back."""
    line = handoff.rollback
    runs = tuple(_run(run, at) for run in line.runs)
    price = f"- A restore would lose by now: {clipped('; '.join(line.price), 400)}"
    head = (f"- {_window(line, handoff.at, at)}", *((price,) if line.price else ()))
    return Section("Rollback", runs, head=head, which="earlier", keeps_last=True)


def _window(line: RollbackLine, now: float, at: Clock) -> str:
    steps = f"steps in the plan: {line.steps or 'none'}"
    if line.is_open:
        left = format_duration(line.until - now)
        return f"The window is open until {at(line.until)}, {left} left; {steps}"
    return f"The window closed {at(line.until)}; {steps}"


def _run(run: RunLine, at: Clock) -> Block:
    kind = "drill" if run.is_drill else "run"
    text = f"- {kind} by {escape(run.who)} from {at(run.at)}: {escape(run.reason)}; "
    if run.closed_at is None:
        text += "**under way**"
    else:
        ended = "called off" if run.is_called_off else "ended"
        text += f"{ended} {at(run.closed_at)} by {escape(run.closed_by)}"
    text += f" — “{clipped(run.note)}”" if run.note else ""
    price = f"  - a restore would have lost: {clipped('; '.join(run.price), 400)}"
    steps = (f"  - {clipped(step)}" for step in run.steps)
    return text, *((price,) if run.price else ()), *steps


def chain(handoff: Handoff) -> Section:
    """Where the chain of acts stood."""
    stood = handoff.chain
    text = "no act is recorded yet"
    if stood.head:
        text = f"{stood.acts} acts, head {stood.head[:8]}…; the whole hash is in the TOML"
    return Section("Chain", ((text,),), is_whole=True)


def left_out(handoff: Handoff) -> Section:
    """What this page does not tell."""
    return Section("Not in here", tuple((f"- {line}",) for line in handoff.left_out), is_whole=True)
