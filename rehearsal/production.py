"""The stand-in production as one process: `python -m rehearsal.production`.

When everything runs it prints one line of JSON on stdout. It ends, and takes everything with
it, when its stdin closes or on SIGTERM.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from firstwatch.clock import ScaledClock
from firstwatch.errors import FirstwatchError
from rehearsal.app import Application
from rehearsal.applog import AppLog
from rehearsal.chatwoot import Chatwoot
from rehearsal.chatwoot_api import ChatwootApi
from rehearsal.cuid import make_cuid
from rehearsal.director import Director, UnknownScenario, find
from rehearsal.history import LENGTH, History
from rehearsal.people import TENANTS, fictional_phones
from rehearsal.postgres import Server
from rehearsal.scenarios import SCENARIOS
from rehearsal.schema import OWNER, WATCHER, connected, create_database, create_roles
from rehearsal.serving import Site, serving
from rehearsal.sessions import Sessions
from rehearsal.traffic import Traffic

UNKNOWN_SCENARIO: Final = 3
"""The exit code when a scenario was asked for that there is not."""
_DATABASE: Final = "production"


class Production:
    """PostgreSQL, application, Chatwoot and traffic; `opened` makes one that runs."""

    def __init__(self, folder: Path, clock: ScaledClock, seed: int) -> None:
        self.clock = clock
        self.folder = folder
        self.log_rotations = 0
        self.server = Server(folder, max_connections=60)
        self.sessions = Sessions(lambda: self.server.dsn(OWNER, _DATABASE))
        self.token = secrets.token_urlsafe(16)
        tenants = [(make_cuid(clock.start - LENGTH), name) for name in TENANTS]
        phones = fictional_phones()
        self.chatwoot = Chatwoot(tenants, clock, seed)
        self.history = History(self.chatwoot, phones, seed)
        self.application: Application
        self.site: Site
        self.traffic: Traffic
        self.environment: dict[str, str] = {}
        """What a watch needs to find everything."""
        self._phones = phones
        self._seed = seed

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, folder: Path, clock: ScaledClock, seed: int
    ) -> AsyncIterator["Production"]:
        """A production with two days behind it, and traffic coming in."""
        production = cls(folder, clock, seed)
        async with AsyncExitStack() as stack:
            await production._open(stack)
            yield production

    async def execute(self, statement: str, *, as_root: bool = False) -> None:
        """Run a statement in the application's database, as its owner or as the superuser."""
        role = "postgres" if as_root else OWNER
        async with connected(self.server.dsn(role, _DATABASE)) as session:
            await session.execute(statement)

    async def _open(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self.server)
        await create_roles(self.server)
        await create_database(self.server, _DATABASE)
        await self._remember()
        log = AppLog(self.folder / "logs" / "app.log")
        dsn = self.server.dsn(OWNER, _DATABASE)
        self.application = Application(dsn, log, self.clock)
        stack.push_async_callback(self.application.close)
        self.site = Site(self.application)
        await self.site.open()
        stack.push_async_callback(self.site.shut)
        self.chatwoot.webhook_base = self.site.url
        stack.push_async_callback(self.application.release_pool)
        log.announce_start("http://localhost:3100")
        api = ChatwootApi(self.chatwoot, self.token)
        chatwoot_url = await stack.enter_async_context(serving(api))
        stack.push_async_callback(self.chatwoot.close)
        stack.push_async_callback(self.sessions.release)
        self.traffic = Traffic(self.chatwoot, self.application, self._phones, self._seed)
        await stack.enter_async_context(_running(self.traffic.run()))
        self.environment = self._addresses(chatwoot_url)

    async def _remember(self) -> None:
        self.history.live_through(self.clock.now())
        async with connected(self.server.dsn(OWNER, _DATABASE)) as owner:
            await self.history.store(owner)

    def _addresses(self, chatwoot_url: str) -> dict[str, str]:
        accounts = self.chatwoot.accounts.values()
        clock = self.clock
        return {
            "DATABASE_URL": self.server.dsn(WATCHER, _DATABASE),
            "APP_URL": self.chatwoot.webhook_base,
            "APP_LOG": str((self.folder / "logs" / "app.log").resolve()),
            "CHATWOOT_URL": chatwoot_url,
            "CHATWOOT_TOKEN": self.token,
            "CHATWOOT_ACCOUNTS": ",".join(f"{a.id}/{a.inbox}={a.company}" for a in accounts),
            "FIRSTWATCH_CLOCK": f"{clock.scale!r},{clock.start!r},{clock.real_start!r}",
        }


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work that goes on beside the body and is cancelled at its end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _control(director: Director, key: str, stop: asyncio.Event) -> Starlette:
    """The endpoint the stage talks to; its key keeps other people of the machine out."""

    async def show(_request: Request) -> Response:
        return JSONResponse([[s.name, s.summary, director.is_active(s)] for s in SCENARIOS])

    async def act(request: Request) -> Response:
        deeds = {"strike": director.strike, "cure": director.cure}
        try:
            await deeds[request.path_params["deed"]](request.path_params["name"])
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 404)
        return JSONResponse({})

    async def end(_request: Request) -> Response:
        stop.set()
        return JSONResponse({})

    return Starlette(
        routes=[
            Route(f"/{key}/scenarios", show),
            Route(f"/{key}/scenarios/{{name}}/{{deed}}", act, methods=["POST"]),
            Route(f"/{key}/stop", end, methods=["POST"]),
        ]
    )


def _end_with_parent(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM, on SIGINT, and when stdin comes to its end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin)
            stop.set()

    with contextlib.suppress(PermissionError):  # a plain file has no end to wait for
        loop.add_reader(sys.stdin, read)


async def _run(options: argparse.Namespace) -> None:
    clock = ScaledClock(options.scale, options.start, options.real_start)
    stop = asyncio.Event()
    _end_with_parent(stop)
    for name in options.scenario:
        find(name)
    async with AsyncExitStack() as stack:
        production = await stack.enter_async_context(
            Production.opened(options.folder, clock, options.seed)
        )
        director = Director(production)
        stack.push_async_callback(director.close)
        key = secrets.token_urlsafe(12)
        control = await stack.enter_async_context(serving(_control(director, key, stop)))
        for name in options.scenario:
            await director.strike(name)
        if options.timetable:
            await stack.enter_async_context(_running(director.play()))
        ready = {"environment": production.environment, "control": f"{control}/{key}"}
        print(json.dumps(ready), flush=True)
        await stop.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a production until it is told to end; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.production")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--start", type=float, required=True)
    parser.add_argument("--real-start", type=float, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--timetable", action="store_true")
    try:
        asyncio.run(_run(parser.parse_args(argv)))
    except FirstwatchError as error:
        print(error, file=sys.stderr)
        return 2
    except UnknownScenario as error:
        print(error, file=sys.stderr)
        return UNKNOWN_SCENARIO
    return 0


if __name__ == "__main__":
    sys.exit(main())
