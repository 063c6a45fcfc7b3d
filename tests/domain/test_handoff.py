"""A handoff says what was counted, what was not seen, and nothing more."""

import re
import stat
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstwatch.acts import Note, Record
from firstwatch.affairs import Affairs
from firstwatch.episodes import Episode
from firstwatch.handoff import Facts, summary, to_markdown, to_toml, write
from firstwatch.handoff.markdown import escape
from firstwatch.handoff.masking import masked
from firstwatch.journal import Extent
from firstwatch.plan import Plan
from firstwatch.readings import Reading, Row
from firstwatch.rounds import RoundStatus, schedule, states
from firstwatch.snapshot import CheckState, Gap, Snapshot, SourceState
from firstwatch.verdict import Level, Verdict

T0 = 1_800_003_600.0
NOW = T0 + 3 * 3600 + 27 * 60 + 14
GOLDEN = Path(__file__).with_name("test_handoff_golden.md")


def check(title: str, pane: str = "health", **more: object) -> dict[str, Any]:
    return {"title": title, "pane": pane, "source": "database", "measure": {}, **more}


def plan() -> Plan:
    checks = {
        "pool": check("DB connections", unit="%", warning=80.0, critical=95.0),
        "errors": check("errors", unit="%", source="log", warning=1.0, critical=5.0),
        "p95": check("endpoints p95", unit="ms", source="app", target=500.0, warning=2000.0),
        "witness": check("Chatwoot witness", "flow", source="chatwoot"),
        "failures": check("webhook failures", "flow", source="log", warning=3.0, critical=10.0),
        "companies": check("companies", "integrity", always=True),
        "client": {"title": "first client's answer", "pane": "client", "hint": "ask in the chat"},
    }
    return Plan.model_validate(
        {
            "watch": {"name": "spring launch", "timezone": "Asia/Dubai"},
            "sources": {
                name: {"kind": kind}
                for name, kind in (
                    ("database", "postgres"),
                    ("log", "log"),
                    ("app", "http"),
                    ("chatwoot", "http"),
                )
            },
            "phases": [
                {
                    "name": "critical watch",
                    "start": "0s",
                    "end": "6h",
                    "every": "30m",
                    "checks": tuple(checks),
                }
            ],
            "checks": {name: {"id": name, **facts} for name, facts in checks.items()},
            "contacts": [
                {
                    "title": "Webhooks",
                    "hint": "verify the Chatwoot configuration, call +1 555 0100 123",
                    "checks": ("failures", "witness"),
                },
                {"title": "Database", "hint": "check the pool", "checks": ("pool",)},
            ],
            "rollback": {"window": "6h", "steps": [{"title": "pause webhooks"}]},
        }
    )


def row(
    plan: Plan, name: str, level: Level, reason: str, value: float | None, age: float
) -> CheckState:
    reading = None if value is None else Reading(NOW - age, value)
    return CheckState(plan.checks[name], Verdict(level, reason, NOW - age), reading)


TOLD = Record(1, NOW - 60, "A", Note(text="told the client\n# not a heading, +15550100"))


def troubled() -> Snapshot:
    """Three hours and a half into a launch that has seen some weather."""
    used = plan()
    rounds = schedule(used, T0)
    signed = {number: (T0 + 1800 * number, "A") for number in (1, 2, 4)}
    return Snapshot(
        at=NOW,
        launch=T0,
        plan=used,
        checks=(
            row(used, "pool", Level.OK, "42 %", 42.0, 3),
            row(used, "errors", Level.OK, "0.2 %, n=4 310", 0.2, 2),
            row(used, "p95", Level.OFF_TARGET, "740 ms > 500 ms target, n=30", 740.0, 9),
            row(used, "witness", Level.UNKNOWN, "chatwoot unreachable: 401", 12.0, 360),
            row(used, "failures", Level.WARNING, "4 > 3 warning, last `POST |` <b>", 4.0, 4),
            row(used, "companies", Level.OK, "23", 23.0, 40),
            CheckState(used.checks["client"], Verdict(Level.PENDING, "a person's turn", NOW), None),
        ),
        sources=(
            SourceState("database", "postgres"),
            SourceState("chatwoot", "http", NOW - 366, "401 from the API"),
        ),
        rounds=states(rounds, NOW, signed),
        episodes=(
            Episode("errors", T0 + 600, Level.CRITICAL, "6 % > 5 % critical", T0 + 1260, 6.0, 3),
            Episode("source:database", T0 + 3600, Level.UNKNOWN, "connection refused", T0 + 3720),
            Episode("failures", NOW - 480, Level.WARNING, "4 > 3 warning", worst_value=4.0),
            Episode("source:chatwoot", NOW - 366, Level.UNKNOWN, "401 from the API"),
        ),
        gaps=(Gap(T0 + 3660, T0 + 4920),),
        operator="A",
        affairs=Affairs(holder="A", notes=(TOLD,)),
    )


