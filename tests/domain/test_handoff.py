"""A handoff says what was counted, what was not seen, and nothing more."""

import re
import stat
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstwatch.acts import Acknowledgement, Act, Answer, Kept, Promise, TakenOver
from firstwatch.affairs import Question
from firstwatch.episodes import Episode
from firstwatch.handoff import Facts, summary, to_markdown, to_stakeholders, to_toml, write
from firstwatch.handoff.carrying import read_twin
from firstwatch.handoff.markdown import escape
from firstwatch.plan import Plan
from firstwatch.readings import Reading, Row
from firstwatch.rounds import RoundStatus, schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict
from tests.domain.shifts import (
    ACTS,
    HEAD,
    MASK,
    NOW,
    T0,
    calm,
    check,
    clock,
    found,
    handed_over,
    known,
    plan,
    troubled,
)

GOLDEN = Path(__file__).with_name("test_handoff_golden.md")


def section(markdown: str, title: str) -> str:
    found = re.search(rf"^## {title}\n\n(.*?)(?:\n\n|\Z)", markdown, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def test_the_whole_document_reads_as_expected() -> None:
    assert to_markdown(summary(handed_over(), found(), MASK)) == GOLDEN.read_text(encoding="utf-8")


def test_every_section_of_an_empty_watch_says_none() -> None:
    used = Plan(sources={}, phases=(), checks={})
    handoff = summary(Snapshot(NOW, T0, used, ()), Facts(extents={}))
    markdown = to_markdown(handoff)
    for title in ("Blind spots", "Open episodes", "Closed episodes", "Near misses", "Notes"):
        assert section(markdown, title) == "none"
    for title in ("Key figures", "Checks", "Manual items", "Out of reach"):
        assert section(markdown, title) == "none"
    assert tomllib.loads(to_toml(handoff))["rounds"]["total"] == 0


@pytest.mark.parametrize("snapshot", (troubled(), calm()), ids=["troubled", "calm"])
def test_the_state_counts_and_never_reassures(snapshot: Snapshot) -> None:
    state = summary(snapshot).state.lower()
    for word in ("all good", "fine", "healthy", "clean", "nothing"):
        assert word not in state


def test_the_state_of_a_calm_watch_is_its_count() -> None:
    assert summary(calm()).state == "6 ok of 6 measured checks"


@pytest.mark.parametrize(
    ("level", "told"), [(level, str(level)) for level in Level if level is not Level.OK]
)
def test_one_check_that_is_not_ok_is_always_told(level: Level, told: str) -> None:
    snapshot = calm()
    first, *rest = snapshot.checks
    bad = replace(first, verdict=Verdict(level, "why", NOW))
    state = summary(replace(snapshot, checks=(bad, *rest))).state
    assert f"1 {told}" in state
    assert "5 ok of 6" in state


def test_rounds_nobody_signed_are_told_first_thing() -> None:
    state = summary(troubled()).state
    assert "3 of 12 rounds missed" in state
    assert "1 manual waiting for a person" in state
    late = replace(calm(), rounds=states(schedule(plan(), T0), T0 + 30 * 60 + 700, {}))
    assert "round 1 late, not signed" in summary(late).state


def test_coverage_counts_what_overlaps_once_and_never_rounds_up() -> None:
    coverage = summary(troubled()).coverage
    assert coverage
    elapsed = NOW - T0
    assert coverage.ran == pytest.approx(100 * (1 - 1260 / elapsed))
    assert coverage.full == pytest.approx(100 * (1 - (1320 + 366) / elapsed))
    almost = replace(calm(), gaps=(Gap(T0 + 1, T0 + 2),))
    assert "the watch ran 99.9 % of the time" in to_markdown(summary(almost))


def test_a_source_that_never_answered_is_named_beside_the_coverage() -> None:
    snapshot = replace(calm(), sources=(SourceState("chatwoot", "http", T0, "no address"),))
    markdown = to_markdown(summary(snapshot))
    assert "with the other sources in reach 100 %; never: chatwoot" in markdown
    assert section(markdown, "Blind spots") == (
        "- 09:00 (13:00) to now, 3h 27m: chatwoot never in reach: no address"
    )


def test_before_the_launch_there_is_no_coverage() -> None:
    early = replace(calm(), at=T0 - 1200, rounds=())
    handoff = summary(early)
    assert handoff.coverage is None
    assert "T-00h20" in to_markdown(handoff)


def test_what_flipped_is_no_near_miss_and_what_passed_too_briefly_is() -> None:
    near = summary(troubled(), known()).near
    assert near
    assert [(miss.check, round(miss.percent)) for miss in near.entries] == [
        ("p95", 105),
        ("pool", 91),
    ]


def test_without_the_journal_near_misses_are_not_known() -> None:
    markdown = to_markdown(summary(troubled()))
    assert section(markdown, "Near misses") == "not known: the journal was not read"


def test_lists_are_bounded_and_say_what_they_left_out() -> None:
    many = tuple(
        Episode("pool", T0 + 60 * n, Level.WARNING, f"number {n}", T0 + 60 * n + n)
        for n in range(1, 15)
    )
    still = tuple(replace(episode, end=None) for episode in many)
    gaps = tuple(Gap(T0 + 300 * n, T0 + 300 * n + 10 * n) for n in range(1, 15))
    listed = replace(troubled(), episodes=many + still, gaps=gaps, sources=())
    markdown = to_markdown(summary(listed))
    closed = section(markdown, "Closed episodes")
    assert closed.endswith("- … and 4 more left out, less grave")
    assert "number 14" in closed
    assert "number 4\n" not in closed
    opened = section(markdown, "Open episodes")
    assert len(opened.splitlines()) == 14, "whoever takes over must see all that is open"
    assert section(markdown, "Blind spots").endswith("- … and 4 more left out, shorter")


def test_of_what_is_over_the_gravest_is_told_in_the_order_it_ended() -> None:
    outage = Episode("p95", T0 + 60, Level.CRITICAL, "all slow", T0 + 2000)
    blinks = tuple(
        Episode("pool", T0 + 2100 + n, Level.UNKNOWN, f"blink {n}", T0 + 2105 + n)
        for n in range(12)
    )
    warned = Episode("pool", T0 + 2300, Level.WARNING, "brief", T0 + 2301)
    episodes = (outage, *blinks, warned)
    closed = section(
        to_markdown(summary(replace(troubled(), episodes=episodes))), "Closed episodes"
    )
    lines = closed.splitlines()
    assert "all slow" in lines[0]
    assert "brief" in lines[-2]
    assert lines[-1] == "- … and 4 more left out, less grave"


def test_nothing_from_outside_is_markup() -> None:
    text = "a|b `c` <script>x</script> [d](http://e) *f* _g_ pg_monitor &lt; \\ $h$ ~i~"
    assert escape(text) == (
        "a\\|b \\`c\\` &lt;script>x&lt;/script> \\[d\\](http://e) \\*f\\* \\_g\\_ pg_monitor "
        "&amp;lt; \\\\ \\$h\\$ \\~i\\~"
    )


@settings(deadline=None)
@given(st.text(max_size=60))
def test_text_from_outside_never_breaks_the_table(text: str) -> None:
    snapshot = troubled()
    first, *rest = snapshot.checks
    odd = replace(first, verdict=Verdict(Level.WARNING, text, NOW))
    markdown = to_markdown(summary(replace(snapshot, checks=(odd, *rest))))
    rows = section(markdown, "Checks").split("\n")
    assert len(rows) == 2 + 6
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in rows} == {6}
    assert not re.search(r"<[A-Za-z/!?]", markdown)


