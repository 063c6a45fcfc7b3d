"""What a watch on another machine goes on with: the TOML twin of a handoff, read and carried.

A twin may be of an older or a newer firstwatch: what it does not have is not carried, and keys
that are new are passed over. What it has has to be right, for it may have been edited.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from firstwatch.acts import Acknowledgement, Cadence, Carried, Promise
from firstwatch.episodes import SOURCE, Flip
from firstwatch.errors import ConfigError, FirstwatchError, Problem
from firstwatch.journal.records import Store
from firstwatch.plan import Plan
from firstwatch.rounds import Extension, schedule
from firstwatch.sampling import LAST_MOMENT
from firstwatch.text import clean
from firstwatch.verdict import Level

ELSEWHERE = "carried"
"""The version under which the run of the other machine is recorded."""
MOST = 99_999
"""The highest number of a round."""

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
    """The twin of a handoff. Raises FirstwatchError when it is none or something in it is wrong."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FirstwatchError(f"{file}: {error}") from None
    if not {"watch", "launch", "at"} <= values.keys():
        raise FirstwatchError(
            f"{file}: not the TOML of a handoff; it says neither watch nor launch"
        )
    problems: list[Problem] = []
    told = _Told(values, lambda key, what: problems.append(Problem(file, key, what)))
    told.whole("version")
    twin = Twin(
        file=clean(file, 200),
        watch=told.text("watch", 80),
        launch=told.moment("launch") or 0.0,
        at=told.moment("at") or 0.0,
        operator=told.text("holder" if "holder" in values else "operator", 80),
        head=told.table("chain").text("head", 64),
        rounds=tuple(_rounds(told.table("rounds"))),
        promises=tuple(map(_owed, told.listing("promises", "at", "text", "due"))),
        open=tuple(map(_trouble, told.listing("open", "subject", "worst", "start"))),
    )
    if problems:
        raise ConfigError(problems)
    return twin


class _Told:
    """A table of the twin: what it does not say is empty, and what is wrong in it is told."""

    def __init__(self, values: Table, tell: Callable[[str, str], None], place: str = "") -> None:
        self._values = values
        self._tell = tell
        self._place = place

    def _as(self, key: str, kind: type[T], wanted: str) -> T | None:
        """The value if it is of that kind; whatever else stands there is wrong."""
        value = self._values.get(key)
        if value is None or type(value) is kind:
            return value
        self._wrong(key, wanted)
        return None

    def _wrong(self, key: str, what: str) -> None:
        self._tell(self._place + key, what)

    def text(self, key: str, longest: int = 400) -> str:
        """One harmless line."""
        return clean(self._as(key, str, "must be text") or "", longest)

    def whole(self, key: str) -> int:
        """A whole number from 1; 0 where there is none."""
        wanted = f"must be a whole number from 1 to {MOST}"
        number = self._as(key, int, wanted)
        if number is not None and not 1 <= number <= MOST:
            self._wrong(key, wanted)
        return number or 0

    def flag(self, key: str) -> bool:
        """True or false."""
        return self._as(key, bool, "must be true or false") is True

    def moment(self, key: str) -> float | None:
        """Seconds since the epoch."""
        value = self._values.get(key)
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.timestamp()
        if value is None or (type(value) in (int, float) and 0 <= value < LAST_MOMENT):
            return value
        self._wrong(key, "must be a time with its zone, like 2026-11-24T05:00:00Z")
        return None

    def level(self, key: str) -> Level:
        """How bad something was."""
        value = self._values.get(key)
        if value in tuple(Level):
            return Level(value)
        self._wrong(key, f"must be one of {', '.join(Level)}")
        return Level.UNKNOWN

    def table(self, key: str) -> Self:
        """The table below a key."""
        found = self._as(key, dict, "must be a table") or {}
        return type(self)(found, self._tell, f"{self._place}{key}.")

    def listing(self, key: str, *needed: str) -> Iterator[Self]:
        """The tables of a list, or of the entries of a listing, that have what is needed."""
        if isinstance(self._values.get(key), dict):
            yield from self.table(key).listing("entries", *needed)
            return
        entries = self._as(key, list, "must be a list of tables") or []
        for number, entry in enumerate(entries, 1):
            place = f"{key}[{number}]"
            if not isinstance(entry, dict):
                self._wrong(place, "must be a table")
            elif entry.keys() >= set(needed):
                yield type(self)(entry, self._tell, f"{self._place}{place}.")

    def has(self, *keys: str) -> bool:
        """Whether it says all of this."""
        return self._values.keys() >= set(keys)


def _rounds(told: _Told) -> Iterator[Walked]:
    for name in ("signed", "unsigned", "missed"):
        yield from map(_walked, told.listing(name, "number", "due"))
    following = told.table("next")
    if following.has("number", "due"):
        yield _walked(following)


def _walked(told: _Told) -> Walked:
    number = told.whole("number")
    return Walked(
        number=number,
        name=told.text("name", 20) or str(number),
        phase=told.text("phase"),
        due=told.moment("due") or 0.0,
        at=told.moment("at"),
        who=told.text("who", 80),
        is_clean=told.flag("clean"),
    )


def _owed(told: _Told) -> Owed:
    return Owed(
        at=told.moment("at") or 0.0,
        who=told.text("who", 80),
        text=told.text("text", 2000),
        due=told.moment("due") or 0.0,
        about=told.text("about", 80),
    )


def _trouble(told: _Told) -> Trouble:
    start, since, owner = told.moment("start"), told.moment("owned_since"), told.text("owner", 80)
    if told.flag("is_named"):
        # Nobody acknowledged it: whoever takes the watch over here is asked who has it.
        owner = ""
    return Trouble(
        subject=told.text("subject", 200),
        start=start or 0.0,
        worst=told.level("worst"),
        reason=told.text("reason"),
        owner=owner,
        owned_since=(start or 0.0) if since is None else since,
        owned_why=told.text("owned_why", 2000),
        recheck=told.moment("owned_until"),
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
