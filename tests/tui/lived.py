"""A day that was lived through: what the journal remembers of it, and the snapshot at its end."""

from dataclasses import replace

from firstwatch.acts import (
    Acknowledgement,
    Act,
    HandedOver,
    Item,
    Mark,
    Note,
    Promise,
    Record,
    RollbackOpened,
    SignOff,
    TakenOver,
)
from firstwatch.affairs import AckOver, Affairs, OpenPromise
from firstwatch.episodes import Flip, fold
from firstwatch.journal.records import Run
from firstwatch.rounds import states
from firstwatch.snapshot import Gap, Snapshot
from firstwatch.timeline import Chronicle
from firstwatch.verdict import Level
from tests.tui.samples import CHECKS, LAUNCH, normal

HOUR = 3600.0
MINUTE = 60.0


def flip(
    hours: float, subject: str, old: Level, new: Level, reason: str, blocked: str = ""
) -> Flip:
    """A change, so many hours after the launch."""
    return Flip(LAUNCH + hours * HOUR, subject, old, new, reason, blocked_by=blocked)


OK, UNKNOWN, WARNING, CRITICAL = Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL
MEASURED = tuple(check.id for check in CHECKS if not check.is_manual)
FLIPS = (
    *(flip(0.01, name, UNKNOWN, OK, "") for name in MEASURED),
    flip(1.5, "failures", OK, WARNING, "4 > 3 warning"),
    flip(1.6, "failures", WARNING, CRITICAL, "14 > 10 critical"),
    flip(2.2, "failures", CRITICAL, OK, "0, n=128"),
    flip(3.1, "endpoints", OK, Level.OFF_TARGET, "p95 740 ms > 500 ms target"),
    flip(4.0, "endpoints", Level.OFF_TARGET, OK, "p95 310 ms"),
    flip(5.0, "source:database", OK, UNKNOWN, "connection refused"),
    *(flip(5.0, n, OK, UNKNOWN, "database unreachable", "database") for n in MEASURED[6:12]),
    flip(5.4, "source:database", UNKNOWN, OK, "reachable again"),
    *(flip(5.4, n, UNKNOWN, OK, "") for n in MEASURED[6:12]),
    flip(8.9, "duplicates", OK, CRITICAL, "6 phones with more than one lead"),
)
RUNS = (
    Run(LAUNCH - 300, "A", "1", "plan"),
    Run(LAUNCH + 7 * HOUR, "A", "1", "plan"),
    Run(LAUNCH + 8 * HOUR, "B", "1", "plan"),
)
ITEMS = (
    Item(
        check="connections",
        title="DB connections",
        mark=Mark.VERIFIED,
        level=OK,
        value=42,
        unit="%",
    ),
    Item(
        check="failures",
        title="webhook failures",
        mark=Mark.SEEN,
        level=CRITICAL,
        reason="14 > 10 critical",
        value=14,
        age=4,
        note="bad deploy, rolled back",
    ),
)


def signed(number: int, at: float, who: str) -> SignOff:
    """The sign-off of a round of half an hour."""
    due = LAUNCH + number * 30 * MINUTE
    items = ITEMS if number == 4 else ITEMS[:1]
    return SignOff(
        number=number, name=str(number), due=due, late=due + 600, opened=at - 40, items=items
    )


def records() -> tuple[Record, ...]:
    """What people did."""
    found: list[tuple[float, str, Act]] = []
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12):
        at = LAUNCH + number * 30 * MINUTE + (900 if number == 5 else 60)
        found.append((at, "A", signed(number, at, "A")))
    ack = Acknowledgement(
        subject="failures",
        start=LAUNCH + 1.5 * HOUR,
        level=CRITICAL,
        flips=2,
        why="known, the fix is on its way",
        recheck=LAUNCH + 2.6 * HOUR,
    )
    found += [
        (LAUNCH + 1.7 * HOUR, "A", ack),
        (LAUNCH + 1.8 * HOUR, "A", RollbackOpened(reason="every webhook fails")),
        (LAUNCH + 2.3 * HOUR, "A", Note(text="the client knows", about="round:4")),
        (LAUNCH + 7.7 * HOUR, "A", HandedOver(to="B")),
        (LAUNCH + 7.8 * HOUR, "B", TakenOver(by="B")),
        (LAUNCH + 8.5 * HOUR, "B", Promise(text="recheck quota", due=LAUNCH + 11 * HOUR)),
    ]
    found.sort(key=lambda entry: entry[0])
    return tuple(Record(n, at, who, act) for n, (at, who, act) in enumerate(found, 1))


def lived() -> Snapshot:
    """Nine hours and some minutes after the launch."""
    now = LAUNCH + 9 * HOUR + 14 * MINUTE
    snapshot = normal(now)
    acts = records()
    signs = {r.act.number: (r.at, r.who) for r in acts if isinstance(r.act, SignOff)}
    affairs = Affairs(
        holder="B",
        over=(AckOver("failures", LAUNCH + 2.2 * HOUR, "A", OK),),
        promises=(OpenPromise(17, now, "B", "recheck quota", LAUNCH + 11 * HOUR, ""),),
        notes=tuple(r for r in acts if isinstance(r.act, Note)),
        sign_offs={r.act.number: r for r in acts if isinstance(r.act, SignOff)},
        records=acts,
    )
    return replace(
        snapshot,
        rounds=states([s.round for s in snapshot.rounds], now, signs),
        flips=FLIPS[-50:],
        episodes=fold(FLIPS),
        gaps=(Gap(LAUNCH + 6.4 * HOUR, LAUNCH + 7 * HOUR),),
        affairs=affairs,
        operator="B",
    )


def chronicle() -> Chronicle:
    """What the journal remembers of it."""
    return Chronicle(FLIPS, RUNS)
