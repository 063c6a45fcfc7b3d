"""The watch says of a rollback what it can see, and no more."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.acts import RollbackStep
from firstwatch.affairs import RollbackRun, StepDone
from firstwatch.conditions import Condition
from firstwatch.plan import Check, Plan, Step
from firstwatch.readings import Reading
from firstwatch.rollback import begun, current, paused, price, verified, was_verified, window
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level, Verdict

LAUNCH = 1_800_003_600.0  # 2027-01-15T09:00:00Z
NOW = LAUNCH + 3 * 3600.0
LIVE = "live-webhooks is 0"


def made(**more: Any) -> Plan:
    checks = {
        id_: Check.model_validate(
            {"id": id_, "title": title, "pane": "flow", "source": "chatwoot", "hidden": True}
        )
        for id_, title in (("live-webhooks", "live webhooks"), ("leads-since", "leads since T0"))
    }
    manual = Check.model_validate({"id": "ui", "title": "UI", "pane": "client"})
    rollback = {"price": ["leads-since", "live-webhooks", "gone"], **more}
    return Plan.model_validate(
        {"sources": {}, "phases": [], "checks": checks | {"ui": manual}, "rollback": rollback}
    )


def state(
    plan: Plan,
    id_: str = "live-webhooks",
    value: float | None = 0.0,
    age: float = 12.0,
    level: Level = Level.OK,
    reason: str = "fine",
    **more: Any,
) -> CheckState:
    reading = None if value is None else Reading(NOW - age, value, **more)
    return CheckState(plan.checks[id_], Verdict(level, reason, NOW), reading, fresh_for=60.0)


def seen(*hidden: CheckState, plan: Plan | None = None, at: float = NOW) -> Snapshot:
    return Snapshot(at, LAUNCH, plan or made(), (), hidden=hidden)


def step(verify: str = LIVE) -> Step:
    return Step.model_validate({"title": "pause", "verify": verify})


@pytest.mark.parametrize(
    ("phrase", "condition"),
    (
        ("live-webhooks is 0", Condition("live-webhooks", 0)),
        ("live-webhooks  is  1", Condition("live-webhooks", 1)),
        ("live-webhooks is at least 1", Condition("live-webhooks", 1, at_least=True)),
        ("lag is at least 2.5", Condition("lag", 2.5, at_least=True)),
        ("webhook-config is ok", Condition("webhook-config")),
        ("what is it is ok", Condition("what is it")),
    ),
)
def test_a_phrase_names_a_check_and_what_it_must_say(phrase: str, condition: Condition) -> None:
    assert Condition.parse(phrase) == condition
    assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize(
    "phrase", ("live-webhooks", "is 0", "a is fine", "a is at most 1", "a is 80%", "a is 1 or 2")
)
def test_another_phrase_is_refused_with_the_forms_there_are(phrase: str) -> None:
    with pytest.raises(ValueError, match='must be like "live-webhooks is 0"'):
        Condition.parse(phrase)


def test_a_reading_after_the_beginning_verifies_and_says_when() -> None:
    plan = made()
    parked = state(plan, note="paused: parked on webwidget_triggered")
    found = verified(step(), seen(parked), NOW - 20)
    assert found.is_met
    assert found.at == NOW - 12
    assert found.told == (
        "live webhooks 0, paused: parked on webwidget_triggered: verified 11:59:48"
    )


def test_what_is_not_so_yet_is_told_with_its_age() -> None:
    halfway = state(made(), value=2.0, note="2 of 3 webhooks live")
    found = verified(step(), seen(halfway), NOW - 20)
    assert (found.is_met, found.at, found.is_seen) == (False, None, True)
    assert found.told == "not yet: 2 of 3 webhooks live, 12s ago"


def test_a_reading_from_before_the_step_verifies_nothing() -> None:
    found = verified(step(), seen(state(made())), NOW - 12)
    assert (found.is_met, found.is_seen) == (False, True)
    assert found.told == "not yet: waiting for a look after 11:59:48, the last was 11:59:48"


@pytest.mark.parametrize(
    ("hidden", "why"),
    (
        (
            {"level": Level.UNKNOWN, "reason": "chatwoot unreachable since 11:40: refused"},
            "chatwoot unreachable since 11:40: refused",
        ),
        ({"age": 61.0}, "stale, last value 0"),
        ({"value": None}, "not measured yet"),
        ({"sample": 0, "level": Level.IDLE, "reason": "no traffic"}, "nothing to judge by: no"),
    ),
)
def test_what_the_watch_cannot_see_is_not_verified(hidden: dict[str, Any], why: str) -> None:
    found = verified(step(), seen(state(made(), **hidden)), LAUNCH)
    assert (found.is_met, found.at, found.is_seen) == (False, None, False)
    assert found.told.startswith(f"cannot be verified: {why}")


def test_a_manual_check_or_none_verifies_nothing() -> None:
    manual = CheckState(made().checks["ui"], Verdict(Level.PENDING, "", NOW))
    for snapshot in (seen(), replace(seen(), checks=(manual,))):
        found = verified(step("ui is ok"), snapshot, LAUNCH)
        assert found.told == "cannot be verified: nothing in the plan measures it"
    alone = verified(Step(title="notify"), seen(), LAUNCH)
    assert (alone.is_met, alone.is_seen) == (False, False)
    assert alone.told == "the watch cannot see it: a person says so"


def test_a_snapshot_out_of_the_journal_alone_verifies_and_counts_nothing() -> None:
    assert verified(step(), seen(), LAUNCH).told == "cannot be verified: no watch measures it now"
    assert price(seen())[0].told == "leads since T0 unknown: no watch measures it now"


@pytest.mark.parametrize("level", list(Level))
def test_is_ok_means_the_verdict_and_nothing_near_it(level: Level) -> None:
    found = verified(step("live-webhooks is ok"), seen(state(made(), level=level)), NOW - 20)
    assert found.is_met is (level is Level.OK)
    if level is Level.WARNING:
        assert found.told == "not yet: live webhooks warning, fine, 12s ago"


@pytest.mark.parametrize(
    ("verify", "value", "is_met"),
    (
        ("live-webhooks is 1", 1, True),
        ("live-webhooks is 1", 2, False),
        ("live-webhooks is at least 1", 2, True),
        ("live-webhooks is at least 1", 0, False),
    ),
)
def test_a_number_is_met_exactly_or_from_there_on(verify: str, value: float, is_met: bool) -> None:
    found = verified(step(verify), seen(state(made(), value=value)), NOW - 20)
    assert found.is_met is is_met


@given(
    taken=st.floats(-100, 20),
    begun=st.floats(-100, 20),
    value=st.sampled_from((0.0, 1.0)),
    level=st.sampled_from(list(Level)),
    verify=st.sampled_from((LIVE, "live-webhooks is ok", "live-webhooks is at least 0")),
    sample=st.sampled_from((None, 0, 5)),
)
def test_nothing_is_ever_verified_by_an_old_a_stale_or_an_unknown_reading(
    taken: float, begun: float, value: float, level: Level, verify: str, sample: int | None
) -> None:
    plan = made()
    known = state(plan, value=value, age=-taken, level=level, sample=sample)
    found = verified(step(verify), seen(known, plan=plan), NOW + begun)
    if found.is_met:
        assert found.at == NOW + taken > NOW + begun
        assert NOW - found.at <= known.fresh_for
        assert level is not Level.UNKNOWN
        assert sample != 0
    else:
        assert found.at is None
    assert (": verified " in found.told) is found.is_met


def test_a_step_begins_when_the_one_before_it_was_left() -> None:
    left = {1: NOW - 900, 2: NOW - 600, 3: NOW - 300}
    steps = tuple(StepDone(at, "A", RollbackStep(step=n, title="")) for n, at in left.items())
    run = RollbackRun(7, NOW - 1000, "A", "500s", is_drill=False, price=(), steps=steps)
    assert [begun(run, n) for n in (1, 2, 4)] == [NOW - 1000, NOW - 900, NOW - 300]
    again = (*steps, StepDone(NOW - 100, "A", RollbackStep(step=1, title="")))
    assert begun(replace(run, steps=again), 2) == NOW - 100


def test_the_price_is_counted_with_its_age_or_said_to_be_unknown() -> None:
    plan = made()
    down = state(plan, level=Level.UNKNOWN, reason="chatwoot unreachable since 11:40: refused")
    lines = price(seen(state(plan, "leads-since", 1412), down, plan=plan))
    assert [(line.value, line.age, line.told) for line in lines] == [
        (1412, 12.0, "leads since T0 1 412, 12s ago"),
        (None, None, "live webhooks unknown: chatwoot unreachable since 11:40: refused"),
        (None, None, "gone unknown: nothing in the plan measures it"),
    ]


@pytest.mark.parametrize(
    ("at", "is_open", "told"),
    (
        (LAUNCH - 60, False, "opens with the launch at 09:00"),
        (LAUNCH, True, "open until 15:00, 6h 00m left"),
        (NOW, True, "open until 15:00, 3h 00m left"),
        (LAUNCH + 6 * 3600, False, "closed since 15:00, 0s ago"),
        (LAUNCH + 6 * 3600 + 180, False, "closed since 15:00, 3m ago"),
    ),
)
def test_the_window_is_open_from_the_launch_on_and_says_until_when(
    at: float, is_open: bool, told: str
) -> None:
    found = window(seen(at=at))
    assert (found.is_open, found.told) == (is_open, told)
    assert (found.start, found.until) == (LAUNCH, LAUNCH + 6 * 3600)


def left(*acts: RollbackStep) -> RollbackRun:
    steps = tuple(StepDone(NOW, "A", act) for act in acts)
    return RollbackRun(7, NOW - 1000, "A", "500s", is_drill=False, price=(), steps=steps)


def test_the_step_to_be_done_is_the_first_that_nobody_has_left() -> None:
    plan = made(steps=[{"title": "one"}, {"title": "two"}])
    one, two = RollbackStep(step=1, title="one"), RollbackStep(step=2, title="two", is_done=False)
    assert [current(left(*acts), plan) for acts in ((), (one,), (one, two))] == [1, 2, 0]


def test_a_step_counts_as_verified_only_where_the_watch_saw_it() -> None:
    for words, seen in (("", False), ("not yet: 3 live", False), ("0 live: verified 09:00", True)):
        assert was_verified(RollbackStep(step=1, title="one", verified=words)) is seen


def test_only_a_step_that_was_done_and_shuts_the_ways_in_is_a_pause() -> None:
    steps = [{"title": "look", "verify": "leads-since is 0"}, {"title": "pause", "verify": LIVE}]
    steps += [{"title": "open", "verify": "live-webhooks is at least 0"}]
    plan = made(steps=steps)
    checks = dict(plan.checks)
    shut = checks["leads-since"].model_copy(update={"inlet": "live-webhooks"})
    plan = plan.model_copy(update={"checks": checks | {"leads-since": shut}})
    done = [RollbackStep(step=n, title="") for n in (1, 2, 3)]
    assert paused(left(done[0], done[2]), plan) is None
    assert paused(left(done[0], done[1].model_copy(update={"is_done": False})), plan) is None
    found = paused(left(*done), plan)
    assert found
    assert found.act.step == 2
    assert paused(left(*done), made(steps=steps)) is None


def test_a_price_always_says_of_what_it_is() -> None:
    plan = made(price=["leads-since"])
    (line,) = price(seen(state(plan, "leads-since", 70, note="70 in, 0 out"), plan=plan))
    assert line.told == "leads since T0 70 in, 0 out, 12s ago"
