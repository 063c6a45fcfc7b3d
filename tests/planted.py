"""A real watch over a real production in which secrets and personal data stand everywhere."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from firstwatch.acts import Note, Promise
from firstwatch.clock import SystemClock
from firstwatch.desk import Acknowledge
from firstwatch.journal import Journal
from firstwatch.masking import Masker
from firstwatch.plan import Plan
from firstwatch.snapshot import CheckState, Snapshot
from rehearsal.cuid import make_cuid
from rehearsal.schema import connected
from tui.app import Board
from tui.cli.opening import Behind, masker, set_up

SECRETS: Final = {
    "password of a database": "pl4nted/pass word&1",
    "token of Chatwoot": "planted-chatwoot-token-77",
    "header of the application": "planted-header-secret-5150",
    "environment of a command": "planted-env-secret-31337",
    "address of a ping": "https://ping.example.com/planted-ping-uuid-0042",
    "bearer in the log": "planted.bearer.8d2f7a",
    "password in the log": "planted-log-pw-6",
}
"""What must stand nowhere, whoever repeats it."""

PEOPLE: Final = {
    "phone": "+15550100421",
    "phone in the log": "+15550100422",
    "phone in a note": "+15550100423",
    "spelt phone": "+1 (555) 010-0424",
    "mail": "planted.contact@example.com",
    "contact": "Ottoline Plantedname",
    "company": "Plantedcorp Trading",
    "silent company": "Zephyr & Plantedsons",
    "message": "the planted parcel never came",
    "message in a note": "my planted card was declined",
}
"""Of whom no document may speak but by a pseudonym."""

SHELL: Final = 'printf "%s\\n" "$SAID" >&2; exit 3'

PLAN: Final = """
tails = []
contacts = [{{ title = "Database", hint = "call {phone}", checks = ["told"] }}]

[watch]
operator = "Ada"

[sources.app]
headers = {{ X-Key = "${{APP_KEY}}" }}

[sources.elsewhere]
kind = "postgres"
dsn = "${{ELSEWHERE}}"

[sources.shell]
kind = "command"
env = {{ SECRET = "${{SHELL_SECRET}}", SAID = "{said}" }}

[escalation]
ping = "${{PING}}"

[[phases]]
name = "first"
start = "0h"
end = "6h"
every = "30m"
checks = ["told"]

[checks.told]
title = "what a program says"
pane = "health"
source = "shell"
measure = {{ argv = ["sh", "-c", {shell}] }}
warning = 1
always = true

[checks.quoted]
title = "what a server quotes"
pane = "health"
source = "database"
measure = {{ sql = "SELECT (name || ' of ' || '{phone}')::int AS value FROM \\"Company\\"" }}
warning = 1

[checks.refused]
title = "what a login says"
pane = "health"
source = "elsewhere"
measure = {{ sql = "SELECT 1 AS value" }}
warning = 1

[checks.echoed]
title = "what a page says"
pane = "health"
source = "app"
unit = "ms"
warning = 500

[[checks.echoed.measure.endpoints]]
path = "/echo"
expect = [500]
json = {{ path = "error", equals = 1 }}

[[checks.echoed.measure.endpoints]]
path = "/api/v"
expect = [401]
json = {{ path = "error", equals = 1 }}

