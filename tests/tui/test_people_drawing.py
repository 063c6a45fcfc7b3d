"""How the board draws who has what and what people owe."""

import re
from dataclasses import replace

import pytest

from firstwatch.affairs import Ack, AckOver, Affairs, OpenPromise
from firstwatch.desk import Request
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level
from tests.tui.samples import (
    CHECKS,
    NOW,
    blind,
    busy,
    late_round,
    normal,
    troubled,
    unearned,
)
from tui.people import due_promises, moment_words, promise_words, subject_to_acknowledge
from tui.renderables.ages import span_text
from tui.renderables.glyphs import ASCII, RICH
from tui.renderables.heading import header_line, top_lines
from tui.renderables.important import important
from tui.renderables.lines import line_width, plain
from tui.renderables.panes import pane_bar, pane_lines, rows_of_checks
from tui.renderables.promises import next_promise, promise_lines
from tui.renderables.recent import recent_count, recent_lines
from tui.renderables.rows import check_row, columns
from tui.renderables.strip import round_strip
from tui.scene import Scene, round_checks, scene_of
from tui.screens.acknowledge import Acknowledging


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks do not come."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


def acked(snapshot: Snapshot, *subjects: str, recheck: float = NOW + 3600) -> Snapshot:
    """The snapshot with these acknowledged five minutes ago."""
    acks = {
        subject: Ack(1, subject, NOW - 300, "A", "deploy rolls", Level.WARNING, recheck)
        for subject in subjects
    }
    return replace(snapshot, affairs=Affairs(holder="A", acks=acks))


def top(snapshot: Snapshot, width: int = 120) -> str:
    return plain(important(scene_of(snapshot, snapshot.at), width))


def promising(*dues: float, snapshot: Snapshot | None = None) -> Scene:
    promises = tuple(
        OpenPromise(n, NOW - 60, "A", f"promise {n}", NOW + due, "") for n, due in enumerate(dues)
    )
    shown = replace(snapshot or normal(), affairs=Affairs(holder="A", promises=promises))
    return scene_of(shown, shown.at)


# The dialog that acknowledges


async def refuse(_: Request) -> None:
    """Nothing is recorded."""


@pytest.mark.parametrize(
    ("became", "told"),
    (
        (NOW - 480, "! warning since 08:19 UTC, 8m: 4 > 3"),
        (NOW - 120, "! warning since 08:25 UTC, in trouble since 08:19, 8m: 4 > 3"),
    ),
)
def test_who_acknowledges_reads_when_it_became_so_bad_and_when_the_trouble_began(
    became: float, told: str
) -> None:
    snapshot = troubled()
    checks = tuple(
        replace(state, verdict=replace(state.verdict, since=became))
        if state.check.id == "failures"
        else state
        for state in snapshot.checks
    )
    scene = scene_of(replace(snapshot, checks=checks), snapshot.at)
    _, standing, *_ = Acknowledging(scene, refuse, "failures").facts()
    assert plain(standing).startswith(told)


# The top line


def test_trouble_that_nobody_has_is_named_first_and_said_to_be_so() -> None:
    assert top(troubled()).startswith(
        "✖ duplicate leads for 2m (+1 more), not acknowledged: 2 phones"
    )
    assert top(acked(troubled(), "duplicates")) == (
        "! webhook failures for 8m (+1 more), not acknowledged: 4 > 3 in 30 m, n=128, 4 s ago"
    )


def test_what_somebody_has_is_named_with_who_and_why() -> None:
    assert top(acked(troubled(), "duplicates", "failures")) == (
        "✖ duplicate leads for 2m (+1 more), acknowledged by A 5m: deploy rolls"
    )


def test_what_has_to_be_asked_about_again_comes_before_what_somebody_has() -> None:
    had = acked(troubled(), "duplicates", "failures")
    asking = acked(troubled(), "failures", recheck=NOW).affairs.acks["failures"]
    acks = {**had.affairs.acks, "failures": asking}
    shown = replace(had, affairs=replace(had.affairs, acks=acks))
    assert top(shown) == (
        "! webhook failures: does A still have it, after 5m? press a: deploy rolls"
    )


