"""Certificates: what we trust, and how long theirs are good for."""

import asyncio
import ssl
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import certifi

EXPIRED = 10
_NOT_YET = 9
_OTHER_NAME = (62, 64)
_SELF_SIGNED = (18, 19)
_UNKNOWN_ISSUER = (2, 20, 21)
_DAY = 86_400


@cache
def context(verify: bool, ca: str = "") -> ssl.SSLContext:  # noqa: FBT001 - a cache key
    """What a connection trusts: the machine's own store, or the one file `ca`. Made once.

    Raises OSError when the file is not there or holds no certificate.
    """
    if not verify:
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname = False
        blind.verify_mode = ssl.CERT_NONE
        return blind
    if ca:
        return ssl.create_default_context(cafile=ca)
    return ssl.create_default_context(cafile=None if _has_store() else certifi.where())


def _has_store() -> bool:
    """Whether this Python knows where the machine keeps its certificates; some builds do not."""
    paths = ssl.get_default_verify_paths()
    return paths.cafile is not None or bool(paths.capath and any(Path(paths.capath).iterdir()))


async def handshake(host: str, port: int, trust: ssl.SSLContext, timeout: float) -> bytes:
    """The certificate the other side shows, as DER. Raises OSError (SSLError, TimeoutError)."""
    async with asyncio.timeout(timeout):
        _, writer = await asyncio.open_connection(host, port, ssl=trust, server_hostname=host)
    try:
        shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return shown.getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()


def expires_at(der: bytes) -> float:
    """When a certificate ends, in seconds since the epoch. Raises ValueError if it is none.

    Read from the bytes themselves, because the library decodes only certificates it trusts,
    and an expired one is exactly the one we ask about.
    """
    certificate, _ = _element(der, 0)
    fields, _ = _element(certificate, 0)
    position = 0
    if fields[:1] == b"\xa0":
        _, position = _element(fields, position)
    for _ in ("serial", "algorithm", "issuer"):
        _, position = _element(fields, position)
    validity, _ = _element(fields, position)
    _, position = _element(validity, 0)
    text, _ = _element(validity, position)
    # UTCTime has a year of two digits (1950 to 2049), GeneralizedTime one of four.
    stamp = text.decode("ascii")
    if validity[position] == 0x17:
        stamp = ("19" if stamp >= "5" else "20") + stamp
    return datetime.strptime(stamp, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _element(data: bytes, position: int) -> tuple[bytes, int]:
    """The content of the DER element at a position, and where the next one starts."""
    if position + 2 > len(data):
        raise ValueError("cut short")
    length = data[position + 1]
    start = position + 2
    if length & 0x80:
        width = length & 0x7F
        length = int.from_bytes(data[start : start + width], "big")
        start += width
    if start + length > len(data):
        raise ValueError("cut short")
    return data[start : start + length], start + length


def days_left(der: bytes, now: float) -> float | None:
    """Days until a certificate ends, negative when it has; None if it cannot be read."""
    try:
        return (expires_at(der) - now) / _DAY
    except (ValueError, IndexError):
        return None


def expired_since(days: float | None) -> str:
    """An expired certificate in words."""
    if days is None or days > 0:
        return "certificate expired"
    whole = int(-days)
    if whole == 0:
        return f"certificate expired {int(-days * 24)}h ago"
    return f"certificate expired {whole} day{'s' if whole != 1 else ''} ago"


def explain(error: ssl.SSLError, host: str) -> str:
    """Why a handshake failed, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error.verify_code, host)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return f"{host} closed the connection during the TLS handshake"
    if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return f"{host} does not speak TLS there; is it http:// ?"
    return f"TLS handshake failed: {(error.reason or 'unknown').replace('_', ' ').lower()}"


def _distrust(code: int, host: str) -> str:
    if code == EXPIRED:
        return expired_since(None)
    if code == _NOT_YET:
        return "certificate is not valid yet; check both clocks"
    if code in _OTHER_NAME:
        return f"certificate is not for {host}"
    if code in _SELF_SIGNED:
        return "certificate is self-signed; name its authority with `ca`"
    if code in _UNKNOWN_ISSUER:
        return "certificate is by an unknown authority; name it with `ca`"
    return f"certificate is not trusted (code {code})"
