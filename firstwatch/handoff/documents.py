"""All documents of one handoff as texts, made at one moment."""

from dataclasses import dataclass
from pathlib import Path

from firstwatch.handoff.breath import to_breath
from firstwatch.handoff.brief import Handoff
from firstwatch.handoff.files import named_after, publish
from firstwatch.handoff.markdown import to_markdown
from firstwatch.handoff.stakeholders import to_stakeholders
from firstwatch.handoff.twin import to_toml
from firstwatch.handoff.wording import since_launch


@dataclass(frozen=True, slots=True)
class Documents:
    """One handoff for each reader."""

    name: str
    """Of the files, without an ending."""
    at: float
    """When it was so, seconds since the epoch."""
    engineers: str
    """Markdown."""
    stakeholders: str
    """Markdown, half a page."""
    breath: str
    """Two lines for the chat."""
    twin: str
    """TOML, for the next firstwatch."""


def documents(handoff: Handoff) -> Documents:
    """What it says to everybody."""
    return Documents(
        name=named_after(handoff.watch, since_launch(handoff.elapsed), handoff.at),
        at=handoff.at,
        engineers=to_markdown(handoff),
        stakeholders=to_stakeholders(handoff),
        breath=to_breath(handoff),
        twin=to_toml(handoff),
    )


def write_documents(made: Documents, folder: Path) -> Path:
    """Write the engineers' page and its TOML twin; says where the page is. Raises OSError."""
    return publish({".toml": made.twin, ".md": made.engineers}, folder, made.name)
