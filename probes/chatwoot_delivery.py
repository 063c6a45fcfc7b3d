"""A sample of what was sent, taken from Chatwoot a few conversations at a time."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from firstwatch.errors import BadAnswer, NoAnswer
from firstwatch.readings import Reading
from probes import delivery
from probes.accounts import Account
from probes.chatwoot_calls import Calls, together
from probes.delivery import OLDEST, Sample
from probes.json_path import number_at, pick

_ACCOUNTS = 5
_CONVERSATIONS = 3
"""With the list of them four calls for an account, and twenty for a reading."""

Place = tuple[Account, int]
"""A conversation: its account, and its number there."""


class Deliveries:
    """What became of messages sent, remembered for an hour from one reading to the next."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = accounts
        self._samples: dict[Account, Sample] = {}
        """Of the accounts that had their turn."""
        self._turn = 0

    async def read(self, calls: Calls, now: float, until: float, least: int) -> Reading:
        """Look at a few conversations more, and say what share failed. Raises ProbeError."""
        late: list[NoAnswer] = []

        async def look(account: Account, number: int) -> None:
            path = f"/api/v1/accounts/{account.account}/conversations/{number}/messages"
            try:
                document = await calls.document(path, account, until)
            except NoAnswer as error:
                late.append(error)
            else:
                self._sample(account).add(number, document, now)

        chosen = self._next_accounts()
        listed = await together([self._due(calls, each, now, until) for each in chosen])
        places = [each for each in chain.from_iterable(zip_longest(*listed)) if each]
        await together([look(*place) for place in places])
        if late and len(late) == len(places):
            raise late[0]
        reading = delivery.reading(self._samples, now, least)
        looked, total = len(self._samples), len(self._accounts)
        so_far = f"; {looked} of {total} accounts so far" if looked < total else ""
        return replace(reading, note=reading.note + so_far)

    def _sample(self, account: Account) -> Sample:
        return self._samples.setdefault(account, Sample())

    def _next_accounts(self) -> list[Account]:
        """A few accounts, others the next time, so that every one has its turn."""
        accounts = self._accounts
        take = min(len(accounts), _ACCOUNTS)
        chosen = [accounts[(self._turn + step) % len(accounts)] for step in range(take)]
        self._turn = (self._turn + take) % len(accounts)
        return chosen

    async def _due(self, calls: Calls, account: Account, now: float, until: float) -> list[Place]:
        """The newest conversations that may hold something not yet seen; one page is enough."""
        path = f"/api/v1/accounts/{account.account}/conversations"
        query = {"status": "all", "page": 1} | account.query
        found = pick(await calls.document(path, account, until, query), "data.payload")
        if not isinstance(found, list):
            raise BadAnswer(f"{account.place}: the conversations are not a list")
        sample = self._sample(account)
        active = [
            (int(number_at(each, "id")), number_at(each, "last_activity_at")) for each in found
        ]
        due = [number for number, at in active if at >= now - OLDEST and sample.is_due(number, at)]
        return [(account, number) for number in due[:_CONVERSATIONS]]
