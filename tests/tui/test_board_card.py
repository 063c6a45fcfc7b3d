"""The round card on the board: what it asks, what its keys say, and when it may be signed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual._compositor import Compositor

from firstwatch.acts import Mark, Note, Record
from firstwatch.affairs import Ack, Affairs
from firstwatch.card import Signing
from firstwatch.desk import Request
from firstwatch.errors import JournalError
from firstwatch.plan import Check, Pane
from firstwatch.rounds import Round, RoundStatus, states
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level, Verdict
from tests.tui.samples import CHECKS, LAUNCH, FakeWatching, blind, check, normal, troubled, turn
from tests.tui.samples import _snapshot as snapshot_of
from tests.tui.samples import state as calm
from tests.tui.test_board_screens import Sight, sight
from tui.screens.card import Card, number_in
from tui.screens.missed import Missed
from tui.screens.watch import WatchScreen
from tui.terminal import Look

DUE = LAUNCH + 3.5 * 3600
WHO = Affairs(holder="Ada")


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's own ticks come only when a test asks for one."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)


def at(snapshot: Snapshot, now: float) -> Snapshot:
    """The snapshot as it is then, signed by Ada up to the sixth round."""
    signed = dict.fromkeys(range(1, 7), (1.0, "Ada"))
    rounds = states([s.round for s in snapshot.rounds], now, signed)
    return replace(snapshot, at=now, rounds=rounds, affairs=WHO)


def green(now: float = DUE + 90) -> Snapshot:
    """All that the round asks for is measured and fine, nothing is a person's."""
    return at(snapshot_of([calm(c, now) for c in CHECKS if not c.is_manual], now), now)


def yours(snapshot: Snapshot) -> Snapshot:
    """With a manual item for which a measured check has looked."""
    reason = "first reply 3 of 9, 12 m ago"
    item = check("ask", "first client replied", Pane.CLIENT, source="", hint="Who, when, what?")
    item = item.model_copy(update={"hint_from": "messages"})
    row = CheckState(item, Verdict(Level.PENDING, reason, snapshot.at))
    rounds = tuple(
        replace(s, round=replace(s.round, checks=(*s.round.checks, "ask"))) for s in snapshot.rounds
    )
    plan = snapshot.plan.model_copy(update={"checks": {**snapshot.plan.checks, "ask": item}})
    return replace(snapshot, plan=plan, checks=(*snapshot.checks, row), rounds=rounds)


def mixed(now: float = DUE + 90) -> Snapshot:
    """Exceptions of every kind, one of them acknowledged, and manual items."""
    ack = Ack(1, "failures", now - 300, "Bo", "known, the provider is at it", Level.WARNING, now)
    return replace(yours(at(troubled(), now)), affairs=replace(WHO, acks={"failures": ack}))


def gone(now: float = LAUNCH + 3 * 3600 + 36 * 60) -> Snapshot:
    """Nothing is open, and of three missed rounds one was explained."""
    snapshot = at(normal(now), now)
    rounds = [s.round for s in snapshot.rounds]
    signed = dict.fromkeys((1, 2, 4, 7), (1.0, "Ada"))
    note = Record(9, now, "Ada", Note(text="asleep", about="round:3"))
    affairs = replace(WHO, notes=(note,))
    return replace(snapshot, rounds=states(rounds, now, signed), affairs=affairs)


STATES: dict[str, Callable[[], Snapshot]] = {
    "green": green,
    "mixed": mixed,
    "blind": lambda: at(blind(), DUE + 17 * 60),
    "gone": gone,
}


@asynccontextmanager
async def card(
    snapshot: Snapshot,
    size: tuple[int, int] = (80, 24),
    *,
    watching: FakeWatching | None = None,
    look: Look | None = None,
) -> AsyncIterator[Sight]:
    """A board with the card open."""
    async with sight(snapshot, size, watching=watching, look=look) as seen:
        await seen.pilot.press("s")
        await seen.until(lambda: not isinstance(seen.board.screen, WatchScreen))
        await seen.settle()
        yield seen


async def press(seen: Sight, *keys: str) -> str:
    """The screen after these keys."""
    await seen.pilot.press(*keys)
    await seen.settle()
    return seen.text()


def asked(seen: Sight) -> Signing:
    """What was handed to the watch to sign."""
    (request,) = seen.watching.asked
    assert isinstance(request, Signing)
    return request


