"""The stage starts a whole production in a moment, and leaves nothing of it behind."""

import os
import signal
import socket
import subprocess
import time
from datetime import UTC
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import pytest

from rehearsal.schema import connected
from rehearsal.stage import Stage, StageError


class Eventually(Protocol):
    """What the fixture `eventually` gives."""

    async def __call__(self, holds: Any, within: float = 10.0) -> bool: ...


def _family(pid: int) -> list[int]:
    """A process and everything that descends from it."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    family = [pid]
    for member in family:
        family += [child for child, parent in parents if parent == member]
    return family


def _are_gone(pids: list[int]) -> bool:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    living = {int(pid) for pid, state in rows if not state.startswith("Z")}
    return living.isdisjoint(pids)


def _is_closed(url: str) -> bool:
    place = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(place.hostname), int(place.port or 0))) != 0


async def test_a_stage_is_all_there_and_then_all_gone(
    tmp_path: Path, eventually: Eventually
) -> None:
    began = time.monotonic()
    async with Stage(folder=tmp_path, scale=60, scenarios=("slow-endpoint",)) as stage:
        assert time.monotonic() - began < 10  # 2 s alone; others may share the machine
        environment = dict(stage.environment)
        family = _family(int(stage.pid or 0))
        assert len(family) > 3
        await _look_around(stage, environment)
        await stage.strike("quiet-night")
        active = {name for name, _, is_active in await stage.scenarios() if is_active}
        assert active == {"quiet-night", "slow-endpoint"}
        await stage.cure("quiet-night")
        with pytest.raises(ValueError, match="did you mean silent-loss"):
            await stage.strike("silent-los")
    assert _are_gone(family)
    for name in ("DATABASE_URL", "APP_URL", "CHATWOOT_URL"):
        assert _is_closed(environment[name])
    assert (tmp_path / "production.log").read_text() == ""


async def _look_around(stage: Stage, environment: dict[str, str]) -> None:
    """Everything the environment names is there."""
    numbers = [float(number) for number in environment["FIRSTWATCH_CLOCK"].split(",")]
    assert numbers == [stage.clock.scale, stage.clock.start, stage.clock.real_start]
    async with connected(environment["DATABASE_URL"]) as watch:
        companies = {row["id"] for row in await watch.fetch('SELECT "id" FROM "Company"')}
    accounts = dict(pair.split("=") for pair in environment["CHATWOOT_ACCOUNTS"].split(","))
    assert accounts.keys() == {"1/1", "2/2", "3/3"}
    assert set(accounts.values()) == companies
    assert Path(environment["APP_LOG"]).is_absolute()
    assert "✓ Ready in" in Path(environment["APP_LOG"]).read_text()
    async with httpx.AsyncClient() as client:
        assert (await client.get(environment["APP_URL"] + "/login")).status_code == 200
        headers = {"api-access-token": environment["CHATWOOT_TOKEN"]}
        hooks = environment["CHATWOOT_URL"] + "/api/v1/accounts/1/webhooks"
        assert (await client.get(hooks, headers=headers)).status_code == 200


async def test_a_killed_production_takes_its_database_along(
    tmp_path: Path, eventually: Eventually
) -> None:
    async with Stage(folder=tmp_path) as stage:
        family = _family(int(stage.pid or 0))
        os.kill(family[0], signal.SIGKILL)
        assert await eventually(lambda: _are_gone(family))


async def test_a_misspelt_scenario_ends_the_stage_before_it_opens(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean normal-day"):
        async with Stage(folder=tmp_path, scenarios=("normal-dya",)):
            pass


async def test_no_postgres_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTWATCH_POSTGRES_BIN", "/nowhere")
    with pytest.raises(StageError, match="there is no initdb in it"):
        async with Stage(folder=tmp_path):
            pass


async def test_a_stage_may_begin_at_another_time_and_its_traffic_lives_then(tmp_path: Path) -> None:
    start = time.time() - 2 * 86400
    async with Stage(folder=tmp_path, scale=60, start=start) as stage:
        assert stage.clock.now() - start < 20 * 60
        async with connected(stage.environment["DATABASE_URL"]) as session:
            newest = await session.fetchval('SELECT max("createdAt") FROM "Message"')
        assert abs(newest.replace(tzinfo=UTC).timestamp() - start) < 3600
