"""A courier tells what became of an errand, and no secret."""

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from probes.courier import Courier


def courier(*command: str, ping: str = "", timeout: float = 5.0) -> Courier:
    return Courier(command, {"WEBHOOK": SecretStr("s3cret")}, ping, timeout)


async def test_a_command_is_told_the_facts_and_what_it_needs(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"import os; open({str(told)!r}, 'w').write(os.environ['A'] + os.environ['WEBHOOK'])"
    assert await courier(sys.executable, "-c", script).call({"A": "round 1; rm -rf"}) == ""
    assert told.read_text() == "round 1; rm -rfs3cret"


async def test_what_failed_is_said() -> None:
    failed = await courier(sys.executable, "-c", "raise SystemExit(3)").call({})
    assert failed == "it ended with exit code 3"
    assert "no-such-program" in await courier("no-such-program").call({})
    endless = courier(sys.executable, "-c", "import time; time.sleep(60)", timeout=0.2)
    assert "no answer within" in await endless.call({})


async def test_a_ping_asks_once_and_says_what_came_of_it() -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        status = b"200 OK" if b"/good" in asked[-1] else b"404 Not Found"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        assert await courier(ping=f"{base}/good").ping() == ""
        assert await courier(ping=f"{base}/s3cret").ping() == "HTTP 404"
    assert [line.split()[1] for line in asked] == [b"/good", b"/s3cret"]
    assert await courier(ping=f"{base}/s3cret", timeout=1.0).ping() == "ConnectError"
