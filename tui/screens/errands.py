"""What people do on the board besides signing: acknowledge, note, promise, pace, hand over."""

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.people import subject_to_acknowledge
from tui.scene import Scene
from tui.screens.acknowledge import Acknowledging
from tui.screens.cadence import Pacing
from tui.screens.form import Recording
from tui.screens.handover import Offering, TakingOver
from tui.screens.note import Noting
from tui.screens.promises import PromiseList


class ErrandScreen(Screen[None]):
    """A screen with a scene and a cursor on which these keys work."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a",
            "acknowledge",
            "ack",
            id="acknowledge",
            tooltip="Acknowledge the trouble under the cursor, or the first",
        ),
        Binding(
            "n",
            "note",
            "note",
            id="note",
            tooltip="Write a note; one that ends in a time is a promise",
        ),
        Binding(
            "p",
            "promises",
            "promises",
            id="promises",
            show=False,
            tooltip="The promises: kept, or let go",
        ),
        Binding("e", "cadence", "cadence", id="cadence", tooltip="Say whether the cadence goes on"),
        Binding(
            "o",
            "hand_over",
            "hand over",
            id="hand-over",
            show=False,
            tooltip="Offer the watch to somebody, or take it over",
        ),
    ]

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._recording = recording
        self._is_asked = False

    @property
    def scene(self) -> Scene | None:
        """What is shown; None before the first snapshot."""
        raise NotImplementedError

    @property
    def chosen(self) -> str:
        """The id of the check under the cursor; empty without one."""
        raise NotImplementedError

    def note_scene(self, scene: Scene) -> None:
        """Offer only keys that have something to do."""
        is_asked = scene.snapshot.affairs.question is not None
        if is_asked is not self._is_asked:
            self._is_asked = is_asked
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The cadence is answered only when it is asked about."""
        if action == "cadence":
            return self._is_asked
        return super().check_action(action, parameters)

    def _tell(self, text: str, severity: Literal["information", "warning"] = "information") -> None:
        self.notify(text, severity=severity, markup=False)

    def action_acknowledge(self) -> None:
        """Acknowledge what is in trouble here."""
        scene = self.scene
        if scene is None:
            return
        subject = subject_to_acknowledge(scene, self.chosen)
        if subject:
            _ = self.app.push_screen(Acknowledging(scene, self._recording, subject))
        elif self.chosen and subject_to_acknowledge(scene):
            self._tell("no open episode under the cursor; escape, then a takes the worst one")
        else:
            self._tell("nothing is in trouble: there is nothing to acknowledge")

    def action_note(self) -> None:
        """Write a note about the check under the cursor, or about nothing in particular."""
        if self.scene is not None:
            _ = self.app.push_screen(Noting(self.scene, self._recording, self.chosen))

    def action_promises(self) -> None:
        """Show the promises."""
        scene = self.scene
        if scene is not None and scene.snapshot.affairs.promises:
            _ = self.app.push_screen(PromiseList(scene, self._recording))
        elif scene is not None:
            self._tell(
                'no promise is open; a note that ends in a time is one: "recheck quota 03:15"'
            )

    def action_cadence(self) -> None:
        """Answer whether the cadence goes on."""
        scene = self.scene
        question = scene.snapshot.affairs.question if scene else None
        if scene is not None and question is not None:
            _ = self.app.push_screen(Pacing(scene, self._recording, question))

    def action_hand_over(self) -> None:
        """Offer the watch, or take it over once it is offered."""
        scene = self.scene
        if scene is not None:
            wanted = TakingOver if scene.snapshot.affairs.pending else Offering
            _ = self.app.push_screen(wanted(scene, self._recording))
