"""Hand-made snapshots for the board, and a watch that posts them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from firstwatch.acts import Acknowledgement, Note, Promise, Record
from firstwatch.affairs import Ack, Affairs, OpenPromise, Question
from firstwatch.desk import Request, act_of
from firstwatch.episodes import Episode, Flip
from firstwatch.errors import JournalError
from firstwatch.handoff import Documents
from firstwatch.past import Past
from firstwatch.plan import (
    Bands,
    Check,
    Direction,
    Pane,
    Phase,
    Plan,
    SourceSettings,
    WatchSettings,
)
from firstwatch.probe import Extract, Inquiry
from firstwatch.readings import Reading, Row
from firstwatch.rounds import Extension, schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.timeline import Chronicle
from firstwatch.verdict import Level, Verdict
from tui.watching import Drill, Portrait

LAUNCH = 1_790_000_000.0 - 1_790_000_000.0 % 86400 + 5 * 3600
"""05:00 UTC."""
NOW = LAUNCH + 3 * 3600 + 27 * 60 + 14


def check(id_: str, title: str, pane: Pane, **rest: object) -> Check:
    """A check that is measured every ten seconds unless told otherwise."""
    settings: dict[str, object] = {"source": "database", "every": "10s", **rest}
    return Check.model_validate({"id": id_, "title": title, "pane": pane, **settings})


LIMIT = {"warning": 80.0, "critical": 95.0}
CHECKS = (
    check("connections", "DB connections", Pane.HEALTH, unit="%", bands=Bands(**LIMIT)),
    check(
        "errors",
        "errors",
        Pane.HEALTH,
        unit="%",
        source="log",
        bands=Bands(warning=1, critical=5),
        item="No error spikes in logs",
        why="Errors among the records of the last five minutes.",
        hint="Read the tail of errors.",
    ),
    check(
        "endpoints",
        "endpoints p95",
        Pane.HEALTH,
        unit="ms",
        source="app",
        bands=Bands(target=500, warning=2000, critical=5000),
    ),
    check("average", "average response", Pane.HEALTH, unit="ms", bands=Bands(target=1000)),
    check("query", "query time", Pane.HEALTH, unit="ms", bands=Bands(target=100)),
    check("processing", "webhook time", Pane.HEALTH, unit="ms", bands=Bands(target=3000)),
    check("webhooks", "webhooks", Pane.FLOW, unit="/min", source="log"),
    check(
        "failures", "webhook failures", Pane.FLOW, source="log", bands=Bands(warning=3, critical=10)
    ),
    check("messages", "messages stored", Pane.FLOW, unit="/min"),
    check("leads", "new leads", Pane.FLOW, unit="/h"),
    check("conversations", "conversations", Pane.FLOW, unit="/h"),
    check("inbound", "inbound", Pane.FLOW, unit="/min"),
    check("outbound", "outbound", Pane.FLOW, unit="/min"),
    check("loops", "echo or loop", Pane.FLOW, bands=Bands(warning=0)),
    check("quota", "quota tracking", Pane.FLOW, bands=Bands(target=0)),
    check("lost", "lost messages", Pane.INTEGRITY, bands=Bands(warning=0)),
    check("duplicates", "duplicate leads", Pane.INTEGRITY, bands=Bands(warning=0)),
    check("orphans", "orphaned records", Pane.INTEGRITY, bands=Bands(target=0)),
    check(
        "companies",
        "companies",
        Pane.INTEGRITY,
        always=True,
        bands=Bands(warning=1, bad=Direction.BELOW),
    ),
    check("client", "first client", Pane.CLIENT, source="", hint="Ask them."),
    check("delivery", "delivery confirmed", Pane.CLIENT, source=""),
    check("ui", "UI acceptable", Pane.CLIENT, source=""),
)
VALUES = {
    "connections": 42.0,
    "errors": 0.2,
    "endpoints": 310.0,
    "average": 120.0,
    "query": 12.0,
    "processing": 640.0,
    "webhooks": 26.0,
    "messages": 25.0,
    "leads": 14.0,
    "conversations": 31.0,
    "inbound": 19.0,
    "outbound": 6.0,
    "companies": 9.0,
}
ASKED = (*(c.id for c in CHECKS[:12] if c.id not in ("average", "query")), "client")


def make_plan(checks: Sequence[Check] = CHECKS, **watch: str) -> Plan:
    """The plan of these checks: 12, 6 and 6 rounds."""
    phases = tuple(
        Phase.model_validate(
            {
                "name": name,
                "start": f"{start}h",
                "end": f"{end}h",
                "every": f"{every}m",
                "checks": [i for i in ASKED if any(c.id == i for c in checks)],
            }
        )
        for name, start, end, every in (
            ("0–6 h", 0, 6, 30),
            ("6–12 h", 6, 12, 60),
            ("12–24 h", 12, 24, 120),
        )
    )
    settings = WatchSettings(timezone="Asia/Dubai", **watch)
    return Plan(
        watch=settings,
        sources={"database": SourceSettings(kind="postgres")},
        phases=phases,
        checks={c.id: c for c in checks},
    )


def state(check_: Check, now: float = NOW, phase: float = 0.0) -> CheckState:
    """A calm state of that check."""
    if check_.is_manual:
        return CheckState(check_, Verdict(Level.PENDING, "your turn", LAUNCH))
    value = VALUES.get(check_.id, 0.0)
    history = tuple(
        None if 30 <= i < 33 else value * (1 + 0.1 * math.sin(i / 3 + phase)) for i in range(60)
    )
    reading = Reading(now - 4, value, sample=4310 if check_.unit == "%" else None)
    return CheckState(check_, Verdict(Level.OK, "", LAUNCH), reading, None, history, 20.0)


def _snapshot(checks: Sequence[CheckState], now: float = NOW, **rest: object) -> Snapshot:
    plan = make_plan([c.check for c in checks])
    rounds = schedule(plan, LAUNCH)
    signed = {n: (rounds[n - 1].due + (900 if n == 5 else 60), "A") for n in range(1, 7)}
    if now < rounds[5].due:
        signed = {}
    base = Snapshot(
        at=now,
        launch=LAUNCH,
        plan=plan,
        checks=tuple(checks),
        sources=(SourceState("database", "postgres"),),
        rounds=states(rounds, now, signed),
        operator="A",
        beat=1,
    )
    return replace(base, **rest)  # type: ignore[arg-type]


def normal(now: float = NOW) -> Snapshot:
    """Everything measured is fine."""
    flips = (Flip(LAUNCH + 60, "errors", Level.UNKNOWN, Level.OK, "0.2 %, n=4 310"),)
    return _snapshot([state(c, now) for c in CHECKS], now, flips=flips)


def turn(snapshot: Snapshot, check_id: str, level: Level, reason: str, **rest: object) -> Snapshot:
    """The snapshot with one check turned to that level; `value` and `reading` may be given."""
    checks = []
    for found in snapshot.checks:
        if found.check.id != check_id:
            checks.append(found)
            continue
        value = rest.get("value")
        reading = found.reading
        if isinstance(value, float) and reading is not None:
            reading = replace(reading, value=value)
        if "value" in rest and value is None:
            reading = None
        verdict = Verdict(level, reason, NOW - 480, str(rest.get("blocked", "")))
        checks.append(replace(found, verdict=verdict, reading=reading))
    return replace(snapshot, checks=tuple(checks))


def troubled() -> Snapshot:
    """One critical, one warning, one unknown, one off target, one idle; a gap and two episodes."""
    snapshot = normal()
    for check_id, level, reason, value in (
        ("failures", Level.WARNING, "4 > 3 in 30 m, n=128, 4 s ago", 4.0),
        ("duplicates", Level.CRITICAL, "2 phones with more than one lead: +1555010*", 2.0),
        ("messages", Level.UNKNOWN, "401 from the API since 08:21", None),
        ("endpoints", Level.OFF_TARGET, "p95 740 ms > 500 ms target, n=30, 4 s ago", 740.0),
        ("leads", Level.IDLE, "none, and Chatwoot has none", 0.0),
    ):
        snapshot = turn(snapshot, check_id, level, reason, value=value)
    flips = (
        Flip(NOW - 480, "failures", Level.OK, Level.WARNING, "4 > 3"),
        Flip(NOW - 380, "messages", Level.OK, Level.UNKNOWN, "401 from the API"),
        Flip(NOW - 120, "duplicates", Level.OK, Level.CRITICAL, "2 phones with more than one lead"),
    )
    episodes = (
        Episode("failures", NOW - 480, Level.WARNING, "4 > 3", worst_value=4),
        Episode("duplicates", NOW - 120, Level.CRITICAL, "2 phones with more than one lead"),
    )
    return replace(snapshot, flips=flips, episodes=episodes, gaps=(Gap(NOW - 4000, NOW - 3000),))


def blind() -> Snapshot:
    """The database is out of reach: all that it measures is unknown under one episode."""
    snapshot = normal()
    reason = "database unreachable since 08:20"
    for found in snapshot.checks:
        if found.check.source == "database":
            snapshot = turn(snapshot, found.check.id, Level.UNKNOWN, reason, blocked="database")
    down = SourceState("database", "postgres", NOW - 434, "connection refused")
    episode = Episode("source:database", NOW - 434, Level.UNKNOWN, "connection refused")
    return replace(snapshot, sources=(down,), episodes=(episode,))


def empty() -> Snapshot:
    """A plan without checks."""
    return _snapshot([])


def before_launch() -> Snapshot:
    """Twelve and a half minutes to go, nothing measured yet."""
    now = LAUNCH - 753
    checks = [
        CheckState(c, Verdict(Level.UNKNOWN, "not measured yet", now))
        if not c.is_manual
        else state(c)
        for c in CHECKS
    ]
    return _snapshot(checks, now, operator="")


def late_round() -> Snapshot:
    """The seventh round is late, the sixth was missed."""
    snapshot = normal(NOW + 14 * 60)
    rounds = [s.round for s in snapshot.rounds]
    signed = {n: (rounds[n - 1].due + 60, "A") for n in range(1, 6)}
    return replace(snapshot, rounds=states(rounds, snapshot.at, signed))


EVIL = (
    "[/bad] [@click=app.exit]x\x1b[2J\x1b]52;c;AAAA\x07\u202e\x9b31m"
    "\x1b]0;owned\x1b\\\x1bP+q\x1b\\\x1b_G\x1b\\\x1bc\x1b[?1049l"
    "\u2066\u200b\u200d\ufeff\x00\x08\r\n\t{$primary}[b]"
)
"""Markup, commands to a terminal, and characters that reorder or hide."""


def hostile() -> Snapshot:
    """Such text, a megabyte long in places, wherever text can come from outside."""
    evil = EVIL
    flood = evil + "\x1b[1m\u202eA" * 100_000
    checks = [
        replace(
            state(c.model_copy(update={"title": f"{evil}{c.id}", "why": evil, "hint": evil})),
            verdict=Verdict(Level.WARNING, evil, NOW - 60),
        )
        for c in (*CHECKS[:6], CHECKS[-1])
    ]
    rows = (Row(evil, 3.0, evil), Row(flood, 2.0, flood))
    reading = Reading(NOW - 4, 3.0, note=flood, rows=rows)
    checks[0] = replace(checks[0], reading=reading)
    checks[1] = replace(checks[1], verdict=Verdict(Level.CRITICAL, flood, NOW - 60))
    ack = Ack(1, checks[0].check.id, NOW - 50, evil, flood, Level.WARNING, NOW + 600)
    promises = (OpenPromise(2, NOW - 40, evil, flood, NOW - 10, evil),)
    note = Note(text=flood, about=evil)
    records = (Record(3, NOW - 30, evil, note),)
    return _snapshot(
        checks,
        operator=evil,
        flips=(
            Flip(NOW - 9, checks[0].check.id, Level.OK, Level.WARNING, evil),
            Flip(NOW - 8, checks[1].check.id, Level.OK, Level.CRITICAL, flood),
        ),
        episodes=(
            Episode(checks[0].check.id, NOW - 60, Level.WARNING, evil),
            Episode(checks[1].check.id, NOW - 60, Level.CRITICAL, flood),
        ),
        sources=(SourceState("database", evil, NOW - 70, flood),),
        affairs=Affairs(
            holder=evil,
            pending=flood,
            acks={ack.subject: ack},
            promises=promises,
            records=records,
            notes=records,
        ),
    )


def busy() -> Snapshot:
    """Trouble of which one is acknowledged, two promises, a hand-over that is pending."""
    records = (
        Record(1, NOW - 700, "A", Note(text="told the client")),
        Record(
            2,
            NOW - 300,
            "A",
            Acknowledgement(
                subject="failures",
                start=NOW - 480,
                level=Level.WARNING,
                flips=1,
                why="known, the fix is on its way",
                recheck=NOW + 3300,
            ),
        ),
        Record(3, NOW - 200, "A", Promise(text="recheck quota", due=NOW + 766)),
    )
    ack = Ack(
        2, "failures", NOW - 300, "A", "known, the fix is on its way", Level.WARNING, NOW + 3300
    )
    promises = (
        OpenPromise(4, NOW - 900, "A", "call the client back", NOW - 254, ""),
        OpenPromise(3, NOW - 200, "A", "recheck quota", NOW + 766, "quota"),
    )
    affairs = Affairs(
        holder="A",
        pending="B",
        acks={"failures": ack},
        promises=promises,
        records=records,
        notes=records[:1],
    )
    return replace(troubled(), affairs=affairs)


def unearned() -> Snapshot:
    """Calm, rounds put in after the first phase, and the question whether to stay once more."""
    now = LAUNCH + 8 * 3600 + 60
    snapshot = normal(now)
    relaxing = [
        phase.model_copy(update={"relax_after": 4 if phase.start == 0 else 0})
        for phase in snapshot.plan.phases
    ]
    plan = snapshot.plan.model_copy(update={"phases": tuple(relaxing)})
    rounds = schedule(plan, LAUNCH, [Extension("0–6 h", LAUNCH + 6 * 3600 + 60)])
    signed = {r.number: (r.due + 60, "A") for r in rounds if r.due < now - 1800}
    question = Question("0–6 h", "6–12 h", 1800, 3600, 1, 4, now - 60)
    return replace(
        snapshot,
        plan=plan,
        rounds=states(rounds, now, signed),
        affairs=Affairs(holder="A", question=question),
    )


SAMPLES: dict[str, Callable[[], Snapshot]] = {
    "normal": normal,
    "troubled": troubled,
    "blind": blind,
    "empty": empty,
    "before-launch": before_launch,
    "late-round": late_round,
    "busy": busy,
    "unearned": unearned,
}


def drafts(word: str, lines: int = 60) -> Documents:
    """Documents that tell themselves apart by a word."""
    page = "\n".join([f"# Handoff {word}", "", *(f"line {n} | [b]" for n in range(1, lines))])
    return Documents(
        name=word,
        at=NOW,
        engineers=f"{page}\n",
        stakeholders=f"# Where it stands {word}\n",
        breath=f"T+03:27 {word}\nnext: round 7\n",
        twin="version = 2\n",
    )


@dataclass
class StillClock:
    """A clock that a test moves."""

    time: float = NOW
    scale: float = 1.0

    def now(self) -> float:
        """What it was set to."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.time += seconds


