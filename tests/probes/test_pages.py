"""Pages and the files they name, asked on a real socket."""

import asyncio
from collections.abc import Iterable

import pytest

from firstwatch.readings import Reading
from firstwatch.verdict import Level
from probes.http_measure import Measure
from probes.pages import chosen, files_of, shown
from tests.probes.test_http_probe import NOW, Handler, Site, at, hang, opened, raw, reply, serving

CHUNK = "/_next/static/chunks/{}.js"


def page(*names: str) -> Handler:
    scripts = "".join(f'<script src="{name}" async=""></script>' for name in names)
    return reply(body=f"<!DOCTYPE html><html><head>{scripts}</head></html>".encode())


def asking(*paths: str, **keys: object) -> Measure:
    endpoints = [{"path": path} for path in paths]
    known = {"endpoints": endpoints, "files": 5, "value": "first_byte", "timeout": "500ms"}
    return Measure.model_validate(known | keys)


def chunks(numbers: Iterable[int]) -> list[str]:
    return [CHUNK.format(number) for number in numbers]


async def looked(handlers: dict[str, Handler], *paths: str, **keys: object) -> Reading:
    async with serving(handlers) as site:
        return await at(site).read(asking(*paths, **keys), NOW)


async def test_a_page_whose_files_are_there_is_right_and_tells_their_size() -> None:
    big = reply(body=b"x" * 240_000)
    handlers = {"/": page(*chunks((1, 2))), "/login": page(), CHUNK.format(1): big}
    reading = await looked(handlers | {CHUNK.format(2): reply()}, "/", "/login")
    assert reading.level is None
    assert reading.note.startswith("2 of 2 answered, worst /")
    notes = {row.label: row.note for row in reading.rows}
    assert notes["/"].endswith(", 157 B, 2 of 2 files asked, largest 240 kB")
    assert notes["/login"].endswith(", 41 B, names no files")


@pytest.mark.parametrize("status", (404, 307, 500))
async def test_a_page_that_names_a_file_which_is_gone_is_critical(status: int) -> None:
    handlers = {"/": page(*chunks((1, 2))), "/login": page(), CHUNK.format(1): reply()}
    reading = await looked(handlers | {CHUNK.format(2): reply(status)}, "/", "/login")
    assert (reading.level, reading.hard) == (Level.CRITICAL, False)
    assert reading.note == f"1 of 2 failing: / lacks {CHUNK.format(2)}: [status] {status}"


async def test_few_files_are_asked_at_a_time_and_others_the_next() -> None:
    numbers = range(12)
    handlers = {path: reply() for path in chunks(numbers)} | {"/": page(*chunks(numbers))}
    async with serving(handlers) as site:
        probe = at(site)
        seen = []
        for _ in range(3):
            site.heads.clear()
            await probe.read(asking("/"), NOW)
            seen.append({path for path in site.paths() if path != "/"})
        assert site.busiest == 1
    assert [len(each) for each in seen] == [5, 5, 5]
    assert set.union(*seen) == set(chunks(numbers))


async def test_of_a_file_only_its_head_is_waited_for() -> None:
    endless = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx")

    async def stuck(site: Site, r: asyncio.StreamReader, w: asyncio.StreamWriter) -> None:
        await endless(site, r, w)
        await hang(site, r, w)

    reading = await looked({"/": page(CHUNK.format(1)), CHUNK.format(1): stuck}, "/")
    assert reading.level is None
    assert reading.note.endswith("1 of 1 files asked")


async def test_a_file_that_does_not_answer_may_be_our_own_line() -> None:
    handlers = {"/": page(*chunks((1, 2))), CHUNK.format(1): hang, CHUNK.format(2): reply(404)}
    reading = await looked(handlers, "/")
    assert reading.level is None
    assert reading.note.endswith(", 0 of 2 files asked")


async def test_a_page_that_is_wrong_itself_is_not_looked_into() -> None:
    async with serving({"/": reply(500, b'<script src="/_next/static/a.js">')}) as site:
        reading = await at(site).read(asking("/"), NOW)
        assert site.paths() == ["/"]
    assert reading.rows[0].note == "[status] 500, expected 200"


async def test_without_the_key_no_file_is_asked_for() -> None:
    async with serving({"/": page(CHUNK.format(1))}) as site:
        await at(site).read(asking("/", files=0), NOW)
        assert site.paths() == ["/"]


async def test_files_below_a_base_with_a_path_are_asked_at_its_origin() -> None:
    handlers = {"/app/": page("/app/_next/static/a.js"), "/app/_next/static/a.js": reply()}
    async with serving(handlers) as site:
        probe = opened(f"http://127.0.0.1:{site.port}/app")
        reading = await probe.read(asking("/"), NOW)
        assert site.paths() == ["/app/", "/app/_next/static/a.js"]
    assert reading.level is None


def test_only_files_of_the_pages_own_origin_are_named_and_each_once() -> None:
    text = """
        <link rel="stylesheet" href="/_next/static/css/x.css?dpl=1&amp;v=2"/>
        <script src='/_next/static/chunks/app/(auth)/%5Bid%5D/page-1.js'></script>
        <script src="/_next/static/chunks/app/(auth)/%5Bid%5D/page-1.js"></script>
        <script src="http://app/_next/static/own.js"></script>
        <script src="http://cdn.example/_next/static/other.js"></script>
        <script src="//cdn.example/_next/static/other.js"></script>
        <script src="/_next/static/../../api/admin"></script>
        <script src="http://app.evil.example/_next/static/x.js"></script>
        <a href="/login">static</a>
    """
    assert files_of(text, "http://app") == [
        "/_next/static/css/x.css?dpl=1&v=2",
        "/_next/static/chunks/app/(auth)/%5Bid%5D/page-1.js",
        "/_next/static/own.js",
    ]


def test_a_long_name_shows_its_end() -> None:
    assert shown("/_next/static/a.js?dpl=secret") == "/_next/static/a.js"
    long = shown("/_next/static/chunks/" + "x" * 80 + "/page-1.js")
    assert len(long) == 60
    assert long.endswith("/page-1.js")


def test_the_choice_of_no_files_is_none() -> None:
    assert chosen([], 3, 5) == []
