"""The final report, from the journal of a watch."""

import sys

from firstwatch.errors import FirstwatchError
from firstwatch.flights.record import flights, flights_folder
from firstwatch.journal import Journal
from firstwatch.report import gather, material, write
from tui.cli.exits import ExitCode
from tui.cli.opening import Setting, masker, place
from tui.cli.reading import clock_of, warn_of_later


def write_report(setting: Setting, folder: str, *, unmasked_notes: bool) -> ExitCode:
    """Write it and print where it is. Raises FirstwatchError."""
    where = place(folder) if folder else setting.handoffs
    with Journal.read_only(setting.journal) as journal:
        clock = clock_of(journal, setting.clock)
        warn_of_later(journal, clock)
        recorded = flights(flights_folder(setting.journal), journal.launch)
        found = material(journal, setting.plan, clock.now(), scale=clock.scale, flights=recorded)
        mask = masker(journal, found.snapshot)
    made = gather(found, mask, unmasked_notes=unmasked_notes)
    try:
        written = write(made, where)
    except OSError as error:
        raise FirstwatchError(f"no report written into {where}: {error.strerror}") from None
    for path in written:
        print(path)
    early = "provisional, the plan is not over; " if made.is_provisional else ""
    print(f"{early}decision: {made.ruling.decision}", file=sys.stderr)
    return ExitCode.OK
