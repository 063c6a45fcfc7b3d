"""What the stand-in for Chatwoot remembers: accounts, their webhooks, talks and messages."""

import bisect
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

EVENTS: Final = (
    "message_created",
    "message_updated",
    "conversation_created",
    "conversation_updated",
    "conversation_status_changed",
)
"""What a webhook is subscribed to at the launch."""
PARKED: Final = ("webwidget_triggered",)
"""What a paused webhook is subscribed to: it never comes where no website has a widget."""
SUBSCRIBABLE: Final = frozenset(
    (
        *EVENTS,
        *PARKED,
        *("contact_created", "contact_updated", "inbox_created", "inbox_updated"),
        *("conversation_typing_on", "conversation_typing_off"),
    )
)
"""What a webhook can be subscribed to at all."""
ROUTE: Final = "/api/webhooks/chatwoot"
"""Where the application takes Chatwoot's webhooks."""
SERVICE_WINDOW: Final = 86_400.0
"""Seconds after a customer's last message in which free text may be sent to them."""


class Kind(IntEnum):
    """The type of a message, numbered as Chatwoot does."""

    INCOMING = 0
    OUTGOING = 1
    TEMPLATE = 3


@dataclass(frozen=True, slots=True)
class Said:
    """One message; what becomes of an outgoing one is settled when it is sent."""

    id: int
    kind: Kind
    content: str
    at: float
    delivered_at: float = float("inf")
    read_at: float = float("inf")
    external_error: str = ""

    def status(self, now: float) -> str:
        """sent, delivered, read or failed."""
        if self.external_error:
            return "failed"
        return (
            "read" if now >= self.read_at else "delivered" if now >= self.delivered_at else "sent"
        )


@dataclass(slots=True)
class Talk:
    """One customer's conversation; its id is counted per account."""

    id: int
    name: str
    phone: str
    began: float
    messages: list[Said] = field(default_factory=list)
    is_busy: bool = False
    """An event about it is on its way."""
    is_dormant: bool = False
    """Its customer has long stopped writing."""
    reminded_at: float = 0.0
    """When the last campaign went to it."""

    @property
    def active_at(self) -> float:
        return self.messages[-1].at if self.messages else self.began

    def may_be_answered(self, at: float) -> bool:
        """Whether WhatsApp takes free text: for a day after the customer's last message."""
        heard = (said.at for said in reversed(self.messages) if said.kind is Kind.INCOMING)
        return at - next(heard, 0.0) < SERVICE_WINDOW


@dataclass(slots=True)
class Hook:
    """One webhook of an account."""

    id: int
    path: str
    """Path and query at the application."""
    subscriptions: tuple[str, ...] = EVENTS


@dataclass(slots=True)
class Account:
    """One tenant's account with one WhatsApp inbox."""

    id: int
    name: str
    company: str
    talks: dict[int, Talk] = field(default_factory=dict)
    times: dict[Kind, list[float]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    """When each message was sent, in order."""
    hooks: list[Hook] = field(default_factory=list)

    @property
    def inbox(self) -> int:
        """The id of the account's only inbox."""
        return self.id

    def restore_hooks(self) -> None:
        """The one webhook there was at the launch."""
        self.hooks = [Hook(self.id, f"{ROUTE}?companyId={self.company}")]

    def count(self, kind: Kind, since: float, until: float) -> int:
        """How many messages were sent from `since` on and before `until`."""
        times = self.times[kind]
        return bisect.bisect_left(times, until) - bisect.bisect_left(times, since)
