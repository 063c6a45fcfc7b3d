"""Counts of Chatwoot: messages and conversations of every account, all of them or none."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from firstwatch.errors import BadAnswer, Missing
from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from firstwatch.units import format_number
from probes.accounts import Account
from probes.chatwoot_calls import Calls, together
from probes.json_path import number_at


@dataclass(frozen=True, slots=True)
class Span:
    """Messages from one second on and before another, both since the epoch."""

    since: int
    until: int

    @property
    def query(self) -> dict[str, object]:
        """A report over it, by the hour: its buckets hold nothing from outside of it."""
        return {
            "since": self.since,
            "until": self.until,
            "group_by": "hour",
            "timezone_offset": 0,
        }


async def messages(
    calls: Calls, accounts: Sequence[Account], metric: str, span: Span, until: float
) -> list[float]:
    """How many messages each account has in a span. Raises ProbeError."""

    async def count(account: Account) -> float:
        of: dict[str, object] = {"type": "account"}
        if account.inbox is not None:
            of = {"type": "inbox", "id": account.inbox}
        query = of | {"metric": f"{metric}_messages_count"} | span.query
        path = f"/api/v2/accounts/{account.account}/reports"
        buckets = await calls.document(path, account, until, query)
        if not isinstance(buckets, list):
            raise BadAnswer(f"{account.place}: the report is not a list")
        return sum(number_at(bucket, "value") for bucket in buckets)

    if span.until <= span.since:
        return [0.0] * len(accounts)
    return await together([count(account) for account in accounts])


async def conversations(calls: Calls, accounts: Sequence[Account], until: float) -> list[float]:
    """How many conversations each account has, whatever their status. Raises ProbeError."""

    async def count(account: Account) -> float:
        path = f"/api/v1/accounts/{account.account}/conversations/meta"
        query = {"status": "all"} | account.query
        return number_at(await calls.document(path, account, until, query), "meta.all_count")

    return await together([count(account) for account in accounts])


def summed(accounts: Sequence[Account], counts: Sequence[float], at: float, none: str) -> Reading:
    """All accounts together; the rows begin with those that have least, `none` says without any."""
    pairs = sorted(zip(counts, accounts, strict=True), key=lambda pair: pair[0])
    empty = sum(count == 0 for count in counts)
    plural = "company" if len(counts) == 1 else "companies"
    return Reading(
        at=at,
        value=sum(counts),
        note=f"{len(counts)} {plural}" + (f", {empty} {none}" if empty else ""),
        rows=tuple(Row(a.label, count, a.place, a.company) for count, a in pairs),
    )


def grown(
    accounts: Sequence[Account], counts: Sequence[float], moment: Moment, *, growth: bool
) -> Reading:
    """Totals with their growth since the launch, which is the value if that is asked for.

    Raises Missing when the growth is asked for and an account was not counted at the launch.
    """
    totals = {account.place: count for account, count in zip(accounts, counts, strict=True)}
    first = _counted(moment.baseline) if moment.baseline else totals
    new = next((place for place in totals if place not in first), "")
    if growth and new:
        raise Missing(f"{new} was not counted at the launch, so its growth is not known")
    reading = summed(accounts, counts, moment.now, "empty")
    note = f"{format_number(sum(counts))} in all, {reading.note}"
    if not new:
        more = [totals[account.place] - first[account.place] for account in accounts]
        note = f"{format_number(sum(counts))} in all, {sum(more):+g} since launch"
        if growth:
            reading = summed(accounts, more, moment.now, "without a new one")
    facts = json.dumps(totals, separators=(",", ":"), sort_keys=True)
    return replace(reading, note=note, facts=facts)


def _counted(baseline: str) -> Mapping[str, float]:
    """What was counted at the launch; nothing if it cannot be read."""
    try:
        found = json.loads(baseline)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {k: float(v) for k, v in found.items() if isinstance(v, int | float)}
