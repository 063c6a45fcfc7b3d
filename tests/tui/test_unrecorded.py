"""While nothing can be recorded, whoever watches is told, on a board and without one."""

from dataclasses import replace

import pytest

from firstwatch.masking import masker_of
from firstwatch.snapshot import Snapshot, SourceState
from tests.tui.samples import NOW, FakeWatching, normal
from tui.app import Board
from tui.cli.passes import Teller
from tui.renderables.important import important
from tui.renderables.lines import plain
from tui.scene import scene_of
from tui.terminal import Look


def unrecorded() -> Snapshot:
    """A healthy watch on a full disk."""
    lost = SourceState("journal", "journal", NOW - 60, "database or disk is full; free some space")
    snapshot = normal()
    return replace(snapshot, sources=(*snapshot.sources, lost))


def test_the_top_line_says_why_at_any_width_of_a_board() -> None:
    scene = scene_of(unrecorded(), NOW)
    assert plain(important(scene, 60)) == (
        "! nothing is recorded since 08:26 UTC: database or disk is …"
    )


def test_a_watch_without_a_board_says_it_once_each_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    well, ill = normal(), unrecorded()
    teller = Teller(well.flips, masker_of(well.plan))
    for snapshot in (well, ill, ill, well, ill):
        teller(snapshot)
    teller.close()
    told = capsys.readouterr()
    line = "nothing is recorded since 08:26:14 UTC: database or disk is full; free some space\n"
    assert told.err == 2 * line
    assert told.out == ""


@pytest.mark.parametrize("is_lost", (False, True))
async def test_leaving_says_what_is_lost_with_it(is_lost: bool) -> None:
    watching, shown = FakeWatching(), unrecorded() if is_lost else normal()
    watching.clock.time = shown.at
    board = Board(watching, shown.plan, "dark", look=Look())
    async with board.run_test(size=(80, 24)) as pilot:
        watching.post(shown)
        await pilot.pause()
        await pilot.press("q")
        strips = board.screen._compositor.render_strips()
        text = "\n".join(strip.text for strip in strips)
        assert "Leave the watch?" in text
        assert ("What changed since 08:26 UTC is not recorded: it is lost." in text) is is_lost
