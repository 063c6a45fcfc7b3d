"""What the application does with a customer's message, whichever way it came.

Whatever fails here is logged and forgotten. Leads are searched, then made, so two first
messages of one customer that arrive together make two leads.
"""

from dataclasses import dataclass
from typing import Final

from rehearsal.applog import AppLog
from rehearsal.cuid import make_cuid
from rehearsal.moments import Stamp, naive
from rehearsal.prisma import Pool, PrismaError, invalid

_ADD_EVENT: Final = """INSERT INTO "WebhookEvent"
    ("id", "companyId", "source", "eventType", "payload", "createdAt")
    VALUES ($1, $2, $3, $4, $5, $6)"""
_NUMBER: Final = 'SELECT "whatsappBusinessNumber" AS number FROM "Company" WHERE "id" = $1'
_FIND_LEAD: Final = """SELECT "id" FROM "Lead"
    WHERE "companyId" = $1 AND "phone" = $2 LIMIT 1"""
_FIND_LEAD_SLOWLY: Final = """SELECT "id" FROM "Lead"
    WHERE "companyId" = $1 AND "phone" || '' = $2 AND (SELECT pg_sleep($3)) IS NOT NULL LIMIT 1"""
_ADD_LEAD: Final = """INSERT INTO "Lead"
    ("id", "companyId", "phone", "name", "source", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $3, 'API/Webhook', $4, $4)"""
_RENAME_LEAD: Final = 'UPDATE "Lead" SET "name" = "phone", "updatedAt" = $2 WHERE "id" = $1'
_FIND_CONVERSATION: Final = """SELECT "id" FROM "Conversation"
    WHERE "leadId" = $1 AND "status" = 'ACTIVE' LIMIT 1"""
_ADD_CONVERSATION: Final = """INSERT INTO "Conversation"
    ("id", "companyId", "leadId", "whatsappNumber", "createdAt", "updatedAt")
    VALUES ($1, $2, $3, $4, $5, $5)"""
_ADD_MESSAGE: Final = """INSERT INTO "Message"
    ("id", "conversationId", "direction", "body", "wabaMessageId", "sentAt",
     "createdAt", "updatedAt")
    VALUES ($1, $2, 'INBOUND', $3, $4, $5, $6, $6)"""
_TOUCH: Final = """UPDATE "Conversation"
    SET "lastMessageAt" = $2, "lastDirection" = 'INBOUND', "updatedAt" = $2 WHERE "id" = $1"""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's message, told by one of the bridges."""

    phone: str
    waba: str
    """The id it is stored under."""
    content: str | None
    sent: float | None
    """Seconds since the epoch; None if the time it carries is no date."""


class Inbound:
    """Stores events and customers' messages."""

    def __init__(self, pool: Pool, log: AppLog) -> None:
        self._pool = pool
        self._log = log
        self.slow_lookup = 0.0
        """Real seconds that the search for a lead takes; its index is not used meanwhile."""

    async def keep(self, source: str, company: str, event: str, body: str, stamp: Stamp) -> None:
        """Store an event as it came. Raises PrismaError."""
        now = stamp.now()
        values = (make_cuid(now), company, source, event, body, naive(now))
        await self._pool.rows("webhookEvent.create", _ADD_EVENT, *values)

    async def receive(self, company: str, incoming: Incoming, stamp: Stamp) -> bool:
        """Store a message with its lead and conversation; False if the company has no number.

        Raises PrismaError only while the company is looked up.
        """
        found = await self._pool.rows("company.findUnique", _NUMBER, company)
        if not found or not found[0]["number"]:
            return False
        try:
            await self._process(company, found[0]["number"], incoming, stamp)
        except PrismaError as error:
            self._log.write(f"[WhatsApp] Process inbound error: {error.inspect()}")
        return True

    async def _process(self, company: str, number: str, incoming: Incoming, stamp: Stamp) -> None:
        lead = await self._lead(company, incoming.phone, stamp)
        conversation = await self._conversation(company, lead, number, stamp)
        if incoming.sent is None:
            raise self._invalid_date(conversation)
        now = stamp.now()
        moment = naive(now)
        values = (conversation, incoming.content, incoming.waba, naive(incoming.sent), moment)
        async with self._pool.transaction("message.create") as transaction:
            await transaction.execute(_ADD_MESSAGE, make_cuid(now), *values)
            await transaction.execute(_TOUCH, conversation, moment)

    async def _lead(self, company: str, phone: str, stamp: Stamp) -> str:
        ask: str = _FIND_LEAD
        values: tuple[object, ...] = (company, phone)
        if self.slow_lookup:
            ask, values = _FIND_LEAD_SLOWLY, (*values, self.slow_lookup)
        found = await self._pool.rows("lead.findFirst", ask, *values)
        now = stamp.now()
        if found:
            lead = str(found[0]["id"])
            await self._pool.rows("lead.update", _RENAME_LEAD, lead, naive(now))
            return lead
        lead = make_cuid(now)
        await self._pool.rows("lead.create", _ADD_LEAD, lead, company, phone, naive(now))
        return lead

    async def _conversation(self, company: str, lead: str, number: str, stamp: Stamp) -> str:
        if found := await self._pool.rows("conversation.findFirst", _FIND_CONVERSATION, lead):
            return str(found[0]["id"])
        now = stamp.now()
        values = (make_cuid(now), company, lead, number, naive(now))
        await self._pool.rows("conversation.create", _ADD_CONVERSATION, *values)
        return values[0]

    def _invalid_date(self, conversation: str) -> PrismaError:
        data = (
            f'{{\n  data: {{\n    conversationId: "{conversation}",\n    direction: "INBOUND",\n'
            '    sentAt: new Date("Invalid Date"),\n            ~~~~~~~~~~~~~~~~~~~~~~~~\n  }\n}'
        )
        why = "Invalid value for argument `sentAt`: Provided Date object is invalid. Expected Date."
        text = invalid("message.create", f"{data}\n\n{why}").replace(":\n\n\n{", ":\n\n{")
        self._log.write(f"prisma:error {text}")
        return PrismaError("PrismaClientValidationError", text)
