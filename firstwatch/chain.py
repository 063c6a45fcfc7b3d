"""The chain of acts, examined: whether every record is there, as it was written, where it was."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firstwatch.acts import Link, faults, read_act
from firstwatch.errors import FirstwatchError
from firstwatch.journal.records import Store


@dataclass(frozen=True, slots=True)
class Named:
    """What a handoff says of the chain of its time."""

    file: str
    head: str
    """The hash of the last act; empty before there was one."""
    acts: int
    """How many there were."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found of a chain."""

    acts: int
    """How many there are, of every launch."""
    head: str
    """The hash of the last one; empty when there is none."""
    faults: tuple[str, ...] = ()
    """What is wrong with it, in words; nothing when it is whole."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found to be wrong."""
        return not self.faults

    def __str__(self) -> str:
        acts = "1 act" if self.acts == 1 else f"{self.acts} acts"
        if self.faults:
            found = len(self.faults)
            return f"{acts}, not whole: {'1 fault' if found == 1 else f'{found} faults'}"
        return f"{acts}, whole; head {self.head}" if self.head else f"{acts}, nothing to verify yet"


def examine(journal: Store, handoffs: Sequence[Named] = ()) -> Chain:
    """The whole chain of a journal, held against what handoffs named. Raises JournalError."""
    if not journal.keeps_acts:
        return Chain(0, "", ("what people signed is gone: there is no table of acts",))
    # In this order: a watch may add to the chain in between.
    given = journal.acts_given
    links = journal.links()
    found = [*faults(links, last=given), *_unreadable(links)]
    for handoff in handoffs:
        found += _against(handoff, links)
    return Chain(len(links), str(links[-1].hash) if links else "", tuple(found))


def _unreadable(links: Sequence[Link]) -> list[str]:
    found = []
    for link in links:
        try:
            read_act(link.act)
        except ValueError:
            found.append(f"record {link.id} holds nothing that this firstwatch knows as an act")
    return found


def _against(handoff: Named, links: Sequence[Link]) -> list[str]:
    """What the chain lacks of that time."""
    found = []
    if len(links) < handoff.acts:
        found.append(f"{handoff.file} counted {handoff.acts} acts, of which {len(links)} are left")
    places = [link.id for link in links if link.hash == handoff.head]
    if handoff.head and not places:
        found.append(f"no record has the hash that {handoff.file} names: {handoff.head}")
    # One written after the launch was stamped again counts none, and names what was before it.
    elif places and places[0] != handoff.acts > 0:
        found.append(
            f"the hash that {handoff.file} names was of record {handoff.acts}, "
            f"and is of record {places[0]} now"
        )
    return found


def named(path: Path) -> Named:
    """What a handoff's TOML twin says of the chain. Raises FirstwatchError when it says nothing."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FirstwatchError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise FirstwatchError(f"{path}: not TOML; name the .toml beside a handoff") from None
    chain = told.get("chain")
    head, acts = (chain.get("head", ""), chain.get("acts")) if isinstance(chain, dict) else ("", -1)
    if not isinstance(head, str) or not isinstance(acts, int) or acts < 0:
        raise FirstwatchError(f"{path}: names no hash of the chain, so there is nothing to compare")
    return Named(path.name, head, acts)