@pytest.mark.parametrize(
    ("width", "text"),
    (
        (57, "✖ duplicate leads for 2m (+1 more), not acknowledged"),
        (45, "✖ duplicate leads for 2m, not acknowledged"),
        (35, "✖ duplicate leads for 2m"),
        (20, "✖ duplicate leads"),
        (12, "✖ duplicate…"),
    ),
)
def test_a_narrow_top_line_keeps_what_is_wrong_and_since_when(width: int, text: str) -> None:
    assert top(troubled(), width) == text


def test_a_late_round_then_a_due_promise_then_the_cadence_come_before_what_is_had() -> None:
    quiet = acked(troubled(), "duplicates", "failures")
    overdue = OpenPromise(1, NOW - 60, "A", "recheck quota", NOW - 250, "")
    owing = replace(quiet, affairs=replace(quiet.affairs, promises=(overdue,)))
    assert top(owing) == "! promised for 08:23, 4m overdue: recheck quota"
    question = unearned().affairs.question
    asked = replace(quiet, affairs=replace(quiet.affairs, question=question))
    assert top(asked) == ("◇ only 1 of the last 4 rounds of 0–6 h was clean: stay at 30m? press e")
    both = replace(owing, affairs=replace(owing.affairs, question=question))
    assert top(both).startswith("! promised")
    late = replace(both, rounds=late_round().rounds)
    assert plain(important(scene_of(late, NOW + 14 * 60), 120)).startswith("! round 7 was due")


@pytest.mark.parametrize(
    ("width", "text"),
    (
        (80, "◇ only 1 of the last 4 rounds of 0–6 h was clean: stay at 30m? press e"),
        (60, "◇ 0–6 h: only 1 of 4 rounds clean, stay at 30m? press e"),
        (50, "◇ only 1 of 4 rounds clean, stay at 30m? press e"),
    ),
)
def test_the_cadence_question_always_names_its_key(width: int, text: str) -> None:
    assert top(unearned(), width) == text


def test_an_offered_watch_is_said_when_nothing_else_is() -> None:
    offered = replace(normal(), affairs=Affairs(holder="A", pending="B"))
    assert top(offered) == "◇ the watch is offered to B: press o to take it over"


def test_a_replay_asks_for_no_key() -> None:
    had = acked(troubled(), "duplicates", "failures")
    asking = acked(troubled(), "failures", recheck=NOW).affairs.acks["failures"]
    again = replace(had.affairs, acks={**had.affairs.acks, "failures": asking})
    question = unearned().affairs.question
    told = {
        "! webhook failures acknowledged by A 5m, asked about again: deploy rolls": again,
        "◇ only 1 of the last 4 rounds of 0–6 h was clean: stay at 30m?": replace(
            had.affairs, question=question
        ),
    }
    for line, people in told.items():
        scene = scene_of(replace(had, affairs=people), had.at)
        assert plain(important(replace(scene, replay="REPLAY 60×"), 120)) == line
    offered = replace(normal(), affairs=Affairs(holder="A", pending="B"))
    scene = replace(scene_of(offered, offered.at), replay="REPLAY 60×")
    assert plain(important(scene, 120)) == "◇ the watch is offered to B"


# Header, rows, panes


@pytest.mark.parametrize("width", (60, 80, 120, 200))
def test_the_header_names_both_while_a_hand_over_is_pending(width: int) -> None:
    line = header_line(scene_of(busy(), NOW), width)
    assert "watch: A → B (pending)" in plain(line)
    assert line_width(line) == width


@pytest.mark.parametrize("width", (60, 72, 80, 100, 120))
def test_the_header_names_both_before_phase_and_clocks(width: int) -> None:
    affairs = Affairs(holder="Bartholomew", pending="Hildegard von B.")
    scene = scene_of(replace(normal(), operator="Bartholomew", affairs=affairs), NOW)
    line = header_line(scene, width)
    assert re.search(r"Barth\S* → Hilde.* \(pending\)|Bart… → Hild… \(pending\)", plain(line))
    assert line_width(line) == width


@pytest.mark.parametrize("width", (34, 60, 80, 120))
def test_a_row_keeps_its_width_and_its_colour_whoever_has_it(width: int) -> None:
    widths = columns(width, [c.title for c in CHECKS])
    for state in troubled().checks:
        for told in (False, True):
            bare = check_row(state, NOW, widths, RICH, told=told)
            had = check_row(state, NOW, widths, RICH, told=told, had="A 12m")
            assert line_width(had) == widths.width
            assert had[1] == bare[1]


