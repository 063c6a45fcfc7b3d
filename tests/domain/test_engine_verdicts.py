"""Outages, silence, stalls and clocks that jump: the watch blames what is to blame."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from firstwatch.engine import STALL
from firstwatch.errors import Denied, NoAnswer, NotConfigured, Unreachable
from firstwatch.probe import Moment
from firstwatch.readings import Reading, Row
from firstwatch.rows import WARM_UP
from firstwatch.verdict import Level
from tests.domain.leaping import (
    T0,
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


@story
async def test_one_source_out_of_reach_is_one_episode_from_beginning_to_end(
    tmp_path: Path,
) -> None:
    up = always(1.0)
    state, answer = switch(up, failing(Unreachable("connection refused")))
    names: dict[str, dict[str, Any]] = {f"c{number}": {} for number in range(5)} | {
        "slow": {"every": "10m"}
    }
    app = Toy(dict.fromkeys(names, answer))
    checks = plan({**names, "elsewhere": {"source": "database"}})
    async with watching(checks, {"app": app, "database": Toy()}, tmp_path) as stage:
        await stage.pass_by(1800)
        state[0] = 1
        board = await stage.pass_by(900)
        for name in names:
            verdict = stage.row(name).verdict
            assert (verdict.level, verdict.blocked_by) == (Level.UNKNOWN, "app")
            assert verdict.reason.startswith("app unreachable since ")
            assert verdict.reason.endswith(": connection refused")
        assert stage.level("elsewhere") is Level.OK
        assert [(s.name, s.down_since is None) for s in board.sources] == [
            ("app", False),
            ("database", True),
        ]
        state[0] = 0
        board = await stage.pass_by(1800)
        assert board.worst is Level.OK
        (episode,) = board.episodes
        assert episode.subject == "source:app"
        assert episode.start == pytest.approx(T0 + 1800, abs=11)
        assert episode.end == pytest.approx(T0 + 2700, abs=11)


@story
async def test_a_check_that_is_worse_after_an_outage_never_turns_green_in_between(
    tmp_path: Path,
) -> None:
    state, answer = switch(always(1.0), failing(Unreachable("gone")), always(15.0))
    async with watching(
        plan({"c": {"worsen": "3 of 5"}}), {"app": Toy({"c": answer})}, tmp_path
    ) as s:
        await s.pass_by(300)
        for number, seconds in ((1, 300), (2, 300)):
            state[0] = number
            await s.pass_by(seconds)
        seen = [flip.new for flip in s.journal.flips() if flip.subject == "c"]
        assert seen[:2] == [Level.OK, Level.UNKNOWN]
        assert seen[-1] is Level.WARNING
        assert Level.OK not in seen[1:]


@story
async def test_an_unknown_ends_when_the_check_was_measured_again(tmp_path: Path) -> None:
    state, answer = switch(always(1.0), failing(Denied("no right to read it")))
    async with watching(plan({"c": {}}), {"app": Toy({"c": answer})}, tmp_path) as stage:
        await stage.pass_by(600)
        state[0] = 1
        await stage.pass_by(1800)
        state[0] = 0
        await stage.pass_by(600)
        (episode,) = stage.episodes("c")
        assert episode.start == pytest.approx(T0 + 600, abs=11)
        assert episode.end == pytest.approx(T0 + 2400, abs=11)


@story
async def test_one_late_answer_is_no_news_but_silence_grows_stale(tmp_path: Path) -> None:
    state, answer = switch(always(1.0), failing(NoAnswer("no answer within 2 s")))
    async with watching(plan({"c": {}}), {"app": Toy({"c": answer})}, tmp_path) as stage:
        await stage.pass_by(300)
        state[0] = 1
        await stage.pass_by(9)
        assert stage.level("c") is Level.OK
        await stage.pass_by(30)
        verdict = stage.row("c").verdict
        assert verdict.level is Level.UNKNOWN
        assert verdict.reason.startswith("no answer within 2 s; last value 1 at ")


@story
async def test_a_source_without_an_address_is_unknown_but_no_episode(tmp_path: Path) -> None:
    app = Toy({"a": failing(NotConfigured("set APP_URL")), "b": failing(NotConfigured("set it"))})
    async with watching(plan({"a": {}, "b": {}}), {"app": app}, tmp_path) as stage:
        board = await stage.pass_by(1800)
        assert {c.verdict.level for c in board.checks} == {Level.UNKNOWN}
        assert stage.row("a").verdict.reason.startswith("set ")
        assert board.episodes == ()
        assert board.worst is Level.UNKNOWN


@pytest.mark.parametrize(
    ("other", "expected", "reason"),
    (
        (always(0.0), Level.IDLE, "witness 0"),
        (always(5.0), Level.CRITICAL, "none here, while witness 5"),
        (failing(Denied("401 from the API")), Level.UNKNOWN, "401 from the API"),
    ),
)
@story
async def test_silence_is_judged_by_the_second_witness(
    other: Answer, expected: Level, reason: str, tmp_path: Path
) -> None:
    checks = plan(
        {"webhooks": {"witness": "witness"}, "witness": {"source": "chatwoot", "hidden": True}}
    )
    app, chatwoot = Toy({"webhooks": always(0.0)}), Toy({"witness": other})
    async with watching(checks, {"app": app, "chatwoot": chatwoot}, tmp_path) as stage:
        board = await stage.pass_by(300)
        assert stage.level("webhooks") is expected
        assert reason in stage.row("webhooks").verdict.reason
        assert board.check("witness") is None
        assert stage.episodes("witness") == []


@pytest.mark.parametrize(
    ("inlet", "reason"),
    (
        (always(0.0, note="paused: parked"), "paused: parked; none here, while witness 5"),
        (always(1.0, note="1 of 1 live"), "none here, while witness 5"),
        (failing(Denied("401 from the API")), "none here, while witness 5"),
    ),
    ids=["shut", "open", "unknown"],
)
@story
async def test_silence_is_told_with_what_its_inlet_says_and_is_no_greener(
    inlet: Answer, reason: str, tmp_path: Path
) -> None:
    beside = {"source": "chatwoot", "hidden": True}
    checks = plan(
        {
            "webhooks": {"witness": "witness"},
            "witness": {**beside, "inlet": "inlet"},
            "inlet": beside,
            "sent": {"source": "chatwoot", "witness": "witness"},
        }
    )
    chatwoot = Toy({"witness": always(5.0), "inlet": inlet, "sent": always(0.0)})
    probes = {"app": Toy({"webhooks": always(0.0)}), "chatwoot": chatwoot}
    async with watching(checks, probes, tmp_path) as stage:
        board = await stage.pass_by(300)
        assert stage.level("webhooks") is Level.CRITICAL
        assert stage.row("webhooks").verdict.reason == reason
        assert stage.row("sent").verdict.reason == "none here, while witness 5"
        assert [state.check.id for state in board.hidden] == ["witness", "inlet"]
        hidden = board.measured("inlet")
        assert hidden is not None
        assert board.measured("webhooks") is board.check("webhooks")
        assert board.measured("inlets") is None


@story
async def test_a_company_is_told_by_its_name_where_the_witness_knows_its_id_alone(
    tmp_path: Path,
) -> None:
    checks = plan(
        {"webhooks": {"witness": "witness"}, "witness": {"source": "chatwoot", "every": "10s"}}
    )
    ours = (Row("Alpha", 0, key="ck1"), Row("no company of ours", 4, key="ck2"))
    theirs = (Row("ck1", 7, key="ck1"), Row("ck2", 1, key="ck2"), Row("ck3", 1, key="ck3"))
    app = Toy({"webhooks": always(4.0, rows=ours)})
    chatwoot = Toy({"witness": always(9.0, rows=theirs, note="worst ck1")})
    async with watching(checks, {"app": app, "chatwoot": chatwoot}, tmp_path) as stage:
        _ = await stage.pass_by(300)
        told = stage.row("webhooks").verdict.reason
        assert told == "Alpha: none here, while witness 7 (+1 more)"
        reading = stage.row("witness").reading
        assert reading is not None
        assert [row.label for row in reading.rows] == ["Alpha", "ck2", "ck3"]
        assert reading.note == "worst Alpha"


@story
async def test_warming_up_is_unknown_on_the_board_and_no_episode(tmp_path: Path) -> None:
    state, answer = switch(failing(NoAnswer("still starting")), always(1.0))
    async with watching(plan({"c": {}}), {"app": Toy({"c": answer})}, tmp_path) as stage:
        assert stage.watch.snapshot().worst is Level.UNKNOWN
        board = await stage.pass_by(WARM_UP - 20)
        assert board.checks[0].failure is not None
        assert board.worst is Level.UNKNOWN
        state[0] = 1
        board = await stage.pass_by(300)
        assert board.worst is Level.OK
        assert board.episodes == ()


@story
async def test_who_never_warms_up_is_in_trouble(tmp_path: Path) -> None:
    app = Toy({"c": failing(NoAnswer("still starting"))})
    async with watching(plan({"c": {}}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(WARM_UP + 10)
        (episode,) = stage.episodes("c")
        assert episode.reason == "still starting"


@story
async def test_what_was_sampled_while_the_loop_stood_still_is_dropped(tmp_path: Path) -> None:
    stall = 0.0

    async def timed(moment: Moment) -> Reading:
        nonlocal stall
        began = loop().time()
        loop().stall(stall)
        stall = 0.0
        await asyncio.sleep(0.1)
        return Reading(moment.now, loop().time() - began)

    app = Toy({"c": timed})
    async with watching(plan({"c": {"worsen": "1 of 1"}}), {"app": app}, tmp_path) as stage:
        await stage.pass_by(60)
        stall = 15.0
        held_up = []
        stage.watch.subscribe(lambda board: held_up.append(board.stalled))
        await stage.pass_by(60)
        assert max(held_up) > STALL
        assert held_up[-1] == 0.0
        assert stage.level("c") is Level.OK
        assert stage.episodes("c") == []
        assert all(
            value is None or value < 1 for _, value in stage.journal.values("c", T0, T0 + 999)
        )


@story
async def test_a_source_is_not_blamed_for_a_stall_of_the_watch_itself(tmp_path: Path) -> None:
    strike = False

    async def impatient(moment: Moment) -> Reading:
        nonlocal strike
        if strike:
            strike = False
            loop().stall(5.0)
            raise Unreachable("no answer within 3 s")
        return Reading(moment.now, 1.0)

    async with watching(plan({"c": {}}), {"app": Toy({"c": impatient})}, tmp_path) as stage:
        await stage.pass_by(60)
        strike = True
        board = await stage.pass_by(60)
        assert board.episodes == ()
        assert [flip.new for flip in board.flips] == [Level.OK]


@pytest.mark.parametrize("jump", (3600.0, 86_400.0))
@story
async def test_a_watch_that_was_stopped_for_a_while_blames_nobody_for_it(
    jump: float, tmp_path: Path
) -> None:
    async with watching(plan({"a": {}, "b": {}}), {"app": Toy()}, tmp_path) as stage:
        await stage.pass_by(600)
        stage.clock.shift += jump
        board = stage.watch.snapshot()
        assert board.worst is Level.UNKNOWN
        board = await stage.pass_by(60)
        assert board.worst is Level.OK
        assert board.episodes == ()


@story
async def test_a_clock_that_goes_back_is_never_green_on_readings_of_the_future(
    tmp_path: Path,
) -> None:
    async with watching(plan({"c": {"every": "60s"}}), {"app": Toy()}, tmp_path) as stage:
        await stage.pass_by(600)
        stage.clock.shift -= 3600
        board = stage.watch.snapshot()
        assert board.worst is Level.UNKNOWN
        assert board.checks[0].verdict.reason.startswith("the clock went back")
        board = await stage.pass_by(120)
        assert board.worst is Level.OK
        assert 1.0 in board.checks[0].history[-2:]


@story
async def test_a_check_that_passes_over_one_turn_is_not_unknown_for_it(tmp_path: Path) -> None:
    resting = [False]

    async def answer(moment: Moment) -> Reading:
        if resting[0]:
            raise NoAnswer("resting")
        return Reading(moment.now, 1.0)

    rare = plan({"rare": {"every": "5m"}})
    async with watching(rare, {"app": Toy({"rare": answer})}, tmp_path) as stage:
        for _ in range(12):
            await stage.pass_by(900)
            resting[0] = True
            # Shorter than the least time between two of its turns: it rests once at most.
            await stage.pass_by(260)
            resting[0] = False
        assert stage.episodes("rare") == []


@story
async def test_a_rare_check_with_too_little_at_first_soon_looks_again(tmp_path: Path) -> None:
    samples = iter((3, 3, 3, 40))

    async def answer(moment: Moment) -> Reading:
        return Reading(moment.now, 1.0, sample=next(samples, 40), part=1.0)

    rare = plan({"rare": {"every": "5m", "min_sample": 20}})
    async with watching(rare, {"app": Toy({"rare": answer})}, tmp_path) as stage:
        await stage.pass_by(100)
        assert stage.level("rare") is Level.OK
