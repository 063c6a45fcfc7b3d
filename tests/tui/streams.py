"""Snapshots with the checks that the flow is read from."""

from dataclasses import replace

from firstwatch.plan import Bands, Check, Pane
from firstwatch.readings import Reading, Row
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level, Verdict
from tests.tui.samples import LAUNCH, NOW, normal


class Window:
    """A measure that counts in a window."""

    def __init__(self, seconds: float) -> None:
        self.window = seconds


def check(id_: str, title: str, window: float = 0, unit: str = "") -> Check:
    """A check of the flow."""
    found = Check(
        id=id_, title=title, pane=Pane.FLOW, source="database", unit=unit, bands=Bands(warning=0)
    )
    return found.model_copy(update={"measure": Window(window) if window else None})


def measured(check_: Check, value: float, note: str = "", rows: tuple[Row, ...] = ()) -> CheckState:
    """That check, measured and fine."""
    reading = Reading(NOW - 4, value, note=note, rows=rows)
    return CheckState(check_, Verdict(Level.OK, "", LAUNCH), reading, fresh_for=60)


def ledger(*parts: tuple[int, int, int, int, int]) -> tuple[Row, ...]:
    """The parts of the ledger as its statement writes them: in, out, leak, dup, in flight."""
    labels = (
        "Chatwoot → webhooks",
        "webhooks → leads",
        "leads → conversations",
        "conversations → messages",
    )
    return tuple(
        Row(
            label,
            float(leak),
            f"in {into} · out {out} · leak {leak} · dup {twice} · in flight {flying}",
        )
        for label, (into, out, leak, twice, flying) in zip(labels, parts, strict=True)
    )


CALM = ledger((251, 251, 0, 0, 0), (251, 249, 0, 0, 2), (249, 249, 0, 0, 0), (249, 247, 0, 0, 2))
LOSING = ledger(
    (251, 251, 0, 3, 0), (251, 225, 24, 1, 2), (225, 225, 0, 0, 0), (225, 0, 215, 0, 10)
)
DRY = ledger(*[(0, 0, 0, 0, 0)] * 4)
SINCE = check("chatwoot-since", "Chatwoot since T0")
STATES = (
    measured(
        check("unreceived", "never arrived"), 0, rows=(Row("c1", 0.0, "", "c1"), Row("c2", 0.0))
    ),
    measured(check("ledger", "ledger since T0", 86400), 0, rows=CALM),
    measured(check("chatwoot-incoming", "Chatwoot counts", 180), 33),
    measured(check("webhooks", "webhooks in 5m", 300), 53, rows=(Row("Tenant A", 31.0, "", "c1"),)),
    measured(check("new-leads", "new leads in 30m", 1800), 4),
    measured(check("conversations", "conversations 30m", 1800), 60),
    measured(check("inbound", "inbound in 5m", 300), 50),
    measured(check("outbound", "outbound in 15m", 900), 45),
    measured(check("lost-messages", "lost messages 1h"), 0),
    measured(
        check("delivery-rate", "sends that failed", unit="%"), 0, "0 of 9 failed, 100 % delivered"
    ),
    measured(check("webhook-failures", "webhook failures"), 0, "in 1h"),
    measured(check("campaign-failures", "campaign fails 15m"), 0, "4 sent"),
    measured(check("send-failures", "failed sends 15m"), 0, "in 15m, 0 since launch"),
)


def stream() -> Snapshot:
    """All is counted, and nothing lost."""
    return replace(normal(), checks=STATES, hidden=(measured(SINCE, 240),))


def with_(snapshot: Snapshot, id_: str, level: Level, reason: str, **reading: object) -> Snapshot:
    """The same with one check of that verdict, and parts of its reading changed."""
    checks = []
    for state in snapshot.checks:
        if state.check.id == id_ and state.reading is not None:
            verdict = Verdict(level, reason, NOW - 60)
            changed = replace(state.reading, **reading)  # type: ignore[arg-type]
            checks.append(replace(state, verdict=verdict, reading=changed))
        else:
            checks.append(state)
    return replace(snapshot, checks=tuple(checks))


def storm() -> Snapshot:
    """Every webhook is answered 500: nothing arrives, and only Chatwoot knows how much that is."""
    missing = (Row("c1", 102.0, "102 there, 0 here", "c1"), Row("c2", 56.0, "", "c2"))
    snapshot = with_(stream(), "unreceived", Level.CRITICAL, "191 > 10", value=191.0, rows=missing)
    snapshot = with_(snapshot, "ledger", Level.OK, "", rows=DRY)
    snapshot = with_(snapshot, "webhook-failures", Level.CRITICAL, "410 > 10", value=410.0)
    for id_ in ("webhooks", "inbound"):
        reason = "c1: none here, while Chatwoot counts 33"
        rows = (Row("Tenant A", 0.0, "", "c1"),)
        snapshot = with_(snapshot, id_, Level.CRITICAL, reason, value=0.0, rows=rows)
    return snapshot


def swallowed() -> Snapshot:
    """Every webhook is answered 200, and its message is lost at one of two joints."""
    rows = (Row("Tenant A", 120.0, "7373 7372"), Row("Tenant B", 67.0, "7376"))
    snapshot = with_(stream(), "ledger", Level.CRITICAL, "239 leaked", value=239.0, rows=LOSING)
    snapshot = with_(snapshot, "lost-messages", Level.CRITICAL, "236", value=236.0, rows=rows)
    return with_(snapshot, "inbound", Level.CRITICAL, "none here", value=0.0)


def unseen() -> Snapshot:
    """The database is out of reach: what it told last is not what is now."""
    snapshot = swallowed()
    for state in snapshot.checks:
        if state.check.id not in ("delivery-rate", "chatwoot-incoming"):
            reason = "database unreachable since 08:20"
            snapshot = with_(snapshot, state.check.id, Level.UNKNOWN, reason)
    return snapshot


STREAMS = {"stream": stream, "storm": storm, "swallowed": swallowed, "unseen": unseen}
