"""Asks whether the cadence of a phase goes on."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from firstwatch.acts import Cadence
from firstwatch.affairs import Question
from firstwatch.text import clean
from tui.renderables.ages import span_text
from tui.renderables.lines import EMPTY, Line, Role
from tui.scene import Scene
from tui.screens.form import Field, Form, Recording


class Pacing(Form):
    """Stay at the cadence, or relax it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up,down",
            "other",
            "the other answer",
            id="cadence-other",
            show=False,
            tooltip="Choose the other answer",
        ),
    ]

    def __init__(self, scene: Scene, recording: Recording, question: Question) -> None:
        super().__init__(scene, recording, Field("reason", "reason", "needed to relax"))
        self._question = question
        self._is_extended = True

    def facts(self) -> list[Line]:
        """The question, and both answers."""
        asked = self._question
        phase = clean(asked.phase, 40)
        were = "were" if asked.clean > 1 else "was"
        count = f"Only {asked.clean}" if asked.clean else "None"
        clean_rounds = f"{count} of the last {asked.wanted} rounds of {phase} {were} clean"
        every, next_every = span_text(asked.every), span_text(asked.next_every)
        answers = (
            (True, f"stay at {every} for {asked.wanted} rounds more, put in between the others"),
            (False, f"relax to {next_every}, as {clean(asked.next_phase, 40)} has it"),
        )
        return [
            ((f"Stay at {every}?", Role.STRONG),),
            ((f"{clean_rounds}; it takes {asked.wanted} to earn {next_every}.", Role.TEXT),),
            EMPTY,
            *(self._answer(words, is_extended=extended) for extended, words in answers),
        ]

    def _answer(self, words: str, *, is_extended: bool) -> Line:
        if is_extended is self._is_extended:
            return (f"{self.scene.glyphs.pointer} ", Role.STRONG), (words, Role.STRONG)
        return ((f"  {words}", Role.DIM),)

    def action_other(self) -> None:
        """Choose the other answer."""
        self._is_extended = not self._is_extended
        self.draw()

    def request(self) -> Cadence | str:
        """The answer."""
        reason = self.said("reason")
        if not self._is_extended and not reason:
            return "say why it may be relaxed without having been earned"
        return Cadence(phase=self._question.phase, is_extended=self._is_extended, reason=reason)

    def keys(self) -> str:
        """The keys that work here."""
        return "enter records · up, down the other answer · escape back"
