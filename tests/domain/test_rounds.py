"""Rounds hang on the launch alone, whatever the clock, the zone and the people do."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.config import load
from firstwatch.plan import Phase, Plan
from firstwatch.rounds import Extension, Round, RoundStatus, current, schedule, states
from probes.kinds import KINDS

T0 = 1_800_003_600.0
HOUR = 3600.0
DAY = 24 * HOUR
ORDER = list(RoundStatus)[:5]
"""From upcoming to missed."""


def phase(
    start: float,
    end: float,
    every: float,
    *,
    early: float | None = None,
    grace: float | None = None,
) -> Phase:
    return Phase.model_construct(
        name=f"from {start:g}",
        start=start,
        end=end,
        every=every,
        checks=("c",),
        early=early,
        grace=grace,
    )


def plan(*phases: Phase) -> Plan:
    return Plan.model_construct(sources={}, checks={}, phases=phases)


DEFAULT = plan(
    phase(0, 6 * HOUR, 0.5 * HOUR),
    phase(6 * HOUR, 12 * HOUR, HOUR),
    phase(12 * HOUR, DAY, 2 * HOUR),
)

launches = st.floats(0, 4e9)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001 - given a zone below
zones = st.sampled_from(
    [
        UTC,
        timezone(timedelta(hours=5, minutes=45)),
        *(ZoneInfo(name) for name in sorted(available_timezones())),
    ]
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Phases one after the other, of any length and cadence, with any early window and grace."""
    phases, start = [], 0.0
    window = st.none() | st.floats(0, 4 * HOUR)
    for _ in range(draw(st.integers(1, 4))):
        every = draw(st.floats(60, 4 * HOUR))
        length = draw(st.floats(every, 6 * every))
        phases.append(phase(start, start + length, every, early=draw(window), grace=draw(window)))
        start += length
    return plan(*phases)


def test_the_default_plan_has_twelve_and_six_and_six_rounds() -> None:
    rounds = schedule(DEFAULT, T0)
    assert [r.number for r in rounds] == list(range(1, 25))
    assert [sum(r.phase == p.name for r in rounds) for p in DEFAULT.phases] == [12, 6, 6]
    assert [(r.due - T0) / HOUR for r in rounds[:2]] == [0.5, 1.0]
    assert [(r.due - T0) / HOUR for r in rounds[11:13]] == [6.0, 7.0]
    assert rounds[-1].due == T0 + DAY


def test_the_shipped_plan_has_the_same_rounds() -> None:
    environ = {"DATABASE_URL": "postgresql://watch@127.0.0.1/app", "APP_URL": "http://127.0.0.1"}
    shipped = schedule(load(None, KINDS, environ), T0)
    assert [r.due for r in shipped] == [r.due for r in schedule(DEFAULT, T0)]
    assert all(r.checks for r in shipped)


def test_a_round_goes_from_upcoming_to_missed_at_its_times() -> None:
    first = schedule(DEFAULT, T0)[0]
    minutes = {0: "upcoming", 24: "upcoming", 25: "open", 30: "due", 39: "due", 40: "late"}
    minutes |= {54: "late", 55: "missed", 10_000: "missed"}
    assert {m: first.status(T0 + 60 * m).value for m in minutes} == minutes


def test_a_signed_round_is_signed_for_good_and_shifts_nothing() -> None:
    rounds = schedule(DEFAULT, T0)
    before = states(rounds, T0 + 2 * HOUR, {})
    after = states(rounds, T0 + 2 * HOUR, {4: (T0 + 2 * HOUR - 60, "A")})
    assert after[3].status is RoundStatus.SIGNED
    assert (after[3].signed_at, after[3].signed_by) == (T0 + 2 * HOUR - 60, "A")
    assert after[:3] + after[4:] == before[:3] + before[4:]


