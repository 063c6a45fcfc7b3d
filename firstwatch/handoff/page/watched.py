"""What was measured, on the page: episodes, near misses, checks, the ledger, strips."""

from firstwatch.handoff.brief import BlindSpot, CheckLine, FlightLine, Handoff, NearMiss, Trouble
from firstwatch.handoff.page.escape import clipped, escape
from firstwatch.handoff.page.head import since_when, who_has
from firstwatch.handoff.page.section import Block, Section, listed, none_told
from firstwatch.handoff.strips import LEGEND, TITLE, Strips
from firstwatch.handoff.wording import Clock
from firstwatch.units import format_duration
from firstwatch.verdict import Level

HINTS = 12
"""With more open episodes than so many, what to do about each is left to the board."""
MOST_OPEN = 40
"""Lines of open episodes that are never cut."""


def open_episodes(handoff: Handoff, at: Clock) -> Section:
    """All that lasts, the worst first."""
    entries = handoff.open.entries
    has_hints = len(entries) <= HINTS
    lines = [_open(trouble, at, has_hints=has_hints) for trouble in entries[:MOST_OPEN]]
    return Section(
        "Open episodes",
        tuple(lines),
        left_out=len(entries) - len(lines) + handoff.open.left_out,
        which="less bad",
        is_whole=True,
    )


def _open(trouble: Trouble, at: Clock, *, has_hints: bool) -> Block:
    was = f" (was {trouble.worst})" if trouble.worst is not trouble.level else ""
    how = f"{trouble.level}{was} {since_when(trouble, at)}"
    text = f"- **{escape(trouble.title)}** {how}; {escape(trouble.reason)}{_worst(trouble, at)}"
    owner = f"; {who_has(trouble, at, is_short=False)}"
    if has_hints and trouble.hint:
        return f"{text}{owner}", f"  - to do: {escape(trouble.hint)}"
    return (f"{text}{owner}",)


def _worst(trouble: Trouble, at: Clock) -> str:
    """The worst value with its moment: the reason beside it may be of another one."""
    if not trouble.worst_value:
        return ""
    when = "" if trouble.worst_at is None else f" at {at(trouble.worst_at)}"
    return f"; worst {escape(trouble.worst_value)}{when}"


def closed_episodes(handoff: Handoff, at: Clock) -> Section:
    """What is over."""
    return listed(
        "Closed episodes",
        handoff.closed,
        lambda e: (_closed(e, at),),
        keeps_last=True,
        empty=none_told(handoff, at),
    )


def _closed(trouble: Trouble, at: Clock) -> str:
    end = at(trouble.start if trouble.end is None else trouble.end)
    stretch = f"{at(trouble.start)} to {end}, {format_duration(trouble.lasted)}"
    turned = "" if trouble.reason_at is None else f" from {at(trouble.reason_at)}"
    how = f"{trouble.worst}{turned}: {escape(trouble.reason)}{_worst(trouble, at)}"
    return f"- **{escape(trouble.title)}** {stretch}; {how}"


def blind_spots(handoff: Handoff, at: Clock) -> Section:
    """When something could not be seen."""
    return listed(
        "Blind spots",
        handoff.blind,
        lambda spot: (_blind(spot, at),),
        keeps_last=True,
        empty=none_told(handoff, at),
    )


def _blind(spot: BlindSpot, at: Clock) -> str:
    end = "now" if spot.end is None else at(spot.end)
    return f"- {at(spot.start)} to {end}, {format_duration(spot.lasted)}: {escape(spot.cause)}"


def flights(handoff: Handoff, at: Clock) -> Section:
    """What was saved when something turned critical."""
    return listed("Flight records", handoff.flights, lambda flight: (_flight(flight, at),))


def _flight(flight: FlightLine, at: Clock) -> str:
    titles = ", ".join(escape(title) for title in flight.titles)
    return f"- {at(flight.at)} **{titles}**: {', '.join(flight.files)} in {escape(flight.folder)}"


def near_misses(handoff: Handoff, at: Clock) -> Section:
    """What nearly became trouble."""
    if handoff.near is None:
        return Section("Near misses", (("not known: the journal was not read",),))
    nearly = none_told(handoff, at)
    return listed("Near misses", handoff.near, lambda m: (_near_miss(m, at),), empty=nearly)


def _near_miss(miss: NearMiss, at: Clock) -> str:
    brief = ", too briefly to count" if miss.percent >= 100 else ""
    share = f"{miss.percent:.0f} % of its warning{brief}"
    return f"- **{escape(miss.title)}** {escape(miss.value)} at {at(miss.at)}: {share}"


def figures(handoff: Handoff) -> Section:
    """What is counted in every phase."""
    return Section("Key figures", tuple((_figure(line),) for line in handoff.figures), which="too")


def _figure(line: CheckLine) -> str:
    age = "never measured" if line.age is None else f"{format_duration(line.age)} ago"
    return f"- {escape(line.title)}: {escape(line.value) or '–'}, {line.verdict}, {age}"


def checks(handoff: Handoff) -> Section:
    """Every check that is not ok, the worst first, then the others."""
    lines = sorted(handoff.checks, key=lambda line: -line.verdict.severity)
    head = ("| check | value | verdict | age | reason |", "| --- | --- | --- | --- | --- |")
    bad = sum(line.verdict is not Level.OK for line in lines)
    return Section(
        "Checks",
        tuple((_row(line),) for line in lines),
        head=head if lines else (),
        which="ok" if bad <= HINTS else "less bad",
    )


def _row(line: CheckLine) -> str:
    age = "–" if line.age is None else format_duration(line.age)
    cells = (line.title, line.value or "–", line.verdict, age)
    return f"| {' | '.join(escape(cell) for cell in cells)} | {clipped(line.reason)} |"


def ledger(handoff: Handoff, at: Clock) -> Section:
    """What went in and came out, joint by joint, and since when."""
    lines = [(f"- {escape(joint.name)}: {escape(joint.told)}",) for joint in handoff.ledger]
    head: Block = ()
    if not lines:
        lines = [("not known here; the board has it",)]
    elif handoff.lost.since > handoff.launch:
        since = at(handoff.lost.since)
        head = (f"- looks back to {since} and no further: what leaked before is not counted here",)
    return Section("Ledger since the launch", tuple(lines), head=head, which="further down")


def strips(handoff: Handoff, at: Clock) -> Section:
    """The shift at one character a few minutes."""
    title = "The shift in strips"
    told = handoff.strips
    if told is None:
        return Section(title, (("not known: the journal was not read",),))
    minutes = format_duration(told.step)
    head = f"From {at(told.start)}, {minutes} a character, the worst of each; always ok: not shown."
    lines = [f"{row.title[:TITLE]:<{TITLE}} {row.cells}" for row in told.rows]
    more = [f"… and {told.left_out} more that were not always ok"] if told.left_out else []
    drawn = ("", "```text", _ruler(told), *lines, *more, LEGEND, "```")
    return Section(title, ((head, *drawn),), is_whole=True)


def _ruler(told: Strips) -> str:
    """Full hours above the strips, as many as there is room for."""
    width = len(told.rows[0].cells) if told.rows else 0
    text = [" "] * (width + 5)
    free = 0
    for cell in range(width):
        moment = told.start + cell * told.step
        if moment % max(3600.0, told.step) < told.step and cell >= free:
            hour = f"{int(moment // 3600 % 24):02}:00"
            text[cell : cell + len(hour)] = hour
            free = cell + len(hour) + 2
    return f"{'UTC':<{TITLE}} {''.join(text)}".rstrip()
