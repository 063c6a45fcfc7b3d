"""The themes that ship: readable, quiet where all is well, and told apart by everybody."""

from itertools import combinations

import pytest
from rich.color import Color as RichColour
from rich.color import ColorSystem
from rich.palette import Palette
from textual.color import Color
from textual.theme import Theme

from tests.tui.eyesight import RGB, VISION, chroma, contrast, distance, seen
from tui.themes import FALLBACK, ROLES, load_themes

THEMES = {theme.name: theme for theme in load_themes().found}
WORDS = tuple(role for role in ROLES if role != "rule")
"""Roles in which something is to be read; rules only part what stands above and below."""
VERDICTS = ("ok", "pending", "off-target", "unknown", "warning", "critical")
AA, AAA, GRAPHIC = 4.5, 7.0, 3.0
AT_A_GLANCE = 12.0
"""How different two colours have to be."""
COLOURED = sorted(name for name, theme in THEMES.items() if not theme.ansi)

CONSOLE = Palette(
    [
        (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0),
        (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170),
        (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85),
        (85, 85, 255), (255, 85, 255), (85, 255, 255), (255, 255, 255),
    ]
)  # fmt: skip
XTERM = Palette(
    [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0),
        (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
        (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
        (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
    ]
)  # fmt: skip


def colour_of(theme: Theme, what: str) -> str:
    """A role's colour, or one of the base colours."""
    return theme.variables.get(f"status-{what}") or str(getattr(theme, what))


def emphasis_of(theme: Theme, role: str) -> str:
    """What a role carries beside its colour."""
    return theme.variables.get(f"emphasis-{role}", FALLBACK[f"emphasis-{role}"])


def rgb(colour: str, palette: Palette = XTERM) -> RGB:
    """The colour as light; one of the terminal's own by its palette."""
    found = Color.parse(colour)
    if found.ansi is None:
        return found.rgb
    assert found.ansi >= 0, "a default colour is the terminal's secret"
    red, green, blue = palette[found.ansi]
    return red, green, blue


def shown(colour: str, system: ColorSystem, palette: Palette = XTERM) -> RGB:
    """The colour as a terminal shows it that has fewer of them."""
    lower = RichColour.from_rgb(*rgb(colour)).downgrade(system)
    assert lower.number is not None
    if system is ColorSystem.STANDARD:
        red, green, blue = palette[lower.number]
        return red, green, blue
    red, green, blue = lower.get_truecolor()
    return red, green, blue


def test_six_themes_ship() -> None:
    assert set(THEMES) == {"dark", "light", "contrast", "colourblind", "ansi", "mono"}
    assert not load_themes().broken


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("role", WORDS)
def test_every_role_can_be_read_on_the_board_and_in_dialogs(name: str, role: str) -> None:
    theme = THEMES[name]
    enough = AAA if name == "contrast" else AA
    # Reversed, as critical and the cursor are, the two colours change places and the ratio stays.
    for behind in ("background", "surface"):
        assert contrast(rgb(colour_of(theme, role)), rgb(colour_of(theme, behind))) >= enough


@pytest.mark.parametrize("name", COLOURED)
def test_text_can_be_read_wherever_it_stands(name: str) -> None:
    theme = THEMES[name]
    for behind in ("background", "surface", "panel"):
        against = rgb(colour_of(theme, behind))
        assert contrast(rgb(colour_of(theme, "foreground")), against) >= AAA
        assert contrast(rgb(colour_of(theme, "dim")), against) >= AA
    assert contrast(rgb(colour_of(theme, "trend")), rgb(colour_of(theme, "background"))) >= GRAPHIC


@pytest.mark.parametrize("palette", (CONSOLE, XTERM), ids=("console", "xterm"))
@pytest.mark.parametrize("what", (*WORDS, "foreground"))
def test_the_sixteen_colours_can_be_read_on_their_own_black(palette: Palette, what: str) -> None:
    theme = THEMES["ansi"]
    assert {colour_of(theme, part) for part in ("background", "surface", "panel")} == {"ansi_black"}
    assert contrast(rgb(colour_of(theme, what), palette), palette[0]) >= AA


@pytest.mark.parametrize("name", COLOURED)
def test_what_is_fine_is_quiet_and_trouble_is_not(name: str) -> None:
    theme = THEMES[name]
    quiet = chroma(rgb(colour_of(theme, "ok")))
    for role in ("warning", "critical"):
        assert chroma(rgb(colour_of(theme, role))) > 2 * quiet
    assert all(emphasis_of(theme, role) == "none" for role in ("ok", "idle", "dim", "rule"))
    assert "reverse" in emphasis_of(theme, "critical")


@pytest.mark.parametrize("vision", VISION)
def test_colourblind_is_told_apart_with_any_kind_of_colour_vision(vision: str) -> None:
    theme = THEMES["colourblind"]
    colours = {what: rgb(colour_of(theme, what)) for what in (*VERDICTS, "foreground")}
    for one, other in combinations(colours, 2):
        apart = distance(seen(colours[one], vision), seen(colours[other], vision))
        assert apart >= AT_A_GLANCE, (one, other, apart)


def test_the_distance_of_colours_is_that_of_its_authors() -> None:
    # Three of the pairs that Sharma, Wu and Dalal published with their notes on the formula.
    for one, other, apart in (
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ):
        assert distance(one, other) == pytest.approx(apart, abs=1e-4)


@pytest.mark.parametrize("name", COLOURED)
def test_256_colours_are_enough_to_read_every_role_and_tell_verdicts_apart(name: str) -> None:
    theme = THEMES[name]
    for behind in ("background", "surface"):
        against = shown(colour_of(theme, behind), ColorSystem.EIGHT_BIT)
        for role in (*WORDS, "foreground"):
            assert contrast(shown(colour_of(theme, role), ColorSystem.EIGHT_BIT), against) >= AA
    told = {shown(colour_of(theme, role), ColorSystem.EIGHT_BIT) for role in VERDICTS}
    assert len(told) == len(VERDICTS)


@pytest.mark.parametrize("name", THEMES)
def test_warning_and_critical_differ_whatever_becomes_of_the_colours(name: str) -> None:
    theme = THEMES[name]
    looks = {emphasis_of(theme, role) for role in ("ok", "warning", "critical")}
    assert len(looks) == 3


def test_without_colour_verdicts_differ_by_emphasis_alone() -> None:
    theme = THEMES["mono"]
    assert {colour_of(theme, role) for role in ROLES} == {"ansi_default"}
    loud = ("off-target", "unknown", "warning", "critical")
    assert len({emphasis_of(theme, role) for role in loud}) == len(loud)
    assert {emphasis_of(theme, role) for role in ("ok", "idle", "dim")} == {"none"}
