"""The handoff: what the next shift needs to know, on one page and as TOML beside it."""

from firstwatch.handoff.brief import Facts, Handoff
from firstwatch.handoff.files import write
from firstwatch.handoff.markdown import to_markdown
from firstwatch.handoff.recall import facts, from_journal
from firstwatch.handoff.summarise import summary
from firstwatch.handoff.twin import to_toml

__all__ = [
    "Facts",
    "Handoff",
    "facts",
    "from_journal",
    "summary",
    "to_markdown",
    "to_toml",
    "write",
]
