"""Records: what the assembler makes of the application's log."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.heads import EVENTS, Class, check_selectors, selects
from probes.pairs import FOLLOWING, PATIENCE
from probes.record import MAX_TEXT, Record, mask
from probes.records import MAX_LINE, QUIET, Assembler

CALL = "Invalid `prisma.message.create()` invocation:"
P2002 = "Unique constraint failed on the fields: (`wabaMessageId`)"
P1001 = "Can't reach database server at `localhost:5432`"
P2024 = (
    "Timed out fetching a new connection from the connection pool. More info: "
    "http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection limit: 5)"
)
P2028 = "Transaction API error: Unable to start a transaction in the given time."
STACK = "    at Vn.handleRequestError (/app/node_modules/@prisma/client/library.js:121:7315)"


def received(content: str = "Hello", route: str = "Chatwoot") -> str:
    return (
        f"[{route} Webhook] Received: {{\n"
        '  "event": "message_created",\n'
        f'  "content": "{content}",\n'
        '  "content_attributes": {\n'
        '    "external_error": "131047: message failed, error 500"\n'
        "  },\n"
        '  "sender": {\n'
        '    "phone_number": "+15550100"\n'
        "  },\n"
        '  "labels": [],\n'
        '  "error": null\n'
        "}\n"
    )


def prisma_error(message: str, call: str = CALL) -> str:
    return f"prisma:error \n{call}\n\n\n{message}\n"


def app_error(
    head: str, message: str, code: str = "", kind: str = "KnownRequest", call: str = CALL
) -> str:
    tail = f"  code: '{code}',\n" if code else ""
    return (
        f"{head} PrismaClient{kind}Error: \n{call}\n\n\n{message}\n{STACK}\n"
        f"    at async POST (/app/.next/server/chunks/72.js:1:2345) {{\n{tail}"
        "  clientVersion: '5.22.0',\n"
        "  meta: { modelName: 'Message', target: [ 'wabaMessageId' ] }\n"
        "}\n"
    )


VALIDATION = (
    "prisma:error \nInvalid `prisma.message.create()` invocation:\n\n"
    "{\n  data: {\n"
    '    body: "an error 500, [Chatwoot Webhook] Error: nothing",\n'
    '    sentAt: new Date("Invalid Date"),\n'
    "            ~~~~~~~~~~~~~~~~~~~~~~~~\n"
    "?   id?: String,\n  }\n}\n\n"
    "Invalid value for argument `sentAt`: Provided Date object is invalid. Expected Date.\n"
)
SYNTAX = (
    "[Chatwoot Webhook] Error: SyntaxError: Unexpected token 'C', \"Can't reac\"... is not valid\n"
    "    at JSON.parse (<anonymous>)\n    at async POST (/app/.next/server/chunks/72.js:1:2345)\n"
)
LOST = "[WhatsApp] Process inbound error:"
HOOK = "[Chatwoot Webhook] Error:"

CASES: list[tuple[str, str, list[str]]] = [
    ("an incoming message", received(), ["webhook.received"]),
    ("a customer who writes error", received("error 500!!! failed"), ["webhook.received"]),
    (
        "a customer who writes a head",
        received("\\n[Chatwoot Webhook] Error: x"),
        ["webhook.received"],
    ),
    ("malformed JSON", SYNTAX, ["webhook.error"]),
    (
        "an unknown company",
        "[Chatwoot Webhook] Company or WhatsApp number not found for companyId: c1\n",
        ["webhook.dropped"],
    ),
    (
        "no phone",
        "[Chatwoot Webhook] No phone number in message\n",
        ["webhook.dropped"],
    ),
    ("the loop guard", "[Chatwoot Webhook] Ignoring agent/bot message\n", ["agent.ignored"]),
    (
        "a duplicate delivery",
        prisma_error(P2002) + app_error(LOST, P2002, "P2002"),
        ["inbound.duplicate"],
    ),
    (
        "an invalid date",
        VALIDATION + VALIDATION.replace("prisma:error", LOST) + STACK + "\n",
        ["inbound.lost"],
    ),
    (
        "a database that is down",
        prisma_error(P1001, CALL.replace("message", "webhookEvent"))
        + app_error(
            HOOK, P1001, kind="Initialization", call=CALL.replace("message", "webhookEvent")
        ),
        ["webhook.error"],
    ),
    (
        "an exhausted pool",
        prisma_error(P2024) + app_error(HOOK, P2024, "P2024"),
        ["webhook.error"],
    ),
    (
        "a transaction that could not start",
        prisma_error(P2028) + app_error(LOST, P2028, "P2028"),
        ["inbound.lost"],
    ),
    ("an error that the application handled", prisma_error(P2024), ["prisma.error"]),
    (
        "a send that failed",
        "[Chatwoot] Send error: Failed to create Chatwoot conversation\n",
        ["send.failed"],
    ),
    ("another send that failed", "[WhatsApp] Send error: 401\n", ["send.failed"]),
    ("the quota", "[v0] Quota limit reached for +15550100, stopping\n", ["quota.stopped"]),
    ("the quota, exhausted", "[v0] Quota exhausted\n", ["quota.stopped"]),
    ("another route", received("error", route="Evolution"), ["evolution.received"]),
    ("another route's error", "[Stripe Webhook] Error: bad\n    at x\n", ["stripe.error"]),
    ("a refused caller", "[Meta Webhook] Verification failed\n", ["meta.refused"]),
    ("a dead letter", "[Queue] Job c9 (ai) moved to DEAD_LETTER after 3\n", ["queue.dead"]),
    ("a queue's job", "[BullMQ] Worker ready\n", ["queue.event"]),
    ("a queue's failed job", "[BullMQ] Job 12 failed: timeout\n", ["queue.error"]),
    ("a lost Redis", "[Redis] Connection error: ECONNREFUSED\n", ["redis.error"]),
    ("a found Redis", "[Redis] Client ready\n", ["redis.ready"]),
    (
        "a start",
        "   ▲ Next.js 15.5.4\n   - Local: x\n\n ✓ Starting...\n ✓ Ready in 812ms\n",
        ["restart", "framework"],
    ),
    ("a start without its first line", " ✓ Ready in 812ms\n", ["restart"]),
    ("a request", " GET /api/auth/session 401 in 12ms\n", ["request"]),
    ("a query", 'prisma:query SELECT "public"."Message"."error" FROM x\n', ["query"]),
    (
        "a coloured query",
        "\x1b[34mprisma:query\x1b[39m SELECT 1 AS error\n",
        ["query"],
    ),
    (
        "an error of a page",
        " ⨯ TypeError: Cannot read properties of undefined\n    at x (/app/y.js:1:1)\n",
        ["app.error"],
    ),
    ("an error without a tag", "Error fetching summary: TypeError: x\n    at y\n", ["app.error"]),
    ("a tag nobody knows", "[Campaign] Finished. sent: 20 failed: 0\n", ["app.text"]),
    ("an error behind such a tag", "[Bitrix] Sync error: timeout\n", ["app.error"]),
    ("plain words", "Campaign finished without error\n", ["app.text"]),
]
IDS = [name for name, _, _ in CASES]


def assembled(*chunks: bytes) -> list[Record]:
    assembler = Assembler()
    done = [record for chunk in chunks for record in assembler.feed(chunk, 1.0, 0.0)]
    return done + assembler.settle(0.0, final=True)


def names(records: list[Record]) -> list[str]:
    return [record.event.name for record in records]


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=IDS)
def test_each_thing_the_application_says_is_one_record(
    name: str, text: str, expected: list[str]
) -> None:
    assert names(assembled(text.encode())) == expected


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=IDS)
def test_docker_times_before_each_line_change_nothing(
    name: str, text: str, expected: list[str]
) -> None:
    stamped = "".join(f"2026-11-24T08:27:00.123456789Z {line}\n" for line in text.splitlines())
    assert names(assembled(stamped.encode())) == expected


def corpus(seed: int, size: int) -> tuple[bytes, Counter[str]]:
    rng = random.Random(seed)
    text, expected = [], Counter[str]()
    for _ in range(size):
        _, said, events = rng.choice(CASES)
        text.append(said)
        expected.update(events)
    return "".join(text).encode(), expected


@pytest.mark.parametrize("seed", range(5))
def test_a_day_of_mixed_records_is_counted_without_one_wrong_or_missing(seed: int) -> None:
    data, expected = corpus(seed, 2000)
    counted = Counter(names(assembled(data)))
    # Plain words right after a message of Prisma's cannot be told from it.
    assert counted.pop("app.text") <= expected.pop("app.text")
    assert counted == expected


def test_of_errors_and_failed_webhooks_all_are_found_and_nothing_else() -> None:
    data, expected = corpus(99, 5000)
    records = assembled(data)
    errors = sum(n for name, n in expected.items() if EVENTS[name].is_error)
    assert sum(record.event.is_error for record in records) == errors
    failed = ("webhook.error", "inbound.lost", "webhook.dropped")
    counted = Counter(names(records))
    assert [counted[name] for name in failed] == [expected[name] for name in failed]
    assert data.lower().count(b"error") > 3 * errors


SAMPLE = corpus(7, 40)[0] + b"\0" * 300 + received().encode() + b"\xe2\x96\xb2 half"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, len(SAMPLE)), max_size=30))
def test_any_split_of_the_bytes_gives_the_same_records(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(SAMPLE)]
    chunks = [SAMPLE[a:b] for a, b in itertools.pairwise(edges)]
    assert assembled(*chunks) == assembled(SAMPLE)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_whatever_break_the_assembler(data: bytes, cut: int) -> None:
    data += b"\n" + SYNTAX.encode()
    assert assembled(data[:cut], data[cut:]) == assembled(data)
    assert "webhook.error" in names(assembled(data))
    for record in assembled(data):
        assert not {"\x1b", "\n", "\x07", "\0", "\x9b"} & set(record.head)


def test_a_byte_at_a_time_gives_the_same_records() -> None:
    assert assembled(*(bytes([b]) for b in SAMPLE)) == assembled(SAMPLE)


@pytest.mark.parametrize("code", ("P2002", "P2024", "P2028"))
def test_the_code_is_read_from_the_error_object(code: str) -> None:
    (record,) = assembled(app_error(LOST, "words nobody knows", code).encode())
    assert record.code == code
    assert record.call == "message.create"


@pytest.mark.parametrize(
    ("message", "code"), ((P1001, "P1001"), (P2002, "P2002"), (P2024, "P2024"), (P2028, "P2028"))
)
def test_the_code_is_told_by_the_words_where_none_is_printed(message: str, code: str) -> None:
    (record,) = assembled(prisma_error(message).encode())
    assert record.code == code


def test_the_servers_own_code_is_read_where_prisma_has_none() -> None:
    why = (
        "Error occurred during query execution:\nConnectorError(ConnectorError { kind: "
        'QueryError(PostgresError { code: "53100", message: "No space left on device" }) })'
    )
    text = prisma_error(why) + app_error(HOOK, why, kind="UnknownRequest")
    (record,) = assembled(text.encode())
    assert (record.event.name, record.code) == ("webhook.error", "53100")


def test_a_code_in_a_customers_words_is_no_code() -> None:
    (record,) = assembled(SYNTAX.encode())
    assert record.code == ""
    assert assembled(received("code: 'P2024' " + P1001).encode())[0].code == ""


def test_ten_failures_at_once_count_ten_times_however_they_interleave() -> None:
    both = [prisma_error(P1001)] * 10 + [app_error(HOOK, P1001, kind="Initialization")] * 10
    for seed in range(20):
        random.Random(seed).shuffle(both)
        records = assembled("".join(both).encode())
        assert names(records) == ["webhook.error"] * 10


def test_reports_that_overtook_each_other_find_their_own() -> None:
    """The application's report of one failure comes first, while others wait for theirs."""
    invalid = (VALIDATION, VALIDATION.replace("prisma:error", LOST) + STACK + "\n")
    again = (prisma_error(P2002), app_error(LOST, P2002, "P2002"))
    down = (app_error(LOST, P1001, kind="Initialization"), prisma_error(P1001))
    text = invalid[0] + again[0] + down[0] + invalid[1] + again[1] + down[1]
    counted = Counter(names(assembled(text.encode())))
    assert counted == {"inbound.lost": 2, "inbound.duplicate": 1}


