"""What whoever takes the watch is asked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.acts import Note, Record, RollbackStep
from firstwatch.affairs import Ack, Affairs, OpenPromise, RollbackRun, StepDone
from firstwatch.episodes import Episode
from firstwatch.plan import Plan, Rollback, Step
from firstwatch.rounds import RoundState, schedule, states
from firstwatch.snapshot import CheckState, Snapshot, SourceState
from firstwatch.takeover import MOST, Asked, Form, questions
from firstwatch.verdict import Level, Verdict
from tests.domain.leaping import T0, plan

MINUTE = 60.0
NAMES = tuple(f"check {number}" for number in range(12))
STEPS = (Step(title="pause webhooks"), Step(title="restore"))


def planned(*names: str) -> Plan:
    made = plan({name: {} for name in names or NAMES})
    return made.model_copy(update={"rollback": Rollback(steps=STEPS)})


def rounds_at(checklist: Plan, now: float, signed: Sequence[int]) -> tuple[RoundState, ...]:
    return states(
        schedule(checklist, T0), now, {number: (T0 + 1800 * number, "A") for number in signed}
    )


def snapshot(minute: float = 100, signed: Sequence[int] = (1, 2, 3), **rest: object) -> Snapshot:
    """A watch of which nothing is to be asked but the round and the rollback."""
    checklist, now = planned(), T0 + MINUTE * minute
    base = Snapshot(
        at=now,
        launch=T0,
        plan=checklist,
        checks=tuple(
            CheckState(check, Verdict(Level.WARNING, f"{name}: 12 > 10", T0))
            for name, check in checklist.checks.items()
        ),
        rounds=rounds_at(checklist, now, signed),
        affairs=Affairs(holder="A", pending="B"),
    )
    return replace(base, **rest)  # type: ignore[arg-type]


def episode(number: int, level: Level = Level.WARNING, **rest: object) -> Episode:
    made = Episode(NAMES[number], T0 + MINUTE * number, level, "12 > 10")
    return replace(made, **rest)  # type: ignore[arg-type]


def ack(number: int, ident: int = 1) -> Ack:
    return Ack(ident, NAMES[number], T0 + 4800, "A", "deploy rolls", Level.WARNING, T0 + 8400)


def promise(ident: int, text: str = "recheck quota", due: float = 6600) -> OpenPromise:
    return OpenPromise(ident, T0 + 60, "A", text, T0 + due, "")


def keys(asked: Sequence[Asked]) -> list[str]:
    return [one.key.partition(":")[0] for one in asked]


def only(asked: Sequence[Asked], key: str) -> Asked:
    (found,) = [one for one in asked if one.key.startswith(key)]
    return found


def test_a_calm_watch_asks_of_the_next_round_and_the_rollback_window() -> None:
    asked = questions(snapshot())
    assert keys(asked) == ["round", "rollback"]
    next_round, rollback = asked
    assert next_round.question == "Round 4 is due 11:00: will you sign it?"
    assert next_round.facts[0] == "in 20m, upcoming, phase first"
    assert next_round.form is Form.YES
    assert rollback.question == "Going back is possible until 15:00: what would make you do it?"
    assert rollback.facts == ("the window closes in 4h 20m",)
    assert rollback.form is Form.LINE


def test_times_stand_in_the_zone_of_the_plan_too() -> None:
    found = snapshot()
    zone = found.plan.watch.model_copy(update={"timezone": "Asia/Dubai"})
    asked = questions(replace(found, plan=found.plan.model_copy(update={"watch": zone})))
    assert asked[0].question == "Round 4 is due 11:00 (15:00): will you sign it?"


def test_after_the_window_and_the_last_round_nothing_is_asked() -> None:
    assert questions(snapshot(24 * 60, signed=range(1, 13))) == ()


def test_an_open_episode_that_nobody_has_wants_a_name() -> None:
    asked = questions(snapshot(episodes=(episode(5), episode(6, end=T0 + 600))))
    found = only(asked, "episode")
    assert found.question == "check 5: who has it?"
    assert found.form is Form.WORD
    assert found.answered("Bo").episodes == ((NAMES[5], T0 + 5 * MINUTE),)
    assert found.facts[0] == "warning since 09:05, 1h 35m: check 5: 12 > 10"


def test_a_trouble_that_grew_worse_names_when_and_since_when_it_is_one() -> None:
    found = snapshot(episodes=(episode(5),))
    worse = tuple(
        replace(state, verdict=replace(state.verdict, level=Level.CRITICAL, since=T0 + 1800))
        for state in found.checks
    )
    (fact, _) = only(questions(replace(found, checks=worse)), "episode").facts
    assert fact.startswith("critical since 09:30, in trouble since 09:05, 1h 35m: ")


def test_an_acknowledged_one_asks_whether_that_is_still_true() -> None:
    affairs = Affairs(holder="A", pending="B", acks={NAMES[5]: ack(5)})
    asked = questions(snapshot(episodes=(episode(5),), affairs=affairs))
    assert "episode" not in keys(asked)
    found = only(asked, "ack")
    assert found.question == "check 5: A has it; is that still true?"
    assert found.form is Form.YES
    assert found.facts[0] == "acknowledged 10:20: deploy rolls"
    assert found.facts[2] == "asked about again 11:20, in 40m"
    assert found.answered("no, they sleep").denied == (1,)
    assert found.answered("yes, no doubt").denied == ()


def test_a_promise_asks_whether_it_will_be_kept() -> None:
    affairs = Affairs(holder="A", pending="B", promises=(promise(7), promise(8, due=600)))
    asked = questions(snapshot(affairs=affairs))
    first, second = (one for one in asked if one.key.startswith("promise"))
    assert first.question == "Promised for 10:50: recheck quota. Will you do it?"
    assert first.facts == ("promised by A 09:01", "due 10:50, in 10m")
    assert second.facts[1] == "due 09:10, 1h 30m ago"


def test_a_blind_source_wants_a_name_unless_its_episode_asks_already() -> None:
    sources = (
        SourceState("chatwoot", "chatwoot", T0, "no Chatwoot: set CHATWOOT_URL"),
        SourceState("app", "http", T0 + 60, "connection refused"),
        SourceState("log", "log"),
        SourceState("watch", "firstwatch", T0, "no watch running"),
    )
    outage = Episode("source:app", T0 + 60, Level.UNKNOWN, "connection refused")
    asked = questions(snapshot(sources=sources, episodes=(outage,)))
    assert keys(asked) == ["episode", "blind", "round", "rollback"]
    assert asked[0].question == "source app: who has it?"
    assert asked[1].question == "chatwoot cannot be seen: who looks after it?"


def test_missed_rounds_that_no_note_explains_are_asked_about_once() -> None:
    found = snapshot(220, signed=(1, 3))
    asked = only(questions(found), "missed")
    assert asked.question == ("Rounds 2, 4–6 were missed and nobody has said why: what happened?")
    assert asked.form is Form.LINE
    notes = tuple(
        Record(number, T0, "A", Note(text="asleep", about=f"round:{number}"))
        for number in (2, 4, 5)
    )
    explained = replace(found, affairs=replace(found.affairs, notes=notes))
    assert only(questions(explained), "missed").question == (
        "Round 6 was missed and nobody has said why: what happened?"
    )


def test_a_late_round_says_until_when_it_may_be_signed() -> None:
    asked = only(questions(snapshot(135)), "round")
    assert asked.question == "Round 4 was due 11:00: will you sign it?"
    assert asked.facts == ("15m ago, late, phase first", "missed unless signed by 11:25")


def test_a_rollback_that_is_under_way_wants_a_leader() -> None:
    step = StepDone(T0 + 5600, "A", RollbackStep(step=1, title="pause webhooks"))
    run = RollbackRun(9, T0 + 5500, "A", "leads are lost", False, (), (step, step))
    affairs = Affairs(holder="A", pending="B", rollbacks=(run,))
    asked = only(questions(snapshot(affairs=affairs)), "rollback")
    assert asked.question == "The rollback is under way: who leads it?"
    assert asked.facts == (
        "opened 10:31 by A: leads are lost",
        "1 of 2 steps are done or passed over",
    )


def test_too_many_of_a_sort_become_one_question_with_the_worst_first() -> None:
    episodes = tuple(
        episode(number, Level.CRITICAL if number == 11 else Level.WARNING) for number in range(12)
    )
    asked = questions(snapshot(episodes=episodes))
    assert keys(asked) == ["episodes", "round", "rollback"]
    found = asked[0]
    assert found.question == "12 episodes that nobody has acknowledged: who has them?"
    assert found.facts[0].startswith("check 11: warning since 09:11")
    assert len(found.facts) == 9
    assert found.facts[-1] == "and 4 more"


@given(
    st.sets(st.integers(0, 11)),
    st.sets(st.integers(0, 11)),
    st.integers(0, 12),
    st.integers(0, 5),
    st.floats(0, 3000),
)
def test_there_are_never_more_than_eight_and_each_has_facts(
    open_: set[int], had: set[int], promised: int, blind: int, minute: float
) -> None:
    affairs = Affairs(
        holder="A",
        acks={NAMES[number]: ack(number, number) for number in had & open_},
        promises=tuple(promise(number) for number in range(promised)),
    )
    sources = tuple(SourceState(f"s{n}", "http", T0, "refused") for n in range(blind))
    asked = questions(
        snapshot(
            minute,
            (),
            episodes=tuple(episode(number) for number in sorted(open_)),
            affairs=affairs,
            sources=sources,
        )
    )
    assert len(asked) <= MOST
    assert len({one.key for one in asked}) == len(asked)
    assert all(one.facts and one.question and len(one.facts) <= 9 for one in asked)
    wanted = [bool(open_ - had), bool(open_ & had), promised > 0, blind > 0]
    groups = ("episode", "ack", "promise", "blind")
    assert [any(one.key.startswith(group) for one in asked) for group in groups] == wanted


@pytest.mark.parametrize(
    ("form", "answer", "problem"),
    (
        (Form.YES, "yes", ""),
        (Form.YES, "Y", ""),
        (Form.YES, "yes, but B helps", ""),
        (Form.YES, "no, it is over", ""),
        (Form.YES, "no", "say why not"),
        (Form.YES, "n", "say why not"),
        (Form.YES, "perhaps", "say yes, or no and why"),
        (Form.YES, "  ", "answer it first"),
        (Form.WORD, "B", ""),
        (Form.WORD, "", "answer it first"),
        (Form.LINE, "more than ten leads lost", ""),
        (Form.LINE, "\x1b[2J", "answer it first"),
    ),
)
def test_an_answer_has_to_be_one(form: Form, answer: str, problem: str) -> None:
    assert Asked("key", "question?", form).lacks(answer) == problem


def test_an_answer_is_recorded_harmless() -> None:
    answered = Asked("key", "who has it?", Form.WORD).answered("  B\x1b[31m\n and C ")
    assert (answered.question, answered.answer) == ("who has it?", "B  and C")
