"""Hooks: the ways by which a Chatwoot account tells the application, without any secret.

What is compared with the launch goes into the journal. So of an address only scheme, host,
path, company and the names of other parameters are kept, of a webhook its id and its events;
its secret is never looked at.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from firstwatch.errors import BadAnswer
from firstwatch.readings import FACTS

PATH = "/api/webhooks/chatwoot"
"""The application's route, as it tells its webhooks from those of others."""
CREATED = "message_created"
PARKED = ("webwidget_triggered",)
"""What a paused webhook is subscribed to: there is no switch, no empty list is taken, and this
event never comes where no website has a widget."""
_KEPT = FACTS - 1000
_LONGEST = 200
_MOST = 20
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a webhook goes."""

    scheme: str = ""
    host: str = ""
    """With its port, if that is said; never a user or a password."""
    path: str = ""
    company: str = ""
    """`companyId` in the query."""
    others: tuple[str, ...] = ()
    """The names of the other parameters."""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """The parts of an address; empty ones of what is none."""
        try:
            parts = urlsplit(url)
            port = "" if parts.port in (None, _USUAL.get(parts.scheme)) else f":{parts.port}"
            query = parse_qs(parts.query, keep_blank_values=True)
        except ValueError:
            return cls()
        company = query.pop("companyId", [""])[0]
        path = parts.path.rstrip("/")
        host = f"{parts.hostname or ''}{port}"[:_LONGEST]
        others = tuple(sorted(name[:_LONGEST] for name in query)[:_MOST])
        return cls(parts.scheme, host, path[:_LONGEST], company[:_LONGEST], others)

    @property
    def place(self) -> tuple[str, str]:
        return self.host, self.path


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of an account."""

    id: int
    address: Address
    events: tuple[str, ...]
    """What it is subscribed to, in order of the alphabet."""

    @property
    def brings_messages(self) -> bool:
        return CREATED in self.events

    @property
    def is_live(self) -> bool:
        """Whether anything of a message comes by it."""
        return any(event.startswith("message_") for event in self.events)

    @property
    def is_parked(self) -> bool:
        return self.events == PARKED


@dataclass(frozen=True, slots=True)
class Hooks:
    """All webhooks of one account that go to the application."""

    ours: tuple[Hook, ...]
    others: frozenset[int]
    """The ids of those that go elsewhere."""


def read_hooks(found: object, hook: Address) -> Hooks:
    """The webhooks in an answer, `hook` being the application's or empty. Raises BadAnswer."""
    if not isinstance(found, list):
        raise BadAnswer("the webhooks are not a list")
    hooks = sorted((_hook(each) for each in found), key=lambda one: one.id)
    ours = tuple(one for one in hooks if is_ours(one.address, hook))
    return Hooks(ours, frozenset(one.id for one in hooks) - {one.id for one in ours})


def is_ours(address: Address, hook: Address) -> bool:
    """Whether an address is the application's, as far as the plan or its path can tell."""
    return address.place == hook.place if hook.host else PATH in address.path


def _hook(found: Any) -> Hook:
    try:
        events = tuple(sorted({str(event)[:60] for event in found["subscriptions"]})[:_MOST])
        return Hook(int(found["id"]), Address.parse(str(found["url"])), events)
    except (KeyError, TypeError, ValueError):
        raise BadAnswer("a webhook without id, url or subscriptions") from None


def written(accounts: Mapping[int, Hooks]) -> str:
    """What was found, as canonical JSON; the last accounts are left out where it gets too long."""
    kept: dict[str, Any] = {}
    length = 2
    for number in sorted(accounts):
        one = {
            str(hook.id): [
                hook.address.scheme,
                hook.address.host,
                hook.address.path,
                hook.address.company,
                list(hook.address.others),
                list(hook.events),
            ]
            for hook in accounts[number].ours
        }
        length += len(json.dumps({number: one}))
        if length > _KEPT:
            break
        kept[str(number)] = one
    return json.dumps(kept, separators=(",", ":"), sort_keys=True)


def _recalled_address(parts: list[Any]) -> Address:
    scheme, host, path, company, others = parts[:5]
    return Address(scheme, host, path, company, tuple(others))


def recalled(facts: str) -> dict[int, dict[int, Hook]]:
    """What was found at the launch, by account and id; nothing if it cannot be read."""
    try:
        return {
            int(number): {
                int(id_): Hook(int(id_), _recalled_address(parts), tuple(parts[5]))
                for id_, parts in hooks.items()
            }
            for number, hooks in json.loads(facts).items()
        }
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return {}
