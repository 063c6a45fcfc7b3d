"""Kinds of error: what makes two errors one kind, and which kinds are new since the launch."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstwatch.errors import NoAnswer
from firstwatch.readings import FACTS, Reading
from probes.error_kinds import LENGTH, MOST, ErrorKinds, template
from probes.heads import EVENTS
from probes.record import Record
from tests.probes.watched_log import Watched

RECEIVED = "[Chatwoot Webhook] Received: {\n}\n"
OLD = "[WhatsApp] Send error: 401 for +15550100\n"
NEW = "[Chatwoot Webhook] Error: TypeError: x of undefined\n    at y (/app/z.js:1:1)\n"


def error(line: str) -> Record:
    return Record(EVENTS["app.error"], 1.0, line.encode())


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Watched]:
    (tmp_path / "app.log").write_text(OLD)
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    log.clock.time += 20
    yield log
    await log.probe.close()


async def kinds(log: Watched, window: str = "1h") -> Reading:
    return await log.read(kinds=["error"], window=window)


@pytest.mark.parametrize(
    ("line", "kind"),
    (
        ("Error: connect ECONNREFUSED 10.0.3.17:5432", "Error: connect ECONNREFUSED #"),
        ("[BullMQ] Job 12 failed: timeout after 812ms", "[BullMQ] Job # failed: timeout after #"),
        ("[v0] Message failed: +1 555 010 0123", "[v0] Message failed: #"),
        ("Error: no lead cmwsyl1e10001qz7h3k2v9x4b", "Error: no lead #"),
        ("Error: no file /app/lib/x-9.ts of a@b.example", "Error: no file … of …"),
        (
            "SyntaxError: Unexpected token 'C', \"Can't reac\"... is not valid JSON",
            "SyntaxError: Unexpected token ‘…’, ‘…’... is not valid JSON",
        ),
        ("Error: Can't reach `db:5432`, don't know why", "Error: Can't reach ‘…’, don't know why"),
        ("Error: 3f2a9c11-77aa-4b1e-9c0d-0242ac120002 gone", "Error: # gone"),
    ),
)
def test_what_differs_each_time_is_left_out(line: str, kind: str) -> None:
    assert template(error(line)) == kind


@pytest.mark.parametrize(
    ("one", "other"),
    (
        ("[WhatsApp] Send error: 401", "[WhatsApp] Send error: 429"),
        (
            "Error: request failed with status code 502",
            "Error: request failed with status code 503",
        ),
        ("Error: message.create P2024", "Error: message.create P2028"),
        ("TypeError: of undefined (reading 'id')", "TypeError: of undefined (reading 'phone')"),
    ),
)
def test_what_tells_faults_apart_stays(one: str, other: str) -> None:
    assert template(error(one)) != template(error(other))


@given(st.text(max_size=400))
def test_a_kind_is_short_and_holds_no_number_of_a_person(text: str) -> None:
    kind = template(error(f"Error: +15550100 {text}"))
    assert len(kind) <= LENGTH
    assert not re.search(r"[0-9]{5}", kind)


async def test_what_the_log_held_before_is_known(log: Watched) -> None:
    await log.says(RECEIVED + OLD.replace("0100", "0177"))
    reading = await kinds(log)
    assert reading.value == 0
    assert reading.note == "none since launch"
    assert [(row.label, row.value) for row in reading.rows] == [
        ("[WhatsApp] Send error: 401 for #", 1)
    ]


async def test_a_kind_that_came_up_after_the_launch_is_new_and_comes_first(log: Watched) -> None:
    await log.says(OLD * 5 + NEW * 2, 180)
    reading = await kinds(log)
    assert reading.value == 1
    assert reading.note == (
        "1 since launch, [Chatwoot Webhook] Error: TypeError: x of undefined (3m ago)"
    )
    assert [row.value for row in reading.rows] == [2, 5]
    assert reading.rows[0].note == "new 3m ago, last 3m ago"


async def test_a_new_kind_leaves_the_window_and_not_the_list(log: Watched) -> None:
    await log.says(NEW, 4000)
    reading = await kinds(log)
    assert reading.value == 0
    assert reading.note.endswith(" (1h 06m ago)")
    assert [row.label for row in reading.rows] == [
        "[Chatwoot Webhook] Error: TypeError: x of undefined"
    ]


async def test_until_the_launch_every_kind_is_taken_as_known(log: Watched) -> None:
    log.launch = log.clock.time + 60
    await log.says(NEW)
    before = await kinds(log)
    assert (before.value, before.facts) == (0, "")
    assert "until the launch" in before.note
    log.clock.time += 120
    await log.says(NEW)
    assert (await kinds(log)).value == 0
    await log.says(NEW.replace("TypeError", "RangeError"))
    assert (await kinds(log)).value == 1


async def test_a_watch_that_was_started_again_knows_what_was_known_at_the_launch(
    tmp_path: Path,
) -> None:
    path = tmp_path / "app.log"
    path.write_text(OLD)
    first = Watched(path)
    await first.probe.turn()
    first.clock.time += 20
    facts = (await kinds(first)).facts
    await first.probe.close()
    path.write_text(RECEIVED)  # the end of the log no longer shows it
    again = Watched(path, clock=first.clock)
    await again.probe.turn()
    again.clock.time += 20
    again.baseline = facts
    await again.says(OLD)
    assert (await kinds(again)).value == 0
    await again.says(NEW)
    reading = await kinds(again)
    assert reading.value == 1
    assert reading.note.startswith(
        "1 since restart 20:27, may be known from before it, [Chatwoot Webhook]"
    )
    await again.probe.close()


async def test_a_kind_that_the_end_of_the_log_still_shows_is_not_new_after_a_restart(
    log: Watched,
) -> None:
    await log.says(NEW)
    facts = (await kinds(log)).facts
    again = Watched(log.path, clock=log.clock)
    await again.probe.turn()
    again.clock.time += 20
    again.baseline = facts
    await again.says(NEW)
    assert (await kinds(again)).value == 0
    await again.probe.close()


async def test_a_watch_that_came_late_says_since_when_it_follows(log: Watched) -> None:
    log.launch -= 3600
    await log.says(NEW)
    assert (await kinds(log)).note.startswith("1 since following began 20:26, [")


def test_beyond_so_many_kinds_the_rest_is_one_more() -> None:
    seen = ErrorKinds()
    letters = "abcdefghijklmnopqrstuvwxyz"
    for n in range(MOST + 100):
        word = "".join(letters[n // 26**place % 26] for place in range(3))
        seen.add(error(f"Error: {word}"), float(n))
    found = list(seen.all(lambda _: True))
    assert len(found) == MOST + 1
    assert (found[-1].text, found[-1].count) == ("others, beyond 500 kinds", 100)
    assert len(" ".join(seen.known(1e9))) < FACTS - 20


async def test_a_silent_log_has_no_sample(log: Watched) -> None:
    assert (await kinds(log)).sample == 0
    await log.says(RECEIVED)
    assert (await kinds(log)).sample == 1


async def test_what_counts_errors_names_their_kinds_the_latest_first(log: Watched) -> None:
    await log.says(NEW, 30)
    await log.says("[Redis] Connection error: ECONNREFUSED\n", 5)
    await log.says("[WhatsApp] Send error: 401 for +15550101\n", 5)
    for asked in ({"count": "error"}, {"ratio": {"of": ["error"], "per": ["webhook.received"]}}):
        rows = (await log.read(**asked, window="5m")).rows
        assert [row.label.partition(":")[0] for row in rows] == [
            "[WhatsApp] Send error",
            "[Redis] Connection error",
            "[Chatwoot Webhook] Error",
        ]
        assert {row.unit for row in rows} == {""}  # not per cent, whatever the check counts in
        assert rows[0].note.startswith("last ")
    failures = await log.read(count=["webhook.error"], window="5m")
    assert len(failures.rows) == 1
    assert not (await log.read(count=["webhook.error"], window="20s")).rows


async def test_what_counts_a_part_of_the_errors_names_no_kinds(log: Watched) -> None:
    asked = {"count": "error", "contains": "TypeError"}
    with pytest.raises(NoAnswer):
        await log.read(**asked)  # what passes the filter is counted from the first question on
    await log.says(NEW, 15)
    reading = await log.read(**asked)
    assert (reading.value, reading.rows) == (1.0, ())
