"""Who has an episode: by an acknowledgement, or named when the watch was taken over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firstwatch.acts import Acknowledgement, Record, TakenOver
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean

NOBODY: Final = ("nobody", "no one", "none")
"""Answers that name nobody."""

Key = tuple[str, float]
"""An episode by its subject and start."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has an episode, or had it last where it is over."""

    who: str
    at: float
    """Since when."""
    why: str = ""
    until: float | None = None
    """When it is asked about again; None where nobody acknowledged it."""
    is_asked_again: bool = False
    """Whether that time has come while it lasts."""

    @property
    def is_named(self) -> bool:
        """Whether whoever took the watch over named them, and nobody has acknowledged it."""
        return self.until is None


def owners(snapshot: Snapshot) -> Mapping[Key, Owner]:
    """The owner of each episode that has one: whoever was said to have it last.

    While it lasts, an acknowledgement that was given and broke leaves it to nobody.
    """
    found = dict(_said(snapshot.affairs.records))
    for episode in snapshot.episodes:
        if not episode.is_open:
            continue
        key, ack = (episode.subject, episode.start), snapshot.affairs.acks.get(episode.subject)
        if ack is not None:
            asks = ack.asks(snapshot.at)
            found[key] = Owner(ack.who, ack.at, ack.why, ack.recheck, is_asked_again=asks)
        elif key in found and not found[key].is_named:
            del found[key]
    return found


def _said(records: Sequence[Record]) -> Iterator[tuple[Key, Owner]]:
    """Who was said to have which episode, in the order it was said."""
    for record in records:
        match record.act:
            case Acknowledgement() as act:
                yield (act.subject, act.start), Owner(record.who, record.at, act.why, act.recheck)
            case TakenOver(answers=answers):
                for answer in answers:
                    who = clean(answer.answer)
                    if who.casefold().rstrip(".") not in NOBODY:
                        yield from ((key, Owner(who, record.at)) for key in answer.episodes)
            case _:
                pass
