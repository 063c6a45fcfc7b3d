"""Masking: people get pseudonyms, secrets get nothing, and what is neither stays as it was."""

import re
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firstwatch.config import load
from firstwatch.masking import Masker, masker_of, names_in, names_said
from firstwatch.plan import Plan
from firstwatch.probe import Kinds
from firstwatch.readings import Reading, Row
from firstwatch.secrecy import Secrets, by_shape, secrets_in, secrets_of

SECRETS = ("tr0ub4dor/&3 x", "chatwoot-token-24", "päss wörd+1")
NAMES = {"Acme Trading LLC": "company", "Zoë & Sons": "company", "Ada Byron": "name"}
MASK = Masker(b"the salt of a journal", NAMES, SECRETS)


# People


@pytest.mark.parametrize(
    ("given_", "told"),
    (
        ("call +15550100123 now", "call phone·P now"),
        ("from 15550100 to +1 555 010-0199", "from phone·P to phone·P"),
        ("(555) 010-0142 or 555-010-0143", "phone·P or phone·P"),
        ("five five 612 345 678", "five five phone·P"),
        ("whatsapp:+15550100", "whatsapp:phone·P"),
        ("15550100123@c.us", "phone·P@c.us"),
        ("wa.me/15550100123?text=x", "wa.me/phone·P?text=x"),
        ("phone=%2B15550100123&n=1", "phone=phone·P&n=1"),
        ("Key (phone)=(+15550100123) exists", "Key (phone)=(phone·P) exists"),
        ("lead_15550100123", "lead_phone·P"),
        ("+15550100123 2026-11-24", "phone·P 2026-11-24"),
        ("mail Jo.Doe+x@mail.example.com.", "mail mail·P."),
        ("to=jo%40example.com", "mail·P"),
        ("<jo@example.com>", "<mail·P>"),
        ("worst acme  trading llc, 3 lost", "worst company·P, 3 lost"),
        ("Acme Trading LLCs", "Acme Trading LLCs"),
        ("zoë & sons_x, Ada Byron", "company·P_x, name·P"),
        ("wamid.HBgLMTU1NTAxMDAxMjM=", "wamid·P"),
    ),
)
def test_phones_mails_and_known_names_get_pseudonyms(given_: str, told: str) -> None:
    assert re.sub(r"·[0-9a-f]{4}", "·P", MASK(given_)) == told


@pytest.mark.parametrize(
    "text",
    (
        "1 204 567 > 1 000 000 warning",
        "n=4 310, 0.2 %",
        "n=1234567, #1234567, id 1234567",
        "2026-11-24 08:27:14",
        "2026-11-24T08:27:14.123456789Z",
        "on 24.11.2026 or 24/11/2026",
        "10.120.130.140:5432 refused",
        "connection refused by 127.0.0.1:5432",
        "p95 740 ms > 500 ms target",
        "12 of 123456",
        "1204.567 ms",
        "cmwsyl1e10001ab2345678901",
        "c1234567890abcdefghijklmn",
        "550e8400-e29b-41d4-a716-446655440000",
        "chatwoot_1234567",
        'relation "Message" does not exist',
        "the first client's answer, another company's",
        "[WhatsApp] Process inbound error: P2002",
        "Timed out (Current connection pool timeout: 10, connection limit: 5)",
        "postgresql://watch@db.example.com:5432/app",
        "token refused: 401 since 08:21",
        "tokens: 1200, keys: 12, password authentication failed",
        "basic checks, bearer of news",
        "worst /api/auth/session?next=/x 3 012 ms",
        "T+03:27, blind 02:10–02:31",
        "message: \"could not extend\", code: '53100'".replace('"could not extend"', "53100"),
        "{ name: 'PrismaClientKnownRequestError', code: 'P2024' }",
    ),
)
def test_counts_times_addresses_ids_and_errors_stay(text: str) -> None:
    assert MASK(text) == text


