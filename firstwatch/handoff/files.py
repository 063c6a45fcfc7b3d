"""Documents as files: all or none, whole or not at all, and never over another one."""

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from firstwatch.handoff.brief import Handoff
from firstwatch.handoff.markdown import to_markdown
from firstwatch.handoff.twin import to_toml
from firstwatch.handoff.wording import since_launch


def write(handoff: Handoff, folder: Path) -> Path:
    """Write the Markdown and its TOML twin; says where the Markdown is. Raises OSError."""
    texts = {".toml": to_toml(handoff), ".md": to_markdown(handoff)}
    name = named_after(handoff.watch, since_launch(handoff.elapsed), handoff.at)
    return publish(texts, folder, name)


def publish(texts: Mapping[str, str], folder: Path, name: str) -> Path:
    """Write a text for each suffix under one name; where the last of them is. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    drafts: dict[str, Path] = {}
    try:
        for suffix, text in texts.items():
            drafts[suffix] = _draft(folder, text)
        return _publish(drafts, folder / name)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def named_after(watch: str, what: str, at: float) -> str:
    """The name of a document, without a suffix."""
    safe = re.sub(r"[^\w.-]+", "-", watch).strip(".-") or "launch"
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{safe}-{what}-{stamp}"


def _draft(folder: Path, text: str) -> Path:
    """A file only its owner may read, safely on the disk."""
    descriptor, name = tempfile.mkstemp(prefix=".handoff-", dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _publish(drafts: dict[str, Path], target: Path) -> Path:
    """Give the drafts the first name under which neither would replace anything."""
    count = 1
    base = target.name
    while True:
        name = base if count == 1 else f"{base}-{count}"
        published: list[Path] = []
        try:
            for suffix, draft in drafts.items():
                place = target.with_name(name + suffix)
                _place(draft, place)
                published.append(place)
        except FileExistsError:
            _withdraw(published)
            count += 1
        except BaseException:
            _withdraw(published)
            raise
        else:
            return published[-1]


def _place(draft: Path, place: Path) -> None:
    """Put a whole file there at once. Raises FileExistsError rather than replace one."""
    try:
        os.link(draft, place)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links.
        if place.exists():
            raise FileExistsError(str(place)) from None
        draft.rename(place)


def _withdraw(published: list[Path]) -> None:
    for place in published:
        place.unlink(missing_ok=True)
