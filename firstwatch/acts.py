"""Acts: what people did on the watch, each one a link of a chain.

An act is stored as text together with its hash, which covers the act and the hash of the one
before it. Whoever changes, takes out or swaps a record breaks every hash after it. Somebody
who may write the file can still build the whole chain anew: that is why each handoff names
the last hash of its time.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from firstwatch.probe import Section
from firstwatch.verdict import Level

ROUND = "round:"
"""Marks what a note is about as a round, whose number follows."""
GENESIS = "0" * 64
"""What the first record has for the hash before it."""


class Mark(StrEnum):
    """What a sign-off says of one item."""

    VERIFIED = "verified"
    """Measured, recent, fine: the watch vouches for it."""
    SEEN = "seen"
    """Measured and not fine: a person has looked at it."""
    FINE = "fine"
    """A person says so."""
    NOT_FINE = "not fine"
    """A person says it is not."""
    BLIND = "blind"
    """Nobody can say; the note tells why."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to look at."""
        return self in (Mark.VERIFIED, Mark.FINE)


class Item(Section):
    """One item of a signed round, with the evidence as it stood."""

    check: str
    """The check's id."""
    title: str
    mark: Mark
    level: Level
    reason: str = ""
    value: float | None = None
    """The last good reading, in `unit`."""
    unit: str = ""
    age: float | None = None
    """Seconds since that reading."""
    sample: int | None = None
    """How many observations it rests on."""
    number: float | None = None
    """What the person read off or counted."""
    note: str = ""


class SignOff(Section):
    """A person closed a round."""

    kind: Literal["sign-off"] = "sign-off"
    number: int
    name: str
    """What the board calls the round: its number, or "12+1" for one that was put in."""
    due: float
    late: float
    """When it would have been late."""
    opened: float
    """When the person began to look."""
    items: tuple[Item, ...] = ()
    note: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether every item was verified or fine."""
        return all(item.mark.is_clean for item in self.items)


class Note(Section):
    """What a person wrote down."""

    kind: Literal["note"] = "note"
    text: str
    about: str = ""
    """A check's id, "round:7", or nothing in particular."""


class Promise(Section):
    """Something that a person will do at a time."""

    kind: Literal["promise"] = "promise"
    text: str
    due: float
    about: str = ""


class Kept(Section):
    """A promise that was kept, or let go."""

    kind: Literal["kept"] = "kept"
    promise: int
    """The number of its record."""
    is_done: bool = True
    """False when it was let go."""
    note: str = ""


class Acknowledgement(Section):
    """A person knows of an episode and has it."""

    kind: Literal["acknowledgement"] = "acknowledgement"
    subject: str
    """A check's id, or a source's name after "source:"."""
    start: float
    """When its episode began."""
    level: Level
    """How bad it was."""
    flips: int
    """How many flips the episode had by then."""
    why: str
    recheck: float
    """When it is asked about again."""


class Cadence(Section):
    """The answer to whether a phase's cadence goes on beyond its end."""

    kind: Literal["cadence"] = "cadence"
    phase: str
    is_extended: bool
    reason: str = ""


class RollbackOpened(Section):
    """A run of the rollback plan began."""

    kind: Literal["rollback-opened"] = "rollback-opened"
    reason: str
    is_drill: bool = False
    """Whether it is only practised."""
    price: tuple[str, ...] = ()
    """What a restore would lose, as it stood."""


class RollbackStep(Section):
    """A person did a step of the rollback, or passed over it."""

    kind: Literal["rollback-step"] = "rollback-step"
    step: int
    """From 1."""
    title: str
    is_done: bool = True
    """False when it was passed over."""
    verified: str = ""
    """What the watch saw of it; empty where it can see nothing."""
    note: str = ""


class RollbackClosed(Section):
    """A run of the rollback plan ended."""

    kind: Literal["rollback-closed"] = "rollback-closed"
    is_called_off: bool
    note: str = ""


