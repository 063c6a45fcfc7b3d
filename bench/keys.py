"""How soon the board shows what a key does, on its worst day.

    python bench/keys.py [--keys 600] [--rate 1667] [--seed 1]

A stand-in production, sixty checks that are measured, a journal with 24 hours of their readings
and flips, and a log that grows by a hundred thousand records a minute; on all that the real
board, in a terminal of 120x40. Keys of every kind are pressed at moments that know of no tick,
and each is timed until the terminal shows what it does. The exit status is 1 when the median of
all is more than 50 ms, the 99th percentile more than 100 ms, or the log was not kept up with.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.pressing import board, pressed
from bench.terminal import Unseen
from bench.worst_day import TAKEN_IN, Flood, Lived, live_a_day, plan_text
from firstwatch.journal import Journal
from rehearsal.stage import Stage
from tui.cli.opening import set_up

FIRSTWATCH = Path(sys.executable).parent / "firstwatch"
MEDIAN, P99 = 50.0, 100.0
"""Limits in milliseconds."""
KEPT_UP = 0.95
"""The share of what was written that must have been taken in."""
CHECKS = 60
WARM_UP = 75.0
"""Real seconds after which most checks were measured, and a minute of the log counted."""


@dataclass(slots=True)
class Pressed:
    """What came of the keys."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds by kind of key."""
    since: float = 0.0
    """When the first was pressed, seconds since the epoch."""
    written: float = 0.0
    """Records a minute that were written into the log from then on."""
    taken: float = 0.0
    """And that the watch counted."""


def press(
    argv: Sequence[str], environ: Mapping[str, str], flood: Flood, count: int, seed: int
) -> Pressed:
    """Open the board on the flood, and press so many keys."""
    found = Pressed()
    with flood.rising(), board(argv, environ) as on:
        on.shows("system health")
        on.rest(WARM_UP)
        before, found.since = flood.records, time.time()
        for kind, seconds in pressed(on, count, seed):
            found.took[kind].append(seconds * 1000)
        found.written = (flood.records - before) / (time.time() - found.since) * 60
    return found


def report(found: Pressed, lived: Lived, checks: int) -> bool:
    """Print the figures; whether all limits are kept."""
    every = [one for kind in found.took.values() for one in kind]
    print("| key | pressed | median ms | p99 ms | worst ms |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for kind, took in (*found.took.items(), ("all", every)):
        print(f"| {kind} | {len(took)} | {statistics.median(took):.0f} | {p99(took):.0f} "
              f"| {max(took):.0f} |")  # fmt: skip
    print(f"\n{checks} checks measured; of the day before {lived.readings:,} readings in "
          f"{lived.ticks:,} rows, and {lived.flips:,} flips")  # fmt: skip
    print(f"{found.written:,.0f} log records a minute written, {found.taken:,.0f} taken in")
    median, late = statistics.median(every), p99(every)
    print(f"median {median:.0f} ms (limit {MEDIAN:g}), p99 {late:.0f} ms (limit {P99:g})")
    return median <= MEDIAN and late <= P99 and found.taken >= KEPT_UP * found.written


def p99(took: Sequence[float]) -> float:
    """What 99 of 100 were no later than; the nearest rank."""
    return sorted(took)[-(-len(took) * 99 // 100) - 1]


async def bench(folder: Path, keys: int, rate: float, seed: int) -> bool:
    async with Stage(folder=folder / "production", seed=seed) as stage:
        journal, plan, log = folder / "journal", folder / "plan.toml", folder / "app.log"
        plan.write_text(plan_text())
        ours = {"APP_LOG": str(log), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        environ = {**os.environ, **stage.environment, **ours}
        setting = set_up(plan, environ, journal=str(journal))
        checks = [check for check in setting.plan.checks.values() if not check.is_manual]
        assert len(checks) >= CHECKS, len(checks)
        lived = live_a_day(journal, checks, random.Random(seed))
        print(f"{time.strftime('%X')} {lived.ticks} rows of readings lived", file=sys.stderr)
        argv = [str(FIRSTWATCH), "-c", str(plan), "--journal", str(journal), "--operator", "bench"]
        found = await asyncio.to_thread(press, argv, environ, Flood(log, rate, seed), keys, seed)
    with Journal.read_only(journal) as read:
        found.taken = statistics.mean(
            value
            for _, value in read.values(TAKEN_IN, found.since, time.time())
            if value is not None
        )
    return report(found, lived, len(checks))


def main() -> int:
    """Press, time, print; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--keys", type=int, default=600)
    parser.add_argument("--rate", type=float, default=1667.0, help="log records a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="firstwatch-keys-") as scratch:
        try:
            kept = asyncio.run(bench(Path(scratch), options.keys, options.rate, options.seed))
        except Unseen as unseen:
            print(unseen, file=sys.stderr)
            return 1
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
