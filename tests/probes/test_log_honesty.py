"""The log's own checks of the default plan: what they say, and that they never say too much."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firstwatch.config import load
from firstwatch.errors import BadAnswer, NoAnswer, ProbeError
from firstwatch.judging import Witness, appraise
from firstwatch.plan import Check
from firstwatch.probe import Moment
from firstwatch.verdict import Level
from probes.kinds import KINDS
from probes.log import STRANGE, LogProbe
from probes.log_plan import Settings
from tests.probes.watched_log import ManualClock, Watched

RECEIVED = "[Chatwoot Webhook] Received: {\n}\n"
FAILED = "[Chatwoot Webhook] Error: TypeError: x\n    at x (/app/y.js:1:1)\n"
START = "   ▲ Next.js 15.5.4\n   - Local: x\n\n ✓ Starting...\n ✓ Ready in 812ms\n"
SEND = "[Chatwoot] Send error: Failed to create Chatwoot conversation\n"
POOL = (
    "\nInvalid `prisma.message.create()` invocation:\n\n\n"
    "Timed out fetching a new connection from the connection pool.\n"
)
ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
CHECKS = {
    check.id: check for check in load(None, KINDS, ENVIRON).checks.values() if check.source == "log"
}
CALM = Witness("Chatwoot counts", 0.0)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Watched]:
    (tmp_path / "app.log").touch()
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    log.clock.time += 20
    yield log
    await log.probe.close()


async def level(log: Watched, check: Check, witness: Witness = CALM) -> tuple[Level, str]:
    await log.probe.turn()
    moment = Moment(log.clock.time, log.launch)
    grade = appraise(check, await log.probe.read(check.measure, moment), witness)
    return grade.level, grade.reason


async def test_a_deploy_restarts_once_and_a_crash_loop_again_and_again(log: Watched) -> None:
    levels = []
    for _ in range(3):
        await log.says(START, 60)
        levels.append((await level(log, CHECKS["restarts"]))[0])
    assert levels == [Level.OK, Level.WARNING, Level.CRITICAL]
    await log.says(RECEIVED, 700)
    await log.says(RECEIVED)
    assert (await level(log, CHECKS["restarts"]))[0] is Level.OK


async def test_a_crash_loop_without_a_ready_counts_each_start(log: Watched) -> None:
    for _ in range(3):
        await log.says("   ▲ Next.js 15.5.4\n   - Local: x\n\nError: boom\n    at y\n", 20)
    assert (await level(log, CHECKS["restarts"]))[0] is Level.CRITICAL


async def test_failed_sends_are_an_alarm_of_their_own(log: Watched) -> None:
    await log.says(RECEIVED * 60 + SEND * 4)
    found, reason = await level(log, CHECKS["send-failures"])
    assert found is Level.WARNING
    assert reason.startswith("4 > 3 warning")
    await log.says(SEND * 7)
    assert (await level(log, CHECKS["send-failures"]))[0] is Level.CRITICAL


async def test_failures_are_told_for_the_window_and_since_the_launch(log: Watched) -> None:
    await log.says(FAILED * 3, 4000)
    await log.says(FAILED * 4)
    reason = (await level(log, CHECKS["webhook-failures"]))[1]
    assert reason == (
        "4 > 3 warning, [Chatwoot Webhook] Error: TypeError: x (1s ago), in 1h 00m, 7 since launch"
    )


async def test_failures_from_before_the_launch_are_not_told_as_after_it(log: Watched) -> None:
    log.launch = log.clock.time + 60
    await log.says(FAILED * 3, 100)
    await level(log, CHECKS["webhook-failures"])
    await log.says(FAILED, 4000)
    await log.says(FAILED)
    assert "in 1h 00m, 2 since launch" in (await level(log, CHECKS["webhook-failures"]))[1]


async def test_a_watch_that_came_late_says_that_it_knows_only_half(log: Watched) -> None:
    log.launch -= 7200
    await log.says(FAILED, 4000)
    await log.says(FAILED)
    reason = (await level(log, CHECKS["webhook-failures"]))[1]
    assert "in 1h 00m, 2 since following began 20:26" in reason


async def test_the_rate_names_what_it_is_a_share_of(log: Watched) -> None:
    log.clock.time += 300
    await log.says(RECEIVED * 88 + FAILED * 14)
    assert "14 of 88 webhooks in 5m" in await rate(log)
    await log.says(" GET /login 200 in 3ms\n" * 49)
    assert "14 of 88 webhooks in 5m" in await rate(log)
    await log.says(" GET /login 200 in 3ms\n")
    assert "14 of 50 request lines in 5m" in await rate(log)


async def rate(log: Watched) -> str:
    await log.probe.turn()
    moment = Moment(log.clock.time, log.launch)
    return (await log.probe.read(CHECKS["errors"].measure, moment)).note


async def test_when_nothing_came_often_enough_the_fullest_is_the_measure(log: Watched) -> None:
    await log.says(RECEIVED * 9 + FAILED + " GET /login 200 in 3ms\n" * 3)
    assert "1 of 9 webhooks" in await rate(log)
    assert (await level(log, CHECKS["errors"]))[0] is Level.UNKNOWN


@pytest.mark.parametrize("id_", CHECKS)
async def test_a_silent_log_is_no_peace_while_messages_come_in(log: Watched, id_: str) -> None:
    log.clock.time += 3600
    assert (await level(log, CHECKS[id_]))[0] is Level.IDLE
    found, reason = await level(log, CHECKS[id_], Witness("Chatwoot counts", 7.0))
    assert found is Level.UNKNOWN
    assert reason == "nothing to judge here, yet Chatwoot counts 7"


@pytest.mark.parametrize("id_", CHECKS)
async def test_a_log_of_somebody_else_is_no_peace_either(log: Watched, id_: str) -> None:
    log.clock.time += 3600
    await log.says("listening on port 80\n" * (STRANGE - 1))
    found, _ = await level(log, CHECKS[id_], Witness("Chatwoot counts", 7.0))
    assert found is Level.UNKNOWN
    await log.says("still listening\n")
    with pytest.raises(BadAnswer, match=f"none of {STRANGE} records begins as the application's"):
        await level(log, CHECKS[id_])
    await log.says(RECEIVED)
    await level(log, CHECKS[id_])


async def test_an_error_in_a_log_of_somebody_else_is_an_error_all_the_same(log: Watched) -> None:
    await log.says("Error: boom\n" * 5)
    reading = await log.read(count=["error"])
    assert (reading.value, reading.sample) == (5, 5)


@pytest.mark.parametrize("id_", CHECKS)
@pytest.mark.parametrize(
    ("trouble", "reason"),
    (
        ("missing", "no such file: "),
        ("folder", "is a folder, not a file"),
        ("denied", "grant read permission"),
        ("command", "ended: ssh: connection refused"),
        ("program", "no such program: no-such-program"),
    ),
)
async def test_a_log_that_cannot_be_read_leaves_its_checks_unknown_and_says_why(
    tmp_path: Path, id_: str, trouble: str, reason: str
) -> None:
    clock = ManualClock()
    probe = LogProbe(unreadable(trouble, tmp_path), clock)
    if trouble == "denied" and os.geteuid() == 0:
        os.seteuid(65534)
    try:
        while probe._streams[0].follower.trouble is None:
            await probe.turn()
    finally:
        os.seteuid(os.getuid())
    with pytest.raises(ProbeError, match=reason) as raised:
        await probe.read(CHECKS[id_].measure, Moment(clock.time, clock.start))
    assert raised.value.is_fact
    await probe.close()


def unreadable(trouble: str, folder: Path) -> Settings:
    path = folder / "app.log"
    if trouble == "folder":
        path.mkdir()
    elif trouble == "denied":
        path.touch(mode=0)
    elif trouble == "command":
        code = "import sys; sys.exit('ssh: connection refused')"
        return Settings(command=(sys.executable, "-c", code))
    elif trouble == "program":
        return Settings(command=("no-such-program",))
    return Settings(path=(str(path),))


async def test_two_streams_in_two_files_are_one_log(tmp_path: Path) -> None:
    out, err = tmp_path / "out.log", tmp_path / "error.log"
    out.touch()
    err.touch()
    log = Watched(out, err)
    await log.probe.turn()
    log.clock.time += 20
    with out.open("a") as file:
        file.write(RECEIVED * 60 + f"prisma:error {POOL}" + RECEIVED * 5)
    report = f"[Chatwoot Webhook] Error: PrismaClientKnownRequestError: {POOL}    at x\n"
    await log.says(report, path=err)
    await log.says("", 5)
    assert (await log.read(count=["webhook.received"])).value == 65
    assert (await log.read(count=["error"])).value == 1
    assert (await log.read(count=["code:P2024"])).value == 1
    await log.probe.close()


async def test_one_of_two_files_that_is_missing_is_half_the_picture_and_no_answer(
    tmp_path: Path,
) -> None:
    (tmp_path / "out.log").touch()
    log = Watched(tmp_path / "out.log", tmp_path / "error.log")
    await log.probe.turn()
    log.clock.time += 20
    with pytest.raises(ProbeError, match=r"no such file: .*error\.log"):
        await log.read(count=["error"])
    await log.probe.close()


async def test_an_outbreak_shows_where_there_is_too_little_traffic_for_a_rate(log: Watched) -> None:
    await level(log, CHECKS["error-pace"])
    for _ in range(40):
        await log.says(RECEIVED, 60)
    await log.says(RECEIVED * 4 + SEND * 30)
    assert (await level(log, CHECKS["errors"]))[0] is Level.UNKNOWN
    assert (await level(log, CHECKS["error-pace"]))[0] is Level.CRITICAL


async def test_one_new_kind_is_off_target_and_four_are_a_warning(log: Watched) -> None:
    check = CHECKS["new-errors"]
    await log.says(RECEIVED + FAILED)
    found, reason = await level(log, check)
    assert found is Level.OFF_TARGET
    assert reason.startswith("1 > 0 target, 1 since launch, [Chatwoot Webhook] Error")
    for name in ("Range", "Syntax", "Reference"):
        await log.says(FAILED.replace("Type", name))
    assert (await level(log, check))[0] is Level.WARNING


async def test_before_it_was_followed_for_a_moment_no_check_says_anything(log: Watched) -> None:
    log.clock.time -= 15
    for check in CHECKS.values():
        with pytest.raises(NoAnswer, match="no verdict yet"):
            await level(log, check)


def test_a_plan_may_name_one_file_several_or_none(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    for written, paths in (
        ('"app.log"', ("app.log",)),
        ('["out.log", "error.log"]', ("out.log", "error.log")),
        ('""\ncommand = ["tail"]', ()),
    ):
        own.write_text(f"[sources.log]\npath = {written}\n")
        assert load(own, KINDS, ENVIRON).sources["log"].settings.path == paths
