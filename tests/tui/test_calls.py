"""The board calls for somebody who looks elsewhere: the bell and the window's title."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from firstwatch.affairs import Ack
from firstwatch.episodes import Episode
from firstwatch.plan import WatchSettings
from firstwatch.rounds import states
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level, Verdict
from tests.tui.samples import LAUNCH, NOW, before_launch, blind, empty, normal, troubled
from tui.calls import Bell, Title, title_sequence, title_words
from tui.renderables.glyphs import ASCII
from tui.renderables.lines import to_ascii
from tui.scene import Scene, scene_of

ROOT = Path(__file__).parents[2]
DUE = LAUNCH + 3.5 * 3600
RUN = """
import asyncio, sys
from dataclasses import replace
sys.path.append({root!r})
from tests.tui.samples import FakeWatching, normal
from firstwatch.plan import Call
from firstwatch.rounds import states
from tui.app import Board

watching = FakeWatching()
watching.clock.time = {now!r}
snapshot = normal()
signed = dict.fromkeys(range(1, 7), (1.0, "A"))
rounds = states([s.round for s in snapshot.rounds], {now!r}, signed)
bell = tuple(Call) if {wanted!r} else ()
watch = snapshot.plan.watch.model_copy(update=dict(bell=bell, title={wanted!r}))
plan = snapshot.plan.model_copy(update=dict(watch=watch))
snapshot = replace(snapshot, at={now!r}, rounds=rounds, plan=plan)
watching.subscribe = lambda receive: receive(snapshot)
sys.exit(asyncio.run(Board(watching, plan, "dark").attend()))
"""


def owed(now: float, *more: int) -> Snapshot:
    """The first six rounds are signed, and these."""
    snapshot = normal()
    signed = dict.fromkeys((*range(1, 7), *more), (1.0, "A"))
    rounds = states([s.round for s in snapshot.rounds], now, signed)
    return replace(snapshot, at=now, rounds=rounds)


def scene(snapshot: Snapshot) -> Scene:
    return scene_of(snapshot, snapshot.at)


def trouble(
    *subjects: str, start: float = NOW - 30, level: Level = Level.CRITICAL, acked: bool = False
) -> Scene:
    """A calm watch but for these, whose episodes began then."""
    snapshot = normal()
    checks = tuple(
        replace(c, verdict=Verdict(level, "bad", start)) if c.check.id in subjects else c
        for c in snapshot.checks
    )
    episodes = tuple(Episode(subject, start, Level.CRITICAL, "bad") for subject in subjects)
    acks = {s: Ack(1, s, NOW, "A", "mine", level, NOW + 3600) for s in subjects if acked}
    affairs = replace(snapshot.affairs, acks=acks)
    return scene(replace(snapshot, checks=checks, episodes=episodes, affairs=affairs))


def test_the_bell_rings_once_for_what_turns_critical() -> None:
    bell = Bell()
    assert not bell.rings(trouble(), 0.0)
    assert not bell.rings(trouble("errors", level=Level.WARNING), 10.0)
    assert bell.rings(trouble("errors"), 20.0)
    for now, level in ((90.0, Level.CRITICAL), (180.0, Level.UNKNOWN), (270.0, Level.CRITICAL)):
        assert not bell.rings(trouble("errors", level=level), now)
    assert not bell.rings(trouble(), 360.0)
    assert bell.rings(trouble("errors", start=NOW - 5), 450.0)


def test_what_turns_critical_rings_no_more_often_than_once_a_minute() -> None:
    bell = Bell()
    assert not bell.rings(trouble(), 0.0)
    assert bell.rings(trouble("errors"), 10.0)
    assert not bell.rings(trouble("errors", "loops"), 45.0)
    assert not bell.rings(trouble("errors", "loops", "leads"), 69.0)
    assert bell.rings(trouble("errors", "loops", "leads"), 70.0)
    assert not bell.rings(trouble("errors", "loops", "leads"), 140.0)


def test_what_was_over_before_its_turn_came_does_not_ring() -> None:
    bell = Bell()
    assert not bell.rings(trouble(), 0.0)
    assert bell.rings(trouble("errors"), 10.0)
    assert not bell.rings(trouble("errors", "loops"), 20.0)
    assert not bell.rings(trouble("errors"), 80.0)


def test_what_somebody_has_does_not_ring_and_neither_does_what_was_there_before() -> None:
    bell = Bell()
    assert not bell.rings(trouble("errors"), 0.0)
    assert not bell.rings(trouble("errors", "loops", acked=True), 100.0)
    # Its acknowledgement is to be asked for again: that is no news either.
    assert not bell.rings(trouble("errors", "loops"), 200.0)
    assert bell.rings(trouble("errors", "loops", "leads"), 300.0)


def test_a_round_and_what_is_critical_are_half_a_minute_apart() -> None:
    bell = Bell()
    assert bell.rings(scene(owed(DUE)), 0.0)
    assert not bell.rings(trouble("errors"), 29.0)
    assert bell.rings(trouble("errors"), 30.0)
    assert not bell.rings(scene(owed(DUE + 600)), 59.0)
    assert bell.rings(scene(owed(DUE + 600)), 60.0)


@pytest.mark.parametrize(
    ("said", "rounds", "critical"),
    (
        (True, True, True),
        (False, False, False),
        (["rounds"], True, False),
        (["critical"], False, True),
        ([], False, False),
    ),
)
def test_what_rings_is_chosen(said: object, rounds: bool, critical: bool) -> None:
    calls = WatchSettings.model_validate({"bell": said}).bell
    assert Bell(calls).rings(scene(owed(DUE)), 0.0) is rounds
    bell = Bell(calls)
    bell.rings(trouble(), 0.0)
    assert bell.rings(trouble("errors"), 100.0) is critical


def test_the_bell_rings_once_when_a_round_is_due_and_once_when_it_is_late() -> None:
    bell = Bell()
    late = DUE + 600
    heard = [
        now
        for now in range(int(DUE) - 120, int(DUE) + 1440, 5)
        if bell.rings(scene(owed(float(now))), float(now))
    ]
    assert heard == [DUE, late]


def test_a_round_that_was_signed_rings_no_more() -> None:
    bell = Bell()
    assert bell.rings(scene(owed(DUE)), 0.0)
    assert not bell.rings(scene(owed(DUE + 700, 7)), 700.0)
    assert bell.rings(scene(owed(DUE + 1800, 7)), 1800.0)


def test_two_rings_are_half_a_minute_apart_however_fast_the_clock() -> None:
    bell = Bell()
    assert bell.rings(scene(owed(DUE)), 100.0)
    assert not bell.rings(scene(owed(DUE + 601)), 110.0)
    assert not bell.rings(scene(owed(DUE + 1201)), 129.0)
    assert bell.rings(scene(owed(DUE + 1301)), 131.0)
    assert not bell.rings(scene(owed(DUE + 1302)), 200.0)


@pytest.mark.parametrize(
    ("snapshot", "now", "silent", "words"),
    (
        (normal(), NOW, 0.0, "● ok T+03:27 ▸ 00:03"),
        (troubled(), NOW, 0.0, "✖ 1 crit T+03:27 ▸ 00:03"),
        (trouble("errors", "loops").snapshot, NOW, 0.0, "✖ 2 crit T+03:27 ▸ 00:03"),
        (blind(), NOW, 0.0, "? 15 unknown T+03:27 ▸ 00:03"),
        (normal(), NOW, 9.0, "! silent T+03:27 ▸ 00:03"),
        (before_launch(), LAUNCH - 753, 0.0, "? 19 unknown T-00:12 ▸ 00:43"),
        (owed(DUE), DUE, 0.0, "● ok T+03:30 ▸ round 7 due"),
        (owed(DUE), DUE + 700, 0.0, "● ok T+03:41 ▸ round 7 late"),
        (replace(empty(), rounds=()), NOW, 0.0, "? 0 unknown T+03:27 ▸ no round"),
    ),
)
def test_the_title_has_state_elapsed_time_and_what_comes_next(
    snapshot: Snapshot, now: float, silent: float, words: str
) -> None:
    assert title_words(scene_of(snapshot, now, silent=silent)) == words
    in_ascii = title_words(scene_of(snapshot, now, silent=silent, glyphs=ASCII))
    assert to_ascii(in_ascii).isascii()


def test_a_title_is_sent_when_it_is_another_and_not_more_often_than_every_ten_seconds() -> None:
    title = Title()
    assert title.changes("a", 0.0)
    assert not title.changes("a", 60.0)
    assert title.changes("b", 61.0)
    assert not title.changes("c", 70.0)
    assert title.changes("c", 71.0)


def test_an_hour_of_titles_is_some_sixty_of_them() -> None:
    title, sent, snapshot = Title(), 0, normal()
    for second in range(3600):
        scene = scene_of(snapshot, NOW + second)
        sent += title.changes(title_words(scene), float(second))
    assert 50 <= sent <= 65


def played(now: float, *, wanted: bool = True) -> bytes:
    """All that a terminal is sent by a board on which a round stands like this."""
    ours, theirs = pty.openpty()
    code = RUN.format(root=str(ROOT), now=now, wanted=wanted)
    known = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**known, "TERM": "xterm-256color", "PYTHONUTF8": "1"},
        start_new_session=True,
    )
    os.close(theirs)
    seen, told = b"", False
    ends = time.monotonic() + 25
    drawn_at = float("inf")
    try:
        while time.monotonic() < ends:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    piece = os.read(ours, 65536)
                except OSError:
                    break
                if not piece:
                    break
                seen += piece
            if b"system health" in seen:
                drawn_at = min(drawn_at, time.monotonic())
            if not told and time.monotonic() > drawn_at + 2.5:
                process.terminate()
                told = True
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)
        os.close(ours)
    return seen


def bells(seen: bytes) -> int:
    """How often a terminal rings: a BEL that ends a command, as Textual's do, is none."""
    return re.sub(rb"\x1b\][^\x07\x1b]*(\x07|\x1b\\)", b"", seen).count(b"\x07")


def test_a_terminal_hears_exactly_one_bell_of_a_due_round_and_gets_its_title_back() -> None:
    seen = played(DUE + 60)
    assert bells(seen) == 1
    words = title_sequence("● ok T+03:31 ▸ round 7 due").encode()
    assert seen.count(words) == 1
    before, _, after = seen.partition(words)
    assert before.startswith(b"\x1b[22;2t")
    assert after.endswith(title_sequence("").encode() + b"\x1b[23;2t")


def test_bell_and_title_can_be_switched_off() -> None:
    seen = played(DUE + 60, wanted=False)
    assert b"system health" in seen
    assert not bells(seen)
    assert b"\x1b]2;" not in seen
    assert b"22;2t" not in seen
