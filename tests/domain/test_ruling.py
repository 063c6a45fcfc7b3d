"""Go is only said when nothing that was counted speaks against it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.plan import Report as Limits
from firstwatch.report.ruling import Counted, Decision, Loss, percent, rule

DAY = 86400.0
CALM = Counted(elapsed=DAY, planned=DAY, coverage=100.0, rounds=24, clean=24)
LIMITS = Limits()

AGAINST: tuple[tuple[str, Decision, dict[str, object]], ...] = (
    ("critical", Decision.NO_GO, {"critical": ("errors",)}),
    ("losses", Decision.NO_GO, {"lost": (Loss("ledger", "12", is_acknowledged=False),)}),
    ("rollback", Decision.NO_GO, {"rolled_back": 1}),
    ("rollback", Decision.NO_GO, {"rolling_back": 1}),
    ("time", Decision.EXTEND, {"elapsed": DAY - 1}),
    ("coverage", Decision.EXTEND, {"coverage": 94.99}),
    ("warnings", Decision.EXTEND, {"warning": ("errors",)}),
    ("unknown", Decision.EXTEND, {"unknown": ("source chatwoot",)}),
    ("missed rounds", Decision.EXTEND, {"missed": ("round 3", "round 4", "round 9")}),
    ("clean rounds", Decision.EXTEND, {"clean": 2}),
    ("manual items", Decision.EXTEND, {"manual": ("first client",)}),
    ("promises", Decision.EXTEND, {"overdue": ("recheck quota",)}),
    ("record", Decision.EXTEND, {"faults": ("record 3 is missing",)}),
)


def test_a_day_that_nothing_speaks_against_is_a_go() -> None:
    ruling = rule(CALM, LIMITS)
    assert ruling.decision is Decision.GO
    assert ruling.deciding == ruling.against == ()


@pytest.mark.parametrize(
    ("name", "decision", "change"), AGAINST, ids=[f"{n}, {next(iter(c))}" for n, _, c in AGAINST]
)
def test_one_thing_against_it_decides(
    name: str, decision: Decision, change: dict[str, object]
) -> None:
    ruling = rule(replace(CALM, **change), LIMITS)  # type: ignore[arg-type] # by name
    assert ruling.decision is decision
    assert [one.name for one in ruling.deciding] == [name]
    assert [one.name for one in ruling.against] == [name]


def test_every_rule_has_something_that_breaks_it() -> None:
    assert {one.name for one in rule(CALM, LIMITS).rules} == {name for name, _, _ in AGAINST}


@given(st.lists(st.sampled_from(AGAINST), min_size=1))
def test_what_is_graver_decides_and_the_rest_is_told(
    against: list[tuple[str, Decision, dict[str, object]]],
) -> None:
    counted = CALM
    for _, _, change in against:
        counted = replace(counted, **change)  # type: ignore[arg-type] # by name
    ruling = rule(counted, LIMITS)
    gravest = max((decision for _, decision, _ in against), key=lambda one: one.severity)
    assert ruling.decision is gravest
    assert {one.name for one in ruling.against} == {name for name, _, _ in against}
    assert {one.name for one in ruling.deciding} == {n for n, d, _ in against if d is gravest}


TITLES = st.lists(st.text(max_size=5), max_size=8).map(tuple)
COUNTED = st.builds(
    Counted,
    elapsed=st.floats(-DAY, 3 * DAY),
    planned=st.just(DAY),
    critical=TITLES,
    warning=TITLES,
    unknown=TITLES,
    lost=st.lists(st.builds(Loss, st.text(max_size=3), st.text(max_size=3), st.booleans())).map(
        tuple
    ),
    rolled_back=st.integers(0, 2),
    rolling_back=st.integers(0, 2),
    coverage=st.floats(0, 100),
    rounds=st.just(24),
    missed=TITLES,
    clean=st.integers(0, 24),
    manual=TITLES,
    overdue=TITLES,
    faults=TITLES,
)
ANY_LIMITS = st.builds(
    Limits,
    least_coverage=st.floats(0, 100),
    most_missed=st.integers(0, 24),
    clean_rounds=st.integers(0, 24),
)


def speaks_against(counted: Counted, limits: Limits) -> bool:
    """The same said once more, and more plainly."""
    names = (counted.critical, counted.warning, counted.unknown, counted.manual)
    return (
        any((*names, counted.overdue, counted.faults))
        or counted.rolled_back + counted.rolling_back > 0
        or not all(loss.is_acknowledged for loss in counted.lost)
        or counted.elapsed < counted.planned
        or counted.coverage < limits.least_coverage
        or len(counted.missed) > limits.most_missed
        or counted.clean < limits.clean_rounds
    )


@given(COUNTED, ANY_LIMITS)
def test_go_is_said_exactly_when_nothing_counted_speaks_against_it(
    counted: Counted, limits: Limits
) -> None:
    ruling = rule(counted, limits)
    assert (ruling.decision is Decision.GO) is not speaks_against(counted, limits)
    is_grave = bool(counted.critical or counted.rolled_back or counted.rolling_back)
    if is_grave or any(not loss.is_acknowledged for loss in counted.lost):
        assert ruling.decision is Decision.NO_GO


@given(COUNTED)
def test_every_rule_says_its_numbers_and_none_reassures(counted: Counted) -> None:
    for one in rule(replace(counted, critical=(), warning=()), LIMITS).rules:
        assert one.told
    told = " ".join(one.told for one in rule(CALM, LIMITS).rules).lower()
    for word in ("good", "healthy", "success", "fine,", "nothing"):
        assert word not in told


def test_rules_name_a_few_and_count_the_rest() -> None:
    counted = replace(CALM, warning=tuple(f"check {number}" for number in range(1, 9)))
    (told,) = (one.told for one in rule(counted, LIMITS).deciding)
    assert told == "8 in warning: check 1, check 2, check 3, check 4, check 5 and 3 more"


def test_a_share_is_never_rounded_up() -> None:
    assert percent(99.99) == "99.9 %"
    assert percent(100.0) == "100 %"
    assert percent(94.999) == "94.9 %"


def test_the_rule_of_losses_says_since_when_they_are_counted() -> None:
    (told,) = (
        r.told for r in rule(replace(CALM, lost_since="10:27"), LIMITS).rules if r.name == "losses"
    )
    assert told == (
        "0 lost, and neither fetched again nor acknowledged; "
        "the ledger looks back to 10:27 and no further"
    )
