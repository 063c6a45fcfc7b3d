"""The flow: at which joint something was lost, and never a zero for what is not known."""

from dataclasses import replace

import pytest

from firstwatch.flow import Flow, counted_since, flow
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level
from tests.tui.samples import blind, empty, normal
from tests.tui.streams import storm, stream, swallowed, unseen, with_
from tui.scene import blinded


def counts(found: Flow) -> list[float | None]:
    """How many came to each stage."""
    return [stage.count for stage in found.stages]


def test_calm_the_pipe_tells_what_came_and_what_is_in_flight() -> None:
    found = flow(stream())
    assert counts(found) == [240, 251, 249, 249, 247, None]
    assert [joint.flying for joint in found.joints] == [None, 2, 0, 2, None]
    assert found.leaks == found.unknown == ()
    assert [stage.now.rate for stage in found.stages if stage.now] == [
        11,
        10.6,
        pytest.approx(4 / 30),
        2,
        10,
        3,
    ]


def test_what_never_arrived_is_lost_before_the_webhooks_and_has_its_worst_company_by_name() -> None:
    found = flow(storm())
    (leak,) = found.leaks
    assert (leak.name, leak.lost, leak.level) == ("Chatwoot → webhooks", 191, Level.CRITICAL)
    assert leak.worst == "Tenant A 102"
    assert [joint.level for joint in found.joints[1:4]] == [None, None, None]
    now = found.stages[1].now
    assert now is not None
    assert now.told == "Tenant A: none here, while Chatwoot counts 33"


def test_what_was_swallowed_is_lost_at_the_joint_where_the_ledger_says_so() -> None:
    found = flow(swallowed())
    assert [(j.name, j.lost, j.worst) for j in found.leaks] == [
        ("conversations → messages", 215, "Tenant A 120 in 1h"),
        ("webhooks → leads", 24, ""),
    ]
    assert [j.twice for j in found.joints] == [3, 1, 0, 0, None]
    assert counts(found) == [240, 251, 225, 225, 0, None]


def test_what_was_known_before_an_outage_is_not_known_now() -> None:
    found = flow(unseen())
    assert counts(found) == [240, None, None, None, None, None]
    assert [joint.lost for joint in found.joints] == [None] * 5
    assert len(found.unknown) == 4
    assert {joint.told for joint in found.unknown} == {"database unreachable since 08:20"}
    now = found.stages[1].now
    assert now is not None
    assert now.value is None


@pytest.mark.parametrize("snapshot", (normal(), blind(), empty(), blinded(stream())))
def test_nothing_is_known_without_the_checks_or_from_a_silent_engine(snapshot: Snapshot) -> None:
    found = flow(snapshot)
    assert counts(found) == [None] * 6
    assert len(found.unknown) == 5
    assert all(joint.told for joint in found.joints)


def test_a_ledger_that_tells_its_parts_otherwise_is_unknown_and_no_zero() -> None:
    told = with_(stream(), "ledger", Level.OK, "", rows=())
    found = flow(told)
    assert counts(found)[1:5] == [None] * 4
    assert found.joints[1].told == "the ledger does not tell its parts"


def test_a_check_that_was_never_read_says_why() -> None:
    snapshot = stream()
    waiting = tuple(replace(state, reading=None) for state in snapshot.checks)
    found = flow(replace(snapshot, checks=waiting))
    assert {joint.told for joint in found.joints} == {"not measured yet"}


@pytest.mark.parametrize(("hours", "ago"), ((3.0, 3.0), (24.0, 24.0), (30.0, 24.0)))
def test_the_ledger_counts_since_the_launch_and_no_further_back_than_its_window(
    hours: float, ago: float
) -> None:
    made = stream()
    assert flow(made).reach == 86400
    launched = replace(made, launch=made.at - 3600 * hours)
    assert counted_since(launched) == made.at - 3600 * ago


def test_without_a_window_the_ledger_counts_since_the_launch() -> None:
    assert flow(normal()).reach is None
    assert counted_since(replace(normal(), launch=0.0)) == 0.0
