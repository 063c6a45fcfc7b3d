"""WhatsApp behind the stand-in for Chatwoot: what it makes of messages that are sent."""

import random
from dataclasses import dataclass
from typing import Final

from rehearsal.talks import Kind, Talk

EXPIRED: Final = "190: Access token has expired"
WINDOW_CLOSED: Final = "131047: Re-engagement message"
_HELD_BACK: Final = ("131048: Spam rate limit hit", "131049: Held back by the platform")


@dataclass(slots=True)
class WhatsApp:
    """The state of the tenants' numbers, all alike."""

    is_logged_out: bool = False
    """Its token has expired: nothing can be sent until somebody connects the inbox anew."""
    quality: str = "GREEN"
    status: str = "CONNECTED"
    tier: str = "TIER_2K"
    held_back: float = 0.0
    """The share of messages that is refused as spam."""

    def downgrade(self, quality: str, status: str, held_back: float) -> None:
        """Customers have blocked and reported the number."""
        self.quality, self.status, self.held_back = quality, status, held_back

    def refusal(self, talk: Talk, kind: Kind, at: float, chance: random.Random) -> str:
        """Why a message sent now fails, as Chatwoot shows it; empty if it does not."""
        if kind is Kind.INCOMING:
            return ""
        if self.is_logged_out:
            return EXPIRED
        if kind is Kind.OUTGOING and not talk.may_be_answered(at):
            return WINDOW_CLOSED
        if self.held_back and chance.random() < self.held_back:
            return _HELD_BACK[kind is Kind.TEMPLATE]
        return ""
