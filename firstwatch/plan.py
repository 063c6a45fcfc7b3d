"""The plan: the whole checklist as frozen facts.

These models are what `config.toml` holds; `config/` reads the file into them. Every key has
its meaning beneath it, and that string is the reference.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    model_validator,
)

from firstwatch.conditions import Condition
from firstwatch.probe import Duration, Section
from firstwatch.text import clean
from firstwatch.units import UNITS, parse_quantity
from firstwatch.verdict import Level

Title = Annotated[str, AfterValidator(partial(clean, limit=200))]
"""What something is called: one harmless line, whoever wrote the file."""
Words = Annotated[str, AfterValidator(partial(clean, limit=4000))]
"""A sentence or a few, as harmless."""


class Pane(StrEnum):
    """Where on the board a check lives."""

    HEALTH = "health"
    FLOW = "flow"
    INTEGRITY = "integrity"
    CLIENT = "client"


class Direction(StrEnum):
    """On which side of its limits a value is bad."""

    ABOVE = "above"
    BELOW = "below"


class Call(StrEnum):
    """What the board rings for."""

    ROUNDS = "rounds"
    """When one is due, and again when it is late."""
    CRITICAL = "critical"
    """When something has become critical that nobody has acknowledged."""


def _calls(value: object) -> object:
    if isinstance(value, bool):
        return tuple(Call) if value else ()
    if not isinstance(value, list | tuple):
        raise ValueError(f"must be true, false, or an array of {', '.join(Call)}")  # noqa: TRY004 - what pydantic reports
    return value


Calls = Annotated[tuple[Call, ...], BeforeValidator(_calls)]


def _unit(unit: str) -> str:
    if unit not in UNITS:
        raise ValueError(f'unknown unit "{unit}" (known: {", ".join(u for u in UNITS if u)})')
    return unit


Unit = Annotated[str, AfterValidator(_unit)]
Limit = float | None


class Bands(Section):
    """The limits of a check, all in its unit; any subset."""

    target: Limit = None
    """The checklist's own limit."""
    warning: Limit = None
    """Past it somebody should look."""
    critical: Limit = None
    """Past it somebody must act."""
    bad: Direction = Direction.ABOVE
    """On which side of the limits a value is bad."""

    def grade(self, value: float, slack: float = 1.0) -> Level:
        """The level of a value; `slack` below 1 tightens every limit, to ask for clearly better."""
        for limit, level in (
            (self.critical, Level.CRITICAL),
            (self.warning, Level.WARNING),
            (self.target, Level.OFF_TARGET),
        ):
            if limit is not None and self._passes(value, limit, slack):
                return level
        return Level.OK

    @property
    def limits(self) -> tuple[tuple[Level, float], ...]:
        """The limits there are, each with the level of what has passed it, the worst last.

        What has passed one of two equal limits has passed both: only the worse one is told.
        """
        levels = (Level.OFF_TARGET, Level.WARNING, Level.CRITICAL)
        worst = {limit: level for level in levels if (limit := self.limit_of(level)) is not None}
        return tuple((level, limit) for limit, level in worst.items())

    def limit_of(self, level: Level) -> float | None:
        """The limit that a value of this level has passed."""
        return {
            Level.CRITICAL: self.critical,
            Level.WARNING: self.warning,
            Level.OFF_TARGET: self.target,
        }.get(level)

    def _passes(self, value: float, limit: float, slack: float) -> bool:
        if self.bad is Direction.ABOVE:
            return value > limit * slack
        return value < limit / slack


def _steady(value: object) -> object:
    if isinstance(value, tuple):
        return value
    match = isinstance(value, str) and re.fullmatch(r"(\d+) of (\d+)", value.strip())
    if not match or not 1 <= int(match[1]) <= int(match[2]) <= 20:
        raise ValueError(f'"{value}" is not like "2 of 3" (at most 20)')
    return int(match[1]), int(match[2])


KofN = Annotated[tuple[int, int], BeforeValidator(_steady)]


def _pasteable(command: str) -> str:
    lines = [line.rstrip(" \t") for line in command.strip("\n").split("\n")]
    if not "".join(lines).strip():
        raise ValueError("is empty")
    if any(not (c.isprintable() or c == "\t") for line in lines for c in line):
        raise ValueError("has a control character in it, which a terminal might obey")
    return "\n".join(lines).rstrip()