def row(text: str, title: str) -> str:
    """The line of that entry."""
    return next(line for line in text.splitlines() if title in line and "<10s" in line)


async def test_a_card_can_be_ascii_alone() -> None:
    for make in STATES.values():
        async with card(make(), look=Look(ascii_only=True)) as seen:
            assert seen.text().isascii()
            assert (await press(seen, "v", "j", "j", "n")).isascii()


@pytest.mark.parametrize("size", ((1, 1), (5, 3), (20, 7), (60, 20), (300, 100)))
async def test_no_size_is_too_small_or_too_large_for_a_card(size: tuple[int, int]) -> None:
    async with card(mixed(), size) as seen:
        await press(seen, "j", "j", "v", "j", "k", "n", "x", "enter", "N", "x", "escape", "space")
        assert isinstance(seen.board.screen, Card)


async def test_a_green_round_is_signed_with_two_keys() -> None:
    async with sight(green(), (120, 40)) as seen:
        await seen.pilot.press("s", "enter")
        await seen.until(lambda: "round 7 signed, on time, took 0s" in seen.text())
        assert isinstance(seen.board.screen, WatchScreen)
        assert asked(seen).number == 7


async def test_enter_leads_from_one_lacking_item_to_the_next_and_then_signs() -> None:
    async with card(mixed()) as seen:
        for _ in range(4):
            await press(seen, "space", "enter")
        assert "every item" not in seen.text()
        assert not seen.watching.asked
        text = await press(seen, "space", "enter", "space")
        assert "every item has its word: enter signs" in text
        await press(seen, "enter")
        said = asked(seen).said
    assert {name: word.mark for name, word in said.items()} == {
        "failures": Mark.SEEN,
        "messages": Mark.BLIND,
        "endpoints": Mark.SEEN,
        "duplicates": Mark.SEEN,
        "client": Mark.FINE,
        "ask": Mark.FINE,
    }
    assert said["messages"].note == "401 from the API since 08:21"


async def test_what_is_unknown_can_only_be_blind() -> None:
    async with card(at(blind(), DUE + 90)) as seen:
        for _ in range(3):
            assert "[blind   ] ? database: 15 blind" in await press(seen, "space")
            assert "[        ] ? database: 15 blind" in await press(seen, "space")


async def test_a_source_out_of_reach_takes_one_word_for_all_its_checks() -> None:
    async with card(at(blind(), DUE + 90)) as seen:
        await press(seen, "space", "n", *"who knows", "enter", "j", "space", "enter")
        said = asked(seen).said
    blinded = [word for word in said.values() if word.mark is Mark.BLIND]
    assert len(blinded) == 15
    assert {word.note for word in blinded} == {"who knows"}


async def test_a_manual_item_goes_from_fine_to_not_fine_to_blind_which_needs_a_reason() -> None:
    async with card(yours(green())) as seen:
        assert "first reply 3 of 9, 12 m ago" in seen.text()
        assert "Who, when, what?" in seen.text()
        assert "space fine" in seen.text()
        assert "[fine    ]" in await press(seen, "space")
        assert "[not fine]" in await press(seen, "space")
        assert "[blind   ]" in await press(seen, "space")
        text = await press(seen, "enter")
        assert "say why nobody can tell" in text
        assert not seen.watching.asked
        assert "[        ]" in await press(seen, "space")
        await press(seen, "space", "space", "space", "n", "enter", "enter")
        said = asked(seen).said["ask"]
        assert (said.mark, said.note) == (Mark.BLIND, "first reply 3 of 9, 12 m ago")


async def test_notes_and_numbers_are_typed_beneath_and_kept() -> None:
    async with card(mixed()) as seen:
        text = await press(seen, "n", *"known", "enter")
        assert "[seen    ] ! webhook failures" in text
        assert "note: known" in text
        await press(seen, *"jjjjj", "number_sign", "1", "2", ",", "5", "enter")
        assert "number: 12" in seen.text()
        assert '"4x" is not a number' in await press(seen, "number_sign", *"4x", "enter")
        assert "number: 12" in seen.text()
        await press(seen, "N", *"quiet", "escape", "N", *"calm so far", "enter")
        assert "note: calm so far" in seen.text()
        for _ in range(5):
            await press(seen, "enter", "space")
        await press(seen, "enter")
        request = asked(seen)
    assert request.note == "calm so far"
    assert request.said["failures"].note == "known"
    assert request.said["ask"].number == 12.5


