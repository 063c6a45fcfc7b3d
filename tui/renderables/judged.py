"""How a check is judged, in words: its limits, what it takes to pass them, and how far it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from firstwatch.plan import Check, Direction
from firstwatch.snapshot import CheckState
from firstwatch.text import clean
from firstwatch.units import format_duration, format_number, format_value
from firstwatch.verdict import Level
from tui.renderables.fields import field
from tui.renderables.lines import Line


@dataclass(frozen=True, slots=True)
class _Limit:
    """One limit of a check, in words."""

    level: Level
    past: str
    """"above 500 ms"."""
    clear: str
    """"at or below 450 ms"."""


def judged_lines(state: CheckState, title_of: dict[str, str], width: int) -> list[Line]:
    """One sentence for each limit, and one for whatever else decides; none for a manual check."""
    check = state.check
    if check.is_manual:
        return []
    sentences = [*_sentences(state), _rest(state, title_of)]
    lines: list[Line] = []
    for sentence in filter(None, sentences):
        lines += field("" if lines else "judged", clean(sentence, 600), width)
    return lines


def _sentences(state: CheckState) -> Iterable[str]:
    """What it takes to pass a limit and to be clear of it again, and how many readings agree.

    A replay knows no single reading: there nothing is said of them.
    """
    check = state.check
    needed, of = check.worsen
    levels = [attempt.level for attempt in state.latest if attempt.level is not None][-of:]
    for limit in _limits(check):
        agreeing = sum(
            level.severity >= limit.level.severity for level in levels if level is not Level.UNKNOWN
        )
        after = f"after {needed} of {of} readings" if of > 1 else "at once"
        yield (
            f"{limit.level} {after} {limit.past}, "
            f"clears after {format_duration(check.dwell)} {limit.clear}"
            + (f"; now {agreeing} of {len(levels)}" if levels else "")
        )


def _limits(check: Check) -> Iterable[_Limit]:
    bands, unit = check.bands, check.unit
    above = bands.bad is Direction.ABOVE
    for level, limit in bands.limits:
        clear = limit * check.clear if above else limit / check.clear
        yield _Limit(
            level,
            f"{'above' if above else 'below'} {format_value(limit, unit)}",
            f"at or {'below' if above else 'above'} {format_value(clear, unit)}",
        )


def _rest(state: CheckState, title_of: dict[str, str]) -> str:
    """Whatever decides besides the limits."""
    check = state.check
    told = []
    if not check.bands.limits:
        told.append("no limit of its own: bad is only what the probe itself vouches for")
    else:
        told.append("a hard fact needs no second reading")
    if check.min_sample:
        told.append(f"no verdict below n={format_number(check.min_sample)}")
    if check.witness:
        told.append(f"nothing at all is judged by {title_of.get(check.witness, check.witness)}")
    if check.compare:
        told.append(f"the value is what {title_of.get(check.compare, check.compare)} counts more")
    fresh_for = state.fresh_for or check.stale_after
    told.append(f"unknown when no reading came for {format_duration(fresh_for)}")
    return "; ".join(told)
