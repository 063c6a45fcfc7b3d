"""Customers and agents of three tenants: steady, seeded, and never in a hurry."""

import asyncio
import random
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, Final

from rehearsal.app import Application
from rehearsal.campaigns import Campaigns
from rehearsal.chatwoot import Chatwoot
from rehearsal.people import QUESTIONS, REPLIES, SHARES, full_name
from rehearsal.talks import Account, Kind, Talk

INCOMING: Final = 10.0
REPLIES_SENT: Final = 3.0
OTHERS: Final = 3.0
"""Events a minute of clock time, of all tenants together."""
_NEWCOMERS: Final = 0.08
"""The share of incoming messages that come from somebody new."""
_SETTLED: Final = 120.0
_SETTLED_REAL: Final = 30.0
"""Seconds, and real seconds, for which newcomers are left alone: as long as their first message
may still be on its way, a second one would make a second lead of them."""
_CAMPAIGN_EVERY: Final = 50 * 60.0
"""Seconds between campaigns of one tenant or another."""
_BUSY_EVERY: Final = 3 * 60.0
"""The same on a busy day."""
_SIZES: Final = (2, 4)
_BUSY_SIZES: Final = (10, 25)
"""How many customers a campaign goes to: at least, at most."""
_AT_ONCE: Final = 100
"""How many events may be on their way; what comes then does not happen."""
_LATE: Final = 1.0
"""Real seconds behind its time after which the traffic lets go of what it missed."""


class Traffic:
    """What happens to the application from outside, with the levers that scenarios pull."""

    def __init__(
        self, chatwoot: Chatwoot, application: Application, phones: Iterator[str], seed: int
    ) -> None:
        self.is_quiet = False
        """Nobody writes, and nobody is written to."""
        self.is_campaign_day = False
        """Campaigns go out every few minutes, to many."""
        self.answers_dormant = False
        """Agents write to customers who have long stopped writing."""
        self._chatwoot = chatwoot
        self._phones = phones
        self._chance = random.Random(seed)
        self.campaigns = Campaigns(chatwoot, application, self._chance)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Run until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pace(60 / INCOMING, self._write))
                group.create_task(self._pace(60 / REPLIES_SENT, self._reply))
                group.create_task(self._pace(60 / OTHERS, self._update))
                group.create_task(self._pace(_CAMPAIGN_EVERY, self._campaign))
                group.create_task(self._pace(_BUSY_EVERY, self._busy_campaign))
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def campaign(self, size: int) -> None:
        """Let every tenant begin a campaign to so many customers."""
        for account in self._chatwoot.accounts.values():
            self._begin(self.campaigns.dispatch(account, size))

    def overlap(self) -> None:
        """Let every tenant begin one campaign three times at once."""
        for account in self._chatwoot.accounts.values():
            self._begin(self.campaigns.overlap(account))

    def come_in_twos(self, newcomers: int) -> None:
        """Let new customers come who send two messages in the same moment."""
        for _ in range(newcomers):
            account = self._account()
            talk = self._newcomer(account)
            for text in ("Hi", self._worded(QUESTIONS)):
                self._begin(self._chatwoot.send(account, talk, Kind.INCOMING, text), talk)

    async def _pace(self, gap: float, happen: Any) -> None:
        """Let something happen about every `gap` seconds of the clock."""
        clock = self._chatwoot.clock
        due = clock.now() + gap * self._chance.random()
        while True:
            await clock.sleep(due - clock.now())
            if not self.is_quiet and len(self._under_way) < _AT_ONCE:
                happen()
            due += gap * self._chance.uniform(0.3, 1.7)
            if clock.now() - due > _LATE * clock.scale:
                due = clock.now()

    def _write(self) -> None:
        account = self._account()
        is_new = self._chance.random() < _NEWCOMERS
        talk = self._newcomer(account) if is_new else self._known(account)
        if talk is not None:
            text = self._worded(QUESTIONS)
            sending = self._chatwoot.send(account, talk, Kind.INCOMING, text, opens=is_new)
            self._begin(sending, talk)

    def _reply(self) -> None:
        account = self._account()
        talk = self._dormant(account) if self.answers_dormant else self._answerable(account)
        if talk is not None:
            text = self._worded(REPLIES)
            self._begin(self._chatwoot.send(account, talk, Kind.OUTGOING, text), talk)

    def _update(self) -> None:
        account = self._account()
        event = self._chance.choice(("message_updated", "conversation_updated"))
        if talk := self._known(account):
            self._begin(self._chatwoot.notify(account, talk, event), talk)

    def _campaign(self) -> None:
        account = self._chance.choice(list(self._chatwoot.accounts.values()))
        self._begin(self.campaigns.dispatch(account, self._chance.randint(*_SIZES)))

    def _busy_campaign(self) -> None:
        if self.is_campaign_day:
            account = self._chance.choice(list(self._chatwoot.accounts.values()))
            self._begin(self.campaigns.dispatch(account, self._chance.randint(*_BUSY_SIZES)))

    def _worded(self, sentences: Sequence[str]) -> str:
        """A sentence with something of its own: people do not say the same thing three times."""
        return f"{self._chance.choice(sentences)} (unit {self._chance.randint(1, 9999)})"

    def _account(self) -> Account:
        accounts = list(self._chatwoot.accounts.values())
        return self._chance.choices(accounts, SHARES[: len(accounts)])[0]

    def _newcomer(self, account: Account) -> Talk:
        phone, now = next(self._phones), self._chatwoot.clock.now()
        return self._chatwoot.open_talk(account, full_name(self._chance), phone, now)

    def _known(self, account: Account) -> Talk | None:
        """Somebody who wrote a while ago, and about whom nothing is on its way."""
        clock = self._chatwoot.clock
        settled = clock.now() - max(_SETTLED, _SETTLED_REAL * clock.scale)
        for _ in range(8):
            talk = account.talks[self._chance.randint(1, len(account.talks))]
            if not talk.is_busy and not talk.is_dormant and talk.began < settled:
                return talk
        return None

    def _answerable(self, account: Account) -> Talk | None:
        """Somebody an agent may write to: who has not written for a day is closed to them."""
        now = self._chatwoot.clock.now()
        found = (self._known(account) for _ in range(5))
        return next((talk for talk in found if talk and talk.may_be_answered(now)), None)

    def _dormant(self, account: Account) -> Talk | None:
        dormant = [talk for talk in account.talks.values() if talk.is_dormant and not talk.is_busy]
        return self._chance.choice(dormant) if dormant else None

    def _begin(self, work: Coroutine[Any, Any, Any], talk: Talk | None = None) -> None:
        if talk is not None:
            talk.is_busy = True
        task = asyncio.create_task(work)
        self._under_way.add(task)

        def end(ended: asyncio.Task[Any]) -> None:
            self._under_way.discard(ended)
            if talk is not None:
                talk.is_busy = False

        task.add_done_callback(end)
