"""The rollback from the board: a real watch on its own thread, toy probes, and keys alone."""

from pathlib import Path
from typing import Any

import pytest

from firstwatch.acts import RollbackClosed, RollbackOpened, RollbackStep
from firstwatch.plan import Plan
from tests.domain.leaping import plan
from tests.tui.test_people_board import Seat, seat
from tui.renderables.rollback import BACKFILL
from tui.screens.plain import Plain
from tui.screens.rollback import WayBack
from tui.terminal import Look

PAUSE = "for a in 1 2; do\n  echo parked $a\ndone"
STEPS = [
    {
        "title": "pause webhooks",
        "text": "Nothing is queued.",
        "command": PAUSE,
        "verify": "live is 0",
    },
    {"title": "notify clients", "text": "Write to them."},
    {"title": "re-enable", "verify": "live is at least 1"},
]


def checklist(**rollback: Any) -> Plan:
    """A plan with a way back of three steps, of which the watch can see the first and the last."""
    live = {"hidden": True, "always": True, "worsen": "1 of 1", "warning": 90, "critical": 99}
    return plan(
        {
            "errors": {"inlet": "live", "worsen": "1 of 1"},
            "live": {**live, "title": "live webhooks"},
            "leads-since": {**live, "title": "leads since T0"},
        },
        rollback={"price": ["leads-since"], "steps": STEPS, **rollback},
        watch={"operator": "A"},
    )


async def type_in(at: Seat, text: str) -> None:
    """Type a text into what is open, and record it."""
    await at.pilot.press(*(key if key != " " else "space" for key in text), "enter")
    await at.until(lambda: isinstance(at.board.screen, WayBack))


async def press(at: Seat, key: str, words: str) -> None:
    """Press a key, and wait for the dialog that shows these words."""
    await at.pilot.press(key)
    await at.shows(words)


async def test_a_drill_is_opened_verified_and_called_off_with_keys_alone(tmp_path: Path) -> None:
    async with seat(tmp_path, checklist=checklist()) as at:
        at.dial.values["live"] = 3.0
        await at.pilot.press("r")
        await at.shows("no run is under way")
        await at.shows("window closes in 05:")
        await at.shows("leads since T0 1, ")
        await at.shows("done when live webhooks is 0")
        await at.shows("verified when live webhooks is 0")
        await press(at, "enter", "no run is under way: o opens one")
        await press(at, "d", "Open a drill of the rollback")
        await at.pilot.press("enter")
        await at.shows("a rollback needs a reason")
        await type_in(at, "to know how long it takes")
        await at.shows("DRILL since 09:")
        await at.shows("not yet: live webhooks 3")
        (opened,) = at.acts(RollbackOpened)
        assert (opened.reason, opened.is_drill) == ("to know how long it takes", True)
        assert opened.price[0].startswith("leads since T0 1, ")
        at.dial.values["live"] = 0.0
        await at.shows("live webhooks 0: verified 09:")
        await press(at, "enter", "Step 1 is done: pause webhooks")
        await type_in(at, "parked")
        await at.shows("done 09:")
        await at.shows("webhooks are still paused")
        await at.shows(BACKFILL)
        (step,) = at.acts(RollbackStep)
        assert step.verified.startswith("live webhooks 0: verified 09:")
        assert (step.title, step.is_done, step.note) == ("pause webhooks", True, "parked")
        await press(at, "u", "Call the drill off")
        await at.shows("not done: step 2, notify clients")
        await at.pilot.press("enter")
        await at.shows("say why it is called off")
        await type_in(at, "only practised")
        await at.shows("called off by A: only practised")
        await at.shows("no run is under way")
        await at.pilot.press("r")
        await at.back_on_the_board()
        (closed,) = at.acts(RollbackClosed)
        assert (closed.is_called_off, closed.note) == (True, "only practised")


async def test_a_run_goes_on_after_a_restart_and_ends_with_every_step_left(tmp_path: Path) -> None:
    async with seat(tmp_path, checklist=checklist()) as at:
        await at.pilot.press("r")
        await press(at, "o", "Open the rollback: this one counts")
        await type_in(at, "messages are lost")
        await at.shows("ROLLBACK since")
        at.dial.values["live"] = 0.0
        await at.shows(": verified 09:")
        await press(at, "enter", "Step 1 is done")
        await type_in(at, "")
        await at.shows("now, since 09:")
    async with seat(tmp_path, 30.0, checklist=checklist()) as at:
        await at.until(lambda: "rollback: step 2 of 3" in at.text().splitlines()[0])
        at.dial.values["live"] = 0.0
        await at.pilot.press("r")
        await at.shows("by A: messages are lost")
        await at.shows("live webhooks 0: verified 09:")
        await press(at, "o", "a run is under way already")
        await press(at, "x", "Step 2 is passed over: notify clients")
        await at.pilot.press("enter")
        await at.shows("say why this step is passed over")
        await type_in(at, "nobody noticed")
        await at.shows("passed over 09:")
        await at.shows("not yet: ")
        await press(at, "f", "End the rollback: it was carried out")
        await at.pilot.press("enter")
        await at.shows("say why it ends without step 3")
        await at.pilot.press("escape")
        await at.until(lambda: isinstance(at.board.screen, WayBack))
        at.dial.values["live"] = 2.0
        await at.shows("live webhooks 2: verified")
        await press(at, "enter", "Step 3 is done")
        await type_in(at, "")
        await at.until(lambda: len(at.acts(RollbackStep)) == 3)
        await at.shows("rollback: to be ended")
        await at.shows("webhooks were paused by 09:")
        await press(at, "f", "End the rollback")
        await type_in(at, "")
        await at.shows("last rollback 09:")
        assert [(a.step, a.is_done, bool(a.verified)) for a in at.acts(RollbackStep)] == [
            (1, True, True),
            (2, False, False),
            (3, True, True),
        ]
        assert [act.is_called_off for act in at.acts(RollbackClosed)] == [False]