def test_a_row_says_who_has_it_and_asks_when_it_is_time() -> None:
    def row(snapshot: Snapshot, title: str) -> str:
        scene = scene_of(snapshot, NOW)
        checks = scene.snapshot.checks
        widths = columns(100, [c.check.title for c in checks])
        lines = map(
            plain,
            pane_lines(
                pane_bar("all", checks, scene, (100, 30), focused=False),
                checks,
                scene,
                (100, 30),
                widths,
            ),
        )
        return next(line for line in lines if title in line)

    assert "A 5m · 4 > 3 in 30 m" in row(acked(troubled(), "failures"), "webhook failures")
    assert "A 5m? · 4 > 3" in row(acked(troubled(), "failures", recheck=NOW), "webhook failures")
    assert "A 5m" not in row(acked(troubled(), "failures"), "duplicate leads")
    outage = row(acked(blind(), "source:database"), "DB connections")
    assert "A 5m · since 08:19 no database" in outage


def test_a_pane_counts_what_somebody_has() -> None:
    scene = scene_of(acked(troubled(), "failures"), NOW)
    checks = scene.snapshot.checks
    lines = pane_lines(
        pane_bar("flow", checks, scene, (80, 10), focused=False),
        checks,
        scene,
        (80, 10),
        columns(80, ["x"]),
    )
    assert "1 acknowledged  ✖ critical" in plain(lines[0])
    narrow = pane_lines(
        pane_bar("flow", checks, scene, (24, 10), focused=False),
        checks,
        scene,
        (24, 10),
        columns(24, ["x"]),
    )
    assert "acknowledged" not in plain(narrow[0])


def test_what_has_to_be_asked_about_again_counts_as_had_no_more() -> None:
    snapshot = troubled()
    acked_both = acked(snapshot, "failures", "duplicates")
    acks = {**acked_both.affairs.acks, **acked(snapshot, "failures", recheck=NOW).affairs.acks}
    scene = scene_of(replace(snapshot, affairs=Affairs(holder="A", acks=acks)), NOW)
    bar = pane_bar("flow", scene.snapshot.checks, scene, (80, 10), focused=False)
    assert " 1 acknowledged " in plain(bar)
    only = scene_of(acked(snapshot, "failures", recheck=NOW), NOW)
    assert "acknowledged" not in plain(
        pane_bar("flow", only.snapshot.checks, only, (80, 10), focused=False)
    )


def test_promises_stand_below_the_items_of_the_round() -> None:
    scene = scene_of(busy(), NOW)
    checks = round_checks(scene)
    widths = columns(80, [c.check.title for c in checks])
    below = promise_lines(scene, 80)
    for height in (1, 2, 3, 6, 30):
        lines = pane_lines(
            pane_bar("round", checks, scene, (80, height), focused=False),
            checks,
            scene,
            (80, height),
            widths,
            below=below,
        )
        assert len(lines) <= height
        assert {line_width(line) for line in lines} == {80}
    assert [plain(line).split()[0] for line in lines[-2:]] == ["!", "◇"]
    assert "call the client back  4m overdue" in plain(lines[-2])
    assert "recheck quota         in 12m" in plain(lines[-1])


def test_room_is_shared_between_items_and_promises() -> None:
    assert [rows_of_checks(height, 2) for height in (0, 1, 2, 3, 4, 10)] == [0, 0, 0, 0, 1, 7]
    assert rows_of_checks(9, 20) == 4
    assert rows_of_checks(9, 0) == 8


@pytest.mark.parametrize(
    ("ahead", "words"),
    (
        (3900.0, "in 1h 05m"),
        (720.0, "in 12m"),
        (59.0, "in <1m"),
        (0.0, "due now"),
        (-59.0, "due now"),
        (-60.0, "1m overdue"),
        (-7200.0, "2h overdue"),
    ),
)
def test_a_promise_counts_down_by_the_minute(ahead: float, words: str) -> None:
    assert promise_words(OpenPromise(1, NOW, "A", "x", NOW + ahead, ""), NOW) == words


