"""Two days before the launch: what the application and Chatwoot already hold at T0."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from rehearsal.campaigns import TEMPLATE, TEXT
from rehearsal.chatwoot import Chatwoot
from rehearsal.chatwoot_payloads import message_payload
from rehearsal.cuid import make_cuid
from rehearsal.moments import midnight, naive
from rehearsal.people import QUESTIONS, REPLIES, SHARES, business_number, full_name
from rehearsal.talks import Account, Kind, Said, Talk

LENGTH: Final = 2 * 86_400.0
MESSAGES: Final = 2000
_CUSTOMERS: Final = 160
_CAMPAIGNS: Final = 3
"""For each tenant and day."""
_DORMANT: Final = 4
"""How many of each tenant's first customers wrote once, and never again."""
_COLUMNS: Final = {
    "Company": "id name whatsappBusinessNumber createdAt updatedAt",
    "CompanySettings": "id companyId chatwootBaseUrl chatwootAccountId chatwootInboxId "
    "createdAt updatedAt",
    "WhatsAppNumber": "id companyId number messagesSentToday lastResetAt createdAt updatedAt",
    "QuotaLog": "id whatsappNumberId companyId date sentCount dailyLimit createdAt",
    "Campaign": "id companyId name templateName status createdAt updatedAt",
    "CampaignRecipient": "id campaignId phone status sentAt createdAt updatedAt",
    "Lead": "id companyId phone name source createdAt updatedAt",
    "Conversation": "id companyId leadId whatsappNumber lastMessageAt lastDirection "
    "chatwootConversationId createdAt updatedAt",
    "Message": "id conversationId direction contentType body wabaMessageId templateName sentAt "
    "createdAt updatedAt",
    "WebhookEvent": "id companyId source eventType payload createdAt",
}
_WEBHOOK: Final = 0.020
_MESSAGE: Final = 0.045
"""Seconds after the customer's message at which the event and the message are stored."""


