"""Handoffs as files: both or neither, whole or not at all, and never over another one."""

import os
import tempfile
from pathlib import Path

from firstwatch.handoff.brief import Handoff
from firstwatch.handoff.documents import Documents, documents


def write(handoff: Handoff, folder: Path) -> Path:
    """Write the documents of a handoff; says where the page is. Raises OSError."""
    return publish(documents(handoff), folder)


def publish(made: Documents, folder: Path) -> Path:
    """Write the engineers' page and its TOML twin; says where the page is. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    texts = {".toml": made.twin, ".md": made.engineers}
    drafts: dict[str, Path] = {}
    try:
        for suffix, text in texts.items():
            drafts[suffix] = _draft(folder, text)
        return _publish(drafts, folder / made.name)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


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
