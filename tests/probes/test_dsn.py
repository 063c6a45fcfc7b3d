"""Database addresses as people have them, and what is never repeated of them."""

import pytest
from pydantic import ValidationError

from probes.dsn import parse_address
from probes.postgres import Settings

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "dsn", "place"),
    (
        ("postgresql://u:p@db:6432/app", "postgresql://u:p@db:6432/app", "db:6432/app"),
        ("postgres://u@db/app", "postgres://u@db/app", "db:5432/app"),
        (
            "postgresql://u:p@db/app?schema=public&connection_limit=5&pool_timeout=20",
            "postgresql://u:p@db/app",
            "db:5432/app",
        ),
        (
            "postgresql://u:p@db/app?sslmode=require&sslaccept=strict&socket_timeout=3",
            "postgresql://u:p@db/app?sslmode=require",
            "db:5432/app",
        ),
        (
            "postgresql:///app?host=/var/run/postgresql&port=5433",
            "postgresql:/app?host=%2Fvar%2Frun%2Fpostgresql&port=5433",
            "/var/run/postgresql:5433/app",
        ),
        ("postgresql://u:%23%2F%40@db/app", "postgresql://u:%23%2F%40@db/app", "db:5432/app"),
        ("postgresql://u:p@[::1]:5433/app", "postgresql://u:p@[::1]:5433/app", "::1:5433/app"),
    ),
    ids=("plain", "short scheme", "prisma", "tls", "unix socket", "encoded password", "ipv6"),
)
def test_what_the_driver_does_not_know_is_taken_out(text: str, dsn: str, place: str) -> None:
    address = parse_address(text)
    assert (address.dsn, address.place) == (dsn, place)


def test_the_schema_and_the_pooler_of_prisma_are_understood() -> None:
    address = parse_address("postgresql://u@db/app?schema=tenant&pgbouncer=true")
    assert (address.schema, address.pooled) == ("tenant", True)
    assert not parse_address("postgresql://u@db/app?pgbouncer=false").pooled
    assert parse_address("postgresql://u@db/app").schema == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    (
        (SECRET, "not a PostgreSQL address"),
        (f"mysql://u:{SECRET}@db/app", "not a PostgreSQL address"),
        (f"postgresql://u:{SECRET}@db:port/app", "port of the database address"),
        (f"postgresql://u:{SECRET}@db:99999/app", "port of the database address"),
        (f"postgresql://u:{SECRET}@db/app?port=x", "port of the database address"),
        (f"postgresql://u:[{SECRET}]@db/app", r"write / \? #"),
        (f"postgresql://u:{SECRET}[@db/app", r"write / \? #"),
        (f"postgresql://u:12/{SECRET}@db/app", r"breaks off before its host; write / \? #"),
        (f"postgresql://u:12?{SECRET}@db/app", "breaks off before its host"),
        (f"postgresql://u:12#{SECRET}@db/app", "breaks off before its host"),
    ),
)
def test_an_address_that_is_none_says_so_without_its_password(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_address(text)
    assert SECRET not in str(caught.value)
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"dsn": text})
    assert SECRET not in str(refused.value)


def test_nothing_that_is_printed_shows_the_password() -> None:
    text = f"postgresql://u:{SECRET}@db/app"
    settings = Settings.model_validate({"dsn": text})
    address = parse_address(text)
    for shown in (repr(address), str(address), f"{address.place}", repr(settings), str(settings)):
        assert SECRET not in shown
    assert SECRET not in settings.model_dump_json()
