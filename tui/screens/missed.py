"""Rounds that were missed and of which nobody has said why."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from firstwatch.acts import Note, Record
from firstwatch.rounds import RoundState
from tui.renderables.lines import Line
from tui.renderables.missed import missed_lines
from tui.scene import Scene
from tui.screens.slip import Attempt, Slip
from tui.signing import about, nothing_to_sign, unexplained


class Missed(Slip[Record]):
    """Nothing can be signed; what was missed can be explained. Closes once all of it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "n", "explain", "say why", id="missed-why", show=False, tooltip="Why it was missed"
        ),
        Binding(
            "down,j", "move(1)", "next", id="missed-next", show=False, tooltip="The round before"
        ),
        Binding(
            "up,k",
            "move(-1)",
            "previous",
            id="missed-previous",
            show=False,
            tooltip="The round after",
        ),
    ]

    def __init__(self, scene: Scene, attempt: Attempt) -> None:
        super().__init__()
        self._scene = scene
        self._attempt = attempt
        self._cursor = unexplained(scene.snapshot)[0].round.number
        self._text = ""
        self._message = ""

    def show(self, scene: Scene) -> None:
        """Show the newest state."""
        self._scene = scene
        if not self._rounds:
            _ = self.dismiss(None)
        self.redraw()

    @property
    def _rounds(self) -> tuple[RoundState, ...]:
        return unexplained(self._scene.snapshot)

    def _at(self) -> int:
        numbers = [state.round.number for state in self._rounds]
        return numbers.index(self._cursor) if self._cursor in numbers else 0

    def lines(self, width: int, height: int) -> list[Line]:
        """When the next one opens, and the rounds."""
        top = nothing_to_sign(self._scene)
        words = self._message, self.asking
        glyphs = self._scene.glyphs
        return missed_lines(top, self._rounds, self._at(), words, glyphs, (width, height))

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        rounds = self._rounds
        if rounds:
            at = min(max(self._at() + step, 0), len(rounds) - 1)
            self._cursor = rounds[at].round.number
            self.redraw()

    def action_explain(self) -> None:
        """Have typed why the round under the cursor was missed; the last answer is offered."""
        if self._rounds:
            round_ = self._rounds[self._at()].round
            what = f"why round {round_.name} was missed"
            self.ask(what, self._text, lambda text: self._explain(round_.number, text))

    def _explain(self, number: int, text: str) -> None:
        if text.strip():
            self._text = text.strip()
            note = Note(text=self._text, about=about(number))
            self.run_worker(self._record(note), group="sign", exit_on_error=False)

    async def _record(self, note: Note) -> None:
        record, why = await self._attempt(note)
        self._message = "" if record else f"not recorded: {why}"
        self.redraw()
