"""The detail of a check: what to do first, and the keys that copy it."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from firstwatch.past import Past, parted
from firstwatch.plan import Bands, Check, Command, Contact, Direction, Pane
from firstwatch.probe import Inquiry
from firstwatch.readings import Attempt, Reading, Row
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.verdict import Level, Verdict
from tests.tui.samples import LIMIT, NOW, FakeWatching, normal
from tests.tui.test_board_screens import Sight, sight
from tui.clipboard import copy as real
from tui.renderables.chart import SPANS
from tui.renderables.detail import detail_lines, detail_text
from tui.renderables.judged import judged_lines
from tui.renderables.lines import line_width, plain
from tui.renderables.remedy import remedy_lines
from tui.scene import scene_of
from tui.screens.detail import Detail
from tui.screens.plain import Plain

BLOCKERS = Command(
    title="who blocks whom",
    command="""psql "${DATABASE_URL%%\\?*}" <<'SQL'
SELECT pid, pg_blocking_pids(pid) AS waits_for, left(query, 40) AS query
FROM pg_stat_activity WHERE xact_start IS NOT NULL
SQL""",
)
CHECK = Check(
    id="connections",
    title="DB connections",
    item="Database connections stable",
    pane=Pane.HEALTH,
    source="database",
    unit="%",
    bands=Bands(**LIMIT),
    hint="Which sessions are active or stuck? Restart the pool before the server.",
    why="Sessions against the slots of the server.",
    commands=(BLOCKERS, Command(title="list", command="echo\t1  #[/bad] ü")),
)
CONTACT = Contact(
    title="Database issues",
    hint="Check connection pool, restart if needed",
    checks=("connections",),
    commands=(Command(title="ask Ada", command="ada"),),
)
ROWS = (
    Row(
        "pid 4711 app", 312.0, 'blocks 4712 4713, idle in transaction: ALTER TABLE "Lead"', "", "s"
    ),
    Row("pid 4712 app", 40.0, 'waits for 4711, active: INSERT INTO "Lead"', "", "s"),
)
NOTE = "55 of 57, 40 active, 2 waiting for a lock"


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock of its own, and no tmux in which the tests may run."""
    monkeypatch.setattr("tui.app.TICK", 3600.0)
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was copied; the board under test has no terminal."""
    texts: list[str] = []

    async def copy(text: str, *_rest: object) -> object:
        texts.append(text)
        return await real(text, lambda _sequence: None, {})

    monkeypatch.setattr("tui.app.copy", copy)
    return texts


def shown(
    level: Level = Level.CRITICAL, reason: str = f"96 % > 95 %, {NOTE}", blocked: str = ""
) -> Snapshot:
    """A board whose first check stands like this."""
    snapshot = normal()
    reading = Reading(NOW - 4, 96.0, note=NOTE, rows=ROWS)
    verdict = Verdict(level, reason, NOW - 480, blocked)
    state = CheckState(CHECK, verdict, reading, None, (40.0, 96.0), 20.0)
    plan = snapshot.plan.model_copy(update={"contacts": (CONTACT,)})
    return replace(snapshot, plan=plan, checks=(state, *snapshot.checks[1:]))


def lines(snapshot: Snapshot, width: int = 74) -> list[str]:
    return [plain(line) for line in detail_lines("connections", scene_of(snapshot, NOW), width)]


async def opened(seen: Sight) -> Pilot[int]:
    await seen.pilot.press("down", "enter")
    await seen.settle()
    assert isinstance(seen.board.screen, Detail)
    return seen.pilot


def test_what_to_do_comes_first_while_there_is_trouble() -> None:
    told = lines(shown())
    order = ["verdict", "to do", "contact", "known", "commands", "value", "limits", "measured"]
    places = [next(n for n, t in enumerate(told) if t.startswith(word)) for word in order]
    assert places == sorted(places)
    assert any("blocks 4712 4713, idle in transaction" in line for line in told)
    assert not any(line.startswith("parts") for line in told)  # they are told already


@pytest.mark.parametrize("level", (Level.OK, Level.IDLE))
def test_a_calm_check_says_what_to_do_last_and_its_parts_as_parts(level: Level) -> None:
    told = lines(shown(level, "42 %"))
    at = {
        word: next(n for n, t in enumerate(told) if t.startswith(word))
        for word in ("measured", "parts", "to do", "commands")
    }
    assert at["measured"] < at["parts"] < at["to do"] < at["commands"]
    assert not any(line.startswith("known") for line in told)


def test_a_note_is_told_once_and_with_its_age() -> None:
    assert sum("40 active" in line for line in lines(shown())) == 1
    told = "\n".join(lines(shown(Level.UNKNOWN, "stale, last value 96 %")))
    assert f"known     {NOTE}, <10s ago" in told


def test_a_source_out_of_reach_is_told_with_its_reason() -> None:
    snapshot = shown(Level.UNKNOWN, "database unreachable since 08:20", "database")
    down = replace(normal().sources[0], down_since=NOW - 434, reason="connection refused")
    told = lines(replace(snapshot, sources=(down,)))
    assert "blocked   by database: connection refused" in told


@pytest.mark.parametrize("width", (1, 5, 20, 54, 74, 114))
def test_no_line_of_what_to_do_is_wider_than_the_room(width: int) -> None:
    snapshot = shown()
    for line in remedy_lines(snapshot.checks[0], scene_of(snapshot, NOW), width):
        assert line_width(line) <= max(width, 22)


def test_a_check_as_text_has_its_commands_whole_and_unindented() -> None:
    told = detail_text("connections", scene_of(shown(), NOW), 60).split("\n")
    at = told.index("# who blocks whom")
    assert told[at + 1 : at + 5] == BLOCKERS.command.split("\n")
    assert "# ask Ada" in told
    assert max(map(len, told)) > 60  # the statement, which is longer
    assert not any(line != line.rstrip() for line in told)


async def test_c_copies_the_first_command_and_a_number_that_one(copied: list[str]) -> None:
    async with sight(shown()) as seen:
        pilot = await opened(seen)
        await pilot.press("c")
        await seen.until(lambda: len(copied) == 1)
        await pilot.press("2")
        await seen.until(lambda: len(copied) == 2)
        await pilot.press("3")
        await seen.until(lambda: len(copied) == 3)
        assert copied == [BLOCKERS.command, "echo\t1  #[/bad] ü", "ada"]
        await seen.until(lambda: "copied 4 lines; needs a terminal" in seen.text())
        await pilot.press("9")
        await seen.until(lambda: "no command 9: there are 3" in seen.text())


async def test_a_check_without_commands_says_so(copied: list[str]) -> None:
    async with sight(normal()) as seen:
        await (await opened(seen)).press("c")
        await seen.until(lambda: "no command to copy" in seen.text())
        assert not copied


async def test_y_copies_all_of_it(copied: list[str]) -> None:
    async with sight(shown()) as seen:
        await (await opened(seen)).press("y")
        await seen.until(lambda: bool(copied))
        (text,) = copied
        assert text == detail_text("connections", seen.board.scene() or scene_of(shown(), NOW))
        assert text.startswith("DB connections · Database connections stable\n\nverdict   ✖")


async def test_p_shows_the_text_alone_from_the_first_column_on() -> None:
    async with sight(shown()) as seen:
        pilot = await opened(seen)
        await pilot.press("p")
        await seen.settle()
        assert isinstance(seen.board.screen, Plain)
        told = seen.text().split("\n")
        assert told[0] == "DB connections · Database connections stable"
        assert not set("\n".join(told)) & set("│╭╰")
        await pilot.press("end")
        await seen.settle()
        await pilot.press("p")
        await seen.settle()
        assert isinstance(seen.board.screen, Detail)
        await pilot.press("p", "escape", "escape")
        await seen.settle()
        assert not isinstance(seen.board.screen, Detail | Plain)


def past_of(snapshot: Snapshot, parts: int = 68) -> Past:
    since, until = SPANS[1].window(NOW, parts)
    values = [(NOW - n * 30, 40.0 + n % 5) for n in range(120, 0, -1)]
    return parted([*values, (NOW - 600, 96.0)], since, until, parts)


async def test_the_chart_comes_out_of_the_journal_and_the_keys_look_further_back() -> None:
    watching = FakeWatching(past=past_of(shown()))
    async with sight(shown(), (120, 40), watching=watching) as seen:
        pilot = await opened(seen)
        await seen.until(lambda: "max 96 % at 08:17" in seen.text())
        assert "last 15 min [1 h] 6 h 24 h" in seen.text()
        assert "from memory" not in seen.text()
        await pilot.press("]", "right")
        await seen.until(lambda: "last 24 h" in seen.text())
        await pilot.press("]", "[")
        await seen.until(lambda: "last 6 h" in seen.text())
        await pilot.press("left", "left", "left")
        await seen.until(lambda: "last 15 min" in seen.text())
    lengths = {round(until - since) for _, since, until, _ in watching.looked_back}
    assert {900, 3600, 21600} <= lengths
    assert {check for check, *_ in watching.looked_back} == {"connections"}


async def test_the_past_is_not_looked_up_with_every_snapshot() -> None:
    watching = FakeWatching(past=past_of(shown()))
    async with sight(shown(), watching=watching) as seen:
        await opened(seen)
        await seen.until(lambda: "max 96 %" in seen.text())
        looked = len(watching.looked_back)
        for beat in range(2, 20):
            await seen.post(replace(shown(), beat=beat))
        assert len(watching.looked_back) == looked


async def test_without_a_journal_the_chart_is_drawn_from_memory_and_says_so() -> None:
    async with sight(shown(), (120, 40)) as seen:
        await opened(seen)
        await seen.until(lambda: "from memory" in seen.text())


async def test_what_is_run_is_shown_and_copied_with_what_was_bound(copied: list[str]) -> None:
    asks = Inquiry(("SELECT 1", "WHERE id > :since_id"), ((":since_id", "cm1[/bad]"),), "cost 31")
    watching = FakeWatching(past=past_of(shown()), asks=asks)
    async with sight(shown(), (80, 60), watching=watching) as seen:
        pilot = await opened(seen)
        await pilot.press("G")
        await seen.until(lambda: "   WHERE id > :since_id" in seen.text())
        assert ":since_id  cm1[/bad]" in seen.text()
        assert "cost      cost 31" in seen.text()
        await pilot.press("y")
        await seen.until(lambda: bool(copied))
    assert "\nwhat is run\nSELECT 1\nWHERE id > :since_id\n" in copied[0]


def test_the_last_readings_are_listed_newest_first_with_value_sample_cost_and_note() -> None:
    snapshot = shown()
    tries = (
        Attempt(NOW - 20, 42.0, "40 active", 57, 0.042, Level.OK),
        Attempt(NOW - 10, None, "no answer within 5 s", took=5.0),
        Attempt(NOW - 4, 96.0, NOTE, 57, 1.3, Level.CRITICAL),
    )
    checks = (replace(snapshot.checks[0], latest=tries), *snapshot.checks[1:])
    told = lines(replace(snapshot, checks=checks))
    at = told.index("last readings")
    assert told[at + 1] == "08:27:10 ✖ 96 %  n=57  1.3 s  55 of 57, 40 active, 2 waiting for a lock"
    assert told[at + 2] == "08:27:04 ? none        5.0 s  no answer within 5 s"
    assert told[at + 3] == "08:26:54 ● 42 %  n=57  42 ms  40 active"
    assert "the last one took 1.3 s, 42 ms to 5.0 s of the last 3" in "\n".join(told)


def judged(**given: object) -> str:
    check = CHECK.model_copy(update=given)
    tries = tuple(Attempt(NOW - n, 90.0, level=Level.WARNING) for n in range(2))
    tries += (Attempt(NOW, None, "refused"), Attempt(NOW, 1.0, level=Level.OK))
    state = CheckState(check, Verdict(Level.OK, "", NOW), fresh_for=20.0, latest=tries)
    return " ".join(plain(line)[10:] for line in judged_lines(state, {"w": "a witness"}, 400))


def test_judging_is_told_in_words_with_how_many_readings_agree_now() -> None:
    told = judged(worsen=(2, 3), dwell=60.0)
    assert "warning after 2 of 3 readings above 80 %" in told
    assert "clears after 1m at or below 72 %; now 2 of 3" in told
    assert "critical after 2 of 3 readings above 95 %" in told
    assert "now 0 of 3" in told
    assert "unknown when no reading came for 20s" in told


def test_judging_tells_limits_from_below_samples_witnesses_and_checks_without_limits() -> None:
    below = Bands(warning=9, bad=Direction.BELOW)
    told = judged(bands=below, worsen=(1, 1), min_sample=50, witness="w")
    assert "warning at once below 9 %, clears after 1m at or above 10 %" in told
    assert "no verdict below n=50; nothing at all is judged by a witness" in told
    assert judged(bands=Bands()).startswith("no limit of its own")
    assert judged(source="") == ""
