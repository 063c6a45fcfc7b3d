"""Half a page for those who do not run the service: does it work, who noticed, what comes next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from firstwatch.handoff.brief import Handoff, Trouble
from firstwatch.handoff.page.escape import clipped, escape
from firstwatch.handoff.page.head import percent
from firstwatch.handoff.recall import LATER
from firstwatch.handoff.state import WATCH
from firstwatch.handoff.wording import Clock, clock_of, zone_of
from firstwatch.plan import Pane
from firstwatch.units import format_duration
from firstwatch.verdict import Level

STRETCHES: Final = 5
"""The most stretches of trouble."""
MERGE: Final = 900.0
"""Seconds: to a customer, trouble that returns so soon was one."""
UNSEEN: Final = "part of the service could not be observed"
WORDS: Final = {
    Pane.HEALTH: "the service may have been slow or unavailable",
    Pane.FLOW: "messages may have been late or missing",
    Pane.INTEGRITY: "records may have been incomplete or doubled",
    Pane.CLIENT: "what the first customers saw may not have been as it should be",
}
"""What trouble in each pane may have meant to a customer."""

_UNSETTLED = (
    "What is measured is within its limits, but people have not yet checked and settled all that "
    "they have to."
)


@dataclass(frozen=True, slots=True)
class _Noticed:
    """A stretch in which customers may have noticed something."""

    what: str
    start: float
    end: float | None
    """None while it lasts."""


def to_stakeholders(handoff: Handoff) -> str:
    """Markdown of at most half a page, in plain words, naming roles and no people."""
    return "\n".join(_lines(handoff, clock_of(handoff))) + "\n"


def _lines(handoff: Handoff, at: Clock) -> Iterator[str]:
    yield f"# {escape(handoff.watch)}: how it stands at {at(handoff.at)}"
    yield ""
    yield f"**{' '.join(standing(handoff))}**"
    yield ""
    if handoff.coverage:
        since = f"{at(handoff.launch)}, {format_duration(handoff.elapsed)} ago"
        seen = f"the whole of it was observed {percent(handoff.coverage.full)} of the time"
        yield f"- Launched {since}; {seen}."
    yield from _noticed_lines(handoff, at)
    yield f"- What is being done: {_done(handoff)}"
    yield f"- What was lost: {_lost(handoff, at)}"
    yield f"- Next update: {_update(handoff, at)}"
    zone, name = zone_of(handoff.zone)
    yield f"- Times are UTC{'' if zone is UTC else f', those in brackets {name}'}."


def standing(handoff: Handoff) -> list[str]:
    """Whether the service works, in sentences; it says so only when nothing speaks against it."""
    if handoff.coverage is None:
        return ["The service is not launched yet."]
    if watch := next((one for one in handoff.sources.entries if one.name == WATCH), None):
        nobody = "Nobody is watching the service at the moment; how it stands is not known."
        is_later = watch.reason.startswith(LATER)
        return ["How the service stands is not known." if is_later else nobody]
    levels = {line.verdict for line in handoff.checks} | {t.level for t in handoff.open.entries}
    told = []
    if Level.CRITICAL in levels:
        told.append("The service has serious problems.")
    elif Level.WARNING in levels:
        told.append("The service has problems that customers may notice.")
    elif Level.OFF_TARGET in levels:
        told.append("The service is not as quick or as exact as was agreed.")
    if Level.UNKNOWN in levels or handoff.sources.entries or not levels:
        told.append("Part of it cannot be observed, so nobody can say how that part stands.")
    if told:
        return told
    if handoff.reservations:
        return [_UNSETTLED]
    return ["The service works as it should, as far as that is measured."]


def _noticed_lines(handoff: Handoff, at: Clock) -> Iterator[str]:
    noticed = _noticed((*handoff.closed.entries, *handoff.open.entries))
    if not noticed:
        yield "- What customers may have noticed: nothing that was measured."
        return
    yield "- What customers may have noticed:"
    for one in noticed[:STRETCHES]:
        if one.end is None:
            yield f"  - since {at(one.start)}, still going on: {one.what}"
        else:
            yield f"  - {at(one.start)} to {at(one.end)}: {one.what}"
    more = len(noticed) - STRETCHES
    if more > 0 or handoff.closed.left_out:
        yield "  - and more before, which is left out here"


def _noticed(troubles: Sequence[Trouble]) -> list[_Noticed]:
    """Stretches with what they may have meant, those that last first, then the latest."""
    merged: list[_Noticed] = []
    for trouble in sorted(troubles, key=lambda one: one.start):
        is_seen = trouble.worst is not Level.UNKNOWN and trouble.pane in set(Pane)
        what = WORDS[Pane(trouble.pane)] if is_seen else UNSEEN
        index = next((i for i, known in enumerate(merged) if _touches(known, what, trouble)), None)
        if index is None:
            merged.append(_Noticed(what, trouble.start, trouble.end))
        else:
            known = merged[index]
            merged[index] = _Noticed(what, known.start, _later(known.end, trouble.end))
    return sorted(merged, key=lambda one: (one.end is not None, -one.start))


def _later(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)


def _touches(known: _Noticed, what: str, trouble: Trouble) -> bool:
    return known.what == what and (known.end is None or trouble.start <= known.end + MERGE)


def _done(handoff: Handoff) -> str:
    run = next((run for run in reversed(handoff.rollback.runs) if not run.is_drill), None)
    told = []
    if run and run.closed_at is None:
        told.append("the launch is being rolled back;")
    elif run and not run.is_called_off:
        told.append("the launch was rolled back;")
    return " ".join((*told, *_owned(handoff)))


def _owned(handoff: Handoff) -> Iterable[str]:
    who = (
        "the engineers, who are just handing over," if handoff.pending else "the engineer on watch"
    )
    count = len(handoff.open.entries) + handoff.open.left_out
    owned = [trouble for trouble in handoff.open.entries if trouble.is_owned]
    if not count:
        yield f"{who} goes on checking at fixed times."
        return
    if not owned:
        yield f"nobody has taken on the open problems yet ({count})."
        return
    verb = "have" if handoff.pending else "has"
    why = next((trouble.owned_why for trouble in owned if trouble.owned_why), "")
    said = f" (“{clipped(why, 100)}”)" if why else ""
    yield f"{who} {verb} taken on {len(owned)} of {count} open problems{said}."


def _lost(handoff: Handoff, at: Clock) -> str:
    lost = handoff.lost
    if lost.messages:
        perhaps = ", perhaps more" if lost.unknown else ""
        return (
            f"{lost.messages:g} messages were not stored{perhaps}; they have to be fetched again."
        )
    if lost.unknown:
        return "not known at the moment."
    if lost.since > handoff.launch:
        return f"0 messages since {at(lost.since)}; those lost before are no longer counted."
    return "0 messages, as far as they are counted."


def _update(handoff: Handoff, at: Clock) -> str:
    rounds = [*handoff.rounds.unsigned, *([handoff.rounds.next] if handoff.rounds.next else [])]
    if not rounds:
        return "none is planned; the watch is over."
    due = rounds[0].due
    if due > handoff.at:
        return f"{at(due)}."
    return f"with the check that is due since {at(due)}."
