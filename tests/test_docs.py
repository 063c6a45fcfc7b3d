"""What is written down is complete, and what is written as an example works."""

import asyncio
import importlib.util
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol
from xml.etree import ElementTree as ET

import asyncpg
import pytest

from firstwatch.clock import SystemClock
from firstwatch.config import load
from firstwatch.config.shape import names
from firstwatch.errors import BadAnswer, Denied, Missing, NotConfigured, ProbeError, Unreachable
from firstwatch.linting import lint
from firstwatch.plan import Plan
from firstwatch.plan import Report as Limits
from firstwatch.probe import Kind, Moment
from firstwatch.report.ruling import Counted, rule
from firstwatch.rounds import RoundStatus
from firstwatch.verdict import Level
from probes.kinds import KINDS
from rehearsal import scenarios
from rehearsal.levers import Scenario
from rehearsal.postgres import Server
from tui.cli.arguments import parse
from tui.cli.commands import COMMANDS
from tui.cli.exits import ExitCode
from tui.renderables.glyphs import RICH
from tui.screens.guide import MEANINGS
from tui.themes import read_theme

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/codebase.md",
    "docs/manual.md",
    "docs/reference.md",
)
HEADING = re.compile(r"#+ (.*)")
NOT_PROSE = re.compile(r"[|#!]|- |\d\. |  |$")
ADDRESSES = {"DATABASE_URL": "postgresql://watch@127.0.0.1/app", "APP_URL": "http://127.0.0.1:3000"}


class Database(Protocol):
    """What the fixture `database` gives."""

    name: str
    dsn: str


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def lines_of(document: str) -> Iterator[tuple[str, bool]]:
    """Its lines, each with whether it is code."""
    is_code = False
    for line in text_of(document).splitlines():
        fence = line.startswith("```")
        yield line, is_code or fence
        is_code = is_code is not fence


def section(document: str, title: str) -> str:
    """What stands under a heading, up to the next of its rank or higher."""
    found: list[str] = []
    rank = 0
    for line, is_code in lines_of(document):
        mark = re.match(r"(#+) (.*)", line)
        if mark and not is_code:
            if rank and len(mark[1]) <= rank:
                break
            rank = rank or (len(mark[1]) if mark[2].replace("`", "") == title else 0)
        if rank:
            found.append(line)
    assert found, f"{document} has no heading {title}"
    return "\n".join(found)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def code_in(document: str) -> str:
    """What a reader may type: inline code and shell blocks."""
    text = text_of(document)
    shell = blocks(text, "sh")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*shell, *re.findall(r"`([^`\n]+)`", prose)])


