"""A watch goes on with the TOML twin of a handoff on another machine."""

from pathlib import Path

import pytest

from firstwatch.acts import Cadence, Carried, HandedOver, Promise, TakenOver
from firstwatch.errors import FirstwatchError
from firstwatch.handoff import from_journal, summary, to_markdown, to_toml
from firstwatch.handoff.carrying import Twin, carry, read_twin
from firstwatch.journal import Journal
from firstwatch.plan import Plan
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.verdict import Level
from tests.domain.leaping import T0, plan

TWO = plan(
    {"c": {}, "d": {}},
    phases=[
        {
            "name": "critical",
            "start": "0h",
            "end": "2h",
            "every": "30m",
            "checks": ["c"],
            "relax_after": 3,
        },
        {"name": "active", "start": "2h", "end": "6h", "every": "1h", "checks": ["c"]},
    ],
)
NOW = T0 + 8000
TOML = """
version = 2
watch = "launch"
at = 2027-01-15T11:13:20Z
launch = 2027-01-15T09:00:00Z
holder = "A"

[chain]
acts = 12
head = "abc123"

[rounds]
signed = [
    { number = 8 },
    { number = 1, due = 1800005400, at = 1800005460, who = "A", clean = true },
    { number = 2, due = 1800007200, at = 1800007260, clean = false },
]
missed = [{ number = 3, name = "3", phase = "critical", due = 2027-01-15T10:30:00Z }]
next = { number = 9, name = "4+1", phase = "critical", due = 2027-01-15T11:30:00Z }

[open]
left_out = 0

[[open.entries]]
subject = "c"
worst = "warning"
start = 2027-01-15T10:50:00Z
reason = "12 > 10"
owner = "A"
owned_since = 2027-01-15T10:52:00Z
owned_why = "deploy rolls"
owned_until = 2027-01-15T11:52:00Z

[[open.entries]]
subject = "source:app"
worst = "unknown"
start = 2027-01-15T11:00:00Z
reason = "connection refused"

[[open.entries]]
subject = "unheard-of"
worst = "critical"
start = 2027-01-15T11:00:00Z

[[promises]]
at = 2027-01-15T11:00:00Z
who = "A"
text = "recheck quota"
due = 2027-01-15T12:15:00Z
about = "d"

[[promises]]
text = "half of one"
"""


def carried(tmp_path: Path, twin: Twin, checklist: Plan = TWO, now: float = NOW + 600) -> Snapshot:
    with Journal.open(tmp_path / "carried.journal") as journal:
        carry(journal, twin, checklist, "B", now)
        return from_journal(journal, checklist, now)


def test_all_of_it_is_carried(tmp_path: Path) -> None:
    twin = read_twin(TOML, "one.toml")
    assert (twin.watch, twin.launch, twin.at, twin.operator) == ("launch", T0, NOW, "A")
    found = carried(tmp_path, twin)
    affairs = found.affairs
    assert (found.launch, affairs.holder, affairs.pending) == (T0, "A", "")
    status = {state.round.name: state.status for state in found.rounds}
    assert status["1"] is status["2"] is RoundStatus.SIGNED
    assert status["3"] is RoundStatus.MISSED
    assert "4+1" in status
    assert [(p.text, p.who, p.about) for p in affairs.promises] == [("recheck quota", "A", "d")]
    assert {e.subject for e in found.episodes if e.is_open} == {"c", "source:app"}
    ack = affairs.acks["c"]
    assert (ack.who, ack.why, ack.recheck) == ("A", "deploy rolls", T0 + 10320)
    (act,) = [r.act for r in affairs.records if isinstance(r.act, Carried)]
    assert (act.source, act.head, act.clean) == ("one.toml", "abc123", (1,))
    assert [(gap.start, gap.end) for gap in found.gaps] == [(NOW, NOW + 600)]


def test_the_cadence_that_was_kept_there_is_kept_here(tmp_path: Path) -> None:
    found = carried(tmp_path, read_twin(TOML, "one.toml"))
    assert [s.round.name for s in found.rounds if s.round.nth] == ["4+1", "5+1"]
    assert found.affairs.question is None
    (answer,) = [r for r in found.affairs.records if isinstance(r.act, Cadence)]
    assert answer.who == "A"


def test_what_a_real_handoff_says_is_carried(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "first.journal") as journal:
        journal.stamp_launch(T0, "A")
        journal.begin_run(T0, "A", "1", "plan")
        journal.act(T0 + 60, "A", Promise(text="recheck quota", due=T0 + 9000))
        journal.record_readings(NOW - 1, {"c": 1.0})
        snapshot = from_journal(journal, TWO, NOW)
    twin = read_twin(to_toml(summary(snapshot)), "first.toml")
    assert (twin.watch, twin.launch, twin.at, twin.operator) == ("launch", T0, NOW, "A")
    found = carried(tmp_path, twin)
    assert [s.status for s in found.rounds] == [s.status for s in snapshot.rounds]


def test_a_round_that_was_clean_on_one_machine_is_clean_on_the_third(tmp_path: Path) -> None:
    second = summary(carried(tmp_path, read_twin(TOML, "one.toml")))
    assert [(line.name, line.clean) for line in second.rounds.signed] == [("1", True), ("2", None)]
    page = to_markdown(second)
    assert "by A, on time, clean, and what was seen is in another journal" in page
    (tmp_path / "third").mkdir()
    third = carried(tmp_path / "third", read_twin(to_toml(second), "two.toml"))
    (act,) = [r.act for r in third.affairs.records if isinstance(r.act, Carried)]
    assert act.clean == (1,)


