"""What a person says of a run of the rollback: it begins, a step is left, it ends."""

from firstwatch.acts import RollbackClosed, RollbackOpened, RollbackStep
from firstwatch.rollback import current
from firstwatch.text import clean
from tui.renderables.ages import clock_time
from tui.renderables.lines import Line, Role
from tui.renderables.rollback import pause_words, price_lines, refusal, seen_lines, window_lines
from tui.renderables.slips import told
from tui.scene import Scene
from tui.screens.form import Field, Form, Recording

WIDTH, SIDES = 78, 6
"""Cells of facts, and of border and padding beside them."""


def width_in(form: Form) -> int:
    """Cells that its facts have."""
    return min(WIDTH, form.size.width - SIDES)


class Opening(Form):
    """Why a run is opened."""

    def __init__(self, scene: Scene, recording: Recording, *, is_drill: bool) -> None:
        wanted = "what is practised" if is_drill else "why going back is better than going on"
        super().__init__(scene, recording, Field("reason", "reason", wanted))
        self._is_drill = is_drill

    def facts(self) -> list[Line]:
        """What it is, the window and the price."""
        if self._is_drill:
            title, role = "Open a drill of the rollback", Role.STRONG
            words = "It is recorded as practice, but the commands are the real ones."
        else:
            title, role = "Open the rollback: this one counts", Role.WARNING
            words = "Nothing is run by it: you do each step, the watch verifies and times it."
        about: list[Line] = [((title, role),), ((words, Role.TEXT),)]
        width = width_in(self)
        return [*about, *window_lines(self.scene, width), *price_lines(self.scene, width)]

    def request(self) -> RollbackOpened | str:
        """The run."""
        asked = RollbackOpened(reason=self.said("reason"), is_drill=self._is_drill)
        return refusal(self.scene, asked) or asked


class Leaving(Form):
    """How a step was left: done, or passed over."""

    def __init__(self, scene: Scene, recording: Recording, number: int, *, is_done: bool) -> None:
        wanted = "what came of it; may stay empty" if is_done else "why it is passed over"
        super().__init__(scene, recording, Field("note", "note", wanted))
        self._number = number
        self._is_done = is_done

    @property
    def _title(self) -> str:
        return clean(self.scene.snapshot.plan.rollback.steps[self._number - 1].title, 80)

    def facts(self) -> list[Line]:
        """The step, what the watch sees of it, and how it was left before."""
        how = "is done" if self._is_done else "is passed over"
        lines: list[Line] = [((f"Step {self._number} {how}: {self._title}", Role.STRONG),)]
        run = self.scene.snapshot.affairs.rollback
        before = run.step(self._number) if run else None
        if before is not None:
            left = "done" if before.act.is_done else "passed over"
            at = clock_time(before.at, seconds=True)
            lines.append(((f"{left} before, at {at} UTC by {clean(before.who, 40)}", Role.DIM),))
        if self._is_done:
            lines += seen_lines(self.scene, self._number, width_in(self))
        return lines

    def request(self) -> RollbackStep | str:
        """The step as it was left."""
        asked = RollbackStep(
            step=self._number, title=self._title, is_done=self._is_done, note=self.said("note")
        )
        return refusal(self.scene, asked) or asked


class Ending(Form):
    """How a run ended: carried out, or called off."""

    def __init__(self, scene: Scene, recording: Recording, *, is_called_off: bool) -> None:
        wanted = "why it is called off" if is_called_off else "how it stands now"
        super().__init__(scene, recording, Field("note", "note", wanted))
        self._is_called_off = is_called_off

    def facts(self) -> list[Line]:
        """What ends, and which step is left."""
        run, plan = self.scene.snapshot.affairs.rollback, self.scene.snapshot.plan
        name = "drill" if run and run.is_drill else "rollback"
        how = "Call the {} off" if self._is_called_off else "End the {}: it was carried out"
        lines: list[Line] = [((how.format(name), Role.STRONG),)]
        step = current(run, plan) if run else 0
        if step:
            title = clean(plan.rollback.steps[step - 1].title, 80)
            lines.append(((f"not done: step {step}, {title}, and what comes after it", Role.TEXT),))
        words = pause_words(self.scene, run) if run else ""
        return [*lines, *told("! ", words, Role.WARNING, width_in(self))]

    def request(self) -> RollbackClosed | str:
        """The end."""
        asked = RollbackClosed(is_called_off=self._is_called_off, note=self.said("note"))
        return refusal(self.scene, asked) or asked
