"""The way back as lines."""

from dataclasses import replace

import pytest

from firstwatch.acts import RollbackStep
from firstwatch.affairs import Affairs, RollbackRun, StepDone
from firstwatch.plan import Rollback
from firstwatch.verdict import Level
from tests.tui.samples import LAUNCH, NOW, blind, hostile, normal, turn
from tui.renderables.heading import header_line
from tui.renderables.lines import Role, line_width, plain
from tui.renderables.rollback import rollback_lines, run_call, window_lines
from tui.scene import Scene, scene_of

PLAN = Rollback.model_validate(
    {
        "price": ["leads", "lost"],
        "steps": [
            {"title": "pause", "verify": "webhooks is 26", "command": "echo " + "x" * 200},
            {"title": "restore\x1b[2J", "text": "DELETES \u202e everything"},
        ],
    }
)


def scene(now: float = NOW, run: RollbackRun | None = None) -> Scene:
    """A calm board with a way back, and a run of it."""
    return put(scene_of(normal(now), now), run)


def put(shown: Scene, run: RollbackRun | None) -> Scene:
    """The scene with a way back, and a run of it."""
    plan = shown.snapshot.plan.model_copy(update={"rollback": PLAN})
    affairs = Affairs(holder="A", pending="B", rollbacks=(run,) if run else ())
    return replace(shown, snapshot=replace(shown.snapshot, plan=plan, affairs=affairs))


def run(*steps: RollbackStep, is_drill: bool = True) -> RollbackRun:
    """One that began ten minutes ago."""
    done = tuple(StepDone(NOW - 300, "A", step) for step in steps)
    return RollbackRun(1, NOW - 600, "A", "why [/bad]\x1b[2J", is_drill, (), done)


def words(shown: Scene, chosen: int = 1, width: int = 76) -> str:
    """All lines as text."""
    return "\n".join(plain(line) for line in rollback_lines(shown, chosen, width)[0])


@pytest.mark.parametrize(
    ("at", "told"),
    (
        (LAUNCH - 60, "the window opens with the launch, at 05:00 UTC"),
        (LAUNCH + 3 * 3600 + 27 * 60 + 14, "window closes in 02:32:46, 11:00 UTC"),
        (LAUNCH + 6 * 3600 - 0.5, "window closes in 00:00:01, 11:00 UTC"),
        (LAUNCH + 6 * 3600, "window closed at 11:00 UTC, 0s ago"),
    ),
)
def test_the_window_has_a_clock_to_the_second(at: float, told: str) -> None:
    assert plain(window_lines(scene(at), 76)[0]) == told


def test_a_price_that_nobody_can_count_is_unknown_and_says_why() -> None:
    lines, _ = rollback_lines(put(scene_of(blind(), NOW), None), 1, 76)
    told = [line for line in lines if "new leads" in plain(line)]
    assert [plain(line) for line in told] == [
        "? new leads unknown: database unreachable since 08:20"
    ]
    assert told[0][0] == ("? ", Role.UNKNOWN)


def test_a_silent_engine_leaves_nothing_counted_and_nothing_verified() -> None:
    text = words(put(scene_of(normal(), NOW + 60, silent=60.0), run()))
    assert "new leads unknown: engine silent since" in text
    assert "cannot be verified: engine silent since" in text


def test_a_tick_is_green_only_where_the_watch_saw_it() -> None:
    for verified, role in (
        ("26: verified 08:22:14", Role.OK),
        ("not yet: 3 live", Role.TEXT),
        ("", Role.TEXT),
    ):
        shown = scene(run=run(RollbackStep(step=1, title="pause", verified=verified)))
        lines, _ = rollback_lines(shown, 2, 76)
        assert next(r for line in lines for text, r in line if text == "✔") is role


def test_what_worsens_after_the_tick_is_said_as_of_now() -> None:
    shown = scene(run=run(RollbackStep(step=1, title="pause", verified="not yet: 3 live")))
    assert "by now webhooks 26/min: verified 08:27:10" in words(shown)
    snapshot = turn(shown.snapshot, "webhooks", Level.UNKNOWN, "log unreachable", value=None)
    assert "by now cannot be verified: log unreachable" in words(replace(shown, snapshot=snapshot))


@pytest.mark.parametrize("width", (1, 16, 56, 76, 196))
def test_lines_keep_to_their_room(width: int) -> None:
    step = RollbackStep(step=1, title="pause", note="noted " * 30)
    for shown in (scene(), scene(run=run()), scene(run=run(step)), scene(LAUNCH + 9 * 3600)):
        lines, at = rollback_lines(shown, 1, width)
        assert [plain(line) for line in lines if line_width(line) > max(width, 56)] == []
        assert at < len(lines)


def test_where_room_is_scarce_a_step_still_says_when_it_was_done() -> None:
    shown = scene(run=run(RollbackStep(step=1, title="pause")))
    assert "done 08:22:14 by A, took 5m" in words(shown)
    assert "done 08:22:14, took 5m" in words(shown, width=39)
    assert "done 08:22:14" in words(shown, width=28)


def test_text_from_outside_is_harmless_and_the_command_whole() -> None:
    text = words(scene(run=run()), 2)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "why [/bad]" in text
    command = "".join(line for line in words(scene(), 1).splitlines() if "xxx" in line)
    assert command == "echo " + "x" * 200
    assert "\x1b" not in words(put(scene_of(hostile(), NOW), run()))


@pytest.mark.parametrize(
    ("is_drill", "width", "told"),
    (
        (True, 80, "drill: step 1 of 2"),
        (False, 120, "rollback: step 1 of 2"),
        (False, 60, "rollback 1/2"),
        (True, 60, "drill 1/2"),
    ),
)
def test_the_header_names_a_run_and_its_step_and_who_is_offered_the_watch(
    is_drill: bool, width: int, told: str
) -> None:
    line = plain(header_line(scene(run=run(is_drill=is_drill)), width))
    assert told in line
    assert "A → B (pending)" in line
    assert "phase" not in line
    assert len(line) == width


def test_a_run_of_which_every_step_was_left_is_to_be_ended() -> None:
    steps = (RollbackStep(step=1, title=""), RollbackStep(step=2, title="", is_done=False))
    assert plain(run_call(scene(run=run(*steps)))) == " drill: to be ended "
    assert plain(run_call(scene(run=run(*steps)), is_short=True)) == " drill 2/2 "
    assert run_call(scene()) == ()
