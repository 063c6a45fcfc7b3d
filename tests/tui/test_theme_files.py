"""Themes of one's own: a broken one is a notice, and never a crash."""

import os
from pathlib import Path

import pytest

from firstwatch.resources import resource
from tests.tui.samples import FakeWatching, normal
from tui.app import Board
from tui.terminal import Look
from tui.themes import LARGEST, load_themes, read_theme
from tui.theming import Themed

DARK = (resource("themes") / "dark.toml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    """The dark theme with one thing changed."""
    assert old in DARK
    return DARK.replace(old, new, 1)


BROKEN = {
    "no toml": ("name = ", "Invalid value"),
    "half a table": ("[base", "Expected ']'"),
    "empty": ("", "[base] is missing"),
    "nested": ("name = " + "[" * 20_000, ""),
    "unknown key": (changed("[status]", "[status]\nwraning = 'red'"), 'did you mean "warning"?'),
    "unknown table": (
        changed("[status]", "[staus]"),
        "a theme has no 'staus'; did you mean \"status\"?",
    ),
    "nothing near": (changed("dark = true", "zzz = 1"), "a theme has no 'zzz' (known: name, dark"),
    "no colour": (changed('"#5f9470"', '"#grün"'), "[status] ok: '#grün' is not a colour"),
    "a number": (changed('"#5f9470"', "5"), "[status] ok: 5 is not a colour"),
    "a list": (changed('"#5f9470"', "['red']"), "[status] ok: ['red'] is not a colour"),
    "auto": (changed('"#5f9470"', '"auto"'), "[status] ok: 'auto' is not a colour"),
    "glass": (changed('"#5f9470"', '"#5f947080"'), "lets through what is behind it"),
    "style sheet": (changed('"#5f9470"', '"red; } * { display: none"'), "is not a colour"),
    "role left out": (changed('ok = "#5f9470"', ""), "[status] needs ok"),
    "no primary": (
        changed("primary =", "accent2 ="),
        "[base] has no 'accent2'; did you mean \"accent\"?",
    ),
    "table as text": (changed("[base]", 'emphasis = "bold"\n[base]'), "[emphasis] is not a table"),
    "base as text": ('base = "red"\nstatus = "red"', "[base] is not a table"),
    "dark as text": (changed("dark = true", 'dark = "yes"'), "dark is neither true nor false"),
    "ansi as number": (changed("dark = true", "ansi = 1"), "ansi is neither true nor false"),
    "name as number": (changed('"dark"', "3"), "name is not a text"),
    "no name": (changed('"dark"', '"\\u200b "'), "name is not a text"),
    "reserved": (changed('"dark"', '"auto"'), "auto is no name for a theme"),
    "emphasis": (DARK + '\n[emphasis]\nok = "blink"', "[emphasis] has no 'blink'"),
    "emphasis of none": (DARK + "\n[emphasis]\nok = true", "[emphasis] ok is not a text"),
    "huge": (f"# {'x' * LARGEST}\n{DARK}", "is larger than 64 kB"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the board looks for themes of one's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    found = tmp_path / "firstwatch" / "themes"
    found.mkdir(parents=True)
    return found


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_with_a_theme_is_said_in_one_line(folder: Path, what: str) -> None:
    text, why = BROKEN[what]
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    themes = load_themes()
    assert len(themes.names) == 6
    (line,) = themes.broken
    assert line.startswith("mine.toml: ")
    assert why in line
    assert len(line) <= 160


def test_files_that_cannot_be_read_are_left_out(folder: Path) -> None:
    (folder / "bytes.toml").write_bytes(b"name = '\xff\xfe'")
    (folder / "folder.toml").mkdir()
    (folder / "gone.toml").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.toml")
    (folder / "zero.toml").symlink_to("/dev/zero")
    assert load_themes().broken == (
        "bytes.toml: is not UTF-8",
        "folder.toml: is not a file",
        "gone.toml: No such file or directory",
        "pipe.toml: is not a file",
        "zero.toml: is not a file",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_left_out(folder: Path) -> None:
    (folder / "mine.toml").write_text(DARK, encoding="utf-8")
    (folder / "mine.toml").chmod(0)
    assert load_themes().broken == ("mine.toml: Permission denied",)


def test_a_theme_named_like_ours_takes_its_place(folder: Path) -> None:
    (folder / "mine.toml").write_text(changed("#5f9470", "#123456"), encoding="utf-8")
    themes = load_themes()
    assert len(themes.names) == 6
    (dark,) = (theme for theme in themes.found if theme.name == "dark")
    assert dark.variables["status-ok"] == "#123456"


def test_a_broken_theme_named_like_ours_leaves_ours(folder: Path) -> None:
    (folder / "dark.toml").write_text(changed("#5f9470", "#12345"), encoding="utf-8")
    themes = load_themes()
    assert "dark" in themes.names
    assert len(themes.broken) == 1


def test_names_are_made_harmless(folder: Path) -> None:
    (folder / "evil.toml").write_text(
        changed('"dark"', '"[red]\\u001b[2J\\u202ex } * {"'), encoding="utf-8"
    )
    assert "[red]x } * {" in load_themes().names


def test_emphasis_and_sparklines_may_be_left_out(folder: Path) -> None:
    file = folder / "mine.toml"
    file.write_text(changed('trend = "#66717c"\n', ""), encoding="utf-8")
    assert read_theme(file).variables["status-trend"] == read_theme(file).variables["status-dim"]
    file.write_text(DARK + '\n[emphasis]\nunknown = " bold  underline "', encoding="utf-8")
    assert read_theme(file).variables["emphasis-unknown"] == "bold underline"


async def test_the_board_says_what_is_wrong_and_goes_on(folder: Path) -> None:
    (folder / "a.toml").write_text("[/bad] \x1b]0;x\x07", encoding="utf-8")
    (folder / "b.toml").write_text(changed('"dark"', '"a b } * { [red]"'), encoding="utf-8")
    watching, shown = FakeWatching(), normal()
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "nope", look=Look())
    async with board.run_test(size=(100, 40), notifications=True) as pilot:
        watching.post(shown)
        await pilot.pause()
        said = [notice.message for notice in board._notifications]
        assert said[0].startswith("no theme called nope (known: ansi, colourblind")
        assert said[1].startswith("theme left out: a.toml: ")
        assert not set("".join(said)) & set("\x1b\x07")
        assert board.theme == "dark"
        await pilot.press(*["t"] * 8)
        await pilot.press("T", *["down"] * 8, "enter")
        assert board.is_running


def test_a_folder_full_of_something_else_hides_no_board(folder: Path) -> None:
    for number in range(2):
        (folder / f"{number}.toml").write_text("[tool]", encoding="utf-8")
    said = list(Themed("dark", Look()).dress())
    assert [line.split(": ")[:2] for line in said] == [
        ["theme left out", "0.toml"],
        ["theme left out", "1.toml"],
    ]
    (folder / "2.toml").write_text("[tool]", encoding="utf-8")
    (line,) = Themed("dark", Look()).dress()
    assert line.startswith("3 themes left out, such as 0.toml: a theme has no 'tool'")
    assert line.endswith("; the list of themes has all")
