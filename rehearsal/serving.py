"""HTTP servers on loopback ports of their own, all in one event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone and says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Site:
    """An ASGI application on a port that stays its own when it is shut and opened again."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._port = 0
        self._server: _Server | None = None
        self._running: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address of its root, without a slash; known once it has been open."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._running is not None

    async def open(self) -> None:
        """Listen; an open site stays as it is."""
        if self._running is not None:
            return
        await self._end()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._application,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_keep_alive=120,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        self._server = _Server(config)
        self._running = asyncio.create_task(self._server.serve([listener]))
        await self._server.ready.wait()

    async def shut(self) -> None:
        """Refuse connections from now on; what is under way may end."""
        running, self._running = self._running, None
        if running is None or self._server is None:
            return
        self._server.should_exit = True
        self._ending.add(running)
        await self._end()

    async def _end(self) -> None:
        """Wait for what is being shut; who waits may be cancelled, the shutting goes on."""
        if self._ending:
            done, _ = await asyncio.wait(self._ending)
            self._ending -= done


@asynccontextmanager
async def serving(application: Any) -> AsyncIterator[str]:
    """Serve an ASGI application; the address is that of its root, without a slash."""
    site = Site(application)
    await site.open()
    try:
        yield site.url
    finally:
        await site.shut()
