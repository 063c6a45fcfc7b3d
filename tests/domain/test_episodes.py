"""Flips fold into episodes the same way however often the watch was begun again."""

from hypothesis import given
from hypothesis import strategies as st

from firstwatch.episodes import MERGE_WITHIN, Episode, Flip, fold
from firstwatch.verdict import Level

T0 = 1_800_003_600.0
LEVELS = [level for level in Level if level is not Level.PENDING]


def flip(
    at: float, new: Level, subject: str = "c", value: float | None = None, by: str = ""
) -> Flip:
    return Flip(T0 + at, subject, Level.OK, new, f"{new} at {at:g}", value, by)


@st.composite
def histories(draw: st.DrawFn) -> list[Flip]:
    """What may happen to three checks and their source, the clock now and then set back."""
    flips, at = [], 0.0
    for _ in range(draw(st.integers(0, 25))):
        at += draw(st.sampled_from([-900.0, 0.0, 1.0, 60.0, MERGE_WITHIN, 301.0, 3600.0]))
        subject = draw(st.sampled_from(["a", "b", "c", "source:app"]))
        new = draw(st.sampled_from(LEVELS))
        blocked = subject != "source:app" and new is Level.UNKNOWN and draw(st.booleans())
        flips.append(
            flip(at, new, subject, draw(st.none() | st.just(at)), "app" if blocked else "")
        )
    return flips


def test_trouble_begins_with_its_flip_and_ends_with_the_one_that_clears_it() -> None:
    assert fold([flip(0, Level.OK), flip(60, Level.WARNING, value=4.0), flip(300, Level.OK)]) == (
        Episode("c", T0 + 60, Level.WARNING, "warning at 60", T0 + 300, 4.0, 2, T0 + 60),
    )


def test_an_episode_tells_its_worst_and_what_it_was_then() -> None:
    (episode,) = fold(
        [
            flip(0, Level.WARNING, value=4.0),
            flip(60, Level.CRITICAL, value=12.0),
            flip(120, Level.WARNING, value=5.0),
        ]
    )
    assert episode.is_open
    assert (episode.worst, episode.worst_value) == (Level.CRITICAL, 12.0)
    assert episode.worst_at == T0 + 60
    assert episode.reason == "critical at 60"
    assert episode.lasted(T0 + 180) == 180
    assert episode.flips == 3


def test_missing_only_the_target_is_no_trouble_and_ends_it() -> None:
    assert fold([flip(0, Level.OFF_TARGET), flip(10, Level.OK)]) == ()
    (episode,) = fold([flip(0, Level.WARNING), flip(60, Level.OFF_TARGET)])
    assert episode.end == T0 + 60


def test_trouble_that_soon_returns_continues_its_episode() -> None:
    (episode,) = fold([flip(0, Level.WARNING), flip(60, Level.OK), flip(360, Level.CRITICAL)])
    assert episode.is_open
    assert episode.start == T0
    assert episode.worst is Level.CRITICAL
    assert episode.flips == 3


def test_trouble_that_returns_later_is_a_new_episode() -> None:
    one, other = fold([flip(0, Level.WARNING), flip(60, Level.OK), flip(361, Level.WARNING)])
    assert not one.is_open
    assert other.start == T0 + 361
    assert one.lasted(T0 + 9999) == 60


def test_a_check_whose_source_is_out_of_reach_opens_no_episode_and_ends_none() -> None:
    assert fold([flip(0, Level.UNKNOWN, by="app"), flip(60, Level.OK)]) == ()
    (episode,) = fold([flip(0, Level.WARNING), flip(60, Level.UNKNOWN, by="app")])
    assert episode.is_open
    assert episode.worst is Level.WARNING


def test_trouble_cannot_end_before_it_began() -> None:
    (episode,) = fold([flip(0, Level.WARNING), flip(-900, Level.OK)])
    assert episode.end == episode.start


@given(histories())
def test_a_subject_has_at_most_one_open_episode_and_it_is_its_last(flips: list[Flip]) -> None:
    episodes = fold(flips)
    for subject in {episode.subject for episode in episodes}:
        mine = [episode for episode in episodes if episode.subject == subject]
        assert not any(episode.is_open for episode in mine[:-1])


@given(histories())
def test_episodes_are_open_exactly_where_the_last_word_seen_was_trouble(flips: list[Flip]) -> None:
    last = {f.subject: f.new.is_trouble for f in flips if not f.blocked_by}
    is_open = {episode.subject for episode in fold(flips) if episode.is_open}
    assert is_open == {subject for subject, trouble in last.items() if trouble}


@given(histories())
def test_blocked_flips_alone_make_no_episode(flips: list[Flip]) -> None:
    assert fold(f for f in flips if f.blocked_by) == ()
    times = [(e.subject, e.start, e.end, e.worst) for e in fold(flips)]
    seen = fold(f for f in flips if not f.blocked_by)
    assert [(e.subject, e.start, e.end, e.worst) for e in seen] == times


@given(histories(), st.integers(0, 25))
def test_wherever_the_watch_was_cut_off_its_episodes_go_on_as_if_it_had_not_been(
    flips: list[Flip], cut: int
) -> None:
    """What was known at the cut is a beginning of what is known in the end."""
    early, whole = fold(flips[:cut]), fold(flips)
    assert [(e.subject, e.start) for e in early] == [
        (e.subject, e.start) for e in whole[: len(early)]
    ]
    for before, after in zip(early, whole, strict=False):
        assert after.worst.severity >= before.worst.severity
        assert after.flips >= before.flips
    touched = {f.subject for f in flips[cut:]}
    untouched = [e for e in early if e.subject not in touched]
    assert untouched == [e for e in whole if e.subject not in touched]


@given(histories())
def test_what_happens_to_one_subject_touches_no_other(flips: list[Flip]) -> None:
    episodes = fold(flips)
    for subject in ("a", "b", "c", "source:app"):
        alone = fold(f for f in flips if f.subject == subject)
        assert alone == tuple(e for e in episodes if e.subject == subject)


@given(histories())
def test_every_episode_begins_with_a_flip_into_trouble_and_never_ends_before_it(
    flips: list[Flip],
) -> None:
    begins = {(f.subject, f.at) for f in flips if f.new.is_trouble and not f.blocked_by}
    for episode in fold(flips):
        assert (episode.subject, episode.start) in begins
        assert episode.end is None or episode.end >= episode.start
        assert episode.worst.is_trouble
