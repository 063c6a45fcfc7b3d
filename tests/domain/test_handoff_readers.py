"""Whoever reads a handoff and saw nothing else knows how things stand, and is not reassured."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.acts import (
    Acknowledgement,
    Act,
    HandedOver,
    Item,
    Kept,
    Mark,
    Note,
    Promise,
    Record,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
)
from firstwatch.affairs import Question, affairs, signed
from firstwatch.episodes import Episode, Flip
from firstwatch.errors import FirstwatchError
from firstwatch.handoff import (
    Handoff,
    since,
    summary,
    to_breath,
    to_markdown,
    to_stakeholders,
)
from firstwatch.handoff.breath import LINE
from firstwatch.handoff.page.head import SCREEN
from firstwatch.handoff.page.section import LINES
from firstwatch.handoff.shift import began
from firstwatch.handoff.stakeholders import standing
from firstwatch.plan import Plan
from firstwatch.readings import Reading
from firstwatch.rounds import RoundStatus, schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict
from tests.domain.shifts import (
    ACTS,
    FLIPS,
    MASK,
    NOW,
    T0,
    calm,
    clock,
    found,
    handed_over,
    records,
    sign_off,
    troubled,
)

REASSURING = re.compile(
    r"all (?:is )?(?:good|well|clear)|\bfine\b|healthy|\bclean\b|nothing|no problem|as it should",
    re.IGNORECASE,
)


def told() -> Handoff:
    return summary(handed_over(), found(), MASK)


# The first screen


def test_the_first_screen_answers_what_is_asked_first() -> None:
    screen = "\n".join(to_markdown(told()).splitlines()[:SCREEN])
    broken, since_when = "**webhook failures** warning", "since 12:19 (16:19)"
    assert broken in screen
    assert since_when in screen
    assert "**B has it**" in screen
    assert "**source chatwoot** unknown" in screen
    assert "**nobody has it**" in screen
    assert "Due next: 12:30 (16:30), in 2m 46s: sign round 7" in screen
    assert "Lost: 3 messages: conversations → messages" in screen
    assert "21m since T0 in which no watch was running" in screen
    assert "B → C (pending" in screen


def test_on_the_first_screen_the_next_round_comes_before_all_that_is_overdue() -> None:
    acts = tuple(
        ("09:00:10", "A", Promise(text=f"number {n}", due=clock("09:30"))) for n in range(20)
    )
    screen = to_markdown(summary(handed_over(acts), found(), MASK)).splitlines()[:SCREEN]
    assert any(line.startswith("- Due next: 12:30 (16:30)") for line in screen)
    assert any("number 0" in line for line in screen)


def test_the_worst_that_nobody_has_comes_first() -> None:
    snapshot = handed_over()
    worse = (
        *FLIPS,
        Flip(clock("12:26"), "pool", Level.OK, Level.CRITICAL, "97 % > 95 % critical", 97.0),
    )
    checks = tuple(
        replace(state, verdict=Verdict(Level.CRITICAL, "97 % > 95 % critical", NOW))
        if state.check.id == "pool"
        else state
        for state in snapshot.checks
    )
    handoff = summary(replace(handed_over(flips=worse), checks=checks), found(worse), MASK)
    assert [t.subject for t in handoff.open.entries] == [
        "pool",
        "ledger",
        "failures",
        "source:chatwoot",
    ]


# The wording rules

LEVELS = st.sampled_from([*[Level.OK] * 6, Level.IDLE, Level.OFF_TARGET, Level.UNKNOWN])
ALARMS = st.sampled_from([*[Level.OK] * 6, Level.WARNING, Level.CRITICAL])
SOME_ACTS = st.lists(st.sampled_from(ACTS[3:]), max_size=6, unique_by=id).map(
    lambda acts: tuple(sorted(acts, key=lambda act: clock(act[0])))
)


@st.composite
def mornings(draw: st.DrawFn) -> Snapshot:
    """Mostly calm mornings, each with some reason, or none, not to be content."""
    base = calm()
    checks = tuple(
        replace(state, verdict=Verdict(level, "why", NOW - 60))
        for state in base.checks
        if (level := draw(LEVELS if state.check.id == "witness" else ALARMS))
    )
    if draw(st.booleans()):
        checks = (*checks, troubled().checks[-1])
    open_ = [
        Episode(s.check.id, NOW - 60, s.verdict.level, "why")
        for s in checks
        if s.verdict.level.is_trouble
    ]
    down = draw(st.booleans()) and draw(st.booleans())
    until = draw(st.integers(0, 6))
    everybody = tuple(Record(90 + n, T0 + 1800 * n, "A", sign_off(n, "09:00")) for n in range(1, 7))
    acts = (*records(draw(SOME_ACTS)), *everybody[:until])
    episodes = (
        *open_,
        *([Episode("source:chatwoot", NOW - 90, Level.UNKNOWN, "401")] if down else []),
    )
    rounds = states(schedule(base.plan, T0), NOW - draw(st.sampled_from([0, 600])), signed(acts))
    people = affairs(acts, base.plan, (), episodes, rounds, operator="A", now=NOW)
    if draw(st.booleans()) and draw(st.booleans()):
        question = Question("critical watch", "active", 1800.0, 3600.0, 1, 3, NOW - 60)
        people = replace(people, question=question)
    return replace(
        base,
        checks=checks,
        sources=(SourceState("chatwoot", "http", NOW - 90, "401"),) if down else (),
        rounds=rounds,
        episodes=episodes,
        gaps=(Gap(NOW - 100, NOW),) if down and draw(st.booleans()) else (),
        stalled=draw(st.sampled_from([0.0, 0.0, 0.0, 7.0])),
        affairs=people,
    )


def is_content(snapshot: Snapshot) -> bool:
    """Whether nothing is blind, unknown, acknowledged, unsigned or pending; told anew."""
    owed = snapshot.affairs
    measured = [state for state in snapshot.checks if not state.check.is_manual]
    said = [
        item
        for record in sorted(owed.sign_offs.values(), key=lambda r: (r.at, r.id))
        if isinstance(record.act, SignOff)
        for item in record.act.items
        if item.check == "client"
    ]
    asks_a_person = any(state.check.is_manual for state in snapshot.checks)
    return not (
        any(state.verdict.level not in (Level.OK, Level.IDLE) for state in measured)
        or any(episode.is_open for episode in snapshot.episodes)
        or any(s.status in ("open", "due", "late", "missed") for s in snapshot.rounds)
        or any(source.down_since is not None for source in snapshot.sources)
        or (asks_a_person and (not said or said[-1].mark is not Mark.FINE))
        or any(promise.due <= snapshot.at for promise in owed.promises)
        or owed.acks
        or owed.pending
        or owed.question
        or owed.rollback
        or snapshot.stalled
    )


@given(mornings())
def test_nobody_is_reassured_while_anything_is_open(snapshot: Snapshot) -> None:
    handoff = summary(snapshot, found(), MASK)
    assert bool(handoff.reservations) is not is_content(snapshot)
    sentence = to_stakeholders(handoff).splitlines()[2]
    assert (sentence == "**The service works as it should, as far as that is measured.**") is (
        is_content(snapshot)
    )
    assert not REASSURING.search(handoff.state)
    assert not REASSURING.search(to_breath(handoff))
    if handoff.reservations:
        assert not REASSURING.search(sentence)


@given(mornings())
def test_every_reservation_is_counted_in_the_state(snapshot: Snapshot) -> None:
    handoff = summary(snapshot, found(), MASK)
    for reservation in handoff.reservations:
        assert reservation in handoff.state
    counts = [int(n) for n in re.findall(r"(\d+) (?:critical|warning|unknown)", handoff.state)]
    bad = [s for s in snapshot.checks if s.verdict.level.is_trouble and not s.check.is_manual]
    assert sum(counts) == len(bad)


# Stakeholders


def test_stakeholders_get_half_a_page_in_plain_words() -> None:
    page = to_stakeholders(told())
    assert len(page.splitlines()) <= 20
    assert "The service has problems that customers may notice." in page
    assert "Part of it cannot be observed" in page
    assert "- 09:10 (13:10) to 09:21 (13:21): the service may have been slow" in page
    assert "- since 12:19 (16:19), still going on: messages may have been late" in page
    assert "taken on 1 of 3 open problems (“the token is being renewed”)" in page
    assert "What was lost: 3 messages were not stored" in page
    assert "Next update: 12:30 (16:30)." in page


def test_stakeholders_read_roles_and_neither_names_nor_jargon() -> None:
    acts = tuple((at, {"A": "Ada", "B": "Bo"}[who], act) for at, who, act in ACTS[:-1])
    page = to_stakeholders(summary(handed_over(acts), found(), MASK))
    for word in ("Ada", "Bo", "p95", "webhook", "chatwoot", "401", "leak", "warning", "ledger"):
        assert word not in page
    assert "the engineer on watch has taken on" in page


def test_trouble_that_soon_returns_was_one_to_a_customer() -> None:
    episodes = tuple(
        Episode("p95", T0 + start, Level.WARNING, "slow", T0 + start + 300)
        for start in (0, 900, 1800, 7200)
    )
    page = to_stakeholders(summary(replace(calm(), episodes=episodes), found(), MASK))
    assert "09:00 (13:00) to 09:35 (13:35): the service may have been slow" in page
    assert "11:00 (15:00) to 11:05 (15:05): the service may have been slow" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    (
        ({"at": T0 - 600, "rounds": ()}, "The service is not launched yet."),
        (
            {"sources": (SourceState("watch", "firstwatch", NOW - 90, "none"),)},
            "Nobody is watching the service at the moment; how it stands is not known.",
        ),
        ({}, "The service works as it should, as far as that is measured."),
    ),
)
def test_the_one_sentence_of_the_stakeholders(change: dict[str, object], sentence: str) -> None:
    snapshot = replace(calm(), **change)  # type: ignore[arg-type]
    assert standing(summary(snapshot, found(), MASK)) == [sentence]


def test_a_rollback_is_told_to_stakeholders_and_a_drill_is_not() -> None:
    assert "rolled back" not in to_stakeholders(told())
    acts = (*ACTS, ("12:26", "B", RollbackOpened(reason="duplicates keep coming")))
    page = to_stakeholders(summary(handed_over(acts), found(), MASK))
    assert "the launch is being rolled back" in page
    acts = (*acts, ("12:27", "B", RollbackClosed(is_called_off=False)))
    assert "was rolled back" in to_stakeholders(summary(handed_over(acts), found(), MASK))


# The chat


def test_the_chat_gets_two_lines() -> None:
    now, then = to_breath(told()).splitlines()
    assert now == (
        "T+03:27 critical watch · B → C (pending) · 2 warning (ledger since T0 3 > 0 warning, "
        "nobody has it) · 1 unknown · 1 off target · 3 ok · out of reach: chatwoot · "
        "3 messages lost · round 7 due 12:30 · 2 missed"
    )
    assert then.startswith(
        "next, UTC (Dubai): 12:30 (16:30) sign round 7 (open, may be signed), in 2m 46s · "
        "12:20 (16:20) promise of A: call the first client, overdue 7m 14s"
    )


def test_the_chat_says_when_nobody_watches() -> None:
    snapshot = replace(calm(), sources=(SourceState("watch", "firstwatch", NOW - 90, "none"),))
    assert "no watch is running since 12:25" in to_breath(summary(snapshot, found(), MASK))


@given(mornings())
def test_the_chat_always_gets_two_short_lines(snapshot: Snapshot) -> None:
    lines = to_breath(summary(snapshot, found(), MASK)).splitlines()
    assert len(lines) == 2
    assert all(len(line) <= LINE for line in lines)


# A shift


def test_a_shift_tells_what_is_over_since_it_began_and_all_that_is_open() -> None:
    handoff = summary(handed_over(), found(), MASK, since=began(records()))
    assert handoff.since == clock("11:58")
    page = to_markdown(handoff)
    assert "what is over is told since 11:58 (15:58)" in page
    assert handoff.closed.entries == ()
    assert handoff.notes.entries == ()
    assert handoff.kept.entries == ()
    assert [t.subject for t in handoff.open.entries] == ["ledger", "failures", "source:chatwoot"]
    assert next(p.text for p in handoff.promises) == "call the first client"
    rounds = page[page.index("## Rounds") : page.index("## Promises")]
    assert "Round 6, due" in rounds
    assert "Round 4, due" not in rounds
    assert "… and 5 more left out, earlier" in rounds
    assert "12 rounds: 4 signed (2 clean, 1 late, 1 quick), 2 missed" in rounds


def test_a_shift_in_which_nobody_was_blind_says_so_of_this_shift_alone() -> None:
    def blind(page: str) -> list[str]:
        return page[page.index("## Blind spots") : page.index("## Flight records")].splitlines()

    calmer = replace(handed_over(flips=FLIPS[:-2]), sources=())
    shift = to_markdown(summary(calmer, found(), MASK, since=clock("11:58")))
    assert blind(shift)[2] == "none in this shift, since 11:58 (15:58)"
    # What was not seen before is told of the whole launch, and says so.
    assert "  - 21m since T0 in which no watch was running" in shift
    whole = to_markdown(summary(calmer, found(), MASK))
    assert "10:01 (14:01) to 10:22 (14:22), 21m: no watch was running" in blind(whole)[3]
    reaching_in = to_markdown(summary(calmer, found(), MASK, since=clock("10:20")))
    assert blind(reaching_in)[2].endswith("21m: no watch was running")


@pytest.mark.parametrize("title", ("Closed episodes", "Notes", "Near misses"))
def test_what_is_told_of_a_shift_alone_says_so_when_there_is_none(title: str) -> None:
    nothing = replace(found(), extents={})
    page = to_markdown(summary(handed_over(), nothing, MASK, since=clock("11:58")))
    assert f"## {title}\n\nnone in this shift, since 11:58 (15:58)\n" in page


def test_of_a_shift_without_promises_it_says_that_none_is_open() -> None:
    acts = (ACTS[0], ("11:58", "B", TakenOver(by="B")))
    page = to_markdown(summary(handed_over(acts), found(), MASK, since=clock("11:58")))
    assert "## Promises\n\nnone open, and none kept or let go since 11:58 (15:58)\n" in page
    assert "## Promises\n\nnone\n" in to_markdown(summary(handed_over(acts), found(), MASK))


@pytest.mark.parametrize(
    ("text", "moment"),
    (
        ("", None),
        ("shift", clock("11:58")),
        ("1h", NOW - 3600),
        ("30h", None),
        ("2027-01-15T14:30+04:00", clock("10:30")),
        ("2027-01-15T10:30Z", clock("10:30")),
    ),
)
def test_since_is_a_time_a_duration_or_the_shift(text: str, moment: float | None) -> None:
    assert since(text, handed_over()) == moment


def test_the_first_shift_began_with_the_launch() -> None:
    assert since("shift", troubled()) is None


@pytest.mark.parametrize(
    ("text", "told_"),
    (
        ("yesterday", "is not a time like"),
        ("2027-01-15T10:30", "has no zone"),
        ("2027-01-15T23:30Z", "is not over yet"),
        ("0s", "is not over yet"),
    ),
)
def test_a_time_that_cannot_be_meant_is_refused(text: str, told_: str) -> None:
    with pytest.raises(FirstwatchError, match=told_):
        since(text, handed_over())


# A day that went wrong in every way


def absurd() -> tuple[Snapshot, tuple[Flip, ...]]:
    """Two hundred checks, all in trouble, and people who wrote down everything."""
    names = [f"check-{n}" for n in range(200)]
    used = Plan.model_validate(
        {
            "sources": {f"s{n}": {"kind": "log"} for n in range(30)},
            "phases": [{"name": "p", "start": "0s", "end": "24h", "every": "15m", "checks": names}],
            "checks": {
                name: {
                    "id": name,
                    "title": f"{name} {'x' * 60}",
                    "pane": "flow",
                    "source": f"s{n % 30}" if n < 150 else "",
                    "measure": {},
                    "always": n % 2 == 0,
                    "hint": "look " * 60,
                    "warning": 1.0,
                }
                for n, name in enumerate(names)
            },
            "contacts": [{"title": name, "hint": "call", "checks": [name]} for name in names[:40]],
        }
    )
    at = T0 + 86000.0
    flips = tuple(
        Flip(T0 + 10 * n, name, Level.OK, Level.CRITICAL, "long " * 80, 9.0)
        for n, name in enumerate(names[:150])
    )
    items = tuple(
        Item(check=name, title=name, mark=Mark.SEEN, level=Level.WARNING, reason="r " * 90)
        for name in names
    )
    acts: list[Act] = []
    for number in range(1, 96, 2):
        due = T0 + 900.0 * number
        acts.append(
            SignOff(number=number, name=str(number), due=due, late=due, opened=due, items=items)
        )
        acts += [Note(text="word " * 90, about=f"round:{number + 1}") for _ in range(5)]
        acts += [Promise(text="promised " * 40, due=at + 60.0 * number) for _ in range(3)]
    acts += [Kept(promise=7, is_done=False, note="no " * 90) for _ in range(30)]
    acts += [
        RollbackOpened(reason="why " * 90, price=("much " * 50,) * 9),
        *(RollbackStep(step=n, title="t", note="n " * 90) for n in range(1, 20)),
        RollbackClosed(is_called_off=True),
    ] * 5
    acts += [
        Acknowledgement(
            subject=name,
            start=T0 + 10 * n,
            level=Level.CRITICAL,
            flips=1,
            why="because " * 40,
            recheck=at - 60,
        )
        for n, name in enumerate(names[:150])
    ]
    acts += [TakenOver(by="B"), HandedOver(to="C", note="n " * 90)]
    moments = [T0 + 900.0 * n / 5 for n in range(len(acts))]
    told = [
        Record(n, min(act.due, at) if isinstance(act, SignOff) else moment, "A" * 80, act)
        for n, (moment, act) in enumerate(zip(moments, acts, strict=True), 1)
    ]
    episodes = (
        *(
            Episode(flip.subject, flip.at, Level.CRITICAL, "long " * 80, worst_value=9.0)
            for flip in flips
        ),
        *(
            Episode(f"source:s{n % 30}", T0 + n, Level.UNKNOWN, "gone " * 80, T0 + 60.0 * n + 90)
            for n in range(300)
        ),
    )
    rounds = states(schedule(used, T0), at, signed(told))
    people = affairs(told, used, flips, episodes, rounds, operator="A", now=at, head="f" * 64)
    checks = tuple(
        CheckState(
            check,
            Verdict(Level.CRITICAL, "because " * 60, at - 60),
            Reading(at - 5, 9.0),
        )
        for check in used.checks.values()
    )
    return (
        Snapshot(
            at=at,
            launch=T0,
            plan=used,
            checks=checks,
            sources=tuple(SourceState(f"s{n}", "log", at - 60, "gone " * 90) for n in range(30)),
            rounds=rounds,
            episodes=episodes,
            flips=flips,
            gaps=tuple(Gap(T0 + 600 * n, T0 + 600 * n + 60) for n in range(90)),
            operator="A",
            affairs=people,
        ),
        flips,
    )


def test_a_day_on_which_everything_went_wrong_still_fits_a_page() -> None:
    snapshot, flips = absurd()
    handoff = summary(snapshot, found(flips), MASK)
    page = to_markdown(handoff).splitlines()
    assert len(page) <= LINES
    screen = page[:SCREEN]
    for label in ("- Broken: 150 open", "- Due next: ", "- Lost: "):
        assert any(line.startswith(label) for line in screen)
    assert page[-1].startswith("- ")
    assert sum("left out" in line for line in page) >= 8
    assert page.count("```") == page.count("```text") == 1
    assert max(len(line) for line in page) < 2000
    assert len(to_stakeholders(handoff).splitlines()) <= 20
    assert all(len(line) <= LINE for line in to_breath(handoff).splitlines())


def test_what_is_cut_is_counted() -> None:
    snapshot, flips = absurd()
    page = to_markdown(summary(snapshot, found(flips), MASK))
    rounds = page[page.index("## Rounds") : page.index("## Promises")]
    shown = len(re.findall(r"^- Round ", rounds, re.MULTILINE))
    left = re.search(r"… and (\d+) more left out, earlier", rounds)
    over = [s for s in snapshot.rounds if s.status in (RoundStatus.SIGNED, RoundStatus.MISSED)]
    assert left
    assert shown + int(left[1]) == len(over)
    assert "Round 95, due" in rounds or "Round 94, due" in rounds, "the latest are kept"


READERS: dict[str, Callable[[Handoff], str]] = {
    "engineers": to_markdown,
    "stakeholders": to_stakeholders,
    "chat": to_breath,
}


@pytest.mark.parametrize("reader", READERS)
def test_what_people_wrote_is_masked_for_every_reader(reader: str) -> None:
    acts = tuple(
        (at, who, act.model_copy(update={"why": "call +15550100123"}))
        if isinstance(act, Acknowledgement)
        else (at, who, act)
        for at, who, act in (
            *ACTS,
            ("12:26", "B", Promise(text="ask +15550100123", due=clock("12:28"))),
            ("12:26", "B", Note(text="mail ada@example.com")),
        )
    )
    text = READERS[reader](summary(handed_over(acts), found(), MASK))
    assert "15550100123" not in text
    assert "ada@example.com" not in text
