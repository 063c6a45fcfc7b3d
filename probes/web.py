"""One GET over HTTP, timed phase by phase; the only module that knows the HTTP library.

A client is made for every call and thrown away with it: a pool that is shared loses its
connections when requests are cancelled, and a watch cancels at every deadline.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpcore
import httpx
from pydantic import SecretStr

from firstwatch.errors import BadAnswer, Missing, NoAnswer, NotConfigured, ProbeError
from probes import reasons, tls
from probes.reasons import Refused
from probes.wire import Wire

BODY = 1_000_000
"""The most bytes of a body that are read unless fewer are asked for; the rest stays on the wire."""
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


class Hanging(NoAnswer):
    """Connected, and then no whole answer came within the deadline."""


@dataclass(frozen=True, slots=True)
class Phases:
    """Where the time of one answer went, in real milliseconds."""

    dns: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    """From the request being sent to the head of the answer."""
    total: float = 0.0
    """From the start to the last byte read, everything included."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    """As sent, at most as many bytes as were asked for."""
    phases: Phases
    certificate_days: float | None = None
    """Days until the certificate ends; None over plain http."""

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def location(self) -> str:
        """Where a redirect points, without user, password and query; empty if it is none."""
        try:
            url = httpx.URL(self.headers.get("location", ""))
        except httpx.InvalidURL:
            return ""
        return str(url.copy_with(userinfo=b"", query=None, fragment=None))


@dataclass(frozen=True, slots=True)
class Certificate:
    """How long the other side's certificate is good for."""

    days: float
    """Until it ends; negative when it has."""
    problem: str = ""
    """Why it is not trusted, if it is not."""


@dataclass(slots=True)
class _Trace:
    """The moments of one exchange that only the HTTP library knows."""

    asked: float = 0.0
    answered: float = 0.0

    async def __call__(self, name: str, _info: Mapping[str, object]) -> None:
        if name.endswith("send_request_headers.started"):
            self.asked = time.perf_counter()
        elif name.endswith("receive_response_headers.complete"):
            self.answered = time.perf_counter()


class _Transport(httpx.AsyncHTTPTransport):
    """The library's transport over a wire of ours."""

    def __init__(self, wire: Wire, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=trust, network_backend=wire)


def checked_base(base: str) -> str:
    """An address without its trailing slash, or nothing. Raises ValueError if it is no address."""
    if not base:
        return ""
    try:
        url = httpx.URL(base)
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL("")
    if (
        url.scheme not in ("http", "https")
        or not _HOST.fullmatch(_host(url))
        or url.query
        or url.fragment
    ):
        raise ValueError('not an address like "https://app.example.com" or "http://127.0.0.1:3100"')
    return base.rstrip("/")


def origin(base: str) -> str:
    """Scheme, host and port of an address, with whatever opens it."""
    url = httpx.URL(base)
    return base[: len(base) - len(url.raw_path)] if url.path != "/" else base.rstrip("/")


def shown(base: str) -> str:
    """An address without what opens it."""
    return str(httpx.URL(base).copy_with(userinfo=b"")).rstrip("/")


async def get(
    url: str,
    *,
    headers: Mapping[str, SecretStr] | None = None,
    timeout: float = 10.0,
    verify: bool = True,
    ca: str = "",
    most: int = BODY,
) -> Answer:
    """One GET; redirects are not followed. Raises ProbeError, whose reason shows no secret.

    Of the body at most so many bytes are read, and with 0 none.
    """
    target = _parsed(url)
    trust = _trust(target, verify=verify, ca=ca)
    wire = Wire()
    until = time.perf_counter() + timeout
    try:
        async with asyncio.timeout(timeout):
            return await _ask(target, headers or {}, trust, wire, most)
    except TimeoutError:
        raise _too_late(target, timeout, wire) from None
    except (httpx.HTTPError, OSError, UnicodeError) as error:
        if reasons.is_expired(error):
            raise Refused(await _expiry(target, until - time.perf_counter())) from None
        raise _explained(error, target) from None
    finally:
        wire.drop()


