"""The webhooks of Chatwoot: what is wrong with them, and what has changed since the launch."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from firstwatch.errors import BadAnswer
from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from probes.accounts import Account
from probes.chatwoot_calls import Calls, together
from probes.hooks import (
    CREATED,
    PARKED,
    Address,
    Hook,
    Hooks,
    is_ours,
    read_hooks,
    recalled,
    written,
)
from probes.json_path import pick

PAUSED = f"paused: parked on {', '.join(PARKED)}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the way of an account's messages."""

    level: Level
    what: str


async def webhooks(
    calls: Calls, accounts: Sequence[Account], hook: str, moment: Moment, until: float
) -> Reading:
    """How many faults there are, the worst first. Raises ProbeError."""
    hooks, inboxes = await ways(calls, accounts, hook, until)
    numbers = list(hooks)
    before = recalled(moment.baseline)
    faults = [
        _faults(each, hooks[each.account], before.get(each.account), inbox=inbox)
        for each, inbox in zip(accounts, inboxes, strict=True)
    ]
    unknown = sum(number not in before for number in numbers) if moment.baseline else 0
    return _reading(accounts, faults, moment, hooks=hooks, unknown=unknown)


async def ways(
    calls: Calls, accounts: Sequence[Account], hook: str, until: float
) -> tuple[dict[int, Hooks], list[bool]]:
    """The webhooks of every account, by its number, and of each tenant whether its inbox has one.

    Raises ProbeError.
    """
    numbers = sorted({account.account for account in accounts})
    target = Address.parse(hook)
    one_each = [next(a for a in accounts if a.account == number) for number in numbers]
    found = await together([_asked(calls, account, target, until) for account in one_each])
    inboxes = await together([_inbox(calls, account, target, until) for account in accounts])
    return dict(zip(numbers, found, strict=True)), inboxes


async def _asked(calls: Calls, account: Account, hook: Address, until: float) -> Hooks:
    path = f"/api/v1/accounts/{account.account}/webhooks"
    try:
        return read_hooks(
            pick(await calls.document(path, account, until), "payload.webhooks"), hook
        )
    except BadAnswer as error:
        named = error.reason.startswith(account.place)
        raise BadAnswer(error.reason if named else f"{account.place}: {error.reason}") from None


async def _inbox(calls: Calls, account: Account, hook: Address, until: float) -> bool:
    """Whether the inbox itself tells the application: a second way, past the account's webhooks."""
    if account.inbox is None:
        return False
    found = await calls.document(account.inbox_path, account, until)
    if not isinstance(found, dict):
        raise BadAnswer(f"{account.place}: the inbox is not a table")
    channel = found.get("channel")
    within = channel.get("webhook_url") if isinstance(channel, dict) else None
    return is_ours(Address.parse(str(found.get("webhook_url") or within or "")), hook)


def _faults(
    account: Account, hooks: Hooks, then: Mapping[int, Hook] | None, *, inbox: bool
) -> list[Fault]:
    """What is wrong for an account, the worst first; `then` are its webhooks at the launch."""
    changes = [] if then is None else list(_changes(hooks, then))
    explained = any(fault.level is Level.CRITICAL for fault in changes)
    faults = [*changes, *_standing(account, hooks, inbox=inbox, explained=explained)]
    return sorted(faults, key=lambda fault: -fault.level.severity)


def _standing(account: Account, hooks: Hooks, *, inbox: bool, explained: bool) -> Iterator[Fault]:
    """What is wrong whatever it was at the launch, if no change explains it already."""
    bringing = [hook for hook in hooks.ours if hook.brings_messages]
    if not bringing and not inbox and not explained:
        yield Fault(Level.CRITICAL, closed(hooks))
    companies = {hook.address.company for hook in bringing}
    if "" in companies:
        yield Fault(Level.CRITICAL, "no companyId in the address")
    elif bringing and account.company and account.company not in companies and not explained:
        yield Fault(Level.CRITICAL, "companyId of another company in the address")
    yield from _doubled(bringing, inbox=inbox)


