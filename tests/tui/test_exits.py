"""What the exit status of a pass means."""

import pytest

from firstwatch.verdict import Level
from tui.cli.exits import ExitCode, of_levels

CALM = [Level.OK, Level.IDLE, Level.OFF_TARGET, Level.PENDING]


@pytest.mark.parametrize(
    ("levels", "code"),
    (
        ([], 0),
        (CALM, 0),
        ([*CALM, Level.UNKNOWN], 3),
        ([*CALM, Level.WARNING], 1),
        ([*CALM, Level.WARNING, Level.UNKNOWN], 1),
        ([Level.CRITICAL, *CALM, Level.WARNING, Level.UNKNOWN], 2),
    ),
    ids=("nothing", "calm", "unknown", "warning", "warning and unknown", "critical"),
)
def test_an_alarm_outranks_what_is_unknown_and_that_outranks_calm(
    levels: list[Level], code: int
) -> None:
    assert of_levels(levels) == code


def test_every_level_has_a_status_and_only_calm_ones_are_zero() -> None:
    zero = {level for level in Level if of_levels([level]) is ExitCode.OK}
    assert zero == set(CALM)


def test_the_statuses_are_those_of_a_nagios_plugin() -> None:
    codes = {code: int(ExitCode[code]) for code in ("OK", "WARNING", "CRITICAL", "UNKNOWN")}
    assert codes == {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
    assert int(ExitCode.BAD_INPUT) == 2
