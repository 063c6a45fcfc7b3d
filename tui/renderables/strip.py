"""The strip of rounds: one glyph a round, phases apart."""

from collections.abc import Sequence

from firstwatch.rounds import RoundState, RoundStatus
from tui.renderables.glyphs import Glyphs
from tui.renderables.lines import Line, Role, Run

_ROLES = {
    RoundStatus.UPCOMING: Role.DIM,
    RoundStatus.OPEN: Role.PENDING,
    RoundStatus.DUE: Role.STRONG,
    RoundStatus.LATE: Role.WARNING,
    RoundStatus.MISSED: Role.CRITICAL,
    RoundStatus.SIGNED: Role.OK,
}


def round_strip(rounds: Sequence[RoundState], glyphs: Glyphs) -> Line:
    """All rounds in order, a mark between phases, and one before each that was put in.

    What was put in keeps the cadence of a phase that is over, so it begins no phase.
    """
    runs: list[Run] = []
    phase = rounds[0].round.phase if rounds else ""
    for state in rounds:
        if state.round.nth:
            runs.append((glyphs.put_in, Role.DIM))
        elif state.round.phase != phase:
            phase = state.round.phase
            runs.append((glyphs.phase_gap, Role.DIM))
        runs.append(mark(state, glyphs))
    return _merged(runs)


def mark(state: RoundState, glyphs: Glyphs) -> Run:
    """The glyph of one round."""
    if state.is_signed_late:
        return glyphs.signed_late, Role.OFF_TARGET
    return glyphs.rounds[state.status], _ROLES[state.status]


def _merged(runs: Sequence[Run]) -> Line:
    merged: list[Run] = []
    for text, role in runs:
        if merged and merged[-1][1] is role:
            merged[-1] = (merged[-1][0] + text, role)
        else:
            merged.append((text, role))
    return tuple(merged)


def round_counts(rounds: Sequence[RoundState]) -> Line:
    """How many were signed, late and missed; trouble in its colour."""
    signed = sum(s.status is RoundStatus.SIGNED for s in rounds)
    late = sum(s.status is RoundStatus.LATE or s.is_signed_late for s in rounds)
    missed = sum(s.status is RoundStatus.MISSED for s in rounds)
    return (
        (f"{late} late", Role.OFF_TARGET if late else Role.DIM),
        (" · ", Role.DIM),
        (f"{missed} missed", Role.CRITICAL if missed else Role.DIM),
        (" · ", Role.DIM),
        (f"{signed} signed", Role.DIM),
    )


def worst_count(rounds: Sequence[RoundState]) -> Line:
    """Of those counts the one to be read where there is room for one."""
    late, _, missed, *_ = round_counts(rounds)
    return (missed if missed[1] is Role.CRITICAL else late,)
