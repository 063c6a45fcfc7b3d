"""Heads: how a record of the application's log begins, and which event it tells of.

The application prints no times, no levels and no request ids. What tells records apart is
their first line: a bracketed tag, `prisma:`, one of the framework's marks, or a request line.
Everything is matched as bytes, at fixed places, and decoded only when somebody looks.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final


class Class(StrEnum):
    """What a record is about, roughly; a failed webhook is both an error and a webhook."""

    ERROR = "error"
    WEBHOOK = "webhook"
    QUERY = "query"
    REQUEST = "request"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of record."""

    name: str
    classes: tuple[Class, ...]
    notable: bool = False
    """Whether a person wants to see its newest example beside a count."""
    is_error: bool = field(init=False)
    """Whether it counts as an error."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_error", Class.ERROR in self.classes)


_ERROR: Final = (Class.ERROR,)
_FAILED_WEBHOOK: Final = (Class.ERROR, Class.WEBHOOK)
_WEBHOOK: Final = (Class.WEBHOOK,)
_OTHER: Final = (Class.OTHER,)

APP_ERROR: Final = Event("app.error", _ERROR, notable=True)
"""An error of the application that no other event names."""
APP_TEXT: Final = Event("app.text", _OTHER)
"""Whatever else it prints."""
DUPLICATE: Final = Event("inbound.duplicate", _WEBHOOK)
"""The same message delivered again: harmless."""
LOST: Final = Event("inbound.lost", _FAILED_WEBHOOK, notable=True)
"""A message that was answered with 200 and not stored."""
PRISMA_ERROR: Final = Event("prisma.error", _ERROR, notable=True)
"""A failed database call that the application itself says nothing of."""
PRISMA_NOTE: Final = Event("prisma.note", _OTHER)
QUERY: Final = Event("query", (Class.QUERY,))
REQUEST: Final = Event("request", (Class.REQUEST,))
RESTART: Final = Event("restart", _OTHER, notable=True)
FRAMEWORK: Final = Event("framework", _OTHER)

_TROUBLE = (
    rb"(?i:[^:{\"'`]{0,80}?(?<!\b0 )\b(?:error|failed|failure|exception)\b"
    rb"[^:{\"'`]{0,60}:(?!\s*\d))"
)
"""The application's habit: what went wrong, with its word for it before the first colon."""

_ROUTES: Final = ("WhatsApp", "Evolution", "Bitrix", "Stripe", "Meta")

_TABLE: Final[tuple[tuple[str, bytes, Event], ...]] = (
    ("Chatwoot Webhook", rb"Received", Event("webhook.received", _WEBHOOK)),
    ("Chatwoot Webhook", rb"Error\b", Event("webhook.error", _FAILED_WEBHOOK, notable=True)),
    (
        "Chatwoot Webhook",
        rb"Company or WhatsApp number not found|No phone number in message",
        Event("webhook.dropped", _WEBHOOK, notable=True),
    ),
    ("Chatwoot Webhook", rb"Ignoring agent/bot message", Event("agent.ignored", _WEBHOOK)),
    ("WhatsApp", rb"Process inbound error\b", LOST),
    ("WhatsApp", rb"Send error\b", Event("send.failed", _ERROR, notable=True)),
    ("Chatwoot", rb"Send error\b", Event("send.failed", _ERROR, notable=True)),
    ("v0", rb"Quota (?:limit reached|exhausted)", Event("quota.stopped", _OTHER, notable=True)),
    ("Queue", rb"Job .*moved to DEAD_LETTER", Event("queue.dead", _ERROR, notable=True)),
    ("Redis", rb"Connection error\b", Event("redis.error", _ERROR, notable=True)),
    ("Redis", rb"Client ready", Event("redis.ready", _OTHER)),
    ("BullMQ", _TROUBLE, Event("queue.error", _ERROR, notable=True)),
    ("BullMQ", rb"", Event("queue.event", _OTHER)),
    ("ERROR", rb"", APP_ERROR),
    *(
        row
        for route in _ROUTES
        for row in (
            (f"{route} Webhook", rb"Received", Event(f"{route.lower()}.received", _WEBHOOK)),
            (
                f"{route} Webhook",
                rb"Error\b",
                Event(f"{route.lower()}.error", _FAILED_WEBHOOK, notable=True),
            ),
            (
                f"{route} Webhook",
                rb"Verification failed|Invalid secret",
                Event(f"{route.lower()}.refused", _WEBHOOK, notable=True),
            ),
        )
    ),
)
"""Tag, what follows it, event; the first row that fits decides."""

_TAGGED: Final[dict[bytes, tuple[tuple[re.Pattern[bytes], Event], ...]]] = {
    f"[{tag}]".encode(): tuple((re.compile(text), e) for t, text, e in _TABLE if t == tag)
    for tag, _, _ in _TABLE
}

EVENTS: Final[dict[str, Event]] = {
    event.name: event
    for event in (
        *(event for _, _, event in _TABLE),
        *(APP_ERROR, APP_TEXT, DUPLICATE, PRISMA_ERROR, PRISMA_NOTE),
        *(QUERY, REQUEST, RESTART, FRAMEWORK),
    )
}
"""Every event by its name."""

