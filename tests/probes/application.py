"""The application as the database sees it: rows of known age, and the plan's own questions."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from firstwatch.config import load
from firstwatch.plan import Check
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from probes.answers import Measure
from probes.ids import cuid_floor
from probes.kinds import KINDS
from probes.postgres import KIND, PostgresProbe, Settings
from probes.statements import Statement
from rehearsal.cuid import make_cuid

NOW = 1_795_419_786.0  # 2026-11-23T07:43:06Z
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LAUNCH = NOW - 2 * HOUR
PHONE = "+15550100"


def _asked() -> dict[str, Check]:
    environ = {"DATABASE_URL": "postgresql://db/app", "APP_URL": "http://app"}
    checks = load(None, KINDS, environ).checks.values()
    return {str(c.measure.sql): c for c in checks if isinstance(c.measure, Measure)}


ASKED = _asked()
"""The checks of the default plan, by the statement they ask."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database with the application's schema."""

    name: str
    dsn: str
    owner_dsn: str


class Standing:
    """A clock that stands still."""

    scale = 1.0

    def now(self) -> float:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def stamp(age: float) -> datetime:
    return datetime.fromtimestamp(NOW - age, UTC).replace(tzinfo=None)


def opened(dsn: str) -> PostgresProbe:
    probe = KIND.open(Settings.model_validate({"dsn": dsn}), Standing())
    assert isinstance(probe, PostgresProbe)
    return probe


def parts(reading: Reading) -> list[tuple[str, float, str]]:
    """The rows of a reading, in their order."""
    return [(row.label, row.value, row.note) for row in reading.rows]


@dataclass(slots=True)
class Application:
    """Writes rows as the application does; `age` is in seconds before now."""

    connection: Any
    asked: PostgresProbe
    messages: int = 0

    async def insert(self, table: str, age: float = HOUR, **values: Any) -> str:
        values = {"id": make_cuid(NOW - age), "createdAt": stamp(age), **values}
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join(f"${n + 1}" for n in range(len(values)))
        statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
        await self.connection.execute(statement, *values.values())
        return str(values["id"])

    async def company(self, name: str = "A", **values: Any) -> str:
        values = {"whatsappBusinessNumber": "+15550199", "updatedAt": stamp(0), **values}
        return await self.insert("Company", DAY, name=name, **values)

    async def lead(
        self, company: str, phone: str = PHONE, age: float = 10 * MINUTE, **values: Any
    ) -> str:
        values = {"source": "API/Webhook", "updatedAt": stamp(0), **values}
        return await self.insert("Lead", age, companyId=company, phone=phone, **values)

    async def conversation(
        self,
        company: str,
        lead: str,
        age: float = 10 * MINUTE,
        last: float | None = None,
        **values: Any,
    ) -> str:
        seen = None if last is None else stamp(last)
        keys = {"companyId": company, "leadId": lead, "lastMessageAt": seen, **values}
        return await self.insert("Conversation", age, updatedAt=stamp(0), **keys)

    async def thread(self, company: str, phone: str = PHONE, age: float = 10 * MINUTE) -> str:
        """A lead with its conversation."""
        return await self.conversation(company, await self.lead(company, phone, age), age, last=0)

    async def message(self, conversation: str, age: float = 100.0, **values: Any) -> str:
        values = {"direction": "INBOUND", "body": f"text {self.messages}", **values}
        self.messages += 1
        return await self.insert(
            "Message", age, conversationId=conversation, updatedAt=stamp(0), **values
        )

    async def event(
        self,
        company: str | None,
        message: int = 1,
        age: float = 100.0,
        *,
        kind: str = "message_created",
        source: str = "CHATWOOT",
        phone: str | None = PHONE,
        talk: int = 1,
        **payload: Any,
    ) -> str:
        payload = {"id": message, "message_type": "incoming", "private": False, **payload}
        payload["conversation"] = {"id": talk}
        if phone:
            payload["conversation"]["meta"] = {"sender": {"phone_number": phone}}
        values = {"companyId": company, "source": source, "eventType": kind}
        return await self.insert("WebhookEvent", age, payload=json.dumps(payload), **values)

    async def received(
        self, company: str, conversation: str, message: int, age: float, **payload: Any
    ) -> None:
        """An event and its message, a moment later."""
        await self.event(company, message, age, **payload)
        await self.message(conversation, age - 0.04, wabaMessageId=f"chatwoot_{message}")

    async def ask(self, sql: str, now: float = NOW) -> Reading:
        """What the default plan asks with this statement."""
        return await self.asked.read(ASKED[sql].measure, Moment(now, LAUNCH))


async def number_of(app: Application, company: str, number: str, sent: int, **values: Any) -> str:
    """A WhatsApp number with its counter."""
    row = {"messagesSentToday": sent, "dailyLimit": 20, "lastResetAt": stamp(HOUR), **values}
    keys = {"companyId": company, "number": number, "updatedAt": stamp(0)}
    return await app.insert("WhatsAppNumber", DAY, **keys, **row)


async def log_of(app: Application, company: str, number: str, sent: int, days: int = 0) -> None:
    """The log of a day, of today unless said."""
    date = stamp(days * DAY).replace(hour=0, minute=0, second=0)
    keys = {"companyId": company, "whatsappNumberId": number, "dailyLimit": 20}
    await app.insert("QuotaLog", HOUR, date=date, sentCount=sent, **keys)


def bound(statement: Statement, window: float) -> list[object]:
    """The parameters of a statement now, ids being cuids."""
    moment = Moment(NOW, LAUNCH)
    ids = {one.name: cuid_floor(one.at(moment, window)) for one in statement.ids}
    return statement.values(moment, window, ids)