class HandedOver(Section):
    """The watch was offered to somebody."""

    kind: Literal["handed-over"] = "handed-over"
    to: str
    """Who should take it; empty takes the offer back."""
    note: str = ""


class Answer(Section):
    """An answer to a question that the state of the watch asks of whoever takes it over."""

    question: str
    answer: str
    episodes: tuple[tuple[str, float], ...] = ()
    """Which episodes it says somebody has, by subject and start."""
    denied: tuple[int, ...] = ()
    """The acknowledgements that it says are true no more, by the id of their records."""


class TakenOver(Section):
    """Somebody has the watch from now on."""

    kind: Literal["taken-over"] = "taken-over"
    by: str
    answers: tuple[Answer, ...] = ()


class Carried(Section):
    """What an earlier watch knew and this one goes on with, out of a handoff."""

    kind: Literal["carried"] = "carried"
    source: str
    """The name of the handoff's file."""
    head: str = ""
    """The last hash of that watch's chain."""
    signed: tuple[tuple[int, float, str], ...] = ()
    """Number, when and by whom of each round signed there."""
    clean: tuple[int, ...] = ()
    """The numbers of those in which every item was verified or fine."""


class Escalated(Section):
    """Nobody signed, and the watch called for somebody."""

    kind: Literal["escalated"] = "escalated"
    number: int
    """Of the round."""
    step: int
    """Which call it was, from 1."""
    outcome: str
    """What became of it, in words."""


Act = Annotated[
    SignOff
    | Note
    | Promise
    | Kept
    | Acknowledgement
    | Cadence
    | RollbackOpened
    | RollbackStep
    | RollbackClosed
    | HandedOver
    | TakenOver
    | Carried
    | Escalated,
    Field(discriminator="kind"),
]
_ACT: TypeAdapter[Act] = TypeAdapter(Act)


@dataclass(frozen=True, slots=True)
class Link:
    """A record as it is stored."""

    id: int
    """From 1, without a hole."""
    launch: int
    """The launch it belongs to."""
    at: float
    """Seconds since the epoch."""
    who: str
    act: str
    """JSON."""
    hash: str

    def hash_after(self, before: str) -> str:
        """The hash it must have, coming after a record with that one."""
        # Bit rot, or whoever did it, can have left bytes where text or a number was.
        fields = [before, self.id, self.launch, self.at, self.who, self.act]
        told = json.dumps(fields, default=repr)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """An act with when it was done and by whom."""

    id: int
    at: float
    """Seconds since the epoch."""
    who: str
    act: Act


def to_json(act: Act) -> str:
    """The act as it is stored."""
    return act.model_dump_json()


def read_act(text: str) -> Act:
    """The act of a stored text. Raises ValueError."""
    return _ACT.validate_json(text)


def round_of(about: str) -> int | None:
    """The number of the round that this is about; None where it is about something else."""
    number = about.removeprefix(ROUND)
    return int(number) if about.startswith(ROUND) and number.isdecimal() else None


def faults(
    links: Sequence[Link], *, last: int | None = None, heads: Iterable[str] = ()
) -> list[str]:
    """What is wrong with a chain, in words; nothing when it is whole.

    `last` is the highest number that was ever given out; `heads` are hashes that must be in it,
    as earlier handoffs named them.
    """
    found = []
    before, expected = GENESIS, 1
    for link in links:
        if link.id != expected:
            found.append(_missing(expected, link.id - 1))
        elif link.hash != link.hash_after(before):
            found.append(f"record {link.id} is not as it was written, or not where it was")
        before, expected = link.hash, link.id + 1
    if last is not None and last >= expected:
        found.append(_missing(expected, last))
    known = {link.hash for link in links}
    found += [
        f"no record has the hash {head} that a handoff named" for head in heads if head not in known
    ]
    return found


def _missing(first: int, last: int) -> str:
    if first >= last:
        return f"record {first} is missing"
    return f"records {first} to {last} are missing"
