"""Replay: a watch from its journal on the board, at any speed, forwards and back.

It says REPLAY where a live board has its heart, calls nobody, and records nothing.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from firstwatch.acts import Record
from firstwatch.desk import Request
from firstwatch.errors import JournalError, Missing, Refused
from firstwatch.handoff import Documents
from firstwatch.past import Past, parted
from firstwatch.plan import Notify, Plan
from firstwatch.probe import Extract, Inquiry
from firstwatch.replay import AsOf, Recorded
from firstwatch.snapshot import Snapshot
from firstwatch.timeline import Chronicle, chronicle
from tui.app import Board
from tui.messages import LogWanted
from tui.scene import Scene
from tui.screens.watch import WatchScreen
from tui.terminal import Look
from tui.watching import Drill, Portrait

REFUSAL: Final = "this is a replay: nothing can be recorded"
NO_HANDOFF: Final = "this is a replay; `firstwatch handoff` makes one from the journal"
NO_LOG: Final = "this is a replay: what the log said was never recorded"
REFUSALS: Final = {"record": REFUSAL, "handoff": NO_HANDOFF, "log": NO_LOG}
"""What a key says that does nothing here, by what it would do on a watch."""
SPEEDS: Final = (1.0, 5.0, 20.0, 60.0, 300.0, 1200.0)
LOOK_AGAIN: Final = 2.0
"""Real seconds between two looks for what a running watch has written meanwhile."""


@dataclass(slots=True)
class Reel:
    """The clock of a replay: it goes at any speed and can be moved, within what is recorded."""

    begin: float
    end: float
    speed: float
    """Seconds of the watch per real second, while it goes on."""
    shown: float
    """The moment that is on the screen."""
    is_paused: bool = False
    monotonic: Callable[[], float] = time.monotonic
    _moved_at: float | None = None
    """When it was moved last, in real seconds."""
    _from: float = 0.0
    """Where to."""

    @property
    def scale(self) -> float:
        """Seconds of the watch per real second."""
        return 0.0 if self.is_paused else self.speed

    def now(self) -> float:
        """The moment that is on the screen: nothing there is a second older than its clock."""
        return self.shown

    def moment(self) -> float:
        """The moment that should be on the screen."""
        if self._moved_at is None:
            self.move(self.shown)
        went = self.monotonic() - (self._moved_at or 0.0)
        return self.within(self._from + went * self.scale)

    def within(self, at: float) -> float:
        """That moment, or the nearest there is."""
        return min(max(at, self.begin), self.end)

    def move(self, at: float) -> None:
        """Go on from that moment."""
        self._from, self._moved_at = self.within(at), self.monotonic()

    def pause(self, *, is_paused: bool) -> None:
        """Stand still, or go on."""
        self.move(self.moment())
        self.is_paused = is_paused

    def hasten(self, speed: float) -> None:
        """Go on at that speed."""
        self.move(self.moment())
        self.speed = speed

    async def sleep(self, seconds: float) -> None:
        """Nothing sleeps in a replay."""
        raise NotImplementedError


class Replaying:
    """What a board needs of a watch; here there is only a journal behind it."""

    def __init__(self, recorded: Recorded, clock: Reel) -> None:
        self.recorded = recorded
        self.clock = clock
        self._lock = asyncio.Lock()
        self._beat = 0

    @property
    def is_busy(self) -> bool:
        """Whether a moment is being looked at."""
        return self._lock.locked()

    async def look(self, at: float) -> Snapshot:
        """The watch as it stood at that moment."""
        async with self._lock:
            snapshot = await asyncio.to_thread(self.recorded.at, at)
            self._beat += 1
            return replace(snapshot, beat=self._beat)

    async def refresh(self) -> None:
        """Read what was written meanwhile. Raises JournalError."""
        async with self._lock:
            await asyncio.to_thread(self.recorded.refresh)
            self.clock.end = self.recorded.end

    def subscribe(self, receive: Callable[[Snapshot], None]) -> None:
        """The board asks by itself: only it knows when somebody moves the clock."""

    def portray(self, portrait: Portrait) -> None:
        """No flight is recorded."""

    async def do(self, request: Request) -> Record:
        """Refused."""
        del request
        raise Refused(REFUSAL)

    async def handoff(self, shift: str = "") -> Documents:
        """Refused: a handoff is of now."""
        del shift
        raise Refused(NO_HANDOFF)

    async def write(self, handoff: Documents) -> Path:
        """Refused."""
        del handoff
        raise Refused(REFUSAL)

    async def chronicle(self) -> Chronicle:
        """What the journal had of the day at the moment that is shown."""
        async with self._lock:
            return await asyncio.to_thread(chronicle, AsOf(self.recorded, self.clock.shown))

    async def history(self, check_id: str, since: float, until: float, parts: int) -> Past:
        """What had been measured of a check at the moment that is shown."""
        course = self.recorded.courses.get(check_id)
        async with self._lock:
            values = course.between(since, min(until, self.clock.shown)) if course else ()
            return parted(values, since, until, parts)

    async def inquiry(self, check_id: str) -> Inquiry:
        """Nothing is asked in a replay."""
        del check_id
        return Inquiry()

    async def records(self, source: str, kinds: Sequence[str], after: int = 0) -> Extract:
        """None: a journal holds no log."""
        del kinds, after
        raise Missing(f"this is a replay: what {source} said was never recorded")

    async def drills(self) -> Sequence[Drill]:
        """None."""
        return ()

    async def toggle(self, drill: str) -> None:
        """There is nothing to toggle."""
        raise LookupError(drill)


def _key(keys: str, action: str, words: str, tooltip: str, shown: str = "") -> Binding:
    """A key of the replay; `shown` is how the foot of the board calls it."""
    name = f"replay-{words}"
    return Binding(
        keys, action, shown or words, id=name, show=bool(shown), priority=True, tooltip=tooltip
    )


def _refused(keys: str, what: str, words: str) -> Binding:
    """Keys of a watch that do nothing here but say why; help and palette do not offer them."""
    action, name = f"refuse('{what}')", f"replay-{words}"
    return Binding(
        keys, action, id=name, show=False, priority=True, system=True, tooltip=REFUSALS[what]
    )


class ReplayBoard(Board):
    """The board on a journal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("space", "play", "pause", "Stand still, or go on", "pause"),
        _key("left", "seek(-300)", "back", "Five minutes back", "5m"),
        _key("right", "seek(300)", "on", "Five minutes on", "5m"),
        _key("[,shift+left", "seek(-3600)", "hour-back", "An hour back", "1h"),
        _key("],shift+right", "seek(3600)", "hour-on", "An hour on", "1h"),
        _key("comma", "flip(-1)", "flip-before", "To the flip before", "flip"),
        _key(".", "flip(1)", "flip-next", "To the next flip", "flip"),
        _key("home", "first", "begin", "To the beginning"),
        _key("end", "last", "end", "To the end; of a running watch, to now"),
        _key("+", "pace(1)", "faster", "Faster", "faster"),
        _key("-", "pace(-1)", "slower", "Slower", "slower"),
        _refused("s,a,n,p,e,o", "record", "refuse"),
        _refused("h,b", "handoff", "no-handoff"),
        _refused("l", "log", "no-log"),
    ]

    def __init__(
        self,
        replaying: Replaying,
        plan: Plan,
        theme: str | None = None,
        *,
        look: Look | None = None,
        notice: str = "",
    ) -> None:
        """`notice` is said when it opens."""
        quiet = {"bell": (), "notify": Notify.OFF}
        plan = plan.model_copy(update={"watch": plan.watch.model_copy(update=quiet)})
        super().__init__(replaying, plan, theme, look=look)
        self._replaying = replaying
        self._reel = replaying.clock
        self._notice = notice
        self._moves = 0
        self._unread = ""
        self._looked_at = time.monotonic()

    async def on_ready(self) -> None:
        """Show the first moment, and say what is to be said."""
        if self._notice:
            self._say(self._notice, "warning")
        await self._go_to(self._reel.shown)

    def scene(self) -> Scene | None:
        """The scene, marked as what it is."""
        scene = super().scene()
        return None if scene is None else replace(scene, replay=self._mark())

    def _mark(self) -> str:
        reel = self._reel
        if reel.is_paused:
            return "REPLAY paused"
        return "REPLAY, its end" if reel.shown >= reel.end else f"REPLAY {reel.speed:g}×"

    def _tick(self) -> None:
        self._job.look()
        self.run_worker(self._go_on(), group="replay", exit_on_error=False)

    async def _go_on(self) -> None:
        if self._replaying.is_busy:
            return
        now, moves = time.monotonic(), self._moves
        if now - self._looked_at >= LOOK_AGAIN:
            self._looked_at = now
            await self._look_again()
        snapshot = await self._replaying.look(self._reel.moment())
        if moves == self._moves:
            self._show_moment(snapshot)

    async def _look_again(self) -> None:
        """Read what was written meanwhile; why that cannot be is said once."""
        before, self._unread = self._unread, ""
        try:
            await self._replaying.refresh()
        except JournalError as error:
            self._unread = str(error)
            if self._unread != before:
                self._say(self._unread, "error")

    async def _go_to(self, at: float) -> None:
        self._moves += 1
        moves = self._moves
        snapshot = await self._replaying.look(self._reel.within(at))
        if moves == self._moves:
            self._reel.move(snapshot.at)
            self._show_moment(snapshot)

    def _show_moment(self, snapshot: Snapshot) -> None:
        self._reel.shown = snapshot.at
        self.snapshot = snapshot

    async def action_seek(self, seconds: int) -> None:
        """Move by so many seconds."""
        await self._go_to(self._reel.moment() + seconds)

    async def action_first(self) -> None:
        """Go to the beginning."""
        await self._go_to(self._reel.begin)

    async def action_last(self) -> None:
        """Go to the end."""
        await self._go_to(self._reel.end)

    async def action_flip(self, step: int) -> None:
        """Go to the flip before or after, and stand still there."""
        recorded, now = self._replaying.recorded, self._reel.moment()
        at = recorded.flip_after(now) if step > 0 else recorded.flip_before(now)
        if at is None or not self._reel.begin <= at <= self._reel.end:
            self._say("there is no flip after this" if step > 0 else "there is no flip before this")
            return
        self._reel.pause(is_paused=True)
        await self._go_to(at)

    def action_play(self) -> None:
        """Stand still, or go on."""
        self._reel.pause(is_paused=not self._reel.is_paused)
        self._show()

    def action_pace(self, step: int) -> None:
        """The next speed, or the one before."""
        faster = [speed for speed in SPEEDS if speed > self._reel.speed]
        slower = [speed for speed in SPEEDS if speed < self._reel.speed]
        if step > 0 and faster:
            self._reel.hasten(faster[0])
        elif step < 0 and slower:
            self._reel.hasten(slower[-1])
        self._show()

    def action_refuse(self, what: str) -> None:
        """Say why that cannot be done."""
        self._say(REFUSALS[what])

    def on_log_wanted(self, message: LogWanted) -> None:
        """Refused: what stands over the board has its own key for the log."""
        message.prevent_default()
        self._say(NO_LOG)

    def action_sign(self) -> None:
        """Refused."""
        self._say(REFUSAL)

    async def action_quit(self) -> None:
        """Leave; there is no watch that would end."""
        self.exit(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the replay work on the board, and not in what is open over it."""
        if action in ("play", "seek", "first", "last", "flip", "pace", "refuse"):
            return isinstance(self.screen, WatchScreen)
        return super().check_action(action, parameters)
