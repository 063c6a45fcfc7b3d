"""How a report tells a text, a moment and a title: masked, and in two time zones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from firstwatch.acts import round_of
from firstwatch.episodes import SOURCE
from firstwatch.handoff.wording import clock, zone_of
from firstwatch.masking import Masker
from firstwatch.plan import Plan
from firstwatch.rounds import RoundState, name_of
from firstwatch.snapshot import Snapshot
from firstwatch.units import format_elapsed

NAME = 80
"""The most characters of a name."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one report."""

    mask: Masker
    plan: Plan
    rounds: tuple[RoundState, ...]
    launch: float
    day: float
    """Times on another date than that of this moment carry their date."""
    zone: tzinfo
    are_notes_unmasked: bool = False
    """Whether what the watch's own people wrote stands as they wrote it, secrets aside."""

    def at(self, moment: float) -> str:
        """A moment by the clock."""
        return clock(moment, self.day, self.zone)

    def since(self, moment: float) -> str:
        """A moment by the launch and by the clock."""
        return f"{format_elapsed(moment - self.launch)} · {self.at(moment)}"

    def said(self, text: str) -> str:
        """What somebody or something outside said."""
        return self.mask(text)

    def wrote(self, text: str) -> str:
        """What somebody of the watch wrote."""
        return self.mask.revealed(text) if self.are_notes_unmasked else self.mask(text)

    def who(self, name: str) -> str:
        """A person of the watch."""
        return self.mask(name, NAME) or "nobody named"

    def own(self, text: str) -> str:
        """What the plan says."""
        return self.mask.own(text)

    def title(self, subject: str) -> str:
        """What to call a check or a source."""
        check = self.plan.checks.get(subject)
        if check:
            return self.mask.own(check.title, NAME)
        return self.mask(subject.replace(SOURCE, "source ", 1), NAME)

    def round(self, number: int) -> str:
        """A round as people call it."""
        return f"round {name_of(number, self.rounds)}"

    def about(self, subject: str) -> str:
        """What a note or promise is about, in brackets; empty where it is about nothing."""
        if not subject:
            return ""
        number = round_of(subject)
        if number is not None:
            return f" ({self.round(number)})"
        return f" ({self.title(subject)})"


def words_of(snapshot: Snapshot, mask: Masker, *, unmasked_notes: bool = False) -> Words:
    """The words of a report on this snapshot."""
    zone, _ = zone_of(snapshot.plan.watch.timezone)
    return Words(
        mask,
        snapshot.plan,
        snapshot.rounds,
        snapshot.launch,
        snapshot.at,
        zone,
        unmasked_notes,
    )


def joined(*parts: str) -> str:
    """What there is of these, with semicolons between."""
    return "; ".join(part for part in parts if part)


def flat(parts: Iterable[str]) -> str:
    """What there is of these, with commas between."""
    return ", ".join(part for part in parts if part)
