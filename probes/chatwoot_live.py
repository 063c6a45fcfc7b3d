"""The live webhooks of Chatwoot: by how many ways customers' messages reach the application."""

from collections import Counter
from collections.abc import Sequence

from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from probes.accounts import Account
from probes.chatwoot_calls import Calls
from probes.chatwoot_webhooks import closed, ways
from probes.hooks import Hooks


async def live(
    calls: Calls, accounts: Sequence[Account], hook: str, moment: Moment, until: float
) -> Reading:
    """How many webhooks bring messages, of every account, those with most first.

    An inbox that tells the application by itself is one, too. Raises ProbeError.
    """
    hooks, inboxes = await ways(calls, accounts, hook, until)
    own = Counter(a.account for a, tells in zip(accounts, inboxes, strict=True) if tells)
    rows = [
        _row([a for a in accounts if a.account == number], found, own[number])
        for number, found in hooks.items()
    ]
    rows.sort(key=lambda row: -row.value)
    open_ways = sum(row.value for row in rows)
    known = sum(len(found.ours) for found in hooks.values()) + own.total()
    note = f"{open_ways:g} of {known} webhooks live" if open_ways else _why(rows)
    return Reading(moment.now, open_ways, note=note, rows=tuple(rows))


def _row(tenants: Sequence[Account], hooks: Hooks, inboxes: int) -> Row:
    """One account with its webhooks; its company where it has only one."""
    count = sum(hook.is_live for hook in hooks.ours) + inboxes
    first, companies = tenants[0], {each.company for each in tenants}
    label = first.label if len(tenants) == 1 else f"account {first.account}"
    key = companies.pop() if len(companies) == 1 else ""
    note = f"{count} of {len(hooks.ours) + inboxes} live" if count else closed(hooks)
    if inboxes:
        note += f", {inboxes} of an inbox"
    return Row(label, float(count), note, key)


def _why(rows: Sequence[Row]) -> str:
    """Why no webhook is live, the most frequent reason first."""
    reasons = Counter(row.note for row in rows).most_common()
    if len(reasons) == 1:
        return reasons[0][0]
    return "; ".join(f"{why} ({count} of {len(rows)})" for why, count in reasons)
