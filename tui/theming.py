"""What every board can do with its themes."""

from collections.abc import Iterator, Sequence
from typing import Final

from textual.filter import LineFilter, Monochrome, NoColor

from firstwatch.config.wording import suggestion
from tui.screens.palette import Palette
from tui.screens.themes import ThemeChoice
from tui.sparing import Sparing
from tui.terminal import AUTO, FEW, Look
from tui.themes import FALLBACK, load_themes
from tui.thrift import Thrifty

TOLD: Final = 2
"""So many themes that are left out are told one by one."""


class Themed(Thrifty):
    """An app that knows our themes and the user's own, and changes them while it runs."""

    CSS = """
    /* No more of the board is covered than the words need. */
    Toast { width: auto; max-width: 90%; margin-top: 0; padding: 0 1; }
    /* Its height is reckoned without a bar to scroll with: the newest would be out of sight. */
    ToastRack { scrollbar-size: 0 0; }
    /* Textual cannot fold an option into no cells, nor turn the pages of a list without lines. */
    OptionList { min-width: 8; min-height: 1; }
    /* Under an ansi theme Textual writes in whatever the terminal's own two colours are. */
    Screen:ansi, Input:ansi, CommandPalette:ansi > Vertical { color: $foreground; }
    WatchScreen, Input:ansi, CommandPalette:ansi > Vertical { background: $background; }
    Input:ansi {
        & > .input--cursor {
            color: $input-cursor-foreground; background: $input-cursor-background;
            text-style: $input-cursor-text-style;
        }
        & > .input--placeholder, & > .input--suggestion { color: $foreground; }
    }
    """

    def __init__(self, wanted: str, look: Look) -> None:
        self._look = look
        super().__init__(look, ansi_color=True if look.colourless else None)
        self._wanted = wanted
        self._themes = load_themes()
        self._sparing = Sparing(colourless=look.colourless, ascii_only=look.ascii_only)
        for found in self._themes.found:
            self.register_theme(found)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Roles as they look under a theme that says nothing of them."""
        return dict(FALLBACK)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Ours instead of Textual's two that know nothing of an empty NO_COLOR."""
        theirs = super().get_line_filters()
        kept = [one for one in theirs if not isinstance(one, Monochrome | NoColor)]
        return [*kept, self._sparing]

    def _set_pointer_shape(self, shape: str) -> None:
        """Nothing: there is no mouse here, and an old terminal prints what it does not know."""

    def dress(self) -> Iterator[str]:
        """Put on the theme that was asked for, or the one that fits; notices about it."""
        known, wanted = self._themes.names, self._wanted
        if wanted not in (AUTO, *known):
            yield f"no theme called {wanted}{suggestion(wanted, known)}"
        # Where no colour is sent a theme made of colours has nothing to say.
        fits = wanted not in known or self._look.colourless
        theme = self._look.theme if fits else wanted
        if theme in known:
            self.theme = theme
        yield from self._left_out()

    def _left_out(self) -> Iterator[str]:
        """What is wrong with the user's own themes; many of them hide no board."""
        broken = self._themes.broken
        if len(broken) <= TOLD:
            yield from (f"theme left out: {line}" for line in broken)
        else:
            yield f"{len(broken)} themes left out, such as {broken[0]}; the list of themes has all"

    def action_command_palette(self) -> None:
        """Show all that can be done here, to choose from."""
        if not isinstance(self.screen, Palette):
            _ = self.push_screen(Palette())

    def action_next_theme(self) -> None:
        """Take the next of the themes that this terminal has the colours for."""
        plenty = self._look.colours > FEW
        names = [theme.name for theme in self._themes.found if theme.ansi or plenty]
        if names:
            at = names.index(self.theme) if self.theme in names else -1
            self.theme = names[(at + 1) % len(names)]

    def action_themes(self) -> None:
        """Show all themes, to choose one."""
        _ = self.push_screen(ThemeChoice(self._themes, self._look.glyphs))
