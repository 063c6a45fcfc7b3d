"""A draft: what a person has said of a round before signing it, and in which order it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from firstwatch.acts import Mark
from firstwatch.card import Card, Said, Signing, choices, level_seen, why_not
from firstwatch.episodes import SOURCE
from firstwatch.snapshot import CheckState
from firstwatch.text import clean

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the card: an item, or all items that are blind for one and the same reason."""

    key: str
    """The check's id, or the source's name after "source:"."""
    states: tuple[CheckState, ...]
    """Empty once a source is back."""
    is_owed: bool
    """Whether something has to be said; what has become fine again stays in its place."""
    is_new: bool = False
    """Whether it came up while the card was open."""

    @property
    def source(self) -> str:
        """The source out of reach that it stands for; empty for a single item."""
        return self.key.removeprefix(SOURCE) if self.key.startswith(SOURCE) else ""


def ordered(card: Card, before: Sequence[str] = ()) -> tuple[str, ...]:
    """The keys of all entries: those there were, in their places, then whatever is new."""
    found = dict.fromkeys(before)
    for state in card.owed:
        found.setdefault(_key(state, card, found))
    return tuple(found)


def entries(card: Card, keys: Sequence[str], known: int) -> tuple[Entry, ...]:
    """The entries of these keys, as `ordered` gave them; the first `known` are not new."""
    members: dict[str, list[CheckState]] = {key: [] for key in keys}
    for state in card.owed:
        members[_key(state, card, members)].append(state)
    fine = {state.check.id: state for state in card.verified}
    return tuple(
        Entry(
            key,
            tuple(states) or ((fine[key],) if key in fine else ()),
            bool(states),
            number >= known,
        )
        for number, (key, states) in enumerate(members.items())
    )


def _key(state: CheckState, card: Card, taken: Mapping[str, object]) -> str:
    """Under which key an item is asked for."""
    source = state.verdict.blocked_by
    if state.check.id in taken or not source:
        return state.check.id
    shared = sum(other.verdict.blocked_by == source for other in card.owed) > 1
    return SOURCE + source if shared or SOURCE + source in taken else state.check.id


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has said of a round so far. Lives until that is signed, or over."""

    number: int
    """Of the round."""
    opened: float
    """When the person began to look, by the clock of the watch."""
    words: Mapping[str, Said] = field(default_factory=dict)
    """What was ticked, by check id, without notes and numbers."""
    fallen: frozenset[str] = frozenset()
    """Checks of which something was said that has become untrue."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """By the key of the entry."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """By check id."""
    note: str = ""
    """Of the round."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return not (self.words or self.fallen or self.notes or self.numbers or self.note)

    def met(self, card: Card) -> Self:
        """What is left of it as things stand: a word about what has become worse falls away."""
        fell = {
            state.check.id
            for state in card.items
            if (word := self.words.get(state.check.id)) and not _holds(state, word)
        }
        if not fell:
            return self
        words = {check: word for check, word in self.words.items() if check not in fell}
        return replace(self, words=words, fallen=self.fallen | fell)

    def mark(self, entry: Entry) -> Mark | None:
        """What was said of an entry, of all that it stands for."""
        marks = {self._mark(state) for state in entry.states}
        return marks.pop() if len(marks) == 1 else None

    def _mark(self, state: CheckState) -> Mark | None:
        word = self.words.get(state.check.id)
        return None if word is None else word.mark

    def next_mark(self, entry: Entry) -> Mark | None:
        """What may be said of it next; None takes back what was said."""
        if not entry.is_owed:
            return None
        marks = choices(entry.states[0])
        now = self.mark(entry)
        following = 0 if now is None else marks.index(now) + 1 if now in marks else len(marks)
        return marks[following] if following < len(marks) else None

    def ticked(self, entry: Entry) -> Self:
        """With the next thing said of an entry."""
        if not entry.is_owed:
            return self
        mark = self.next_mark(entry)
        ids = {state.check.id for state in entry.states}
        words = {check: word for check, word in self.words.items() if check not in ids}
        if mark is not None:
            words |= {s.check.id: Said(mark, level_seen(s)) for s in entry.states}
        return replace(self, words=words, fallen=self.fallen - ids)

    def noted(self, entry: Entry, text: str) -> Self:
        """With a note on an entry, which says that it was seen; none takes the note back."""
        draft = replace(self, notes=_with(self.notes, entry.key, text.strip() or None))
        is_plain = entry.is_owed and len(choices(entry.states[0])) == 1
        if text.strip() and is_plain and self.mark(entry) is None:
            return draft.ticked(entry)
        return draft

    def counted(self, entry: Entry, number: float | None) -> Self:
        """With the number that a person read off."""
        return replace(self, numbers=_with(self.numbers, entry.key, number))

    def said(self, card: Card) -> dict[str, Said]:
        """What was said of each item, as the watch wants to be told."""
        found = ((state.check.id, self._said(state)) for state in card.items)
        return {check: said for check, said in found if said is not None}

    def _said(self, state: CheckState) -> Said | None:
        check = state.check.id
        note = self.notes.get(check) or self.notes.get(SOURCE + state.verdict.blocked_by, "")
        number = self.numbers.get(check)
        word = self.words.get(check)
        if word is None:
            if choices(state) != (Mark.VERIFIED,) or not (note or number is not None):
                return None
            word = Said(Mark.VERIFIED, state.verdict.level)
        if word.mark is Mark.BLIND and not state.check.is_manual:
            note = note or clean(state.verdict.reason)
        return replace(word, note=note, number=number)

    def signing(self, card: Card) -> Signing:
        """The round as it would be signed now."""
        return Signing(self.number, self.opened, self.said(card), self.note)


def _holds(state: CheckState, word: Said) -> bool:
    """Whether a word may still be said; whether it needs a note is another question."""
    return not why_not(state, replace(word, note=word.note or "-"))


def _with(facts: Mapping[str, T], key: str, value: T | None) -> dict[str, T]:
    """The facts with one set, or taken out."""
    rest = {name: fact for name, fact in facts.items() if name != key}
    return rest if value is None else {**rest, key: value}