def calm() -> Snapshot:
    """Everything measured is fine, every round to date is signed, nothing waits."""
    snapshot = troubled()
    measured = [state for state in snapshot.checks if not state.check.is_manual]
    fine = tuple(replace(s, verdict=Verdict(Level.OK, "fine", NOW)) for s in measured)
    signed = {number: (T0 + 1800 * number, "A") for number in range(1, 7)}
    return replace(
        snapshot,
        checks=fine,
        sources=(),
        rounds=states(schedule(snapshot.plan, T0), NOW - 600, signed),
        episodes=(),
        gaps=(),
    )


def known() -> Facts:
    return Facts(
        extents={
            "pool": Extent(12.0, T0, 73.0, T0 + 2580, 42.0, NOW),
            "errors": Extent(0.0, T0, 6.0, T0 + 700, 0.2, NOW),
            "p95": Extent(90.0, T0, 2100.0, T0 + 5000, 740.0, NOW),
        },
    )


def section(markdown: str, title: str) -> str:
    found = re.search(rf"^## {title}\n\n(.*?)(?:\n\n|\Z)", markdown, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def test_the_whole_document_reads_as_expected() -> None:
    assert to_markdown(summary(troubled(), known())) == GOLDEN.read_text(encoding="utf-8")


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
    markdown = to_markdown(summary(replace(troubled(), episodes=many + still, gaps=gaps)))
    closed = section(markdown, "Closed episodes")
    assert closed.endswith("- … and 4 more left out, earlier")
    assert "number 14" in closed
    assert "number 4\n" not in closed
    opened = section(markdown, "Open episodes")
    assert len(opened.splitlines()) == 14, "whoever takes over must see all that is open"
    assert section(markdown, "Blind spots").endswith("- … and 4 more left out, shorter")


@pytest.mark.parametrize(
    ("given_", "told"),
    (
        ("call +15550100123 now", "call …23 now"),
        ("from 15550100 to +1 555 010-0199", "from …00 to …99"),
        ("(555) 010-0142 or 555-010-0143", "…42 or …43"),
        ("five five 612 345 678", "five five …78"),
        ("whatsapp:+15550100", "whatsapp:…00"),
        ("15550100123@c.us", "…23@c.us"),
    ),
)
def test_phone_numbers_are_masked(given_: str, told: str) -> None:
    assert masked(given_) == told


@pytest.mark.parametrize(
    "text",
    (
        "1 204 567 > 1 000 000 warning",
        "n=4 310, 0.2 %",
        "2026-11-24 08:27:14",
        "10.120.130.140:5432 refused",
        "p95 740 ms > 500 ms target",
        "12 of 123456",
        "1204.567 ms",
    ),
)
def test_counts_dates_and_addresses_are_not_masked(text: str) -> None:
    assert masked(text) == text


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
    assert twin["version"] == 1
    assert twin["launch"].isoformat() == "2027-01-15T09:00:00+00:00"
    assert twin["rounds"]["next"]["number"] == 8
    assert [line["number"] for line in twin["rounds"]["missed"]] == [3, 5, 6]
    assert twin["near"]["entries"][1]["percent"] == 91.25
    assert twin["rollback"] == {
        "until": twin["rollback"]["until"],
        "is_open": True,
        "steps": 1,
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
    told = summary(snapshot)
    assert [(joint.name, joint.leak) for joint in told.ledger] == [
        ("webhooks → leads", 0),
        ("conversations → messages", 1),
    ]
    text = to_markdown(told)
    assert "- conversations → messages: in 12 · out 11 · leak 1, …00" in text
    assert tomllib.loads(to_toml(told))["ledger"][1]["leak"] == 1