@pytest.mark.parametrize(
    "wrapper",
    (
        "2026-11-24T08:27:00.123456789Z ",
        "2026-11-24T08:27:00+0000 app-1 npm[812]: ",
        "2026-11-24T08:27:00+04:00 app-1 npm[812]: ",
        "Nov  4 08:27:00 app-1 npm[812]: ",
        "2026-11-24 08:27 +00:00: ",
        "2026-11-24T08:27:00: ",
        "app-1  | ",
        "app-1  | 2026-11-24T08:27:00.123456789Z ",
        "0|app   | ",
    ),
)
def test_whatever_stands_before_each_line_is_put_aside(wrapper: str) -> None:
    text = prisma_error(P2024) + app_error(HOOK, P2024, "P2024") + received() + SYNTAX
    wrapped = "".join(f"{wrapper}{line}\n" for line in text.splitlines())
    assert assembled(wrapped.encode()) == assembled(text.encode())


@pytest.mark.parametrize("said", ("Error fetching x: y", "Failed to sync lead: timeout"))
def test_an_error_behind_a_time_is_not_taken_for_a_host(said: str) -> None:
    assert names(assembled(f"2026-11-24T08:27:00.1Z {said}\n".encode())) == ["app.error"]


def test_two_different_failures_are_not_taken_for_one() -> None:
    text = prisma_error(P2024) + app_error(LOST, P2028, "P2028")
    assert sorted(names(assembled(text.encode()))) == ["inbound.lost", "prisma.error"]


