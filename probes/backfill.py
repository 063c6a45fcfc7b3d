"""What has to be fetched again: customers' messages that Chatwoot has and the application lost.

Two places know of them. The events that the application stored tell of messages that arrived
and came no further; of those whose webhook failed altogether only Chatwoot knows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from firstwatch.probe import Moment
from firstwatch.text import clean
from probes.chatwoot import ChatwootProbe
from probes.postgres import PostgresProbe
from probes.statements import GRACE

DAY = 86400.0
WITHIN = 120.0
"""Real seconds for all that is asked of Chatwoot."""


@dataclass(frozen=True, slots=True)
class Lost:
    """One message to fetch again."""

    at: float
    """When it arrived, or when Chatwoot received it; seconds since the epoch."""
    company: str
    """The company's name where the database knows it."""
    company_id: str
    account: str
    """The number of its account in Chatwoot, where that is known."""
    conversation: str
    """The number of its conversation in that account."""
    message: str
    """Its id in Chatwoot."""
    known_from: str
    """"webhook": it arrived and was not stored; "Chatwoot": it never arrived."""


async def arrived(database: PostgresProbe, moment: Moment) -> list[Lost]:
    """Messages whose event is stored and whose row is not, since the launch. Raises ProbeError."""
    records = await database.records("backfill.sql", moment, DAY)
    return [
        Lost(
            at=record["at"].replace(tzinfo=UTC).timestamp(),
            company=clean(str(record["company"]), 80),
            company_id=clean(str(record["company_id"] or ""), 80),
            account="",
            conversation=clean(str(record["conversation"] or ""), 40),
            message=clean(str(record["message_id"] or ""), 40),
            known_from="webhook",
        )
        for record in records
    ]


async def never_arrived(
    chatwoot: ChatwootProbe, database: PostgresProbe, moment: Moment
) -> tuple[list[Lost], int]:
    """Messages only Chatwoot has, and how many conversations were too many. Raises ProbeError."""
    written, left_out = await chatwoot.received(moment.launch, WITHIN)
    stored = {
        str(record["message_id"]) for record in await database.records("stored.sql", moment, DAY)
    }
    return [
        Lost(
            at=each.at,
            company="",
            company_id=each.account.company,
            account=str(each.account.account),
            conversation=str(each.conversation),
            message=str(each.message),
            known_from="Chatwoot",
        )
        for each in written
        if str(each.message) not in stored and each.at < moment.now - GRACE
    ], left_out


def together(*lists: Iterable[Lost]) -> list[Lost]:
    """One entry for each message, the oldest first; the first list knows best."""
    found: dict[tuple[str, str], Lost] = {}
    for each in (lost for part in lists for lost in part):
        known = found.setdefault((each.company_id, each.message), each)
        if known is not each and not known.account:
            found[each.company_id, each.message] = replace(known, account=each.account)
    return sorted(found.values(), key=lambda lost: (lost.at, lost.company_id, lost.message))


HEAD = ("at", "company", "company_id", "account", "conversation", "message_id", "known_from")


def as_row(lost: Lost) -> tuple[str, ...]:
    """The cells of one entry, in the order of `HEAD`; a spreadsheet takes none for a formula."""
    at = datetime.fromtimestamp(lost.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    cells = (lost.company, lost.company_id, lost.account, lost.conversation, lost.message)
    return (at, *(_inert(cell) for cell in cells), lost.known_from)


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in tuple("=+-@") else cell
