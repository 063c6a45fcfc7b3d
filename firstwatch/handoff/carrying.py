"""What a watch on another machine goes on with: the TOML twin of a handoff, read and carried.

Reading is tolerant: a twin may be of an older or a newer firstwatch, and what it does not have
is not carried.
"""

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from firstwatch.acts import Acknowledgement, Cadence, Carried, Promise
from firstwatch.episodes import SOURCE, Flip
from firstwatch.errors import FirstwatchError
from firstwatch.journal.records import Store
from firstwatch.plan import Plan
from firstwatch.rounds import Extension, schedule
from firstwatch.text import clean
from firstwatch.verdict import Level

ELSEWHERE = "carried"
"""The version under which the run of the other machine is recorded."""

T = TypeVar("T")
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise that was open."""

    at: float
    who: str
    text: str
    due: float
    about: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An episode that was open, and who had it."""

    subject: str
    start: float
    worst: Level
    reason: str
    owner: str = ""
    owned_since: float = 0.0
    owned_why: str = ""
    recheck: float | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """A round as it stood."""

    number: int
    name: str
    phase: str
    due: float
    at: float | None = None
    """When it was signed."""
    who: str = ""
    is_clean: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """What is carried of a handoff."""

    file: str
    """The name of its file."""
    watch: str
    launch: float
    at: float
    """When it was written."""
    operator: str
    head: str = ""
    """The last hash of that watch's chain."""
    rounds: tuple[Walked, ...] = ()
    """Those that were signed or missed, were to be signed, and the one that came next."""
    promises: tuple[Owed, ...] = ()
    open: tuple[Trouble, ...] = ()


def read_twin(text: str, file: str) -> Twin:
    """The twin of a handoff. Raises FirstwatchError when it is none."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FirstwatchError(f"{file}: {error}") from None
    try:
        launch, at = _moment(told["launch"]), _moment(told["at"])
        watch = str(told["watch"])
    except (KeyError, TypeError, ValueError):
        raise FirstwatchError(
            f"{file}: not the TOML of a handoff; it says neither watch nor launch"
        ) from None
    return Twin(
        file=clean(file, 200),
        watch=clean(watch, 80),
        launch=launch,
        at=at,
        operator=clean(str(told.get("holder", told.get("operator", ""))), 80),
        head=clean(str(_table(told, "chain").get("head", "")), 64),
        rounds=_rounds(_table(told, "rounds")),
        promises=_each(told.get("promises"), _owed),
        open=_each(told.get("open"), _trouble),
    )


def _table(told: Table, name: str) -> Table:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _rounds(told: Table) -> tuple[Walked, ...]:
    lists = [_each(told.get(name), _walked) for name in ("signed", "unsigned", "missed")]
    return tuple(
        walked for found in (*lists, _each([told.get("next")], _walked)) for walked in found
    )


def _each(value: object, read: Callable[[Table], T]) -> tuple[T, ...]:
    """Every entry that can be read, of a list or of a listing with its entries."""
    if isinstance(value, dict):
        value = value.get("entries")
    return tuple(_understood(value if isinstance(value, list) else (), read))


def _understood(entries: Iterable[object], read: Callable[[Table], T]) -> Iterable[T]:
    for entry in entries:
        if isinstance(entry, dict):
            try:
                yield read(entry)
            except (KeyError, TypeError, ValueError):
                continue


def _moment(value: object) -> float:
    """Seconds since the epoch. Raises TypeError or ValueError."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(value)
    return float(value)


def _walked(entry: Table) -> Walked:
    number, at = int(entry["number"]), entry.get("at")
    return Walked(
        number=number,
        name=clean(str(entry.get("name", number)), 20),
        phase=str(entry.get("phase", "")),
        due=_moment(entry["due"]),
        at=None if at is None else _moment(at),
        who=clean(str(entry.get("who", "")), 80),
        is_clean=entry.get("clean") is True,
    )


