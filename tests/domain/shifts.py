"""Shifts to hand over: a plan, snapshots of it, and what people did meanwhile."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from firstwatch.acts import (
    Acknowledgement,
    Act,
    HandedOver,
    Item,
    Kept,
    Mark,
    Note,
    Promise,
    Record,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
)
from firstwatch.affairs import Affairs, affairs, signed
from firstwatch.episodes import Episode, Flip, fold
from firstwatch.handoff import Facts
from firstwatch.journal import Extent
from firstwatch.masking import Masker
from firstwatch.plan import Plan
from firstwatch.readings import Reading, Row
from firstwatch.rounds import schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict

T0 = 1_800_003_600.0
NOW = T0 + 3 * 3600 + 27 * 60 + 14
MASK = Masker(b"the salt of a journal")
HEAD = "1a2b3c4d" + 56 * "0"


def check(title: str, pane: str = "health", **more: object) -> dict[str, Any]:
    """A check of the database, as a plan says it."""
    return {"title": title, "pane": pane, "source": "database", "measure": {}, **more}


def plan(**more: dict[str, Any]) -> Plan:
    """Twelve rounds of six checks and one that only a person can say, and these."""
    checks = {
        "pool": check("DB connections", unit="%", warning=80.0, critical=95.0),
        "errors": check("errors", unit="%", source="log", warning=1.0, critical=5.0),
        "p95": check("endpoints p95", unit="ms", source="app", target=500.0, warning=2000.0),
        "witness": check("Chatwoot witness", "flow", source="chatwoot"),
        "failures": check("webhook failures", "flow", source="log", warning=3.0, critical=10.0),
        "companies": check("companies", "integrity", always=True),
        "client": {"title": "first client's answer", "pane": "client", "hint": "ask in the chat"},
        **more,
    }
    return Plan.model_validate(
        {
            "watch": {"name": "spring launch", "timezone": "Asia/Dubai"},
            "sources": {
                name: {"kind": kind}
                for name, kind in (
                    ("database", "postgres"),
                    ("log", "log"),
                    ("app", "http"),
                    ("chatwoot", "http"),
                )
            },
            "phases": [
                {
                    "name": "critical watch",
                    "start": "0s",
                    "end": "6h",
                    "every": "30m",
                    "checks": tuple(checks),
                }
            ],
            "checks": {name: {"id": name, **facts} for name, facts in checks.items()},
            "contacts": [
                {
                    "title": "Webhooks",
                    "hint": "verify the Chatwoot configuration, call +1 555 0100 123",
                    "checks": ("failures", "witness"),
                },
                {"title": "Database", "hint": "check the pool", "checks": ("pool",)},
            ],
            "rollback": {"window": "6h", "steps": [{"title": "pause webhooks"}]},
        }
    )


def row(
    plan: Plan,
    name: str,
    level: Level,
    reason: str,
    value: float | None,
    age: float,
    since: float = T0,
) -> CheckState:
    """How a check stands, and since when."""
    reading = None if value is None else Reading(NOW - age, value)
    return CheckState(plan.checks[name], Verdict(level, reason, since), reading)


TOLD = Record(1, NOW - 60, "A", Note(text="told the client\n# not a heading, +15550100"))


def troubled() -> Snapshot:
    """Three hours and a half into a launch that has seen some weather."""
    used = plan()
    rounds = schedule(used, T0)
    signed_ = {number: (T0 + 1800 * number, "A") for number in (1, 2, 4)}
    return Snapshot(
        at=NOW,
        launch=T0,
        plan=used,
        checks=(
            row(used, "pool", Level.OK, "42 %", 42.0, 3),
            row(used, "errors", Level.OK, "0.2 %, n=4 310", 0.2, 2),
            row(used, "p95", Level.OFF_TARGET, "740 ms > 500 ms target, n=30", 740.0, 9),
            row(used, "witness", Level.UNKNOWN, "chatwoot unreachable: 401", 12.0, 360),
            row(used, "failures", Level.WARNING, "4 > 3 warning, last `POST |` <b>", 4.0, 4),
            row(used, "companies", Level.OK, "23", 23.0, 40),
            CheckState(used.checks["client"], Verdict(Level.PENDING, "a person's turn", NOW), None),
        ),
        sources=(
            SourceState("database", "postgres"),
            SourceState("chatwoot", "http", NOW - 366, "401 from the API"),
        ),
        rounds=states(rounds, NOW, signed_),
        episodes=(
            Episode("errors", T0 + 600, Level.CRITICAL, "6 % > 5 % critical", T0 + 1260, 6.0, 3),
            Episode("source:database", T0 + 3600, Level.UNKNOWN, "connection refused", T0 + 3720),
            Episode("failures", NOW - 480, Level.WARNING, "4 > 3 warning", worst_value=4.0),
            Episode("source:chatwoot", NOW - 366, Level.UNKNOWN, "401 from the API"),
        ),
        gaps=(Gap(T0 + 3660, T0 + 4920),),
        operator="A",
        affairs=Affairs(holder="A", notes=(TOLD,)),
    )


def calm() -> Snapshot:
    """Everything measured is fine, every round to date is signed, nothing waits."""
    snapshot = troubled()
    measured = [state for state in snapshot.checks if not state.check.is_manual]
    fine = tuple(replace(s, verdict=Verdict(Level.OK, "fine", NOW)) for s in measured)
    signed_ = {number: (T0 + 1800 * number, "A") for number in range(1, 7)}
    return replace(
        snapshot,
        checks=fine,
        sources=(),
        rounds=states(schedule(snapshot.plan, T0), NOW - 600, signed_),
        episodes=(),
        gaps=(),
    )


def known() -> Facts:
    """What the journal adds."""
    return Facts(
        extents={
            "pool": Extent(12.0, T0, 73.0, T0 + 2580, 42.0, NOW),
            "errors": Extent(0.0, T0, 6.0, T0 + 700, 0.2, NOW),
            "p95": Extent(90.0, T0, 2100.0, T0 + 5000, 740.0, NOW),
        },
    )


def clock(text: str) -> float:
    """Seconds since the epoch of a time of day of the launch: "09:31", "09:31:20"."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return T0 + 3600 * (hours - 9) + 60 * minutes + sum(seconds)