EPISODES = st.builds(
    Episode,
    subject=st.sampled_from(["pool", "errors", "source:database", "gone"]),
    start=st.floats(T0 - 86400, NOW),
    worst=st.sampled_from([Level.UNKNOWN, Level.WARNING, Level.CRITICAL]),
    reason=st.text(max_size=80),
    end=st.none() | st.floats(T0 - 86400, NOW),
    worst_value=st.none() | st.floats(-1e12, 1e12),
    flips=st.integers(1, 99),
)


@settings(deadline=None)
@given(st.lists(EPISODES, max_size=30))
def test_the_twin_parses_and_carries_the_same_episodes(episodes: list[Episode]) -> None:
    handoff = summary(replace(troubled(), episodes=tuple(episodes)), known())
    twin = tomllib.loads(to_toml(handoff))
    for listing, told in ((handoff.open, twin["open"]), (handoff.closed, twin["closed"])):
        assert told["left_out"] == listing.left_out
        assert [
            (entry["subject"], entry["worst"], entry["start"].timestamp(), entry["reason"])
            for entry in told["entries"]
        ] == [(e.subject, e.worst, round(e.start), e.reason) for e in listing.entries]
        assert [("end" in entry) for entry in told["entries"]] == [
            e.end is not None for e in listing.entries
        ]
    assert len(handoff.open.entries) + handoff.open.left_out == sum(e.is_open for e in episodes)