def _owed(entry: Table) -> Owed:
    return Owed(
        at=_moment(entry["at"]),
        who=clean(str(entry.get("who", "")), 80),
        text=clean(str(entry["text"]), 2000),
        due=_moment(entry["due"]),
        about=clean(str(entry.get("about", "")), 80),
    )


def _trouble(entry: Table) -> Trouble:
    start, owner = _moment(entry["start"]), clean(str(entry.get("owner", "")), 80)
    if entry.get("is_named") is True:
        # Nobody acknowledged it: whoever takes the watch over here is asked who has it.
        owner = ""
    recheck = entry.get("owned_until")
    return Trouble(
        subject=clean(str(entry["subject"]), 200),
        start=start,
        worst=Level(entry["worst"]),
        reason=clean(str(entry.get("reason", ""))),
        owner=owner,
        owned_since=_moment(entry.get("owned_since", start)),
        owned_why=clean(str(entry.get("owned_why", "")), 2000),
        recheck=None if recheck is None else _moment(recheck),
    )


def carry(journal: Store, twin: Twin, plan: Plan, by: str, now: float) -> None:
    """Begin a journal with what the twin tells, as far as this plan knows of it."""
    journal.stamp_launch(twin.launch, twin.operator)
    # That watch did run, elsewhere: the time until its handoff is no gap.
    journal.begin_run(min(twin.launch, twin.at), twin.operator, ELSEWHERE, "")
    journal.end_run(twin.at)
    known = [trouble for trouble in twin.open if is_known(plan, trouble.subject)]
    for trouble in known:
        journal.record_flip(
            Flip(trouble.start, trouble.subject, Level.OK, trouble.worst, trouble.reason)
        )
    journal.act(now, by, _carried(twin))
    for phase, decided in _extended(twin, plan):
        goes_on = Cadence(phase=phase, is_extended=True, reason="as the handoff has it")
        journal.act(decided, twin.operator, goes_on)
    for owed in twin.promises:
        journal.act(owed.at, owed.who, Promise(text=owed.text, due=owed.due, about=owed.about))
    for trouble in known:
        if trouble.owner:
            journal.act(trouble.owned_since, trouble.owner, _acknowledgement(trouble, plan))


def _carried(twin: Twin) -> Carried:
    signed = [walked for walked in twin.rounds if walked.at is not None]
    return Carried(
        source=twin.file,
        head=twin.head,
        signed=tuple((walked.number, walked.at or 0.0, walked.who) for walked in signed),
        clean=tuple(walked.number for walked in signed if walked.is_clean),
    )


def _extended(twin: Twin, plan: Plan) -> list[tuple[str, float]]:
    """Whose cadence was kept beyond its end, and by when: read off the rounds that were put in."""
    put_in = [walked for walked in twin.rounds if "+" in walked.name]
    found: list[tuple[str, float]] = []
    for walked in sorted(put_in, key=lambda walked: walked.due):
        known = schedule(plan, twin.launch, (Extension(*extension) for extension in found))
        phase = next((p for p in plan.phases if p.name == walked.phase), None)
        if phase and not any(abs(round_.due - walked.due) < 1 for round_ in known):
            # No round opens earlier than half its cadence before it is due.
            found.append((phase.name, walked.due - phase.every / 2 - 1))
    return found


def is_known(plan: Plan, subject: str) -> bool:
    """Whether this plan has that check or source."""
    return subject in plan.checks or subject.removeprefix(SOURCE) in plan.sources


def _acknowledgement(trouble: Trouble, plan: Plan) -> Acknowledgement:
    recheck = trouble.recheck
    return Acknowledgement(
        subject=trouble.subject,
        start=trouble.start,
        level=trouble.worst,
        flips=1,
        why=trouble.owned_why,
        recheck=trouble.owned_since + plan.watch.ask_again if recheck is None else recheck,
    )