def closed(hooks: Hooks) -> str:
    """Why no message comes by an account's webhooks."""
    if not hooks.ours:
        return "no webhook to the application"
    parked = all(hook.is_parked for hook in hooks.ours)
    return PAUSED if parked else f"{CREATED} not subscribed"


def _doubled(bringing: Sequence[Hook], *, inbox: bool) -> Iterator[Fault]:
    places = Counter(hook.address.place for hook in bringing)
    most = max(places.values(), default=0)
    if most > 1:
        yield Fault(Level.CRITICAL, f"{most} webhooks to the application: delivered {most} times")
    elif len(places) > 1:
        yield Fault(Level.WARNING, f"webhooks to {len(places)} hosts: set sources.<name>.hook")
    if inbox and bringing:
        yield Fault(Level.CRITICAL, "the inbox has a webhook, too: delivered twice")


def _changes(now: Hooks, then: Mapping[int, Hook]) -> Iterator[Fault]:
    """What is not as it was at the launch."""
    present = {hook.id: hook for hook in now.ours}
    for id_, old in then.items():
        if new := present.get(id_):
            yield from _differences(old, new)
        elif id_ in now.others:
            yield Fault(Level.CRITICAL, f"address changed since launch, was {old.address.host}")
        else:
            level = Level.WARNING if now.ours else Level.CRITICAL
            yield Fault(level, "webhook deleted since launch")
    added = len(present.keys() - then.keys())
    if added:
        yield Fault(Level.WARNING, f"{added} webhook{'s' * (added > 1)} added since launch")


def _differences(old: Hook, new: Hook) -> Iterator[Fault]:
    was, is_ = old.address, new.address
    if was.host != is_.host:
        yield Fault(Level.CRITICAL, f"host changed since launch: {was.host}, now {is_.host}")
    if was.path != is_.path:
        yield Fault(Level.CRITICAL, "path changed since launch")
    if was.company != is_.company:
        yield Fault(Level.CRITICAL, "companyId changed since launch")
    if (was.scheme, was.others) != (is_.scheme, is_.others):
        yield Fault(Level.WARNING, "scheme or query changed since launch")
    if new.is_parked and not old.is_parked:
        yield Fault(Level.CRITICAL, PAUSED)
        return
    for event in sorted(set(old.events) - set(new.events)):
        level = Level.CRITICAL if event == CREATED else Level.WARNING
        yield Fault(level, f"{event} no longer subscribed since launch")
    for event in sorted(set(new.events) - set(old.events)):
        yield Fault(Level.WARNING, f"{event} newly subscribed since launch")


def _reading(
    accounts: Sequence[Account],
    faults: Sequence[list[Fault]],
    moment: Moment,
    *,
    hooks: Mapping[int, Hooks],
    unknown: int,
) -> Reading:
    """Every account with its faults, the worst one first and named."""
    judged = sorted(zip(accounts, faults, strict=True), key=lambda pair: _badness(pair[1]))
    account, worst = judged[0]
    total = sum(len(each) for each in faults)
    note = "later looks are compared with this one"
    if moment.baseline:
        note = "as at the launch" if unknown < len(hooks) else "nothing wrong"
    if worst:
        more = f" (+{total - 1} more)" if total > 1 else ""
        note = f"account {account.account}: {worst[0].what}{more}"
    if unknown:
        note += f"; {unknown} not compared with the launch"
    return Reading(
        at=moment.now,
        value=float(total),
        note=note,
        rows=tuple(
            Row(a.label, float(len(each)), "; ".join(f.what for f in each) or a.place, a.company)
            for a, each in judged
        ),
        level=worst[0].level if worst else None,
        hard=bool(worst),
        facts=written(hooks),
    )


def _badness(faults: Sequence[Fault]) -> tuple[int, int]:
    """A key that sorts the worst first."""
    return (-faults[0].level.severity if faults else 0), -len(faults)
