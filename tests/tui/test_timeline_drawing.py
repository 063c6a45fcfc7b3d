"""The timeline and the flow as lines: at any size, honest about what nobody saw."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from firstwatch.acts import SignOff
from firstwatch.affairs import Ack, Affairs
from firstwatch.episodes import Flip, fold
from firstwatch.flow import flow
from firstwatch.snapshot import Gap, Snapshot
from firstwatch.timeline import MOST, Chronicle, Event, Kind, by_start
from firstwatch.verdict import Level
from tests.tui.lived import FLIPS, HOUR, chronicle, flip, lived
from tests.tui.samples import LAUNCH, NOW, SAMPLES, hostile, normal, troubled
from tests.tui.streams import STREAMS, storm, stream, swallowed, unseen, with_
from tui.past import Past
from tui.renderables.day import Day, Frame, Painter, frame_of, gaps_of, strip_lines
from tui.renderables.flow import flow_lines
from tui.renderables.glyphs import ASCII
from tui.renderables.lines import Line, Role, line_width, plain, to_ascii
from tui.renderables.record import record_lines
from tui.renderables.timeline import Shown, beyond_hour, chosen, counted, timeline_lines, words
from tui.scene import Scene, scene_of

OK, UNKNOWN, CRITICAL = Level.OK, Level.UNKNOWN, Level.CRITICAL
HOURS = Frame(LAUNCH, 24 * HOUR, 24)
"""A cell an hour."""


def worst_cells(
    frame: Frame, flips: Sequence[Flip], gaps: Sequence[Gap], now: float
) -> tuple[Level | None, ...]:
    """The lane, painted at once; bit by bit it must be the same."""
    painter, whole = Painter(frame), Painter(frame).cells(flips, gaps, now)
    for end in range(0, len(flips), max(len(flips) // 7, 1)):
        _ = painter.cells(flips[:end], gaps, flips[end].at)
    assert painter.cells(flips, gaps, now) == whole
    return whole


def past_of(scene: Scene, known: Chronicle | None = None) -> Past:
    """What is known of a day."""
    past = Past()
    past.remember(known or Chronicle(scene.snapshot.flips))
    past.follow(scene)
    return past


def drawn(scene: Scene, past: Past, width: int, height: int, at: int = 0) -> list[Line]:
    """The whole of it."""
    frame = frame_of(scene, width)
    worst = worst_cells(frame, past.flips, gaps_of(scene), scene.now)
    moment = past.events[at].at if past.events else None
    day = Day(frame, past.others, worst, moment)
    shown = Shown(
        day,
        past.events,
        counted(past.events, past.episodes),
        past.episodes,
        at=at,
        notice=past.problem,
    )
    return timeline_lines(scene, shown, width, height)


def test_trouble_that_is_asked_about_again_is_said_to_be_nobodys_any_more() -> None:
    def told(recheck: float) -> str:
        ack = Ack(1, "failures", NOW - 300, "A", "deploy rolls", Level.WARNING, recheck)
        scene = scene_of(replace(troubled(), affairs=Affairs(acks={"failures": ack})), NOW)
        episode = next(e for e in scene.snapshot.episodes if e.subject == "failures")
        event = Event(episode.start, "1", Kind.TROUBLE, "failures", "webhook failures warning")
        return words(scene, event, episode)

    assert ", A has it: " in told(NOW + 60)
    assert ", A had it: " in told(NOW)


@pytest.mark.parametrize("name", (*SAMPLES, *STREAMS, "hostile", "lived"))
def test_any_sample_is_drawn_at_any_size(name: str) -> None:
    made = {**SAMPLES, **STREAMS, "hostile": hostile, "lived": lived}[name]()
    chosen_ = random.Random(name)
    sizes = [(1, 1), (1, 40), (200, 1), (2, 2), (300, 100)]
    sizes += [(chosen_.randint(1, 200), chosen_.randint(1, 60)) for _ in range(25)]
    scene = scene_of(made, made.at)
    past = past_of(scene)
    for width, height in sizes:
        at = chosen_.randrange(max(len(past.events), 1))
        assert len(drawn(scene, past, width, height, at)) <= height
        for event in past.events[:3]:
            assert record_lines(scene, event, width)
        for line in flow_lines(flow(made), scene, width):
            assert line_width(line) <= width


@pytest.mark.parametrize("made", (lived(), storm(), unseen()))
def test_a_terminal_without_more_is_drawn_in_ascii(made: Snapshot) -> None:
    scene = scene_of(made, made.at, glyphs=ASCII)
    past = past_of(scene, chronicle())
    lines = [*drawn(scene, past, 76, 21), *flow_lines(flow(made), scene, 76)]
    lines += flow_lines(flow(made), scene, 118)
    told = [to_ascii(plain(line)) for line in lines]
    assert all(text.isascii() for text in told)
    assert to_ascii("←→ hour · ↑↓ choose") == "<> hour - ^v choose"
    pipe = [plain(line)[:3] for line in flow_lines(flow(storm()), scene, 76)]
    assert " |>" in pipe
    assert not any("┃" in text for text in pipe)


def test_text_from_outside_stays_text() -> None:
    scene = scene_of(hostile(), hostile().at)
    text = "".join(plain(line) for line in drawn(scene, past_of(scene), 200, 60))
    assert "[/bad]" in text
    assert not set(text) & set("\x1b\x07\u202e\x9b")


# The strip


def test_each_cell_has_the_worst_of_its_stretch_and_nothing_of_what_is_to_come() -> None:
    flips = (
        flip(0.5, "a", UNKNOWN, OK, ""),
        flip(1.2, "a", OK, CRITICAL, ""),
        flip(1.8, "a", CRITICAL, OK, ""),
        flip(0.5, "b", UNKNOWN, Level.OFF_TARGET, ""),
        flip(3.5, "b", Level.OFF_TARGET, OK, ""),
    )
    worst = worst_cells(HOURS, sorted(flips, key=lambda f: f.at), (), LAUNCH + 4.5 * HOUR)
    off = Level.OFF_TARGET
    assert worst == (off, CRITICAL, off, off, OK, *[None] * 19)


def test_what_nobody_measured_is_unknown_and_not_what_was_before() -> None:
    flips = (flip(0, "a", UNKNOWN, CRITICAL, ""), flip(3.5, "a", CRITICAL, OK, ""))
    gap = (Gap(LAUNCH + HOUR, LAUNCH + 2.5 * HOUR),)
    worst = worst_cells(HOURS, flips, gap, LAUNCH + 4.2 * HOUR)
    assert worst[:5] == (CRITICAL, UNKNOWN, CRITICAL, CRITICAL, OK)
    assert worst_cells(HOURS, (), (), LAUNCH + 1.5 * HOUR)[:3] == (UNKNOWN, UNKNOWN, None)


def test_many_short_gaps_together_make_a_cell_blind() -> None:
    gaps = [Gap(LAUNCH + n * 360, LAUNCH + (n + 1) * 360) for n in range(10)]
    worst = worst_cells(HOURS, (flip(0, "a", UNKNOWN, CRITICAL, ""),), gaps, LAUNCH + 2 * HOUR)
    assert worst[:2] == (UNKNOWN, CRITICAL)


def test_a_silent_engine_is_a_gap_up_to_now() -> None:
    snapshot = lived()
    scene = scene_of(snapshot, snapshot.at + 2 * HOUR, silent=2 * HOUR)
    assert gaps_of(scene)[-1] == Gap(snapshot.at, scene.now)
    frame = frame_of(scene, 7 + 24)
    assert worst_cells(frame, FLIPS, gaps_of(scene), scene.now)[10] is UNKNOWN


def lanes(scene: Scene, width: int = 7 + 48) -> dict[str, str]:
    """The strip by its lanes, half an hour a cell."""
    past = past_of(scene, chronicle())
    frame = frame_of(scene, width)
    worst = worst_cells(frame, past.flips, gaps_of(scene), scene.now)
    lines = map(plain, strip_lines(scene, Day(frame, past.others, worst, LAUNCH + HOUR), 7))
    return {text[:7].strip(): text[7:] for text in lines}


def test_the_strip_has_trouble_rounds_people_and_blindness_where_they_happened() -> None:
    made = lived()
    told = lanes(scene_of(made, made.at))
    assert told["worst"].rstrip() == "───✖✖─◐◐──?─??───✖✖"
    assert told["rounds"].startswith(" ✔✔✔✔!✔✔✔✔✗✔✔ ✗ ✗ ◉ ·")
    assert told["rounds"].endswith("·")
    assert told["people"].rstrip() == "   ▸▸          ▸ ▸    ◇"
    assert told["blind"].rstrip() == "          ? ??┆ ┆"
    assert told[""].index("↑") == 2
    assert told[""].index("│now") == 18
    assert told["T+"].startswith("0h    3h")
    assert told["UTC"].startswith("05:00 08:00")


def test_the_strip_goes_on_with_a_watch_that_goes_on() -> None:
    snapshot = normal(LAUNCH + 25 * HOUR)
    assert frame_of(scene_of(snapshot, snapshot.at), 80).length == 30 * HOUR
    assert frame_of(scene_of(normal(), normal().at), 80).length == 24 * HOUR


def test_a_low_strip_keeps_the_verdict_longest() -> None:
    scene = scene_of(lived(), lived().at)
    day = Day(frame_of(scene, 60), ())
    names = [[plain(x)[:6].strip() for x in strip_lines(scene, day, n)] for n in (0, 1, 3)]
    assert names == [[], ["worst"], ["T+", "worst", ""]]


# The list


def list_of(kind: Kind | None = None, text: str = "") -> tuple[Scene, tuple[Event, ...]]:
    """The events of that day."""
    made = lived()
    scene = scene_of(made, made.at)
    past = past_of(scene, chronicle())
    return scene, chosen(past.events, kind, text, past.episodes)


def test_trouble_alone_is_a_line_for_each_stretch_of_it() -> None:
    scene, found = list_of(Kind.TROUBLE)
    day = Day(frame_of(scene, 110), found)
    known = by_start(scene.snapshot.episodes)
    shown = Shown(day, found, counted(found, known), known, Kind.TROUBLE)
    lines = [plain(line) for line in timeline_lines(scene, shown, 110, 40)]
    assert [line[20:].split("  ")[0] for line in lines[8:]] == [
        "duplicate leads",
        "database",
        "webhook failures",
    ]
    assert [line[20:].split("  ")[-1].strip() for line in lines[8:]] == [
        "open 20m: critical, 6 phones with more than one lead",
        "24m, 2 changes, 6 checks with it: unknown, connection refused",
        "42m, 3 changes: critical, 14 > 10 critical",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "count"),
    (
        (None, "REFUSED", 1),
        (Kind.PERSON, "quota", 1),
        (Kind.ROUND, "quota", 0),
        (Kind.ROUND, "missed", 3),
        (Kind.WATCH, "", 3),
        (Kind.TROUBLE, "", 3),
    ),
)
def test_kinds_and_words_choose(kind: Kind | None, text: str, count: int) -> None:
    assert len(list_of(kind, text)[1]) == count


def test_an_hour_further_is_the_nearest_event_of_another_hour() -> None:
    _, found = list_of(Kind.ROUND)
    times = [(event.at - LAUNCH) / HOUR for event in found]
    first = beyond_hour(found, 0, -1, LAUNCH)
    assert int(times[first]) < int(times[0])
    assert int(times[first - 1]) == int(times[0])
    assert beyond_hour(found, first, 1, LAUNCH) == first - 1
    assert beyond_hour(found, len(found) - 1, -1, LAUNCH) == len(found) - 1
    assert beyond_hour((), 0, 1, LAUNCH) == 0


def test_the_record_of_a_round_has_what_was_not_clean_first() -> None:
    scene, found = list_of(None)
    event = next(
        e for e in found if e.record and isinstance(e.record.act, SignOff) and e.round == 4
    )
    text = "\n".join(map(plain, record_lines(scene, event, 60)))
    assert text.index("webhook failures") < text.index("DB connections")
    for told in ("signed by A", "late from 07:10", "the client knows", "bad deploy, rolled back"):
        assert told in text


# Keeping up


def flapping(count: int) -> tuple[Chronicle, Snapshot]:
    """A day in which verdicts changed all the time."""
    pairs = ((OK, CRITICAL), (CRITICAL, OK))
    flips = tuple(
        flip(9 * n / count, f"check-{n % 20}", *pairs[n // 20 % 2], f"reason {n}")
        for n in range(count)
    )
    made = replace(lived(), flips=flips[-50:], episodes=fold(flips))
    return Chronicle(flips[-MOST:], is_cut=count > MOST), made


def test_thousands_of_changes_are_all_there_and_what_is_left_out_is_said() -> None:
    known, made = flapping(MOST + 100)
    scene = scene_of(made, made.at)
    past = past_of(scene, known)
    assert sum(event.kind is Kind.TROUBLE for event in past.events) == MOST
    assert "left out" in past.problem
    text = "".join(map(plain, drawn(scene, past, 120, 30)))
    assert "more than 10,000 changes: those before" in text


def test_nothing_is_folded_again_while_nothing_happens() -> None:
    known, made = flapping(500)
    scene = scene_of(made, made.at)
    past = past_of(scene, known)
    before = past.events
    assert past.follow(scene_of(replace(made, at=made.at + 1), made.at + 1))
    assert past.events is before
    later = replace(made, flips=(*made.flips[1:], flip(9.1, "check-1", OK, CRITICAL, "new")))
    assert past.follow(scene_of(later, later.at))
    assert past.events[0].words == "ok → critical, new"
    assert len(past.flips) == 501


def test_more_changes_than_a_snapshot_holds_are_asked_for_again() -> None:
    known, made = flapping(500)
    past = past_of(scene_of(made, made.at), known)
    after = tuple(flip(9.1 + n / 900, "check-1", OK, CRITICAL, f"{n}") for n in range(50))
    assert not past.follow(scene_of(replace(made, flips=after), made.at))
    assert len(past.flips) == 500


# The flow


def texts(made: Snapshot, width: int) -> Sequence[str]:
    """The picture."""
    scene = scene_of(made, made.at)
    return [plain(line) for line in flow_lines(flow(made), scene, width)]


@pytest.mark.parametrize("width", (56, 76, 116, 196))
def test_the_first_line_says_at_which_joint_something_is_lost(width: int) -> None:
    assert texts(storm(), width)[0] == "191 lost at Chatwoot → webhooks"
    assert texts(swallowed(), width)[0] == "215 lost at conversations → messages"
    assert texts(stream(), width)[0] == "nothing is lost"
    assert texts(unseen(), width)[0].startswith("unknown: Chatwoot → webhooks, webhooks →")


@pytest.mark.parametrize("width", (30, 56, 76, 116))
def test_what_is_unknown_is_never_drawn_as_a_number(width: int) -> None:
    made = unseen()
    scene = scene_of(made, made.at)
    lines = flow_lines(flow(made), scene, width)
    roles = [role for line in lines for text, role in line if text.strip() == "?"]
    assert roles.count(Role.UNKNOWN) >= 4
    assert not any(" lost" in plain(line) for line in lines if "lost messages" not in plain(line))
    assert "nothing is lost" not in plain(lines[0])


@pytest.mark.parametrize(
    ("hours", "told"),
    (
        (24, ""),
        (25, " of the last 24 h"),
    ),
)
def test_once_the_ledger_looks_back_to_the_launch_no_more_the_picture_says_so(
    hours: float, told: str
) -> None:
    made = stream()
    chatwoot, ledger = texts(replace(made, launch=made.at - 3600 * hours), 60)[-2:]
    assert chatwoot == f" Chatwoot: its own count{' since T0' if told else ''}, <10s ago"
    assert ledger == f" the others: the ledger's count{told}, <10s ago"


def test_a_stage_that_nobody_counts_is_never_calm_and_says_why() -> None:
    calm = texts(stream(), 76)
    assert " ? delivered            -  not counted, 3/min sent" in calm
    assert texts(stream(), 118)[3].endswith(" - not counted")
    assert texts(stream(), 118)[5].endswith("━?")
    witness = replace(stream(), hidden=())
    why = "the plan has no check chatwoot-since"
    assert f" ? Chatwoot             ?  {why}, 11/min counted" in texts(witness, 90)
    assert f" ? Chatwoot             ?  {why}" in texts(witness, 70)
    no_sends = with_(stream(), "outbound", CRITICAL, "none")
    assert " ✖ delivered            -  not counted, 3/min sent" in texts(no_sends, 76)


def test_the_counts_say_whose_they_are() -> None:
    calm = texts(stream(), 76)
    assert " ● Chatwoot           240  11/min counted" in calm
    assert " ● webhooks           251  11/min arrived" in calm
    chatwoot = " Chatwoot: its own count, <10s ago"
    ledger = "the others: the ledger's count, <10s ago"
    assert calm[-1] == f"{chatwoot}; {ledger}"
    assert texts(stream(), 56)[-2:] == [chatwoot, f" {ledger}"]


def test_failed_sends_are_told_beside_what_is_lost() -> None:
    made = stream()
    checks = tuple(
        replace(s, verdict=replace(s.verdict, level=CRITICAL))
        if s.check.id == "delivery-rate"
        else s
        for s in made.checks
    )
    (first, *_) = texts(replace(made, checks=checks), 76)
    assert first.startswith("messages → delivered: sample of sends: 0 of 9 failed")
