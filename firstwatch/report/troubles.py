"""What went wrong: every episode with its worst value and who took it, and how that ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstwatch.acts import Acknowledgement, Record
from firstwatch.affairs import lets_hold
from firstwatch.episodes import Episode, Flip
from firstwatch.flights.record import Flight
from firstwatch.handoff.owners import Key, Owner, owners
from firstwatch.handoff.worst import worst_of
from firstwatch.report.facts import MOST, MOST_TOLD, Bar, Material, Section, Table, told_rest
from firstwatch.report.words import Words, flat
from firstwatch.units import format_duration
from firstwatch.verdict import Level

EPISODES = ("what", "worst", "since", "lasted", "worst value", "owner", "reason", "recorded")
ACKNOWLEDGED = ("when", "who", "what", "why", "until", "what became of it")


def since_launch(material: Material) -> tuple[Episode, ...]:
    """The episodes that reach into the time of the report, oldest first."""
    snapshot = material.snapshot
    found = [e for e in snapshot.episodes if e.is_open or (e.end or 0.0) > snapshot.launch]
    return tuple(sorted(found, key=lambda episode: episode.start))


def episodes(material: Material, words: Words) -> Section:
    """All episodes; where they are too many, the gravest and longest of them."""
    now = material.snapshot.at
    every = since_launch(material)
    kept = _gravest(every, now, MOST)
    known, records = owners(material.snapshot), _records(every, material.flights)
    rows = tuple(
        (*_row(episode, material, known, words), words.said(records.get(episode, "–")))
        for episode in kept
    )
    counts = flat(_count(every, level) for level in (Level.CRITICAL, Level.WARNING, Level.UNKNOWN))
    still = sum(episode.is_open for episode in every)
    lines = (f"{len(every)} episodes, {still} of them open: {counts}",) if every else ()
    return Section("Episodes", lines, Table(EPISODES, rows, told_rest(every, "less grave")))


def _gravest(every: Sequence[Episode], now: float, most: int) -> list[Episode]:
    """So many of them, in the order they began."""
    gravest = sorted(every, key=lambda e: (not e.is_open, -e.worst.severity, -e.lasted(now)))
    return sorted(gravest[:most], key=lambda episode: episode.start)


def _count(every: Sequence[Episode], level: Level) -> str:
    count = sum(episode.worst is level for episode in every)
    return f"{count} at worst {level}" if count else ""


def bars(material: Material, words: Words) -> tuple[Bar, ...]:
    """The episodes as they are drawn; only the gravest are told."""
    now = material.snapshot.at
    every = since_launch(material)
    told = {(e.subject, e.start): _told(e, now, words) for e in _gravest(every, now, MOST_TOLD)}
    titles = {subject: words.title(subject) for subject in {e.subject for e in every}}
    return tuple(
        Bar(
            title=titles[episode.subject],
            worst=episode.worst,
            start=episode.start,
            end=episode.end,
            told=told.get((episode.subject, episode.start), ""),
        )
        for episode in every
    )


def _told(episode: Episode, now: float, words: Words) -> str:
    return flat(
        (
            f"{words.title(episode.subject)} {episode.worst}",
            f"{words.at(episode.start)} for {format_duration(episode.lasted(now))}",
            words.said(episode.reason),
        )
    )


def _row(
    episode: Episode,
    material: Material,
    known: Mapping[Key, Owner],
    words: Words,
) -> tuple[str, ...]:
    lasted = format_duration(episode.lasted(material.snapshot.at))
    return (
        words.title(episode.subject),
        episode.worst.value,
        words.since(episode.start),
        f"{lasted}, open" if episode.is_open else lasted,
        _worst_value(episode, material, words),
        _owner(known.get((episode.subject, episode.start)), words),
        _reason(episode, words),
    )


def _worst_value(episode: Episode, material: Material, words: Words) -> str:
    """The worst value of an episode and when it was measured."""
    check = material.snapshot.plan.checks.get(episode.subject)
    worst = worst_of(episode, check, material.spans.get((episode.subject, episode.start)))
    if worst is None:
        return "–"
    return worst.value if worst.at is None else f"{worst.value}, {words.at(worst.at)}"


def _reason(episode: Episode, words: Words) -> str:
    """Why it came to be at its worst, and when."""
    when = "" if episode.worst_at is None else f"{words.at(episode.worst_at)}: "
    return f"{when}{words.said(episode.reason)}"


def _owner(owner: Owner | None, words: Words) -> str:
    """Who has it, or had it last."""
    if owner is None:
        return "nobody"
    who = words.who(owner.who)
    if owner.is_named:
        return f"{who}, named at the take-over"
    if owner.is_asked_again and owner.until is not None:
        return f"{who}, asked again since {words.at(owner.until)}"
    return who


def _records(every: Sequence[Episode], flights: Sequence[Flight]) -> dict[Episode, str]:
    """The flight records of each episode: a record is of the last one that had begun by then."""
    found: dict[Episode, list[str]] = {}
    for flight in flights:
        for subject in flight.subjects:
            # A record tells its moment in whole seconds.
            begun = [e for e in every if e.subject == subject and e.start < flight.at + 1]
            if begun:
                found.setdefault(begun[-1], []).append(flight.folder.name)
    return {episode: flat(names) for episode, names in found.items()}


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of an acknowledgement."""

    told: str
    at: float | None = None


