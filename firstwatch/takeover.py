"""Taking over: what whoever takes the watch is asked, read off its state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstwatch.acts import ROUND, Answer, Note
from firstwatch.affairs import Ack, OpenPromise
from firstwatch.card import OPEN
from firstwatch.episodes import SOURCE, Episode
from firstwatch.handoff.wording import clock, ranges, zone_of
from firstwatch.rounds import RoundStatus
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from firstwatch.units import format_duration

MOST = 8
"""Questions; more would be answered without being read."""
FACTS = 8
"""The most facts beside a question that stands for several."""
LONGEST = 400
"""Characters of an answer."""


class Form(StrEnum):
    """What an answer has to look like."""

    YES = "yes, or no and why"
    WORD = "a name"
    LINE = "a line"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, with the facts it can be answered from."""

    key: str
    """The same as long as it is the same question."""
    question: str
    form: Form
    facts: tuple[str, ...] = ()
    episodes: tuple[tuple[str, float], ...] = ()
    """The episodes of which it asks who has them, by subject and start."""
    acks: tuple[int, ...] = ()
    """The acknowledgements of which it asks whether they are still true, by id."""

    def lacks(self, answer: str) -> str:
        """Why this is no answer; empty when it is one."""
        said = clean(answer, LONGEST).casefold().replace(",", " ").split()
        if not said:
            return "answer it first"
        if self.form is Form.YES:
            if said[0].rstrip(".:!") not in ("yes", "y", "no", "n"):
                return "say yes, or no and why"
            if said[0].startswith("n") and len(said) < 2:
                return "say why not"
        return ""

    def answered(self, answer: str) -> Answer:
        """The answer as it is recorded."""
        said = clean(answer, LONGEST)
        denied = self.acks if said.casefold().startswith("n") else ()
        return Answer(question=self.question, answer=said, episodes=self.episodes, denied=denied)


def questions(snapshot: Snapshot) -> tuple[Asked, ...]:
    """At most `MOST` questions: where there would be more, one stands for several."""
    groups = [
        (_episodes(snapshot), _all_episodes),
        (_acks(snapshot), _all_acks),
        (_promises(snapshot), _all_promises),
        (_blind(snapshot), _all_blind),
        (_round(snapshot), _one),
        (_unsigned(snapshot), _one),
        (_rollback(snapshot), _one),
    ]
    asked = [list(found) for found, _ in groups]
    while sum(map(len, asked)) > MOST:
        index = max(range(len(asked)), key=lambda i: len(asked[i]))
        asked[index] = [groups[index][1](asked[index])]
    return tuple(one for found in asked for one in found)


class _Told:
    """Times and titles as the questions of one moment write them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._zone = zone_of(snapshot.plan.watch.timezone)[0]

    def at(self, moment: float) -> str:
        """A time, in UTC and in the plan's zone."""
        return clock(moment, self._snapshot.at, self._zone)

    def ago(self, moment: float) -> str:
        """How long ago that was."""
        return format_duration(self._snapshot.at - moment)

    def until(self, moment: float) -> str:
        """How long until then, or how long over."""
        ahead = moment - self._snapshot.at
        return f"in {format_duration(ahead)}" if ahead > 0 else f"{format_duration(-ahead)} ago"

    def title(self, subject: str) -> str:
        """What people call the subject of an episode."""
        check = self._snapshot.plan.checks.get(subject)
        return clean(check.title if check else subject.replace(SOURCE, "source ", 1), 60)

    def state(self, episode: Episode) -> str:
        """How bad an episode is now, since when, and why."""
        found = self._snapshot.check(episode.subject)
        # Where no watch runs the check only says so; what was seen last says more.
        is_seen = found is not None and found.before is None
        level = found.verdict.level if found and is_seen else episode.worst
        reason = found.verdict.reason if found and is_seen else episode.reason
        turned = self._snapshot.bad_since(episode) if is_seen else episode.worst_at
        began = self.at(episode.start)
        since = began if turned is None else self.at(turned)
        if since != began:
            since += f", in trouble since {began}"
        return f"{level} since {since}, {self.ago(episode.start)}: {clean(reason, 200)}"


def _open(snapshot: Snapshot) -> list[Episode]:
    return [episode for episode in snapshot.episodes if episode.is_open]


def _episodes(snapshot: Snapshot) -> list[Asked]:
    told, acks = _Told(snapshot), snapshot.affairs.acks
    found = [e for e in _open(snapshot) if e.subject not in acks]
    found.sort(key=lambda e: -e.worst.severity)
    return [
        Asked(
            f"episode:{e.subject}:{e.start}",
            f"{told.title(e.subject)}: who has it?",
            Form.WORD,
            (told.state(e), "nobody has acknowledged it"),
            ((e.subject, e.start),),
        )
        for e in found
    ]


def _acks(snapshot: Snapshot) -> list[Asked]:
    told, acks = _Told(snapshot), snapshot.affairs.acks
    found = []
    for episode in _open(snapshot):
        ack: Ack | None = acks.get(episode.subject)
        if ack is None:
            continue
        facts = (
            f"acknowledged {told.at(ack.at)}: {clean(ack.why, 200)}",
            told.state(episode),
            f"asked about again {told.at(ack.recheck)}, {told.until(ack.recheck)}",
        )
        who = clean(ack.who, 40)
        question = f"{told.title(ack.subject)}: {who} has it; is that still true?"
        found.append(Asked(f"ack:{ack.id}", question, Form.YES, facts, acks=(ack.id,)))
    return found