@pytest.mark.parametrize(
    ("given_", "gone", "left"),
    (
        ('{"content": "my card fails", "id": 5}', "card", '"id": 5}'),
        ("content: 'it\\'s late', status: 'sent'", "late", "status: 'sent'"),
        ("content: 'one\\n' +  'two', id: 7", "two", "id: 7"),
        ('{"content":"cut in the midd…', "midd", "content"),
        (r'"{\"content\":\"hi there\",\"id\":5}"', "there", "text·"),
        ("text: { body: 'Hello' }", "Hello", "text: { body: text·"),
        ('she wrote "my payment failed" at noon', "payment", "at noon"),
        ("“payment failed” twice", "payment", "twice"),
        ('echo of "спасибо"', "спасибо", "echo of"),
        ("name: 'Jane Roe', id: 5", "Jane", "name: name·"),
        ('"pushName": "Jane Roe"', "Jane", '"pushName": name·'),
        ("companyName: 'Umbrella'", "Umbrella", "companyName: company·"),
        ("name: '+15550100123'", "0100123", "name: 'phone·"),
        ('company "Acme Trading LLC" silent', "Acme", "company·"),
    ),
)
def test_what_people_wrote_and_their_names_go(given_: str, gone: str, left: str) -> None:
    masked = MASK(given_)
    assert gone not in masked
    assert left in masked


def test_a_text_says_how_long_it_was() -> None:
    assert re.fullmatch(r"content: text·\w{4} \(5 characters\)", MASK("content: 'hello'"))


def test_the_plan_may_quote_and_still_names_nobody() -> None:
    told = MASK.own('look for "Process inbound error", then call +15550100123')
    assert '"Process inbound error"' in told
    assert "0100123" not in told


def test_the_same_is_the_same_in_every_document_of_a_journal_and_of_no_other() -> None:
    again, other = Masker(b"the salt of a journal"), Masker(b"another")
    spelt = ("+1 (555) 010-0123", "15550100123", "0015550100123", "tel:+1-555-010-0123")
    told = {re.sub(r"^tel:", "", again(phone)) for phone in spelt}
    assert told == {MASK("+15550100123")}
    assert other("+15550100123") not in told
    assert Masker()("+15550100123") != Masker()("+15550100123")
    assert MASK("ADA  BYRON") == MASK("Ada Byron")


def test_notes_may_be_revealed_and_still_tell_no_secret() -> None:
    note = 'called Ada Byron +15550100123, "all is well", token chatwoot-token-24, pw=abcdef1'
    told = MASK.revealed(note.replace("pw=", "password="))
    assert 'Ada Byron +15550100123, "all is well"' in told
    assert "chatwoot-token-24" not in told
    assert "abcdef1" not in told


DIGITS = st.text("0123456789", min_size=8, max_size=12).map(lambda rest: f"1555{rest}"[:13])
SPELLINGS = (
    "+{0}", "{0}", "00{0}", "tel:+{0}", "+{1} {2} {3} {4}", "+{1} ({2}) {3}-{4}",
    "+{1}-{2}-{3}-{4}",
    "+{1}.{2}.{3}.{4}", "({2}) {3}-{4}", "{2}-{3}-{4}", "+{1}\u00a0{2}\u202f{3}\u2011{4}",
    "+{1} {2} / {3} {4}", "{0}@c.us", "%2B{0}", "whatsapp:{0}", "<{0}>", "+ {1} {2} {3} {4}",
    "+{1} – {2} – {3}{4}", "'{0}'", '"{0}"', "phone={0}", "+{0}abc", "{0}, {0}", "{0}x12",
)  # fmt: skip


@given(DIGITS, st.sampled_from(SPELLINGS), st.sampled_from(("", "from ", "(", "12 ", " a: '")))
def test_no_phone_of_any_usual_spelling_survives(phone: str, spelling: str, before: str) -> None:
    parts = (phone, phone[0], phone[1:4], phone[4:7], phone[7:])
    said = before + spelling.format(*parts)
    masked = MASK(said)
    digits = "".join(letter for letter in re.sub(r"·[0-9a-f]{4}", "", masked) if letter.isdigit())
    assert phone[4:] not in digits, masked


