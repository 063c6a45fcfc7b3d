"""All documents of one handoff as texts, made at one moment."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from firstwatch.handoff.breath import to_breath
from firstwatch.handoff.brief import Handoff
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
        name=_name(handoff),
        at=handoff.at,
        engineers=to_markdown(handoff),
        stakeholders=to_stakeholders(handoff),
        breath=to_breath(handoff),
        twin=to_toml(handoff),
    )


def _name(handoff: Handoff) -> str:
    watch = re.sub(r"[^\w.-]+", "-", handoff.watch).strip(".-") or "launch"
    stamp = datetime.fromtimestamp(handoff.at, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{watch}-{since_launch(handoff.elapsed)}-{stamp}"
