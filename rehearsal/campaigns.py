"""Campaigns: templates the application sends, and the quota it keeps of them.

Counter, log of the day, recipients and messages agree as long as one dispatcher at a time
sends to customers that have a conversation.
"""

import random
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.app import Application
from rehearsal.chatwoot import Chatwoot
from rehearsal.cuid import make_cuid
from rehearsal.moments import Stamp, midnight, naive
from rehearsal.prisma import PrismaError
from rehearsal.talks import Account, Kind, Talk

TEMPLATE: Final = "viewing_reminder"
TEXT: Final = "Hello! This is a reminder of your viewing. Reply STOP to end."
MASKED: Final = "Failed to create Chatwoot conversation"
"""All the application says of a message that Chatwoot refused, whatever the reason."""
_NUMBER: Final = """SELECT "id", "dailyLimit",
    CASE WHEN "lastResetAt" >= $2 THEN "messagesSentToday" ELSE 0 END AS sent
    FROM "WhatsAppNumber" WHERE "companyId" = $1 FOR UPDATE"""
_COUNT: Final = """UPDATE "WhatsAppNumber" SET "messagesSentToday" = $2,
    "lastResetAt" = greatest("lastResetAt", $3), "updatedAt" = $4 WHERE "id" = $1"""
_LOG: Final = """INSERT INTO "QuotaLog"
    ("id", "whatsappNumberId", "companyId", "date", "sentCount", "dailyLimit", "createdAt")
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT ("whatsappNumberId", "date")
    DO UPDATE SET "sentCount" = "QuotaLog"."sentCount" + excluded."sentCount" """
_CAMPAIGN: Final = """INSERT INTO "Campaign"
    ("id", "companyId", "name", "templateName", "status", "createdAt", "updatedAt")
    VALUES ($1, $2, 'Reminders', $3, 'completed', $4, $4)"""
_RECIPIENT: Final = """INSERT INTO "CampaignRecipient"
    ("id", "campaignId", "phone", "status", "sentAt", "lastError", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7)"""
_MESSAGE: Final = """INSERT INTO "Message"
    ("id", "conversationId", "direction", "contentType", "body", "templateName", "sentAt",
     "createdAt", "updatedAt")
    SELECT $1, c."id", 'OUTBOUND', 'TEMPLATE', $2, $3, $4, $4, $4
    FROM "Conversation" c JOIN "Lead" l ON l."id" = c."leadId"
    WHERE l."companyId" = $5 AND l."phone" = $6 AND c."status" = 'ACTIVE'
    ORDER BY c."id" LIMIT 1
    RETURNING "conversationId" """
_TOUCH: Final = """UPDATE "Conversation" SET "lastMessageAt" = greatest("lastMessageAt", $2),
    "lastDirection" = 'OUTBOUND', "updatedAt" = $2 WHERE "id" = $1"""


@dataclass(slots=True)
class _Campaign:
    """One campaign while it is being recorded."""

    connection: Any
    account: Account
    stamp: Stamp
    id: str
    text: str
    copies: int = 1
    """How many dispatchers send it at once."""


class Campaigns:
    """The dispatcher of the application."""

    def __init__(self, chatwoot: Chatwoot, application: Application, chance: random.Random) -> None:
        self._chatwoot = chatwoot
        self._pool = application.pool
        self._log = application.log
        self._chance = chance

    async def dispatch(self, account: Account, size: int) -> int:
        """Send one campaign to so many customers within today's quota; how many went out."""
        return await self._dispatch(account, size, copies=1)

    async def overlap(self, account: Account) -> int:
        """Three dispatchers at once: each customer gets three copies, and the quota is exceeded.

        They have all read the counter before the first of them wrote it.
        """
        return await self._dispatch(account, 0, copies=3)

    async def _dispatch(self, account: Account, size: int, copies: int) -> int:
        stamp = Stamp(self._chatwoot.clock.now())
        text = f"{TEXT} (ref {self._chance.randint(1, 99_999)})"
        try:
            async with self._pool.transaction("whatsAppNumber.update") as transaction:
                campaign = _Campaign(
                    transaction, account, stamp, make_cuid(stamp.now()), text, copies
                )
                sent = await self._record(campaign, size)
        except PrismaError:
            return 0
        for talk in sent * copies:
            await self._chatwoot.send(account, talk, Kind.TEMPLATE, text)
        return len(sent) * copies

    async def _record(self, campaign: _Campaign, size: int) -> list[Talk]:
        """Write messages, recipients and quota in one go; the talks that got a message."""
        connection, stamp, company = campaign.connection, campaign.stamp, campaign.account.company
        today, begun = naive(midnight(stamp.start)), naive(stamp.now())
        number = await connection.fetchrow(_NUMBER, company, today)
        left = max(number["dailyLimit"] - number["sent"], 0)
        if not left:
            self._log.write("[v0] Quota limit reached")
        talks = self._chosen(campaign.account, min(size, left) if size else left // 3 + 1)
        if not talks:
            return []
        await connection.execute(_CAMPAIGN, campaign.id, company, TEMPLATE, begun)
        sent = [talk for talk in talks if await self._send(campaign, talk)]
        counted, now = len(sent) * campaign.copies, naive(stamp.now())
        if counted:
            total = number["sent"] + counted
            await connection.execute(_COUNT, number["id"], total, begun, now)
            values = (number["id"], company, today, counted, number["dailyLimit"], now)
            await connection.execute(_LOG, make_cuid(stamp.now()), *values)
        return sent

    def _chosen(self, account: Account, size: int) -> list[Talk]:
        """So many customers, among the half to whom no campaign went for longest."""
        known = [talk for talk in account.talks.values() if not talk.is_busy]
        known.sort(key=lambda talk: talk.reminded_at)
        rested = known[: max(size, len(known) // 2)]
        return self._chance.sample(rested, min(size, len(rested)))

    async def _send(self, campaign: _Campaign, talk: Talk) -> bool:
        """Record one recipient; whether the message goes out."""
        now, account = campaign.stamp.now(), campaign.account
        if self._chatwoot.refuses_send(account, now):
            self._log.write(f"[Chatwoot] Send error: {MASKED}")
            failed = (talk.phone, "failed", None, MASKED, naive(now))
            await campaign.connection.execute(_RECIPIENT, make_cuid(now), campaign.id, *failed)
            return False
        for _ in range(campaign.copies):
            message = (campaign.text, TEMPLATE, naive(now), account.company, talk.phone)
            conversation = await campaign.connection.fetchval(_MESSAGE, make_cuid(now), *message)
            if conversation is None:
                return False
        await campaign.connection.execute(_TOUCH, conversation, naive(now))
        sent = (talk.phone, "sent", naive(now), None, naive(now))
        await campaign.connection.execute(_RECIPIENT, make_cuid(now), campaign.id, *sent)
        talk.reminded_at = now
        return True
