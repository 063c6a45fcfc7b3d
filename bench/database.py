"""What the watch costs a database with many rows, from the server's own statistics.

    python bench/database.py [--minutes 10] [--messages 2000000] [--events 500000]

A server of our own in a temporary folder is filled with sixty days of rows, a trickle of new
ones goes on, and the real watch runs its default plan on it, headless, 23 hours after the
launch. Sources other than the database are not there. The exit status is 1 when the watch
takes more than 1 % of a core, a statement more than 50 ms once warm, or any statement reads
"Message" or "WebhookEvent" sequentially.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.probe import Moment
from probes.answers import Measure
from probes.dsn import parse_address
from probes.guard import Size, scans_of
from probes.session import Session
from probes.statements import load_statement
from probes.windows import Windows
from rehearsal.cuid import make_cuid
from rehearsal.moments import naive
from rehearsal.postgres import Server, free_port
from rehearsal.schema import OWNER, WATCHER, connected, create_database, create_roles
from tui.cli.opening import Setting, open_watch, set_up
from tui.cli.passes import watch_for

NAME = "bench"
DAYS = 60
SINCE_LAUNCH = 23 * 3600.0
WARM_UP = 75.0
"""Real seconds after which every check but the slowest has been measured."""
SHARE, WORST = 1.0, 50.0
"""Limits: per cent of one core, and milliseconds."""
LARGE = ("Message", "WebhookEvent")

_DIGIT = "substr('0123456789abcdefghijklmnopqrstuvwxyz', (ms / {} % 36)::int + 1, 1)"
FUNCTIONS = f"""
CREATE FUNCTION pg_temp.base36(ms bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT {" || ".join(_DIGIT.format(36**place) for place in reversed(range(8)))} $$;
CREATE FUNCTION pg_temp.cuid(at timestamp, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'c' || pg_temp.base36(floor(extract(epoch FROM at) * 1000)::bigint)
           || lpad(n::text, 8, '0') || 'h0stabcd' $$;
CREATE FUNCTION pg_temp.moment(until timestamp, n bigint, total bigint) RETURNS timestamp
LANGUAGE sql IMMUTABLE AS $$ SELECT until - interval '{DAYS} days' * (1 - n::float8 / total) $$;
"""
COMPANIES = """
INSERT INTO "Company" (id, name, "whatsappBusinessNumber", "updatedAt")
SELECT pg_temp.cuid($1::timestamp - interval '90 days', n), 'Company ' || n, '+155501000' || n, $1
FROM generate_series(1, 5) n
"""
LEADS = """
INSERT INTO "Lead" (id, "companyId", phone, source, "createdAt", "updatedAt")
SELECT pg_temp.cuid(at, n), company.id, '+15550100' || lpad(n::text, 6, '0'), 'API/Webhook', at, at
FROM generate_series(1, $2::bigint) AS series (n)
CROSS JOIN LATERAL (SELECT pg_temp.moment($1::timestamp, n, $2::bigint) AS at) made
JOIN (SELECT id, row_number() OVER () AS place FROM "Company") company ON place = n % 5 + 1
"""
CONVERSATIONS = """
INSERT INTO "Conversation" (id, "companyId", "leadId", "whatsappNumber", "lastMessageAt",
                            "lastDirection", "chatwootConversationId", "createdAt", "updatedAt")
SELECT 'c' || substr(id, 2, 20) || 'conv', "companyId", id, '+15550100', $1::timestamp, 'INBOUND',
       row_number() OVER ()::text, "createdAt", "createdAt"
FROM "Lead"
"""
NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT row_number() OVER (ORDER BY c.id) AS n, c.id, c."companyId" AS company, l.phone
FROM "Conversation" c JOIN "Lead" l ON l.id = c."leadId";
CREATE UNIQUE INDEX ON numbered (n); ANALYZE numbered
"""
MESSAGES = """
INSERT INTO "Message" (id, "conversationId", direction, body, "wabaMessageId", "templateName",
                       "sentAt", "createdAt", "updatedAt")
SELECT pg_temp.cuid(at, series.n), talk.id,
       (CASE WHEN series.n % 8 = 7 THEN 'OUTBOUND' ELSE 'INBOUND' END)::"MessageDirection",
       'message ' || series.n || repeat(' and so on', 8), 'chatwoot_' || series.n,
       CASE WHEN series.n % 8 = 7 THEN 'welcome' END, at, at, at
FROM generate_series(1, $2::bigint) AS series (n)
CROSS JOIN LATERAL (SELECT pg_temp.moment($1::timestamp, series.n, $2::bigint) AS at) made
JOIN numbered talk
  ON talk.n = greatest(series.n * $3::bigint / $2::bigint - (series.n * 7919) % 500, 1)
"""
EVENTS = """
INSERT INTO "WebhookEvent" (id, "companyId", source, "eventType", payload, "createdAt")
SELECT pg_temp.cuid(at - interval '40 milliseconds', series.n), talk.company,
       'CHATWOOT', 'message_created',
       jsonb_build_object('id', series.n, 'event', 'message_created', 'private', false,
           'message_type', CASE WHEN series.n % 8 = 7 THEN 'outgoing' ELSE 'incoming' END,
           'content', 'message ' || series.n || repeat(' and so on', 60),
           'created_at', at, 'account', jsonb_build_object('id', 1),
           'conversation', jsonb_build_object('id', talk.n, 'meta',
               jsonb_build_object('sender', jsonb_build_object('phone_number', talk.phone)))),
       at - interval '40 milliseconds'
FROM generate_series($2::bigint / $4::bigint, $2::bigint, $2::bigint / $4::bigint) AS series (n)
CROSS JOIN LATERAL (SELECT pg_temp.moment($1::timestamp, series.n, $2::bigint) AS at) made
JOIN numbered talk
  ON talk.n = greatest(series.n * $3::bigint / $2::bigint - (series.n * 7919) % 500, 1)
"""
SPENT = """
SELECT s.queryid, s.query, s.calls, s.total_exec_time + s.total_plan_time AS total,
       s.max_exec_time + s.max_plan_time AS worst
FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
WHERE r.rolname = $1 ORDER BY total DESC
"""
SCANS = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY($1::text[])"


@dataclass(frozen=True, slots=True)
class Spent:
    """What one statement took, in milliseconds, its planning included."""

    name: str
    calls: int
    total: float
    worst: float


@asynccontextmanager
async def filled(folder: Path, messages: int, events: int) -> AsyncIterator[Server]:
    """A server with sixty days of rows up to now."""
    async with Server(folder) as server:
        if not server.has_statements:
            raise SystemExit("this PostgreSQL comes without pg_stat_statements")
        await create_roles(server)
        await create_database(server, NAME)
        async with connected(server.dsn(database=NAME)) as root:
            await root.execute("ALTER SYSTEM SET pg_stat_statements.track_planning = on")
            await root.execute("SELECT pg_reload_conf()")
        async with connected(server.dsn(OWNER, NAME)) as owner:
            await fill(owner, messages, events)
        async with connected(server.dsn(database=NAME)) as root:
            await root.execute("VACUUM ANALYZE")
        yield server


async def fill(owner: Any, messages: int, events: int) -> None:
    now, talks = naive(time.time()), messages // 25
    await owner.execute(FUNCTIONS)
    for statement, values in (
        (COMPANIES, (now,)),
        (LEADS, (now, talks)),
        (CONVERSATIONS, (now,)),
        (MESSAGES, (now, messages, talks)),
        (EVENTS, (now, messages, talks, events)),
    ):
        if statement is MESSAGES:
            await owner.execute(NUMBERED)
        await owner.execute(statement, *values)
        print(f"{time.strftime('%X')} {statement.split()[2]} filled", file=sys.stderr)


async def trickle(dsn: str) -> None:
    """One message a second, with its event, into the newest conversations. Runs until cancelled."""
    async with connected(dsn) as app:
        talks = await app.fetch(
            'SELECT id, "companyId" AS company FROM "Conversation" ORDER BY id DESC LIMIT 50'
        )
        for n in range(10**9, 2 * 10**9):
            at, talk = time.time(), talks[n % len(talks)]
            payload = {"id": n, "message_type": "incoming", "content": "and so on " * 60}
            await app.execute(
                'INSERT INTO "WebhookEvent" (id, "companyId", source, "eventType", payload, '
                "\"createdAt\") VALUES ($1, $2, 'CHATWOOT', 'message_created', $3, $4)",
                *(make_cuid(at), talk["company"], json.dumps(payload), naive(at)),
            )
            await app.execute(
                'INSERT INTO "Message" (id, "conversationId", direction, body, "wabaMessageId", '
                '"createdAt", "updatedAt") VALUES ($1, $2, \'INBOUND\', $3, $3, $4, $4)',
                *(make_cuid(at), talk["id"], f"chatwoot_{n}", naive(at)),
            )
            await app.execute(
                'UPDATE "Conversation" SET "lastMessageAt" = $2 WHERE id = $1',
                talk["id"],
                naive(at),
            )
            await asyncio.sleep(1.0)


def measures(plan: Plan) -> Iterator[tuple[str, Measure]]:
    """The statements of a plan, by the check they belong to."""
    for check in plan.checks.values():
        if isinstance(check.measure, Measure):
            yield check.id, check.measure


async def planned(dsn: str, plan: Plan) -> tuple[dict[int, str], list[str]]:
    """The checks by the server's id of their statement, and what reads a large table in turn.

    As the planner would have it by itself, without being told to avoid such scans.
    """
    session = Session(parse_address(dsn), pooled=False, statement_timeout=10.0)
    windows, names, scans = Windows(Size(1e5, 64e6)), dict[int, str](), list[str]()
    now = time.time()
    moment = Moment(now, now - SINCE_LAUNCH)
    try:
        for check, measure in measures(plan):
            statement = load_statement(measure.sql)
            async with session.asking() as ask:
                ids = await windows.bounds(ask, statement, moment, measure.window)
                values = statement.values(moment, measure.window, ids)
                await session.connection.execute("SET enable_seqscan = on")
                rows = await ask(f"EXPLAIN (FORMAT JSON, VERBOSE) {statement.text}", *values)
            found = json.loads(rows[0][0])[0]
            names.setdefault(found["Query Identifier"], check)
            scans += [
                f"{check} would scan {scan.table}"
                for scan in scans_of(found["Plan"])
                if scan.is_whole and scan.table in LARGE
            ]
    finally:
        await session.close()
    return names, scans


async def watched(setting: Setting, server: Server, minutes: float) -> tuple[list[Any], list[str]]:
    """What the watch took in so many minutes once it is warm, and large tables it scanned."""
    with Journal.open(setting.journal) as journal:
        journal.stamp_launch(time.time() - SINCE_LAUNCH, "bench")
    async with connected(server.dsn(database=NAME)) as root:
        with open_watch(setting) as watch:
            task = asyncio.create_task(watch_for(watch, WARM_UP + minutes * 60))
            await asyncio.sleep(WARM_UP)
            cold = await root.fetch(SPENT, WATCHER)
            print(f"cold: worst {max(row['worst'] for row in cold):.1f} ms", file=sys.stderr)
            await root.execute("SELECT pg_stat_statements_reset()")
            before = {row["relname"]: row["seq_scan"] for row in await root.fetch(SCANS, LARGE)}
            snapshot = await task
        spent = await root.fetch(SPENT, WATCHER)
        scans = [
            f"{row['relname']} was scanned {row['seq_scan'] - before[row['relname']]} times"
            for row in await root.fetch(SCANS, LARGE)
            if row["seq_scan"] != before[row["relname"]]
        ]
    for state in snapshot.checks:
        if isinstance(state.check.measure, Measure):
            value = state.reading.value if state.reading else "–"
            print(f"{state.check.id}: {state.verdict.level} {value} {state.verdict.reason}",
                  file=sys.stderr)  # fmt: skip
    return spent, scans


def report(spent: list[Spent], seconds: float, scans: list[str]) -> bool:
    """Print the figures; whether all limits are kept."""
    total, calls = sum(one.total for one in spent), sum(one.calls for one in spent)
    share, worst = total / seconds / 10, max(spent, key=lambda one: one.worst)
    print("| statement | calls | mean ms | worst ms | ms a minute |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for one in spent:
        rate = one.total / seconds * 60
        mean = one.total / one.calls
        print(f"| {one.name} | {one.calls} | {mean:.2f} | {one.worst:.2f} | {rate:.1f} |")
    print(f"\n{calls / seconds:.2f} statements/s, {total / seconds * 60:.0f} ms a minute, "
          f"{share:.3f} % of one core (limit {SHARE:g})")  # fmt: skip
    print(f"worst once warm: {worst.name} {worst.worst:.1f} ms (limit {WORST:g})")
    print("\n".join(scans) or f"no sequential scan over {' or '.join(LARGE)}")
    return share < SHARE and worst.worst < WORST and not scans


async def bench(folder: Path, minutes: float, messages: int, events: int) -> bool:
    async with filled(folder / "server", messages, events) as server:
        environ = {
            **os.environ,
            "DATABASE_URL": server.dsn(WATCHER, NAME),
            "APP_URL": f"http://127.0.0.1:{free_port()}",
            "APP_LOG": str(folder / "app.log"),
        }
        setting = set_up(None, environ, journal=str(folder / "journal"))
        names, scans = await planned(server.dsn(WATCHER, NAME), setting.plan)
        writer = asyncio.create_task(trickle(server.dsn(OWNER, NAME)))
        try:
            rows, scanned = await watched(setting, server, minutes)
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
    spent = [
        Spent(names.get(row["queryid"]) or short(row["query"]), *list(row.values())[2:])
        for row in rows
    ]
    return report(spent, minutes * 60, [*scans, *scanned])


def short(query: str) -> str:
    return " ".join(query.split())[:60].replace("|", "¦")


def main() -> int:
    """Fill, watch, print; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--events", type=int, default=500_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        kept = asyncio.run(bench(Path(scratch), options.minutes, options.messages, options.events))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
