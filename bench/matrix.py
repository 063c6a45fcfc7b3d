"""Holds the watch to what it should make of every incident, and writes docs/matrix.md.

    python bench/matrix.py [--speed 60] [--seed 1] [--jobs 1] [--only NAME,NAME] [--json FILE]
    python bench/matrix.py --calm 24h --scenario normal-day --seeds 1,2,3

Each scenario gets a fresh stand-in production and a watch as people start it: a calm start, the
strike, a while of trouble, the cure, and as long as it takes until every check is as before.
Harmless ones share a stage. What is expected stands in bench/expected.toml. Times are seconds of
the watch. The exit code is 1 when anything was not as expected. With --calm a harmless scenario
lasts, and any verdict worse than off target is a violation.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from bench.expectations import Expectation, load, violations
from bench.playing import Noticed, Played, play, rest
from firstwatch.errors import FirstwatchError
from firstwatch.units import format_duration, parse_duration
from firstwatch.verdict import Level

REPORT = Path(__file__).parents[1] / "docs" / "matrix.md"
Group = list[tuple[str, Expectation]]
_HEAD = """# The matrix

What a real watch made of every incident of the rehearsal.
`make matrix` plays them and writes this page.
*Expected* is the verdict that a check must reach, `may` for one that hangs on the same cause,
and `no alarm` for one that may be unknown or idle meanwhile.
Times run from the cause to the verdict and from the cure to fine again, in the time of the watch;
`stays` marks what is lost, or stands in its window for longer than was waited for.
"""


def grouped(wanted: dict[str, Expectation]) -> list[Group]:
    """The scenarios by stage: the harmless ones together, each other one alone."""
    harmless = [entry for entry in wanted.items() if entry[1].is_harmless]
    alone = [[entry] for entry in wanted.items() if not entry[1].is_harmless]
    return [harmless, *alone] if harmless else alone


def play_group(group: Group, speed: float, seed: int) -> list[Played]:
    """Play a group in a loop of its own; a stage that fails is one thing that was wrong."""
    try:
        return asyncio.run(play(group, speed=speed, seed=seed))
    except (FirstwatchError, OSError, ValueError, TimeoutError) as error:
        return [Played(name, seed, early=[f"it could not be played: {error}"]) for name, _ in group]


def rest_one(name: str, speed: float, seed: int, seconds: float) -> list[Played]:
    """Let a harmless scenario last."""
    return [asyncio.run(rest(name, speed=speed, seed=seed, seconds=seconds))]


def _row(name: str, entry: Noticed, wanted: Expectation) -> str:
    level = wanted.expect.get(entry.subject)
    expected = level.value if level else "may" if entry.subject in wanted.may else ""
    if not expected and entry.after:
        expected = "no alarm"
    reached = max(entry.after, key=lambda one: one.severity, default=Level.OK)
    times = [
        format_duration(entry.after[one]) if one in entry.after else ""
        for one in (Level.IDLE, Level.UNKNOWN, Level.WARNING, Level.CRITICAL)
    ]
    cleared = "" if entry.cleared is None else format_duration(entry.cleared)
    if not cleared and entry.subject in wanted.stays and reached is not Level.OK:
        cleared = "stays"
    return f"| {' | '.join([name, entry.subject, expected, reached, *times, cleared])} |"


def report(wanted: dict[str, Expectation], played: Sequence[Played]) -> tuple[str, bool]:
    """The whole as Markdown, and whether everything was as expected."""
    lines = [
        "| scenario | check | expected | reached | idle | unknown | warning | critical | clear |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    wrong: list[str] = []
    absent: set[str] = set()
    for one in played:
        table = wanted[one.scenario]
        unheard = [Noticed(c) for c in table.expect if c in one.sources and c not in one.noticed]
        entries = [*one.noticed.values(), *unheard] or [Noticed("(nothing noticed)")]
        lines += [_row(one.scenario, entry, table) for entry in entries]
        absent |= {c for c in table.expect if c not in one.sources and ":" not in c}
        wrong += [f"- {one.scenario}: {text}" for text in violations(table, one)]
    verdict = wrong or ["None."]
    lines += ["", "## Violations", "", *verdict, ""]
    if absent:
        lines += [f"Passed over, not in the plan: {', '.join(sorted(absent))}.", ""]
    return "\n".join(lines), not wrong


def _told(one: Played, wrong: Iterable[str]) -> None:
    """Narrate one scenario on standard error."""
    print(f"{one.scenario} (seed {one.seed}): {len(one.noticed)} noticed", file=sys.stderr)
    for entry in one.noticed.values():
        for level, seconds in entry.after.items():
            when = f"{format_duration(seconds):>7} {entry.subject} {level}"
            print(f"    {when}: {entry.reasons[level]}", file=sys.stderr)
    for text in wrong:
        print(f"  ! {text}", file=sys.stderr)


def matrix(options: argparse.Namespace) -> int:
    """Play what was asked for and write the report; whole runs go into docs/matrix.md."""
    wanted = load()
    only = [name for name in options.only.split(",") if name]
    chosen = {name: wanted.get(name, Expectation()) for name in only or wanted}
    played: list[Played] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=spawn) as pool:
        jobs = [
            pool.submit(play_group, group, options.speed, options.seed) for group in grouped(chosen)
        ]
        for job in jobs:
            for one in job.result():
                played.append(one)
                _told(one, violations(chosen[one.scenario], one))
                _keep(options.json, played)
    played.sort(key=lambda one: list(chosen).index(one.scenario))
    text, is_fine = report(chosen, played)
    if not only:
        setup = f"Played at {options.speed:g}× with seed {options.seed}.\n"
        REPORT.write_text(f"{_HEAD}{setup}\n{text}", encoding="utf-8")
    print(text)
    return 0 if is_fine else 1


def calm(options: argparse.Namespace) -> int:
    """Let harmless scenarios last, with each of the seeds; 1 if anything raised an alarm."""
    seconds = parse_duration(options.calm)
    seeds = [int(seed) for seed in (options.seeds or str(options.seed)).split(",")]
    names = [name for name in options.scenario.split(",") if name]
    spawn, alarms = multiprocessing.get_context("spawn"), 0
    print("| scenario | seed | lasted | alarms |\n| --- | --- | --- | --- |")
    with ProcessPoolExecutor(options.jobs, mp_context=spawn) as pool:
        jobs = [
            pool.submit(rest_one, name, options.speed, seed, seconds)
            for name in names
            for seed in seeds
        ]
        for job in jobs:
            for one in job.result():
                raised = _alarms(one)
                alarms += len(raised)
                _told(one, raised)
                told = "; ".join(raised) or "none"
                print(f"| {one.scenario} | {one.seed} | {options.calm} | {told} |", flush=True)
    return 1 if alarms else 0


def _alarms(one: Played) -> list[str]:
    return [
        *one.early,
        *(
            f"{entry.subject} {level} after {format_duration(entry.after[level])}: {why}"
            for entry in one.noticed.values()
            for level, why in entry.reasons.items()
            if level.is_trouble
        ),
    ]


def _keep(file: str, played: list[Played]) -> None:
    if file:
        Path(file).write_text(json.dumps([asdict(one) for one in played], indent=1))


def main() -> int:
    """Read the arguments and do one or the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="stages at once; blurs the latencies")
    parser.add_argument("--only", default="", metavar="NAMES", help="a+b strikes both together")
    parser.add_argument("--json", metavar="FILE", default="")
    parser.add_argument("--calm", metavar="TIME", default="")
    parser.add_argument("--scenario", default="normal-day", metavar="NAMES", help="with --calm")
    parser.add_argument("--seeds", default="", metavar="NUMBERS", help="with --calm")
    options = parser.parse_args()
    return calm(options) if options.calm else matrix(options)


if __name__ == "__main__":
    sys.exit(main())
