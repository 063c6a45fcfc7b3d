"""Every message customers wrote since a moment, as Chatwoot has them; asked for on demand.

Conversations come newest activity first, so those from before the moment end the search;
messages come newest first, and the ones before them are asked for by the oldest id seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from firstwatch.errors import BadAnswer
from probes.accounts import Account
from probes.chatwoot_calls import Calls, together
from probes.json_path import number_at, pick

INCOMING = 0
"""The `message_type` of what a customer wrote."""
CONVERSATIONS = 1000
"""The most conversations of one account that are looked into."""
AT_ONCE = 20
"""How many conversations are looked into before the next page is asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    """One message of a customer."""

    account: Account
    conversation: int
    message: int
    at: float
    """When Chatwoot received it, seconds since the epoch."""


async def received(
    calls: Calls, accounts: Sequence[Account], since: float, until: float
) -> tuple[list[Written], int]:
    """What customers wrote since that moment, and how many conversations were not looked into.

    `until` is a time of the loop. Raises ProbeError.
    """
    found: list[Written] = []
    left_out = 0
    for account in accounts:
        numbers = await _active(calls, account, since, until)
        left_out += max(len(numbers) - CONVERSATIONS, 0)
        numbers = numbers[:CONVERSATIONS]
        for start in range(0, len(numbers), AT_ONCE):
            chosen = numbers[start : start + AT_ONCE]
            each = await together([_written(calls, account, n, since, until) for n in chosen])
            found += [message for messages in each for message in messages]
    return found, left_out


async def _active(calls: Calls, account: Account, since: float, until: float) -> list[int]:
    """The conversations with something new since then, newest activity first."""
    path = f"/api/v1/accounts/{account.account}/conversations"
    numbers: list[int] = []
    page = 1
    while len(numbers) <= CONVERSATIONS:
        query = {"status": "all", "page": page} | account.query
        listed = pick(await calls.document(path, account, until, query), "data.payload")
        if not isinstance(listed, list):
            raise BadAnswer(f"{account.place}: the conversations are not a list")
        recent = [
            int(number_at(each, "id"))
            for each in listed
            if number_at(each, "last_activity_at") >= since
        ]
        fresh = [number for number in recent if number not in numbers]
        numbers += fresh
        if not fresh or len(recent) < len(listed):
            break
        page += 1
    return numbers


async def _written(
    calls: Calls, account: Account, conversation: int, since: float, until: float
) -> list[Written]:
    """What the customer of one conversation wrote since then."""
    path = f"/api/v1/accounts/{account.account}/conversations/{conversation}/messages"
    found: dict[int, Written] = {}
    before: int | None = None
    while True:
        query = {} if before is None else {"before": before}
        listed = pick(await calls.document(path, account, until, query), "payload")
        if not isinstance(listed, list):
            raise BadAnswer(f"{account.place}: the messages are not a list")
        messages = [(int(number_at(m, "id")), number_at(m, "created_at"), m) for m in listed]
        for number, at, message in messages:
            if at >= since and number_at(message, "message_type") == INCOMING:
                found[number] = Written(account, conversation, number, at)
        oldest = min((number for number, _, _ in messages), default=None)
        if oldest is None or oldest == before or min(at for _, at, _ in messages) < since:
            return list(found.values())
        before = oldest