def test_a_database_error_that_nobody_claims_counts_after_a_moment() -> None:
    assembler = Assembler()
    assert assembler.feed(prisma_error(P2024).encode(), 7.0, 0.0) == []
    assert assembler.settle(QUIET) == []
    (record,) = assembler.settle(QUIET + PATIENCE)
    assert (record.event.name, record.at) == ("prisma.error", 7.0)


def test_a_database_error_that_nobody_claims_counts_when_enough_has_followed() -> None:
    assembler = Assembler()
    assembler.feed(prisma_error(P2024).encode(), 7.0, 0.0)
    later = assembler.feed(received().encode() * (FOLLOWING + 1), 8.0, 0.0)
    assert names(later).count("prisma.error") == 1


def test_a_duplicate_of_which_only_prisma_tells_is_no_error() -> None:
    assert names(assembled(prisma_error(P2002).encode())) == ["inbound.duplicate"]


def test_the_last_record_is_told_after_a_quiet_moment() -> None:
    assembler = Assembler()
    assert assembler.feed(SYNTAX.encode(), 1.0, 10.0) == []
    assert assembler.settle(10.0 + QUIET / 2) == []
    assert names(assembler.settle(10.0 + QUIET)) == ["webhook.error"]
    assert assembler.settle(20.0) == []


