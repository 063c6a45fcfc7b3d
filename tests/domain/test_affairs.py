"""What is open of what people did: acknowledgements, promises, who has the watch, cadence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.acts import (
    Acknowledgement,
    Act,
    Answer,
    Cadence,
    Carried,
    HandedOver,
    Item,
    Kept,
    Mark,
    Note,
    Promise,
    Record,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
)
from firstwatch.affairs import Affairs, affairs, extensions, signed
from firstwatch.desk import Acknowledge
from firstwatch.episodes import Flip, fold
from firstwatch.errors import Refused
from firstwatch.plan import Plan
from firstwatch.rounds import schedule, states
from firstwatch.verdict import Level
from tests.domain.leaping import T0, Toy, always, plan, story, switch, watching

OK, UNKNOWN, WARNING, CRITICAL = Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL
PHASES: list[dict[str, object]] = [
    {
        "name": "critical",
        "start": "0h",
        "end": "2h",
        "every": "30m",
        "checks": ["c"],
        "relax_after": 3,
    },
    {"name": "active", "start": "2h", "end": "6h", "every": "1h", "checks": ["c"]},
]
TWO_PHASES = plan({"c": {}}, phases=PHASES)


@dataclass
class Tale:
    """Flips and acts as they came, by minutes since the launch."""

    plan: Plan = field(default_factory=lambda: TWO_PHASES)
    flips: list[Flip] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def flip(self, minute: float, new: Level, subject: str = "c", blocked: str = "") -> None:
        old = next((f.new for f in reversed(self.flips) if f.subject == subject), OK)
        reason = f"{new} at {minute:g}"
        at = T0 + 60 * minute
        self.flips.append(Flip(at, subject, old, new, reason, blocked_by=blocked))

    def act(self, minute: float, act: Act, who: str = "A") -> Record:
        record = Record(len(self.records) + 1, T0 + 60 * minute, who, act)
        self.records.append(record)
        return record

    def acknowledge(self, minute: float, level: Level = WARNING, subject: str = "c") -> Record:
        episode = next(e for e in fold(self.flips) if e.is_open and e.subject == subject)
        return self.act(
            minute,
            Acknowledgement(
                subject=subject,
                start=episode.start,
                level=level,
                flips=episode.flips,
                why="known",
                recheck=T0 + 60 * (minute + 60),
            ),
        )

    def sign(self, number: int, minute: float, *, clean: bool = True) -> None:
        item = Item(check="c", title="c", mark=Mark.VERIFIED if clean else Mark.SEEN, level=OK)
        due = T0 + 60 * minute
        self.act(
            minute,
            SignOff(number=number, name=str(number), due=due, late=due, opened=due, items=(item,)),
        )

    def at(self, minute: float, operator: str = "A") -> Affairs:
        now = T0 + 60 * minute
        rounds = schedule(self.plan, T0, extensions(self.records))
        return affairs(
            self.records,
            self.plan,
            self.flips,
            fold(self.flips),
            states(rounds, now, signed(self.records)),
            operator=operator,
            now=now,
        )


def acknowledged() -> Tale:
    """A warning since minute 10, acknowledged in minute 12."""
    tale = Tale()
    tale.flip(10, WARNING)
    tale.acknowledge(12)
    return tale


# Acknowledgements


def test_an_acknowledgement_holds_while_its_episode_lasts() -> None:
    ack = acknowledged().at(40).acks["c"]
    assert (ack.who, ack.why, ack.level) == ("A", "known", WARNING)
    assert not ack.asks(T0 + 60 * 40)


def test_called_untrue_at_a_take_over_it_is_asked_about_at_once_until_it_is_renewed() -> None:
    tale = acknowledged()
    said = Answer(question="still true?", answer="no, they sleep", denied=(1, 99))
    tale.act(30, TakenOver(by="B", answers=(said,)), "B")
    assert tale.at(31).acks["c"].recheck == T0 + 60 * 30
    assert tale.at(31).acks["c"].asks(T0 + 60 * 31)
    tale.acknowledge(40)
    assert not tale.at(41).acks["c"].asks(T0 + 60 * 41)


def test_it_is_asked_about_again_and_renewed() -> None:
    tale = acknowledged()
    assert tale.at(80).acks["c"].asks(T0 + 60 * 72)
    tale.acknowledge(80)
    ack = tale.at(80).acks["c"]
    assert not ack.asks(T0 + 60 * 80)
    assert ack.id == 2
    assert tale.at(80).over == ()


@pytest.mark.parametrize(
    "flips",
    (
        pytest.param([(20, CRITICAL, "")], id="worse"),
        pytest.param([(20, CRITICAL, ""), (21, WARNING, "")], id="worse for a moment"),
        pytest.param([(20, UNKNOWN, ""), (21, CRITICAL, "")], id="worse by way of unknown"),
    ),
)
def test_it_breaks_when_it_gets_worse(flips: list[tuple[float, Level, str]]) -> None:
    tale = acknowledged()
    for minute, level, blocked in flips:
        tale.flip(minute, level, blocked=blocked)
    found = tale.at(30)
    assert found.acks == {}
    (over,) = found.over
    assert (over.subject, over.who, over.level) == ("c", "A", CRITICAL)


@pytest.mark.parametrize(
    "flips",
    (
        pytest.param([], id="unchanged"),
        pytest.param([(20, UNKNOWN, "")], id="not measured for a while"),
        pytest.param([(20, UNKNOWN, ""), (21, WARNING, "")], id="as bad as it was"),
        pytest.param([(20, UNKNOWN, "app"), (21, WARNING, "")], id="seen again after an outage"),
    ),
)
def test_it_outlives_what_is_no_worse(flips: list[tuple[float, Level, str]]) -> None:
    tale = acknowledged()
    for minute, level, blocked in flips:
        tale.flip(minute, level, blocked=blocked)
    assert set(tale.at(30).acks) == {"c"}
    assert tale.at(30).over == ()


@pytest.mark.parametrize("calm", (OK, Level.OFF_TARGET, Level.IDLE))
def test_it_clears_on_recovery(calm: Level) -> None:
    tale = acknowledged()
    tale.flip(20, calm)
    found = tale.at(30)
    assert found.acks == {}
    assert [(o.at, o.level) for o in found.over] == [(T0 + 1200, calm)]


@pytest.mark.parametrize(
    "between",
    (
        [],
        [(21, Level.OFF_TARGET, "")],
        [(21, Level.OFF_TARGET, ""), (22, OK, "")],
        [(21, UNKNOWN, "app")],
        [(21, UNKNOWN, "app"), (22, OK, ""), (22.5, UNKNOWN, "app")],
    ),
    ids=("at once", "off target", "off target and ok", "in an outage", "in two outages"),
)
def test_trouble_that_comes_back_and_continues_its_episode_is_not_acknowledged(
    between: list[tuple[float, Level, str]],
) -> None:
    tale = acknowledged()
    tale.flip(20, OK)
    for minute, level, blocked in between:
        tale.flip(minute, level, blocked=blocked)
    tale.flip(23, WARNING)
    assert [e.is_open for e in fold(tale.flips)] == [True]
    assert tale.at(30).acks == {}


def test_an_acknowledgement_of_a_merged_episode_holds() -> None:
    tale = Tale()
    for minute, level in ((10, WARNING), (11, OK), (12, Level.OFF_TARGET), (13, WARNING)):
        tale.flip(minute, level)
    tale.acknowledge(14)
    assert set(tale.at(20).acks) == {"c"}
    tale.flip(20, CRITICAL)
    assert tale.at(21).acks == {}


def test_a_new_episode_of_the_same_check_is_not_acknowledged() -> None:
    tale = acknowledged()
    tale.flip(20, OK)
    tale.flip(40, WARNING)
    assert len(fold(tale.flips)) == 2
    assert tale.at(41).acks == {}
    tale.acknowledge(42)
    assert set(tale.at(43).acks) == {"c"}


def test_what_is_critical_may_be_acknowledged_and_become_less() -> None:
    tale = Tale()
    tale.flip(10, CRITICAL)
    tale.acknowledge(11, CRITICAL)
    tale.flip(15, WARNING)
    tale.flip(16, CRITICAL)
    assert set(tale.at(20).acks) == {"c"}


def test_a_source_is_acknowledged_under_its_own_name() -> None:
    tale = Tale()
    tale.flip(10, UNKNOWN, "source:app")
    tale.flip(10, UNKNOWN, blocked="app")
    tale.acknowledge(11, UNKNOWN, "source:app")
    assert set(tale.at(12).acks) == {"source:app"}
    tale.flip(13, OK, "source:app")
    assert tale.at(14).acks == {}


LEVELS = st.sampled_from((OK, Level.OFF_TARGET, UNKNOWN, WARNING, CRITICAL))
STEPS = st.lists(st.tuples(LEVELS, st.booleans(), st.sampled_from((0.5, 2.0, 8.0))), max_size=8)


@given(STEPS, STEPS)
def test_an_acknowledgement_holds_exactly_until_the_first_flip_that_is_worse_or_calm(
    before: Sequence[tuple[Level, bool, float]], after: Sequence[tuple[Level, bool, float]]
) -> None:
    tale, minute = Tale(), 0.0
    for level, is_blocked, gap in before:
        minute += gap
        tale.flip(minute, UNKNOWN if is_blocked else level, blocked="app" if is_blocked else "")
    minute += 1
    if not any(e.is_open for e in fold(tale.flips)):
        tale.flip(minute, WARNING)
    level = tale.flips[-1].new
    tale.acknowledge(minute, level)
    holds = True
    for new, is_blocked, gap in after:
        minute += gap
        tale.flip(minute, UNKNOWN if is_blocked else new, blocked="app" if is_blocked else "")
        holds = holds and (is_blocked or UNKNOWN.severity <= new.severity <= level.severity)
    found = tale.at(minute)
    assert ("c" in found.acks) is holds
    assert bool(found.over) is not holds


@story
async def test_an_acknowledgement_survives_a_restart_and_breaks_on_worsening(
    tmp_path: Path,
) -> None:
    chosen, answer = switch(always(1.0), always(15.0), always(25.0))
    probes = {"app": Toy({"c": answer})}
    async with watching(plan({"c": {}}), probes, tmp_path) as stage:
        await stage.pass_by(60)
        with pytest.raises(Refused, match="no trouble"):
            stage.watch.do(Acknowledge("c", "known"))
        chosen[0] = 1
        await stage.pass_by(60)
        with pytest.raises(Refused, match="say why"):
            stage.watch.do(Acknowledge("c", "  "))
        stage.watch.do(Acknowledge("c", "known", stage.clock.now() + 900))
        assert stage.watch.snapshot().affairs.acks["c"].who == "A"
        clock = stage.clock
    async with watching(plan({"c": {}}), probes, tmp_path, clock) as stage:
        board = await stage.pass_by(60)
        assert board.affairs.acks["c"].why == "known"
        assert not board.affairs.acks["c"].asks(board.at)
        board = await stage.pass_by(900)
        assert board.affairs.acks["c"].asks(board.at)
        chosen[0] = 2
        board = await stage.pass_by(120)
        assert board.affairs.acks == {}
        assert [over.level for over in board.affairs.over] == [CRITICAL]


# Promises and notes


def test_promises_are_open_until_kept_or_let_go_and_come_by_when_they_are_due() -> None:
    tale = Tale()
    late = tale.act(1, Promise(text="later", due=T0 + 7200))
    soon = tale.act(2, Promise(text="soon", due=T0 + 3600, about="c"), "B")
    assert [p.text for p in tale.at(3).promises] == ["soon", "later"]
    assert tale.at(3).promises[0].who == "B"
    tale.act(4, Kept(promise=soon.id))
    assert [p.id for p in tale.at(5).promises] == [late.id]
    tale.act(6, Kept(promise=late.id, is_done=False, note="not needed"))
    assert tale.at(7).promises == ()


def test_a_promise_stays_open_long_after_it_was_due() -> None:
    tale = Tale()
    tale.act(1, Promise(text="soon", due=T0 + 120))
    assert tale.at(1000).promises[0].due == T0 + 120


def test_notes_are_kept_in_their_order() -> None:
    tale = Tale()
    for text in ("one", "two"):
        tale.act(1, Note(text=text))
    texts = [n.act.text for n in tale.at(2).notes if isinstance(n.act, Note)]
    assert texts == ["one", "two"]


# Who has the watch


def test_nothing_changes_hands_until_it_is_accepted() -> None:
    tale = Tale()
    assert (tale.at(0).holder, tale.at(0).pending, tale.at(0).who) == ("A", "", "A")
    tale.act(1, HandedOver(to="B"))
    assert (tale.at(2).holder, tale.at(2).pending, tale.at(2).who) == ("A", "B", "A, B")
    tale.act(3, TakenOver(by="B"), "B")
    assert (tale.at(4).holder, tale.at(4).pending, tale.at(4).who) == ("B", "", "B")


def test_an_offer_may_be_taken_back_or_made_to_somebody_else() -> None:
    tale = Tale()
    tale.act(1, HandedOver(to="B"))
    tale.act(2, HandedOver(to="C"))
    assert tale.at(3).pending == "C"
    tale.act(4, HandedOver(to=""))
    assert (tale.at(5).holder, tale.at(5).pending) == ("A", "")


def test_an_offer_to_who_has_it_is_none() -> None:
    tale = Tale()
    tale.act(1, HandedOver(to="A"))
    assert tale.at(2).pending == ""


# The cadence


@pytest.mark.parametrize(
    ("clean", "expected"),
    (
        ((True, True, True, True), None),
        ((False, True, True, True), None),
        ((True, True, True, False), 0),
        ((True, True, False, True), 1),
        ((True, False, True, True), 2),
        ((True, True, True, None), 0),
        ((None, None, None, None), 0),
    ),
)
def test_a_slower_cadence_is_earned_by_clean_rounds_at_the_end(
    clean: Sequence[bool | None], expected: int | None
) -> None:
    tale = Tale()
    for number, is_clean in enumerate(clean, 1):
        if is_clean is not None:
            tale.sign(number, 30 * number, clean=is_clean)
    question = tale.at(125).question
    assert (question.clean if question else None) == expected
    if question:
        assert (question.phase, question.next_phase, question.wanted) == ("critical", "active", 3)
        assert (question.every, question.next_every) == (1800, 3600)


def test_nobody_asks_before_the_last_round_of_a_phase_is_over() -> None:
    tale = Tale()
    assert tale.at(119).question is None
    assert tale.at(120).question is not None
    tale.sign(4, 117, clean=False)
    assert tale.at(118).question is not None


def test_relaxing_settles_the_question() -> None:
    tale = Tale()
    tale.act(125, Cadence(phase="critical", is_extended=False, reason="calm"))
    assert tale.at(130).question is None
    assert tale.at(200).question is None


def test_staying_puts_rounds_in_and_asks_again_after_them() -> None:
    tale = Tale()
    tale.act(122, Cadence(phase="critical", is_extended=True))
    rounds = schedule(tale.plan, T0, extensions(tale.records))
    assert [r.name for r in rounds if r.nth] == ["4+1", "5+1"]
    assert tale.at(125).question is None
    # 150 and 210 minutes; nothing is due between beside what the next phase has at 180.
    assert tale.at(209).question is None
    assert tale.at(210).question is not None
    tale.act(212, Cadence(phase="critical", is_extended=True))
    assert tale.at(215).question is None


def test_clean_rounds_that_were_put_in_earn_it_too() -> None:
    tale = Tale()
    tale.sign(3, 90)
    tale.sign(4, 120, clean=False)
    tale.act(122, Cadence(phase="critical", is_extended=True))
    added = [r for r in schedule(tale.plan, T0, extensions(tale.records)) if r.nth]
    for round_ in added:
        tale.sign(round_.number, (round_.due - T0) / 60)
    question = tale.at(215).question
    assert question is not None
    assert question.clean == 2


def test_rounds_signed_clean_on_another_machine_count() -> None:
    tale = Tale()
    ones = tuple((number, T0 + 1800.0 * number, "A") for number in range(1, 5))
    tale.act(125, Carried(source="one.toml", signed=ones, clean=(2, 3, 4)), "B")
    assert tale.at(126).question is None
    tale.records.clear()
    tale.act(125, Carried(source="one.toml", signed=ones, clean=(2, 4)), "B")
    question = tale.at(126).question
    assert question is not None
    assert question.clean == 1


def test_nobody_asks_where_the_plan_does_not() -> None:
    silent = plan({"c": {}}, phases=[{**PHASES[0], "relax_after": 0}, PHASES[1]])
    assert Tale(silent).at(130).question is None
    faster = plan({"c": {}}, phases=[PHASES[0], {**PHASES[1], "every": "15m"}])
    assert Tale(faster).at(130).question is None


def test_nobody_asks_once_the_next_phase_is_over() -> None:
    assert Tale().at(6 * 60 + 1).question is None


# Rollbacks


def test_a_rollback_run_tells_how_each_step_was_left_last() -> None:
    tale = Tale()
    tale.act(5, RollbackOpened(reason="leads are lost", price=("12 leads",)))
    run = tale.at(6).rollback
    assert run is not None
    assert (run.who, run.reason, run.price) == ("A", "leads are lost", ("12 leads",))
    assert run.is_open
    assert run.step(1) is None
    tale.act(7, RollbackStep(step=1, title="pause", is_done=False, note="cannot"))
    tale.act(8, RollbackStep(step=1, title="pause"), "B")
    run = tale.at(9).rollback
    step = run.step(1) if run else None
    assert step is not None
    assert (step.who, step.act.is_done) == ("B", True)
    tale.act(10, RollbackClosed(is_called_off=True, note="found it"), "B")
    found = tale.at(11)
    assert found.rollback is None
    (closed,) = found.rollbacks
    assert (closed.closed_by, closed.is_called_off, closed.note) == ("B", True, "found it")
    assert len(closed.steps) == 2


def test_a_second_run_stands_beside_the_first() -> None:
    tale = Tale()
    tale.act(5, RollbackOpened(reason="a drill", is_drill=True))
    tale.act(6, RollbackClosed(is_called_off=False))
    tale.act(7, RollbackOpened(reason="now it counts"))
    assert [(run.is_drill, run.is_open) for run in tale.at(8).rollbacks] == [
        (True, False),
        (False, True),
    ]


def test_steps_without_a_run_are_nothing() -> None:
    tale = Tale()
    tale.act(5, RollbackStep(step=1, title="pause"))
    tale.act(6, RollbackClosed(is_called_off=True))
    assert tale.at(7).rollbacks == ()