_TAG = re.compile(rb"\[[A-Za-z][\w ./:-]{0,40}\]")
_UNNAMED_TROUBLE = re.compile(_TROUBLE)
_BARE_ERROR = re.compile(
    rb"(?:Uncaught|Unhandled|FATAL|Failed to|[Ee]rror|ERROR|[A-Za-z]*(?:Error|Exception))\b"
)
_OWN_ERROR = re.compile(
    rb"(?:Uncaught |Unhandled )?[A-Za-z]*Error: |[^:]{0,80}: PrismaClient\w+Error"
    rb"|Error (?!occurred |querying |validating |parsing |opening |in )[^:]{1,80}: "
    rb"|Failed to (?!validate |deserialize |convert )[^:]{1,80}: "
)
"""An error of the application's own, even right after a message of Prisma's (see `bare`)."""
_REQUEST = re.compile(
    rb" (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ (\d{3}) in ([\d.]+)(m?s)\b"
)
_UNIT: Final = rb"[\w.-]+ [^\s\[\]]{1,60}\[\d+\]:(?: |$)"
_TIME: Final = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d[\d.,]*)?(?: ?(?:Z|[+-]\d\d:?\d\d))?:?(?: |$)"
_STAMP = re.compile(_TIME + b"(?:" + _UNIT + b")?")
"""`docker logs -t`, `journalctl -o short-iso`, and pm2 with a date."""
_SYSLOG = re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d " + _UNIT)
"""`journalctl` as it is."""
_SERVICE = re.compile(rb"(?:\d+\|)?[\w.-]{1,60} *\|(?: |$)(?:" + _TIME + b")?")
"""`docker compose logs`, with or without -t, and `pm2 logs`."""

START_MARK: Final = b"   \xe2\x96\xb2"
"""Three spaces and the framework's triangle."""
_TRIANGLE: Final = b"\xe2\x96\xb2"
_TICK: Final = b"\xe2\x9c\x93"
_CROSS: Final = b"\xe2\xa8\xaf"
_MARKS: Final = (_TRIANGLE, _TICK, _CROSS, b"\xe2\x9a\xa0", b"\xe2\x97\x8b")


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that begins a record."""

    event: Event
    code: str = ""
    milliseconds: float | None = None
    ready: bool = False
    """The framework says that it is ready: the end of a start, not another one."""


_OPENINGS: Final = {name: Opening(event) for name, event in EVENTS.items()}
_READY: Final = Opening(RESTART, ready=True)


def tagged(line: bytes) -> Opening | None:
    """The record that a line beginning with "[" opens, if it does."""
    close = line.find(b"]", 1, 48) + 1
    rows = _TAGGED.get(line[:close])
    if rows is None and not _TAG.match(line):
        return None
    start = close + 1 if line[close : close + 1] == b" " else close
    for text, event in rows or ():
        if text.match(line, start):
            return _OPENINGS[event.name]
    return _OPENINGS["app.error" if _tells_of_trouble(line, start) else "app.text"]


def _tells_of_trouble(line: bytes, start: int) -> bool:
    """Whether an unknown tag is followed by trouble; looking for its words first is cheap."""
    said = line[start : start + 100].lower()
    if b"error" in said or b"fail" in said or b"exception" in said:
        return bool(_UNNAMED_TROUBLE.match(line, start))
    return False


def prisma(line: bytes) -> Opening | None:
    """The record that a line beginning with "prisma:" opens."""
    if line.startswith(b"query", 7):
        return _OPENINGS["query"]
    return _OPENINGS["prisma.error" if line.startswith(b"error", 7) else "prisma.note"]


def bare(line: bytes, *, within_message: bool) -> Opening | None:
    """The record that a line of plain words opens.

    Prisma's messages go on at column 0 ("Unique constraint failed …"), so within one of them
    only an unmistakable error of the application's begins a new record.
    """
    if line.startswith(b"Invalid `"):
        return None
    if within_message:
        return _OPENINGS["app.error"] if _OWN_ERROR.match(line) else None
    return _OPENINGS["app.error" if _BARE_ERROR.match(line) else "app.text"]


def marked(line: bytes) -> Opening | None:
    """The record that one of the framework's marks opens, with or without spaces before it."""
    line = line.lstrip(b" ")
    if not line.startswith(_MARKS):
        return None
    if line.startswith(_TRIANGLE):
        return _OPENINGS["restart"] if b"Next.js" in line[:20] else _OPENINGS["framework"]
    if line.startswith(_TICK) and line.startswith(b"Ready in", 4):
        return _READY
    return _OPENINGS["app.error" if line.startswith(_CROSS) else "framework"]


def request(line: bytes) -> Opening | None:
    """The record of a request line: its status as the code, and how long it took."""
    match = _REQUEST.match(line)
    if not match:
        return None
    factor = 1.0 if match[3] == b"ms" else 1000.0
    try:
        took = float(match[2]) * factor
    except ValueError:
        return None
    return Opening(REQUEST, match[1].decode(), took)


def unwrapped(line: bytes) -> bytes:
    """The line without what a wrapper put before it: a time, a host, the name of a service."""
    if line[4:5] == b"-" and line[:1].isdigit():
        match = _STAMP.match(line)
    elif line[9:10] == b":" == line[12:13]:
        match = _SYSLOG.match(line)
    else:
        match = _SERVICE.match(line)
    return line[match.end() :] if match else line


def check_selectors(selectors: Iterable[str]) -> tuple[str, ...]:
    """The same selectors. Raises ValueError, naming the nearest, for one that selects nothing."""
    known = [*Class, *EVENTS]
    for selector in selectors:
        if selector.startswith("code:") and len(selector) > 5:
            continue
        if not any(fnmatchcase(name, selector) for name in known):
            nearest = difflib.get_close_matches(selector, known, 1)
            hint = f'; did you mean "{nearest[0]}"?' if nearest else ""
            raise ValueError(f'no record is called "{selector}"{hint}')
    return tuple(selectors)


def selects(selectors: Iterable[str], event: Event, code: str) -> bool:
    """Whether any of the selectors (a class, an event, a pattern of events, code:…) fits."""
    for selector in selectors:
        if selector.startswith("code:"):
            if code and fnmatchcase(code, selector[5:]):
                return True
        elif selector in event.classes or fnmatchcase(event.name, selector):
            return True
    return False
