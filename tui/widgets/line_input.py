"""The one line in which people type."""

from typing import Final

from textual import events
from textual.widgets import Input

from firstwatch.text import harmless

_MOVES: Final = {"tab": "focus_next", "shift+tab": "focus_previous"}
"""What moves the focus, and how."""
_EDITS: Final = ("backspace", "delete", "left", "right", "home", "end", "ctrl+w", "ctrl+u")
"""What changes the line, or the place in it."""


class LineInput(Input):
    """Takes what is typed or pasted as one harmless line, and says what there is no room for.

    Textual's own keeps the first line of what is pasted, nothing of what is too long, and hands
    the terminal characters that reorder what a person reads. It takes letters as they come and
    other keys later, in which a slow line that brings many at once would mix them up.
    """

    async def _on_key(self, event: events.Key) -> None:
        focused = self.screen.focused
        if isinstance(focused, LineInput) and focused is not self:
            # It was typed behind a tab.
            focused.post_message(events.Key(event.key, event.character))
        elif event.key in _MOVES:
            getattr(self.screen, _MOVES[event.key])(LineInput)
        elif event.key in _EDITS:
            await self.run_action(self._bindings.key_to_bindings[event.key][0].action)
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(event.text, *self.selection)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put the text between these places, as much of it as there is room for."""
        line = harmless(_joined(text))
        if not line and text:
            return
        taken = len(self.value) - abs(end - start)
        room = max(self.max_length - taken, 0) if self.max_length else len(line)
        left_out = len(line) - room
        # A single letter too many is told by the bell, with every key.
        if len(line) > 1 and left_out > 0:
            line = line[:room]
            self.notify(f"{left_out} {'character' if left_out == 1 else 'characters'} left out")
        super().replace(line, start, end)


def _joined(text: str) -> str:
    """Several lines as one; a single one as it is."""
    lines = text.splitlines()
    return lines[0] if len(lines) == 1 else " ".join(filter(None, map(str.strip, lines)))
