"""The handoff: what the next shift needs to know, on one page and as TOML beside it."""

from firstwatch.handoff.breath import to_breath
from firstwatch.handoff.brief import Facts, Handoff
from firstwatch.handoff.documents import Documents, documents, write_documents
from firstwatch.handoff.files import write
from firstwatch.handoff.markdown import to_markdown
from firstwatch.handoff.recall import facts, from_journal
from firstwatch.handoff.shift import since
from firstwatch.handoff.stakeholders import to_stakeholders
from firstwatch.handoff.summarise import summary
from firstwatch.handoff.twin import to_toml

__all__ = [
    "Documents",
    "Facts",
    "Handoff",
    "documents",
    "facts",
    "from_journal",
    "since",
    "summary",
    "to_breath",
    "to_markdown",
    "to_stakeholders",
    "to_toml",
    "write",
    "write_documents",
]