def test_the_twin_says_the_same_as_the_page() -> None:
    twin = tomllib.loads(to_toml(summary(troubled(), known())))
    assert twin["version"] == 2
    assert twin["launch"].isoformat() == "2027-01-15T09:00:00+00:00"
    assert twin["rounds"]["next"]["number"] == 8
    assert [line["number"] for line in twin["rounds"]["missed"]] == [3, 5, 6]
    assert twin["near"]["entries"][1]["percent"] == 91.25
    assert twin["rollback"] == {
        "until": twin["rollback"]["until"],
        "is_open": True,
        "steps": 1,
        "runs": [],
        "price": [],
    }


def test_both_files_are_written_private_and_named_after_the_moment(tmp_path: Path) -> None:
    handoff = summary(troubled(), known())
    path = write(handoff, tmp_path / "handoffs")
    assert path.name == "spring-launch-T+03h27-20270115T122714Z.md"
    assert path.read_text(encoding="utf-8") == to_markdown(handoff)
    twin = path.with_suffix(".toml")
    assert twin.read_text(encoding="utf-8") == to_toml(handoff)
    assert sorted(path.parent.iterdir()) == [path, twin]
    assert {stat.S_IMODE(file.stat().st_mode) for file in (path, twin)} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("taken", (".md", ".toml"))
def test_nothing_is_ever_overwritten(tmp_path: Path, taken: str) -> None:
    handoff = summary(troubled())
    there = tmp_path / f"spring-launch-T+03h27-20270115T122714Z{taken}"
    there.write_text("somebody's")
    path = write(handoff, tmp_path)
    assert path.name == "spring-launch-T+03h27-20270115T122714Z-2.md"
    assert there.read_text() == "somebody's"
    assert len(list(tmp_path.iterdir())) == 3
    assert write(handoff, tmp_path).name.endswith("-3.md")


def test_when_the_page_cannot_be_put_there_the_twin_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object, place: Path) -> None:
        if place.suffix == ".md":
            raise OSError(28, "No space left on device")
        place.touch()

    monkeypatch.setattr("firstwatch.handoff.files._place", refuse)
    with pytest.raises(OSError, match="No space left"):
        write(summary(troubled()), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_watch_named_like_a_path_stays_in_the_folder(tmp_path: Path) -> None:
    used = plan().model_copy(update={"watch": plan().watch.model_copy(update={"name": "../../x"})})
    path = write(summary(replace(troubled(), plan=used)), tmp_path / "handoffs")
    assert path.parent == tmp_path / "handoffs"
    assert path.name.startswith("x-T+")


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "handoffs").write_text("a file")
    with pytest.raises(OSError, match="handoffs"):
        write(summary(calm()), tmp_path / "handoffs")


