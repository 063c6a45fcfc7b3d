"""Pages: the files a page of the application cannot do without, as it names them itself.

After a deploy a page may still name the files of the build before, which are gone: it answers
200 and stays blank. Only files of the page's own origin are asked for, a few at a time, and of
each only the head is read.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from probes.web import Answer

_NAMED = re.compile(
    r"""(?:src|href)\s*=\s*["']([^"'<>\s]{0,300}/_next/static/[^"'<>\s]{1,300})["']"""
)
_PATH = re.compile(r"/[\w/.~%@+()\[\]?=&,:;!$*-]+", re.ASCII)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Files:
    """What came of asking for the files of a page."""

    named: int = 0
    asked: int = 0
    missing: str = ""
    """What the first one that is wrong said."""
    largest: int = 0
    """Bytes of the largest one, as far as was told."""

    def __str__(self) -> str:
        if not self.named:
            return "names no files"
        size = f", largest {kilobytes(self.largest)}" if self.largest else ""
        return f"{self.asked} of {self.named} files asked{size}"


def files_of(page: str, origin: str) -> list[str]:
    """The paths of the files a page names, each once; those of another origin are left alone."""
    found = (html.unescape(name).removeprefix(origin) for name in _NAMED.findall(page))
    return list(dict.fromkeys(path for path in found if _is_path(path)))


def chosen(paths: Sequence[str], turn: int, most: int) -> list[str]:
    """A few of them, others the next turn, so that each has its turn."""
    take = min(most, len(paths))
    return [paths[(turn * take + step) % len(paths)] for step in range(take)]


def looked_at(named: int, answers: Sequence[tuple[str, Answer | None]]) -> Files:
    """What came of the files that were asked for, `named` being how many there are."""
    came = [(path, answer) for path, answer in answers if answer]
    wrong = (f"{shown(path)}: [status] {a.status}" for path, a in came if a.status != 200)
    largest = max((_length(answer) for _, answer in came), default=0)
    return Files(named, len(came), next(wrong, ""), largest)


def _length(answer: Answer) -> int:
    told = answer.headers.get("content-length", "")
    return int(told) if re.fullmatch(r"[0-9]{1,12}", told) else 0


def shown(path: str) -> str:
    """The end of a path, which tells one file from another."""
    path = path.partition("?")[0]
    return path if len(path) <= _SHOWN else f"…{path[1 - _SHOWN :]}"


def kilobytes(size: int) -> str:
    """A size in words: "240 kB"."""
    return f"{size / 1000:.0f} kB" if size >= 1000 else f"{size} B"


def _is_path(path: str) -> bool:
    return bool(_PATH.fullmatch(path)) and not path.startswith("//") and ".." not in path
