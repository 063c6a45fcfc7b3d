"""Affairs: what people have done and still owe, read off their acts at one moment."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from firstwatch.acts import (
    Acknowledgement,
    Cadence,
    Carried,
    HandedOver,
    Kept,
    Note,
    Promise,
    Record,
    RollbackClosed,
    RollbackOpened,
    RollbackStep,
    SignOff,
    TakenOver,
)
from firstwatch.episodes import Episode, Flip, flips_after
from firstwatch.plan import Phase, Plan
from firstwatch.rounds import Extension, RoundState, RoundStatus
from firstwatch.verdict import Level


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement that holds: its episode lasts and has not become worse."""

    id: int
    subject: str
    at: float
    who: str
    why: str
    level: Level
    """How bad it was when it was acknowledged."""
    recheck: float

    def asks(self, now: float) -> bool:
        """Whether it is time to ask whether it is still true; until then it counts no more."""
        return now >= self.recheck


@dataclass(frozen=True, slots=True)
class AckOver:
    """An acknowledgement that ended by itself."""

    subject: str
    at: float
    """When what ended it happened."""
    who: str
    """Who had acknowledged it."""
    level: Level
    """What it became."""


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A promise that is neither kept nor let go."""

    id: int
    at: float
    who: str
    text: str
    due: float
    about: str


@dataclass(frozen=True, slots=True)
class Question:
    """Whether to go on at the cadence of a phase that ended without enough clean rounds."""

    phase: str
    next_phase: str
    every: float
    """The cadence in question, in seconds."""
    next_every: float
    clean: int
    """Clean rounds at its end."""
    wanted: int
    since: float


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a rollback as somebody left it."""

    at: float
    who: str
    act: RollbackStep


