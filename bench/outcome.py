"""What a day came to, read from its journal, and what is missing of what was to be played."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstwatch.acts import Acknowledgement, Cadence, Kept, Note, SignOff, TakenOver
from firstwatch.chain import examine, named
from firstwatch.handoff import from_journal
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that was to be played: how often it was, and how often it should have been."""

    what: str
    found: object
    wanted: object

    @property
    def is_right(self) -> bool:
        """Whether it was played as it should have been."""
        return self.found == self.wanted

    def __str__(self) -> str:
        """One line: what, and how often."""
        wanted = "" if self.is_right else f", and should be {self.wanted}"
        return f"{self.what}: {self.found}{wanted}"


def outcome(path: Path, plan: Plan, twins: Sequence[Path]) -> list[Counted]:
    """All that was to be played, counted; `twins` are the handoffs that were written."""
    with Journal.read_only(path) as journal:
        at = journal.last_moment or 0.0
        snapshot = from_journal(journal, plan, at, as_last_seen=True)
        chain = examine(journal, [named(twin) for twin in twins])
    return [
        *_rounds(snapshot),
        *_people(snapshot),
        Counted("handoffs", len(twins), 3),
        Counted("what is wrong with the chain of acts", list(chain.faults), []),
    ]


def _rounds(snapshot: Snapshot) -> Iterator[Counted]:
    statuses = [state.status for state in snapshot.rounds]
    yield Counted("rounds", len(statuses), 24)
    yield Counted("rounds signed", statuses.count(RoundStatus.SIGNED), 22)
    yield Counted("rounds missed", statuses.count(RoundStatus.MISSED), 2)
    signed = [
        (record.at, record.act)
        for record in snapshot.affairs.sign_offs.values()
        if isinstance(record.act, SignOff)
    ]
    yield Counted("rounds signed late", sum(at >= act.late for at, act in signed), 1)


def _people(snapshot: Snapshot) -> Iterator[Counted]:
    affairs = snapshot.affairs
    records = [record.act for record in affairs.records]
    runs = affairs.rollbacks
    yield Counted("runs of the rollback", len(runs), 1)
    drills = sum(run.is_drill and run.is_called_off for run in runs)
    yield Counted("of them drills that were called off", drills, 1)
    yield Counted("acknowledgements", sum(isinstance(a, Acknowledgement) for a in records), 3)
    broken = sum(over.level.is_trouble for over in affairs.over)
    yield Counted("acknowledgements broken by worsening", broken, 1)
    recovered = sum(not over.level.is_trouble for over in affairs.over)
    yield Counted("acknowledgements cleared by recovery", recovered, 1)
    yield Counted("acknowledgements that hold", sorted(affairs.acks), ["ledger"])
    yield Counted(
        "take-overs", [a.by for a in records if isinstance(a, TakenOver)], ["Ben", "Cleo"]
    )
    yield Counted("who has the watch", affairs.who, "Cleo")
    yield Counted("promises kept", sum(isinstance(a, Kept) and a.is_done for a in records), 1)
    yield Counted("promises open", len(affairs.promises), 0)
    yield Counted("notes", sum(isinstance(a, Note) for a in records), 4)
    cadences = [a.is_extended for a in records if isinstance(a, Cadence)]
    yield Counted("phases whose cadence was kept", cadences.count(True), 0)
