"""Every screen in every state that it is pictured in: what is posted, and the keys that open it.

A new screen is one line more: its class, its keys, and what it is to be seen with.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from textual.screen import Screen

from firstwatch.acts import RollbackStep
from firstwatch.affairs import Affairs, Question, RollbackRun, StepDone
from firstwatch.episodes import Flip
from firstwatch.errors import JournalError, Missing
from firstwatch.handoff import Documents, Facts, documents, summary
from firstwatch.past import Past, parted
from firstwatch.plan import Rollback, SourceSettings, Tail
from firstwatch.probe import Extract, Inquiry, LogRecord
from firstwatch.rounds import states
from firstwatch.snapshot import Snapshot
from firstwatch.timeline import Chronicle
from firstwatch.verdict import Level
from tests.domain import shifts
from tests.tui.lived import chronicle, lived
from tests.tui.samples import (
    LAUNCH,
    NOW,
    SAMPLES,
    FakeWatching,
    before_launch,
    blind,
    busy,
    empty,
    normal,
    troubled,
    unearned,
)
from tests.tui.streams import STREAMS
from tests.tui.test_board_card import DUE, at, gone, green, mixed
from tests.tui.test_board_detail import shown
from tests.tui.test_people_drawing import acked
from tui.screens.acknowledge import Acknowledging
from tui.screens.cadence import Pacing
from tui.screens.card import Card
from tui.screens.detail import Detail
from tui.screens.drills import Drills
from tui.screens.filter import Filtering
from tui.screens.flow import FlowPicture
from tui.screens.guide import Guide
from tui.screens.handover import Offering, TakingOver
from tui.screens.leave import Leave
from tui.screens.log import Log
from tui.screens.missed import Missed
from tui.screens.note import Noting
from tui.screens.plain import Plain
from tui.screens.preview import Preview
from tui.screens.promises import PromiseList
from tui.screens.record import RecordView
from tui.screens.rollback import WayBack
from tui.screens.run import Ending, Leaving, Opening
from tui.screens.search import Searching
from tui.screens.themes import ThemeChoice
from tui.screens.timeline import Timeline
from tui.screens.watch import WatchScreen
from tui.watching import Drill

SIZES = ((60, 20), (80, 24), (120, 40), (200, 60))
ODD = ((20, 6), (50, 20), (60, 40), (100, 20))
"""What the board itself is arranged for besides."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One screen in one state."""

    screen: type[Screen[Any]]
    """What is open once the keys are pressed."""
    snapshot: Snapshot
    keys: tuple[str, ...] = ()
    watching: Callable[[], FakeWatching] = FakeWatching
    sizes: tuple[tuple[int, int], ...] = SIZES


STATES: Mapping[str, Callable[[], Snapshot]] = {
    "normal": normal,
    "troubled": troubled,
    "blind": blind,
    "empty": empty,
}
Change = Callable[[Snapshot], Snapshot]


def same(snapshot: Snapshot) -> Snapshot:
    """As it is."""
    return snapshot


def everywhere(
    name: str,
    screen: type[Screen[Any]],
    *keys: str,
    change: Change = same,
    watching: Callable[[], FakeWatching] = FakeWatching,
) -> dict[str, Sitting]:
    """That screen in all four states."""
    return {
        f"{name}/{state}": Sitting(screen, change(make()), keys, watching)
        for state, make in STATES.items()
    }


# What screens need beside the state of the board


def owing(snapshot: Snapshot) -> Snapshot:
    """With what people have promised, and the watch offered to somebody."""
    return replace(snapshot, affairs=busy().affairs)


def asked(snapshot: Snapshot) -> Snapshot:
    """With the question whether the cadence goes on."""
    question = Question("0–6 h", "6–12 h", 1800, 3600, 1, 4, snapshot.at - 60)
    return replace(snapshot, affairs=Affairs(holder="A", question=question))


def unsigned(snapshot: Snapshot) -> Snapshot:
    """A few minutes later, nothing open, and of three missed rounds one was explained."""
    late = gone()
    signed = dict.fromkeys((1, 2, 4, 7), (1.0, "Ada"))
    rounds = states([s.round for s in snapshot.rounds], late.at, signed)
    return replace(snapshot, at=late.at, rounds=rounds, affairs=late.affairs)


ROLLBACK = Rollback.model_validate(
    {
        "price": ["leads", "lost"],
        "steps": [
            {
                "title": "pause the webhooks",
                "text": "Chatwoot keeps what it cannot deliver for a while, and no longer.",
                "command": "./ops/webhooks pause --all\n./ops/webhooks list",
                "verify": "webhooks is 0",
            },
            {"title": "tell the clients", "text": "Write to each of them that answers are late."},
            {
                "title": "restore the database",
                "text": "Everything that was written since the dump is lost.",
                "command": "pg_restore --clean --if-exists --dbname spring launch.dump",
            },
            {"title": "re-enable the webhooks", "verify": "webhooks is at least 1"},
        ],
    }
)


