"""The first screen: how things stand, what is broken, who has it, what is next, what was lost."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from firstwatch.handoff.brief import DueLine, Handoff, Trouble
from firstwatch.handoff.due import by_need, standing
from firstwatch.handoff.page.escape import clipped, escape
from firstwatch.handoff.wording import Clock, since_launch, zone_of
from firstwatch.units import format_duration

SCREEN = 24
"""Lines of the smallest terminal: whoever opens the page sees so much of it."""
BROKEN, DUE, LOST = 5, 4, 3
"""The most lines of each at a glance."""
REASON = 60
"""Characters of a reason at a glance."""


def head(handoff: Handoff, at: Clock) -> Iterator[str]:
    """What fits on the first screen: what is asked first comes first."""
    zone, name = zone_of(handoff.zone)
    written = datetime.fromtimestamp(handoff.at, UTC)
    yield f"# Handoff: {escape(handoff.watch)}, {since_launch(handoff.elapsed)}"
    yield ""
    yield f"**{escape(handoff.state)}**"
    yield ""
    yield f"- Watch: {_holder(handoff, at)}"
    yield from _glance(handoff, at)
    phase = escape(handoff.phase) or "none, outside the plan"
    yield f"- Launch {at(handoff.launch)}; phase: {phase}{_since(handoff, at)}"
    yield f"- {_coverage(handoff)}"
    second = "" if zone is UTC else f", {name} ({written.astimezone(zone):%z}) in brackets"
    yield f"- Written {written:%Y-%m-%d %H:%M:%S}; times are UTC{second}"


def _holder(handoff: Handoff, at: Clock) -> str:
    holder = escape(handoff.holder) or "nobody named"
    if not handoff.pending:
        return holder
    since = "" if handoff.pending_since is None else f" since {at(handoff.pending_since)}"
    pending = escape(handoff.pending)
    return f"{holder} → {pending} (pending{since}: {pending} has not accepted it yet)"


def _since(handoff: Handoff, at: Clock) -> str:
    if handoff.since is None:
        return ""
    return f"; what is over is told since {at(handoff.since)}"


def _coverage(handoff: Handoff) -> str:
    cover = handoff.coverage
    if cover is None:
        return "Coverage: not launched yet"
    text = f"Coverage since the launch: the watch ran {percent(cover.ran)} of the time"
    if not cover.never:
        return f"{text}, with every source in reach {percent(cover.full)}"
    never = ", ".join(escape(name) for name in cover.never)
    return f"{text}, with the other sources in reach {percent(cover.full)}; never: {never}"


def percent(share: float) -> str:
    """Rounded down: 100 % is said of nothing less."""
    return f"{int(share * 10 + 1e-6) / 10:g} %"


def _glance(handoff: Handoff, at: Clock) -> Iterator[str]:
    count = len(handoff.open.entries) + handoff.open.left_out
    broken = [_broken(trouble, at) for trouble in handoff.open.entries]
    yield f"- Broken: {f'{count} open' if count else 'no open episode'}"
    yield from _few(broken, BROKEN, count, "below")
    dues = [_due(line, handoff.at, at) for line in by_need(handoff.due)]
    yield f"- Due next: {dues[0] if dues else 'nothing is left in the plan'}"
    yield from _few(dues[1:], DUE, len(dues) - 1, "below")
    first, *more = lost(handoff, at)
    yield f"- Lost: {clipped(first)}"
    yield from _few([clipped(line) for line in more], LOST, len(more), "")


def lost(handoff: Handoff, at: Clock) -> list[str]:
    """What was lost, in words; never none where it is not known."""
    told = handoff.lost
    lines = [f"{told.messages:g} messages: {', '.join(told.where)}"] if told.where else []
    if told.unknown:
        more = "perhaps more messages" if lines else "messages: not known"
        lines.append(f"{more}, {'; '.join(told.unknown)}")
    elif not lines:
        lines.append("0 messages by the ledger")
    if told.since > handoff.launch:
        lines[0] += f"; the ledger looks back to {at(told.since)} and no further"
    if told.unwatched:
        lines.append(f"{format_duration(told.unwatched)} since T0 in which no watch was running")
    if told.unreachable:
        unreached = format_duration(told.unreachable)
        lines.append(f"{unreached} since T0 in which a source was out of reach")
    return lines


def _few(lines: list[str], most: int, count: int, where: str) -> Iterable[str]:
    """The first ones; where there are more, the last of the lines says so."""
    shown = most if count <= most else most - 1
    yield from (f"  - {line}" for line in lines[:shown])
    if count > most:
        yield f"  - … and {count - shown} more {where}".rstrip()


def _broken(trouble: Trouble, at: Clock) -> str:
    how = f"{trouble.level} {since_when(trouble, at)}"
    text = f"**{escape(trouble.title)}** {how}: {clipped(trouble.reason, REASON)}"
    return f"{text}; {who_has(trouble, at)}"


def since_when(trouble: Trouble, at: Clock) -> str:
    """Since when it is as bad as now and, where that is later, since when there is trouble."""
    start, lasted = at(trouble.start), format_duration(trouble.lasted)
    since = start if trouble.since is None else at(trouble.since)
    if since == start:
        return f"for {lasted}, since {start}"
    return f"since {since}, in trouble for {lasted}, since {start}"


def who_has(trouble: Trouble, at: Clock, *, is_short: bool = True) -> str:
    """Who has an open episode, in bold where nobody does."""
    if not trouble.owner:
        return "**nobody has it**"
    owner, why = escape(trouble.owner), ""
    if trouble.is_named:
        named = "" if trouble.owned_since is None else f" {at(trouble.owned_since)}"
        return f"**{owner} has it**, named at the take-over{named} and not acknowledged"
    if not is_short:
        since = "" if trouble.owned_since is None else f" since {at(trouble.owned_since)}"
        why = f"{since} ({escape(trouble.owned_why)})"
    until = "" if trouble.owned_until is None else at(trouble.owned_until)
    if trouble.is_asked_again:
        return f"**{owner} had it{why}, asked again since {until} without an answer**"
    return f"**{owner} has it**{why}, to be asked again {until}"


def _due(line: DueLine, now: float, at: Clock) -> str:
    stands = standing(line, now)
    stands = stands if line.at > now else f"**{stands}**"
    return f"{at(line.at)}, {stands}: {clipped(line.what)}"
