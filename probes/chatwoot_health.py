"""The health of WhatsApp numbers, as Meta tells Chatwoot: quality, status, limit, sign-in."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstwatch.errors import BadAnswer, Missing, ProbeError
from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from probes.accounts import Account
from probes.chatwoot_calls import Calls, document_in, together

_TIER = re.compile(r"TIER_(?:(\d+)(K|M)?|(UNLIMITED))")
_TIMES = {None: 1, "K": 1_000, "M": 1_000_000}
_QUALITY = {"YELLOW": Level.WARNING, "RED": Level.CRITICAL}
_STATUS = {"CONNECTED": None, "FLAGGED": Level.WARNING, "RATE_LIMITED": Level.WARNING}
"""Every other status is critical."""


@dataclass(frozen=True, slots=True)
class Number:
    """How one number stands."""

    account: Account
    faults: tuple[tuple[Level, str], ...] = ()
    tier: str = ""
    told: str = ""
    """All of it in words."""
    unknown: ProbeError | None = None
    """Why its health could not be read."""

    @property
    def level(self) -> Level | None:
        levels = [level for level, _ in self.faults]
        return max(levels, key=lambda level: level.severity, default=None)


async def health(
    calls: Calls, accounts: Sequence[Account], moment: Moment, until: float
) -> Reading:
    """How many faults the numbers have, the worst first; a fault outweighs what is not known.

    Raises ProbeError when a number could not be looked at and nothing is wrong with the others.
    """
    for account in accounts:
        if account.inbox is None:
            raise Missing(f"{account.place}: name its inbox, as in CHATWOOT_ACCOUNTS=1/4=company")
    before = _tiers(moment.baseline)
    numbers = await together([_number(calls, account, before, until) for account in accounts])
    numbers.sort(key=lambda number: -_severity(number))
    worst, unknown = numbers[0], [number.unknown for number in numbers if number.unknown]
    if unknown and not worst.faults:
        raise unknown[0]
    return Reading(
        at=moment.now,
        value=float(sum(len(number.faults) for number in numbers)),
        note=_note(numbers, len(unknown)),
        rows=tuple(
            Row(n.account.label, float(len(n.faults)), _row_note(n), n.account.company)
            for n in numbers
        ),
        level=worst.level,
        facts=_facts(numbers),
    )


async def _number(
    calls: Calls, account: Account, before: Mapping[str, str], until: float
) -> Number:
    inbox = await calls.document(account.inbox_path, account, until)
    faults: list[tuple[Level, str]] = []
    if isinstance(inbox, dict) and inbox.get("reauthorization_required") is True:
        faults.append((Level.CRITICAL, "has to be authorized anew in Chatwoot"))
    try:
        found = await _asked(calls, account, until)
    except (BadAnswer, Missing) as error:
        return Number(account, tuple(faults), told=error.reason, unknown=error)
    quality, status, tier = (found[name] for name in ("quality", "status", "tier"))
    if level := _QUALITY.get(quality):
        faults.append((level, f"quality {quality}"))
    if level := _STATUS.get(status, Level.CRITICAL):
        faults.append((level, status))
    was = before.get(account.place, "")
    if size(tier) < size(was):
        faults.append((Level.WARNING, f"limit {tier}, was {was} at the launch"))
    told = ", ".join(filter(None, (status, f"quality {quality}", tier)))
    return Number(account, tuple(faults), tier, told)


async def _asked(calls: Calls, account: Account, until: float) -> dict[str, str]:
    """Quality, status and limit. Raises ProbeError, Missing where Chatwoot has none to tell."""
    answer = await calls.answer(f"{account.inbox_path}/health", until)
    if answer.status == 404:
        raise Missing(f"404: {account.place} has no health; it takes a newer Chatwoot")
    if answer.status == 422:
        raise BadAnswer(f"422: no health of {account.place}; is it a WhatsApp Cloud inbox?")
    document = document_in(answer, account)
    if not isinstance(document, dict):
        raise BadAnswer(f"{account.place}: its health is not a table")
    tier = document.get("messaging_limit_tier")
    limit = tier or document.get("whatsapp_business_manager_messaging_limit")
    found = {"quality": document.get("quality_rating"), "status": document.get("status")}
    for name, text in found.items():
        if not isinstance(text, str) or not text:
            raise BadAnswer(f"{account.place}: no {name} in its health")
    return {name: _word(text) for name, text in (found | {"tier": limit}).items()}


def _word(text: object) -> str:
    """A constant of Meta's, or nothing of what does not look like one."""
    found = re.fullmatch(r"\w{1,40}", str(text or ""), re.ASCII)
    return found[0].upper() if found else ""


def size(tier: str) -> float:
    """How many customers a limit allows a day; NaN, which compares with nothing, if unknown."""
    match = _TIER.fullmatch(tier)
    if not match:
        return math.nan
    number, times, unlimited = match.groups()
    return math.inf if unlimited else float(int(number) * _TIMES[times])


def _severity(number: Number) -> int:
    if number.level:
        return number.level.severity
    return Level.UNKNOWN.severity if number.unknown else 0


def _row_note(number: Number) -> str:
    faults = [what for _, what in number.faults if what not in number.told]
    return "; ".join([*faults, number.told])


def _note(numbers: Sequence[Number], unknown: int) -> str:
    worst = numbers[0]
    if not worst.faults:
        return f"{len(numbers)} numbers connected" if len(numbers) > 1 else worst.told
    what = max(worst.faults, key=lambda fault: fault[0].severity)[1]
    more = sum(len(number.faults) for number in numbers) - 1
    told = f"{worst.account.place}: {what}" + (f" (+{more} more)" if more else "")
    return told + (f"; {unknown} not measured" if unknown else "")


def _facts(numbers: Sequence[Number]) -> str:
    """The limit of each number; nothing until all of them are known."""
    if any(number.unknown for number in numbers):
        return ""
    tiers = {number.account.place: number.tier for number in numbers if number.tier}
    return json.dumps(tiers, separators=(",", ":"), sort_keys=True)


def _tiers(baseline: str) -> dict[str, str]:
    try:
        found = json.loads(baseline)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(place): str(tier) for place, tier in found.items()}
