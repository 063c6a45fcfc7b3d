"""The flow since the launch: how far customers' messages got, and at which joint they were lost.

The ledger looks back no further than its window: once the launch is longer ago, what was lost
first is in none of its numbers any more.

Every number is one that a check has measured; what is not known just now says why, and is never
a zero.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from firstwatch.readings import Reading, Row
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.units import format_number
from firstwatch.verdict import Level

LEDGER: Final = "ledger"
"""The check whose parts are the joints."""
BEFORE: Final = "chatwoot-since"
"""The check that counts what there was before the first of them."""
UNRECEIVED: Final = "unreceived"
"""The check that counts what never came."""
LOST: Final = "lost-messages"
"""The check that has the losses by company."""
DELIVERY: Final = "delivery-rate"
"""The check that looks at a sample of what was sent."""
STAGES: Final = (
    ("Chatwoot", "chatwoot-incoming", "counted"),
    ("webhooks", "webhooks", "arrived"),
    ("leads", "new-leads", "new"),
    ("conversations", "conversations", "active"),
    ("messages", "inbound", "stored"),
    ("delivered", "outbound", "sent"),
)
"""Each stage with the check that counts what comes there just now, and what became of that."""
NOT_COUNTED: Final = "not counted"
"""Why nobody knows how many were delivered: the application never learns of it."""
BRANCHES: Final = ("webhook-failures", "campaign-failures", "send-failures")
UNTOLD: Final = "the ledger does not tell its parts"
_PARTS: Final = re.compile(
    r"in (?P<into>\d+) · out (?P<out>\d+) · leak (?P<lost>\d+) · dup (?P<twice>\d+)"
    r" · in flight (?P<flying>\d+)"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one check measures just now."""

    check: str
    """Its id."""
    title: str
    level: Level
    value: float | None = None
    """None while it is unknown."""
    unit: str = ""
    rate: float | None = None
    """A minute, where it counts what happened in a window."""
    told: str = ""
    """Its note, or why it is unknown."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A place that messages come to."""

    name: str
    count: float | None = None
    """Customers' messages that came so far since the launch; None where nobody knows."""
    now: Figure | None = None
    """How much comes just now; None where the plan has no such check."""
    what: str = ""
    """What became of what comes just now."""
    why: str = ""
    """Why nobody knows the count; empty where it is known."""


@dataclass(frozen=True, slots=True)
class Joint:
    """What lies between two stages."""

    name: str
    level: Level | None = None
    """The verdict on what was lost; unknown where that is not known, None where nothing came."""
    lost: float | None = None
    twice: float | None = None
    """Too many: deliveries, leads, conversations."""
    flying: float | None = None
    """On its way, and young enough to be."""
    told: str = ""
    """Why it is not known, or what is known instead of counts."""
    worst: str = ""
    """The company that lost most."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The pipe, and what branches off it."""

    stages: tuple[Stage, ...]
    joints: tuple[Joint, ...]
    """One fewer than the stages."""
    branches: tuple[Figure, ...]
    read_at: float | None = None
    """When the ledger was read."""
    counted_at: float | None = None
    """When Chatwoot was."""
    reach: float | None = None
    """Seconds that the ledger looks back at most; None where it has no such bound."""

    @property
    def leaks(self) -> tuple[Joint, ...]:
        """Where something was lost, the most first."""
        return tuple(sorted((j for j in self.joints if j.lost), key=lambda j: -(j.lost or 0)))

    @property
    def unknown(self) -> tuple[Joint, ...]:
        """Where nobody knows."""
        return tuple(j for j in self.joints if j.level is Level.UNKNOWN)


def flow(snapshot: Snapshot) -> Flow:
    """The flow as the last readings have it."""
    ledger, before = snapshot.measured(LEDGER), snapshot.measured(BEFORE)
    names = _names(snapshot)
    rows = ledger.reading.rows if ledger and ledger.reading else ()
    parts = [_parts(row) for row in rows]
    parts += [None] * (4 - len(parts))
    joints = (
        _received(snapshot, ledger, parts[0], names),
        *(
            _joint(f"{first} → {second}", ledger, part)
            for (first, *_), (second, *_), part in zip(
                STAGES[1:4], STAGES[2:5], parts[1:4], strict=True
            )
        ),
        _delivered(snapshot.measured(DELIVERY)),
    )
    counts = (
        _counted(before),
        *(_passed(ledger, part) for part in parts[:4]),
        (None, NOT_COUNTED),
    )
    return Flow(
        tuple(
            Stage(name, count, _figure(snapshot, check, names), what, why)
            for (name, check, what), (count, why) in zip(STAGES, counts, strict=True)
        ),
        _blamed(joints, snapshot),
        tuple(found for check in BRANCHES if (found := _figure(snapshot, check, names))),
        ledger.reading.at if ledger and ledger.reading else None,
        before.reading.at if before and before.reading else None,
        _reach(ledger),
    )


def counted_since(snapshot: Snapshot) -> float:
    """From when on the ledger counts: the launch, or as far back as it still looks."""
    back = _reach(snapshot.measured(LEDGER))
    return snapshot.launch if back is None else max(snapshot.launch, snapshot.at - back)


