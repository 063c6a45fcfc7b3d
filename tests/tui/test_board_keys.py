"""Keys of the board: filter, pause, zoom, marks of what changed, and keys of one's own."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Region

from firstwatch.config import load
from firstwatch.episodes import Flip
from firstwatch.errors import ConfigError
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level
from probes.kinds import KINDS
from tests.tui.samples import NOW, FakeWatching, make_plan, normal, troubled, turn
from tests.tui.test_board_screens import Sight, sight
from tui.app import HELD_FOR
from tui.cli.showing import key_faults
from tui.keys import defaults, faults
from tui.scene import changes
from tui.screens.detail import Detail
from tui.screens.guide import Guide
from tui.screens.timeline import Timeline
from tui.screens.watch import WatchScreen
from tui.widgets.parts import Keys


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks come only when a test asks for one."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


def flipped(snapshot: Snapshot, check: str) -> Snapshot:
    """The same, with one more flip."""
    flip = Flip(NOW - 90, check, Level.OK, Level.WARNING, "worse")
    return replace(turn(snapshot, check, Level.WARNING, "worse"), flips=(*snapshot.flips, flip))


def row_of(seen: Sight, title: str) -> str:
    """The first row on the board with that title."""
    return next(line for line in seen.text().splitlines() if f" {title} " in line)


async def test_the_cursor_moves_to_another_pane_with_the_key_and_not_with_the_next_second() -> None:
    async with sight(normal(), (80, 40)) as seen:
        for title in ("DB connections", "webhooks"):
            await seen.pilot.press("tab")
            await seen.settle()
            (row,) = [line for line in seen.text().splitlines() if "▸" in line]
            assert row.startswith(f"▸● {title} ")
        await seen.pilot.press("escape")
        await seen.settle()
        assert "▸" not in seen.text()


async def test_enter_without_a_cursor_leads_to_what_the_top_line_names() -> None:
    async with sight(troubled(), (80, 40)) as seen:
        await seen.pilot.press("enter")
        await seen.settle()
        assert "▸✖ duplicate leads" in seen.text()
        await seen.pilot.press("enter")
        await seen.until(lambda: isinstance(seen.board.screen, Detail))
    async with sight(normal()) as seen:
        await seen.pilot.press("enter")
        await seen.settle()
        assert "▸● DB connections" in seen.text()


async def test_what_changed_since_the_last_key_is_marked_until_the_next_one() -> None:
    async with sight(normal()) as seen:
        assert "changed" not in seen.text()
        await seen.post(flipped(normal(), "errors"))
        assert row_of(seen, "errors").startswith("▎!")
        assert seen.text().splitlines()[-1].endswith("1 changed")
        await seen.pilot.press("k")
        await seen.post(replace(flipped(normal(), "errors"), at=NOW + 1))
        assert "▎" not in seen.text()
        assert "changed" not in seen.text()


def test_that_a_check_was_fine_the_first_time_is_no_change() -> None:
    fine = Flip(NOW, "errors", Level.UNKNOWN, Level.OK, "0.2 %")
    bad = Flip(NOW + 9, "errors", Level.OK, Level.CRITICAL, "9 %")
    again = Flip(NOW + 60, "errors", Level.UNKNOWN, Level.OK, "0.2 %")
    worse = Flip(NOW, "webhooks", Level.UNKNOWN, Level.CRITICAL, "none")
    assert changes([fine], []) == frozenset()
    assert changes([fine, worse], []) == {"webhooks"}
    assert changes([fine, bad, again], [fine, bad]) == {"errors"}


async def test_held_rows_stand_still_while_the_header_goes_on() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("space")
        await seen.post(flipped(normal(), "errors"))
        header = seen.text().splitlines()[0]
        assert "paused 0s, 1 new" in header
        assert "! warning" in header
        assert row_of(seen, "errors").startswith(" ●")
        await seen.pilot.press("space")
        await seen.settle()
        assert "paused" not in seen.text()
        assert row_of(seen, "errors").startswith(" !")


async def test_rows_are_not_held_for_ever_and_never_those_of_a_silent_engine() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("space")
        seen.passed[0] += 60
        seen.board._tick()
        await seen.settle()
        assert row_of(seen, "errors").startswith(" ?")
        seen.passed[0] += HELD_FOR
        await seen.post(replace(flipped(normal(), "errors"), beat=99))
        assert "paused" not in seen.text().splitlines()[0]
        assert row_of(seen, "errors").startswith("▎!")


async def test_a_filter_leaves_only_rows_with_its_words_and_tells_what_it_hides() -> None:
    async with sight(troubled()) as seen:
        await seen.pilot.press("slash", *"web")
        await seen.settle()
        assert "webhook failures" in seen.text()
        assert "DB connections" not in seen.text()
        await seen.pilot.press("enter")
        await seen.settle()
        assert "/web  3 of 22 rows · 3 hidden in trouble · esc shows all" in seen.text()
        assert "✖ critical" in seen.text().splitlines()[0]
        assert any("integrity" in x and "✖ critical" in x for x in seen.text().splitlines())
        await seen.pilot.press("escape")
        await seen.settle()
        assert "DB connections" in seen.text()


async def test_a_filter_knows_verdicts_and_escape_drops_it_while_it_is_typed() -> None:
    async with sight(troubled()) as seen:
        await seen.pilot.press("slash", *"critical")
        await seen.settle()
        assert "duplicate leads" in seen.text()
        assert " ! webhook failures" not in seen.text()
        await seen.pilot.press("escape")
        await seen.settle()
        assert "webhook failures" in seen.text()


async def test_zoom_gives_a_pane_the_room_of_all_and_tab_the_next_one() -> None:
    async with sight(troubled()) as seen:
        await seen.pilot.press("tab", "z")
        await seen.settle()
        assert "system health" in seen.text()
        assert "WhatsApp flow" not in seen.text()
        assert "more ok" not in seen.text()
        await seen.pilot.press("tab")
        await seen.settle()
        assert "WhatsApp flow" in seen.text()
        assert "system health" not in seen.text()
        await seen.pilot.press("escape")
        await seen.settle()
        assert "system health" in seen.text()


async def test_a_filter_ends_a_zoom_so_that_no_match_is_out_of_sight() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("tab", "z", "slash", *"lost", "enter")
        await seen.settle()
        assert "lost messages" in seen.text()


async def test_a_picture_of_the_board_keeps_what_was_not_yet_sent_to_the_terminal() -> None:
    async with sight(normal()) as seen:
        owed = Region(3, 4, 20, 1)
        compositor = seen.board.screen._compositor
        compositor._dirty_regions.add(owed)
        assert "DB" in seen.board.export_screenshot()
        assert owed in compositor._dirty_regions


async def test_a_form_that_is_closed_while_it_opens_does_no_harm() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press(*("n", "escape") * 10)
        await seen.settle()
        assert isinstance(seen.board.screen, WatchScreen)


async def test_a_key_of_ones_own_takes_the_place_of_the_default() -> None:
    plan = make_plan().model_copy(update={"keys": {"zoom": "w", "help": "f1"}})
    async with sight(replace(normal(), plan=plan)) as seen:
        await seen.pilot.press("tab", "z")
        await seen.settle()
        assert "WhatsApp flow" in seen.text()
        await seen.pilot.press("w")
        await seen.settle()
        assert "WhatsApp flow" not in seen.text()
        await seen.pilot.press("f1")
        await seen.settle()
        assert isinstance(seen.board.screen, Guide)
        assert any(line.strip(" │").startswith("w ") for line in seen.text().splitlines())


@pytest.mark.parametrize(
    ("keys", "wrong"),
    (
        ({"sgin": "s"}, {"sgin": 'unknown action; did you mean "sign"?'}),
        ({"sign": "n"}, {"sign": '"n" is also the key of "note" on the board'}),
        ({"sign": "n", "note": "s"}, {}),
        ({"sign": ""}, {"sign": 'is empty; write a key like "w", "ctrl+w" or "f5"'}),
        (
            {"sign": "hyper+s"},
            {"sign": '"hyper+s" is no key; write one like "w", "ctrl+w" or "f5"'},
        ),
        ({"sign": "f5,ctrl+s"}, {}),
        ({"help": "!"}, {}),
    ),
)
def test_keys_of_a_plan_are_checked(keys: dict[str, str], wrong: dict[str, str]) -> None:
    assert faults(keys) == wrong


def test_the_default_keys_do_not_clash() -> None:
    assert faults(defaults()) == {}


@pytest.mark.parametrize(
    ("lines", "said"),
    (
        ('sgin = "w"', 'keys.sgin: unknown action; did you mean "sign"?'),
        ("sign = 3", 'keys.sign: must be text: a key like "w", "ctrl+w" or "f5"'),
        ('note = "s"', 'keys.note: "s" is also the key of "sign" on the board'),
    ),
)
def test_a_plan_with_wrong_keys_is_refused_with_one_sentence(
    tmp_path: Path, lines: str, said: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f"[keys]\n{lines}\n", encoding="utf-8")
    environ = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
    with pytest.raises(ConfigError) as refused:
        load(own, KINDS, environ, key_faults=key_faults)
    assert [f"{problem.key}: {problem.what}" for problem in refused.value.problems] == [said]


def test_a_plan_without_keys_does_not_load_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tui.keys", None)
    assert key_faults({}) == {}


async def test_the_palette_offers_every_key_that_works_here() -> None:
    async with sight(normal(), watching=FakeWatching()) as seen:
        offered = {c.title for c in seen.board.get_system_commands(seen.board.screen)}
    assert {"Sign", "Filter", "Pause", "Zoom", "Ack", "Note", "Handoff", "Help", "Quit"} <= offered


async def test_help_over_a_view_tells_the_keys_of_the_view_and_comes_back_to_it() -> None:
    async with sight(normal(), (100, 50)) as seen:
        await seen.pilot.press("v")
        await seen.until(lambda: isinstance(seen.board.screen, Timeline))
        await seen.pilot.press("question_mark")
        await seen.until(lambda: isinstance(seen.board.screen, Guide))
        await seen.settle()
        assert "To the last line" in seen.text()
        assert "esc back" in seen.text().splitlines()[-1]
        assert "Keys and glyphs" not in seen.text()
        await seen.pilot.press("escape")
        await seen.until(lambda: isinstance(seen.board.screen, Timeline))


@pytest.mark.parametrize("width", (24, 40, 60, 80, 100))
async def test_help_stands_in_the_last_line_at_every_width(width: int) -> None:
    async with sight(normal(), (width, 20)) as seen:
        await seen.settle()
        last = seen.text().splitlines()[-1]
        assert "? help" in last
        assert "enter detail" in last or width < 30
        assert "…" not in last


async def test_the_last_line_names_no_key_of_the_board_while_a_dialog_has_the_keys() -> None:
    async with sight(normal()) as seen:
        for key in ("n", "question_mark", "s"):
            await seen.pilot.press(key)
            await seen.until(lambda: not seen.board.screen.query(Keys))
            await seen.settle()
            last = seen.text().splitlines()[-1]
            assert "detail" not in last
            assert "note" not in last
            await seen.pilot.press("escape")
            await seen.until(lambda: bool(seen.board.screen.query(Keys)))
            await seen.settle()
            assert "enter detail" in seen.text().splitlines()[-1]


async def test_a_question_mark_may_be_typed_into_a_note() -> None:
    async with sight(normal()) as seen:
        await seen.pilot.press("n")
        await seen.settle()
        await seen.pilot.press("o", "k", "question_mark")
        await seen.settle()
        assert "ok?" in seen.text()
        assert not isinstance(seen.board.screen, Guide)


async def test_a_command_of_the_palette_does_what_its_key_does() -> None:
    async with sight(normal()) as seen:
        commands = {c.title: c for c in seen.board.get_system_commands(seen.board.screen)}
        await commands["Help"].callback()
        await seen.settle()
        assert isinstance(seen.board.screen, Guide)