@dataclass
class FakeWatching:
    """A watch without an engine: tests post the snapshots."""

    clock: StillClock = field(default_factory=StillClock)
    offered: list[Drill] = field(default_factory=list)
    drafted: Documents | Exception = field(default_factory=lambda: drafts("first"))
    """What the next handoff is, or why there is none."""
    handoff_to: Path | Exception = Path("handoffs/one.md")
    """Where it is written, or why it is not."""
    shifts: list[str] = field(default_factory=list)
    """Since when each handoff was asked for."""
    remembered: Chronicle | Exception = field(default_factory=Chronicle)
    """What the journal remembers, or why it cannot be read."""
    written: list[Documents] = field(default_factory=list)
    receivers: list[Callable[[Snapshot], None]] = field(default_factory=list)
    portrait: Portrait | None = None

    past: Past | Exception = field(default_factory=lambda: JournalError("no journal here"))
    """What was measured, or why that cannot be told."""
    looked_back: list[tuple[str, float, float, int]] = field(default_factory=list)
    """Which stretches of whose past were asked for."""
    asks: Inquiry = field(default_factory=Inquiry)
    """What a reading of any check asks."""
    said: Extract | Exception = field(default_factory=Extract)
    """What the log has said, or why it is not told."""
    looked: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    """What of it was asked for: source, kinds, after which record."""
    posted: Snapshot | None = None
    asked: list[Request] = field(default_factory=list)
    """What it was asked to record."""

    def subscribe(self, receive: Callable[[Snapshot], None]) -> None:
        """Remember who listens."""
        self.receivers.append(receive)

    def post(self, snapshot: Snapshot) -> None:
        """Hand a snapshot to all who listen."""
        self.posted = snapshot
        for receive in self.receivers:
            receive(snapshot)

    def portray(self, portrait: Portrait) -> None:
        """Remember who draws the board."""
        self.portrait = portrait

    async def do(self, request: Request) -> Record:
        """Take what is asked for as the snapshot posted last allows, or refuse it."""
        assert self.posted is not None
        who, act = act_of(self.posted, request)
        self.asked.append(request)
        return Record(len(self.asked), self.clock.now(), who, act)

    async def handoff(self, shift: str = "") -> Documents:
        """The documents it was given, or their error."""
        self.shifts.append(shift)
        if isinstance(self.drafted, Exception):
            raise self.drafted
        return self.drafted

    async def write(self, handoff: Documents) -> Path:
        """The path it was given, or its error."""
        if isinstance(self.handoff_to, Exception):
            raise self.handoff_to
        self.written.append(handoff)
        return self.handoff_to

    async def chronicle(self) -> Chronicle:
        """The chronicle it was given, or its error."""
        if isinstance(self.remembered, Exception):
            raise self.remembered
        return self.remembered

    async def history(self, check_id: str, since: float, until: float, parts: int) -> Past:
        """The past it was given, or its error."""
        self.looked_back.append((check_id, since, until, parts))
        if isinstance(self.past, Exception):
            raise self.past
        return self.past

    async def inquiry(self, check_id: str) -> Inquiry:
        """The inquiry it was given."""
        del check_id
        return self.asks

    async def records(self, source: str, kinds: Sequence[str], after: int = 0) -> Extract:
        """What was said, newer than that; what is of a kind has its name in it."""
        self.looked.append((source, tuple(kinds), after))
        if isinstance(self.said, Exception):
            raise self.said
        fitting = tuple(
            record
            for record in self.said.records
            if record.number > after and (not kinds or any(k.encode() in record.raw for k in kinds))
        )
        return replace(self.said, records=fitting)

    async def drills(self) -> Sequence[Drill]:
        """What is on offer."""
        return tuple(self.offered)

    async def toggle(self, drill: str) -> None:
        """Turn one over."""
        self.offered = [
            replace(d, active=not d.active) if d.name == drill else d for d in self.offered
        ]