@pytest.mark.parametrize(
    ("text", "number"), (("", None), (" 1 204 ", 1204.0), ("2,5", 2.5), ("-3", -3.0))
)
def test_a_number_is_read_as_people_write_it(text: str, number: float | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", ("x", "nan", "inf", "1e999", "1.2.3"))
def test_what_is_no_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number_in(text)


async def test_what_becomes_worse_loses_its_mark_in_sight_and_cannot_be_signed() -> None:
    snapshot = green()
    warned = turn(snapshot, "failures", Level.WARNING, "4 > 3", value=4.0)
    async with card(warned) as seen:
        assert "[seen    ]" in await press(seen, "space")
        worse = turn(warned, "failures", Level.CRITICAL, "14 > 10", value=14.0)
        await seen.post(replace(worse, beat=2))
        text = seen.text()
        assert "has become critical since you looked" in text
        assert "[        ] ✖ webhook failures" in text
        text = await press(seen, "enter")
        assert not seen.watching.asked
        assert "webhook failures is critical: say something of it first" in text
        await seen.post(replace(warned, beat=3))
        assert "[        ] ! webhook failures" in seen.text()
        await press(seen, "space", "enter")
        assert asked(seen).said["failures"].level is Level.WARNING


async def test_a_fine_of_a_person_falls_when_what_it_went_by_becomes_worse() -> None:
    def seen_as(level: Level, beat: int) -> Snapshot:
        snapshot = yours(green())
        *others, row = snapshot.checks
        row = replace(row, verdict=replace(row.verdict, hinted=level))
        return replace(snapshot, checks=(*others, row), beat=beat)

    async with card(seen_as(Level.OK, 1)) as seen:
        assert "[fine    ]" in await press(seen, "space")
        await seen.post(seen_as(Level.CRITICAL, 2))
        text = seen.text()
        assert "what you went by has become worse since you looked" in text
        assert "[        ]" in text
        await press(seen, "enter")
        assert not seen.watching.asked
        await press(seen, "space", "enter")
        assert asked(seen).said["ask"].level is Level.CRITICAL


async def test_what_comes_up_while_the_card_is_open_is_appended_as_new() -> None:
    first = turn(green(), "inbound", Level.WARNING, "few", value=1.0)
    async with card(first) as seen:
        await press(seen, "space")
        second = turn(first, "errors", Level.CRITICAL, "9 % > 5 %", value=9.0)
        await seen.post(replace(second, beat=2))
        lines = seen.text().splitlines()
        places = [next(i for i, line in enumerate(lines) if w in line) for w in ("] ! ", "] ✖ ")]
        assert places == sorted(places)
        assert "errors new" in lines[places[1]]
        assert "▸[seen    ] ! inbound" in lines[places[0]]
        assert "errors is critical" in await press(seen, "enter")
        assert not seen.watching.asked


async def test_what_is_fine_again_stays_in_its_place() -> None:
    first = turn(green(), "inbound", Level.WARNING, "few", value=1.0)
    first = turn(first, "errors", Level.CRITICAL, "9 % > 5 %", value=9.0)
    async with card(first) as seen:
        await press(seen, "space", "j")
        await seen.post(replace(turn(first, "errors", Level.OK, "", value=0.1), beat=2))
        assert "fine again" in seen.text()
        assert "space" not in seen.text().split("keep")[0].splitlines()[-1]
        await press(seen, "space", "enter", "space", "enter")
        assert asked(seen).said.keys() == {"inbound", "errors"}


async def test_a_source_that_is_back_says_so_and_its_checks_are_verified() -> None:
    async with card(at(blind(), DUE + 90)) as seen:
        await press(seen, "space")
        await seen.post(replace(at(normal(), DUE + 100), beat=2))
        assert "database is back" in seen.text()
        await press(seen, "enter", "space", "enter")
        assert asked(seen).said["client"].mark is Mark.FINE


async def test_the_card_names_every_key_and_what_it_does_now() -> None:
    async with card(mixed()) as seen:
        text = " ".join(seen.text().replace("│", " ").split())
        assert (
            "enter next without a word space seen n note # number v verified "
            "N note on the round ↑↓ choose esc back"
        ) in text
    async with card(green()) as seen:
        text = " ".join(seen.text().replace("│", " ").split())
        assert "enter sign v verified N note on the round esc back" in text


async def test_verified_items_unfold_and_may_be_noted() -> None:
    async with card(green()) as seen:
        assert "10 verified" in seen.text()
        assert "DB connections" not in "".join(seen.text().splitlines()[1:7])
        text = await press(seen, "v")
        assert sum("<10s" in line and "●" in line for line in text.splitlines()[4:16]) >= 10
        text = await press(seen, "j", "j", "space")
        assert "the watch has verified it" in text
        await press(seen, "n", *"odd", "enter", "v", "enter")
        ((name, said),) = asked(seen).said.items()
        assert (said.mark, said.note) == (Mark.VERIFIED, "odd")
        assert name in {c.id for c in CHECKS}


async def test_escape_keeps_what_was_said_for_the_same_round() -> None:
    async with card(mixed()) as seen:
        await press(seen, "space", "j", "n", *"blind", "enter", "N", *"so far", "enter", "escape")
        assert isinstance(seen.board.screen, WatchScreen)
        opened = DUE + 90
        seen.watching.clock.time += 30
        text = await press(seen, "s")
        assert "[seen    ] ! webhook failures" in text
        assert "note: so far" in text
        assert "! 4 of 6 items need a word" in text
        await press(seen, "escape")
        worse = turn(mixed(), "failures", Level.CRITICAL, "14 > 10", value=14.0)
        await seen.post(replace(worse, beat=2))
        text = await press(seen, "s")
        assert "has become critical since you looked" in text
        for _ in range(6):
            await press(seen, "space", "enter")
        assert asked(seen).opened == opened


async def test_a_journal_that_cannot_be_written_loses_nothing_that_was_typed() -> None:
    class Full(FakeWatching):
        fails = True

        async def do(self, request: Request) -> Record:
            if self.fails:
                raise JournalError("launch.journal: no space left on the device")
            return await super().do(request)

    watching = Full()
    async with card(yours(green()), watching=watching) as seen:
        await press(seen, "space", "N", *"calm", "enter", "enter")
        await seen.until(lambda: "not recorded: launch.journal: no space left" in seen.text())
        assert isinstance(seen.board.screen, Card)
        assert "note: calm" in seen.text()
        watching.fails = False
        await press(seen, "enter")
        await seen.until(lambda: isinstance(seen.board.screen, WatchScreen))
        assert asked(seen).note == "calm"


async def test_a_refusal_of_the_watch_is_shown_on_the_card() -> None:
    async with card(green()) as seen:
        seen.watching.posted = turn(green(), "errors", Level.CRITICAL, "9 % > 5 %", value=9.0)
        await press(seen, "enter")
        await seen.until(lambda: "not recorded: errors is critical" in seen.text())
        assert isinstance(seen.board.screen, Card)
        assert not seen.watching.asked


async def test_nothing_is_signed_while_the_engine_is_silent() -> None:
    async with card(green()) as seen:
        seen.passed[0] += 10.0
        seen.board._tick()
        text = await press(seen, "enter", "space", "n", "N", "v")
        assert "the engine is silent: nothing is measured, nothing can be signed" in text
        assert "verified" not in "".join(text.splitlines()[:7])
        assert not seen.watching.asked
        await press(seen, "escape", "s")
        await seen.until(lambda: "nothing can be signed" in seen.text())


async def test_a_round_that_is_missed_on_the_card_can_be_explained_there() -> None:
    async with card(green()) as seen:
        seen.watching.clock.time = DUE + 25 * 60
        seen.board._tick()
        text = await press(seen, "enter")
        assert "round 7 of 24 was missed at 08:55 UTC" in text
        await press(seen, "n", *"on the phone", "enter")
        await seen.until(lambda: isinstance(seen.board.screen, WatchScreen))
        assert seen.watching.asked == [Note(text="on the phone", about="round:7")]


async def test_a_round_that_somebody_else_signed_says_so() -> None:
    async with card(green()) as seen:
        rounds = [s.round for s in green().rounds]
        signed = dict.fromkeys(range(1, 8), (DUE + 95, "Bo"))
        other = replace(green(), rounds=states(rounds, DUE + 96, signed), beat=2)
        await seen.post(other)
        assert "was signed at 08:31 by Bo" in await press(seen, "enter", "space")
        assert not seen.watching.asked


async def test_missed_rounds_are_explained_one_by_one_when_nothing_is_open() -> None:
    async with card(gone()) as seen:
        text = seen.text()
        assert "nothing to sign: round 8 opens at 08:55 UTC, in 19m" in text
        assert "2 rounds were missed, and nobody has said why" in text
        await press(seen, "j", "n", *"asleep", "enter", "k", "n", "enter")
        assert seen.watching.asked == [
            Note(text="asleep", about="round:5"),
            Note(text="asleep", about="round:6"),
        ]
        told = tuple(
            Record(n, DUE, "Ada", Note(text="asleep", about=f"round:{n}")) for n in (3, 5, 6)
        )
        await seen.post(replace(gone(), affairs=replace(WHO, notes=told), beat=2))
        assert not isinstance(seen.board.screen, Missed)
        await press(seen, "s")
        await seen.until(lambda: "nothing to sign: round 8 opens" in seen.text())


async def test_a_round_that_opens_while_missed_ones_are_listed_is_named_there() -> None:
    async with card(gone()) as seen:
        opens = next(s.round.opens for s in gone().rounds if s.round.number == 8)
        seen.watching.clock.time = opens + 60
        seen.board._tick()
        await seen.until(lambda: "round 8 is open by now: escape, then s" in seen.text())


async def test_after_the_last_round_there_is_nothing_to_sign() -> None:
    snapshot = green()
    rounds = [s.round for s in snapshot.rounds]
    signed = {r.number: (r.due, "Ada") for r in rounds}
    over = replace(snapshot, rounds=states(rounds, DUE, signed))
    async with sight(over) as seen:
        await press(seen, "s")
        await seen.until(lambda: "all rounds are over" in seen.text())


async def test_a_round_that_was_put_in_is_called_by_its_name() -> None:
    snapshot = green()
    put_in = Round(25, "0–6 h", DUE, DUE + 60, DUE + 600, DUE + 900, ("errors",), 12, 1)
    rounds = [*(s.round for s in snapshot.rounds[:6]), put_in]
    signed = dict.fromkeys(range(1, 7), (1.0, "Ada"))
    async with card(replace(snapshot, rounds=states(rounds, DUE + 90, signed))) as seen:
        assert "round 12+1 of 6 is due since" in seen.text()


@pytest.mark.parametrize("status", (RoundStatus.DUE, RoundStatus.LATE))
async def test_the_keys_call_for_a_round_that_is_owed(status: RoundStatus) -> None:
    now = DUE + (60 if status is RoundStatus.DUE else 15 * 60)
    async with sight(green(now)) as seen:
        assert seen.text().splitlines()[-1].startswith(f" s sign: round 7 is {status}  ")
    async with sight(green(DUE - 60)) as seen:
        assert seen.text().splitlines()[-1].startswith(" enter detail  s sign  a ack  n note")


async def test_text_from_outside_stays_text_on_a_card() -> None:
    evil = "[/bad] [red]\x1b[2J\x07\u202e"
    snapshot = turn(green(), "errors", Level.WARNING, evil * 3, value=2.0)
    snapshot = replace(snapshot, affairs=Affairs(holder=evil))
    odd: Check = snapshot.checks[1].check
    title = odd.model_copy(update={"title": evil})
    checks = tuple(replace(c, check=title) if c.check.id == odd.id else c for c in snapshot.checks)
    async with card(replace(snapshot, checks=checks)) as seen:
        text = await press(seen, "n", *"[/x]", "enter", "enter")
        assert "[/bad] [red]" in text
        assert not set(text) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("key", ("s", "question_mark", "q"))
async def test_what_is_open_over_the_board_has_only_what_changes_sent(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    render = Compositor.render_update

    def measured(compositor: Compositor, *args: Any, **kwargs: Any) -> Any:
        sent.append(sum(region.area for region in compositor._dirty_regions))
        return render(compositor, *args, **kwargs)

    async with sight(mixed()) as seen:
        await press(seen, key)
        for _ in range(5):
            await seen.pilot.pause(0.1)
        monkeypatch.setattr(Compositor, "render_update", measured)
        for second in range(5):
            seen.watching.clock.time += 1
            seen.passed[0] += 1
            await seen.post(replace(mixed(), beat=second + 2))
            await seen.pilot.pause(0.1)
    assert sent
    assert sum(sent) < 5 * 80 * 24 / 4
