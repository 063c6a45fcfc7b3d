"""The engineer's handoff as Markdown; whatever came from outside is escaped."""

from firstwatch.handoff.brief import Handoff
from firstwatch.handoff.page import people, watched
from firstwatch.handoff.page.escape import escape
from firstwatch.handoff.page.head import head
from firstwatch.handoff.page.rounds import rounds
from firstwatch.handoff.page.section import fitted
from firstwatch.handoff.wording import clock_of

__all__ = ["escape", "to_markdown"]


def to_markdown(handoff: Handoff) -> str:
    """One page, sections always the same and in the same order; an empty one says so."""
    at = clock_of(handoff)
    sections = (
        watched.open_episodes(handoff, at),
        rounds(handoff, at),
        people.promises(handoff, at),
        people.questions(handoff, at),
        people.notes(handoff, at),
        people.manual(handoff, at),
        watched.strips(handoff, at),
        watched.closed_episodes(handoff, at),
        watched.blind_spots(handoff, at),
        watched.flights(handoff, at),
        watched.near_misses(handoff, at),
        watched.ledger(handoff, at),
        watched.figures(handoff),
        watched.checks(handoff),
        people.sources(handoff, at),
        people.contacts(handoff),
        people.rollback(handoff, at),
        people.chain(handoff),
        people.left_out(handoff),
    )
    return "\n".join(fitted(list(head(handoff, at)), sections)) + "\n"
