"""Whatever a probe, a clock or a journal does, the watch goes on and tells the truth."""

import asyncio
import math
from collections.abc import Awaitable
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from firstwatch.engine import TURN
from firstwatch.errors import Denied, Missing, NoAnswer
from firstwatch.probe import Inquiry, Moment
from firstwatch.readings import ROWS, Reading, Row
from firstwatch.sampling import GIVE_UP
from firstwatch.verdict import Level
from tests.domain.leaping import (
    Answer,
    Toy,
    always,
    failing,
    loop,
    plan,
    story,
    switch,
    watching,
)


class Abrupt(BaseException):
    """Not even an Exception."""


async def hang(moment: Moment) -> Reading:
    await asyncio.Event().wait()
    raise AssertionError


def nonsense(value: Any, at: Any = None) -> Answer:
    async def answer(moment: Moment) -> Reading:
        return Reading(moment.now if at is None else at, value)

    return answer


def not_a_reading(result: object) -> Answer:
    async def answer(moment: Moment) -> object:
        return result

    return answer


def not_even_async(moment: Moment) -> Awaitable[Any]:
    raise TypeError("called wrongly")


MISCHIEF: dict[str, tuple[Answer, str]] = {
    "hangs": (hang, "no answer within 5 s"),
    "ValueError": (failing(ValueError("secret")), "the probe failed: ValueError"),
    "its own cancellation": (failing(asyncio.CancelledError()), "the probe failed: CancelledError"),
    "GeneratorExit": (failing(GeneratorExit()), "the probe failed: GeneratorExit"),
    "SystemExit": (failing(SystemExit(3)), "the probe failed: SystemExit"),
    "a bare BaseException": (failing(Abrupt()), "the probe failed: Abrupt"),
    "a timeout of its own": (failing(TimeoutError()), "the probe failed: TimeoutError"),
    "raises before awaiting": (not_even_async, "the probe failed: TypeError"),
    "None": (not_a_reading(None), "the probe failed: AttributeError"),
    "a bare number": (not_a_reading(1.0), "the probe failed: AttributeError"),
    "NaN": (nonsense(math.nan), "the answer is not a number"),
    "infinity": (nonsense(math.inf), "the answer is not a number"),
    "minus infinity": (nonsense(-math.inf), "the answer is not a number"),
    "no value": (nonsense(None), "the answer is not a number"),
    "a word": (nonsense("many"), "the answer is not a number"),
    "at no time": (nonsense(1.0, math.nan), "the answer carries no usable time"),
    "long before time": (nonsense(1.0, -1e18), "the answer carries no usable time"),
    "a word for a time": (nonsense(1.0, "now"), "the answer carries no usable time"),
    "Denied": (failing(Denied("no right to\x1b[2J read \u202ethis")), "no right to read this"),
    "an endless reason": (failing(Missing("x" * 1_000_000)), "x" * 199 + "…"),
}


@pytest.mark.parametrize(("answer", "why"), MISCHIEF.values(), ids=MISCHIEF.keys())
@story
async def test_a_probe_that_misbehaves_touches_its_own_check_alone(
    answer: Answer, why: str, tmp_path: Path
) -> None:
    app, database = Toy({"bad": answer}), Toy()
    checks = plan({"bad": {}, "beside": {}, "elsewhere": {"source": "database"}})
    async with watching(checks, {"app": app, "database": database}, tmp_path) as stage:
        board = await stage.pass_by(200)
        assert {c.check.id: c.verdict.level for c in board.checks} == {
            "bad": Level.UNKNOWN,
            "beside": Level.OK,
            "elsewhere": Level.OK,
        }
        assert stage.row("bad").verdict.reason == why
        assert [e.subject for e in board.episodes] == ["bad"]
    assert len(app.begun["bad"]) > 12
    for times in (app.begun["beside"], database.begun["elsewhere"]):
        assert all(8.9 <= later - earlier <= 10.0 for earlier, later in pairwise(times))