class History:
    """The rows of the past, made together with Chatwoot's memory of it."""

    def __init__(self, chatwoot: Chatwoot, phones: Iterator[str], seed: int) -> None:
        self._chatwoot = chatwoot
        self._phones = phones
        self._chance = random.Random(seed)
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._conversations: dict[tuple[int, int], str] = {}

    def live_through(self, until: float) -> None:
        """Make everything that happened in the two days up to `until`."""
        since = until - LENGTH
        for account in self._chatwoot.accounts.values():
            self._found(account, since)
        self._talk(since, until)
        for account in self._chatwoot.accounts.values():
            self._write_down(account)

    async def store(self, connection: Any) -> None:
        """Copy the rows into the empty tables of a connection's database."""
        async with connection.transaction():
            for table, columns in _COLUMNS.items():
                rows = self._rows[table]
                await connection.copy_records_to_table(table, records=rows, columns=columns.split())
        await connection.execute("ANALYZE")

    def _found(self, account: Account, at: float) -> None:
        """The tenant itself, with its number and settings."""
        born, number = naive(at), business_number(account.id)
        self._rows["Company"].append((account.company, account.name, number, born, born))
        place = ("https://chatwoot.example.com", str(account.id), str(account.inbox))
        settings = (make_cuid(at), account.company, *place, born, born)
        self._rows["CompanySettings"].append(settings)

    def _talk(self, since: float, until: float) -> None:
        """Customers come, write and are answered, evenly over the time; campaigns go out."""
        accounts = list(self._chatwoot.accounts.values())
        moments = sorted(self._chance.uniform(since + 60, until - 60) for _ in range(MESSAGES))
        campaigns = self._plan_campaigns(accounts, since, until)
        for index, at in enumerate(moments):
            while campaigns and campaigns[0][0] < at:
                self._send_campaign(*campaigns.pop(0))
            account = self._chance.choices(accounts, SHARES[: len(accounts)])[0]
            if not account.talks or index % (MESSAGES // _CUSTOMERS) == 0:
                talk = self._meet(account, at)
            else:
                talk = self._chance.choice(self._awake(account) or [self._meet(account, at)])
            is_reply = talk.may_be_answered(at) and self._chance.random() < 0.23
            kind, texts = (Kind.OUTGOING, REPLIES) if is_reply else (Kind.INCOMING, QUESTIONS)
            said = self._chatwoot.say(account, talk, kind, self._chance.choice(texts), at)
            self._receive(account, talk, said)

    def _meet(self, account: Account, at: float) -> Talk:
        talk = self._chatwoot.open_talk(account, full_name(self._chance), next(self._phones), at)
        talk.is_dormant = talk.id <= _DORMANT
        return talk

    def _awake(self, account: Account) -> list[Talk]:
        return [talk for talk in account.talks.values() if not talk.is_dormant]

    def _receive(self, account: Account, talk: Talk, said: Said) -> None:
        """The event and the rows that one message leaves in the application."""
        at = said.at + _WEBHOOK
        body = {"event": "message_created", **message_payload(account, talk, said, said.at)}
        event = (make_cuid(at), account.company, "CHATWOOT", "message_created", json.dumps(body))
        self._rows["WebhookEvent"].append((*event, naive(at)))
        if said.kind is not Kind.INCOMING:
            return
        key = (account.id, talk.id)
        conversation = self._conversations.setdefault(key, make_cuid(said.at + _WEBHOOK))
        self._add_message(conversation, said, "INBOUND", "TEXT", f"chatwoot_{said.id}", None)

    def _add_message(
        self, conversation: str, said: Said, way: str, kind: str, waba: str | None, name: str | None
    ) -> None:
        at = said.at + _MESSAGE
        head = (make_cuid(at), conversation, way, kind, said.content, waba, name)
        self._rows["Message"].append((*head, naive(said.at), naive(at), naive(at)))

    def _plan_campaigns(
        self, accounts: list[Account], since: float, until: float
    ) -> list[tuple[float, Account]]:
        """Moments of campaigns, in order: a few for each tenant on each of the days."""
        days = [midnight(since) + 86_400 * n for n in range(4)]
        plan = [
            (self._chance.uniform(day + 7 * 3600, day + 19 * 3600), account)
            for day in days
            for account in accounts
            for _ in range(_CAMPAIGNS)
        ]
        inside = [entry for entry in plan if since + 3600 < entry[0] < until - 120]
        return sorted(inside, key=lambda entry: entry[0])

    def _send_campaign(self, at: float, account: Account) -> None:
        known = [
            talk for talk in account.talks.values() if (account.id, talk.id) in self._conversations
        ]
        chosen = self._chance.sample(known, min(len(known), 3))
        if not chosen:
            return
        campaign, moment = make_cuid(at), naive(at)
        head = (campaign, account.company, "Reminders", TEMPLATE, "completed")
        self._rows["Campaign"].append((*head, moment, moment))
        for talk in chosen:
            said = self._chatwoot.say(account, talk, Kind.TEMPLATE, TEXT, at)
            self._receive(account, talk, said)
            conversation = self._conversations[account.id, talk.id]
            self._add_message(conversation, said, "OUTBOUND", "TEMPLATE", None, TEMPLATE)
            recipient = (make_cuid(at), campaign, talk.phone, "sent", moment, moment, moment)
            self._rows["CampaignRecipient"].append(recipient)

    def _write_down(self, account: Account) -> None:
        """Leads, conversations and quota, as all of the above has left them."""
        for talk in account.talks.values():
            self._write_talk(account, talk)
        number, born = make_cuid(account.talks[1].began), naive(account.talks[1].began)
        days: dict[float, int] = defaultdict(int)
        for at in account.times[Kind.TEMPLATE]:
            days[midnight(at)] += 1
        last = max(days, default=0.0)
        for day, sent in days.items():
            row = (make_cuid(day), number, account.company, naive(day), sent, 20, naive(day))
            self._rows["QuotaLog"].append(row)
        reset = naive(last) if days else born
        sent = days.get(last, 0)
        place = (number, account.company, business_number(account.id))
        self._rows["WhatsAppNumber"].append((*place, sent, reset, born, reset))

    def _write_talk(self, account: Account, talk: Talk) -> None:
        conversation = self._conversations[account.id, talk.id]
        stored = [said for said in talk.messages if said.kind is not Kind.OUTGOING]
        last, came = stored[-1], naive(talk.began + _WEBHOOK)
        when = naive(last.at + _MESSAGE)
        way = "INBOUND" if last.kind is Kind.INCOMING else "OUTBOUND"
        lead = make_cuid(talk.began + _WEBHOOK)
        who = (lead, account.company, talk.phone, talk.phone, "API/Webhook")
        self._rows["Lead"].append((*who, came, when))
        place = (conversation, account.company, lead, business_number(account.id))
        self._rows["Conversation"].append((*place, when, way, str(talk.id), came, when))
