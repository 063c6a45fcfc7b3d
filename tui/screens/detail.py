"""One check in full, with the chart of its past."""

import asyncio
from contextlib import suppress
from typing import ClassVar, Protocol, cast

from textual.binding import Binding, BindingType
from textual.worker import Worker

from firstwatch.errors import FirstwatchError
from firstwatch.past import remembered
from firstwatch.runbook import runbook
from firstwatch.text import clean
from tui.messages import LogWanted
from tui.renderables.chart import SPANS, Span
from tui.renderables.detail import Lookup, detail_lines, detail_text
from tui.renderables.lines import Line
from tui.renderables.plotting import load
from tui.scene import Scene, turned_at
from tui.screens.plain import Plain
from tui.screens.view import PLAINLY, View
from tui.watching import Watching

SOONEST, LATEST = 5.0, 60.0
"""Real seconds between two looks into the past: when the next part of it is over, within these."""
SHARE = 3
"""The chart may have one of so many lines in sight,"""
LOWEST, HIGHEST = 6, 18
"""and that many at least and at most."""
SCANT = 14
"""Where fewer lines than this are in sight the chart gives way to words."""
MOST_PARTS = 300


class Behind(Protocol):
    """An app with a watch behind it."""

    @property
    def watching(self) -> Watching:
        """That watch."""


class Detail(View):
    """All that the watch knows of one check; goes on living while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "[,left",
            "span(-1)",
            "shorter",
            id="detail-shorter",
            show=False,
            tooltip="A chart that looks less far back",
        ),
        Binding(
            "],right",
            "span(1)",
            "longer",
            id="detail-longer",
            show=False,
            tooltip="A chart that looks further back",
        ),
        Binding("c", "copy(1)", "copy", id="detail-copy", tooltip="Copy the first command"),
        Binding(
            "1,2,3,4,5,6,7,8,9",
            "copy_numbered",
            "copy that one",
            id="detail-copy-numbered",
            show=False,
            tooltip="Copy the command with this number",
        ),
        Binding(
            "y",
            "copy_all",
            "copy all",
            id="detail-copy-all",
            tooltip="Copy all that is said of the check, as text",
        ),
        Binding(
            "p",
            "plain",
            "plain",
            id="detail-plain",
            tooltip="The same as plain text, to select with the terminal's mouse",
        ),
        Binding(
            "l",
            "log",
            "log",
            id="detail-log",
            show=False,
            tooltip="The log; of a check in trouble, at the moment that began",
        ),
    ]
    KEYS: ClassVar[str] = "[ ] range · l log · c y p copy · esc back"
    # In a chart a reversed cell would hide the curve.
    DEFAULT_CSS = """
    Detail .box Sheet > .role--critical { text-style: bold; }
    """

    def __init__(self, check_id: str, scene: Scene) -> None:
        super().__init__(scene)
        self._check_id = check_id
        self._lookup = Lookup()
        self._span = self._lookup.span
        self._due = 0.0
        self._is_looking = False

    def heading(self) -> str:
        """The check, and how far back its chart looks."""
        state = self.scene.snapshot.check(self._check_id)
        title = clean(state.check.title if state else self._check_id, 60)
        return f"{title} · last {self._lookup.span.name}"

    def footing(self, more: int) -> str:
        """The keys; no log was recorded that a replay could show."""
        keys = super().footing(more)
        return keys.replace("l log · ", "") if self.scene.replay else keys

    def lines(self, width: int) -> list[Line]:
        """All there is to say, the chart as high as there is room."""
        chart = min(max(self.room // SHARE, LOWEST), HIGHEST) if self.room >= SCANT else 1
        return detail_lines(self._check_id, self.scene, width, self._lookup, chart=chart)

    def refit(self) -> None:
        """Lay it out anew, and look up as much of the past as there is room for."""
        super().refit()
        self._look_up()

    def show(self, scene: Scene) -> None:
        """Show the newest state, and look into the past once more when it is time."""
        super().show(scene)
        self._look_up()

    def action_span(self, by: int) -> None:
        """Look further back, or less far."""
        at = SPANS.index(self._span) + by
        if 0 <= at < len(SPANS):
            self._span, self._due = SPANS[at], 0.0
            self._look_up()

    def _look_up(self) -> None:
        """Look up the past and what is asked, unless that was done just now, or is being done."""
        now = asyncio.get_running_loop().time()
        if not self._is_looking and now >= self._due and self.is_attached:
            self._is_looking = True
            # Not called here: this may be closed before the worker begins.
            _: Worker[None] = self.run_worker(self._looked_up, group="lookup", exit_on_error=False)

    async def _looked_up(self) -> None:
        """Look, and once more where another stretch has been chosen meanwhile."""
        try:
            span = None
            while span is not self._span:
                span = self._span
                self._lookup = await self._found(span)
                self.redraw()
        finally:
            self._is_looking = False

    async def _found(self, span: Span) -> Lookup:
        """The past of the check, out of the journal or else the snapshot, and what it asks."""
        watching = cast("Behind", self.app).watching
        now, parts = self.scene.now, min(max(self.size.width - 12, 10), MOST_PARTS)
        since, until = span.window(now, parts)
        inquiry, pause = self._lookup.inquiry, LATEST
        try:
            pause = span.seconds / parts / (watching.clock.scale or 1.0)
            past = await watching.history(self._check_id, since, until, parts)
        except (FirstwatchError, RuntimeError, OSError):
            state = self.scene.snapshot.check(self._check_id)
            past = remembered(state, now, since, until, parts)
        with suppress(FirstwatchError, RuntimeError, OSError):
            inquiry = await watching.inquiry(self._check_id)
        await asyncio.to_thread(load)
        self._due = asyncio.get_running_loop().time() + min(max(pause, SOONEST), LATEST)
        return Lookup(span, past, inquiry)

    def action_copy_numbered(self) -> None:
        """Copy the command whose number was pressed."""
        self.action_copy(int(self.pressed) if self.pressed.isdecimal() else 1)

    def action_copy(self, number: int) -> None:
        """Copy the command with this number."""
        commands = runbook(self._check_id, self.scene.snapshot).commands
        if number <= len(commands):
            self.copy(commands[number - 1].command, PLAINLY)
        elif commands:
            self.say(f"no command {number}: there are {len(commands)}")
        else:
            self.say("no command to copy: the plan has none for this check")

    def action_copy_all(self) -> None:
        """Copy the whole check as text."""
        self.copy(detail_text(self._check_id, self.scene, lookup=self._lookup), PLAINLY)

    def action_plain(self) -> None:
        """Show the whole check as text alone."""
        text = detail_text(self._check_id, self.scene, self.app.size.width, self._lookup)
        _ = self.app.push_screen(Plain(text))

    def action_log(self) -> None:
        """Open the log."""
        self.post_message(LogWanted(turned_at(self.scene, self._check_id), self._check_id))
