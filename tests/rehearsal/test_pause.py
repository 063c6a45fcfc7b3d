"""A pause practised on the rehearsal by the printed commands, and what has to be fetched after."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from firstwatch.config import load
from firstwatch.plan import Plan
from firstwatch.probe import Moment
from firstwatch.readings import Reading
from probes import backfill
from probes.chatwoot import ChatwootProbe
from probes.kinds import KINDS
from probes.postgres import PostgresProbe
from rehearsal.talks import EVENTS, Kind
from tests.rehearsal.watched import Eventually, Watched

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        not all(map(shutil.which, ("bash", "curl", "jq"))), reason="needs bash, curl and jq"
    ),
]
PAUSED = "paused: parked on webwidget_triggered"


class Shift:
    """Somebody who watches the rehearsal and types what the plan prints."""

    def __init__(self, watched: Watched, folder: Path) -> None:
        self.environ = watched.production.environment
        self.plan: Plan = load(None, KINDS, self.environ)
        self.clock, self.folder = watched.production.clock, folder
        opened = {
            name: KINDS[source.kind].open(source.settings, self.clock)
            for name, source in self.plan.sources.items()
            if name in ("chatwoot", "database")
        }
        chatwoot, database = opened["chatwoot"], opened["database"]
        assert isinstance(chatwoot, ChatwootProbe)
        assert isinstance(database, PostgresProbe)
        self.chatwoot, self.database = chatwoot, database

    async def type(self, command: str) -> str:
        """What a shell of theirs says to these lines."""
        process = await asyncio.create_subprocess_exec(
            *("bash", "-c", command),
            cwd=self.folder,
            env={**self.environ, "PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def look(self, check: str, baseline: str = "") -> Reading:
        moment = Moment(self.clock.now(), self.clock.start, baseline)
        return await self.chatwoot.read(self.plan.checks[check].measure, moment)

    async def lost(self, since: float) -> list[str]:
        """The ids to fetch again of what came since then."""
        moment = Moment(self.clock.now(), since)
        arrived = await backfill.arrived(self.database, moment)
        others, left_out = await backfill.never_arrived(self.chatwoot, self.database, moment)
        assert left_out == 0
        return sorted(lost.message for lost in backfill.together(arrived, others))


@pytest_asyncio.fixture(loop_scope="module")
async def shift(watched: Watched, eventually: Eventually, tmp_path: Path) -> AsyncIterator[Shift]:
    """Begins and ends when nobody writes, so that it is known what came before and after."""
    watched.production.traffic.is_quiet = True
    await watched.minutes(1.5, eventually)
    shift = Shift(watched, tmp_path)
    yield shift
    await shift.database.close()
    for account in watched.production.chatwoot.accounts.values():
        account.restore_hooks()
    watched.production.traffic.is_quiet = False


def said(watched: Watched, since: float, until: float) -> list[str]:
    """The ids of what customers wrote in that time, as Chatwoot has them."""
    return sorted(
        str(said.id)
        for account in watched.production.chatwoot.accounts.values()
        for talk in account.talks.values()
        for said in talk.messages
        if since <= said.at < until and said.kind is Kind.INCOMING
    )


async def test_the_printed_commands_pause_and_bring_back_and_what_was_lost_is_listed_exactly(
    watched: Watched, eventually: Eventually, shift: Shift
) -> None:
    traffic = watched.production.traffic
    pause, *_, back = (step.command for step in shift.plan.rollback.steps)
    accounts = watched.production.chatwoot.accounts
    settings = (await shift.look("webhook-config")).facts
    before = await shift.look("live-webhooks")
    assert before.value == len(accounts)

    parked = await shift.type(pause)
    assert parked.count("is parked") == len(accounts)
    live = await shift.look("live-webhooks")
    assert (live.value, live.note) == (0, PAUSED)
    config = await shift.look("webhook-config", settings)
    assert config.level == "critical"
    assert PAUSED in config.note

    began = watched.production.clock.now()
    events = await watched.count("WebhookEvent")
    traffic.is_quiet = False
    assert await eventually(lambda: len(said(watched, began, float("inf"))) >= 8, within=30)
    traffic.is_quiet = True
    await watched.minutes(1.5, eventually)
    ended = watched.production.clock.now()
    assert await watched.count("WebhookEvent") == events

    # Typed again, it does not save the parked webhooks over the ones to bring back.
    await shift.type(pause)
    assert (await shift.type(back)).strip() == "account 1: webhook 1 is back"
    single = await shift.look("live-webhooks")
    assert (single.value, single.note) == (1, f"1 of {len(accounts)} webhooks live")
    rest = back.replace("# for", "for").split("# firstwatch")[0]
    await shift.type(rest)
    assert (await shift.look("live-webhooks")).value == len(accounts)
    assert (await shift.look("webhook-config", settings)).note == "as at the launch"
    assert all(hook.subscriptions == EVENTS for a in accounts.values() for hook in a.hooks)

    traffic.is_quiet = False
    stored = 'SELECT count(*) FROM "Message"'
    known = await watched.ask(stored)

    async def goes_on() -> bool:
        return bool(await watched.ask(stored) > known + 5)

    assert await eventually(goes_on, within=30)
    lost = said(watched, began, ended)
    assert lost
    assert await shift.lost(began - 60) == lost


async def test_a_pause_whose_webhooks_could_not_be_saved_changes_nothing(
    watched: Watched, shift: Shift
) -> None:
    pause, *_, back = (step.command for step in shift.plan.rollback.steps)
    shift.environ = {**shift.environ, "CHATWOOT_TOKEN": "guess"}
    told = await shift.type(f"{pause}\ntrue")
    assert "401" in told
    assert "is parked" not in told
    told = await shift.type(f"{back}\ntrue")
    assert "is back" not in told
    shift.environ = watched.production.environment
    assert (await shift.look("live-webhooks")).note.endswith("webhooks live")


async def test_the_token_is_in_no_word_of_a_command(shift: Shift) -> None:
    """Whoever lists the processes of the machine would read it there."""
    folder = shift.folder
    trap = folder / "curl"
    trap.write_text(f'#!/bin/sh\necho "curl $*" >&2\nexec {shutil.which("curl")} "$@"\n')
    trap.chmod(0o700)
    pause = shift.plan.rollback.steps[0].command
    told = await shift.type(f'PATH="{folder}:$PATH"\n{pause}')
    assert told.count("curl -sSf -H @- ") > 2
    assert shift.environ["CHATWOOT_TOKEN"] not in told
    modes = {path.stat().st_mode & 0o777 for path in folder.glob("webhooks-*.json")}
    assert modes == {0o600}