def item(name: str, mark: Mark, level: Level = Level.OK, **more: Any) -> Item:
    """An item of a signed round."""
    return Item(check=name, title=plan().checks[name].title, mark=mark, level=level, **more)


VERIFIED = tuple(
    item(name, Mark.VERIFIED)
    for name in ("pool", "errors", "p95", "witness", "failures", "companies")
)


def sign_off(number: int, opened: str, *items: Item, note: str = "") -> SignOff:
    """A signed round; what is not said of it was verified."""
    round_ = schedule(plan(), T0)[number - 1]
    said = {i.check: i for i in (*VERIFIED, *items)}
    return SignOff(
        number=number,
        name=round_.name,
        due=round_.due,
        late=round_.late,
        opened=clock(opened),
        items=tuple(said.values()),
        note=note,
    )


FINE = item("client", Mark.FINE, Level.PENDING)
SEEN = item(
    "failures",
    Mark.SEEN,
    Level.WARNING,
    reason="5 > 3 warning, 2s ago",
    value=5.0,
    age=2.0,
    note="one company retries by hand",
)
BLIND = item(
    "witness", Mark.BLIND, Level.UNKNOWN, reason="chatwoot unreachable: 401", value=12.0, age=900.0
)
NOT_FINE = item(
    "client", Mark.NOT_FINE, Level.PENDING, number=3.0, note="three of them wait for an answer"
)

