"""Reading a plan: the user's few lines over the shipped one, and secrets from where they are."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from firstwatch.config import load, unset
from firstwatch.config.interpolate import fill
from firstwatch.config.secret import Withheld, from_command
from firstwatch.errors import ConfigError, Problem
from firstwatch.plan import Direction, Plan
from firstwatch.probe import Kinds
from firstwatch.secrecy import secrets_of
from probes.kinds import KINDS

ENVIRON = {"DATABASE_URL": "postgresql://watch@db/app", "PATH": os.environ["PATH"]}


class Desk:
    """Loads texts over the toy plan."""

    def __init__(self, kinds: Kinds, shipped: Path, folder: Path) -> None:
        self.kinds, self.shipped, self.folder = kinds, shipped, folder

    def load(
        self, text: str, environ: Mapping[str, str] = ENVIRON, *, run_commands: bool = True
    ) -> Plan:
        path = self.folder / "mine.toml"
        path.write_text(text)
        return load(path, self.kinds, environ, run_commands=run_commands, shipped=self.shipped)

    def problems(
        self, text: str, environ: Mapping[str, str] = ENVIRON, *, run_commands: bool = True
    ) -> tuple[Problem, ...]:
        with pytest.raises(ConfigError) as raised:
            self.load(text, environ, run_commands=run_commands)
        return raised.value.problems


@pytest.fixture
def desk(toy_kinds: Kinds, toy_plan: Path, tmp_path: Path) -> Desk:
    return Desk(toy_kinds, toy_plan, tmp_path)


def test_the_shipped_plan_loads_with_two_addresses_alone() -> None:
    environ = {"DATABASE_URL": "postgresql://watch@db/app", "APP_URL": "http://app"}
    plan = load(None, KINDS, environ)
    assert plan.end == 24 * 3600
    for id_, check in plan.checks.items():
        assert check.id == id_
        if not check.is_manual:
            kind = KINDS[plan.sources[check.source].kind]
            assert isinstance(check.measure, kind.measure)
            assert isinstance(plan.sources[check.source].settings, kind.settings)


def test_a_file_of_three_lines_works(desk: Desk) -> None:
    plan = desk.load('[checks.errors]\nwarning = 7\nhint = "look"\n')
    assert plan.checks["errors"].bands.warning == 7
    assert plan.checks["errors"].title == "errors"
    assert len(plan.checks) == 4


def test_an_empty_file_changes_nothing(desk: Desk) -> None:
    assert desk.load("") == load(None, desk.kinds, ENVIRON, shipped=desk.shipped)


def test_limits_of_an_alert_are_converted_and_those_of_the_check_win(desk: Desk) -> None:
    response = desk.load("").checks["response"].bands
    assert (response.target, response.warning, response.critical) == (500, 2000, 5000)
    own = desk.load('[checks.response]\nwarning = "1.5s"\nbad = "below"\n').checks["response"]
    assert (own.bands.warning, own.bands.critical) == (1500, 5000)
    assert own.bands.bad is Direction.BELOW


def test_arrays_and_measures_are_replaced_whole(desk: Desk) -> None:
    plan = desk.load(
        '[checks.errors]\nmeasure = { silence = ["webhook"] }\n'
        '[[phases]]\nname = "all"\nstart = "0h"\nend = "1h"\nevery = "5m"\nchecks = ["errors"]\n'
    )
    assert plan.checks["errors"].measure.count == ()
    assert [phase.name for phase in plan.phases] == ["all"]


def test_a_source_of_another_kind_is_replaced_whole(desk: Desk) -> None:
    plan = desk.load(
        'tails = []\n[sources.log]\nkind = "web"\n'
        '[checks.errors]\nmeasure = { endpoints = "/errors" }\n'
    )
    assert plan.sources["log"].kind == "web"
    assert plan.sources["log"].settings.base == ""


def test_a_check_moves_to_another_source_of_its_kind_with_its_measure(desk: Desk) -> None:
    plan = desk.load(
        '[sources.replica]\nkind = "sql"\ndsn = "postgresql://replica/app"\n'
        '[checks.connections]\nsource = "replica"\n'
    )
    assert plan.checks["connections"].measure.sql == "connections.sql"


def test_a_check_left_out_takes_its_mentions_and_its_source_along(desk: Desk) -> None:
    plan = desk.load("[checks.connections]\nenabled = false\n", {})
    assert "connections" not in plan.checks
    assert plan.phases[0].checks == ("errors",)
    assert plan.contacts[0].checks == ()
    assert "database" not in plan.sources


def test_a_check_can_be_left_out_by_the_environment(desk: Desk) -> None:
    text = '[checks.connections]\nenabled = "${WITH_DATABASE:-false}"\n'
    assert "connections" not in desk.load(text).checks
    assert "connections" in desk.load(text, {**ENVIRON, "WITH_DATABASE": "true"}).checks


def test_a_tail_names_checks_of_the_plan_and_loses_those_that_are_left_out(desk: Desk) -> None:
    tail = '[[tails]]\ntitle = "t"\nsource = "log"\nrecords = ["error"]\nchecks = ["{}"]\n'
    assert desk.load(tail.format("errors")).tails[0].checks == ("errors",)
    left_out = "[checks.errors]\nenabled = false\n"
    assert desk.load(left_out + tail.format("errors")).tails[0].checks == ()
    (problem,) = desk.problems(tail.format("erors"))
    assert (problem.key, problem.what) == (
        "tails[t].checks",
        'unknown check "erors"; did you mean "errors"?',
    )


def test_a_mention_of_an_own_check_that_is_left_out_is_pointed_out(desk: Desk) -> None:
    (problem,) = desk.problems(
        '[checks.mine]\ntitle = "mine"\npane = "flow"\nenabled = false\n'
        '[[contacts]]\ntitle = "A"\nhint = "b"\nchecks = ["mine", "errors"]\n'
    )
    assert problem.what == '"mine" is left out by its enabled = false'


def test_a_problem_names_the_file_its_key_stands_in(desk: Desk) -> None:
    own, shipped = desk.problems("[checks.errors]\nmin_sample = -1\n", {})
    assert (own.file, own.key) == (str(desk.folder / "mine.toml"), "checks.errors.min_sample")
    assert str(shipped) == (
        "config.toml (shipped): sources.database.dsn: environment variable DATABASE_URL is not set"
    )


def test_what_connects_to_nothing_may_find_unset_what_only_a_connection_needs(
    tmp_path: Path,
) -> None:
    plan = load(None, KINDS, {}, connects=False)
    assert plan.checks.keys() == load(None, KINDS, ENVIRON | {"APP_URL": "http://a"}).checks.keys()
    assert secrets_of(plan) == ()
    path = tmp_path / "mine.toml"
    path.write_text(
        '[watch]\nname = "${NAME}"\n[escalation]\ncommand = ["page", "${PAGER}"]\n'
        '[checks.quota]\nmeasure = { query = "quota", keep = "${KEPT}" }\n'
    )
    with pytest.raises(ConfigError) as raised:
        load(path, KINDS, {}, connects=False)
    assert [p.what for p in raised.value.problems if "environment" in p.what] == [
        "environment variable NAME is not set"
    ]
    assert [problem.what for problem in unset(path, {})] == [
        f"environment variable {name} is not set"
        for name in ("PAGER", "KEPT", "DATABASE_URL", "APP_URL")
    ]


def test_references_are_filled_in() -> None:
    environ = {"A": "1", "EMPTY": ""}
    assert fill("${A}/${B:-b}/${EMPTY}/${EMPTY:-c}/$${A}/$A", environ).text == "1/b//c/${A}/$A"
    assert fill("${A}", {"A": "${A}"}).text == "${A}"


def test_nothing_is_filled_into_a_command_so_that_no_secret_is_shown(desk: Desk) -> None:
    written = 'psql "${DATABASE_URL%%\\?*}" $HOME ${NOT_SET} $${X}'
    toml = f"commands = [{{ title = \"t\", command = '{written}' }}]\n"
    plan = desk.load(
        f'[checks.errors]\nhint = "${{DATABASE_URL}}"\n{toml}'
        f'[[contacts]]\ntitle = "c"\nhint = "h"\nchecks = ["errors"]\n{toml}'
    )
    assert plan.checks["errors"].hint == ENVIRON["DATABASE_URL"]
    for commands in (plan.checks["errors"].commands, plan.contacts[0].commands):
        assert [command.command for command in commands] == [written]


def test_what_is_wrong_with_a_command_is_said(desk: Desk) -> None:
    told = desk.problems('[checks.errors]\ncommands = [{ title = "t", command = " " }]\n')
    assert [(p.key, p.what) for p in told] == [("checks.errors.commands[t].command", "is empty")]
    told = desk.problems('[checks.errors]\ncommands = [{ titel = "t", command = "ls" }]\n')
    assert ["did you mean" in problem.what for problem in told] == [True]
    told = desk.problems('[checks.errors]\ncommands = ["ls"]\n')
    assert len(told) == 1


def test_what_stands_under_a_misspelt_key_is_not_complained_of_as_well(desk: Desk) -> None:
    toml = "[checks.errors]\nommands = [{ title = 't', command = '${X%%y} ${NOT_SET}' }]\n"
    (told,) = desk.problems(toml)
    assert told.what == 'unknown key; did you mean "commands"?'


def test_a_launch_may_be_written_as_a_time(desk: Desk) -> None:
    plan = desk.load("[watch]\nlaunch = 2026-11-25T09:00:00+04:00\n")
    assert plan.watch.launch == "2026-11-25T09:00:00+04:00"


def test_a_secret_comes_from_a_file_or_a_command(desk: Desk) -> None:
    (desk.folder / "dsn").write_text("postgresql://from-file/app\n")
    plan = desk.load(
        f'[sources.database]\ndsn = {{ file = "{desk.folder}/dsn" }}\n'
        '[sources.app]\nheaders = { a = { command = ["printf", "in-the-pocket\\ntwo"] } }\n'
    )
    assert plan.sources["database"].settings.dsn == SecretStr("postgresql://from-file/app")
    assert plan.sources["app"].settings.headers == {"a": SecretStr("in-the-pocket")}
    assert "in-the-pocket" not in repr(plan)


def test_lint_runs_no_command_and_reads_no_secret(desk: Desk) -> None:
    mark, pipe = desk.folder / "ran", desk.folder / "pipe"
    os.mkfifo(pipe)
    text = (
        f'[sources.database]\ndsn = {{ file = "{pipe}" }}\n'
        f'[sources.app]\nheaders = {{ a = {{ command = ["touch", "{mark}"] }} }}\n'
    )
    desk.load(text, run_commands=False)
    assert not mark.exists()
    (problem,) = desk.problems(text.replace(str(pipe), "nowhere"), run_commands=False)
    assert problem.what == 'there is no such file: "nowhere"'


@pytest.mark.parametrize(
    ("argv", "reason"),
    (
        (["sh", "-c", "echo marker; exit 3"], "ended with exit code 3"),
        (["sh", "-c", "echo marker >&2"], "is empty"),
        (["sh", "-c", "echo marker; sleep 60 & wait"], "gave no answer within 0.3 s"),
        (["yes", "marker"], "gave no answer within 0.3 s"),
        (["printf", "\\377"], "is not UTF-8 text"),
        (["no-such-program"], "there is no such program"),
        (["/"], "failed to run"),
    ),
)
def test_a_command_that_tells_no_secret_says_why_but_not_what(argv: list[str], reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(Withheld) as raised:
        from_command(argv, ENVIRON, deadline=0.3)
    assert str(raised.value) == reason
    assert time.monotonic() - began < 5


def test_a_command_that_leaves_something_running_is_not_waited_for() -> None:
    began = time.monotonic()
    assert from_command(["sh", "-c", "echo secret; sleep 3 &"], ENVIRON) == "secret"
    assert time.monotonic() - began < 2


KEYS = (
    "sources.database.dsn",
    "sources.database.statement_timeout",
    "sources.app.verify",
    "checks.errors.every",
    "checks.errors.pane",
    "checks.errors.unit",
    "checks.errors.warning",
    "checks.errors.source",
    "checks.errors.alert",
    "checks.errors.worsen",
    "checks.errors.min_sample",
    "checks.errors.bad",
    "checks.errors.enabled",
    "checks.connections.measure.shape",
    "watch.timezone",
    "watch.launch",
    "alerts.response.warning",
    "rollback.window",
)


@settings(max_examples=25, deadline=None)
@given(
    secret=st.text("aB3$/:%é=", min_size=6, max_size=20).map(lambda text: f"zq{text}qz"),
    before=st.sampled_from(("", "x", "1", "postgresql://")),
)
@pytest.mark.parametrize("key", KEYS)
def test_a_value_from_the_environment_is_in_no_problem(
    key: str,
    secret: str,
    before: str,
    toy_kinds: Kinds,
    toy_plan: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    *table, name = key.split(".")
    desk = Desk(toy_kinds, toy_plan, tmp_path_factory.getbasetemp())
    text = f'[{".".join(table)}]\n{name} = "{before}${{SECRET}}"\n'
    if name == "shape":
        text += 'sql = "x"\n'
    if key.endswith("dsn") and before == "postgresql://":
        assert secret not in repr(desk.load(text, {**ENVIRON, "SECRET": secret}))
        return
    said = "\n".join(map(repr, desk.problems(text, {**ENVIRON, "SECRET": secret})))
    assert secret[:6] not in said
    assert secret[-6:] not in said


@pytest.mark.parametrize(
    ("content", "what"),
    (
        (None, "there is no such file"),
        (b"\xff\xfe", "is not UTF-8 text (line 1)"),
        (b"# x\n" * 300_000, "is larger than 1 MB, so not a plan"),
        (b"a = " + b"[" * 5000, "nests too deeply to be a plan"),
    ),
)
def test_a_file_that_is_no_text_is_named(desk: Desk, content: bytes | None, what: str) -> None:
    path = desk.folder / "odd.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        load(path, desk.kinds, ENVIRON, shipped=desk.shipped)
    assert str(raised.value) == f"{path}: {what}"


def test_a_folder_is_named(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="is a folder, not a file"):
        load(desk.folder, desk.kinds, ENVIRON, shipped=desk.shipped)


@pytest.fixture
def nobody() -> Iterator[None]:
    """A user who may not read everything, even where root runs the tests."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    yield
    os.seteuid(user)


