"""Strips show the worst of each stretch, and never more than was seen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.episodes import Flip
from firstwatch.handoff.strips import CELLS, CHARACTERS, LEGEND, ROWS, TITLE, Strips, strips
from firstwatch.rounds import schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict
from tests.domain.shifts import FLIPS, NOW, T0, calm, clock, handed_over, plan

SEVERITY = {CHARACTERS[level]: level.severity for level in (*Level, Level.IDLE)}
MEASURED = ("pool", "errors", "p95", "witness", "failures", "companies")
BEGUN = tuple(Flip(T0, name, Level.UNKNOWN, Level.OK, "") for name in MEASURED)


def cells(told: Strips, subject: str) -> str:
    return next(row.cells for row in told.rows if row.subject == subject)


def test_a_morning_is_drawn_five_minutes_a_character() -> None:
    told = strips(handed_over(), FLIPS, T0)
    assert (told.start, told.step) == (T0, 300.0)
    assert cells(told, "errors") == "··███·······?????·························"
    assert cells(told, "p95") == "············?????········◐◐◐◐◐◐◐◐◐◐◐◐◐◐◐◐◐"
    assert cells(told, "source:database") == "············?????·························"
    assert cells(told, "source:chatwoot") == "············?????·······················??"
    assert cells(told, "rounds") == "      ✔     ✔     ✗         ✔ ✗     ✔     "


def test_a_check_that_was_always_ok_has_no_row() -> None:
    told = strips(calm(), BEGUN, T0)
    assert [row.subject for row in told.rows] == ["rounds"]


def test_a_moment_of_trouble_is_seen_however_coarse_the_strip() -> None:
    blip = (
        *BEGUN,
        Flip(T0 + 1000, "pool", Level.OK, Level.CRITICAL, ""),
        Flip(T0 + 1000, "pool", Level.CRITICAL, Level.OK, ""),
    )
    late = replace(calm(), at=T0 + 86400)
    assert cells(strips(late, blip, T0), "pool").count("█") == 1


def test_before_its_first_verdict_a_check_is_unknown() -> None:
    begun = tuple(Flip(T0 + 700, name, Level.UNKNOWN, Level.OK, "") for name in MEASURED)
    begun += (Flip(NOW - 60, "pool", Level.OK, Level.WARNING, ""),)
    assert cells(strips(calm(), begun, T0), "pool").startswith("??·")


def test_a_check_without_any_verdict_is_unknown_all_the_time() -> None:
    assert set(cells(strips(calm(), BEGUN[1:], T0), "pool")) == {"?"}


def test_a_source_without_an_address_is_one_row_and_not_one_for_each_of_its_checks() -> None:
    down = replace(calm(), sources=(SourceState("database", "postgres", T0, "no address"),))
    told = strips(down, [flip for flip in BEGUN if flip.subject not in ("pool", "companies")], T0)
    assert [row.subject for row in told.rows] == ["rounds", "source:database"]
    assert set(cells(told, "source:database")) == {"?"}


def test_what_was_unseen_because_its_source_was_away_makes_no_row_of_its_own() -> None:
    subjects = [row.subject for row in strips(handed_over(), FLIPS, T0).rows]
    assert "pool" not in subjects
    assert "source:database" in subjects


def test_a_shift_is_drawn_from_its_own_start() -> None:
    told = strips(handed_over(), FLIPS, clock("11:58"))
    assert told.start == clock("11:55")
    assert cells(told, "failures") == "····!!!"
    assert "errors" not in [row.subject for row in told.rows]
    assert cells(told, "p95") == "◐" * 7


def test_more_rows_than_a_page_holds_are_counted_and_the_worst_are_kept() -> None:
    used = plan(
        **{
            f"c{n}": {"title": f"c{n}", "pane": "flow", "source": "log", "measure": {}}
            for n in range(30)
        }
    )
    checks = tuple(
        CheckState(used.checks[f"c{n}"], Verdict(Level.WARNING, "", NOW)) for n in range(30)
    )
    flips = [
        Flip(T0 + n, f"c{n}", Level.OK, Level.CRITICAL if n == 29 else Level.WARNING, "")
        for n in range(30)
    ]
    told = strips(replace(calm(), plan=used, checks=checks, rounds=()), flips, T0)
    assert (len(told.rows), told.left_out) == (ROWS, 10)
    assert told.rows[0].subject == "c29"


MOMENTS = st.floats(T0, T0 + 30 * 3600)
CHANGES = st.lists(
    st.builds(
        Flip,
        at=MOMENTS,
        subject=st.sampled_from(MEASURED),
        old=st.just(Level.OK),
        new=st.sampled_from(list(Level)),
        reason=st.just(""),
        blocked_by=st.sampled_from(["", "", "database"]),
    ),
    max_size=40,
).map(lambda flips: (*BEGUN, *sorted(flips, key=lambda flip: flip.at)))
GAPS = st.lists(
    st.tuples(MOMENTS, st.floats(5, 20000)).map(lambda gap: Gap(gap[0], gap[0] + gap[1])),
    max_size=4,
).map(tuple)


def generated(at: float, gaps: tuple[Gap, ...]) -> Snapshot:
    shown = tuple(Gap(gap.start, min(gap.end, at)) for gap in gaps if gap.start < at)
    rounds = states(schedule(plan(), T0), at, {1: (T0 + 1800, "A")})
    return replace(calm(), at=at, gaps=shown, rounds=rounds)


def level_at(flips: tuple[Flip, ...], subject: str, moment: float) -> Level:
    return [flip.new for flip in flips if flip.subject == subject and flip.at <= moment][-1]


@given(CHANGES, GAPS, st.floats(T0 + 1, T0 + 40 * 3600), st.floats(0, 1), st.data())
def test_no_character_is_better_than_any_moment_of_its_stretch(
    flips: tuple[Flip, ...], gaps: tuple[Gap, ...], at: float, share: float, data: st.DataObject
) -> None:
    known = tuple(flip for flip in flips if flip.at <= at)
    since = T0 + share * (at - T0)
    snapshot = generated(at, gaps)
    told = strips(snapshot, known, since)
    moment = data.draw(st.floats(since, at))
    for row in told.rows:
        if row.subject in MEASURED:
            drawn = row.cells[min(int((moment - told.start) // told.step), len(row.cells) - 1)]
            is_gap = any(gap.start <= moment < gap.end for gap in snapshot.gaps)
            level = Level.UNKNOWN if is_gap else level_at(known, row.subject, moment)
            assert SEVERITY[drawn] >= level.severity or (drawn, level) == ("○", Level.PENDING)


@given(CHANGES, GAPS, st.floats(T0 + 1, T0 + 400 * 3600), st.floats(0, 1))
def test_every_strip_fits_and_speaks_only_the_legend(
    flips: tuple[Flip, ...], gaps: tuple[Gap, ...], at: float, share: float
) -> None:
    since = T0 + share * (at - T0)
    told = strips(generated(at, gaps), tuple(flip for flip in flips if flip.at <= at), since)
    assert told.start <= since < told.start + told.step * 1.000001
    lengths = {len(row.cells) for row in told.rows}
    assert len(lengths) <= 1
    for length in lengths:
        assert 1 <= length <= CELLS
        assert TITLE + 1 + length <= 72
        assert told.start + length * told.step >= at - 1e-3
    assert {cell for row in told.rows for cell in row.cells} <= {*LEGEND, " "}


@given(CHANGES)
def test_whoever_was_not_always_ok_has_a_row(flips: tuple[Flip, ...]) -> None:
    at = T0 + 31 * 3600
    told = {row.subject for row in strips(generated(at, ()), flips, T0).rows}
    bad = {flip.subject for flip in flips if flip.new is not Level.OK and not flip.blocked_by}
    assert bad == told - {"rounds"}


@pytest.mark.parametrize("seconds", (0.0, 1.0, 299.0))
def test_the_first_moments_after_the_launch_are_one_character(seconds: float) -> None:
    snapshot = replace(calm(), at=T0 + seconds, rounds=())
    told = strips(snapshot, BEGUN[1:], T0)
    assert cells(told, "pool") == "?"
