"""What names itself a secret, or looks like one, does not stay in a text that is kept."""

import pytest

from firstwatch.credentials import without_credentials


@pytest.mark.parametrize(
    "text",
    (
        "postgresql://app:hunter2@db:5432/app",
        "redis://:hunter2@cache/0",
        "api_access_token: hunter2",
        "{ 'api_access_token': 'hunter2' }",
        '{"password":"hunter2 and more","x":1}',
        '{\\"clientSecret\\":\\"hunter2\\"}',
        "DATABASE_PASSWORD=hunter2",
        "Authorization: Bearer hunter2",
        "authorization: Token hunter2",
        "sent with bearer hunter2hunter2",
        "GET /api?token=hunter2&page=1",
        "Cookie: session=hunter2",
        "whsec_hunter2hunter2",
        "eyJhbGciOi.hunter2.abc",
        "user hunter2@mail.example wrote",
        'password => "hunter2',
        "x-hub-signature: sha256=hunter2",
    ),
)
def test_a_secret_is_gone(text: str) -> None:
    assert "hunter2" not in without_credentials(text)


@pytest.mark.parametrize(
    "text",
    (
        "Unexpected token H in JSON at position 0",
        "P2024: Timed out fetching a new connection from the connection pool",
        "basic checks passed",
        "p95 740 ms > 500 ms target, n=30",
        "http://app.example.com/login answered 500",
        "    at Object.<anonymous> (/srv/app/lib/db.ts:12:7)",
    ),
)
def test_plain_words_stay(text: str) -> None:
    assert without_credentials(text) == text


def test_the_rest_of_the_line_stays() -> None:
    said = without_credentials("GET /api?token=hunter2&page=1 postgresql://app:x@db/app failed")
    assert said == "GET /api?token=…&page=1 postgresql://…@db/app failed"