def rows(text: str) -> list[list[str]]:
    """The cells of every row of its tables."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]


def planned(tmp_path: Path, toml: str, *kinds: Kind) -> Plan:
    """The plan with these tables laid over the default, free of contradictions."""
    file = tmp_path / "own.toml"
    file.write_text(toml, encoding="utf-8")
    known = {**KINDS, **{kind.name: kind for kind in kinds}}
    plan = load(file, known, ADDRESSES, run_commands=False)
    assert not lint(plan)
    return plan


# What there is, is written down


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_of_a_command_is_in_the_manual(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    argv = [] if command == "board" else [command]
    with pytest.raises(SystemExit):
        parse([*argv, "--help"])
    listed = re.findall(r"^  (?:-\w[^-]*)?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    assert "--help" in listed
    own = section("docs/manual.md", " ".join(["firstwatch", *argv]))
    common = section("docs/manual.md", "Commands").partition("\n### ")[0]
    told = re.findall(r"`[^`]*?(--[a-z-]+)", own + common)
    assert set(listed) - {"--help"} <= set(told)


def test_every_exit_code_is_in_readme_and_manual() -> None:
    for document in ("README.md", "docs/manual.md"):
        told = {row[0]: row[1] for row in rows(text_of(document))}
        for code in ExitCode:
            assert told[str(code.value)]


def bindings() -> dict[str, Any]:
    """Every key binding of the board and of what opens over it, by id."""
    from textual.binding import Binding

    found: dict[str, Any] = {}
    for file in sorted((Path(sys.modules["tui"].__path__[0])).rglob("*.py")):
        if "BINDINGS" not in file.read_text(encoding="utf-8"):
            continue
        name = ".".join(("tui", *file.relative_to(sys.modules["tui"].__path__[0]).parts))
        module = importlib.import_module(name.removesuffix(".py"))
        for made in vars(module).values():
            if isinstance(made, type) and made.__module__ == module.__name__:
                for binding in vars(made).get("BINDINGS", ()):
                    assert isinstance(binding, Binding)
                    assert binding.id, f"{made.__name__}: {binding.key} has no id"
                    assert binding.tooltip
                    found[binding.id] = binding
    return found


def shown_as(keys: str) -> str:
    """The keys of a binding as people know them."""
    return keys.replace("question_mark", "?").replace("number_sign", "#").replace("slash", "/")


def test_the_manual_has_every_key_of_the_board_by_its_id_and_no_other() -> None:
    table = [row for row in rows(section("docs/manual.md", "Keys")) if row[1].startswith("`")]
    told = {id_.strip("`"): set(re.findall(r"`([^`]+)`", keys)) for keys, id_, *_ in table}
    known = {id_: set(shown_as(binding.key).split(",")) for id_, binding in bindings().items()}
    assert told == known


def test_the_readme_has_every_key_that_the_footer_shows() -> None:
    told = set(re.findall(r"`([^`]+)`", section("README.md", "What you see")))
    shown = {shown_as(b.key) for b in bindings().values() if b.show}
    assert {key for keys in shown for key in keys.split(",")} - {"y", "n", "ctrl+q"} <= told


def test_every_check_of_the_shipped_plan_is_explained_as_the_plan_has_it() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "checks.py"))["checks"]()
    assert text_of("docs/checks.md") == made, "run docs/checks.py"


def test_every_check_that_is_shown_says_what_to_do_and_how_it_is_measured() -> None:
    for check in load(None, KINDS, ADDRESSES).checks.values():
        assert check.hidden or check.hint, check.id
        assert check.is_manual or check.why, check.id


def test_the_reference_is_what_the_code_says() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "reference.py"))["reference"]()
    assert text_of("docs/reference.md") == made, "run docs/reference.py"


def test_every_key_of_a_plan_and_of_every_kind_has_a_meaning() -> None:
    for kind in KINDS.values():
        told = {row[0] for row in rows(section("docs/reference.md", f"Kind {kind.name}"))}
        for model in (kind.settings, kind.measure):
            assert {f"`{name}`" for name in names(model)} <= told
    assert not [row for row in rows(text_of("docs/reference.md")) if len(row) < 4 or not row[3]]


def test_every_glyph_and_verdict_is_in_the_readme() -> None:
    told = section("README.md", "What you see")
    table = rows(told)
    for level in Level:
        assert [RICH.levels[level], level, MEANINGS[level]] in table
    for status in RoundStatus:
        assert f"`{RICH.rounds[status]}` " in told


def test_every_scenario_and_variable_is_in_the_manual() -> None:
    told = {row[0] for row in rows(section("docs/manual.md", "Rehearsal"))}
    assert {f"`{scenario.name}`" for scenario in scenarios.SCENARIOS} <= told
    variables = set(re.findall(r"\$\{([A-Z_]+)", text_of("config.toml")))
    listed = section("docs/manual.md", "Environment variables")
    assert not [name for name in variables - {"NAME"} if f"`{name}`" not in listed]


def test_every_rule_of_the_report_is_in_the_manual_with_what_it_says() -> None:
    calm = Counted(elapsed=0, planned=0)
    told = {row[0]: row[1] for row in rows(section("docs/manual.md", "The final report"))[2:]}
    assert told == {one.name: one.demand for one in rule(calm, Limits()).rules}


def test_what_the_readme_says_a_minute_costs_is_what_the_plan_asks() -> None:
    checks = load(None, KINDS, ADDRESSES).checks.values()
    statements = sum(60 / c.every for c in checks if c.source == "database")
    asked = [c for c in checks if c.source == "app"]
    gets = sum(60 / c.every * len(c.measure.endpoints) for c in asked)
    files = sum(60 / c.every * len(c.measure.endpoints) * c.measure.files for c in asked)
    of_account = {"incoming": 1, "outgoing": 1, "webhook": 2, "health": 2, "delivery": 4}
    of_account["live-webhooks"] = 2
    calls = [
        60 / c.every * of_account.get(c.measure.ask, 0) for c in checks if c.source == "chatwoot"
    ]
    told = section("README.md", "What it costs production")
    assert f"about {5 * round(statements / 5)} short statements a minute" in told
    assert f"{gets:g} GET requests a minute" in told
    assert f"at most {files:g} for the files" in told
    assert f"about {sum(calls):.0f} requests a minute for each account" in told


def test_the_readme_sets_every_variable_that_the_default_plan_reads() -> None:
    start = "\n".join(blocks(section("README.md", "First watch on your own production"), "sh"))
    variables = set(re.findall(r"^[^#\n]*\$\{([A-Z_]+)", text_of("config.toml"), re.MULTILINE))
    assert set(re.findall(r"\b([A-Z_]+)=", start)) - {"PATH"} == variables - {"USER"}


# What is written down, is there


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_in_a_document_exist(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    typed = code_in(document)
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", typed)) <= targets
    assert set(re.findall(r"\bfirstwatch ([a-z][a-z-]*)", typed)) <= set(COMMANDS)


def anchors(document: str) -> set[str]:
    titles = [m[1] for line, code in lines_of(document) if not code and (m := HEADING.match(line))]
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_document_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(document)):
        path, _, anchor = target.partition("#")
        place = (ROOT / document).parent / path if path else ROOT / document
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(str(place.resolve().relative_to(ROOT))), target


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_finished_and_has_one_sentence_a_line(document: str) -> None:
    placeholder = re.compile(r"\b(TODO|TBD|FIXME|XXX|lorem ipsum|coming soon)\b", re.IGNORECASE)
    assert not placeholder.search(text_of(document))
    for line, is_code in lines_of(document):
        if not is_code and not NOT_PROSE.match(line):
            assert not re.search(r"[a-z`)][.!?] [A-Z]", line), line


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    titles = [line for line, _ in lines_of("CHANGELOG.md") if line.startswith("## ")]
    assert titles[0] == "## Unreleased"
    assert section("CHANGELOG.md", "Unreleased").count("\n- ") > 0


def test_the_pictures_are_the_board_and_load_nothing_from_elsewhere() -> None:
    picture = text_of("docs/board.svg")
    ET.fromstring(picture)
    assert not re.search(r"url\((?!#)|@import|<image|<script|href=", picture)
    plain = text_of("docs/board.txt").splitlines()
    assert len(plain) == 24
    assert max(map(len, plain)) <= 80
    assert plain[0].startswith(" T+")


# Examples work


def test_the_plan_in_the_manual_is_read_without_a_complaint(tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://watch@127.0.0.1/app\n")
    (toml,) = blocks(section("docs/manual.md", "The plan"), "toml")
    plan = planned(tmp_path, toml.replace("/run/secrets/database_url", str(secret)))
    assert plan.watch.name == "spring"
    assert plan.checks["endpoints"].bands.target == 800
    assert "quota" not in plan.checks


def test_the_rules_in_the_manual_are_read_without_a_complaint(tmp_path: Path) -> None:
    (toml,) = blocks(section("docs/manual.md", "The final report"), "toml")
    limits = planned(tmp_path, toml).report
    assert (limits.least_coverage, limits.most_missed, limits.clean_rounds) == (90, 3, 2)


def test_the_commands_in_the_manual_are_read_without_a_complaint(tmp_path: Path) -> None:
    (toml,) = blocks(section("docs/manual.md", "What to do about a check"), "toml")
    plan = planned(tmp_path, toml)
    assert [command.title for command in plan.checks["connections"].commands] == ["the pooler"]
    assert [contact.commands[0].title for contact in plan.contacts] == ["page her"]


def test_the_checks_in_contributing_are_read_without_a_complaint(tmp_path: Path) -> None:
    (toml,) = blocks(section("CONTRIBUTING.md", "A check"), "toml")
    plan = planned(tmp_path, toml)
    assert {"dead-letters", "unassigned", "disk"} <= plan.checks.keys()


async def test_the_check_in_contributing_reads_the_real_tables(
    tmp_path: Path, database: Database
) -> None:
    (toml,) = blocks(section("CONTRIBUTING.md", "A check"), "toml")
    measure = planned(tmp_path, toml).checks["unassigned"].measure
    assert (await read_all(database.dsn, measure)) == [0.0]


async def read_all(dsn: str, *measures: Any) -> list[float]:
    """What these measures read from that database; nothing for one that needs rows or time."""
    kind = KINDS["postgres"]
    probe = kind.open(kind.settings.model_validate({"dsn": dsn}), SystemClock())
    now = SystemClock().now()
    values = []
    try:
        for measure in measures:
            try:
                values.append((await probe.read(measure, Moment(now, now - 60))).value)
            except (Denied, Missing, Unreachable):
                raise
            except ProbeError:
                continue
    finally:
        await probe.close()
    return values


async def test_the_grants_of_the_readme_are_enough_for_the_default_plan_and_not_for_more(
    postgres_server: Server, database: Database
) -> None:
    (sql,) = blocks(section("README.md", "First watch on your own production"), "sql")
    role = f"reader_of_{database.name}"
    grants = re.sub(r"\bfirstwatch\b", role, sql).replace("choose one", postgres_server.password)
    root = await asyncpg.connect(postgres_server.dsn(database=database.name), timeout=5)
    try:
        await root.execute(grants)
        dsn = postgres_server.dsn(role, database.name)
        plan = load(None, KINDS, ADDRESSES)
        asked = [c.measure for c in plan.checks.values() if c.source == "database"]
        assert len(await read_all(dsn, *asked)) >= len(asked) - 2
        more = KINDS["postgres"].measure.model_validate(
            {"sql": 'SELECT count(*) AS value FROM "CompanySettings"'}
        )
        with pytest.raises(Denied):
            await read_all(dsn, more)
    finally:
        await root.execute(f"DROP OWNED BY {role}")
        await root.execute(f"DROP ROLE {role}")
        await root.close()


def probe_example(tmp_path: Path) -> ModuleType:
    """The module that CONTRIBUTING shows."""
    (code,) = blocks(section("CONTRIBUTING.md", "A kind of probe"), "python")
    file = tmp_path / "redis_example.py"
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_probe_in_contributing_reads_from_a_real_socket(tmp_path: Path) -> None:
    kind: Kind = probe_example(tmp_path).KIND
    (toml,) = blocks(section("CONTRIBUTING.md", "A kind of probe"), "toml")
    asked: list[bytes] = []
    answers = [b":12\r\n", b"-WRONGTYPE not a list\r\n"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b":wait\r\n"))
        writer.write(answers.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        plan = planned(tmp_path, toml.replace("6379", str(port)), kind)
        measure = plan.checks["backlog"].measure
        probe = kind.open(plan.sources["queue"].settings, SystemClock())
        moment = Moment(SystemClock().now(), 0)
        assert (await probe.read(measure, moment)).value == 12
        with pytest.raises(BadAnswer, match="WRONGTYPE"):
            await probe.read(measure, moment)
    assert asked[0] == b"*2\r\n$4\r\nLLEN\r\n$18\r\nbull:messages:wait\r\n"
    with pytest.raises(Unreachable, match=str(port)):
        await probe.read(measure, moment)
    with pytest.raises(NotConfigured):
        await kind.open(kind.settings(), SystemClock()).read(measure, moment)
    await probe.close()


def test_the_probe_in_contributing_passes_the_gates(tmp_path: Path) -> None:
    code = probe_example(tmp_path).__file__
    assert code
    shown = Path(code).read_bytes()
    for gate in (["check"], ["format", "--check"]):
        argv = [sys.executable, "-m", "ruff", *gate, "--stdin-filename", "probes/redis.py", "-"]
        done = subprocess.run(argv, input=shown, cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()


def test_the_theme_in_contributing_is_a_theme(tmp_path: Path) -> None:
    (toml,) = blocks(section("CONTRIBUTING.md", "A theme"), "toml")
    file = tmp_path / "paper.toml"
    file.write_text(toml, encoding="utf-8")
    assert read_theme(file).name == "paper"


async def test_the_scenario_in_contributing_strikes_and_is_cured() -> None:
    (code,) = blocks(section("CONTRIBUTING.md", "A rehearsal scenario"), "python")
    scenario: Scenario = eval(code, vars(scenarios).copy())
    production: Any = SimpleNamespace(application=SimpleNamespace(delays={}))
    await scenario.steps[0].act(production)
    assert production.application.delays == {"/login": 3.0}
    await scenario.cure(production)
    assert production.application.delays == {}


def test_the_manual_page_is_what_the_arguments_say_and_has_every_exit_code() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "manpage.py"))["manpage"]()
    page = text_of("docs/firstwatch.1")
    assert page == made, "run docs/manpage.py"
    assert all(
        f".SS firstwatch {name}".replace("-", r"\-") in page for name in COMMANDS if name != "board"
    )
    assert all(f".TP\n.B {code.value}\n" in page for code in ExitCode)
