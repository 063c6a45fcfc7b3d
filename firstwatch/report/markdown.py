"""The report as Markdown: the same sections as the page, without its charts."""

from collections.abc import Iterator
from datetime import UTC, datetime

from firstwatch.handoff.markdown import escape
from firstwatch.handoff.wording import since_launch, zone_of
from firstwatch.report.facts import Report, Section, Table


def to_markdown(report: Report) -> str:
    """The document; sections always the same and in the same order, an empty one says so."""
    lines = [f"# {escape(heading(report))}", "", f"**{report.ruling.decision.upper()}**", ""]
    lines += [f"- {escape(line)}" for line in framed(report)]
    for section in report.sections:
        lines += ["", f"## {escape(section.title)}", "", *_section(section)]
    return "\n".join(lines) + "\n"


def heading(report: Report) -> str:
    """What the document is called."""
    kind = "Provisional report" if report.is_provisional else "Final report"
    return f"{kind}: {report.watch}, {since_launch(report.elapsed)}"


def framed(report: Report) -> Iterator[str]:
    """When it was launched and what the times mean."""
    zone, name = zone_of(report.zone)
    launch, end = (datetime.fromtimestamp(at, UTC) for at in (report.launch, report.at))
    second = "" if zone is UTC else f", {name} ({end.astimezone(zone):%z}) in brackets"
    yield f"launch {launch:%Y-%m-%d %H:%M:%S}, as of {end:%Y-%m-%d %H:%M:%S}"
    yield f"times are UTC{second}; T+ counts from the launch"


def _section(section: Section) -> Iterator[str]:
    if section.is_empty:
        yield "none"
        return
    yield from (f"- {escape(line)}" for line in section.lines)
    if section.table and section.table.rows:
        if section.lines:
            yield ""
        yield from _table(section.table)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(escape(column) for column in table.columns)} |"
    yield f"| {' | '.join('---' for _ in table.columns)} |"
    for row in table.rows:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"
    if table.left_out:
        yield ""
        yield table.left_out
