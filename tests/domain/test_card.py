"""A round is signed with the evidence of that moment, and never as something it is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from firstwatch.acts import (
    Item,
    Kept,
    Mark,
    Note,
    Promise,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
)
from firstwatch.affairs import Affairs, OpenPromise, RollbackRun
from firstwatch.card import Said, Signing, card, lacking, level_seen, sign_off, timing, why_not
from firstwatch.desk import Acknowledge, act_of
from firstwatch.episodes import Episode
from firstwatch.errors import Refused, Unreachable
from firstwatch.journal import Journal
from firstwatch.readings import Reading
from firstwatch.rounds import schedule, states
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level, Verdict
from tests.domain.leaping import T0, Toy, always, failing, plan, story, switch, watching

NOW = T0 + 1800 + 120
PLAN = plan(
    {
        "good": {"unit": "%"},
        "bad": {},
        "dark": {},
        "ours": {"source": ""},
        "apart": {},
    },
    phases=[
        {
            "name": "first",
            "start": "0s",
            "end": "6h",
            "every": "30m",
            "checks": ["good", "bad", "dark", "ours"],
        }
    ],
    rollback={"steps": [{"title": "one"}, {"title": "two"}]},
)
LEVELS = {
    "good": Level.OK,
    "bad": Level.WARNING,
    "dark": Level.UNKNOWN,
    "ours": Level.PENDING,
    "apart": Level.CRITICAL,
}
SAID = {
    "bad": Said(Mark.SEEN, Level.WARNING, "deploy is under way"),
    "dark": Said(Mark.BLIND, Level.UNKNOWN),
    "ours": Said(Mark.FINE, Level.PENDING, number=3.0),
    "apart": Said(Mark.SEEN, Level.CRITICAL),
}


def board(now: float = NOW, **levels: Level) -> Snapshot:
    """Two minutes into the first round, unless said otherwise."""
    checks = tuple(
        CheckState(
            PLAN.checks[name],
            Verdict(levels.get(name, level), f"because of {name}", now - 60),
            Reading(now - 4, 41.5, sample=97),
        )
        for name, level in LEVELS.items()
    )
    rounds = states(schedule(PLAN, T0), now, {})
    episodes = (Episode("bad", now - 60, Level.WARNING, "because", flips=2),)
    return Snapshot(
        now, T0, PLAN, checks, rounds=rounds, episodes=episodes, affairs=Affairs(holder="A")
    )


def signing(**said: Said) -> Signing:
    return Signing(1, NOW - 40, {**SAID, **said}, "all seen")


def item(act: SignOff, check: str) -> Item:
    return next(item for item in act.items if item.check == check)


def test_the_card_sorts_by_who_has_to_say() -> None:
    asked = card(board(), board().rounds[0])
    assert [s.check.id for s in asked.exceptions] == ["bad", "dark", "apart"]
    assert [s.check.id for s in asked.manual] == ["ours"]
    assert [s.check.id for s in asked.verified] == ["good"]
    assert [s.check.id for s in lacking(asked, {})] == ["bad", "dark", "apart", "ours"]
    assert lacking(asked, SAID) == ()


def test_signing_freezes_value_age_sample_and_reason_of_every_item() -> None:
    act = sign_off(board(), signing())
    assert [i.check for i in act.items] == ["bad", "dark", "apart", "ours", "good"]
    assert item(act, "good") == Item(
        check="good",
        title="good",
        mark=Mark.VERIFIED,
        level=Level.OK,
        reason="because of good",
        value=41.5,
        unit="%",
        age=4.0,
        sample=97,
    )
    assert item(act, "bad").note == "deploy is under way"
    assert item(act, "ours").number == 3.0
    assert (act.opened, act.due, act.note) == (NOW - 40, T0 + 1800, "all seen")
    assert not act.is_clean


def test_a_round_of_fine_items_alone_needs_no_word_and_is_clean() -> None:
    fine = board(bad=Level.OK, dark=Level.IDLE, apart=Level.OK)
    act = sign_off(fine, Signing(1, NOW, {"ours": SAID["ours"]}))
    assert act.is_clean


@pytest.mark.parametrize("mark", (Mark.FINE, Mark.VERIFIED, Mark.SEEN, Mark.NOT_FINE))
def test_what_is_unknown_can_never_be_signed_as_anything_but_blind(mark: Mark) -> None:
    with pytest.raises(Refused, match="dark has become unknown"):
        sign_off(board(), signing(dark=Said(mark, Level.UNKNOWN)))


def test_what_becomes_worse_between_looking_and_signing_is_not_signed() -> None:
    with pytest.raises(Refused, match="bad has become critical since you looked"):
        sign_off(board(bad=Level.CRITICAL), signing())
    with pytest.raises(Refused, match="good is warning: say something"):
        sign_off(board(good=Level.WARNING), signing())
    with pytest.raises(Refused, match="bad has become unknown"):
        sign_off(board(bad=Level.UNKNOWN), signing())


def test_what_becomes_better_meanwhile_is_taken_as_it_is() -> None:
    act = sign_off(board(bad=Level.OK, dark=Level.OK, apart=Level.WARNING), signing())
    assert [item(act, c).mark for c in ("bad", "dark", "apart")] == [
        Mark.VERIFIED,
        Mark.VERIFIED,
        Mark.SEEN,
    ]


def test_nothing_said_of_a_persons_item_is_no_tick() -> None:
    said = {check: word for check, word in SAID.items() if check != "ours"}
    with pytest.raises(Refused, match="ours is pending"):
        sign_off(board(), Signing(1, NOW, said))
    with pytest.raises(Refused, match="ours: say why nobody can tell"):
        sign_off(board(), signing(ours=Said(Mark.BLIND, Level.PENDING)))


@pytest.mark.parametrize(
    ("mark", "then", "now", "falls"),
    (
        (Mark.FINE, Level.OK, Level.CRITICAL, True),
        (Mark.FINE, Level.OK, Level.UNKNOWN, True),
        (Mark.FINE, Level.WARNING, Level.CRITICAL, True),
        (Mark.FINE, Level.WARNING, Level.WARNING, False),
        (Mark.FINE, Level.WARNING, Level.OK, False),
        (Mark.FINE, Level.OK, Level.IDLE, False),
        (Mark.NOT_FINE, Level.OK, Level.CRITICAL, False),
        (Mark.BLIND, Level.OK, Level.CRITICAL, False),
    ),
)
def test_a_persons_fine_falls_when_what_it_went_by_becomes_worse(
    mark: Mark, then: Level, now: Level, falls: bool
) -> None:
    ours = next(state for state in board().checks if state.check.id == "ours")
    before, after = (
        replace(ours, verdict=replace(ours.verdict, hinted=level)) for level in (then, now)
    )
    word = Said(mark, level_seen(before), "so they say")
    why = why_not(after, word)
    assert why == (f"ours: what you went by has become {now}: because of ours" if falls else "")


@story
async def test_the_watch_refuses_a_fine_that_was_said_before_its_hint_became_worse(
    tmp_path: Path,
) -> None:
    state, answer = switch(always(1.0), always(99.0))
    checks = plan({"c": {}, "ours": {"source": "", "hint_from": "c"}})
    async with watching(checks, {"app": Toy({"c": answer})}, tmp_path) as stage:
        shown = (await stage.pass_by(1800)).check("ours")
        assert shown is not None
        said = {"ours": Said(Mark.FINE, level_seen(shown)), "c": Said(Mark.SEEN, Level.CRITICAL)}
        state[0] = 1
        await stage.pass_by(300)
        with pytest.raises(Refused, match="what you went by has become critical: c 99"):
            stage.watch.do(Signing(1, stage.clock.now(), said))
        said["ours"] = replace(said["ours"], level=Level.CRITICAL)
        stage.watch.do(Signing(1, stage.clock.now(), said))


@pytest.mark.parametrize(
    ("now", "why"),
    (
        (T0 + 60, "round 1 opens at"),
        (T0 + 2 * 3600, "round 1 was missed at .*; a note may explain it"),
    ),
)
def test_a_round_is_signed_only_while_it_is_open(now: float, why: str) -> None:
    with pytest.raises(Refused, match=why):
        sign_off(board(now), signing())
    with pytest.raises(Refused, match="there is no round 99"):
        sign_off(board(), replace(signing(), number=99))


def test_early_on_time_and_late_are_told_apart() -> None:
    (first, *_) = schedule(PLAN, T0)
    assert timing(first, first.due - 1) == "early"
    assert timing(first, first.due + 60) == "on time"
    assert timing(first, first.late + 60) == "11 minutes late"


def test_both_names_stand_under_what_is_done_while_a_hand_over_is_pending() -> None:
    pending = replace(board(), affairs=Affairs(holder="A", pending="B"))
    assert act_of(pending, signing())[0] == "A, B"


def test_what_people_type_is_made_harmless_and_bounded() -> None:
    who, note = act_of(board(), Note(text="all\x1b[2J quiet\u202e" + "x" * 9000))
    assert isinstance(note, Note)
    assert note.text.startswith("all quietx")
    assert len(note.text) == 2000
    assert who == "A"
    with pytest.raises(Refused, match="needs words"):
        act_of(board(), Note(text=" \x00 "))


def test_what_is_not_so_is_refused() -> None:
    with pytest.raises(Refused, match="no trouble any more"):
        act_of(board(), Acknowledge("good", "known"))
    with pytest.raises(Refused, match="say why it may wait"):
        act_of(board(), Acknowledge("bad", " "))
    with pytest.raises(Refused, match="passed already"):
        act_of(board(), Acknowledge("bad", "known", NOW))
    with pytest.raises(Refused, match="passed already"):
        act_of(board(), Promise(text="recheck", due=NOW - 1))
    with pytest.raises(Refused, match="not open any more"):
        act_of(board(), Kept(promise=7))


def test_a_promise_is_kept_once() -> None:
    promise = OpenPromise(7, NOW, "A", "recheck", NOW + 60, "")
    open_ = replace(board(), affairs=Affairs(holder="A", promises=(promise,)))
    assert act_of(open_, Kept(promise=7)) == ("A", Kept(promise=7))


def test_a_rollback_goes_step_by_step_and_only_in_its_window() -> None:
    opened = RollbackOpened(reason="webhooks fail")
    assert act_of(board(), opened)[1] == opened
    with pytest.raises(Refused, match="window of the rollback closed"):
        act_of(board(T0 + 7 * 3600), opened)
    with pytest.raises(Refused, match="no run of the rollback"):
        act_of(board(), RollbackStep(step=1, title="one"))
    run = RollbackRun(1, NOW, "A", "webhooks fail", is_drill=False, price=())
    under_way = replace(board(), affairs=Affairs(holder="A", rollbacks=(run,)))
    assert act_of(under_way, RollbackStep(step=1, title="one"))[0] == "A"
    with pytest.raises(Refused, match="step 1 comes first"):
        act_of(under_way, RollbackStep(step=2, title="two"))
    with pytest.raises(Refused, match="say why this step is passed over"):
        act_of(under_way, RollbackStep(step=1, title="one", is_done=False))
    with pytest.raises(Refused, match="under way already"):
        act_of(under_way, opened)
    with pytest.raises(Refused, match="say why it is called off"):
        act_of(under_way, RollbackClosed(is_called_off=True))
    with pytest.raises(Refused, match="say why it ends without step 1"):
        act_of(under_way, RollbackClosed(is_called_off=False))
    ended = RollbackClosed(is_called_off=False, note="enough")
    assert act_of(under_way, ended) == ("A", ended)


def test_what_the_watch_saw_of_a_step_is_its_own_word_and_nobody_elses() -> None:
    run = RollbackRun(1, NOW, "A", "webhooks fail", is_drill=False, price=())
    under_way = replace(board(), affairs=Affairs(holder="A", rollbacks=(run,)))
    _, act = act_of(under_way, RollbackStep(step=1, title="mine", verified="all is well"))
    assert isinstance(act, RollbackStep)
    assert (act.title, act.verified) == (PLAN.rollback.steps[0].title, "")
    _, opened = act_of(board(), RollbackOpened(reason="x", price=("nothing",)))
    assert isinstance(opened, RollbackOpened)
    assert opened.price == ()


@story
async def test_a_running_watch_signs_what_it_measures_at_that_moment(tmp_path: Path) -> None:
    state, answer = switch(always(1.0), always(99.0), failing(Unreachable("gone")))
    checks = plan({"c": {}})
    async with watching(checks, {"app": Toy({"c": answer})}, tmp_path) as stage:
        await stage.pass_by(1800)
        record = stage.watch.do(Signing(1, stage.clock.now()))
        assert isinstance(record.act, SignOff)
        assert [(i.check, i.value, i.level) for i in record.act.items] == [("c", 1.0, Level.OK)]
        assert (await stage.pass_by(1)).rounds[0].signed_by == "A"
        with pytest.raises(Refused, match="round 1 was signed at"):
            stage.watch.do(Signing(1, stage.clock.now()))
        for chosen, level in ((1, "critical"), (2, "unknown")):
            state[0] = chosen
            await stage.pass_by(1800)
            number = chosen + 1
            with pytest.raises(Refused, match=f"c is {level}: say something"):
                stage.watch.do(Signing(number, stage.clock.now()))
        with Journal.read_only(tmp_path / "watch.journal") as reader:
            assert [r.act for r in reader.acts()] == [record.act]
