"""The way back as lines: how long it is open, what it costs, the run, and the steps of the plan."""

from dataclasses import replace

from firstwatch.acts import RollbackOpened
from firstwatch.affairs import RollbackRun, StepDone
from firstwatch.desk import Request, act_of
from firstwatch.errors import Refused
from firstwatch.plan import Step
from firstwatch.rollback import (
    begun,
    current,
    paused,
    price,
    verified,
    was_verified,
)
from firstwatch.snapshot import Snapshot
from firstwatch.text import clean
from firstwatch.units import format_duration
from tui.renderables.ages import clock_time
from tui.renderables.lines import (
    EMPTY,
    Line,
    Role,
    first_fitting,
    fit,
    slice_cells,
    width_of,
    wrapped,
)
from tui.renderables.slips import key_lines, told
from tui.scene import Scene

BACKFILL = "firstwatch backfill --out backfill.csv"
"""Writes the list of what was not received."""
MARK = 5
"""Cells before a step's title: the cursor, its glyph, its number."""
TITLE = 26
"""Cells of a step's title."""


def this_moment(scene: Scene) -> Snapshot:
    """The snapshot as of now: what has grown stale since it was made counts no more."""
    return replace(scene.snapshot, at=max(scene.now, scene.snapshot.at))


def refusal(scene: Scene, request: Request) -> str:
    """Why that would not be recorded as things stand; empty where it would."""
    try:
        act_of(this_moment(scene), request)
    except Refused as refused:
        return str(refused)
    return ""


def run_call(scene: Scene, *, is_short: bool = False) -> Line:
    """What the header says of a run that is under way; empty while none is."""
    run = scene.snapshot.affairs.rollback
    if run is None:
        return EMPTY
    step, steps = current(run, scene.snapshot.plan), len(scene.snapshot.plan.rollback.steps)
    where = f": step {step} of {steps}" if step else ": to be ended"
    where = f" {step or steps}/{steps}" if is_short else where
    return ((f" {_name(run)}{where} ", Role.PENDING if run.is_drill else Role.WARNING),)


def shown_step(scene: Scene, chosen: int) -> int:
    """The step (from 1) under the cursor: the chosen one, else the one to be done now."""
    plan, run = scene.snapshot.plan, scene.snapshot.affairs.rollback
    steps = len(plan.rollback.steps)
    return min(chosen or (current(run, plan) if run else 1) or steps, steps)


def rollback_lines(scene: Scene, chosen: int, width: int) -> tuple[list[Line], int]:
    """All of it, and which line is the last of the chosen step's in the list.

    `chosen` is the step under the cursor, from 1; it is shown in full beneath the list.
    """
    steps = scene.snapshot.plan.rollback.steps
    lines = [*window_lines(scene, width), *price_lines(scene, width), EMPTY, *_run(scene, width)]
    if not steps:
        return [*lines, EMPTY, (("the plan has no steps for the way back", Role.UNKNOWN),)], 0
    lines.append(EMPTY)
    at = 0
    for number, step in enumerate(steps, 1):
        lines.append(_row(scene, number, step, width, is_chosen=number == chosen))
        lines += _seen(scene, number, step, width)
        at = len(lines) - 1 if number == chosen else at
    return [*lines, EMPTY, *_step(scene, steps[chosen - 1], chosen, width)], at


def window_lines(scene: Scene, width: int) -> list[Line]:
    """The clock of the window, or why going back is no option any more."""
    launch, length = scene.snapshot.launch, scene.snapshot.plan.rollback.window
    until, now = launch + length, scene.now
    if now < launch:
        return [((f"the window opens with the launch, at {clock_time(launch)} UTC", Role.TEXT),)]
    if now < until:
        clock = (_clock(until - now), Role.STRONG)
        return [(("window closes in ", Role.TEXT), clock, (f", {clock_time(until)} UTC", Role.DIM))]
    since = f"window closed at {clock_time(until)} UTC, {format_duration(now - until)} ago"
    why = (
        f"Going back is an option for {format_duration(length)} after the launch: a restore "
        "deletes all that was written since, and that is too much by now. Only a drill may begin."
    )
    return [((since, Role.WARNING),), *told("", why, Role.TEXT, width)]