[checks.record]
title = "what the log says"
pane = "health"
source = "log"
measure = {{ count = ["error"], window = "5m" }}
every = "1s"
warning = 0
critical = 8
"""


@dataclass
class Planted:
    """What a producer of documents may use, after the watch has run and people have written."""

    plan: Plan
    journal: Path
    snapshot: Snapshot
    snapshots: list[Snapshot]
    mask: Masker
    folder: Path
    environ: Mapping[str, str]
    config: Path
    password: str
    """Of the database that is really there."""
    known: Mapping[str, str]
    """Whom documents must not name, as the watch knew from before."""
    before_people: bytes
    """The journal as it was before anybody wrote a note."""
    pictures: tuple[str, ...]
    """The board at many widths, as the flight recorder is handed it."""


def found(text: str, planted: Mapping[str, str]) -> list[str]:
    """Which of what was planted stands in a text, as it is, encoded, or escaped for Markdown."""
    plain = text.replace("\\", "").lower()
    seen = [name for name, what in planted.items() if what.lower() in plain]
    seen += [name for name, what in planted.items() if quote(what, safe="").lower() in plain]
    digits = "".join(letter for letter in text if letter.isdigit())
    phones = {name: what for name, what in planted.items() if "phone" in name}
    for name, what in phones.items():
        if "".join(letter for letter in what if letter.isdigit()) in digits:
            seen.append(name)
    words = [word for what in planted.values() for word in what.lower().split() if "plant" in word]
    return seen + [f"the word {word}" for word in words if word in plain]


def log_of_the_application() -> str:
    """Records of an application that says too much."""
    phone, name = PEOPLE["phone in the log"], PEOPLE["contact"]
    payload = {
        "event": "message_created",
        "content": PEOPLE["message"],
        "sender": {"name": name, "phone_number": phone, "email": PEOPLE["mail"]},
    }
    bearer, password = SECRETS["bearer in the log"], SECRETS["password in the log"]
    return (
        f"[Chatwoot Webhook] Received: {json.dumps(payload, indent=2)}\n"
        f"[Chatwoot] Send error: 401 for {phone}, Authorization: Bearer {bearer}\n"
        f'[WhatsApp] Process inbound error: no lead of {phone}, content: "{PEOPLE["message"]}"\n'
        f"[WhatsApp] Send error: password={password} refused, name: '{name}', {PEOPLE['mail']}\n"
    )


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Every request is refused, and the secret in it is repeated."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    keys = [line.partition(": ")[2] for line in head.split("\r\n") if "planted" in line]
    body = json.dumps({"error": f"{' '.join(keys)} of {PEOPLE['phone']}"}).encode()
    status = "401 No" if "/api/v" in head.split()[1] else f"500 refused {PEOPLE['phone']}"
    told = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nLocation: /?token={keys}"
    writer.write(f"{told}\r\nConnection: close\r\n\r\n".encode() + body)
    await writer.drain()
    writer.close()


async def _fill(owner_dsn: str) -> None:
    """Two companies, of which one has messages, and a lead that is there twice."""
    now = time.time()
    at = datetime.fromtimestamp(now - 60, UTC).replace(tzinfo=None)
    async with connected(owner_dsn) as owner:
        for number, name in enumerate((PEOPLE["company"], PEOPLE["silent company"])):
            await owner.execute(
                'INSERT INTO "Company" (id, name, "whatsappBusinessNumber", "createdAt", '
                '"updatedAt") VALUES ($1, $2, $3, $4, $4)',
                *(make_cuid(now - 60), name, f"+1555019{number}", at),
            )
        company = await owner.fetchval('SELECT id FROM "Company" ORDER BY name LIMIT 1')
        for _ in range(2):
            await owner.execute(
                'INSERT INTO "Lead" (id, "companyId", phone, name, source, "createdAt", '
                "\"updatedAt\") VALUES ($1, $2, $3, $4, 'API/Webhook', $5, $5)",
                *(make_cuid(now - 60), company, PEOPLE["phone"], PEOPLE["contact"], at),
            )


def _write_plan(folder: Path, port: int, dsn: str) -> tuple[Path, dict[str, str]]:
    secret = SECRETS["password of a database"]
    # The message comes last: what a program says is cut, and that must not save anybody.
    said = f"{SECRETS['environment of a command']} planted-ping-uuid-0042"
    said += f" refused {PEOPLE['spelt phone']} {PEOPLE['mail']}"
    said += f' of {PEOPLE["company"]}: "{PEOPLE["message"]}"'
    text = PLAN.format(
        phone=PEOPLE["phone"], said=said.replace('"', '\\"'), shell=json.dumps(SHELL)
    )
    log = folder / "app.log"
    log.write_text("")
    environ = {
        "DATABASE_URL": dsn,
        "APP_URL": f"http://127.0.0.1:{port}",
        "APP_KEY": SECRETS["header of the application"],
        "APP_LOG": str(log),
        "ELSEWHERE": f"postgresql://firstwatch:{quote(secret, safe='')}@{dsn.rpartition('@')[2]}",
        "PING": SECRETS["address of a ping"],
        "SHELL_SECRET": SECRETS["environment of a command"],
        "CHATWOOT_URL": f"http://127.0.0.1:{port}",
        "CHATWOOT_TOKEN": SECRETS["token of Chatwoot"],
        "CHATWOOT_ACCOUNTS": "1/1=c1",
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
    }
    path = folder / "own.toml"
    path.write_text(text)
    return path, environ


@asynccontextmanager
async def _session(owner_dsn: str) -> AsyncIterator[None]:
    """A session of the application that stays in a transaction, saying everything."""
    said = f"'{PEOPLE['contact']}', $${PEOPLE['message']}$$, E'{PEOPLE['phone']}'"
    quoted = SECRETS["token of Chatwoot"], SECRETS["password of a database"]
    async with connected(owner_dsn) as application:
        await application.execute(f"SET application_name = '{PEOPLE['company']}'")
        await application.execute(
            f"BEGIN; SELECT {said}, '{quoted[0]}' AS \"{PEOPLE['mail']}\" "
            f"/* {PEOPLE['spelt phone']} */ -- {quoted[1]}"
        )
        yield


async def _eventually(holds: Callable[[], bool], within: float = 30.0) -> None:
    ends = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends
        await asyncio.sleep(0.05)


async def _people_write(watch: Behind) -> None:
    """What the people on watch leave behind names everybody."""
    secret = SECRETS["token of Chatwoot"]
    note = f'{PEOPLE["phone in a note"]} wrote "{PEOPLE["message in a note"]}"'
    await watch.do(Note(text=f"{note}, {PEOPLE['company']}, {PEOPLE['mail']}, token {secret}"))
    await watch.do(Promise(text=f"call {PEOPLE['phone in a note']}", due=watch.clock.now() + 600))
    snapshot = await watch.look()
    for episode in snapshot.episodes:
        if episode.is_open and snapshot.plan.checks.get(episode.subject):
            await watch.do(Acknowledge(episode.subject, f"{note}, {secret}"))
            break


@asynccontextmanager
async def planted_watch(folder: Path, dsn: str, owner_dsn: str) -> AsyncIterator[Planted]:
    """The whole of it; the watch has ended when it is handed out."""
    await _fill(owner_dsn)
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config, environ = _write_plan(folder, port, dsn)
    path = folder / "launch.journal"
    with Journal.open(path) as journal:
        journal.stamp_launch(SystemClock().now() - 600, "Ada")
    setting = set_up(config, environ, journal=str(path))
    snapshots: list[Snapshot] = []
    try:
        # A name that nobody has told the watch yet nobody can mask: it has run before.
        with Behind(set_up(None, environ, journal=str(path))):
            await _eventually(lambda: PEOPLE["company"] in _names(path))
        known = _names(path)
        with Behind(setting) as watch:
            watch.subscribe(snapshots.append)
            board = Board(watch, setting.plan)
            async with board.run_test(size=(160, 80)) as pilot:
                await _eventually(lambda: bool(snapshots))
                await _eventually(lambda: all(map(_is_tried, snapshots[-1].checks)))
                _log(folder)
                await _eventually(lambda: _counts(snapshots[-1]))
                files = [file for file in folder.glob("launch.journal*") if file.is_file()]
                before = b"".join(file.read_bytes() for file in files)
                await _people_write(watch)
                async with _session(owner_dsn):
                    _log(folder, times=8)
                    await _eventually(lambda: bool(snapshots[-1].flights.of("record")))
                pictures = []
                for width in range(60, 161, 9):
                    await pilot.resize_terminal(width, 80)
                    pictures.append(board.export_screenshot(simplify=True))
            snapshot = await watch.look()
        with Journal.read_only(path) as journal:
            mask = masker(journal, snapshot)
        yield Planted(
            plan=setting.plan,
            journal=path,
            snapshot=snapshot,
            snapshots=snapshots,
            mask=mask,
            folder=folder,
            environ=environ,
            config=config,
            password=urlsplit(dsn).password or "",
            known=known,
            before_people=before,
            pictures=tuple(pictures),
        )
    finally:
        server.close()
        await server.wait_closed()


def _names(path: Path) -> Mapping[str, str]:
    """What the journal knows of whom documents must not name."""
    with Journal.read_only(path) as journal:
        return journal.names()


def _log(folder: Path, times: int = 1) -> None:
    with (folder / "app.log").open("a") as log:
        log.write(log_of_the_application() * times)


def _is_tried(state: CheckState) -> bool:
    return bool(state.check.is_manual or state.reading or state.failure or state.verdict.blocked_by)


def _counts(snapshot: Snapshot) -> bool:
    state = snapshot.check("record")
    return bool(state and state.reading and state.reading.value)
