"""The board on terminals of every kind: each one can read it, and is sent nothing it cannot do."""

import re

import pytest

from tests.tui.terminals import Terminal, terminal
from tui.terminal import TRUE_COLOUR, prepare

UTF8 = {"LANG": "C.UTF-8"}
MODERN = ("xterm", "xterm-256color", "tmux-256color", "screen")
PLAIN = ("linux", "vt100")
ANSI_DARK = {"black", "white", "brightblack"}
"""Colours that carry no news."""


def colours(seen: Terminal) -> list[str]:
    """The parameters of every command that sets colours or emphasis."""
    found = (re.fullmatch(rb"\x1b\[([\d;]*)m", sequence) for sequence in seen.sequences)
    return [part for match in found if match for part in match[1].decode().split(";")]


def word(seen: Terminal, text: str) -> tuple[str, bool, bool]:
    """How the first such word on the screen looks: its colour, whether bold, whether reversed."""
    lines = seen.text.splitlines()
    y = next(y for y, line in enumerate(lines) if text in line)
    cell = seen.screen.buffer[y][lines[y].index(text)]
    return cell.fg, cell.bold, cell.reverse


def troubled_board(seen: Terminal) -> str:
    """The screen, once all of it stands."""
    return seen.until("T+03:27:14", "system health", "integrity", "a ack", "detail", "s sign")


@pytest.mark.parametrize("term", (*MODERN, *PLAIN))
def test_every_terminal_shows_the_same_facts(term: str) -> None:
    with terminal(TERM=term, **UTF8) as seen:
        text = troubled_board(seen)
        for fact in (
            "critical  phase: 0",
            "watch: A",
            "until round 7, due 08:30",
            "duplicate leads for 2m (+1 more), not acknowledged",
            "endpoints p95       740 ms  p95 740 ms > 500 ms target",
            "messages stored    unknown  401 from the API since 08:21",
            "webhook failures         4  4 > 3 in 30 m",
            "08:25",
        ):
            assert fact in text
        # A console's font has few glyphs; a replacement is never shown anywhere.
        assert text.isascii() is (term in PLAIN)
        assert "\ufffd" not in text
        assert text.splitlines()[0].endswith("*" if term in PLAIN else "♥")


@pytest.mark.parametrize("term", (*MODERN, *PLAIN))
def test_without_a_locale_only_ascii_is_sent(term: str) -> None:
    with terminal(TERM=term, LC_ALL="C") as seen:
        assert troubled_board(seen).isascii()
        assert seen.sent.isascii()
        seen.press("?")
        seen.until("Keys", "Leave the watch")
        assert seen.sent.isascii()


def test_a_vt100_is_sent_no_colour_and_no_title() -> None:
    with terminal(TERM="vt100", **UTF8) as seen:
        troubled_board(seen)
        assert set(colours(seen)) <= {"0", "1", "4", "5", "7"}
        assert not any(sequence.startswith(b"\x1b]") for sequence in seen.sequences)
        assert word(seen, "critical") == ("default", True, True)
        assert word(seen, "! warning")[1:] == (True, False)
        assert word(seen, "warn 80") == ("default", False, False)
        # What Textual asks every terminal, and what each of them has known or passed over.
        others = {s for s in seen.sequences if s[-1:] not in (b"m", b"H", b"C")}
        modes = b"?1049h ?25l ?1004h ?2004h ?7l ?2026$p ?2048$p"
        assert others <= {b"\x1b[" + mode for mode in modes.split()}


def test_no_color_counts_on_any_terminal_and_for_any_theme() -> None:
    with terminal(TERM="xterm-256color", NO_COLOR="1", theme="light", **UTF8) as seen:
        assert "✖ critical" in troubled_board(seen)
        assert set(colours(seen)) <= {"0", "1", "4", "7"}


