"""What a PostgreSQL server, or the way to it, says went wrong, in words for a person."""

import socket

import asyncpg

from firstwatch.errors import BadAnswer, Denied, Missing, NoAnswer, ProbeError, Unreachable
from probes.dsn import Address

TOO_MANY = "53300"
_GONE = ("57P01", "57P02", "57P03", "08")
"""SQLSTATEs (or their classes) after which the connection is of no use."""
_STATEMENTS = "pg_stat_statements"


class NoSlot(Denied):
    """The server answers, and has no slot left for another connection."""


def is_gone(error: BaseException) -> bool:
    """Whether the connection is of no use after this error of the server."""
    state = error.sqlstate if isinstance(error, asyncpg.PostgresError) else ""
    return str(state or "").startswith(_GONE)


def explained(error: BaseException, address: Address | None, within: float) -> ProbeError | None:
    """What to tell a person of this error; None for one that is not ours to explain."""
    place = address.place if address else ""
    if isinstance(error, ProbeError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return _server_said(error)
    if isinstance(error, TimeoutError):
        return Unreachable(f"{place} did not answer within {within:g} s")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"connection refused by {place}")
    if isinstance(error, socket.gaierror):
        return Unreachable(f"no such host: {place.rpartition(':')[0]}")
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return Unreachable(f"connection to {place} failed ({type(error).__name__})")
    return None


def _server_said(error: asyncpg.PostgresError) -> ProbeError:
    state, text = str(error.sqlstate or ""), str(error.args[0] if error.args else "")
    if state == TOO_MANY:
        return _too_many(error)
    if state in ("57014", "55P03"):
        return NoAnswer("statement timed out" if state == "57014" else "gave up waiting for a lock")
    if state in ("28P01", "28000"):
        return Unreachable("the server refuses the login; check user and password")
    if state == "3D000":
        return Unreachable("the database does not exist")
    if state == "42501":
        return Denied(f"{text}; grant the role of the watch SELECT, and pg_monitor")
    if _STATEMENTS in text:
        return _no_statistics(state, text)
    if state in ("42P01", "42703", "42883"):
        return Missing(text)
    if is_gone(error):
        return Unreachable(f"the server ended the connection ({state})")
    return BadAnswer(f"{text} ({state})")


def _too_many(error: asyncpg.PostgresError) -> ProbeError:
    # The place in the server's source tells whose limit it is; its words may be translated.
    if getattr(error, "server_source_function", "") == "InitializeSessionUserId":
        return Denied("the role of the watch has no connection left (CONNECTION LIMIT)")
    return NoSlot("no connection slot left on the server (53300)")


def _no_statistics(state: str, text: str) -> ProbeError:
    if state == "42P01":
        return Missing(f"{_STATEMENTS} is not installed: CREATE EXTENSION {_STATEMENTS}")
    if state == "55000":
        return Missing(f"{_STATEMENTS} is not loaded: add it to shared_preload_libraries")
    return Missing(text) if state in ("42703", "42883") else BadAnswer(f"{text} ({state})")