def test_missed_rounds_are_missed_for_good() -> None:
    assert [line.status for line in summary(troubled()).rounds.missed] == [RoundStatus.MISSED] * 3


def test_the_ledger_is_told_joint_by_joint() -> None:
    checks = {"ledger": {"id": "ledger", **check("ledger", "integrity", always=True)}}
    planned = plan().model_copy(
        update={
            "checks": Plan.model_validate({"sources": {}, "phases": [], "checks": checks}).checks
        }
    )
    rows = (
        Row("webhooks → leads", 0, "in 12 · out 12 · leak 0"),
        Row("conversations → messages", 1, "in 12 · out 11 · leak 1, +15550100"),
    )
    state = CheckState(
        planned.checks["ledger"],
        Verdict(Level.WARNING, "1 > 0 warning", NOW),
        Reading(NOW, 1.0, rows=rows),
    )
    snapshot = Snapshot(at=NOW, launch=T0, plan=planned, checks=(state,))
    told = summary(snapshot, mask=MASK)
    assert [(joint.name, joint.leak) for joint in told.ledger] == [
        ("webhooks → leads", 0),
        ("conversations → messages", 1),
    ]
    text = to_markdown(told)
    assert f"- conversations → messages: in 12 · out 11 · leak 1, {MASK('+15550100')}" in text
    assert tomllib.loads(to_toml(told))["ledger"][1]["leak"] == 1


def test_the_twin_carries_all_that_whoever_takes_over_needs() -> None:
    twin = tomllib.loads(to_toml(summary(handed_over(), found(), MASK)))
    assert (twin["holder"], twin["pending"]) == ("B", "C")
    assert twin["chain"] == {"acts": 16, "head": HEAD}
    ledger, failures, _source = twin["open"]["entries"]
    assert (ledger["owner"], "owned_since" in ledger) == ("", False)
    assert (failures["owner"], failures["owned_why"]) == ("B", "the token is being renewed")
    assert failures["owned_since"].timestamp() == clock("12:22")
    assert failures["owned_until"].timestamp() == clock("13:00")
    assert [
        (p["at"].timestamp(), p["who"], p["text"], p["due"].timestamp(), p["about"])
        for p in twin["promises"]
    ] == [
        (clock("11:26"), "A", "call the first client", clock("12:20"), "client"),
        (clock("12:24"), "B", "tell support when it is over", clock("13:15"), ""),
    ]
    assert [
        (r["number"], r["who"], r["at"].timestamp(), r["took"], r["clean"], r["timing"])
        for r in twin["rounds"]["signed"]
    ] == [
        (1, "A", clock("09:31:05"), 55.0, True, "on time"),
        (2, "A", clock("10:00:30"), 2.0, True, "on time"),
        (4, "A", clock("11:24"), 80.0, False, "24 minutes late"),
        (6, "B", clock("12:01"), 40.0, False, "on time"),
    ]


def test_the_twin_carries_every_signed_round_however_short_the_shift() -> None:
    handoff = summary(handed_over(), found(), MASK, since=clock("11:58"))
    assert len(tomllib.loads(to_toml(handoff))["rounds"]["signed"]) == 4


def test_a_round_signed_too_fast_to_have_looked_is_called_quick() -> None:
    rounds = section(to_markdown(summary(handed_over(), found(), MASK)), "Rounds")
    assert "Round 2, due 10:00 (14:00): signed 10:00 (14:00) by A, on time, took 2s (quick)" in (
        rounds
    )
    assert "1 quick" in rounds
    assert rounds.count("(quick)") == 1


def test_what_was_not_clean_is_told_as_it_was_frozen() -> None:
    rounds = section(to_markdown(summary(handed_over(), found(), MASK)), "Rounds")
    assert (
        "  - **webhook failures** seen: 5 (2s old) warning, 5 > 3 warning, 2s ago"
        " — “one company retries by hand”"
    ) in rounds
    assert "  - **Chatwoot witness** blind: 12 (15m old) unknown, chatwoot unreachable" in rounds
    assert "  - **first client's answer** not fine, counted 3 — “three of them wait" in rounds