@dataclass(frozen=True, slots=True)
class RollbackRun:
    """A run of the rollback plan."""

    id: int
    at: float
    who: str
    reason: str
    is_drill: bool
    price: tuple[str, ...]
    steps: tuple[StepDone, ...] = ()
    closed_at: float | None = None
    closed_by: str = ""
    is_called_off: bool = False
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is under way."""
        return self.closed_at is None

    def step(self, number: int) -> StepDone | None:
        """How that step (from 1) was left last."""
        return next((s for s in reversed(self.steps) if s.act.step == number), None)


@dataclass(frozen=True, slots=True)
class Affairs:
    """The human half of the watch at one moment."""

    holder: str = ""
    """Who has the watch."""
    pending: str = ""
    """Who was offered the watch and has not accepted it yet."""
    acks: Mapping[str, Ack] = field(default_factory=dict)
    """By subject, those that hold or ask again."""
    over: tuple[AckOver, ...] = ()
    """Those that ended because it became worse or calm, oldest first."""
    promises: tuple[OpenPromise, ...] = ()
    """By when they are due."""
    question: Question | None = None
    rollbacks: tuple[RollbackRun, ...] = ()
    """Oldest first."""
    notes: tuple[Record, ...] = ()
    """Oldest first."""
    sign_offs: Mapping[int, Record] = field(default_factory=dict)
    """By the number of the round."""
    records: tuple[Record, ...] = ()
    """Everything that people did since the launch, oldest first."""
    head: str = ""
    """The hash of the last act."""

    @property
    def rollback(self) -> RollbackRun | None:
        """The run of the rollback plan that is under way."""
        return next((run for run in reversed(self.rollbacks) if run.is_open), None)

    @property
    def who(self) -> str:
        """Whose name stands under what is done now: both while a hand-over is pending."""
        return ", ".join(name for name in (self.holder, self.pending) if name)


def affairs(
    records: Sequence[Record],
    plan: Plan,
    flips: Sequence[Flip],
    episodes: Sequence[Episode],
    rounds: Sequence[RoundState],
    *,
    operator: str,
    now: float,
    head: str = "",
) -> Affairs:
    """What is open of these records; `operator` has the watch until somebody took it over."""
    holder, pending = watch_of(records, operator)
    sign_offs = {r.act.number: r for r in records if isinstance(r.act, SignOff)}
    acks, over = _acks(records, flips, episodes)
    return Affairs(
        holder=holder,
        pending=pending,
        acks=acks,
        over=over,
        promises=_promises(records),
        question=_question(records, plan, rounds, now),
        rollbacks=_rollbacks(records),
        notes=tuple(r for r in records if isinstance(r.act, Note)),
        sign_offs=sign_offs,
        records=tuple(records),
        head=head,
    )


def watch_of(records: Iterable[Record], operator: str) -> tuple[str, str]:
    """Who has the watch, and who was offered it."""
    holder, pending = operator, ""
    for record in records:
        match record.act:
            case TakenOver(by=by):
                holder, pending = by, ""
            case HandedOver(to=to):
                pending = to if to != holder else ""
            case _:
                pass
    return holder, pending


def signed(records: Iterable[Record]) -> dict[int, tuple[float, str]]:
    """When and by whom each signed round was closed, those of a watch before this one, too."""
    found: dict[int, tuple[float, str]] = {}
    for record in records:
        match record.act:
            case SignOff(number=number):
                found[number] = (record.at, record.who)
            case Carried(signed=rounds):
                found |= {number: (at, who) for number, at, who in rounds}
            case _:
                pass
    return found


def extensions(records: Iterable[Record]) -> tuple[Extension, ...]:
    """Where people chose to keep the cadence of a phase beyond its end."""
    return tuple(
        Extension(record.act.phase, record.at)
        for record in records
        if isinstance(record.act, Cadence) and record.act.is_extended
    )


def _acks(
    records: Sequence[Record], flips: Sequence[Flip], episodes: Sequence[Episode]
) -> tuple[dict[str, Ack], tuple[AckOver, ...]]:
    """The last acknowledgement of each episode: those that hold, and those that are over.

    One that was called untrue at a take-over is asked about again from then on.
    """
    last = {
        (r.act.subject, r.act.start): (r, r.act)
        for r in records
        if isinstance(r.act, Acknowledgement)
    }
    denied = {
        ident: record.at
        for record in records
        if isinstance(record.act, TakenOver)
        for answer in record.act.answers
        for ident in answer.denied
    }
    acks: dict[str, Ack] = {}
    over: list[AckOver] = []
    for episode in episodes:
        record, act = last.get((episode.subject, episode.start), (None, None))
        if record is None or act is None:
            continue
        later = flips_after(flips, episode, act.flips)
        broke = next((flip for flip in later if not lets_hold(act, flip)), None)
        if broke is not None:
            over.append(AckOver(act.subject, broke.at, record.who, broke.new))
        elif episode.is_open:
            asked = min(act.recheck, denied.get(record.id, act.recheck))
            acks[act.subject] = Ack(
                record.id, act.subject, record.at, record.who, act.why, act.level, asked
            )
    return acks, tuple(sorted(over, key=lambda ended: ended.at))


def lets_hold(act: Acknowledgement, flip: Flip) -> bool:
    """Whether an acknowledgement outlives a flip that came after it."""
    if flip.blocked_by:
        return True
    return flip.new.is_trouble and flip.new.severity <= act.level.severity


def _promises(records: Sequence[Record]) -> tuple[OpenPromise, ...]:
    over = {r.act.promise for r in records if isinstance(r.act, Kept)}
    found = [
        OpenPromise(r.id, r.at, r.who, r.act.text, r.act.due, r.act.about)
        for r in records
        if isinstance(r.act, Promise) and r.id not in over
    ]
    return tuple(sorted(found, key=lambda promise: (promise.due, promise.id)))


def _rollbacks(records: Sequence[Record]) -> tuple[RollbackRun, ...]:
    runs: list[RollbackRun] = []
    for record in records:
        at, who = record.at, record.who
        match record.act:
            case RollbackOpened(reason=reason, is_drill=is_drill, price=price):
                runs.append(RollbackRun(record.id, at, who, reason, is_drill, price))
            case RollbackStep() as act if runs:
                runs[-1] = replace(runs[-1], steps=(*runs[-1].steps, StepDone(at, who, act)))
            case RollbackClosed(is_called_off=is_called_off, note=note) if runs:
                runs[-1] = replace(
                    runs[-1],
                    closed_at=at,
                    closed_by=who,
                    is_called_off=is_called_off,
                    note=note,
                )
            case _:
                pass
    return tuple(runs)


def _question(
    records: Sequence[Record],
    plan: Plan,
    rounds: Sequence[RoundState],
    now: float,
) -> Question | None:
    """Whether to go on at the cadence of the phase that ended last, unless that is answered."""
    clean_ones = clean_rounds(records)
    for phase, after in pairwise(plan.phases):
        if not phase.relax_after or after.every <= phase.every:
            continue
        own = [state for state in rounds if state.round.phase == phase.name]
        if not own or not _is_over(own[-1], now) or _has_ended(after, rounds, now):
            continue
        since = min(own[-1].round.due, own[-1].signed_at or now)
        answers = [r for r in records if isinstance(r.act, Cadence) and r.act.phase == phase.name]
        if any(_settles(answer, since) for answer in answers):
            continue
        clean = _clean(own, clean_ones)
        if clean < phase.relax_after:
            return Question(
                phase.name, after.name, phase.every, after.every, clean, phase.relax_after, since
            )
    return None


def _is_over(last: RoundState, now: float) -> bool:
    return last.status is RoundStatus.SIGNED or now >= last.round.due


def _has_ended(phase: Phase, rounds: Sequence[RoundState], now: float) -> bool:
    dues = [state.round.due for state in rounds if state.round.phase == phase.name]
    return bool(dues) and now >= max(dues)


def _settles(answer: Record, since: float) -> bool:
    """Whether an answer is for good, or was given to this very question."""
    act = answer.act
    return isinstance(act, Cadence) and (not act.is_extended or answer.at >= since)


def clean_rounds(records: Iterable[Record]) -> set[int]:
    """The numbers of the rounds that were signed clean, those of a watch before this one, too."""
    found: set[int] = set()
    for record in records:
        match record.act:
            case SignOff() as act if act.is_clean:
                found.add(act.number)
            case Carried(clean=numbers):
                found.update(numbers)
            case _:
                pass
    return found


def _clean(own: Sequence[RoundState], clean_ones: Collection[int]) -> int:
    """How many rounds at the end of a phase were signed clean, one after the other."""
    wanting = (state.round.number not in clean_ones for state in reversed(own))
    return next((count for count, is_wanting in enumerate(wanting) if is_wanting), len(own))