def price_lines(scene: Scene, width: int) -> list[Line]:
    """What a restore would lose so far, each counted with its age or unknown with the reason."""
    if scene.now < scene.snapshot.launch:
        return []
    counted = price(this_moment(scene))
    if not counted:
        return [(("nothing in the plan counts what a restore would lose", Role.UNKNOWN),)]
    lines: list[Line] = [(("a restore would lose", Role.TEXT),)]
    for line in counted:
        mark, role = ("  ", Role.TEXT) if line.value is not None else ("? ", Role.UNKNOWN)
        lines += told(mark, clean(line.told), role, width)
    return lines


def _run(scene: Scene, width: int) -> list[Line]:
    """The run that is under way, else that there is none and how the last one ended; its keys."""
    affairs = scene.snapshot.affairs
    run, last = affairs.rollback, next(reversed(affairs.rollbacks), None)
    lines: list[Line] = []
    if run is not None:
        lines += _under_way(run, width)
        keys = [("enter", "done"), ("x", "pass over"), ("f", "end"), ("u", "call off")]
    else:
        if last is not None:
            lines += _ended(last, width)
        is_open = not refusal(scene, RollbackOpened(reason="asked"))
        lines.append((("no run is under way", Role.TEXT),))
        keys = [*([("o", "open a run")] if is_open else []), ("d", "open a drill")]
    if last is not None:
        lines += _pause(scene, last, width)
    return lines if scene.replay else [*lines, *key_lines(keys, width)]


def _under_way(run: RollbackRun, width: int) -> list[Line]:
    opened = f"since {clock_time(run.at, seconds=True)} UTC by {clean(run.who, 40)}: "
    role = Role.PENDING if run.is_drill else Role.WARNING
    return told(f"{_name(run).upper()} ", opened + clean(run.reason), role, width)


def _ended(run: RollbackRun, width: int) -> list[Line]:
    start, end = clock_time(run.at), clock_time(run.closed_at or run.at)
    how = "called off" if run.is_called_off else "ended"
    note = f": {clean(run.note)}" if run.note else ""
    words = f"last {_name(run)} {start}–{end} UTC, {how} by {clean(run.closed_by, 40)}{note}"
    return told("", words, Role.DIM, width)


def pause_words(scene: Scene, run: RollbackRun) -> str:
    """Whether webhooks are still paused by that run; nothing if they never were."""
    plan = scene.snapshot.plan
    done = paused(run, plan)
    if done is None:
        return ""
    step = plan.rollback.steps[done.act.step - 1]
    if verified(step, this_moment(scene), run.at).is_met:
        return "webhooks are still paused, and nothing is queued"
    return f"webhooks were paused by {clock_time(done.at)} UTC, and nothing was queued"


def _pause(scene: Scene, run: RollbackRun, width: int) -> list[Line]:
    """The same, with what writes the list of what is missing."""
    words = pause_words(scene, run)
    if not words:
        return []
    command: Line = ((f"  {BACKFILL}", Role.STRONG), ("  b copies it", Role.DIM))
    return [*told("! ", f"{words}; the back-fill list is prepared:", Role.WARNING, width), command]


def _row(scene: Scene, number: int, step: Step, width: int, *, is_chosen: bool) -> Line:
    """One step of the list: cursor, glyph, number, title, and how it stands."""
    run, steps = scene.snapshot.affairs.rollback, scene.snapshot.plan.rollback.steps
    glyph, role = _glyph(run.step(number) if run else None)
    longest = max(width_of(clean(each.title, 80)) for each in steps)
    title = fit(clean(step.title, 80), min(longest, TITLE))
    head: Line = (
        (scene.glyphs.pointer if is_chosen else " ", Role.STRONG),
        (glyph, role),
        (f" {number} ", Role.DIM),
        (title, Role.STRONG if is_chosen else Role.TEXT),
    )
    stands = _stands(scene, number, step)
    rows = ((*head, (f" {words}", Role.TEXT if run else Role.DIM)) for words in stands)
    return first_fitting(rows, width)


def _glyph(done: StepDone | None) -> tuple[str, Role]:
    """Green only what the watch has seen itself."""
    if done is None:
        return " ", Role.DIM
    if not done.act.is_done:
        return "✗", Role.WARNING
    return "✔", Role.OK if was_verified(done.act) else Role.TEXT


