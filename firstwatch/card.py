"""The round card: what a person is asked at a round, and what may be said of each item."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from firstwatch.acts import Item, Mark, SignOff
from firstwatch.errors import Refused
from firstwatch.rounds import Round, RoundState, RoundStatus
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_clock
from firstwatch.verdict import QUIET, Level

OPEN = (RoundStatus.OPEN, RoundStatus.DUE, RoundStatus.LATE)
"""When a round may be signed."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one item."""

    mark: Mark
    level: Level
    """What was to be seen of the item when the person said so, see `level_seen`."""
    note: str = ""
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """A round as a person wants to sign it."""

    number: int
    opened: float
    """When the person began to look, by the clock of the watch."""
    said: Mapping[str, Said] = field(default_factory=dict)
    """By check id; what is measured and fine needs nothing said."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a round asks for, sorted by who has to say."""

    state: RoundState
    exceptions: tuple[CheckState, ...]
    """Measured and not fine, or not measured; the worst first, others than its own last."""
    manual: tuple[CheckState, ...]
    verified: tuple[CheckState, ...]
    """Measured, recent, fine."""

    @property
    def items(self) -> tuple[CheckState, ...]:
        """All of them, as they are asked."""
        return (*self.exceptions, *self.manual, *self.verified)

    @property
    def owed(self) -> tuple[CheckState, ...]:
        """Those of which something has to be said."""
        return (*self.exceptions, *self.manual)


def card(snapshot: Snapshot, state: RoundState) -> Card:
    """What that round asks for now: the items of its phase, and whatever else is in trouble."""
    asked = set(state.round.checks)
    own = [check for check in snapshot.checks if check.check.id in asked]
    exceptions = [c for c in own if not c.check.is_manual and c.verdict.level not in QUIET]
    others = [
        c
        for c in snapshot.checks
        if c.check.id not in asked and not c.check.is_manual and c.verdict.level.is_trouble
    ]
    return Card(
        state=state,
        exceptions=(*_worst_first(exceptions), *_worst_first(others)),
        manual=tuple(c for c in own if c.check.is_manual),
        verified=tuple(c for c in own if not c.check.is_manual and c.verdict.level in QUIET),
    )


def _worst_first(states: list[CheckState]) -> list[CheckState]:
    return sorted(states, key=lambda state: -state.verdict.level.severity)


def choices(state: CheckState) -> tuple[Mark, ...]:
    """What may be said of an item as it stands, the likeliest first."""
    if state.check.is_manual:
        return (Mark.FINE, Mark.NOT_FINE, Mark.BLIND)
    if state.verdict.level is Level.UNKNOWN:
        return (Mark.BLIND,)
    return (Mark.VERIFIED,) if state.verdict.level in QUIET else (Mark.SEEN,)


def level_seen(state: CheckState) -> Level:
    """What a person goes by: the level of the item, or of the check that helps to say."""
    return state.verdict.hinted or state.verdict.level


def lacking(card_: Card, said: Mapping[str, Said]) -> tuple[CheckState, ...]:
    """The items that keep a round from being signed: nothing said, or no longer true."""
    return tuple(state for state in card_.owed if why_not(state, said.get(state.check.id)))


def why_not(state: CheckState, said: Said | None) -> str:
    """Why an item cannot be signed so; empty when it can."""
    title, level, seen = state.check.title, state.verdict.level, level_seen(state)
    if choices(state) == (Mark.VERIFIED,):
        return ""
    if said is None:
        return f"{title} is {level}: say something of it first"
    is_worse = seen not in QUIET and seen.severity > said.level.severity
    if state.check.is_manual and is_worse and said.mark is Mark.FINE:
        return f"{title}: what you went by has become {seen}: {state.verdict.reason}"
    if said.mark not in choices(state) or (is_worse and not state.check.is_manual):
        return f"{title} has become {level} since you looked: {state.verdict.reason}"
    if said.mark is Mark.BLIND and state.check.is_manual and not said.note:
        return f"{title}: say why nobody can tell"
    return ""


def sign_off(snapshot: Snapshot, signing: Signing) -> SignOff:
    """The sign-off of a round with the evidence as it stands now.

    Raises Refused when the round cannot be signed now, or when an item is not what was said.
    """
    state = next((s for s in snapshot.rounds if s.round.number == signing.number), None)
    if state is None:
        raise Refused(f"there is no round {signing.number}")
    if state.status not in OPEN:
        raise Refused(_closed(state))
    asked = card(snapshot, state)
    for item in asked.owed:
        if why := why_not(item, signing.said.get(item.check.id)):
            raise Refused(why)
    return SignOff(
        number=state.round.number,
        name=state.round.name,
        due=state.round.due,
        late=state.round.late,
        opened=min(signing.opened, snapshot.at),
        items=tuple(_item(s, signing.said.get(s.check.id), snapshot.at) for s in asked.items),
        note=signing.note,
    )


def _closed(state: RoundState) -> str:
    name = state.round.name
    if state.status is RoundStatus.SIGNED:
        return f"round {name} was signed at {format_clock(state.signed_at or 0.0)}"
    if state.status is RoundStatus.MISSED:
        return (
            f"round {name} was missed at {format_clock(state.round.closes)}; a note may explain it"
        )
    return f"round {name} opens at {format_clock(state.round.opens)}"


def _item(state: CheckState, said: Said | None, now: float) -> Item:
    mark = choices(state)[0] if said is None or said.mark not in choices(state) else said.mark
    reading = state.reading
    return Item(
        check=state.check.id,
        title=state.check.title,
        mark=mark,
        level=state.verdict.level,
        reason=state.verdict.reason,
        value=state.value,
        unit=state.check.unit,
        age=state.age(now),
        sample=None if reading is None else reading.sample,
        number=None if said is None else said.number,
        note="" if said is None else said.note,
    )


def timing(round_: Round | SignOff, signed_at: float) -> str:
    """When a round was signed against when it was due: "early", "on time", "25 minutes late"."""
    if signed_at < round_.due:
        return "early"
    if signed_at < round_.late:
        return "on time"
    return late_by(signed_at - round_.due)


def late_by(seconds: float) -> str:
    """A delay in whole minutes."""
    minutes = int(seconds // 60)
    return "a minute late" if minutes == 1 else f"{minutes} minutes late"
