"""Plays incidents of the rehearsal to a real watch and prints what it noticed, and when.

    python bench/scenarios.py [--speed 60] [--hold 12m] [--json FILE] [SCENARIO ...]

Each scenario gets a fresh stand-in production: a calm start, the strike, a while of trouble,
the cure, and as long as it takes until every check is as before (or `--patience` is over).
Times are seconds of the watch from the strike to the verdict, and from the cure to clear.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from firstwatch.engine import Watch
from firstwatch.units import format_duration, parse_duration
from firstwatch.verdict import Level
from rehearsal.scenarios import SCENARIOS
from rehearsal.stage import Stage
from tui.cli.opening import open_watch, set_up

CALM = 16 * 60.0
"""Seconds of the watch before the strike: the longest short window, filled."""
FINE = (Level.OK, Level.OFF_TARGET, Level.PENDING)


@dataclass(slots=True)
class Noticed:
    """How one check lived through one scenario; seconds from the strike, None for never."""

    check: str
    left_green: float | None = None
    idle: float | None = None
    off_target: float | None = None
    unknown: float | None = None
    warning: float | None = None
    critical: float | None = None
    cleared: float | None = None
    """Seconds from the cure until it was fine again."""
    reasons: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Played:
    """One scenario, played."""

    scenario: str
    noticed: list[Noticed]
    early: list[str]
    """What was already wrong before the strike; should be nothing."""
    clear: bool


async def play(name: str, *, speed: float, hold: float, patience: float, seed: int) -> Played:
    """Play one scenario on a fresh stage."""
    with tempfile.TemporaryDirectory(prefix="scenario-") as scratch:
        folder = Path(scratch)
        async with Stage(folder=folder / "production", scale=speed, seed=seed) as stage:
            setting = set_up(
                None, {**os.environ, **stage.environment}, journal=str(folder / "journal")
            )
            with open_watch(replace(setting, clock=stage.clock)) as watch:
                task = asyncio.create_task(watch.run())
                try:
                    return await _play(name, watch, stage, hold=hold, patience=patience)
                finally:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)


async def _play(name: str, watch: Watch, stage: Stage, *, hold: float, patience: float) -> Played:
    clock = stage.clock
    await clock.sleep(CALM)
    calm = watch.snapshot()
    early = [
        f"{c.check.id}: {c.verdict.level} {c.verdict.reason}"
        for c in calm.checks
        if c.verdict.level not in FINE
    ]
    struck = clock.now()
    await stage.strike(name)
    await clock.sleep(hold)
    cured = clock.now()
    await stage.cure(name)
    clear = False
    while clock.now() < cured + patience and not clear:
        await clock.sleep(60)
        clear = all(c.verdict.level in FINE for c in watch.snapshot().checks)
    return Played(name, _noticed(watch, struck, cured), early, clear)


def _noticed(watch: Watch, struck: float, cured: float) -> list[Noticed]:
    found: dict[str, Noticed] = {}
    for flip in watch.flips:
        if flip.at < struck or (flip.new in FINE and flip.subject not in found):
            continue
        entry = found.setdefault(flip.subject, Noticed(flip.subject))
        after = round(flip.at - struck)
        if entry.left_green is None:
            entry.left_green = after
        name = flip.new.value.replace(" ", "_")
        if flip.new in FINE:
            entry.cleared = round(max(flip.at - cured, 0))
            continue
        entry.cleared = None
        if getattr(entry, name) is None:
            setattr(entry, name, after)
            entry.reasons.append(f"{flip.new}: {flip.reason}")
    return list(found.values())


def table(played: list[Played]) -> str:
    """The result as Markdown."""
    lines = [
        "| scenario | check | idle | unknown | warning | critical | clear after the cure |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in played:
        for entry in one.noticed or [Noticed("(none left green)")]:
            cells = [
                "" if seconds is None else format_duration(seconds)
                for seconds in (
                    entry.idle,
                    entry.unknown,
                    entry.warning,
                    entry.critical,
                    entry.cleared,
                )
            ]
            lines.append(f"| {one.scenario} | {entry.check} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Play what was asked for; 1 when something did not clear or was wrong before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="*", default=[s.name for s in SCENARIOS])
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--hold", type=parse_duration, default="12m")
    parser.add_argument("--patience", type=parse_duration, default="80m")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", default="")
    options = parser.parse_args()
    played = []
    for name in options.scenario:
        one = asyncio.run(
            play(
                name,
                speed=options.speed,
                hold=options.hold,
                patience=options.patience,
                seed=options.seed,
            )
        )
        played.append(one)
        print(f"{name}: {len(one.noticed)} noticed, clear {one.clear}", file=sys.stderr)
        for line in [*one.early, *(f"{n.check}: {r}" for n in one.noticed for r in n.reasons)]:
            print(f"    {line}", file=sys.stderr)
        if options.json:
            Path(options.json).write_text(json.dumps([asdict(p) for p in played], indent=1))
    print(table(played))
    return 0 if all(one.clear and not one.early for one in played) else 1


if __name__ == "__main__":
    sys.exit(main())
