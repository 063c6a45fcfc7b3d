"""The handoff in the board: read, written and copied as it stood when it was opened."""

from dataclasses import replace

import pytest
from textual.widgets import Static

from firstwatch.errors import FirstwatchError, JournalError
from firstwatch.handoff import documents, summary
from tests.domain import shifts
from tests.tui.samples import FakeWatching, drafts, normal, troubled
from tests.tui.test_board_screens import Sight, sight
from tui.clipboard import Copied
from tui.clipboard import copy as real
from tui.screens.preview import Preview
from tui.screens.watch import WatchScreen
from tui.terminal import Look


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks come only when a test asks for one."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the clipboard of the terminal."""
    texts: list[str] = []

    async def copy(text: str, *_rest: object) -> Copied:
        texts.append(text)
        return await real(text, lambda _sequence: None, {})

    monkeypatch.setattr("tui.app.copy", copy)
    return texts


async def opened(seen: Sight) -> Preview:
    """The preview, once it is open."""
    await seen.pilot.press("h")
    await seen.until(lambda: isinstance(seen.board.screen, Preview))
    await seen.settle()
    assert isinstance(seen.board.screen, Preview)
    return seen.board.screen


async def test_the_handoff_key_opens_what_would_be_written() -> None:
    async with sight(normal(), (120, 40)) as seen:
        await opened(seen)
        text = seen.text()
        assert "# Handoff first" in text
        assert "line 1 | [b]" in text
        assert "for engineers · 08:27:14 UTC · since T0" in text
        assert seen.watching.written == []


@pytest.mark.parametrize("key", ("escape", "h"))
async def test_the_preview_is_put_away_and_nothing_is_written(key: str) -> None:
    async with sight(normal()) as seen:
        await opened(seen)
        await seen.pilot.press(key)
        assert isinstance(seen.board.screen, WatchScreen)
        assert seen.watching.written == []


async def test_what_is_shown_is_what_is_written_however_the_watch_goes_on() -> None:
    async with sight(normal(), (120, 40)) as seen:
        await opened(seen)
        first, seen.watching.drafted = seen.watching.drafted, drafts("second")
        await seen.post(replace(troubled(), beat=2))
        assert "# Handoff first" in seen.text()
        await seen.pilot.press("w")
        await seen.until(lambda: "handoff written: one.md" in seen.text())
        assert seen.watching.written == [first]


async def test_made_anew_it_is_of_that_moment() -> None:
    async with sight(normal(), (120, 40)) as seen:
        await opened(seen)
        seen.watching.drafted = drafts("second")
        await seen.pilot.press("tab", "r")
        await seen.until(lambda: "Where it stands second" in seen.text())
        await seen.pilot.press("w")
        await seen.until(lambda: seen.watching.written == [seen.watching.drafted])


async def test_tab_goes_through_the_readers(copied: list[str]) -> None:
    async with sight(normal(), (120, 40)) as seen:
        await opened(seen)
        await seen.pilot.press("tab")
        await seen.settle()
        assert "# Where it stands first" in seen.text()
        assert "for stakeholders" in seen.text()
        await seen.pilot.press("tab")
        await seen.settle()
        assert "next: round 7" in seen.text()
        await seen.pilot.press("tab")
        await seen.settle()
        assert "# Handoff first" in seen.text()


async def test_what_is_shown_is_what_is_copied_and_the_two_lines_from_anywhere(
    copied: list[str],
) -> None:
    made = drafts("first")
    async with sight(normal(), (120, 40), watching=FakeWatching(drafted=made)) as seen:
        await opened(seen)
        for key, text in (("c", made.engineers), ("b", made.breath)):
            await seen.pilot.press(key)
            await seen.until(lambda text=text: copied[-1:] == [text])  # type: ignore[misc]
        await seen.until(lambda: "copied 61 lines" in seen.text())
        await seen.pilot.press("tab", "c")
        await seen.until(lambda: copied[-1:] == [made.stakeholders])
        await seen.pilot.press("escape", "b")
        await seen.until(lambda: copied[-1:] == [made.breath])
        assert len(copied) == 4


