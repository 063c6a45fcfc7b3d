"""Errors of sockets and handshakes, as the reason a person reads."""

import errno
import os
import socket
import ssl

from firstwatch.errors import BadAnswer, ProbeError, Unreachable
from firstwatch.units import format_duration
from probes import tls

_UNROUTABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN)


class Refused(Unreachable):
    """The other side turned us away: nothing listens there, or its certificate has expired."""


def seconds(timeout: float) -> str:
    """A deadline in words: "10s", "400 ms"."""
    return format_duration(round(timeout)) if timeout >= 0.95 else f"{timeout * 1e3:.0f} ms"


def chain(error: BaseException) -> list[BaseException]:
    """An error and what it came from, outermost first."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or step.__context__
    return found


def is_expired(error: BaseException) -> bool:
    """Whether an expired certificate is at the bottom of it."""
    return any(
        isinstance(step, ssl.SSLCertVerificationError) and step.verify_code == tls.EXPIRED
        for step in chain(error)
    )


def of_system(error: BaseException, host: str, where: str) -> ProbeError | None:
    """What the system said underneath an error about `host`, `where` being host and port."""
    for step in reversed(chain(error)):
        if isinstance(step, ssl.SSLError):
            return Unreachable(tls.explain(step, host))
        if isinstance(step, socket.gaierror):
            again = step.errno == socket.EAI_AGAIN
            return Unreachable(f"name lookup failed: {host}" if again else f"no such host: {host}")
        if isinstance(step, UnicodeError):
            return Unreachable(f"no such host: {host}")
        if isinstance(step, OSError) and (known := _of_errno(step, where)):
            return known
    return None


def _of_errno(error: OSError, where: str) -> ProbeError | None:
    if isinstance(error, ConnectionRefusedError):
        return Refused(f"connection refused by {where}")
    if isinstance(error, ConnectionError):
        return BadAnswer(f"connection reset by {where}")
    if error.errno in _UNROUTABLE:
        return Unreachable(f"no route to {where}")
    if error.errno:
        return Unreachable(f"{where}: {os.strerror(error.errno).lower()}")
    return None
