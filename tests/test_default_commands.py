"""The commands of the plan that ships do what they say, pasted into a shell as they are."""

import asyncio
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest

from firstwatch.config import load
from firstwatch.plan import Command, Plan
from firstwatch.readings import Reading, Row
from firstwatch.runbook import runbook
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level, Verdict
from probes.kinds import KINDS
from tests.probes.corpus import Corpus, Wrapping, corpus, grep
from tests.probes.toy_chatwoot import EMPTY, TOKEN, running
from tui.cli.arguments import parse


class Database(Protocol):
    """What the fixture `database` gives."""

    dsn: str


ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
PLAN: Plan = load(None, KINDS, ENVIRON)
ROOM = 71
"""Columns that the detail of a check has for a command at 80×24."""


def shipped() -> Iterator[tuple[str, Command]]:
    for check in PLAN.checks.values():
        for number, command in enumerate(check.commands, 1):
            yield f"{check.id}-{number}", command


COMMANDS = dict(shipped())
STATEMENTS = {id_: c for id_, c in COMMANDS.items() if c.command.startswith("psql")}
ACTED_ON = (
    "connections",
    "pool-timeouts",
    "errors",
    "new-errors",
    "endpoints",
    "webhooks",
    "webhook-config",
    "webhook-failures",
    "send-failures",
    "echoes",
    "quota",
    "lost-messages",
    "unreceived",
)


def filled(id_: str, worst: str) -> str:
    """A command with the worst part of a reading in it."""
    check = PLAN.checks[id_.rpartition("-")[0]]
    reading = Reading(9.0, 3.0, rows=(Row(worst, 3.0),))
    state = CheckState(check, Verdict(Level.WARNING, "", 0.0), reading)
    snapshot = Snapshot(at=10.0, launch=0.0, plan=PLAN, checks=(state,))
    return runbook(check.id, snapshot).commands[int(id_.rpartition("-")[2]) - 1].command


async def pasted(command: str, **environ: str) -> str:
    """What a shell prints; it runs with these variables and PATH alone, for ten seconds at most."""
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environ},
    )
    try:
        async with asyncio.timeout(10):
            out, error = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert not error, error.decode()
    return out.decode()


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"there is no {program} here")


def test_whatever_people_act_on_has_a_command() -> None:
    assert not [id_ for id_ in ACTED_ON if not PLAN.checks[id_].commands]


@pytest.mark.parametrize("id_", COMMANDS)
def test_a_command_is_shown_unbroken_at_80_columns_and_holds_no_value_of_the_environment(
    id_: str,
) -> None:
    command = COMMANDS[id_]
    assert max(map(len, (command.title, *command.command.split("\n")))) <= ROOM
    assert not any(value in command.command for value in ENVIRON.values())


@pytest.mark.parametrize("id_", [i for i, c in COMMANDS.items() if not c.command.startswith("SEL")])
def test_a_shell_understands_it(id_: str) -> None:
    found = subprocess.run(
        ["sh", "-n", "-c", COMMANDS[id_].command], capture_output=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, b"")


def test_no_command_writes() -> None:
    everything = "\n".join(command.command for command in COMMANDS.values())
    assert not re.search(r"-X|PATCH|DELETE|UPDATE|INSERT|\brm\b|--data|\bdd\b", everything)


def test_what_calls_firstwatch_is_a_command_of_it() -> None:
    called = {c.command for c in COMMANDS.values() if c.command.startswith("firstwatch")}
    assert called
    for command in called:
        assert parse(command.split()[1:]).command == "backfill"


@pytest.mark.parametrize("id_", STATEMENTS)
async def test_its_statement_is_one_the_watchs_own_role_may_run(
    id_: str, database: Database
) -> None:
    """Without psql, what stands between the marks of its here-document is asked."""
    body = re.search(r"<<'SQL'\n(.*)\nSQL", STATEMENTS[id_].command, re.DOTALL)
    assert body
    sql = body[1].replace(":'id'", "'ckx1'")
    connection = await asyncpg.connect(database.dsn, timeout=5)
    try:
        await connection.fetch(sql)
    finally:
        await connection.close()


