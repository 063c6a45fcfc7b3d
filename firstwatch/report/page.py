"""The report as one page of HTML that needs nothing else: no network, no script, no font."""

import re
from collections.abc import Iterator, Mapping

from firstwatch.report.drawing import check_chart, escape, round_strip, timeline
from firstwatch.report.facts import Chart, Report, Section, Table
from firstwatch.report.looks import STYLE
from firstwatch.report.markdown import framed, heading

_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""
NOTHING = "–"
_LEGEND = (
    "line: mean of each stretch; band: lowest to highest; gaps in it were not measured; "
    "grey: nobody could see; dashed: a phase begins; triangles: rounds signed, "
    "hollow ones with something to look at"
)


def to_html(report: Report) -> str:
    """The page."""
    title = heading(report)
    drawings = {
        "Rounds": round_strip(report.frame) if report.frame.rounds else "",
        "Episodes": timeline(report.bars, report.frame) if report.bars else "",
    }
    decision = report.ruling.decision
    parts = [
        _HEAD.format(title=escape(title), style=STYLE),
        f"<header>\n<h1>{escape(title)}</h1>\n",
        '<p class="provisional">provisional: the planned time is not over</p>\n'
        if report.is_provisional
        else "",
        f'<p class="decision {decision}">{escape(decision.upper())}</p>\n',
        *(f"<p>{escape(line)}</p>\n" for line in framed(report)),
        "</header>\n<nav><ul>\n",
        *_contents(report),
        "</ul></nav>\n<main>\n",
        *_body(report, drawings),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _contents(report: Report) -> Iterator[str]:
    titles = [section.title for section in report.sections]
    # Charts stand after the episodes.
    place = titles.index("Episodes") + 1 if "Episodes" in titles else len(titles)
    for title in (*titles[:place], "Charts", *titles[place:]):
        yield f'<li><a href="#{_slug(title)}">{escape(title)}</a></li>\n'


def _body(report: Report, drawings: Mapping[str, str]) -> Iterator[str]:
    for section in report.sections:
        yield f'<section id="{_slug(section.title)}">\n<h2>{escape(section.title)}</h2>\n'
        if drawing := drawings.get(section.title):
            yield f'<div class="wide">{drawing}</div>\n'
        yield from _section(section)
        yield "</section>\n"
        if section.title == "Episodes":
            yield from _charts(report)


def _section(section: Section) -> Iterator[str]:
    if section.is_empty:
        yield "<p>none</p>\n"
    if section.lines:
        yield "<ul>\n"
        yield from (f"<li>{escape(line)}</li>\n" for line in section.lines)
        yield "</ul>\n"
    if section.table and section.table.rows:
        yield from _table(section.table)


def _table(table: Table) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    yield f'<div class="rows">\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    for row in table.rows:
        cells = "".join(
            f'<td data-label="{escape(column)}"{_class(cell)}>{escape(cell)}</td>'
            for column, cell in zip(table.columns, row, strict=True)
        )
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody>\n</table>\n</div>\n"
    if table.left_out:
        yield f"<p>{escape(table.left_out)}</p>\n"


def _class(cell: str) -> str:
    """What is nothing takes no room where there is little."""
    return ' class="none"' if cell == NOTHING else ""


def _charts(report: Report) -> Iterator[str]:
    yield '<section id="charts">\n<h2>Charts</h2>\n'
    key = [chart for chart in report.charts if chart.is_key]
    others = [chart for chart in report.charts if not chart.is_key]
    if not report.charts:
        yield "<p>none: nothing was measured</p>\n"
    else:
        yield f"<p>{escape(_LEGEND)}</p>\n"
    if key:
        yield from _grid(report, key)
    if others:
        yield f"<details><summary>{len(others)} more, never in alarm</summary>\n"
        yield from _grid(report, others)
        yield "</details>\n"
    if report.charts_left_out:
        yield f"<p>… and {report.charts_left_out} more left out, further down the plan</p>\n"
    yield "</section>\n"


def _grid(report: Report, charts: list[Chart]) -> Iterator[str]:
    yield '<div class="charts">\n'
    for chart in charts:
        yield f"<figure><figcaption><b>{escape(chart.title)}</b> {escape(chart.told)}"
        yield f"</figcaption>{check_chart(chart, report.frame)}</figure>\n"
    yield "</div>\n"


def _slug(title: str) -> str:
    return re.sub(r"[^a-z]+", "-", title.lower()).strip("-")
