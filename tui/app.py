"""The board."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import ClassVar, Literal

from rich.text import Text
from textual import events
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from firstwatch import crash
from firstwatch.acts import Record
from firstwatch.desk import Request
from firstwatch.episodes import Flip
from firstwatch.errors import FirstwatchError
from firstwatch.handoff import Documents
from firstwatch.masking import names_of
from firstwatch.plan import Notify, Plan
from firstwatch.secrecy import secrets_of
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean, clean_lines
from tui.calls import Bell, Title, title_kept, title_sequence, title_words
from tui.clipboard import copy
from tui.draft import Draft
from tui.jobs import NOT_BLIND, STOP, Job, missed_words
from tui.messages import CopyWanted, LogWanted, SnapshotArrived
from tui.notices import Notices, notice_sequence
from tui.portrait import portrait_of
from tui.renderables.heading import waiting_line
from tui.renderables.lines import to_ascii
from tui.scene import Scene, scene_of
from tui.screens.card import Card
from tui.screens.dialog import LiveDialog
from tui.screens.drills import Drills
from tui.screens.guide import Guide, bindings_of, keys_of
from tui.screens.leave import Leave
from tui.screens.log import Log
from tui.screens.missed import Missed
from tui.screens.preview import Preview
from tui.screens.watch import WatchScreen
from tui.signing import nothing_to_sign, recorded, signable, unexplained
from tui.slot import LatestSnapshot
from tui.terminal import Look
from tui.theming import Themed
from tui.watching import Watching

TICK = 1.0
"""Real seconds between two looks at the clock."""
PATIENCE = 5.0
"""Real seconds the terminal has to take its leave once the board was told to end."""
HELD_FOR = 300.0
"""Real seconds for which the rows may be held still."""
PULSE = 0.9
"""Real seconds between two turns of the heart, however fast the engine beats."""


class Board(Themed):
    """The watch on a screen. It shows the snapshots it is handed and measures nothing itself."""

    TITLE = "firstwatch"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sign", "sign", id="sign", tooltip="The card of the round, to sign it"),
        Binding("question_mark", "guide", "help", id="help", tooltip="Keys and glyphs"),
        Binding(
            "h", "handoff", "handoff", id="handoff", tooltip="Read the handoff, write it, copy it"
        ),
        Binding(
            "b",
            "breath",
            "chat",
            id="breath",
            show=False,
            tooltip="Copy how it stands, in two lines for the chat",
        ),
        Binding(
            "x", "drills", "drills", id="drills", tooltip="Strike or cure an incident (rehearsal)"
        ),
        Binding(
            "space",
            "hold",
            "pause",
            id="hold",
            show=False,
            tooltip="Hold the rows still, or let them go on",
        ),
        Binding("t", "next_theme", "theme", id="theme", tooltip="The next theme"),
        Binding(
            "T",
            "themes",
            "themes",
            id="themes",
            show=False,
            tooltip="All themes, each shown while the cursor is on it",
        ),
        Binding("q", "quit", "quit", id="quit", tooltip="Leave the watch, after a question"),
        Binding(
            "ctrl+q,ctrl+c",
            "quit",
            "quit",
            id="quit-anywhere",
            show=False,
            priority=True,
            tooltip="Leave the watch, after a question",
        ),
        STOP,
    ]

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False, always_update=True)
    """The latest one; None until the watch has sent any."""

    def __init__(
        self,
        watching: Watching,
        plan: Plan,
        theme: str | None = None,
        *,
        look: Look | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(theme or plan.watch.theme, look or Look())
        self._watching = watching
        self._plan = plan
        self._monotonic = monotonic
        self._beat_at = monotonic()
        self._pulse = False
        self._pulse_at = self._beat_at
        self._can_drill = False
        self._slot: LatestSnapshot | None = None
        self._drafts: dict[int, Draft] = {}
        self._bell, self._title = Bell(plan.watch.bell), Title()
        self._notices = Notices()
        self._has_title = plan.watch.title and not self._look.is_plain
        self._job = Job(self, self._came_back, has_title=self._has_title)
        self._seen: frozenset[Flip] | None = None
        self._held_at: float | None = None
        self.set_keymap(plan.keys)

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII may be drawn."""
        return self._look.ascii_only

    @property
    def watching(self) -> Watching:
        """The watch behind it, for screens that look something up."""
        return self._watching

    def get_default_screen(self) -> Screen[None]:
        """The watch."""
        return WatchScreen(self.record, self._watching, ascii_only=self.ascii_only)

    async def attend(self) -> int:
        """Show it until it is left; 0, or 1 if it crashed."""
        with title_kept(wanted=self._has_title):
            await self.run_async(mouse=False)
        return self.return_code or 0

    def on_mount(self) -> None:
        """Choose the theme, subscribe to the watch, start the clock."""
        for line in self.dress():
            self._say(line, "warning")
        loop = asyncio.get_running_loop()
        self._leave_on_signals(loop)
        self._job.begin(loop)
        self._slot = LatestSnapshot(loop, self._deliver)
        self._watching.subscribe(self._slot.put)
        self._watching.portray(partial(portrait_of, self))
        self.set_interval(TICK, self._tick)
        self.run_worker(self._look_for_drills(), group="drills", exit_on_error=False)

    def on_unmount(self) -> None:
        """Be no job any more."""
        self._job.end()

    def _leave_on_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """End cleanly, terminal restored, when the session or the machine goes down.

        A terminal that nobody reads holds the loop up; then it ends without restoring it.
        """

        def leave(_number: int, _frame: object) -> None:
            loop.call_soon_threadsafe(self.exit, 0)
            hurry = threading.Timer(PATIENCE, os._exit, (0,))
            hurry.daemon = True
            hurry.start()

        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(ValueError):  # only the main thread may
                signal.signal(number, leave)

    def action_stop(self) -> None:
        """Stop, together with whatever stands between the shell and us."""
        if self._driver is not None and self._driver.can_suspend:
            os.killpg(os.getpgrp(), signal.SIGTSTP)

    def _came_back(self, stood: float) -> None:
        """Say what became of the watch while the board was not to be seen."""
        self._title = Title()
        self._say(missed_words(stood), "warning" if stood >= NOT_BLIND else "information")

    async def on_event(self, event: events.Event) -> None:
        """Whoever presses a key has seen what is on the board."""
        if isinstance(event, events.Key) and not event.is_forwarded and self.snapshot is not None:
            self._seen = frozenset(self.snapshot.flips)
        await super().on_event(event)

    def _deliver(self) -> None:
        snapshot = self._slot.take() if self._slot else None
        if snapshot is not None:
            self.post_message(SnapshotArrived(snapshot))

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Show it."""
        self.snapshot = message.snapshot

    def watch_snapshot(self, old: Snapshot | None, new: Snapshot | None) -> None:
        """Note the beat, and show what is new."""
        if new is None:
            return
        now = self._monotonic()
        if self._seen is None:
            self._seen = frozenset(new.flips)
        if old is None or new.beat != old.beat:
            self._beat_at = now
            if old is not None and now - self._pulse_at >= PULSE:
                self._pulse, self._pulse_at = not self._pulse, now
        notice = new.flights.notice
        if notice and (old is None or notice != old.flights.notice):
            self._say(notice, "warning")
        self._show()

    def _tick(self) -> None:
        """Clocks, countdown and ages go on by themselves, even if no snapshot comes."""
        self._job.look()
        waiting = self._slot.take() if self._slot else None
        if waiting is not None:
            self.snapshot = waiting
        else:
            self._show()

    def scene(self) -> Scene | None:
        """What is to be seen now; None before the first snapshot."""
        if self.snapshot is None:
            return None
        return scene_of(
            self.snapshot,
            self._watching.clock.now(),
            silent=self._monotonic() - self._beat_at,
            pulse=self._pulse,
            glyphs=self._look.glyphs,
            seen=self._seen,
            held=self._held(),
        )

    def _held(self) -> float | None:
        """Real seconds for which the rows have been held; not for ever: somebody may forget it."""
        if self._held_at is None:
            return None
        lasts = self._monotonic() - self._held_at
        if lasts < HELD_FOR:
            return lasts
        self._held_at = None
        self._say("no longer paused: the rows are live again")
        return None

    def action_hold(self) -> None:
        """Hold the rows still, or let them go on; clocks, verdict and countdown never stop."""
        self._held_at = self._monotonic() if self._held_at is None else None
        self._show()

    @property
    def _in_sight(self) -> Sequence[Screen[object]]:
        """The screens of which something is to be seen: none that another one hides."""
        stack = self.screen_stack
        hiding = (n for n, screen in enumerate(stack) if screen.styles.background.a == 1)
        return stack[max(hiding, default=0) :]

    def pop_screen(self) -> AwaitComplete:
        """Close what is open; what it hid is shown as it is by now."""
        popped = super().pop_screen()
        self._show()
        return popped

    def _show(self) -> None:
        scene = self.scene()
        for screen in self._in_sight:
            if scene is None:
                if isinstance(screen, WatchScreen) and screen.is_attached:
                    screen.wait(waiting_line(self._monotonic() - self._beat_at))
            elif isinstance(screen, WatchScreen | LiveDialog) and screen.is_attached:
                screen.show(scene)
        if scene is not None and not self._job.is_aside:
            self._call(scene)

    def _call(self, scene: Scene) -> None:
        """Ring and notify for whoever looks elsewhere, say in the title how things are."""
        now, watch = self._monotonic(), self._plan.watch
        if self._bell.rings(scene, now):
            self.bell()
        notice = self._notices.words(scene, now) if watch.notify is not Notify.OFF else ""
        if notice and not self._look.is_plain and self._driver is not None:
            notice = to_ascii(notice) if self.ascii_only else notice
            self._driver.write(notice_sequence(notice, watch.notify, os.environ))
        words = title_words(scene)
        if self._has_title and self._title.changes(words, now) and self._driver is not None:
            words = to_ascii(words) if self.ascii_only else words
            if not self.is_headless:
                self._driver.write(title_sequence(words))

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Draw the board as SVG; what it still has to send to its terminal, it still has to send.

        Textual takes a picture for a painting of the terminal, and forgets what was not yet sent.
        """
        owed = self.screen._compositor._dirty_regions  # noqa: SLF001 - told nowhere else
        before = set(owed)
        svg = super().export_screenshot(title=title, simplify=simplify)
        owed.update(before)
        return svg

    def _say(
        self, text: str, severity: Literal["information", "warning", "error"] = "information"
    ) -> None:
        self.notify(clean_lines(text), severity=severity, markup=False)

    async def record(self, request: Request) -> Record | None:
        """Have something recorded that a person did; None, and said why, where it cannot be."""
        record, why = await self.attempt(request)
        if record is None:
            self._say(f"not recorded: {why}", "error")
        return record

    async def attempt(self, request: Request) -> tuple[Record | None, str]:
        """What was recorded of what a person did, or why nothing could be."""
        try:
            return await self._watching.do(request), ""
        except TimeoutError:
            return None, "the watch gives no answer"
        except (FirstwatchError, RuntimeError, OSError) as error:
            return None, clean(str(error))

    def action_sign(self) -> None:
        """Open the card of the round that may be signed; if none may, say when, or why not."""
        scene = self.scene()
        if scene is None:
            return
        due = signable(scene)
        if due is not None:
            card = Card(scene, due.round.number, self._drafts, self.attempt)
            _ = self.push_screen(card, self._recorded)
        elif not scene.silent and unexplained(scene.snapshot):
            _ = self.push_screen(Missed(scene, self.attempt))
        else:
            self._say(nothing_to_sign(scene))

    def _recorded(self, record: Record | None) -> None:
        if record is not None and self.snapshot is not None:
            self._say(recorded(record, self.snapshot))

    async def action_quit(self) -> None:
        """Ask, then leave."""
        if isinstance(self.screen, Leave):
            _ = self.screen.dismiss(True)
        else:
            lost = self.snapshot.unrecorded if self.snapshot else None
            question = Leave(lost.down_since if lost else None)
            _ = self.push_screen(question, lambda leave: self.exit(0) if leave else None)

    def action_handoff(self) -> None:
        """Open the handoff of this moment."""
        self._work(self._open_handoff)

    def _work(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Have it done in the place of what was asked for before, even if that has not begun."""
        _: Worker[None] = self.run_worker(
            work, group="handoff", exclusive=True, exit_on_error=False
        )

    async def _open_handoff(self) -> None:
        made = await self._made_handoff()
        if made and isinstance(self.screen, WatchScreen):
            _ = self.push_screen(Preview(self._watching, made))

    async def _made_handoff(self) -> Documents | None:
        """The handoff of this moment; None, and said why, where it cannot be made."""
        try:
            return await self._watching.handoff()
        except (FirstwatchError, RuntimeError, OSError) as error:
            self._say(f"no handoff: {error}", "error")
        return None

    def on_log_wanted(self, message: LogWanted) -> None:
        """Open the log."""
        scene = self.scene()
        if scene is not None:
            _ = self.push_screen(Log(scene, self._watching, message.at, message.about))

    def action_breath(self) -> None:
        """Copy how it stands, in two lines."""
        self._work(self._copy_breath)

    async def _copy_breath(self) -> None:
        made = await self._made_handoff()
        if made:
            await self._copy(CopyWanted(made.breath))

    def on_copy_wanted(self, message: CopyWanted) -> None:
        """Copy it; what asked for that may be put away meanwhile."""
        self.run_worker(self._copy(message), group="copy", exclusive=True, exit_on_error=False)

    async def _copy(self, message: CopyWanted) -> None:
        """Copy a text to the clipboard of the terminal, and say what became of it."""
        if self._driver is not None:
            copied = await copy(message.text, self._driver.write, os.environ)
            otherwise = "" if copied.kept or not message.otherwise else f"; {message.otherwise}"
            self._say(f"{copied.words}{otherwise}")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that failed in a way nobody foresaw says so; the board stays."""
        if event.state is WorkerState.ERROR:
            # Only the kind: the text of an unforeseen error may hold a secret.
            kind = type(event.worker.error).__name__
            self._say(f"{event.worker.group} failed unexpectedly: {kind}", "error")

    async def _look_for_drills(self) -> None:
        self._can_drill = bool(await self._watching.drills())
        self.refresh_bindings()

    def action_drills(self) -> None:
        """Open the drills."""
        self.run_worker(self._open_drills(), group="drills", exit_on_error=False)

    async def _open_drills(self) -> None:
        drills = await self._watching.drills()
        if drills:
            _ = self.push_screen(Drills(self._watching, drills))

    def action_guide(self) -> None:
        """Show the keys that work here and what the glyphs mean."""
        _ = self.push_screen(Guide(keys_of(self.screen), self._look.glyphs))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Drills only in a rehearsal; over a dialog only leaving."""
        if action == "drills" and not self._can_drill:
            return False
        if action == "guide":
            return not isinstance(self.screen, Guide)
        if action in ("sign", "handoff", "breath", "drills", "next_theme", "themes", "hold"):
            return isinstance(self.screen, WatchScreen)
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette has every key that works on this screen, and nothing else."""
        for binding, node in bindings_of(screen):
            run = partial(self.run_action, binding.action, node)
            yield SystemCommand(binding.description.capitalize(), binding.tooltip, run)

    def _fatal_error(self) -> None:
        """A crash is reported without values of locals, and its messages are masked."""
        self.bell()
        error = sys.exception()
        if error:
            names = names_of(self.snapshot) if self.snapshot else None
            crash.keep_quiet(secrets_of(self._plan), names)
            self._exit_renderables.append(Text(crash.report(error)))
        self._close_messages_no_wait()