ACTS: tuple[tuple[str, str, Act], ...] = (
    ("09:31:05", "A", sign_off(1, "09:30:10", FINE)),
    ("10:00:30", "A", sign_off(2, "10:00:28", FINE)),
    ("10:58", "A", Note(text="was on the phone with the hoster", about="round:3")),
    ("11:24", "A", sign_off(4, "11:22:40", FINE, SEEN, BLIND, note="looks worse than it is")),
    ("11:25", "A", Promise(text="recheck the quota", due=clock("11:55"))),
    ("11:26", "A", Promise(text="call the first client", due=clock("12:20"), about="client")),
    ("11:54", "A", Kept(promise=5, note="as it should be")),
    ("11:55", "A", HandedOver(to="B", note="the token is the thing to look at")),
    ("11:58", "B", TakenOver(by="B")),
    ("12:01", "B", sign_off(6, "12:00:20", NOT_FINE)),
    ("12:05", "B", RollbackOpened(reason="to know how long it takes", is_drill=True)),
    ("12:07", "B", RollbackStep(step=1, title="pause webhooks", verified="0 live: verified")),
    ("12:09", "B", RollbackClosed(is_called_off=True, note="two minutes for the first step")),
    (
        "12:22",
        "B",
        Acknowledgement(
            subject="failures",
            start=clock("12:19"),
            level=Level.WARNING,
            flips=1,
            why="the token is being renewed",
            recheck=clock("13:00"),
        ),
    ),
    ("12:24", "B", Promise(text="tell support when it is over", due=clock("13:15"))),
    ("12:25", "B", HandedOver(to="C")),
)


def records(acts: Iterable[tuple[str, str, Act]] = ACTS) -> tuple[Record, ...]:
    """What people did, as it is stored."""
    return tuple(Record(n, clock(at), who, act) for n, (at, who, act) in enumerate(acts, 1))


FLIPS = (
    *(
        Flip(T0 + 5, name, Level.UNKNOWN, Level.OK, "")
        for name in ("pool", "errors", "p95", "witness", "failures", "companies", "ledger")
    ),
    Flip(clock("09:10"), "errors", Level.OK, Level.CRITICAL, "6 % > 5 % critical", 6.0),
    Flip(clock("09:21"), "errors", Level.CRITICAL, Level.OK, "0.4 %"),
    Flip(clock("10:00"), "source:database", Level.OK, Level.UNKNOWN, "connection refused"),
    Flip(clock("10:00"), "pool", Level.OK, Level.UNKNOWN, "", blocked_by="database"),
    Flip(clock("10:02"), "source:database", Level.UNKNOWN, Level.OK, "reachable again"),
    Flip(clock("10:02"), "pool", Level.UNKNOWN, Level.OK, "40 %"),
    Flip(clock("11:05"), "p95", Level.OK, Level.OFF_TARGET, "740 ms > 500 ms target"),
    Flip(clock("12:12"), "ledger", Level.OK, Level.WARNING, "3 > 0 warning", 3.0),
    Flip(clock("12:19"), "failures", Level.OK, Level.WARNING, "4 > 3 warning", 4.0),
    Flip(clock("12:21:08"), "source:chatwoot", Level.OK, Level.UNKNOWN, "401 from the API"),
    Flip(clock("12:21:08"), "witness", Level.OK, Level.UNKNOWN, "", blocked_by="chatwoot"),
)


def handed_over(
    acts: Sequence[tuple[str, str, Act]] = ACTS, flips: Sequence[Flip] = FLIPS
) -> Snapshot:
    """A morning with three people: A, B who has the watch, and C who was offered it."""
    used = plan(ledger=check("ledger since T0", "integrity", warning=0.0, always=True))
    told = records(acts)
    rounds = states(schedule(used, T0), NOW, signed(told))
    episodes = fold(flips)
    joints = (
        Row("webhooks → leads", 0, "in 412 · out 412 · leak 0"),
        Row("conversations → messages", 3, "in 412 · out 409 · leak 3"),
    )
    ledger = row(used, "ledger", Level.WARNING, "3 > 0 warning", 3.0, 20)
    ledger = replace(ledger, reading=Reading(NOW - 20, 3.0, rows=joints))
    people = affairs(
        told, used, flips, episodes, rounds, operator="A", now=NOW, head=HEAD if told else ""
    )
    return replace(
        troubled(),
        plan=used,
        checks=(*troubled().checks, ledger),
        rounds=rounds,
        episodes=episodes,
        flips=tuple(flips),
        operator=people.holder,
        affairs=people,
    )


def found(flips: Sequence[Flip] = FLIPS) -> Facts:
    """What the journal adds to that morning."""
    return replace(known(), flips=tuple(flips))
