"""The flight records a handoff tells of."""

from collections.abc import Sequence

from firstwatch.flights.record import Flight
from firstwatch.handoff.brief import FlightLine, Listing
from firstwatch.handoff.listing import last, told
from firstwatch.handoff.pens import Pens
from firstwatch.plan import Plan


def flight_lines(plan: Plan, flights: Sequence[Flight], pens: Pens) -> Listing[FlightLine]:
    """The latest records: of what, when and where they lie."""

    def line(flight: Flight) -> FlightLine:
        titles = tuple(
            pens.mask(plan.checks[subject].title if subject in plan.checks else subject, 80)
            for subject in flight.subjects
        )
        # Beside the journal: where that is says more of whoever runs the watch than of the flight.
        place = f"{flight.folder.parent.name}/{flight.folder.name}"
        return FlightLine(flight.at, titles, place, flight.files)

    return told(last(flights, "earlier"), line)
