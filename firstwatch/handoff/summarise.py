"""From a snapshot to a handoff: pure, so that screen, command line and tests get the same one."""

from firstwatch.handoff.brief import Chain, Facts, Handoff
from firstwatch.handoff.coverage import blind_spots, coverage
from firstwatch.handoff.due import due
from firstwatch.handoff.episodes import closed_troubles, near_misses, open_troubles
from firstwatch.handoff.flights import flight_lines
from firstwatch.handoff.measured import check_line, contacts, ledger, lost, sources
from firstwatch.handoff.pens import Pens
from firstwatch.handoff.people import kept, manual, notes, offered, promises, questions
from firstwatch.handoff.rollback import rollback
from firstwatch.handoff.rounds import round_lines, rounds
from firstwatch.handoff.state import Standing
from firstwatch.handoff.strips import strips
from firstwatch.masking import Masker, masker_of
from firstwatch.snapshot import Snapshot

_LEFT_OUT = (
    "secrets; phone numbers, mail addresses, names and quoted texts, for which pseudonyms stand",
    "log lines, identifiers and the parts a value is made of: see the board",
)


def summary(
    snapshot: Snapshot,
    facts: Facts | None = None,
    mask: Masker | None = None,
    *,
    unmasked_notes: bool = False,
    since: float | None = None,
) -> Handoff:
    """The handoff of this moment.

    `mask` is that of the journal; without one, pseudonyms are good for this document alone.
    Of what is over only that is told which ended after `since`.
    """
    facts = facts or Facts()
    mask = mask or masker_of(snapshot.plan, snapshot)
    pens = Pens(mask, unmasked_notes)
    return _summary(snapshot, facts, pens, since)


def _summary(snapshot: Snapshot, facts: Facts, pens: Pens, since: float | None) -> Handoff:
    now = snapshot.at
    start = snapshot.launch if since is None else since
    walked = rounds(round_lines(snapshot, pens))
    troubles = open_troubles(snapshot, facts, pens)
    asked = manual(snapshot, pens)
    owed = promises(snapshot, pens)
    open_questions = questions(snapshot, troubles.entries, pens)
    way_back = rollback(snapshot, pens)
    down = sources(snapshot, pens)
    joints = ledger(snapshot, pens)
    offer = offered(snapshot)
    standing = Standing(snapshot, walked, troubles, asked, owed, down.entries)
    measured = [state for state in snapshot.checks if not state.check.is_manual]
    records = snapshot.affairs.records
    return Handoff(
        watch=pens.own(snapshot.plan.watch.name, 80),
        at=now,
        launch=snapshot.launch,
        zone=snapshot.plan.watch.timezone,
        since=since,
        holder=pens.who(snapshot.affairs.holder or snapshot.operator),
        pending=pens.who(snapshot.affairs.pending),
        pending_since=offer.at if offer else None,
        state=standing.line,
        reservations=standing.reservations,
        phase=snapshot.phase,
        elapsed=snapshot.elapsed,
        coverage=coverage(snapshot),
        blind=blind_spots(snapshot, pens, start),
        rounds=walked,
        open=troubles,
        closed=closed_troubles(snapshot, facts, pens, start),
        flights=flight_lines(snapshot.plan, facts.flights, pens),
        near=None if facts.extents is None else near_misses(snapshot, facts.extents, start),
        figures=tuple(check_line(s, now, pens) for s in measured if s.check.always),
        checks=tuple(check_line(s, now, pens) for s in measured),
        ledger=joints,
        lost=lost(snapshot, joints),
        manual=asked,
        notes=notes(snapshot, pens, start),
        promises=owed,
        kept=kept(snapshot, pens, start),
        questions=open_questions,
        due=due(walked, owed, open_questions, troubles.entries, way_back),
        sources=down,
        contacts=contacts(snapshot, pens),
        rollback=way_back,
        strips=None if facts.flips is None else strips(snapshot, facts.flips, start),
        chain=Chain(records[-1].id if records else 0, snapshot.affairs.head),
        left_out=(*_LEFT_OUT, *_unread(facts)),
    )


def _unread(facts: Facts) -> tuple[str, ...]:
    if facts.extents is None:
        return ("near misses and strips: the journal was not read",)
    return ()
