"""Delivery: how WhatsApp received what was sent, told from Chatwoot's messages."""

import re
from collections import Counter
from dataclasses import dataclass, field

from firstwatch.errors import BadAnswer
from firstwatch.readings import Reading, Row

_OUTGOING = (1, 3)
_CODE = re.compile(r"\s*(\d{1,6})\b")

MEANINGS = {
    "0": "authorisation failed",
    "10": "authorisation failed",
    "190": "the access token has expired",
    "368": "the account is locked",
    "80007": "the account sends too fast",
    "130429": "the number sends too fast",
    "131026": "cannot be delivered to this phone",
    "131031": "the account is locked",
    "131042": "a problem with payment",
    "131047": "over 24 h since the customer wrote: use a template",
    "131048": "held back as spam: the number is blocked or flagged",
    "131049": "marketing held back by Meta",
    "131056": "too many messages to one customer",
}
"""What the codes in a failed message's external_error mean."""


@dataclass(slots=True)
class Tally:
    """Counts of outgoing messages between two moments, both seconds since the epoch."""

    since: float
    until: float
    sent: int = 0
    failed: int = 0
    conversations: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, document: object) -> None:
        """Count the messages of one conversation. Raises BadAnswer without a list."""
        messages = document.get("payload") if isinstance(document, dict) else None
        if not isinstance(messages, list):
            raise BadAnswer("the messages are not a list")
        self.conversations += 1
        for message in messages:
            if isinstance(message, dict) and self._counts(message):
                self.sent += 1
                if message.get("status") == "failed":
                    self.failed += 1
                    self.codes[_code(message)] += 1

    def reading(self, now: float, of: str) -> Reading:
        """The share that failed, in per cent; without any message its sample is 0."""
        note = f"{self.failed} of {self.sent} failed, in {self.conversations} conversations{of}"
        return Reading(
            at=now,
            value=100 * self.failed / self.sent if self.sent else 0.0,
            sample=self.sent,
            part=float(self.failed),
            note=note if self.sent else f"nothing sent, in {self.conversations} conversations{of}",
            rows=tuple(
                Row(code, float(count), MEANINGS.get(code, ""))
                for code, count in self.codes.most_common()
            ),
        )

    def _counts(self, message: dict[str, object]) -> bool:
        created = message.get("created_at")
        return (
            message.get("message_type") in _OUTGOING
            and not message.get("private")
            and isinstance(created, int | float)
            and self.since <= created <= self.until
        )


def _code(message: dict[str, object]) -> str:
    attributes = message.get("content_attributes")
    error = attributes.get("external_error") if isinstance(attributes, dict) else None
    match = _CODE.match(str(error or ""))
    return match[1] if match else "no code"
