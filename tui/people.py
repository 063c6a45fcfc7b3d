"""Who has what, and what people owe, as the board shows it at this second; pure."""

from datetime import UTC, datetime

from firstwatch.affairs import Ack, OpenPromise
from firstwatch.episodes import SOURCE, Episode
from firstwatch.snapshot import CheckState, Snapshot
from firstwatch.text import clean
from tui.renderables.ages import age_text, clock_time, span_text, zone_name
from tui.renderables.lines import shorten
from tui.scene import Scene, open_trouble

NAME = 12
"""Cells a name may take in a row."""


def subject_of(snapshot: Snapshot, state: CheckState) -> str:
    """Whose episode the trouble of a check belongs to: its own, or that of what blocks it."""
    blocked_by = state.verdict.blocked_by
    is_source = any(source.name == blocked_by for source in snapshot.sources)
    return f"{SOURCE}{blocked_by}" if blocked_by and is_source else state.check.id


def ack_of(snapshot: Snapshot, state: CheckState) -> Ack | None:
    """The acknowledgement under which the trouble of a check stands."""
    if not state.verdict.level.is_trouble:
        return None
    return snapshot.affairs.acks.get(subject_of(snapshot, state))


def counts_as_had(scene: Scene, state: CheckState) -> bool:
    """Whether somebody has acknowledged its trouble, and need not be asked again yet."""
    ack = ack_of(scene.snapshot, state)
    return ack is not None and not ack.asks(scene.now)


def had_by(scene: Scene, state: CheckState) -> str:
    """Who has the trouble of a row, and for how long: "A 12m"; "A 1h?" once it is asked again."""
    ack = ack_of(scene.snapshot, state)
    if ack is None:
        return ""
    asks = "?" if ack.asks(scene.now) else ""
    return f"{shorten(clean(ack.who), NAME)} {age_text(scene.now - ack.at)}{asks}"


def is_had(scene: Scene, subject: str) -> bool:
    """Whether somebody has acknowledged it, and need not be asked again yet."""
    ack = scene.snapshot.affairs.acks.get(subject)
    return ack is not None and not ack.asks(scene.now)


def first_trouble(scene: Scene) -> Episode | None:
    """What to name first: what nobody has, then what has to be asked about again, then the rest."""
    acks = scene.snapshot.affairs.acks

    def rank(episode: Episode) -> int:
        return (episode.subject in acks) + is_had(scene, episode.subject)

    return min(open_trouble(scene.snapshot), key=rank, default=None)


def subject_to_acknowledge(scene: Scene, check_id: str = "") -> str:
    """The subject of the open episode of that check, else of what the top line names; or none."""
    snapshot = scene.snapshot
    open_ = {episode.subject for episode in snapshot.episodes if episode.is_open}
    if not check_id:
        first = first_trouble(scene)
        return first.subject if first else ""
    state = snapshot.check(check_id)
    subjects = (subject_of(snapshot, state), check_id) if state else (check_id,)
    return next((subject for subject in subjects if subject in open_), "")


def due_promises(scene: Scene) -> tuple[OpenPromise, ...]:
    """The promises whose time has come, the oldest first."""
    return tuple(p for p in scene.snapshot.affairs.promises if p.due <= scene.now)


def promise_words(promise: OpenPromise, now: float) -> str:
    """How a promise stands: "in 12m", "due now", "4m overdue"."""
    ahead = promise.due - now
    if ahead > 0:
        return f"in {span_text(ahead)}" if ahead >= 60 else "in <1m"
    return f"{span_text(-ahead)} overdue" if ahead <= -60 else "due now"


def moment_words(scene: Scene, at: float) -> str:
    """A moment to come as a dialog says it was understood: UTC, the plan's zone, how far off."""
    days = (
        datetime.fromtimestamp(at, UTC).date() - datetime.fromtimestamp(scene.now, UTC).date()
    ).days
    day = {0: "", 1: "tomorrow "}.get(days, f"in {days} days ")
    zone = scene.snapshot.plan.watch.timezone
    local = f" ({clock_time(at, scene.zone)} {zone_name(zone)})" if scene.zone is not UTC else ""
    return f"{day}{clock_time(at)} UTC{local}, in {span_text(max(at - scene.now, 0.0))}"
