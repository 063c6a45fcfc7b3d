"""A log with known answers, for the classifier of the log and for plain `grep` beside it.

It is written from what the application prints, shape by shape, and knows nothing of the
classifier. Every call of `console.log` or `console.error` is one write, so two requests
interleave whole records; a failed database call is two writes, one on each stream.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

Shape = Callable[[random.Random], tuple["Said", ...]]


class Wrapping(StrEnum):
    """What stands between the application's console and the file."""

    BARE = "bare"
    """`> app.log 2>&1`."""
    DOCKER = "docker logs -t"
    COMPOSE = "docker compose logs"
    JOURNAL = "journalctl -o short-iso"
    SYSLOG = "journalctl"
    PM2 = "pm2 with log_date_format"
    COLOUR = "FORCE_COLOR"
    CRLF = "line ends of a terminal"
    TRUNCATED = "rotated by copytruncate"


@dataclass(frozen=True, slots=True)
class Said:
    """One write, and what it is."""

    text: str
    error: bool = False
    """A record of an error; the application's, where Prisma tells of the same."""
    failure: bool = False
    """A Chatwoot webhook that failed: answered with 500, dropped or lost."""
    trouble: bool = False
    """Belongs to a real error, though that is counted elsewhere."""

    @property
    def head(self) -> str:
        """Its first line."""
        return self.text.split("\n", 1)[0]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A whole log, and the truth about it."""

    data: bytes
    errors: Counter[str]
    """The first lines of its error records."""
    failures: Counter[str]
    """The first lines of its webhook failures."""
    troubled: int
    """Lines with "error" in them that belong to a real one."""


def corpus(seed: int, size: int, wrapping: Wrapping = Wrapping.BARE) -> Corpus:
    """A log of about `size` things said, the same for the same seed."""
    rng = random.Random(seed)
    said = list(_interleaved(rng, size))
    if wrapping is Wrapping.COLOUR:
        said = [replace(one, text=_coloured(one.text)) for one in said]
    text = "".join(f"{one.text}\n" for one in said)
    return Corpus(
        _wrapped(rng, text, wrapping),
        Counter(_plain(one.head) for one in said if one.error),
        Counter(_plain(one.head) for one in said if one.failure),
        sum(grep(one.text.encode()) for one in said if one.trouble),
    )


def grep(data: bytes) -> int:
    """What `grep -ci error` says."""
    return sum(b"error" in line for line in data.lower().split(b"\n"))


def _interleaved(rng: random.Random, size: int) -> Iterator[Said]:
    """Requests under way at once, each keeping the order of its own writes."""
    shapes, weights = zip(*SHAPES.values(), strict=True)
    left = [list(shape(rng)) for shape in rng.choices(shapes, weights, k=size)]
    under_way: list[list[Said]] = []
    while left or under_way:
        while left and len(under_way) < 6:
            under_way.append(left.pop())
        # Both reports of a failed call are printed in one breath, a few others in between.
        one = under_way[0] if rng.random() < 0.4 else rng.choice(under_way)
        yield one.pop(0)
        if rng.random() < 0.05:
            yield Said("")
        if not one:
            under_way.remove(one)


def _wrapped(rng: random.Random, text: str, wrapping: Wrapping) -> bytes:
    lines = text.split("\n")[:-1]
    if wrapping is Wrapping.DOCKER:
        text = "".join(f"{_time(rng)}.{rng.randrange(10**9):09d}Z {line}\n" for line in lines)
    elif wrapping is Wrapping.JOURNAL:
        zone = rng.choice(("+0000", "+04:00"))
        text = "".join(f"{_time(rng)}{zone} app-1 npm[812]: {line}\n" for line in lines if line)
    elif wrapping is Wrapping.SYSLOG:
        text = "".join(
            f"Nov 24 {_time(rng)[11:]} app-1 npm[812]: {line}\n" for line in lines if line
        )
    elif wrapping is Wrapping.COMPOSE:
        text = "".join(f"app-1  | {line}\n" for line in lines)
    elif wrapping is Wrapping.PM2:
        text = "".join(f"{_time(rng)}: {line}\n" for line in lines)
    elif wrapping is Wrapping.CRLF:
        text = text.replace("\n", "\r\n")
    data = text.encode()
    return b"\0" * 5000 + data if wrapping is Wrapping.TRUNCATED else data


def _time(rng: random.Random) -> str:
    return f"2026-11-24T08:{rng.randrange(60):02d}:{rng.randrange(60):02d}"


def _coloured(text: str) -> str:
    for tag, colour in (("query", 34), ("error", 31), ("warn", 33), ("info", 36)):
        text = text.replace(f"prisma:{tag}", f"\x1b[{colour}mprisma:{tag}\x1b[39m", 1)
    return text.replace(" ⨯ ", " \x1b[31m\x1b[1m⨯\x1b[22m\x1b[39m ", 1)


def _plain(line: str) -> str:
    while "\x1b" in line:
        before, _, rest = line.partition("\x1b[")
        line = before + rest.partition("m")[2]
    return line


# What people write, and what a payload carries: none of it says how the application fares.

CUSTOMERS: Final = (
    "Hello",
    "error 500 on your page!!! it FAILED again",
    "\n[Chatwoot Webhook] Error: I copied this from your site",
    "prisma:error \nInvalid `prisma.message.create()` invocation:",
    "[WhatsApp] Process inbound error: ???",
    "code: 'P2024'",
    "السلام عليكم، خطأ error",
    "❌ Error: cannot pay\n    at the shop",
    "call me on +1 555 010 0142",
)


def _phone(rng: random.Random) -> str:
    return f"+155501{rng.randrange(10**5):05d}"


def _received(rng: random.Random) -> tuple[Said, ...]:
    number = rng.randrange(10**6)
    payload = {
        "event": rng.choice(("message_created", "message_updated", "conversation_updated")),
        "id": number,
        "content": rng.choice(CUSTOMERS),
        "content_attributes": {"external_error": "131047: message failed, error 500"},
        "message_type": rng.choice(("incoming", "outgoing")),
        "error": None,
        "sender": {"phone_number": _phone(rng), "name": rng.choice(CUSTOMERS)},
        "conversation": {
            "id": number % 997,
            "messages": [{"status": rng.choice(("sent", "failed")), "errors": []}],
            "meta": {"sender": {"phone_number": _phone(rng)}},
            "labels": ["error", "failed"] * rng.randrange(15),
        },
    }
    route = rng.choice(("Chatwoot",) * 9 + ("Evolution", "WhatsApp", "Bitrix", "Meta", "Stripe"))
    body = json.dumps(payload, indent=2, ensure_ascii=False)
    return (Said(f"[{route} Webhook] Received: {body}"),)


# Failed database calls: Prisma prints one on stdout, the application what it made of it on stderr.

_DEEP: Final = (
    "    at Vn.handleRequestError (/app/node_modules/@prisma/client/runtime/library.js:121:7315)\n"
    "    at async Object.errorHandler (/app/.next/server/chunks/failed-500.js:1:2345)\n"
    "    at async POST (/app/.next/server/app/api/webhooks/chatwoot/route.js:1:9321)"
)
_CALLS: Final = ("message.create", "lead.findFirst", "conversation.updateMany", "quotaLog.upsert")
_UNREACHED: Final = "Can't reach database server at `db.internal:5432`"
_POOL: Final = (
    "Timed out fetching a new connection from the connection pool. More info: "
    "http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection limit: 5)"
)
_BEGIN: Final = "Transaction API error: Unable to start a transaction in the given time."
_CLOSED: Final = "Server has closed the connection."
_DISK: Final = (
    "Error occurred during query execution:\nConnectorError(ConnectorError { user_facing_error: "
    'None, kind: QueryError(PostgresError { code: "53100", message: "could not extend file: No '
    'space left on device", severity: "ERROR", detail: None, column: None, hint: None }) })'
)
_TROUBLES: Final = (
    ("KnownRequest", "P2024", _POOL),
    ("KnownRequest", "P2028", _BEGIN),
    ("KnownRequest", "P1017", _CLOSED),
    ("KnownRequest", "P2025", "An operation failed because it depends on one or more records."),
    ("Initialization", "", _UNREACHED),
    ("UnknownRequest", "", _DISK),
)
_OUTCOMES: Final = ("[Chatwoot Webhook] Error:", "[WhatsApp] Process inbound error:")


def _invocation(rng: random.Random, call: str) -> str:
    if rng.random() < 0.3:
        # As in development, with the place in the source.
        return (
            f"\nInvalid `prisma.{call}()` invocation in\n/app/lib/inbound.ts:{rng.randrange(400)}"
            ":31\n\n  117   // on error: give up\n→ 118   await prisma."
            f"{call}(\n"
        )
    return f"\nInvalid `prisma.{call}()` invocation:\n\n\n"


def _fault(kind: str, code: str, message: str, model: str) -> str:
    tail = f"  code: '{code}',\n" if code else ""
    meta = f"  meta: {{ modelName: 'Message', target: [ '{model}' ] }}\n"
    return f"{message}\n{_DEEP} {{\n{tail}  clientVersion: '5.22.0',\n{meta}}}"


def _pair(
    rng: random.Random, head: str, trouble: tuple[str, str, str], *, harmless: bool = False
) -> tuple[Said, ...]:
    kind, code, message = trouble
    call = _CALLS[0] if harmless else rng.choice(_CALLS)
    invocation = _invocation(rng, call)
    printed = Said(f"prisma:error {invocation}{message}", trouble=not harmless)
    report = Said(
        f"{head} PrismaClient{kind}Error: {invocation}{_fault(kind, code, message, 'x')}",
        error=not harmless,
        failure=not harmless and head in _OUTCOMES,
        trouble=not harmless,
    )
    pair = (printed, report)
    # Two streams of one process may overtake each other on their way into one file.
    return pair[::-1] if rng.random() < 0.2 else pair


def _failed_call(rng: random.Random) -> tuple[Said, ...]:
    heads = (*_OUTCOMES * 3, "Error fetching pending approvals:", "[AI] Draft error:")
    return _pair(rng, rng.choice(heads), rng.choice(_TROUBLES))


def _again(rng: random.Random) -> tuple[Said, ...]:
    """The same message delivered twice: nothing is wrong."""
    message = "Unique constraint failed on the fields: (`wabaMessageId`)"
    return _pair(rng, _OUTCOMES[1], ("KnownRequest", "P2002", message), harmless=True)


def _invalid_date(rng: random.Random) -> tuple[Said, ...]:
    body = json.dumps(rng.choice(CUSTOMERS), ensure_ascii=False)
    message = (
        "\nInvalid `prisma.message.create()` invocation:\n\n{\n  data: {\n"
        f'    conversationId: "c{rng.randrange(10**9)}",\n    body: {body},\n'
        '    sentAt: new Date("Invalid Date"),\n            ~~~~~~~~~~~~~~~~~~~~~~~~\n'
        "?   id?: String,\n?   errorMessage?: String | Null\n  }\n}\n\n"
        "Invalid value for argument `sentAt`: Provided Date object is invalid. Expected Date."
    )
    report = f"{_OUTCOMES[1]} PrismaClientValidationError: {message}\n{_DEEP} {{\n"
    return (
        Said(f"prisma:error {message}", trouble=True),
        Said(f"{report}  clientVersion: '5.22.0'\n}}", error=True, failure=True, trouble=True),
    )


def _handled(rng: random.Random) -> tuple[Said, ...]:
    """A failed call of which the application itself says nothing."""
    message = rng.choice(
        (
            _POOL,
            _BEGIN,
            _DISK,
            "Unique constraint failed on the fields: (`date`,`whatsappNumberId`)",
        )
    )
    text = f"prisma:error {_invocation(rng, 'campaign.update')}{message}"
    return (Said(text, error=True, trouble=True),)


# What else goes wrong.


def _error(text: str) -> Said:
    return Said(text, error=True, trouble=True)


def _webhook_error(rng: random.Random) -> tuple[Said, ...]:
    why = rng.choice(
        (
            "SyntaxError: Unexpected token 'C', \"Can't reac\"... is not valid JSON",
            "TypeError: Cannot read properties of undefined (reading 'phone_number')",
            f"Error: no such conversation {rng.randrange(10**6)}",
        )
    )
    cause = (
        " {\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:5432\n"
        "      at TCPConnectWrap.afterConnect (node:net:1595:16) {\n    errno: -111,\n"
        "    code: 'ECONNREFUSED',\n    syscall: 'connect'\n  }\n}"
    )
    stack = f"\n    at JSON.parse (<anonymous>)\n{_DEEP}"
    text = f"{_OUTCOMES[0]} {why}{stack}{cause if rng.random() < 0.3 else ''}"
    return (Said(text, error=True, failure=True, trouble=True),)


def _lost(rng: random.Random) -> tuple[Said, ...]:
    text = f"{_OUTCOMES[1]} Error: no phone in {rng.randrange(10**6)}\n{_DEEP}"
    return (Said(text, error=True, failure=True, trouble=True),)


def _dropped(rng: random.Random) -> tuple[Said, ...]:
    """Answered with 200, and the message is gone: a failure, though nobody calls it an error."""
    why = rng.choice(
        (
            f"Company or WhatsApp number not found for companyId: c{rng.randrange(99)}",
            "No phone number in message",
        )
    )
    return (Said(f"[Chatwoot Webhook] {why}", failure=True),)


def _send(rng: random.Random) -> tuple[Said, ...]:
    return (
        _error(
            rng.choice(
                (
                    "[Chatwoot] Send error: Failed to create Chatwoot conversation",
                    f"[Chatwoot] Send error: Error: Failed to create contact\n{_DEEP}",
                    f"[WhatsApp] Send error: 401 for {_phone(rng)}",
                )
            )
        ),
    )


def _machinery(rng: random.Random) -> tuple[Said, ...]:
    return (
        _error(
            rng.choice(
                (
                    "[Redis] Connection error: connect ECONNREFUSED 127.0.0.1:6379",
                    f"[BullMQ] Job {rng.randrange(999)} failed: timeout",
                    f"[Queue] Job c{rng.randrange(10**6)} moved to DEAD_LETTER after 3 attempts",
                    f"[Evolution Webhook] Error: TypeError: x is undefined\n{_DEEP}",
                    f"[Stripe Webhook] Error: no signature\n{_DEEP}",
                )
            )
        ),
    )


def _page(rng: random.Random) -> tuple[Said, ...]:
    return (
        _error(
            rng.choice(
                (
                    f" ⨯ TypeError: x of null\n{_DEEP} {{\n  digest: '{rng.random()}'\n}}",
                    f" ⨯ unhandledRejection: Error: socket hang up\n{_DEEP}",
                    f'Error: Failed to find Server Action "x". Another deployment?\n{_DEEP}',
                    f"Error fetching summary: TypeError: fetch failed\n{_DEEP}",
                    f"TypeError: Cannot set headers after they are sent\n{_DEEP}",
                )
            )
        ),
    )


def _crash(rng: random.Random) -> tuple[Said, ...]:
    """The process dies of an error and is started again."""
    last = f"/app/.next/server/chunks/{rng.randrange(99)}.js:1\n        throw new Error('boom')\n"
    fatal = _error(f"Error: boom at {rng.randrange(10**6)}\n{_DEEP}")
    return (Said(f"{last}        ^\n"), fatal, Said("\nNode.js v20.11.1"), *_start(rng))


# What is only said.


def _start(rng: random.Random) -> tuple[Said, ...]:
    return (
        Said("\n> app@1.0.0 start\n> next start\n"),
        Said("   ▲ Next.js 15.5.4\n   - Local:        http://localhost:3000\n"),
        Said(" ✓ Starting..."),
        Said(f" ✓ Ready in {rng.randrange(300, 2000)}ms"),
    )


def _request(rng: random.Random) -> tuple[Said, ...]:
    path = rng.choice(("/login", "/api/error", "/api/webhooks/chatwoot?companyId=c1", "/failed"))
    status = rng.choice((200, 200, 307, 401, 404, 500))
    took = rng.choice((f"{rng.randrange(2, 900)}ms", f"{rng.randrange(1, 90) / 10}s"))
    return (Said(f" {rng.choice(('GET', 'POST'))} {path} {status} in {took}"),)


def _query(rng: random.Random) -> tuple[Said, ...]:
    table = rng.choice(("Message", "Lead", "WebhookEvent"))
    columns = f'"public"."{table}"."error", "public"."{table}"."errorMessage"'
    return (Said(f'prisma:query SELECT {columns} FROM "public"."{table}" WHERE 1=$1 /* error */'),)


def _chatter(rng: random.Random) -> tuple[Said, ...]:
    return (
        Said(
            rng.choice(
                (
                    "[Chatwoot Webhook] Ignoring agent/bot message",
                    f"[v0] Quota limit reached for {_phone(rng)}, stopping",
                    f"[v0] Campaign c{rng.randrange(99)} finished. sent: 20 failed: 0 errors: 0",
                    "[Meta Webhook] Verification failed",
                    "[Evolution Webhook] Invalid secret",
                    "[BullMQ] Worker ready, error handlers attached",
                    "[Redis] Client ready",
                    "prisma:warn There are already 10 instances of Prisma Client actively running.",
                    "prisma:info Starting a postgresql pool with 5 connections.",
                    " ⚠ metadataBase property in metadata export is not set",
                    " ○ Compiling /_error ...",
                    " ✓ Compiled /_error in 812ms",
                    "(node:812) [DEP0040] DeprecationWarning: `punycode`\n(Where? error ...)",
                    f"{{ retried: {rng.randrange(9)}, errors: [], failed: 0 }}",
                    "[AI] Draft stored for approval, 0 errors",
                )
            )
        ),
    )


SHAPES: Final[dict[str, tuple[Shape, int]]] = {
    "received": (_received, 30),
    "query": (_query, 15),
    "request": (_request, 10),
    "chatter": (_chatter, 15),
    "failed call": (_failed_call, 8),
    "again": (_again, 5),
    "invalid date": (_invalid_date, 3),
    "handled": (_handled, 3),
    "webhook error": (_webhook_error, 3),
    "lost": (_lost, 1),
    "dropped": (_dropped, 3),
    "send": (_send, 3),
    "machinery": (_machinery, 3),
    "page": (_page, 3),
    "start": (_start, 1),
    "crash": (_crash, 1),
}
"""What the application says, and how often in a hundred."""
