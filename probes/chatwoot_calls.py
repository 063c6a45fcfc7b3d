"""Calls to Chatwoot: few at once, within one deadline, and none while it says it is too much."""

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import SecretStr

from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer
from firstwatch.units import format_duration
from probes import web
from probes.accounts import Account
from probes.json_path import parse_json

T = TypeVar("T")

AT_ONCE = 2
_WAIT = (1.0, 60.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a Chatwoot answers, and what opens it."""

    base: str
    token: SecretStr
    verify: bool
    ca: str


class Calls:
    """The way to one Chatwoot; its token goes into the header of a request and nowhere else."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._quiet_until = 0.0

    async def document(
        self, path: str, account: Account, until: float, query: Mapping[str, object] | None = None
    ) -> object:
        """The JSON at a path. Raises ProbeError, naming the account where that helps."""
        return document_in(await self.answer(path, until, query), account)

    async def answer(
        self,
        path: str,
        until: float,
        query: Mapping[str, object] | None = None,
        *,
        token: bool = True,
    ) -> web.Answer:
        """Whatever comes from a path before `until`, a time of the loop. Raises ProbeError."""
        door, loop = self._door, asyncio.get_running_loop()
        async with self._slots:
            self._stay_quiet()
            left = until - loop.time()
            if left < 0.05:
                raise NoAnswer("out of time before everything was asked")
            answer = await web.get(
                f"{door.base}{path}" + (f"?{urlencode(query)}" if query else ""),
                headers={"api-access-token": door.token} if token else None,
                timeout=left,
                verify=door.verify,
                ca=door.ca,
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


def document_in(answer: web.Answer, account: Account) -> object:
    """The JSON of an answer. Raises ProbeError, naming the account where that helps."""
    if answer.status == 200:
        return parse_json(answer.body)
    if answer.status == 403 or _wants_more_rights(answer):
        raise Denied(f"{answer.status}: {account.place} needs an administrator's token")
    if answer.status == 401:
        raise Denied("401: the token is not accepted; set CHATWOOT_TOKEN to an administrator's")
    if answer.status == 404:
        raise Missing(f"404: no {account.place}")
    sent = f" (sent to {answer.location}), check CHATWOOT_URL" if answer.location else ""
    raise BadAnswer(f"{account.place}: [status] {answer.status}, expected 200{sent}")


async def together(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
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


def _wants_more_rights(answer: web.Answer) -> bool:
    """Whether a 401 is about what the token may do; Chatwoot answers so to an agent's."""
    return answer.status == 401 and "not authorized" in answer.text[:400].lower()


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
