"""Contradictions of a plan: it can be watched, yet it cannot mean what it says."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from firstwatch.config.wording import dotted, quoted, suggestion
from firstwatch.errors import Problem
from firstwatch.plan import Check, Direction, Phase, Plan
from firstwatch.units import format_duration, format_value

Said = Iterator[tuple[tuple[str | int, ...], str]]
"""Keys, each with what is wrong there."""


def lint(plan: Plan, file: str = "") -> tuple[Problem, ...]:
    """Every contradiction, phases first; `file` is what the problems name."""
    return tuple(
        Problem(file, dotted(key, _named(plan, key)), what)
        for rule in _RULES
        for key, what in rule(plan)
    )


def _named(plan: Plan, key: tuple[str | int, ...]) -> dict[int, str]:
    """What the table of an array in a key is called, by where its number stands."""
    at = next((place for place, step in enumerate(key) if isinstance(step, int)), 1)
    return {at: plan_name(plan, key)}


def plan_name(plan: Plan, key: tuple[str | int, ...]) -> str:
    """What the table at a key of an array is called."""
    match key:
        case ("phases", int(number), *_):
            return plan.phases[number].name
        case ("contacts", int(number), *_):
            return plan.contacts[number].title
        case ("tails", int(number), *_):
            return plan.tails[number].title
        case ("rollback", "steps", int(number), *_):
            return plan.rollback.steps[number].title
        case _:
            return ""


def _time(seconds: float) -> str:
    return format_duration(seconds) if seconds >= 1 else f"{seconds * 1000:g}ms"


def _phases_follow_each_other(plan: Plan) -> Said:
    if plan.phases and plan.phases[0].start != 0:
        late = _time(plan.phases[0].start)
        yield ("phases", 0, "start"), f'the first {late} have no phase; begin at "0s"'
    for number, (before, after) in enumerate(pairwise(plan.phases), start=1):
        key = ("phases", number, "start")
        ended, begins = _time(before.end), _time(after.start)
        name = quoted(before.name)
        if after.start > before.end:
            yield key, f"leaves a gap: {name} ends at {ended}, this begins at {begins}"
        elif after.start < before.end:
            yield key, f"overlaps: {name} ends at {ended}, this begins at {begins}"


def _phases_hold_whole_rounds(plan: Plan) -> Said:
    for number, phase in enumerate(plan.phases):
        length, key = phase.end - phase.start, ("phases", number, "every")
        rounds = length / phase.every
        if rounds < 1:
            yield key, f"is longer than the phase ({_time(length)}), which so has no round"
        elif abs(rounds - round(rounds)) > 1e-6:
            rest = _time(length - int(rounds) * phase.every)
            yield key, f"does not divide the phase ({_time(length)}); its last {rest} have no round"
        yield from _window(number, phase)


def _window(number: int, phase: Phase) -> Said:
    early = phase.every / 6 if phase.early is None else phase.early
    grace = phase.every / 3 if phase.grace is None else phase.grace
    if early + grace > phase.every * (1 + 1e-9):
        name = "grace" if phase.grace is not None else "early"
        yield (
            ("phases", number, name),
            (
                f"early and grace together ({_time(early + grace)}) are longer than every "
                f"({_time(phase.every)}), so rounds run into each other"
            ),
        )


def _phases_ask_for_checks_once(plan: Plan) -> Said:
    for number, phase in enumerate(plan.phases):
        key = ("phases", number, "checks")
        if not phase.checks:
            yield key, "has nothing to ask for: every check of it is left out"
        for id_ in dict.fromkeys(phase.checks):
            if phase.checks.count(id_) > 1:
                yield key, f"{quoted(id_)} is named more than once"
            if id_ not in plan.checks:
                yield key, f"unknown check {quoted(id_)}{suggestion(id_, plan.checks)}"
            elif plan.checks[id_].hidden:
                yield key, f"{quoted(id_)} is hidden, so nobody could sign it; show it or drop it"


def _tails_and_contacts_know_their_checks(plan: Plan) -> Said:
    rows = [("tails", number, tail.checks) for number, tail in enumerate(plan.tails)]
    rows += [("contacts", number, one.checks) for number, one in enumerate(plan.contacts)]
    for name, number, checks in rows:
        for id_ in checks:
            if id_ not in plan.checks:
                what = f"unknown check {quoted(id_)}{suggestion(id_, plan.checks)}"
                yield (name, number, "checks"), what


def _losses_are_judged(plan: Plan) -> Said:
    for id_ in dict.fromkeys(plan.report.losses):
        if what := _unmeasured(plan, id_):
            yield ("report", "losses"), what
        elif plan.checks[id_].bands.warning is None:
            what = f"{quoted(id_)} has no warning, so nothing tells when something was lost"
            yield ("report", "losses"), what


def _rollback_stands_on_measured_checks(plan: Plan) -> Said:
    for id_ in dict.fromkeys(plan.rollback.price):
        key = ("rollback", "price")
        if plan.rollback.price.count(id_) > 1:
            yield key, f"{quoted(id_)} is named more than once"
        if what := _unmeasured(plan, id_):
            yield key, what
    for number, step in enumerate(plan.rollback.steps):
        if step.verify and (what := _unmeasured(plan, step.verify.check)):
            yield ("rollback", "steps", number, "verify"), what


def _unmeasured(plan: Plan, id_: str) -> str:
    """Why nothing can be read off a check of that id; empty where it is measured."""
    if id_ not in plan.checks:
        return f"unknown check {quoted(id_)}{suggestion(id_, plan.checks)}"
    if plan.checks[id_].is_manual:
        return f"{quoted(id_)} is manual; only what is measured can be read off"
    return ""


def _each_check(rule: Callable[[Plan, Check], Iterator[tuple[str, str]]]) -> Callable[[Plan], Said]:
    def checked(plan: Plan) -> Said:
        for id_, check in plan.checks.items():
            for name, what in rule(plan, check):
                yield (("checks", id_, name) if name else ("checks", id_)), what

    return checked


def _check_rules(plan: Plan, check: Check) -> Iterator[tuple[str, str]]:
    yield from _asked_for(plan, check)
    yield from _limits_in_order(check)
    if check.deadline > check.every:
        every = _time(check.every)
        yield "deadline", f"{_time(check.deadline)} is longer than every ({every}); make it shorter"
    if check.witness:
        yield from _witness(plan, check)
    if check.hint_from:
        yield from _hint_from(plan, check)
    if check.compare:
        yield from _compare(plan, check)
    if check.inlet:
        yield from _inlet(plan, check)


def _asked_for(plan: Plan, check: Check) -> Iterator[tuple[str, str]]:
    if check.always or check.hidden:
        return
    if not any(check.id in phase.checks for phase in plan.phases):
        yield "", "no phase asks for it; name it in a phase, or say always = true or hidden = true"


def _limits_in_order(check: Check) -> Iterator[tuple[str, str]]:
    bands = check.bands
    limits = [
        (name, limit)
        for name, limit in (
            ("target", bands.target),
            ("warning", bands.warning),
            ("critical", bands.critical),
        )
        if limit is not None
    ]
    if limits and check.is_manual:
        named = " and ".join(name for name, _ in limits)
        yield "", f"has {named} but no source; a person's answer is not measured against limits"
        return
    for (name, limit), (worse, beyond) in pairwise(limits):
        if limit > beyond if bands.bad is Direction.ABOVE else limit < beyond:
            here, there = format_value(limit, check.unit), format_value(beyond, check.unit)
            yield (
                name,
                (
                    f"{here} is beyond {worse} ({there}) where {bands.bad} is bad; swap them or "
                    "change bad"
                ),
            )


def _witness(plan: Plan, check: Check) -> Iterator[tuple[str, str]]:
    if check.witness == check.id:
        yield "witness", "a check cannot be its own witness; name one that counts elsewhere"
    elif check.witness not in plan.checks:
        near = suggestion(check.witness, plan.checks)
        yield (
            "witness",
            (
                f"{quoted(check.witness)} is no check of this plan, or is left out by "
                f"enabled = false{near}"
            ),
        )
    elif plan.checks[check.witness].is_manual:
        yield "witness", f"{quoted(check.witness)} is manual; a witness must be measured"
    elif check.is_manual:
        yield "witness", "a manual check needs none; nothing of it is measured"


def _hint_from(plan: Plan, check: Check) -> Iterator[tuple[str, str]]:
    name = quoted(check.hint_from)
    if not check.is_manual:
        yield "hint_from", "only a manual check takes a hint from another; this one is measured"
    elif check.hint_from not in plan.checks:
        near = suggestion(check.hint_from, plan.checks)
        yield "hint_from", f"{name} is no check of this plan{near}"
    elif plan.checks[check.hint_from].is_manual:
        yield "hint_from", f"{name} is manual; a hint comes from a measured check"


def _compare(plan: Plan, check: Check) -> Iterator[tuple[str, str]]:
    name = quoted(check.compare)
    if check.is_manual:
        yield "compare", "a manual check has no value to compare"
    elif check.compare == check.id:
        yield "compare", "a check cannot be compared with itself; name one that counts elsewhere"
    elif check.compare not in plan.checks:
        near = suggestion(check.compare, plan.checks)
        yield "compare", f"{name} is no check of this plan, or is left out by enabled = false{near}"
    elif plan.checks[check.compare].is_manual:
        yield "compare", f"{name} is manual; only what is measured can be compared"


def _inlet(plan: Plan, check: Check) -> Iterator[tuple[str, str]]:
    if what := _unmeasured(plan, check.inlet):
        yield "inlet", what
    elif check.inlet == check.id:
        yield "inlet", "a check cannot be its own inlet; name the one that counts the ways in"
    elif not any(check.id == other.witness for other in plan.checks.values()):
        yield "inlet", "no check has this one for its witness, so no silence is explained by it"


_RULES: tuple[Callable[[Plan], Said], ...] = (
    _phases_follow_each_other,
    _phases_hold_whole_rounds,
    _phases_ask_for_checks_once,
    _each_check(_check_rules),
    _tails_and_contacts_know_their_checks,
    _losses_are_judged,
    _rollback_stands_on_measured_checks,
)
