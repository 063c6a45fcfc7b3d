"""The http probe against real servers, well-behaved and not."""

import asyncio
import random
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import ValidationError

from firstwatch.clock import SystemClock
from firstwatch.errors import BadAnswer, Missing, NoAnswer, NotConfigured, ProbeError, Unreachable
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes.http import KIND, HttpProbe, Settings
from probes.http_measure import Measure

TLS = Path(__file__).parent / "tls"
NOW = Moment(now=1000.0, launch=0.0)

Handler = Callable[["Site", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """A server on loopback whose every path does what its handler does."""

    handlers: dict[str, Handler]
    port: int = 0
    heads: list[str] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def paths(self) -> list[str]:
        return [head.split()[1] for head in self.heads]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            await self.handlers[head.split()[1].partition("?")[0]](self, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.busy -= 1
            self.tasks.discard(task)
            writer.close()


def reply(status: int = 200, body: bytes = b"ok", extra: str = "") -> Handler:
    async def handler(_: Site, _r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return handler


def raw(data: bytes) -> Handler:
    async def handler(_: Site, _r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return handler


async def hang(_: Site, _r: asyncio.StreamReader, _w: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def reset(_: Site, _r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
    )
    writer.transport.abort()


async def drip(_: Site, _r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def pour(_: Site, _r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


@asynccontextmanager
async def serving(
    handlers: dict[str, Handler], tls: str = "", host: str = "127.0.0.1"
) -> AsyncIterator[Site]:
    site = Site(handlers)
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / f"{tls}.pem")
    server = await asyncio.start_server(site.answer, host, 0, ssl=context)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for task in list(site.tasks):
            task.cancel()
        await asyncio.gather(*site.tasks, return_exceptions=True)


@contextmanager
def unlistened() -> Iterator[int]:
    """A port of ours where nothing listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def opened(base: str, **settings: object) -> HttpProbe:
    probe = KIND.open(Settings.model_validate({"base": base, **settings}), SystemClock())
    assert isinstance(probe, HttpProbe)
    return probe


def at(site: Site) -> HttpProbe:
    return opened(f"http://127.0.0.1:{site.port}")


def measure(*endpoints: str | dict[str, object], **keys: object) -> Measure:
    asked = [{"path": e} if isinstance(e, str) else e for e in endpoints]
    return Measure.model_validate({"endpoints": asked, "timeout": "400ms", **keys})


async def failure(probe: HttpProbe, asked: Measure) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        await probe.read(asked, NOW)
    return caught.value


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the kernel sends no event
            await asyncio.sleep(0.01)


def sockets() -> int:
    """How many sockets this process holds."""
    count = 0
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            count += str(fd.readlink()).startswith("socket:")
    return count


async def test_a_right_answer_is_timed_in_milliseconds() -> None:
    async def slow(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        await reply()(site, r, w)

    async with serving({"/login": slow}) as site:
        reading = await at(site).read(measure("/login"), NOW)
        first = await at(site).read(measure("/login", value="first_byte"), NOW)
        connect = await at(site).read(measure("/login", value="connect"), NOW)
    assert reading.at == 1000.0
    assert 50 <= reading.value < 400
    assert 50 <= first.value <= 400
    assert 0 < connect.value < 50
    assert reading.level is None
    assert reading.rows[0].label == "/login"
    assert reading.rows[0].note.startswith("200, connect ")
    assert "first byte" in reading.rows[0].note


async def test_the_worst_endpoint_comes_first_and_gives_the_value() -> None:
    async def slow(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        await reply()(site, r, w)

    async with serving({"/a": reply(), "/b": slow, "/c": reply()}) as site:
        reading = await at(site).read(measure("/a", "/b", "/c"), NOW)
    assert reading.rows[0].label == "/b"
    assert reading.value == reading.rows[0].value >= 100
    assert reading.note == "3 of 3 answered, worst /b"
    assert reading.sample == 3


async def test_the_note_says_how_many_of_the_services_routes_are_probed() -> None:
    async with serving({"/a": reply(), "/b": reply()}) as site:
        reading = await at(site).read(measure("/a", "/b", routes=36), NOW)
        site.handlers["/b"] = reply(500)
        failing = await at(site).read(measure("/a", "/b", routes=36), NOW)
    assert reading.note == f"2 of 36 routes probed, worst {reading.rows[0].label}"
    assert failing.note == "1 of 2 failing: /b [status] 500, expected 200"


async def test_a_mean_of_times_shows_what_it_hides() -> None:
    async with serving({"/a": reply(), "/b": reply()}) as site:
        reading = await at(site).read(measure("/a", "/b", stat="mean"), NOW)
        one = await at(site).read(measure("/a", stat="mean"), NOW)
        high = await at(site).read(measure("/a", stat="p95"), NOW)
    shown = r"p50 \S+, p95 \S+, max \S+ ms"
    assert re.fullmatch(rf"2 of 2 answered, worst /[ab]: {shown}", reading.note)
    assert re.fullmatch(rf"/a 200, connect \S+ ms, first byte \S+ ms, {shown}", one.note)
    assert "p50" not in high.note


async def test_the_first_answer_is_left_out_once_there_is_another() -> None:
    values = iter((900, 10, 20))

    async def counting(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await reply(body=b'{"n": %d}' % next(values))(site, r, w)

    asked = measure({"path": "/n", "json": {"path": "n"}}, value="json", stat="max")
    async with serving({"/n": counting}) as site:
        probe = at(site)
        seen = [await probe.read(asked, NOW) for _ in range(3)]
    assert [reading.value for reading in seen] == [900, 10, 20]
    assert [reading.sample for reading in seen] == [1, 1, 2]


@pytest.mark.parametrize(
    ("stat", "expected"), (("p95", 10), ("p50", 6.5), ("mean", 6.5), ("max", 10), ("last", 10))
)
async def test_a_statistic_covers_the_last_answers_only(stat: str, expected: float) -> None:
    values = iter(range(11))

    async def counting(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await reply(body=b'{"n": %d}' % next(values))(site, r, w)

    asked = measure({"path": "/n", "json": {"path": "n"}}, value="json", stat=stat, last=8)
    async with serving({"/n": counting}) as site:
        probe = at(site)
        for _ in range(11):
            reading = await probe.read(asked, NOW)
    assert reading.value == expected
    assert reading.sample == 8


async def test_a_wrong_status_is_critical_but_may_be_bad_luck() -> None:
    async with serving({"/a": reply(), "/login": reply(500)}) as site:
        reading = await at(site).read(measure("/a", "/login"), NOW)
    assert reading.level is Level.CRITICAL
    assert not reading.hard
    assert reading.rows[0].label == "/login"
    assert reading.rows[0].note == "[status] 500, expected 200"
    assert reading.note == "1 of 2 failing: /login [status] 500, expected 200"


async def test_a_wrong_answer_does_not_flatter_the_times() -> None:
    async with serving({"/a": reply(500)}) as site:
        probe, asked = at(site), measure("/a")
        await probe.read(asked, NOW)
        site.handlers["/a"] = reply()
        reading = await probe.read(asked, NOW)
    assert reading.sample == 1
    assert reading.level is None


async def test_every_endpoint_wrong_is_a_hard_fact() -> None:
    async with serving({"/a": reply(500), "/b": reply(502)}) as site:
        reading = await at(site).read(measure("/a", "/b"), NOW)
    assert (reading.level, reading.hard) == (Level.CRITICAL, True)
    assert reading.note.startswith("every endpoint fails: ")


async def test_every_endpoint_refused_is_a_hard_fact() -> None:
    with unlistened() as port:
        reading = await opened(f"http://127.0.0.1:{port}").read(measure("/a", "/b"), NOW)
    assert (reading.level, reading.hard) == (Level.CRITICAL, True)
    assert reading.note == f"every endpoint refused: connection refused by 127.0.0.1:{port}"
    assert len(reading.rows) == 2
    assert not reading.has_value, "how long it took to be refused is no time of an answer"
    assert reading.sample is None
    assert not any(row.has_value for row in reading.rows)


@pytest.mark.parametrize("stat", ("p95", "mean", "last"))
async def test_only_answers_have_a_time(stat: str) -> None:
    async with serving({"/a": reply(), "/b": reply()}) as site:
        probe, asked = at(site), measure("/a", "/b", stat=stat)
        await probe.read(asked, NOW)
        site.handlers["/b"] = reset
        one = await probe.read(asked, NOW)
        site.handlers["/a"] = reset
        none = await probe.read(asked, NOW)
        site.handlers["/a"] = reply(500)
        wrong = await probe.read(asked, NOW)
    timed = {row.label: row.value for row in one.rows if row.has_value}
    assert one.has_value
    assert timed == {"/a": one.value}
    assert not none.has_value
    assert none.level is Level.CRITICAL
    assert none.note.startswith("every endpoint fails: ")
    assert wrong.has_value, "a wrong answer is one, and took its time"


async def test_a_login_that_answers_401_may_be_right() -> None:
    async with serving({"/api/auth/session": reply(401)}) as site:
        asked = measure({"path": "/api/auth/session", "expect": [401, 200]})
        reading = await at(site).read(asked, NOW)
    assert reading.level is None


async def test_a_redirect_is_not_followed_and_says_where_it_leads() -> None:
    sends = reply(307, b"", "Location: http://localhost:3100/login?redirect=%2Fx&t=SECRET\r\n")
    async with serving({"/dashboard": sends, "/login": reply()}) as site:
        reading = await at(site).read(measure("/dashboard"), NOW)
        assert site.paths() == ["/dashboard"]
    assert reading.rows[0].note == (
        "[status] 307, expected 200 (sent to http://localhost:3100/login)"
    )


@pytest.mark.parametrize(
    ("rule", "note"),
    (
        ({"contains": "fine"}, ""),
        ({"contains": "missing"}, '[body] "missing" is not in it'),
        ({"json": {"path": "db[0].state", "equals": "fine"}}, ""),
        ({"json": {"path": "db[0].state"}}, ""),
        (
            {"json": {"path": "db[0].state", "equals": "down"}},
            "[json] db[0].state is fine, expected down",
        ),
        ({"json": {"path": "ok", "equals": 1}}, "[json] ok is True, expected 1"),
        ({"json": {"path": "db[1].state"}}, "[json] no [1] on the way to db[1].state"),
    ),
)
async def test_a_body_can_be_held_to_a_rule(rule: dict[str, object], note: str) -> None:
    body = b'{"ok": true, "db": [{"state": "fine"}]}'
    async with serving({"/health": reply(body=body)}) as site:
        reading = await at(site).read(measure({"path": "/health", **rule}), NOW)
    assert (reading.level is Level.CRITICAL) is bool(note)
    if note:
        assert reading.rows[0].note == note


@pytest.mark.parametrize("body", (b"<html>", b"", b"[" * 100_000, b'{"n": NaN}', b'{"n": []}'))
async def test_a_number_that_is_not_there_is_a_bad_answer(body: bytes) -> None:
    asked = measure({"path": "/n", "json": {"path": "n"}}, value="json")
    async with serving({"/n": reply(body=body)}) as site:
        assert isinstance(await failure(at(site), asked), BadAnswer)


async def test_a_service_that_hangs_from_the_start_is_unknown() -> None:
    async with serving({"/a": hang, "/b": hang}) as site:
        error = await failure(at(site), measure("/a", "/b"))
    assert isinstance(error, NoAnswer)
    assert error.reason == "no answer within 400 ms"


async def test_an_endpoint_that_stops_answering_counts_as_the_deadline() -> None:
    async with serving({"/a": reply()}) as site:
        probe, asked = at(site), measure("/a")
        await probe.read(asked, NOW)
        site.handlers["/a"] = hang
        reading = await probe.read(asked, NOW)
    assert reading.value == 400
    assert reading.rows[0].note == "no answer within 400 ms"


async def test_one_hanging_endpoint_beside_others_counts_as_the_deadline() -> None:
    async with serving({"/a": reply(), "/b": hang}) as site:
        reading = await at(site).read(measure("/a", "/b"), NOW)
    assert reading.value == 400
    assert reading.note == "1 of 2 answered, /b: no answer within 400 ms"


@pytest.mark.parametrize("evil", (hang, drip))
async def test_the_deadline_holds_for_all_endpoints_together(evil: Handler) -> None:
    paths = [f"/{number}" for number in range(12)]
    async with serving(dict.fromkeys(paths, evil)) as site:
        began = time.monotonic()
        error = await failure(at(site), measure(*paths))
        assert time.monotonic() - began < 0.8
        assert site.busiest <= 4
    assert error.reason == "no answer within 400 ms"


async def test_at_most_four_endpoints_are_asked_at_once() -> None:
    async def slow(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        await reply()(site, r, w)

    paths = [f"/{number}" for number in range(12)]
    async with serving(dict.fromkeys(paths, slow)) as site:
        reading = await at(site).read(measure(*paths), NOW)
        assert site.busiest == 4
    assert reading.note.startswith("12 of 12 answered")


@pytest.mark.parametrize(
    ("evil", "note"),
    (
        (raw(b"\x00\x01 garbage \xff\r\n\r\n" * 20), "the answer is not HTTP"),
        (raw(b""), "closed the connection without an answer"),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"),
            "closed the connection in mid answer",
        ),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000), "the answer is not HTTP"),
        (reset, "connection reset by 127.0.0.1:"),
    ),
    ids=("garbage", "closed", "cut", "endless head", "reset"),
)
async def test_a_broken_answer_is_a_failing_endpoint(evil: Handler, note: str) -> None:
    async with serving({"/a": reply(), "/x": evil}) as site:
        reading = await at(site).read(measure("/a", "/x"), NOW)
    assert reading.rows[0].label == "/x"
    assert reading.rows[0].note.startswith(note)
    assert (reading.level, reading.hard) == (Level.CRITICAL, False)


@pytest.mark.parametrize("tls", ("", "good"))
async def test_an_endless_body_is_read_to_its_bound(tls: str) -> None:
    async with serving({"/a": pour}, tls=tls) as site:
        probe = trusting(site) if tls else at(site)
        reading = await probe.read(measure("/a", timeout="5s"), NOW)
    assert reading.level is None


async def test_a_service_without_an_address_is_not_configured() -> None:
    error = await failure(opened(""), measure("/"))
    assert isinstance(error, NotConfigured)
    assert error.reason == "no address: set APP_URL or sources.<name>.base"


async def test_a_host_nobody_knows_is_unreachable() -> None:
    error = await failure(opened("http://app.invalid"), measure("/", timeout="20s"))
    assert isinstance(error, Unreachable)
    assert error.reason in ("no such host: app.invalid", "name lookup failed: app.invalid")


async def test_a_connection_that_never_stands_is_no_answer() -> None:
    with closing(socket.socket()) as full, closing(socket.socket()) as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        port = full.getsockname()[1]
        error = await failure(opened(f"http://127.0.0.1:{port}"), measure("/"))
    assert error.reason == f"no connection to 127.0.0.1:{port} within 400 ms"


async def test_an_address_of_version_six_is_asked() -> None:
    async with serving({"/": reply()}, host="::1") as site:
        reading = await opened(f"http://[::1]:{site.port}").read(measure("/"), NOW)
        assert f"host: [::1]:{site.port}\r\n" in site.heads[0].lower()
    assert reading.level is None


async def test_a_name_is_asked_at_its_next_address_when_one_refuses() -> None:
    async with serving({"/": reply()}) as site:
        reading = await opened(f"http://localhost:{site.port}").read(measure("/"), NOW)
        assert f"host: localhost:{site.port}\r\n" in site.heads[0].lower()
    assert reading.level is None


async def test_a_refused_address_of_version_six_is_named() -> None:
    with closing(socket.socket(socket.AF_INET6)) as taken:
        taken.bind(("::1", 0))
        port = taken.getsockname()[1]
        reading = await opened(f"http://[::1]:{port}").read(measure("/"), NOW)
    assert reading.note.endswith(f"connection refused by [::1]:{port}")


async def test_secrets_reach_the_service_and_nothing_else() -> None:
    base = "http://user:PASSWORD@127.0.0.1:{}"
    asked = measure("/a?key=QUERY")
    async with serving({"/a": reply(500)}) as site:
        probe = opened(base.format(site.port), headers={"X-Api-Key": "HEADER"})
        reading = await probe.read(asked, NOW)
        head = site.heads[0]
        broken = opened(base.format(site.port), headers={"X-Key": "HEADER\r\nX: y"})
        bad = await failure(broken, asked)
    with unlistened() as port:
        refused = opened(base.format(port), headers={"X-Api-Key": "HEADER"})
        other = await refused.read(asked, NOW)
    assert isinstance(bad, NotConfigured)
    assert "authorization: basic " in head.lower()
    assert "HEADER" in head
    assert "key=QUERY" in head
    shown = repr((reading, other, bad, bad.reason, vars(probe)))
    for secret in ("PASSWORD", "HEADER", "QUERY"):
        assert secret not in shown


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with unlistened() as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        async with serving({"/": reply()}) as site:
            reading = await at(site).read(measure("/"), NOW)
    assert reading.level is None


def trusting(site: Site, host: str = "127.0.0.1") -> HttpProbe:
    return opened(f"https://{host}:{site.port}", ca=str(TLS / "authority.pem"))


@pytest.mark.parametrize("host", ("127.0.0.1", "localhost"))
async def test_a_trusted_service_is_asked_over_tls(host: str) -> None:
    async with serving({"/": reply()}, tls="good") as site:
        reading = await trusting(site, host).read(measure("/", value="tls", timeout="5s"), NOW)
    assert reading.value > 0
    assert reading.level is None


async def test_an_expired_certificate_fails_every_endpoint() -> None:
    async with serving({"/": reply()}, tls="expired") as site:
        reading = await trusting(site).read(measure("/", timeout="5s"), NOW)
    days = int((time.time() - 978307200) / 86400)
    assert reading.note == f"every endpoint refused: certificate expired {days} days ago"
    assert reading.hard


@pytest.mark.parametrize(
    ("certificate", "host", "reason"),
    (("other", "127.0.0.1", "not for 127.0.0.1"), ("other", "localhost", "not for localhost")),
)
async def test_a_certificate_for_another_host_is_named(
    certificate: str, host: str, reason: str
) -> None:
    async with serving({"/": reply()}, tls=certificate) as site:
        error = await failure(trusting(site, host), measure("/", timeout="5s"))
    assert isinstance(error, Unreachable)
    assert error.reason == f"certificate is {reason}"


async def test_an_unknown_authority_is_named_with_the_remedy() -> None:
    async with serving({"/": reply()}, tls="good") as site:
        probe = opened(f"https://127.0.0.1:{site.port}")
        error = await failure(probe, measure("/", timeout="5s"))
        careless = opened(f"https://127.0.0.1:{site.port}", verify=False)
        reading = await careless.read(measure("/", timeout="5s"), NOW)
    assert error.reason == "certificate is by an unknown authority; name it with `ca`"
    assert reading.level is None


async def test_a_plain_service_asked_over_tls_says_so() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        probe = opened(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        error = await failure(probe, measure("/", timeout="2s"))
    assert error.reason == "127.0.0.1 does not speak TLS there; is it http:// ?"


async def test_an_authority_file_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    gone = await failure(opened("https://127.0.0.1:9", ca=str(tmp_path / "no.pem")), measure("/"))
    empty = await failure(
        opened("https://127.0.0.1:9", ca=str(tmp_path / "empty.pem")), measure("/")
    )
    assert isinstance(gone, Missing)
    assert gone.reason == f"no such file: {tmp_path / 'no.pem'}"
    assert empty.reason == f"not a file of certificates: {tmp_path / 'empty.pem'}"


async def days(site: Site, **settings: object) -> Reading:
    probe = opened(f"https://127.0.0.1:{site.port}", **settings)
    return await probe.read(measure("/", value="certificate_days", timeout="5s"), NOW)


async def test_the_days_of_a_certificate_are_a_measure_of_their_own() -> None:
    ca = str(TLS / "authority.pem")
    async with serving({"/": reply()}, tls="good") as site:
        good = await days(site, ca=ca)
        untrusted = await days(site)
        careless = await days(site, verify=False)
        assert site.heads == []
    async with serving({"/": reply()}, tls="expired") as site:
        expired = await days(site, ca=ca)
    assert good.value == pytest.approx((4922899200 - time.time()) / 86400, abs=1)
    assert (good.level, careless.level) == (None, None)
    assert untrusted.level is Level.CRITICAL
    assert "unknown authority" in untrusted.note
    assert expired.value < -9000
    assert expired.level is Level.CRITICAL


async def test_a_plain_address_has_no_certificate() -> None:
    error = await failure(opened("http://127.0.0.1:9"), measure("/", value="certificate_days"))
    assert isinstance(error, Missing)


@pytest.mark.parametrize("tls", ("", "good"))
async def test_the_probe_works_after_150_cancelled_readings(tls: str) -> None:
    async def slow(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        await reply(body=b"x" * 50_000)(site, r, w)

    chance = random.Random(7)
    async with serving({"/a": slow, "/b": slow}, tls=tls) as site:
        scheme = "https" if tls else "http"
        probe = opened(f"{scheme}://localhost:{site.port}", ca=str(TLS / "authority.pem"))
        asked = measure("/a", "/b", timeout="5s")
        await probe.read(asked, NOW)
        await until(lambda: site.busy == 0)
        before = sockets()
        for _ in range(150):
            task = asyncio.ensure_future(probe.read(asked, NOW))
            await asyncio.wait({task}, timeout=chance.uniform(0, 0.03))
            task.cancel()
            await asyncio.wait({task})
        reading = await probe.read(asked, NOW)
        assert reading.level is None
        assert reading.note.startswith("2 of 2 answered")
        await until(lambda: sockets() <= before)


@pytest.mark.parametrize(
    "keys",
    (
        {"endpoints": []},
        {"endpoints": [{"path": "login"}]},
        {"endpoints": [{"path": "/a b"}]},
        {"endpoints": [{"path": "/a", "json": {"path": "a..b"}}]},
        {"endpoints": [{"path": "/a", "jsno": {}}]},
        {"endpoints": [{"path": "/a"}], "value": "json"},
        {"endpoints": [{"path": "/a"}], "timeout": 5},
    ),
)
def test_a_measure_that_cannot_work_is_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Measure.model_validate(keys)


@pytest.mark.parametrize(
    "base", ("app.example.com", "ftp://x", "http://", "http://x?y=1", "http://[")
)
def test_a_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(ValidationError, match="not an address like"):
        Settings(base=base)