def test_what_a_person_owes_next_is_the_first_round_neither_signed_nor_missed() -> None:
    rounds = schedule(DEFAULT, T0)
    now = T0 + 2 * HOUR + 60
    owed = current(states(rounds, now, {}))
    assert owed
    assert (owed.round.number, owed.status) == (4, RoundStatus.DUE)
    owed = current(states(rounds, now, {4: (now, "A")}))
    assert owed
    assert (owed.round.number, owed.status) == (5, RoundStatus.UPCOMING)
    assert current(states(rounds, T0 + 3 * DAY, {})) is None


def test_a_phase_shorter_than_its_cadence_has_no_round() -> None:
    assert schedule(plan(phase(0, 600, 900)), T0) == ()


@pytest.mark.parametrize("every", (0.1, 1 / 3, 0.7))
def test_a_cadence_that_is_no_round_number_loses_no_round(every: float) -> None:
    assert len(schedule(plan(phase(0, 30 * every, every)), T0)) == 30


def test_without_an_early_window_or_grace_a_round_is_never_open_or_on_time() -> None:
    only = schedule(plan(phase(0, HOUR, HOUR, early=0, grace=0)), T0)[0]
    assert [status for status, _ in only.stages] == [RoundStatus.LATE, RoundStatus.MISSED]
    assert only.status(only.due) is RoundStatus.LATE


@given(plans(), launches, st.floats(allow_nan=False))
def test_any_moment_finds_a_round_in_exactly_the_one_state_it_is_in(
    given_plan: Plan, launch: float, now: float
) -> None:
    for round_ in schedule(given_plan, launch):
        holds = {
            RoundStatus.UPCOMING: now < round_.opens,
            RoundStatus.OPEN: round_.opens <= now < round_.due,
            RoundStatus.DUE: round_.due <= now < round_.late,
            RoundStatus.LATE: round_.late <= now < round_.closes,
            RoundStatus.MISSED: round_.closes <= now,
        }
        assert [status for status, here in holds.items() if here] == [round_.status(now)]
        assert round_.status(now, signed_at=round_.due) is RoundStatus.SIGNED


@given(plans(), launches, st.lists(st.floats(-DAY, 3 * DAY), min_size=2))
def test_time_only_ever_moves_a_round_on_and_missed_stays_missed(
    given_plan: Plan, launch: float, moments: list[float]
) -> None:
    for round_ in schedule(given_plan, launch):
        went = [ORDER.index(round_.status(launch + moment)) for moment in sorted(moments)]
        assert went == sorted(went)


@given(plans(), launches, st.lists(st.floats(-10 * DAY, 10 * DAY), min_size=1))
def test_however_the_clock_jumped_to_now_the_board_is_the_same(
    given_plan: Plan, launch: float, jumps: list[float]
) -> None:
    """Nothing is remembered between two looks, so no jump can leave a trace."""
    rounds, now = schedule(given_plan, launch), launch
    for jump in jumps:
        now += jump
        looked = states(rounds, now, {})
    assert looked == states(schedule(given_plan, launch), now, {})


@given(plans(), launches)
def test_windows_follow_each_other_without_overlap_or_hole(given_plan: Plan, launch: float) -> None:
    rounds = schedule(given_plan, launch)
    for round_ in rounds:
        assert launch < round_.opens <= round_.due <= round_.late <= round_.closes
        assert round_.due < round_.closes
        assert [at for _, at in round_.stages] == sorted({at for _, at in round_.stages})
    for one, other in pairwise(rounds):
        assert one.closes == other.opens
        assert one.number + 1 == other.number


@given(plans(), launches, st.floats(0, 2 * DAY))
def test_at_most_one_round_can_be_signed_at_any_moment(
    given_plan: Plan, launch: float, seconds: float
) -> None:
    over = (RoundStatus.UPCOMING, RoundStatus.MISSED)
    standing = states(schedule(given_plan, launch), launch + seconds, {})
    assert sum(state.status not in over for state in standing) <= 1