def acknowledgements(material: Material, words: Words) -> Section:
    """Who took which trouble, and how that ended."""
    given = [
        (record, record.act)
        for record in material.snapshot.affairs.records
        if isinstance(record.act, Acknowledgement)
    ]
    rows = tuple(_acknowledged(*one, material, words) for one in given[-MOST:])
    rest = told_rest(given, "earlier")
    return Section("Acknowledgements", table=Table(ACKNOWLEDGED, rows, rest))


def _acknowledged(
    record: Record, act: Acknowledgement, material: Material, words: Words
) -> tuple[str, ...]:
    fate = _fate(record, act, material)
    told = f"{fate.told} {words.at(fate.at)}" if fate.at is not None else fate.told
    return (
        words.since(record.at),
        words.who(record.who),
        f"{words.title(act.subject)} {act.level}",
        words.wrote(act.why) or "no reason given",
        words.at(act.recheck),
        told,
    )


def _fate(record: Record, act: Acknowledgement, material: Material) -> _Fate:
    again = _renewed(record, act, material)
    episode = next(
        (e for e in material.snapshot.episodes if (e.subject, e.start) == (act.subject, act.start)),
        None,
    )
    for flip in _later_flips(act, episode, material.flips):
        if lets_hold(act, flip):
            continue
        if again is not None and again.at <= flip.at:
            break
        return _Fate(f"broken by {flip.new}" if flip.new.is_trouble else "cleared", flip.at)
    if again is not None:
        return _Fate("given anew", again.at)
    if episode is None or not episode.is_open:
        return _Fate("its episode is over")
    is_asked = material.snapshot.at >= act.recheck
    return _Fate("held until it was to be asked again", act.recheck) if is_asked else _Fate("holds")


def _later_flips(
    act: Acknowledgement, episode: Episode | None, flips: Sequence[Flip]
) -> list[Flip]:
    """The flips of its episode that came after it."""
    own = [flip for flip in flips if flip.subject == act.subject and flip.at >= act.start]
    return own[act.flips : episode.flips if episode else None]


def _renewed(record: Record, act: Acknowledgement, material: Material) -> Record | None:
    """The next acknowledgement of the same episode."""
    return next(
        (
            later
            for later in material.snapshot.affairs.records
            if later.id > record.id
            and isinstance(later.act, Acknowledgement)
            and (later.act.subject, later.act.start) == (act.subject, act.start)
        ),
        None,
    )
