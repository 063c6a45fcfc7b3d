"""Taking the watch over without a board: in its journal, or from a handoff on another machine."""

import sys
import tempfile
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from firstwatch.acts import Answer, HandedOver, TakenOver
from firstwatch.desk import act_of
from firstwatch.errors import FirstwatchError, JournalHeld
from firstwatch.handoff import from_journal
from firstwatch.handoff.carrying import Twin, carry, is_known, read_twin
from firstwatch.journal import Journal
from firstwatch.snapshot import Snapshot
from firstwatch.takeover import Asked, questions
from tui.cli.exits import ExitCode
from tui.cli.opening import A_YEAR, Setting, place, planned_launch
from tui.cli.reading import clock_of, warn_of_later


def take_over(setting: Setting, arguments: Namespace) -> int:
    """Ask the questions, then record who has the watch; nothing is recorded before the end."""
    if not setting.operator:
        raise FirstwatchError("say who takes the watch with --operator")
    if arguments.file:
        _from_handoff(setting, place(arguments.file), Path(arguments.file).name)
    else:
        _in_journal(setting)
    return ExitCode.OK


def _in_journal(setting: Setting) -> None:
    if not setting.journal.is_file():
        Journal.read_only(setting.journal).close()  # which says that there is none
    try:
        with Journal.open(setting.journal) as journal:
            setting = replace(setting, clock=clock_of(journal, setting.clock))
            warn_of_later(journal, setting.clock)
            affairs = _snapshot(journal, setting).affairs
            by = setting.operator if setting.is_named else affairs.pending or setting.operator
            if by.casefold() == affairs.holder.casefold():
                raise FirstwatchError(
                    f"{affairs.holder} has the watch already; --operator says who takes it"
                )
            answers = _answers(_snapshot(journal, setting), by)
            _record(journal, setting, by, answers)
    except JournalHeld as held:
        raise FirstwatchError(f"a watch is running; on its board press o ({held})") from None


def _from_handoff(setting: Setting, path: Path, name: str) -> None:
    try:
        twin = read_twin(path.read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise FirstwatchError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    twin = _fitting(twin, setting)
    by = setting.operator
    changes_hands = by.casefold() != twin.operator.casefold()
    answers: tuple[Answer, ...] = ()
    # Asked on a copy: whoever breaks off leaves no half-taken journal behind.
    with (
        tempfile.TemporaryDirectory(prefix="firstwatch-take-over-") as folder,
        Journal.open(Path(folder) / "carried.journal") as journal,
    ):
        carry(journal, twin, setting.plan, by, setting.clock.now())
        if changes_hands:
            answers = _answers(_snapshot(journal, setting), by)
    with Journal.open(setting.journal) as journal:
        carry(journal, twin, setting.plan, by, setting.clock.now())
        if changes_hands:
            _record(journal, setting, by, answers)
        else:
            _say(f"{by} goes on with the watch")
    _tell(f"journal {setting.journal}")


def _fitting(twin: Twin, setting: Setting) -> Twin:
    """The twin, if it is of this watch and its journal can begin here."""
    plan = setting.plan
    if twin.watch != plan.watch.name:
        raise FirstwatchError(
            f'{twin.file}: a handoff of "{twin.watch}", and the plan here is of '
            f'"{plan.watch.name}"; set `name` under [watch], or choose the plan with --config'
        )
    if abs(twin.launch - setting.clock.now()) > A_YEAR:
        raise FirstwatchError(f"{twin.file}: launch: is more than a year away")
    if setting.journal.is_file():
        with Journal.read_only(setting.journal) as journal:
            if journal.launch is not None:
                raise FirstwatchError(
                    f"journal {setting.journal}: has a launch already; take it over without "
                    "a file, or name another with --journal"
                )
    planned = planned_launch(plan)
    if planned is not None and abs(planned - twin.launch) >= 1:
        raise FirstwatchError(f"{twin.file}: of another launch than `launch` under [watch] says")
    if unknown := [t.subject for t in twin.open if not is_known(plan, t.subject)]:
        _tell(f"not in the plan here, and so not carried: {', '.join(unknown)}")
    return twin if planned is None else replace(twin, launch=planned)


def _snapshot(journal: Journal, setting: Setting) -> Snapshot:
    return from_journal(journal, setting.plan, setting.clock.now(), scale=setting.clock.scale)


def _record(journal: Journal, setting: Setting, by: str, answers: tuple[Answer, ...]) -> None:
    now = setting.clock.now()
    if _snapshot(journal, setting).affairs.pending != by:
        journal.act(now, by, HandedOver(to=by, note="asked for it"))
    who, act = act_of(_snapshot(journal, setting), TakenOver(by=by, answers=answers))
    journal.act(now, who, act)
    _say(f"{by} has the watch")


def _answers(snapshot: Snapshot, by: str) -> tuple[Answer, ...]:
    """Answers to all questions, and the acceptance. Raises FirstwatchError when there is none."""
    asked = questions(snapshot)
    holder = snapshot.affairs.holder or "nobody"
    _tell(f"{holder} → {by}; {len(asked)} questions, then you accept")
    answers = tuple(
        one.answered(_answer(one, f"{number} of {len(asked)}"))
        for number, one in enumerate(asked, 1)
    )
    _tell(f"\nAccept, and have the watch as {by} from now on? yes or no: ", end="")
    if _line().casefold() not in ("y", "yes"):
        raise FirstwatchError("not taken over: not accepted")
    return answers


def _answer(asked: Asked, which: str) -> str:
    _tell(f"\n{which}. {asked.question}")
    for fact in asked.facts:
        _tell(f"   {fact}")
    while True:
        _tell(f"{asked.form}: ", end="")
        said = _line()
        problem = asked.lacks(said)
        if not problem:
            return said
        _tell(problem)


def _line() -> str:
    line = sys.stdin.readline() if sys.stdin else ""
    if not line:
        raise FirstwatchError("not taken over: the questions were not answered")
    return line.strip()


def _say(text: str) -> None:
    print(text)


def _tell(text: str, end: str = "\n") -> None:
    print(text, file=sys.stderr, end=end, flush=True)