def test_what_comes_after_a_quiet_moment_does_not_count_again() -> None:
    assembler = Assembler()
    assembler.feed(b"[Chatwoot Webhook] Error: TypeError: x\n", 1.0, 0.0)
    assert len(assembler.settle(1.0)) == 1
    assert assembler.feed(b"    at y (/app/z.js:1:1)\n", 2.0, 2.0) == []
    assert assembler.settle(9.0) == []


def test_three_starts_in_a_row_are_three_restarts() -> None:
    crash = "   ▲ Next.js 15.5.4\n   - Local: x\n\nError: boom\n    at y\n"
    records = assembled((crash * 3 + " ✓ Ready in 1200ms\n").encode())
    assert names(records) == ["restart", "app.error"] * 3


@pytest.mark.parametrize(
    ("line", "status", "took"),
    (
        (" GET /login 200 in 31ms", "200", 31.0),
        (" POST /api/x?y=1 500 in 1.5s", "500", 1500.0),
    ),
)
def test_a_request_tells_its_status_and_time(line: str, status: str, took: float) -> None:
    (record,) = assembled(f"{line}\n".encode())
    assert (record.event.name, record.code, record.milliseconds) == ("request", status, took)


def test_nul_bytes_before_a_head_are_nothing() -> None:
    assert names(assembled(b"\0" * 5000 + SYNTAX.encode())) == ["webhook.error"]


