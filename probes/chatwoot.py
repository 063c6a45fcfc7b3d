"""The chatwoot probe: what the inbox in front of the application has seen, as a second witness."""

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from email.utils import parsedate_to_datetime
from itertools import chain, zip_longest
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import AfterValidator, Field, SecretStr

from firstwatch.clock import Clock
from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer, NotConfigured
from firstwatch.probe import Duration, Kind, Moment, Section
from firstwatch.readings import Reading, Row
from firstwatch.units import format_duration
from firstwatch.verdict import Level
from probes import web
from probes.accounts import Account, Accounts
from probes.delivery import Tally
from probes.json_path import number_at, parse_json, pick

T = TypeVar("T")

_CALLS = 20
_ACCOUNTS_SAMPLED = 5
_AGE = (120, 3600)
_WAIT = (1.0, 60.0, 3600.0)


class Settings(Section):
    """A Chatwoot installation."""

    base: Annotated[str, AfterValidator(web.checked_base)] = Field(default="", repr=False)
    """Its address; empty leaves its checks unknown."""
    token: SecretStr = SecretStr("")
    """An administrator's access token; reports are refused to others."""
    accounts: Accounts = ()
    """The tenants to count: tables, or one text "1/1=companyid,2/2=companyid"."""
    verify: bool = True
    """false accepts any certificate."""
    ca: str = ""
    """A file with the authority to trust instead of the machine's own."""


class Measure(Section):
    """What to ask of Chatwoot."""

    ask: Literal["alive", "incoming", "outgoing", "conversations", "delivery"]
    """Its own health in ms; messages over `window`; all conversations; failed sends in per cent."""
    window: Duration = 300.0
    """How far back messages are counted."""
    timeout: Duration = 6.0
    """How long a reading may take with all its calls, in real seconds."""


