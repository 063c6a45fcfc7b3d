"""Whatever people, clocks and crashes do, every round is in one state and the chain holds."""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from firstwatch.acts import Cadence, Mark, Note, SignOff, faults
from firstwatch.card import OPEN, Said, Signing, card, choices
from firstwatch.engine import Watch
from firstwatch.errors import Refused
from firstwatch.journal import Journal
from firstwatch.rounds import RoundStatus, schedule, states
from firstwatch.snapshot import Snapshot
from tests.domain.leaping import T0, plan

HOUR = 3600.0


class SetClock:
    """A clock that stands where it was put."""

    scale = 1.0

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def phase(name: str, start: str, end: str, every: str, relax_after: int) -> dict[str, object]:
    return {
        "name": name,
        "start": start,
        "end": end,
        "every": every,
        "checks": ["fast", "person"],
        "relax_after": relax_after,
    }


PLAN = plan(
    {"fast": {}, "person": {"source": ""}},
    phases=[
        phase("tight", "0h", "2h", "30m", 3),
        phase("looser", "2h", "6h", "1h", 2),
        phase("loose", "6h", "14h", "2h", 0),
    ],
)

PLANNED = [round_.due for round_ in schedule(PLAN, T0)]


class Day(RuleBasedStateMachine):
    """A day of a watch, in whatever order things happen."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="firstwatch-day-"))
        self.clock = SetClock()
        self.signed: dict[int, float] = {}
        self.journal, self.watch = self.begin()

    def begin(self) -> tuple[Journal, Watch]:
        journal = Journal.open(self.folder / "day.journal")
        if journal.launch is None:
            journal.stamp_launch(T0, "A")
        journal.begin_run(self.clock.now(), "A", "0", "plan")
        return journal, Watch(PLAN, {}, journal, self.clock, operator="A", seed=1)

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    @property
    def board(self) -> Snapshot:
        return self.watch.snapshot()

    @rule(seconds=st.floats(0, 90 * 60))
    def time_passes(self, seconds: float) -> None:
        self.clock.at += seconds
        self.watch._turn(self.clock.at)

    @rule(seconds=st.floats(-3 * HOUR, 3 * HOUR))
    def the_clock_is_set(self, seconds: float) -> None:
        self.clock.at = max(self.clock.at + seconds, T0 - HOUR)
        self.watch._turn(self.clock.at)

    @rule()
    def the_watch_is_killed_and_started_again(self) -> None:
        before = self.board
        # Nothing of the old one is told to end.
        self.journal.close()
        self.journal, self.watch = self.begin()
        after = self.board
        assert after.rounds == before.rounds
        assert after.affairs.records == before.affairs.records

    @rule(clean=st.booleans(), choice=st.integers(0, 40))
    def somebody_signs(self, choice: int, *, clean: bool) -> None:
        board = self.board
        state = board.rounds[choice % len(board.rounds)]
        asked = card(board, state)
        said = {
            item.check.id: Said(
                Mark.FINE if clean and item.check.is_manual else choices(item)[-1],
                item.verdict.level,
                note="nobody answers",
            )
            for item in asked.owed
        }
        may = state.status in OPEN
        try:
            record = self.watch.do(Signing(state.round.number, board.at, said))
        except Refused:
            assert not may
            return
        assert may
        assert isinstance(record.act, SignOff)
        assert state.round.number not in self.signed
        assert state.round.opens <= record.at < state.round.closes
        self.signed[state.round.number] = record.at

    @precondition(lambda self: self.board.affairs.question is not None)
    @rule(is_extended=st.booleans())
    def somebody_answers_about_the_cadence(self, *, is_extended: bool) -> None:
        board = self.board
        question = board.affairs.question
        assert question is not None
        self.watch.do(Cadence(phase=question.phase, is_extended=is_extended))
        after = self.board
        assert after.affairs.question is None or after.affairs.question.phase != question.phase
        # Nothing that has begun becomes something else by it.
        known = {state.round.number: state.status for state in after.rounds}
        assert all(known[state.round.number] is state.status for state in board.rounds)
        added = [s for s in after.rounds if s.round.number > len(board.rounds)]
        assert all(state.status is RoundStatus.UPCOMING for state in added)
        assert is_extended or not added

    @rule(number=st.integers(1, 12))
    def somebody_explains_a_round(self, number: int) -> None:
        self.watch.do(Note(text="the link was down", about=f"round:{number}"))

    @invariant()
    def every_round_is_in_exactly_one_state(self) -> None:
        board = self.board
        numbers = [state.round.number for state in board.rounds]
        assert len(set(numbers)) == len(numbers)
        assert len({state.round.name for state in board.rounds}) == len(numbers)
        for state in board.rounds:
            assert (state.status is RoundStatus.SIGNED) == (state.round.number in self.signed)
        assert sum(state.status in OPEN for state in board.rounds) <= 1

    @invariant()
    def rounds_follow_one_another_without_overlap(self) -> None:
        rounds = [state.round for state in self.board.rounds]
        for round_ in rounds:
            assert round_.opens <= round_.due <= round_.late <= round_.closes
        for before, after in pairwise(rounds):
            assert before.closes == after.opens
            assert before.due < after.due
        assert [r.due for r in rounds if not r.nth] == PLANNED

    @invariant()
    def a_round_goes_only_forward_while_time_does(self) -> None:
        rounds = [state.round for state in self.board.rounds]
        order: list[RoundStatus] = list(RoundStatus)
        looks = [states(rounds, self.clock.at + step, {}) for step in (0, 600, 1800, 7200)]
        for earlier, later in pairwise(looks):
            for one, other in zip(earlier, later, strict=True):
                assert order.index(one.status) <= order.index(other.status)

    @invariant()
    def the_chain_is_whole(self) -> None:
        assert faults(self.journal.links(), last=self.journal.acts_given) == []
        recorded = {r.act.number for r in self.journal.acts() if isinstance(r.act, SignOff)}
        assert recorded == set(self.signed)


Day.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestDay = Day.TestCase
