"""Trails: how each endpoint answered the last times it was asked, for a flight record."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from firstwatch.errors import NoAnswer
from firstwatch.probe import Exhibit
from firstwatch.units import format_clock, format_number
from probes import web
from probes.http_answers import Outcome

KEPT: Final = 20
"""Answers of one endpoint."""


class Trails:
    """The last answers of every endpoint of one service, in words."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[str]] = {}

    def note(self, outcomes: Sequence[Outcome], now: float) -> None:
        """Note what came of asking them at this moment."""
        at = format_clock(now, seconds=True)
        for outcome in outcomes:
            label = outcome.history.endpoint.label
            trail = self._lines.setdefault(label, deque(maxlen=KEPT))
            trail.append(f"{at}  {_told(outcome)}")

    def exhibit(self) -> Exhibit:
        """All of it. Raises NoAnswer before anything was asked."""
        if not self._lines:
            raise NoAnswer("nothing has been asked of it yet")
        lines: list[str] = []
        for label, trail in self._lines.items():
            lines += [label, *(f"  {line}" for line in trail)]
        return Exhibit("http", "how the endpoints answered, oldest first", tuple(lines))


def _told(outcome: Outcome) -> str:
    came = outcome.came
    if not isinstance(came, web.Answer):
        return f"no answer after {format_number(outcome.took * 1e3)} ms: {came.reason}"
    phases = came.phases
    fault = outcome.history.endpoint.fault(came)
    return (
        f"{came.status}, connect {format_number(phases.connect)} ms, "
        f"first byte {format_number(phases.first_byte)} ms, total {format_number(phases.total)} ms"
        + (f"; {fault}" if fault else "")
    )