class ChatwootProbe:
    """Asks a Chatwoot, at most two calls at once, and not at all while it says it is too much."""

    def __init__(self, settings: Settings) -> None:
        self.concurrency = 2
        self._settings = settings
        self._slots = asyncio.Semaphore(2)
        self._quiet_until = 0.0
        self._turn = 0

    async def read(self, measure: Measure, moment: Moment) -> Reading:
        """Take one reading. Raises ProbeError; a sum lacks no account, or it is not given."""
        settings = self._settings
        if not settings.base:
            raise NotConfigured("no Chatwoot: set CHATWOOT_URL")
        until = asyncio.get_running_loop().time() + measure.timeout
        if measure.ask == "alive":
            return await self._alive(moment, until)
        if not settings.token.get_secret_value():
            raise Denied("no token: set CHATWOOT_TOKEN to an administrator's")
        if not settings.accounts:
            raise Missing("no accounts: set CHATWOOT_ACCOUNTS or sources.<name>.accounts")
        if measure.ask == "delivery":
            return await self._delivery(moment, until)
        if measure.ask == "conversations":
            return await self._conversations(moment, until)
        return await self._messages(measure, moment, until)

    async def run(self) -> None:
        """Nothing goes on between readings."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _alive(self, moment: Moment, until: float) -> Reading:
        answer = await self._get("/api", {}, until, token=False)
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

    async def _messages(self, measure: Measure, moment: Moment, until: float) -> Reading:
        """Messages within the window; buckets of an hour are cut at its ends, so all are summed."""

        async def count(account: Account) -> float:
            query: dict[str, object] = {"type": "account"}
            if account.inbox is not None:
                query = {"type": "inbox", "id": account.inbox}
            query |= {
                "metric": f"{measure.ask}_messages_count",
                "since": int(moment.now - measure.window),
                "until": int(moment.now),
                "group_by": "hour",
                "timezone_offset": 0,
            }
            path = f"/api/v2/accounts/{account.account}/reports"
            buckets = await self._document(path, query, account, until)
            if not isinstance(buckets, list):
                raise BadAnswer(f"{account.place}: the report is not a list")
            return sum(number_at(bucket, "value") for bucket in buckets)

        counts = await _together([count(account) for account in self._settings.accounts])
        return self._summed(counts, moment, none="silent")

    async def _conversations(self, moment: Moment, until: float) -> Reading:
        async def count(account: Account) -> float:
            query = {"status": "all"} | account.query
            path = f"/api/v1/accounts/{account.account}/conversations/meta"
            return number_at(await self._document(path, query, account, until), "meta.all_count")

        counts = await _together([count(account) for account in self._settings.accounts])
        return self._summed(counts, moment, none="empty")

    def _summed(self, counts: Sequence[float], moment: Moment, none: str) -> Reading:
        accounts = self._settings.accounts
        pairs = sorted(zip(counts, accounts, strict=True), key=lambda pair: pair[0])
        empty = sum(count == 0 for count in counts)
        plural = "company" if len(counts) == 1 else "companies"
        return Reading(
            at=moment.now,
            value=sum(counts),
            note=f"{len(counts)} {plural}" + (f", {empty} {none}" if empty else ""),
            rows=tuple(Row(account.label, count, account.place) for count, account in pairs),
        )

    async def _delivery(self, moment: Moment, until: float) -> Reading:
        """The share of recent outgoing messages that failed, from a sample of conversations."""
        tally = Tally(since=moment.now - _AGE[1], until=moment.now - _AGE[0])
        chosen = self._next_accounts()
        late: list[NoAnswer] = []

        async def sample(account: Account, conversation: int) -> None:
            place = f"/api/v1/accounts/{account.account}/conversations/{conversation}/messages"
            try:
                tally.add(await self._document(place, {}, account, until))
            except NoAnswer as error:
                late.append(error)

        listed = await _together([self._recent(a, tally.since, until) for a in chosen])
        await _together([sample(*each) for each in _fairly(listed, _CALLS - len(chosen))])
        if late and not tally.conversations:
            raise late[0]
        everyone = len(chosen) == len(self._settings.accounts)
        return tally.reading(moment.now, "" if everyone else f" of {len(chosen)} accounts")

    def _next_accounts(self) -> list[Account]:
        """A few accounts, others the next time, so that every one has its turn."""
        accounts = self._settings.accounts
        take = min(len(accounts), _ACCOUNTS_SAMPLED)
        chosen = [accounts[(self._turn + step) % len(accounts)] for step in range(take)]
        self._turn = (self._turn + take) % len(accounts)
        return chosen

    async def _recent(
        self, account: Account, since: float, until: float
    ) -> list[tuple[Account, int]]:
        """The conversations with something new, newest first; one page is enough to sample."""
        query = {"status": "all", "page": 1} | account.query
        path = f"/api/v1/accounts/{account.account}/conversations"
        listed = pick(await self._document(path, query, account, until), "data.payload")
        if not isinstance(listed, list):
            raise BadAnswer(f"{account.place}: the conversations are not a list")
        return [
            (account, int(number_at(conversation, "id")))
            for conversation in listed
            if number_at(conversation, "last_activity_at") >= since
        ]

    async def _document(
        self, path: str, query: Mapping[str, object], account: Account, until: float
    ) -> object:
        """The JSON at a path. Raises ProbeError, naming the account where that helps."""
        answer = await self._get(path, query, until, token=True)
        if answer.status == 200:
            return parse_json(answer.body)
        if answer.status == 401:
            raise Denied("401: the token is not accepted; set CHATWOOT_TOKEN to an administrator's")
        if answer.status == 403:
            raise Denied(f"403: {account.place} needs an administrator's token")
        if answer.status == 404:
            raise Missing(f"404: no {account.place}")
        sent = f" (sent to {answer.location}), check CHATWOOT_URL" if answer.location else ""
        raise BadAnswer(f"{account.place}: [status] {answer.status}, expected 200{sent}")

    async def _get(
        self, path: str, query: Mapping[str, object], until: float, *, token: bool
    ) -> web.Answer:
        settings, loop = self._settings, asyncio.get_running_loop()
        async with self._slots:
            self._stay_quiet()
            left = until - loop.time()
            if left < 0.05:
                raise NoAnswer("out of time before everything was asked")
            answer = await web.get(
                f"{settings.base}{path}" + (f"?{urlencode(query)}" if query else ""),
                headers={"api-access-token": settings.token} if token else None,
                timeout=left,
                verify=settings.verify,
                ca=settings.ca,
            )
            if answer.status == 429:
                self._quiet_until = time.monotonic() + _retry_after(answer)
                self._stay_quiet()
            return answer

    def _stay_quiet(self) -> None:
        """Raise NoAnswer while Chatwoot has asked not to be asked; real seconds, as it counts."""
        left = self._quiet_until - time.monotonic()
        if left > 0:
            raise NoAnswer(f"rate limited (429), asking again in {format_duration(left + 1)}")


async def _together(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """What the calls return, in order. Raises what the first in order raised, all being done.

    Not the first in time: a reason that changes from one reading to the next looks like news.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [task.result() for task in tasks]


def _fairly(
    listed: Sequence[Sequence[tuple[Account, int]]], most: int
) -> list[tuple[Account, int]]:
    """At most so many conversations, taken from the accounts in turn, the newest of each first."""
    in_turn = chain.from_iterable(zip_longest(*listed))
    return [each for each in in_turn if each is not None][:most]


def _retry_after(answer: web.Answer) -> float:
    """Seconds to wait, from a number or a date, never longer than an hour."""
    least, usual, most = _WAIT
    text = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            seconds = usual
    return min(max(seconds, least), most) if seconds == seconds else usual  # noqa: PLR0124 - nan


def _open(settings: Settings, _clock: Clock) -> ChatwootProbe:
    return ChatwootProbe(settings)


KIND = Kind("chatwoot", Settings, Measure, _open)