def _promises(snapshot: Snapshot) -> list[Asked]:
    told = _Told(snapshot)

    def asked(promise: OpenPromise) -> Asked:
        facts = (
            f"promised by {clean(promise.who, 40)} {told.at(promise.at)}",
            f"due {told.at(promise.due)}, {told.until(promise.due)}",
        )
        text = clean(promise.text, 120)
        question = f"Promised for {told.at(promise.due)}: {text}. Will you do it?"
        return Asked(f"promise:{promise.id}", question, Form.YES, facts)

    return [asked(promise) for promise in snapshot.affairs.promises]


def _blind(snapshot: Snapshot) -> list[Asked]:
    """Sources that are out of reach without an episode of their own."""
    told = _Told(snapshot)
    known = {e.subject for e in _open(snapshot)}
    return [
        Asked(
            f"blind:{source.name}",
            f"{clean(source.name, 60)} cannot be seen: who looks after it?",
            Form.WORD,
            (f"since {told.at(source.down_since)}: {clean(source.reason, 200)}",),
        )
        for source in snapshot.sources
        if source.down_since is not None
        and source.kind != "firstwatch"
        and SOURCE + source.name not in known
    ]


def _round(snapshot: Snapshot) -> list[Asked]:
    told, due = _Told(snapshot), snapshot.due
    if due is None:
        return []
    name, at = due.round.name, told.at(due.round.due)
    was = "was" if due.round.due <= snapshot.at else "is"
    facts = [f"{told.until(due.round.due)}, {due.status}, phase {clean(due.round.phase, 60)}"]
    if due.status in OPEN:
        facts.append(f"missed unless signed by {told.at(due.round.closes)}")
    question = f"Round {name} {was} due {at}: will you sign it?"
    return [Asked(f"round:{name}", question, Form.YES, tuple(facts))]


def _unsigned(snapshot: Snapshot) -> list[Asked]:
    """Missed rounds that no note explains."""
    explained = {n.act.about for n in snapshot.affairs.notes if isinstance(n.act, Note)}
    missed = [
        state.round
        for state in snapshot.rounds
        if state.status is RoundStatus.MISSED
        and not explained & {f"{ROUND}{state.round.number}", f"{ROUND}{state.round.name}"}
    ]
    if not missed:
        return []
    planned = [round_.number for round_ in missed if not round_.nth]
    names = ", ".join(filter(None, (ranges(planned), *(r.name for r in missed if r.nth))))
    which = f"Round {names} was" if len(missed) == 1 else f"Rounds {names} were"
    told = _Told(snapshot)
    facts = (f"last due {told.at(missed[-1].due)}, and no note explains it",)
    question = f"{which} missed and nobody has said why: what happened?"
    return [Asked(f"missed:{names}", question, Form.LINE, facts)]


def _rollback(snapshot: Snapshot) -> list[Asked]:
    told, plan = _Told(snapshot), snapshot.plan.rollback
    run, until = snapshot.affairs.rollback, snapshot.launch + plan.window
    if run is not None:
        done = len({step.act.step for step in run.steps})
        what = "The rehearsed rollback" if run.is_drill else "The rollback"
        facts = (
            f"opened {told.at(run.at)} by {clean(run.who, 40)}: {clean(run.reason, 200)}",
            f"{done} of {len(plan.steps)} steps are done or passed over",
        )
        return [
            Asked(f"rollback:{run.id}", f"{what} is under way: who leads it?", Form.WORD, facts)
        ]
    if not plan.steps or snapshot.at >= until:
        return []
    question = f"Going back is possible until {told.at(until)}: what would make you do it?"
    return [Asked("rollback", question, Form.LINE, (f"the window closes {told.until(until)}",))]


def _one(asked: Sequence[Asked]) -> Asked:
    return asked[0]


def _together(key: str, question: str, form: Form) -> Callable[[Sequence[Asked]], Asked]:
    """How several questions of a sort become one."""

    def together(asked: Sequence[Asked]) -> Asked:
        facts = [f"{one.question.partition(': who')[0]}: {one.facts[0]}" for one in asked[:FACTS]]
        if len(asked) > FACTS:
            facts.append(f"and {len(asked) - FACTS} more")
        keys = " ".join(one.key for one in asked)
        episodes = tuple(episode for one in asked for episode in one.episodes)
        acks = tuple(ack for one in asked for ack in one.acks)
        said = question.format(len(asked))
        return Asked(f"{key}:{keys}", said, form, tuple(facts), episodes, acks)

    return together


_all_episodes = _together(
    "episodes", "{} episodes that nobody has acknowledged: who has them?", Form.WORD
)
_all_acks = _together("acks", "{} episodes are acknowledged: is that still true of all?", Form.YES)
_all_promises = _together("promises", "{} promises are open: will you keep them?", Form.YES)
_all_blind = _together("blind", "{} sources cannot be seen: who looks after them?", Form.WORD)