class Command(Section):
    """A command for a person: shown and copied, never run."""

    title: Title
    """What it shows or does."""
    command: Annotated[str, AfterValidator(_pasteable)]
    """As it is to be pasted into a shell. Nothing is filled in but `{worst}`, in quotes where
    they are needed: the id, or else the label, of the first part of the reading. `${NAME}` stays
    as written, for the shell to fill in."""


class Check(Section):
    """One line of the checklist."""

    id: str = Field(default="", exclude=True)
    """Its name in the plan: the key of its table."""
    title: Title
    """What the board calls it, up to about 20 characters."""
    item: Title = ""
    """The checklist's own words."""
    pane: Pane
    """The pane it is shown in: health, flow, integrity or client."""
    source: str = ""
    """The `[sources.…]` that measures it; empty makes it manual, a person's to say."""
    measure: Any = None
    """What to ask of the source; its keys belong to the kind of the source."""
    every: Duration = Field(default=30.0, gt=0)
    """How often it is measured."""
    deadline: Duration = Field(default=5.0, gt=0)
    """How long one measurement may take, in real seconds."""
    unit: Unit = ""
    """The unit of its value and limits."""
    bands: Bands = Bands()
    """target, warning, critical and bad, as written on the check itself or taken from its alert."""
    alert: str = ""
    """The `[alerts.…]` row whose warning and critical apply."""
    worsen: KofN = (2, 3)
    """How many of the last readings must agree before the verdict worsens."""
    dwell: Duration = 60.0
    """How long a value must be clearly better before the verdict improves."""
    clear: float = Field(default=0.9, gt=0, le=1)
    """Clearly better means within this share of the limit that was passed."""
    min_sample: int = Field(default=0, ge=0)
    """Below so many observations a ratio has no verdict."""
    witness: str = ""
    """A measured check that counts the same traffic elsewhere: silence is judged by it."""
    compare: str = ""
    """A measured check that counts the same elsewhere: the value is how many it counts more."""
    inlet: str = ""
    """Of a witness: the measured check that counts the open ways by which its traffic gets to the
    application. Where there is none, it says why, and silence is told with that reason."""
    always: bool = False
    """A key figure: shown in every phase, asked for by no round."""
    hidden: bool = False
    """Measured as a witness, not shown as a row."""
    enabled: bool = True
    """false leaves it out of the plan."""
    hint: Words = ""
    """What to do when it is bad, or what to look at when it is manual."""
    commands: tuple[Command, ...] = ()
    """What to paste into a shell to see more, or to act."""
    hint_from: str = ""
    """Of a manual check: the measured one whose value is shown to help a person to say."""
    why: Words = ""
    """How it is measured, and why so."""

    @property
    def is_manual(self) -> bool:
        """Whether only a person can say."""
        return not self.source

    @property
    def stale_after(self) -> float:
        """Seconds after which a reading no longer speaks for now, at real-time speed."""
        return max(2 * self.every, self.every + self.deadline)

    @model_validator(mode="before")
    @classmethod
    def _gather_bands(cls, values: Any) -> Any:
        """Let limits stand on the check itself, in any unit that converts into the check's own."""
        if not isinstance(values, dict) or "bands" in values:
            return values
        values = dict(values)
        unit = values.get("unit", "")
        bands: dict[str, Any] = {}
        for key in ("target", "warning", "critical"):
            if key in values:
                limit = values.pop(key)
                bands[key] = parse_quantity(limit, unit) if isinstance(limit, str) else limit
        if "bad" in values:
            bands["bad"] = values.pop("bad")
        return {**values, "bands": bands}


class Alert(Section):
    """One row of the alert table."""

    title: Title = ""
    """What the row is called."""
    warning: float | str
    """A number in the unit of the checks that use it, or one with its unit: "2s"."""
    critical: float | str
    """The same, for critical."""


ROUNDS = 1000
"""The most rounds of a phase."""


