"""A watch on a thread and loop of its own.

A terminal that stops reading blocks whoever draws on it. So what measures and records never
shares a loop with what draws.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Self, TypeVar

from firstwatch.acts import Record
from firstwatch.clock import Clock
from firstwatch.desk import Request
from firstwatch.engine import Receive, Watch
from firstwatch.probe import Extract, Inquiry
from firstwatch.snapshot import Snapshot

T = TypeVar("T")
Open = Callable[[], AbstractContextManager[Watch]]

LOOK = 5.0
"""Real seconds a look may take; the watch may end, or stand still, just as it is asked."""


class Background:
    """Runs a watch in the background; a context manager that ends it."""

    def __init__(self, open_watch: Open) -> None:
        """`open_watch` is called on the new thread: SQLite stays on the thread it began on."""
        self._open = open_watch
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: Watch | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._loop and self._task:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        with self._open() as watch:
            self._watch = watch
            self._task = asyncio.create_task(watch.run())
            self._ready.set()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def failure(self) -> BaseException | None:
        """What ended the watch before it was asked to end."""
        return self._failure

    @property
    def clock(self) -> Clock:
        """The clock of the watch."""
        return self._running.clock

    @property
    def _running(self) -> Watch:
        if self._watch is None or not self._thread.is_alive():
            raise RuntimeError("the watch is not running")
        return self._watch

    def subscribe(self, receive: Receive) -> None:
        """Call `receive` with every snapshot, on the watch's thread. Raises RuntimeError."""
        watch = self._running
        if self._loop:
            self._loop.call_soon_threadsafe(watch.subscribe, receive)

    async def look(self) -> Snapshot:
        """Everything as it stands now. Raises RuntimeError when the watch is not running."""
        return await self._ask(lambda watch: watch.snapshot())

    async def do(self, request: Request) -> Record:
        """Have something recorded that a person did. Raises FirstwatchError, or RuntimeError."""
        return await self._ask(lambda watch: watch.do(request))

    async def inquiry(self, check: str) -> Inquiry:
        """What a reading of that check asks. Raises RuntimeError when no watch runs."""
        return await self._ask(lambda watch: watch.inquiry(check))

    async def records(self, source: str, kinds: Sequence[str], after: int = 0) -> Extract:
        """What a log still has of such records. Raises FirstwatchError, RuntimeError."""
        return await self._ask(lambda watch: watch.records(source, kinds, after))

    async def _ask(self, question: Callable[[Watch], T]) -> T:
        """The watch's answer, given on its own loop."""
        watch, loop = self._running, self._loop
        if loop is None:
            raise RuntimeError("the watch is not running")

        async def take() -> T:
            return question(watch)

        answer = asyncio.run_coroutine_threadsafe(take(), loop)
        return await asyncio.wait_for(asyncio.wrap_future(answer), LOOK)
