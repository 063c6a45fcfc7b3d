"""The day in full: one strip, and everything that happened, to be walked through."""

import operator
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input
from textual.worker import Worker

from firstwatch.errors import FirstwatchError
from firstwatch.text import clean
from firstwatch.timeline import Chronicle, Event, Kind
from firstwatch.verdict import Level
from tui.past import Past
from tui.renderables.day import Day, Frame, Painter, frame_of, gaps_of
from tui.renderables.lines import Line
from tui.renderables.timeline import Shown, beyond_hour, chosen, counted, timeline_lines
from tui.scene import Scene
from tui.screens.detail import Detail
from tui.screens.record import RecordView
from tui.screens.view import View
from tui.widgets.line_input import LineInput

Recall = Callable[[], Awaitable[Chronicle]]
"""Asks the journal for what it remembers; raises `FirstwatchError` or `OSError`."""


class Timeline(View):
    """Everything that happened, with a cursor that has a mark on the strip above.

    Changes of the whole day are asked of the journal once; those that come later are in the
    snapshots.
    """

    AUTO_FOCUS = ""
    KEYS: ClassVar[str] = "1–5 kind · / find · ←→ hour · enter open · esc back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "open",
            "open",
            id="timeline-open",
            show=False,
            tooltip="The check, or the round's record, or all of what was written",
        ),
        Binding(
            "left,H",
            "hour(-1)",
            "hour back",
            id="timeline-hour-back",
            show=False,
            tooltip="To what happened in an hour before",
        ),
        Binding(
            "right,L",
            "hour(1)",
            "hour on",
            id="timeline-hour-on",
            show=False,
            tooltip="To what happened in an hour after",
        ),
        Binding("1", "kind('')", "all", id="timeline-all", show=False, tooltip="Everything"),
        Binding(
            "2",
            "kind('trouble')",
            "trouble",
            id="timeline-trouble",
            show=False,
            tooltip="Trouble alone, each stretch of it in one line",
        ),
        Binding(
            "3",
            "kind('rounds')",
            "rounds",
            id="timeline-rounds",
            show=False,
            tooltip="What the rounds came to",
        ),
        Binding(
            "4",
            "kind('people')",
            "people",
            id="timeline-people",
            show=False,
            tooltip="What people did",
        ),
        Binding(
            "5",
            "kind('watch')",
            "watch",
            id="timeline-watch",
            show=False,
            tooltip="The watch itself: when it began, when it was blind",
        ),
        Binding(
            "slash",
            "find",
            "find",
            id="timeline-find",
            show=False,
            tooltip="Only what contains these words; escape lets go of them",
        ),
    ]
    DEFAULT_CSS = """
    Timeline Input, Timeline Input:focus {
        height: 1; background: $panel; background-tint: transparent;
    }
    """

    def __init__(self, scene: Scene, recall: Recall) -> None:
        super().__init__(scene)
        self._recall = recall
        self._past = Past()
        self._kind: Kind | None = None
        self._text = ""
        self._asked: tuple[object, ...] = ()
        self._shown: tuple[Event, ...] = ()
        self._counts = counted((), {})
        self._here = ""
        """The key of the event under the cursor; without one it stays on the newest."""
        self._at = self._first = 0
        """Where that is in the list, and which is the first in sight."""
        self._painter: Painter | None = None
        self._painted: tuple[object, ...] = ()
        self._worst: tuple[Level | None, ...] = ()

    def framed(self) -> ComposeResult:
        """The list, and the field of what is looked for."""
        yield from super().framed()
        yield LineInput(placeholder="find", compact=True)

    def on_mount(self) -> None:
        """Ask the journal."""
        self._show_field(visible=False)
        self._past.follow(self.scene)
        self._remember()

    def _remember(self) -> None:
        # Not called here: this may be closed before the worker begins.
        _: Worker[None] = self.run_worker(
            self._ask, group="chronicle", exclusive=True, exit_on_error=False
        )

    async def _ask(self) -> None:
        try:
            self._past.remember(await self._recall())
            self._painter = None
        except (FirstwatchError, OSError, RuntimeError) as error:
            self._past.fail(clean(str(error)))
        self._past.follow(self.scene)
        self.redraw()

    def show(self, scene: Scene) -> None:
        """Show the newest state; ask again if more came than a snapshot holds."""
        self.scene = scene
        if not self._past.follow(scene):
            self._remember()
        self.redraw()

    def heading(self) -> str:
        """What is looked for."""
        kind = self._kind.value if self._kind else "all"
        found = f' with "{clean(self._text, 30)}"' if self._text else ""
        return f"timeline · {kind}{found}"

    def lines(self, width: int) -> list[Line]:
        """The strip, and as much of the list as there is room for."""
        self._choose()
        day = Day(frame_of(self.scene, width), self._past.others, at=self._moment)
        shown = Shown(
            replace(day, worst=self._paint(day.frame)),
            self._shown,
            self._counts,
            self._past.episodes,
            self._kind,
            self._text,
            self._at,
            notice=self._past.problem,
        )
        room = shown.list_height(self.room)
        self._first = min(self._first, self._at, max(len(self._shown) - room, 0))
        self._first = max(self._first, self._at - room + 1)
        return timeline_lines(self.scene, replace(shown, top=self._first), width, self.room)

    @property
    def _moment(self) -> float | None:
        return self._shown[self._at].at if self._shown else None

    def _choose(self) -> None:
        """Choose anew if something happened, or something else is asked for.

        The event under the cursor keeps it, and its line.
        """
        asked = (self._past.events, self._kind, self._text)
        if len(self._asked) == len(asked) and all(map(operator.is_, asked, self._asked)):
            return
        self._asked = asked
        self._counts = counted(self._past.events, self._past.episodes)
        self._shown = chosen(*asked, self._past.episodes)
        keys = (number for number, event in enumerate(self._shown) if event.key == self._here)
        at = next(keys, 0)
        self._first = max(self._first + at - self._at, 0)
        self._at = at

    def _paint(self, frame: Frame) -> tuple[Level | None, ...] | None:
        """The worst of every cell; painted anew for a new change, or when now is in another."""
        if not self._past.flips:
            return None
        if self._painter is None or self._painter.frame != frame:
            self._painter, self._painted = Painter(frame), ()
        gaps, now = gaps_of(self.scene), self.scene.now
        wanted = (gaps, frame.cell(now), len(self._past.flips))
        if wanted != self._painted:
            self._painted = wanted
            self._worst = self._painter.cells(self._past.flips, gaps, now)
        return self._worst

    def _go(self, at: int) -> None:
        """Move the cursor there."""
        self._at = max(min(at, len(self._shown) - 1), 0)
        self._here = self._shown[self._at].key if self._at else ""
        self.redraw()

    def action_scroll(self, by: int) -> None:
        """Move the cursor by so many events."""
        self._go(self._at + by)

    def action_top(self) -> None:
        """To the newest, and on to whatever comes."""
        self._go(0)

    def action_bottom(self) -> None:
        """To the oldest."""
        self._go(len(self._shown) - 1)

    def action_hour(self, way: int) -> None:
        """To the next event of another hour since the launch, earlier or later."""
        self._go(beyond_hour(self._shown, self._at, way, self.scene.snapshot.launch))

    def action_kind(self, kind: str) -> None:
        """Show one kind alone, or all."""
        self._kind = Kind(kind) if kind else None
        self.redraw()

    def action_open(self) -> None:
        """Open the check or the record under the cursor."""
        if not self._shown:
            return
        event = self._shown[self._at]
        if event.check and self.scene.snapshot.check(event.check):
            _ = self.app.push_screen(Detail(event.check, self.scene))
        else:
            _ = self.app.push_screen(RecordView(self.scene, event))

    def action_find(self) -> None:
        """Ask for the words to look for."""
        self._show_field(visible=True)
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for them while they are typed."""
        event.stop()
        self._text = event.value.strip()
        self.redraw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the list of what was found."""
        event.stop()
        self._show_field(visible=False)

    def action_away(self) -> None:
        """Let go of the words first, then back to the board."""
        if self._text or self.query_one(Input).display:
            self.query_one(Input).value = self._text = ""
            self._show_field(visible=False)
            self.redraw()
        else:
            super().action_away()

    def _show_field(self, *, visible: bool) -> None:
        field = self.query_one(Input)
        field.cursor_blink = False
        field.can_focus = field.display = visible
        self.call_after_refresh(self.redraw)