def test_a_missed_round_stands_with_the_note_that_explains_it_or_with_none() -> None:
    rounds = section(to_markdown(summary(handed_over(), found(), MASK)), "Rounds").splitlines()
    third = rounds.index("- Round 3, due 10:30 (14:30): **missed**")
    assert rounds[third + 1] == "  - 10:58 (14:58) A: was on the phone with the hoster"
    assert "- Round 5, due 11:30 (15:30): **missed, and no note explains it**" in rounds


def test_an_acknowledgement_that_ran_out_counts_for_nobody() -> None:
    acts = tuple(
        (at, who, act.model_copy(update={"recheck": clock("12:26")}))
        if isinstance(act, Acknowledgement)
        else (at, who, act)
        for at, who, act in ACTS
    )
    handoff = summary(handed_over(acts), found(), MASK)
    assert "3 open episodes, nobody has 3" in handoff.state
    assert "B had it, asked again since 12:26" in to_markdown(handoff)
    assert "webhook failures: does B still have it?" in [q.text for q in handoff.questions]
    assert handoff.open.entries[1].owner == "B"
    assert not handoff.open.entries[1].is_owned


def test_the_open_question_of_the_cadence_stands_among_the_questions_and_what_is_due() -> None:
    snapshot = handed_over()
    question = Question("critical watch", "active", 1800.0, 3600.0, 1, 3, NOW - 60)
    asked = replace(snapshot, affairs=replace(snapshot.affairs, question=question))
    handoff = summary(asked, found(), MASK)
    told = "Go on every 30m beyond critical watch, or every 1h 00m?"
    assert told in section(to_markdown(handoff), "Open questions")
    assert any(line.what.startswith(told) for line in handoff.due)
    assert "the cadence is in question" in handoff.state


def test_a_promise_that_was_let_go_says_so() -> None:
    acts = (*ACTS, ("12:26", "B", Kept(promise=6, is_done=False, note="they called us")))
    promises = section(to_markdown(summary(handed_over(acts), found(), MASK)), "Promises")
    assert "let go by B 12:26 (16:26): call the first client — “they called us”" in promises
    assert "overdue" not in promises


def test_the_hash_stands_short_on_the_page_and_whole_in_the_twin() -> None:
    handoff = summary(handed_over(), found(), MASK)
    assert section(to_markdown(handoff), "Chain").startswith("16 acts, head 1a2b3c4d…")
    assert HEAD not in to_markdown(handoff)
    assert HEAD in to_toml(handoff)
    assert section(to_markdown(summary(troubled())), "Chain") == "no act is recorded yet"


def test_notes_are_masked_unless_asked_for() -> None:
    acts = (("12:00", "A", Promise(text="call +15550100123", due=clock("13:00"))),)
    assert "+15550100123" not in to_toml(summary(handed_over(acts), found(), MASK))
    shown = summary(handed_over(acts), found(), MASK, unmasked_notes=True)
    assert shown.promises[0].text == "call +15550100123"


def looking_back(seconds: float, **ledger: object) -> Snapshot:
    """That morning, with a ledger that looks back so far and no further."""
    snapshot = handed_over()
    checks = tuple(
        replace(
            s,
            check=s.check.model_copy(update={"measure": SimpleNamespace(window=seconds)}),
            reading=replace(s.reading, **ledger),  # type: ignore[arg-type] # by name
        )
        if s.check.id == "ledger" and s.reading
        else s
        for s in snapshot.checks
    )
    return replace(snapshot, checks=checks)


def test_a_ledger_that_looks_back_to_the_launch_no_more_says_how_far_it_does() -> None:
    told = "looks back to 10:27 (14:27) and no further"
    handoff = summary(looking_back(7200), found(), MASK)
    page = to_markdown(handoff)
    assert f"- Lost: 3 messages: conversations → messages; the ledger {told}" in page
    assert section(page, "Ledger since the launch").startswith(f"- {told}: what leaked before")
    assert tomllib.loads(to_toml(handoff))["lost"]["since"].timestamp() == round(NOW) - 7200
    whole = to_markdown(summary(looking_back(86400), found(), MASK))
    assert whole == GOLDEN.read_text(encoding="utf-8")