async def certificate(
    url: str, *, timeout: float = 10.0, verify: bool = True, ca: str = ""
) -> Certificate:
    """The certificate an address shows, also when it is not to be trusted. Raises ProbeError."""
    target = _parsed(url)
    if target.scheme != "https":
        raise Missing("no certificate: the address is plain http")
    host, port = _host(target), _port(target)
    problem = ""
    try:
        async with asyncio.timeout(timeout):
            try:
                trust = _trust(target, verify=verify, ca=ca)
                der = await tls.handshake(host, port, trust, timeout)
            except ssl.SSLCertVerificationError as error:
                problem = tls.explain(error, host)
                der = await tls.handshake(host, port, tls.context(False), timeout)
    except TimeoutError:
        raise NoAnswer(
            f"no certificate from {_where(target)} within {reasons.seconds(timeout)}"
        ) from None
    except (OSError, UnicodeError) as error:
        raise _explained(error, target) from None
    days = tls.days_left(der, time.time())
    if days is None:
        raise BadAnswer("its certificate cannot be read")
    return Certificate(days, problem)


async def _ask(
    target: httpx.URL,
    headers: Mapping[str, SecretStr],
    trust: ssl.SSLContext,
    wire: Wire,
    most: int,
) -> Answer:
    sent = {
        b"user-agent": b"firstwatch",
        b"accept-encoding": b"identity",
        b"connection": b"close",
    }
    sent |= {name.lower().encode(): v.get_secret_value().encode() for name, v in headers.items()}
    trace = _Trace()
    client = httpx.AsyncClient(
        transport=_Transport(wire, trust), trust_env=False, timeout=httpx.Timeout(None)
    )
    async with (
        client as one,
        one.stream("GET", target, headers=list(sent.items()), extensions={"trace": trace}) as came,
    ):
        return Answer(
            status=came.status_code,
            headers={name.lower(): value for name, value in came.headers.items()},
            body=await _body(came, most),
            phases=Phases(
                dns=wire.dns,
                connect=wire.connect,
                tls=wire.tls,
                first_byte=(trace.answered - trace.asked) * 1e3,
                total=(time.perf_counter() - wire.began) * 1e3,
            ),
            certificate_days=tls.days_left(wire.certificate, time.time()),
        )


async def _body(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    if not most:
        return b""
    chunks = 0
    async for chunk in response.aiter_raw():
        body += chunk
        chunks += 1
        if len(body) >= most:
            break
        if chunks % 50 == 0:
            # A body in tiny pieces that are all there already would never let others have a turn.
            await asyncio.sleep(0)
    return bytes(body[:most])


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise NotConfigured("the address cannot be read") from None


def _host(target: httpx.URL) -> str:
    return target.raw_host.decode("ascii")


def _port(target: httpx.URL) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def _where(target: httpx.URL) -> str:
    """Host and port; never the user, the password or the query."""
    host = _host(target)
    return f"[{host}]:{_port(target)}" if ":" in host else f"{host}:{_port(target)}"


def _trust(target: httpx.URL, *, verify: bool, ca: str) -> ssl.SSLContext:
    if target.scheme != "https":
        return tls.context(False)
    try:
        return tls.context(verify, ca)
    except FileNotFoundError:
        raise Missing(f"no such file: {ca}") from None
    except OSError:
        raise Missing(f"not a file of certificates: {ca}") from None


async def _expiry(target: httpx.URL, left: float) -> str:
    """For how long a certificate has been expired, if a second look can tell in the time left."""
    try:
        der = await tls.handshake(
            _host(target), _port(target), tls.context(False), timeout=min(max(left, 0.05), 2.0)
        )
    except OSError:
        return tls.expired_since(None)
    return tls.expired_since(tls.days_left(der, time.time()))


def _too_late(target: httpx.URL, timeout: float, wire: Wire) -> ProbeError:
    if wire.is_connected:
        return Hanging(f"no answer within {reasons.seconds(timeout)}")
    return NoAnswer(f"no connection to {_where(target)} within {reasons.seconds(timeout)}")


def _explained(error: Exception, target: httpx.URL) -> ProbeError:
    """An error of the library or the system, as the reason a person reads."""
    host, where = _host(target), _where(target)
    if known := reasons.of_system(error, host, where):
        return known
    if isinstance(error, httpx.RemoteProtocolError):
        return BadAnswer(_protocol_error(str(error)))
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return NotConfigured("the request cannot be sent: check address and headers")
    return BadAnswer("the connection broke in mid answer")


def _protocol_error(text: str) -> str:
    if "without sending a response" in text:
        return "closed the connection without an answer"
    if "complete message body" in text:
        return "closed the connection in mid answer"
    return "the answer is not HTTP"
