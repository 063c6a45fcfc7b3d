"""Playing an incident to a real watch: what each check made of it, and when."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.expectations import Expectation
from firstwatch.engine import Watch
from firstwatch.units import parse_duration
from firstwatch.verdict import Level
from rehearsal.stage import Stage
from tui.cli.opening import open_watch, set_up

CALM = 16 * 60.0
"""Seconds of the watch before the strike: the longest short window, filled."""
SETTLED = 5 * 60.0
"""Seconds of the watch after which every check has had its first readings."""
BETWEEN = 2 * 60.0
"""Seconds between two harmless scenarios on one stage."""
FINE = (Level.OK, Level.OFF_TARGET, Level.PENDING)


@dataclass(slots=True)
class Noticed:
    """How one check, or one source, lived through one scenario."""

    subject: str
    after: dict[Level, int] = field(default_factory=dict)
    """Seconds from the strike to each level it reached beyond fine, the first time."""
    reasons: dict[Level, str] = field(default_factory=dict)
    level: Level = Level.OK
    """Where it stood at the end."""
    cleared: int | None = None
    """Seconds from the cure until it was fine again; None if it is not."""

    def reached(self, level: Level) -> bool:
        """Whether it was at this level; off target and warning are also reached by what is worse.

        Unknown and idle are not: they say something else, not something less.
        """
        if level in (Level.OFF_TARGET, Level.WARNING):
            return any(one.severity >= level.severity for one in self.after if one is not _UNKNOWN)
        return level in self.after


_UNKNOWN = Level.UNKNOWN


@dataclass(slots=True)
class Played:
    """One scenario, played."""

    scenario: str
    seed: int
    noticed: dict[str, Noticed] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)
    """What was already wrong before the strike; should be nothing."""
    sources: dict[str, str] = field(default_factory=dict)
    """The source of each check of the plan; empty for what only a person can say."""


async def play(
    group: Sequence[tuple[str, Expectation]], *, speed: float, seed: int
) -> list[Played]:
    """Play scenarios one after the other on one fresh stage."""
    before = [part for name, wanted in group if wanted.before for part in parts(name)]
    async with _opened(speed, seed, before) as (stage, watch):
        await stage.clock.sleep(CALM)
        played = []
        for name, wanted in group:
            played.append(await _play(name, wanted, watch, stage, seed))
            await stage.clock.sleep(BETWEEN)
        return played


async def rest(name: str, *, speed: float, seed: int, seconds: float) -> Played:
    """Let a harmless scenario last for so many seconds of the watch, and note every alarm."""
    async with _opened(speed, seed, parts(name)) as (stage, watch):
        await stage.clock.sleep(SETTLED)
        played = Played(name, seed, early=_wrong(watch), sources=_sources(watch))
        began = stage.clock.now()
        await stage.clock.sleep(seconds)
        played.noticed = _noticed(watch, began, stage.clock.now())
        return played


def parts(name: str) -> list[str]:
    """The scenarios that a name such as quiet-night+webhook-deleted puts together."""
    return name.split("+")


@asynccontextmanager
async def _opened(
    speed: float, seed: int, scenarios: Sequence[str]
) -> AsyncIterator[tuple[Stage, Watch]]:
    with tempfile.TemporaryDirectory(prefix="matrix-") as scratch:
        folder = Path(scratch)
        stage = Stage(folder=folder / "production", scale=speed, seed=seed, scenarios=scenarios)
        async with stage:
            environment = {**os.environ, **stage.environment}
            setting = set_up(None, environment, journal=str(folder / "journal"))
            with open_watch(replace(setting, clock=stage.clock)) as watch:
                task = asyncio.create_task(watch.run())
                try:
                    yield stage, watch
                finally:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)


async def _play(name: str, wanted: Expectation, watch: Watch, stage: Stage, seed: int) -> Played:
    clock = stage.clock
    played = Played(name, seed, early=_wrong(watch), sources=_sources(watch))
    struck = clock.now()
    for part in () if wanted.before else parts(name):
        await stage.strike(part)
    await clock.sleep(parse_duration(wanted.hold))
    cured = clock.now()
    for part in parts(name):
        await stage.cure(part)
    patience = parse_duration(wanted.patience)
    while clock.now() < cured + patience:
        await clock.sleep(60)
        open_ones = {c.check.id for c in watch.snapshot().checks if c.verdict.level not in FINE}
        if not open_ones - set(wanted.stays):
            break
    played.noticed = _noticed(watch, struck, cured)
    return played


def _wrong(watch: Watch) -> list[str]:
    return [
        f"{c.check.id} {c.verdict.level}: {c.verdict.reason}"
        for c in watch.snapshot().checks
        if c.verdict.level not in (*FINE, Level.IDLE)
    ]


def _sources(watch: Watch) -> dict[str, str]:
    return {c.check.id: c.check.source for c in watch.snapshot().checks}


def _noticed(watch: Watch, struck: float, cured: float) -> dict[str, Noticed]:
    found: dict[str, Noticed] = {}
    for flip in watch.flips:
        if flip.at < struck or (
            flip.new in (Level.OK, Level.PENDING) and flip.subject not in found
        ):
            continue
        entry = found.setdefault(flip.subject, Noticed(flip.subject))
        entry.level = flip.new
        entry.cleared = round(max(flip.at - cured, 0)) if flip.new in FINE else None
        if flip.new not in (Level.OK, Level.PENDING):
            entry.after.setdefault(flip.new, round(flip.at - struck))
            entry.reasons.setdefault(flip.new, flip.reason)
    return found
