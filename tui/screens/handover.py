"""Offers the watch, and takes it over."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from firstwatch.acts import HandedOver, TakenOver
from firstwatch.takeover import Asked, questions
from firstwatch.text import clean
from tui.renderables.lines import EMPTY, Line, Role
from tui.scene import Scene
from tui.screens.form import Field, Form, Recording


class Offering(Form):
    """Who should take the watch."""

    def __init__(self, scene: Scene, recording: Recording) -> None:
        super().__init__(
            scene,
            recording,
            Field("to", "to", "who takes the watch"),
            Field("note", "note", "what they should know; may stay empty"),
        )

    def facts(self) -> list[Line]:
        """Who has it, and what comes of an offer."""
        holder = clean(self.scene.snapshot.operator, 40) or "nobody"
        return [
            ((f"Hand the watch over; {holder} has it", Role.STRONG),),
            (("Nothing changes until they press o here, answer and accept.", Role.DIM),),
        ]

    def request(self) -> HandedOver | str:
        """The offer."""
        to = self.said("to")
        return HandedOver(to=to, note=self.said("note")) if to else "say who takes it"


class TakingOver(Form):
    """The questions that the state asks of whoever takes the watch, one after the other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up", "go(-1)", "before", id="takeover-before", show=False, tooltip="Question before"
        ),
        Binding("down", "go(1)", "next", id="takeover-next", show=False, tooltip="Next question"),
        Binding(
            "ctrl+r",
            "withdraw",
            "take the offer back",
            id="takeover-withdraw",
            show=False,
            priority=True,
            tooltip="Take the offer back; nothing changes hands",
        ),
    ]

    def __init__(self, scene: Scene, recording: Recording) -> None:
        super().__init__(scene, recording, Field("answer", "answer"))
        self._by = scene.snapshot.affairs.pending
        self._asked = questions(scene.snapshot)
        self._answers: dict[str, str] = {}
        self._at = 0

    @property
    def _current(self) -> Asked | None:
        """The question that is asked; None once all are answered."""
        return self._asked[self._at] if self._at < len(self._asked) else None

    def on_mount(self) -> None:
        """Ask the first."""
        self._ask()

    def show(self, scene: Scene) -> None:
        """Show the newest facts; an offer that is no more closes it."""
        if scene.snapshot.affairs.pending != self._by:
            _ = self.dismiss(None)
            return
        newest = {asked.key: asked for asked in questions(scene.snapshot)}
        self._asked = tuple(newest.get(asked.key, asked) for asked in self._asked)
        super().show(scene)

    def facts(self) -> list[Line]:
        """Who takes over, the question, and what it can be answered from."""
        affairs, asked = self.scene.snapshot.affairs, self._current
        holder, by = clean(affairs.holder, 40) or "nobody", clean(self._by, 40)
        title = f"{holder} → {by}: take the watch over"
        lines: list[Line] = [((title, Role.STRONG),)]
        if asked is None:
            count = len(self._asked)
            done = f"{count} answered. " if count else ""
            return [*lines, EMPTY, ((f"{done}Enter accepts: {by} has the watch then.", Role.TEXT),)]
        lines.append(((f"question {self._at + 1} of {len(self._asked)}", Role.DIM),))
        lines += [EMPTY, ((asked.question, Role.STRONG),)]
        return [*lines, *(((f"  {fact}", Role.TEXT),) for fact in asked.facts)]

    def understood(self) -> str:
        """What an answer looks like."""
        return f"answer with {self._current.form}" if self._current else ""

    def action_go(self, step: int) -> None:
        """Go to another question; forward only over those that are answered."""
        if step > 0 and not self._take():
            return
        if step < 0:
            self._keep()
        self._at = min(max(self._at + step, 0), len(self._asked))
        self._ask()

    def _keep(self) -> None:
        if self._current:
            self._answers[self._current.key] = self.said("answer")

    def _take(self) -> bool:
        """Keep the answer if it is one."""
        asked = self._current
        if asked is None:
            return False
        problem = asked.lacks(self.said("answer"))
        if problem:
            self.complain(problem)
            return False
        self._keep()
        return True

    def _ask(self) -> None:
        asked = self._current
        field = self.query_one("#answer", Input)
        field.value = self._answers.get(asked.key, "") if asked else ""
        field.placeholder = self.text(asked.form if asked else "enter accepts").plain
        self.draw()

    def submit(self) -> None:
        """Take the answer and ask the next; after the last one accept."""
        if self._current is not None:
            self.action_go(1)
            return
        self._asked += tuple(q for q in questions(self.scene.snapshot) if not self._knows(q))
        if self._current is not None:
            self._ask()
            return
        super().submit()

    def _knows(self, asked: Asked) -> bool:
        return any(known.key == asked.key for known in self._asked)

    def request(self) -> TakenOver:
        """The take-over, with every answer."""
        answers = (asked.answered(self._answers[asked.key]) for asked in self._asked)
        return TakenOver(by=self._by, answers=tuple(answers))

    def action_withdraw(self) -> None:
        """Take the offer back."""
        self.run_worker(self._record(HandedOver(to="")), group="recording", exit_on_error=False)

    def keys(self) -> str:
        """The keys that work here."""
        return "enter next · up, down other questions · ctrl+r takes the offer back · escape later"