@given(
    plans(),
    launches,
    st.floats(0, 2 * DAY),
    st.dictionaries(st.integers(1, 24), st.tuples(launches, st.text(max_size=3))),
)
def test_due_moments_do_not_depend_on_who_signed_what_when(
    given_plan: Plan, launch: float, seconds: float, signed: dict[int, tuple[float, str]]
) -> None:
    rounds = schedule(given_plan, launch)
    standing = states(rounds, launch + seconds, signed)
    assert tuple(state.round for state in standing) == rounds
    for state in standing:
        if state.round.number not in signed:
            assert state.status is state.round.status(launch + seconds)
        else:
            assert state.status is RoundStatus.SIGNED


@given(instants, zones, zones)
def test_a_launch_is_the_same_moment_in_every_zone_and_no_clock_change_moves_a_round(
    instant: datetime, zone: tzinfo, other: tzinfo
) -> None:
    here = instant.replace(tzinfo=zone)
    there = here.astimezone(UTC).astimezone(other)
    rounds = schedule(DEFAULT, here.timestamp())
    assert rounds == schedule(DEFAULT, there.timestamp())
    for round_, half_hours in zip(rounds, (*range(1, 13), *range(14, 25, 2)), strict=False):
        due = datetime.fromtimestamp(round_.due, UTC)
        assert due - here.astimezone(UTC) == timedelta(minutes=30 * half_hours)


@given(launches, st.floats(-1e6, 1e6))
def test_another_launch_shifts_every_round_alike(launch: float, shift: float) -> None:
    def moments(rounds: tuple[Round, ...], origin: float) -> list[float]:
        return [at - origin for r in rounds for at in (r.opens, r.due, r.late, r.closes)]

    one = moments(schedule(DEFAULT, launch), launch)
    other = moments(schedule(DEFAULT, launch + shift), launch + shift)
    assert other == pytest.approx(one, abs=1e-3)


def earned(every: float = 0.5 * HOUR) -> Plan:
    """Six hours at one cadence, which has to be earned, and six at half of it."""
    tight = phase(0, 6 * HOUR, every)
    tight = tight.model_copy(update={"relax_after": 3})
    return plan(tight, phase(6 * HOUR, 12 * HOUR, 2 * every))


def names(rounds: tuple[Round, ...]) -> list[str]:
    return [round_.name for round_ in rounds if T0 + 5.4 * HOUR < round_.due < T0 + 9 * HOUR]


def test_a_cadence_that_goes_on_puts_rounds_between_the_planned_ones() -> None:
    extended = schedule(earned(), T0, [Extension("from 0", T0 + 6 * HOUR)])
    assert names(extended) == ["11", "12", "12+1", "13", "13+1", "14"]
    assert [r.number for r in extended if r.nth] == [19, 20]
    put_in = next(r for r in extended if r.nth)
    assert (put_in.due - T0) / HOUR == 6.5
    assert put_in.phase == "from 0"
    assert [r.due for r in extended if not r.nth] == [r.due for r in schedule(earned(), T0)]


def test_a_cadence_that_goes_on_twice_goes_on_where_it_ended() -> None:
    twice = [Extension("from 0", T0 + 6 * HOUR), Extension("from 0", T0 + 7.5 * HOUR)]
    assert names(schedule(earned(), T0, twice)) == [
        *("11", "12", "12+1", "13", "13+1", "14", "14+1"),
    ]


@given(st.floats(4 * HOUR, 13 * HOUR), st.floats(-HOUR, 3 * HOUR))
def test_nothing_that_has_begun_is_changed_by_a_cadence_that_goes_on(
    decided: float, later: float
) -> None:
    before = schedule(earned(), T0)
    after = schedule(earned(), T0, [Extension("from 0", T0 + decided)])
    now = T0 + decided + min(later, 0.0)
    known = {state.round.number: state.status for state in states(after, now, {})}
    assert all(known[s.round.number] is s.status for s in states(before, now, {}))
    assert all(r.opens > T0 + decided for r in after if r.nth)
    assert all(one.closes == other.opens for one, other in pairwise(after))
    assert len(after) - len(before) <= 3


def test_a_phase_that_is_not_in_the_plan_any_more_extends_nothing() -> None:
    assert schedule(earned(), T0, [Extension("gone", T0)]) == schedule(earned(), T0)
