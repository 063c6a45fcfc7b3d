"""Writes a note, or a promise where it ends in a time."""

import re
from typing import ClassVar

from textual.binding import Binding, BindingType

from firstwatch.acts import ROUND, Note, Promise
from firstwatch.promising import Promised, promise_in, why_none
from tui.people import moment_words
from tui.renderables.lines import Line, Role
from tui.scene import Scene, subject_title
from tui.screens.form import Field, Form, Recording

_ROUND = re.compile(r"round ([0-9]+(?:\+[0-9]+)?)\b", re.IGNORECASE)


class Noting(Form):
    """One line to keep; "recheck quota 03:15" is a promise, unless it is not meant as one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+n",
            "plain",
            "note or promise",
            id="note-plain",
            show=False,
            priority=True,
            tooltip="What ends in a time is a note and no promise, or is one after all",
        ),
    ]

    def __init__(self, scene: Scene, recording: Recording, about: str = "") -> None:
        placeholder = "what you saw, or: recheck quota 03:15"
        super().__init__(scene, recording, Field("text", "note", placeholder))
        self._check = about
        self._is_plain = False

    def facts(self) -> list[Line]:
        """What it is about."""
        about = self._about()
        if about.startswith(ROUND):
            words = f" about round {_ROUND.match(self.said('text'))[1]}"  # type: ignore[index]
        else:
            words = f" about {subject_title(self.scene.snapshot, about)}" if about else ""
        return [((f"Note{words}", Role.STRONG),)]

    def _about(self) -> str:
        """A note that begins with "round 6" is about that round, else about the check."""
        match = _ROUND.match(self.said("text"))
        rounds = self.scene.snapshot.rounds
        found = (s.round.number for s in rounds if match and s.round.name == match[1])
        number = next(found, None)
        return self._check if number is None else f"{ROUND}{number}"

    def _promise(self) -> Promised | None:
        return promise_in(self.said("text"), self.scene.now)

    def understood(self) -> str:
        """Whether it is a promise, and for when; or why the time in it makes it none."""
        promise = self._promise()
        if promise is None:
            return why_none(self.said("text"), self.scene.now)
        due = f"due {moment_words(self.scene, promise.due)}"
        if self._is_plain:
            return f"note only; ctrl+n makes it a promise, {due}"
        return f"promise, {due} · ctrl+n makes it a note only"

    def action_plain(self) -> None:
        """Take it for a note only, or for a promise again."""
        self._is_plain = not self._is_plain
        self.draw()

    def request(self) -> Note | Promise | str:
        """The note, or the promise."""
        text, promise = self.said("text"), self._promise()
        if not text:
            return "a note needs words"
        if promise is None or self._is_plain:
            return Note(text=text, about=self._about())
        return Promise(text=promise.text, due=promise.due, about=self._about())

    def keys(self) -> str:
        """The keys that work here."""
        return "enter records · escape back"