class Phase(Section):
    """A stretch after the launch with its own cadence."""

    name: Title
    """What the board calls it."""
    start: Duration
    """When it begins, counted from the launch."""
    end: Duration
    """When it ends, counted from the launch."""
    every: Duration
    """A round is due at the end of each such stretch."""
    checks: tuple[str, ...]
    """What its rounds ask for, by check id."""
    early: Duration | None = None
    """How long before it is due a round may be signed; a sixth of `every` unless said."""
    grace: Duration | None = None
    """How long after it is due a round is not yet late; a third of `every` unless said."""
    relax_after: int = Field(default=0, ge=0, le=20)
    """The next phase's slower cadence has to be earned by so many clean rounds in a row, signed at
    its end; otherwise the board asks whether to go on at this one. 0 never asks."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.every <= 0:
            raise ValueError("every must be longer than zero")
        if self.end <= self.start:
            raise ValueError("end must come after start")
        if (self.end - self.start) / self.every > ROUNDS:
            raise ValueError(f"would have more than {ROUNDS} rounds; make every longer")
        return self


class Tail(Section):
    """One of the log tails the checklist asks for."""

    title: Title
    """What it is called."""
    source: str
    """The `[sources.…]` of kind log."""
    records: tuple[str, ...]
    """Which records: classes or events, for example "error" or "webhook"."""
    lines: int = Field(default=50, ge=1, le=1000)
    """How many of the last ones at least; the log screen shows as many as are kept."""
    checks: tuple[str, ...] = ()
    """The checks, by id, from which the log is opened at this tail."""


class Contact(Section):
    """Whom or what to turn to, and for which checks."""

    title: Title
    """What it is for."""
    hint: Words
    """Whom to ask, or what to do first."""
    checks: tuple[str, ...] = ()
    """The checks it belongs to, by id."""
    commands: tuple[Command, ...] = ()
    """What to paste into a shell; shown after the check's own."""


def _condition(value: object) -> object:
    if value is None or isinstance(value, Condition):
        return value
    text = value.strip() if isinstance(value, str) else "?"
    return Condition.parse(text) if text else None


Verify = Annotated[Condition | None, BeforeValidator(_condition)]


class Step(Section):
    """One step of the rollback."""

    title: Title
    """What the step is."""
    text: Words = ""
    """What to know before it."""
    command: str = ""
    """What to type or to send, of one line or several: printed as it is written, for the person;
    the watch never runs it. `$NAME` and `${NAME}` in it are for the person's shell, and never
    filled in."""
    verify: Verify = None
    """When it is verified, by a measured check: `"live-webhooks is 0"`, `"live-webhooks is at
    least 1"` or `"webhook-config is ok"`; without it only a person can say."""


class Rollback(Section):
    """The rollback plan; live only in its window after the launch."""

    window: Duration = 6 * 3600.0
    """How long after the launch going back is an option."""
    price: tuple[str, ...] = ()
    """The measured checks, by id, that count what a restore would lose."""
    steps: tuple[Step, ...] = ()
    """The steps, in order."""


class Escalation(Section):
    """What happens while nobody signs a round, and once somebody does."""

    after: tuple[Duration, ...] = (300.0, 900.0)
    """How long after a round is due it is called for somebody, each time once."""
    command: tuple[str, ...] = ()
    """The program that calls, and its arguments; empty calls nobody. It is told by its environment
    what is due: FIRSTWATCH_ROUND, _STATUS, _DUE, _MINUTES, _CALL, _HOLDER, _WORST and _WATCH."""
    env: dict[str, SecretStr] = Field(default_factory=dict)
    """Added to PATH, HOME, LANG and TZ, which are all it gets besides."""
    timeout: Duration = Field(default=10.0, gt=0, le=60)
    """How long a call or a ping may take, in real seconds."""
    ping: SecretStr = SecretStr("")
    """Asked with GET once a round was signed, and never else: a dead man's switch for people."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if list(self.after) != sorted(set(self.after)) or any(delay < 0 for delay in self.after):
            raise ValueError("after must be delays from short to long")
        address = self.ping.get_secret_value()
        if address and not address.startswith(("https://", "http://")):
            raise ValueError("ping must be an http address")
        if self.command and not self.command[0]:
            raise ValueError("command needs a program")
        return self


def _share(value: object) -> object:
    share = parse_quantity(value, "%") if isinstance(value, str) else value
    if isinstance(share, int | float) and not 0 <= share <= 100:
        raise ValueError("must be from 0% to 100%")
    return share


Share = Annotated[float, BeforeValidator(_share)]


class Report(Section):
    """What the final report decides by, besides what is open at its end."""

    least_coverage: Share = 95.0
    """"extend" where less of the plan's time was watched with every source in reach."""
    most_missed: int = Field(default=2, ge=0)
    """"extend" where more rounds were missed."""
    clean_rounds: int = Field(default=3, ge=0, le=100)
    """"extend" unless so many rounds at the end, one after the other, were signed clean."""
    losses: tuple[str, ...] = ()
    """The measured checks, by id, that count what was lost since the launch and is not there
    again: "no-go" while one is past its warning and nobody has acknowledged it."""