@pytest.mark.parametrize("operator_key", ("holder", "operator"))
def test_an_older_handoff_names_the_operator_and_lists_plainly(operator_key: str) -> None:
    old = f"""
watch = "launch"
at = 2027-01-15T11:13:20Z
launch = 1800003600
{operator_key} = "A"
open = [{{ subject = "c", worst = "warning", start = 1800010000.5 }}]
"""
    twin = read_twin(old, "old.toml")
    assert twin.operator == "A"
    assert [(t.subject, t.worst, t.start) for t in twin.open] == [
        ("c", Level.WARNING, 1800010000.5)
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    (
        ("= nonsense", "one.toml: "),
        ("version = 1", "not the TOML of a handoff"),
    ),
)
def test_what_is_no_handoff_is_refused_by_its_name(text: str, problem: str) -> None:
    with pytest.raises(FirstwatchError, match=r"one\.toml") as refused:
        read_twin(text, "one.toml")
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("was", "is_now", "problem"),
    (
        ("version = 2", 'version = "99"', "version: must be a whole number"),
        ('watch = "launch"', "watch = 5", "watch: must be text"),
        ('holder = "A"', "holder = 5", "holder: must be text"),
        ('holder = "A"', "operator = []", "operator: must be text"),
        ("launch = 2027-01-15T09:00:00Z", "launch = 1e300", "launch: must be a time"),
        ("launch = 2027-01-15T09:00:00Z", "launch = nan", "launch: must be a time"),
        ("launch = 2027-01-15T09:00:00Z", "launch = true", "launch: must be a time"),
        ("launch = 2027-01-15T09:00:00Z", "launch = 0001-01-01T00:00:00", "launch: must be a time"),
        ("launch = 2027-01-15T09:00:00Z", "launch = 0001-01-01T00:00:00Z", "launch: must be a"),
        ("at = 2027-01-15T11:13:20Z", "at = 2027-01-15", "at: must be a time with its zone"),
        ("number = 1,", "number = -3,", "rounds.signed[2].number: must be a whole number from 1"),
        ("number = 1,", 'number = "x",', "rounds.signed[2].number: must be a whole number"),
        ("number = 9,", "number = 9.5,", "rounds.next.number: must be a whole number"),
        ("clean = false", 'clean = "no"', "rounds.signed[3].clean: must be true or false"),
        ("due = 2027-01-15T12:15:00Z", 'due = "x"', "promises[1].due: must be a time"),
        ('worst = "warning"', 'worst = "bad"', "open.entries[1].worst: must be one of"),
        ('worst = "warning"', "worst = []", "open.entries[1].worst: must be one of"),
        ('head = "abc123"', "head = 1", "chain.head: must be text"),
        ('[chain]\nacts = 12\nhead = "abc123"', "chain = 3", "chain: must be a table"),
        ("signed = [", "signed = [ 5,", "rounds.signed[1]: must be a table"),
        ("missed = [{", "unsigned = 7\nmissed = [{", "rounds.unsigned: must be a list of tables"),
    ),
)
def test_what_is_wrong_in_it_is_told_with_file_and_key(was: str, is_now: str, problem: str) -> None:
    assert was in TOML
    with pytest.raises(FirstwatchError) as refused:
        read_twin(TOML.replace(was, is_now, 1), "one.toml")
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"one.toml: {problem}")


def test_all_that_is_wrong_in_it_is_told_together() -> None:
    wrong = TOML.replace('holder = "A"', "holder = 5").replace("12:15:00Z", "12:15:00")
    with pytest.raises(FirstwatchError) as refused:
        read_twin(wrong, "one.toml")
    assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == [
        "holder",
        "promises[1].due",
    ]


def test_what_it_says_is_made_harmless() -> None:
    hostile = TOML.replace("recheck quota", "recheck\\u001b[2J quota").replace(
        'holder = "A"', 'holder = "A\\u202e"'
    )
    twin = read_twin(hostile, "one\x1b.toml")
    assert twin.promises[0].text == "recheck quota"
    assert twin.operator == "A"
    assert twin.file == "one.toml"


def test_a_take_over_on_top_of_it_gives_the_watch_away(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "carried.journal") as journal:
        carry(journal, read_twin(TOML, "one.toml"), TWO, "B", NOW + 600)
        journal.act(NOW + 610, "B", HandedOver(to="B"))
        assert from_journal(journal, TWO, NOW + 620).affairs.who == "A, B"
        journal.act(NOW + 630, "B", TakenOver(by="B"))
        found = from_journal(journal, TWO, NOW + 640)
    assert (found.operator, found.affairs.pending) == ("B", "")


def test_an_acknowledgement_without_a_time_is_asked_about_as_the_plan_says(tmp_path: Path) -> None:
    twin = read_twin(TOML.replace("owned_until = 2027-01-15T11:52:00Z", ""), "one.toml")
    ack = carried(tmp_path, twin).affairs.acks["c"]
    assert ack.recheck == ack.at + TWO.watch.ask_again