async def test_after_the_window_only_a_drill_may_begin(tmp_path: Path) -> None:
    async with seat(tmp_path, 6 * 60 + 5.0, checklist=checklist()) as at:
        await at.pilot.press("r")
        await at.shows("window closed at 15:00 UTC, ")
        assert "o open a run" not in at.text()
        await press(at, "o", "the window of the rollback closed at 15:00")
        assert isinstance(at.board.screen, WayBack)
        await press(at, "enter", "no run is under way: d opens a drill")
        await press(at, "d", "Open a drill")
        await type_in(at, "to learn it")
        await at.shows("DRILL since 15:")
        assert [act.is_drill for act in at.acts(RollbackOpened)] == [True]


async def test_steps_are_done_in_order_and_a_step_may_be_done_again(tmp_path: Path) -> None:
    async with seat(tmp_path, checklist=checklist()) as at:
        await at.pilot.press("r")
        await press(at, "d", "Open a drill")
        await type_in(at, "order")
        await at.shows("DRILL since")
        await press(at, "tab", "Write to them.")
        for key in ("enter", "x"):
            await press(at, key, "step 1 comes first")
            assert isinstance(at.board.screen, WayBack)
        for said in ("once", "twice"):
            await press(at, "shift+tab", "Nothing is queued.")
            await press(at, "enter", "Step 1 is done")
            await type_in(at, said)
            await at.shows(said)
        assert [(a.step, a.note) for a in at.acts(RollbackStep)] == [(1, "once"), (1, "twice")]


async def test_what_the_watch_cannot_see_is_ticked_by_a_person_alone(tmp_path: Path) -> None:
    async with seat(tmp_path, checklist=checklist()) as at:
        at.dial.values["live"] = 3.0
        await at.pilot.press("r")
        await press(at, "d", "Open a drill")
        await type_in(at, "blind")
        await at.shows("not yet: live webhooks 3")
        await press(at, "enter", "Step 1 is done")
        await type_in(at, "")
        await at.shows("by now not yet: live webhooks 3")
        await at.shows("the watch cannot see it: a person says so")
        (step,) = at.acts(RollbackStep)
        assert step.verified.startswith("not yet: ")
        at.dial.values["live"] = 0.0
        await at.shows("by now live webhooks 0: verified")


async def test_commands_are_copied_and_shown_bare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    async def copy(text: str, *_rest: object) -> Any:
        copied.append(text)
        return type("Copied", (), {"words": "copied", "kept": True})

    monkeypatch.setattr("tui.app.copy", copy)
    async with seat(tmp_path, checklist=checklist()) as at:
        await at.pilot.press("r")
        await at.shows("echo parked $a")
        await at.pilot.press("c")
        await at.until(lambda: copied == [PAUSE])
        await at.pilot.press("b")
        await at.until(lambda: copied == [PAUSE, BACKFILL])
        await at.pilot.press("p")
        await at.until(lambda: isinstance(at.board.screen, Plain))
        assert at.text().splitlines()[1] == "  echo parked $a"
        await at.pilot.press("p", "tab")
        await at.shows("Write to them.")
        await press(at, "c", "this step has no command")
        assert len(copied) == 2


@pytest.mark.parametrize("size", ((60, 20), (80, 24), (200, 60), (20, 6)))
async def test_the_rollback_can_be_walked_at_any_size_in_ascii(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with seat(tmp_path, 10.0, size, checklist=checklist(), look=Look(ascii_only=True)) as at:
        await at.pilot.press("r", "d", *"try", "enter")
        await at.until(lambda: len(at.acts(RollbackOpened)) == 1)
        await at.until(lambda: at.board.snapshot.affairs.rollback is not None)  # type: ignore[union-attr]
        await at.pilot.press("x", *"no", "enter")
        await at.until(lambda: len(at.acts(RollbackStep)) == 1)
        await at.pilot.press("u")
        await at.until(lambda: not isinstance(at.board.screen, WayBack))
        await at.pilot.press(*"off", "enter")
        await at.until(lambda: len(at.acts(RollbackClosed)) == 1)
        await at.until(lambda: isinstance(at.board.screen, WayBack))
        await at.pilot.press("G", "j", "k", "pageup", "g")
        assert at.text().isascii()


async def test_without_steps_there_is_nothing_to_open(tmp_path: Path) -> None:
    async with seat(tmp_path, checklist=checklist(steps=[], price=[])) as at:
        await at.pilot.press("r")
        await at.shows("the plan has no steps for the way back")
        await at.shows("nothing in the plan counts what a restore would lose")
        await at.pilot.press("d", "tab", "c", "p", "enter")
        await at.shows("no command to copy")
        assert isinstance(at.board.screen, WayBack)