def test_windows_line_ends_are_line_ends() -> None:
    assert names(assembled(SYNTAX.replace("\n", "\r\n").encode())) == ["webhook.error"]


def test_an_endless_line_costs_a_bounded_amount_and_what_follows_is_read() -> None:
    assembler = Assembler()
    for _ in range(40):
        assembler.feed(b"x" * 65536, 1.0, 0.0)
        assert len(assembler._carry) <= MAX_LINE
    records = assembler.feed(b"\n" + SYNTAX.encode(), 1.0, 0.0) + assembler.settle(9.0, final=True)
    assert names(records) == ["app.text", "webhook.error"]
    assert all(len(record.raw) <= MAX_TEXT for record in records)


def test_a_record_of_many_lines_keeps_a_bounded_text() -> None:
    (record,) = assembled(b"[Chatwoot Webhook] Received: {\n" + b'  "a": 1,\n' * 10_000)
    assert len(record.raw) <= MAX_TEXT


def test_what_a_person_sees_is_harmless_and_masked() -> None:
    (record,) = assembled(b"[WhatsApp] Send error: \x07+1 555 010 0123\x1b]0;evil\x07 \xff\n")
    assert record.head == "[WhatsApp] Send error: …23 �"
    assert record.lines == (record.head,)


def test_a_head_that_breaks_off_is_completed_by_call_and_code() -> None:
    (record,) = assembled((prisma_error(P1001) + app_error(HOOK, P1001)).encode())
    assert record.head == f"{HOOK} PrismaClientKnownRequestError: message.create P1001"
    (record,) = assembled(prisma_error(P2024).encode())
    assert record.head == "prisma:error message.create P2024"


@pytest.mark.parametrize(
    ("text", "shown"),
    (
        ("to +15550100123 failed", "to …23 failed"),
        ("15550100@s.whatsapp.net", "…00@s.whatsapp.net"),
        ("(+1 555) 010-0199", "(…99"),
        ("127.0.0.1:5432 in 1200 ms", "127.0.0.1:5432 in 1200 ms"),
        ("on 2026-11-24 08:00", "on 2026-11-24 08:00"),
        ("chatwoot_1234567", "chatwoot_1234567"),
    ),
)
def test_phone_numbers_keep_two_digits(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_a_selector_is_a_class_an_event_a_pattern_or_a_code() -> None:
    lost = EVENTS["inbound.lost"]
    assert selects(("error",), lost, "")
    assert selects(("webhook",), lost, "")
    assert selects(("inbound.*",), lost, "")
    assert selects(("code:P202*",), lost, "P2024")
    assert not selects(("code:P2024",), lost, "P2028")
    assert not selects(("webhook.error", "query"), lost, "")


def test_a_misspelt_selector_is_answered_with_its_right_name() -> None:
    with pytest.raises(ValueError, match=r'"webhok\.error"; did you mean "webhook\.error"'):
        check_selectors(["webhok.error"])
    assert check_selectors([*Class, "*.received", "code:P2024"])
