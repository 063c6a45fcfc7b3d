"""The classifier on a log with known answers: exact, where `grep -i error` is far off."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.heads import EVENTS
from probes.record import Record
from probes.records import Assembler
from tests.probes.corpus import SHAPES, Corpus, Wrapping, corpus, grep

FAILURES = ("webhook.error", "webhook.dropped", "inbound.lost")
"""What the check of webhook failures asks for."""


def assembled(*chunks: bytes) -> list[Record]:
    assembler = Assembler()
    done = [record for chunk in chunks for record in assembler.feed(chunk, 1.0, 0.0)]
    return done + assembler.settle(0.0, final=True)


def found(records: list[Record], *events: str) -> Counter[str]:
    """The first lines of the records of these events."""
    return Counter(
        record.raw.partition(b"\n")[0].decode() for record in records if record.event.name in events
    )


def check(log: Corpus, records: list[Record]) -> None:
    """Precision and recall are both 100 %: not one too many, not one missing."""
    errors = tuple(name for name, event in EVENTS.items() if event.is_error)
    assert found(records, *errors) == log.errors
    assert found(records, *FAILURES) == log.failures


@pytest.mark.parametrize("wrapping", Wrapping)
@pytest.mark.parametrize("seed", range(3))
def test_all_errors_and_failed_webhooks_are_found_and_nothing_else(
    seed: int, wrapping: Wrapping
) -> None:
    log = corpus(seed, 1500, wrapping)
    assert log.errors.total() > 300
    assert log.failures.total() > 150
    check(log, assembled(log.data))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    wrapping=st.sampled_from(Wrapping),
    cuts=st.lists(st.floats(0, 1), max_size=20),
)
def test_wherever_the_bytes_are_split_not_one_is_wrong(
    seed: int, wrapping: Wrapping, cuts: list[float]
) -> None:
    log = corpus(seed, 150, wrapping)
    edges = [0, *sorted(int(cut * len(log.data)) for cut in cuts), len(log.data)]
    check(log, assembled(*(log.data[a:b] for a, b in itertools.pairwise(edges))))


def test_a_log_that_comes_in_crumbs_is_read_like_one_that_comes_whole() -> None:
    log, rng = corpus(5, 300), random.Random(5)
    rest, crumbs = log.data, []
    while rest:
        size = rng.randrange(1, 40)
        crumbs.append(rest[:size])
        rest = rest[size:]
    check(log, assembled(*crumbs))


def test_each_shape_alone_is_read_without_a_mistake() -> None:
    rng = random.Random(3)
    for shape, _ in SHAPES.values():
        for _ in range(40):
            said = shape(rng)
            data = "".join(f"{one.text}\n" for one in said).encode()
            records = assembled(data)
            assert sum(r.event.is_error for r in records) == sum(one.error for one in said), data
            failed = sum(r.event.name in FAILURES for r in records)
            assert failed == sum(one.failure for one in said), data


def test_plain_grep_counts_several_times_too_many() -> None:
    log = corpus(0, 1500)
    lines = grep(log.data)
    assert lines > 10 * log.errors.total()
    # Most of what it finds has nothing to do with an error at all.
    assert log.troubled < lines / 2
    assert log.troubled > 2 * log.errors.total()
