"""Plays a whole day with three shifts on the real board, by keys alone, and keeps what it wrote.

    python bench/day.py [--speed 60] [--seed 1] [--out docs/samples] [--folder FOLDER]
    python bench/day.py --from HOURS --until HOURS

It starts `firstwatch rehearse` in a terminal, presses keys, reads the screen and knows nothing
else, as Ada, Ben and Cleo would. At the end `firstwatch report` and `firstwatch verify` read the
journal, and so does this: the exit code is 1 when the day did not come to what was to be played.
The handoffs and the report go into --out. A day takes 1440 minutes divided by the speed; it needs
tmux, and ends whatever it started. With --from or --until it plays a part, and judges and keeps
nothing.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.gestures import HOUR, Person
from bench.outcome import outcome
from bench.terminal import Terminal, Unseen
from firstwatch.config import load
from probes.kinds import KINDS

SAMPLES = Path(__file__).parents[1] / "docs" / "samples"
FIRSTWATCH = Path(sys.executable).parent / "firstwatch"
SIZE = (120, 46)
"""Cells of the terminal; the list of drills has to fit."""
BEFORE = 20.0
"""Real seconds before the launch at which the rehearsal begins."""
WRITES = 120.0
"""Real seconds that writing the report, or verifying, may take."""
T0 = 6
"""The hour of the launch, UTC: the third shift has the night."""
DAYS_AGO = 2
"""Days before today, so that the day is over when the report is written."""
PLAN = """[watch]
name = "rehearsal"
launch = "{launch:%Y-%m-%dT%H:%M:%SZ}"
timezone = "Asia/Dubai"
"""
NOWHERE = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "APP_URL": "http://127.0.0.1:1"}
"""What the plan wants to know even when only the journal is read."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens at its hour after the launch."""

    hour: float
    what: str
    happens: Callable[[Person, Terminal], object]
    signs: int = 0
    """The number of the round that is signed; 0 when none is."""


def _signed(number: int, hour: float, note: str = "", **words: str) -> Scene:
    notes = {title.replace("_", " "): text for title, text in words.items()}
    return Scene(
        hour,
        f"round {number} is signed",
        lambda person, _: person.sign(str(number), notes, note),
        number,
    )


def _trouble(title: str) -> Callable[[str], bool]:
    """Whether a row or the top line says that this check is in trouble."""
    return lambda screen: any(f"{glyph} {title} " in screen for glyph in ("!", "✖"))


def _slow_login(person: Person, terminal: Terminal) -> None:
    person.drill("slow-endpoint", is_struck=True)
    terminal.press("Escape")
    terminal.until(lambda s: "not acknowledged" in s, "warning nobody has", 60.0)
    person.acknowledge("endpoints p95", "sign-in is slow since the deploy; I read its queries")
    terminal.shows("acknowledgement of endpoints p95 by Ada is over: it became critical", 60.0)


def _quota_reset(person: Person, terminal: Terminal) -> None:
    person.drill("quota-drift", is_struck=True)
    terminal.until(_trouble("quota drift"), "quota drift in trouble", 60.0)
    person.choose("quota drift")
    why = "the counters were reset by hand; support sets them back today"
    person.acknowledge("quota drift", why, "3h")


def _quota_back(person: Person, terminal: Terminal) -> None:
    person.drill("quota-drift", is_struck=False)
    terminal.shows("acknowledgement of quota drift by Ada is over: it became ok", 60.0)


def _loss(person: Person, terminal: Terminal) -> None:
    person.drill("silent-loss", is_struck=True)
    person.drill("silent-loss", is_struck=False)
    terminal.until(_trouble("ledger since T0"), "ledger in trouble", 60.0)
    person.choose("ledger since T0")
    why = "the numbers of all companies were gone for minutes; Ben fetches what was lost tomorrow"
    person.acknowledge("ledger since T0", why, "20h")


