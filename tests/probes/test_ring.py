"""What a log probe remembers of the latest records, and tells of them: real files."""

from pathlib import Path

import pytest

from firstwatch.errors import BadAnswer
from probes.heads import EVENTS
from probes.log import LogProbe
from probes.log_plan import Settings
from probes.record import MAX_TEXT, Record
from probes.ring import MOST, OVERHEAD, Ring
from tests.probes.watched_log import ManualClock, Watched

QUERY = "prisma:query SELECT 1\n"
FAILED = "[Chatwoot Webhook] Error: TypeError: x\n    at y (/app/z.js:1:1)\n"
RECEIVED = '[Chatwoot Webhook] Received: {\n  "event": "message_created"\n}\n'
SIZE = 100 + OVERHEAD


def record(name: str, size: int = 100, at: float | None = 1.0, code: str = "") -> Record:
    return Record(EVENTS[name], at, b"x" * size, code)


def numbers(ring: Ring, *kinds: str, after: int = 0) -> list[int]:
    return [number for number, _ in ring.found(kinds, after)]


@pytest.fixture
async def log(tmp_path: Path) -> Watched:
    (tmp_path / "app.log").touch()
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    return log


def test_a_flood_of_one_class_leaves_the_rare_ones_where_they_are() -> None:
    ring = Ring(10 * SIZE)
    for name in ("app.error", "query", "app.error", *["query"] * 100):
        ring.add(record(name))
    assert numbers(ring, "error") == [1, 3]
    assert len(numbers(ring, "query")) == 8
    assert ring.gone(("error",)) == (0, None)
    assert ring.gone(("query",))[0] == 95


def test_the_rare_ones_get_their_share_from_whichever_has_most() -> None:
    ring = Ring(10 * SIZE)
    for name in [*["query"] * 50, *["app.error"] * 50]:
        ring.add(record(name))
    assert len(numbers(ring, "error")) == 2, "its fifth"
    assert len(numbers(ring, "query")) == 8


def test_records_of_any_size_stay_within_the_room_there_is() -> None:
    ring = Ring()
    for n in range(30_000):
        ring.add(record(("query", "app.error", "request")[n % 3], size=n % MAX_TEXT))
    kept = ring.found(("*",))
    assert sum(len(one.raw) + OVERHEAD for _, one in kept) <= MOST
    assert 500 < len(kept) < 4100
    assert [number for number, _ in kept] == sorted(number for number, _ in kept)
    assert ring.newest == 30_000


def test_what_came_after_a_number_is_found_by_class_event_and_code() -> None:
    ring = Ring()
    for name in ("webhook.received", "webhook.error", "query", "webhook.error"):
        ring.add(record(name, code="P2024" if name == "query" else ""))
    assert numbers(ring, "webhook") == [1, 2, 4], "a failed webhook is one, too"
    assert numbers(ring, "webhook", after=2) == [4]
    assert numbers(ring, "webhook.error") == [2, 4]
    assert numbers(ring, "code:P2*") == [3]


async def test_a_tail_is_told_in_order_and_only_what_is_new(log: Watched) -> None:
    await log.says((RECEIVED + FAILED + QUERY) * 2, 5)
    told = log.probe.tell(("error", "webhook"))
    assert [one.number for one in told.records] == [1, 2, 4, 5]
    assert [one.is_error for one in told.records] == [False, True] * 2
    assert (told.newest, told.gone, told.trouble) == (6, 0, "")
    assert told.whole_from == log.clock.start
    assert log.probe.tell((), told.newest).records == ()
    await log.says(FAILED, 5)
    (new,) = log.probe.tell(("error",), told.newest).records
    assert new.raw.decode() == FAILED.rstrip("\n")
    assert new.at == log.clock.time - 5


async def test_a_failed_call_is_told_with_what_failed(log: Watched) -> None:
    pool = (
        "\nInvalid `prisma.message.create()` invocation:\n\n\nTimed out fetching a new connection"
    )
    await log.says(f"[WhatsApp] Process inbound error: PrismaClientKnownRequestError:{pool}\n", 5)
    await log.says(" GET /login 200 in 5ms\n", 5)
    failed, request = log.probe.tell(()).records
    assert (failed.gist, request.gist) == ("message.create P2024", "")


async def test_what_has_left_the_ring_is_owned_up_to(log: Watched) -> None:
    await log.says(FAILED, 60)
    await log.says(QUERY * 6000, 5)
    every, queries, errors = (log.probe.tell(k) for k in ((), ("query",), ("error",)))
    assert len(errors.records) == 1
    assert errors.gone == 0
    assert queries.gone == every.gone == every.newest - len(queries.records)
    assert queries.whole_from == log.clock.time - 5
    assert every.records[0].number == 1, "the error is older than what is whole"


async def test_a_long_record_is_cut_and_says_so(log: Watched) -> None:
    await log.says("[v0] " + "a" * 5000 + "\n" + RECEIVED, 5)
    long, short = log.probe.tell(()).records
    assert (long.is_cut, len(long.raw)) == (True, MAX_TEXT)
    assert not short.is_cut


async def test_many_short_lines_are_cut_just_the_same(log: Watched) -> None:
    await log.says("[v0] Object {\n" + '  "n": 1,\n' * 1000 + "}\n", 5)
    (one,) = log.probe.tell(()).records
    assert one.is_cut


async def test_what_was_there_before_is_told_without_a_time(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(FAILED)
    log = Watched(tmp_path / "app.log")
    await log.probe.turn()
    (old,) = log.probe.tell(("error",)).records
    assert old.at is None


@pytest.mark.parametrize(
    ("path", "why"), (("gone.log", "no such file"), (".", "is a folder, not a file"))
)
async def test_a_log_that_cannot_be_read_says_why(tmp_path: Path, path: str, why: str) -> None:
    log = Watched(tmp_path / path)
    await log.probe.turn()
    told = log.probe.tell(())
    assert told.records == ()
    assert why in told.trouble
    assert told.whole_from is None


async def test_a_log_without_an_address_and_one_nobody_reads_say_so(log: Watched) -> None:
    nowhere = LogProbe(Settings(), ManualClock())
    assert "set APP_LOG" in nowhere.tell(()).trouble
    await log.says(FAILED)
    log.clock.time += 60
    told = log.probe.tell(("error",))
    assert "not being read any more" in told.trouble
    assert len(told.records) == 1, "what is known stays"


async def test_a_kind_that_there_is_not_is_no_empty_tail(log: Watched) -> None:
    with pytest.raises(BadAnswer, match='did you mean "error"'):
        log.probe.tell(("eror",))