def _reach(ledger: CheckState | None) -> float | None:
    return getattr(ledger.check.measure, "window", None) if ledger else None


def _is_known(state: CheckState | None) -> bool:
    return state is not None and state.verdict.level is not Level.UNKNOWN


def _parts(row: Row) -> dict[str, str] | None:
    """The numbers of one joint, as the ledger's statement writes them."""
    found = _PARTS.fullmatch(row.note)
    return found.groupdict() if found else None


def _counted(before: CheckState | None) -> tuple[float | None, str]:
    """How many Chatwoot has counted, or why that is not known."""
    why = _why_unknown(BEFORE, before)
    if why or before is None or before.reading is None:
        return None, why
    return before.reading.value, ""


def _passed(ledger: CheckState | None, part: Mapping[str, str] | None) -> tuple[float | None, str]:
    """How many came through a part of the ledger, or why that is not known."""
    why = _why_unknown(LEDGER, ledger) or ("" if part else UNTOLD)
    return (None, why) if why or part is None else (float(part["out"]), "")


def _why_unknown(check: str, state: CheckState | None) -> str:
    """Why nothing can be said of what a check measures; empty where something can."""
    if state is None:
        return f"the plan has no check {check}"
    if not _is_known(state) or state.reading is None:
        return state.verdict.reason or "not measured yet"
    return ""


def _unknown(name: str, check: str, state: CheckState | None) -> Joint | None:
    """The joint if nothing can be said of it, with the reason."""
    why = _why_unknown(check, state)
    return Joint(name, Level.UNKNOWN, told=why) if why else None


def _joint(name: str, ledger: CheckState | None, part: Mapping[str, str] | None) -> Joint:
    """A joint of the ledger."""
    unknown = _unknown(name, LEDGER, ledger)
    if unknown or ledger is None:
        return unknown or Joint(name)
    if part is None:
        return Joint(name, Level.UNKNOWN, told=UNTOLD)
    lost, twice, flying = (float(part[key]) for key in ("lost", "twice", "flying"))
    if part["into"] == "0":
        return Joint(name, None, lost, twice, flying)
    level = ledger.verdict.level if lost else Level.OK
    return Joint(name, level, lost, twice, flying)


def _received(
    snapshot: Snapshot,
    ledger: CheckState | None,
    part: Mapping[str, str] | None,
    names: Mapping[str, str],
) -> Joint:
    """The joint before the database: only Chatwoot knows what never came."""
    name = f"{STAGES[0][0]} → {STAGES[1][0]}"
    state = snapshot.measured(UNRECEIVED)
    twice = float(part["twice"]) if part and _is_known(ledger) else None
    unknown = _unknown(name, UNRECEIVED, state)
    if unknown or state is None or state.reading is None:
        return unknown or Joint(name)
    lost = max(state.reading.value, 0.0)
    return Joint(name, state.verdict.level, lost, twice, worst=_worst(state.reading, names))


def _delivered(state: CheckState | None) -> Joint:
    """The joint after the application, which never learns of it: a sample is looked at."""
    name = f"{STAGES[4][0]} → {STAGES[5][0]}"
    unknown = _unknown(name, DELIVERY, state)
    if unknown or state is None or state.reading is None:
        return unknown or Joint(name)
    found = f": {state.reading.note}" if state.reading.note else ""
    return Joint(name, state.verdict.level, told=f"sample of sends{found}")


def _worst(reading: Reading, names: Mapping[str, str]) -> str:
    row = max(reading.rows, key=lambda row: row.value, default=None)
    if row is None or row.value <= 0:
        return ""
    return f"{names.get(row.key, row.label)} {format_number(row.value)}"


def _blamed(joints: tuple[Joint, ...], snapshot: Snapshot) -> tuple[Joint, ...]:
    """The joints with the company that lost most, where it is clear at which one."""
    state = snapshot.measured(LOST)
    inner = [joint for joint in joints[1:4] if joint.lost]
    if not inner or state is None or state.reading is None or not _is_known(state):
        return joints
    worst = _worst(state.reading, {})
    most = max(inner, key=lambda joint: joint.lost or 0)
    return tuple(
        replace(joint, worst=f"{worst} in 1h") if joint is most and worst else joint
        for joint in joints
    )


def _figure(snapshot: Snapshot, check: str, names: Mapping[str, str]) -> Figure | None:
    state = snapshot.measured(check)
    if state is None:
        return None
    level, title = state.verdict.level, state.check.title
    if state.reading is None or not _is_known(state):
        return Figure(check, title, level, told=state.verdict.reason)
    reading, window = state.reading, getattr(state.check.measure, "window", None)
    rate = reading.value / window * 60 if window and not state.check.unit else None
    told = state.verdict.reason if level.is_trouble else reading.note
    for key, name in names.items():
        told = told.replace(key, name)
    return Figure(check, title, level, reading.value, state.check.unit, rate, told)


def _names(snapshot: Snapshot) -> dict[str, str]:
    """The names of companies by their ids, as far as some reading has told them."""
    return {
        key: name
        for state in (*snapshot.checks, *snapshot.hidden)
        if state.reading
        for key, name in state.reading.companies.items()
    }