@pytest.mark.parametrize(
    ("ahead", "words"),
    (
        ((), ""),
        ((720,), "promise in 12m"),
        ((-240,), "promise 4m overdue"),
        ((720, 900), "2 promises, next in 12m"),
        ((-240, 720), "2 promises, one 4m overdue"),
        ((0, 720), "2 promises, one due now"),
        ((-240, -60, 720), "3 promises, 2 due"),
    ),
)
def test_the_bar_of_the_round_says_which_promise_is_overdue(
    ahead: tuple[float, ...], words: str
) -> None:
    assert next_promise(promising(*ahead)) == words


def test_due_promises_are_those_whose_time_has_come() -> None:
    assert [p.id for p in due_promises(promising(-60, 0, 1))] == [0, 1]


def test_rounds_put_in_are_marked_and_begin_no_phase() -> None:
    rounds = unearned().rounds
    assert [s.round.name for s in rounds if s.round.nth] == ["12+1", "13+1"]
    assert plain(round_strip(rounds, RICH)) == "✔✔✔✔✔✔✔✔✔✔✔✔+✔┆✔+✔◉····┆······"
    assert plain(round_strip(rounds, ASCII)) == "vvvvvvvvvvvv+v|v+v@....|......"
    due = next(s for s in rounds if s.status is RoundStatus.DUE)
    assert due.round.name == "14"
    lines = top_lines(scene_of(unearned(), unearned().at), 80, 1)
    assert " 14/24 " in plain(lines[0])


def test_what_people_did_stands_among_what_happened_lately() -> None:
    over = AckOver("errors", NOW - 10, "A", Level.CRITICAL)
    calm = AckOver("leads", NOW - 20, "A", Level.OK)
    snapshot = replace(busy(), affairs=replace(busy().affairs, over=(calm, over)))
    scene = scene_of(snapshot, NOW)
    lines = [plain(line).rstrip() for line in recent_lines(scene, 100, 20)]
    assert lines[0] == " 08:27 ✖ acknowledgement of errors by A is over: it became critical"
    assert lines[1] == " 08:26 ● acknowledgement of new leads by A is over: it became ok"
    assert " 08:23 ▸ A promised for 08:40: recheck quota" in lines
    assert " 08:15 ▸ A noted: told the client" in lines
    assert recent_count(scene) == len(lines)


# What is under the cursor


def test_a_blocked_row_acknowledges_its_source() -> None:
    scene = scene_of(blind(), NOW)
    assert subject_to_acknowledge(scene, "connections") == "source:database"
    assert subject_to_acknowledge(scene) == "source:database"
    assert subject_to_acknowledge(scene, "errors") == ""


def test_without_a_cursor_what_the_top_line_names_is_acknowledged() -> None:
    assert subject_to_acknowledge(scene_of(troubled(), NOW)) == "duplicates"
    assert subject_to_acknowledge(scene_of(acked(troubled(), "duplicates"), NOW)) == "failures"
    assert subject_to_acknowledge(scene_of(normal(), NOW)) == ""
    assert subject_to_acknowledge(scene_of(troubled(), NOW), "gone") == ""


def test_a_moment_is_said_in_utc_and_in_the_zone_of_the_plan() -> None:
    scene = scene_of(normal(), NOW)
    assert moment_words(scene, NOW + 2566) == "09:10 UTC (13:10 Dubai), in 42m"
    assert moment_words(scene, NOW + 18 * 3600) == "tomorrow 02:27 UTC (06:27 Dubai), in 18h"
    assert moment_words(scene, NOW + 50 * 3600).startswith("in 2 days 10:27 UTC")


@pytest.mark.parametrize("zone", ("UTC", "Etc/UTC", "Atlantis/Capital"))
def test_where_the_second_zone_is_utc_or_unknown_a_moment_is_said_once(zone: str) -> None:
    snapshot = normal()
    watch = snapshot.plan.watch.model_copy(update={"timezone": zone})
    plan = snapshot.plan.model_copy(update={"watch": watch})
    scene = scene_of(replace(snapshot, plan=plan), NOW)
    assert moment_words(scene, NOW + 2566) == "09:10 UTC, in 42m"
    assert plain(header_line(scene, 120)).count("08:27") == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    ((0, "0s"), (59.9, "59s"), (60, "1m"), (3600, "1h"), (3660, "1h 01m"), (90_000, "25h")),
)
def test_spans_move_by_the_minute(seconds: float, text: str) -> None:
    assert span_text(seconds) == text