class Notify(StrEnum):
    """How the terminal is asked to show a notice on the desktop."""

    OFF = "off"
    OSC9 = "osc9"
    OSC777 = "osc777"


class WatchSettings(Section):
    """What is true of the whole watch."""

    name: str = "launch"
    """Names the journal and the handoffs."""
    launch: str = ""
    """T0 as an ISO time with zone; empty: stamped by `firstwatch start` or the first board."""
    operator: str = ""
    """Who has the watch."""
    timezone: str = "UTC"
    """The second clock on the board, an IANA name."""
    handoffs: str = "handoffs"
    """The folder handoffs are written into."""
    journal: str = ""
    """The journal file; empty: under the XDG state folder."""
    theme: str = "auto"
    """The name of a theme that ships with firstwatch, or of one of your own; `auto` is `dark`,
    or `ansi` where the terminal has sixteen colours or fewer."""
    bell: Calls = tuple(Call)
    """What the board rings for: a round that is due or late, and what has become critical."""
    title: bool = True
    """Whether the board writes the state and the next round into the window's title."""
    notify: Notify = Notify.OFF
    """How the terminal is to show a new critical and a due round on the desktop: osc9 or osc777,
    whichever it knows."""
    ask_again: Duration = Field(default=3600.0, gt=0)
    """How long an acknowledgement counts before the board asks whether it is still true."""


class SourceSettings(Section):
    """One `[sources.…]`: its kind and what that kind takes."""

    kind: str
    """The kind of probe that reads it."""
    settings: Any = None
    """What that kind takes."""


class Plan(Section):
    """The whole checklist."""

    watch: WatchSettings = WatchSettings()
    """What is true of the whole watch."""
    sources: dict[str, SourceSettings]
    """Where readings come from, by name."""
    phases: tuple[Phase, ...]
    """The stretches after the launch, in order."""
    checks: dict[str, Check]
    """The lines of the checklist, by id."""
    alerts: dict[str, Alert] = Field(default_factory=dict)
    """The alert table, by name."""
    tails: tuple[Tail, ...] = ()
    """The log tails the checklist asks for."""
    contacts: tuple[Contact, ...] = ()
    """Whom or what to turn to."""
    report: Report = Report()
    """What the final report decides by."""
    rollback: Rollback = Rollback()
    """How to go back."""
    escalation: Escalation = Escalation()
    """What happens while nobody signs."""
    keys: dict[str, str] = Field(default_factory=dict)
    """The keys of the board that are not as they are by default, by the id of the action."""
    _taken: tuple[SecretStr, ...] = PrivateAttr(())

    @property
    def taken(self) -> tuple[SecretStr, ...]:
        """What was filled in from outside its files and may be secret, wherever it stands."""
        return self._taken

    def taking(self, values: Iterable[str]) -> Self:
        """The same plan, which knows these values for secret."""
        plan = self.model_copy()
        plan._taken = tuple(SecretStr(value) for value in values)  # noqa: SLF001 - our own
        return plan

    def phase_at(self, seconds: float) -> Phase | None:
        """The phase so many seconds after the launch; None before and after the plan."""
        return next((p for p in self.phases if p.start <= seconds < p.end), None)

    @property
    def end(self) -> float:
        """Seconds from the launch to the end of the last phase."""
        return max((phase.end for phase in self.phases), default=0.0)