LINES = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            (
                *SECRETS, *NAMES, "+15550100123", "555-010-0142", "jo@example.com", '"', "'", "…",
                "content: 'hi you'", 'name: "Jo"', "phone·7f3a", "text·7f3a (5 characters)", " ",
                "token=", "Authorization: Bearer ", "://u:p@h", "1 204 567", "2026-11-24", "·", ":",
                "key=", "\\", "(", ")", "+", "12", "eyJhbGciOiJI.eyJzdWIiOiIx.sig", "password: ",
            )
        ),
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(LINES)
@example("'hi you'a '…")
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    for mask in (MASK, MASK.own, MASK.revealed):
        once = mask(text)
        assert mask(once) == once


@given(LINES, st.integers(5, 60))
def test_no_text_grows_beyond_its_limit(text: str, limit: int) -> None:
    assert len(MASK(text * 5, limit)) <= limit


@given(st.sampled_from(SECRETS), LINES, LINES, st.integers(8, 80))
def test_no_known_secret_survives_anywhere(
    secret: str, before: str, after: str, limit: int
) -> None:
    for spelt in (secret, quote(secret, safe=""), quote(secret)):
        assert spelt not in MASK(before + spelt + after, limit)
        assert spelt not in MASK.revealed(before + spelt + after)


def test_a_secret_that_was_cut_off_is_gone_too() -> None:
    assert MASK("refused: chatwoot-tok…") == "refused: …"
    assert MASK("refused: chatwoot-tok… since 08:21") == "refused: … since 08:21"
    assert MASK("refused: chatwoot-tok") == "refused: …"
    assert MASK("a chat went on…") == "a chat went on…"


def test_so_is_a_phone_or_a_mail_address() -> None:
    assert "1555" not in MASK("no lead of +1 555…")
    assert "jo.doe" not in MASK("no lead of jo.doe@exam…")


def test_a_few_hundred_texts_take_no_time_to_speak_of() -> None:
    names = {f"Company {number} of {number * 7}": "company" for number in range(300)}
    mask = Masker(b"salt", names, tuple(f"secret-{number}-{number:08}" for number in range(20)))
    texts = ["p95 740 ms > 500 ms target, n=30, 4 s ago"] * 200
    texts += ["worst Company 7 of 49, 3 of 128 lost, newest …42 on +15550100123"] * 100
    began = time.thread_time()
    for text in texts:
        mask(text)
    assert time.thread_time() - began < 0.2


@pytest.mark.parametrize("text", ("1 " * 4000, "a" * 8000, "a@" * 4000, "content: '\\" * 900))
def test_no_text_from_outside_holds_the_watch_up(text: str) -> None:
    began = time.thread_time()
    MASK(text)
    assert time.thread_time() - began < 1.0


# Secrets


