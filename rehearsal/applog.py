"""The log of the application: what an operator's `> logs/app.log 2>&1` makes of its console.

No times, no levels, no request lines. Both streams end up in one file, a call at a time. The
file is opened the way a shell's `>` does it, so a truncated one goes on with NUL bytes.
"""

import contextlib
import os
import shutil
from pathlib import Path


class AppLog:
    """The console of the application, written to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_full = False
        """There is no space left: what is written is gone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open()

    def write(self, text: str) -> None:
        """One call of console.log or console.error."""
        if not self.is_full:
            os.write(self._file, f"{text}\n".encode())

    def announce_start(self, url: str) -> None:
        """What the process prints whenever it starts."""
        self.write(
            f"   ▲ Next.js 14.2.35\n   - Local:        {url}\n\n ✓ Starting...\n ✓ Ready in 387ms"
        )

    def rotate_by_rename(self) -> None:
        """Move the file away and go on in a new one."""
        self.path.rename(self._rotated)
        os.close(self._file)
        self._file = self._open()

    def rotate_by_truncation(self) -> None:
        """Copy the file away and empty it under the writer, who keeps his offset."""
        shutil.copyfile(self.path, self._rotated)
        os.truncate(self.path, 0)

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        with contextlib.suppress(OSError):
            os.close(self._file)

    @property
    def _rotated(self) -> Path:
        return self.path.with_name(f"{self.path.name}.1")

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
