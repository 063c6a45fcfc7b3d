"""Green means measured, recently and fine; everything else says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.judging import (
    FUTURE,
    Outage,
    Shut,
    Standing,
    Witness,
    appraise,
    judge,
    lacking,
    shut_in,
    take,
)
from firstwatch.plan import Check
from firstwatch.readings import ROWS, Failure, Reading, Row
from firstwatch.verdict import Level, Verdict

T0 = 1_800_003_600.0
EVERY = 30.0
FRESH = 60.0
GREEN = (Level.OK, Level.IDLE)


def check(**more: Any) -> Check:
    values = {"id": "c", "title": "c", "pane": "health", "source": "app", "measure": {}}
    limits = {"target": 500, "warning": 2000, "critical": 5000}
    return Check.model_validate({**values, "unit": "ms", **limits, **more})


def reading(at: float, value: float, **more: Any) -> Reading:
    return Reading(T0 + at, value, **more)


def after(checked: Check, *results: Reading | Failure) -> Standing:
    standing = Standing()
    for result in results:
        standing = take(checked, standing, result)
    return standing


def steady(checked: Check, *values: float, start: float = 0.0, **more: Any) -> Standing:
    """The standing after these values, one every half minute."""
    return after(
        checked, *(reading(start + EVERY * n, value, **more) for n, value in enumerate(values))
    )


def level(checked: Check, *values: float) -> Level:
    standing = steady(checked, *values)
    return judge(checked, standing, T0 + EVERY * (len(values) - 1), FRESH).level


@pytest.mark.parametrize(
    ("value", "expected"),
    (
        (0, Level.OK),
        (500, Level.OK),
        (501, Level.OFF_TARGET),
        (2000, Level.OFF_TARGET),
        (2001, Level.WARNING),
        (5001, Level.CRITICAL),
    ),
)
def test_a_limit_is_passed_by_what_lies_beyond_it(value: float, expected: Level) -> None:
    assert level(check(), value, value, value) is expected


@pytest.mark.parametrize(("value", "expected"), ((99, Level.OK), (98, Level.WARNING)))
def test_where_low_is_bad_the_limits_are_read_the_other_way(value: float, expected: Level) -> None:
    below = check(target=None, warning=99, critical=90, bad="below", unit="%")
    assert level(below, value, value) is expected


def test_the_story_of_a_slow_endpoint() -> None:
    slow = check(dwell="60s")
    values = [300, 900, 300, 900, 900, 2500, 6000, 6000, 300, 300, 300]
    seen = [level(slow, *values[: n + 1]).value for n in range(len(values))]
    assert seen == [
        "ok",
        "ok",
        "ok",
        "off target",
        "off target",
        "off target",
        "warning",
        "critical",
        "critical",
        "critical",
        "ok",
    ]


def test_the_first_bad_reading_is_unknown_until_another_confirms_it() -> None:
    assert level(check(), 6000) is Level.UNKNOWN
    assert level(check(), 6000, 6000) is Level.CRITICAL
    assert level(check(), 300) is Level.OK


def test_a_hard_fact_flips_at_once() -> None:
    standing = after(check(), reading(0, 1), reading(30, 6000, hard=True))
    verdict = judge(check(), standing, T0 + 30, FRESH)
    assert (verdict.level, verdict.since) == (Level.CRITICAL, T0 + 30)


def test_what_the_probe_vouches_for_weighs_more_than_a_small_number() -> None:
    grade = appraise(check(), reading(0, 1, level=Level.CRITICAL, note="503 from /health"))
    assert (grade.level, grade.reason) == (Level.CRITICAL, "503 from /health")
    grade = appraise(check(), reading(0, 9000, level=Level.WARNING, note="slow"))
    assert grade.level is Level.CRITICAL


def test_trouble_begins_with_the_first_reading_that_showed_it() -> None:
    standing = steady(check(), 1, 6000, 6000)
    assert judge(check(), standing, T0 + 60, FRESH).since == T0 + 30


def test_a_reason_names_value_limit_sample_and_note() -> None:
    grade = appraise(check(), reading(0, 740, sample=30, note="p95"))
    assert grade.reason == "740 ms > 500 ms target, n=30, p95"


def test_better_needs_a_margin_and_a_dwell() -> None:
    bad = steady(check(), 2500, 2500, 2500)
    just = after(check(), *(reading(EVERY * n, v) for n, v in enumerate([2500] * 3 + [1900] * 9)))
    assert bad.condition is Level.WARNING
    assert just.condition is Level.WARNING
    clear = after(check(), *(reading(EVERY * n, v) for n, v in enumerate([2500] * 3 + [1700] * 3)))
    assert clear.condition is Level.OFF_TARGET


def test_what_was_not_measured_does_not_count_towards_the_dwell() -> None:
    standing = after(
        check(),
        *(reading(EVERY * n, 6000) for n in range(3)),
        reading(90, 1),
        Failure(T0 + 120, "permission denied"),
        Failure(T0 + 300, "permission denied"),
        reading(330, 1),
    )
    assert standing.condition is Level.CRITICAL
    assert take(check(), standing, reading(390, 1)).condition is Level.OK


def test_a_clock_that_goes_back_does_not_hold_a_verdict() -> None:
    standing = steady(check(), 6000, 6000, 6000, 1)
    back = [reading(-3600 + EVERY * n, 1) for n in range(4)]
    for result in back:
        standing = take(check(), standing, result)
    assert standing.condition is Level.OK


def test_too_small_a_sample_has_no_verdict_yet() -> None:
    ratio = check(min_sample=20, unit="%", target=None, warning=1, critical=5)
    standing = after(ratio, reading(0, 33.3, sample=3, part=1))
    verdict = judge(ratio, standing, T0, FRESH)
    assert verdict.level is Level.UNKNOWN
    assert verdict.reason == "1 of 3, n=3 below 20, no verdict yet"


def test_none_at_all_of_a_small_sample_is_still_none() -> None:
    ratio = check(min_sample=20, unit="%", target=None, warning=1, critical=5)
    assert appraise(ratio, reading(0, 0, sample=3, part=0)).level is Level.OK
    assert appraise(ratio, reading(0, 0, sample=0, part=0)).level is Level.UNKNOWN


def test_what_a_probe_vouches_for_needs_no_sample() -> None:
    ratio = check(min_sample=20, unit="%", target=None, warning=1, critical=5)
    few = reading(0, 100.0, sample=5, part=5.0, note="the last 5 failed", level=Level.CRITICAL)
    mild = reading(0, 100.0, sample=5, part=5.0, note="odd", level=Level.WARNING)
    assert appraise(ratio, few).level is Level.CRITICAL
    assert appraise(ratio, few).reason == "the last 5 failed"
    assert appraise(ratio, mild).level is Level.WARNING


def test_thin_samples_hide_a_verdict_only_after_a_while() -> None:
    ratio = check(min_sample=20, dwell="60s")
    standing = after(ratio, reading(0, 1, sample=50), reading(30, 1, sample=2))
    assert judge(ratio, standing, T0 + 30, FRESH).level is Level.OK
    for at in (60, 90):
        standing = take(ratio, standing, reading(at, 1, sample=2))
    assert judge(ratio, standing, T0 + 90, FRESH).level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("witness", "expected"),
    (
        (Witness("Chatwoot", 0), Level.IDLE),
        (Witness("Chatwoot", 7), Level.CRITICAL),
        (Witness("Chatwoot", None, "401"), Level.UNKNOWN),
        (None, Level.UNKNOWN),
    ),
)
def test_silence_is_what_the_second_witness_makes_of_it(
    witness: Witness | None, expected: Level
) -> None:
    webhooks = check(witness="chatwoot", unit="/min", target=None, warning=None, critical=None)
    assert appraise(webhooks, reading(0, 0), witness).level is expected
    assert appraise(webhooks, reading(0, 3), witness).level is Level.OK


COMPANIES = (Row("alpha", 7, key="ckalpha"), Row("beta", 2, key="ckbeta"))


@pytest.mark.parametrize(
    ("rows", "expected"),
    (
        ((Row("alpha", 3, key="ckalpha"), Row("beta", 1, key="ckbeta")), Level.OK),
        ((Row("alpha", 0, key="ckalpha"), Row("beta", 1, key="ckbeta")), Level.CRITICAL),
        ((Row("beta", 1, key="ckbeta"), Row("gamma", 3, key="ckgamma")), Level.CRITICAL),
        ((Row("gamma", 0, key="ckgamma"), *(Row(c.label, 1, key=c.key) for c in COMPANIES)), "ok"),
        ((Row("an endpoint", 1),), Level.OK),
        (tuple(Row(str(n), 1, key=str(n)) for n in range(ROWS)), Level.OK),
    ),
    ids=["all", "one of them none", "one of them not named", "no traffic", "no keys", "a flood"],
)
def test_one_silent_company_is_found_among_busy_ones(
    rows: tuple[Row, ...], expected: Level
) -> None:
    webhooks = check(witness="chatwoot", unit="", target=None, warning=None, critical=None)
    grade = appraise(webhooks, reading(0, 4, rows=rows), Witness("Chatwoot", 9, parts=COMPANIES))
    assert grade.level == expected
    if expected is Level.CRITICAL:
        assert grade.reason == "alpha: none here, while Chatwoot 7"


PAUSED = "paused: parked"


def test_silence_behind_a_shut_inlet_is_told_with_its_reason_and_stays_as_bad() -> None:
    webhooks = check(witness="chatwoot", unit="", target=None, warning=None, critical=None)
    inlet = reading(0, 0, note=PAUSED, rows=(Row("alpha", 0, PAUSED, "ckalpha"),))
    grade = appraise(webhooks, reading(0, 0), Witness("Chatwoot", 7, shut=shut_in(inlet)))
    assert (grade.level, grade.reason) == (
        Level.CRITICAL,
        "paused: parked; none here, while Chatwoot 7",
    )
    ratio = reading(0, 0, sample=0, part=0)
    grade = appraise(webhooks, ratio, Witness("Chatwoot", 7, shut=shut_in(inlet)))
    assert grade.level is Level.UNKNOWN
    assert grade.reason.startswith("paused: parked; ")
    idle = appraise(webhooks, reading(0, 0), Witness("Chatwoot", 0, shut=shut_in(inlet)))
    assert idle.level is Level.IDLE


def test_a_company_whose_way_is_open_is_named_before_one_that_is_shut() -> None:
    webhooks = check(witness="chatwoot", unit="", target=None, warning=None, critical=None)
    here = reading(0, 4, rows=(Row("gamma", 4, key="ckgamma"),))

    def told(*shut: str) -> str:
        inlet = reading(0, 1, rows=tuple(Row(key, 0, PAUSED, key) for key in shut))
        witness = Witness("Chatwoot", 13, parts=COMPANIES, shut=shut_in(inlet))
        grade = appraise(webhooks, here, witness)
        assert grade.level is Level.CRITICAL
        return grade.reason

    assert told("ckalpha") == "beta: none here, while Chatwoot 2 (+1 more)"
    assert told("ckalpha", "ckbeta") == (
        "alpha: paused: parked; none here, while Chatwoot 7 (+1 more)"
    )


def test_an_inlet_that_is_open_or_was_not_read_explains_nothing() -> None:
    assert shut_in(None) == Shut()
    assert shut_in(reading(0, 2, note="2 of 2", rows=(Row("alpha", 2, "", "ckalpha"),))) == Shut()


def test_what_is_lacking_is_told_by_company_as_of_the_other_reading() -> None:
    theirs = reading(0, 9, rows=COMPANIES)
    ours = reading(40, 8, rows=(Row("A", 5, key="ckalpha"), Row("B", 3, key="ckbeta")))
    lacks = lacking(ours, theirs, "Chatwoot")
    assert (lacks.at, lacks.value) == (T0, 2)
    assert lacks.note == "Chatwoot 9, here 8, worst alpha"
    assert lacks.rows == (
        Row("alpha", 2, "7 there, 5 here", "ckalpha"),
        Row("beta", 0, "2 there, 3 here", "ckbeta"),
    )
    assert lacking(reading(40, 12), reading(0, 9), "Chatwoot").value == 0
    many = lacking(reading(40, 0), reading(0, 1_234_567), "Chatwoot")
    assert many.note == "Chatwoot 1 234 567, here 0"


def test_idle_since_the_silence_began() -> None:
    webhooks = check(witness="chatwoot", unit="/min", target=None, warning=None, critical=None)
    standing = Standing()
    for at, value in ((0, 5), (30, 0), (60, 0)):
        standing = take(webhooks, standing, reading(at, value), Witness("Chatwoot", 0))
    verdict = judge(webhooks, standing, T0 + 60, FRESH)
    assert (verdict.level, verdict.since) == (Level.IDLE, T0 + 30)


def test_a_ratio_of_nothing_is_no_verdict_however_busy_the_witness() -> None:
    ratio = check(witness="chatwoot", unit="%", min_sample=5)
    grade = appraise(ratio, reading(0, 0, sample=0, part=0), Witness("Chatwoot", 7))
    assert grade.level is Level.UNKNOWN


def test_a_manual_check_is_a_persons_turn_whatever_happens() -> None:
    manual = check(source="", measure=None)
    outage = Outage("app", T0, "refused")
    assert judge(manual, Standing(), T0, FRESH, outage).level is Level.PENDING


def test_not_measured_yet_is_unknown() -> None:
    assert judge(check(), Standing(), T0, FRESH).reason == "not measured yet"


def test_a_failure_that_is_a_fact_speaks_at_once_and_bad_luck_does_not() -> None:
    standing = steady(check(), 1, 1)
    fact = take(check(), standing, Failure(T0 + 60, "permission denied"))
    luck = take(check(), standing, Failure(T0 + 60, "no answer within 5 s", is_fact=False))
    assert judge(check(), fact, T0 + 60, FRESH).level is Level.UNKNOWN
    assert judge(check(), luck, T0 + 60, FRESH).level is Level.OK
    assert judge(check(), luck, T0 + 91, FRESH).level is Level.UNKNOWN


def test_a_late_answer_after_a_refusal_does_not_bring_the_old_green_back() -> None:
    standing = take(check(), steady(check(), 1, 1), Failure(T0 + 40, "permission denied"))
    standing = take(check(), standing, Failure(T0 + 50, "no answer within 5 s", is_fact=False))
    verdict = judge(check(), standing, T0 + 50, FRESH)
    assert (verdict.level, verdict.since) == (Level.UNKNOWN, T0 + 40)
    assert verdict.reason == "no answer within 5 s"


def test_an_outage_names_the_source_that_blocks() -> None:
    outage = Outage("database", T0 - 3600, "connection refused")
    verdict = judge(check(), steady(check(), 1), T0, FRESH, outage)
    assert (verdict.level, verdict.blocked_by) == (Level.UNKNOWN, "database")
    assert verdict.reason == "database unreachable since 08:00: connection refused"


def test_trouble_comes_back_into_view_with_the_first_reading_after_an_outage() -> None:
    standing = steady(check(), 6000, 6000)
    standing = take(check(), standing, Failure(T0 + 60, "refused", blocks_source=True))
    standing = take(check(), standing, reading(90, 6000))
    assert judge(check(), standing, T0 + 90, FRESH).level is Level.CRITICAL


def test_a_bad_reading_after_a_blind_stretch_does_not_bring_the_old_green_back() -> None:
    standing = take(check(), steady(check(), 1, 1), reading(400, 6000))
    verdict = judge(check(), standing, T0 + 400, FRESH)
    assert verdict.level is Level.UNKNOWN
    assert verdict.reason.endswith("waiting for 2 readings")


# Properties


@dataclass(frozen=True, slots=True)
class Event:
    """What comes `after` seconds: a reading `ahead` of its time, or a failure."""

    after: float
    value: float | None
    ahead: float = 0.0
    sample: int | None = None
    hard: bool = False
    is_fact: bool = False

    def result(self, now: float) -> Reading | Failure:
        if self.value is None:
            return Failure(now, "no", is_fact=self.is_fact)
        return Reading(now + self.ahead, self.value, self.sample, hard=self.hard)

    @property
    def is_good(self) -> bool:
        """As the checklist has it, judged by nothing but the raw numbers."""
        thin = self.sample is not None and self.sample < 20
        return self.value is not None and self.value <= 500 and not thin


pauses = st.sampled_from([0.1, 29.0, 30.0, 31.5, 60.0, 61.0, 120.0, 600.0])
values = st.sampled_from([0.0, 400.0, 460.0, 500.0, 501.0, 1900.0, 2001.0, 5001.0, 1e9])
readings = st.builds(
    Event,
    pauses,
    values,
    st.just(0.0) | st.sampled_from([0.0, 0.0, 4.0, 100.0, 3600.0, -30.0, -3600.0]),
    st.sampled_from([None, None, 0, 19, 20, 500]),
    st.sampled_from([False, False, False, True]),
)
failures = st.builds(Event, pauses, st.none(), is_fact=st.booleans())
events = st.lists(readings | failures, max_size=30)
steadiness = st.sampled_from([(1, 1), (2, 2), (2, 3), (3, 3), (3, 5), (1, 3)])
dwells = st.sampled_from([0.0, 60.0, 300.0])


@given(events, steadiness, dwells, st.lists(st.floats(0, 700), min_size=1, max_size=3))
def test_never_green_without_a_fresh_good_reading(
    story: list[Event], worsen: tuple[int, int], dwell: float, looks: list[float]
) -> None:
    """The promise the whole watch stands on, over any sequence of readings, failures and time."""
    checked = check(worsen=worsen, dwell=f"{dwell:g}s", min_sample=20)
    standing, now, taken = Standing(), T0, list[tuple[float, Event]]()
    failed_for_good = False
    for event in story:
        now += event.after
        standing = take(checked, standing, event.result(now))
        failed_for_good = event.value is None and (event.is_fact or failed_for_good)
        if event.value is not None:
            taken.append((now + event.ahead, event))
        for look in (0.0, *looks):
            verdict = judge(checked, standing, now + look, FRESH)
            assert verdict.reason
            assert judge(checked, standing, now, FRESH, Outage("app", now, "x")).level not in GREEN
            if verdict.level not in GREEN:
                continue
            assert not failed_for_good
            newest_at, newest = taken[-1]
            assert newest_at - FUTURE <= now + look <= newest_at + FRESH
            assert not (newest.hard and newest.value and newest.value > 500 and not _thin(newest))
            _is_backed_by_a_good_reading(taken, worsen[0], dwell)


def _thin(event: Event) -> bool:
    return event.sample is not None and event.sample < 20


def _is_backed_by_a_good_reading(
    taken: Sequence[tuple[float, Event]], needed: int, dwell: float
) -> None:
    """A good reading, then fewer bad ones than it takes, and no blind stretch between them."""
    newest_at = taken[-1][0]
    last_good = max(n for n, (_, event) in enumerate(taken) if event.is_good)
    since = taken[last_good:]
    assert 0 <= newest_at - since[0][0] <= max(dwell, needed * FRESH)
    bad = [event for _, event in since[1:] if not _thin(event)]
    assert not (len(bad) >= needed and len(since) - 1 == len(bad))


@given(events, steadiness, dwells)
def test_unknown_turns_green_by_a_good_reading_alone(
    story: list[Event], worsen: tuple[int, int], dwell: float
) -> None:
    checked = check(worsen=worsen, dwell=f"{dwell:g}s", min_sample=20)
    standing, now, before = Standing(), T0, Level.UNKNOWN
    for event in story:
        if event.ahead:
            continue
        before = judge(checked, standing, now + event.after, FRESH).level
        now += event.after
        standing = take(checked, standing, event.result(now))
        if before is Level.UNKNOWN and judge(checked, standing, now, FRESH).level in GREEN:
            assert event.is_good


@given(events, steadiness, st.floats(0.1, 1e6))
def test_stale_is_always_unknown(story: list[Event], worsen: tuple[int, int], older: float) -> None:
    checked = check(worsen=worsen)
    standing, now = Standing(), T0
    for event in story:
        now += event.after
        standing = take(checked, standing, event.result(now))
    latest = standing.reading.at if standing.reading else now
    assert judge(checked, standing, latest + FRESH + older, FRESH).level is Level.UNKNOWN


@given(events, steadiness, st.floats(0.1, 1e6))
def test_a_reading_from_the_future_is_always_unknown(
    story: list[Event], worsen: tuple[int, int], earlier: float
) -> None:
    checked = check(worsen=worsen)
    standing, now = Standing(), T0
    for event in story:
        now += event.after
        standing = take(checked, standing, event.result(now))
    latest = standing.reading.at if standing.reading else now
    assert judge(checked, standing, latest - FUTURE - earlier, FRESH).level is Level.UNKNOWN


@given(events, events, steadiness, dwells)
def test_unknown_never_clears_a_condition(
    story: list[Event], unclear: list[Event], worsen: tuple[int, int], dwell: float
) -> None:
    checked = check(worsen=worsen, dwell=f"{dwell:g}s", min_sample=20)
    standing, now = Standing(), T0
    for event in story:
        now += event.after
        standing = take(checked, standing, event.result(now))
    condition = standing.condition
    for event in unclear:
        if event.value is None or _thin(event):
            now += event.after
            standing = take(checked, standing, event.result(now))
            assert standing.condition is condition


@given(st.lists(values, min_size=1, max_size=60), steadiness)
def test_a_verdict_worsens_only_when_k_of_the_last_n_agree(
    story: list[float], worsen: tuple[int, int]
) -> None:
    checked = check(worsen=worsen)
    standing, (needed, among) = Standing(), worsen
    for number, value in enumerate(story):
        before = standing.condition
        standing = take(checked, standing, reading(EVERY * number, value))
        now = standing.condition
        last = [
            checked.bands.grade(v).severity for v in story[max(0, number + 1 - among) : number + 1]
        ]
        worst = max((s for s in set(last) if sum(o >= s for o in last) >= needed), default=0)
        known = before.severity if before else 0
        if now and now.severity > known:
            assert sum(severity >= now.severity for severity in last) >= needed
        elif before and last[-1] > known:
            assert min(worst, last[-1]) <= known


@given(
    st.lists(st.sampled_from([1700.0, 1799.0, 1801.0, 1999.0, 2001.0, 2500.0]), max_size=200),
    steadiness,
    st.sampled_from([60.0, 120.0, 300.0]),
    st.sampled_from([5.0, 30.0, 60.0]),
)
def test_a_value_around_a_limit_never_flips_more_often_than_the_dwell_allows(
    story: list[float], worsen: tuple[int, int], dwell: float, every: float
) -> None:
    checked = check(worsen=worsen, dwell=f"{dwell:g}s", target=None)
    standing, flips, improved = Standing(), 0, [T0]
    for number, value in enumerate(story):
        before = standing.condition
        standing = take(checked, standing, reading(every * number, value))
        if before and standing.condition is not before:
            flips += 1
            if standing.condition is Level.OK:
                improved.append(T0 + every * number)
    assert all(later - earlier >= dwell for earlier, later in pairwise(improved))
    assert flips <= 2 * (len(story) * every / dwell) + 1


@given(st.lists(st.sampled_from([1801.0, 1999.0, 2000.0]), max_size=50))
def test_hugging_a_limit_from_below_never_clears_and_never_alarms(story: list[float]) -> None:
    checked = check(target=None)
    bad, fine = steady(checked, 2500, 2500), steady(checked, 1, 1)
    for number, value in enumerate(story):
        bad = take(checked, bad, reading(60 + EVERY * number, value))
        fine = take(checked, fine, reading(60 + EVERY * number, value))
    assert bad.condition is Level.WARNING
    assert fine.condition is Level.OK


@given(events, steadiness, dwells)
def test_a_hard_fact_shows_at_once_after_anything(
    story: list[Event], worsen: tuple[int, int], dwell: float
) -> None:
    checked = check(worsen=worsen, dwell=f"{dwell:g}s", min_sample=20)
    standing, now = Standing(), T0
    for event in story:
        now += event.after
        standing = take(checked, standing, event.result(now))
    standing = take(checked, standing, Reading(now, 6000, hard=True))
    assert judge(checked, standing, now, FRESH).level is Level.CRITICAL


@given(events, steadiness, dwells, st.floats(0, 1000))
def test_judging_is_pure(
    story: list[Event], worsen: tuple[int, int], dwell: float, look: float
) -> None:
    checked = check(worsen=worsen, dwell=f"{dwell:g}s")
    standings = []
    for _ in range(2):
        standing, now = Standing(), T0
        for event in story:
            now += event.after
            standing = take(checked, standing, event.result(now))
            judge(checked, standing, now + look, FRESH)
        standings.append(standing)
    assert standings[0] == standings[1]


def test_time_that_nobody_measured_makes_nothing_better() -> None:
    slow = check(dwell="60s")
    standing = Standing()
    for at in (0.0, 30.0):
        standing = take(slow, standing, reading(at, 6000), None, FRESH)
    standing = take(slow, standing, reading(60, 100), None, FRESH)
    standing = take(slow, standing, reading(660, 100), None, FRESH)
    assert judge(slow, standing, T0 + 660, FRESH).level is Level.CRITICAL
    for at in (690.0, 720.0):
        standing = take(slow, standing, reading(at, 100), None, FRESH)
    assert judge(slow, standing, T0 + 720, FRESH).level is Level.OK


def test_a_level_without_a_value_is_believed_and_its_number_is_told_nowhere() -> None:
    dead = reading(0, 17.0, level=Level.CRITICAL, hard=True, note="all refused", has_value=False)
    standing = after(check(), dead)
    assert judge(check(), standing, T0, FRESH) == Verdict(Level.CRITICAL, "all refused", T0)
    late = judge(check(), standing, T0 + FRESH + 1, FRESH)
    assert (late.level, late.reason) == (Level.UNKNOWN, "stale, last try at 09:00")
    low = check(bad="below", target=99, warning=95, critical=90, unit="%")
    assert appraise(low, dead).reason == "all refused"
