"""Delivery: how WhatsApp received what was sent, told from Chatwoot's messages.

An account's recent messages are not all read at once: a few conversations at a time are, and
what was seen of the last hour is kept. A message counts once it was looked at two minutes
after it was sent. One that stays `sent` is no failure: the phone is off, or blocks the number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from firstwatch.errors import BadAnswer
from firstwatch.readings import Reading, Row
from firstwatch.verdict import Level
from probes.accounts import Account
from probes.json_path import number_at

YOUNGEST, OLDEST = 120.0, 3600.0
"""Seconds between which the age of a message must lie."""
IN_A_ROW = 5
"""So many failures in a row are critical, however small the sample."""
_OUTGOING = (1, 3)
_REACHED = ("delivered", "read")
_CODE = re.compile(r"\s*(\d{1,6})\b")

MEANINGS = {
    "0": "authorisation failed",
    "10": "authorisation failed",
    "190": "the access token has expired",
    "368": "the account is locked",
    "80007": "the account sends too fast",
    "130429": "the number sends too fast",
    "131026": "cannot be delivered to this phone",
    "131031": "the account is locked",
    "131042": "a problem with payment",
    "131047": "over 24 h since the customer wrote: use a template",
    "131048": "held back as spam: the number is blocked or flagged",
    "131049": "marketing held back by Meta",
    "131056": "too many messages to one customer",
}
"""What the codes in a failed message's external_error mean; Meta's titles are not to be trusted."""


def meaning(code: str) -> str:
    """What a code means, empty if it is not known."""
    if code.isdecimal() and 200 <= int(code) <= 299:
        return "authorisation failed"
    return MEANINGS.get(code, "")


@dataclass(frozen=True, slots=True)
class Sent:
    """One outgoing message as it was last seen."""

    at: float
    seen: float
    status: str
    code: str
    """Of a failure: Meta's number, or "no code"."""

    @property
    def has_failed(self) -> bool:
        return self.status == "failed"


@dataclass(slots=True)
class Sample:
    """What was seen of the last hour of one account."""

    messages: dict[int, Sent] = field(default_factory=dict)
    """By id."""
    looked: dict[int, float] = field(default_factory=dict)
    """When each conversation was last read, by its number."""

    def is_due(self, conversation: int, active: float) -> bool:
        """Whether it may hold something that was not yet seen at an age that counts."""
        return self.looked.get(conversation, 0.0) < active + YOUNGEST

    def add(self, conversation: int, document: object, now: float) -> None:
        """Take in the messages of a conversation. Raises BadAnswer without a list of them."""
        messages = document.get("payload") if isinstance(document, dict) else None
        if not isinstance(messages, list):
            raise BadAnswer("the messages are not a list")
        for message in messages:
            if isinstance(message, dict) and _is_sent(message):
                at, status = number_at(message, "created_at"), str(message.get("status"))
                self.messages[int(number_at(message, "id"))] = Sent(at, now, status, _code(message))
        self.looked[conversation] = now

    def counted(self, now: float) -> list[Sent]:
        """What counts at this moment, newest first; what has grown too old is forgotten."""
        since = now - OLDEST
        self.messages = {id_: each for id_, each in self.messages.items() if each.at >= since}
        self.looked = {number: at for number, at in self.looked.items() if at >= since}
        old_enough = [each for each in self.messages.values() if each.seen - each.at >= YOUNGEST]
        return sorted(old_enough, key=lambda each: -each.at)


def reading(samples: Mapping[Account, Sample], now: float, least: int) -> Reading:
    """The share that failed, in per cent: of the worst account with at least so many, or of all.

    Without any message its sample is 0.
    """
    counted = {account: sample.counted(now) for account, sample in samples.items()}
    worst_first = sorted(counted, key=lambda account: -_share(counted[account]))
    everything = [each for sent in counted.values() for each in sent]
    broken = [account for account in worst_first if _fails_in_a_row(counted[account])]
    enough = [a for a in worst_first if len(counted[a]) >= least and _share(counted[a]) > 0]
    chosen = next(iter(broken or enough), None)
    judged = everything if chosen is None else counted[chosen]
    note = _told(judged)
    if chosen in broken:
        note = f"the last {IN_A_ROW} failed, {note}"
    if chosen and len(counted) > 1:
        note = f"{chosen.place}: {note}"
    return Reading(
        at=now,
        value=_share(judged),
        sample=len(judged),
        part=float(sum(each.has_failed for each in judged)),
        note=note,
        rows=(*_accounts(worst_first, counted), *_codes(everything)),
        level=Level.CRITICAL if broken else None,
        hard=bool(broken),
    )


def _accounts(
    worst_first: Iterable[Account], counted: Mapping[Account, list[Sent]]
) -> Iterable[Row]:
    for account in worst_first:
        sent = counted[account]
        yield Row(account.label, _share(sent), _told(sent), account.company)


def _codes(sent: list[Sent]) -> Iterable[Row]:
    """Why messages failed, the most frequent first, each as its share of all that was sent."""
    for code, count in Counter(each.code for each in sent if each.has_failed).most_common(20):
        told = ", ".join(filter(None, (f"{count} of {len(sent)}", meaning(code))))
        yield Row(code, 100 * count / len(sent), told)


def _told(sent: list[Sent]) -> str:
    if not sent:
        return "nothing sent between 2 min and 1 h ago, as far as sampled"
    failed = Counter(each.code for each in sent if each.has_failed)
    reached = sum(each.status in _REACHED for each in sent)
    codes = ", ".join(f"{count} × {code}" for code, count in failed.most_common(2))
    why = f" ({codes})" if codes else ""
    total = sum(failed.values())
    return f"{total} of {len(sent)} failed{why}, {100 * reached / len(sent):.0f} % delivered"


def _share(sent: list[Sent]) -> float:
    return 100 * sum(each.has_failed for each in sent) / len(sent) if sent else 0.0


def _fails_in_a_row(sent: list[Sent]) -> bool:
    return len(sent) >= IN_A_ROW and all(each.has_failed for each in sent[:IN_A_ROW])


def _is_sent(message: dict[str, object]) -> bool:
    return message.get("message_type") in _OUTGOING and not message.get("private")


def _code(message: dict[str, object]) -> str:
    attributes = message.get("content_attributes")
    error = attributes.get("external_error") if isinstance(attributes, dict) else None
    match = _CODE.match(str(error or ""))
    return match[1] if match else "no code"
