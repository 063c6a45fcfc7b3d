"""Rounds signed in a journal without a board."""

from firstwatch.acts import Note, Record, SignOff
from firstwatch.affairs import signed
from firstwatch.journal import Journal


def closed(number: int, at: float, note: str = "") -> SignOff:
    """A sign-off of that round without any item."""
    return SignOff(number=number, name=str(number), due=at, late=at, opened=at, note=note)


def sign(journal: Journal, number: int, at: float, who: str = "A", note: str = "") -> Record:
    """Sign a round."""
    return journal.act(at, who, closed(number, at, note))


def write(journal: Journal, at: float, text: str, who: str = "A") -> Record:
    """Write a note."""
    return journal.act(at, who, Note(text=text))


def signed_in(journal: Journal) -> dict[int, tuple[float, str]]:
    """When and by whom each round was signed."""
    return signed(journal.acts())


def notes_in(journal: Journal) -> list[str]:
    """All notes."""
    return [record.act.text for record in journal.acts() if isinstance(record.act, Note)]
