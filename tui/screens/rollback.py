"""The way back: its window, its price, and the steps of a run, of which a person does each."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from firstwatch.acts import RollbackOpened, RollbackStep
from firstwatch.plan import Step
from firstwatch.rollback import current
from tui.renderables.lines import Line
from tui.renderables.rollback import BACKFILL, refusal, rollback_lines, shown_step
from tui.scene import Scene
from tui.screens.form import Recording
from tui.screens.plain import Plain
from tui.screens.run import Ending, Leaving, Opening
from tui.screens.view import PLAINLY, View


class WayBack(View):
    """Prints, verifies and times the steps of the rollback; it runs none of them."""

    KEYS: ClassVar[str] = "tab step · c copy · r back"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "o",
            "open(False)",
            "open",
            id="rollback-open",
            show=False,
            tooltip="Open a run of the rollback, with its reason",
        ),
        Binding(
            "d",
            "open(True)",
            "drill",
            id="rollback-drill",
            show=False,
            tooltip="Open a drill: the same steps, only practised",
        ),
        Binding(
            "enter",
            "leave(True)",
            "done",
            id="rollback-done",
            show=False,
            tooltip="The step under the cursor is done",
        ),
        Binding(
            "x",
            "leave(False)",
            "pass over",
            id="rollback-pass",
            show=False,
            tooltip="Pass over the step under the cursor, with a reason",
        ),
        Binding(
            "f",
            "end(False)",
            "end",
            id="rollback-end",
            show=False,
            tooltip="End the run: it was carried out",
        ),
        Binding(
            "u",
            "end(True)",
            "call off",
            id="rollback-off",
            show=False,
            tooltip="Call the run off, with a reason",
        ),
        Binding(
            "tab", "step(1)", "next step", id="rollback-next", show=False, tooltip="The next step"
        ),
        Binding(
            "shift+tab",
            "step(-1)",
            "step before",
            id="rollback-previous",
            show=False,
            tooltip="The step before",
        ),
        Binding(
            "c",
            "copy",
            "copy",
            id="rollback-copy",
            show=False,
            tooltip="Copy the command of the step under the cursor",
        ),
        Binding(
            "p",
            "plain",
            "plain",
            id="rollback-plain",
            show=False,
            tooltip="That command as plain text, to select with the terminal's mouse",
        ),
        Binding(
            "b",
            "backfill",
            "back-fill",
            id="rollback-backfill",
            show=False,
            tooltip="Copy the command that writes what to fetch again from Chatwoot",
        ),
        Binding("r", "away", "back", id="rollback-back", show=False, tooltip="Back to the board"),
    ]

    def __init__(self, scene: Scene, recording: Recording) -> None:
        super().__init__(scene)
        self._recording = recording
        self._chosen = (0, 0)
        self._in_sight = 0

    @property
    def _current(self) -> int:
        run = self.scene.snapshot.affairs.rollback
        return current(run, self.scene.snapshot.plan) if run else 0

    @property
    def _number(self) -> int:
        """The step under the cursor, from 1: the chosen one, until another one is to be done."""
        chosen, of = self._chosen
        return shown_step(self.scene, chosen if of == self._current else 0)

    @property
    def _step(self) -> Step | None:
        steps = self.scene.snapshot.plan.rollback.steps
        return steps[self._number - 1] if steps else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A run is taken down only while somebody watches."""
        if action in ("open", "leave", "end"):
            return not self.scene.replay
        return super().check_action(action, parameters)

    def heading(self) -> str:
        """What it is."""
        return "rollback"

    def lines(self, width: int) -> list[Line]:
        """Window, price, run, steps, and the step under the cursor in full."""
        lines, at = rollback_lines(self.scene, self._number, width)
        if self._number != self._in_sight:
            self._in_sight = self._number
            self.reveal(at)
        return lines

    def action_step(self, by: int) -> None:
        """Move the cursor over the steps."""
        steps = len(self.scene.snapshot.plan.rollback.steps)
        if steps:
            self._chosen = (self._number - 1 + by) % steps + 1, self._current
            self.redraw()

    def action_open(self, is_drill: bool) -> None:  # noqa: FBT001 - what a binding passes
        """Ask for the reason of a run."""
        run = self.scene.snapshot.affairs.rollback
        if run is not None:
            self.say("a run is under way already: f ends it, u calls it off")
        elif self._step is None:
            self.say("the plan has no steps for the way back")
        elif problem := self._refused(is_drill=is_drill):
            self.say(problem)
        else:
            _ = self.app.push_screen(Opening(self.scene, self._recording, is_drill=is_drill))

    def action_leave(self, is_done: bool) -> None:  # noqa: FBT001 - what a binding passes
        """Take down that the step under the cursor is done, or passed over."""
        if not self._is_run():
            return
        # A word that any step may be left with, so that only its turn can be in the way.
        problem = refusal(self.scene, RollbackStep(step=self._number, title="", note="left"))
        if problem and self._step is not None:
            self.say(problem)
        else:
            left = Leaving(self.scene, self._recording, self._number, is_done=is_done)
            _ = self.app.push_screen(left)

    def action_end(self, is_called_off: bool) -> None:  # noqa: FBT001 - what a binding passes
        """Take down that the run is over."""
        if self._is_run():
            _ = self.app.push_screen(
                Ending(self.scene, self._recording, is_called_off=is_called_off)
            )

    def _is_run(self) -> bool:
        is_run = self.scene.snapshot.affairs.rollback is not None
        if not is_run:
            opens = "d opens a drill" if self._refused() else "o opens one, d a drill"
            self.say(f"no run is under way: {opens}")
        return is_run

    def _refused(self, *, is_drill: bool = False) -> str:
        """Why no run may begin now; empty where one may."""
        # A reason that any run may have, so that only the window can be in the way.
        return refusal(self.scene, RollbackOpened(reason="asked", is_drill=is_drill))

    def action_copy(self) -> None:
        """Copy the command of the step under the cursor."""
        step = self._step
        if step is None or not step.command:
            self.say("this step has no command to copy")
        else:
            self.copy(step.command, PLAINLY)

    def action_backfill(self) -> None:
        """Copy the command that writes what to fetch again."""
        self.copy(BACKFILL, PLAINLY)

    def action_plain(self) -> None:
        """Show the command of the step under the cursor as text alone."""
        if self._step is not None and self._step.command:
            _ = self.app.push_screen(Plain(self._step.command))
