"""The palette: every command by its name."""

from textual.command import CommandList, CommandPalette
from textual.message import Message
from textual.widgets import Input, OptionList


class Palette(CommandPalette):
    """Textual's, made to bear keys that come faster than it closes, and to have no room."""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Run the command."""
        self._pass_over_if_closed(event)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run the command."""
        self._pass_over_if_closed(event)

    def _pass_over_if_closed(self, event: Message) -> None:
        """A second enter would run the command once more, and close another screen."""
        if not self.is_active:
            _ = event.stop()
            _ = event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A list that has no lines has no pages to turn either."""
        if action == "command_list":
            return bool(self.query_one(CommandList).scrollable_content_region)
        return super().check_action(action, parameters)