def _hand_over(to: str, note: str, *, is_shift: bool, **answers: str) -> Callable[..., None]:
    said = {word.replace("_", " "): text for word, text in answers.items()}

    def happens(person: Person, _: Terminal) -> None:
        person.offer(to, note)
        person.hand_off(is_shift=is_shift)
        person.take_over(to, said)

    return happens


DAY: Sequence[Scene] = (
    _signed(1, 0.51),
    _signed(2, 0.94),
    _signed(3, 1.51, "first half hour of real traffic, nothing odd"),
    Scene(1.65, "sign-in becomes slow; Ada has it, and it gets worse", _slow_login),
    _signed(4, 2.01, endpoints="worst route is /api/auth/session"),
    Scene(
        2.10,
        "Ada practises the rollback, and calls it off",
        lambda person, _: person.practise(
            "sign-in takes over 5 s: going back, practised before it is needed",
            "practice: read and copied, not run",
            "only sign-in is slow and the fix is on its way: no reason to go back",
        ),
    ),
    Scene(2.28, "sign-in is fast again", lambda p, _: p.drill("slow-endpoint", is_struck=False)),
    _signed(5, 2.51),
    _signed(6, 3.22, "late: was on a call about the slow sign-in"),
    _signed(7, 3.51),
    _signed(9, 4.51),
    Scene(
        4.60,
        "Ada says why round 8 was missed",
        lambda person, _: person.explain("8", "the client rang at 09:50 and we spoke until 10:30"),
    ),
    _signed(10, 5.01),
    Scene(
        5.20,
        "Ada writes a note",
        lambda person, _: person.note("told the client: slow sign-in from 07:40 to 08:25, cured"),
    ),
    _signed(11, 5.51),
    _signed(12, 6.01),
    Scene(6.15, "the cadence", lambda p, _: p.relax("the exceptions are known and have an owner")),
    _signed(13, 7.01),
    Scene(7.10, "somebody resets the counters of the quota; Ada has it", _quota_reset),
    _signed(14, 8.01),
    Scene(
        8.08,
        "Ada hands over to Ben",
        _hand_over(
            "Ben",
            "sign-in is worth an eye; support is at the quota",
            is_shift=False,
            quota_vs_recipients="Ben, with support",
        ),
    ),
    Scene(8.60, "the counters are set back", _quota_back),
    _signed(15, 9.01),
    Scene(9.20, "messages are lost without a word; Ben has it", _loss),
    _signed(16, 10.01),
    _signed(17, 11.01),
    _signed(18, 12.01),
    Scene(
        12.15,
        "the cadence",
        lambda p, _: p.relax("one loss, over and owned; everything else was clean all evening"),
    ),
    Scene(
        12.40,
        "Ben promises",
        lambda person, _: person.note("recheck quota 03:15", is_promise=True),
    ),
    _signed(19, 14.01, first_client="they wrote at noon: all good but for the slow sign-in"),
    _signed(20, 16.01),
    Scene(
        16.10,
        "Ben hands over to Cleo",
        _hand_over("Cleo", "a quiet evening; the quota once after midnight", is_shift=True),
    ),
    Scene(
        16.40,
        "Cleo writes a note",
        lambda person, _: person.note("asked support to leave the counters alone over night"),
    ),
    _signed(21, 18.01),
    Scene(
        21.28,
        "Cleo keeps what Ben promised",
        lambda person, _: person.keep("recheck quota", "counter and log agree for all numbers"),
    ),
    _signed(23, 22.01),
    Scene(
        22.15,
        "Cleo says why round 22 was missed",
        lambda person, _: person.explain("22", "I fell asleep, and the bell did not wake me"),
    ),
    _signed(24, 24.01, UI_acceptable="inbox opens in about a second"),
    Scene(24.15, "Cleo writes the last handoff", lambda p, _: p.hand_off(is_shift=True)),
)