def _stands(scene: Scene, number: int, step: Step) -> tuple[str, ...]:
    """How a step stands, from long to short."""
    run = scene.snapshot.affairs.rollback
    if run is None:
        wanted = _wanted(scene, step)
        return (f"done when {wanted}" if wanted else "a person says so", "")
    done = run.step(number)
    if done is not None:
        left = "done" if done.act.is_done else "passed over"
        at = f"{left} {clock_time(done.at, seconds=True)}"
        took = format_duration(done.at - begun(run, number))
        by = f"{at} by {clean(done.who, 24)}"
        return f"{by}, took {took}", f"{at}, took {took}", at, left
    if number == current(run, scene.snapshot.plan):
        return f"now, since {clock_time(begun(run, number), seconds=True)}", "now"
    return ("",)


def _seen(scene: Scene, number: int, step: Step, width: int) -> list[Line]:
    """What the watch sees of a step that was done or is to be done now, and what people noted."""
    run = scene.snapshot.affairs.rollback
    done = run.step(number) if run else None
    if run is None or (done is None and number != current(run, scene.snapshot.plan)):
        return []
    lines: list[Line] = []
    if done is not None and done.act.is_done and done.act.verified:
        lines += _words(done.act.verified, width, is_met=was_verified(done.act))
    if done is None or (done.act.is_done and step.verify and not was_verified(done.act)):
        seen = verified(step, this_moment(scene), begun(run, number))
        lines += _words(seen.told, width, is_met=seen.is_met, since=done)
    if done is not None and done.act.note:
        lines += told(" " * MARK, clean(done.act.note), Role.TEXT, width)
    return lines


def _words(words: str, width: int, *, is_met: bool, since: StepDone | None = None) -> list[Line]:
    """What was seen, indented; with `since` what is seen by now of what was not seen then."""
    text = f"by now {words}" if since else words
    lines = told(" " * MARK, clean(text), Role.TEXT, width)
    return [tuple((run, Role.OK) for run, _ in line) for line in lines] if is_met else lines


def seen_lines(scene: Scene, number: int, width: int) -> list[Line]:
    """What the watch sees of one step at this moment, or why it sees nothing."""
    run, steps = scene.snapshot.affairs.rollback, scene.snapshot.plan.rollback.steps
    if run is None or number > len(steps):
        return []
    seen = verified(steps[number - 1], this_moment(scene), begun(run, number))
    role = Role.OK if seen.is_met else Role.WARNING if seen.is_seen else Role.DIM
    return told("", clean(seen.told), role, width)


def _wanted(scene: Scene, step: Step) -> str:
    """What verifies a step, with the title of its check; empty where only a person can say."""
    if step.verify is None:
        return ""
    check = scene.snapshot.plan.checks.get(step.verify.check)
    return clean(step.verify.told(check.title if check else step.verify.check))


def _step(scene: Scene, step: Step, number: int, width: int) -> list[Line]:
    """One step in full: what to know before it, how it is verified, what to type or to send."""
    lines: list[Line] = [((f"{number} {clean(step.title, 80)}", Role.STRONG),)]
    lines += told("", clean(step.text, 2000), Role.TEXT, width)
    if wanted := _wanted(scene, step):
        lines += told("verified when ", wanted, Role.DIM, width)
    if not step.command:
        return lines
    keys = "c copies the command, p shows it bare; the watch runs nothing"
    hint = [((words, Role.DIM),) for words in wrapped(keys, width)]
    return [*lines, EMPTY, *hint, *command_lines(step.command, width)]


def command_lines(command: str, width: int) -> list[Line]:
    """A command line by line; what is too long goes on below, uncut."""
    room = max(width, 1)
    drawn: list[Line] = []
    for line in command.strip("\n").splitlines():
        text = line.expandtabs(4)
        pieces = range(0, max(width_of(text), 1), room)
        drawn += [((slice_cells(text, at, at + room), Role.TEXT),) for at in pieces]
    return drawn


def _name(run: RollbackRun) -> str:
    return "drill" if run.is_drill else "rollback"


def _clock(seconds: float) -> str:
    """Time to go: "02:32:46"."""
    whole = max(-int(-seconds // 1), 0)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
