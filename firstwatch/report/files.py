"""Reports as files, written like handoffs: readable by their owner, never over another one."""

from pathlib import Path

from firstwatch.handoff.files import named_after, publish
from firstwatch.report.facts import Report
from firstwatch.report.markdown import to_markdown
from firstwatch.report.page import to_html


def write(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write the Markdown and the page; says where they are. Raises OSError."""
    kind = "provisional-report" if report.is_provisional else "report"
    texts = {".md": to_markdown(report), ".html": to_html(report)}
    page = publish(texts, folder, named_after(report.watch, kind, report.at))
    return page.with_suffix(".md"), page