@pytest.mark.parametrize(
    ("given_", "told"),
    (
        ("Authorization: Bearer abc.def", "Authorization: …"),
        ('"authorization":"Basic YTpiYw=="', '"authorization":"…"'),
        ("sent bearer 0123abcd again", "sent bearer … again"),
        ("api_access_token: zzzz9", "api_access_token: …"),
        ("'api-access-token': 'zzzz'", "'api-access-token': …"),
        ("GET /x?api_access_token=abc&key=12&n=1", "GET /x?api_access_token=…&key=…&n=1"),
        ("PGPASSWORD=x psql --password abc -h db", "PGPASSWORD=… psql --password … -h db"),
        ("password: 'two words' refused", "password: … refused"),
        ("token: a1b2c3d4 refused", "token: … refused"),
        ("redis://user:p@ss@cache:6379/0", "redis://…@cache:6379/0"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln expired", "… expired"),
        ("AKIAIOSFODNN7EXAMPLE is unknown", "… is unknown"),
        ("ghp_0123456789abcdefghij", "…"),
        ("Cookie: session=1; other=2", "Cookie: …"),
        ("-----BEGIN PRIVATE KEY----- abc -----END PRIVATE KEY-----", "…"),
        ("clientSecret: 'abc', id: 5", "clientSecret: …, id: 5"),
    ),
)
def test_secrets_go_by_their_shape(given_: str, told: str) -> None:
    assert by_shape(given_) == told
    assert MASK(given_) == told


def test_known_secrets_go_in_every_spelling() -> None:
    secrets = Secrets(('a"b&c/d é',))
    for spelt in ('a"b&c/d é', "a%22b%26c%2Fd%20%C3%A9", "a%22b%26c%2fd%20%c3%a9", r"a\"b&c/d é"):
        assert secrets.without(f"x {spelt} y") == "x … y"
    assert secrets.without("a&quot;b&amp;c/d é") == "…"


def test_short_and_ordinary_values_are_left() -> None:
    assert Secrets(("app", "true", "****", "")).without("app is true ****") == "app is true ****"


PLAN = """
[sources.database]
kind = "sql"
dsn = "postgresql://watch:${PASSWORD}@db.internal:5432/app"

[sources.app]
kind = "web"
base = "${APP_URL}"
headers = { Authorization = "Bearer ${TOKEN}", X-Login = "Basic dXNlcjpiNjQtcGFzc3dvcmQ=" }

[checks.connections]
measure = { sql = "${STATEMENT}" }
"""


@pytest.fixture
def plan(tmp_path_factory: pytest.TempPathFactory, toy_kinds: Kinds, toy_plan: Path) -> Plan:
    path = tmp_path_factory.mktemp("plan") / "own.toml"
    path.write_text(PLAN)
    environ = {
        "PASSWORD": "p%40ss-word",
        "TOKEN": "token-of-a-header",
        "APP_URL": "https://user:of-the-base@app.example.com",
        "STATEMENT": "SELECT 'from-outside'",
    }
    return load(path, toy_kinds, environ, shipped=toy_plan)


def test_a_plan_knows_its_secrets_and_their_parts(plan: Plan) -> None:
    secrets = secrets_of(plan)
    for secret in (
        "p%40ss-word", "p@ss-word", "token-of-a-header", "b64-password", "of-the-base",
        "SELECT 'from-outside'",
    ):  # fmt: skip
        assert secret in secrets
    text = "watch at db.internal:5432/app and https://app.example.com"
    assert masker_of(plan)(text) == text
    assert "p@ss-word" not in repr(masker_of(plan))


def test_a_copy_of_a_plan_still_knows_what_came_from_outside(plan: Plan) -> None:
    assert secrets_of(plan.model_copy(update={"checks": {}})) == secrets_of(plan)


def test_the_environment_has_secrets_by_name() -> None:
    environ = {
        "CHATWOOT_TOKEN": "abcdef",
        "DATABASE_URL": "postgresql://u:pass1@h/d",
        "USER": "ada",
    }
    found = secrets_in(environ)
    assert {"abcdef", "pass1"} <= set(found)
    assert "ada" not in found


# Names


def test_companies_are_the_rows_with_an_id_beside_their_name() -> None:
    rows = (
        Row("Acme Trading LLC", 1, key="cmw1"),
        Row("no company of ours", 1, key="cmw2"),
        Row("account 1 inbox 2", 1, key="cmw3"),
        Row("cmw4", 1, key="cmw4"),
        Row("/login", 1),
    )
    assert names_in(Reading(0.0, 1.0, rows=rows)) == {"Acme Trading LLC": "company"}


def test_a_known_name_that_was_cut_off_is_masked_as_that_name() -> None:
    mask = Masker(names={"Acme Trading LLC": "company", "Acme Travel": "company"})
    whole = mask("refused by Acme Trading LLC")
    assert mask("refused by Acme Trading L…") == f"{whole}…"
    assert mask("refused by ACME Trad… (2s ago)") == f"{whole}… (2s ago)"
    assert mask("by Acme Tra…").startswith("by company·")
    assert mask("by Acme Tra…").removesuffix("…") not in (whole, mask("by Acme Travel"))
    for text in ("an acm…", "the trading LLC…", "Acme Tragedy…", "Acme Trading"):
        assert mask(text) == text


def test_people_are_learnt_from_the_payloads_of_the_log() -> None:
    lines = ["  name: 'Jane Roe',", '"name": "+15550100123"', "name: 'TypeError'", "id: 5"]
    assert names_said(lines) == {"Jane Roe": "name"}
    assert "Jane" not in Masker(names=names_said(lines))("no lead for Jane Roe")
