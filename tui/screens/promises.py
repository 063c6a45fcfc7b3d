"""The promises that are open: kept, or let go."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from firstwatch.acts import Kept
from firstwatch.affairs import OpenPromise
from firstwatch.desk import LONGEST
from firstwatch.text import clean
from tui.renderables.lines import shorten
from tui.renderables.promises import promise_texts
from tui.scene import Scene
from tui.screens.dialog import LiveDialog
from tui.screens.form import Recording
from tui.widgets.line_input import LineInput

LONGEST_NAME = 30
"""Cells in which the one that is asked about is named."""
KEYS = "enter kept · x let go · ↑↓ choose · escape back"
KEPT = "kept: what came of it? enter records, may stay empty"
LET_GO = "let go: why? enter records"


class PromiseList(LiveDialog[None]):
    """All open promises; each is closed with a word on what came of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x,delete",
            "close(False)",
            "let go",
            id="promise-let-go",
            show=False,
            tooltip="Let the promise go, with a reason",
        ),
        Binding("j", "move('down')", "down", id="promise-down", show=False, tooltip="Next promise"),
        Binding("k", "move('up')", "up", id="promise-up", show=False, tooltip="Promise before"),
    ]
    DEFAULT_CSS = """
    PromiseList {
        & > .box { width: 84; }
        & OptionList {
            height: auto; max-height: 12; background: $surface; padding: 0;
            text-wrap: nowrap; text-overflow: clip;
        }
        & OptionList, & OptionList:focus { border: none; }
        & Input, & Input:focus { background: $panel; background-tint: transparent; }
        & .keys { color: $status-dim; }
        & .problem { color: $status-warning; }
    }
    """

    def __init__(self, scene: Scene, recording: Recording) -> None:
        super().__init__()
        self._scene = scene
        self._recording = recording
        self._chosen: OpenPromise | None = None
        self._is_done = True

    @property
    def _promises(self) -> tuple[OpenPromise, ...]:
        return self._scene.snapshot.affairs.promises

    def compose(self) -> ComposeResult:
        """The list, and a line for what came of one."""
        with Vertical(classes="box"):
            yield Static(self.text("Promises"))
            yield OptionList()
            note = LineInput(id="promise-note", max_length=LONGEST, compact=True)
            note.display = note.can_focus = False
            note.cursor_blink = False
            yield note
            yield Static("", id="promise-problem", classes="problem")
            yield Static(self.text(KEYS), id="promise-keys", classes="keys")

    def on_mount(self) -> None:
        """List them."""
        self._say(KEYS)
        self._list()
        self.call_after_refresh(self._list)

    def on_resize(self) -> None:
        """List them anew."""
        self.call_after_refresh(self._list)

    def show(self, scene: Scene) -> None:
        """Keep countdowns and list up to date."""
        self._scene = scene
        self._list()

    def _list(self) -> None:
        options = self.query_one(OptionList)
        width = options.scrollable_content_region.width
        texts = promise_texts(self._scene, width)
        rows = {str(p.id): self.text(t) for p, t in zip(self._promises, texts, strict=True)}
        known = [option.id for option in options.options]
        if known != list(rows):
            chosen = options.highlighted_option
            options.clear_options()
            options.add_options([Option(row, id=id_) for id_, row in rows.items()])
            if rows:
                at = list(rows).index(chosen.id) if chosen and chosen.id in rows else 0
                options.highlighted = at
        else:
            for id_, row in rows.items():
                if options.get_option(id_).prompt != row:
                    options.replace_option_prompt(id_, row)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """It was kept."""
        event.stop()
        self.action_close(True)

    def action_close(self, is_done: bool) -> None:  # noqa: FBT001 - an action's argument
        """Ask what came of the promise under the cursor."""
        option = self.query_one(OptionList).highlighted_option
        promise = next((p for p in self._promises if option and str(p.id) == option.id), None)
        if promise is None or self._chosen is not None:
            return
        self._chosen, self._is_done = promise, is_done
        note = self.query_one("#promise-note", Input)
        note.value = ""
        note.placeholder = self.text("what came of it" if is_done else "why").plain
        note.display = note.can_focus = True
        note.focus()
        words = shorten(clean(promise.text), LONGEST_NAME)
        self._say(f'"{words}" {KEPT if is_done else LET_GO}')

    def _say(self, keys: str, problem: str = "") -> None:
        self.query_one("#promise-keys", Static).update(self.text(keys))
        said = self.query_one("#promise-problem", Static)
        said.display = bool(problem)
        said.update(self.text(problem))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Have it recorded."""
        event.stop()
        note = event.value.strip()
        if self._chosen is None:
            return
        if not note and not self._is_done:
            self._say(LET_GO, "say why it is let go")
            return
        request = Kept(promise=self._chosen.id, is_done=self._is_done, note=note)
        self.run_worker(self._record(request), group="recording", exit_on_error=False)

    async def _record(self, request: Kept) -> None:
        if await self._recording(request) is not None and self.is_attached:
            self._back()

    def _back(self) -> None:
        """From the note back to the list."""
        self._chosen = None
        note = self.query_one("#promise-note", Input)
        note.display = note.can_focus = False
        self._say(KEYS)
        self.query_one(OptionList).focus()

    def action_away(self) -> None:
        """Back to the list, or to the board."""
        if self._chosen is not None:
            self._back()
        else:
            super().action_away()

    def action_move(self, way: str) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        if way == "down":
            options.action_cursor_down()
        else:
            options.action_cursor_up()
