"""Signing on the real board over a real watch: keys in, a record with its evidence out."""

import time
from pathlib import Path

import pytest

from firstwatch.acts import Mark, Note
from firstwatch.card import timing
from firstwatch.verdict import Level
from tests.tui.watched import HALF_AN_HOUR, Dial, checklist, watched
from tui.screens.card import Card
from tui.screens.watch import WatchScreen


async def test_from_due_to_signed_a_green_round_takes_two_keys(tmp_path: Path) -> None:
    """The strip then shows it, and the countdown goes to the next."""
    dial = Dial({"a": 3.0, "b": 4.0})
    async with watched(checklist(a={}, b={}), dial, tmp_path, launched=HALF_AN_HOUR + 60) as seen:
        await seen.until("s sign: round 1 is due", "2 ok", "◉")
        began = time.time()
        await seen.pilot.press("s", "enter")
        await seen.until("round 1 signed, on time, took")
        assert isinstance(seen.board.screen, WatchScreen)
        text = await seen.until("until round 2 of 12", "1 signed")
        assert "✔·" in text
        assert "s sign: round" not in text
        record, act = seen.signed()
    assert record.who == "Ada"
    assert began <= act.opened <= record.at <= time.time()
    assert timing(act, record.at) == "on time"
    assert (act.number, act.name) == (1, "1")


async def test_the_record_holds_value_age_sample_and_reason_of_every_item(tmp_path: Path) -> None:
    checks = checklist({"ui": "Look."}, calm={"unit": "ms"}, hot={}, never={})
    dial = Dial({"calm": 3.0, "hot": 12.0}, denied=frozenset({"never"}))
    async with watched(checks, dial, tmp_path, launched=HALF_AN_HOUR + 60) as seen:
        await seen.until("1 ok · 2 to look at · 1 yours", "12 > 10 warning", "grant pg_monitor")
        await seen.pilot.press("s")
        await seen.until("3 items need a word")
        for _ in range(2):
            await seen.pilot.press("space", "enter")
        await seen.pilot.press("space", "n", *"asked Bo", "enter", "number_sign", "7", "enter")
        await seen.pilot.press("N", *"calm", "enter")
        await seen.until("every item has its word", "note: asked Bo", "number: 7", "note: calm")
        await seen.pilot.press("enter")
        await seen.until("round 1 signed")
        record, act = seen.signed()
    items = {item.check: item for item in act.items}
    assert {name: item.mark for name, item in items.items()} == {
        "calm": Mark.VERIFIED,
        "hot": Mark.SEEN,
        "never": Mark.BLIND,
        "ui": Mark.FINE,
    }
    assert (items["calm"].value, items["calm"].sample, items["calm"].unit) == (3.0, 120, "ms")
    assert (items["hot"].value, items["hot"].level) == (12.0, Level.WARNING)
    assert "12" in items["hot"].reason
    for name in ("calm", "hot"):
        age = items[name].age
        assert age is not None
        assert 0 <= age < 5
    blind = items["never"]
    assert (blind.level, blind.value, blind.age) == (Level.UNKNOWN, None, None)
    assert "grant pg_monitor" in blind.reason
    assert blind.note == blind.reason
    assert (items["ui"].note, items["ui"].number) == ("asked Bo", 7.0)
    assert act.note == "calm"
    assert record.at - act.opened < 30


@pytest.mark.parametrize(
    ("launched", "when"),
    (
        (HALF_AN_HOUR - 200, "early"),
        (HALF_AN_HOUR + 10, "on time"),
        (HALF_AN_HOUR + 14 * 60 + 5, "14 minutes late"),
    ),
)
async def test_early_on_time_and_late_are_told_apart(
    launched: float, when: str, tmp_path: Path
) -> None:
    async with watched(checklist(a={}), Dial(), tmp_path, launched=launched) as seen:
        await seen.until("1 ok")
        await seen.pilot.press("s", "enter")
        await seen.until(f"round 1 signed, {when}")
        record, act = seen.signed()
    assert timing(act, record.at) == when


async def test_what_turns_worse_between_look_and_signature_is_not_signed(tmp_path: Path) -> None:
    dial = Dial({"a": 12.0})
    async with watched(checklist(a={}), dial, tmp_path, launched=HALF_AN_HOUR + 60) as seen:
        await seen.until("1 to look at", "12 > 10 warning")
        await seen.pilot.press("s", "space")
        await seen.until("[seen    ]")
        dial.values["a"] = 25.0
        await seen.until("has become critical since you looked")
        await seen.pilot.press("enter")
        await seen.until("a is critical: say something of it first")
        assert isinstance(seen.board.screen, Card)
        assert seen.records() == ()
        await seen.pilot.press("space", "enter")
        await seen.until("round 1 signed")
        _, act = seen.signed()
    assert [(item.level, item.value) for item in act.items] == [(Level.CRITICAL, 25.0)]


async def test_the_watch_refuses_what_has_turned_worse_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board stands still, as over a bad line; what it shows is not what is so."""
    dial = Dial({"a": 1.0})
    async with watched(checklist(a={}), dial, tmp_path, launched=HALF_AN_HOUR + 60) as seen:
        await seen.until("1 ok")
        await seen.pilot.press("s")
        await seen.until("nothing needs a word")
        monkeypatch.setattr(seen.board._slot, "take", lambda: None)
        dial.values["a"] = 25.0
        for _ in range(400):
            if (await seen.behind.look()).worst is Level.CRITICAL:
                break
            await seen.pilot.pause(0.05)
        await seen.pilot.press("enter")
        await seen.until("not recorded: a is critical")
        assert isinstance(seen.board.screen, Card)
        assert seen.records() == ()


async def test_a_source_out_of_reach_is_one_word_and_every_item_is_blind(tmp_path: Path) -> None:
    dial = Dial(is_down=True)
    checks = checklist(a={}, b={}, c={})
    async with watched(checks, dial, tmp_path, launched=HALF_AN_HOUR + 60) as seen:
        await seen.until("3 to look at", "app unreachable")
        await seen.pilot.press("s")
        await seen.until("app: 3 blind", "! 3 items need a word")
        await seen.pilot.press("space", "enter")
        await seen.until("round 1 signed")
        _, act = seen.signed()
    assert [item.mark for item in act.items] == [Mark.BLIND] * 3
    assert all("connection refused" in item.note for item in act.items)


async def test_a_missed_round_is_explained_by_a_note_about_it(tmp_path: Path) -> None:
    """Round 1 was missed when round 2 opened."""
    async with watched(checklist(a={}), Dial(), tmp_path, launched=HALF_AN_HOUR * 2 - 120) as seen:
        await seen.until("1 missed", "1 ok")
        await seen.pilot.press("s", "enter")
        await seen.until("round 2 signed, early", "a missed round is not explained: s")
        await seen.until("1 signed")
        await seen.pilot.press("s")
        await seen.until("a round was missed, and nobody has said why", "✗ round 1")
        await seen.pilot.press("n", *"asleep", "enter")
        await seen.until("system health", "h handoff")
        _, record = seen.records()
        assert isinstance(record.act, Note)
        assert (record.act.text, record.act.about) == ("asleep", "round:1")
        await seen.pilot.press("s")
        await seen.until("nothing to sign: round 3")
