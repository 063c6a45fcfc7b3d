"""Replaying a journal on the board."""

import asyncio
from argparse import Namespace
from collections.abc import Mapping

from firstwatch.config import load
from firstwatch.errors import FirstwatchError
from firstwatch.journal import Journal
from firstwatch.outline import Outline, read_outline
from firstwatch.plan import Plan
from firstwatch.replay import Recorded
from probes.kinds import KINDS
from tui.cli.exits import ExitCode
from tui.cli.opening import find_config, place
from tui.cli.showing import calm_down, look_at


def replay(arguments: Namespace, environ: Mapping[str, str]) -> ExitCode:
    """Show the board on a journal until it is left."""
    look = look_at(environ)
    config = find_config(getattr(arguments, "config", ""), environ)
    plan = load(config, KINDS, environ, run_commands=False, connects=False)
    with Journal.read_only(place(arguments.file)) as journal:
        outline = _outline(journal)
        recorded = Recorded(journal, plan, scale=outline.scale if outline else 1.0)
        calm_down()
        from tui.replaying import Reel, ReplayBoard, Replaying

        at = moment_of(arguments.at, recorded.launch) if arguments.at else recorded.begin
        if not recorded.begin <= at <= recorded.end:
            raise FirstwatchError(f"--at: {arguments.at} is not in this journal")
        clock = Reel(recorded.begin, recorded.end, arguments.speed, at)
        theme = getattr(arguments, "theme", None)
        notice = differences(plan, outline)
        board = ReplayBoard(Replaying(recorded, clock), plan, theme, look=look, notice=notice)
        return ExitCode.CRASHED if asyncio.run(board.attend()) else ExitCode.OK


def _outline(journal: Journal) -> Outline | None:
    try:
        return read_outline(journal.outline)
    except ValueError:
        return None


def differences(plan: Plan, outline: Outline | None) -> str:
    """What of the watch this plan cannot show as it was; empty where they agree."""
    if outline is None:
        return "the journal does not say with which plan it was watched"
    known = {name for name, check in plan.checks.items() if check.enabled}
    lost = [line.title for line in outline.lines if line.id not in known]
    told = [f"{len(lost)} checks are not in it, such as {lost[0]}"] if lost else []
    phases = [(p.start, p.end, p.every, p.early, p.grace) for p in plan.phases]
    if phases != [(p.start, p.end, p.every, p.early, p.grace) for p in outline.phases]:
        told.append("its rounds are other ones")
    return f"this plan is not the one that was watched: {'; '.join(told)}" if told else ""


def moment_of(text: str, launch: float) -> float:
    """The moment that "T+03:00" or "T-00:10:30" is. Raises FirstwatchError."""
    sign = {"T+": 1, "T-": -1}.get(text[:2].upper())
    parts = text[2:].split(":")
    if sign is None or len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
        raise FirstwatchError(f'--at: "{text}" is not a time like T+03:00')
    hours, minutes, seconds = (int(part) for part in [*parts, "0"][:3])
    return launch + sign * (hours * 3600 + minutes * 60 + seconds)
