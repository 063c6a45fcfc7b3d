"""The final report: what the whole launch came to, as Markdown and as one page of HTML."""

from firstwatch.report.facts import Material, Report
from firstwatch.report.files import write
from firstwatch.report.gather import gather
from firstwatch.report.markdown import to_markdown
from firstwatch.report.page import to_html
from firstwatch.report.recall import material
from firstwatch.report.ruling import Decision, Ruling

__all__ = [
    "Decision",
    "Material",
    "Report",
    "Ruling",
    "gather",
    "material",
    "to_html",
    "to_markdown",
    "write",
]