def test_a_file_that_may_not_be_read_is_named(desk: Desk, nobody: None) -> None:
    path = desk.folder / "closed.toml"
    if os.getuid() != 0:
        path.touch(mode=0)
    with pytest.raises(ConfigError, match="may not be read by this user"):
        load(path, desk.kinds, ENVIRON, shipped=desk.shipped)


def test_a_byte_order_mark_and_windows_line_ends_are_read(desk: Desk) -> None:
    path = desk.folder / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf[checks.errors]\r\nwarning = 9\r\n")
    plan = load(path, desk.kinds, ENVIRON, shipped=desk.shipped)
    assert plan.checks["errors"].bands.warning == 9


HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;mine\x07\u202etxt\u202c\x9b2J\n# now"
HARMLESS = "red txt # now"


def test_the_words_of_a_plan_are_harmless_whoever_wrote_it(desk: Desk) -> None:
    said = json.dumps(HOSTILE)
    plan = desk.load(
        f"""
        [checks.errors]
        title = {said}
        item = {said}
        hint = {said}
        why = {said}
        commands = [{{ title = {said}, command = "ls" }}]
        [[phases]]
        name = {said}
        start = "0h"
        end = "6h"
        every = "30m"
        checks = ["errors"]
        [[contacts]]
        title = {said}
        hint = {said}
        [rollback]
        steps = [{{ title = {said}, text = {said} }}]
        """
    )
    check, step, contact = plan.checks["errors"], plan.rollback.steps[0], plan.contacts[0]
    words = (check.title, check.item, check.hint, check.why, check.commands[0].title)
    others = (plan.phases[0].name, contact.title, contact.hint, step.title, step.text)
    assert {*words, *others} == {HARMLESS}


def test_a_title_without_end_has_one(desk: Desk) -> None:
    plan = desk.load(f'[checks.errors]\ntitle = "{"x" * 900_000}"\n')
    assert len(plan.checks["errors"].title) == 200


def test_a_name_that_nobody_can_read_is_refused(desk: Desk) -> None:
    (problem,) = desk.problems('[checks."\\u001b[31mred\\u202e"]\ntitle = "t"\n')
    assert str(problem).endswith("checks: holds a key with characters that cannot be seen: red")