def with_way_back(snapshot: Snapshot) -> Snapshot:
    """With four steps that lead back; a plan without checks has none of those either."""
    if not snapshot.checks:
        return snapshot
    return replace(snapshot, plan=snapshot.plan.model_copy(update={"rollback": ROLLBACK}))


def going_back(snapshot: Snapshot) -> Snapshot:
    """With a run of it whose first step is done."""
    step = RollbackStep(
        step=1, title="pause the webhooks", verified="not yet: webhooks 26/min", note="said done"
    )
    done = (StepDone(NOW - 300, "A", step),)
    price = ("new leads 14/h, 4s ago",)
    run = RollbackRun(1, NOW - 600, "A", "every webhook fails", False, price, done)
    plan = snapshot.plan.model_copy(update={"rollback": ROLLBACK})
    return replace(snapshot, plan=plan, affairs=Affairs(holder="A", rollbacks=(run,)))


def logging(snapshot: Snapshot) -> Snapshot:
    """With a log and the tails of the checklist; a plan without checks has none."""
    if not snapshot.checks:
        return snapshot
    tails = (
        Tail(title="errors", source="log", records=("Error",)),
        Tail(title="Chatwoot webhook", source="log", records=("Webhook",)),
        Tail(title="prisma:query", source="log", records=("query",)),
    )
    told = {"sources": {"log": SourceSettings(kind="log")}, "tails": tails}
    return replace(snapshot, plan=snapshot.plan.model_copy(update=told))


SAID = (
    "[Chatwoot Webhook] Error: request timed out after 3000 ms\n    at send (webhook.js:41:7)",
    "[Chatwoot Webhook] Error: duplicate key value violates unique constraint",
    "prisma:query SELECT 1",
    "[messages] Error: \x1b[31m401\x1b[0m from the API, " + "and so on " * 30,
    "[Chatwoot Webhook] message_created 7372 stored in 12 ms",
)


def talking() -> FakeWatching:
    """A log of forty records, of which the last are a minute old."""
    records = tuple(
        LogRecord(n, NOW - 900 + n * 21, SAID[n % 5].encode(), is_error="Error" in SAID[n % 5])
        for n in range(1, 41)
    )
    return FakeWatching(said=Extract(records, 40, whole_from=NOW - 900))


def silent() -> FakeWatching:
    """A log in which nothing was said while it was followed."""
    return FakeWatching(said=Extract(whole_from=NOW - 900))


def gone_dark() -> Snapshot:
    """Blind, and the change that made it so."""
    flip = Flip(NOW - 434, "source:database", Level.OK, Level.UNKNOWN, "connection refused")
    return replace(blind(), flips=(*blind().flips, flip))


@dataclass
class Remembering(FakeWatching):
    """A journal that has a reading of every half minute, up to a moment."""

    value: float = 42.0
    last: float = NOW - 4

    async def history(self, check_id: str, since: float, until: float, parts: int) -> Past:
        """A wave with a gap, and a spike ten minutes ago."""
        del check_id
        readings = [
            (at_, self.value + 3 * math.sin(n / 9))
            for n in range(2400, 0, -1)
            if LAUNCH <= (at_ := NOW - n * 30) <= self.last and not -4000 <= at_ - NOW <= -3000
        ]
        return parted([*readings, (NOW - 600, 91.0)], since, until, parts)


INQUIRY = Inquiry(
    ("SELECT count(*) AS value", "FROM pg_stat_activity", "WHERE datname = :name"),
    ((":name", "spring"),),
    "planned at 31, at most 1 row",
)


def recalling(past: Chronicle | Exception) -> Callable[[], FakeWatching]:
    """A watch whose journal remembers this."""
    return lambda: FakeWatching(remembered=past)


def handing(made: Documents) -> Callable[[], FakeWatching]:
    """A watch that hands these documents on."""
    return lambda: FakeWatching(drafted=made)


def drilling() -> FakeWatching:
    """A rehearsal in which one of the incidents is on."""
    return FakeWatching(
        offered=[
            Drill("webhook-500-storm", "every webhook is answered 500", active=True),
            Drill("slow-login", "GET /login takes 3 s, after 5 min 6 s"),
            Drill(
                "database-gone", "the database refuses every connection, for as long as it is on"
            ),
        ]
    )


def everything() -> FakeWatching:
    """A watch that has something to say whatever it is asked."""
    return Remembering(
        asks=INQUIRY,
        said=talking().said,
        remembered=chronicle(),
        offered=drilling().offered,
        drafted=documents(HANDOFFS["troubled"]),
    )


HANDOFFS = {
    "normal": summary(normal(), Facts(), shifts.MASK),
    "troubled": summary(shifts.handed_over(), shifts.found(), shifts.MASK),
    "blind": summary(blind(), Facts(), shifts.MASK),
    "empty": summary(empty(), Facts(), shifts.MASK),
}
TYPED = (*"quota", "space", *"09", "colon", *"15")

