"""What writes the texts of a handoff, so that nothing gets into it unmasked."""

from dataclasses import dataclass

from firstwatch.masking import Masker


@dataclass(frozen=True, slots=True)
class Pens:
    """One pen for each origin of a text."""

    mask: Masker
    unmasked_notes: bool = False
    """Whether what people wrote stays as it is, secrets aside."""

    def found(self, text: str, limit: int = 400) -> str:
        """What the watch found outside."""
        return self.mask(text, limit)

    def noted(self, text: str) -> str:
        """What a person on watch wrote."""
        return self.mask.revealed(text) if self.unmasked_notes else self.mask(text)

    def own(self, text: str, limit: int = 400) -> str:
        """The plan's own words."""
        return self.mask.own(text, limit)

    def who(self, name: str) -> str:
        """The name of a person on watch."""
        return self.mask(name, 80)