@needs("psql")
@pytest.mark.parametrize("id_", STATEMENTS)
async def test_psql_takes_it_with_the_address_as_prisma_has_it(
    id_: str, database: Database
) -> None:
    address = f"{database.dsn}?schema=public&connection_limit=5"
    out = await pasted(filled(id_, "it's ckx1; DROP TABLE x"), DATABASE_URL=address, PGPASSWORD="")
    assert re.search(r"\(\d+ rows?\)", out)


def heads_in(out: str, wanted: Counter[str]) -> set[str]:
    """Which of the heads stand in a line of it."""
    lines = out.splitlines()
    return {head for head in wanted if any(head.strip() in line for line in lines)}


async def grepped(id_: str, log: Corpus, folder: Path) -> str:
    """All that the command finds, though it shows only the last of it."""
    path = folder / "app.log"
    path.write_bytes(log.data)
    command = re.sub(r"\btail -n \d+", "tail -n 100000", COMMANDS[id_].command)
    return await pasted(command, APP_LOG=str(path))


@pytest.mark.parametrize("wrapping", Wrapping)
async def test_errors_are_found_in_every_wrapping_and_little_else(
    wrapping: Wrapping, tmp_path: Path
) -> None:
    log = corpus(1, 1500, wrapping)
    out = await grepped("errors-1", log, tmp_path)
    assert heads_in(out, log.errors) == set(log.errors)
    # Two lines after each are shown, too; the checklist's own grep shows ten times as many.
    assert len(out.splitlines()) < grep(log.data) / 2


@pytest.mark.parametrize("wrapping", Wrapping)
async def test_failed_webhooks_are_found_in_every_wrapping(
    wrapping: Wrapping, tmp_path: Path
) -> None:
    log = corpus(1, 1500, wrapping)
    out = await grepped("webhook-failures-1", log, tmp_path)
    assert heads_in(out, log.failures) == set(log.failures)
    assert "Received:" not in "".join(line for line in out.splitlines() if "Error" in line)


async def test_failed_sends_and_restarts_are_found(tmp_path: Path) -> None:
    log = corpus(1, 1500)
    assert "[Chatwoot] Send error: " in await grepped("send-failures-1", log, tmp_path)
    assert "▲ Next.js" in await grepped("restarts-1", log, tmp_path)


async def test_pool_timeouts_are_found_with_what_was_said_before(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("before\nTimed out fetching a new connection from the connection pool.\n")
    out = await pasted(COMMANDS["pool-timeouts-2"].command, APP_LOG=str(path))
    assert out.startswith("before\nTimed out")


@needs("curl")
@needs("python3")
async def test_chatwoot_is_asked_with_its_token_and_no_secret_is_shown() -> None:
    hook = {"id": 7, "url": "https://app/api?companyId=alpha", "secret": "hush"}
    async with running(conversations=EMPTY, webhooks={1: [hook]}) as chatwoot:
        environ = {
            "CHATWOOT_URL": f"http://127.0.0.1:{chatwoot.port}",
            "CHATWOOT_TOKEN": TOKEN,
            "CHATWOOT_ACCOUNTS": "1/11=alpha,2/22=beta",
        }
        out = await pasted(COMMANDS["webhooks-1"].command, **environ)
        assert "companyId=alpha" in out
        assert "hush" not in out
        assert [path for path, _, _ in chatwoot.asked] == [
            "/api/v1/accounts/1/webhooks",
            "/api/v1/accounts/2/webhooks",
        ]
        assert (await pasted(COMMANDS["chatwoot-alive-1"].command, **environ)).startswith("{")
        refused = {**environ, "CHATWOOT_TOKEN": "old"}
        assert await pasted(COMMANDS["chatwoot-incoming-1"].command, **refused) == "401\n"


def test_a_token_is_never_an_argument() -> None:
    """What the shell itself prints goes through no list of processes."""
    for command in COMMANDS.values():
        for line in command.command.split("\n"):
            assert "$CHATWOOT_TOKEN" not in line or "printf 'api-access-token" in line


@needs("curl")
async def test_the_worst_route_is_asked_five_times() -> None:
    async with running(conversations=EMPTY) as chatwoot:
        url = f"http://127.0.0.1:{chatwoot.port}"
        out = await pasted(filled("endpoints-1", "/api"), APP_URL=url)
        assert len(re.findall(r"^200  connect 0\.\d+  all 0\.\d+$", out, re.MULTILINE)) == 5
        assert {path for path, _, _ in chatwoot.asked} == {"/api"}
