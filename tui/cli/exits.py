"""What the exit status of firstwatch means."""

from enum import IntEnum

from firstwatch.verdict import Level


class ExitCode(IntEnum):
    """`check` answers like a Nagios plugin, `verify` with OK or NOT_WHOLE, the rest with OK.

    Every command has BAD_INPUT.
    """

    OK = 0
    """Done; of `check`: nothing worse than off target."""
    WARNING = 1
    """Of `check`: a warning, nothing critical."""
    CRITICAL = 2
    """Of `check`: something is critical."""
    BAD_INPUT = 2
    """The plan, the journal or the command line cannot be used; standard error says why."""
    UNKNOWN = 3
    """Of `check`: something could not be measured, and nothing is worse."""
    NOT_WHOLE = 4
    """Of `verify`: the chain of acts is not as it was written."""
    CRASHED = 70
    """firstwatch itself failed in a way nobody foresaw; standard error says where."""


def of_levels(levels: list[Level]) -> ExitCode:
    """The status of a pass with these verdicts; an alarm outranks what is unknown."""
    for level, code in (
        (Level.CRITICAL, ExitCode.CRITICAL),
        (Level.WARNING, ExitCode.WARNING),
        (Level.UNKNOWN, ExitCode.UNKNOWN),
    ):
        if level in levels:
            return code
    return ExitCode.OK
