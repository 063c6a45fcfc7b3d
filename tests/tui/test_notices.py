"""Notices on the desktop: once for each new critical and due round, and nothing else in them."""

from dataclasses import replace

import pytest

from firstwatch.episodes import Episode
from firstwatch.plan import Notify
from firstwatch.rounds import states
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level
from tests.tui.samples import LAUNCH, NOW, FakeWatching, normal, turn
from tui.app import Board
from tui.notices import NOTICE_EVERY, Notices, notice_sequence
from tui.scene import scene_of

DUE = LAUNCH + 3.5 * 3600


def critical(*ids: str, snapshot: Snapshot | None = None, start: float = NOW - 5) -> Snapshot:
    """These checks have just turned critical."""
    found = snapshot or normal()
    for name in ids:
        found = turn(found, name, Level.CRITICAL, "Acme: 12 > 10")
    episodes = tuple(Episode(name, start, Level.CRITICAL, "Acme: 12 > 10") for name in ids)
    return replace(found, episodes=episodes)


def ids(count: int) -> list[str]:
    return [state.check.id for state in normal().checks if not state.check.is_manual][:count]


def title(name: str) -> str:
    return normal().plan.checks[name].title


def test_a_check_that_turns_critical_is_told_once_without_its_reason() -> None:
    (name,) = ids(1)
    notices = Notices()
    assert notices.words(scene_of(normal(), NOW), 0) == ""
    assert notices.words(scene_of(critical(name), NOW), 40) == f"{title(name)} is critical"
    assert notices.words(scene_of(critical(name), NOW), 80) == ""
    again = critical(name, start=NOW + 900)
    assert notices.words(scene_of(again, NOW), 120) == f"{title(name)} is critical"


def test_what_was_critical_when_the_board_opened_is_no_news() -> None:
    notices = Notices()
    assert notices.words(scene_of(critical(*ids(2)), NOW), 0) == ""
    assert notices.words(scene_of(critical(*ids(2)), NOW), 60) == ""


def test_several_are_one_notice_and_what_comes_too_soon_waits() -> None:
    notices = Notices()
    first, second, third = ids(3)
    _ = notices.words(scene_of(normal(), NOW), 0)
    assert notices.words(scene_of(critical(first, second), NOW), 1).endswith(", and 1 more")
    everything = scene_of(critical(first, second, third), NOW)
    assert notices.words(everything, NOTICE_EVERY) == ""
    assert notices.words(everything, 1 + NOTICE_EVERY) == f"{title(third)} is critical"


def test_a_due_round_is_told_once_even_as_the_board_opens() -> None:
    snapshot = normal()
    signed = dict.fromkeys(range(1, 7), (1.0, "A"))
    rounds = states([s.round for s in snapshot.rounds], DUE + 1, signed)
    due = scene_of(replace(snapshot, at=DUE + 1, rounds=rounds), DUE + 1)
    notices = Notices()
    assert notices.words(due, 0) == "round 7 is due"
    assert notices.words(due, 60) == ""


def test_a_silent_engine_has_no_news() -> None:
    notices = Notices()
    _ = notices.words(scene_of(normal(), NOW), 0)
    assert notices.words(scene_of(critical(*ids(1)), NOW, silent=60.0), 60) == ""


@pytest.mark.parametrize(
    ("how", "environ", "sent"),
    (
        (Notify.OFF, {}, ""),
        (Notify.OSC9, {}, "\x1b]9;firstwatch: a, b;c\x1b\\"),
        (Notify.OSC777, {}, "\x1b]777;notify;firstwatch;a, b,c\x1b\\"),
        (Notify.OSC9, {"TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;firstwatch: a, b;c\a\x1b\\"),
        (Notify.OSC9, {"STY": "x"}, "\x1bP\x1b]9;firstwatch: a, b;c\a\x1b\\"),
    ),
)
def test_each_way_to_the_desktop_has_its_sequence(
    how: Notify, environ: dict[str, str], sent: str
) -> None:
    assert notice_sequence("a, b;c", how, environ) == sent


def test_no_text_can_end_the_sequence_or_begin_another() -> None:
    hostile = "a\x1b\\\x1b]52;c;AAAA\a\x9cb\n\u202ec"
    for how in (Notify.OSC9, Notify.OSC777):
        for environ in ({}, {"TMUX": "x"}, {"STY": "x"}):
            sent = notice_sequence(hostile, how, environ)
            clean = notice_sequence("abc", how, environ)
            marks = "\x1b\a\x9c\n\u202e"
            assert [c for c in sent if c in marks] == [c for c in clean if c in marks]
            assert len(notice_sequence("x" * 9999, how, environ)) < 200


async def test_the_board_sends_it_only_where_it_is_wanted() -> None:
    for how, wanted in ((Notify.OFF, False), (Notify.OSC9, True)):
        plan = normal().plan
        watch = plan.watch.model_copy(update={"notify": how})
        plan = plan.model_copy(update={"watch": watch})
        watching = FakeWatching()
        board = Board(watching, plan)
        sent: list[str] = []
        async with board.run_test() as pilot:
            assert board._driver is not None
            board._driver.write = sent.append  # type: ignore[assignment,method-assign]
            for snapshot in (normal(), critical(*ids(1))):
                board.snapshot = snapshot
                await pilot.pause()
        assert any("]9;firstwatch: " in piece for piece in sent) is wanted