@story
async def test_a_reading_that_ignores_its_cancellation_is_left_behind(tmp_path: Path) -> None:
    released = False

    async def deaf(moment: Moment) -> Reading:
        while not released:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue
        return Reading(moment.now, 1.0)

    app = Toy({"deaf": deaf})
    async with watching(plan({"deaf": {}, "beside": {}}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(600)
        assert len(app.begun["deaf"]) == 1
        assert stage.row("deaf").verdict.reason == "the last measurement still hangs"
        assert stage.level("beside") is Level.OK
        released = True
        await stage.pass_by(3600)
        assert len(app.begun["deaf"]) > 1
        assert stage.level("deaf") is Level.OK
    gaps = [later - earlier for earlier, later in pairwise(app.begun["beside"])]
    assert max(gaps) <= 10.5 + GIVE_UP


@story
async def test_a_flood_is_cut_to_what_a_person_can_read(tmp_path: Path) -> None:
    rows = tuple(Row("tenant \x1b[31m" + "y" * 200, 1.0, "\x00" * 500) for _ in range(1000)) * 1000
    flood = always(1.0, note="\x1b]0;title\x07\x9b2J" + "z" * 1_000_000, rows=rows)
    async with watching(
        plan({"flood": {}, "b": {}}), {"app": Toy({"flood": flood})}, tmp_path
    ) as s:
        await s.pass_by(60)
        reading = s.row("flood").reading
        assert reading
        assert len(reading.rows) == ROWS
        assert reading.note == "z" * 159 + "…"
        assert reading.rows[0].label == "tenant " + "y" * 72 + "…"
        assert s.level("flood") is s.level("b") is Level.OK


@story
async def test_a_source_is_never_asked_more_at_once_than_it_bears(tmp_path: Path) -> None:
    async def slow(moment: Moment) -> Reading:
        await asyncio.sleep(1.0)
        return Reading(moment.now, 1.0)

    names = [f"c{number}" for number in range(7)]
    app = Toy(dict.fromkeys(names, slow), concurrency=2)
    async with watching(plan({name: {} for name in names}), {"app": app}, tmp_path) as stage:
        board = await stage.pass_by(300)
        assert board.worst is Level.OK
    assert app.most == 2
    assert not app.overlapped


@story
async def test_a_check_that_takes_longer_than_its_cadence_never_overlaps_itself(
    tmp_path: Path,
) -> None:
    async def slow(moment: Moment) -> Reading:
        await asyncio.sleep(4.0)
        return Reading(moment.now, 1.0)

    app = Toy({"slow": slow})
    async with watching(plan({"slow": {"every": "1s"}}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(120)
        assert stage.level("slow") is Level.OK
    assert not app.overlapped
    assert len(app.begun["slow"]) > 20


@story
async def test_checks_do_not_fall_into_step(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(8)]
    app = Toy(concurrency=8)
    async with watching(plan({name: {} for name in names}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(600)
    firsts = [times[0] for times in app.begun.values()]
    assert max(firsts) - loop().time() + 600 <= 1.0
    assert len({round(times[-1] - times[0], 3) for times in app.begun.values()}) > 4


@story
async def test_snapshots_come_as_things_change_but_never_faster_than_a_turn(
    tmp_path: Path,
) -> None:
    moments = []
    checks = plan({f"c{number}": {"every": "1s"} for number in range(20)})
    async with watching(checks, {"app": Toy()}, tmp_path) as stage:
        stage.watch.subscribe(lambda board: moments.append(board.at))
        await stage.pass_by(60)
    assert 100 <= len(moments) <= 121
    assert all(later - earlier >= TURN - 0.001 for earlier, later in pairwise(moments))


@story
async def test_a_manual_check_waits_for_a_person_and_a_plan_without_sources_runs(
    tmp_path: Path,
) -> None:
    async with watching(plan({"ui": {"source": "", "measure": None}}), {}, tmp_path) as stage:
        board = await stage.pass_by(3600)
        assert stage.level("ui") is Level.PENDING
        assert not board.episodes
        assert not board.flips


@pytest.mark.parametrize(
    "end",
    (
        failing(ValueError()),
        failing(asyncio.CancelledError()),
        failing(GeneratorExit()),
        not_a_reading(None),
    ),
    ids=["raises", "cancels itself", "GeneratorExit", "returns"],
)
@story
async def test_what_runs_between_readings_is_begun_again_when_it_ends(
    end: Answer, tmp_path: Path
) -> None:
    class Restless(Toy):
        runs = 0

        async def run(self) -> None:
            self.runs += 1
            await end(cast("Moment", None))

    app = Restless()
    async with watching(plan({"c": {}}), {"app": app}, tmp_path) as stage:
        board = await stage.pass_by(600)
        assert board.worst is Level.OK
    assert 10 <= app.runs <= 20


@pytest.mark.parametrize("part", ("run", "close"))
@story
async def test_a_probe_that_will_not_end_does_not_keep_the_watch_from_ending(
    part: str, tmp_path: Path
) -> None:
    released = False

    async def deaf() -> None:
        while not released:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    class Clinging(Toy):
        async def run(self) -> None:
            await (deaf() if part == "run" else super().run())

        async def close(self) -> None:
            await super().close()
            if part == "close":
                await deaf()

    app = Clinging()
    async with watching(plan({"c": {}}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(60)
        before = loop().time()
        stage.task.cancel()
        await asyncio.wait({stage.task}, timeout=60)
        released = stage.ended = True
        assert stage.task.done()
        assert loop().time() - before < 5 * GIVE_UP
        assert app.closed == 1
        assert stage.journal.runs()[-1].ended is not None


@story
async def test_what_only_a_person_can_say_shows_what_was_measured_towards_it(
    tmp_path: Path,
) -> None:
    chosen, answer = switch(always(4.0, note="of 6 failed"), failing(Denied("no token")))
    asked: dict[str, dict[str, Any]] = {
        "delivery": {"source": "", "measure": None, "hint_from": "failed", "every": "30s"},
        "opinion": {"source": "", "measure": None, "every": "30s"},
        "failed": {"unit": "%", "hidden": True},
    }
    async with watching(plan(asked), {"app": Toy({"failed": answer})}, tmp_path) as stage:
        assert stage.row("delivery").verdict.reason == "failed unknown (not measured yet)"
        await stage.pass_by(30)
        assert stage.level("delivery") is Level.PENDING
        assert stage.row("delivery").verdict.reason == "failed 4 %, of 6 failed"
        chosen[0] = 1
        await stage.pass_by(30)
        assert stage.row("delivery").verdict.reason == "failed unknown (no token)"
        assert stage.row("opinion").verdict.reason == "a person's turn"


@story
async def test_a_comparison_is_asked_of_the_moment_of_the_other_reading(tmp_path: Path) -> None:
    asked: list[float] = []
    chosen, theirs = switch(always(9.0), failing(Denied("no token")))

    async def ours(moment: Moment) -> Reading:
        asked.append(moment.now)
        return Reading(moment.now, 7.0)

    checks: dict[str, dict[str, Any]] = {
        "there": {"every": "60s", "hidden": True},
        "missing": {"compare": "there", "warning": 1},
    }
    app = Toy({"there": theirs, "missing": ours})
    async with watching(plan(checks), {"app": app}, tmp_path) as stage:
        await stage.pass_by(50)
        assert len(asked) >= 4
        assert len(set(asked)) == 1
        assert stage.row("missing").verdict.level is Level.WARNING
        assert stage.row("missing").verdict.reason == "2 > 1 warning, there 9, here 7"
        chosen[0] = 1
        await stage.pass_by(60)
        assert stage.row("missing").verdict.reason == "there unknown: no token"
        assert stage.level("missing") is Level.UNKNOWN


@story
async def test_a_bad_reading_of_a_slow_check_is_taken_again_soon(tmp_path: Path) -> None:
    chosen, answer = switch(always(1.0), always(50.0))
    app = Toy({"quota": answer})
    checks: dict[str, dict[str, Any]] = {"quota": {"every": "300s"}}
    async with watching(plan(checks), {"app": app}, tmp_path) as stage:
        await stage.pass_by(60)
        assert stage.level("quota") is Level.OK
        chosen[0] = 1
        await stage.pass_by(350)
        assert stage.level("quota") is Level.CRITICAL
        taken = app.begun["quota"]
        assert 15 <= taken[2] - taken[1] <= 25


@story
async def test_the_last_tries_are_kept_with_what_came_of_them_and_how_long_they_took(
    tmp_path: Path,
) -> None:
    async def slow(moment: Moment) -> Reading:
        await asyncio.sleep(0.25)
        return Reading(moment.now, 15.0, sample=7, note="seven of them")

    chosen, answer = switch(slow, failing(NoAnswer("no answer")))
    async with watching(plan({"a": {}}), {"app": Toy({"a": answer})}, tmp_path) as stage:
        await stage.pass_by(25)
        chosen[0] = 1
        await stage.pass_by(600)
        chosen[0] = 0
        await stage.pass_by(11)
        latest = stage.row("a").latest
    assert len(latest) == 20
    assert (latest[-1].value, latest[-1].sample, latest[-1].note) == (15.0, 7, "seven of them")
    assert latest[-1].level is Level.WARNING
    assert latest[-1].took == pytest.approx(0.25)
    assert (latest[0].value, latest[0].note, latest[0].level) == (None, "no answer", None)


@story
async def test_what_a_probe_says_it_asks_is_told_without_secrets_and_harmless(
    tmp_path: Path,
) -> None:
    class Telling(Toy):
        def describe(self, measure: str, moment: Moment) -> Inquiry:
            if measure == "bad":
                raise ValueError("hunter2")
            lines = (f"  ask \x1b[2J{measure}", "postgresql://u:hunter2@host/db")
            return Inquiry(lines, ((":key", "--password hunter2"),), "cheap")

    checks = plan({"a": {}, "bad": {}, "mine": {"source": ""}, "mute": {"source": "other"}})
    probes = {"app": Telling(), "other": Toy()}
    async with watching(checks, probes, tmp_path) as stage:
        told = stage.watch.inquiry("a")
        assert told.asked == ("  ask a", "postgresql://…@host/db")
        assert "hunter2" not in repr(told)
        assert told.cost == "cheap"
        assert stage.watch.inquiry("bad").asked == ("the probe cannot say: ValueError",)
        assert stage.watch.inquiry("mute") == stage.watch.inquiry("mine") == Inquiry()
        assert stage.watch.inquiry("nobody knows it") == Inquiry()
