"""A launch as a journal holds it after a day: rounds, trouble, gaps, and what people did."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

from firstwatch.acts import (
    Acknowledgement,
    Act,
    Answer,
    Escalated,
    HandedOver,
    Item,
    Kept,
    Mark,
    Note,
    Promise,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
)
from firstwatch.episodes import Flip
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.rounds import Round, schedule
from firstwatch.verdict import Level

T0 = 1_800_003_600.0
DAY = 86400.0
END = T0 + DAY + 300
"""The moment of the report: five minutes after the plan is over."""


def a_plan(checks: int = 3, **report: object) -> Plan:
    """The plan of the launch: 24 rounds, and so many checks beside the ledger."""
    measured: dict[str, dict[str, object]] = {
        f"check-{number}": {
            "id": f"check-{number}",
            "title": f"check {number}",
            "pane": "health",
            "source": "database" if number % 2 else "app",
            "measure": {},
            "unit": "ms",
            "every": "30s",
            "target": 500.0,
            "warning": 2000.0,
            "critical": 5000.0,
            "always": number == 1,
        }
        for number in range(1, checks + 1)
    }
    ledger = {
        "id": "ledger",
        "title": "ledger since T0",
        "pane": "integrity",
        "source": "database",
        "measure": {},
        "every": "30s",
        "warning": 0.0,
        "always": True,
    }
    client = {"id": "client", "title": "first client", "pane": "client"}
    asked = (*measured, "ledger", "client")
    phases = [
        ("critical watch", "0h", "6h", "30m"),
        ("active monitoring", "6h", "12h", "1h"),
        ("stability", "12h", "24h", "2h"),
    ]
    return Plan.model_validate(
        {
            "watch": {"name": "spring launch", "timezone": "Asia/Dubai"},
            "sources": {"database": {"kind": "postgres"}, "app": {"kind": "http"}},
            "phases": [
                {"name": name, "start": start, "end": end, "every": every, "checks": asked}
                for name, start, end, every in phases
            ],
            "checks": {**measured, "ledger": ledger, "client": client},
            "report": {"losses": ("ledger",), **report},
        }
    )


def value_of(name: str, at: float) -> float:
    """What a check measured then."""
    if name == "ledger":
        return 0.0
    number = int(name.rpartition("-")[2])
    return 120 + 10 * number + 60 * math.sin((at - T0) / 4000 + number)


Change = Callable[[float, dict[str, float | None]], dict[str, float | None]]


def as_measured(_: float, values: dict[str, float | None]) -> dict[str, float | None]:
    """Nothing out of the ordinary."""
    return values


def measure(
    journal: Journal, plan: Plan, since: float, until: float, change: Change = as_measured
) -> None:
    """Every check every half minute, in one transaction: a day would take a minute otherwise."""
    measured = [check.id for check in plan.checks.values() if not check.is_manual]
    journal._connection.execute("BEGIN")
    at = since
    while at <= until:
        journal.record_readings(at, change(at, {name: value_of(name, at) for name in measured}))
        at += 30.0
    journal._connection.execute("COMMIT")


def begun(path: Path, plan: Plan) -> Journal:
    """A launch whose checks were all ok from the first on; the journal is open."""
    journal = Journal.open(path)
    journal.stamp_launch(T0, "A")
    journal.begin_run(T0, "A", "0.1", "x")
    for check in plan.checks.values():
        if not check.is_manual:
            journal.record_flip(Flip(T0 + 5, check.id, Level.UNKNOWN, Level.OK, "fine", 1.0))
    return journal


def item(check: str, mark: Mark = Mark.VERIFIED, level: Level = Level.OK, why: str = "") -> Item:
    """An item of a round."""
    return Item(
        check=check, title=check, mark=mark, level=level, reason=why, value=130.0, unit="ms"
    )


def sign_off(plan: Plan, round_: Round, *unclean: Item) -> SignOff:
    """A round with every item fine but these."""
    others = {one.check for one in unclean}
    fine = [item(check) for check in round_.checks if check not in others | {"client"}]
    client = [] if "client" in others else [item("client", Mark.FINE, Level.PENDING)]
    return SignOff(
        number=round_.number,
        name=round_.name,
        due=round_.due,
        late=round_.late,
        opened=round_.due - 60,
        items=(*unclean, *fine, *client),
    )


def sign_all(
    journal: Journal, plan: Plan, *, but: tuple[int, ...] = (), late: tuple[int, ...] = ()
) -> None:
    """Every round signed at its time, clean; some missed, some late."""
    for round_ in schedule(plan, T0):
        if round_.number not in but:
            at = round_.late + 60 if round_.number in late else round_.due + 20
            journal.act(at, "A" if round_.number <= 12 else "B", sign_off(plan, round_))


def clean_day(path: Path, plan: Plan) -> Journal:
    """A day of which nothing can be said but that it went well; the journal is open."""
    journal = begun(path, plan)
    measure(journal, plan, T0, END)
    sign_all(journal, plan)
    return journal


def people() -> Iterator[tuple[float, str, Act]]:
    """What three shifts did besides signing, and when."""
    yield T0 + 7000, "A", Note(text="told the client, +15550100, <b>all</b> is | fine", about="")
    yield T0 + 7100, "A", Promise(text="recheck quota", due=T0 + 7200, about="check-2")
    yield T0 + 7300, "A", Kept(promise=5, note="it holds")
    yield (
        T0 + 10_000,
        "A",
        Acknowledgement(
            subject="check-1",
            start=T0 + 9900,
            level=Level.WARNING,
            flips=1,
            why="a campaign, over soon",
            recheck=T0 + 13_500,
        ),
    )
    yield T0 + 11_000, "A", RollbackOpened(reason="practice", is_drill=True, price=("12 leads",))
    yield T0 + 11_060, "A", RollbackStep(step=1, title="pause webhooks", verified="0 live")
    yield T0 + 11_120, "A", RollbackStep(step=2, title="restore", is_done=False, note="not needed")
    yield T0 + 11_300, "A", RollbackClosed(is_called_off=True, note="only practised")
    yield T0 + 40_000, "A", HandedOver(to="B", note="quiet so far")
    yield T0 + 40_100, "B", TakenOver(by="B", answers=(Answer(question="Open?", answer="no"),))
    yield T0 + 41_000, "B", Promise(text="call the client", due=T0 + 45_000)
    yield T0 + 50_000, "watch", Escalated(number=15, step=1, outcome="bell; pager ended with 0")


def eventful_day(path: Path, plan: Plan) -> Journal:
    """A day with rounds missed and late, trouble, an outage and a gap; the journal is open."""
    journal = begun(path, plan)
    measure(journal, plan, T0, T0 + 7800, troubled)
    journal.begin_run(T0 + 9060, "A", "0.1", "x")
    measure(journal, plan, T0 + 9060, END, troubled)
    for flip in trouble():
        journal.record_flip(flip)
    acts = [*people()]
    for round_ in schedule(plan, T0):
        if round_.number in (5, 17):
            continue
        at = round_.late + 60 if round_.number == 9 else round_.due + 20
        unclean = (
            [item("check-1", Mark.SEEN, Level.WARNING, "2 400 ms > 2 000 ms warning")]
            if round_.number == 6
            else []
        )
        acts.append(
            (at, "A" if round_.due < T0 + 40_000 else "B", sign_off(plan, round_, *unclean))
        )
    acts.append((T0 + 9300, "A", Note(text="the bastion was rebooted", about="round:5")))
    for at, who, act in sorted(acts, key=lambda one: one[0]):
        journal.act(at, who, act)
    return journal


def troubled(at: float, values: dict[str, float | None]) -> dict[str, float | None]:
    """Slow for a while, nearly slow once, and a database that was out of reach."""
    if T0 + 9900 <= at < T0 + 12_000:
        values["check-1"] = 5100.0 if at >= T0 + 10_500 else 2400.0
    if T0 + 30_000 <= at < T0 + 30_600:
        values["check-3"] = 1900.0
    if at >= T0 + 80_000:
        values["check-2"] = 2100.0
    if T0 + 60_000 <= at < T0 + 61_200:
        return {name: value for name, value in values.items() if name == "check-2"}
    return values


def trouble() -> Iterator[Flip]:
    """A warning that turned critical, an outage, and a warning that is still there."""
    ok, bad = Level.OK, Level.WARNING
    yield Flip(T0 + 9900, "check-1", ok, bad, "2 400 ms > 2 000 ms warning", 2400.0)
    yield Flip(T0 + 10_500, "check-1", bad, Level.CRITICAL, "5 100 ms > 5 000 ms", 5100.0)
    yield Flip(T0 + 12_000, "check-1", Level.CRITICAL, ok, "130 ms", 130.0)
    why = "connection refused for postgresql://u:p@db/app"
    yield Flip(T0 + 60_000, "source:database", ok, Level.UNKNOWN, why)
    yield Flip(T0 + 61_200, "source:database", Level.UNKNOWN, ok, "reachable again")
    yield Flip(T0 + 80_000, "check-2", ok, bad, "2 100 ms > 2 000 ms, from +15550123", 2100.0)
