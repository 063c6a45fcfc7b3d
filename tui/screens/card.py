"""The card of a round: what a person has to say of it, and the signature."""

import math
from collections.abc import MutableMapping
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from firstwatch.acts import Mark, Note, Record
from firstwatch.card import OPEN, card, lacking, why_not
from firstwatch.desk import Request
from firstwatch.rounds import RoundState, RoundStatus
from firstwatch.text import clean
from tui.draft import Draft, Entry, entries, ordered
from tui.renderables.card import View, card_lines
from tui.renderables.lines import Line
from tui.scene import Scene
from tui.screens.slip import Attempt, Slip
from tui.signing import about


class Card(Slip[Record]):
    """One round to sign. Whatever was said stays in `drafts` until it is signed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "sign",
            "sign",
            id="card-sign",
            show=False,
            tooltip="Sign the round, or go to the next item that needs a word",
        ),
        Binding(
            "space", "tick", "tick", id="card-tick", show=False, tooltip="Say the next thing of it"
        ),
        Binding("n", "note", "note", id="card-note", show=False, tooltip="A note on the item"),
        Binding(
            "number_sign",
            "number",
            "number",
            id="card-number",
            show=False,
            tooltip="A number that you read off or counted",
        ),
        Binding(
            "N",
            "round_note",
            "round note",
            id="card-round-note",
            show=False,
            tooltip="A note on the whole round",
        ),
        Binding(
            "v",
            "verified",
            "verified",
            id="card-verified",
            show=False,
            tooltip="List what was verified, or fold it again",
        ),
        Binding("down,j", "move(1)", "next", id="card-next", show=False, tooltip="The next item"),
        Binding(
            "up,k", "move(-1)", "previous", id="card-previous", show=False, tooltip="The one before"
        ),
    ]

    def __init__(
        self, scene: Scene, number: int, drafts: MutableMapping[int, Draft], attempt: Attempt
    ) -> None:
        super().__init__()
        self._scene = scene
        self._number = number
        self._drafts = drafts
        self._attempt = attempt
        self._card = card(scene.snapshot, self._state)
        self._keys = ordered(self._card)
        self._known = len(self._keys)
        before = drafts.get(number)
        self._draft = Draft(number, scene.now) if before is None or before.is_empty else before
        self._hold(self._draft.met(self._card))
        self._cursor = self._first_lacking() or next(iter(self._keys), "")
        self._is_listed = False
        self._is_signing = False
        self._message = ""

    def show(self, scene: Scene) -> None:
        """Show the newest state; what was said of something that is worse now falls away."""
        self._scene = scene
        if not scene.silent and self._state.status in OPEN:
            self._card = card(scene.snapshot, self._state)
            self._keys = ordered(self._card, self._keys)
            self._hold(self._draft.met(self._card))
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """The card."""
        view = View(
            scene=self._scene,
            state=self._state,
            card=self._card,
            draft=self._draft,
            entries=self._owed,
            verified=self._listed,
            cursor=self._cursor,
            message=self._message,
            asking=self.asking,
        )
        return card_lines(view, width, height)

    def _hold(self, draft: Draft) -> None:
        self._draft = self._drafts[self._number] = draft

    @property
    def _state(self) -> RoundState:
        rounds = self._scene.snapshot.rounds
        return next(state for state in rounds if state.round.number == self._number)

    @property
    def _can_sign(self) -> bool:
        return self._state.status in OPEN and not self._scene.silent

    @property
    def _owed(self) -> tuple[Entry, ...]:
        return entries(self._card, self._keys, self._known)

    @property
    def _listed(self) -> tuple[Entry, ...]:
        """What was verified, while that is listed."""
        if not self._is_listed:
            return ()
        fine = (state for state in self._card.verified if state.check.id not in self._keys)
        return tuple(Entry(state.check.id, (state,), is_owed=False) for state in fine)

    @property
    def _here(self) -> Entry | None:
        """The entry under the cursor."""
        return next((e for e in (*self._owed, *self._listed) if e.key == self._cursor), None)

    def _first_lacking(self) -> str:
        """The key of the first entry of which something has still to be said."""
        short = lacking(self._card, self._draft.said(self._card))
        return next((e.key for e in self._owed if any(s in short for s in e.states)), "")

    def action_move(self, step: int) -> None:
        """Move the cursor, as far as there is something to be on."""
        keys = [entry.key for entry in (*self._owed, *self._listed)]
        if keys and self._can_sign:
            at = keys.index(self._cursor) + step if self._cursor in keys else 0
            self._cursor = keys[min(max(at, 0), len(keys) - 1)]
            self._message = ""
            self.redraw()

    def action_verified(self) -> None:
        """List what was verified, or fold it again."""
        self._is_listed = not self._is_listed
        if self._here is None:
            self._cursor = next(iter(self._keys), "")
        self.redraw()

    def action_tick(self) -> None:
        """Say the next thing of the entry under the cursor."""
        here = self._here
        if here is None or not self._can_sign:
            return
        self._hold(self._draft.ticked(here))
        self._message = "" if here.is_owed else "the watch has verified it: nothing to say"
        self.redraw()

    def action_note(self) -> None:
        """Have a note typed: on the entry, or on a round that was missed."""
        here = self._here
        if self._state.status is RoundStatus.MISSED:
            self.ask("why it was missed", self._draft.note, self._explain)
        elif here is not None and self._can_sign:
            title = here.source or here.states[0].check.title if here.states else here.key
            text = self._draft.notes.get(here.key) or reason_to_begin_with(here, self._draft)
            self.ask(
                f"note on {clean(title, 60)}",
                text,
                lambda note: self._hold(self._draft.noted(here, note)),
            )

    def action_round_note(self) -> None:
        """Have a note on the round typed."""
        if self._can_sign:
            self.ask(
                "note on the round",
                self._draft.note,
                lambda note: self._hold(replace(self._draft, note=note.strip())),
            )

    def action_number(self) -> None:
        """Have a number typed."""
        here = self._here
        if here is None or here.source or not here.states or not self._can_sign:
            return
        known = self._draft.numbers.get(here.key)
        self.ask(
            f"number for {clean(here.states[0].check.title, 60)}",
            "" if known is None else f"{known:g}",
            lambda text: self._count(here, text),
        )

    def _count(self, entry: Entry, text: str) -> None:
        try:
            self._hold(self._draft.counted(entry, number_in(text)))
        except ValueError as error:
            self._message = str(error)

    def action_sign(self) -> None:
        """Sign; or say what is lacking, and go there."""
        if self._is_signing or not self._can_sign:
            return
        key = self._first_lacking()
        if key:
            entry = next(entry for entry in self._owed if entry.key == key)
            said = self._draft.said(self._card)
            whys = (why_not(state, said.get(state.check.id)) for state in entry.states)
            self._cursor, self._message = key, next(filter(None, whys))
            self.redraw()
        else:
            self._record(self._draft.signing(self._card))

    def _explain(self, text: str) -> None:
        if text.strip():
            self._hold(replace(self._draft, note=text.strip()))
            self._record(Note(text=text, about=about(self._number)))

    def _record(self, request: Request) -> None:
        self._is_signing = True
        self.run_worker(self._ask_for(request), group="sign", exit_on_error=False)

    async def _ask_for(self, request: Request) -> None:
        try:
            record, why = await self._attempt(request)
        finally:
            self._is_signing = False
        if record is not None:
            self._drafts.pop(self._number, None)
            _ = self.dismiss(record)
        else:
            self._message = f"not recorded: {why}"
            self.redraw()


def reason_to_begin_with(entry: Entry, draft: Draft) -> str:
    """What a note on something blind begins with."""
    return clean(entry.states[0].verdict.reason) if draft.mark(entry) is Mark.BLIND else ""


def number_in(text: str) -> float | None:
    """The number a person typed, None for nothing. Raises ValueError saying what is wrong."""
    plain = text.strip().replace(" ", "").replace(",", ".")
    if not plain:
        return None
    try:
        number = float(plain)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f'"{clean(text, 40)}" is not a number')
    return number
