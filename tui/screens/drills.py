"""Incidents of the rehearsal, to strike and to cure."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from firstwatch.errors import FirstwatchError
from firstwatch.text import clean
from tui.screens.dialog import Dialog
from tui.watching import Drill, Watching


class Drills(Dialog[None]):
    """The incidents on offer; enter strikes one or cures it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "away", "back", id="drills-back", show=False, tooltip="Back to the board"),
        Binding("j", "move('down')", "down", id="drills-down", show=False, tooltip="Next"),
        Binding("k", "move('up')", "up", id="drills-up", show=False, tooltip="Previous"),
    ]
    DEFAULT_CSS = """
    Drills {
        & > .box { width: 110; }
        & OptionList {
            height: auto; max-height: 100%; background: $surface; padding: 0;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & OptionList, & OptionList:focus { border: none; }
        & > .box { border-title-color: $foreground; border-subtitle-color: $status-dim; }
        & #title { dock: top; }
        & #about { dock: bottom; height: 2; color: $status-dim; }
    }
    """
    EVERY = 1.0
    """Real seconds between two looks at what is active."""

    def __init__(self, watching: Watching, drills: Sequence[Drill]) -> None:
        super().__init__()
        self._watching = watching
        self._drills = tuple(drills)

    def compose(self) -> ComposeResult:
        """A list, one line each, and all that is to say of the highlighted one."""
        with Vertical(classes="box"):
            yield Static(self.text("Drills: incidents to strike and to cure"), id="title")
            yield OptionList(*(Option(self._prompt(d)) for d in self._drills))
            yield Static(id="about")

    def on_mount(self) -> None:
        """Keep the list up to date."""
        self.set_interval(self.EVERY, self._look)

    def _prompt(self, drill: Drill) -> Content:
        mark = "!" if drill.active else " "
        state = "active" if drill.active else ""
        return self.text(f"{mark} {clean(drill.name, 20):<20} {state:<6} {clean(drill.summary)}")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say all of the highlighted one."""
        event.stop()
        self._tell(self._drills[event.option_index])

    def _tell(self, drill: Drill) -> None:
        """All of one drill, and in the frame the keys and what they do to it."""
        self.query_one("#about", Static).update(self.text(clean(drill.summary)))
        does = "cures" if drill.active else "strikes"
        self.query_one(".box").border_subtitle = self.text(
            f"enter {does} it · ↑↓ choose · esc back"
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Strike or cure the chosen one."""
        event.stop()
        name = self._drills[event.option_index].name
        self.run_worker(self._toggle(name), group="drill", exit_on_error=False)

    async def _toggle(self, name: str) -> None:
        try:
            await self._watching.toggle(name)
        except (FirstwatchError, OSError) as error:
            self.say(str(error), is_error=True)
        await self._refresh()

    def _look(self) -> None:
        self.run_worker(self._refresh(), group="drills", exclusive=True, exit_on_error=False)

    async def _refresh(self) -> None:
        drills = tuple(await self._watching.drills())
        if drills == self._drills or not self.is_attached:
            return
        options = self.query_one(OptionList)
        if len(drills) == len(self._drills):
            for index, drill in enumerate(drills):
                if drill != self._drills[index]:
                    options.replace_option_prompt_at_index(index, self._prompt(drill))
        else:
            options.clear_options()
            options.add_options([Option(self._prompt(drill)) for drill in drills])
        self._drills = drills
        if options.highlighted is not None:
            self._tell(drills[options.highlighted])

    def action_move(self, way: str) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        if way == "down":
            options.action_cursor_down()
        else:
            options.action_cursor_up()