def test_what_the_ledger_no_longer_counts_is_not_called_nothing_lost() -> None:
    handoff = summary(looking_back(7200, value=0.0, rows=(Row("all", 0.0, ""),)), found(), MASK)
    assert "- Lost: 0 messages by the ledger; the ledger looks back to 10:27" in to_markdown(
        handoff
    )
    assert (
        "- What was lost: 0 messages since 10:27 (14:27); those lost before are no longer counted."
    ) in to_stakeholders(handoff)


def worsened() -> Snapshot:
    """That morning, with webhook failures that turned critical two minutes after they began."""
    snapshot = handed_over()
    verdict = Verdict(Level.CRITICAL, "12 > 10 critical", clock("12:21"))
    checks = tuple(
        replace(state, verdict=verdict) if state.check.id == "failures" else state
        for state in snapshot.checks
    )
    return replace(snapshot, checks=checks)


def test_critical_since_is_when_it_became_so_and_not_when_the_trouble_began() -> None:
    handoff = summary(worsened(), found(), MASK)
    page = to_markdown(handoff)
    told = "**webhook failures** critical since 12:21 (16:21), in trouble for 8m 14s, since 12:19"
    assert told in section(page, "Open episodes").replace(" (was warning)", "")
    assert f"  - {told} (16:19): 12 > 10 critical" in page
    (twin,) = (
        entry
        for entry in tomllib.loads(to_toml(handoff))["open"]["entries"]
        if entry["subject"] == "failures"
    )
    assert (twin["start"].timestamp(), twin["since"].timestamp()) == (
        clock("12:19"),
        clock("12:21"),
    )


def named(answer: str) -> tuple[tuple[str, str, Act], ...]:
    """That morning, after C took the watch over and said who has the ledger."""
    said = Answer(
        question="ledger since T0: who has it?",
        answer=answer,
        episodes=(("ledger", clock("12:12")),),
    )
    return (*ACTS, ("12:26", "C", TakenOver(by="C", answers=(said,))))


def test_whoever_a_take_over_named_has_it_and_has_not_acknowledged_it() -> None:
    handoff = summary(handed_over(named("Bo, with support")), found(), MASK)
    assert "3 open episodes, 1 acknowledged, 1 named at a take-over, nobody has 1" in handoff.state
    page = to_markdown(handoff)
    told = "**Bo, with support has it**, named at the take-over 12:26 (16:26) and not acknowledged"
    assert told in section(page, "Open episodes")
    assert f"3 > 0 warning; {told}" in page[: page.index("## ")]
    assert not any("Bo" in line.what for line in handoff.due), "nobody said when to ask again"
    twin = read_twin(to_toml(handoff), "one.toml")
    owners = {one.subject: one.owner for one in twin.open}
    assert owners == {"ledger": "", "failures": "B", "source:chatwoot": ""}, "it is asked anew"


def test_an_answer_that_names_nobody_leaves_it_to_nobody() -> None:
    handoff = summary(handed_over(named("Nobody.")), found(), MASK)
    assert "3 open episodes, 1 acknowledged, nobody has 2" in handoff.state


def test_who_acknowledges_what_they_were_named_for_has_acknowledged_it() -> None:
    ack = Acknowledgement(
        subject="ledger",
        start=clock("12:12"),
        level=Level.WARNING,
        flips=1,
        why="fetching them",
        recheck=clock("13:30"),
    )
    acts = (*named("Bo"), ("12:27", "C", ack))
    handoff = summary(handed_over(acts), found(), MASK)
    assert "2 acknowledged, nobody has 1" in handoff.state
    assert "**C has it** since 12:27 (16:27) (fetching them)" in to_markdown(handoff)
