"""The chatwoot probe: what the inbox in front of the application has seen, as a second witness."""

import asyncio
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from firstwatch.clock import Clock
from firstwatch.errors import Denied, Missing, NotConfigured
from firstwatch.probe import Duration, Inquiry, Kind, Moment, Section
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes import chatwoot_counts, web
from probes.accounts import Accounts
from probes.chatwoot_calls import AT_ONCE, Calls, Door
from probes.chatwoot_counts import Span
from probes.chatwoot_delivery import Deliveries
from probes.chatwoot_health import health
from probes.chatwoot_live import live
from probes.chatwoot_received import Written, received
from probes.chatwoot_webhooks import webhooks
from probes.json_path import parse_json, pick


class Settings(Section):
    """A Chatwoot installation."""

    base: Annotated[str, AfterValidator(web.checked_base)] = Field(default="", repr=False)
    """Its address; empty leaves its checks unknown."""
    token: SecretStr = SecretStr("")
    """An administrator's access token; reports and webhooks are refused to others."""
    accounts: Accounts = ()
    """The tenants to count: tables, or one text "1/1=companyid,2/2=companyid"."""
    hook: Annotated[str, AfterValidator(web.checked_base)] = Field(default="", repr=False)
    """Where webhooks should go, without query; empty takes any path with /api/webhooks/chatwoot."""
    verify: bool = True
    """false accepts any certificate."""
    ca: str = ""
    """A file with the authority to trust instead of the machine's own."""


class Measure(Section):
    """What to ask of Chatwoot."""

    ask: Literal[
        "alive",
        "incoming",
        "outgoing",
        "conversations",
        "delivery",
        "webhook",
        "live-webhooks",
        "health",
    ]
    """alive: its own health, in ms; incoming, outgoing: messages over `window`; conversations: all;
    delivery: sends of the last hour that failed, in per cent of a sample; webhook: faults and
    changes since launch of the webhooks to the application; live-webhooks: how many of them bring
    messages, a paused one does not; health: faults of WhatsApp numbers."""
    window: Duration = 300.0
    """How far back messages are counted."""
    since: Literal["window", "launch"] = "window"
    """launch: messages are counted since the launch instead."""
    settled: Duration = 0.0
    """Messages younger than this are not counted."""
    growth: bool = False
    """true: not all conversations, but how many more than at the first reading since the launch."""
    least: int = Field(default=20, ge=1)
    """delivery: an account of which fewer messages were sampled decides nothing by itself."""
    timeout: Duration = 6.0
    """How long a reading may take with all its calls, in real seconds."""

    def span(self, moment: Moment) -> Span:
        """Which messages are counted."""
        since = moment.launch if self.since == "launch" else moment.now - self.window
        return Span(int(since), int(moment.now - self.settled))


_ACCOUNT = "/api/v1/accounts/{account}"
_MESSAGES = "/api/v2/accounts/{account}/reports"
_HOOKS = (f"{_ACCOUNT}/webhooks", f"{_ACCOUNT}/inboxes/{{inbox}}")
_CALLS = {
    "alive": ("/api",),
    "conversations": (f"{_ACCOUNT}/conversations/meta?status=all",),
    "webhook": _HOOKS,
    "live-webhooks": _HOOKS,
    "health": (_HOOKS[1], f"{_HOOKS[1]}/health"),
    "delivery": (
        f"{_ACCOUNT}/conversations?status=all&page=1",
        f"{_ACCOUNT}/conversations/{{conversation}}/messages",
    ),
}
"""What is called of each account for what is asked; for anything else its report."""


class ChatwootProbe:
    """Asks a Chatwoot, at most two calls at once, and not at all while it says it is too much."""

    def __init__(self, settings: Settings) -> None:
        self.concurrency = AT_ONCE
        self._settings = settings
        door = Door(settings.base, settings.token, settings.verify, settings.ca)
        self._calls = Calls(door)
        self._deliveries = Deliveries(settings.accounts)

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Take one reading. Raises ProbeError; a sum lacks no account, or it is not given."""
        if not self._settings.base:
            raise NotConfigured("no Chatwoot: set CHATWOOT_URL")
        until = asyncio.get_running_loop().time() + measure.timeout
        if measure.ask == "alive":
            return await self._alive(moment, until)
        self._admit()
        return await self._of_accounts(measure, moment, until)

    def describe(self, measure: Measure, moment: Moment) -> Inquiry:
        """The calls, each once for every account; the token goes with them and is not told."""
        settings = self._settings
        base = web.shown(settings.base) if settings.base else "(no address)"
        calls = _CALLS.get(measure.ask, (_MESSAGES,))
        report = measure.span(moment).query | {"metric": f"{measure.ask}_messages_count"}
        given = [(name, str(value)) for name, value in report.items() if calls == (_MESSAGES,)]
        if measure.ask != "alive":
            given.append(("accounts", ", ".join(each.place for each in settings.accounts)))
        return Inquiry(tuple(f"GET {base}{path}" for path in calls), tuple(given))

    async def received(self, since: float, within: float) -> tuple[list[Written], int]:
        """What customers wrote since a moment, and how many conversations were too many to ask.

        `within` is in real seconds. Raises ProbeError.
        """
        if not self._settings.base:
            raise NotConfigured("no Chatwoot: set CHATWOOT_URL")
        self._admit()
        until = asyncio.get_running_loop().time() + within
        return await received(self._calls, self._settings.accounts, since, until)

    def _admit(self) -> None:
        """Raises Denied without a token, and Missing without an account."""
        if not self._settings.token.get_secret_value():
            raise Denied("no token: set CHATWOOT_TOKEN to an administrator's")
        if not self._settings.accounts:
            raise Missing("no accounts: set CHATWOOT_ACCOUNTS or sources.<name>.accounts")

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _of_accounts(self, measure: Measure, moment: Moment, until: float) -> Reading:
        calls, accounts = self._calls, self._settings.accounts
        match measure.ask:
            case "webhook":
                return await webhooks(calls, accounts, self._settings.hook, moment, until)
            case "live-webhooks":
                return await live(calls, accounts, self._settings.hook, moment, until)
            case "health":
                return await health(calls, accounts, moment, until)
            case "delivery":
                return await self._deliveries.read(calls, moment.now, until, measure.least)
            case "conversations":
                counts = await chatwoot_counts.conversations(calls, accounts, until)
                return chatwoot_counts.grown(accounts, counts, moment, growth=measure.growth)
        span = measure.span(moment)
        counts = await chatwoot_counts.messages(calls, accounts, measure.ask, span, until)
        return chatwoot_counts.summed(accounts, counts, moment.now, "silent")

    async def _alive(self, moment: Moment, until: float) -> Reading:
        answer = await self._calls.answer("/api", until, token=False)
        took = answer.phases.total
        if answer.status != 200:
            note = f"[status] {answer.status}, expected 200"
            return Reading(at=moment.now, value=took, note=note, level=Level.CRITICAL)
        document = parse_json(answer.body)
        states = {name: str(pick(document, f"{name}_services")) for name in ("queue", "data")}
        failing = any(state != "ok" for state in states.values())
        version = document.get("version", "") if isinstance(document, dict) else ""
        told = ", ".join(f"{name} {state}" for name, state in states.items())
        return Reading(
            at=moment.now,
            value=took,
            note=f"Chatwoot {version}, {told}",
            level=Level.CRITICAL if failing else None,
        )


def _open(settings: Settings, _clock: Clock) -> ChatwootProbe:
    return ChatwootProbe(settings)


KIND = Kind("chatwoot", Settings, Measure, _open)