SITTINGS: dict[str, Sitting] = {
    **{
        f"board/{state}": Sitting(WatchScreen, make(), sizes=(*SIZES, *ODD))
        for state, make in SAMPLES.items()
    },
    **everywhere("board zoomed", WatchScreen, "tab", "tab", "z"),
    **everywhere("board filtered", WatchScreen, "slash", *"webhook", "enter"),
    **everywhere("filter", Filtering, "slash", *"lead"),
    **{
        f"detail/{state}": Sitting(Detail, snapshot, ("down", "enter"), watching)
        for state, snapshot, watching in (
            ("normal", normal(), lambda: Remembering(asks=INQUIRY)),
            (
                "troubled",
                replace(shown(), gaps=troubled().gaps),
                lambda: Remembering(asks=INQUIRY, value=88.0),
            ),
            ("blind", blind(), lambda: Remembering(last=NOW - 434)),
            ("empty", before_launch(), FakeWatching),
        )
    },
    "detail/as text": Sitting(Plain, shown(), ("down", "enter", "p"), Remembering),
    **{
        f"card/{state}": Sitting(Card, snapshot, ("s",))
        for state, snapshot in (
            ("normal", green()),
            ("troubled", mixed()),
            ("blind", at(blind(), DUE + 17 * 60)),
            ("empty", at(empty(), DUE + 90)),
        )
    },
    **everywhere("missed", Missed, "s", change=unsigned),
    **{
        f"timeline/{state}": Sitting(
            Timeline,
            snapshot,
            ("v", "j", "j", "j"),
            recalling(past),
        )
        for state, snapshot, past in (
            ("normal", lived(), chronicle()),
            ("troubled", troubled(), Chronicle(troubled().flips)),
            ("blind", gone_dark(), JournalError("the journal cannot be read: disk I/O error")),
            ("empty", empty(), Chronicle()),
        )
    },
    "timeline/record of a round": Sitting(
        RecordView,
        lived(),
        ("v", "3", "slash", *"round", "space", "4", "enter", "enter"),
        recalling(chronicle()),
    ),
    **{
        f"flow/{state}": Sitting(FlowPicture, make(), ("f",))
        for state, make in (
            ("normal", STREAMS["stream"]),
            ("troubled", STREAMS["storm"]),
            ("swallowed", STREAMS["swallowed"]),
            ("blind", STREAMS["unseen"]),
            ("empty", empty),
        )
    },
    **everywhere("rollback", WayBack, "r", change=with_way_back),
    **everywhere("rollback under way", WayBack, "r", change=going_back),
    "rollback/opening": Sitting(Opening, with_way_back(troubled()), ("r", "o")),
    "rollback under way/a step done": Sitting(Leaving, going_back(troubled()), ("r", "enter")),
    "rollback under way/ending": Sitting(Ending, going_back(troubled()), ("r", "f")),
    **{
        f"handoff/{state}": Sitting(Preview, make(), ("h",), handing(documents(HANDOFFS[state])))
        for state, make in STATES.items()
    },
    **{
        f"log/{state}": Sitting(Log, logging(snapshot), keys, watching)
        for state, snapshot, keys, watching in (
            ("normal", normal(), ("l",), talking),
            ("troubled", troubled(), ("tab", "tab", "j", "l"), talking),
            (
                "blind",
                blind(),
                ("l",),
                lambda: FakeWatching(said=Missing("app.log: no such file since 08:20")),
            ),
            ("empty", empty(), ("l",), FakeWatching),
            ("nothing said", normal(), ("l",), silent),
        )
    },
    "log/search": Sitting(Searching, logging(normal()), ("l", "slash", *"time"), talking),
    **everywhere("help", Guide, "question_mark"),
    **everywhere("drills", Drills, "x", watching=drilling),
    "acknowledge/normal": Sitting(WatchScreen, normal(), ("a",)),
    "acknowledge/troubled": Sitting(Acknowledging, busy(), ("a", *"looking", "tab", *"20m")),
    "acknowledge/blind": Sitting(Acknowledging, blind(), ("a",)),
    "acknowledge/renewed": Sitting(
        Acknowledging, acked(troubled(), "duplicates", "failures"), ("a",)
    ),
    "acknowledge/empty": Sitting(WatchScreen, empty(), ("a",)),
    "cadence/normal": Sitting(Pacing, unearned(), ("e", "down")),
    "cadence/troubled": Sitting(Pacing, asked(troubled()), ("e",)),
    "cadence/blind": Sitting(Pacing, asked(blind()), ("e",)),
    "cadence/empty": Sitting(Pacing, asked(empty()), ("e",)),
    **everywhere("note", Noting, "n", *TYPED),
    **everywhere("promises", PromiseList, "p", "x", change=owing),
    "promises/none": Sitting(WatchScreen, normal(), ("p",)),
    **everywhere("hand over", Offering, "o"),
    **everywhere("take over", TakingOver, "o", change=owing),
    **everywhere("themes", ThemeChoice, "T"),
    **everywhere("leave", Leave, "q"),
}