def main() -> int:
    """Play the day; 0 when it came to what was to be played."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="since", type=float, default=0.0, help="hours after launch")
    parser.add_argument("--until", type=float, default=25.0, help="hours after the launch")
    parser.add_argument("--out", type=Path, default=SAMPLES)
    parser.add_argument("--folder", type=Path, help="keeps the journal there; default: nowhere")
    options = parser.parse_args()
    if shutil.which("tmux") is None:
        print("the day needs tmux to play in", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="firstwatch-day-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            play(folder, options)
            is_whole = options.since <= DAY[0].hour and options.until > DAY[-1].hour
            return judge(folder, options) if is_whole else 0
        except Unseen as unseen:
            print(unseen, file=sys.stderr)
            return 1


def play(folder: Path, options: argparse.Namespace) -> None:
    """Play what comes before `until`. Raises Unseen."""
    today = datetime.now(UTC).replace(hour=T0, minute=0, second=0, microsecond=0)
    launch = datetime.fromtimestamp(today.timestamp() - DAYS_AGO * 86400, UTC)
    first = launch.timestamp() + options.since * HOUR
    begins = datetime.fromtimestamp(first - BEFORE * options.speed, UTC)
    plan = folder / "day.toml"
    plan.write_text(PLAN.format(launch=launch), encoding="utf-8")
    argv = [str(FIRSTWATCH), "rehearse", "-c", str(plan), "--operator", "Ada"]
    argv += ["--at", begins.isoformat(timespec="seconds"), "--folder", str(folder)]
    argv += ["--speed", f"{options.speed:g}", "--seed", str(options.seed)]
    environ = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    with Terminal(argv, environ, SIZE) as terminal:
        terminal.shows("watch: Ada", 60.0)
        person = Person(terminal, options.speed)
        for scene in (scene for scene in DAY if options.since <= scene.hour < options.until):
            person.wait(scene.hour)
            print(f"T+{person.clock() or 0.0:5.2f} h  {scene.what}", file=sys.stderr, flush=True)
            scene.happens(person, terminal)
        person.leave()


def judge(folder: Path, options: argparse.Namespace) -> int:
    """Write the report, keep what was written, and say what the day came to."""
    journal = folder / "rehearsal.journal"
    twins = sorted((folder / "handoffs").glob("*.toml"))
    # A report that knew nothing of the speed would take the last readings for stale.
    now = time.time()
    environ = {**os.environ, **NOWHERE, "FIRSTWATCH_CLOCK": f"{options.speed},{now},{now}"}
    run = [str(FIRSTWATCH), "report", "-c", str(folder / "day.toml"), "--journal", str(journal)]
    subprocess.run(
        [*run, "--folder", str(folder / "report")], env=environ, check=True, timeout=WRITES
    )
    verify = [str(FIRSTWATCH), "verify", "--journal", str(journal), "--against", *map(str, twins)]
    told = subprocess.run(verify, env=environ, check=False, timeout=WRITES).returncode
    counted = outcome(journal, load(folder / "day.toml", KINDS, environ), twins)
    for one in counted:
        print(one)
    wrong = [str(one) for one in counted if not one.is_right]
    wrong += ["firstwatch verify did not find the chain whole"] if told else []
    for line in wrong:
        print(f"not as it was to be played: {line}", file=sys.stderr)
    if not wrong:
        keep(folder, twins, options.out)
    return 1 if wrong else 0


def keep(folder: Path, twins: Sequence[Path], out: Path) -> None:
    """Copy the handoffs and the report there, under names that the next day has, too."""
    out.mkdir(parents=True, exist_ok=True)
    for name, twin in zip(("1-ada", "2-ben", "3-cleo"), twins, strict=True):
        for kind in (".md", ".toml"):
            shutil.copyfile(twin.with_suffix(kind), out / f"handoff-{name}{kind}")
    for kind in (".md", ".html"):
        (written,) = (folder / "report").glob(f"*{kind}")
        shutil.copyfile(written, out / f"report{kind}")
    print(f"samples in {out}")


if __name__ == "__main__":
    # So that what was started is ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    code = main()
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    sys.exit(code)
