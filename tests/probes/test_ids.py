"""Ids as far as they tell when a row was made."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from probes.ids import AGREED, NEWEST, Cuids, Seen, Uuids, cuid_floor, recognise
from rehearsal.cuid import make_cuid

NOW = 1_795_419_786.313  # 2026-11-23T07:43:06.313Z
INSTANTS = st.floats(min_value=1e9, max_value=2.8e9)  # eight digits last until 2059


def make_uuid7(at: float) -> UUID:
    bits = (int(at * 1000) << 80) | (uuid4().int & (2**80 - 1))
    bits = bits & ~(0xF << 76) | (7 << 76)
    return UUID(int=bits & ~(3 << 62) | (2 << 62))


def cuids(count: int, at: float = NOW) -> list[Seen]:
    return [Seen(make_cuid(at - n), at - n) for n in range(count)]


def by_hand(count: int, at: float) -> list[Seen]:
    return [Seen(f"demo-company-{n}", at) for n in range(count)]


def test_the_floor_of_an_id_is_the_time_it_carries() -> None:
    assert int(cuid_floor(NOW)[1:], 36) == 1_795_419_786_313
    assert cuid_floor(0) == "c00000000"
    assert cuid_floor(-5) == "c00000000"
    assert datetime.fromtimestamp(int("mwsyl1e1", 36) / 1000, UTC).isoformat(
        timespec="milliseconds"
    ) == ("2026-11-23T07:43:06.313+00:00")
    assert str(Uuids().floor(NOW)).replace("-", "")[:12] == f"{1_795_419_786_313:012x}"


@given(made=INSTANTS, asked=INSTANTS)
def test_ids_sort_around_the_floor_as_their_times_do(made: float, asked: float) -> None:
    is_later = int(made * 1000) >= int(asked * 1000)
    assert (make_cuid(made) >= cuid_floor(asked)) is is_later
    floor = Uuids().floor(asked)
    assert isinstance(floor, UUID)
    assert (make_uuid7(made) >= floor) is is_later
    assert (str(make_uuid7(made)) >= str(Uuids(is_text=True).floor(asked))) is is_later


def test_each_kind_is_known_by_its_newest_rows() -> None:
    assert recognise(cuids(5)) == Cuids()
    assert recognise([Seen(make_uuid7(NOW), NOW)]) == Uuids()
    assert recognise([Seen(str(make_uuid7(NOW)), NOW)]) == Uuids(is_text=True)


def test_what_carries_no_time_is_no_kind() -> None:
    assert recognise([]) is None
    assert recognise([Seen(str(uuid4()), NOW)] * 5) is None
    assert recognise([Seen(uuid4(), NOW)] * 5) is None
    assert recognise([Seen(n, NOW) for n in range(5)]) is None
    assert recognise(by_hand(5, NOW)) is None
    assert recognise([Seen("tz4a98xxat96iws9zmbrgj3a", NOW)]) is None  # cuid2


def test_a_few_rows_made_by_hand_are_no_matter() -> None:
    assert recognise([*cuids(18), *by_hand(2, NOW)]) == Cuids()
    assert recognise([*cuids(3), *by_hand(40, NOW - 86400)]) == Cuids()
    assert recognise([*cuids(60, NOW), *by_hand(5, NOW - 9e5)]) == Cuids()


def test_new_rows_of_two_kinds_are_none() -> None:
    strangers = [Seen(str(uuid4()), NOW - n) for n in range(10)]
    assert recognise([*cuids(10), *strangers]) is None
    assert recognise([*cuids(2), *by_hand(5, NOW - 86400)]) is None
    assert len(strangers) + 10 == NEWEST


def test_an_id_whose_time_is_not_that_of_its_row_is_not_believed() -> None:
    """A default of the database in another time zone, or rows copied with old times."""
    assert recognise([Seen(make_cuid(NOW), NOW - 4 * 3600)] * 5) is None
    assert recognise([Seen(make_cuid(NOW), NOW - AGREED / 2)] * 5) == Cuids()


def test_without_a_time_column_an_id_must_carry_a_plausible_time() -> None:
    assert recognise([Seen(make_cuid(NOW))]) == Cuids()
    assert recognise([Seen("c" + "z" * 24)]) is None
    assert recognise([Seen("c" + "0" * 24)]) is None
    # What is older than other rows cannot be told, so all of the sample counts.
    assert recognise([Seen(make_cuid(NOW)), Seen("x"), Seen("y")]) is None
