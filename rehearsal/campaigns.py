"""Small campaigns: templates the application sends, and the quota it keeps of them."""

import random
from typing import Any, Final

from firstwatch.clock import Clock
from rehearsal.chatwoot import Account, Chatwoot, Kind, Talk
from rehearsal.cuid import make_cuid
from rehearsal.moments import Stamp, midnight, naive
from rehearsal.prisma import Pool, PrismaError

TEMPLATE: Final = "viewing_reminder"
TEXT: Final = "Hello! This is a reminder of your viewing. Reply STOP to end."
_NUMBER: Final = """SELECT "id", "dailyLimit", "lastResetAt",
    CASE WHEN "lastResetAt" >= $2 THEN "messagesSentToday" ELSE 0 END AS sent
    FROM "WhatsAppNumber" WHERE "companyId" = $1 FOR UPDATE"""
_COUNT: Final = """UPDATE "WhatsAppNumber" SET "messagesSentToday" = $2,
    "lastResetAt" = greatest("lastResetAt", $3), "updatedAt" = $4 WHERE "id" = $1"""
_LOG: Final = """INSERT INTO "QuotaLog"
    ("id", "whatsappNumberId", "companyId", "date", "sentCount", "dailyLimit", "createdAt")
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT ("whatsappNumberId", "date") DO UPDATE SET "sentCount" = excluded."sentCount" """
_CAMPAIGN: Final = """INSERT INTO "Campaign"
    ("id", "companyId", "name", "templateName", "status", "createdAt", "updatedAt")
    VALUES ($1, $2, 'Reminders', $3, 'completed', $4, $4)"""
_RECIPIENT: Final = """INSERT INTO "CampaignRecipient"
    ("id", "campaignId", "phone", "status", "sentAt", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, 'sent', $4, $4, $4)"""
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


async def dispatch(
    chatwoot: Chatwoot, pool: Pool, clock: Clock, account: Account, chance: random.Random
) -> int:
    """Send one campaign of a few messages within today's quota; how many went out."""
    known = [talk for talk in account.talks.values() if not talk.is_busy]
    stamp = Stamp(clock.now())
    try:
        async with pool.transaction("whatsAppNumber.update") as transaction:
            chosen = chance.sample(known, min(len(known), chance.randint(2, 4)))
            sent = await _record(transaction, account.company, chosen, stamp)
    except PrismaError:
        return 0
    for talk in sent:
        await chatwoot.send(account, talk, Kind.TEMPLATE, TEXT)
    return len(sent)


async def _record(transaction: Any, company: str, talks: list[Talk], stamp: Stamp) -> list[Talk]:
    """Write messages, recipients and quota in one go; the talks that got a message."""
    today = midnight(stamp.start)
    number = await transaction.fetchrow(_NUMBER, company, naive(today))
    talks = talks[: max(number["dailyLimit"] - number["sent"], 0)]
    if not talks:
        return []
    campaign, begun = make_cuid(stamp.now()), naive(stamp.now())
    await transaction.execute(_CAMPAIGN, campaign, company, TEMPLATE, begun)
    sent = [talk for talk in talks if await _send(transaction, company, campaign, talk, stamp)]
    total, now = number["sent"] + len(sent), stamp.now()
    await transaction.execute(_COUNT, number["id"], total, begun, naive(now))
    values = (number["id"], company, naive(today), total, number["dailyLimit"], naive(now))
    await transaction.execute(_LOG, make_cuid(now), *values)
    return sent


async def _send(transaction: Any, company: str, campaign: str, talk: Talk, stamp: Stamp) -> bool:
    now = stamp.now()
    values = (TEXT, TEMPLATE, naive(now), company, talk.phone)
    conversation = await transaction.fetchval(_MESSAGE, make_cuid(now), *values)
    if conversation is None:
        return False
    await transaction.execute(_TOUCH, conversation, naive(now))
    await transaction.execute(_RECIPIENT, make_cuid(now), campaign, talk.phone, naive(now))
    return True
