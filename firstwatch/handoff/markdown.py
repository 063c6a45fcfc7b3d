"""The handoff as Markdown, for people; whatever came from outside is escaped."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from firstwatch.handoff.brief import (
    CheckLine,
    FlightLine,
    Handoff,
    Listing,
    NearMiss,
    RollbackLine,
    RoundLine,
    Rounds,
    Trouble,
)
from firstwatch.handoff.wording import clock, ranges, since_launch, zone_of
from firstwatch.rounds import RoundStatus
from firstwatch.units import format_duration

T = TypeVar("T")
Clock = Callable[[float], str]

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def escape(text: str) -> str:
    """The text as it stands, in Markdown and in its tables."""
    line = " ".join(text.splitlines())
    return _HTML.sub("&lt;", _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\g<0>", line)))


def to_markdown(handoff: Handoff) -> str:
    """One page, sections always the same and in the same order; an empty one says so."""
    zone, _ = zone_of(handoff.zone)

    def at(moment: float) -> str:
        return clock(moment, handoff.at, zone)

    sections = {
        "": _head(handoff, at),
        "Blind spots": _blind(handoff, at),
        "Rounds": _rounds(handoff.rounds, handoff.at, at),
        "Open episodes": _listing(handoff.open, lambda e: _open(e, at)),
        "Closed episodes": _listing(handoff.closed, lambda e: _closed(e, at)),
        "Flight records": _listing(handoff.flights, lambda f: _flight(f, at)),
        "Near misses": _near(handoff, at),
        "Key figures": _figures(handoff),
        "Checks": _checks(handoff),
        "Ledger since the launch": _ledger(handoff),
        "Manual items": _listing(handoff.manual, _manual),
        "Notes": _listing(handoff.notes, lambda n: f"{at(n.at)} {escape(n.who)}: {escape(n.text)}"),
        "Out of reach": _listing(
            handoff.sources,
            lambda s: (
                f"**{escape(s.name)}** ({escape(s.kind)}) since {at(s.since)}: {escape(s.reason)}"
            ),
        ),
        "Contacts for what fails": _listing(
            handoff.contacts,
            lambda c: (
                f"**{escape(c.title)}**: {escape(c.hint)} "
                f"({', '.join(escape(title) for title in c.failing)})"
            ),
        ),
        "Rollback": iter([_rollback(handoff.rollback, handoff.at, at)]),
        "Not in here": iter([f"- {line}" for line in handoff.left_out]),
    }
    lines: list[str] = []
    for title, body in sections.items():
        lines += ["", f"## {title}", ""] if title else []
        lines += body
    return "\n".join(lines) + "\n"


def _listing(listing: Listing[T], line: Callable[[T], str]) -> Iterator[str]:
    if not listing.entries:
        yield "none"
    for entry in listing.entries:
        yield f"- {line(entry)}"
    if listing.left_out:
        yield f"- … and {listing.left_out} more left out, {listing.which}"


def _head(handoff: Handoff, at: Clock) -> Iterator[str]:
    zone, name = zone_of(handoff.zone)
    written = datetime.fromtimestamp(handoff.at, UTC)
    yield f"# Handoff: {escape(handoff.watch)}, {since_launch(handoff.elapsed)}"
    yield ""
    yield f"**{escape(handoff.state)}**"
    yield ""
    second = "" if zone is UTC else f", {name} ({written.astimezone(zone):%z}) in brackets"
    yield f"- Written {written:%Y-%m-%d %H:%M:%S}; times are UTC{second}"
    yield f"- Watch: {escape(handoff.operator) or 'nobody named'}"
    phase = escape(handoff.phase) or "none, outside the plan"
    yield f"- Launch {at(handoff.launch)}; phase: {phase}"
    yield f"- {_coverage(handoff)}"


def _coverage(handoff: Handoff) -> str:
    cover = handoff.coverage
    if cover is None:
        return "Coverage: not launched yet"
    text = f"Coverage since the launch: the watch ran {_percent(cover.ran)} of the time"
    if not cover.never:
        return f"{text}, with every source in reach {_percent(cover.full)}"
    never = ", ".join(escape(name) for name in cover.never)
    return f"{text}, with the other sources in reach {_percent(cover.full)}; never: {never}"


def _percent(share: float) -> str:
    """Rounded down: 100 % is said of nothing less."""
    return f"{int(share * 10 + 1e-6) / 10:g} %"


def _blind(handoff: Handoff, at: Clock) -> Iterator[str]:
    return _listing(
        handoff.blind,
        lambda spot: (
            f"{at(spot.start)} to {at(spot.end) if spot.end is not None else 'now'}, "
            f"{format_duration(spot.lasted)}: {escape(spot.cause)}"
        ),
    )


def _rounds(rounds: Rounds, now: float, at: Clock) -> Iterator[str]:
    by: dict[str, list[int]] = {}
    for line in rounds.signed:
        by.setdefault(line.who, []).append(line.number)
    names = "; ".join(f"{ranges(n)} by {escape(who) or 'nobody named'}" for who, n in by.items())
    yield f"- Signed: {len(rounds.signed)} of {rounds.total}" + (f" ({names})" if names else "")
    for status in (RoundStatus.LATE, RoundStatus.DUE, RoundStatus.OPEN):
        lines = [line for line in rounds.unsigned if line.status is status]
        told = "; ".join(f"{line.number}, due {at(line.due)}" for line in lines)
        yield f"- {status.capitalize()}, not signed: {told or 'none'}"
    yield f"- Missed: {ranges(line.number for line in rounds.missed) or 'none'}"
    yield f"- Next to come: {_next(rounds.next, now, at)}"


def _next(line: RoundLine | None, now: float, at: Clock) -> str:
    if line is None:
        return "none, no round is left"
    in_ = format_duration(line.due - now)
    return f"round {line.number} at {at(line.due)}, in {in_} ({escape(line.phase)})"


def _open(episode: Trouble, at: Clock) -> str:
    age = f"for {format_duration(episode.lasted)}, since {at(episode.start)}"
    todo = f"\n  - to do: {escape(episode.hint)}" if episode.hint else ""
    return f"**{escape(episode.title)}** {episode.worst.value} {age}{_worst(episode)}{todo}"


def _closed(episode: Trouble, at: Clock) -> str:
    end = at(episode.start if episode.end is None else episode.end)
    stretch = f"{at(episode.start)} to {end}, {format_duration(episode.lasted)}"
    return f"**{escape(episode.title)}** {episode.worst.value} {stretch}{_worst(episode)}"


def _worst(episode: Trouble) -> str:
    value = f"; worst {escape(episode.worst_value)}" if episode.worst_value else ""
    return f"{value}; {escape(episode.reason)}"


def _flight(flight: FlightLine, at: Clock) -> str:
    titles = ", ".join(escape(title) for title in flight.titles)
    return f"{at(flight.at)} **{titles}**: {', '.join(flight.files)} in {escape(flight.folder)}"


def _near(handoff: Handoff, at: Clock) -> Iterator[str]:
    if handoff.near is None:
        return iter(["not known: the journal was not read"])
    return _listing(handoff.near, lambda miss: _near_miss(miss, at))


def _near_miss(miss: NearMiss, at: Clock) -> str:
    brief = ", too briefly to count" if miss.percent >= 100 else ""
    share = f"{miss.percent:.0f} % of its warning{brief}"
    return f"**{escape(miss.title)}** {escape(miss.value)} at {at(miss.at)}: {share}"


def _figures(handoff: Handoff) -> Iterator[str]:
    if not handoff.figures:
        yield "none"
    for line in handoff.figures:
        age = "never measured" if line.age is None else f"{format_duration(line.age)} ago"
        yield f"- {escape(line.title)}: {escape(line.value) or '–'}, {line.verdict.value}, {age}"


def _checks(handoff: Handoff) -> Iterator[str]:
    if not handoff.checks:
        yield "none"
        return
    yield "| check | value | verdict | age | reason |"
    yield "| --- | --- | --- | --- | --- |"
    for line in handoff.checks:
        age = "–" if line.age is None else format_duration(line.age)
        cells = (line.title, line.value or "–", line.verdict.value, age, line.reason)
        yield f"| {' | '.join(escape(cell) for cell in cells)} |"


def _ledger(handoff: Handoff) -> Iterator[str]:
    if not handoff.ledger:
        yield "not known here; the board has it"
    for joint in handoff.ledger:
        yield f"- {escape(joint.name)}: {escape(joint.told)}"


def _manual(line: CheckLine) -> str:
    hint = f" ({escape(line.hint)})" if line.hint else ""
    return f"**{escape(line.title)}** {line.verdict.value}: {escape(line.reason)}{hint}"


def _rollback(rollback: RollbackLine, now: float, at: Clock) -> str:
    steps = f"steps in the plan: {rollback.steps or 'none'}"
    if rollback.is_open:
        left = format_duration(rollback.until - now)
        return f"The window is open until {at(rollback.until)}, {left} left; {steps}"
    return f"The window closed {at(rollback.until)}; {steps}"
