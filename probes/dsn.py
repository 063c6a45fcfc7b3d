"""A database address as people have it, turned into what asyncpg takes.

`DATABASE_URL` of a Prisma application carries query keys (`schema`, `connection_limit`,
`pgbouncer`, …) that PostgreSQL does not know; asyncpg would send them as settings and the
server would refuse. They are read here and taken out.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

KEPT = frozenset(
    {
        *("host", "port", "user", "password", "database", "dbname", "passfile"),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs"),
        *("krbsrvname", "gsslib", "service", "servicefile"),
    }
)
"""The query keys that asyncpg understands."""
_ENCODED = "write / ? # [ ] and @ of a password as %2F %3F %23 %5B %5D and %40"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is and what its address says about the way there."""

    dsn: str
    schema: str = ""
    """The schema Prisma is told to use; empty for the default."""
    pooled: bool = False
    """Behind PgBouncer: no session settings, no prepared statements."""
    place: str = ""
    """Host, port and database, without any secret, for messages."""

    def __repr__(self) -> str:
        return f"Address({self.place})"


def parse_address(text: str) -> Address:
    """The address in a URL. Raises ValueError, which never repeats any of it, when it is none."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"not an address; {_ENCODED}") from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError("not a PostgreSQL address; write it like postgresql://user@host:5432/name")
    if "@" not in parts.netloc and "@" in parts.path + parts.query + parts.fragment:
        raise ValueError(f"the address breaks off before its host; {_ENCODED}")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    kept = {key: value for key, value in query.items() if key in KEPT}
    try:
        port = parts.port or int(kept.get("port", 5432))
    except ValueError:
        raise ValueError("the port of the database address is not a number") from None
    host = parts.hostname or kept.get("host", "localhost")
    return Address(
        dsn=urlunsplit(parts._replace(query=urlencode(kept))),
        schema=query.get("schema", ""),
        pooled=query.get("pgbouncer", "").lower() == "true",
        place=f"{host}:{port}{parts.path}",
    )