def test_an_empty_no_color_leaves_the_colours() -> None:
    with terminal(TERM="xterm-256color", NO_COLOR="", **UTF8) as seen:
        troubled_board(seen)
        assert word(seen, "✖ critical")[0] == "ff5f5f"


@pytest.mark.parametrize("term", ("linux", "screen", "xterm"))
def test_few_colours_are_those_of_the_terminal_and_on_black(term: str) -> None:
    with terminal(TERM=term, **UTF8) as seen:
        troubled_board(seen)
        used = set(colours(seen))
        assert "38" not in used
        assert "48" not in used
        assert {"40", "91", "93"} <= used
        assert word(seen, "critical")[0] == "brightred"
        assert word(seen, "warning")[0] in ("brightyellow", "brightbrown")


@pytest.mark.parametrize(
    ("keys", "words"),
    (
        ("", "s sign"),
        ("n", "enter records"),
        ("?", "Leave the watch"),
        ("T", "enter keep"),
        ("x", "Drills:"),
        ("s", "esc back"),
        ("h", "for engineers"),
        ("\x10", "Search for commands"),
    ),
)
def test_sixteen_colours_never_lean_on_what_the_terminal_is_by_itself(
    keys: str, words: str
) -> None:
    """A terminal of dark letters on white would show them on our black."""
    with terminal(TERM="xterm", **UTF8) as seen:
        troubled_board(seen)
        seen.press(keys)
        seen.until(words)
        cells = [seen.screen.buffer[y][x] for y in range(24) for x in range(80)]
        assert "default" not in {cell.bg for cell in cells}
        assert "default" not in {cell.fg for cell in cells if cell.data != " "}


def test_a_calm_board_is_quiet_in_sixteen_colours() -> None:
    with terminal("normal", TERM="screen", **UTF8) as seen:
        seen.until("no trouble so far", "s sign")
        cells = [seen.screen.buffer[y][x] for y in range(5, 22) for x in range(80)]
        used = {cell.fg for cell in cells if cell.data != " "}
        assert used <= ANSI_DARK | {"green"}


def test_a_theme_asked_for_by_name_is_taken_on_few_colours_too() -> None:
    with terminal(TERM="linux", theme="contrast", **UTF8) as seen:
        troubled_board(seen)
        assert "97" in colours(seen)


@pytest.mark.parametrize(
    ("environ", "colours", "theme"),
    (
        ({"TERM": "xterm-256color"}, 256, "dark"),
        ({"TERM": "tmux-256color"}, 256, "dark"),
        ({"TERM": "alacritty"}, 256, "dark"),
        ({"TERM": "xterm-kitty"}, 256, "dark"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE_COLOUR, "dark"),
        ({"TERM": "xterm-direct"}, TRUE_COLOUR, "dark"),
        ({"TERM": "xterm"}, 16, "ansi"),
        ({"TERM": "screen"}, 16, "ansi"),
        ({"TERM": "linux"}, 16, "ansi"),
        ({}, 16, "ansi"),
        ({"TERM": "vt100"}, 0, "mono"),
        ({"TERM": "vt220"}, 0, "mono"),
        ({"TERM": "xterm-mono"}, 0, "mono"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, 256, "mono"),
    ),
)
def test_the_theme_that_fits_follows_the_terminal(
    environ: dict[str, str], colours: int, theme: str
) -> None:
    look = prepare(environ, "utf-8")
    assert (look.colours, look.theme) == (colours, theme)


@pytest.mark.parametrize(
    ("environ", "is_ascii"),
    (
        ({}, True),
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, True),
        ({"LC_CTYPE": "POSIX"}, True),
        ({"LC_ALL": "", "LANG": "C"}, True),
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, True),
    ),
)
def test_glyphs_follow_the_locale_and_the_font(
    environ: dict[str, str], is_ascii: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Utf8:
        encoding = "utf-8"

    # In the locale C, too, Python writes UTF-8.
    monkeypatch.setattr("sys.__stderr__", Utf8())
    assert prepare(environ).ascii_only is is_ascii