async def test_the_shift_alone_is_one_key_away_and_back() -> None:
    async with sight(normal(), (120, 40)) as seen:
        await opened(seen)
        await seen.pilot.press("s")
        await seen.until(lambda: "since" not in seen.text() or "this shift" in seen.text())
        await seen.pilot.press("s")
        await seen.until(lambda: "since T0" in seen.text())
        assert seen.watching.shifts == ["", "shift", ""]


async def test_the_preview_scrolls_by_the_keys_of_the_board() -> None:
    async with sight(normal()) as seen:
        await opened(seen)
        assert "# Handoff first" in seen.text()
        await seen.pilot.press("j", "j", "j")
        await seen.settle()
        assert "# Handoff first" not in seen.text()
        await seen.pilot.press("k", "k", "k")
        await seen.settle()
        assert "# Handoff first" in seen.text()
        await seen.pilot.press("end")
        await seen.settle()
        assert "line 59" in seen.text()


async def test_a_handoff_that_cannot_be_made_says_why_and_the_board_stays() -> None:
    async with sight(normal(), (120, 40)) as seen:
        seen.watching.drafted = JournalError("the journal is locked")
        await seen.pilot.press("h")
        await seen.until(lambda: "no handoff: the journal is locked" in seen.text())
        seen.watching.drafted = ZeroDivisionError("secret")
        await seen.pilot.press("h")
        await seen.until(lambda: "handoff failed unexpectedly: ZeroDivisionError" in seen.text())
        assert "secret" not in seen.text()
        assert isinstance(seen.board.screen, WatchScreen)


@pytest.mark.parametrize(
    ("error", "told"),
    (
        (JournalError("the journal is full"), "no handoff written: the journal is full"),
        (OSError(28, "No space left", "x/.handoff-1"), "no handoff written: No space left"),
        (ZeroDivisionError("secret"), "handoff failed unexpectedly: ZeroDivisionError"),
    ),
)
async def test_what_cannot_be_written_says_why_and_is_still_there_to_copy(
    error: Exception, told: str, copied: list[str]
) -> None:
    watching = FakeWatching(handoff_to=error)
    async with sight(normal(), (120, 40), watching=watching) as seen:
        await opened(seen)
        await seen.pilot.press("w")
        await seen.until(lambda: told in seen.text())
        assert "secret" not in seen.text()
        await seen.pilot.press("c")
        await seen.until(lambda: len(copied) == 1)


async def test_made_anew_in_vain_what_is_there_stays() -> None:
    async with sight(normal(), (120, 40)) as seen:
        await opened(seen)
        seen.watching.drafted = FirstwatchError("[red]no[/red]")
        await seen.pilot.press("r")
        await seen.until(lambda: "not made anew: [red]no[/red]" in seen.text())
        assert "# Handoff first" in seen.text()


@pytest.mark.parametrize("size", ((20, 6), (1, 1), (60, 20), (200, 60)))
async def test_the_preview_lives_at_any_size(size: tuple[int, int]) -> None:
    async with sight(normal(), size) as seen:
        await opened(seen)
        for key in ("tab", "j", "tab", "r"):
            await seen.pilot.press(key)
        assert seen.board.is_running


async def test_in_ascii_the_preview_is_ascii() -> None:
    made = documents(summary(shifts.handed_over(), shifts.found(), shifts.MASK))
    watching = FakeWatching(drafted=made)
    async with sight(normal(), (120, 40), look=Look(ascii_only=True), watching=watching) as seen:
        preview = await opened(seen)
        text = str(preview.query_one("#preview-text", Static).content)
        assert text.isascii()
        assert "errors               --XXX-------?????----" in text
        assert "X critical  ? unknown or blind  v signed  x missed" in text
